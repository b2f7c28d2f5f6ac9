"""Which module of TensorFlow's tree is which library here: layers, losses, contrib, platform."""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope import layers, losses, metrics, nn, summary, train
from graphscope.compat.aliases import ALIASES
from graphscope.compat.files import FILES
from graphscope.compat.inner import TOP
from graphscope.compat.models import MODELS
from graphscope.compat.pipelines import PIPELINES
from graphscope.compat.recurrent import OLD_NAMES, RECURRENT
from graphscope.compat.scripts import SCRIPTS
from graphscope.compat.scripts import TOP as CALLS
from graphscope.compat.tables import MODULES as CORE
from graphscope.contrib import distributions, framework, preprocessing, training
from graphscope.contrib import layers as contrib_layers
from graphscope.contrib import losses as contrib_losses
from graphscope.contrib import metrics as contrib_metrics
from graphscope.graph import nest
from graphscope.ops import summary as summary_ops
from graphscope.ops import weights
from graphscope.platform import (
    app,
    flags,
    gfile,
    io_gfile,
    logging,
    messages,
    resource_loader,
    sysconfig,
    tensors,
    test,
    texts,
)
from graphscope.summary import events, projector
from graphscope.train import moving_averages


def _public(module: Any, *left_out: str) -> dict[str, Any]:
    own = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", module.__name__) == module.__name__
    ]
    return {name: getattr(module, name) for name in own if name not in left_out}


_FLAGS = {
    **{name: value for name, value in _public(flags).items() if name.startswith("DEFINE_")},
    "FLAGS": flags.FLAGS,
    "Error": flags.Error,
    "IllegalFlagValueError": flags.IllegalFlagValueError,
    "UnrecognizedFlagError": flags.UnrecognizedFlagError,
    "mark_flag_as_required": flags.mark_flag_as_required,
    "mark_flags_as_required": flags.mark_flags_as_required,
}
_LOGGING = {
    name: getattr(logging, name)
    for name in (
        "DEBUG",
        "ERROR",
        "FATAL",
        "INFO",
        "TaskLevelStatusMessage",
        "WARN",
        "debug",
        "error",
        "fatal",
        "flush",
        "get_verbosity",
        "info",
        "log",
        "log_every_n",
        "log_first_n",
        "log_if",
        "set_verbosity",
        "vlog",
        "warn",
        "warning",
    )
}
_GFILE = {
    name: getattr(gfile, name)
    for name in (
        "Copy",
        "DeleteRecursively",
        "Exists",
        "FastGFile",
        "GFile",
        "Glob",
        "IsDirectory",
        "ListDirectory",
        "MakeDirs",
        "MkDir",
        "Open",
        "Remove",
        "Rename",
        "Stat",
        "Walk",
    )
}
_FILE_IO = {
    "FileIO": gfile.GFile,
    "copy": gfile.Copy,
    "create_dir": gfile.MkDir,
    "delete_file": gfile.Remove,
    "delete_recursively": gfile.DeleteRecursively,
    "file_exists": gfile.Exists,
    "get_matching_files": gfile.Glob,
    "is_directory": gfile.IsDirectory,
    "list_directory": gfile.ListDirectory,
    "recursive_create_dir": gfile.MakeDirs,
    "rename": gfile.Rename,
    "stat": gfile.Stat,
    "walk": gfile.Walk,
}
_SUMMARY = _public(summary, "HistogramProto", "SummaryMetadata")
_TEST = {**_public(test), "get_temp_dir": test.get_temp_dir}
_LOSSES = _public(losses)
_COMPAT = {
    "as_bytes": texts.as_bytes,
    "as_str": texts.as_str,
    "as_str_any": texts.as_str_any,
    "as_text": texts.as_text,
    "bytes_or_text_types": texts.bytes_or_text_types,
    "complex_types": texts.complex_types,
    "forward_compatible": texts.forward_compatible,
    "integral_types": texts.integral_types,
    "path_to_str": texts.path_to_str,
    "real_types": texts.real_types,
}
_CONTRIB_LAYERS = _public(contrib_layers)
_FRAMEWORK = _public(framework)
_TRAINING = _public(training)


def _nothing(*_: Any, **__: Any) -> None:
    """What switches between TensorFlow 1 and 2 does here: nothing, this is TensorFlow 1."""


_TOP = {
    "ConfigProto": messages.ConfigProto,
    "Event": summary.Event,
    "GIT_VERSION": "graphscope",
    "COMPILER_VERSION": "none",
    "CXX11_ABI_FLAG": sysconfig.CXX11_ABI_FLAG,
    "MONOLITHIC_BUILD": sysconfig.MONOLITHIC_BUILD,
    "GRAPH_DEF_VERSION": 134,
    "GPUOptions": messages.GPUOptions,
    "GraphOptions": messages.GraphOptions,
    "HistogramProto": summary.HistogramProto,
    "OptimizerOptions": messages.OptimizerOptions,
    "RunMetadata": messages.RunMetadata,
    "RunOptions": messages.RunOptions,
    "SessionLog": messages.SessionLog,
    "Summary": summary.Summary,
    "confusion_matrix": weights.confusion_matrix,
    "disable_eager_execution": _nothing,
    "disable_v2_behavior": _nothing,
    "disable_v2_tensorshape": _nothing,
    "is_tensor": framework.is_tensor,
    "make_ndarray": tensors.make_ndarray,
    "make_tensor_proto": tensors.make_tensor_proto,
    # Names of TensorFlow 0.x.
    "histogram_summary": summary_ops.histogram_summary,
    "image_summary": summary_ops.image_summary,
    "merge_all_summaries": summary_ops.merge_all_summaries,
    "merge_summary": summary_ops.merge_summary,
    "scalar_summary": summary_ops.scalar_summary,
}

MODULES: dict[str, dict[str, Any]] = {
    **CORE,
    "tensorflow": {**CORE["tensorflow"], **_TOP, **TOP, **CALLS},
    **SCRIPTS,
    **RECURRENT,
    "tensorflow.nn": {
        **{name: value for name, value in CORE["tensorflow.nn"].items() if name != "rnn_cell"},
        **OLD_NAMES,
    },
    "tensorflow.train": {
        **CORE["tensorflow.train"],
        "SessionLog": messages.SessionLog,
        "SummaryWriter": summary.FileWriter,  # a name of TensorFlow 0.x
        "summary_iterator": events.summary_iterator,
    },
    "tensorflow.math": {**CORE["tensorflow.math"], "confusion_matrix": weights.confusion_matrix},
    "tensorflow.app": {"run": app.run},
    "tensorflow.app.flags": _FLAGS,
    "tensorflow.flags": _FLAGS,
    "tensorflow.logging": _LOGGING,
    "tensorflow.gfile": _GFILE,
    "tensorflow.io.gfile": {"GFile": gfile.GFile, **_public(io_gfile)},
    "tensorflow.test": _TEST,
    "tensorflow.resource_loader": _public(resource_loader),
    "tensorflow.sysconfig": _public(sysconfig),
    "tensorflow.nest": _public(nest),
    "tensorflow.version": {
        "COMPILER_VERSION": "none",
        "GIT_VERSION": "graphscope",
        "GRAPH_DEF_VERSION": 134,
        "VERSION": "1.15.5",
    },
    "tensorflow.summary": {
        **_SUMMARY,
        "SessionLog": messages.SessionLog,
        "SummaryDescription": summary.Summary,
    },
    "tensorflow.layers": _public(layers),
    "tensorflow.losses": _LOSSES,
    "tensorflow.metrics": _public(metrics),
    "tensorflow.distributions": _public(distributions),
    "tensorflow.compat": _COMPAT,
    "tensorflow.python_io": {},
    # ---- contrib ----
    "tensorflow.contrib": {},
    "tensorflow.contrib.layers": _CONTRIB_LAYERS,
    "tensorflow.contrib.framework": {**_FRAMEWORK, **FILES["tensorflow.contrib.framework"]},
    "tensorflow.graph_util": FILES["tensorflow.graph_util"],
    "tensorflow.contrib.losses": _public(contrib_losses),
    "tensorflow.contrib.metrics": {
        **_public(contrib_metrics),
        "confusion_matrix": weights.confusion_matrix,
        **{f"streaming_{name}": value for name, value in _public(metrics).items()},
    },
    "tensorflow.contrib.distributions": _public(distributions),
    "tensorflow.contrib.deprecated": {
        "histogram_summary": summary_ops.histogram_summary,
        "image_summary": summary_ops.image_summary,
        "merge_all_summaries": summary_ops.merge_all_summaries,
        "merge_summary": summary_ops.merge_summary,
        "scalar_summary": summary_ops.scalar_summary,
    },
    "tensorflow.contrib.slim": {
        **_CONTRIB_LAYERS,
        **_FRAMEWORK,
        **FILES["tensorflow.contrib.framework"],
        "layers": contrib_layers,
        "losses": contrib_losses,
    },
    "tensorflow.contrib.tensorboard": {},
    "tensorflow.contrib.tensorboard.plugins": {},
    "tensorflow.contrib.tensorboard.plugins.projector": _public(projector, "FILE_NAME"),
    "tensorflow.contrib.learn": {},
    "tensorflow.contrib.learn.preprocessing": {
        "CategoricalVocabulary": preprocessing.CategoricalVocabulary,
        "VocabularyProcessor": preprocessing.VocabularyProcessor,
        "tokenizer": preprocessing.tokenizer,
    },
    "tensorflow.contrib.learn.python": {},
    "tensorflow.contrib.learn.python.learn": {},
    "tensorflow.contrib.learn.python.learn.datasets": {},
    "tensorflow.contrib.learn.python.learn.datasets.mnist": CORE[
        "tensorflow.examples.tutorials.mnist.input_data"
    ],
    "tensorflow.contrib.training": _TRAINING,
    "tensorflow.contrib.slim.learning": {"create_train_op": training.create_train_op}
    | {name: value for name, value in _TRAINING.items() if "gradient" in name},
    # ---- the tree below tensorflow.python, as old scripts import from it ----
    "tensorflow.python": {},
    "tensorflow.python.client": {},
    "tensorflow.python.client.session": {
        "InteractiveSession": graphscope.InteractiveSession,
        "Session": graphscope.Session,
    },
    "tensorflow.python.lib": {},
    "tensorflow.python.lib.io": {},
    "tensorflow.python.lib.io.file_io": _FILE_IO,
    "tensorflow.python.layers": {},
    "tensorflow.python.layers.layers": _public(layers),
    "tensorflow.python.layers.core": _public(layers.core),
    "tensorflow.python.layers.normalization": _public(layers.normalization),
    "tensorflow.python.platform": {},
    "tensorflow.python.platform.app": {"run": app.run},
    "tensorflow.python.platform.flags": _FLAGS,
    "tensorflow.python.platform.gfile": _GFILE,
    "tensorflow.python.platform.googletest": {**_TEST, "GetTempDir": test.get_temp_dir},
    "tensorflow.python.platform.resource_loader": _public(resource_loader),
    "tensorflow.python.platform.sysconfig": _public(sysconfig),
    "tensorflow.python.platform.test": _TEST,
    "tensorflow.python.platform.tf_logging": {**_LOGGING, "get_logger": logging.get_logger},
    "tensorflow.python.summary": {},
    "tensorflow.python.summary.summary": _SUMMARY,
    "tensorflow.python.summary.writer": {},
    "tensorflow.python.summary.writer.writer": {"FileWriter": summary.FileWriter},
    "tensorflow.python.util": {},
    "tensorflow.python.util.compat": _COMPAT,
    "tensorflow.python.util.nest": _public(nest),
    "tensorflow.core": {},
    "tensorflow.core.framework": {},
    "tensorflow.core.framework.summary_pb2": {
        "HistogramProto": summary.HistogramProto,
        "Summary": summary.Summary,
        "SummaryMetadata": summary.SummaryMetadata,
    },
    "tensorflow.core.framework.tensor_pb2": {"TensorProto": tensors.TensorProto},
    "tensorflow.core.framework.tensor_shape_pb2": {"TensorShapeProto": tensors.TensorShapeProto},
    "tensorflow.core.protobuf": {},
    "tensorflow.core.protobuf.config_pb2": {
        name: getattr(messages, name)
        for name in (
            "ConfigProto",
            "GPUOptions",
            "GraphOptions",
            "OptimizerOptions",
            "RunMetadata",
            "RunOptions",
        )
    },
    "tensorflow.core.protobuf.rewriter_config_pb2": {"RewriterConfig": messages.RewriterConfig},
    "tensorflow.core.util": {},
    "tensorflow.core.util.event_pb2": {
        "Event": summary.Event,
        "SessionLog": messages.SessionLog,
    },
    "tensorflow.python.training": {},
    "tensorflow.python.training.moving_averages": {
        "ExponentialMovingAverage": train.ExponentialMovingAverage,
        "assign_moving_average": moving_averages.assign_moving_average,
    },
    "tensorflow.python.training.optimizer": {"Optimizer": train.Optimizer},
    "tensorflow.python.training.training": _public(train),
    "tensorflow.python.training.training_util": {
        name: getattr(train, name)
        for name in (
            "assert_global_step",
            "create_global_step",
            "get_global_step",
            "get_or_create_global_step",
            "global_step",
        )
    },
    "tensorflow.python.ops": {},
    "tensorflow.python.ops.nn": _public(nn),
    "tensorflow.python.ops.losses": {},
    "tensorflow.python.ops.losses.losses": _LOSSES,
    "tensorflow.python.ops.losses.util": {
        name: getattr(losses, name)
        for name in ("add_loss", "get_losses", "get_regularization_loss", "get_total_loss")
    },
    "tensorflow.python.ops.metrics": _public(metrics),
}

for _module, _names in [*ALIASES.items(), *PIPELINES.items(), *MODELS.items()]:
    MODULES[_module] = MODULES.get(_module, {}) | _names
