"""What the modules below tensorflow.python hold for variables, sessions and training."""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope import derivatives
from graphscope.gradients import AggregationMethod, UnconnectedGradients, as_indexed_slices
from graphscope.ops import (
    control_flow,
    get_variable,
    gradient_registry,
    partitions,
    resource_variable,
    state,
    variable_scope,
    variable_store,
    variables,
)
from graphscope.platform import eager
from graphscope.train import moving_averages, slots


def _of(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


_PARTITIONERS = _of(
    partitions,
    "fixed_size_partitioner",
    "min_max_variable_partitioner",
    "variable_axis_size_partitioner",
) | {"create_partitioned_variables": variable_scope.create_partitioned_variables}

_KINDS = _of(variables, "VariableAggregation", "VariableSynchronization")

_TOGGLES = _of(
    variable_store,
    "disable_resource_variables",
    "enable_resource_variables",
    "resource_variables_enabled",
)

#: Public names of the top that are here and not in `graphscope` itself.
TOP: dict[str, Any] = {
    **_PARTITIONERS,
    **_KINDS,
    **_TOGGLES,
    **_of(derivatives, "GradientTape", "custom_gradient", "hessians", "recompute_grad"),
    **_of(gradient_registry, "NotDifferentiable", "RegisterGradient"),
    "AggregationMethod": AggregationMethod,
    "NoGradient": gradient_registry.NotDifferentiable,
    "UnconnectedGradients": UnconnectedGradients,
    "VariableScope": variable_store.VariableScope,
    "no_gradient": gradient_registry.NotDifferentiable,
    "variable_creator_scope": variable_store.variable_creator_scope,
}

_REGISTRY = {
    **_of(gradient_registry, "NotDifferentiable", "RegisterGradient"),
    "NoGradient": gradient_registry.NotDifferentiable,
}

_GRADIENTS = {
    "AggregationMethod": AggregationMethod,
    "UnconnectedGradients": UnconnectedGradients,
    "_hessian_vector_product": derivatives.hessian_vector_product,
    "gradients": graphscope.gradients,
    "hessians": derivatives.hessians,
}

INNER: dict[str, dict[str, Any]] = {
    "ops.math_ops": {"_as_indexed_slices": as_indexed_slices},
    "ops.partitioned_variables": _PARTITIONERS,
    "ops.resource_variable_ops": {
        **_of(
            resource_variable,
            "BaseResourceVariable",
            "ResourceVariable",
            "is_resource_variable",
        ),
        "_UnreadVariable": resource_variable.UnreadVariable,
    },
    "ops.resources": {
        **_of(resource_variable, "initialize_resources", "shared_resources"),
        "report_uninitialized_resources": resource_variable.report_uninitialized_resources,
    },
    "ops.state_ops": _of(state, "is_variable_initialized"),
    "ops.variable_scope": {
        **_KINDS,
        **_TOGGLES,
        **_of(
            variable_store,
            "AUTO_REUSE",
            "EagerVariableStore",
            "VariableScope",
            "get_variable_scope",
            "variable_creator_scope",
            "with_variable_store",
        ),
        **_of(
            variable_scope,
            "no_regularizer",
            "variable",
            "variable_op_scope",
            "variable_scope",
        ),
        **_of(get_variable, "get_local_variable", "get_variable"),
        "variable_creator_scope_v1": variable_store.variable_creator_scope,
        "_DEFAULT_USE_RESOURCE": False,
        "_PartitionInfo": partitions.PartitionInfo,
        "_ReuseMode": type(variable_store.AUTO_REUSE),
        "_VariableStore": variable_store.Store,
        "_get_default_variable_store": variable_store.variable_store,
    },
    "ops.variables": {
        **_KINDS,
        "PartitionedVariable": partitions.PartitionedVariable,
        "RefVariable": variables.RefVariable,
        "Variable": variables.Variable,
        "VariableV1": variables.Variable,
        "all_variables": variables.global_variables,
        "initialize_all_variables": variables.global_variables_initializer,
        "initialize_local_variables": variables.local_variables_initializer,
        "initialize_variables": variables.variables_initializer,
    },
    "ops.control_flow_ops": _of(control_flow, "with_dependencies"),
    "eager.backprop": {"GradientTape": derivatives.GradientTape},
    "eager.function": {"defun": eager.function},
    "framework.function": {"Defun": derivatives.Defun},
    "framework.ops": _REGISTRY,
    "ops.custom_gradient": _of(
        derivatives, "custom_gradient", "get_dependent_variables", "recompute_grad"
    ),
    "ops.gradients": _GRADIENTS,
    "ops.gradients_impl": _GRADIENTS,
    "ops.gradients_util": _GRADIENTS,
    "ops.unconnected_gradients": {"UnconnectedGradients": UnconnectedGradients},
    "training.moving_averages": _of(moving_averages, "assign_moving_average"),
    "training.slot_creator": _of(
        slots, "create_slot", "create_slot_with_initializer", "create_zeros_slot"
    ),
}
