"""What TensorFlow's Python code knows of a tensor while the graph is built.

Shape rules know more: `graphscope.graph.convert.constant_value` goes through every operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach

_KNOWN = {"Const", "Shape", "Size", "Rank"}
_FOLDED = {"Cast", "Concat", "ConcatV2", "Equal", "Fill", "NotEqual", "Pack", "Range"}


def told_value(tensor: Any, partial: bool = False) -> Any:
    """The value that the tensor has in every run, an array; None where that is not told.

    partial: of a Pack, those parts that are known, and None for the others.
    Errors: TypeError for what is no tensor.
    Source: tensorflow.python.framework.tensor_util.constant_value.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{tensor!r} is not a Tensor, has type {type(tensor)}")
    values: dict[Operation, Any] = {}
    for op in sorted(reach([tensor.op], _behind), key=lambda op: op._id):
        parts = [values.get(x.op) for x in op.inputs]
        whole = all(part is not None for part in parts)
        if op.type in _KNOWN:
            values[op] = constant_value(op.outputs[0])
        elif op.type in _FOLDED and whole:
            arguments = op.definition.arguments(parts)
            values[op] = np.asarray(op.definition.kernel(*arguments, **op.attrs))
        elif op.type == "Pack" and partial:
            values[op] = np.array(parts)
    return values.get(tensor.op)


def _behind(op: Operation) -> Iterable[Operation]:
    return (x.op for x in op.inputs) if op.type in _FOLDED else ()
