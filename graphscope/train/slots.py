"""The variables that a method of training keeps beside each trained one: ``W/Momentum``.

Source: TensorFlow's slot_creator; the names are its own.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.graph import Tensor
from graphscope.ops.array import shape as shape_of
from graphscope.ops.array import zeros
from graphscope.ops.initializers import Zeros
from graphscope.ops.resource_variable import is_resource_variable
from graphscope.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from graphscope.ops.variables import Variable


def create_slot(
    primary: Any, val: Tensor, name: str, colocate_with_primary: bool = True
) -> Variable:
    """A slot of `primary`, a variable or a tensor, that begins as `val`."""
    known = val.shape.is_fully_defined()
    return _slot(primary, name, initializer=val, validate_shape=known)


def create_slot_with_initializer(
    primary: Any,
    initializer: Any,
    shape: Any,
    dtype: Any,
    name: str,
    colocate_with_primary: bool = True,
) -> Variable:
    """A slot of `primary` of the given shape and type, that begins as the initializer says."""
    known = shape.is_fully_defined()
    if not callable(initializer):  # a value, which is of a shape itself
        return _slot(primary, name, initializer=initializer, dtype=dtype, validate_shape=known)
    return _slot(
        primary, name, initializer=initializer, shape=shape, dtype=dtype, validate_shape=known
    )


def create_zeros_slot(
    primary: Any, name: str, dtype: Any = None, colocate_with_primary: bool = True
) -> Variable:
    """A slot of the shape and type of `primary`, that begins as zeros."""
    dtype = primary.dtype.base_dtype if dtype is None else dtype
    if primary.shape.is_fully_defined():
        return create_slot_with_initializer(primary, Zeros(), primary.shape, dtype, name)
    first = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(first), dtype), name)


def _slot(primary: Any, name: str, **options: Any) -> Variable:
    """The slot is a variable of the kind that its primary is, and in one part."""
    if isinstance(primary, Variable):
        options["use_resource"] = is_resource_variable(primary)
    with variable_scope(None, f"{primary.op.name}/{name}"):
        get_variable_scope().set_partitioner(None)
        slot: Variable = get_variable("", trainable=False, **options)
        return slot
