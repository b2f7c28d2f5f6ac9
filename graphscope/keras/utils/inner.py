"""Helpers that Keras has inside, and that tests and layers of other people call.

Source: tensorflow.python.keras.utils.generic_utils and tf_utils of 1.15.
"""

from __future__ import annotations

import codecs
import marshal
import re
from collections.abc import Callable, Iterable, Mapping
from types import CellType, CodeType, FunctionType
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.shapes import TensorShape, as_shape


def to_list(x: Any) -> list[Any]:
    """A list as it is; anything else in a list."""
    return x if isinstance(x, list) else [x]


def to_snake_case(name: str) -> str:
    """``MyLayer`` as ``my_layer``; ``private`` before a name that starts with an underscore."""
    apart = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    apart = re.sub("([a-z])([A-Z])", r"\1_\2", apart).lower()
    return f"private{apart}" if apart[0] == "_" else apart


def is_all_none(structure: Any) -> bool:
    """Whether a structure has nothing but None in it."""
    return all(part is None for part in nest.flatten(structure))


def check_for_unexpected_keys(
    name: str, input_dict: Mapping[str, Any], expected_values: Any
) -> None:
    """Errors: ValueError for a key of the dictionary that is not expected."""
    unknown = set(input_dict) - set(expected_values)
    if unknown:
        raise ValueError(
            f"Unknown entries in {name} dictionary: {sorted(unknown)}. Only expected following "
            f"keys: {expected_values}"
        )


def validate_kwargs(
    kwargs: Iterable[str],
    allowed_kwargs: Iterable[str],
    error_message: str = "Keyword argument not understood:",
) -> None:
    """Errors: TypeError for a keyword that is not allowed."""
    allowed = set(allowed_kwargs)
    for keyword in kwargs:
        if keyword not in allowed:
            raise TypeError(error_message, keyword)


# ---- functions written down --------------------------------------------------------------------


#: The code that was written down here, by its letters.
_WRITTEN: dict[str, CodeType] = {}


def func_dump(func: Any) -> tuple[str, Any, Any]:
    """The code of a function in letters, its defaults, and what it sees of where it was made."""
    code = codecs.encode(marshal.dumps(func.__code__), "base64").decode("ascii")
    _WRITTEN[code] = func.__code__
    closure = tuple(cell.cell_contents for cell in func.__closure__ or ())
    return code, func.__defaults__, closure or None


def func_load(code: Any, defaults: Any = None, closure: Any = None, globs: Any = None) -> Any:
    """The function of what `func_dump` gave. globs: the names of the module that it runs in.

    Errors: ValueError for code that this process has not written: nothing out of a file is run.
    """
    if isinstance(code, list | tuple):
        code, defaults, closure = code
    cells = closure and tuple(c if isinstance(c, CellType) else CellType(c) for c in closure)
    body = _WRITTEN.get(code)
    if body is None:
        raise ValueError(
            "A Lambda layer in a file holds code, and GraphScope runs no code out of files. Make "
            "the model by its script, and take the weights alone: model.load_weights(path)."
        )
    defaults = tuple(defaults) if isinstance(defaults, list) else defaults
    return FunctionType(body, globals() if globs is None else globs, body.co_name, defaults, cells)


# ---- structures of shapes and tensors ----------------------------------------------------------


def is_tensor_or_tensor_list(v: Any) -> bool:
    """Whether the first of a structure, or the value itself, is a tensor."""
    parts = nest.flatten(v)
    return bool(parts) and is_tensor_like(parts[0])


is_symbolic_tensor = is_tensor_or_variable = is_tensor_like


def are_all_symbolic_tensors(tensors: Iterable[Any]) -> bool:
    return all(is_tensor_like(tensor) for tensor in tensors)


def _is_size(value: Any) -> bool:
    return value is None or isinstance(value, int) or type(value).__name__ == "Dimension"


def is_shape(value: Any) -> bool:
    """Whether it is one shape, and not a structure of shapes."""
    if isinstance(value, TensorShape) or value is None:
        return True
    return isinstance(value, list | tuple) and all(_is_size(size) for size in value)


def map_structure_with_atomic(
    is_atomic_fn: Callable[[Any], bool], map_fn: Callable[[Any], Any], nested: Any
) -> Any:
    """The structure with `map_fn` of each of its parts that are atomic.

    Errors: ValueError for a part that is neither atomic nor a sequence or a mapping.
    """
    if is_atomic_fn(nested):
        return map_fn(nested)
    if isinstance(nested, Mapping):
        return type(nested)(  # type: ignore[call-arg]
            (key, map_structure_with_atomic(is_atomic_fn, map_fn, value))
            for key, value in nested.items()
        )
    if not isinstance(nested, list | tuple):
        raise ValueError(f"Received non-atomic and non-sequence element: {nested}")
    parts = [map_structure_with_atomic(is_atomic_fn, map_fn, part) for part in nested]
    return type(nested)(*parts) if hasattr(nested, "_fields") else type(nested)(parts)


def convert_shapes(input_shape: Any, to_tuples: bool = True) -> Any:
    """Each shape of a structure as a tuple, or as a TensorShape."""

    def converted(shape: Any) -> Any:
        known = as_shape(shape)
        return tuple(known.as_list()) if to_tuples else known

    return map_structure_with_atomic(is_shape, converted, input_shape)
