"""Names of a package that are imported when they are used, so that importing it costs little.

The imports stand in a block, where type checkers, editors and readers find them as ever::

    with later(__name__):
        from graphscope.ops.math import add

Inside of it nothing is imported; it is noted where each name is, and the first ``package.add``
imports it.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple


class _Place(NamedTuple):
    """Where a name is: in a module, under its name there."""

    module: str
    name: str

    def found(self) -> Any:
        module = import_module(self.module)
        try:
            return vars(module)[self.name]
        except KeyError:  # a module of a package, or a name that comes later itself
            pass
        try:
            return import_module(f"{self.module}.{self.name}")
        except ModuleNotFoundError:
            return getattr(module, self.name)


class _Noted:
    """What an import statement takes names from, where they are only noted."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Place(self._module, name)


class Package(ModuleType):
    """A package of which some names come later."""

    _places: dict[str, _Place]
    _arrivals: dict[str, Callable[[], None]]

    def __getattr__(self, name: str) -> Any:
        if name not in self._places:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        vars(self)[name] = found = self._places[name].found()
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        """The import system puts a module into its package here. Where something public has the
        module's name, as a function has, the name stays with it."""
        is_own = isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}"
        if not is_own or self._places.get(name, (self.__name__,))[0] == self.__name__:
            super().__setattr__(name, value)
        if is_own and name in self._arrivals:
            self._arrivals.pop(name)()

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *self._places})


class later:
    """The block of a package, named by its ``__name__``, in which imports only note names.

    arrivals: what is done when a module or a package inside of it is imported for the first time,
    by its own name: before anything that is in the package inside.
    """

    def __init__(self, package: str, arrivals: Mapping[str, Callable[[], None]] = {}) -> None:
        self._module = sys.modules[package]
        self._arrivals = arrivals

    def __enter__(self) -> None:
        self._import = builtins.__import__
        builtins.__import__ = self._noted  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        builtins.__import__ = self._import
        names = vars(self._module)
        places = {name: place for name, place in names.items() if type(place) is _Place}
        for name in places:
            del names[name]
        names["_places"] = places
        names["_arrivals"] = dict(self._arrivals)
        self._module.__class__ = Package

    def _noted(self, name: str, globals: Any = None, *more: Any) -> Any:
        """Stands in for ``__import__``: what others import meanwhile, in threads, is imported."""
        if globals is vars(self._module):
            return _Noted(name)
        return self._import(name, globals, *more)


class Member:
    """A member of a class that a module puts in this one's place, when it is first asked for."""

    def __init__(self, name: str, module: str) -> None:
        self._name = name
        self._module = module

    @classmethod
    def promised(cls, owner: type, name: str, module: str) -> None:
        """Say that a module gives the member to the class, unless it has done so already."""
        if module not in sys.modules:
            setattr(owner, name, cls(name, module))

    def __get__(self, instance: Any, owner: type) -> Any:
        import_module(self._module)
        return getattr(owner if instance is None else instance, self._name)

    def __set__(self, instance: Any, value: Any) -> None:
        import_module(self._module)
        setattr(instance, self._name, value)
