"""The steps of optimizers: what each makes of a variable, its slots, and the gradient.

A step is a function: the variable and what is kept beside it in, their new values out. Every one
comes twice: for a gradient of all elements, and for a gradient of some rows (``SparseApply...``),
where the other rows and their slots stay as they are.

Sources: the operations of the same names in TensorFlow 1.15 (core/kernels/training_ops.cc), with
its order of operations, and the papers that are named with them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import Any_, Index, OpDef, T, op
from graphscope.graph.dtypes import NUMBERS
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.shapes import TensorShape
from graphscope.ops.indexing import refuse_outside
from graphscope.ops.state import twin_for_resources

Pair = tuple[T, T]
Triple = tuple[T, T, T]
Quadruple = tuple[T, T, T, T]


def _one_shape(*inputs: Tensor, **_: Any) -> TensorShape:
    """The variable, its slots and the gradient are of one shape; hyper-parameters are scalars."""
    return shapes.merged(*(t for t in inputs if t is inputs[0] or t.shape.ndims != 0))


def _rows(*inputs: Tensor, **_: Any) -> TensorShape:
    return shapes.merged(*(t for t in inputs if t.dtype.is_ref))


def _step(
    type: str, writes: int, shape: Callable[..., Any], symbol: str = ""
) -> Callable[[Callable[..., Any]], OpDef]:
    """Declare a step, on ref variables and, as ``Resource...``, on resource variables."""

    def declare(kernel: Callable[..., Any]) -> OpDef:
        declared = op(
            type,
            kind="state",
            writes=writes,
            shape=shape,
            types=NUMBERS,
            symbol=symbol,
            differentiable=False,
        )(kernel)
        twin_for_resources(declared)
        return declared

    return declare


_dense = partial(_step, shape=_one_shape)
_sparse = partial(_step, shape=_rows)


def take(step: OpDef, *inputs: Any, **attrs: Any) -> Operation:
    """The operation that takes a step; the first input is the variable's place, of either kind.

    Errors: ValueError when the variable, its slots and the gradient are not of one shape.
    """
    if inputs[0].op.type != "VarHandleOp":
        return step.node(*inputs, **attrs)
    twin = OPS[f"Resource{step.type}"].node(*inputs, **attrs)
    step.shape_rule(*twin.inputs, **attrs)
    return twin


def on_rows(
    step: Callable[[tuple[Any, ...], Any], tuple[Any, ...]],
    variables: tuple[T, ...],
    grad: T,
    indices: Index,
) -> tuple[T, ...]:
    """Take the step on the rows that the gradient has; a row that comes twice takes it twice."""
    refuse_outside(indices, len(variables[0]), "indices")
    results = tuple(variable.copy() for variable in variables)
    if len(np.unique(indices)) == len(indices):
        turns = [(indices, grad)]
    else:
        turns = [(indices[i : i + 1], grad[i : i + 1]) for i in range(len(indices))]
    for rows, slope in turns:
        new = step(tuple(result[rows] for result in results), slope)
        for result, value in zip(results, new, strict=True):
            result[rows] = value
    return results


# ---- gradient descent --------------------------------------------------------------------------


@_step(
    "ApplyGradientDescent",
    writes=1,
    shape=lambda var, alpha, delta, **_: shapes.merged(var, delta),
    symbol="-",
)
def apply_gradient_descent(var: T, alpha: T, delta: T, *, use_locking: bool = False) -> T:
    """var - alpha * delta: one step of gradient descent with the learning rate alpha."""
    return np.asarray(var - alpha * delta)


def _shrunk(moved: T, rate: T, l1: T, l2: T) -> T:
    """The proximal step: towards 0 by rate * l1, and no further; then divided by 1 + rate * l2."""
    if l1 > 0:
        moved = np.sign(moved) * np.maximum(np.abs(moved) - rate * l1, 0)
    return np.asarray(moved / (1 + rate * l2))


@_dense("ApplyProximalGradientDescent", writes=1)
def apply_proximal_gradient_descent(
    var: T, alpha: T, l1: T, l2: T, delta: T, *, use_locking: bool = False
) -> T:
    """Gradient descent, then the proximal step of the penalties l1 and l2 (Duchi & Singer 2009)."""
    return _shrunk(var - alpha * delta, alpha, l1, l2)


@_sparse("SparseApplyProximalGradientDescent", writes=1)
def sparse_apply_proximal_gradient_descent(
    var: T, alpha: T, l1: T, l2: T, grad: T, indices: Index, *, use_locking: bool = False
) -> T:
    """ApplyProximalGradientDescent of some rows."""
    return on_rows(lambda v, g: (_shrunk(v[0] - alpha * g, alpha, l1, l2),), (var,), grad, indices)[
        0
    ]


# ---- momentum ----------------------------------------------------------------------------------


def _momentum(variables: Pair, lr: T, grad: T, momentum: T, nesterov: bool) -> Pair:
    var, accum = variables
    accum = accum * momentum + grad
    if nesterov:
        return var - (grad * lr + accum * momentum * lr), accum
    return var - accum * lr, accum


@_dense("ApplyMomentum", writes=2)
def apply_momentum(
    var: T,
    accum: T,
    lr: T,
    grad: T,
    momentum: T,
    *,
    use_locking: bool = False,
    use_nesterov: bool = False,
) -> Pair:
    """accum = accum * momentum + grad; var -= lr * accum.

    use_nesterov: one step of the momentum further ahead (Sutskever et al. 2013).
    """
    return _momentum((var, accum), lr, grad, momentum, use_nesterov)


@_sparse("SparseApplyMomentum", writes=2)
def sparse_apply_momentum(
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
    """ApplyMomentum of some rows."""
    return on_rows(
        lambda v, g: _momentum(v, lr, g, momentum, use_nesterov), (var, accum), grad, indices
    )


# ---- Adagrad and its like ----------------------------------------------------------------------


def _adagrad(variables: Pair, lr: T, grad: T, update_slots: bool) -> Pair:
    var, accum = variables
    if update_slots:
        accum = accum + grad * grad
    return var - grad * lr / np.sqrt(accum), accum


@_dense("ApplyAdagrad", writes=2)
def apply_adagrad(
    var: T,
    accum: T,
    lr: T,
    grad: T,
    *,
    use_locking: bool = False,
    update_slots: bool = True,
) -> Pair:
    """accum += grad**2; var -= lr * grad / sqrt(accum) (Duchi et al. 2011)."""
    return _adagrad((var, accum), lr, grad, update_slots)


@_sparse("SparseApplyAdagrad", writes=2)
def sparse_apply_adagrad(
    var: T,
    accum: T,
    lr: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
    update_slots: bool = True,
) -> tuple[T, ...]:
    """ApplyAdagrad of some rows."""
    return on_rows(lambda v, g: _adagrad(v, lr, g, update_slots), (var, accum), grad, indices)


def _proximal_adagrad(variables: Pair, lr: T, l1: T, l2: T, grad: T) -> Pair:
    var, accum = variables
    accum = accum + grad * grad
    rate = lr / np.sqrt(accum)
    return _shrunk(var - grad * rate, rate, l1, l2), accum


@_dense("ApplyProximalAdagrad", writes=2)
def apply_proximal_adagrad(
    var: T, accum: T, lr: T, l1: T, l2: T, grad: T, *, use_locking: bool = False
) -> Pair:
    """Adagrad, then the proximal step of the penalties l1 and l2 (Duchi & Singer 2009)."""
    return _proximal_adagrad((var, accum), lr, l1, l2, grad)


@_sparse("SparseApplyProximalAdagrad", writes=2)
def sparse_apply_proximal_adagrad(
    var: T,
    accum: T,
    lr: T,
    l1: T,
    l2: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyProximalAdagrad of some rows."""
    return on_rows(lambda v, g: _proximal_adagrad(v, lr, l1, l2, g), (var, accum), grad, indices)


def _adagrad_da(variables: Triple, grad: T, lr: T, l1: T, l2: T, step: T) -> Triple:
    _, total, squares = variables
    total, squares = total + grad, squares + grad * grad
    step = step.astype(grad.dtype)
    kept = total
    if l1 > 0:
        kept = np.sign(total) * np.maximum(np.abs(total) - l1 * step, 0)
    return -lr * kept / (l2 * step * lr + np.sqrt(squares)), total, squares


@_dense("ApplyAdagradDA", writes=3)
def apply_adagrad_da(
    var: T,
    gradient_accumulator: T,
    gradient_squared_accumulator: T,
    grad: T,
    lr: T,
    l1: T,
    l2: T,
    global_step: Any_,
    *,
    use_locking: bool = False,
) -> Triple:
    """Adagrad by dual averaging: the variable is made anew of the sum of all gradients.

    global_step: int64, counted from 1. Source: Duchi et al. 2011.
    """
    variables = (var, gradient_accumulator, gradient_squared_accumulator)
    return _adagrad_da(variables, grad, lr, l1, l2, global_step)


@_sparse("SparseApplyAdagradDA", writes=3)
def sparse_apply_adagrad_da(
    var: T,
    gradient_accumulator: T,
    gradient_squared_accumulator: T,
    grad: T,
    indices: Index,
    lr: T,
    l1: T,
    l2: T,
    global_step: Any_,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyAdagradDA of some rows."""
    variables = (var, gradient_accumulator, gradient_squared_accumulator)
    return on_rows(
        lambda v, g: _adagrad_da(v, g, lr, l1, l2, global_step), variables, grad, indices
    )


def _adadelta(variables: Triple, lr: T, rho: T, epsilon: T, grad: T) -> Triple:
    var, accum, accum_update = variables
    accum = accum * rho + grad * grad * (1 - rho)
    update = np.sqrt(accum_update + epsilon) / np.sqrt(accum + epsilon) * grad
    return var - update * lr, accum, accum_update * rho + update * update * (1 - rho)


@_dense("ApplyAdadelta", writes=3)
def apply_adadelta(
    var: T,
    accum: T,
    accum_update: T,
    lr: T,
    rho: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
) -> Triple:
    """Steps of the size of the earlier steps, over that of the gradients (Zeiler 2012)."""
    return _adadelta((var, accum, accum_update), lr, rho, epsilon, grad)


@_sparse("SparseApplyAdadelta", writes=3)
def sparse_apply_adadelta(
    var: T,
    accum: T,
    accum_update: T,
    lr: T,
    rho: T,
    epsilon: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyAdadelta of some rows."""
    variables = (var, accum, accum_update)
    return on_rows(lambda v, g: _adadelta(v, lr, rho, epsilon, g), variables, grad, indices)


# ---- Adam and RMSProp --------------------------------------------------------------------------


@_dense("ApplyAdam", writes=3)
def apply_adam(
    var: T,
    m: T,
    v: T,
    beta1_power: T,
    beta2_power: T,
    lr: T,
    beta1: T,
    beta2: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
    use_nesterov: bool = False,
) -> Triple:
    """var -= rate * m / (sqrt(v) + epsilon), by running means m of grad and v of its square.

    rate is lr, corrected for means that began at 0. Source: Kingma & Ba 2014.
    """
    rate = lr * np.sqrt(1 - beta2_power) / (1 - beta1_power)
    m = m + (grad - m) * (1 - beta1)
    v = v + (grad * grad - v) * (1 - beta2)
    ahead = grad * (1 - beta1) + beta1 * m if use_nesterov else m
    return var - ahead * rate / (np.sqrt(v) + epsilon), m, v


@_dense("ApplyRMSProp", writes=3)
def apply_rms_prop(
    var: T,
    ms: T,
    mom: T,
    lr: T,
    rho: T,
    momentum: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
) -> Triple:
    """The gradient over the root of the running mean ms of its square, with momentum.

    Source: Tieleman & Hinton 2012.
    """
    ms = ms + (grad * grad - ms) * (1 - rho)
    mom = mom * momentum + grad * lr / np.sqrt(ms + epsilon)
    return var - mom, ms, mom


def _rms_prop_row(variables: Triple, lr: T, rho: T, momentum: T, epsilon: T, grad: T) -> Triple:
    var, ms, mom = variables
    ms = ms * rho + grad * grad * (1 - rho)
    mom = mom * momentum + lr * grad / np.sqrt(ms + epsilon)
    return var - mom, ms, mom


@_sparse("SparseApplyRMSProp", writes=3)
def sparse_apply_rms_prop(
    var: T,
    ms: T,
    mom: T,
    lr: T,
    rho: T,
    momentum: T,
    epsilon: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyRMSProp of some rows."""
    return on_rows(
        lambda v, g: _rms_prop_row(v, lr, rho, momentum, epsilon, g), (var, ms, mom), grad, indices
    )


@_dense("ApplyCenteredRMSProp", writes=4)
def apply_centered_rms_prop(
    var: T,
    mg: T,
    ms: T,
    mom: T,
    lr: T,
    rho: T,
    momentum: T,
    epsilon: T,
    grad: T,
    *,
    use_locking: bool = False,
) -> Quadruple:
    """RMSProp by the variance of the gradient: ms less the square of its running mean mg.

    Source: Graves 2013.
    """
    ms = ms + (grad * grad - ms) * (1 - rho)
    mg = mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr / np.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def _centered_row(
    variables: Quadruple, lr: T, rho: T, momentum: T, epsilon: T, grad: T
) -> Quadruple:
    var, mg, ms, mom = variables
    ms = ms * rho + grad * grad * (1 - rho)
    mg = mg * rho + grad * (1 - rho)
    mom = mom * momentum + lr * grad / np.sqrt(ms + epsilon - mg * mg)
    return var - mom, mg, ms, mom


@_sparse("SparseApplyCenteredRMSProp", writes=4)
def sparse_apply_centered_rms_prop(
    var: T,
    mg: T,
    ms: T,
    mom: T,
    lr: T,
    rho: T,
    momentum: T,
    epsilon: T,
    grad: T,
    indices: Index,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyCenteredRMSProp of some rows."""
    variables = (var, mg, ms, mom)
    return on_rows(
        lambda v, g: _centered_row(v, lr, rho, momentum, epsilon, g), variables, grad, indices
    )


# ---- follow the regularized leader -------------------------------------------------------------


def _ftrl(variables: Triple, grad: T, lr: T, l1: T, l2: T, lr_power: T, shrinkage: Any) -> Triple:
    var, accum, linear = variables
    new_accum = accum + grad * grad
    root, new_root = accum**-lr_power, new_accum**-lr_power
    slope = grad + 2 * shrinkage * var
    linear = linear + slope - (new_root - root) / lr * var
    weight = (np.sign(linear) * l1 - linear) / (new_root / lr + 2 * l2)
    return np.where(np.abs(linear) > l1, weight, np.zeros_like(weight)), new_accum, linear


@_dense("ApplyFtrl", writes=3)
def apply_ftrl(
    var: T,
    accum: T,
    linear: T,
    grad: T,
    lr: T,
    l1: T,
    l2: T,
    lr_power: T,
    *,
    use_locking: bool = False,
) -> Triple:
    """Follow the regularized leader: the variable is made anew of sums over all gradients.

    accum: of their squares. linear: of the gradients, shifted; where it is within l1 of 0, the
    variable is 0. Source: McMahan et al. 2013.
    """
    return _ftrl((var, accum, linear), grad, lr, l1, l2, lr_power, grad.dtype.type(0))


@_dense("ApplyFtrlV2", writes=3)
def apply_ftrl_v2(
    var: T,
    accum: T,
    linear: T,
    grad: T,
    lr: T,
    l1: T,
    l2: T,
    l2_shrinkage: T,
    lr_power: T,
    *,
    use_locking: bool = False,
) -> Triple:
    """ApplyFtrl, with the penalty l2_shrinkage added to the gradient."""
    return _ftrl((var, accum, linear), grad, lr, l1, l2, lr_power, l2_shrinkage)


@_sparse("SparseApplyFtrl", writes=3)
def sparse_apply_ftrl(
    var: T,
    accum: T,
    linear: T,
    grad: T,
    indices: Index,
    lr: T,
    l1: T,
    l2: T,
    lr_power: T,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyFtrl of some rows."""
    none = grad.dtype.type(0)
    return on_rows(
        lambda v, g: _ftrl(v, g, lr, l1, l2, lr_power, none), (var, accum, linear), grad, indices
    )


@_sparse("SparseApplyFtrlV2", writes=3)
def sparse_apply_ftrl_v2(
    var: T,
    accum: T,
    linear: T,
    grad: T,
    indices: Index,
    lr: T,
    l1: T,
    l2: T,
    l2_shrinkage: T,
    lr_power: T,
    *,
    use_locking: bool = False,
) -> tuple[T, ...]:
    """ApplyFtrlV2 of some rows."""
    return on_rows(
        lambda v, g: _ftrl(v, g, lr, l1, l2, lr_power, l2_shrinkage),
        (var, accum, linear),
        grad,
        indices,
    )
