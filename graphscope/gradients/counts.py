"""How many operations TensorFlow would have made for a gradient.

A random operation without a seed of its own takes, in TensorFlow, the number of operations that its
graph has by then. TensorFlow's gradients are made of other operations than those here, and of more
of them: they are counted, so that the random numbers after a `minimize` are TensorFlow's too. What
is not in these tables counts as what is made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from typing import Any

from graphscope.graph.convert import constant_value
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices

#: The operations in TensorFlow's gradient function of each type, where their number is fixed.
FIXED = {
    **dict.fromkeys(("Identity", "ReadVariableOp", "PlaceholderWithDefault", "Print", "AddN"), 0),
    **dict.fromkeys(("Floor", "Ceil", "Round", "Rint", "FloorDiv", "TruncateDiv"), 0),
    **dict.fromkeys(("Neg", "Reciprocal", "Inv", "Sqrt", "Rsqrt", "Exp", "Tanh", "Sigmoid"), 1),
    **dict.fromkeys(("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Softsign", "L2Loss"), 1),
    **dict.fromkeys(("Cast", "Pack", "Unpack", "Split", "SplitV", "ReverseV2", "Cumsum"), 1),
    **dict.fromkeys(("BiasAdd", "MaxPool", "LRN", "ResizeBilinear", "MirrorPad", "ScatterNd"), 1),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "CheckNumerics"), 1),
    **dict.fromkeys(("MatrixDiag", "Diag", "DiagPart", "SpaceToDepth", "DepthToSpace"), 1),
    **dict.fromkeys(("Abs", "Expm1", "Log", "Sin", "Sinh", "Cosh", "Lgamma", "Softplus"), 2),
    **dict.fromkeys(("Reshape", "Transpose", "ExpandDims", "Squeeze", "StridedSlice"), 2),
    **dict.fromkeys(("GatherNd", "Fill", "MatrixDiagPart", "MatMul", "AvgPool", "Cross"), 2),
    **dict.fromkeys(("ResizeNearestNeighbor", "SegmentSum", "DynamicStitch"), 2),
    **dict.fromkeys(("Square", "Cos", "Digamma", "Sign", "Select", "Conv2D"), 3),
    **dict.fromkeys(("Conv2DBackpropInput", "MatrixInverse", "MatrixSolve"), 3),
    **dict.fromkeys(("Log1p", "Tan", "BroadcastTo", "Cumprod", "DepthwiseConv2dNative"), 4),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Atan"), 5),
    **dict.fromkeys(("Asin", "Erf", "Erfc"), 6),
    **dict.fromkeys(("Pad", "PadV2"), 9),
    **dict.fromkeys(("RealDiv", "Div", "DivNoNan", "Slice", "Tile", "DynamicPartition"), 12),
    **dict.fromkeys(("Maximum", "Minimum"), 13),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "Xdivy"), 17),
    **dict.fromkeys(("Max", "Min"), 19),
    "SparseSoftmaxCrossEntropyWithLogits": 4,
    "Acos": 7,
    "Atan2": 7,
    "MatrixDeterminant": 8,
    "SoftmaxCrossEntropyWithLogits": 8,
    "FloorMod": 10,
    "Xlogy": 14,
    "UnsortedSegmentSum": 14,
    "SegmentMean": 16,
    "Cholesky": 33,
    "TopKV2": 43,
    "Prod": 49,
}

#: The same for operations that broadcast, without what undoes the broadcasting.
BROADCASTING = {"Add": 0, "AddV2": 0, "Sub": 1, "Mul": 2, "SquaredDifference": 5, "Pow": 16}

#: How many inputs have a gradient, where it is not each that is a float.
_WITH_GRADIENT = {**dict.fromkeys(("FloorDiv", "TruncateDiv"), 0), "Print": 1}

#: What turns rows into a dense tensor: a slice of the shape, and a sum over segments.
_DENSE = 5

#: What a gate adds to the gradients of an operation, besides one for each.
_GATE = 1

#: For what entered a branch: zeros that stand for the gradient when the other branch is taken, and
#: what joins both.
_ENTERED = 6

_OPEN: ContextVar[Tally | None] = ContextVar("open tally", default=None)


class Tally:
    """Counts the operations of one call of `gradients`, as TensorFlow would make them.

    gated: the gradients of an operation wait for each other, as optimizers have it. What is
    differentiated inside a rule, as a branch is, has a tally of its own, of which that of the
    rule hears.
    """

    def __init__(self, graph: Graph, gated: bool) -> None:
        self._graph = graph
        self._around = _OPEN.get()
        self._gated: bool = gated or (self._around is not None and self._around._gated)
        self._made = len(graph.operations)
        self._count = 0
        self._starts = 0
        self._reached: list[Tensor] = []
        self._twice: set[Tensor] = set()
        self._inside: list[Tally] = []

    def __enter__(self) -> Tally:
        self._token: Token[Tally | None] = _OPEN.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        _OPEN.reset(self._token)
        if kind is not None:
            return
        self._made = len(self._graph.operations) - self._made
        if self._around is None:
            self._graph.uncounted += self._count - self._made
        else:
            self._around._inside.append(self)

    def start(self, given: Sequence[Any]) -> None:
        """A shape, a one and a fill for each y; an identity where its gradient was given."""
        self._starts = sum(3 if dy is None else 1 for dy in given)
        self._count += self._starts

    def end(self, xs: Sequence[Tensor], found: Sequence[Any]) -> None:
        """What was found for each x."""
        self._reached = [x for x, dx in zip(xs, found, strict=True) if dx is not None]

    def sum(self, tensor: Tensor, parts: Sequence[Any]) -> None:
        """The sum of the gradients of one tensor; one part may be of both branches of a cond."""
        if len(parts) == 1 and tensor not in self._twice:
            return
        self._twice.discard(tensor)
        rows = sum(isinstance(part, IndexedSlices) for part in parts)
        devices = Counter(part.device for part in parts)
        added = sum(number > 1 for number in devices.values()) + (len(devices) > 1)
        self._count += 4 if rows == len(parts) else max(added, 1) + _DENSE * rows

    def rule(
        self, op: Operation, dys: Sequence[Any], made_here: int, found: Sequence[tuple[Tensor, Any]]
    ) -> None:
        """The gradient of one operation, for which `made_here` operations were made.

        found: the inputs to which a gradient goes, with it.
        """
        inside, self._inside = self._inside, []
        name = op.definition.type
        if name == "If":
            self._branches(dys, [x for x, _ in found], inside)
            return
        missing = rows = 0
        for y, dy in zip(op.outputs, dys, strict=True):
            if dy is None:
                missing += y.dtype.is_floating
            elif type(dy) is IndexedSlices:
                rows += 1
        known = FIXED[name] if name in FIXED else self._of_type(op, rows > 0)
        if known is not None and rows and known:
            known += _DENSE * (2 if name in BROADCASTING else 1)
        for tally in inside:
            made_here += tally._count - tally._made
        self._count += made_here if known is None else known + missing
        if not self._gated:
            return
        slopes = _WITH_GRADIENT.get(name, sum(x.dtype.is_floating for x in op.inputs))
        if not op.attrs.get("is_training", True):
            slopes = 3  # those of a batch normalization by the averages, which stay
        if slopes > 1:
            self._count += _GATE + slopes

    def _branches(
        self, dys: Sequence[Any], kept: Sequence[Tensor], inside: Sequence[Tally]
    ) -> None:
        """The gradient of a cond: a switch for each result, and what the branches need."""
        results = sum(dy is not None for dy in dys)
        arrived = Counter(x for tally in inside for x in tally._reached if x in kept)
        self._twice |= {x for x, times in arrived.items() if times > 1}
        self._count += results * (1 + (_GATE + 2) * self._gated) + _ENTERED * arrived.total()
        self._count += sum(tally._count - tally._starts for tally in inside)

    def _of_type(self, op: Operation, rows: bool) -> int | None:
        """Where the number is not fixed; None where it is that of what is made here."""
        name = op.definition.type
        if name in BROADCASTING:
            return self._broadcasting(op, rows)
        special = _SPECIAL.get(name)
        return special(self, op) if special else None

    def _first_time(self, *shapes: Any) -> bool:
        """TensorFlow works out once what undoes a broadcast or a sum of known shapes."""
        first = shapes not in self._graph.undone_shapes
        self._graph.undone_shapes.add(shapes)
        return first

    def _broadcasting(self, op: Operation, rows: bool) -> int:
        name = op.definition.type
        count = BROADCASTING[name]
        x, y, z = op.inputs[0].shape, op.inputs[1].shape, op.outputs[0].shape
        like = x.sizes == y.sizes
        if rows or not (x.is_fully_defined() and (like or y.is_fully_defined())):
            return count + 7
        plain = name != "Pow" and (name != "Mul" or op.outputs[0].dtype is float32)
        if like and plain and x.sizes == z.sizes:
            return count
        count += 3 if self._first_time("broadcast", x, y) else 0
        return count + 4 * ((x != z) + (y != z))

    def _sum(self, op: Operation) -> int:
        shape, axes = op.inputs[0].shape, constant_value(op.inputs[1])
        if shape.ndims is None or axes is None:
            return 16
        if axes.shape == (shape.ndims,) and axes.tolist() == list(range(shape.ndims)):
            return 4
        if not shape.is_fully_defined():
            return 16
        return 21 if self._first_time("sum", shape, tuple(axes.reshape(-1).tolist())) else 4

    def _mean(self, op: Operation) -> int:
        known = op.inputs[0].shape.is_fully_defined() and op.outputs[0].shape.is_fully_defined()
        return self._sum(op) + (2 if known else 11)

    def _concat(self, op: Operation) -> int:
        *parts, _ = op.inputs
        known = [part.shape.is_fully_defined() for part in parts]
        shapes = len(parts) if all(known) else known.index(False) + 2
        return 3 + shapes + len(parts)

    def _gather(self, op: Operation) -> int:
        axis = constant_value(op.inputs[2]) if len(op.inputs) > 2 else 0
        return 13 if axis is not None and int(axis) == 0 else 55


_SPECIAL: dict[str, Callable[[Tally, Operation], int]] = {
    "Sum": Tally._sum,
    "Mean": Tally._mean,
    "ConcatV2": Tally._concat,
    "Gather": Tally._gather,
    "GatherV2": Tally._gather,
}
