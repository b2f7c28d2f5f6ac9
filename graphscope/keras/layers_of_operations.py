"""Operations between layers become layers, so that a model may be built with tf.* in between.

Source: TensorFlowOpLayer and create_keras_history in tensorflow.python.keras.engine of 1.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import is_tensor_like
from graphscope.graph.graph import Operation, Tensor
from graphscope.keras.base_layer import Layer
from graphscope.keras.history import Node, made_by, remember


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
    for operation in _in_order(operations):
        inner = [t for t in operation.inputs if made_by(t) is not None]
        if inner and all(made_by(output) is None for output in operation.outputs):
            constants = {
                number: tensor
                for number, tensor in enumerate(operation.inputs)
                if made_by(tensor) is None
            }
            layer = TensorFlowOpLayer(operation, constants)
            outputs = list(operation.outputs)
            remember(
                Node(layer, inner[0] if len(inner) == 1 else inner, outputs[0] if len(outputs) == 1 else outputs)
            )


def _in_order(operations: Sequence[Operation]) -> list[Operation]:
    """What these operations need and no layer made, each behind what it needs."""
    found: dict[Operation, None] = {}
    waiting = list(operations)
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found[operation] = None
            waiting += [t.op for t in operation.inputs if is_tensor_like(t) and made_by(t) is None]
    return sorted(found, key=lambda operation: operation._id)
