"""The same value, and something said of it: its shape, that it is constant, or has no slope."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, T, op
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.array import all_present
from graphscope.ops.joining import stack


@op("GuaranteeConst", kind="array", differentiable=False)
def guarantee_const(input: T) -> T:
    """The same value, of which it is promised that it is the same in every run."""
    return input


@op("Snapshot", kind="array")
def _snapshot(input: T) -> T:
    """The same value."""
    return input


@_snapshot.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return dy


@op("PreventGradient", kind="array")
def _prevent_gradient(input: T, *, message: str = "") -> T:
    """The same value; who asks for its gradient is told why there is none."""
    return input


@_prevent_gradient.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, *, message: str) -> Any:
    raise LookupError(f"Gradient explicitly disabled. Reason: {message}")


@op(
    "IdentityN",
    kind="array",
    shape=lambda input: tuple(tensor.shape for tensor in input),
    dtype=lambda input: tuple(tensor.dtype.base_dtype for tensor in input),
)
def _identity_n(input: list[Any_]) -> tuple[T, ...]:
    """The same values, all of them once all are there."""
    return tuple(input)


@_identity_n.gradient
def _(dys: Any, ys: Any, input: list[Tensor]) -> Any:
    return [dys] if isinstance(dys, Tensor) else [*all_present(dys, ys)]


def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """The same values, as new tensors, once all are there. Source: tf.identity_n."""
    return _identity_n.node(list(input), name=name).outputs


@op("EnsureShape", kind="array", shape=lambda input, *, shape: input.shape.merge_with(shape))
def _ensure_shape(input: T, *, shape: TensorShape) -> T:
    """The same value, whose shape is looked at in each run."""
    if not shape.is_compatible_with(input.shape):
        raise ValueError(
            f"Shape of tensor {TensorShape(input.shape).short} is not compatible with expected "
            f"shape {shape.short}."
        )
    return input


@_ensure_shape.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **_: Any) -> Any:
    return dy


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """x, of which the shape is known from here on. Source: tf.ensure_shape.

    Errors: ValueError when it is known to be another; InvalidArgumentError, in a run, when it is.
    """
    result: Tensor = _ensure_shape(x, shape=as_shape(shape), name=name)
    return result


def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """Tensors of one known shape along a new first axis. Source: tf.parallel_stack."""
    with name_scope(name):
        shape = convert_to_tensor(values[0]).shape
        if not shape.is_fully_defined():
            raise ValueError("parallel_stack needs a first tensor whose shape is known")
        return stack([convert_to_tensor(value) for value in values])
