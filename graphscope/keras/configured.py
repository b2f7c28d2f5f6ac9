"""What the layers of Keras share: arguments by name, and a configuration that makes them again."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from graphscope.keras import activations, backend, constraints, initializers, regularizers
from graphscope.keras.spellings import modern

Kind = TypeVar("Kind", bound=type)

#: By the end of an argument's name: what looks its value up.
_LOOKED_UP: dict[str, Callable[[Any], Any]] = {
    "activation": activations.get,
    "constraint": constraints.get,
    "data_format": lambda value: value or backend.image_data_format(),
    "initializer": initializers.get,
    "regularizer": regularizers.get,
}

#: Arguments that every layer has, and `Layer.get_config` tells.
_COMMON = ("self", "name", "trainable", "dtype", "dynamic")


def configured(**defaults: Any) -> Callable[[Kind], Kind]:
    """For a class of layers: arguments may be names ("relu", "glorot_uniform", "l2"), those here
    are the defaults, and `get_config` tells them all.

    The arguments are those of the class's __init__, be it its own or one that it inherits.
    """

    def of(kind: Kind) -> Kind:
        make = kind.__init__  # type: ignore[misc]
        parameters = [
            p.replace(default=defaults.get(name, p.default))
            for name, p in inspect.signature(make).parameters.items()
        ]
        signature = inspect.Signature(parameters)
        own = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        if "told" not in vars(kind):
            kind.told = tuple(n for n in own if n not in _COMMON)  # type: ignore[attr-defined]

        @functools.wraps(make)
        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            bound = signature.bind(self, *args, **modern(kind.__name__, signature, kwargs))
            bound.apply_defaults()
            for name in own:
                bound.arguments[name] = _looked_up(name, bound.arguments[name])
            make(*bound.args, **bound.kwargs)

        made.__signature__ = signature  # type: ignore[attr-defined]
        kind.__init__ = made  # type: ignore[misc]
        return kind

    return of


def _looked_up(name: str, value: Any) -> Any:
    return next((get(value) for end, get in _LOOKED_UP.items() if name.endswith(end)), value)
