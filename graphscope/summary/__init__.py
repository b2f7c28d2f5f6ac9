"""Summaries for TensorBoard, under TensorFlow's names (tf.summary)."""

from graphscope.later import later as _later

with _later(__name__):
    from graphscope.ops.summary import audio, histogram, image, merge, merge_all, scalar
    from graphscope.summary.events import Event
    from graphscope.summary.messages import HistogramProto, Summary, SummaryMetadata
    from graphscope.summary.tensor_summaries import tensor_summary, text
    from graphscope.summary.writer import FileWriter, FileWriterCache

__all__ = [
    "Event",
    "FileWriter",
    "FileWriterCache",
    "HistogramProto",
    "Summary",
    "SummaryMetadata",
    "audio",
    "histogram",
    "image",
    "merge",
    "merge_all",
    "scalar",
    "tensor_summary",
    "text",
]
