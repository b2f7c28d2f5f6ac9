"""How the cases, snippets and programs of the goldens are run.

The same functions make the goldens with TensorFlow 1.15 and check GraphScope against them: the
`tensorflow` module is an argument.
"""

import contextlib
import importlib
import io
import os
import re
import runpy
import warnings

import numpy as np

DIGITS_MODULE = "tensorflow.examples.tutorials.mnist.input_data"


def run_case(tf, case):
    """Build and run a case in a fresh graph; return its description and its arrays by name."""
    from_scratch(tf)
    placeholders = [
        tf.placeholder(array.dtype, shape, name=name)
        for name, array, shape in zip("abc", case.inputs, case.shapes)
    ]
    built = case.build(tf, *placeholders)
    results = list(built) if isinstance(built, (list, tuple)) else [built]
    description = [describe(result) for result in results]
    arrays = {}
    with tf.Session() as sess:
        feed = dict(zip(placeholders, case.inputs))
        for i, result in enumerate(results):
            value = np.asarray(sess.run(result, feed))
            arrays[f"value{i}"] = value
            for name, gradient in gradients(tf, result, value, placeholders).items():
                arrays[f"d{i}/d{name}"] = np.asarray(sess.run(gradient, feed))
    return description, arrays


def from_scratch(tf):
    tf.reset_default_graph()
    np.random.seed(0)


def describe(tensor):
    """What the graph knows of a tensor before any run."""
    shape = None if tensor.shape.ndims is None else tensor.shape.as_list()
    return {
        "operation": tensor.op.name,
        "type": tensor.op.type,
        "tensor": tensor.name,
        "dtype": tensor.dtype.name,
        "shape": shape,
    }


def gradients(tf, result, value, placeholders):
    """The gradients there are of sum(result * weights), by the name of their placeholder."""
    inputs = [x for x in placeholders if x.dtype.is_floating]
    if not result.dtype.is_floating or not inputs:
        return {}
    total = tf.reduce_sum(result * tf.constant(result_weights(value.shape, value.dtype)))
    with warnings.catch_warnings():
        # Gradients of a gather come as slices; TensorFlow warns when it makes them dense.
        warnings.simplefilter("ignore")
        return {
            x.op.name: tf.convert_to_tensor(gradient)
            for x, gradient in zip(inputs, tf.gradients(total, inputs))
            if gradient is not None
        }


def result_weights(shape, dtype):
    """Fixed weights of one result: its gradient is taken of sum(result * weights)."""
    count = int(np.prod(shape))
    return np.cos(1.0 + np.arange(count)).astype(dtype).reshape(shape)


def run_snippet(tf, name, snippet):
    """Run a snippet in a fresh graph and session; return the exception it raises, or None."""
    from_scratch(tf)
    sess = tf.Session()
    try:
        exec(compile(snippet, f"<{name}>", "exec"), {"tf": tf, "np": np, "sess": sess})
    except Exception as raised:
        return raised
    finally:
        sess.close()
    return None


def run_program(tf, path, **read_options):
    """Run a script in a fresh graph; return its RESULTS and what its graph holds, as plain data.

    Scripts read the digits from the current directory; `read_options` are given to
    `read_data_sets` besides the script's own.
    """
    from_scratch(tf)
    with contextlib.redirect_stdout(io.StringIO()), repeatable_digits(read_options):
        results = runpy.run_path(str(path))["RESULTS"]
    operations = tf.get_default_graph().get_operations()
    return {
        "next_seed": next_seed(tf),
        "results": {name: plain(value) for name, value in results.items()},
        "operations": [[op.name, op.type] for op in operations if is_forward(op.name)],
        "variables": [v.name for v in tf.global_variables()],
        "trainable": [v.name for v in tf.trainable_variables()],
    }


def next_seed(tf):
    """The seed of the next random operation, which TensorFlow takes from how many there are.

    None for a graph that takes no more, and for one with the gradient of a loop: what TensorFlow
    makes of it, stacks of what each iteration computed, is not counted here.
    """
    names = [op.name for op in tf.get_default_graph().get_operations()]
    if tf.get_default_graph().finalized or any(map(is_gradient_of_loop, names)):
        return None
    tf.set_random_seed(1)
    return tf.random_shuffle([0.0]).op.get_attr("seed2")


@contextlib.contextmanager
def repeatable_digits(read_options):
    """Let every `read_data_sets` leave numpy's random numbers at a known place.

    A DataSet made without a seed reseeds them from the system, so a seed set before is lost.
    """
    module = importlib.import_module(DIGITS_MODULE)
    original = module.read_data_sets

    def read_data_sets(*args, **kwargs):
        data_sets = original(*args, **dict(kwargs, **read_options))
        np.random.seed(0)
        return data_sets

    module.read_data_sets = read_data_sets
    try:
        yield
    finally:
        module.read_data_sets = original


def is_forward(name):
    """Whether a node is one of those whose names must agree.

    Free are the names that `tf.gradients` adds, and those inside a choice (`tf.cond`), a loop or an
    assertion, for which TensorFlow makes nodes of other types than there are here; those of
    functions of a dataset and of what a reader takes from its queue, which TensorFlow keeps
    elsewhere; the product of sizes by which tf.zeros asks whether it could be a constant, and the
    ranks that weights ask for in the run.
    """
    free = re.compile(
        r"(gradients|cond|while|Assert|assert_shape|Dataset_.*|ReaderWork)(_\d+)?$"
        r"|IsVariableInitialized"
    )
    asked = re.search(
        r"(^|/)(zeros|ones)(_\d+)?/(mul|Less)(_\d+)?(/|$)"
        r"|/assert_broadcastable/(is_|Const|AssertGuard|WeightsFit)",
        name,
    )
    return not asked and not any(free.match(part) for part in name.split("/"))


def is_gradient_of_loop(name):
    parts = {part.partition("_")[0] for part in name.split("/")}
    return {"gradients", "while"} <= parts


def plain(value):
    """Arrays and numpy numbers to lists and Python numbers."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


@contextlib.contextmanager
def directory(path):
    """Work in another directory for a while."""
    before = os.getcwd()
    os.chdir(str(path))
    try:
        yield
    finally:
        os.chdir(before)
