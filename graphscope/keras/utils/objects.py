"""Objects by name and names of objects: how layers, losses and optimizers are written down.

Source: tensorflow.python.keras.utils.generic_utils of 1.15.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graphscope.errors import did_you_mean

_CUSTOM: dict[str, Any] = {}


def get_custom_objects() -> dict[str, Any]:
    """The table of names that scripts add their own classes and functions to."""
    return _CUSTOM


class CustomObjectScope:
    """Names that hold inside a block. Source: tf.keras.utils.CustomObjectScope."""

    def __init__(self, *args: Mapping[str, Any]) -> None:
        self.custom_objects = args
        self._before: dict[str, Any] = {}

    def __enter__(self) -> CustomObjectScope:
        self._before = dict(_CUSTOM)
        for names in self.custom_objects:
            _CUSTOM.update(names or {})
        return self

    def __exit__(self, *error: Any) -> None:
        _CUSTOM.clear()
        _CUSTOM.update(self._before)


def custom_object_scope(*args: Mapping[str, Any]) -> CustomObjectScope:
    return CustomObjectScope(*args)


def serialize_keras_object(instance: Any) -> Any:
    """``{"class_name": ..., "config": ...}`` of an object, the name of a function, None of None.

    Errors: ValueError for what has neither a config nor a name.
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": type(instance).__name__, "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return instance.__name__
    raise ValueError("Cannot serialize", instance)


def deserialize_keras_object(
    identifier: Any,
    module_objects: Any = None,
    custom_objects: Any = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that was written down, or the object of a name; a class is called.

    module_objects: the names that are known. printable_module_name: what the objects are, for the
    message. Errors: ValueError for an unknown name and for what names nothing.
    """
    if identifier is None:
        return None
    tables = (custom_objects or {}, _CUSTOM, module_objects or {})
    if isinstance(identifier, str):
        found = _found(identifier, tables, f"{printable_module_name}:")
        return found() if inspect.isclass(found) else found
    if not isinstance(identifier, Mapping):
        raise ValueError(f"Could not interpret serialized {printable_module_name}: {identifier}")
    if "class_name" not in identifier or "config" not in identifier:
        raise ValueError(f"Improper config format: {identifier}")
    kind = _found(identifier["class_name"], tables, f"{printable_module_name}: ")
    config = identifier["config"]
    if not hasattr(kind, "from_config"):
        with CustomObjectScope(custom_objects or {}):
            return kind(**config)
    if "custom_objects" in inspect.signature(kind.from_config).parameters:
        return kind.from_config(config, custom_objects={**_CUSTOM, **(custom_objects or {})})
    with CustomObjectScope(custom_objects or {}):
        return kind.from_config(config)


def _found(name: str, tables: tuple[Mapping[str, Any], ...], what: str) -> Any:
    for table in tables:
        if table.get(name) is not None:
            return table[name]
    near = did_you_mean(name, [known for table in tables for known in table])
    raise ValueError(f"Unknown {what}{name}" + (near and f"; {near}"))


def object_of(identifier: Any, known: Mapping[str, Any], what: str) -> Any:
    """An object for its name or what was written down; None and what can be called stay.

    Errors: ValueError for anything else.
    """
    if identifier is None or isinstance(identifier, str | Mapping):
        return deserialize_keras_object(
            identifier, module_objects=known, printable_module_name=what
        )
    if callable(identifier):
        return identifier
    raise ValueError(f"Could not interpret {what} identifier:", identifier)


def has_arg(fn: Any, name: str, accept_all: bool = False) -> bool:
    """Whether the function takes an argument of that name."""
    parameters = inspect.signature(fn).parameters
    if accept_all and any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return True
    return name in parameters
