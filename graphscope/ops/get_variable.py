"""`get_variable`: variables that are made once, and got by their names after that."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, float32, string
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import UNKNOWN, TensorShape, as_shape
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.initializers import GlorotUniform, Zeros
from graphscope.ops.joining import slice_
from graphscope.ops.partitions import (
    PartitionedVariable,
    PartitionInfo,
    SaveSliceInfo,
    cuts,
    partitions_of,
)
from graphscope.ops.variable_store import Store, variable_store, with_variable_store
from graphscope.ops.variables import Variable, VariableAggregation, VariableSynchronization


@dataclass(frozen=True)
class _Wanted:
    """What is asked of a variable, once the scope has filled in what the call left out."""

    name: str
    shape: TensorShape
    dtype: DType
    has_shape: bool
    initializer: Any
    regularizer: Any
    reuse: Any
    trainable: bool | None
    collections: Any
    validate_shape: bool
    caching_device: Any
    constraint: Any
    use_resource: bool | None
    synchronization: Any
    aggregation: Any

    @property
    def is_value(self) -> bool:
        """The initializer is a value, and no function that gives one."""
        return self.initializer is not None and not callable(self.initializer)


def get_variable(
    name: str | None,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """The variable of this name in the open variable scope: a new one, or the one there is.

    initializer: a function of a shape, a class of such, a function without arguments, or a value
    (then without `shape`); that of the scope, or glorot_uniform for floats and zeros for the rest,
    when left out. regularizer: a function of the variable; what it returns is added to
    GraphKeys.REGULARIZATION_LOSSES. partitioner: a function that says into how many parts the
    variable is cut; the result is then a `PartitionedVariable`.
    Errors: ValueError when the scope does not reuse and there is one, when it reuses and there is
    none, when there is one of another shape or type, or when no shape is known.
    Source: tf.get_variable.
    """
    scope = variable_store().current
    custom_getter = custom_getter or scope.custom_getter
    if custom_getter is not None and not callable(custom_getter):
        raise ValueError(f"custom_getter is not callable: {custom_getter}")
    full_name = scope.name if name is None else f"{scope.name}/{name}" if scope.name else name
    with get_default_graph().name_scope(None):
        if dtype is not None and initializer is not None and not callable(initializer):
            _check_type(initializer, as_dtype(dtype))
        arguments = {
            "name": full_name,
            "shape": shape,
            "dtype": as_dtype(scope.dtype if dtype is None else dtype).base_dtype,
            "initializer": scope.initializer if initializer is None else initializer,
            "regularizer": scope.regularizer if regularizer is None else regularizer,
            "reuse": scope.reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": scope.caching_device if caching_device is None else caching_device,
            "partitioner": scope.partitioner if partitioner is None else partitioner,
            "validate_shape": validate_shape,
            "constraint": scope.constraint if constraint is None else constraint,
            "use_resource": scope.use_resource if use_resource is None else use_resource,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        if custom_getter is None:
            return _get(**arguments)
        return custom_getter(_get, **arguments)


def _check_type(initializer: Any, dtype: DType) -> None:
    given = convert_to_tensor(initializer).dtype.base_dtype
    if given is not dtype.base_dtype:
        raise ValueError(f"Initializer type '{given}' and explicit dtype '{dtype}' don't match.")


def get_local_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = False,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """`get_variable` for a variable that is not saved, and not trained.

    Source: tf.get_local_variable.
    """
    return get_variable(
        name=name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=False,
        collections=[*(collections or ()), GraphKeys.LOCAL_VARIABLES],
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


def _get(
    name: str,
    shape: Any = None,
    dtype: Any = float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """What a custom getter calls: the variable of this full name."""
    wanted = _Wanted(
        name,
        as_shape(shape),
        as_dtype(dtype).base_dtype,
        shape is not None,
        initializer,
        regularizer,
        reuse,
        trainable,
        collections,
        validate_shape,
        caching_device,
        constraint,
        use_resource,
        synchronization,
        aggregation,
    )
    store = variable_store()
    is_number = isinstance(shape, list | tuple) and not shape
    if (partitioner is not None and not is_number) or (reuse is True and name in store.in_parts):
        return _in_parts(wanted, partitioner)
    if f"{name}/part_0" in store.variables:
        raise ValueError(
            "No partitioner was provided, but a partitioned version of the variable was found: "
            f"{name}/part_0. Perhaps a variable of the same name was already created with "
            "partitioning?"
        )
    return _whole(wanted)


def _from(store: Store, name: str, *args: Any, **kwargs: Any) -> Any:
    """The variable of this name in a store."""
    with with_variable_store(store):
        return _get(name, *args, **kwargs)


setattr(Store, "get_variable", _from)  # noqa: B010  # which it promises


def _whole(wanted: _Wanted, part: PartitionInfo | None = None) -> Variable:
    """The variable, or one part of one."""
    store = variable_store()
    if wanted.has_shape and wanted.is_value:
        raise ValueError("If initializer is a constant, do not specify shape.")
    found = store.variables.get(wanted.name)
    if found is not None:
        return _checked(found, wanted)
    if wanted.reuse is True:
        raise _missing("Variable", wanted)
    variable = _new(wanted, part)
    store.variables[wanted.name] = variable
    _regularize(variable, wanted)
    return variable


def _missing(kind: str, wanted: _Wanted) -> ValueError:
    return ValueError(
        f"{kind} {wanted.name} does not exist, or was not created with tf.get_variable(). Did you "
        "mean to set reuse=tf.AUTO_REUSE in VarScope?"
    )


def _in_parts(wanted: _Wanted, partitioner: Any) -> PartitionedVariable:
    """The variable in the parts that the partitioner says, or that it has already."""
    store = variable_store()
    if wanted.name in store.variables:
        raise ValueError(
            "A partitioner was provided, but an unpartitioned version of the variable was found: "
            f"{wanted.name}.  Perhaps a variable of the same name was already created without "
            "partitioning?"
        )
    shape = wanted.shape
    if isinstance(wanted.initializer, Tensor):
        shape = shape.merge_with(wanted.initializer.shape)
    counts = None
    if partitioner is not None:
        counts = partitions_of(partitioner, shape, wanted.dtype)
    found = store.in_parts.get(wanted.name)
    if found is not None:
        return _checked_parts(found, wanted, shape, counts)
    if wanted.reuse is True:
        raise _missing("PartitionedVariable", wanted)
    assert counts is not None
    parts = [
        _part(wanted, i, PartitionInfo(shape.as_list(), offset), sizes)
        for i, (offset, sizes) in enumerate(cuts([int(size) for size in shape], counts))
    ]
    made = PartitionedVariable(wanted.name, shape, parts[0].dtype.base_dtype, parts, counts)
    store.in_parts[wanted.name] = made
    return made


def _checked_parts(
    found: PartitionedVariable, wanted: _Wanted, shape: TensorShape, counts: Any
) -> PartitionedVariable:
    name = wanted.name
    if wanted.reuse is False:
        raise ValueError(
            f"Partitioned variable with name {name} already exists. Did you mean to set "
            "reuse=True or reuse=tf.AUTO_REUSE in VarScope?"
        )
    asked_and_found = {
        "shape": (shape, found.shape, shape.is_compatible_with(found.shape)),
        "dtype": (wanted.dtype.name, found.dtype.name, wanted.dtype is found.dtype),
        "partitions": (counts, found._get_partitions(), counts in (None, found._get_partitions())),
    }
    for what, (asked, there, fits) in asked_and_found.items():
        if not fits:
            raise ValueError(
                f"Trying to reuse partitioned variable {name}, but specified {what} {asked} and "
                f"found {what} {there}."
            )
    return found


def _part(wanted: _Wanted, number: int, info: PartitionInfo, sizes: list[int]) -> Variable:
    """One part of a variable, with its part of the initial value."""
    name = f"{wanted.name}/part_{number}"
    own = replace(wanted, name=name, shape=TensorShape(sizes))
    if wanted.is_value:
        with name_scope(f"{name}/PartitionedInitializer"):
            value = convert_to_tensor(wanted.initializer, preferred=True)
            own = replace(
                own,
                initializer=slice_(value, info.var_offset, sizes),
                shape=UNKNOWN,
                dtype=value.dtype.base_dtype,
                has_shape=False,
            )
    with name_scope(None):
        variable = _whole(own, info)
    variable._set_save_slice_info(
        SaveSliceInfo(wanted.name, info.full_shape, info.var_offset, sizes)
    )
    return variable


def _checked(found: Variable, wanted: _Wanted) -> Variable:
    """The variable that there is, if it may be reused and is what is asked for."""
    if wanted.reuse is False:
        error = ValueError(
            f"Variable {wanted.name} already exists, disallowed. Did you mean to set reuse=True or "
            f"reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n{found.op.source or '?'}"
        )
        hint = "once the program has run, tf.reset_default_graph() begins a new graph"
        raise teach(error, Lesson(node=f"{found.op.name} [variable]", hint=[hint]))
    if not wanted.shape.is_compatible_with(found.shape):
        raise ValueError(
            f"Trying to share variable {wanted.name}, but specified shape {wanted.shape} and found "
            f"shape {found.shape}."
        )
    if not wanted.dtype.is_compatible_with(found.dtype):
        raise ValueError(
            f"Trying to share variable {wanted.name}, but specified dtype {wanted.dtype.name} and "
            f"found dtype {found.dtype.name}."
        )
    return found


def _new(wanted: _Wanted, part: PartitionInfo | None) -> Variable:
    initializer = wanted.initializer
    if initializer is None:
        initializer = _default_initializer(wanted)
    dtype = None
    if inspect.isclass(initializer):
        initializer = initializer()
    if not callable(initializer):
        value = initializer
    elif wanted.shape.is_fully_defined():
        value = functools.partial(
            initializer, wanted.shape.as_list(), dtype=wanted.dtype, partition_info=part
        )
        dtype = wanted.dtype
    elif _needs_no_arguments(initializer):
        value = initializer
    else:
        raise ValueError(
            "The initializer passed is not valid. It should be a callable with no arguments and "
            "the shape should not be provided or an instance of `tf.keras.initializers.*' and "
            "`shape` should be fully defined."
        )
    return Variable(
        value,
        trainable=wanted.trainable,
        collections=wanted.collections,
        validate_shape=wanted.validate_shape,
        caching_device=wanted.caching_device,
        name=wanted.name,
        dtype=dtype,
        constraint=wanted.constraint,
        use_resource=wanted.use_resource,
        synchronization=wanted.synchronization,
        aggregation=wanted.aggregation,
    )


def _default_initializer(wanted: _Wanted) -> Any:
    dtype = wanted.dtype
    if dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool or dtype is string:
        return Zeros()
    raise ValueError(f"An initializer for variable {wanted.name} of {dtype} is required")


def _needs_no_arguments(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind()
    except TypeError:
        return False
    return True


def _regularize(variable: Variable, wanted: _Wanted) -> None:
    if wanted.regularizer is None:
        return
    graph = variable.graph
    with graph.control_dependencies(None), name_scope(f"{wanted.name}/Regularizer/"):
        loss = wanted.regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
