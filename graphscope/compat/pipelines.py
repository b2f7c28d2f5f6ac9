"""Data in, under TensorFlow's names: tf.data, queues, files, records."""

from __future__ import annotations

from typing import Any

from graphscope.ops import files
from graphscope.pipelines import experimental, inputs, queues, readers, runners
from graphscope.pipelines.dataset import Dataset
from graphscope.pipelines.iterator import (
    Iterator,
    make_initializable_iterator,
    make_one_shot_iterator,
)
from graphscope.pipelines.options import Options

_EXPERIMENTAL = {
    name: getattr(experimental, name)
    for name in (
        *("AUTOTUNE", "Counter", "INFINITE_CARDINALITY", "RandomDataset", "UNKNOWN_CARDINALITY"),
        *("bucket_by_sequence_length", "choose_from_datasets", "copy_to_device"),
        *("enumerate_dataset", "get_single_element", "group_by_window", "map_and_batch"),
        *("parallel_interleave", "prefetch_to_device", "sample_from_datasets", "scan"),
        *("shuffle_and_repeat", "take_while", "unbatch", "unique"),
    )
}
_CONTRIB = {
    name: value
    for name, value in _EXPERIMENTAL.items()
    if name not in ("INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "take_while")
}

_QUEUES = {
    name: getattr(queues, name)
    for name in ("FIFOQueue", "PaddingFIFOQueue", "QueueBase", "RandomShuffleQueue")
}

_READERS = {
    name: getattr(readers, name)
    for name in (
        *("FixedLengthRecordReader", "IdentityReader", "ReaderBase", "TFRecordReader"),
        *("TextLineReader", "WholeFileReader"),
    )
}
_INPUTS = {
    name: getattr(inputs, name)
    for name in (
        *("batch", "batch_join", "input_producer", "limit_epochs", "match_filenames_once"),
        *("maybe_batch", "maybe_shuffle_batch", "range_input_producer", "shuffle_batch"),
        *("shuffle_batch_join", "slice_input_producer", "string_input_producer"),
    )
}
_RUNNERS = {
    name: getattr(runners, name)
    for name in ("QueueRunner", "add_queue_runner", "start_queue_runners")
}

#: To be added to the modules of these names.
PIPELINES: dict[str, dict[str, Any]] = {
    "tensorflow": {
        **_QUEUES,
        **_READERS,
        "matching_files": files.matching_files,
        "read_file": files.read_file,
        "write_file": files.write_file,
    },
    "tensorflow.io": {
        **_QUEUES,
        "match_filenames_once": inputs.match_filenames_once,
        "matching_files": files.matching_files,
        "read_file": files.read_file,
        "write_file": files.write_file,
    },
    "tensorflow.queue": _QUEUES,
    "tensorflow.train": {**_INPUTS, **_RUNNERS},
    "tensorflow.train.queue_runner": _RUNNERS,
    "tensorflow.python.training.queue_runner": _RUNNERS,
    "tensorflow.python.training.queue_runner_impl": _RUNNERS,
    "tensorflow.python.training.input": _INPUTS,
    "tensorflow.data": {
        "Dataset": Dataset,
        "Iterator": Iterator,
        "Options": Options,
        "get_output_classes": lambda of: of.output_classes,
        "get_output_shapes": lambda of: of.output_shapes,
        "get_output_types": lambda of: of.output_types,
        "make_initializable_iterator": make_initializable_iterator,
        "make_one_shot_iterator": make_one_shot_iterator,
    },
    "tensorflow.data.experimental": _EXPERIMENTAL,
    "tensorflow.contrib.data": {
        **_CONTRIB,
        "batch_and_drop_remainder": experimental.batch_and_drop_remainder,
        "padded_batch_and_drop_remainder": experimental.padded_batch_and_drop_remainder,
        "sloppy_interleave": experimental.parallel_interleave,
    },
    "tensorflow.python.data.ops.dataset_ops": {"Dataset": Dataset},
    "tensorflow.python.data.ops.iterator_ops": {"Iterator": Iterator},
}
