"""Variables by kind and by name, and argument scopes (tf.contrib.framework)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from graphscope.contrib.arg_scope import (
    add_arg_scope,
    arg_scope,
    arg_scoped_arguments,
    current_arg_scope,
    has_arg_scope,
)
from graphscope.contrib.checked_shapes import (
    assert_scalar_int,
    reduce_sum_n,
    with_same_shape,
    with_shape,
)
from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import get_default_graph
from graphscope.layers.smart_cond import smart_cond, smart_constant_value
from graphscope.ops.array import placeholder
from graphscope.ops.checks import assert_scalar
from graphscope.ops.control_flow import group
from graphscope.ops.search import argsort, sort
from graphscope.ops.shape_checks import assert_same_float_dtype
from graphscope.ops.variable_scope import get_variable, get_variable_scope
from graphscope.ops.variables import GraphKeys, Variable
from graphscope.ops.weights import remove_squeezable_dimensions
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
    "argsort",
    "assert_global_step",
    "assert_or_get_global_step",
    "assert_same_float_dtype",
    "assert_scalar",
    "assert_scalar_int",
    "assign_from_values",
    "assign_from_values_fn",
    "create_global_step",
    "current_arg_scope",
    "filter_variables",
    "get_global_step",
    "get_graph_from_inputs",
    "get_local_variables",
    "get_model_variables",
    "get_name_scope",
    "get_or_create_global_step",
    "get_placeholders",
    "get_trainable_variables",
    "get_unique_variable",
    "get_variable_full_name",
    "get_variables",
    "get_variables_by_name",
    "get_variables_by_suffix",
    "get_variables_to_restore",
    "global_variable",
    "has_arg_scope",
    "is_tensor",
    "local_variable",
    "model_variable",
    "nest",
    "reduce_sum_n",
    "remove_squeezable_dimensions",
    "smart_cond",
    "smart_constant_value",
    "sort",
    "variable",
    "with_same_shape",
    "with_shape",
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
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: Any = None,
    **options: Any,
) -> Any:
    """A variable of the open scope: see `get_variable`, which `custom_getter` takes the place of.

    device: the device that it is on. Source: tf.contrib.framework.variable.
    """
    kept = [GraphKeys.GLOBAL_VARIABLES] if collections is None else collections
    getter: Any = get_variable
    if custom_getter is not None:
        getter = functools.partial(custom_getter, reuse=get_variable_scope().reuse)
    with get_default_graph().device(device or ""):
        return getter(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=list(dict.fromkeys(kept)),
            caching_device=caching_device,
            partitioner=partitioner,
            use_resource=use_resource,
            **options,
        )


@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = float32,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    **options: Any,
) -> Any:
    """A `variable` that is also kept in GraphKeys.MODEL_VARIABLES.

    Source: tf.contrib.framework.model_variable.
    """
    kept = [*(collections or ()), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
    return variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=kept,
        **options,
    )


def _untrained(
    initial_value: Any, key: str, validate_shape: bool, name: str | None, use_resource: Any
) -> Any:
    return Variable(
        initial_value,
        trainable=False,
        collections=[key],
        validate_shape=validate_shape,
        name=name,
        use_resource=use_resource,
    )


def local_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: Any = None,
) -> Any:
    """A variable that is not trained and not saved. Source: tf.contrib.framework.local_variable."""
    key = GraphKeys.LOCAL_VARIABLES
    return _untrained(initial_value, key, validate_shape, name, use_resource)


def global_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: Any = None,
) -> Any:
    """A variable that is not trained. Source: tf.contrib.framework.global_variable."""
    key = GraphKeys.GLOBAL_VARIABLES
    return _untrained(initial_value, key, validate_shape, name, use_resource)


def add_model_variable(var: Variable) -> None:
    """Keep a variable in GraphKeys.MODEL_VARIABLES, once."""
    if var not in get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES):
        get_default_graph().add_to_collection(GraphKeys.MODEL_VARIABLES, var)


def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = GraphKeys.GLOBAL_VARIABLES
) -> list[Variable]:
    """The variables of a collection whose names match `scope`, a regular expression, from the
    beginning, and end with `suffix`. Source: tf.contrib.framework.get_variables."""
    pattern = getattr(scope, "name", scope)
    if suffix is not None:
        pattern = f"{pattern or ''}.*{suffix if ':' in suffix else suffix + ':'}"
    found: list[Variable] = get_default_graph().get_collection(collection, pattern)
    return found


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
    return get_variables(scope, suffix=f"/{given_name}:|^{given_name}:")


def get_unique_variable(var_op_name: str) -> Variable:
    """The variable of this full name. Errors: ValueError when there is none."""
    candidates = get_variables(var_op_name)
    if not candidates:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    return _of_full_name(candidates, var_op_name, "does not")


def _of_full_name(candidates: list[Variable], name: str, verb: str) -> Variable:
    found = next((v for v in candidates if v.op.name == name), None)
    if found is None:
        raise ValueError(f"Variable {name} {verb} uniquely identify a variable")
    return found


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
    """The global variables whose names begin with one of `include`, and with none of `exclude`.

    Errors: TypeError for what is neither a list nor a tuple.
    """
    for word, value in (("include", include), ("exclude", exclude)):
        if value is not None and not isinstance(value, list | tuple):
            raise TypeError(f"{word} is provided but is not a list or a tuple.")
    wanted = get_variables() if include is None else [v for i in include for v in get_variables(i)]
    unwanted = {v for scope in exclude or () for v in get_variables(scope)}
    return [v for v in wanted if v not in unwanted]


def assign_from_values(var_names_to_values: Mapping[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """An operation that gives variables, by their names, these arrays, and what to feed it.

    Source: tf.contrib.framework.assign_from_values.
    Errors: ValueError for a name that there is not, or that begins the names of several.
    """
    feeds: dict[Any, Any] = {}
    writes = []
    for name, value in var_names_to_values.items():
        found = get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, name)
        if not found:
            raise ValueError(f"Variable {name} wasn't found")
        var = found[0] if len(found) == 1 else _of_full_name(found, name, "doesn't")
        given = placeholder(var.dtype.base_dtype, var.shape, name=f"placeholder/{var.op.name}")
        writes.append(var.assign(given))
        feeds[given] = value.reshape(var.shape.as_list())
    return group(*writes), feeds


def assign_from_values_fn(var_names_to_values: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A function of a session that gives the variables these arrays: see `assign_from_values`."""
    write, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(write, feeds)


def assert_or_get_global_step(graph: Any = None, global_step_tensor: Any = None) -> Any:
    """The counter of steps that is given, checked, or that of the graph.

    Source: tf.contrib.framework.assert_or_get_global_step.
    """
    if global_step_tensor is None:
        return get_global_step(graph)
    assert_global_step(global_step_tensor)
    return global_step_tensor


def get_name_scope() -> str:
    """The name scope that is open, "" outside of all. Source: tf.contrib.framework."""
    return get_default_graph().get_name_scope()


def get_graph_from_inputs(op_input_list: Any, graph: Any = None) -> Any:
    """The graph of the tensors; the default one when there are none. Source: tf.contrib.framework.

    Errors: ValueError when they are of several graphs, or not of the graph that is given.
    """
    own = [x.graph for x in op_input_list if hasattr(x, "graph")]
    chosen = graph or next(iter(own), None) or get_default_graph()
    if any(other is not chosen for other in own):
        raise ValueError("The inputs must all be from the same graph, and from the graph given.")
    return chosen


def get_placeholders(graph: Any) -> list[Any]:
    """The placeholders of a graph. Source: tf.contrib.framework.get_placeholders."""
    return [op.outputs[0] for op in graph.get_operations() if op.type == "Placeholder"]
