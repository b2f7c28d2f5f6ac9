"""What is known of tensors without a run."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.platform.static_values import (
    constant_value,
    constant_value_as_shape,
    maybe_set_static_shape,
    shape_tensor,
)


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: gs.constant([1.5, 2.0], gs.float64), [1.5, 2.0]),
        (lambda: gs.cast(gs.constant([1.5]), gs.float64), [1.5]),
        (lambda: gs.equal(gs.constant([1, 2]), [1, 3]), [True, False]),
        (lambda: gs.size(gs.placeholder(gs.float32, [2, 3])), 6),
        (lambda: gs.concat([[1], [2]], 0), [1, 2]),
        (lambda: gs.fill([2], 7), [7, 7]),
        (lambda: gs.placeholder(gs.float32), None),
        (lambda: gs.stack([1, gs.placeholder(gs.int32, [])]), None),
    ],
)
def test_values(make, expected):
    known = constant_value(make())
    assert (known is None) == (expected is None)
    if known is not None:
        np.testing.assert_array_equal(known, expected)


def test_a_value_that_is_known_in_part():
    one, two = constant_value(gs.stack([1, gs.placeholder(gs.int32, [])]), partial=True)
    assert (one, two) == (1, None)
    other = gs.stack([[1], gs.placeholder(gs.int32, [1])], axis=1)
    assert constant_value(other, partial=True) is None


def test_sizes():
    some = gs.placeholder(gs.int32, [])
    assert constant_value_as_shape(gs.constant([2, -1])).as_list() == [2, None]
    assert constant_value_as_shape(gs.stack([2, some])).as_list() == [2, None]
    ends = gs.shape(gs.placeholder(gs.float32, [1, 2, None]))[1:]
    assert constant_value_as_shape(ends).as_list() == [2, None]
    with pytest.raises(ValueError, match="sizes are a vector"):
        constant_value_as_shape(gs.constant([[1]]))
    tensor = gs.placeholder(gs.float32)
    maybe_set_static_shape(tensor, [3])
    assert tensor.shape.ndims is None
    maybe_set_static_shape(tensor, gs.stack([2, some]))
    assert tensor.shape.as_list() == [2, None]


def test_shapes_as_tensors():
    assert shape_tensor([]).dtype is gs.int32
    assert shape_tensor([2, gs.constant(1, gs.int64)]).dtype is gs.int64
    assert constant_value(shape_tensor(gs.TensorShape([1, 2]))).tolist() == [1, 2]
