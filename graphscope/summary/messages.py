"""The messages in event files: Summary, and what is in it.

Field numbers are those of tensorflow/core/framework/summary.proto.
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphscope.platform.messages import Message, repeated
from graphscope.platform.tensors import TensorProto
from graphscope.platform.wire import Doubles, Float32


class Image(Message):
    """A picture: a PNG file, and its size. Source: tf.Summary.Image."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "height": 0,
        "width": 0,
        "colorspace": 0,
        "encoded_image_string": b"",
    }


class Audio(Message):
    """A sound: a WAV file, and its size. Source: tf.Summary.Audio."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "sample_rate": Float32(),
        "num_channels": 0,
        "length_frames": 0,
        "encoded_audio_string": b"",
        "content_type": "",
    }


class HistogramProto(Message):
    """How numbers are distributed: bucket i holds those up to bucket_limit[i]."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "min": 0.0,
        "max": 0.0,
        "num": 0.0,
        "sum": 0.0,
        "sum_squares": 0.0,
        "bucket_limit": Doubles,
        "bucket": Doubles,
    }


class PluginData(Message):
    """For which plugin of TensorBoard a value is, and what the plugin wants to know."""

    FIELDS: ClassVar[dict[str, Any]] = {"plugin_name": "", "content": b""}


class SummaryMetadata(Message):
    """What is known of all values of a tag."""

    PluginData = PluginData
    FIELDS: ClassVar[dict[str, Any]] = {
        "plugin_data": PluginData,
        "display_name": "",
        "summary_description": "",
    }


class Value(Message):
    """One value of a Summary that is made by hand: ``Summary.Value(tag="a", simple_value=1.0)``.

    It is a number, a picture, a histogram, a sound or a tensor; those that it is not read as empty
    ones.
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "tag": "",
        "simple_value": Float32(),
        "image": Image,
        "histo": HistogramProto,
        "audio": Audio,
        "node_name": "",
        "tensor": TensorProto,
        "metadata": SummaryMetadata,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "image": 4,
        "histo": 5,
        "audio": 6,
        "node_name": 7,
        "tensor": 8,
        "metadata": 9,
    }
    ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {
        "value": ("simple_value", "image", "histo", "audio", "tensor")
    }


class Summary(Message):
    """A Summary message that is made by hand. Source: tf.Summary."""

    Value, Image, Audio = Value, Image, Audio
    value: Any
    FIELDS: ClassVar[dict[str, Any]] = {"value": repeated(Value)}


def with_new_metadata(summary: bytes, seen: set[str]) -> bytes:
    """A Summary whose values have metadata only where their tags are new; they are added to `seen`.

    An event file has the metadata of a tag once.
    """
    message = Summary.FromString(summary)
    for value in message.value:
        if value.HasField("metadata"):
            if value.tag in seen:
                value.ClearField("metadata")
            seen.add(value.tag)
    return message.SerializeToString()


def summary_bytes(summary: Any) -> bytes:
    """A Summary as bytes: what a summary operation returned, or a message made by hand."""
    if hasattr(summary, "SerializeToString"):
        serialized: bytes = summary.SerializeToString()
        return serialized
    if isinstance(summary, bytes):
        return summary
    raise TypeError(
        f"A summary is what sess.run gives for a summary operation, not a {type(summary).__name__}"
    )
