"""What the modules below tensorflow.python hold for variables, sessions and training."""

from __future__ import annotations

import collections.abc
import inspect
from typing import Any

import graphscope
from graphscope import errors
from graphscope.engine.conversions import register_session_run_conversion_functions
from graphscope.engine.devices import DeviceAttributes
from graphscope.gradients import (
    AggregationMethod,
    Defun,
    GradientTape,
    UnconnectedGradients,
    as_indexed_slices,
    custom,
    gradients,
    hessian_vector_product,
    hessians,
)
from graphscope.graph import defaults, dtypes, graph
from graphscope.graph.conversions import register_tensor_conversion_function
from graphscope.ops import (
    control_flow,
    get_variable,
    gradient_registry,
    partitions,
    resource_variable,
    state,
    variable_lists,
    variable_scope,
    variable_store,
    variables,
)
from graphscope.ops.variable_def import VariableDef
from graphscope.platform import (
    common_shapes,
    conversions,
    data_types,
    devices,
    eager,
    inspection,
    messages,
    stacks,
    static_values,
)


def of(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


_PARTITIONERS = of(
    partitions,
    "fixed_size_partitioner",
    "min_max_variable_partitioner",
    "variable_axis_size_partitioner",
) | {"create_partitioned_variables": variable_scope.create_partitioned_variables}

_KINDS = of(variables, "VariableAggregation", "VariableSynchronization")

_TOGGLES = of(
    variable_store,
    "disable_resource_variables",
    "enable_resource_variables",
    "resource_variables_enabled",
)

_TYPES: dict[str, Any] = {
    "QUANTIZED_DTYPES": frozenset(each for t in dtypes.QUANTIZED for each in (t, t.ref)),
    **{t.name: t for t in (*dtypes.QUANTIZED, dtypes.resource, dtypes.variant)},
}

_CONVERSIONS = {
    **of(
        conversions,
        "convert_n_to_tensor_or_indexed_slices",
        "convert_to_tensor_or_indexed_slices",
    ),
    **{
        f"internal_{name}": getattr(conversions, name)
        for name in (
            "convert_n_to_tensor_or_indexed_slices",
            "convert_to_tensor_or_indexed_slices",
        )
    },
}

#: Public names of the top that are here and not in `graphscope` itself.
TOP: dict[str, Any] = {
    **of(conversions, "convert_to_tensor", "convert_to_tensor_or_indexed_slices"),
    "register_tensor_conversion_function": register_tensor_conversion_function,
    **_TYPES,
    **_PARTITIONERS,
    **_KINDS,
    **_TOGGLES,
    **of(custom, "custom_gradient", "recompute_grad"),
    **of(gradient_registry, "NotDifferentiable", "RegisterGradient"),
    "AggregationMethod": AggregationMethod,
    "DeviceSpec": devices.DeviceSpec,
    "GRAPH_DEF_VERSION_MIN_CONSUMER": 0,
    "GRAPH_DEF_VERSION_MIN_PRODUCER": 0,
    "GradientTape": GradientTape,
    "NoGradient": gradient_registry.NotDifferentiable,
    "UnconnectedGradients": UnconnectedGradients,
    "VariableScope": variable_store.VariableScope,
    "hessians": hessians,
    "initialize_all_tables": variable_lists.tables_initializer,
    "no_gradient": gradient_registry.NotDifferentiable,
    "tables_initializer": variable_lists.tables_initializer,
    "variable_creator_scope": variable_store.variable_creator_scope,
}

_REGISTRY = {
    **of(gradient_registry, "NotDifferentiable", "RegisterGradient"),
    "NoGradient": gradient_registry.NotDifferentiable,
}

_GRADIENTS = {
    "AggregationMethod": AggregationMethod,
    "UnconnectedGradients": UnconnectedGradients,
    "_hessian_vector_product": hessian_vector_product,
    "gradients": gradients,
    "hessians": hessians,
}

INNER: dict[str, dict[str, Any]] = {
    "ops.math_ops": {"_as_indexed_slices": as_indexed_slices},
    "ops.partitioned_variables": _PARTITIONERS,
    "ops.resource_variable_ops": {
        **of(
            resource_variable,
            "BaseResourceVariable",
            "ResourceVariable",
            "is_resource_variable",
        ),
        "_UnreadVariable": resource_variable.UnreadVariable,
    },
    "ops.resources": {
        **of(resource_variable, "initialize_resources", "shared_resources"),
        "report_uninitialized_resources": resource_variable.report_uninitialized_resources,
    },
    "ops.gen_state_ops": {"variable": state.variable_op},
    "ops.state_ops": {
        **of(state, "is_variable_initialized", "variable_op"),
        "variable_op_v2": state.variable_op,
    },
    "ops.variable_scope": {
        **_KINDS,
        **_TOGGLES,
        **of(
            variable_store,
            "AUTO_REUSE",
            "EagerVariableStore",
            "VariableScope",
            "get_variable_scope",
            "variable_creator_scope",
            "with_variable_store",
        ),
        **of(
            variable_scope,
            "no_regularizer",
            "variable",
            "variable_op_scope",
            "variable_scope",
        ),
        **of(get_variable, "get_local_variable", "get_variable"),
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
        "Variable": variables.VariableV2,
        "VariableAggregationV2": variables.VariableAggregation,
        "VariableV1": variables.Variable,
        "all_variables": variables.global_variables,
        "initialize_all_variables": variables.global_variables_initializer,
        "initialize_local_variables": variables.local_variables_initializer,
        "initialize_variables": variables.variables_initializer,
    },
    "ops.control_flow_ops": of(control_flow, "with_dependencies"),
    "client.session": {
        "BaseSession": graphscope.Session,
        "InteractiveSession": graphscope.InteractiveSession,
        "Session": graphscope.Session,
        "_DeviceAttributes": DeviceAttributes,
        "register_session_run_conversion_functions": register_session_run_conversion_functions,
    },
    "eager.backprop": {"GradientTape": GradientTape},
    "eager.function": {"defun": eager.function},
    "framework.common_shapes": of(
        common_shapes,
        "broadcast_shape",
        "has_fully_defined_shape",
        "is_broadcast_compatible",
        "no_outputs",
        "scalar_shape",
        "unchanged_shape",
        "unchanged_shape_with_rank",
        "unchanged_shape_with_rank_at_least",
        "unchanged_shape_with_rank_at_most",
        "unknown_shape",
    ),
    "framework.device": of(
        devices, "DeviceSpec", "canonical_name", "check_valid", "is_device_spec", "merge_device"
    ),
    "framework.device_spec": {
        "DeviceSpecV1": devices.DeviceSpec,
        "DeviceSpecV2": devices.DeviceSpec,
    },
    "framework.dtypes": {
        **_TYPES,
        **{f"{t.name}_ref": t.ref for t in dtypes.NAMED},
        "TF_VALUE_DTYPES": {*dtypes.ALL, *dtypes.QUANTIZED},
        "double_ref": dtypes.double.ref,
        "half_ref": dtypes.half.ref,
        "np_resource": dtypes.resource.numpy,
    },
    "framework.function": {"Defun": Defun},
    "framework.indexed_slices": _CONVERSIONS,
    "framework.ops": {
        **_REGISTRY,
        **_CONVERSIONS,
        **of(
            conversions,
            "convert_n_to_tensor",
            "convert_to_tensor",
            "get_all_collection_keys",
            "get_gradient_function",
            "get_name_scope",
            "has_default_graph",
            "inside_function",
            "is_dense_tensor_like",
            "name_from_scope_name",
            "prepend_name_scope",
            "strip_name_scope",
            "tensor_id",
            "uid",
        ),
        "executing_eagerly_outside_functions": eager.executing_eagerly,
        "internal_convert_n_to_tensor": conversions.convert_n_to_tensor,
        "internal_convert_to_tensor": conversions.convert_to_tensor,
        "register_tensor_conversion_function": register_tensor_conversion_function,
        "RegisterShape": gradient_registry.RegisterShape,
        "_default_graph_stack": stacks.DefaultStack(graph.default_graphs),
        "_default_session_stack": stacks.DefaultStack(defaults.default_sessions),
    },
    "framework.tensor_util": of(
        static_values,
        "constant_value",
        "constant_value_as_shape",
        "maybe_set_static_shape",
        "shape_tensor",
    ),
    "framework.versions": {
        "GRAPH_DEF_VERSION_MIN_CONSUMER": 0,
        "GRAPH_DEF_VERSION_MIN_PRODUCER": 0,
    },
    "ops.custom_gradient": of(
        custom, "custom_gradient", "get_dependent_variables", "recompute_grad"
    ),
    "ops.gradients": _GRADIENTS,
    "ops.gradients_impl": _GRADIENTS,
    "ops.gradients_util": _GRADIENTS,
    "ops.unconnected_gradients": {"UnconnectedGradients": UnconnectedGradients},
    "util.tf_inspect": {
        **of(inspection, "ArgSpec", "getargspec"),
        **{name: value for name, value in vars(inspect).items() if name[0] != "_"},
    },
    "util.compat": {"collections_abc": collections.abc},
}

_CODES = [name for name in vars(errors) if name.isupper()]

#: Modules beside tensorflow.python.
BESIDE: dict[str, dict[str, Any]] = {
    "tensorflow.core.protobuf.config_pb2": of(
        messages,
        "CallableOptions",
        "ConfigProto",
        "GPUOptions",
        "GraphOptions",
        "OptimizerOptions",
        "RunMetadata",
        "RunOptions",
        "ThreadPoolOptionProto",
    ),
    "tensorflow.core.framework.variable_pb2": {"VariableDef": VariableDef},
    "tensorflow.core.framework.step_stats_pb2": of(
        messages, "DeviceStepStats", "NodeExecStats", "StepStats"
    ),
    "tensorflow.core.framework.types_pb2": {**data_types.NUMBERS, "DataType": data_types.DataType},
    "tensorflow.core.lib": {},
    "tensorflow.core.lib.core": {},
    "tensorflow.core.lib.core.error_codes_pb2": of(errors, *_CODES),
}
