"""Activations, cross-entropies, normalization and dropout, as Keras computes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras.backend.config import epsilon as fuzz
from graphscope.keras.backend.config import floatx
from graphscope.keras.backend.variables import ndim, ones_like, zeros_like
from graphscope.nn.v2 import dropout_v2
from graphscope.ops import array, clipping, constants, indexing, joining, logic, math, rectifiers
from graphscope.ops import nn as nn_ops
from graphscope.ops.batch_norm import fused_batch_norm
from graphscope.ops.normalization import batch_normalization as _batch_normalization
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.variables import VariableV2

# ---- activations -------------------------------------------------------------------------------


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0) -> Any:
    """max(x, 0). alpha: the slope below. max_value: the most. threshold: where x counts from."""
    if alpha and max_value is None and threshold == 0:
        return rectifiers.leaky_relu(x, alpha=alpha)
    below = None
    if alpha:
        below = rectifiers.relu(-x + threshold if threshold else -x)
    if threshold:
        x = x * math.cast(logic.greater(x, threshold), floatx())
    elif max_value == 6:
        x, max_value = rectifiers.relu6(x), None
    else:
        x = rectifiers.relu(x)
    if max_value is not None:
        most = constants.constant(max_value, dtype=x.dtype.base_dtype)
        least = constants.constant(0.0, dtype=x.dtype.base_dtype)
        x = clipping.clip_by_value(x, least, most)
    if below is not None:
        x -= constants.constant(alpha, dtype=x.dtype.base_dtype) * below
    return x


def softmax(x: Any, axis: int = -1) -> Any:
    return nn_ops.softmax(x, axis=axis)


def softplus(x: Any) -> Any:
    return rectifiers.softplus(x)


def softsign(x: Any) -> Any:
    return rectifiers.softsign(x)


def sigmoid(x: Any) -> Any:
    return math.sigmoid(x)


def tanh(x: Any) -> Any:
    return math.tanh(x)


# ---- cross-entropies ---------------------------------------------------------------------------


def _logits_of(output: Any, kind: str) -> Any:
    """The input of the activation of that kind, when `output` comes straight from one: computing
    with the logits keeps small probabilities from becoming 0."""
    if isinstance(output, VariableV2) or output.op.type != kind:
        return None
    return output.op.inputs[0]


def _inside(output: Any) -> Any:
    """Probabilities a little away from 0 and 1."""
    least = constants.constant(fuzz(), dtype=output.dtype.base_dtype)
    return clipping.clip_by_value(output, least, 1.0 - least)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """-sum(target * log(output)) over the classes; from_logits: `output` is before the softmax."""
    logits = output if from_logits else _logits_of(output, "Softmax")
    if logits is None:
        output = _inside(output / reduce_sum(output, axis, True))
        return -reduce_sum(target * math.log(output), axis)
    return nn_ops.softmax_cross_entropy_with_logits_v2(labels=target, logits=logits, axis=axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """-log of the probability of each class number in `target`.

    Errors: ValueError for an axis other than -1 when the rank is unknown.
    """
    logits = output if from_logits else _logits_of(output, "Softmax")
    if logits is None:
        logits = math.log(_inside(output))
    rank = ndim(logits)
    if rank is not None:
        axis %= rank
        if axis != rank - 1:
            order = [*range(axis), *range(axis + 1, rank), axis]
            logits = array.transpose(logits, perm=order)
    elif axis != -1:
        raise ValueError(
            f"Cannot compute sparse categorical crossentropy with `axis={axis}` on an output "
            "tensor with unknown rank"
        )
    target = math.cast(target, "int64")
    sizes, target_rank = array.shape(logits), ndim(target)
    flat = target_rank is not None and rank is not None and target_rank != rank - 1
    if flat:
        target = array.reshape(target, [-1])
        logits = array.reshape(logits, [-1, sizes[-1]])
    losses = nn_ops.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logits)
    return array.reshape(losses, sizes[:-1]) if flat and (rank or 0) >= 3 else losses


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The cross-entropy of each target in [0, 1] with its probability."""
    logits = output if from_logits else _logits_of(output, "Sigmoid")
    if logits is None:
        output = _inside(output)
        entropy = target * math.log(output + fuzz())
        entropy += (1 - target) * math.log(1 - output + fuzz())
        return -entropy
    return nn_ops.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)


# ---- normalization -----------------------------------------------------------------------------


def l2_normalize(x: Any, axis: Any = None) -> Any:
    return nn_ops.l2_normalize(x, axis=axis)


def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3
) -> tuple[Any, Any, Any]:
    """x normalized by its own mean and variance over some axes, the mean, and the variance."""
    rank, axes = ndim(x) or 0, list(reduction_axes)
    if rank == 4 and axes == [0, 1, 2]:
        width = [x.shape[3]]
        scale = constants.constant(1.0, dtype=x.dtype, shape=width) if gamma is None else gamma
        offset = constants.constant(0.0, dtype=x.dtype, shape=width) if beta is None else beta
        return fused_batch_norm(x, scale, offset, epsilon=epsilon)
    mean, variance = nn_ops.moments(x, axes, None, None, False)
    m: Any
    v: Any
    m, v, b, g = mean, variance, beta, gamma
    if sorted(axes) != list(range(rank))[:-1]:
        sizes = joining.stack([1 if i in axes else array.shape(x)[i] for i in range(rank)])
        m, v, b, g = (p if p is None else array.reshape(p, sizes) for p in (m, v, b, g))
    return _batch_normalization(x, m, v, b, g, epsilon), mean, variance


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """x normalized by a given mean and variance."""
    if ndim(x) == 4 and axis in (3, -1):
        mean, var = _vector(mean), _vector(var)
        beta = zeros_like(mean) if beta is None else _vector(beta)
        gamma = ones_like(mean) if gamma is None else _vector(gamma)
        y, _, _ = fused_batch_norm(
            x, gamma, beta, mean=mean, variance=var, epsilon=epsilon, is_training=False
        )
        return y
    return _batch_normalization(x, mean, var, beta, gamma, epsilon)


def _vector(x: Any) -> Any:
    return array.reshape(x, [-1]) if (ndim(x) or 0) > 1 else x


# ---- others ------------------------------------------------------------------------------------


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """x with the share `level` of its elements 0; the seed comes from numpy's when left out."""
    seed = np.random.randint(10**7) if seed is None else seed
    return dropout_v2(x, rate=level, noise_shape=noise_shape, seed=seed)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether each target is among the k largest predictions."""
    return indexing.in_top_k(predictions, targets, k)
