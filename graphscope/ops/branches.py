"""`cond`: which of two bodies runs is decided when it runs.

The node owns both branches. Only the one that is taken runs, and what the other one would have
needed from around it is computed all the same, since it is an input of the node.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from graphscope.graph import nest
from graphscope.graph.body import Body, Call
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, Bool, op
from graphscope.graph.dtypes import bool_
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import identity
from graphscope.ops.tensor_array import flow_of, with_flow_as


def _either(pred: Tensor, free: list[Tensor], *, then: Body, orelse: Body) -> tuple[Any, ...]:
    """What both branches agree on of each result's shape."""
    pairs = zip(then.results, orelse.results, strict=True)
    return tuple(common_shape(a.shape, b.shape) for a, b in pairs)


def common_shape(a: TensorShape, b: TensorShape) -> TensorShape:
    """The sizes that are the same in both; the others are unknown."""
    if a.sizes is None or b.sizes is None or len(a.sizes) != len(b.sizes):
        return TensorShape(None)
    return TensorShape([i if i == j else None for i, j in zip(a.sizes, b.sizes, strict=True)])


@op(
    "If",
    kind="control",
    outputs=("output",),
    shape=_either,
    dtype=lambda pred, free, *, then, orelse: tuple(t.dtype.base_dtype for t in then.results),
)
def if_(
    pred: Bool, free: list[Any_], *, then: Body, orelse: Body
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Runs one of two branches. free: what the branches use from around them."""
    if pred.ndim:
        raise ValueError(f"the condition of a cond is one truth value, not {pred.size} of them")
    results: tuple[Any, ...] = yield Call(then if pred else orelse)
    return results


def choose(pred: Any, then: Body, orelse: Body, name: str) -> Operation:
    """The node that owns the two branches."""
    free = dict.fromkeys([*then.free, *orelse.free])
    graph = get_default_graph()
    awaited = dict.fromkeys([*then.awaited, *orelse.awaited])
    with graph.control_dependencies(awaited):
        return if_.node(pred, list(free), then=then, orelse=orelse, name=name)


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """What `true_fn` makes when `pred` is true in a run, and what `false_fn` makes when it is not.

    pred: a boolean tensor []. true_fn, false_fn: functions that return the same nesting of tensors
    of the same types; `fn1` and `fn2` are their old names. strict: a list of one stays a list.
    Errors: TypeError for a Python bool and for what is no function; TypeError and ValueError for a
    nesting or types that differ. Source: tf.cond.
    """
    first = true_fn if fn1 is None else fn1
    second = false_fn if fn2 is None else fn2
    if (true_fn is not None and fn1 is not None) or (false_fn is not None and fn2 is not None):
        raise TypeError("cond(): fn1 and true_fn, fn2 and false_fn cannot be set together")
    for role, function in (("true_fn", first), ("false_fn", second)):
        if not callable(function):
            raise TypeError(f"{role} must be callable.")
    assert first is not None
    assert second is not None
    if isinstance(pred, bool):
        raise TypeError(
            "pred must not be a Python bool: use an if of Python, which decides while the graph "
            "is built"
        )
    with name_scope(name, "cond", [pred] if isinstance(pred, Tensor) else []):
        condition = convert_to_tensor(pred, bool_, name="pred")
        condition.graph.uncounted += _AROUND
        check_scalar(condition, "the condition of a cond")
        then, shape = _branch("true_fn", first, condition)
        orelse, other = _branch("false_fn", second, condition)
        if not strict:
            shape, other = _unpacked(shape), _unpacked(other)
        _check_alike(shape, other, then, orelse)
        node = choose(condition, then, orelse, "If")
        condition.graph.uncounted -= 1
        merged = [
            with_flow_as(value, identity(tensor, name="Merge"))
            for value, tensor in zip(nest.flatten(shape), node.outputs, strict=True)
        ]
        found = nest.pack_sequence_as(shape, merged)
        return found if strict else _unpacked(found)


#: What TensorFlow makes of a condition: a switch, its two sides, and the condition again.
_AROUND = 4


def _entering(body: Body, items: list[Any], made: list[Operation]) -> int:
    """How many operations more TensorFlow has in a branch: a switch for each tensor that enters.

    items: what the branch returned. made: the operations that make results of it.
    """
    pairs = zip(items, body.results, strict=True)
    waiting = {result.op for item, result in pairs if isinstance(item, Operation)}
    passing = [op for op in made if op.type == "Identity" and op not in waiting]
    used = {x for op in body.operations if op not in waiting for x in op.inputs}
    return sum(tensor.op.body is not body for tensor in used) - len(passing)


def check_scalar(tensor: Tensor, what: str) -> None:
    """Errors: ValueError when it cannot be a single value."""
    if tensor.shape.ndims not in (None, 0):
        raise ValueError(
            f"Shape must be rank 0 but is rank {tensor.shape.ndims} for {what}: it is "
            f"{tensor.name} with the shape {tensor.shape}."
        )


def _unpacked(found: Any) -> Any:
    """The only item of a list or tuple in its place."""
    return found[0] if isinstance(found, list | tuple) and len(found) == 1 else found


def _branch(role: str, function: Callable[[], Any], pred: Tensor) -> tuple[Body, Any]:
    """The body that the function makes, and what it returned."""
    graph = get_default_graph()
    with graph.body() as body:
        returned = function()
        if returned is None:
            raise ValueError(f"{role} must have a return value.")
        items = [flow_of(item) for item in nest.flatten(returned)]
        made = len(body.operations)
        body.results = tuple(_result(item, pred) for item in items)
    graph.uncounted += _entering(body, items, body.operations[made:])
    return body, returned


def _result(item: Any, pred: Tensor) -> Tensor:
    """A tensor inside the branch. An operation stands for the condition, once it has run."""
    graph = get_default_graph()
    if isinstance(item, Operation):
        with graph.control_dependencies([item]):
            return identity(pred)
    tensor = convert_to_tensor(item)
    is_outside = tensor.op.body is not graph.current_body
    return identity(tensor) if is_outside or tensor.dtype.is_ref else tensor


def _check_alike(shape: Any, other: Any, then: Body, orelse: Body) -> None:
    try:
        nest.assert_same_structure(shape, other)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"true_fn and false_fn must return the same structure of tensors. {error}"
        ) from None
    if not then.results:
        raise ValueError("true_fn and false_fn must return at least one result.")
    for a, b in zip(then.results, orelse.results, strict=True):
        if a.dtype.base_dtype is not b.dtype.base_dtype:
            raise ValueError(
                "Outputs of true_fn and false_fn must have the same type: "
                f"{a.dtype.base_dtype.name}, {b.dtype.base_dtype.name}"
            )
