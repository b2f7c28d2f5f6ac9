"""Make graphscope/compat/names.txt: the names of the modules of real TensorFlow 1.15.

Run it with an interpreter that has TensorFlow 1.15:

    python tests/api/make_names.py

Each line is a module and its names. A name that ends in "/" is a module itself.
"""

import importlib
import os
import pathlib
import pkgutil
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
#: Of the tree below tensorflow.python and tensorflow.core, these packages with all in them.
INNER = [
    "python.client",
    "python.compat",
    "python.data",
    "python.eager",
    "python.framework",
    "python.grappler",
    "python.layers",
    "python.lib",
    "python.ops",
    "python.platform",
    "python.saved_model",
    "python.summary",
    "python.training",
    "python.util",
    "core.example",
    "core.framework",
    "core.protobuf",
    "core.util",
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
            if "._api." in inner.__name__ or ".keras.api." in inner.__name__:
                walk(name + "." + child[:-1], inner, table, seen)


def is_operation(module, name):
    function = getattr(module, name)
    return (
        isinstance(function, types.FunctionType)
        and function.__module__ == module.__name__
        and not name.endswith("_eager_fallback")
        and not name[:2].strip("_")[:1].isupper()
    )


def inner(name):
    """The names of a package and of all modules below it, but for tests and parts not installed."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        return {}
    own = [n for n in names_of(module) if not n.endswith("/")]
    if ".gen_" in name:  # functions of operations, of which a few begin with _
        own = [n for n in dir(module) if is_operation(module, n)]
    found = {name: own}
    for _, child, _ in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if not child.endswith("_test"):
            below = inner(name + "." + child)
            found.update(below)
            found[name] = sorted(set(found[name]) | ({child + "/"} if below else set()))
    return found


def main():
    table = {}
    walk("tensorflow", tf, table, {id(tf.compat)})
    table["tensorflow"] = sorted(set(table["tensorflow"]) | {"contrib/", "compat/"})
    table["tensorflow.compat"] = names_of(tf.compat)
    for name in CONTRIB:
        table["tensorflow.contrib." + name] = names_of(
            importlib.import_module("tensorflow.contrib." + name)
        )
    table["tensorflow.contrib"] = [
        name.rstrip("/") + "/" for name in names_of(tf.contrib) if name[0].islower()
    ]
    for package in INNER:
        table.update(inner("tensorflow." + package))
    for root in ("tensorflow.python", "tensorflow.core"):
        own = [name for name in INNER if root.endswith(name.split(".")[0])]
        table[root] = sorted(name.split(".")[1] + "/" for name in own)
    lines = [" ".join([name, *names]) for name, names in sorted(table.items())]
    path = pathlib.Path(__file__).parents[2] / "graphscope" / "compat" / "names.txt"
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
