"""`Body`: a part of a graph that an operation owns and runs when it wants to.

The branches of a cond, the test and the body of a loop are bodies. What is made inside one belongs
to the same graph, with its names, its variables and its collections; it sees the tensors around it
as a Python function sees the names around it. Only its owner runs it, by a `Call`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphscope.errors import OpError

if TYPE_CHECKING:
    from graphscope.graph.graph import Operation, Tensor


#: The value of what did not run, since it is on the side of a Switch that was not taken.
DEAD = np.array("dead", object)
DEAD.setflags(write=False)


@dataclass(eq=False)
class Body:
    """A part of a graph.

    outer:      the body around it, or None.
    mirror:     the body whose gradient it computes: it sees the tensors of that one's call.
    operations: what was made inside, in order of creation.
    parameters: what each call is given. results: what each call gives back.
    mirrored:   another body computes the gradient of this one, so its calls are remembered.
    entered:    what its owner has let in already, for another of its bodies.
    """

    outer: Body | None = None
    mirror: Body | None = None
    operations: list[Operation] = field(default_factory=list)
    parameters: tuple[Tensor, ...] = ()
    results: tuple[Tensor, ...] = ()
    mirrored: bool = False
    entered: frozenset[Tensor] = frozenset()

    @property
    def free(self) -> Iterator[Tensor]:
        """The tensors from around it that are used inside; one may come several times."""
        used = [tensor for op in self.operations for tensor in op.inputs]
        return (t for t in (*used, *self.results) if self._is_around(t.op))

    @property
    def entering(self) -> set[Tensor]:
        """The tensors that TensorFlow lets in for this body, each by an operation of its own."""
        return set(self.free) - self.entered

    @property
    def awaited(self) -> Iterator[Operation]:
        """The operations from around it for which something inside waits."""
        awaited = (other for op in self.operations for other in op.control_inputs)
        return (op for op in awaited if self._is_around(op))

    def _is_around(self, op: Operation) -> bool:
        return op.body is None or op.body not in self._beside()

    def _beside(self) -> Iterator[Body]:
        """This body, the one that it mirrors, the one that that one mirrors, and so on."""
        body: Body | None = self
        while body is not None:
            yield body
            body = body.mirror

    def sees(self, op: Operation) -> bool:
        """Whether the tensors of `op` can be used inside: it is here, around here, or mirrored."""
        body: Body | None = self
        while body is not None:
            if op.body is body or (body.mirror is not None and body.mirror.sees(op)):
                return True
            body = body.outer
        return op.body is None


@dataclass(eq=False)
class Rerun(Body):
    """A part of the graph itself, which its owner runs anew with each call.

    results, wanted: tensors and operations outside of all bodies; with them runs what they need.
    """

    wanted: tuple[Operation, ...] = ()


@dataclass(eq=False)
class Ring(Body):
    """The frame of a loop of an old file: what its wanted results need runs, the rest is dead."""


@dataclass(eq=False)
class Function(Body):
    """A function of a file, for one place that calls it. returned: how many of the results are
    given back; behind them stands what has to run all the same."""

    returned: int = 0


class Call(NamedTuple):
    """What the kernel of an owner yields to have a body run; it is sent the results.

    iteration: how many calls of this body came before. beside: which call of the mirrored body
    this one is the gradient of. spared: errors of these types are no failure of the run, but are
    raised in the kernel, where it waits for the results.
    """

    body: Body
    arguments: tuple[Any, ...] = ()
    iteration: int = 0
    beside: int = 0
    spared: tuple[type[OpError], ...] = ()
