"""Python expressions over the values of a run: ``np.max(y) - 1``, ``Softmax:0[0]``, ``y.shape``.

Names of the graph stand for their values at the time at which we look. The text is parsed once.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.debug.errors import DebugError

#: A name of the graph that is no Python name: with a slash in it, or with an output number.
_WORD = r"(?<![\w./:'\"\]])[A-Za-z][\w.]*"
_GRAPH_NAME = re.compile(
    rf"{_WORD}(?:/[A-Za-z_][\w.]*)*:\d+(?![\w:])|{_WORD}(?:/[A-Za-z_][\w.]*)+(?![\w:])"
)
_BUILTINS = (
    *("abs", "all", "any", "bool", "float", "int", "len", "list", "max"),
    *("min", "range", "round", "sorted", "str", "sum", "tuple", "type", "zip"),
)


class _Names(dict[str, Any]):
    """Looks up what Python asks for: numpy, a few built-in functions, then values of the graph."""

    def __init__(self, value_of: Callable[[str], Any], known: dict[str, Any]) -> None:
        super().__init__({name: getattr(builtins, name) for name in _BUILTINS}, np=np, **known)
        self._value_of = value_of

    def __missing__(self, name: str) -> Any:
        return self._value_of(name)


class Expression:
    """A parsed expression. Errors: DebugError when the text is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._graph_names: dict[str, str] = {}
        source = _GRAPH_NAME.sub(self._placeholder, text.strip())
        try:
            self._code = compile(ast.parse(source, mode="eval"), "<expression>", "eval")
        except SyntaxError as error:
            raise DebugError(f"{text!r} is not an expression: {error.msg}.") from None

    @property
    def names(self) -> frozenset[str]:
        """The names that it looks up, of Python and of the graph."""
        return frozenset(self._graph_names.get(name, name) for name in self._code.co_names)

    def _placeholder(self, match: re.Match[str]) -> str:
        name = f"_graph_name_{len(self._graph_names)}"
        self._graph_names[name] = match[0]
        return name

    def evaluate(self, value_of: Callable[[str], Any], **known: Any) -> Any:
        """The expression's value; `value_of` gives the value that a name of the graph stands for.

        Errors: DebugError, with what Python said.
        """
        names = _Names(lambda name: value_of(self._graph_names.get(name, name)), known)
        try:
            with np.errstate(all="ignore"):
                return eval(self._code, {"__builtins__": {}}, names)
        except DebugError:
            raise
        except Exception as error:
            raise DebugError(f"{self.text!r} fails: {type(error).__name__}: {error}") from None
