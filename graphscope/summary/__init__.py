"""Summaries for TensorBoard, under TensorFlow's names (tf.summary)."""

from graphscope.ops.summary import histogram, merge, merge_all, scalar
from graphscope.summary.messages import Event, Summary
from graphscope.summary.writer import FileWriter, FileWriterCache

__all__ = [
    "Event",
    "FileWriter",
    "FileWriterCache",
    "Summary",
    "histogram",
    "merge",
    "merge_all",
    "scalar",
]
