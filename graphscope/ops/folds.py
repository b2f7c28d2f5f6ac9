"""Functions applied along the first axis, one element after the other: map_fn, foldl, foldr, scan.

Each is a loop over the elements in a `TensorArray`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import constant, shape
from graphscope.ops.loops import while_loop
from graphscope.ops.tensor_array import TensorArray


def _converted(elems: Any) -> tuple[list[Tensor], Any]:
    """The elements as tensors, and how many there are along their first axis.

    Errors: TypeError for no function, ValueError for a scalar.
    """
    flat = [convert_to_tensor(elem, name="elem") for elem in nest.flatten(elems)]
    if flat[0].shape.ndims == 0:
        what = "elems must be a 1+ dimensional Tensor, not a scalar"
        several = "elements in elems must be 1+ dimensional Tensors, not scalars"
        raise ValueError(what if len(flat) == 1 else several)
    known = None if flat[0].shape.ndims is None else flat[0].shape[0].value
    return flat, known or shape(flat[0])[0]


def _unstacked(flat: Sequence[Tensor], count: Any) -> list[TensorArray]:
    arrays = [TensorArray(elem.dtype, count) for elem in flat]
    return [array.unstack(elem) for array, elem in zip(arrays, flat, strict=True)]


def _check_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError("fn must be callable.")


def _read(elems: Any, arrays: Sequence[TensorArray], i: Any) -> Any:
    """The elements at a place, in the nesting of `elems`."""
    return nest.pack_sequence_as(elems, [array.read(i) for array in arrays])


def _stacked(arrays: Sequence[TensorArray], flat: Sequence[Tensor]) -> list[Tensor]:
    results = [array.stack() for array in arrays]
    rows = TensorShape([None] if flat[0].shape.ndims is None else [flat[0].shape[0].value])
    for result in results:
        result.set_shape(rows.concatenate(result.shape[1:]))
    return results


def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
) -> Any:
    """`fn` of each element along the first axis, stacked.

    elems: a tensor [n, ...] or a nesting of such. dtype: the types of what `fn` returns, in its
    nesting, where they are not those of the elements.
    Errors: TypeError for no function, ValueError for a scalar. Source: tf.map_fn.
    """
    _check_callable(fn)
    with name_scope(name, "map", []):
        flat, count = _converted(elems)
        kinds = [elem.dtype for elem in flat] if dtype is None else nest.flatten(dtype)
        given = _unstacked(flat, count)
        start = constant(0)
        made = [TensorArray(kind, count, infer_shape=infer_shape) for kind in kinds]

        def compute(i: Tensor, arrays: list[TensorArray]) -> Any:
            found = fn(_read(elems, given, i))
            nest.assert_same_structure(elems if dtype is None else dtype, found)
            pairs = zip(arrays, nest.flatten(found), strict=True)
            return i + 1, [array.write(i, value) for array, value in pairs]

        _, done = while_loop(
            lambda i, _: i < count,
            compute,
            (start, made),
            parallel_iterations=parallel_iterations or 10,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=count,
        )
        return nest.pack_sequence_as(elems if dtype is None else dtype, _stacked(done, flat))


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`fn(a, element)` for one element after the other, where `a` is what came before.

    elems: a tensor [n, ...] or a nesting of such. initializer: the first `a`; the first element
    when left out. Returns: the last result. Errors: TypeError for no function. Source: tf.foldl.
    """
    _check_callable(fn)
    with name_scope(name, "foldl", []):
        flat, count = _converted(elems)
        given = _unstacked(flat, count)
        first = _read(elems, given, 0) if initializer is None else initializer
        start = constant(1 if initializer is None else 0)
        _, last = while_loop(
            lambda i, a: i < count,
            lambda i, a: [i + 1, fn(a, _read(elems, given, i))],
            [start, first],
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=count,
        )
        return last


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """As `foldl`, from the last element to the first. Source: tf.foldr."""
    _check_callable(fn)
    with name_scope(name, "foldr", []):
        flat, count = _converted(elems)
        given = _unstacked(flat, count)
        start = count - 1 if initializer is None else count
        first = _read(elems, given, start) if initializer is None else initializer

        def compute(i: Tensor, a: Any) -> list[Any]:
            i = i - 1
            return [i, fn(a, _read(elems, given, i))]

        _, last = while_loop(
            lambda i, a: i > 0,
            compute,
            [start, first],
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=count,
        )
        return last


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All results of `fn(a, element)` for one element after the other, stacked: see `foldl`.

    reverse: from the last element to the first. Source: tf.scan.
    """
    _check_callable(fn)
    nesting = elems if initializer is None else initializer
    with name_scope(name, "scan", []):
        flat, count = _converted(elems)
        given = _unstacked(flat, count)
        at = count - 1 if reverse else 0
        if initializer is None:
            first = [array.read(at) for array in given]
        else:
            first = [convert_to_tensor(value) for value in nest.flatten(initializer)]
        made = [
            TensorArray(
                value.dtype,
                count,
                element_shape=value.shape if infer_shape else None,
                infer_shape=infer_shape,
            )
            for value in first
        ]
        if initializer is None:
            made = [array.write(at, value) for array, value in zip(made, first, strict=True)]

        def compute(i: Tensor, a: list[Any], arrays: list[TensorArray]) -> Any:
            found = fn(nest.pack_sequence_as(nesting, a), _read(elems, given, i))
            nest.assert_same_structure(nesting, found)
            values = nest.flatten(found)
            written = [array.write(i, v) for array, v in zip(arrays, values, strict=True)]
            return (i - 1 if reverse else i + 1), values, written

        passed = 1 if initializer is None else 0
        _, _, done = while_loop(
            (lambda i, a, _: i >= 0) if reverse else (lambda i, a, _: i < count),
            compute,
            (count - 1 - passed if reverse else passed, first, made),
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=count,
        )
        return nest.pack_sequence_as(nesting, _stacked(done, flat))
