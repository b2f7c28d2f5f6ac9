"""The module tree of ``tensorflow`` 1.x, as tables over the rest of the package.

After `install`, ``import tensorflow as tf`` gives GraphScope. Nothing here has logic of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from graphscope.compat.tables import MODULES
from graphscope.errors import did_you_mean


class CompatModule(ModuleType):
    """A module of the tree. What it does not have is named in the error."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        hint = did_you_mean(name, vars(self))
        raise AttributeError(
            f"module {self.__name__!r} has no attribute {name!r}: GraphScope does not have it"
            + (f"; {hint}" if hint else "")
        )


def install() -> ModuleType:
    """Make ``import tensorflow`` mean GraphScope, in this process. Returns the module."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]:
        del sys.modules[name]
    for name, contents in MODULES.items():
        module = CompatModule(name, "GraphScope under TensorFlow's names.")
        module.__path__ = []  # every one of them may have submodules
        vars(module).update(contents)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    return sys.modules["tensorflow"]


@contextmanager
def installed() -> Iterator[ModuleType]:
    """`install`, until the end of the block."""
    before = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "tensorflow"}
    try:
        yield install()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]:
            del sys.modules[name]
        sys.modules.update(before)
