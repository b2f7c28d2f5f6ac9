"""``plan --fast``: what a run becomes when nobody looks."""

import json

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.dispatch import as_json
from graphscope.kernels.handover import C_DTYPES

in_c = pytest.mark.skipif(not C_DTYPES, reason="products and chains are done in C")


@pytest.fixture
def training():
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, 4], name="x")
        w = gs.Variable(np.ones((4, 3)), dtype=gs.float32, name="w")
        b = gs.Variable(np.zeros(3), dtype=gs.float32, name="b")
        hidden = gs.nn.relu(gs.matmul(x, w) + b, name="hidden")
        loss = gs.reduce_mean(gs.square(hidden), name="loss")
        train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
        sess = gs.Session()
        sess.run(gs.global_variables_initializer())
        yield sess, loss, train, {x: np.ones((2, 4))}


@in_c
def test_what_is_done_in_one_call_and_what_need_not_run(training):
    sess, loss, train, feed = training
    d = gs.debug(sess, [loss, train], feed)
    text = str(d.summary(fast=True))
    told = text[text.index(" when nobody looks") :].splitlines()
    assert told[0].startswith(" when nobody looks, 17 nodes are 6 calls; ")
    line = " ".join(told[1].split())
    assert line == "product MatMul + add + hidden 2 between them nowhere in memory"
    words = " ".join(text.split())
    assert "update w" in words
    assert "need not run" in words
    assert "when nobody looks" not in str(d.summary())


@in_c
def test_as_data(training):
    sess, loss, train, feed = training
    found = json.loads(as_json(gs.debug(sess, [loss, train], feed).summary(fast=True)))["fast"]
    assert {"product", "chain"} <= {call["kind"] for call in found["calls"]}
    assert found["reason"] == ""
    assert "read w" not in json.dumps(found["calls"])


@in_c
def test_a_gradient_that_is_fetched_is_not_hidden(training):
    sess, loss, train, feed = training
    slope = sess.graph.get_tensor_by_name("train/update_w/ApplyGradientDescent:0").op.inputs[2]
    for fetches, apart in (([loss, train], False), ([loss, train, slope], True)):
        calls = gs.debug(sess, fetches, feed).summary(fast=True).fast.calls
        (its_call,) = (call for call in calls if slope.op in call.ops)
        assert (its_call.ops == (slope.op,)) is apart


def test_what_stays_with_the_interpreter_says_why(training):
    sess, _, _, feed = training
    with sess.graph.as_default():
        (x,) = feed
        asked = gs.py_func(lambda v: v, [x], gs.float32, name="asked")
    text = str(gs.debug(sess, asked, feed).summary(fast=True))
    assert "it runs node by node as well: asked [PyFunc] changes more than variables" in " ".join(
        text.split()
    )
