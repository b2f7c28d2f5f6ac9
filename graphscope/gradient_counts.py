"""How many operations TensorFlow would have made for a gradient.

A random operation without a seed of its own takes, in TensorFlow, the number of operations that its
graph has by then. TensorFlow's gradients are made of other operations than those here, and of more
of them: they are counted, so that the random numbers after a `minimize` are TensorFlow's too. What
is not in these tables counts as what is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import constant_value
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Graph, Operation
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
_WITH_GRADIENT = {
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), 3),
    **dict.fromkeys(("FloorDiv", "TruncateDiv"), 0),
    "Print": 1,
}

#: What turns rows into a dense tensor: a slice of the shape, and a sum over segments.
_DENSE = 5


class Tally:
    """Counts the operations of one call of `gradients`, as TensorFlow would make them.

    gated: the gradients of an operation wait for each other, as optimizers have it.
    """

    def __init__(self, graph: Graph, gated: bool) -> None:
        self._graph = graph
        self._gated = gated
        self._made_before = len(graph.operations)
        self._count = 0

    def start(self, given: Sequence[Any]) -> None:
        """A shape, a one and a fill for each y; an identity where its gradient was given."""
        self._count += sum(3 if dy is None else 1 for dy in given)

    def sum(self, parts: Sequence[Any]) -> None:
        """The sum of several gradients of one tensor."""
        rows = sum(isinstance(part, IndexedSlices) for part in parts)
        self._count += 4 if rows == len(parts) else 1 + _DENSE * rows

    def rule(self, op: Operation, dys: Sequence[Any], made_here: int) -> None:
        """The gradient of one operation, for which `made_here` operations were made."""
        missing = sum(
            dy is None and y.dtype.is_floating for y, dy in zip(op.outputs, dys, strict=True)
        )
        rows = sum(isinstance(dy, IndexedSlices) for dy in dys)
        known = self._of_type(op, rows > 0)
        if known is not None and rows and known:
            known += _DENSE * (2 if op.type in BROADCASTING else 1)
        self._count += made_here if known is None else known + missing
        slopes = _WITH_GRADIENT.get(op.type, sum(x.dtype.is_floating for x in op.inputs))
        if self._gated and slopes > 1:
            self._count += 1 + slopes

    def close(self) -> None:
        """Tell the graph how many operations it would have more."""
        made = len(self._graph.operations) - self._made_before
        self._graph.uncounted += self._count - made

    def _of_type(self, op: Operation, rows: bool) -> int | None:
        if op.type in BROADCASTING:
            return self._broadcasting(op, rows)
        special = _SPECIAL.get(op.type)
        return special(self, op) if special else FIXED.get(op.type)

    def _first_time(self, *shapes: Any) -> bool:
        """TensorFlow works out once what undoes a broadcast or a sum of known shapes."""
        first = shapes not in self._graph.undone_shapes
        self._graph.undone_shapes.add(shapes)
        return first

    def _broadcasting(self, op: Operation, rows: bool) -> int:
        count = BROADCASTING[op.type]
        x, y, z = op.inputs[0].shape, op.inputs[1].shape, op.outputs[0].shape
        if rows or not (x.is_fully_defined() and y.is_fully_defined()):
            return count + 7
        plain = op.type != "Pow" and (op.type != "Mul" or op.outputs[0].dtype is float32)
        if x == y == z and plain:
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
