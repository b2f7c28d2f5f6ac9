"""Slopes that are operations of their own, from a function's result and what flows back to it.

The slopes of roots and of 1 / x are infinite at 0. Where nothing flows back they give 0 all the
same, and not 0 * infinity, which is NaN: what no loss depends on has no part in its gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import FLOATS, FLOATS_AND_COMPLEX
from graphscope.graph.graph import Tensor
from graphscope.ops.conjugates import steep


def _where_nonzero(slope: T, dy: T) -> T:
    return np.where(dy == 0, dy.dtype.type(0), slope)


@op("SqrtGrad", kind="math", types=FLOATS_AND_COMPLEX)
def sqrt_grad(y: T, dy: T) -> T:
    """The slope of Sqrt from its result: dy / (2 y), and 0 where dy is 0."""
    return _where_nonzero(dy * dy.dtype.type(0.5) / np.conj(y), dy)


@sqrt_grad.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, dy: Tensor) -> Any:
    share = dz / y
    return -steep(share) * z, 0.5 * share


@op("RsqrtGrad", kind="math", types=FLOATS_AND_COMPLEX)
def rsqrt_grad(y: T, dy: T) -> T:
    """The slope of Rsqrt from its result: -dy y^3 / 2, and 0 where dy is 0."""
    y = np.conj(y)
    return _where_nonzero(dy.dtype.type(-0.5) * (dy * y) * (y * y), dy)


@rsqrt_grad.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, dy: Tensor) -> Any:
    y = steep(y)
    return -1.5 * steep(dz) * dy * (y * y), rsqrt_grad(y, dz)


@op("ReciprocalGrad", kind="math", types=FLOATS_AND_COMPLEX)
def reciprocal_grad(y: T, dy: T) -> T:
    """The slope of Reciprocal from its result: -dy y^2, and 0 where dy is 0."""
    y = np.conj(y)
    return _where_nonzero(-dy * y * y, dy)


@op("InvGrad", kind="math", types=FLOATS_AND_COMPLEX)
def _inv_grad(y: T, dy: T) -> T:
    """The slope of 1 / x from its result: -dy y^2, and 0 where dy is 0."""
    slope: T = reciprocal_grad.kernel(y, dy)
    return slope


@reciprocal_grad.gradient
@_inv_grad.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, dy: Tensor) -> Any:
    y = steep(y)
    return steep(dz) * -2.0 * dy * y, reciprocal_grad(y, dz)


@op("SigmoidGrad", kind="math", types=FLOATS)
def _sigmoid_grad(y: T, dy: T) -> T:
    """The slope of Sigmoid from its result: dy y (1 - y)."""
    return np.asarray(dy * y * (1 - y))


@_sigmoid_grad.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, dy: Tensor) -> Any:
    share = dz * dy
    return share - 2.0 * share * y, _sigmoid_grad(y, dz)


@op("TanhGrad", kind="math", types=FLOATS)
def _tanh_grad(y: T, dy: T) -> T:
    """The slope of Tanh from its result: dy (1 - y^2)."""
    return np.asarray(dy * (1 - y * y))


@_tanh_grad.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, dy: Tensor) -> Any:
    return -2.0 * dz * dy * y, _tanh_grad(y, dz)
