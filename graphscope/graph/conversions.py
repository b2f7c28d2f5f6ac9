"""Users' own classes as tensors: functions that convert them, by order of priority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Priorities, classes and their functions; those of one priority in the order of registration.
_registered: list[tuple[int, Any, Callable[..., Any]]] = []


def register_tensor_conversion_function(
    base_type: Any, conversion_func: Callable[..., Any], priority: int = 100
) -> None:
    """Have a function convert the instances of a class, or of several, to tensors.

    conversion_func: called with the value, dtype, name and as_ref; returns a tensor, or
    NotImplemented to leave it to the next one. priority: the lowest is asked first.
    Source: tf.register_tensor_conversion_function.
    Errors: TypeError for what is no class or no function, or for a number of Python or numpy.
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not types or not all(isinstance(item, type) for item in types):
        raise TypeError("base_type must be a type or a tuple of types.")
    if any(issubclass(item, int | float | complex) for item in types):
        raise TypeError("Cannot register conversions for Python numeric types: they are known.")
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _registered.append((priority, types, conversion_func))
    _registered.sort(key=lambda entry: entry[0])


def conversions_of(value: Any) -> list[Callable[..., Any]]:
    """The functions that may convert the value."""
    return [function for _, types, function in _registered if isinstance(value, types)]
