"""Tests that are made of one test and a list of arguments: absl.testing.parameterized, made small.

A decorator makes several tests of one; a class below `TestCase` takes them apart. Where absl is
installed, its own module is the one that programs import.
"""

from __future__ import annotations

import functools
import itertools
import unittest
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphscope.platform.assertions import Assertions

__all__ = ["CoopTestCase", "TestCase", "named_parameters", "parameters", "product"]

_PREFIX = unittest.TestLoader.testMethodPrefix


class _Cases:
    """The tests that were made of one. Iterating gives functions of the test object alone."""

    def __init__(self, test: Callable[..., Any], cases: Sequence[Any], named: bool) -> None:
        self._test = test
        self._cases = cases
        self._named = named
        self.__name__ = test.__name__

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(
            f"{self.__name__} is several tests: its class has to be a parameterized.TestCase"
        )

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return (self._bound(case) for case in self._cases)

    def _bound(self, case: Any) -> Callable[..., Any]:
        name = None
        if self._named and isinstance(case, Mapping):
            name = case["testcase_name"]
            case = {k: v for k, v in case.items() if k != "testcase_name"}
        elif self._named:
            name, *case = case
        test = self._test

        @functools.wraps(test)
        def bound(own: Any) -> Any:
            if isinstance(case, Mapping):
                return test(own, **case)
            return test(own, *case) if _listed(case) else test(own, case)

        if name is not None:
            apart = "_" if self.__name__.startswith("test_") and not name.startswith("_") else ""
            bound.__name__ = f"{self.__name__}{apart}{name}"
            vars(bound)["__x_use_name__"] = True
        return bound


def _listed(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _decorator(cases: Sequence[Any], named: bool) -> Callable[[Any], Any]:
    """Errors: ValueError without any arguments."""
    if len(cases) == 1 and not isinstance(cases[0], tuple | Mapping):
        cases = list(cases[0])
    if not cases:
        raise ValueError("parameterized test decorators did not generate any tests")

    def decorate(test: Any) -> Any:
        if not isinstance(test, type):
            return _Cases(test, list(cases), named)
        for name, method in list(vars(test).items()):
            if name.startswith(_PREFIX) and callable(method):
                delattr(test, name)
                for each, made in _apart(name, _Cases(method, list(cases), named)):
                    setattr(test, each, made)
        return test

    return decorate


def parameters(*cases: Any) -> Callable[[Any], Any]:
    """The test with each of these arguments: tuples, dicts, or single values."""
    return _decorator(cases, named=False)


def named_parameters(*cases: Any) -> Callable[[Any], Any]:
    """The same, with the end of each test's name as the first of its arguments.

    In a dict it is "testcase_name".
    """
    return _decorator(cases, named=True)


def product(*rows: Any, **grid: Any) -> Callable[[Any], Any]:
    """The test with every choice of one value for each keyword.

    rows: lists of dicts of keywords that go together.
    """
    lists = [list(row) for row in rows]
    lists += [[{name: value} for value in values] for name, values in grid.items()]
    chosen = [
        {k: v for part in parts for k, v in part.items()} for parts in itertools.product(*lists)
    ]
    return _decorator(chosen, named=False)


def _apart(name: str, tests: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The tests with the names that they have in a class."""
    for index, test in enumerate(tests):
        yield (test.__name__ if vars(test).get("__x_use_name__") else f"{name}{index}"), test


class _Apart(type):
    """A class whose body has several tests in one place."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        made: dict[str, Any] = {}
        for key, value in body.items():
            if key.startswith(_PREFIX) and _listed(value) and not isinstance(value, Mapping):
                for each, test in _apart(key, value):
                    if each in made:
                        raise ValueError(f"Duplicate parameterized test name in {name}: {each}")
                    made[each] = test
            else:
                made[key] = value
        return super().__new__(cls, name, bases, made)


class TestCase(Assertions, metaclass=_Apart):
    """A test whose class takes apart what the decorators made."""

    __test__ = True


def CoopTestCase(other_base_class: type) -> type:
    """A class of tests that is of another class as well."""
    meta: Any = type("_CoopMetaclass", (_Apart, type(other_base_class)), {})
    made: type = meta("CoopTestCase", (other_base_class, TestCase), {})
    return made
