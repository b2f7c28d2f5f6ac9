"""Weights of losses and metrics whose shapes only a run knows, and classes counted in a matrix."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import losses, metrics
from graphscope.ops import weights as rules


def run(tensor, feed=None):
    with gs.Session() as session:
        session.run(gs.local_variables_initializer())
        return session.run(tensor, feed)


@pytest.mark.parametrize("weights", [2.0, [[1.0], [0.0]], [[1.0, 2.0, 0.0]], np.ones([2, 3])])
def test_weights_of_unknown_shape(weights):
    values = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    w = gs.placeholder(gs.float32)
    loss = losses.compute_weighted_loss(values, w, reduction=losses.Reduction.SUM)
    assert run(loss, {w: weights}) == np.sum(values * weights)


@pytest.mark.parametrize("weights", [[1.0, 2.0], np.ones([3, 2]), np.ones([2, 3, 1])])
def test_weights_that_do_not_fit(weights):
    values = np.zeros([2, 3], np.float32)
    w = gs.placeholder(gs.float32)
    loss = losses.compute_weighted_loss(values, w)
    sentence = r"weights can not be broadcast to values.*weights\.shape=.*values\.shape="
    with pytest.raises(gs.errors.InvalidArgumentError, match=sentence):
        run(loss, {w: weights})
    with pytest.raises(ValueError, match="weights can not be broadcast to values"):
        losses.compute_weighted_loss(values, np.asarray(weights, np.float32))


@pytest.mark.parametrize(
    ("labels", "predictions", "more"),
    [([1, 2], [1, 2], 0), ([[1], [2]], [1, 2], 0), ([1, 2], [[1], [2]], 0), ([[1]], [[1, 2]], 1)],
)
def test_ranks_that_only_the_run_knows(labels, predictions, more):
    known = rules.remove_squeezable_dimensions(labels, predictions, more)
    a, b = gs.placeholder(gs.int32), gs.placeholder(gs.int32)
    found = rules.remove_squeezable_dimensions(a, b, more)
    results = run([*known, *found], {a: labels, b: predictions})
    for expected, actual in zip(results[:2], results[2:], strict=True):
        np.testing.assert_array_equal(actual, expected)
        assert actual.shape == expected.shape


@pytest.mark.parametrize("weights", [2.0, [1.0, 3.0], [[1.0], [3.0]]])
def test_a_metric_with_weights_of_unknown_rank(weights):
    w = gs.placeholder(gs.float32)
    _, update = metrics.mean([[1.0], [5.0]], w)
    assert run(update, {w: weights}) == np.average([1, 5], weights=np.ravel([weights] * 2)[:2])


def test_columns_of_labels_and_weights():
    labels, w = gs.placeholder(gs.int32), gs.placeholder(gs.float32)
    logits = np.eye(3, dtype=np.float32)
    loss = losses.sparse_softmax_cross_entropy(labels, logits, w)
    column = run(loss, {labels: [[2], [0], [1]], w: [[1.0], [2.0], [3.0]]})
    row = run(loss, {labels: [2, 0, 1], w: [1.0, 2.0, 3.0]})
    assert column == row > 0


def test_a_confusion_matrix_of_rows():
    with pytest.raises(ValueError, match="must have rank 1"):
        rules.confusion_matrix([[1, 2]], [[1, 2]])
    labels = gs.placeholder(gs.int32)
    counts = rules.confusion_matrix(labels, [1, 1], num_classes=3)
    np.testing.assert_array_equal(
        run(counts, {labels: [[1], [2]]}), [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    )


def test_the_average_length():
    x = np.array([[-3.0, 0, 0], [4, 0, 0]], np.float32)  # of length 5, 5 / 6 an element
    clipped = gs.clip_by_average_norm(x, 0.5)
    np.testing.assert_allclose(run(clipped), x * 0.5 / (5 / 6), rtol=1e-6)
    np.testing.assert_allclose(run(gs.clip_by_average_norm(x, 2.0)), x)
