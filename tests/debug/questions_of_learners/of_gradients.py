"""Gradients: where they come from, where they stop, where they go bad."""

import numpy as np

import graphscope as tf
from graphscope.debug.questions.bad import Bad
from graphscope.debug.questions.explain import Kind
from graphscope.debug.questions.updates import Status

from .asked import batch, ended, failed, made_at, question, sgd, softmax_model, started


@question(22, "How does it know which weights to train?", "updates")
def four_classes_of_variables():
    x, y_, W, b, loss = softmax_model()
    frozen = tf.Variable(1.0, trainable=False, name="frozen")
    tf.Variable(tf.zeros([50, 8]), name="unused")
    step = tf.Variable(0, trainable=False, name="global_step")
    train_step = sgd().minimize(loss * frozen)
    tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step, name="train_op")
    inputs, labels = batch()
    found, text = yield ended(train_step, {x: inputs, y_: labels})
    assert found.names(Status.UPDATED) == {"W", "b"}
    assert found.names(Status.NO_PATH) == {"unused"}
    assert found.names(Status.FROZEN) == {"frozen"}
    assert found.names(Status.OTHER) == {"global_step"}
    assert found["W"].why.path[0] is W.op
    assert found["b"].why.path[0] is b.op
    assert "unused [50,8] NO PATH TO LOSS" in text
    assert "frozen [] FROZEN" in text


@question(23, "No gradients provided for any variable: which node is it?", "explain")
def no_gradient_for_any_variable():
    W = tf.Variable([0.2, 0.8], name="W")
    counts = tf.round(W, name="counts")
    loss = tf.reduce_sum(counts, name="loss")
    error = failed(lambda: sgd().minimize(loss))
    found, text = yield started(loss), error
    assert found.kind is Kind.NO_GRADIENTS
    assert found.node is counts.op or made_at(found.node, "tf.round(W")
    assert 'tf.round(W, name="counts")' in found.line
    assert "W: cut by counts [Round]" in text


@question(24, "argmax has no gradient: what can stand in for it?", "path W f1")
def argmax_on_the_way():
    x, y_, W, _, _ = softmax_model()
    answers = tf.argmax(tf.matmul(x, W), 1, name="answers")
    right = tf.cast(tf.equal(answers, tf.argmax(y_, 1)), tf.float32)
    tf.reduce_mean(right, name="accuracy")
    loss = tf.reduce_mean(1.0 - right, name="f1")
    inputs, labels = batch()
    found, text = yield ended(loss, {x: inputs, y_: labels})
    assert found.cut is answers.op
    assert made_at(found.cut, "tf.argmax(tf.matmul(x, W)")
    assert "tf.nn.softmax" in text


@question(25, "Freeze: stop_gradient or var_list?", "diff updates by_stop by_list")
def two_ways_to_freeze():
    W = tf.Variable([1.0], name="W")
    V = tf.Variable([2.0], name="V")
    stop = tf.stop_gradient(W, name="stop")
    by_stop = sgd().minimize(tf.reduce_sum(stop * V), name="by_stop")
    by_list = sgd().minimize(tf.reduce_sum(W * V), var_list=[V], name="by_list")
    assert {by_stop.name, by_list.name} == {"by_stop", "by_list"}
    found, text = yield started(V)
    assert [row.status for row in found.of("V")] == [Status.UPDATED, Status.UPDATED]
    first, second = found.of("W")
    assert (first.status, second.status) == (Status.FROZEN, Status.FROZEN)
    assert first.why.culprit is stop.op
    assert not second.why.checks[1].passed
    assert second.why.path[0] is W.op
    assert "StopGradient" in text
    assert "var_list" in text


@question(26, "Which examples make the gradient what it is?", "print grad(loss,W) --by-example")
def a_gradient_by_its_examples():
    x, y_, W, _, loss = softmax_model()
    inputs, labels = batch(rows=5)
    inputs[3] *= 20.0
    d = ended([loss, tf.gradients(loss, W)], {x: inputs, y_: labels})
    found, text = yield d
    total = d.value("grad(loss,W)")
    assert found.x.op is W.op
    assert found.largest[0].index == 3
    assert len(found.examples) == 5
    np.testing.assert_allclose(sum(e.value for e in found.examples), total, rtol=1e-4, atol=1e-6)
    assert "5 examples" in text
    assert "row 3" in text


@question(27, "NaN from the branch that is not taken?", "nan")
def a_power_in_the_branch_that_is_not_taken():
    W = tf.Variable([4.0, 0.0], name="W")
    power = tf.pow(W, 0.5, name="power")
    safe = tf.where(W > 1.0, power, tf.zeros_like(W), name="safe")
    found, text = yield ended(sgd(0.1).minimize(tf.reduce_sum(safe)))
    assert isinstance(found, Bad)
    assert found.node.gradient_of is power.op
    assert made_at(found.node.gradient_of, 'tf.pow(W, 0.5, name="power")')
    assert found.phase.name == "BACKWARD"
    assert found.index == (1,)
    assert "%W" in text
    assert "tf.where" in text


@question(28, "The loss is NaN: is it log(0)?", "nan")
def a_logarithm_of_zero():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y_ = tf.placeholder(tf.float32, [None, 2], name="y_")
    probabilities = tf.nn.softmax(x, name="probabilities")
    logs = tf.log(probabilities, name="logs")
    loss = -tf.reduce_sum(y_ * logs, name="loss")
    inputs = np.zeros((100, 2), np.float32)
    inputs[[7, 50, 99], 1] = 500.0
    labels = np.tile(np.float32([0.0, 1.0]), (100, 1))
    found, text = yield ended(loss, {x: inputs, y_: labels})
    assert found.node is logs.op
    assert made_at(found.node, 'tf.log(probabilities, name="logs")')
    assert (found.count, found.index) == (3, (7, 0))
    assert found.rows == (7, 50, 99)
    assert "in 3 of 100 rows: 7, 50, 99" in text
    assert "softmax_cross_entropy_with_logits" in text


@question(29, "Are my ReLUs dead?", "print h1")
def units_that_are_always_zero():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    W1 = tf.Variable(np.eye(3, 4, dtype=np.float32), name="W1")
    b1 = tf.Variable([0.0, -100.0, -100.0, 0.0], name="b1")
    h1 = tf.nn.relu(tf.matmul(x, W1) + b1, name="h1")
    loss = tf.reduce_sum(tf.square(h1), name="loss")
    found, text = yield ended(sgd(0.0).minimize(loss), {x: np.eye(3) + 1.0})
    assert found.tensor is h1
    assert found.units.dead == (1, 2, 3)
    assert found.units.by_bias == (1, 2)
    assert found.units.by_weights == (3,)
    assert found.units.gradient == 0.0
    assert "3 of 4 units are zero for all 3 examples" in text
    assert "gradient there is exactly 0" in text
    assert "b1" in text


@question(30, "Do gradients add up from run to run, as without zero_grad()?", "until grad(loss,W)")
def contributions_at_a_fan_out():
    W = tf.Variable(3.0, name="W")
    first = tf.multiply(W, 2.0, name="first")
    second = tf.square(W, name="second")
    loss = tf.add(first, second, name="loss")
    gradient = tf.gradients(loss, W)[0]
    d = started(gradient)
    d.run_to_end()
    d.run()
    found, text = yield d
    assert found.node is gradient.op
    assert sorted(float(shown.value) for shown in found.inputs) == [2.0, 6.0]
    assert float(found.value) == 8.0
    assert found.run == 2
    assert found.fan_out.users == (first.op, second.op)
    assert "adds up what comes back to W from first and second" in text
    assert "nothing of an earlier run" in text
