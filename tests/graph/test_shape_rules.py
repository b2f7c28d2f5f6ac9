"""Shape rules on random shapes of which some sizes are unknown: what they say is never wrong.

The kernels' values are compared with numpy's at the same time.
"""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
FULL = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)


def filled(shape: tuple[int, ...]) -> np.ndarray:
    return np.linspace(0.5, 1.5, np.prod(shape, dtype=int)).reshape(shape)


def check(data: Any, arrays: list[np.ndarray], build: Any, reference: Any) -> None:
    """Build on placeholders that hide some sizes, or whole ranks; compare with the reference."""
    with gs.Graph().as_default(), gs.Session() as session:
        feed = {}
        for array in arrays:
            hidden = data.draw(
                st.none() | st.tuples(*(st.sampled_from([None, size]) for size in array.shape))
            )
            feed[gs.placeholder(array.dtype, hidden)] = array
        made = build(*feed)
        tensors = list(made) if isinstance(made, list | tuple) else [made]
        expected = reference(*arrays)
        expected = list(expected) if isinstance(expected, list | tuple) else [expected]
        values = session.run(tensors, feed)
        assert len(values) == len(expected)
        for tensor, value, right in zip(tensors, values, expected, strict=True):
            assert tensor.shape.is_compatible_with(np.shape(right)), (tensor, np.shape(right))
            assert np.shape(value) == np.shape(right)
            np.testing.assert_allclose(value, right)


@given(st.data(), SHAPES)
def test_elementwise(data, shape):
    check(data, [filled(shape)], gs.sqrt, np.sqrt)


@given(st.data(), hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0))
def test_broadcasting(data, shapes):
    arrays = [filled(shape) for shape in shapes.input_shapes]
    check(data, arrays, gs.subtract, np.subtract)


@given(st.data(), hnp.mutually_broadcastable_shapes(signature="(n,k),(k,m)->(n,m)", max_dims=2))
def test_matmul(data, shapes):
    arrays = [filled(shape) for shape in shapes.input_shapes]
    check(data, arrays, gs.matmul, np.matmul)


@given(st.data(), FULL, st.booleans())
def test_reductions(data, shape, keepdims):
    axes = data.draw(hnp.valid_tuple_axes(len(shape)))
    for ours, numpys in [
        (gs.reduce_sum, np.sum),
        (gs.reduce_mean, np.mean),
        (gs.reduce_max, np.max),
        (gs.reduce_prod, np.prod),
    ]:
        check(
            data,
            [filled(shape)],
            lambda x, f=ours: f(x, list(axes), keepdims),
            lambda x, f=numpys: f(x, axes, keepdims=keepdims),
        )


@given(st.data(), FULL)
def test_reduction_of_all_axes(data, shape):
    check(data, [filled(shape)], gs.reduce_sum, np.sum)


@given(st.data(), FULL)
def test_argmax_and_cumsum(data, shape):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    check(data, [filled(shape)], lambda x: gs.argmax(x, axis), lambda x: np.argmax(x, axis))
    check(data, [filled(shape)], lambda x: gs.cumsum(x, axis), lambda x: np.cumsum(x, axis))


@settings(max_examples=300)
@given(st.data(), SHAPES)
def test_indexing(data, shape):
    """Everything that numpy's basic indexing allows, as in ``x[1, ..., None, ::-2]``."""
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True, max_dims=6))
    check(data, [filled(shape)], lambda x: x[key], lambda x: x[key])


@given(st.data(), FULL)
def test_indexing_by_tensors(data, shape):
    first = data.draw(st.integers(-shape[0], shape[0] - 1))
    last = data.draw(st.integers(-shape[0], shape[0]))
    arrays = [filled(shape), np.asarray(first, np.int32), np.asarray(last, np.int32)]
    check(
        data,
        arrays,
        lambda x, i, j: [x[i], x[i:j], x[:j], x[i:]],
        lambda x, i, j: [x[i], x[i:j], x[:j], x[i:]],
    )


@given(st.data(), FULL)
def test_gather(data, shape):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    indices = data.draw(hnp.arrays(np.int32, SHAPES, elements=st.integers(0, shape[axis] - 1)))
    check(
        data,
        [filled(shape), indices],
        lambda x, i: gs.gather(x, i, axis=axis),
        lambda x, i: np.take(x, i, axis),
    )


@given(st.data(), FULL)
def test_gather_nd_and_scatter_nd(data, shape):
    depth = data.draw(st.integers(1, len(shape)))
    rows = data.draw(st.integers(1, 3))
    columns = [
        data.draw(hnp.arrays(np.int32, rows, elements=st.integers(0, size - 1)))
        for size in shape[:depth]
    ]
    indices = np.stack(columns, -1)
    check(data, [filled(shape), indices], gs.gather_nd, lambda x, i: x[tuple(i.T)])

    def scattered(updates, indices):
        total = np.zeros(shape)
        for row, update in zip(indices, updates, strict=True):
            total[tuple(row)] += update
        return total

    updates = filled((rows, *shape[depth:]))
    check(data, [updates, indices], lambda u, i: gs.scatter_nd(i, u, shape), scattered)


@given(st.data(), FULL, st.integers(1, 3))
def test_joining_and_cutting(data, shape, count):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = [filled(shape) + i for i in range(count)]
    check(data, arrays, lambda *x: gs.concat(x, axis), lambda *x: np.concatenate(x, axis))
    check(data, arrays, lambda *x: gs.stack(x, axis), lambda *x: np.stack(x, axis))
    whole = np.concatenate(arrays, axis)
    check(data, [whole], lambda x: gs.split(x, count, axis), lambda x: np.split(x, count, axis))
    first = data.draw(st.integers(0, whole.shape[axis]))
    check(
        data,
        [whole],
        lambda x: gs.split(x, [first, -1], axis),
        lambda x: np.split(x, [first], axis),
    )
    check(
        data,
        [filled(shape)],
        lambda x: gs.unstack(x, shape[axis], axis),
        lambda x: list(np.moveaxis(x, axis, 0)),
    )


@given(st.data(), FULL)
def test_rearranging(data, shape):
    order = data.draw(st.permutations(range(len(shape))))
    x = [filled(shape)]
    check(data, x, lambda x: gs.transpose(x, order), lambda x: np.transpose(x, order))
    check(data, x, gs.transpose, np.transpose)
    check(data, x, lambda x: gs.reshape(x, [-1, shape[0]]), lambda x: x.reshape(-1, shape[0]))
    check(data, x, lambda x: gs.expand_dims(x, order[0]), lambda x: np.expand_dims(x, order[0]))
    check(data, x, gs.squeeze, np.squeeze)
    flipped = order[: len(order) // 2]
    check(
        data,
        x,
        lambda x: gs.reverse(x, flipped or np.zeros(0, np.int32)),
        lambda x: np.flip(x, tuple(flipped)),
    )


@given(st.data(), FULL)
def test_growing(data, shape):
    x = [filled(shape)]
    amounts = [data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in shape]
    check(data, x, lambda x: gs.pad(x, amounts), lambda x: np.pad(x, amounts))
    times = [data.draw(st.integers(0, 3)) for _ in shape]
    check(data, x, lambda x: gs.tile(x, times), lambda x: np.tile(x, times))
    outer = data.draw(st.lists(st.integers(0, 3), max_size=2))
    whole = [*outer, *shape]
    check(data, x, lambda x: gs.broadcast_to(x, whole), lambda x: np.broadcast_to(x, whole))


@given(st.data(), SHAPES)
def test_shapes_as_values(data, shape):
    check(
        data,
        [filled(shape)],
        lambda x: [gs.shape(x), gs.size(x), gs.rank(x)],
        lambda x: [np.array(x.shape, int), x.size, x.ndim],
    )
