"""`optimize_loss`: gradients, clipping, summaries and the step in one call (tf.contrib.layers)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope import train
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import math, summary
from graphscope.ops.checks import assert_scalar
from graphscope.ops.clipping import clip_by_global_norm, global_norm
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.initializers import Constant
from graphscope.ops.random import truncated_normal
from graphscope.ops.variable_scope import get_variable, variable_scope
from graphscope.ops.variables import GraphKeys, trainable_variables

OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Any]] = {
    "Adagrad": train.AdagradOptimizer,
    "Adam": train.AdamOptimizer,
    "Ftrl": train.FtrlOptimizer,
    "Momentum": lambda learning_rate: train.MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": train.RMSPropOptimizer,
    "SGD": train.GradientDescentOptimizer,
}

OPTIMIZER_SUMMARIES = [
    "learning_rate",
    "loss",
    "gradients",
    "gradient_norm",
    "global_gradient_norm",
]

Pairs = Sequence[tuple[Any, Any]]


def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Any = None,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Any = None,
    update_ops: Any = None,
    variables: Any = None,
    name: str | None = None,
    summaries: Sequence[str] | None = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Tensor:
    """The loss, after one step of an optimizer. Source: tf.contrib.layers.optimize_loss.

    optimizer: a name ("SGD", "Adam", ...), a class, an optimizer, or a function of the learning
    rate. clip_gradients: the largest norm of all gradients together, or a function of the pairs
    (gradient, variable). summaries: which of OPTIMIZER_SUMMARIES are made.
    Errors: ValueError for another optimizer, learning rate, clipping or summary.
    """
    loss = convert_to_tensor(loss)
    assert_scalar(loss)
    if global_step is None:
        global_step = train.get_global_step()
    else:
        train.assert_global_step(global_step)
    with variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if update_ops is None:
            update_ops = get_default_graph().get_collection(GraphKeys.UPDATE_OPS)
        if update_ops:
            loss = with_dependencies(list(update_ops), loss)
        rate = _rate(learning_rate)
        wanted = _wanted(summaries)
        if rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise ValueError("global_step is required for learning_rate_decay_fn.")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in wanted:
                summary.scalar("learning_rate", rate)
        opt = _optimizer(optimizer, rate)
        trained = trainable_variables() if variables is None else variables
        pairs = _changed(
            opt.compute_gradients(loss, trained), gradient_noise_scale, gradient_multipliers
        )
        norms = bool({"global_gradient_norm", "gradient_norm"} & set(wanted))
        if norms:
            summary.scalar("global_norm/gradient_norm", global_norm([g for g, _ in pairs]))
        pairs = _clipped(pairs, clip_gradients)
        if "loss" in wanted:
            summary.scalar("loss", loss)
        _summarize(pairs, wanted)
        if clip_gradients is not None and norms:
            norm = global_norm([g for g, _ in pairs])
            summary.scalar("global_norm/clipped_gradient_norm", norm)
        step = global_step if increment_global_step else None
        done = opt.apply_gradients(pairs, global_step=step, name="train")
        return with_dependencies([done], loss)


def _rate(learning_rate: Any) -> Any:
    if learning_rate is None:
        return None
    if isinstance(learning_rate, Tensor) and learning_rate.shape.ndims == 0:
        return learning_rate
    if not isinstance(learning_rate, float):
        raise ValueError(
            f"Learning rate should be 0d Tensor or float. Got {learning_rate} of type "
            f"{type(learning_rate)}"
        )
    if learning_rate < 0.0:
        raise ValueError(f"Invalid learning_rate {learning_rate}.")
    return get_variable("learning_rate", [], trainable=False, initializer=Constant(learning_rate))


def _wanted(summaries: Sequence[str] | None) -> Sequence[str]:
    if summaries is None:
        return ["loss", "learning_rate", "global_gradient_norm"]
    for name in summaries:
        if name not in OPTIMIZER_SUMMARIES:
            raise ValueError(
                f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided "
                f"{name}."
            )
    return summaries


def _optimizer(given: Any, rate: Any) -> Any:
    if isinstance(given, train.Optimizer):
        return given
    if isinstance(given, str | type) and rate is None:
        kind = "string" if isinstance(given, str) else "class"
        raise ValueError(
            f"Learning rate is None, but should be specified if optimizer is {kind} ({given})."
        )
    if isinstance(given, str):
        if given not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you "
                f"provided {given}."
            )
        return OPTIMIZER_CLS_NAMES[given](learning_rate=rate)
    made: Any = (given() if rate is None else given(rate)) if callable(given) else None
    if not isinstance(made, train.Optimizer):
        raise ValueError(
            "Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass "
            f"of Optimizer or function with one argument. Got {given}."
        )
    return made


def _scaled(gradient: Any, factor: Any) -> Any:
    if isinstance(gradient, IndexedSlices):
        return IndexedSlices(gradient.values * factor, gradient.indices, gradient.dense_shape)
    return gradient * math.cast(factor, gradient.dtype.base_dtype)


def _changed(pairs: Pairs, noise_scale: float | None, multipliers: Any) -> Pairs:
    """The gradients with noise added, and then multiplied, as far as either is wanted."""
    if noise_scale is not None:
        pairs = _noisy(pairs, noise_scale)
    return pairs if multipliers is None else _multiplied(pairs, multipliers)


def _noisy(pairs: Pairs, scale: float) -> Pairs:
    noisy = []
    for gradient, variable in pairs:
        if gradient is not None:
            sparse = isinstance(gradient, IndexedSlices)
            shape = gradient.dense_shape if sparse else gradient.shape
            gradient = convert_to_tensor(gradient) + truncated_normal(shape) * scale
        noisy.append((gradient, variable))
    return noisy


def _multiplied(pairs: Pairs, factors: Any) -> Pairs:
    result = []
    for gradient, variable in pairs:
        factor = factors.get(variable, factors.get(variable.name))
        if gradient is not None and factor is not None:
            gradient = _scaled(gradient, factor)
        result.append((gradient, variable))
    return result


def _clipped(pairs: Pairs, clip: Any) -> Pairs:
    if clip is None:
        return pairs
    if callable(clip):
        clipped: Pairs = clip(pairs)
        return clipped
    if not isinstance(clip, float):
        raise ValueError(f"Unknown type {type(clip)} for clip_gradients")
    gradients, _ = clip_by_global_norm([g for g, _ in pairs], clip)
    return list(zip(gradients, [v for _, v in pairs], strict=True))


def _summarize(pairs: Pairs, wanted: Sequence[str]) -> None:
    for gradient, variable in pairs:
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        if values is None:
            continue
        name = variable.name.replace(":", "_")
        if "gradients" in wanted:
            summary.histogram(f"gradients/{name}", values)
        if "gradient_norm" in wanted:
            summary.scalar(f"gradient_norm/{name}", global_norm([values]))
