"""Variables by kind and by name, and argument scopes (tf.contrib.framework)."""

from __future__ import annotations

import re
from typing import Any

from graphscope.contrib.arg_scope import (
    add_arg_scope,
    arg_scope,
    arg_scoped_arguments,
    current_arg_scope,
    has_arg_scope,
)
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.graph import get_default_graph
from graphscope.ops.checks import assert_scalar
from graphscope.ops.variable_scope import get_variable
from graphscope.ops.variables import GraphKeys, Variable
from graphscope.train.global_step import (
    assert_global_step,
    create_global_step,
    get_global_step,
    get_or_create_global_step,
)

__all__ = [
    "add_arg_scope",
    "add_model_variable",
    "arg_scope",
    "arg_scoped_arguments",
    "assert_global_step",
    "assert_scalar",
    "create_global_step",
    "current_arg_scope",
    "filter_variables",
    "get_global_step",
    "get_local_variables",
    "get_model_variables",
    "get_or_create_global_step",
    "get_trainable_variables",
    "get_unique_variable",
    "get_variable_full_name",
    "get_variables",
    "get_variables_by_name",
    "get_variables_by_suffix",
    "get_variables_to_restore",
    "has_arg_scope",
    "is_tensor",
    "local_variable",
    "model_variable",
    "variable",
]


def is_tensor(x: Any) -> bool:
    """Whether x is a Tensor or a Variable. Source: tf.is_tensor, tf.contrib.framework.is_tensor."""
    return is_tensor_like(x)


@add_arg_scope
def variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    **_: Any,
) -> Any:
    """A variable of the open scope: see `get_variable`."""
    return get_variable(name, shape, dtype, initializer, regularizer, trainable, collections)


@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    **_: Any,
) -> Any:
    """A variable of the open scope that is also kept in GraphKeys.MODEL_VARIABLES."""
    kept = [*(collections or ()), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
    return get_variable(name, shape, dtype, initializer, regularizer, trainable, kept)


def local_variable(
    initial_value: Any, validate_shape: bool = True, name: str | None = None, **_: Any
) -> Variable:
    """A variable that is not trained and not saved."""
    return Variable(
        initial_value,
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES],
        validate_shape=validate_shape,
        name=name,
    )


def add_model_variable(var: Variable) -> None:
    """Keep a variable in GraphKeys.MODEL_VARIABLES, once."""
    if var not in get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES):
        get_default_graph().add_to_collection(GraphKeys.MODEL_VARIABLES, var)


def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = GraphKeys.GLOBAL_VARIABLES
) -> list[Variable]:
    """The variables of a collection whose names begin with `scope` and end with `suffix`."""
    prefix = getattr(scope, "name", scope) or None
    found: list[Variable] = get_default_graph().get_collection(collection, prefix)
    return [v for v in found if suffix is None or v.op.name.endswith(suffix)]


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Variable]:
    return get_variables(scope, suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[Variable]:
    """The variables whose last part of the name is this."""
    return [v for v in get_variables(scope) if v.op.name.rpartition("/")[2] == given_name]


def get_unique_variable(var_op_name: str) -> Variable:
    """The one variable of this full name. Errors: ValueError when there is none, or several."""
    candidates = [v for v in get_variables() if v.op.name.startswith(var_op_name)]
    exact = [v for v in candidates if v.op.name == var_op_name]
    if len(exact) == 1:
        return exact[0]
    if len(candidates) == 1:
        return candidates[0]
    raise ValueError(
        f"Couldn't find variable {var_op_name}"
        if not candidates
        else f"Variable {var_op_name} does not uniquely identify a variable"
    )


def get_variable_full_name(var: Variable) -> str:
    return var.op.name


def filter_variables(
    var_list: Any,
    include_patterns: Any = None,
    exclude_patterns: Any = None,
    reg_search: bool = True,
) -> list[Variable]:
    """The variables whose names have a match of one pattern, and of none of the others."""
    match = re.search if reg_search else re.match
    found = list(var_list)
    if include_patterns is not None:
        found = [v for v in found if any(match(p, v.name) for p in include_patterns)]
    if exclude_patterns is not None:
        found = [v for v in found if not any(match(p, v.name) for p in exclude_patterns)]
    return found


def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Variable]:
    """The global variables whose names begin with one of `include`, and with none of `exclude`."""
    wanted = get_variables() if include is None else [v for i in include for v in get_variables(i)]
    unwanted = {id(v) for scope in exclude or () for v in get_variables(scope)}
    return [v for v in dict.fromkeys(wanted) if id(v) not in unwanted]
