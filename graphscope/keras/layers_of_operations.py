"""Operations between layers become layers, so that a model may be built with tf.* in between.

Source: TensorFlowOpLayer and create_keras_history in tensorflow.python.keras.engine of 1.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.graph import Operation, Tensor
from graphscope.keras.base_layer import Layer
from graphscope.keras.history import Node, made_by, plain_operations, remember


class TensorFlowOpLayer(Layer):
    """One operation of the graph, with the tensors that layers made as its inputs."""

    def __init__(self, operation: Operation, constants: dict[int, Any]) -> None:
        super().__init__(name=f"tf_op_layer_{operation.name}", dtype=_kind_of(operation))
        self.operation = operation
        self.constants = constants
        self.built = True

    def call(self, inputs: Any, **_: Any) -> Any:
        given = iter(inputs if isinstance(inputs, list | tuple) else [inputs])
        count = len(self.operation.inputs)
        every = [self.constants[i] if i in self.constants else next(given) for i in range(count)]
        definition = self.operation.definition
        outputs = definition.node(*definition.arguments(every), **self.operation.attrs).outputs
        return outputs[0] if len(outputs) == 1 else list(outputs)


def _kind_of(operation: Operation) -> str | None:
    return operation.outputs[0].dtype.base_dtype.name if operation.outputs else None


def wrap(tensors: Sequence[Any]) -> None:
    """Make a layer of each operation between these tensors and those that layers made."""
    operations = [t.op for t in tensors if isinstance(t, Tensor) and made_by(t) is None]
    for operation in _between(operations):
        inner = [tensor for tensor in operation.inputs if made_by(tensor) is not None]
        if not inner:
            plain_operations(operation.graph).add(operation)
            continue
        constants = {i: t for i, t in enumerate(operation.inputs) if made_by(t) is None}
        layer = TensorFlowOpLayer(operation, constants)
        remember(Node(layer, _one(inner), _one(list(operation.outputs))))


def _one(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _between(operations: Sequence[Operation]) -> list[Operation]:
    """What these operations need and no layer made, each behind what it needs."""
    found: dict[Operation, None] = {}
    waiting = list(operations)
    while waiting:
        operation = waiting.pop()
        if operation not in found and operation not in plain_operations(operation.graph):
            found[operation] = None
            waiting += [tensor.op for tensor in operation.inputs if made_by(tensor) is None]
    return sorted(found, key=lambda operation: operation._id)
