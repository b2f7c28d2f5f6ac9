"""Make graphscope/compat/names.txt: the names of the modules of real TensorFlow 1.15.

Run it with an interpreter that has TensorFlow 1.15:

    python tests/api/make_names.py

Each line is a module and its names. A name that ends in "/" is a module itself.
"""

import importlib
import os
import pathlib
import types
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

import tensorflow as tf  # noqa: E402

#: The public tree below these modules; raw_ops, compat and the Keras applications are left out.
LEFT_OUT = ("compat", "raw_ops", "applications", "contrib")
CONTRIB = [
    "crf",
    "data",
    "deprecated",
    "distributions",
    "estimator",
    "factorization",
    "framework",
    "layers",
    "learn",
    "legacy_seq2seq",
    "lookup",
    "losses",
    "metrics",
    "model_pruning",
    "opt",
    "quantize",
    "rnn",
    "seq2seq",
    "signal",
    "slim",
    "stateless",
    "summary",
    "tensorboard",
    "training",
    "util",
]
PYTHON = [
    "client.session",
    "client.timeline",
    "client.device_lib",
    "framework.constant_op",
    "framework.dtypes",
    "framework.errors",
    "framework.function",
    "framework.graph_util",
    "framework.importer",
    "framework.ops",
    "framework.random_seed",
    "framework.sparse_tensor",
    "framework.tensor_shape",
    "framework.tensor_util",
    "framework.test_util",
    "layers.base",
    "layers.convolutional",
    "layers.core",
    "layers.normalization",
    "layers.pooling",
    "layers.utils",
    "lib.io.file_io",
    "ops.array_ops",
    "ops.check_ops",
    "ops.clip_ops",
    "ops.control_flow_ops",
    "ops.ctc_ops",
    "ops.data_flow_ops",
    "ops.embedding_ops",
    "ops.functional_ops",
    "ops.gradient_checker",
    "ops.gradients",
    "ops.gradients_impl",
    "ops.histogram_ops",
    "ops.image_ops",
    "ops.init_ops",
    "ops.io_ops",
    "ops.linalg_ops",
    "ops.logging_ops",
    "ops.lookup_ops",
    "ops.math_ops",
    "ops.metrics",
    "ops.nn",
    "ops.nn_impl",
    "ops.nn_ops",
    "ops.numerics",
    "ops.parsing_ops",
    "ops.partitioned_variables",
    "ops.random_ops",
    "ops.resource_variable_ops",
    "ops.rnn",
    "ops.rnn_cell",
    "ops.rnn_cell_impl",
    "ops.script_ops",
    "ops.session_ops",
    "ops.sparse_ops",
    "ops.special_math_ops",
    "ops.state_ops",
    "ops.string_ops",
    "ops.tensor_array_ops",
    "ops.variable_scope",
    "ops.variables",
    "ops.losses.losses",
    "ops.losses.util",
    "ops.distributions.normal",
    "platform.app",
    "platform.flags",
    "platform.gfile",
    "platform.googletest",
    "platform.resource_loader",
    "platform.sysconfig",
    "platform.test",
    "platform.tf_logging",
    "saved_model.builder",
    "saved_model.loader",
    "saved_model.signature_def_utils",
    "saved_model.tag_constants",
    "summary.summary",
    "summary.writer.writer",
    "training.adadelta",
    "training.adagrad",
    "training.adam",
    "training.basic_session_run_hooks",
    "training.checkpoint_management",
    "training.coordinator",
    "training.ftrl",
    "training.gradient_descent",
    "training.input",
    "training.learning_rate_decay",
    "training.momentum",
    "training.monitored_session",
    "training.moving_averages",
    "training.optimizer",
    "training.queue_runner",
    "training.rmsprop",
    "training.saver",
    "training.session_manager",
    "training.session_run_hook",
    "training.slot_creator",
    "training.supervisor",
    "training.training",
    "training.training_util",
    "util.compat",
    "util.nest",
    "util.deprecation",
    "util.tf_inspect",
]


def names_of(module):
    """Its public names; of modules, those of TensorFlow alone."""
    found = []
    for name in sorted(set(dir(module))):
        if name.startswith("_") or name in ("absolute_import", "division", "print_function"):
            continue
        try:
            value = getattr(module, name)
        except Exception:  # a lazy module whose parts are not installed
            continue
        if not isinstance(value, types.ModuleType):
            found.append(name)
        elif "tensorflow" in value.__name__ and "tf_decorator" not in name:
            found.append(name + "/")
    return found


def walk(name, module, table, seen):
    if id(module) in seen:
        return
    seen.add(id(module))
    names = names_of(module)
    table[name] = names
    for child in names:
        if child.endswith("/") and child[:-1] not in LEFT_OUT:
            inner = getattr(module, child[:-1])
            if "._api." in inner.__name__:
                walk(name + "." + child[:-1], inner, table, seen)


def main():
    table = {}
    walk("tensorflow", tf, table, {id(tf.compat), id(tf.keras)})
    table["tensorflow"] = sorted(set(table["tensorflow"]) | {"contrib/", "keras/", "compat/"})
    table["tensorflow.compat"] = names_of(tf.compat)
    for name in CONTRIB:
        table["tensorflow.contrib." + name] = names_of(
            importlib.import_module("tensorflow.contrib." + name)
        )
    table["tensorflow.contrib"] = [
        name.rstrip("/") + "/" for name in names_of(tf.contrib) if name[0].islower()
    ]
    for name in PYTHON:
        module = importlib.import_module("tensorflow.python." + name)
        own = [n for n in names_of(module) if not n.endswith("/")]
        table["tensorflow.python." + name] = own
    children = {}
    for name in ["tensorflow.python." + name for name in PYTHON]:
        parent, _, child = name.rpartition(".")
        children.setdefault(parent, []).append(child + "/")
    for parent, names in children.items():
        table[parent] = sorted(set(table.get(parent, [])) | set(names))
    table["tensorflow.python"] = sorted({name.split(".")[0] + "/" for name in PYTHON})
    lines = [" ".join([name, *names]) for name, names in sorted(table.items())]
    path = pathlib.Path(__file__).parents[2] / "graphscope" / "compat" / "names.txt"
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
