"""TensorArrays as TensorFlow has them: kept beside the graph under a handle, and put in order by
flows. Those of graphs that are made here are lists that are handed on.

The slope of a list is a list too; in TensorFlow it is another array under the handle of the
gradient, whose elements add up as they are written. Source: tensorflow/core/ops/data_flow_ops.cc,
tensorflow/python/ops/tensor_array_grad.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.formats.attributes import message_of, tensor_message
from graphscope.formats.flattening import Flattening, Place
from graphscope.formats.messages import NodeDef
from graphscope.graph.body import Body
from graphscope.graph.dtypes import float32, resource, variant
from graphscope.graph.graph import Graph, Operation, Tensor

_FLOW, _HANDLE = float32.as_datatype_enum, resource.as_datatype_enum
_SOURCE = re.compile(r"^(.*?gradients(?:_\d+)?)/")
_ADDING = ("TensorArrayWriteV3", "TensorArrayScatterV3", "TensorArraySplitV3")


class Arrays:
    """The TensorArrays of a graph, and their slopes."""

    def __init__(self, graph: Graph, flat: Flattening) -> None:
        self._graph, self._flat = graph, flat
        self._grows = {
            op.inputs[0].op
            for op in graph.operations
            if op.type in _ADDING and op.attrs.get("dynamic")
        }

    def is_one(self, op: Operation) -> bool:
        return op.type in _WRITTEN and any(
            tensor.dtype.base_dtype in (variant, resource) for tensor in (*op.inputs, *op.outputs)
        )

    def node(self, op: Operation, inputs: list[str], waits: list[str]) -> NodeDef:
        """The node for an operation."""
        made = NodeDef(name=op.name, op=op.type, device=op.device)
        _WRITTEN[op.type](self, op, made, inputs)
        made.input.extend(waits)
        return made

    # ---- arrays --------------------------------------------------------------------------------

    def _array(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.input.extend(inputs)
        _say(made, "dtype", "type", op.attrs["dtype"])
        _say(made, "element_shape", "shape", op.attrs["element_shape"])
        _say(made, "dynamic_size", "bool", op in self._grows)
        _say(made, "clear_after_read", "bool", False)
        if op.attrs.get("tensor_array_name"):
            _say(made, "tensor_array_name", "string", op.attrs["tensor_array_name"])

    def _written(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.input.extend(inputs)
        value = op.inputs[1] if op.type == "TensorArraySplitV3" else op.inputs[2]
        _say(made, "T", "type", value.dtype.base_dtype)

    def _read(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.input.extend(inputs)
        _say(made, "dtype", "type", op.outputs[0].dtype)
        if op.type == "TensorArrayGatherV3":
            _say(made, "element_shape", "shape", op.attrs["element_shape"])

    def _plain(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.input.extend(inputs)

    # ---- slopes --------------------------------------------------------------------------------

    def _none(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        """An empty list of slopes: nothing has to come before it."""
        made.op = "Const"
        if op.body in self._flat.regions:
            made.input.append(f"^{self._flat.pivot(op.body)}")
        _say(made, "dtype", "type", float32)
        made.attr["value"].CopyFrom(message_of("tensor", tensor_message(np.float32(0), float32)))

    def _sum(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.op = "AddN"
        made.input.extend(inputs)
        made.attr["T"].CopyFrom(message_of("type", _FLOW))
        made.attr["N"].CopyFrom(message_of("int", len(op.inputs)))

    def _without(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        made.op = "Identity"
        made.input.append(inputs[0])
        made.attr["T"].CopyFrom(message_of("type", _FLOW))

    def _list_of(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        """Slopes of elements that were read: they are added to the gradient's array."""
        handle, flow = self._gradient(op)
        _, index, value = op.inputs
        made.op = "TensorArrayScatterV3" if index.shape.ndims else "TensorArrayWriteV3"
        made.input.extend([handle, *inputs[1:3], flow])
        _say(made, "T", "type", value.dtype.base_dtype)

    def _items(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        """The slopes of elements that were written."""
        handle, _ = self._gradient(op)
        _, index, like = op.inputs
        made.op = "TensorArrayGatherV3" if index.shape.ndims else "TensorArrayReadV3"
        made.input.extend([handle, inputs[1], inputs[0]])
        _say(made, "dtype", "type", like.dtype.base_dtype)

    def _parts(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        handle, flow = self._gradient(op)
        forward = op.gradient_of
        assert forward is not None
        made.op = "TensorArraySplitV3"
        lengths = self._flat.tensor(forward.outputs[1], op.body)
        made.input.extend([handle, inputs[1], lengths, flow])
        _say(made, "T", "type", op.inputs[1].dtype.base_dtype)

    def _joined(self, op: Operation, made: NodeDef, inputs: list[str]) -> None:
        handle, _ = self._gradient(op)
        made.op = "TensorArrayConcatV3"
        made.input.extend([handle, inputs[0]])
        _say(made, "dtype", "type", op.outputs[0].dtype)

    def _gradient(self, op: Operation) -> tuple[str, str]:
        """Handle and flow of the array with the slopes, as they are called where `op` is."""
        forward = op.gradient_of
        assert forward is not None
        array = forward.inputs[0].op
        level = self._level(op.body, array.body)
        found = _SOURCE.match(op.name)
        source = "gradients" if found is None else found[1]
        name = f"{source}/{array.name}/TensorArrayGradV3"
        flow = self._flat.tensor(self._last_flow(array), level)
        node = self._flat.make(
            name, "TensorArrayGradV3", [self._flat.tensor(array.outputs[0], level), flow]
        )
        node.attr["source"].CopyFrom(message_of("string", source))
        return (
            self._flat.seen(Place(name, _HANDLE, level), op.body),
            self._flat.seen(Place(f"{name}:1", _FLOW, level), op.body),
        )

    def _level(self, body: Body | None, of: Body | None) -> Body | None:
        """Where the gradient of an array in the body `of` is made, seen from `body`."""
        while body is not None and body is not of and body.mirror is not of:
            body = self._flat.regions[body].owner.body if body in self._flat.regions else None
        return body

    def _last_flow(self, array: Operation) -> Tensor:
        """The last flow of the forward pass: what is in the array then is all."""
        flows = {array.outputs[1]}
        last = array.outputs[1]
        for op in self._graph.operations:
            if op.body is not array.body or op.gradient_of is not None:
                continue
            found = [i for i, tensor in enumerate(op.inputs) if tensor in flows]
            out = [tensor for tensor in op.outputs if tensor.dtype.base_dtype is variant]
            if op.type == "While":
                own = len(op.attrs["body"].parameters)
                out = [op.outputs[i] for i in found if i < own]
            if found and out and op is not array:
                flows.update(out)
                last = out[-1]
        return last


def _say(made: NodeDef, name: str, kind: str, value: Any) -> None:
    made.attr[name].CopyFrom(message_of(kind, value))


_Writer = Callable[[Arrays, Operation, NodeDef, list[str]], None]
_WRITTEN: dict[str, _Writer] = {
    "TensorArrayV3": Arrays._array,
    **dict.fromkeys(_ADDING, Arrays._written),
    **dict.fromkeys(
        ("TensorArrayReadV3", "TensorArrayGatherV3", "TensorArrayConcatV3"), Arrays._read
    ),
    **dict.fromkeys(("TensorArraySizeV3", "TensorArrayCloseV3"), Arrays._plain),
    "EmptyList": Arrays._none,
    "AddLists": Arrays._sum,
    "ListWithout": Arrays._without,
    "ListOf": Arrays._list_of,
    "ListItems": Arrays._items,
    "ListOfParts": Arrays._parts,
    "ListJoined": Arrays._joined,
}
