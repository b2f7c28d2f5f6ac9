"""A whole run of which every value is kept, done by a function like that of the fast path.

It is for runs that are looked at, but not at every node: a history takes what the function gives as
if the interpreter had gone through the nodes one by one. The function is the fast path's with one
difference: nothing is hidden inside of a call, and every value has an array of its own, which
nobody writes to again. The numbers are bitwise those of the interpreter, which does the run when
the function cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import methodcaller
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from graphscope.engine.compiled import CompiledRun, compile_run, quiet_context
from graphscope.engine.fast import Functions, not_for_functions
from graphscope.engine.fusing import Chain, Product, Step, fuse
from graphscope.engine.interpreter import Frame, Ran
from graphscope.engine.lowering import Array, Program, Value, lower
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.engine.writing import Writer
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels import matmul

#: After so many runs into which nobody looked, the next ones keep nothing.
_LOOKS = 3

_FREEZE = methodcaller("setflags", False)


@dataclass(eq=False)
class Finished:
    """One run of which the ends are known, and nothing between them: it can be done again, with the
    same numbers, when somebody wants to look at it.

    count: how many nodes it had. results: what was fetched. written, cells: what the variables
    that were written are in the end, and what the session keeps for its next run, by name.
    """

    count: int
    results: dict[Tensor, Array]
    written: dict[str, Array]
    cells: dict[str, Any]

    def value(self, tensor: Tensor) -> Array | None:
        """What a node computed, if it was kept."""
        return self.results.get(tensor)

    @property
    def nbytes(self) -> int:
        """The bytes of what is kept of it."""
        arrays = (*self.results.values(), *self.written.values())
        return sum({id(array): array.nbytes for array in arrays}.values())


class Line(NamedTuple):
    """A node of the plan: at which places of the kept arrays its outputs are, and what it writes.

    cell: under which name the session keeps what it needs in its next run; None without. call:
    which of the function's calls did it, and how many nodes that call did; None if nothing did.
    """

    op: Operation
    outputs: tuple[tuple[Tensor, int], ...]
    writes: tuple[tuple[str, int], ...]
    cell: str | None
    call: tuple[int, int] | None


@dataclass(frozen=True, eq=False)
class Recorded:
    """One run: the arrays that were kept, the state behind it, and when each call ended."""

    recording: Recording
    arrays: tuple[Array, ...]
    state: State
    clock: Sequence[float]

    @property
    def count(self) -> int:
        return len(self.recording.lines)

    @property
    def nbytes(self) -> int:
        """The bytes of what is kept of it, without the feeds."""
        return self.recording.nbytes

    @property
    def written(self) -> dict[str, Array]:
        """What the variables that were written are in the end, by name."""
        return {name: self.arrays[i] for name, i in self.recording.written.items()}

    def value(self, tensor: Tensor) -> Array | None:
        """What a node computed."""
        place = self.recording.places.get(tensor)
        return None if place is None else self.arrays[place]

    @property
    def outputs(self) -> dict[Tensor, Array]:
        """All values of all nodes."""
        arrays = self.arrays
        return {tensor: arrays[place] for tensor, place in self.recording.places.items()}

    @property
    def cells(self) -> dict[str, Any]:
        """What the session keeps for its next run, of what has changed."""
        return {name: self.state.cells[name] for name in self.recording.cells}

    def rans(self, frame: Frame) -> list[Ran]:
        """All nodes in order as the interpreter gives them."""
        return self.recording.rans(self.arrays, frame, self.state.cells)

    def ran(self, i: int, frame: Frame) -> Ran:
        """Node number `i` alone."""
        op, outputs, writes, cell, _ = self.recording.lines[i]
        made = {tensor: self.arrays[place] for tensor, place in outputs}
        written = {name: self.arrays[place] for name, place in writes}
        return Ran(op, made, written, frame, {} if cell is None else {cell: self.state.cells[cell]})

    def seconds(self) -> list[float]:
        """How long each node took: of what several nodes did together each has its part."""
        clock = self.clock
        return [
            0.0 if call is None else (clock[call[0] + 1] - clock[call[0]]) / call[1]
            for call in self.recording.calls
        ]


class Recording:
    """The function of a plan that keeps everything, and where it keeps it.

    lines: of each node. places: of all values. written: the places of the variables' last values.
    cells: what the session keeps. calls: of each line. writing: which lines write a variable.
    rans: makes the nodes' `Ran` of the arrays, a frame and the cells.
    nbytes: of all arrays but the feeds.
    """

    def __init__(self, plan: Plan, program: Program, steps: list[Step]) -> None:
        writer = _KeepingWriter(plan, program, steps)
        self.feeds: tuple[Tensor, ...] = tuple(program.feeds)
        self.source = writer.text()
        self.lines = tuple(_lines(plan, program, steps, writer.places))
        self.places = dict(pair for line in self.lines for pair in line.outputs)
        self.written = {name: place for line in self.lines for name, place in line.writes}
        self.cells = [line.cell for line in self.lines if line.cell is not None]
        self.calls = [line.call for line in self.lines]
        self.writing = [i for i, line in enumerate(self.lines) if line.writes]
        self.rans = _maker_of_rans(self.lines)
        fed = set(program.feeds.values())
        self.nbytes = sum(value.sample.nbytes for value in writer.places if value not in fed)
        namespace: dict[str, Any] = dict(writer.names)
        exec(compile(self.source, "<a recorded run>", "exec"), namespace)
        self._function: Callable[..., tuple[tuple[Array, ...], Sequence[float]]] = namespace["run"]
        self._alone, self._context = Lock(), quiet_context()

    def __call__(self, feeds: Mapping[Tensor, Array], state: State) -> Recorded | None:
        """Do a run. `state` is written. None when it cannot be done; nothing has changed then."""
        if not self._alone.acquire(blocking=False):  # another thread is in its operands
            return None
        given: list[Any] = [feeds[tensor] for tensor in self.feeds]
        try:
            arrays, clock = self._context.run(self._function, *given, state.variables, state.cells)
        except Exception:  # the interpreter will say it, and better
            return None
        finally:
            self._alone.release()
        return Recorded(self, arrays, state, clock)


def compile_recording(
    plan: Plan, sample: Mapping[Tensor, Array], start: Mapping[str, Array]
) -> Recording:
    """The function of a plan; sample and start as for `compile_run`. Errors: NotCompiled."""
    outputs = [t for op in plan.nodes for t in op.outputs if t not in plan.feeds]
    program = lower(replace(plan, fetches=(*outputs, *plan.nodes)), sample, start)
    return Recording(plan, program, fuse(program))


def _lines(
    plan: Plan, program: Program, steps: Sequence[Step], places: dict[Value, int]
) -> list[Line]:
    tasks = {task.op: task for step in steps for task in step.tasks}
    calls = {op: (i, len(step.ops)) for i, step in enumerate(steps) for op in step.ops}
    found = []
    for op in plan.nodes:
        task = tasks.get(op)
        outputs = tuple((t, places[program.results[t]]) for t in op.outputs if t in program.results)
        writes: tuple[tuple[str, int], ...] = ()
        if task is not None:
            pairs = zip(task.writes, task.outputs, strict=False)
            writes = tuple((name, places[value]) for name, value in pairs)
        cell = None if task is None else task.cell
        found.append(Line(op, outputs, writes, cell, calls.get(op)))
    return found


def _maker_of_rans(lines: Sequence[Line]) -> Callable[..., list[Ran]]:
    """A function of the arrays, a frame and the cells: what the interpreter gives of each node. Its
    text says of each line what is known of it, so that only the arrays have to be put in."""
    names: dict[str, Any] = {"new": tuple.__new__, "Ran": Ran, "none": {}}

    def name(thing: Any) -> str:
        spelled = f"n{len(names)}"
        names[spelled] = thing
        return spelled

    made = []
    for op, outputs, writes, cell, _ in lines:
        values = ", ".join(f"{name(tensor)}: a[{place}]" for tensor, place in outputs)
        written = ", ".join(f"{variable!r}: a[{place}]" for variable, place in writes)
        own = "none" if cell is None else f"{{{cell!r}: cells[{cell!r}]}}"
        parts = f"{name(op)}, {{{values}}}, {f'{{{written}}}' if writes else 'none'}, frame, {own}"
        made.append(f"new(Ran, ({parts})),\n")
    exec(f"def rans(a, frame, cells):\n    return [{'        '.join(['', *made])}]", names)
    found: Callable[..., list[Ran]] = names["rans"]
    return found


class _KeepingWriter(Writer):
    """Writes a function that makes new arrays for everything, and returns them all.

    places: where each value is among them.
    """

    def __init__(self, plan: Plan, program: Program, steps: Sequence[Step]) -> None:
        written = [v for step in steps for task in step.tasks if task.writes for v in task.outputs]
        kept = (*program.results.values(), *written)
        self.places: dict[Value, int] = {}
        for value in kept:
            self.places.setdefault(value, len(self.places))
        taken = [value for step in steps for value in step.takes]
        constants = {v: v.sample for v in (*taken, *kept) if v.constant}
        super().__init__(plan, program, steps, constants)
        self.names |= {"clock": perf_counter, "freeze": _FREEZE}

    def text(self) -> str:
        there = {*self.program.feeds.values(), *self.program.start.values()}
        made = [v for v in self.places if not v.constant and v not in there]
        kept = "".join(f"{self.spelled[value]}, " for value in self.places)
        freezing = [f"freeze({self.spelled[value]})" for value in made]
        ending = f"return kept, (begin, {', '.join(self.times)})"
        lines = ["begin = clock()", *self.lines, f"kept = ({kept})", *freezing]
        return self.as_function([*lines, *self.keeping(), ending])

    @property
    def times(self) -> list[str]:
        return [f"t_{i}" for i in range(self._count)]

    _count = 0

    def step(self, step: Step) -> None:
        if isinstance(step, Chain | Product):
            for value in step.makes:
                new = partial(np.empty, value.sample.shape, value.sample.dtype)
                self.operands[value] = matmul.Operand(new())
                self.lines.append(f"{self.spell(value, 'v')} = {self.name('new', new)}()")
                self.arrived(value)
            self.lines.append(f"{self.name('x', self.ready(step))}()")
        else:
            self.call(step.tasks[0])
        self.lines.append(f"t_{self._count} = clock()")
        self._count += 1


def _not_for_recording(plan: Plan) -> str:
    """Why a plan is not for this, as far as that can be told at once. What can be seen from
    outside must not happen before somebody has stepped to it."""
    if not plan.nodes or plan.missing:
        return "there is nothing to run"
    if plan.inner or plan.has_sides:
        return "it has branches or loops"
    seen = [op for op in plan.nodes if op.type.startswith("PyFunc") or _has_effects(op)]
    if seen:
        return f"{seen[0].name} [{seen[0].type}] can be seen from outside"
    return not_for_functions(plan)


def _has_effects(op: Operation) -> bool:
    """Whether it is for what it does: what gives nothing writes a file, or a text; an input that is
    a node reads one. An Assert that fails is left to the interpreter."""
    if op.definition.kind == "input" and op.type != "PlaceholderWithDefault":
        return True
    return not op.outputs and not op.definition.writes and op.type not in ("NoOp", "Assert")


def _is_bare(op: Operation) -> bool:
    """Whether an operation only waits for others, as a train op does."""
    return op.type == "NoOp" and not op.inputs and not op.outputs


class Recordings:
    """The functions of a plan, by the shapes of the feeds."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._functions = Functions(plan, _not_for_recording(plan))
        self._looks = 0
        last = plan.nodes[-1] if plan.nodes else None
        #: A call of which nothing is known but the plan.
        self.frame = Frame(plan, {})
        #: The end of each run, where that is a node of which nothing has to be known.
        self.end = Ran(last, {}, {}, self.frame, {}) if last and _is_bare(last) else None
        #: What keeps a position from run to run, as random generators do.
        self._keeping = [op.name for op in plan.nodes if op.definition.keeps]
        #: What is fetched of the updates, with the names of the variables.
        self._updates = [
            (tensor, name)
            for tensor in plan.fetches
            if isinstance(tensor, Tensor)
            for name in plan.writings.get(tensor.op, ())[:1]
        ]

    @property
    def reason(self) -> str:
        """Why there is no function, if that is for ever."""
        return self._functions.reason

    def looked_at(self) -> None:
        """Somebody looks into a run; so the next one will not be done without keeping anything."""
        self._looks = _LOOKS

    def is_looked_at(self) -> bool:
        """Whether somebody has looked into one of the last runs. To be asked once for each."""
        self._looks = max(self._looks - 1, 0)
        return self._looks > 0

    def may_be_done_again(self, cells: Mapping[str, Any]) -> bool:
        """Whether a run that begins with these cells gives the same numbers once more. A generator
        that begins would begin otherwise."""
        return not self._keeping or all(name in cells for name in self._keeping)

    def record(self, feeds: Mapping[Tensor, Array], state: State) -> Recorded | None:
        """Do a run; None if there is no function for it, or none that could do it."""
        made: tuple[Recording, CompiledRun] | None = self._functions.get(feeds)
        return None if made is None else made[0](feeds, state)

    def finish(self, feeds: Mapping[Tensor, Array], state: State) -> Finished | None:
        """The same of a run at which nobody looks for now. `state` is written."""
        made: tuple[Recording, CompiledRun] | None = self._functions.get(feeds)
        if made is None or not self.may_be_done_again(state.cells):
            return None
        function, cells = made[1], dict(state.cells)
        results = function([feeds[tensor] for tensor in function.feeds], state)
        if results is None:
            return None
        written = {name: state.variables[name] for name in function.written}
        changed = {n: v for n, v in state.cells.items() if v is not cells.get(n)}
        fetched = dict(zip(function.fetched, map(np.asarray, results), strict=True))
        if self._plan.writes_once:  # what an update gives is the variable: one array is enough
            for tensor, name in self._updates:
                if tensor in fetched:
                    fetched[tensor] = written.get(name, fetched[tensor])
        for array in fetched.values():
            _FREEZE(array)
        return Finished(len(self._plan.nodes), fetched, written, changed)

    def ran(self, frame: Frame, feeds: Mapping[Tensor, Array], start: Mapping[str, Array]) -> None:
        """The interpreter did a run; when it has done so often enough, make a function.

        frame: where the values of that run are. start: the variables before it.
        """

        def make() -> tuple[Recording, CompiledRun]:
            recording = compile_recording(self._plan, frame.values, start)
            return recording, compile_run(self._plan, frame.values, start)

        self._functions.ran(feeds, make)


def recordings(plan: Plan) -> Recordings:
    """The functions of this plan."""
    found = plan.made.get("recordings")
    if not isinstance(found, Recordings):
        found = plan.made["recordings"] = Recordings(plan)
    return found
