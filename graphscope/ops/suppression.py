"""Of boxes that overlap the best alone: non-maximum suppression, hard and soft.

A box is two corners: [y1, x1, y2, x2].
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import float16, float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import SCALAR, TensorShape

Overlap = Callable[[int, int], float]


def _shared(boxes: T) -> Overlap:
    """Of two boxes the area that they share, of the area that they cover."""
    corners = np.sort(boxes.reshape(-1, 2, 2), axis=1)
    low, high = corners[:, 0], corners[:, 1]
    areas = np.prod(high - low, axis=1)

    def overlap(i: int, j: int) -> float:
        if areas[i] <= 0 or areas[j] <= 0:
            return 0.0
        sides = np.minimum(high[i], high[j]) - np.maximum(low[i], low[j])
        both = float(np.prod(np.maximum(sides, 0)))
        return both / float(areas[i] + areas[j] - both)

    return overlap


def _apart(scores: T, count: int, overlap: Overlap, most: float, least_score: float) -> list[int]:
    """The boxes from the best on that overlap no better one by more than `most`."""
    chosen: list[int] = []
    for box in np.argsort(-scores, kind="stable").tolist():
        if len(chosen) == count or not scores[box] > least_score:
            break
        if all(overlap(box, other) <= most for other in chosen):
            chosen.append(box)
    return chosen


def _best(
    scores: T, count: int, overlap: Overlap, most: float, least_score: float, sigma: float = 0.0
) -> tuple[list[int], list[float]]:
    """The boxes from the best on, and their scores.

    A box that overlaps a chosen one by `most` is left out. With a sigma, the scores of those that
    overlap less fall by exp(-overlap² / (2 sigma)), and they wait for their turn. A chosen one
    waits too: where it does not overlap itself, as one without an area, it is chosen again.
    """
    waiting = [(-s, i, 0) for i, s in enumerate(scores.astype(float).tolist()) if s > least_score]
    heapq.heapify(waiting)
    chosen: list[int] = []
    kept: list[float] = []
    while waiting and len(chosen) < count:
        negative, box, seen = heapq.heappop(waiting)
        score = -negative
        overlaps = [overlap(box, other) for other in chosen[seen:]]
        if any(shared >= most for shared in overlaps):
            continue
        lower, seen = score, len(chosen)
        if sigma > 0:
            lower *= float(np.exp(-0.5 / sigma * np.sum(np.square(overlaps))))
        if lower == score:
            chosen.append(box)
            kept.append(score)
        if lower > least_score:
            heapq.heappush(waiting, (-lower, box, seen))
    return chosen, kept


def _fraction(threshold: Any) -> float:
    if not 0 <= float(threshold) <= 1:
        raise ValueError("iou_threshold must be in [0, 1]")
    return float(threshold)


def _scored(boxes: Tensor, scores: Tensor, *numbers: Tensor, **_: Any) -> TensorShape:
    """The check of shapes: [n, 4] boxes, n scores, and single numbers."""
    rows, width = boxes.shape.with_rank(2).as_list()
    count = scores.shape.with_rank(1).as_list()[0]
    for number in numbers:
        number.shape.with_rank(0)
    if None not in (rows, count) and rows != count:
        raise ValueError(f"Dimensions must be equal, but are {rows} and {count}")
    if width not in (None, 4):
        raise ValueError(f"Dimension must be 4 but is {width}")
    return TensorShape([None])


def _padded_shape(limit: Tensor, pad: bool) -> TensorShape:
    most = constant_value(limit) if pad else None
    return TensorShape([None if most is None else int(most)])


@op(
    "NonMaxSuppressionV3",
    kind="array",
    types=(float16, float32),
    shape=_scored,
    dtype=int32,
    differentiable=False,
)
def non_max_suppression_v3(
    boxes: T, scores: T, max_output_size: Any_, iou_threshold: Any_, score_threshold: Any_
) -> Index:
    """The numbers of the best boxes that overlap no better one too much, the best first."""
    most = _fraction(iou_threshold)
    best, _ = _best(scores, int(max_output_size), _shared(boxes), most, float(score_threshold))
    return np.array(best, np.int32)


@op(
    "NonMaxSuppressionV4",
    kind="array",
    types=(float16, float32),
    outputs=("selected_indices", "valid_outputs"),
    shape=lambda boxes, scores, limit, *more, pad_to_max_output_size: (
        _scored(boxes, scores, limit, *more) and _padded_shape(limit, pad_to_max_output_size),
        SCALAR,
    ),
    dtype=(int32, int32),
    differentiable=False,
)
def non_max_suppression_v4(
    boxes: T,
    scores: T,
    max_output_size: Any_,
    iou_threshold: Any_,
    score_threshold: Any_,
    *,
    pad_to_max_output_size: bool = False,
) -> tuple[Index, Index]:
    """The numbers of the best boxes, followed by zeros, and how many they are."""
    most = _fraction(iou_threshold)
    best, _ = _best(scores, int(max_output_size), _shared(boxes), most, float(score_threshold))
    missing = int(max_output_size) - len(best) if pad_to_max_output_size else 0
    return np.array(best + [0] * missing, np.int32), np.array(len(best), np.int32)


@op(
    "NonMaxSuppressionV5",
    kind="array",
    types=(float16, float32),
    outputs=("selected_indices", "selected_scores", "valid_outputs"),
    shape=lambda boxes, scores, limit, *more, pad_to_max_output_size: (
        _scored(boxes, scores, limit, *more) and _padded_shape(limit, pad_to_max_output_size),
        _padded_shape(limit, pad_to_max_output_size),
        SCALAR,
    ),
    dtype=lambda boxes, *_, **__: (int32, boxes.dtype.base_dtype, int32),
    differentiable=False,
)
def non_max_suppression_v5(
    boxes: T,
    scores: T,
    max_output_size: Any_,
    iou_threshold: Any_,
    score_threshold: Any_,
    soft_nms_sigma: Any_,
    *,
    pad_to_max_output_size: bool = False,
) -> tuple[Index, T, Index]:
    """The numbers of the best boxes, their scores at the time of choosing, and how many."""
    limit, most = int(max_output_size), _fraction(iou_threshold)
    sigma = float(soft_nms_sigma)
    best, kept = _best(scores, limit, _shared(boxes), most, float(score_threshold), sigma)
    missing = limit - len(best) if pad_to_max_output_size else 0
    return (
        np.array(best + [0] * missing, np.int32),
        np.array(kept + [0.0] * missing, scores.dtype),
        np.array(len(best), np.int32),
    )


@op(
    "NonMaxSuppressionWithOverlaps",
    kind="array",
    types=(float32,),
    shape=lambda *_: TensorShape([None]),
    dtype=int32,
    differentiable=False,
)
def non_max_suppression_with_overlaps(
    overlaps: T, scores: T, max_output_size: Any_, overlap_threshold: Any_, score_threshold: Any_
) -> Index:
    """The numbers of the best, of things of which [n, n] says how much they overlap."""
    limit, least = int(max_output_size), float(score_threshold)
    best, _ = _best(
        scores, limit, lambda i, j: float(overlaps[i, j]), float(overlap_threshold), least
    )
    return np.array(best, np.int32)


# ---- their public forms --------------------------------------------------------------------------


def _thresholds(**given: float) -> list[Tensor]:
    return [convert_to_tensor(value, float32, name=name) for name, value in given.items()]


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The numbers of the best boxes [n, 4] that overlap no better one too much.

    iou_threshold: how much two boxes may share of what they cover. score_threshold: boxes with a
    lower score are left out. Source: tf.image.non_max_suppression.
    """
    with name_scope(name, "non_max_suppression"):
        most, least = _thresholds(iou_threshold=iou_threshold, score_threshold=score_threshold)
        best: Tensor = non_max_suppression_v3(boxes, scores, max_output_size, most, least)
        return best


class Suppressed(NamedTuple):
    """Numbers of boxes, [n], of which the first `valid_outputs` count."""

    selected_indices: Tensor
    valid_outputs: Tensor


def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
) -> Suppressed:
    """`non_max_suppression`, with zeros behind up to the wanted number, and how many count.

    Source: tf.image.non_max_suppression_padded.
    """
    with name_scope(name, "non_max_suppression_padded"):
        most, least = _thresholds(iou_threshold=iou_threshold, score_threshold=score_threshold)
        found = non_max_suppression_v4(
            boxes,
            scores,
            max_output_size,
            most,
            least,
            pad_to_max_output_size=pad_to_max_output_size,
        )
        return Suppressed(*found)


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The best boxes and their scores, which fall where boxes overlap (with a sigma).

    Source: tf.image.non_max_suppression_with_scores; Bodla, Singh, Chellappa & Davis 2017.
    """
    with name_scope(name, "non_max_suppression_with_scores"):
        most, least, sigma = _thresholds(
            iou_threshold=iou_threshold,
            score_threshold=score_threshold,
            soft_nms_sigma=soft_nms_sigma,
        )
        best, kept, _ = non_max_suppression_v5(boxes, scores, max_output_size, most, least, sigma)
        return best, kept


def non_max_suppression_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """`non_max_suppression` of things of which [n, n] says how much they overlap.

    Source: tf.image.non_max_suppression_overlaps.
    """
    with name_scope(name, "non_max_suppression_overlaps"):
        (most,) = _thresholds(overlap_threshold=overlap_threshold)
        best: Tensor = non_max_suppression_with_overlaps(
            overlaps, scores, max_output_size, most, convert_to_tensor(score_threshold, float32)
        )
        return best


# ---- for several classes -------------------------------------------------------------------------


def _detected(
    boxes: Tensor, scores: Tensor, per_class: Tensor, total: Tensor, *_: Tensor, **attrs: Any
) -> tuple[TensorShape, ...]:
    batch = boxes.shape.with_rank(4)[0]
    classes = scores.shape.with_rank(3)[2].value
    each, most = constant_value(per_class), constant_value(total)
    count = None if most is None else int(most)
    if attrs["pad_per_class"] and count is not None:
        known = None if each is None or classes is None else int(each) * classes
        count = None if known is None else min(count, known)
    return (
        TensorShape([batch, count, 4]),
        TensorShape([batch, count]),
        TensorShape([batch, count]),
        TensorShape([batch]),
    )


@op(
    "CombinedNonMaxSuppression",
    kind="array",
    types=(float32,),
    outputs=("nmsed_boxes", "nmsed_scores", "nmsed_classes", "valid_detections"),
    shape=_detected,
    dtype=(float32, float32, float32, int32),
    differentiable=False,
)
def combined_non_max_suppression_op(
    boxes: T,
    scores: T,
    max_output_size_per_class: Any_,
    max_total_size: Any_,
    iou_threshold: Any_,
    score_threshold: Any_,
    *,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
) -> tuple[T, T, T, Index]:
    """For each image the best boxes of all classes, the best first, followed by zeros.

    boxes: [batch, n, classes or 1, 4]. scores: [batch, n, classes].
    """
    each, total = int(max_output_size_per_class), int(max_total_size)
    batch, _, classes = scores.shape
    count = min(total, each * classes) if pad_per_class else total
    places = np.zeros((batch, count, 4), np.float32)
    kept, kinds = np.zeros((batch, count), np.float32), np.zeros((batch, count), np.float32)
    valid = np.zeros(batch, np.int32)
    most, least = _fraction(iou_threshold), float(score_threshold)
    for image in range(batch):
        found = []
        for kind in range(classes):
            own = boxes[image, :, min(kind, boxes.shape[2] - 1)]
            values = scores[image, :, kind]
            best = _apart(values, each, _shared(own), most, least)
            found += [(-values[box], kind, own[box]) for box in best]
        found = sorted(found, key=lambda item: item[0])[:count]
        for place, (negative, kind, box) in enumerate(found):
            places[image, place] = np.clip(box, 0, 1) if clip_boxes else box
            kept[image, place], kinds[image, place] = -negative, kind
        valid[image] = len(found)
    return places, kept, kinds, valid


class Detections(NamedTuple):
    """Of each image the best boxes [batch, n, 4], their scores and classes, and how many."""

    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> Detections:
    """The best boxes of all classes: boxes, scores, classes, and how many there are.

    boxes: [batch, n, classes or 1, 4]. scores: [batch, n, classes].
    Source: tf.image.combined_non_max_suppression.
    """
    with name_scope(name, "combined_non_max_suppression"):
        most, least = _thresholds(iou_threshold=iou_threshold, score_threshold=score_threshold)
        found = combined_non_max_suppression_op(
            boxes,
            scores,
            max_output_size_per_class,
            max_total_size,
            most,
            least,
            pad_per_class=pad_per_class,
            clip_boxes=clip_boxes,
        )
        return Detections(*found)
