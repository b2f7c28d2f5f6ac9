"""`while_loop`: a body that runs again as long as its test says so."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

import numpy as np

from graphscope.graph import nest
from graphscope.graph.body import Body, Call
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, Index, op
from graphscope.graph.dtypes import DType, bool_, int32, variant
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.array import identity, stop_gradient
from graphscope.ops.branches import check_scalar, common_shape
from graphscope.ops.logic import less, logical_and
from graphscope.ops.tensor_array import flow_of, with_flow_as


@op(
    "LoopVariable",
    kind="control",
    given=True,
    dtype="dtype",
    shape=lambda *, dtype, shape: shape,
    differentiable=False,
)
def _loop_variable(*, dtype: DType, shape: TensorShape) -> Any_:
    """What one call of a loop's body is given: the value that the call before gave back."""
    raise ValueError("the value of a loop variable is given with each call of the body")


def _loop_shapes(variables: list[Tensor], *, test: Body, body: Body) -> tuple[Any, ...]:
    return (*(p.shape for p in body.parameters), TensorShape(()))


def _loop_types(variables: list[Tensor], *, test: Body, body: Body) -> tuple[DType, ...]:
    return (*(p.dtype for p in body.parameters), int32)


@op("While", kind="control", outputs=("output",), shape=_loop_shapes, dtype=_loop_types)
def while_(
    variables: list[Any_], *, test: Body, body: Body
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Runs the body again and again, as long as the test holds.

    variables: what the loop begins with, then what test and body use from around them. The last
    output is how often the body has run.
    """
    values = tuple(variables[: len(body.parameters)])
    count = 0
    while True:
        (holds,) = yield Call(test, values, count)
        if holds.ndim:
            raise ValueError(f"the test of a loop gives one truth value, not {holds.size} of them")
        if not holds:
            break
        values = yield Call(body, values, count)
        count += 1
    return (*values, np.int32(count))


@op(
    "WhileGradient",
    kind="control",
    outputs=("output",),
    shape=lambda count, variables, *, body: tuple(p.shape for p in body.parameters),
    dtype=lambda count, variables, *, body: tuple(p.dtype for p in body.parameters),
)
def _while_gradient(
    count: Index, variables: list[Any_], *, body: Body
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Runs the gradient of a loop's body once for each time that the body has run, last one first.

    variables: the slopes to begin with, then what the body uses from around it.
    """
    values = tuple(variables[: len(body.parameters)])
    for i in range(int(count)):
        values = yield Call(body, values, i, beside=int(count) - 1 - i)
    return values


@_while_gradient.gradient
def _(dy: Any, y: Any, count: Tensor, variables: list[Tensor], *, body: Body) -> Any:
    raise TypeError("Second-order gradient for while loops not supported.")


def looping(definition: Any, first: Sequence[Any], starts: Sequence[Tensor], **bodies: Any) -> Any:
    """The node that owns the bodies of a loop, and begins with `starts`."""
    owned = [body for body in bodies.values() if isinstance(body, Body)]
    free = dict.fromkeys(tensor for body in owned for tensor in body.free)
    awaited = dict.fromkeys(op for body in owned for op in body.awaited)
    with get_default_graph().control_dependencies(awaited):
        return definition.node(*first, [*starts, *free], **bodies)


def repeated_backwards(
    count: Tensor, starts: Sequence[Tensor], body: Body, forward: Operation
) -> Operation:
    """The node that runs the gradient of a loop's body, after the loop itself."""
    with get_default_graph().control_dependencies([forward]):
        node: Operation = looping(_while_gradient, [count], starts, body=body)
    return node


def loop_variables(shapes: Sequence[tuple[DType, TensorShape]], name: str) -> tuple[Tensor, ...]:
    """New parameters for the body that is being made."""
    return tuple(
        _loop_variable(dtype=dtype.base_dtype, shape=shape, name=name) for dtype, shape in shapes
    )


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Applies `body` to the loop variables again and again, as long as `cond` of them is true.

    cond, body: functions of the loop variables; `body` returns them anew, in the same nesting, with
    the same types and shapes. shape_invariants: for each variable the shape that it always has,
    where that is less than the one it begins with. maximum_iterations: a whole number, or a tensor
    of one. back_prop: false when no gradient shall come back through the loop.
    `parallel_iterations` and `swap_memory` are accepted and without effect.
    Returns: the last loop variables, nested as `body` returns them; a single one alone, unless
    `return_same_structure`.
    Errors: TypeError for what is no function, ValueError without loop variables, for a body that
    returns another nesting, and for a shape that changes. Source: tf.while_loop.
    """
    if not callable(cond):
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    if not loop_vars:
        raise ValueError("No loop variables provided")
    with name_scope(name, "while"):
        if maximum_iterations is None:
            found, count = _loop(cond, body, loop_vars, shape_invariants, back_prop)
            return found[0] if count == 1 and not return_same_structure else found
        limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
        check_scalar(limit, "maximum_iterations")
        counter = convert_to_tensor(np.zeros([], limit.dtype.numpy), name="iteration_counter")
        alone = len(loop_vars) == 1 and not return_same_structure
        found, _ = _loop(
            lambda i, own: logical_and(less(i, limit), cond(own) if alone else cond(*own)),
            lambda i, own: (i + 1, body(own) if alone else body(*own)),
            (counter, loop_vars[0] if alone else loop_vars),
            None if shape_invariants is None else (TensorShape([]), shape_invariants),
            back_prop,
        )
        return found[1]


def _loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, given: Any, back_prop: bool
) -> tuple[Any, int]:
    """The last loop variables, nested as the body returns them, and how many they are."""
    values = nest.flatten(loop_vars)
    starts = [convert_to_tensor(flow_of(value)) for value in values]
    starts = [identity(t) if t.dtype.is_ref else t for t in starts]
    shapes = _invariants(starts, given)
    graph, own = get_default_graph(), len(starts)
    graph.uncounted += own  # TensorFlow has an Enter and a Merge for each variable
    test = _tested(cond, loop_vars, starts, shapes)
    graph.uncounted += len(test.entering) + 1 + own  # LoopCond; for each a Switch and an Identity
    repeated, returned = _repeated(body, loop_vars, starts, shapes, test.entering)
    passed = sum("NextIteration" in t.op.name for t in repeated.results)
    graph.uncounted += len(repeated.entering) + own - passed - 1  # for each a NextIteration
    node = looping(while_, [], starts, test=test, body=repeated, name="While")
    leave = identity if back_prop else stop_gradient
    last = [
        with_flow_as(value, leave(tensor, name="Exit"))
        for value, tensor in zip(nest.flatten(returned), node.outputs, strict=False)
    ]
    return nest.pack_sequence_as(returned, last), len(last)


def _invariants(starts: Sequence[Tensor], given: Any) -> list[TensorShape]:
    if given is None:
        return [tensor.shape for tensor in starts]
    flat = _flat_shapes(given)
    if len(flat) != len(starts):
        raise ValueError(
            "shape_invariants and the loop variables don't have the same nested structure: there "
            f"are {len(flat)} shapes for {len(starts)} variables."
        )
    pairs = zip(starts, flat, strict=True)
    shapes = [t.shape if t.dtype is variant else as_shape(shape) for t, shape in pairs]
    for tensor, shape in zip(starts, shapes, strict=True):
        if common_shape(tensor.shape, shape).sizes != shape.sizes:
            raise ValueError(
                f"The shape invariant specified for {tensor.name} is not compatible with the "
                f"initial shape of the loop variable. It enters the loop with shape "
                f"{tensor.shape}, but the specified shape invariant is {shape}."
            )
    return shapes


def _flat_shapes(given: Any) -> list[Any]:
    """The shapes in a nesting, in which a TensorShape counts as one value."""
    if isinstance(given, TensorShape):
        return [given]
    flat: list[Any] = []
    for item in given.values() if isinstance(given, dict) else given:
        flat.extend(_flat_shapes(item) if isinstance(item, list | tuple | dict) else [item])
    return flat


def _begun(
    body: Body, loop_vars: Any, starts: Sequence[Tensor], shapes: Sequence[TensorShape], name: str
) -> list[Any]:
    """The body's parameters, in the nesting of the loop variables, as arguments of a function."""
    pairs = [(start.dtype, shape) for start, shape in zip(starts, shapes, strict=True)]
    body.parameters = loop_variables(pairs, name)
    values = zip(nest.flatten(loop_vars), body.parameters, strict=True)
    packed = nest.pack_sequence_as(loop_vars, [with_flow_as(*pair) for pair in values])
    return list(packed) if isinstance(packed, list | tuple) else [packed]


def _tested(
    cond: Callable[..., Any],
    loop_vars: Any,
    starts: Sequence[Tensor],
    shapes: Sequence[TensorShape],
) -> Body:
    with get_default_graph().body() as test:
        holds = convert_to_tensor(cond(*_begun(test, loop_vars, starts, shapes, "Merge")))
        if holds.dtype.base_dtype is not bool_:
            raise TypeError(
                f"cond has to return a truth value; {holds.name} is {holds.dtype.base_dtype.name}."
            )
        check_scalar(holds, "the test of a loop")
        test.results = (holds,)
    return test


def _repeated(
    function: Callable[..., Any],
    loop_vars: Any,
    starts: Sequence[Tensor],
    shapes: Sequence[TensorShape],
    entered: Iterable[Tensor],
) -> tuple[Body, Any]:
    """The body that the function makes, and what it returned, as a list or tuple."""
    with get_default_graph().body() as body:
        body.entered = frozenset(entered)
        packed = _begun(body, loop_vars, starts, shapes, "Identity")
        returned = function(*packed)
        if not nest.is_sequence(returned):
            returned = [returned]
        nest.assert_same_structure(packed, list(returned))
        flat = zip(nest.flatten(returned), body.parameters, strict=True)
        body.results = tuple(_next_value(value, parameter) for value, parameter in flat)
    return body, returned


def _next_value(value: Any, parameter: Tensor) -> Tensor:
    """What the body gives back for a loop variable. Errors: TypeError, ValueError if it differs."""
    tensor = convert_to_tensor(flow_of(value), parameter.dtype, preferred=True)
    if tensor.dtype.base_dtype is not parameter.dtype.base_dtype:
        raise TypeError(
            f"The loop variable {parameter.name} is {parameter.dtype.base_dtype.name}, and the "
            f"body gives back {tensor.dtype.base_dtype.name} for it."
        )
    if common_shape(parameter.shape, tensor.shape).sizes != parameter.shape.sizes:
        raise ValueError(
            f"Input tensor {parameter.name!r} enters the loop with shape {parameter.shape}, but "
            f"has shape {tensor.shape} after one iteration. To allow the shape to vary across "
            "iterations, use the `shape_invariants` argument of tf.while_loop to specify a "
            "less-specific shape."
        )
    return identity(tensor, name="NextIteration") if tensor.op.body is None else tensor
