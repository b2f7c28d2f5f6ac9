"""What an operation waits for, and what it cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphscope.errors import Lesson, teach

if TYPE_CHECKING:
    from graphscope.graph.graph import Operation, Tensor


class ControlScope:
    """One ``with control_dependencies``: what must run first, and what was made inside."""

    __slots__ = ("made", "ops")

    def __init__(self, ops: tuple[Operation, ...]) -> None:
        self.ops = ops
        self.made: set[Operation] = set()


def out_of_sight(tensor: Tensor) -> ValueError:
    error = ValueError(
        f"{tensor.name} was made inside a branch or a loop, and has no value outside of it."
    )
    lesson = Lesson(
        node=f"{tensor.name} [{tensor.op.type}]",
        line=str(tensor.op.source or ""),
        hint=["return it from the function that was given to tf.cond or tf.while_loop"],
    )
    return teach(error, lesson)
