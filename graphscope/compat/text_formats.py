"""The text format of protocol buffers for GraphScope's messages, under protobuf's names.

Scripts read ``.pbtxt`` files by ``text_format.Merge(text, tf.GraphDef())``. Where protobuf is
installed, as long as `tensorflow` is GraphScope, its functions hand GraphScope's messages on to
those here; where it is not, these stand in for them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from graphscope.platform import textformat
from graphscope.platform.messages import Message

_NAME = "google.protobuf.text_format"


def _merge(text: Any, message: Any, *_: Any, **__: Any) -> Any:
    """Take over into a message what a text says of it. Errors: ValueError."""
    textformat.merge(text.decode() if isinstance(text, bytes) else text, message)
    return message


def _parse(text: Any, message: Any, *_: Any, **__: Any) -> Any:
    message.CopyFrom(type(message)())
    return _merge(text, message)


def _message_to_string(message: Any, *_: Any, **__: Any) -> str:
    return str(message)


#: The functions, each with the place of the message among its arguments.
_FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "Merge": (_merge, 1),
    "MessageToString": (_message_to_string, 0),
    "Parse": (_parse, 1),
}

#: A stand-in for the library, where it is not installed.
STAND_IN: dict[str, dict[str, Any]] = {
    "google": {},
    "google.protobuf": {},
    _NAME: {name: own for name, (own, _) in _FUNCTIONS.items()} | {"ParseError": ValueError},
}

_before: dict[str, Any] = {}


def teach() -> None:
    """From now on protobuf's functions understand messages of both kinds."""
    sys.meta_path.insert(0, _Finder)
    if _NAME in sys.modules:
        _extend(sys.modules[_NAME])


def forget() -> None:
    """Undo `teach`."""
    if _Finder in sys.meta_path:
        sys.meta_path.remove(_Finder)
    module = sys.modules.get(_NAME)
    while _before:
        name, function = _before.popitem()
        setattr(module, name, function)


def _extend(module: ModuleType) -> None:
    for name, (own, at) in _FUNCTIONS.items():
        theirs = vars(module)[name]
        if theirs is not own and name not in _before:
            _before[name] = theirs
            setattr(module, name, _either(own, theirs, at))


def _either(own: Callable[..., Any], theirs: Callable[..., Any], at: int) -> Callable[..., Any]:
    """The function for messages of both kinds."""

    @wraps(theirs)
    def function(*args: Any, **kwargs: Any) -> Any:
        message = args[at] if len(args) > at else kwargs.get("message")
        return (own if isinstance(message, Message) else theirs)(*args, **kwargs)

    return function


class _Finder:
    """Finds the library's module when it is imported later."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        spec = PathFinder.find_spec(name, path) if name == _NAME else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Loads it, and extends its functions."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _extend(module)
