"""Random numbers at the edges of what is allowed; samples of classes, and where they hit."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import nn
from graphscope.ops.random import get_seed


def run(tensors, feed=None):
    with gs.Session() as session:
        return session.run(tensors, feed)


@pytest.mark.parametrize("dtype", [gs.int32, gs.int64])
def test_bounds_of_whole_numbers(dtype):
    with pytest.raises(gs.errors.InvalidArgumentError, match="Need minval < maxval, got 9 >= 3"):
        run(gs.random_uniform([2], 9, 3, dtype))
    assert run(gs.random_uniform([0, 2], 9, 3, dtype)).shape == (0, 2)
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        gs.random_uniform([2], [1, 2], 3, dtype)
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        gs.random_uniform([2], 1, [2, 3], dtype)


def test_types_and_shapes_that_there_are_not():
    with pytest.raises(ValueError, match="Invalid dtype"):
        gs.random_uniform([2], dtype=gs.string)
    with pytest.raises(TypeError, match="'dtype' has DataType int32 not in list of allowed values"):
        gs.random_normal([2], dtype=gs.int32)
    shape = gs.placeholder(gs.int32, [2])
    with pytest.raises(gs.errors.InvalidArgumentError, match="Dimension -1 must be >= 0"):
        run(gs.random_normal(shape), {shape: [-1, 2]})


def test_the_seeds_of_an_operation():
    assert get_seed(None) == (None, None)
    assert get_seed(3) == (87654321, 3)
    gs.set_random_seed(0)
    assert get_seed(0) == (0, 2**31 - 1)
    assert get_seed(2**31) == (0, 1)


def test_all_classes():
    labels = np.array([[1, 2], [0, 4]], np.int64)
    sampled, of_true, of_sampled = run(nn.all_candidate_sampler(labels, 2, 5, True))
    assert sampled.tolist() == [0, 1, 2, 3, 4]
    assert of_true.tolist() == [[1, 1], [1, 1]]
    assert of_sampled.tolist() == [1] * 5
    wrong = nn.all_candidate_sampler(labels, 3, 5, True)
    with pytest.raises(gs.errors.InvalidArgumentError, match="must have num_true columns"):
        run(wrong.true_expected_count)


def test_each_label_that_is_sampled_is_a_hit():
    labels = np.array([[1, 2], [0, 4], [3, 3]], np.int64)
    rows, places, weights = run(nn.compute_accidental_hits(labels, [1, 0, 3], 2))
    assert list(zip(rows.tolist(), places.tolist(), strict=True)) == [
        (0, 0),
        (1, 1),
        (2, 2),
        (2, 2),
    ]
    assert (weights < -1e38).all()
    with pytest.raises(ValueError, match="Dimension must be 3 but is 2"):
        nn.compute_accidental_hits(labels, [1], 3)
