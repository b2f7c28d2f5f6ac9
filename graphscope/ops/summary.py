"""Summaries: numbers and distributions packed into records for TensorBoard.

Each operation makes a serialized ``Summary`` message; `graphscope.summary.FileWriter` writes it.
"""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.declare import String, T, op
from graphscope.graph.dtypes import REALS, as_dtype, float16, float32, float64, string, uint8
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.kernels import protobuf
from graphscope.kernels.histogram import histogram as histogram_proto
from graphscope.ops.constants import constant
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
    if tag.ndim:
        raise ValueError("tags must be scalar")
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
    count, height, width, channels = tensor.shape
    if count and not height * width:
        raise ValueError(f"input tensor must have non-zero dims. Found: {list(tensor.shape)}.")
    for i, image in enumerate(tensor[:max_images]):
        name = tag.item() + (b"/image/%d" % i if max_images > 1 else b"/image")
        content = b"".join(protobuf.whole(f, n) for f, n in enumerate((height, width, channels), 1))
        content += protobuf.data(4, png(_seen(image)))
        record += _value(name, protobuf.data(4, content))
    return np.array(record, dtype=object)


@op("MergeSummary", kind="summary", shape=shapes.scalar, dtype=string, differentiable=False)
def _merge_summary(inputs: list[String]) -> String:
    """Several records in one. No tag may stand in two of them."""
    try:
        tags = [tag for summary in inputs for part in summary.ravel() for tag in tags_of(part)]
    except ValueError:
        raise ValueError("Could not parse one of the summary inputs") from None
    twice = {tag.decode() for tag in tags if tags.count(tag) > 1}
    if twice:
        raise ValueError(f"Duplicate tag {sorted(twice)[0]} found in summary inputs")
    joined = b"".join(part for summary in inputs for part in summary.ravel())
    return np.array(joined, dtype=object)


def _tensor_proto(tensor: T) -> bytes:
    """A TensorProto: the type, the shape, and the elements, texts each for itself."""
    dtype = as_dtype(tensor.dtype).as_datatype_enum
    dims = (protobuf.whole(1, size) if size else b"" for size in tensor.shape)
    sizes = b"".join(protobuf.data(2, dim) for dim in dims)
    head = protobuf.whole(1, dtype) + protobuf.data(2, sizes)
    if tensor.dtype.kind == "O":
        return head + b"".join(protobuf.data(8, text) for text in tensor.ravel())
    return head + (protobuf.data(4, tensor.tobytes()) if tensor.size else b"")


@op("TensorSummaryV2", kind="summary", shape=shapes.scalar, dtype=string, differentiable=False)
def tensor_summary_v2(tag: String, tensor: T, serialized_summary_metadata: String) -> String:
    """A record of a tensor, with what its reader has to know of it."""
    content = protobuf.data(8, _tensor_proto(tensor))
    content += protobuf.data(9, serialized_summary_metadata.item())
    return np.array(_value(tag.item(), content), dtype=object)


def _wav(samples: T, rate: int) -> bytes:
    """A WAV file of numbers from -1 to 1, in 16 bits. samples: [frames, channels]."""
    scaled = samples.astype(np.float64) * 32768
    rounded = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)
    content = np.clip(rounded, -32768, 32767).astype("<i2").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    chunks = b"WAVE" + b"".join(
        name + struct.pack("<I", len(chunk)) + chunk
        for name, chunk in ((b"fmt ", form), (b"data", content))
    )
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


@op(
    "AudioSummaryV2",
    kind="summary",
    shape=shapes.scalar,
    dtype=string,
    types=(float32,),
    differentiable=False,
)
def _audio_summary(tag: String, tensor: T, sample_rate: T, *, max_outputs: int = 3) -> String:
    """A record of sounds, as WAV files. tensor: [batch, frames] or [batch, frames, channels]."""
    if tensor.ndim not in (2, 3):
        raise ValueError(f"Tensor must be 3-D or 2-D, got: {list(tensor.shape)}")
    rate = float(np.float32(sample_rate.item()))
    if not rate > 0:
        raise ValueError("sample_rate must be > 0")
    sounds = tensor if tensor.ndim == 3 else tensor[:, :, None]
    _, frames, channels = sounds.shape
    if not frames * channels:
        raise ValueError("audio is null")
    record = b""
    for i, sound in enumerate(sounds[:max_outputs]):
        name = tag.item() + (b"/audio/%d" % i if max_outputs > 1 else b"/audio")
        content = protobuf.float32(1, rate)
        content += protobuf.whole(2, channels) + protobuf.whole(3, frames)
        content += protobuf.data(4, _wav(sound, round(rate))) + protobuf.data(5, "audio/wav")
        record += _value(name, protobuf.data(6, content))
    return np.array(record, dtype=object)


def _numbers(value: Any, name: str) -> Any:
    """A tensor as it is; something else as float32."""
    return value if is_tensor_like(value) else constant(value, float32, name=name)


def _some(name: str, count: int) -> int:
    """How many of a batch are kept. Errors: ValueError for less than one."""
    if count < 1:
        raise ValueError(f"{name!r} must be at least 1: {count} is less than minimum 1.")
    return count


def collected(summary: Tensor, collections: Any) -> Tensor:
    keys = [GraphKeys.SUMMARIES] if collections is None else collections
    summary.graph.add_to_collections(keys, summary)
    return summary


def tag_of(scope: str, family: str | None) -> str:
    return f"{family}/{scope[:-1]}" if family else scope[:-1]


def scope_name(name: str, family: str | None) -> str:
    """The name of the node; characters that a name cannot have become ``_``."""
    name = _NOT_IN_NAMES.sub("_", name).lstrip("/")
    return f"{family}/{name}" if family else name


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A record of one number, under the name. Source: tf.summary.scalar."""
    with name_scope(scope_name(name, family), values=[tensor]) as scope:
        record: Tensor = _scalar_summary(tag_of(scope, family), tensor, name=scope)
        return collected(record, collections)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A record of how the elements of a tensor are distributed. Source: tf.summary.histogram.

    Errors: InvalidArgumentError in a run with a NaN or an infinity among them.
    """
    with name_scope(scope_name(name, family), values=[values]) as scope:
        values = _numbers(values, "values")
        record: Tensor = _histogram_summary(tag_of(scope, family), values, name=scope)
        return collected(record, collections)


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
    with name_scope(scope_name(name, family), values=[tensor]) as scope:
        most = _some("max_outputs", max_outputs)
        tensor = _numbers(tensor, "tensor")
        record: Tensor = _image_summary(tag_of(scope, family), tensor, max_images=most, name=scope)
        return collected(record, collections)


def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Tensor:
    """A record of sounds: the first `max_outputs` of [batch, frames] or [batch, frames, channels].

    Numbers from -1 to 1; `sample_rate` of them make a second. Source: tf.summary.audio.
    Errors: InvalidArgumentError in a run with another rank, or a sample rate that is not above 0.
    """
    with name_scope(scope_name(name, family), values=[tensor]) as scope:
        rate = convert_to_tensor(sample_rate, float32, name="sample_rate")
        most = _some("max_outputs", max_outputs)
        record: Tensor = _audio_summary(
            tag_of(scope, family), tensor, rate, max_outputs=most, name=scope
        )
        return collected(record, collections)


def _at_least_one(records: Any) -> list[Any]:
    if not (listed := list(records)):
        raise ValueError("no summaries to merge: the list is shorter than minimum length 1")
    return listed


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Several records in one. Source: tf.summary.merge.

    Errors: InvalidArgumentError in a run where two have the same tag, ValueError for no records.
    """
    inputs = _at_least_one(inputs)
    with name_scope(name, "Merge", inputs):
        record: Tensor = _merge_summary(inputs)
    return collected(record, [] if collections is None else collections)


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
        return collected(_scalar_summary(tags, values, name=scope), collections)


def histogram_summary(
    tag: Any, values: Any, collections: Any = None, name: str | None = None
) -> Tensor:
    """A record of how elements are distributed. Source: tf.histogram_summary of 0.12."""
    with name_scope(name, "HistogramSummary", [tag, values]) as scope:
        return collected(_histogram_summary(tag, values, name=scope), collections)


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
        return collected(record, collections)


def merge_summary(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Several records in one. Source: tf.merge_summary of 0.12."""
    inputs = _at_least_one(inputs)
    with name_scope(name, "MergeSummary", inputs):
        record: Tensor = _merge_summary(inputs)
    return collected(record, [] if collections is None else collections)


def merge_all_summaries(key: str = GraphKeys.SUMMARIES) -> Tensor | None:
    """All records of the graph in one; None when there are none (tf.merge_all_summaries)."""
    records = get_default_graph().get_collection(key)
    return merge_summary(records) if records else None
