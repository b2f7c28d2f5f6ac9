"""The steps of Keras' optimizers that tf.train has not, on resource variables.

Sources: the operations of the same names in TensorFlow 1.15 (core/kernels/training_ops.cc).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import NUMBERS
from graphscope.ops.apply import on_rows

_step = partial(op, kind="state", types=NUMBERS, outputs=0, differentiable=False)


def _keras_momentum(
    variables: tuple[Any, ...], lr: T, grad: T, momentum: T, nesterov: bool
) -> tuple[T, ...]:
    var, accum = variables
    accum = accum * momentum - lr * grad
    return var + (accum * momentum - lr * grad if nesterov else accum), accum


@_step("ResourceApplyKerasMomentum", writes=2)
def apply_keras_momentum(
    var: T,
    accum: T,
    lr: T,
    grad: T,
    momentum: T,
    *,
    use_locking: bool = False,
    use_nesterov: bool = False,
) -> tuple[T, ...]:
    """A velocity that keeps a share of itself and gains -lr * grad, added to the variable."""
    return _keras_momentum((var, accum), lr, grad, momentum, use_nesterov)


@_step("ResourceSparseApplyKerasMomentum", writes=2)
def sparse_apply_keras_momentum(
    var: T,
    accum: T,
    lr: T,
    grad: T,
    indices: Index,
    momentum: T,
    *,
    use_locking: bool = False,
    use_nesterov: bool = False,
) -> tuple[T, ...]:
    """ResourceApplyKerasMomentum of some rows."""
    return on_rows(
        lambda v, g: _keras_momentum(v, lr, g, momentum, use_nesterov), (var, accum), grad, indices
    )


def _adagrad(
    variables: tuple[Any, ...], lr: T, epsilon: T, grad: T, update_slots: bool
) -> tuple[T, ...]:
    var, accum = variables
    accum = accum + grad * grad if update_slots else accum
    return var - lr * grad / (np.sqrt(accum) + epsilon), accum


@_step("ResourceApplyAdagradV2", writes=2)
def apply_adagrad_v2(
    var: T,
    accum: T,
    lr: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
    update_slots: bool = True,
) -> tuple[T, ...]:
    """The gradient over the root of the sum of all squares, which epsilon keeps from 0."""
    return _adagrad((var, accum), lr, epsilon, grad, update_slots)


@_step("ResourceSparseApplyAdagradV2", writes=2)
def sparse_apply_adagrad_v2(
    var: T,
    accum: T,
    lr: T,
    epsilon: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
    update_slots: bool = True,
) -> tuple[T, ...]:
    """ResourceApplyAdagradV2 of some rows."""
    return on_rows(
        lambda v, g: _adagrad(v, lr, epsilon, g, update_slots), (var, accum), grad, indices
    )


@_step("ResourceApplyAdaMax", writes=3)
def apply_ada_max(
    var: T,
    m: T,
    v: T,
    beta1_power: T,
    lr: T,
    beta1: T,
    beta2: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
) -> tuple[T, T, T]:
    """Adam by the largest recent gradient instead of the mean square (Kingma & Ba 2015, 7.1)."""
    m = m + (grad - m) * (1 - beta1)
    v = np.maximum(beta2 * v, np.abs(grad))
    return var - lr / (1 - beta1_power) * (m / (v + epsilon)), m, v


@_step("ResourceApplyAdamWithAmsgrad", writes=4)
def apply_adam_with_amsgrad(
    var: T,
    m: T,
    v: T,
    vhat: T,
    beta1_power: T,
    beta2_power: T,
    lr: T,
    beta1: T,
    beta2: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
) -> tuple[T, T, T, T]:
    """Adam by the largest mean square so far, so that the rate never grows (Reddi et al. 2018)."""
    rate = lr * np.sqrt(1 - beta2_power) / (1 - beta1_power)
    m = m + (grad - m) * (1 - beta1)
    v = v + (grad * grad - v) * (1 - beta2)
    vhat = np.maximum(vhat, v)
    return var - m * rate / (np.sqrt(vhat) + epsilon), m, v, vhat
