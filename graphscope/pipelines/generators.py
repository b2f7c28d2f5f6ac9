"""What Python yields, as elements of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from graphscope.graph.convert import as_array
from graphscope.ops.streams import Element, Part
from graphscope.pipelines import structure


def generated(generator: Callable[..., Any], spec: Any) -> Callable[..., Iterator[Element]]:
    """A function of arguments that gives the elements that the generator yields with them."""
    parts: list[Part] = structure.flatten(spec)

    def elements(*args: Any) -> Iterator[Element]:
        for value in generator(*(each[()] for each in args)):
            values = zip(_flat(spec, value), parts, strict=True)
            yield tuple(_value(each, part) for each, part in values)

    return elements


def _flat(spec: Any, value: Any) -> list[Any]:
    """The values in a structure like that of the elements. A list may stand for a tuple."""
    if not structure.is_nest(spec):
        return [value]
    if isinstance(spec, Mapping):
        if isinstance(value, Mapping) and spec.keys() == value.keys():
            return [v for key in sorted(spec) for v in _flat(spec[key], value[key])]
    elif isinstance(value, tuple | list) and len(spec) == len(value):
        return [v for one, own in zip(spec, value, strict=True) for v in _flat(one, own)]
    raise TypeError(
        "`generator` yielded an element that did not match the expected structure. The expected "
        f"structure was {structure.types(spec)}, but the yielded element was {value}."
    )


def _value(value: Any, part: Part) -> Any:
    try:
        array = as_array(value, part.dtype)
    except (TypeError, ValueError):
        array = _converted(value, part)
    if not part.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"`generator` yielded an element of shape {array.shape} where an element of shape "
            f"{part.shape} was expected."
        )
    return array


def _converted(value: Any, part: Part) -> Any:
    """A value of another type, as far as numpy changes it as TensorFlow does."""
    try:
        return np.asarray(value).astype(part.dtype.numpy, casting="same_kind")
    except (TypeError, ValueError):
        raise TypeError(
            "`generator` yielded an element that could not be converted to the expected type. The "
            f"expected type was {part.dtype.name}, but the yielded element was {value}."
        ) from None
