"""Static shapes: broadcasting as numpy does it, and what merging two descriptions knows."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscope.graph.shapes import Dimension, TensorShape, broadcast_shapes, different

SIZES = st.lists(st.integers(0, 4), max_size=4)
PARTIAL = st.none() | st.lists(st.none() | st.integers(0, 3), max_size=3)


@st.composite
def hidden(draw, sizes):
    """A description that fits the sizes: some of them unknown, or all of them."""
    if draw(st.booleans()) and draw(st.booleans()):
        return TensorShape(None)
    return TensorShape([draw(st.sampled_from([None, size])) for size in sizes])


@given(SIZES, SIZES)
def test_broadcasting_of_known_shapes_is_numpys(x, y):
    try:
        expected = np.broadcast_shapes(tuple(x), tuple(y))
    except ValueError:
        with pytest.raises(ValueError, match="Dimensions must be equal"):
            broadcast_shapes(TensorShape(x), TensorShape(y))
    else:
        assert broadcast_shapes(TensorShape(x), TensorShape(y)) == expected


@given(st.data(), hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=4))
def test_broadcasting_of_hidden_shapes_is_never_wrong(data, shapes):
    x, y = (data.draw(hidden(shape)) for shape in shapes.input_shapes)
    assert broadcast_shapes(x, y).is_compatible_with(shapes.result_shape)


@given(PARTIAL, PARTIAL)
def test_broadcasting_is_symmetric(x, y):
    def result(a, b):
        try:
            return broadcast_shapes(TensorShape(a), TensorShape(b))
        except ValueError:
            return "refused"

    assert result(x, y) == result(y, x)


@given(st.data(), SIZES)
def test_merging_two_true_descriptions_keeps_all_that_either_knows(data, sizes):
    x, y = data.draw(hidden(sizes)), data.draw(hidden(sizes))
    merged = x.merge_with(y)
    assert merged.is_compatible_with(sizes)
    assert merged == y.merge_with(x)
    assert merged.merge_with(x) == merged
    if x.sizes is not None and y.sizes is not None:
        for a, b, both in zip(x.sizes, y.sizes, merged.sizes, strict=True):
            assert both == (b if a is None else a)


@given(PARTIAL, PARTIAL)
def test_merging_works_exactly_for_compatible_shapes(x, y):
    a, b = TensorShape(x), TensorShape(y)
    if a.is_compatible_with(b):
        assert a.merge_with(b).is_compatible_with(a)
    else:
        with pytest.raises(ValueError, match="not compatible"):
            a.merge_with(b)
        assert different(a, b).startswith(("Dimensions must be equal", "Shapes must be equal rank"))


@given(PARTIAL)
def test_a_shape_survives_its_own_copies(sizes):
    shape = TensorShape(sizes)
    assert TensorShape(shape) == shape
    assert hash(TensorShape(shape)) == hash(shape)
    assert bool(shape) == (sizes is not None)
    if sizes is not None:
        assert TensorShape(list(shape)) == shape
        assert shape.as_list() == sizes
        assert len(shape) == shape.ndims == len(sizes)
        assert shape.is_fully_defined() == (None not in sizes)
        assert shape[1:].concatenate([]).sizes == tuple(sizes[1:])
        assert TensorShape(shape[:1]).concatenate(shape[1:]) == shape


@given(SIZES)
def test_number_of_elements(sizes):
    assert TensorShape(sizes).num_elements() == int(np.prod(sizes, dtype=int))
    assert TensorShape([*sizes, None]).num_elements() is None


@pytest.mark.parametrize(
    ("sizes", "short", "text"),
    [
        (None, "?", "<unknown>"),
        ([], "[]", "()"),
        ([None, 3], "[?,3]", "(?, 3)"),
        ([2], "[2]", "(2,)"),
    ],
)
def test_how_a_shape_is_written(sizes, short, text):
    assert TensorShape(sizes).short == short
    assert str(TensorShape(sizes)) == text


def test_unknown_dimensions_spread():
    assert (Dimension(None) + 1).value is None
    assert (7 - Dimension(2)).value == 5
    assert (Dimension(3) == Dimension(None)) is None
    assert (Dimension(3) < 4) is True
    with pytest.raises(TypeError, match="unknown"):
        int(Dimension(None))
    with pytest.raises(ValueError, match=">= 0"):
        Dimension(-1)


def test_arithmetic_of_dimensions_and_other_things():
    assert [d.value for d in (7 // Dimension(2), 7 % Dimension(4), Dimension(2) * 2.0)] == [3, 3, 4]
    assert [0] * Dimension(2) == [0, 0]
    for wrong in (lambda: Dimension(3) * 2.5, lambda: Dimension(4) / 2, lambda: 1.0 / Dimension(2)):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="Ambiguous"):
        Dimension(2.5)


def test_dimensions_are_compared_and_merged():
    assert Dimension(3).is_compatible_with(None)
    assert Dimension(None).merge_with(3).value == Dimension(3).merge_with(None).value == 3
    with pytest.raises(ValueError, match="not compatible"):
        Dimension(3).merge_with(4)


def test_shapes_are_added_and_asserted():
    shape, more = TensorShape([2, None]), [3]
    assert ((shape + more).as_list(), (more + shape).as_list()) == ([2, None, 3], [3, 2, None])
    assert shape.with_rank_at_least(1) is shape.with_rank_at_most(2) is shape
    assert shape != "text"
    shape.assert_has_rank(2)
    for wrong, argument in [
        (shape.assert_has_rank, 3),
        (shape.assert_same_rank, [1]),
        (shape.with_rank_at_least, 3),
        (shape.with_rank_at_most, 1),
    ]:
        with pytest.raises(ValueError, match="rank"):
            wrong(argument)
    with pytest.raises(ValueError, match="fully"):
        shape.assert_is_fully_defined()


@pytest.mark.parametrize(
    ("a", "b", "common"),
    [
        ([1, 2], [1, 3], [1, None]),
        ([1, None], [1, 2], [1, None]),
        ([1, 2], [1], None),
        (None, [1], None),
    ],
)
def test_what_two_shapes_agree_on(a, b, common):
    assert TensorShape(a).most_specific_compatible_shape(b) == TensorShape(common)


@pytest.mark.parametrize(
    ("part", "rank"),
    [
        (slice(0, 2), 2),
        (slice(None, 3), 3),
        (slice(1, 3), 2),
        (slice(1, None), None),
        (slice(None, -1), None),
        (slice(-2, -1), None),
    ],
)
def test_parts_of_an_unknown_shape(part, rank):
    assert TensorShape(None)[part].ndims == rank


def test_a_text_is_no_shape():
    with pytest.raises(TypeError, match="A string has ambiguous TensorShape"):
        TensorShape("12")
    with pytest.raises(ValueError, match="are not compatible"):
        TensorShape([1, 2]).merge_with([1, 3])
