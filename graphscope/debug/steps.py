"""The steps of a run, and what is looked up in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from graphscope.engine.interpreter import Frame, Ran, Value
from graphscope.engine.plan import Phase
from graphscope.graph.body import Body
from graphscope.graph.graph import Operation, Tensor


class _Step(NamedTuple):
    t: int
    ran: Ran
    overridden: frozenset[Tensor | str] = frozenset()
    seconds: float = 0.0


class Step(_Step):
    """Node number `t` of the run has run. Two of them are never equal.

    outputs: its values. writes: the new values of the variables that changed here.
    overridden: the outputs, and the names of variables, that were set by hand.
    seconds: how long the node took.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return object.__hash__(self)

    @property
    def node(self) -> Operation:
        return self.ran.op

    @property
    def outputs(self) -> dict[Tensor, Value]:
        return self.ran.outputs

    @property
    def writes(self) -> dict[str, Value]:
        return self.ran.writes

    @property
    def frame(self) -> Frame:
        return self.ran.frame

    @property
    def phase(self) -> Phase:
        return self.frame.outermost.plan.phases[self.node]

    @property
    def frames(self) -> tuple[tuple[Operation, int], ...]:
        """The branches and loops around it, the outermost first, each with its iteration."""
        return self.frame.around


class Written(NamedTuple):
    """A variable got a value at a time: from a node, or, without one, by hand."""

    t: int
    node: Operation | None
    name: str
    value: Value


#: Asks something of a step that has just run.
StepTest = Callable[[Step], bool]


@dataclass(frozen=True)
class AnyValue:
    """A test of a step that holds when `test` does for one of its values."""

    test: Callable[[Value], bool]

    def __call__(self, step: Step) -> bool:
        return any(map(self.test, step[1][1].values()))  # by places: it is asked of every step


@dataclass(frozen=True)
class AtNodes:
    """A test of a step that holds behind some nodes where `test` does."""

    nodes: Set[Operation]
    test: StepTest

    def __call__(self, step: Step) -> bool:
        return step[1][0] in self.nodes and self.test(step)


class Moment(NamedTuple):
    """What a tensor was at one execution: since when, and in which call of a body."""

    t: int
    frame: Frame
    value: Value


class Journal:
    """The steps, and what is looked up in them.

    writing: the steps that wrote variables.
    times:   when each operation ran, of the steps that were given to `locate`.
    locates: whether steps are to be given to `locate`.
    calls:   of each body the calls that had a step, with the time of the first one.
    """

    def __init__(self, feeds: Iterable[Value], locates: bool) -> None:
        self.locates = locates
        self.steps: list[Step] = []
        self.writing: list[Step] = []
        self._writers: dict[str, list[Step]] = {}
        self._noted = 0  # so many of `writing` are among them
        self.times: dict[Operation, list[int]] = {}
        self.calls: dict[Body, list[tuple[int, Frame]]] = {}
        #: The bytes of each array, by its identity, of the first steps; 0 of the feeds.
        self._sizes = {id(array): 0 for array in feeds}
        self._sized = 0

    def append(self, step: Step) -> None:
        self.steps.append(step)
        if step.ran.writes:
            self.writing.append(step)

    def writers(self, name: str) -> Sequence[Step]:
        """The steps that wrote a variable."""
        for step in self.writing[self._noted :]:  # those since somebody asked
            for written in step.writes:
                self._writers.setdefault(written, []).append(step)
        self._noted = len(self.writing)
        return self._writers.get(name, ())

    def locate(self, step: Step) -> None:
        """Note when its node ran, and in which calls of bodies."""
        self.times.setdefault(step.node, []).append(step.t)
        for call in step.frame.calls_around:
            assert call.body is not None
            known = self.calls.setdefault(call.body, [])
            if not known or known[-1][1] is not call:
                known.append((step.t, call))

    @property
    def nbytes(self) -> int:
        """The bytes of all arrays that are kept, each counted once; without those of the feeds."""
        for step in self.steps[self._sized :]:
            for array in (*step.outputs.values(), *step.writes.values()):
                self._sizes.setdefault(id(array), array.nbytes)
        self._sized = len(self.steps)
        return sum(self._sizes.values())
