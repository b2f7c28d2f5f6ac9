"""Every declared operation, by TensorFlow's name of it. Filled by ``@op``.

Whoever looks for an operation, or goes through all, has the whole vocabulary imported first, unless
it is there: a program that uses few operations imports few of their files.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphscope.graph.declare import OpDef

#: The package whose files declare operations.
VOCABULARY = "graphscope.ops"


class Registry(dict[str, "OpDef"]):
    """Declarations by name, which imports the vocabulary when it is asked for what it lacks."""

    _is_complete = False

    def declared(self, type: str) -> OpDef | None:
        """The declaration that is there already."""
        return dict.get(self, type)

    def complete(self) -> None:
        """Import all files that declare operations; those of old files' graphs take from the
        others, and come last."""
        if self._is_complete:
            return
        self._is_complete = True
        names = [module.name for module in pkgutil.iter_modules(import_module(VOCABULARY).__path__)]
        for name in sorted(names, key=lambda name: name.startswith("old_")):
            import_module(f"{VOCABULARY}.{name}")

    def __missing__(self, type: str) -> OpDef:
        self.complete()
        found = self.declared(type)
        if found is None:
            raise KeyError(type)
        return found

    def __contains__(self, type: object) -> bool:
        if not super().__contains__(type):
            self.complete()
        return super().__contains__(type)

    def get(self, type: str, default: Any = None) -> Any:
        return super().get(type, default) if type in self else default

    def __iter__(self) -> Iterator[str]:
        self.complete()
        return super().__iter__()

    def __len__(self) -> int:
        self.complete()
        return super().__len__()

    def keys(self) -> Any:
        self.complete()
        return super().keys()

    def values(self) -> Any:
        self.complete()
        return super().values()

    def items(self) -> Any:
        self.complete()
        return super().items()


OPS = Registry()
#: Those that work otherwise in the graphs of old files than in those that are made here.
OLD_OPS = Registry()
