"""Cross entropies in a graph: the fused operations, and those that are made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor

#: Operations that hand the values of their first input on, in another form at most.
_HANDING_ON = {
    *("Identity", "Reshape", "Squeeze", "ExpandDims", "Transpose"),
    *("StopGradient", "Print", "CheckNumerics", "Cast", "ReadVariableOp"),
}
_FUSED = ("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits")


def source_of(tensor: Tensor) -> Tensor:
    """Where the numbers of a tensor were made: back through what only hands them on."""
    while tensor.op.type in _HANDING_ON and tensor.op.inputs:
        tensor = tensor.op.inputs[0]
    return tensor


@dataclass(frozen=True)
class CrossEntropy:
    """A cross entropy of several classes.

    node:   the operation that computes it: the fused one, or the logarithm.
    scores: logits, or probabilities where it is made by hand.
    labels: class numbers, or a row of probabilities for each example.
    """

    node: Operation
    scores: Tensor
    labels: Tensor
    by_hand: bool

    @property
    def classes(self) -> int | None:
        """How many classes there are, as far as the graph tells."""
        tensors = [self.scores] if self.is_sparse else [self.labels, self.scores]
        for tensor in tensors:
            sizes = tensor.shape.sizes
            if sizes and sizes[-1] is not None:
                return int(sizes[-1])
        return None

    @property
    def is_sparse(self) -> bool:
        return self.labels.dtype.base_dtype.is_integer

    def targets(self, values: dict[Tensor, Value]) -> Value:
        """The class of each example."""
        labels = values[self.labels]
        return (
            labels.reshape(-1)
            if self.is_sparse
            else labels.reshape(-1, labels.shape[-1]).argmax(-1)
        )

    def losses(self, values: dict[Tensor, Value]) -> Value:
        """The cross entropy of each example, of a value of `scores` and one of `labels`."""
        scores = values[self.scores].astype(np.float64)
        rows = scores.reshape(-1, scores.shape[-1])
        with np.errstate(all="ignore"):
            if self.by_hand:
                logs = np.log(np.maximum(rows, 1e-30))
            else:
                shifted = rows - rows.max(axis=-1, keepdims=True)
                logs = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
        found: Value = -logs[np.arange(len(rows)), self.targets(values)]
        return found


def cross_entropies(operations: Iterable[Operation]) -> Iterator[CrossEntropy]:
    """Those among these operations, which are in order of creation."""
    for op in operations:
        if op.type in _FUSED:
            features, labels = op.inputs
            yield CrossEntropy(op, features, source_of(labels), by_hand=False)
        elif op.type == "Log":
            probabilities = _probabilities(op.inputs[0])
            labels_found = [] if probabilities is None else _multiplied(op.outputs[0])
            if probabilities is not None and labels_found:
                yield CrossEntropy(op, probabilities, labels_found[0], by_hand=True)


def _probabilities(tensor: Tensor) -> Tensor | None:
    """The softmax that a logarithm is taken of, also of one that is kept away from 0."""
    while source_of(tensor).op.type != "Softmax":
        tensor = source_of(tensor)
        if tensor.op.type not in ("Add", "AddV2", "Maximum", "Minimum"):
            return None
        variable = [t for t in tensor.op.inputs if t.op.type != "Const"]
        if len(variable) != 1:
            return None
        tensor = variable[0]
    return tensor


def _multiplied(logs: Tensor) -> list[Tensor]:
    """What the logarithms are multiplied by: the labels."""
    return [
        source_of(other)
        for user in logs.op.graph.consumers(logs)
        if user.type == "Mul" and user.gradient_of is None
        for other in user.inputs
        if other is not logs and other.shape.ndims == logs.shape.ndims
    ]


def sigmoid_logits(operations: Iterable[Operation]) -> Iterator[tuple[Operation, Tensor]]:
    """The sigmoid cross entropies, each with its logits: log(1 + exp(-|x|)) is what shows them."""
    for op in operations:
        inside = op.inputs[0].op if op.type == "Log1p" else None
        if inside is None or inside.type != "Exp":
            continue
        shape = inside.inputs[0].op
        if shape.type == "Select" and shape.inputs[1].op.type == "Neg":
            if shape.inputs[1].op.inputs[0] is shape.inputs[2]:
                yield op, shape.inputs[2]
        elif shape.type == "Neg" and shape.inputs[0].op.type == "Abs":
            yield op, shape.inputs[0].op.inputs[0]
