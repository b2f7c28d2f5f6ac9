"""Stand-ins for what came with TensorFlow 1 and its scripts use: six, absl, protobuf's text format.

They are found last, so where the libraries themselves are installed, these are never seen.
"""

from __future__ import annotations

import builtins
import configparser
import functools
import io
import itertools
import operator
import pickle
import queue
import sys
from collections.abc import Callable, Sequence
from importlib import import_module, reload
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from graphscope.compat.text_formats import STAND_IN
from graphscope.platform import app, flags, logging, parameterized, test


def _text(value: str | bytes, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Errors: TypeError for what is neither text nor bytes."""
    if isinstance(value, bytes):
        return value.decode(encoding, errors)
    if isinstance(value, str):
        return value
    raise TypeError(f"not expecting type '{type(value)}'")


def _binary(value: str | bytes, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    return _text(value, encoding, errors).encode(encoding, errors)


def _over(method: str) -> Callable[..., Any]:
    return lambda mapping, **arguments: iter(getattr(mapping, method)(**arguments))


def _with_metaclass(meta: type, *bases: type) -> type:
    """A base class whose class is `meta`."""
    base: type = meta("Base", bases, {})
    return base


def _add_metaclass(meta: type) -> Callable[[type], type]:
    """A decorator: the class again, made by `meta`."""

    def made(cls: type) -> type:
        own = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        again: type = meta(cls.__name__, cls.__bases__, own)
        return again

    return made


def _reraise(kind: type, value: BaseException | None, traceback: Any = None) -> None:
    raise (kind() if value is None else value).with_traceback(traceback)


def _raise_from(value: BaseException, cause: BaseException | None) -> None:
    raise value from cause


_SIX: dict[str, Any] = {
    "PY2": False,
    "PY3": True,
    "PY34": True,
    "MAXSIZE": sys.maxsize,
    "string_types": (str,),
    "integer_types": (int,),
    "class_types": (type,),
    "text_type": str,
    "binary_type": bytes,
    "StringIO": io.StringIO,
    "BytesIO": io.BytesIO,
    "b": lambda text: text.encode("latin-1"),
    "u": lambda text: text,
    "unichr": chr,
    "int2byte": lambda number: bytes((number,)),
    "byte2int": operator.itemgetter(0),
    "indexbytes": operator.getitem,
    "iterbytes": iter,
    "ensure_text": _text,
    "ensure_str": _text,
    "ensure_binary": _binary,
    "callable": callable,
    "next": next,
    "advance_iterator": next,
    "print_": print,
    "exec_": exec,
    "wraps": functools.wraps,
    "get_function_code": operator.attrgetter("__code__"),
    "get_function_defaults": operator.attrgetter("__defaults__"),
    "get_method_self": operator.attrgetter("__self__"),
    "python_2_unicode_compatible": lambda cls: cls,
    "with_metaclass": _with_metaclass,
    "add_metaclass": _add_metaclass,
    "reraise": _reraise,
    "raise_from": _raise_from,
    **{f"iter{name}": _over(name) for name in ("keys", "values", "items")},
    **{f"view{name}": operator.methodcaller(name) for name in ("keys", "values", "items")},
}

_MOVES: dict[str, Any] = {
    **{
        name: getattr(builtins, name) for name in ("filter", "input", "map", "range", "zip", "open")
    },
    "xrange": range,
    "reduce": functools.reduce,
    "reload_module": reload,
    "intern": sys.intern,
    "zip_longest": itertools.zip_longest,
    "filterfalse": itertools.filterfalse,
    "StringIO": io.StringIO,
    "cStringIO": io.StringIO,
    "builtins": builtins,
    "cPickle": pickle,
    "configparser": configparser,
    "queue": queue,
}

#: Modules in six.moves under another name, which are imported with it.
_MOVED = {
    "html_parser": "html.parser",
    "http_client": "http.client",
    "urllib_parse": "urllib.parse",
}

#: Modules in which there is the same as in one of Python.
_SAME = {f"six.moves.{name}": name for name in ("urllib.error", "urllib.parse", "urllib.request")}

_LOGGING = {
    name: getattr(logging, name)
    for name in ("debug", "error", "fatal", "info", "log", "warn", "warning", "set_verbosity")
}
_LEVELS = {name: getattr(logging, name) for name in ("DEBUG", "ERROR", "FATAL", "INFO")}

COMPANIONS: dict[str, dict[str, Any]] = {
    "six": _SIX,
    "six.moves": _MOVES,
    "six.moves.urllib": {},
    **{name: {} for name in _SAME},
    "absl": {},
    "absl.app": {"run": app.run},
    "absl.flags": {name: value for name, value in vars(flags).items() if name[0] != "_"},
    **STAND_IN,
    "absl.testing": {},
    "absl.testing.absltest": {"TestCase": parameterized.TestCase, "main": test.main},
    "absl.testing.parameterized": {
        name: getattr(parameterized, name) for name in parameterized.__all__
    },
    "absl.logging": {**_LOGGING, **_LEVELS, "WARNING": logging.WARN},
}


class CompanionFinder:
    """Finds the stand-ins."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        return ModuleSpec(name, _Loader(), is_package=True) if name in COMPANIONS else None


class _Loader(Loader):
    """Makes a stand-in, with those below it."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        module.__doc__ = "A stand-in of GraphScope for the library of this name."
        contents = COMPANIONS[module.__name__]
        if module.__name__ in _SAME:
            contents = vars(import_module(_SAME[module.__name__]))
        elif module.__name__ == "six.moves":
            contents = contents | {name: import_module(moved) for name, moved in _MOVED.items()}
        vars(module).update({k: v for k, v in contents.items() if k[:2] != "__"})
        for name in COMPANIONS:
            parent, _, child = name.rpartition(".")
            if parent == module.__name__:
                __import__(name)
                setattr(module, child, sys.modules[name])


def stand_ins() -> list[str]:
    """The modules that are stand-ins now."""
    return [
        name
        for name in COMPANIONS
        if name in sys.modules
        and isinstance(getattr(sys.modules[name].__spec__, "loader", None), _Loader)
    ]
