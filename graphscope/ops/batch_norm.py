"""Batch normalization of images in one operation, its slopes, and the slopes of these."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.errors import InternalError
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, U, op
from graphscope.graph.dtypes import float16, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.reduction import reduce_mean, reduce_sum
from graphscope.ops.windows import arranged, channels, spatial

_OVER_IMAGES = (0, 1, 2)


def _normalized(x: Tensor, scale: Tensor, *_: Tensor, **attrs: Any) -> tuple[TensorShape, ...]:
    order = attrs["data_format"]
    if order not in ("NHWC", "NCHW"):
        raise ValueError(f'Attr \'data_format\' passed string {order!r} not in: "NHWC", "NCHW"')
    sizes = x.shape.with_rank(4).as_list()
    width = TensorShape([channels(sizes, order)]).merge_with(scale.shape.with_rank(1))
    whole = TensorShape(arranged(sizes[0], sizes[spatial(order)], width.as_list()[0], order))
    return (whole, width, width, width, width, TensorShape([0]))


def _channels_last(data_format: str) -> None:
    if data_format != "NHWC":
        raise InternalError(
            None,
            None,
            "The CPU implementation of FusedBatchNorm only supports NHWC tensor format for now.",
        )


@op(
    "FusedBatchNormV3",
    kind="nn",
    types=(float16, float32),
    outputs=("y", "batch_mean", "batch_variance", "reserve_1", "reserve_2", "reserve_3"),
    shape=_normalized,
    dtype=lambda x, scale, *_, **__: (x.dtype.base_dtype, *[scale.dtype.base_dtype] * 5),
)
def fused_batch_norm_v3(
    x: T,
    scale: U,
    offset: U,
    mean: U,
    variance: U,
    *,
    epsilon: float = 0.0001,
    data_format: str = "NHWC",
    is_training: bool = True,
) -> tuple[T, U, U, U, U, U]:
    """Batch normalization of images [batch, height, width, channels] in one operation.

    In training it uses, and returns, the mean and the variance of the batch (the variance divided
    by count - 1), else those given. The last three outputs serve the gradient.
    """
    _channels_last(data_format)
    wide = x.astype(scale.dtype)
    one = scale.dtype.type(1)
    if is_training:
        count = wide.size // wide.shape[-1]
        mean = np.mean(wide, axis=_OVER_IMAGES, dtype=scale.dtype)
        spread = np.mean(np.square(wide - mean), axis=_OVER_IMAGES, dtype=scale.dtype)
        variance = np.asarray(spread * scale.dtype.type(count / max(count - 1, 1)))
    else:
        spread = variance
    inverse = one / np.sqrt(spread + scale.dtype.type(epsilon))
    y = (wide - mean) * (inverse * scale) + offset
    return y.astype(x.dtype), mean, variance, mean, spread, np.zeros(0, scale.dtype)


@op(
    "FusedBatchNormGradV3",
    kind="nn",
    types=(float16, float32),
    outputs=("x_backprop", "scale_backprop", "offset_backprop", "reserve_4", "reserve_5"),
    shape=lambda dy, x, scale, *_, **__: (
        *(x.shape, scale.shape, scale.shape),
        *(TensorShape([0]), TensorShape([0])),
    ),
    dtype=lambda dy, x, scale, *_, **__: (x.dtype.base_dtype, *[scale.dtype.base_dtype] * 4),
)
def fused_batch_norm_grad_v3(
    y_backprop: T,
    x: T,
    scale: U,
    reserve_space_1: U,
    reserve_space_2: U,
    reserve_space_3: U,
    *,
    epsilon: float = 0.0001,
    data_format: str = "NHWC",
    is_training: bool = True,
) -> tuple[T, U, U, U, U]:
    """The slopes of FusedBatchNormV3 along x, scale and offset.

    reserve_space_1, reserve_space_2: the mean and the variance that were used.
    """
    _channels_last(data_format)
    dy, wide, number = y_backprop.astype(scale.dtype), x.astype(scale.dtype), scale.dtype.type
    inverse = number(1) / np.sqrt(reserve_space_2 + number(epsilon))
    centred = (wide - reserve_space_1) * inverse
    dscale, doffset = np.sum(dy * centred, axis=_OVER_IMAGES), np.sum(dy, axis=_OVER_IMAGES)
    dx = dy
    if is_training:
        count = number(wide.size // wide.shape[-1])
        dx = dy - doffset / count - centred * (dscale / count)
    nothing = np.zeros(0, scale.dtype)
    return (dx * (scale * inverse)).astype(x.dtype), dscale, doffset, nothing, nothing


@fused_batch_norm_v3.gradient
def _(dys: Any, ys: Any, x: Tensor, scale: Tensor, *given: Tensor, **attrs: Any) -> Any:
    if dys[0] is None:
        return None, None, None, None, None
    training = attrs["is_training"]
    mean, variance = (ys[3], ys[4]) if training else given[1:]
    slopes = fused_batch_norm_grad_v3(dys[0], x, scale, mean, variance, ys[5], **attrs)
    return (*slopes[:3], None, None)


def _mean(x: Tensor) -> Tensor:
    mean: Tensor = reduce_mean(x, _OVER_IMAGES)
    return mean


def _centred(flow: Tensor, normal: Tensor) -> Tensor:
    """A flow less its part along 1 and along the normalized images: what the norm lets through."""
    return flow - _mean(flow) - normal * _mean(flow * normal)


@fused_batch_norm_grad_v3.gradient
def _(ddys: Any, dys: Any, *inputs: Tensor, **attrs: Any) -> Any:
    flow, images, scale, mean, variance = inputs[:5]
    real = scale.dtype.base_dtype
    dy, x = math.cast(flow, real), math.cast(images, real)
    inverse = math.rsqrt(variance + attrs["epsilon"])
    normal = (x - mean) * inverse
    gx, gscale, goffset = (
        array.zeros_like(like) if given is None else math.cast(given, real)
        for given, like in zip(ddys, (dy, scale, scale), strict=False)
    )
    if not attrs["is_training"]:
        along_dy = gx * scale * inverse + gscale * normal + goffset
        along_x, through = gscale * dy * inverse, dy
    else:
        through, onto = _centred(dy, normal), _centred(gx, normal)
        along_dy = scale * inverse * onto + gscale * normal + goffset
        # The mean and the variance move with x too, and so do the normalized images.
        bent = normal * _mean(gx * through)
        bent += _mean(gx * normal) * through + _mean(dy * normal) * onto
        along_x = gscale * inverse * through - scale * math.square(inverse) * bent
    along_scale = reduce_sum(gx * through * inverse, _OVER_IMAGES)
    back = images.dtype
    return math.cast(along_dy, back), math.cast(along_x, back), along_scale, None, None, None


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalization of images: the result, the mean and the variance of the batch.

    is_training: use the batch's own mean and variance; else those given. The gradient flows
    through the first result only. Source: tf.nn.fused_batch_norm.
    Errors: ValueError when mean or variance come with is_training; InternalError when images of
    the format NCHW are run.
    """
    if is_training and not (mean is None and variance is None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    nothing = np.zeros(0, np.float32)
    node = fused_batch_norm_v3.node(
        x,
        scale,
        offset,
        array.constant(nothing) if mean is None else mean,
        array.constant(nothing) if variance is None else variance,
        epsilon=max(epsilon, 1.001e-5),
        data_format=data_format,
        is_training=is_training,
        name=name,
    )
    return node.outputs[0], node.outputs[1], node.outputs[2]


def batch_norm_slopes(
    grad_y: Any,
    x: Any,
    scale: Any,
    pop_mean: Any,
    pop_var: Any,
    epsilon: float,
    data_format: Any,
    is_training: bool = True,
) -> tuple[Tensor, Tensor, Tensor]:
    """The slopes of batch normalization along x, scale and offset, made of small operations.

    pop_mean, pop_var: the mean and the variance that were used, unless is_training.
    Source: nn_grad._BatchNormGrad.
    """
    first = data_format in ("NCHW", b"NCHW")
    axes = [0, 2, 3] if first else [0, 1, 2]
    kind, real = x.dtype.base_dtype, scale.dtype.base_dtype
    x, grad_y = math.cast(x, real), math.cast(grad_y, real)

    def laid(vector: Tensor) -> Tensor:
        result: Tensor = array.reshape(vector, [1, -1, 1, 1]) if first else vector
        return result

    if is_training:
        pop_mean = reduce_mean(x, axes)
        pop_var = reduce_mean(math.squared_difference(x, laid(pop_mean)), axes)
    inverse = laid(math.rsqrt(pop_var + epsilon))
    normal = (x - laid(pop_mean)) * inverse
    along_scale, along_offset = reduce_sum(grad_y * normal, axes), reduce_sum(grad_y, axes)
    flow = grad_y
    if is_training:
        along = laid(reduce_mean(grad_y * normal, axes))
        flow = grad_y - laid(reduce_mean(grad_y, axes)) - normal * along
    return math.cast(flow * laid(scale) * inverse, kind), along_scale, along_offset
