"""The variables that a method of training keeps beside each trained one: ``W/Momentum``.

Source: TensorFlow's slot_creator; the names are its own.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
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
    """A slot of `primary`, a variable or a tensor, that begins as `val`.

    colocate_with_primary: it is on the device of the primary.
    """
    near = _near(primary, colocate_with_primary)
    return _slot(primary, name, near, initializer=val, validate_shape=val.shape.is_fully_defined())


def create_slot_with_initializer(
    primary: Any,
    initializer: Any,
    shape: Any,
    dtype: Any,
    name: str,
    colocate_with_primary: bool = True,
) -> Variable:
    """A slot of `primary` of the given shape and type, that begins as the initializer says."""
    options = {"dtype": dtype, "validate_shape": shape.is_fully_defined()}
    if callable(initializer):  # a value would be of a shape itself
        options["shape"] = shape
    near = _near(primary, colocate_with_primary)
    return _slot(primary, name, near, initializer=initializer, **options)


def create_zeros_slot(
    primary: Any, name: str, dtype: Any = None, colocate_with_primary: bool = True
) -> Variable:
    """A slot of the shape and type of `primary`, that begins as zeros."""
    dtype = primary.dtype.base_dtype if dtype is None else dtype
    if primary.shape.is_fully_defined():
        return create_slot_with_initializer(
            primary, Zeros(), primary.shape, dtype, name, colocate_with_primary
        )
    first = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(first), dtype), name, colocate_with_primary)


def _near(primary: Any, colocate: bool) -> AbstractContextManager[None]:
    """The block in which a slot is made."""
    near: AbstractContextManager[None] = primary.graph.colocate_with(primary.op)
    return near if colocate else nullcontext()


def _slot(primary: Any, name: str, near: AbstractContextManager[None], **options: Any) -> Variable:
    """The slot is a variable of the kind that its primary is, and in one part."""
    if isinstance(primary, Variable):
        options["use_resource"] = is_resource_variable(primary)
    with variable_scope(None, f"{primary.op.name}/{name}"), near:
        get_variable_scope().set_partitioner(None)
        slot: Variable = get_variable("", trainable=False, **options)
        return slot
