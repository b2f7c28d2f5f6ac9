"""The variables of a graph, by the collections that they are kept in."""

from __future__ import annotations

from typing import Any

from graphscope.graph.dtypes import string
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.ops import state
from graphscope.ops.array import constant
from graphscope.ops.control_flow import group
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.indexing import boolean_mask
from graphscope.ops.joining import stack
from graphscope.ops.logic import logical_not


def global_variables(scope: str | None = None) -> list[Any]:
    """All variables that are shared by a whole training. Source: tf.global_variables."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    """The variables that are not saved. Source: tf.local_variables."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimizers train by default. Source: tf.trainable_variables."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """The variables of the model, as far as it says which. Source: tf.model_variables."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """The variables of which an ExponentialMovingAverage is kept (tf.moving_average_variables)."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Any, name: str = "init") -> Operation:
    """One operation that initializes all variables of the list. Source:
    tf.variables_initializer."""
    return group(*(variable.initializer for variable in var_list), name=name)


def global_variables_initializer() -> Operation:
    """One operation that initializes all variables made so far. Source:
    tf.global_variables_initializer."""
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    """One operation that initializes all local variables made so far. Source:
    tf.local_variables_initializer."""
    return variables_initializer(local_variables())


def tables_initializer(name: str = "init_all_tables") -> Operation:
    """One operation that initializes all tables made so far. Source: tf.tables_initializer."""
    return group(*get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS), name=name)


def report_uninitialized_variables(
    var_list: Any = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of the variables without a value, in the run in which it is fetched: strings, [n].

    var_list: all global and local variables when left out.
    Source: tf.report_uninitialized_variables.
    """
    variables = _all_variables() if var_list is None else list(var_list)
    with name_scope(name):
        if not variables:
            return constant([], string)
        missing = logical_not(stack([state.is_variable_initialized(v) for v in variables]))
        return boolean_mask(constant([v.op.name for v in variables]), missing)


def assert_variables_initialized(var_list: Any = None) -> Tensor | None:
    """A tensor that fails with FailedPreconditionError, in a run, when one of them has no value.

    var_list: all global and local variables when left out. None when there is none.
    Source: tf.assert_variables_initialized.
    """
    variables = _all_variables() if var_list is None else list(var_list)
    if not variables:
        return None
    ranks = [OPS["Rank"](v._ref() if hasattr(v, "_ref") else v) for v in variables]
    return ranks[0] if len(ranks) == 1 else stack(ranks)


def _all_variables() -> list[Any]:
    """The global and local variables, or the places of all variables when no collection has any."""
    found: list[Any] = [*global_variables(), *local_variables()]
    places = (op for op in get_default_graph().operations if op.definition.is_variable)
    return found or [op.outputs[0] for op in places]
