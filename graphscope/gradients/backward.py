"""The backward pass as graph: walks from the loss towards the variables and adds nodes.

Gradients are ordinary operations of the same graph: they can be stepped, drawn, fed, and
differentiated again. Each belongs to the forward operation that it differentiates
(`Operation.gradient_of`). Here broadcasting is undone, once for all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from operator import attrgetter
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.gradients.counts import Tally
from graphscope.gradients.unregistered import UNREGISTERED
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import int64
from graphscope.graph.graph import Differentiating, Graph, Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.scopes import name_scope
from graphscope.graph.source import Source
from graphscope.graph.walk import reach
from graphscope.kernels.collecting import paused
from graphscope.ops.array import fill, shape, sum_like, zeros_like
from graphscope.ops.array import range as range_
from graphscope.ops.gradient_registry import declared_gradient
from graphscope.ops.joining import concat
from graphscope.ops.lists import has_slope, total_slope
from graphscope.ops.math import add_n, cast

#: A gradient: dense, or some rows where the rest is zero (of a gather, an embedding lookup).
Slope = Tensor | IndexedSlices

#: The order of creation.
_NUMBER = attrgetter("_id")

#: A block for the gradient of an operation: `Differentiating`, or the same beside it.
_Block = Callable[..., AbstractContextManager[None]]

#: Operations whose gradient rule only hands rows on; every other rule is given a dense gradient.
_HANDS_ROWS_ON = ("Identity", "ReadVariableOp")


class UnconnectedGradients(Enum):
    """What stands for the gradient of an x from which no path leads to a y.

    Source: tf.UnconnectedGradients.
    """

    NONE = "none"
    ZERO = "zero"


class AggregationMethod:
    """How gradients are added up; here always in the one way. Source: tf.AggregationMethod."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = "none",
) -> list[Any]:
    """The derivative of the sum of `ys` with respect to each of `xs`. Source: tf.gradients.

    grad_ys: the gradients to start from, ones when left out.
    colocate_gradients_with_ops: the gradient of an operation is on the device of the operation.
    stop_gradients: tensors that count as constants.
    unconnected_gradients: "zero" for zeros in place of None.
    Returns: for each x a tensor, an IndexedSlices where x was only gathered from, or None where
    no differentiable path leads from it to a y.
    Errors: LookupError when an operation on the way has no gradient rule, TypeError for a complex y
    without a gradient to start from, ValueError for another word.
    """
    try:
        unconnected = UnconnectedGradients(unconnected_gradients)
    except ValueError:
        raise ValueError(
            f"Unknown value for unconnected_gradients: {unconnected_gradients!r}"
        ) from None
    ys, xs = _tensors(ys), _tensors(xs)
    stops = {tensor.op for tensor in _tensors(stop_gradients)}
    graph = get_default_graph() if not ys else ys[0].graph
    inside = _beside if colocate_gradients_with_ops else Differentiating
    with (
        name_scope(name, "gradients", [*ys, *xs]),
        Tally(graph, gate_gradients) as tally,
        paused(),
    ):
        slopes = _start(ys, grad_ys, tally, inside)
        source = graph.source_here()
        between = differentiable_ops(ys, xs, stops, _is_asked)
        for op in sorted(between, key=_NUMBER, reverse=True):
            dys = [_total(slopes, output, tally, inside) for output in op.outputs]
            if dys.count(None) == len(dys) or op in stops or not _is_asked(op):
                continue
            if between.isdisjoint([tensor.op for tensor in op.inputs]):
                continue  # an x itself: nobody asks what is behind it
            made = len(graph.operations)
            found = _backward(op, dys, between, source, inside)
            for tensor, slope in found:
                slopes.setdefault(tensor, []).append(slope)
            tally.rule(op, dys, len(graph.operations) - made, found)
        totals: list[Any] = [_total(slopes, x, tally, inside) for x in xs]
        tally.end(xs, totals)
        if unconnected is UnconnectedGradients.ZERO:
            return [zeros_like(x) if dx is None else dx for x, dx in zip(xs, totals, strict=True)]
        return totals


@contextmanager
def _beside(
    graph: Graph, op: Operation, source: Source | None = None, scope: str | None = None
) -> Iterator[None]:
    """As `Differentiating`, on the device of `op`."""
    with graph.colocate_with(op), Differentiating(graph, op, source, scope):
        yield


def as_indexed_slices(x: Any) -> IndexedSlices:
    """The tensor as a choice of all its rows. Source:
    tensorflow.python.ops.math_ops._as_indexed_slices."""
    x = convert_to_tensor(x)
    sizes = shape(x)
    return IndexedSlices(x, range_(0, sizes[0]), sizes)


def _tensors(values: Any) -> list[Tensor]:
    """A list of tensors; a variable stands for its place, not for one reading of it."""
    if values is None:
        return []
    if not isinstance(values, list | tuple):
        values = [values]
    return [
        value._ref() if hasattr(value, "_ref") else convert_to_tensor(value) for value in values
    ]


def _start(
    ys: Sequence[Tensor], grad_ys: Any, tally: Tally, inside: _Block
) -> dict[Tensor, list[Slope]]:
    """The gradient of each y with respect to itself: ones, or what the caller gave."""
    given = [None] * len(ys) if grad_ys is None else grad_ys
    given = given if isinstance(given, list | tuple) else [given]
    tally.start(given)
    slopes: dict[Tensor, list[Slope]] = {}
    for i, (y, dy) in enumerate(zip(ys, given, strict=True)):
        with inside(y.graph, y.op):
            if dy is None:
                if y.dtype.is_complex:
                    raise TypeError(
                        "Gradients of complex tensors must set grad_ys "
                        f"(y.dtype = {y.dtype!r}): they have no gradient of 1"
                    )
                sizes, one = shape(y), y.dtype.base_dtype.numpy.type(1)
                dy = fill(sizes, convert_to_tensor(one, name=f"grad_ys_{i}"))
            elif not is_tensor_like(dy):
                dy = convert_to_tensor(dy, y.dtype.base_dtype, name=f"grad_ys_{i}")
        slopes.setdefault(y, []).append(dy)
    return slopes


def flows_through(op: Operation) -> bool:
    return op.definition.differentiable or declared_gradient(op) is not None


def _is_asked(op: Operation) -> bool:
    """Whether the backward pass asks for its rule: also where that there is none is an error."""
    return flows_through(op) or op.type in UNREGISTERED


def differentiable_ops(
    ys: Iterable[Tensor],
    xs: Iterable[Tensor],
    stops: Iterable[Operation] = (),
    passes: Callable[[Operation], bool] = flows_through,
) -> set[Operation]:
    """The operations on a path from an x to a y along which a gradient flows.

    A path is cut by an operation that `passes` says no to, one that is not differentiable, and by a
    tensor that is not of a floating-point type.
    """

    targets, barrier = {x.op for x in xs}, set(stops)
    first = min((op._id for op in targets), default=0)  # what was made before is behind all of them

    known: dict[Operation, list[Operation]] = {}

    def sources(op: Operation) -> list[Operation]:
        if op not in known:
            known[op] = [t.op for t in op.inputs if t.op._id >= first and has_slope(t.dtype)]
        return known[op]

    ends = [y.op for y in ys]
    reached: set[Operation] = set()
    for op in sorted(reach(ends, sources), key=_NUMBER):  # each was made after what it takes
        if op in targets or (passes(op) and not reached.isdisjoint(sources(op))):
            reached.add(op)

    def behind(op: Operation) -> Iterable[Operation]:
        return filter(reached.__contains__, sources(op) if passes(op) and op not in barrier else ())

    return reach(filter(reached.__contains__, ends), behind)


def tensor_has_slope(tensor: Tensor) -> bool:
    return has_slope(tensor.dtype)


def _total(
    slopes: dict[Tensor, list[Slope]], tensor: Tensor, tally: Tally, inside: _Block
) -> Slope | None:
    """The sum of the gradients that came back to a tensor over all its uses."""
    parts = slopes.get(tensor)
    if not parts:
        return None
    tally.sum(tensor, parts)
    if len(parts) > 1:
        with inside(tensor.graph, tensor.op):
            slopes[tensor] = parts = [_sum(parts)]
    return parts[0]


def _sum(parts: list[Slope]) -> Slope:
    """Rows beside rows when all gradients are of some rows; one dense sum otherwise."""
    slices = [part for part in parts if isinstance(part, IndexedSlices)]
    if len(slices) < len(parts):
        return _added(parts)
    indices = [part.indices for part in slices]
    if len({tensor.dtype.base_dtype for tensor in indices}) > 1:
        indices = [cast(tensor, int64) for tensor in indices]
    values = concat([part.values for part in slices], 0)
    return IndexedSlices(values, concat(indices, 0), slices[0].dense_shape)


def _added(parts: list[Slope]) -> Tensor:
    """The sum; what is on one device is added there first."""
    by_device: dict[str, list[Any]] = {}
    for part in parts:
        by_device.setdefault(part.device, []).append(part)
    sums = []
    for some in by_device.values():
        with some[0].graph.colocate_with(some[0].op, ignore_existing=True):
            sums.append(total_slope(some, add_n))
    return sums[0] if len(sums) == 1 else total_slope(sums, add_n)


def _backward(
    op: Operation,
    dys: list[Slope | None],
    between: set[Operation],
    source: Source | None,
    inside: _Block,
) -> list[tuple[Tensor, Slope]]:
    """The op's inputs with their gradients, by its declared rule, as far as they are needed.

    source: the user's line that asks for them.
    """
    definition, declared = op.definition, declared_gradient(op)
    if definition.gradient_rule is None and declared is None:
        raise _without_rule(op)
    known = source if declared is None and definition.has_own_rule else None
    with inside(op.graph, op, known, f"{op.name}_grad"):
        if definition.type not in _HANDS_ROWS_ON:
            dys = [dy if dy is None or type(dy) is Tensor else convert_to_tensor(dy) for dy in dys]
        found = _ruled(op, dys) if declared is None else declared(op, *dys)
        if not isinstance(found, (list, tuple)):
            found = (found,)
        return [
            (x, _fitted(dx, x, op))
            for x, dx in zip(op.inputs, _flat(found) if definition.has_list else found, strict=True)
            if dx is not None and x.op in between
        ]


def _flat(found: Iterable[Any]) -> Iterator[Slope | None]:
    """In a row, also where those of a list are a list."""
    for item in found:
        yield from item if isinstance(item, list) else (item,)


def _ruled(op: Operation, dys: list[Any]) -> Any:
    """What the declaration of the operation says of the gradients of its inputs."""
    definition = op.definition
    assert definition.gradient_rule is not None
    dy, y = (dys[0], op.outputs[0]) if len(dys) == 1 else (tuple(dys), tuple(op.outputs))
    inputs = definition.arguments(op.inputs) if definition.has_list else op.inputs
    return definition.gradient_rule(dy, y, *inputs, **op.attrs)


def _fitted(dx: Any, x: Tensor, op: Operation) -> Slope:
    """The gradient in the shape of its input: summed over the axes that broadcasting repeated.

    dx: a tensor, rows, or what else a user's rule returns: a variable, a number.
    """
    if type(dx) is IndexedSlices:
        return dx
    dense = dx if type(dx) is Tensor else convert_to_tensor(dx)
    if op.definition.broadcasts and _may_be_repeated(x, op):
        dense = sum_like(dense, x)
    if dense.shape.sizes != x.shape.sizes:
        dense.set_shape(x.shape)
    return dense


def _may_be_repeated(x: Tensor, op: Operation) -> bool:
    """False when the static shapes show that broadcasting left `x` as it is."""
    sizes = x.shape.sizes
    others = [t.shape.sizes for t in op.inputs if t is not x]
    if sizes is None or None in others:
        return True
    if None not in sizes and others.count(sizes) == len(others):
        return False
    sizes = sizes[::-1]  # shapes are aligned at their last axes
    return any(
        len(other) > len(sizes)
        or any(a in (None, 1) and b != 1 for a, b in zip(sizes, other[::-1], strict=False))
        for other in others
        if other is not None
    )


def _without_rule(op: Operation) -> LookupError:
    error = LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")
    return teach(
        error,
        Lesson(
            node=f"{op.name} [{op.type}]",
            line=str(op.source or ""),
            hint=["put tf.stop_gradient before it, so that it counts as a constant"],
        ),
    )
