"""Images in another size: bilinear, bicubic, nearest neighbour, area.

Images are [batch, height, width, channels]. Each axis has a matrix of weights: how much each old
row counts in each new one; the slope is the transposed matrix. Positions are computed in float32,
as TensorFlow 1.15 does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, U, op
from graphscope.graph.dtypes import FLOATS, REALS, float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.reduction import reduce_min

_32 = np.float32


def _resized(images: Tensor, size: Tensor, **_: Any) -> TensorShape:
    batch, _h, _w, channels = images.shape.with_rank(4).as_list()
    size.shape.assert_is_compatible_with([2])
    wanted = constant_value(size)
    sizes = [None, None] if wanted is None else wanted.tolist()
    return TensorShape([batch, *sizes, channels])


def _sizes(size: Index) -> tuple[int, int]:
    height, width = size.tolist()
    if height <= 0 or width <= 0:
        raise ValueError("output dimensions must be positive")
    return height, width


def _scale(old: int, new: int, align_corners: bool) -> T:
    if align_corners and new > 1:
        return np.asarray(_32(old - 1) / _32(new - 1))
    return np.asarray(_32(old) / _32(new))


def _positions(old: int, new: int, align_corners: bool, half_pixel_centers: bool) -> T:
    """Where the new rows lie among the old ones."""
    scale, rows = _scale(old, new, align_corners), np.arange(new, dtype=_32)
    if half_pixel_centers:
        result: T = (rows + _32(0.5)) * scale - _32(0.5)
        return result
    return np.asarray(rows * scale)


def _weights(old: int, places: list[T], shares: list[T]) -> T:
    """The matrix [new, old]: each new row is made of the rows at `places` by `shares`."""
    matrix = np.zeros((len(places[0]), old), _32)
    rows = np.arange(len(places[0]))
    for at, share in zip(places, shares, strict=True):
        np.add.at(matrix, (rows, np.clip(at, 0, old - 1)), share.astype(_32))
    return matrix


def _linear(old: int, new: int, align_corners: bool, half_pixel_centers: bool) -> T:
    at = _positions(old, new, align_corners, half_pixel_centers)
    low = np.floor(at)
    share = at - low
    places = [low.astype(np.int64), np.ceil(at).astype(np.int64)]
    return _weights(old, places, [1 - share, share])


def _cubic(old: int, new: int, align_corners: bool, half_pixel_centers: bool) -> T:
    """Keys' cubic weights, rounded to 1024 steps as TensorFlow looks them up."""
    at = _positions(old, new, align_corners, half_pixel_centers)
    a = -0.5 if half_pixel_centers else -0.75
    low = np.floor(at).astype(np.int64)
    step = np.rint((at - low.astype(_32)) * _32(1024))

    def near(x: T) -> T:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: T) -> T:
        x = x + 1
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    left, right = step / 1024.0, (1024 - step) / 1024.0
    shares = [far(left), near(left), near(right), far(right)]
    places = [low - 1, low, low + 1, low + 2]
    if half_pixel_centers:  # rows outside do not count, and the others are scaled up
        inside = [(place >= 0) & (place < old) for place in places]
        shares = [np.where(ok, share, 0) for ok, share in zip(inside, shares, strict=True)]
        total = sum(shares)
        shares = [share / total for share in shares]
    return _weights(old, places, shares)


def _area(old: int, new: int, align_corners: bool, half_pixel_centers: bool) -> T:
    """The part of each old row that a new one covers."""
    scale = _scale(old, new, align_corners)
    first = np.arange(new, dtype=_32) * scale
    last = (np.arange(new, dtype=_32) + 1) * scale
    count = max(old, int(np.ceil(last.max(initial=0))))
    rows = np.arange(count)
    overlap = np.minimum(last[:, None], rows + 1) - np.maximum(first[:, None], rows)
    covered = np.maximum(overlap, 0) / scale
    covered[:, old - 1] += covered[:, old:].sum(axis=1)
    result: T = covered[:, :old].astype(_32)
    return result


_Weigh = Callable[[int, int, bool, bool], T]


def _apply(image: T, rows: T, columns: T) -> T:
    """rows times the image's rows, and columns times its columns, for each channel."""
    tall = np.moveaxis(np.tensordot(rows, image, (1, 1)), 0, 1)
    return np.ascontiguousarray(np.moveaxis(np.tensordot(columns, tall, (1, 2)), 0, 2))


def _resize(image: T, size: Index, weigh: _Weigh, corners: bool, centers: bool) -> T:
    (height, width), (_, h, w, _) = _sizes(size), image.shape
    rows, columns = weigh(h, height, corners, centers), weigh(w, width, corners, centers)
    return _apply(image.astype(_32), rows, columns)


def _slope(dy: T, image: T, weigh: _Weigh, corners: bool, centers: bool) -> T:
    (_, height, width, _), (_, h, w, _) = dy.shape, image.shape
    rows, columns = weigh(h, height, corners, centers), weigh(w, width, corners, centers)
    return _apply(dy, rows.T, columns.T).astype(image.dtype)


_resizing = partial(op, kind="array", shape=_resized, types=REALS)
_resizing_slope = partial(
    op, kind="array", types=FLOATS, shape=lambda grads, original, **_: original.shape
)


@_resizing("ResizeBilinear", dtype=float32)
def _resize_bilinear(
    images: T, size: Index, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> Any_:
    """Images in another size, each pixel mixed of its four neighbours; float32."""
    (height, width), (_, h, w, _) = _sizes(size), images.shape
    old = images.astype(_32)
    for axis, (have, want) in enumerate(((h, height), (w, width)), 1):
        at = _positions(have, want, align_corners, half_pixel_centers)
        low = np.floor(at)
        share = (at - low).reshape(-1, *[1] * (3 - axis))
        below = np.take(old, np.clip(low.astype(np.int64), 0, have - 1), axis)
        above = np.take(old, np.clip(np.ceil(at).astype(np.int64), 0, have - 1), axis)
        old = below + (above - below) * share
    return np.asarray(old, _32)


@_resizing_slope("ResizeBilinearGrad")
def _bilinear_slope(
    grads: U,
    original_image: T,
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> T:
    """The slope of ResizeBilinear."""
    return _slope(grads, original_image, _linear, align_corners, half_pixel_centers)


@_resizing("ResizeBicubic", dtype=float32)
def _resize_bicubic(
    images: T, size: Index, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> Any_:
    """Images in another size, each pixel mixed of its sixteen neighbours; float32."""
    return _resize(images, size, _cubic, align_corners, half_pixel_centers)


@_resizing_slope("ResizeBicubicGrad")
def _bicubic_slope(
    grads: U,
    original_image: T,
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> T:
    """The slope of ResizeBicubic."""
    return _slope(grads, original_image, _cubic, align_corners, half_pixel_centers)


@_resize_bilinear.gradient
def _(dy: Tensor, y: Tensor, images: Tensor, size: Tensor, **attrs: Any) -> Any:
    return _bilinear_slope(dy, images, **attrs), None


@_resize_bicubic.gradient
def _(dy: Tensor, y: Tensor, images: Tensor, size: Tensor, **attrs: Any) -> Any:
    return _bicubic_slope(dy, images, **attrs), None


@_bilinear_slope.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, images: Tensor, **attrs: Any) -> Any:
    return _resize_bilinear(ddx, shape_of(dy)[1:3], **attrs), None


@_bicubic_slope.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, images: Tensor, **attrs: Any) -> Any:
    return _resize_bicubic(ddx, shape_of(dy)[1:3], **attrs), None


@_resizing("ResizeArea", dtype=float32, differentiable=False)
def _resize_area(images: T, size: Index, *, align_corners: bool = False) -> Any_:
    """Images in another size, each pixel the mean of the area it covers; float32. No gradient."""
    return _resize(images, size, _area, align_corners, False)


def _nearest(old: int, new: int, align_corners: bool, half_pixel_centers: bool) -> T:
    at = _positions(old, new, align_corners, False)
    if half_pixel_centers:
        at = (np.arange(new, dtype=_32) + _32(0.5)) * _scale(old, new, align_corners)
    whole = np.floor(at + _32(0.5)) if align_corners else np.floor(at)
    return np.clip(whole.astype(np.int64), 0, old - 1)


@_resizing("ResizeNearestNeighbor")
def _resize_nearest(
    images: T, size: Index, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> T:
    """Images in another size, each pixel that of the old one nearest to it."""
    (height, width), (_, h, w, _) = _sizes(size), images.shape
    rows = _nearest(h, height, align_corners, half_pixel_centers)
    columns = _nearest(w, width, align_corners, half_pixel_centers)
    return images[:, rows[:, None], columns]


@op(
    "ResizeNearestNeighborGrad",
    kind="array",
    types=REALS,
    shape=lambda grads, size, **_: _resized(grads, size),
)
def _nearest_slope(
    grads: T, size: Index, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> T:
    """The slope of ResizeNearestNeighbor: each old pixel gets what its copies got."""
    (h, w), (batch, height, width, channels) = size.tolist(), grads.shape
    rows = _nearest(h, height, align_corners, half_pixel_centers)
    columns = _nearest(w, width, align_corners, half_pixel_centers)
    total = np.zeros((batch, h, w, channels), grads.dtype)
    key: Any = (slice(None), rows[:, None], columns)
    np.add.at(total, key, grads)
    return total


@_resize_nearest.gradient
def _(dy: Tensor, y: Tensor, images: Tensor, size: Tensor, **attrs: Any) -> Any:
    return _nearest_slope(dy, shape_of(images)[1:3], **attrs), None


@_nearest_slope.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, size: Tensor, **attrs: Any) -> Any:
    return _resize_nearest(ddx, shape_of(dy)[1:3], **attrs), None


# ---- the public functions ----------------------------------------------------------------------


def _public(definition: Any, name: str, how: str) -> Callable[..., Tensor]:
    def resize(
        images: Any,
        size: Any,
        align_corners: bool = False,
        name: str | None = None,
        half_pixel_centers: bool = False,
    ) -> Tensor:
        result: Tensor = definition(
            images,
            size,
            align_corners=align_corners,
            half_pixel_centers=half_pixel_centers,
            name=name,
        )
        return result

    resize.__name__ = resize.__qualname__ = name
    resize.__doc__ = f"""Images [batch, height, width, channels] in another size, {how}.

        size: [height, width], int32. align_corners: the corner pixels keep their places.
        Source: tf.image.{name}.
        """
    return resize


resize_bilinear = _public(_resize_bilinear, "resize_bilinear", "mixed of four neighbours")
resize_bicubic = _public(_resize_bicubic, "resize_bicubic", "mixed of sixteen neighbours")
resize_nearest_neighbor = _public(
    _resize_nearest, "resize_nearest_neighbor", "each pixel that of the nearest"
)


def resize_area(
    images: Any, size: Any, align_corners: bool = False, name: str | None = None
) -> Tensor:
    """Images in another size, each pixel the mean of the area it covers.

    Source: tf.image.resize_area.
    """
    result: Tensor = _resize_area(images, size, align_corners=align_corners, name=name)
    return result


class ResizeMethod:
    """How `resize_images` makes new pixels. Source: tf.image.ResizeMethod."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


METHODS: dict[Any, Callable[..., Tensor]] = {
    0: resize_bilinear,
    1: resize_nearest_neighbor,
    2: resize_bicubic,
    3: resize_area,
    "bilinear": resize_bilinear,
    "nearest": resize_nearest_neighbor,
    "bicubic": resize_bicubic,
    "area": resize_area,
}


def _fitting(images: Tensor, size: Tensor) -> Tensor:
    """The largest size within `size` in which the images keep their proportions."""
    old = math.cast(shape_of(images)[1:3], float32)
    factor = reduce_min(math.cast(size, float32) / old)
    return math.cast(math.round(factor * old), int32)


def resize_by(
    resize: Callable[[Tensor, Tensor], Tensor],
    images: Any,
    size: Any,
    preserve_aspect_ratio: bool,
    name: str | None,
) -> Tensor:
    """Images, or one without the batch axis, by a function of a batch and a size.

    Errors: ValueError for another rank or size.
    """
    with name_scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        if images.shape.ndims is None:
            raise ValueError("'images' contains no shape.")
        if images.shape.ndims not in (3, 4):
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        single = images.shape.ndims == 3
        batch = array.expand_dims(images, 0) if single else images
        try:
            size = convert_to_tensor(size, int32, name="size")
        except (TypeError, ValueError):
            raise ValueError("'size' must be a 1-D int32 Tensor") from None
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _fitting(batch, size)
        result = resize(batch, size)
        return array.squeeze(result, axis=[0]) if single else result


def resize_images(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
    preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images (or one image without the batch axis) in another size; as they are when they have it.

    size: [height, width]. method: one of `ResizeMethod`. Source: tf.image.resize_images.
    Errors: ValueError for another rank, size or method.
    """
    if method not in METHODS:
        raise ValueError("Resize method is not implemented.")

    def resize(batch: Tensor, size: Tensor) -> Tensor:
        known = constant_value(size)
        if known is not None and batch.shape[1:3].as_list() == known.tolist():
            return batch
        return METHODS[method](batch, size, align_corners=align_corners)

    return resize_by(resize, images, size, preserve_aspect_ratio, name)
