"""Boxes of images, cut out and brought to one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphscope.errors import OutOfRangeError
from graphscope.graph.convert import constant_shape, constant_value
from graphscope.graph.declare import Index, T, U, op
from graphscope.graph.dtypes import REALS, DType, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape as shape_of
from graphscope.ops.math import cast
from graphscope.ops.spellings import one_of


class _Line(NamedTuple):
    """Where the rows (or columns) of a crop lie in the image."""

    inside: T  # whether a row lies in the image
    low: Index  # the row of the image above it
    high: Index
    share: T  # how far it is from there to the next
    steps: T  # how much it moves with the second edge of the box; with the first: the rest


def _line(first: float, last: float, size: int, count: int) -> _Line:
    rows = np.arange(count, dtype=np.float32)
    steps = rows / np.float32(count - 1) if count > 1 else np.full(1, 0.5, np.float32)
    scale = (last - first) * np.float32(size - 1) / np.float32(max(count - 1, 1))
    start = first * np.float32(size - 1)
    if count > 1:
        at = start + rows * scale
    else:
        at = np.full(1, 0.5 * (first + last) * (size - 1), np.float32)
    inside = (at >= 0) & (at <= size - 1)
    safe = np.where(inside, at, 0)
    low = np.floor(safe)
    high, share = np.ceil(safe).astype(np.int64), (safe - low).astype(np.float32)
    return _Line(inside, low.astype(np.int64), high, share, steps)


def _boxes(
    image: Sequence[int], boxes: T, box_ind: Index, sizes: Sequence[int]
) -> Iterator[tuple[int, int, _Line, _Line]]:
    """For each box: its number, that of its image, and its rows and columns there."""
    outside = box_ind[(box_ind < 0) | (box_ind >= image[0])]
    if outside.size:
        wrong = f"box_index has values outside [0, {image[0]}): {outside[0]}"
        raise OutOfRangeError(None, None, wrong)
    for number, (box, of) in enumerate(zip(boxes, box_ind.tolist(), strict=True)):
        top, left, bottom, right = box
        yield (
            number,
            of,
            _line(top, bottom, image[1], sizes[0]),
            _line(left, right, image[2], sizes[1]),
        )


def _nearest(line: _Line) -> Index:
    return np.where(line.share < 0.5, line.low, line.high)


def _crops(image: Tensor, boxes: Tensor, box_ind: Tensor, size: Tensor, **_: Any) -> TensorShape:
    count, width = boxes.shape.with_rank(2).as_list()
    if width not in (None, 4):
        raise ValueError(f"Dimension must be 4 but is {width}")
    wanted = constant_value(size)
    inner = [None, None] if wanted is None else wanted.tolist()
    box_ind.shape.with_rank(1)
    return TensorShape([count, *inner, image.shape.with_rank(4)[3]])


@op("CropAndResize", kind="array", types=REALS, shape=_crops, dtype=float32)
def crop_and_resize_op(
    image: T,
    boxes: U,
    box_ind: Index,
    crop_size: Index,
    *,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> U:
    """Parts of images in one size. boxes: [n, 4], corners y1, x1, y2, x2 from 0 to 1.

    box_ind: for each box the number of its image.
    """
    height, width = crop_size.tolist()
    shape = (len(boxes), height, width, image.shape[3])
    crops = np.full(shape, extrapolation_value, np.float32)
    for number, of, rows, columns in _boxes(image.shape, boxes, box_ind, (height, width)):
        one = image[of].astype(np.float32)
        if method == "nearest":
            pixels = one[np.ix_(_nearest(rows), _nearest(columns))]
        else:
            across, down = columns.share[None, :, None], rows.share[:, None, None]
            upper, lower = (
                one[np.ix_(r, columns.low)] * (1 - across) + one[np.ix_(r, columns.high)] * across
                for r in (rows.low, rows.high)
            )
            pixels = upper * (1 - down) + lower * down
        inside = rows.inside[:, None] & columns.inside
        crops[number][inside] = pixels[inside]
    return crops


@op(
    "CropAndResizeGradImage",
    kind="array",
    types=(float32,),
    dtype="T",
    shape=lambda grads, boxes, box_ind, sizes, **_: constant_shape(sizes).with_rank(4),
)
def crop_and_resize_grad_image(
    grads: U,
    boxes: U,
    box_ind: Index,
    image_size: Index,
    *,
    T: DType,
    method: str = "bilinear",
) -> Any:
    """The slope of CropAndResize along its images."""
    sizes: list[int] = image_size.tolist()
    flow = np.zeros(sizes, np.float64)
    for number, of, rows, columns in _boxes(sizes, boxes, box_ind, grads.shape[1:3]):
        inside = (rows.inside[:, None] & columns.inside)[..., None]
        grad = np.where(inside, grads[number], 0)
        if method == "nearest":
            np.add.at(flow[of], np.ix_(_nearest(rows), _nearest(columns)), grad)
            continue
        across, down = columns.share[None, :, None], rows.share[:, None, None]
        for r, part in ((rows.low, 1 - down), (rows.high, down)):
            for c, share in ((columns.low, 1 - across), (columns.high, across)):
                np.add.at(flow[of], np.ix_(r, c), grad * part * share)
    return flow.astype(T.numpy)


@op("CropAndResizeGradBoxes", kind="array", shape=lambda g, image, boxes, *_, **__: boxes.shape)
def crop_and_resize_grad_boxes(
    grads: T, image: U, boxes: T, box_ind: Index, *, method: str = "bilinear"
) -> T:
    """The slope of CropAndResize along its boxes."""
    slopes = np.zeros(boxes.shape, grads.dtype)
    high, wide = image.shape[1] - 1, image.shape[2] - 1
    for number, of, rows, columns in _boxes(image.shape, boxes, box_ind, grads.shape[1:3]):
        one = image[of].astype(np.float32)
        corner = {
            (i, j): one[np.ix_(r, c)]
            for i, r in enumerate((rows.low, rows.high))
            for j, c in enumerate((columns.low, columns.high))
        }
        across, down = columns.share[None, :, None], rows.share[:, None, None]
        inside = (rows.inside[:, None] & columns.inside)[..., None]
        grad = np.where(inside, grads[number], 0)
        left, right = (corner[1, j] - corner[0, j] for j in (0, 1))
        upper, lower = (corner[i, 1] - corner[i, 0] for i in (0, 1))
        along_y = np.sum(grad * (left * (1 - across) + right * across), axis=(1, 2)) * high
        along_x = np.sum(grad * (upper * (1 - down) + lower * down), axis=(0, 2)) * wide
        slopes[number] = [
            np.sum(along_y * (1 - rows.steps)),
            np.sum(along_x * (1 - columns.steps)),
            np.sum(along_y * rows.steps),
            np.sum(along_x * columns.steps),
        ]
    return slopes


@crop_and_resize_op.gradient
def _(
    dy: Tensor, y: Tensor, image: Tensor, boxes: Tensor, box_ind: Tensor, size: Tensor, **attrs: Any
) -> Any:
    method, kind = attrs["method"], image.dtype.base_dtype
    along_image = None
    if kind.is_floating:
        sizes = shape_of(image)
        along_image = crop_and_resize_grad_image(dy, boxes, box_ind, sizes, T=kind, method=method)
    along_boxes = crop_and_resize_grad_boxes(dy, cast(image, float32), boxes, box_ind)
    return along_image, along_boxes, None, None


@crop_and_resize_grad_image.gradient
@crop_and_resize_grad_boxes.gradient
def _(ddx: Tensor, dx: Tensor, *_: Tensor, **__: Any) -> Any:
    raise LookupError(f"No gradient defined for operation '{dx.op.name}' (op type: {dx.op.type})")


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_ind: Any = None,
    crop_size: Any = None,
    method: str = "bilinear",
    extrapolation_value: float = 0,
    name: str | None = None,
    box_indices: Any = None,
) -> Tensor:
    """Parts of images [batch, height, width, channels] in one size, float32.

    boxes: [n, 4], corners y1, x1, y2, x2 from 0 to 1. box_ind: [n], the image of each. crop_size:
    [height, width]. method: "bilinear" or "nearest". extrapolation_value: what lies outside.
    Source: tf.image.crop_and_resize.
    """
    result: Tensor = crop_and_resize_op(
        image,
        boxes,
        one_of(box_indices=box_indices, box_ind=box_ind),
        crop_size,
        method=method,
        extrapolation_value=float(extrapolation_value),
        name=name,
    )
    return result
