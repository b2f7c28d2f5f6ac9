"""Lists of arrays, which a tensor of the type `variant` holds: what is in a `TensorArray`.

A list has a place for each element; one that nothing was written to holds None. The slope of a list
is a list of slopes, in which None stands for zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.declare import Any_, Index, Variant, op
from graphscope.graph.dtypes import DType, variant
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.stats import NUMBERS

LIST_SHAPE = TensorShape([None])


def list_shape(*_: Any, **__: Any) -> TensorShape:
    """The shape rule of what gives a list: nobody knows how long it is."""
    return LIST_SHAPE


def empty(size: int) -> NDArray[Any]:
    """A list of so many places."""
    return np.full(size, None, object)


def filled(places: NDArray[Any], found: Iterable[tuple[int, Any]]) -> NDArray[Any]:
    """A copy of the list with these elements at these places; it grows when it has to."""
    pairs = list(found)
    size = max([len(places), *(i + 1 for i, _ in pairs)])
    copied = empty(size)
    copied[: len(places)] = places
    for i, element in pairs:
        copied[i] = element[()] if isinstance(element, np.ndarray) and not element.ndim else element
    return copied


def numbers(value: NDArray[Any]) -> NDArray[Any]:
    """An array as it is; all the numbers of a list in a row. Texts are none."""
    if value.dtype != object:
        return value
    found = [np.ravel(element) for element in value.flat if isinstance(element, NUMBERS)]
    return np.concatenate(found or [np.zeros(0)])


def equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays, or two lists, hold the same; NaN is NaN."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype != object:
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return all(map(_equal, a.flat, b.flat))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, NUMBERS) and isinstance(b, NUMBERS):
        return equal(np.asarray(a), np.asarray(b))
    return bool(type(a) is type(b) and a == b)


def moved(new: NDArray[Any], old: NDArray[Any] | None) -> NDArray[Any]:
    """By how much the numbers of a list have changed, in a row: those of an element that is new, or
    has another shape, by themselves."""
    before = [] if old is None else list(old.flat)
    parts = [
        np.zeros(0) if a is None else _less(np.asarray(a), b)
        for a, b in zip_longest(new.flat, before[: new.size])
    ]
    return np.concatenate(parts or [np.zeros(0)])


def _less(a: NDArray[Any], b: Any) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        is_same = b is not None and np.shape(b) == a.shape
        return np.ravel(a.astype(np.float64) - b if is_same else a.astype(np.float64))


def added(a: Any, b: Any) -> Any:
    """The sum of two elements of slopes."""
    if a is None:
        return b
    return a if b is None else np.add(a, b)


def rows(indices: NDArray[Any], value: NDArray[Any]) -> list[tuple[int, Any]]:
    """Pairs of a place and an element: one for a scalar index, one a row for a vector of them."""
    if not indices.ndim:
        return [(int(indices), value)]
    return [(int(i), row) for i, row in zip(indices, value, strict=True)]


def _at(places: NDArray[Any], i: int) -> Any:
    return places[i] if i < len(places) else None


@op("EmptyList", kind="array", dtype=variant, shape=list_shape, differentiable=False)
def no_slopes(like: Variant) -> Variant:
    """A list of as many places, with nothing in them: a slope of zero."""
    return empty(len(like))


@op("AddLists", kind="math", dtype=variant, shape=list_shape, symbol="+")
def add_lists(flows: list[Variant]) -> Variant:
    """The sum of lists of slopes, element by element."""
    total = empty(max(map(len, flows)))
    for flow in flows:
        for i, element in enumerate(flow):
            total[i] = added(total[i], element)
    return total


@add_lists.gradient
def _(dy: Tensor, y: Tensor, flows: list[Tensor]) -> Any:
    return [[dy] * len(flows)]


@op("ListWithout", kind="array", dtype=variant, shape=list_shape)
def without(flow: Variant, indices: Index) -> Variant:
    """The list without what is at these places. indices: [] or [n]."""
    wanted = [i for i in np.ravel(indices) if i < len(flow)]
    return filled(flow, ((int(i), None) for i in wanted))


@without.gradient
def _(dy: Tensor, y: Tensor, flow: Tensor, indices: Tensor) -> Any:
    return [without(dy, indices), None]


@op("ListOf", kind="array", dtype=variant, shape=list_shape)
def list_of(like: Variant, indices: Index, value: Any_) -> Variant:
    """A list with this value at its place, or its rows at theirs; the other places are empty."""
    found = empty(len(like))
    for i, row in rows(indices, value):
        found[i] = added(found[i], row)
    return found


@list_of.gradient
def _(dy: Tensor, y: Tensor, like: Tensor, indices: Tensor, value: Tensor) -> Any:
    return [None, None, items_of(dy, indices, value)]


@op(
    "ListItems",
    kind="array",
    dtype=lambda flow, indices, like: like.dtype.base_dtype,
    shape=lambda flow, indices, like: like.shape,
)
def items_of(flow: Variant, indices: Index, like: Any_) -> Any_:
    """What is in the list at a place, or at places as rows; zeros where it is empty.

    like: a value of the shape of the result.
    """
    if not indices.ndim:
        found = _at(flow, int(indices))
        return np.zeros_like(like) if found is None else np.asarray(found, like.dtype)
    result = np.zeros_like(like)
    for row, i in enumerate(indices):
        element = _at(flow, int(i))
        if element is not None:
            result[row] = element
    return result


@items_of.gradient
def _(dy: Tensor, y: Tensor, flow: Tensor, indices: Tensor, like: Tensor) -> Any:
    return [list_of(flow, indices, dy), None, None]


@op("ListOfParts", kind="array", dtype=variant, shape=list_shape)
def parts_of(like: Variant, value: Any_) -> Variant:
    """The value cut into parts, each as long as the element of `like` at its place."""
    ends = np.cumsum([len(element) for element in like])
    return filled(like, enumerate(np.split(value, ends[:-1])))


@parts_of.gradient
def _(dy: Tensor, y: Tensor, like: Tensor, value: Tensor) -> Any:
    return [None, joined(dy, like, value)]


@op(
    "ListJoined",
    kind="array",
    dtype=lambda flow, parts, like: like.dtype.base_dtype,
    shape=lambda flow, parts, like: like.shape,
)
def joined(flow: Variant, parts: Variant, like: Any_) -> Any_:
    """The elements of the list one after the other, zeros for empty ones; of the shape of `like`.

    parts: a list of elements that are as long as those.
    """
    result = np.zeros_like(like)
    start = 0
    for i, part in enumerate(parts):
        element = _at(flow, i)
        if element is not None:
            result[start : start + len(part)] = element
        start += len(part)
    return result


@joined.gradient
def _(dy: Tensor, y: Tensor, flow: Tensor, parts: Tensor, like: Tensor) -> Any:
    return [parts_of(parts, dy), None, None]


def has_slope(dtype: DType) -> bool:
    """Whether a gradient flows through tensors of the type: of floats, complex numbers, lists."""
    return dtype.is_floating or dtype.is_complex or dtype.base_dtype is variant


def zero_slope(x: Any, zeros_like: Callable[[Any], Tensor]) -> Tensor:
    """A slope of zero along x: an empty list for a list."""
    made: Tensor = no_slopes(x) if x.dtype is variant else zeros_like(x)
    return made


def total_slope(parts: Sequence[Any], add_n: Callable[[Any], Tensor]) -> Tensor:
    """The sum of slopes."""
    made: Tensor = add_lists(parts) if parts[0].dtype is variant else add_n(parts)
    return made
