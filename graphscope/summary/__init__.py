"""Summaries for TensorBoard, under TensorFlow's names (tf.summary)."""

from graphscope.ops.summary import histogram, image, merge, merge_all, scalar
from graphscope.summary.events import Event
from graphscope.summary.messages import HistogramProto, Summary
from graphscope.summary.writer import FileWriter, FileWriterCache

__all__ = [
    "Event",
    "FileWriter",
    "FileWriterCache",
    "HistogramProto",
    "Summary",
    "histogram",
    "image",
    "merge",
    "merge_all",
    "scalar",
]
