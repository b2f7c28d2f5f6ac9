"""Metrics at thresholds and of the best guesses, against sums done by hand and by numpy."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import metrics
from graphscope.ops.sparse import SparseTensor

LABELS = np.array([0, 1, 0, 1, 1], np.int64)
CHANCES = np.array([0.1, 0.8, 0.6, 0.3, 0.9], np.float32)
CUTS = [0.0, 0.5, 0.85]
#: For two examples, the classes in the order of their scores: 4 3 2 1 0 and 2 0 1 4 3.
SCORES = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.4, 0.3, 0.9, 0.0, 0.1]], np.float32)


def after(batches, build):
    """The value and the last update after these batches, each the feeds of the metric."""
    feeds = [gs.placeholder(array.dtype, array.shape) for array in batches[0]]
    value, update = build(*feeds)
    with gs.Session() as session:
        session.run(gs.local_variables_initializer())
        for batch in batches:
            last = session.run(update, dict(zip(feeds, batch, strict=True)))
        return session.run(value), last


@pytest.mark.parametrize(
    ("name", "truth", "guess"),
    [
        ("true_positives", 1, True),
        ("false_positives", 0, True),
        ("true_negatives", 0, False),
        ("false_negatives", 1, False),
    ],
)
def test_counts_at_thresholds(name, truth, guess):
    metric = getattr(metrics, f"{name}_at_thresholds")
    value, last = after([(LABELS, CHANCES)] * 2, lambda y, p: metric(y, p, CUTS))
    once = [np.sum((truth == LABELS) & ((cut < CHANCES) == guess)) for cut in CUTS]
    np.testing.assert_array_equal(value, 2 * np.array(once))
    np.testing.assert_array_equal(value, last)


def test_precision_and_recall_at_thresholds():
    weights = np.array([1, 2, 0, 1, 1], np.float32)
    for metric, expected in (
        (metrics.precision_at_thresholds, [4 / 5, 1, 1]),
        (metrics.recall_at_thresholds, [1, 3 / 4, 1 / 4]),
    ):
        value, _ = after([(LABELS, CHANCES)], lambda y, p, m=metric: m(y, p, CUTS, weights=weights))
        np.testing.assert_allclose(value, expected, rtol=1e-6)


def test_one_rate_where_the_other_is_as_wanted():
    sensitivity, _ = after(
        [(LABELS, CHANCES)], lambda y, p: metrics.sensitivity_at_specificity(y, p, 1.0)
    )
    assert sensitivity == pytest.approx(2 / 3)
    specificity, _ = after(
        [(LABELS, CHANCES)], lambda y, p: metrics.specificity_at_sensitivity(y, p, 1.0)
    )
    assert specificity == pytest.approx(1 / 2)
    with pytest.raises(ValueError, match="must be in the range"):
        metrics.sensitivity_at_specificity(LABELS, CHANCES, 1.5)


@pytest.mark.parametrize(
    ("k", "class_id", "precision", "recall"),
    [
        (1, None, 2 / 2, 2 / 4),
        (2, None, 2 / 4, 2 / 4),
        (3, None, 3 / 6, 3 / 4),
        (1, 2, 1 / 1, 1 / 2),
        (3, 2, 2 / 2, 2 / 2),
        (3, 3, 0, np.nan),
    ],
)
@pytest.mark.parametrize("sparse", [False, True])
def test_the_best_guesses(k, class_id, precision, recall, sparse):
    """Labels 4 and 2 of the first example, 2 and 3... of the second: 2 and 4."""
    rows = np.array([[4, 2], [2, 4]], np.int64)

    def labels():
        if not sparse:
            return gs.constant(rows)
        places = np.argwhere(rows >= 0).astype(np.int64)
        return SparseTensor(places, rows.ravel(), np.array([2, 5], np.int64))

    for metric, expected in ((metrics.precision_at_k, precision), (metrics.recall_at_k, recall)):
        value, last = after([(SCORES,)], lambda s, m=metric: m(labels(), s, k, class_id=class_id))
        np.testing.assert_allclose([value, last], expected)


def test_one_label_for_each_example():
    labels = gs.constant(np.array([4, 1], np.int64))
    value, _ = after([(SCORES,)], lambda s: metrics.recall_at_k(labels, s, 2))
    assert value == 1 / 2
    weighed, _ = after(
        [(SCORES,)], lambda s: metrics.recall_at_k(labels, s, 2, weights=np.array([3.0, 1.0]))
    )
    assert weighed == 3 / 4


def test_the_mean_of_precisions():
    labels = gs.constant(np.array([[2, 4], [3, 0]], np.int64))
    value, _ = after([(SCORES,)], lambda s: metrics.average_precision_at_k(labels, s, 3))
    # 4 is found first and 2 third; of the second example 0 is found second, and 3 is not.
    assert value == pytest.approx(((1 / 1 + 2 / 3) / 2 + (1 / 2) / 2) / 2)
    with pytest.raises(ValueError, match="Invalid k=0"):
        metrics.average_precision_at_k(labels, SCORES, 0)


def test_names_of_the_variables():
    metrics.precision_at_k(gs.constant([[1], [2]], gs.int64), SCORES, 2, class_id=1)
    assert [v.op.name for v in gs.local_variables()] == [
        "precision_at_2_class1/true_positive_at_2_class1",
        "precision_at_2_class1/false_positive_at_2_class1",
    ]
