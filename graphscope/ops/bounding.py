"""A random part of an image that still shows enough of an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.declare import Any_, Index, T, U, op
from graphscope.graph.dtypes import float32, int8, int16, int32, int64, uint8
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.random import Cell
from graphscope.ops.shuffling import opened, words_from

_32 = np.float32


class BoundingBox(NamedTuple):
    """Where the part begins, how large it is (both for tf.slice), and it as a box of fractions."""

    begin: Tensor
    size: Tensor
    bboxes: Tensor


class _Draws:
    """Numbers drawn one after the other, as TensorFlow's SimplePhilox gives them."""

    def __init__(self, cell: Cell, count: int) -> None:
        self._words = words_from(cell, 2 * count + 64).tolist()
        self._next = 0

    def word(self) -> int:
        self._next += 1
        return int(self._words[self._next - 1])

    def real(self) -> Any:
        """A float32 from 0 up to, and without, 1."""
        return _32(self.word() & 0x7FFFFF) * _32(2.0**-23)

    def below(self, n: int) -> int:
        """A whole number below n."""
        if n & (n - 1) == 0:
            return self.word() & (n - 1)
        skewed = 2**32 % n
        number = self.word()
        while number < skewed:
            number = self.word()
        return number % n


class _Box(NamedTuple):
    """Rows from top to bottom, columns from left to right, the ends not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        return max(self.bottom - self.top, 0) * max(self.right - self.left, 0)

    def common(self, other: _Box) -> _Box:
        return _Box(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )


def _round(number: Any) -> int:
    return int(np.rint(number))


def _attempt(draws: _Draws, whole: _Box, areas: tuple[Any, Any], ratio: Any) -> _Box | None:
    """One random part of the image within the limits of its area, or None."""
    rows, columns = whole.bottom, whole.right
    least, most = (_32(area) * _32(rows) * _32(columns) for area in areas)
    height, limit = _round(np.sqrt(least / ratio)), _round(np.sqrt(most / ratio))
    if _round(_32(limit) * ratio) > columns:
        limit = int((_32(columns) + _32(0.5 - 1e-7)) / ratio)
        if _round(_32(limit) * ratio) > columns:
            limit -= 1
    limit = min(limit, rows)
    height = min(height, limit)
    if height < limit:
        height += draws.below(limit - height + 1)
    width = _round(_32(height) * ratio)
    for step, wrong in ((1, height * width < least), (-1, height * width > most)):
        if wrong:
            height += step
            width = _round(_32(height) * ratio)
    area = height * width
    if not (least <= area <= most and 0 < width <= columns and 0 < height <= rows):
        return None
    top = draws.below(rows - height) if height < rows else 0
    left = draws.below(columns - width) if width < columns else 0
    return _Box(top, left, top + height, left + width)


@op(
    "SampleDistortedBoundingBoxV2",
    kind="random",
    types=(uint8, int8, int16, int32, int64),
    outputs=("begin", "size", "bboxes"),
    shape=lambda *_, **__: (TensorShape([3]), TensorShape([3]), TensorShape([1, 1, 4])),
    dtype=lambda image_size, *_, **__: (*[image_size.dtype.base_dtype] * 2, float32),
    private_state=True,
    differentiable=False,
)
def _sample_box(
    cell: Cell | None,
    image_size: T,
    bounding_boxes: U,
    min_object_covered: Any_,
    *,
    seed: int = 0,
    seed2: int = 0,
    aspect_ratio_range: Sequence[float] = (0.75, 1.33),
    area_range: Sequence[float] = (0.05, 1.0),
    max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False,
) -> tuple[tuple[Index, Index, U], Cell]:
    """A random part of an image, of which some box of an object is covered enough.

    The whole image when no attempt succeeds.
    """
    cell = opened(cell, seed, seed2)
    rows, columns = (int(n) for n in image_size[:2])
    whole = _Box(0, 0, rows, columns)
    scale = np.array([rows, columns, rows, columns], _32)
    objects = [_Box(*map(int, box)) for box in bounding_boxes.reshape(-1, 4) * scale]
    if not objects:
        if not use_image_if_no_bounding_boxes:
            raise ValueError("No bounding boxes provided as input.")
        objects = [whole]
    draws = _Draws(cell, 4 * max_attempts)
    low, high = (_32(ratio) for ratio in aspect_ratio_range)
    chosen = whole
    for _ in range(max_attempts):
        ratio = draws.real() * (high - low) + low
        box = _attempt(draws, whole, (area_range[0], area_range[1]), ratio)
        if box and any(
            own.area and box.common(own).area / own.area >= float(min_object_covered)
            for own in objects
        ):
            chosen = box
            break
    size = [chosen.bottom - chosen.top, chosen.right - chosen.left, -1]
    fractions = np.array([[chosen]], _32) / scale
    found = (
        np.array([chosen.top, chosen.left, 0], image_size.dtype),
        np.array(size, image_size.dtype),
        fractions.astype(_32),
    )
    return found, Cell(cell.key, cell.position + max_attempts)


def sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: int | None = None,
    seed2: int | None = None,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> BoundingBox:
    """A random part of an image: begin and size for tf.slice, and the box [1, 1, 4].

    image_size: [height, width, channels]. bounding_boxes: [batch, n, 4], fractions y0 x0 y1 x1.
    With seeds the numbers are TensorFlow's. Source: tf.image.sample_distorted_bounding_box.
    """
    with name_scope(name, "sample_distorted_bounding_box"):
        return BoundingBox(
            *_sample_box(
                image_size,
                bounding_boxes,
                min_object_covered,
                seed=seed or 0,
                seed2=seed2 or 0,
                aspect_ratio_range=tuple(aspect_ratio_range or (0.75, 1.33)),
                area_range=tuple(area_range or (0.05, 1.0)),
                max_attempts=max_attempts or 100,
                use_image_if_no_bounding_boxes=bool(use_image_if_no_bounding_boxes),
                name=name,
            )
        )
