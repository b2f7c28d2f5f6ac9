"""The module tree of ``tensorflow`` 1.x, as tables over the rest of the package.

After `install`, ``import tensorflow as tf`` gives GraphScope. Nothing here has logic of its own
but what is needed to import from the tables, and to say what is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import graphscope
from graphscope.compat import text_formats
from graphscope.compat.companions import CompanionFinder, stand_ins
from graphscope.compat.modules import MODULES
from graphscope.compat.names import names_of
from graphscope.compat.numpy_names import give_back, take_away
from graphscope.compat.tables import ASIDE
from graphscope.compat.training import WINDOWS
from graphscope.errors import did_you_mean


class CompatModule(ModuleType):
    """A module of the tree. What TensorFlow 1.15 has and it has not is named in the error."""

    def __getattr__(self, name: str) -> Any:
        if name in self._aside():
            return getattr(graphscope, name)
        if name in names_of(self.__name__):
            raise AttributeError(_not_yet(f"{self.__name__}.{name}"))
        reason = _reason(self.__name__)
        if reason and not name.startswith("__"):
            raise AttributeError(f"{self.__name__}.{name} is left out: {reason}")
        hint = "" if name.startswith("_") else did_you_mean(name, vars(self))
        raise AttributeError(
            f"module {self.__name__!r} has no attribute {name!r}" + (f"; {hint}" if hint else "")
        )

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *self._aside()})

    def _aside(self) -> frozenset[str]:
        """Names that come when they are asked for."""
        is_root = self.__name__ in ("tensorflow", "tensorflow.compat.v1")
        return ASIDE if is_root else frozenset()

    def __call__(self, *_: Any, **__: Any) -> Any:
        """What was imported from an inner module as a function, and is not here."""
        raise AttributeError(_not_yet(self.__name__))


#: Names that are left out for good, and why.
_NAMES_LEFT_OUT = dict.fromkeys(
    (
        *("adjust_jpeg_quality", "decode_and_crop_jpeg", "decode_jpeg", "encode_jpeg"),
        *("extract_jpeg_shape", "is_jpeg", "random_jpeg_quality"),
    ),
    "GraphScope reads and writes PNG only: convert JPEG files first, or read them with another "
    "library and feed the pixels",
)


def _not_yet(name: str) -> str:
    own = name.rpartition(".")[2]
    if own in _NAMES_LEFT_OUT:
        return f"{name} is left out: {_NAMES_LEFT_OUT[own]}"
    return f"{name} is in TensorFlow 1.15, and GraphScope does not have it yet"


#: What is left out for good, and why. Its modules can be imported all the same.
_LEFT_OUT = {
    "tensorflow.python.distribute": "GraphScope runs in one process, on one device",
    "tensorflow.python.keras": "GraphScope has the small Keras of its tf.keras",
}


def _reason(module: str) -> str:
    """Why a module is left out; nothing for one that is not."""
    found = (reason for root, reason in _LEFT_OUT.items() if f"{module}.".startswith(f"{root}."))
    return next(found, "")


class _Window(CompatModule):
    """A module of the package itself: what a test puts into it, the package uses too."""

    def __setattr__(self, name: str, value: Any) -> None:
        behind = WINDOWS[self.__name__]
        if name in vars(self) and name in vars(behind):
            setattr(behind, name, value)
        super().__setattr__(name, value)


#: Below these, every module that TensorFlow has can be imported, so that who imports it without
#: using it may go on; what is used and missing is named then.
_INNER = ("tensorflow.python", "tensorflow.core")


#: What only tests import, and what it is here: loaded when it is asked for, for it takes
#: libraries for tests with it.
LATER = {
    f"tensorflow.python.keras.{name}": f"graphscope.keras.{name}"
    for name in ("keras_parameterized", "testing_utils")
} | {
    "tensorflow.python.data.kernel_tests.test_base": "graphscope.pipelines.testing",
    "tensorflow.python.framework.combinations": "graphscope.platform.combinations",
}


class _Finder:
    """Finds the modules of TensorFlow that are not in the tables."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """An empty module inside; elsewhere ImportError, for what is in TensorFlow."""
        parent, _, child = name.rpartition(".")
        if not isinstance(sys.modules.get(parent), CompatModule):
            return None
        if child not in names_of(parent) and not _reason(name):
            return None
        if name.startswith(_INNER):
            return ModuleSpec(name, _Loader(), is_package=True)
        raise ImportError(_not_yet(name), name=name)


class _Loader(Loader):
    """Makes the empty modules of `_Finder`."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        return CompatModule(spec.name, "A module of TensorFlow that is not here yet.")

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        module.__path__ = []
        if module.__name__ in LATER:
            behind = import_module(LATER[module.__name__])
            vars(module).update({name: getattr(behind, name) for name in behind.__all__})


def install() -> ModuleType:
    """Make ``import tensorflow`` mean GraphScope, in this process. Returns the module."""
    _forget()
    for name in sorted(MODULES):  # parents come before their children
        kind = _Window if name in WINDOWS else CompatModule
        module = kind(name, "GraphScope under TensorFlow's names.")
        module.__path__ = []  # every one of them may have submodules
        module.__spec__ = ModuleSpec(name, None, is_package=True)
        vars(module).update(MODULES[name])
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    sys.meta_path.insert(0, _Finder)
    sys.meta_path.append(CompanionFinder)
    text_formats.teach()
    give_back()
    return sys.modules["tensorflow"]


#: What the tree replaces while it is installed.
_ROOTS = ("tensorflow", "keras")


def _present() -> dict[str, ModuleType]:
    return {n: m for n, m in sys.modules.items() if n.partition(".")[0] in _ROOTS}


def _forget() -> dict[str, ModuleType]:
    """Take tensorflow away; returns the modules."""
    found = _present()
    for name in [*found, *stand_ins()]:
        del sys.modules[name]
    for finder in (_Finder, CompanionFinder):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    text_formats.forget()
    take_away()
    return found


@contextmanager
def installed() -> Iterator[ModuleType]:
    """`install`, until the end of the block."""
    before = _present()
    try:
        yield install()
    finally:
        _forget()
        sys.modules.update(before)
