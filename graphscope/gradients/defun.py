"""`Defun`: functions with typed arguments, as graphs of 2016 have them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from graphscope.gradients.custom import custom_gradient
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.scopes import name_scope


class Defun:
    """Decorates a function of tensors: its operations are added wherever it is called.

    input_types: the types of the arguments. func_name: the name scope of its operations.
    grad_func: a function of the arguments and the gradients of the results, that returns the
    gradients of the arguments. python_grad_func: the same, of an operation (with `inputs` and
    `outputs`) and the gradients of the results.
    Errors: ValueError for another number of arguments, or for both gradients.
    Source: tensorflow.python.framework.function.Defun.
    """

    def __init__(
        self,
        *input_types: Any,
        func_name: str | None = None,
        grad_func: Any = None,
        python_grad_func: Any = None,
        out_names: Any = None,
        **_: Any,
    ) -> None:
        self._types = input_types
        self._name = func_name
        self._gradients = [g for g in (grad_func, python_grad_func) if g is not None]
        self._of_operation = python_grad_func is not None

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        scope = self._name or func.__name__.strip("<>")

        def body(*xs: Any) -> Any:
            with name_scope(scope):
                return func(*xs)

        @functools.wraps(func)
        def called(*args: Any, name: str | None = None) -> Any:
            if self._types and len(args) != len(self._types):
                raise ValueError(
                    f"Expected number of arguments: {len(self._types)}, received: {len(args)}"
                )
            types = self._types or (None,) * len(args)
            xs = [convert_to_tensor(x, dtype) for x, dtype in zip(args, types, strict=True)]
            return self._with_gradient(body)(*xs)

        def add_to_graph(_: Any) -> None:
            self._with_gradient(body)

        vars(called).update(add_to_graph=add_to_graph)
        return called

    def _with_gradient(self, body: Callable[..., Any]) -> Callable[..., Any]:
        if not self._gradients:
            return body
        if len(self._gradients) > 1:
            raise ValueError("Gradient defined twice, by grad_func and by python_grad_func")
        rule = self._gradients[0]

        @custom_gradient
        def pair(*xs: Any) -> Any:
            result = body(*xs)
            outputs = list(result) if isinstance(result, list | tuple) else [result]

            def grad(*dys: Any) -> Any:
                if self._of_operation:
                    return rule(SimpleNamespace(inputs=list(xs), outputs=outputs), *dys)
                return rule(*xs, *dys)

            return result, grad

        return pair
