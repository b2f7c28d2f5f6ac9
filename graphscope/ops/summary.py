"""Summaries: numbers and distributions packed into records for TensorBoard.

Each operation makes a serialized ``Summary`` message; `graphscope.summary.FileWriter` writes it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import String, T, op
from graphscope.graph.dtypes import REALS, float16, float32, float64, string, uint8
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.kernels import protobuf
from graphscope.kernels.histogram import histogram as histogram_proto
from graphscope.ops.png import png
from graphscope.ops.variables import GraphKeys

_NOT_IN_NAMES = re.compile(r"[^-/\w.]", re.ASCII)


def _value(tag: bytes, content: bytes) -> bytes:
    """A Summary with one value."""
    return protobuf.data(1, protobuf.data(1, tag) + content)


def tags_of(summary: bytes) -> list[bytes]:
    """The tags of a serialized Summary. Errors: ValueError when it is none."""
    values = [content for field, content in protobuf.fields(summary) if field == 1]
    return [
        tag
        for value in values
        if isinstance(value, bytes)
        for field, tag in protobuf.fields(value)
        if field == 1 and isinstance(tag, bytes)
    ]


@op(
    "ScalarSummary",
    kind="summary",
    shape=shapes.scalar,
    dtype=string,
    types=REALS,
    differentiable=False,
)
def _scalar_summary(tags: String, values: T) -> String:
    """A record of numbers under their tags."""
    if tags.shape != values.shape:
        raise ValueError(
            f"tags and values not the same shape: {list(tags.shape)} != {list(values.shape)}"
        )
    pairs = zip(tags.ravel(), values.ravel(), strict=True)
    record = b"".join(_value(tag, protobuf.float32(2, float(value))) for tag, value in pairs)
    return np.array(record, dtype=object)


@op(
    "HistogramSummary",
    kind="summary",
    shape=shapes.scalar,
    dtype=string,
    types=REALS,
    differentiable=False,
)
def _histogram_summary(tag: String, values: T) -> String:
    """A record of how the elements are distributed."""
    try:
        content = protobuf.data(5, histogram_proto(values))
    except ValueError as error:
        raise ValueError(f"{error} for: {tag.item().decode()}") from None
    return np.array(_value(tag.item(), content), dtype=object)


def _seen(image: T) -> T:
    """Numbers as colours: [0, largest] becomes 0 to 255; with negative ones, 0 becomes 128.

    Pixels with a NaN or an infinity become red.
    """
    if image.dtype == np.uint8:
        return image
    image = image.astype(np.float32)
    finite = np.isfinite(image).all(axis=-1)
    good = image[finite]
    low, high = (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)
    size = max(abs(low), abs(high))
    offset, span = (128, 127) if low < 0 else (0, 255)
    factor = np.float32(0 if size < 1e-6 else span / size)
    red = np.array([255, 0, 0, 255], np.uint8)[: image.shape[-1]]
    pixels: T = np.broadcast_to(red, image.shape).copy()
    pixels[finite] = (good * factor + np.float32(offset)).astype(np.uint8)
    return pixels


@op(
    "ImageSummary",
    kind="summary",
    shape=shapes.scalar,
    dtype=string,
    types=(uint8, float16, float32, float64),
    differentiable=False,
)
def _image_summary(tag: String, tensor: T, *, max_images: int = 3) -> String:
    """A record of pictures, as PNG files. tensor: [batch, height, width, 1, 3 or 4]."""
    if tensor.ndim != 4 or tensor.shape[-1] not in (1, 3, 4):
        raise ValueError(
            "Tensor must be 4-D with last dim 1, 3, or 4, not " + str(list(tensor.shape))
        )
    record = b""
    _, height, width, channels = tensor.shape
    for i, image in enumerate(tensor[:max_images]):
        name = tag.item() + (b"/image/%d" % i if max_images > 1 else b"/image")
        content = b"".join(protobuf.whole(f, n) for f, n in enumerate((height, width, channels), 1))
        content += protobuf.data(4, png(_seen(image)))
        record += _value(name, protobuf.data(4, content))
    return np.array(record, dtype=object)


@op("MergeSummary", kind="summary", shape=shapes.scalar, dtype=string, differentiable=False)
def _merge_summary(inputs: list[String]) -> String:
    """Several records in one. No tag may stand in two of them."""
    tags = [tag for summary in inputs for part in summary.ravel() for tag in tags_of(part)]
    twice = {tag.decode() for tag in tags if tags.count(tag) > 1}
    if twice:
        raise ValueError(f"Duplicate tag {sorted(twice)[0]} found in summary inputs")
    joined = b"".join(part for summary in inputs for part in summary.ravel())
    return np.array(joined, dtype=object)


def _collected(summary: Tensor, collections: Any) -> Tensor:
    keys = [GraphKeys.SUMMARIES] if collections is None else collections
    summary.graph.add_to_collections(keys, summary)
    return summary


def _tag(scope: str, family: str | None) -> str:
    return f"{family}/{scope[:-1]}" if family else scope[:-1]


def _scope_name(name: str, family: str | None) -> str:
    """The name of the node; characters that a name cannot have become ``_``."""
    name = _NOT_IN_NAMES.sub("_", name)
    return f"{family}/{name}" if family else name


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A record of one number, under the name. Source: tf.summary.scalar."""
    with name_scope(_scope_name(name, family), values=[tensor]) as scope:
        record: Tensor = _scalar_summary(_tag(scope, family), tensor, name=scope)
        return _collected(record, collections)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A record of how the elements of a tensor are distributed. Source: tf.summary.histogram.

    Errors: InvalidArgumentError in a run with a NaN or an infinity among them.
    """
    with name_scope(_scope_name(name, family), values=[values]) as scope:
        record: Tensor = _histogram_summary(_tag(scope, family), values, name=scope)
        return _collected(record, collections)


def image(
    name: str,
    tensor: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Tensor:
    """A record of pictures: the first `max_outputs` of [batch, height, width, channels].

    channels: 1 is grey, 3 is RGB, 4 is RGBA. Numbers of type uint8 are colours; others are scaled,
    each picture by itself, so that its largest number is white. Source: tf.summary.image.
    """
    with name_scope(_scope_name(name, family), values=[tensor]) as scope:
        record: Tensor = _image_summary(
            _tag(scope, family), tensor, max_images=max_outputs, name=scope
        )
        return _collected(record, collections)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Several records in one. Source: tf.summary.merge.

    Errors: InvalidArgumentError in a run where two have the same tag.
    """
    inputs = list(inputs)
    with name_scope(name, "Merge", inputs):
        record: Tensor = _merge_summary(inputs)
    return _collected(record, [] if collections is None else collections)


def merge_all(
    key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None
) -> Tensor | None:
    """All records of the graph in one; None when there are none. Source: tf.summary.merge_all."""
    records = get_default_graph().get_collection(key, scope)
    return merge(records, name=name) if records else None


# ---- the functions of TensorFlow 0.x: the first argument is a tag, and no name ------------------


def scalar_summary(
    tags: Any, values: Any, collections: Any = None, name: str | None = None
) -> Tensor:
    """A record of numbers under their tags. Source: tf.scalar_summary of 0.12."""
    with name_scope(name, "ScalarSummary", [tags, values]) as scope:
        return _collected(_scalar_summary(tags, values, name=scope), collections)


def histogram_summary(
    tag: Any, values: Any, collections: Any = None, name: str | None = None
) -> Tensor:
    """A record of how elements are distributed. Source: tf.histogram_summary of 0.12."""
    with name_scope(name, "HistogramSummary", [tag, values]) as scope:
        return _collected(_histogram_summary(tag, values, name=scope), collections)


def image_summary(
    tag: Any,
    tensor: Any,
    max_images: int = 3,
    collections: Any = None,
    name: str | None = None,
) -> Tensor:
    """A record of pictures. Source: tf.image_summary of 0.12."""
    with name_scope(name, "ImageSummary", [tag, tensor]) as scope:
        record: Tensor = _image_summary(tag, tensor, max_images=max_images, name=scope)
        return _collected(record, collections)


def merge_summary(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Several records in one. Source: tf.merge_summary of 0.12."""
    inputs = list(inputs)
    with name_scope(name, "MergeSummary", inputs):
        record: Tensor = _merge_summary(inputs)
    return _collected(record, [] if collections is None else collections)


def merge_all_summaries(key: str = GraphKeys.SUMMARIES) -> Tensor | None:
    """All records of the graph in one; None when there are none (tf.merge_all_summaries)."""
    records = get_default_graph().get_collection(key)
    return merge_summary(records) if records else None
