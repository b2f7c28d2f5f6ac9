"""Importing costs little: names, members of classes and declarations come when they are used."""

import pickle
import subprocess
import sys

import pytest

import graphscope as gs
from graphscope.graph.declare import op
from graphscope.graph.registry import OPS, Registry

HEAVY = ("rich", "prompt_toolkit", "graphviz", "graphscope.keras", "graphscope.debug", "numpy")


def fresh(program):
    """What a program prints in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def loaded(program, names):
    """Those of the modules that are imported after a program."""
    return fresh(f"{program}\nimport sys\nprint(*[n for n in {names!r} if n in sys.modules])")


def test_importing_graphscope_imports_nothing_heavy():
    assert loaded("import graphscope", HEAVY) == []


def test_a_first_program_imports_no_debugger_and_no_screen():
    program = """
import graphscope as tf
x = tf.placeholder(tf.float32, [2, 2])
w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
loss = tf.reduce_sum(tf.matmul(x, w) + 1)
step = tf.train.AdamOptimizer().minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(step, {x: [[1, 2], [3, 4]]})
"""
    assert loaded(program, HEAVY) == ["numpy"]


@pytest.mark.parametrize(
    "first",
    [
        "import graphscope.graph.shapes",
        "import graphscope.ops.math",
        "import graphscope.ops.sparse_arithmetic",
        "import graphscope.gradients",
        "import graphscope.engine.plan",
        "import graphscope.debug.timeline",
        "import graphscope.show.text",
        "import graphscope.nn",
        "from graphscope.formats import exporting",
    ],
)
def test_whatever_is_imported_first_the_rooms_meet(first):
    program = f"""
{first}
import graphscope as tf
x = tf.placeholder(tf.float32, [2], name="x")
y = 1 - x * 2
assert x.op.get_attr("dtype") == tf.float32
assert x.op.node_def.op == "Placeholder"
assert [node.name for node in tf.get_default_graph().as_graph_def().node][0] == "x"
with tf.get_default_graph().gradient_override_map({{}}):
    rows = tf.SparseTensor([[0]], [1.0], [2]) * x
print(tf.Session().run(y, {{x: [1, 2]}}).tolist() == [-1, -3], callable(tf.Session.break_when))
print(type(tf.gradients).__name__, type(tf.debug).__name__, type(tf.train).__name__)
"""
    assert fresh(program) == ["True", "True", "function", "function", "Package"]


def test_a_script_of_tensorflow_imports_no_debugger():
    program = "from graphscope import compat; compat.install(); import tensorflow; tensorflow.add"
    without = ("rich", "prompt_toolkit", "graphviz", "graphscope.debug", "graphscope.show")
    assert loaded(program, without) == []
    assert fresh(
        f"{program}; print('draw' in dir(tensorflow), callable(tensorflow.set_trace))"
    ) == [
        "True",
        "True",
    ]


def test_an_answer_of_the_debugger_can_be_read():
    program = """
import graphscope as gs
x = gs.placeholder(gs.float32, [], name="x")
print(str(gs.debug(gs.Session(), x * 2, {x: 3.0}).run()))
"""
    assert fresh(program)[:3] == ["1", "node", "will"]


def test_every_public_name_is_found_and_listed():
    assert set(gs.__all__) <= set(dir(gs))
    for package in (gs, gs.nn, gs.train, gs.image, gs.summary):
        assert [name for name in package.__all__ if not hasattr(package, name)] == []


def test_star_imports_every_public_name():
    program = """
import graphscope as gs
names = {}
exec("from graphscope import *", names)
print(set(gs.__all__) <= set(names), names["gradients"] is gs.gradients)
"""
    assert fresh(program) == ["True", "True"]


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'graphscope' has no attribute 'nothing'"):
        _ = gs.nothing


def test_functions_keep_the_name_of_the_package_in_which_they_are():
    import graphscope.gradients.tape

    assert gs.gradients is graphscope.gradients is sys.modules["graphscope.gradients"].gradients
    assert gs.train.global_step is sys.modules["graphscope.train.global_step"].global_step


def test_what_comes_later_can_be_pickled():
    for thing in (gs.float32, gs.matmul, gs.TensorShape([1, None]), gs.Session):
        assert pickle.loads(pickle.dumps(thing)) == thing


def test_what_others_import_meanwhile_is_imported():
    program = """
import sys, types
from graphscope import later
sys.modules["pack"] = types.ModuleType("pack")
with later.later("pack"):
    import json  # as another thread may
print(json.loads("1"))
"""
    assert fresh(program) == ["1"]


def test_an_operation_that_nobody_imported_is_declared_when_it_is_looked_for():
    program = """
import graphscope
from graphscope.graph.registry import OPS
import sys
print("graphscope.ops.lrn" in sys.modules)
print(OPS["LRN"].type, "graphscope.ops.lrn" in sys.modules, len(OPS) > 500)
"""
    assert fresh(program) == ["False", "LRN", "True", "True"]


def test_the_registry_knows_what_is_there_and_what_is_not():
    assert "MatMul" in OPS
    assert OPS.get("NoSuchOperation") is None
    assert OPS.declared("NoSuchOperation") is None
    with pytest.raises(KeyError, match="NoSuchOperation"):
        _ = OPS["NoSuchOperation"]


def test_an_operation_is_declared_once():
    table = Registry()

    @op("Twice", kind="math", table=table)
    def twice(x):
        """x and x."""
        return x + x

    with pytest.raises(ValueError, match=r"Twice is declared twice: first at .*test_importing.py"):
        op("Twice", kind="math", table=table)(twice.kernel)
