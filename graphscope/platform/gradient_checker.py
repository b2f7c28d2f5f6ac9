"""Slopes by small differences, beside those of the graph (tf.test.compute_gradient)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.engine.session import Session
from graphscope.gradients import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph, get_default_session
from graphscope.ops.array import constant

Matrix = NDArray[Any]


def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Any = None,
) -> Any:
    """The slopes dy/dx [elements of x, elements of y]: the graph's, and those by differences.

    A complex element counts as two: its real and its imaginary part.

    x, x_shape: a tensor and its shape, or lists of them: then the result is a list of pairs.
    x_init_value: where the slopes are taken; random numbers in [0, 1) when left out.
    init_targets: operations to run first. Needs a default session: RuntimeError without one.
    """
    sess = get_default_session()
    if sess is None:
        raise RuntimeError("compute_gradient needs a default session: use `with tf.Session():`")
    if init_targets is not None:
        sess.run(list(init_targets) if isinstance(init_targets, list | tuple) else [init_targets])
    extra = dict(extra_feed_dict or {})
    if not isinstance(x, list):
        start = _start(x_init_value, x_shape, x)
        return _pair(sess, x, y, [int(n) for n in y_shape], start, delta, extra)
    shapes, values = x_shape, x_init_value or [None] * len(x)
    starts = [_start(v, s, t) for v, s, t in zip(values, shapes, x, strict=True)]
    extra.update(zip(x, starts, strict=True))
    return [
        _pair(sess, t, y, [int(n) for n in y_shape], start, delta, extra)
        for t, start in zip(x, starts, strict=True)
    ]


def compute_gradient_error(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Any = None,
) -> float:
    """The largest difference between the graph's slopes and those by differences."""
    found = compute_gradient(
        x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict
    )
    pairs = found if isinstance(found, list) else [found]
    return max((float(np.abs(a - b).max(initial=0)) for a, b in pairs), default=0.0)


def compute_gradient_of(f: Any, x: Any, delta: float = 1e-3) -> tuple[list[Matrix], list[Matrix]]:
    """The slopes of ``f(*x)``, by the graph and by differences, one matrix for each of x.

    f: a function of tensors. x: a list of tensors or arrays; the slopes are taken there.
    Source: tf.test.compute_gradient of TensorFlow 2. Errors: ValueError unless x is a list.
    """
    if not isinstance(x, list):
        raise ValueError(f"`x` must be a list of Tensors (arguments to `f`), not a {type(x)}")
    tensors = [convert_to_tensor(value) for value in x]
    sess = get_default_session() or Session(graph=get_default_graph())
    y = f(*tensors)
    values = [np.array(value) for value in sess.run(tensors)]
    sizes = list(np.shape(sess.run(y)))
    extra = dict(zip(tensors, values, strict=True))
    pairs = [
        _pair(sess, t, y, sizes, value, delta, extra)
        for t, value in zip(tensors, values, strict=True)
    ]
    # One row for each element of y here, where `compute_gradient` has columns.
    return [a.T for a, _ in pairs], [b.T for _, b in pairs]


def max_error(grad1: Any, grad2: Any) -> float:
    """The largest difference between two lists of matrices of slopes."""
    pairs = zip(grad1, grad2, strict=True)
    return max((float(np.abs(a - b).max(initial=0)) for a, b in pairs), default=0.0)


def _start(value: Any, shape: Any, x: Any) -> Matrix:
    sizes = [int(n) for n in shape]
    dtype = x.dtype.base_dtype.as_numpy_dtype
    if value is None:
        return np.asarray(np.random.random_sample(sizes), dtype)
    array: Matrix = np.array(value, dtype=dtype, order="C")
    if list(array.shape) != sizes:
        raise ValueError(f"x_init_value has shape {array.shape}, and x_shape is {tuple(sizes)}")
    return array


def _pair(
    sess: Any, x: Any, y: Any, y_shape: list[int], start: Matrix, delta: float, extra: Any
) -> tuple[Matrix, Matrix]:
    return (
        _by_graph(sess, x, y, y_shape, start, extra),
        _by_differences(sess, x, y, y_shape, start, delta, extra),
    )


def _reals(array: Matrix) -> Matrix:
    """The elements one after another; of complex ones the real and the imaginary parts."""
    flat: Matrix = np.ravel(array)
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def _by_graph(sess: Any, x: Any, y: Tensor, y_shape: list[int], start: Matrix, extra: Any) -> Any:
    seed = np.zeros(y_shape, y.dtype.base_dtype.as_numpy_dtype)
    count = _reals(seed).size
    flow = constant(seed)
    slope = gradients(y, [x], [flow])[0]
    result = np.zeros((_reals(start).size, count), _reals(start).dtype)
    if slope is None:
        return result
    for column in range(count):
        one = np.zeros_like(seed)
        _reals(one)[column] = 1
        value = sess.run(slope, {**extra, x: start, flow: one})
        if hasattr(value, "indices"):  # slices: add them where they belong
            dense = np.zeros_like(start)
            np.add.at(dense, value.indices, value.values)
            value = dense
        result[:, column] = _reals(np.asarray(value, start.dtype))
    return result


def _by_differences(
    sess: Any, x: Any, y: Tensor, y_shape: list[int], start: Matrix, delta: float, extra: Any
) -> Matrix:
    count = _reals(np.zeros(y_shape, y.dtype.base_dtype.as_numpy_dtype)).size
    result = np.zeros((_reals(start).size, count), _reals(start).dtype)
    for row in range(len(result)):
        values = []
        for step in (delta, -delta):
            moved = start.copy()
            _reals(moved)[row] += step
            value = _reals(np.asarray(sess.run(y, {**extra, x: moved})))
            values.append(value.astype(np.float64))
        result[row] = (values[0] - values[1]) / (2 * delta)
    return result
