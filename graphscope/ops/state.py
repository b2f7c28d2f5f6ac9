"""Variables, and what writes them. A write is a function: the old value in, the new value out.

The engine gives a writing operation the variable's present value and keeps what it returns; no
array is ever changed in place, so that the past stays readable.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.errors import OutOfRangeError
from graphscope.graph import shapes
from graphscope.graph.declare import Bool, OpDef, T, op
from graphscope.graph.dtypes import NUMBERS, DType, as_dtype, bool_, int32, int64
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import TensorShape


@op(
    "VariableV2",
    kind="state",
    given=True,
    is_variable=True,
    differentiable=False,
    dtype=lambda *, dtype, **_: dtype.ref,
    shape=lambda *, shape, **_: shape,
)
def variable_v2(
    *, shape: TensorShape, dtype: DType, container: str = "", shared_name: str = ""
) -> T:
    """A place whose value the session keeps from one run to the next."""
    raise ValueError("the value of a variable is kept by the session")


def variable_of(tensor: Tensor) -> Operation:
    """The variable that a ref tensor stands for: its own operation, or the one assigned to."""
    op = tensor.op
    while not op.definition.is_variable:
        op = op.inputs[0].op
    return op


def written(op: Operation) -> tuple[Operation, ...]:
    """The variables that the operation writes: the trained one, then what is kept beside it."""
    count = op.definition.writes
    return tuple([variable_of(tensor) for tensor in op.inputs[:count]]) if count else ()


def _assigned(ref: Tensor, value: Tensor, *, validate_shape: bool, **_: Any) -> TensorShape:
    return shapes.merged(ref, value) if validate_shape else value.shape


@op(
    "Assign",
    kind="state",
    shape=_assigned,
    writes=1,
    takes_uninitialized=True,
    differentiable=False,
)
def _assign(ref: T, value: T, *, validate_shape: bool = True, use_locking: bool = True) -> T:
    """The variable becomes `value`. In memory its rows lie one behind the other."""
    return np.asarray(value, order="C")


@op(
    "AssignAdd",
    kind="state",
    shape=shapes.merged,
    writes=1,
    types=NUMBERS,
    symbol="+",
    differentiable=False,
)
def _assign_add(ref: T, value: T, *, use_locking: bool = False) -> T:
    """The variable grows by `value`."""
    return ref + value


@op(
    "AssignSub",
    kind="state",
    shape=shapes.merged,
    writes=1,
    types=NUMBERS,
    symbol="-",
    differentiable=False,
)
def _assign_sub(ref: T, value: T, *, use_locking: bool = False) -> T:
    """The variable shrinks by `value`."""
    return ref - value


@op(
    "IsVariableInitialized",
    kind="state",
    shape=shapes.scalar,
    dtype=bool_,
    takes_uninitialized=True,
    differentiable=False,
)
def _is_variable_initialized(ref: T) -> Bool:
    """True when the variable has a value."""
    return np.asarray(ref is not None)


@op("RefIdentity", kind="state", dtype=lambda input: input.dtype)
def ref_identity(input: T) -> T:
    """The same place, which can be written as well."""
    return input


@ref_identity.gradient
def _ref_identity_grad(dy: Tensor, y: Tensor, input: Tensor) -> tuple[Tensor]:
    return (dy,)


def variable_op(
    shape: Any,
    dtype: Any,
    name: str = "Variable",
    set_shape: bool = True,
    container: str = "",
    shared_name: str = "",
) -> Tensor:
    """The place of a variable alone, without initial value and reading.

    set_shape: False for a place that takes values of any shape.
    Source: tensorflow.python.ops.state_ops.variable_op.
    """
    known = TensorShape(shape if set_shape else None)
    place: Tensor = variable_v2(shape=known, dtype=as_dtype(dtype), name=name)
    return place


def twin_for_resources(declared: OpDef, **differences: Any) -> OpDef:
    """Declare the same operation on a resource variable: it takes the handle, and gives nothing."""
    rules = {"types": declared.types, "outputs": 0, **differences}
    return op(
        f"Resource{declared.type}",
        kind="state",
        writes=declared.writes,
        differentiable=False,
        **rules,
    )(declared.kernel)


def is_resource(ref: Any) -> bool:
    """Whether it is a resource variable, which has a way of its own to be written."""
    return hasattr(ref, "handle")


def target(ref: Any, function: str) -> Tensor:
    """The place that `ref`, a variable or what a write returned, stands for.

    Errors: AttributeError when it is neither.
    """
    tensor = ref._ref() if hasattr(ref, "_ref") else ref
    if not isinstance(tensor, Tensor) or not tensor.dtype.is_ref:
        raise AttributeError(
            f"{function} needs a variable to write to, and {ref!r} is none: a tensor is computed "
            "anew in every run"
        )
    return tensor


def assign(
    ref: Any,
    value: Any,
    validate_shape: bool | None = None,
    use_locking: bool | None = None,
    name: str | None = None,
) -> Any:
    """An operation that sets the variable to `value` when it runs. Source: tf.assign.

    Errors: AttributeError when `ref` is not a variable, ValueError when the shapes differ.
    """
    if is_resource(ref):
        return ref.assign(value, name=name)
    written: Tensor = _assign(
        target(ref, "assign"), value, validate_shape=validate_shape is not False, name=name
    )
    return written


def assign_add(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """An operation that adds `value` to the variable when it runs. Source: tf.assign_add."""
    if is_resource(ref):
        return ref.assign_add(value)  # TensorFlow forgets the name here
    written: Tensor = _assign_add(target(ref, "assign_add"), value, name=name)
    return written


def assign_sub(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """An operation that subtracts `value` from the variable. Source: tf.assign_sub."""
    if is_resource(ref):
        return ref.assign_sub(value)  # TensorFlow forgets the name here
    written: Tensor = _assign_sub(target(ref, "assign_sub"), value, name=name)
    return written


def is_variable_initialized(variable: Any) -> Any:
    """True when the variable has a value. Source: tf.is_variable_initialized."""
    if is_resource(variable):
        return variable.is_initialized()
    result: Tensor = _is_variable_initialized(target(variable, "is_variable_initialized"))
    return result


@op(
    "CountUpTo",
    kind="state",
    writes=1,
    types=(int32, int64),
    dtype=lambda ref, **_: ref.dtype.base_dtype,
    differentiable=False,
)
def _count_up_to(ref: T, *, limit: int) -> tuple[T, T]:
    """The variable grows by 1; what it was before is the output."""
    if ref >= limit:
        raise OutOfRangeError(None, None, f"Reached limit of {limit}")
    return np.asarray(ref + 1, ref.dtype), ref


resource_count_up_to = twin_for_resources(_count_up_to, dtype=_count_up_to.dtype_rule, outputs=1)


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Any:
    """Adds 1 to the variable, and gives what it was before. Source: tf.count_up_to.

    Errors: OutOfRangeError, in a run, once the variable has reached `limit`.
    """
    if is_resource(ref):
        return resource_count_up_to(ref.handle, limit=limit, name=name)
    result: Tensor = _count_up_to(target(ref, "count_up_to"), limit=limit, name=name)
    return result


@op(
    "InitializedValue",
    kind="state",
    shape=lambda ref, initial: initial.shape,
    dtype=lambda ref, initial: ref.dtype.base_dtype,
    takes_uninitialized=True,
    differentiable=False,
)
def initialized_value(ref: T, initial: T) -> T:
    """The variable's value, or `initial` while it has none.

    TensorFlow makes a tf.cond of five operations for it.
    """
    return initial if ref is None else ref
