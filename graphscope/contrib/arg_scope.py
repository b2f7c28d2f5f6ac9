"""`arg_scope`: arguments that several functions take by default, for a ``with`` block.

Source: tensorflow.contrib.framework.arg_scope of 1.15.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: The scopes that are open: for each function, by its key, the arguments it takes by default.
_open: list[dict[str, dict[str, Any]]] = [{}]


def _key(function: Any) -> str:
    key: str = getattr(function, "_key_op", str(function))
    return key


def add_arg_scope(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function take the arguments of the scopes around its calls."""
    key = _key(function)

    @functools.wraps(function)
    def scoped(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **{**_open[-1].get(key, {}), **kwargs})

    vars(scoped)["_key_op"] = key
    return scoped


def has_arg_scope(function: Any) -> bool:
    return hasattr(function, "_key_op")


def arg_scoped_arguments(function: Any) -> tuple[str, ...]:
    """The names of the arguments with a default."""
    original = function.__wrapped__
    code, defaults = original.__code__, original.__defaults__ or ()
    names: tuple[str, ...] = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    return names


def current_arg_scope() -> dict[str, dict[str, Any]]:
    return _open[-1]


@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """Give the functions of the list these arguments by default; or open a scope again.

    Errors: ValueError for a function that takes none, and for arguments with a scope.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError(
                "When attempting to re-use a scope by suppling a dictionary, kwargs must be empty."
            )
        scope = dict(list_ops_or_scope)
    elif isinstance(list_ops_or_scope, list | tuple):
        scope = dict(_open[-1])
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                raise ValueError(f"{function} is not decorated with @add_arg_scope")
            scope[_key(function)] = {**scope.get(_key(function), {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    _open.append(scope)
    try:
        yield scope
    finally:
        _open.pop()
