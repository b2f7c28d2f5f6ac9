"""Data in, under TensorFlow's names: tf.data, queues, files, records."""

from __future__ import annotations

from typing import Any

from graphscope.ops.files import matching_files, read_file, write_file
from graphscope.pipelines import experimental, files, inputs, parsing, queues, readers, runners
from graphscope.pipelines.dataset import Dataset
from graphscope.pipelines.iterator import (
    Iterator,
    make_initializable_iterator,
    make_one_shot_iterator,
)
from graphscope.pipelines.options import Options
from graphscope.platform import examples, record_files

_EXPERIMENTAL = {
    name: getattr(experimental, name)
    for name in (
        *("AUTOTUNE", "Counter", "INFINITE_CARDINALITY", "RandomDataset", "UNKNOWN_CARDINALITY"),
        *("bucket_by_sequence_length", "choose_from_datasets", "copy_to_device"),
        *("enumerate_dataset", "get_single_element", "group_by_window", "map_and_batch"),
        *(
            "parallel_interleave",
            "parse_example_dataset",
            "prefetch_to_device",
            "sample_from_datasets",
            "scan",
        ),
        *("shuffle_and_repeat", "take_while", "unbatch", "unique"),
    )
} | {"CsvDataset": files.CsvDataset}
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

_PARSING = {
    name: getattr(parsing, name)
    for name in (
        *("FixedLenFeature", "FixedLenSequenceFeature", "VarLenFeature", "decode_csv"),
        *("parse_example", "parse_single_example", "parse_single_sequence_example"),
    )
}
_FILES = {
    name: getattr(files, name)
    for name in ("FixedLengthRecordDataset", "TFRecordDataset", "TextLineDataset")
}
_RECORDS = {
    name: getattr(record_files, name)
    for name in (
        *("TFRecordCompressionType", "TFRecordOptions", "TFRecordWriter", "tf_record_iterator"),
    )
}
_FEATURES = {
    name: getattr(examples, name)
    for name in (
        *("BytesList", "Feature", "FeatureList", "FeatureLists", "Features", "FloatList"),
        "Int64List",
    )
}
_EXAMPLES = {"Example": examples.Example, "SequenceExample": examples.SequenceExample}

#: To be added to the modules of these names.
PIPELINES: dict[str, dict[str, Any]] = {
    "tensorflow": {
        **_QUEUES,
        **_READERS,
        **_PARSING,
        "matching_files": matching_files,
        "read_file": read_file,
        "write_file": write_file,
    },
    "tensorflow.io": {
        **_QUEUES,
        **_RECORDS,
        **_PARSING,
        "match_filenames_once": inputs.match_filenames_once,
        "matching_files": matching_files,
        "read_file": read_file,
        "write_file": write_file,
    },
    "tensorflow.queue": _QUEUES,
    "tensorflow.train": {**_INPUTS, **_RUNNERS, **_FEATURES, **_EXAMPLES},
    "tensorflow.core.example.example_pb2": _EXAMPLES,
    "tensorflow.core.example.feature_pb2": _FEATURES,
    "tensorflow.python_io": _RECORDS,
    "tensorflow.train.queue_runner": _RUNNERS,
    "tensorflow.python.training.queue_runner": _RUNNERS,
    "tensorflow.python.training.queue_runner_impl": _RUNNERS,
    "tensorflow.python.training.input": _INPUTS,
    "tensorflow.data": {
        **_FILES,
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
    "tensorflow.python.data.ops.dataset_ops": {
        "Dataset": Dataset,
        "DatasetV1": Dataset,
        "get_legacy_output_classes": lambda of: of.output_classes,
        "get_legacy_output_shapes": lambda of: of.output_shapes,
        "get_legacy_output_types": lambda of: of.output_types,
        "make_initializable_iterator": make_initializable_iterator,
        "make_one_shot_iterator": make_one_shot_iterator,
    },
    "tensorflow.python.data.ops.iterator_ops": {"Iterator": Iterator},
}
