"""A graph is not a value."""

import numpy as np

import graphscope as tf
from graphscope.debug.questions.explain import Kind

from .asked import batch, failed, made_at, question, session, softmax_model, started


@question(1, "How do I print the value of a tensor?", "print product")
def a_tensor_that_is_printed():
    left = tf.constant([[3.0, 3.0]])
    product = tf.matmul(left, tf.constant([[2.0], [2.0]]), name="product")
    other = tf.square(left, name="other")
    opened = session()
    d = tf.debug(opened, product)
    d.run_to_end()
    d.run(other)
    found, text = yield d
    assert found.tensor is product
    assert [tensor.op for tensor in product.op.inputs] == list(found.inputs)
    assert (found.last_run, found.last_value.tolist()) == (1, [[12.0]])
    assert "a promise, not a value" in text
    assert "last value, in run 1: 12" in text


@question(2, "What is a tensor, in the graph?", "draw c")
def a_tensor_in_the_picture():
    a = tf.constant(2.0, name="a")
    W = tf.Variable(3.0, name="W")
    c = tf.multiply(a, W, name="c")
    found, text = yield started(tf.square(a))
    made = found.tooltips["c"].splitlines()
    assert made[:3] == ["c  (Mul)", "c", "a"]
    assert "W -> c" in found.dot
    assert found.tooltips["W"].splitlines()[0].startswith("W  (Variable")
    assert found.title == f"sess.run({c.op.bound_to})"
    assert "2 ops run" in text


@question(3, "What is the difference between a placeholder and a variable?", "needs loss")
def a_placeholder_beside_a_variable():
    x, y_, _, _, loss = softmax_model()
    found, text = yield started(loss, {x: batch()[0]})
    assert [need.feed.tensor for need in found.placeholders] == [x, y_]
    assert found.missing == (y_,)
    assert found.reads == ("W", "b")
    assert "y_ f32[?,3] NOT FED" in text
    assert "variables: W, b" in text


@question(4, "Why can numpy not take my tensor?", "explain")
def numpy_on_a_tensor():
    x = tf.placeholder(tf.float32, [2], name="x")
    error = failed(lambda: np.abs(np.asarray(x)))
    found, text = yield started(tf.square(x)), error
    assert found.kind is Kind.NO_VALUE
    assert found.node is x.op
    assert "np.abs(np.asarray(x))" in found.at
    assert found.use.startswith("tf.abs")
    assert "does it inside the graph" in text


@question(5, "Which of my names is Variable_1?", "draw loss")
def names_of_python_in_the_picture():
    first = tf.Variable(0.5)
    second = tf.Variable(2.0)
    loss = tf.square(first * second, name="loss")
    found, text = yield started(loss)
    assert second.op.name == "Variable_1"
    assert ">second</FONT></B>" in found.dot
    assert ">Variable_1</FONT></B>" not in found.dot
    made = next(tip for tip in found.tooltips.values() if "Variable_1" in tip.split())
    assert "second = tf.Variable(2.0)" in made
    assert "sess.run(loss)" in text


@question(6, "Why do my runs get slower and slower?", "diff graph")
def a_graph_that_grows():
    W = tf.Variable(1.0, name="W")
    opened = session()
    for step in range(3):
        opened.run(tf.assign(W, float(step), name="inside_the_loop"))
    found, text = yield tf.debug(opened, W)
    assert found.per_run == 2.0
    assert made_at(found.guilty, 'name="inside_the_loop"')
    assert [tuple(growth.types.items()) for growth in found.lines] == [
        (("Assign", 3), ("Const", 3))
    ]
    assert "2 nodes in each run" in text
    assert "inside_the_loop" in text


@question(7, "Why does a variable exist already when I run the cell again?", "explain")
def a_cell_that_runs_twice():
    def cell():
        return tf.get_variable("weights", [2, 2])

    first = cell()
    error = failed(cell)
    found, text = yield started(tf.square(first)), error
    assert found.kind is Kind.EXISTS
    assert found.node is first.op
    assert 'tf.get_variable("weights", [2, 2])' in found.line
    assert 'tf.get_variable("weights", [2, 2])' in found.at
    assert "It is the same line" in text
    assert "tf.reset_default_graph()" in text


@question(8, "Why is my placeholder no element of this graph?", "explain")
def a_placeholder_of_another_graph():
    with tf.Graph().as_default():
        elsewhere = tf.placeholder(tf.float32, [], name="x")
    x = tf.placeholder(tf.float32, [], name="x")
    y = tf.square(x, name="y")
    opened = session()
    error = failed(lambda: opened.run(y, {elsewhere: 1.0}))
    found, text = yield tf.debug(opened, y), error
    assert found.kind is Kind.OTHER_GRAPH
    assert found.node is x.op
    assert found.graphs is not None
    assert (found.graphs.given, found.graphs.operations) == (elsewhere.op, (1, 3))
    assert made_at(found.graphs.given, "elsewhere = tf.placeholder")
    assert "another graph, of 1 operation" in text
    assert "this graph, of 3 operations" in text
