"""What did a run cost: how long did each node take, and how much of that was arithmetic?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from time import perf_counter

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.names import Names
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation
from graphscope.kernels.matmul import in_c

#: A kernel is run so often again to time it alone; the fastest counts.
_REPEATED = 3

#: So many times what the engine takes for a node is unusual.
_UNUSUAL = 5

#: Which clock the seconds are of.
CLOCK = "time.perf_counter"

#: Two values of a node: what it took in.
Inputs = list[Value | None]


@dataclass(frozen=True)
class NodeCost:
    """What a node cost, all of its executions together.

    seconds: in the run. kernel: its arithmetic alone, timed again afterwards; None where it cannot
    be run again. flops: multiplications and additions; None where they are not counted.
    in_c: a product of matrices that is done in C.
    """

    node: Operation
    calls: int
    seconds: float
    kernel: float | None
    flops: int | None
    in_c: bool

    @property
    def rate(self) -> float | None:
        """Floating-point operations per second of the kernel."""
        return self.flops / self.kernel if self.flops and self.kernel else None


@dataclass(frozen=True)
class Cost(Answer):
    """What the nodes of a run cost, the dearest first.

    total:   the seconds of all nodes in the run. It is divided into products of matrices in C, the
             kernels of numpy, glue (what the engine needs between them), and noise: what single
             nodes took longer than that, as when another program had the processor.
    unsplit: the seconds, a part of the kernels, of nodes that cannot be timed alone.
    ran, of: how many nodes have run, of how many. aside: it was run on the side to be measured.
    """

    fetched: tuple[str, ...]
    nodes: tuple[NodeCost, ...]
    total: float
    matmul: float
    numpy: float
    glue: float
    noise: float
    unsplit: float
    ran: int
    of: str
    aside: bool
    names: Names

    @property
    def types(self) -> dict[str, tuple[int, float]]:
        """For each type of operation how often it ran, and the seconds of that; dearest first."""
        found: dict[str, tuple[int, float]] = {}
        for cost in self.nodes:
            calls, seconds = found.get(cost.node.type, (0, 0.0))
            found[cost.node.type] = (calls + cost.calls, seconds + cost.seconds)
        return dict(sorted(found.items(), key=lambda item: -item[1][1]))

    @property
    def dearest(self) -> NodeCost | None:
        """The node whose arithmetic took longest: one run's times of its own are too noisy."""
        return max(self.nodes, key=lambda node: node.kernel or 0.0, default=None)

    @property
    def hint(self) -> str:
        """What would help most."""
        if self.noise > self.total / 2:
            return "measure again, with nothing else to do for this machine"
        if self.glue > self.total / 2:
            return "fewer and larger runs: the engine costs the same for a batch of any size"
        return "" if self.dearest is None else f"smaller shapes at {self.dearest.node.name}"

    @property
    def flops(self) -> int:
        return sum(cost.flops or 0 for cost in self.nodes)


def cost(timeline: Timeline, fetched: tuple[str, ...], names: Names, aside: bool) -> Cost:
    """What the nodes cost that have run."""
    steps: dict[Operation, list[Step]] = {}
    for step in timeline.steps:
        steps.setdefault(step.node, []).append(step)
    nodes = [_node(op, executions, timeline) for op, executions in steps.items()]
    total = sum(node.seconds for node in nodes)
    matmul = sum(node.kernel or 0.0 for node in nodes if node.in_c)
    unsplit = sum(node.seconds for node in nodes if node.kernel is None and not _owns(node.node))
    kernels = sum(node.kernel or 0.0 for node in nodes) + unsplit
    glue = _glue([node for node in nodes if node.kernel is not None or _owns(node.node)])
    return Cost(
        fetched=fetched,
        nodes=tuple(sorted(nodes, key=lambda node: -node.seconds)),
        total=total,
        matmul=matmul,
        numpy=kernels - matmul,
        glue=glue,
        noise=max(0.0, total - kernels - glue),
        unsplit=unsplit,
        ran=timeline.newest,
        of=f"{timeline.end}" if timeline.end_is_known else f"{timeline.end}+",
        aside=aside,
        names=names,
    )


def _glue(nodes: list[NodeCost]) -> float:
    """The seconds that the engine took. It does the same for every node, so that what a few nodes
    took much longer than the others is not its own."""
    rests = [(node.seconds - (node.kernel or 0.0)) / node.calls for node in nodes]
    usual = float(np.median(rests)) if rests else 0.0
    limit = _UNUSUAL * usual
    return sum(min(rest, limit) * node.calls for rest, node in zip(rests, nodes, strict=True))


def _owns(op: Operation) -> bool:
    """What only has branches and loops run is glue itself."""
    return op.definition.calls


def _node(op: Operation, steps: list[Step], timeline: Timeline) -> NodeCost:
    kernel: float | None = None
    flops: int | None = None
    in_c = False
    for step in steps:
        inputs = timeline.inputs(step)
        alone = _timed(step, inputs)
        if alone is not None:
            kernel = (kernel or 0.0) + min(alone, step.seconds)
        count = _flops(step, inputs)
        if count is not None:
            flops = (flops or 0) + count
        in_c = in_c or _is_in_c(step, inputs)
    return NodeCost(op, len(steps), sum(step.seconds for step in steps), kernel, flops, in_c)


def _timed(step: Step, inputs: Inputs) -> float | None:
    """The seconds of the kernel alone; None for what must not be run again: what prints, or calls
    the user's Python."""
    definition = step.node.definition
    acts = definition.shared_state or (definition.private_state and definition.kind != "random")
    if acts or definition.calls or step.node.type.startswith("PyFunc") or step.overridden:
        return None
    arguments = definition.arguments(inputs)
    if definition.private_state:
        arguments = [None, *arguments]
    fastest = np.inf
    with np.errstate(all="ignore"):
        for _ in range(_REPEATED):
            began = perf_counter()
            definition.kernel(*arguments, **step.node.attrs)
            fastest = min(fastest, perf_counter() - began)
    return float(fastest)


def _is_in_c(step: Step, inputs: Inputs) -> bool:
    """Whether the product of two matrices is one that is done in C."""
    if step.node.type != "MatMul":
        return False
    a, b = inputs
    assert a is not None
    assert b is not None
    transposed = step.node.attrs["transpose_a"], step.node.attrs["transpose_b"]
    rows, inner = a.shape[::-1] if transposed[0] else a.shape
    return in_c(rows, inner, b.shape[0 if transposed[1] else 1], a.dtype, *transposed)


# ---- floating-point operations -----------------------------------------------------------------


def _flops(step: Step, inputs: Inputs) -> int | None:
    rule = _FLOPS.get(step.node.type)
    values = [value for value in inputs if value is not None]
    return None if rule is None or len(values) < len(inputs) else 2 * rule(step, values)


def _size(step: Step) -> int:
    return next(iter(step.outputs.values())).size


def _product(step: Step, inputs: list[Value]) -> int:
    turned = step.node.attrs.get("transpose_a", step.node.attrs.get("adj_x", False))
    inner: int = inputs[0].shape[-2 if turned else -1]
    return _size(step) * inner


def _convolution(step: Step, inputs: list[Value]) -> int:
    """Each output is a sum over a window of all channels of the images."""
    return _size(step) * prod(inputs[1].shape[:-1])


def _backprop_input(step: Step, inputs: list[Value]) -> int:
    return inputs[2].size * prod(inputs[1].shape[:-1])


def _backprop_filter(step: Step, inputs: list[Value]) -> int:
    sizes: list[int] = inputs[1].tolist()
    return inputs[2].size * prod(sizes[:-1])


def _depthwise(step: Step, inputs: list[Value]) -> int:
    return _size(step) * prod(inputs[1].shape[:2])


_FLOPS: dict[str, Callable[[Step, list[Value]], int]] = {
    **dict.fromkeys(("MatMul", "BatchMatMulV2"), _product),
    **dict.fromkeys(("Conv2D", "Conv3D"), _convolution),
    "Conv2DBackpropInput": _backprop_input,
    "Conv2DBackpropFilter": _backprop_filter,
    "DepthwiseConv2dNative": _depthwise,
}
