"""Layers whose arguments are those of another class, and some more."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=type)


def arguments_of(
    make: Callable[..., Any], more: Mapping[str, Mapping[str, Any]]
) -> inspect.Signature:
    """The arguments of a function, and more of them. more: behind which one, the names and their
    defaults."""
    found: list[inspect.Parameter] = []
    for parameter in inspect.signature(make).parameters.values():
        found.append(parameter)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        for name, default in more.get(parameter.name, {}).items():
            found.append(inspect.Parameter(name, kind, default=default))
    return inspect.Signature(found)


def also(**more: Mapping[str, Any]) -> Callable[[Kind], Kind]:
    """For a class: its arguments are those of the class above, and behind the ones named here
    others with these defaults, which become attributes."""

    def of(kind: Kind) -> Kind:
        make = kind.__init__  # type: ignore[misc]
        signature = arguments_of(make, more)
        added = [name for names in more.values() for name in names]

        @functools.wraps(make)
        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            own = {name: bound.arguments.pop(name) for name in added}
            rest = bound.arguments.pop("kwargs", {})
            make(**bound.arguments, **rest)
            vars(self).update(own)

        made.__signature__ = signature  # type: ignore[attr-defined]
        kind.__init__ = made  # type: ignore[misc]
        return kind

    return of


def and_those_above(kind: Kind) -> Kind:
    """For a class whose __init__ gives **kwargs to that of the class above: behind its own
    arguments come those of the class above, but for the first, also when they are given by place.
    """
    make = kind.__init__  # type: ignore[misc]
    own = [p for p in inspect.signature(make).parameters.values() if p.kind is not p.VAR_KEYWORD]
    above = list(inspect.signature(kind.__mro__[1].__init__).parameters.values())  # type: ignore[misc]
    signature = inspect.Signature([*own, *above[2:]])

    @functools.wraps(make)
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        rest = bound.arguments.pop("kwargs", {})
        make(**bound.arguments, **rest)

    made.__signature__ = signature  # type: ignore[attr-defined]
    kind.__init__ = made  # type: ignore[misc]
    return kind
