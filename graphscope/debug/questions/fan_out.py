"""What does a node of a backward pass add up?"""

from __future__ import annotations

from graphscope.debug.answers import FanOut
from graphscope.graph.graph import Operation


def fan_out_of(node: Operation) -> FanOut | None:
    """Where the parts come from that a node adds up to the gradient of one tensor; None for a node
    that does something else."""
    made, parts = node.gradient_of, [tensor.op.gradient_of for tensor in node.inputs]
    if node.type != "AddN" or made is None:
        return None
    for tensor in made.outputs:
        consumers = tensor.graph.consumers(tensor)
        users = [op for op in parts if op is not None and op in consumers]
        # The gradient of a sum is handed on as it is: its part was made by another operation.
        rest = [op for op in consumers if op not in users and op.gradient_of is None]
        if len(users) + 1 == len(parts) and len(rest) == 1:
            users += rest
        if len(users) == len(parts):
            return FanOut(tensor, tuple(sorted(users, key=lambda op: op._id)))
    return None
