"""`case`: the first of several functions whose condition is true, as conds in conds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from graphscope.graph.dtypes import bool_, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import control_dependencies, name_scope
from graphscope.ops.array import constant
from graphscope.ops.branches import cond
from graphscope.ops.checks import assert_
from graphscope.ops.joining import stack
from graphscope.ops.logic import less_equal
from graphscope.ops.math import cast
from graphscope.ops.reduction import reduce_sum

Function = Callable[[], Any]


def case(
    pred_fn_pairs: Any,
    default: Function | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """What the first function makes whose condition is true, and `default` when none is.

    pred_fn_pairs: pairs of a boolean tensor [] and a function, or a dict of them, which is ordered
    by the names of the conditions. exclusive: more than one true condition is an error. Without a
    default one of the conditions must be true.
    Errors: TypeError for what are no such pairs; in a run InvalidArgumentError. Source: tf.case.
    """
    conditions, functions = _checked(pred_fn_pairs)
    with name_scope(name, "case", []):
        if default is None:
            last = partial(_checked_last, conditions, functions[-1])
            chosen = _chain(conditions[:-1], functions[:-1], last, strict)
        else:
            if not callable(default):
                raise TypeError("default must be callable.")
            chosen = _chain(conditions, functions, default, strict)
        if not exclusive:
            return chosen()
        pairs = conditions if default is not None else conditions[:-1]
        with control_dependencies([_at_most(pairs, 1, "Input error: exclusive=True")]):
            return chosen()


def _chain(
    conditions: Sequence[Tensor], functions: Sequence[Function], last: Function, strict: bool
) -> Function:
    """A function that makes the conds, the first condition outermost."""
    for condition, function in reversed(list(zip(conditions, functions, strict=True))):
        last = partial(cond, condition, true_fn=function, false_fn=last, strict=strict)
    return last


def _checked(given: Any) -> tuple[list[Tensor], list[Function]]:
    if not isinstance(given, list | tuple | dict):
        raise TypeError("fns must be a list, tuple, or dict")
    if isinstance(given, OrderedDict):
        given = list(given.items())
    elif isinstance(given, dict):
        given = sorted(given.items(), key=lambda item: str(item[0].name))
    for pair in given:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple")
        condition, function = pair
        if not isinstance(condition, Tensor):
            raise TypeError(f"pred must be a Tensor, got: {condition}")
        if condition.dtype.base_dtype is not bool_:
            raise TypeError(f"pred must be Tensor of type bool: {condition.name}")
        if not callable(function):
            raise TypeError(f"fn for pred {condition.name} must be callable.")
    return [condition for condition, _ in given], [function for _, function in given]


def _checked_last(conditions: Sequence[Tensor], function: Function) -> Any:
    """The last function in place of a default: its condition must be true."""
    *others, own = conditions
    at = len(others)
    message = f"the default action #{at} was called, but some of other predicates are True: "
    told = ("Input error: None of conditions evaluated as True:", stack(conditions, name="preds_c"))
    checks = [_at_most(others, 0, message)] if others else []
    with control_dependencies([*checks, assert_(own, data=told)]):
        return function()


def _at_most(conditions: Sequence[Tensor], count: int, message: str) -> Any:
    """A check that no more than so many of the conditions are true."""
    together = stack(conditions, name="preds_c")
    true = reduce_sum(cast(together, int32), name="num_true_conds")
    fits = less_equal(true, constant(count, name="n_true_conds"))
    names = ", ".join(condition.name for condition in conditions)
    told = [f"{message}: more than {count} conditions ({names}) evaluated as True:", together]
    return assert_(fits, data=told, summarize=len(conditions))
