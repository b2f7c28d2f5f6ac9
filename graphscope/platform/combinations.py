"""Tests with every combination of arguments. Source: tensorflow.python.framework.combinations.

Combinations that say how to run, eagerly or as TensorFlow 2 does, are left out: here are graphs.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import unittest
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["NamedObject", "combine", "generate", "times"]


class NamedObject:
    """An argument with a name to tell it by. Attributes and calls are those of the object."""

    def __init__(self, name: str, obj: Any) -> None:
        self._name, self._obj = name, obj

    def __getattr__(self, name: str) -> Any:
        return getattr(self._obj, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._obj(*args, **kwargs)

    def __repr__(self) -> str:
        return self._name


def combine(**kwargs: Any) -> list[dict[str, Any]]:
    """Every choice of one value for each keyword; what is no list is the only value."""
    lists = [value if isinstance(value, list) else [value] for value in kwargs.values()]
    return [dict(zip(kwargs, chosen, strict=True)) for chosen in itertools.product(*lists)]


def times(*combined: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each of the first with each of the second, and so on. Errors: ValueError for a key twice."""
    found = []
    for parts in itertools.product(*combined):
        keys = [key for part in parts for key in part]
        if len(keys) != len(set(keys)):
            raise ValueError(f"Keys need to not overlap: {sorted(keys)}")
        found.append({key: value for part in parts for key, value in part.items()})
    return found


def _runs_here(case: dict[str, Any]) -> bool:
    return bool(case.get("mode", "graph") == "graph" and case.get("tf_api_version", 1) == 1)


def _named(case: dict[str, Any]) -> dict[str, Any]:
    words = (f"_{key}_{value}" for key, value in case.items())
    name = "".join(letter for word in words for letter in word if letter.isalnum() or letter == "_")
    return {**case, "testcase_name": f"_test{name}"}


def parameterized() -> Any:
    """absl's, where it is installed: its decorators and those here take each other apart."""
    try:
        return import_module("absl.testing.parameterized")
    except ImportError:
        return import_module("graphscope.platform.parameterized")


def generate(combinations: Sequence[dict[str, Any]], **_: Any) -> Callable[[Any], Any]:
    """The test, or each of a class, with each of these combinations that is a graph's.

    A test takes the keywords that it has arguments for.
    """
    cases = [_named(case) for case in combinations if _runs_here(case)]

    def decorate(test: Any) -> Any:
        if isinstance(test, type):
            for name, method in list(vars(test).items()):
                if name.startswith(unittest.TestLoader.testMethodPrefix) and callable(method):
                    setattr(test, name, decorate(method))
            body = {k: v for k, v in vars(test).items() if k not in ("__dict__", "__weakref__")}
            return type(test)(test.__name__, test.__bases__, body)
        if not cases:
            return unittest.skip("GraphScope runs graphs, as TensorFlow 1 does")(test)
        taken = inspect.signature(test).parameters

        @functools.wraps(test)
        def decorated(self: Any, **kwargs: Any) -> None:
            test(self, **{key: value for key, value in kwargs.items() if key in taken})

        return parameterized().named_parameters(*cases)(decorated)

    return decorate
