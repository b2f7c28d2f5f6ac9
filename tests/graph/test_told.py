"""What is known of a tensor while the graph is built, and what only a run knows."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.graph.convert import constant_value
from graphscope.ops.told import told_value


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda: gs.constant([1, 2]), [1, 2]),
        (lambda: gs.cast(2, gs.float32), 2.0),
        (lambda: gs.shape(gs.zeros([2, 3])), [2, 3]),
        (lambda: gs.stack([1, gs.constant(2)]), [1, 2]),
        (lambda: gs.concat([[1], gs.constant([2])], 0), [1, 2]),
        (lambda: gs.fill([2], 3), [3, 3]),
        (lambda: gs.range(3), [0, 1, 2]),
        (lambda: gs.equal(1, gs.constant(1)), True),
        (lambda: gs.not_equal(1, 1), False),
        (lambda: gs.constant(2) + 1, None),
        (lambda: gs.identity(2), None),
        (lambda: gs.reshape([1, 2], [2, 1]), None),
        (lambda: gs.logical_not(True), None),
        (lambda: gs.placeholder_with_default(3, []), None),
        (lambda: gs.cast(gs.placeholder_with_default(3, []), gs.float32), None),
    ],
)
def test_what_is_told(make, value):
    found = told_value(make())
    assert (None if found is None else found.tolist()) == value


def test_parts_of_it():
    parts = gs.stack([1, gs.placeholder(gs.int32, [])])
    assert told_value(parts) is None
    assert told_value(parts, partial=True).tolist() == [1, None]
    with pytest.raises(TypeError, match="is not a Tensor"):
        told_value(1)


def test_a_default_is_no_constant():
    sizes = gs.placeholder_with_default([4, 5], [2])
    assert constant_value(sizes) is None
    folded = gs.reshape(gs.ones([20]), sizes)
    assert folded.shape.as_list() == [None, None]
    assert gs.Session().run(folded, {sizes: [2, 10]}).shape == (2, 10)


def test_dropout_by_a_default_drops_what_is_fed():
    gs.set_random_seed(1)
    rate = gs.placeholder_with_default(0.0, [])
    by_rate = gs.nn.dropout(gs.ones([1000]), rate=rate)
    by_keeping = gs.nn.dropout(gs.ones([1000]), 1 - rate)
    with gs.Session() as sess:
        for dropped in (by_rate, by_keeping):
            assert sess.run(dropped).tolist() == [1.0] * 1000
            assert 300 < np.sum(sess.run(dropped, {rate: 0.5}) == 0) < 700
