"""Functions that bring their own gradient."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.gradients.backward import differentiable_ops, gradients
from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.registry import OPS
from graphscope.ops.gradient_registry import RegisterGradient, gradient_override_map
from graphscope.ops.resource_variable import is_resource_variable
from graphscope.ops.variable_scope import variable_scope
from graphscope.ops.variable_store import get_variable_scope
from graphscope.ops.variables import trainable_variables

_NUMBERS = itertools.count()


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a function ``f(*x)`` that returns ``(y, grad)``; the gradient of y is then what
    ``grad(*dy)`` returns: one tensor for each x.

    When f uses resource variables, it is ``grad(*dy, variables=variables)``, which returns two
    lists: the gradients of each x, and of each variable.
    Errors: TypeError, when it is called, for ref variables, and when `grad` does not take what it
    should; ValueError for keyword arguments. Source: tf.custom_gradient.
    """

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError(
                "The custom_gradient decorator supports keyword arguments only where code runs "
                "eagerly: give them by their place"
            )
        xs = [convert_to_tensor(x) for x in args]
        before = set(_variables_here())
        result, grad = f(*xs)
        if not all(map(is_resource_variable, set(_variables_here()) - before)):
            raise TypeError(
                "All variables used by a function wrapped with @custom_gradient must be "
                "`ResourceVariable`s. Ensure that no `variable_scope` is created with "
                "`use_resource=False`."
            )
        variables = get_dependent_variables(xs, result)
        _check_signature(grad, variables)
        return _with_gradient(result, xs, variables, grad)

    return decorated


def _variables_here() -> list[Any]:
    scope = get_variable_scope()
    return [*scope.global_variables(), *scope.local_variables()]


def _check_signature(grad: Callable[..., Any], variables: Sequence[Any]) -> None:
    parameters = inspect.signature(grad).parameters.values()
    takes = any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters)
    if variables and not takes:
        raise TypeError(
            "If using @custom_gradient with a function that uses variables, then grad_fn must "
            "accept a keyword argument 'variables'."
        )
    if takes and not variables and not get_variable_scope().use_resource:
        raise TypeError(
            "If using @custom_gradient with a function that uses variables, the enclosing variable "
            "scope must have use_resource=True."
        )


def _with_gradient(
    result: Any, xs: Sequence[Tensor], variables: Sequence[Any], grad: Callable[..., Any]
) -> Any:
    """The result behind an IdentityN, which has all that has a gradient as inputs too."""
    ys = nest.flatten(result)
    name = f"CustomGradient-{next(_NUMBERS)}"

    @RegisterGradient(name)
    def rule(_: Any, *dys: Any) -> list[Any]:
        own = dys[: len(ys)]
        found, of_variables = grad(*own, variables=variables) if variables else (grad(*own), [])
        if len(of_variables) != len(variables):
            raise ValueError(
                "Must return gradient for each variable from @custom_gradient grad_fn."
            )
        return [*[None] * len(ys), *nest.flatten(found), *of_variables]

    with gradient_override_map(get_default_graph(), {"IdentityN": name}):
        passed = OPS["IdentityN"].node([*ys, *xs, *variables]).outputs
    return nest.pack_sequence_as(result, passed[: len(ys)])


def get_dependent_variables(input_ops: Any, output_ops: Any) -> list[Any]:
    """The trainable variables that have a part in the outputs by other ways than through the
    inputs. Source: tensorflow.python.ops.custom_gradient.get_dependent_variables.
    """
    stops = {convert_to_tensor(x).op for x in nest.flatten(input_ops)}
    ys = [convert_to_tensor(y) for y in nest.flatten(output_ops)]
    variables = trainable_variables()
    between = differentiable_ops(ys, [v._ref() for v in variables], stops)
    return [v for v in variables if v._ref().op in between]


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, of which nothing is kept for the backward pass: it is computed once more there.

    Source: tf.recompute_grad.
    """

    @custom_gradient
    @functools.wraps(f)
    def inner(*args: Any) -> Any:
        result, scope = f(*args), get_variable_scope()

        def grad(*dys: Any, variables: Any = ()) -> Any:
            once_more = variable_scope(scope, reuse=True)
            with get_default_graph().control_dependencies(dys), once_more:
                again = f(*[OPS["Identity"](x) for x in args])
                found = gradients(again, [*args, *variables], list(dys))
            xs, of_variables = found[: len(args)], found[len(args) :]
            return (xs, of_variables) if variables else xs

        return result, grad

    return inner
