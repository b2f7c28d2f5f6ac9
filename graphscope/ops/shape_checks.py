"""Checks of what is known of values while a graph is built: types, sizes, kinds of lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import DType, as_dtype, float32
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.scopes import control_dependencies, name_scope
from graphscope.ops import array, logic
from graphscope.ops.checks import assert_, assert_rank, assert_rank_at_least, assert_rank_in
from graphscope.ops.control_flow import group, no_op


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Fail now unless x is of whole numbers. Source: tf.assert_integer. Errors: TypeError."""
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(
                f'{message or ""}  Expected "x" to be integer type.  Found: {x.name} of dtype '
                f"{x.dtype}"
            )
        done: Operation = no_op("statically_determined_was_integer")
        return done


def assert_proper_iterable(values: Any) -> None:
    """Fail now unless `values` is a list of things: a tensor, an array, a text are none.

    Source: tf.assert_proper_iterable. Errors: TypeError.
    """
    improper = isinstance(values, np.ndarray | bytes | str)
    if improper or is_tensor_like(values) or array.is_sparse(values):
        raise TypeError(
            f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}'
        )
    if not isinstance(values, Iterable):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> DType:
    """The one floating-point type of all tensors, float32 without any.

    Source: tf.assert_same_float_dtype. Errors: ValueError when there is none.
    """
    found = [t.dtype.base_dtype for t in tensors or () if t is not None]
    wanted = as_dtype(dtype) if dtype is not None else (found[0] if found else float32)
    for tensor, own in zip([t for t in tensors or () if t is not None], found, strict=True):
        if own is not wanted:
            raise ValueError(f"Tensor type {own.name} of {tensor} is not {wanted.name}")
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted.name}.")
    return wanted


def assert_shapes(
    shapes: Any,
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """An operation that fails unless sizes of the same name are the same.

    shapes: pairs of a tensor and its sizes: numbers, None for any size, or names; a first
    ``...`` or ``'*'`` stands for any axes. Source: tf.debugging.assert_shapes.
    Errors: ValueError where the sizes are known, else InvalidArgumentError in a run.
    """
    text = message or ""
    with name_scope(name, "assert_shapes"):
        pairs = shapes.items() if isinstance(shapes, Mapping) else shapes
        given = [(convert_to_tensor(x), _listed(x, s, text)) for x, s in pairs if s is not None]
        ranks = [_rank_of(x, sizes, summarize, text) for x, sizes in given]
        with control_dependencies([check for check in ranks if check is not None]):
            return group(*_size_checks(given, data, summarize, text))


def _listed(x: Any, sizes: Any, message: str) -> list[Any]:
    if not hasattr(sizes, "__iter__"):
        raise ValueError(f"{message}.  Specified shape must be an iterable, and is {sizes!r}")
    listed = list(sizes)
    if any(_is_open(size) for size in listed[1:]):
        raise ValueError(
            f"{message}.  Symbol `...` or `*` for a variable number of unspecified dimensions is "
            "only allowed as the first entry"
        )
    return listed


def _is_open(size: Any) -> bool:
    return size is Ellipsis or (isinstance(size, str) and size == "*")


def _rank_of(x: Tensor, sizes: list[Any], summarize: Any, message: str) -> Operation | None:
    if sizes and _is_open(sizes[0]):
        least = len(sizes) - 1
        if least < 2:
            return None
        return assert_rank_at_least(x, least, summarize=summarize, message=message)
    if len(sizes) < 2:  # a number may stand for a vector of one
        return assert_rank_in(x, [0, 1], summarize=summarize, message=message)
    return assert_rank(x, len(sizes), summarize=summarize, message=message)


def _size_checks(
    given: Sequence[tuple[Tensor, list[Any]]], data: Any, summarize: Any, message: str
) -> list[Operation]:
    """What compares each size with its number, or with the first size of the same name."""
    checks: list[Operation] = []
    named: dict[Any, tuple[Any, str]] = {}
    for x, sizes in given:
        inner = sizes[1:] if sizes and _is_open(sizes[0]) else sizes
        first = -len(inner) if len(inner) < len(sizes) else 0
        for at, wanted in enumerate(inner or [1], first):
            if wanted is None:
                continue
            actual = _size_at(x, at)
            if isinstance(wanted, int):
                size, why = wanted, "Specified explicitly"
            elif wanted in named:
                size, why = named[wanted]
            else:
                named[wanted] = actual, f"Specified by tensor {x.name} dimension {at}"
                continue
            if isinstance(actual, int) and isinstance(size, int):
                if actual != size:
                    raise ValueError(
                        f"{message}.  {why}.  Tensor {x.name} dimension {at} must have size "
                        f"{size}.  Received size {actual}, shape {x.shape}"
                    )
                continue
            begin = [message, why, f"Tensor {x.name} dimension", at, "must have size", size]
            shown = data or [*begin, "Received shape: ", array.shape(x)]
            checks.append(assert_(logic.equal(actual, size), shown, summarize=summarize))
    return checks


def _size_at(x: Tensor, axis: int) -> Any:
    """The size as an int, or as a tensor where it is not known; that of a number is 1."""
    if x.shape.ndims == 0:
        return 1
    known = None if x.shape.ndims is None else x.shape[axis].value
    if known is not None:
        return known
    sizes = array.shape(x)
    return sizes[axis]
