"""Values in lists, tuples and dicts, as one flat list and back (tensorflow.python.util.nest)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MappingView
from typing import Any


def is_sequence(seq: Any) -> bool:
    """Whether it is a list, a tuple, a dict or its values; texts are values."""
    return isinstance(seq, list | tuple | Mapping | MappingView)


is_nested = is_sequence


def _items(structure: Any) -> list[Any]:
    if isinstance(structure, Mapping):
        return [structure[key] for key in sorted(structure)]
    return list(structure)


def flatten(structure: Any) -> list[Any]:
    """All values, in order; those of a dict by the order of its keys."""
    if not is_sequence(structure):
        return [structure]
    return [value for item in _items(structure) for value in flatten(item)]


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """The values of the list in the shape of the structure. Errors: ValueError."""
    values = list(flat_sequence)
    count = len(flatten(structure))
    if len(values) != count:
        raise ValueError(
            f"Could not pack sequence. Structure had {count} elements, but flat_sequence had "
            f"{len(values)} elements.  Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return _packed(structure, iter(values))


def _packed(structure: Any, values: Iterator[Any]) -> Any:
    if not is_sequence(structure):
        return next(values)
    if isinstance(structure, Mapping):
        made = {key: _packed(structure[key], values) for key in sorted(structure)}
        return {key: made[key] for key in structure}
    items = [_packed(item, values) for item in structure]
    if hasattr(structure, "_fields"):
        return type(structure)(*items)
    return tuple(items) if isinstance(structure, tuple) else items


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True) -> None:
    """Errors: ValueError when the shapes differ, TypeError when the types of sequences do."""
    if is_sequence(nest1) != is_sequence(nest2):
        raise ValueError(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: {nest1}\n\nSecond structure: {nest2}"
        )
    if not is_sequence(nest1):
        return
    if check_types and type(nest1) is not type(nest2):
        raise TypeError(
            "The two structures don't have the same sequence type. First structure has type "
            f"{type(nest1)}, while second structure has type {type(nest2)}."
        )
    first, second = _items(nest1), _items(nest2)
    if len(first) != len(second):
        raise ValueError(
            "The two structures don't have the same number of elements.\n\n"
            f"First structure: {nest1}\n\nSecond structure: {nest2}"
        )
    for a, b in zip(first, second, strict=True):
        assert_same_structure(a, b, check_types)


def map_structure(func: Callable[..., Any], *structure: Any, **options: Any) -> Any:
    """The function of the values that stand at the same place, in the shape of the first."""
    if not structure:
        raise ValueError("Must provide at least one structure")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, options.get("check_types", True))
    columns = zip(*(flatten(s) for s in structure), strict=True)
    return pack_sequence_as(structure[0], [func(*values) for values in columns])
