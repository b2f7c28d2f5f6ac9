"""The variables that a method of training keeps beside each trained one: ``W/Momentum``.

Source: TensorFlow's slot_creator; the names are its own.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.graph import Tensor
from graphscope.ops.array import shape as shape_of
from graphscope.ops.array import zeros
from graphscope.ops.initializers import Zeros
from graphscope.ops.variable_scope import get_variable, variable_scope
from graphscope.ops.variables import Variable


def create_slot(primary: Any, value: Tensor, name: str) -> Variable:
    """A slot of `primary`, a variable or a tensor, that begins as `value`."""
    with variable_scope(None, f"{primary.op.name}/{name}"):
        known = value.shape.is_fully_defined()
        return _slot(initializer=value, validate_shape=known)


def create_slot_with_initializer(
    primary: Any, initializer: Any, shape: Any, dtype: Any, name: str
) -> Variable:
    """A slot of `primary` of the given shape and type, that begins as the initializer says."""
    with variable_scope(None, f"{primary.op.name}/{name}"):
        known = shape.is_fully_defined()
        return _slot(initializer=initializer, shape=shape, dtype=dtype, validate_shape=known)


def create_zeros_slot(primary: Any, name: str) -> Variable:
    """A slot of the shape and type of `primary`, that begins as zeros."""
    dtype = primary.dtype.base_dtype
    if primary.shape.is_fully_defined():
        return create_slot_with_initializer(primary, Zeros(), primary.shape, dtype, name)
    first = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(first), dtype), name)


def _slot(**options: Any) -> Variable:
    slot: Variable = get_variable("", trainable=False, **options)
    return slot
