"""Where an operation was made, and the Python name that its result was given."""

from __future__ import annotations

import textwrap

import pytest

import graphscope as gs


def names(program: str) -> dict[str, str | None]:
    """Run a program in a fresh graph: the Python names of its operations, by operation name."""
    graph = gs.Graph()
    with graph.as_default():
        exec(compile(textwrap.dedent(program), "model.py", "exec"), {"gs": gs})
    return {op.name: op.bound_to for op in graph.operations}


def bound(program: str) -> dict[str, str]:
    return {op: name for op, name in names(program).items() if name is not None}


def test_file_line_and_text():
    with gs.Graph().as_default():
        made = gs.no_op()  # this very line
        later = gs.add_n(
            [gs.constant(1.0), gs.constant(2.0)],
        )
    source = made.source
    assert source.where.startswith("test_source.py:")
    assert source.text == "made = gs.no_op()  # this very line"
    assert str(source) == f"{source.where}  {source.text}"
    assert source.lineno < later.op.source.lineno <= source.lineno + 2


def test_the_name_goes_to_the_outermost_call():
    assert bound("""
        x = gs.constant(1.0, name="x")
        y = gs.tanh(gs.square(x, name="inner"), name="outer")
        """) == {"x": "x", "outer": "y"}


def test_operators():
    assert bound("""
        x = gs.constant(1.0, name="c")
        y = -x
        z = y * y
        z += x
        """) == {"c": "x", "Neg": "y", "mul": "z", "add": "z"}


def test_attributes():
    assert bound("""
        class Model:
            def __init__(self):
                self.w = gs.constant(1.0, name="weight")
                model = self
                model.y = gs.square(self.w, name="y")
        Model()
        """) == {"weight": "self.w", "y": "model.y"}


def test_local_and_global_names():
    assert bound("""
        def build():
            global shared
            inner = gs.constant(1.0, name="a")
            shared = gs.square(inner, name="b")
            def use():
                return inner
            return gs.square(use(), name="c")
        outer = build()
        """) == {"a": "inner", "b": "shared"}


@pytest.mark.parametrize(
    "line",
    [
        "a, b = gs.square(x), gs.tanh(x)",
        "values, places = gs.nn.top_k(gs.stack([x, x]))",
        "items = [gs.square(x), gs.tanh(x)]",
        "items[0] = gs.square(x)",
        "a = b = gs.square(x)",
        "[gs.square(x) for _ in range(2)]",
        "gs.square(x)",
        "print(gs.square(x))",
        "box.inside.y = gs.square(x)",
    ],
)
def test_what_has_no_name_of_its_own(line, capsys):
    """Several targets, items, nested attributes: no name rather than a wrong one."""
    program = f"""
        class Box: pass
        box = Box()
        box.inside = Box()
        items = [None]
        x = gs.constant(1.0, name="x")
        {line}
        """
    assert bound(program) == {"x": "x"}


def test_a_variable_has_the_name_of_its_four_operations():
    assert bound("""
        W = gs.Variable(gs.zeros([2]), name="weights")
        """) == {"weights": "W"}


def test_several_operations_of_one_call():
    assert bound("""
        x = gs.constant([1.0], name="x")
        loss = gs.reduce_mean(gs.square(x) * 2.0)
        """) == {"x": "x", "Mean": "loss"}


def test_gradients_have_no_names():
    assert bound("""
        x = gs.constant(1.0, name="x")
        y = gs.square(x, name="y")
        slopes = gs.gradients(y, x)
        """) == {"x": "x", "y": "y"}


def test_more_names_than_one_byte_can_number():
    lines = [f"v{i} = gs.no_op(name='n{i}')" for i in range(400)]
    assert bound("\n".join(lines)) == {f"n{i}": f"v{i}" for i in range(400)}


def test_several_lines():
    assert bound("""
        y = gs.add(
            gs.constant(
                1.0, name="one"
            ),
            2.0,
            name="sum",
        )
        """) == {"sum": "y"}


def test_frames_of_the_library_do_not_count():
    """It calls itself through several functions and context managers."""
    with gs.Graph().as_default():
        total = gs.reduce_logsumexp([1.0])
    made = total.graph.operations
    assert len(made) > 5
    assert {op.source.where for op in made} == {total.op.source.where}
    assert total.op.source.text == "total = gs.reduce_logsumexp([1.0])"
