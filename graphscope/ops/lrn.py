"""Each number against its neighbours in other channels: local response normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.declare import Any_, T, op
from graphscope.graph.dtypes import FLOATS
from graphscope.graph.graph import Tensor


def _around(x: T, radius: int) -> T:
    """For each channel the sum over the channels up to `radius` away."""
    wide = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    total = np.zeros_like(x)
    for shift in range(2 * radius + 1):
        total += wide[..., shift : shift + x.shape[-1]]
    return total


@op("LRN", kind="nn", types=FLOATS, shape=lambda input, **_: input.shape.with_rank(4))
def _lrn(
    input: T, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> T:
    """x / (bias + alpha * sum of squares over near channels) ** beta.

    input: [batch, height, width, channels]. depth_radius: how far near is.
    """
    real = input.dtype.type
    result: T = input * (real(bias) + real(alpha) * _around(input * input, depth_radius)) ** real(
        -beta
    )
    return result


@op("LRNGrad", kind="nn", types=FLOATS, shape=lambda dy, x, y, **_: x.shape)
def _lrn_grad(
    input_grads: T,
    input_image: T,
    output_image: Any_,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> T:
    """The slope of LRN."""
    x, dy, real = input_image, input_grads, input_image.dtype.type
    norm = real(bias) + real(alpha) * _around(x * x, depth_radius)
    crossed = _around(dy * x * norm ** real(-beta - 1), depth_radius)
    result: T = dy * norm ** real(-beta) - real(2 * alpha * beta) * x * crossed
    return result


@_lrn.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **attrs: Any) -> Any:
    return _lrn_grad(dy, input, y, **attrs)


@_lrn_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, x: Tensor, y: Tensor, **attrs: Any) -> Any:
    # The slope of LRN is symmetric, so it is its own transpose; that along x is not there.
    raise LookupError("No gradient is defined for the gradient of local_response_normalization")


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """x / (bias + alpha * sum of squares over near channels) ** beta. Source: tf.nn.lrn.

    input: [batch, height, width, channels]. depth_radius: how far near is.
    """
    result: Tensor = _lrn(
        input,
        depth_radius=int(depth_radius),
        bias=float(bias),
        alpha=float(alpha),
        beta=float(beta),
        name=name,
    )
    return result
