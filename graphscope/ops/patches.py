"""The windows of images as rows of numbers: what a convolution multiplies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.declare import Any_, T, op
from graphscope.graph.dtypes import NUMBERS
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.windows import Axis, axes_of, blank, cropped, known, places, unfolded


def _windows(
    sizes: Sequence[int | None], ksizes: Any, strides: Any, rates: Any, padding: str
) -> list[Axis | None]:
    for name, value in (("ksizes", ksizes), ("strides", strides), ("rates", rates)):
        if len(value) != 4 or value[0] != 1 or value[3] != 1:
            raise ValueError(
                f"ExtractImagePatches requires {name} to be [1, rows, columns, 1], and it is "
                f"{list(value)}"
            )
    return axes_of(sizes[1:3], ksizes[1:3], strides[1:3], padding, rates[1:3])


def _patch_shape(images: Tensor, **attrs: Any) -> TensorShape:
    sizes = images.shape.with_rank(4).as_list()
    axes = _windows(sizes, **attrs)
    depth = sizes[3]
    area = attrs["ksizes"][1] * attrs["ksizes"][2]
    inner = [None if axis is None else axis.number for axis in axes]
    return TensorShape([sizes[0], *inner, None if depth is None else depth * area])


@op("ExtractImagePatches", kind="array", shape=_patch_shape, types=NUMBERS)
def _extract_image_patches(
    images: T,
    *,
    ksizes: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
) -> T:
    """The elements of each window in one row: [batch, rows, columns, window * channels]."""
    axes = known(_windows(images.shape, ksizes, strides, rates, padding))
    inner = [axis.number for axis in axes]
    return unfolded(images, axes).reshape(images.shape[0], *inner, -1)


@op("ImagePatchesGrad", kind="array", shape=lambda dy, images, **_: images.shape, types=NUMBERS)
def _image_patches_grad(
    dy: T,
    images: Any_,
    *,
    ksizes: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
) -> T:
    """The slope of ExtractImagePatches: each pixel gets those of all windows that it is in.

    TensorFlow makes it of a product with a sparse matrix.
    """
    axes = known(_windows(images.shape, ksizes, strides, rates, padding))
    wide = blank(images.shape, axes, dy.dtype)
    parts = dy.reshape(*dy.shape[:3], *[axis.window for axis in axes], images.shape[-1])
    for position, spot in places(axes):
        block: tuple[Any, ...] = (slice(None), slice(None), slice(None), *position)
        wide[spot] += parts[block]
    return np.ascontiguousarray(cropped(wide, axes))


@_extract_image_patches.gradient
def _(dy: Tensor, y: Tensor, images: Tensor, **attrs: Any) -> Any:
    return _image_patches_grad(dy, images, **attrs)


@_image_patches_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, images: Tensor, **attrs: Any) -> Any:
    return _extract_image_patches(ddx, **attrs), None


def extract_image_patches(
    images: Any,
    ksizes: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    rates: Sequence[int] | None = None,
    padding: str | None = None,
    name: str | None = None,
    sizes: Sequence[int] | None = None,
) -> Tensor:
    """The elements of each window in one row. Source: tf.extract_image_patches.

    ksizes (or sizes), strides, rates: [1, rows, columns, 1]. padding: "VALID" or "SAME".
    Errors: ValueError for other lists.
    """
    windows = sizes if ksizes is None else ksizes
    result: Tensor = _extract_image_patches(
        images,
        ksizes=list(windows or []),
        strides=list(strides or []),
        rates=list(rates or []),
        padding=padding or "VALID",
        name=name,
    )
    return result
