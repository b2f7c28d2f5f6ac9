"""Softmax and cross entropies: axes, labels, types, and what is refused."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import nn


def run(tensor, feed=None):
    with gs.Session() as session:
        return session.run(tensor, feed)


@pytest.mark.parametrize("function", [nn.softmax, nn.log_softmax])
def test_an_axis_that_is_not_there(function):
    x = gs.constant(np.zeros([2, 3], np.float32))
    with pytest.raises(gs.errors.InvalidArgumentError, match=r"Dimension \(2\).*range \[-2, 2\)"):
        function(x, axis=2)
    with pytest.raises(ValueError, match="Cannot specify both 'dim' and 'axis'"):
        function(x, axis=0, dim=0)
    with pytest.raises(ValueError, match="rank at least 1"):
        function(gs.constant(1.0))


def test_cross_entropy_along_another_axis():
    labels = np.random.RandomState(0).dirichlet([1, 1, 1], 4).T.astype(np.float64)  # [3, 4]
    logits = gs.constant(np.random.RandomState(1).normal(size=(3, 4)))
    loss = nn.softmax_cross_entropy_with_logits_v2(labels, logits, axis=0)
    assert loss.shape.as_list() == [4]
    other = nn.softmax_cross_entropy_with_logits(
        labels=labels.T, logits=gs.transpose(logits), dim=-1
    )
    np.testing.assert_allclose(*run([loss, other]))


def test_the_first_derivative_does_no_work_for_the_second():
    labels, logits = gs.constant([[0.0, 1.0]]), gs.constant([[0.1, 0.4]])
    loss = nn.softmax_cross_entropy_with_logits_v2(labels, logits)
    (slope,) = gs.gradients(loss, [logits])
    assert "BatchMatMulV2" not in {op.type for op in gs.get_default_graph().get_operations()}
    gs.gradients(slope, [logits])
    assert "BatchMatMulV2" in {op.type for op in gs.get_default_graph().get_operations()}


def test_half_precision_is_computed_in_single():
    labels = np.eye(3, dtype=np.float16)
    logits = gs.constant(np.arange(9).reshape(3, 3).astype(np.float16))
    dense = nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    sparse = nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1, 2], logits=logits)
    assert dense.dtype is sparse.dtype is gs.float16
    types = {op.outputs[0].dtype for op in logits.graph.get_operations() if "Entropy" in op.type}
    assert types == {gs.float32}
    np.testing.assert_array_equal(*run([dense, sparse]))


def test_labels_that_do_not_fit():
    logits = gs.constant(np.zeros([4, 4], np.float32))
    loss = nn.sparse_softmax_cross_entropy_with_logits(labels=[4, 3, 0, -1], logits=logits)
    with pytest.raises(gs.errors.InvalidArgumentError, match="Received a label value of -1 which"):
        run(loss)
    with pytest.raises(ValueError, match=r"Shape mismatch: .*\(3,\).*\(4, 4\)"):
        nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1, 2], logits=logits)
    with pytest.raises(ValueError, match="Both labels and logits must be provided"):
        nn.sparse_softmax_cross_entropy_with_logits(labels=[0], logits=None)


def test_a_label_for_one_row_of_logits():
    loss = nn.sparse_softmax_cross_entropy_with_logits(labels=1, logits=[1.0, 2.0, 3.0])
    assert run(loss) == pytest.approx(np.log(1 + np.e + np.exp(-1)))


def test_labels_as_numbers_have_no_second_derivative():
    x = gs.constant([[1.0, 2.0]])
    loss = nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=x)
    (slope,) = gs.gradients(loss, [x])
    with pytest.raises(LookupError, match="explicitly disabled"):
        gs.gradients(slope, [x])
