"""Tests of Keras that run in several ways: with models of each type, in each mode of running.

Source: tensorflow.python.keras.keras_parameterized of 1.15. Of the modes there is one here, a
graph in a session, so a test of the other modes alone is skipped.
"""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from graphscope.graph import nest
from graphscope.keras import backend, testing_utils
from graphscope.platform import combinations, test

__all__ = ["TestCase", "run_all_keras_modes", "run_with_all_model_types"]


parameterized = combinations.parameterized()
_TestCase: Any = parameterized.TestCase

_EAGER = "GraphScope runs graphs, and this test is of code that runs eagerly"


class TestCase(test.TestCase, _TestCase):  # type: ignore[misc]
    """A test with a Keras session of its own."""

    def tearDown(self) -> None:
        backend.clear_session()
        super().tearDown()


def run_with_all_model_types(test_or_class: Any = None, exclude_models: Any = None) -> Any:
    """The test, or each of a class, once for each type of models: functional, subclass, sequential.

    exclude_models: types that are left out.
    """
    left_out = nest.flatten(exclude_models)
    kinds = [k for k in ("functional", "subclass", "sequential") if k not in left_out]

    def decorate(method: Any) -> Any:
        @functools.wraps(method)
        def decorated(self: Any, model_type: str, *args: Any, **kwargs: Any) -> None:
            with testing_utils.model_type_scope(model_type):
                method(self, *args, **kwargs)

        named = ((f"_{kind}", kind) for kind in kinds)
        return parameterized.named_parameters(*named)(decorated)

    return _of_tests(test_or_class, decorate)


def run_all_keras_modes(
    test_or_class: Any = None,
    config: Any = None,
    always_skip_v1: bool = False,
    always_skip_eager: bool = False,
) -> Any:
    """The test, or each of a class, as a graph in a session; skipped with always_skip_v1."""

    def decorate(method: Any) -> Any:
        @functools.wraps(method)
        def decorated(self: Any, _: Any, *args: Any, **kwargs: Any) -> None:
            if always_skip_v1:
                self.skipTest(_EAGER)
            with ExitStack() as scopes:
                scopes.enter_context(testing_utils.run_eagerly_scope(False))
                scopes.enter_context(testing_utils.experimental_run_tf_function_scope(False))
                scopes.enter_context(self.test_session(use_gpu=True, config=config))
                method(self, *args, **kwargs)

        return parameterized.named_parameters(("_v1_session", None))(decorated)

    return _of_tests(test_or_class, decorate)


def _of_tests(test_or_class: Any, decorate: Callable[[Any], Any]) -> Any:
    """The decorator for a test, for those that another decorator made of one, or for a class."""

    def decorated(tests: Any) -> Any:
        if isinstance(tests, type):
            body = dict(vars(tests))
            for name, value in body.items():
                if callable(value) and name.startswith(unittest.TestLoader.testMethodPrefix):
                    body[name] = decorate(value)
            for name in ("__dict__", "__weakref__"):
                body.pop(name, None)
            return type(tests)(tests.__name__, tests.__bases__, body)
        if isinstance(tests, Iterable):
            return [each for one in tests for each in decorate(one)]
        return decorate(tests)

    return decorated if test_or_class is None else decorated(test_or_class)
