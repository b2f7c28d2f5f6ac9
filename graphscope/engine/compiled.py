"""The fast path: a plan as one straight function, over memory that is there already.

It is made for a plan that has run before with feeds of the same shapes, and only `Session.run` uses
it, when nobody is looking. It gives bitwise the same numbers as the interpreter, which remains the
authority: whatever the function cannot do it leaves, before anything has changed, and the
interpreter does the same run from its beginning, with its lesson if it fails.

So that nothing has changed by then, a variable that is written has two arrays, which hold its state
in turn: the old one stays whole until the run is done. It is written where it lies only if nobody
reads it any more and nothing that comes after can fail.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from graphscope.engine.fusing import Chain, Join, Product, Step, fuse
from graphscope.engine.lowering import Array, Program, Value, lower
from graphscope.engine.memory import lay_out, rewritten
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.engine.writing import Writer
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels import matmul
from graphscope.kernels.pool import recycled


def compile_run(
    plan: Plan, sample: Mapping[Tensor, Array], start: Mapping[str, Array]
) -> CompiledRun:
    """The plan as a function.

    sample: the values of all its tensors in one run. start: the variables before that run.
    Errors: NotCompiled, with the reason.
    """
    program = lower(plan, sample, start)
    steps = fuse(program)
    memory, left = lay_out(steps, program)
    return CompiledRun(program, left, memory, _InPlaceWriter(plan, program, left, memory))


class CompiledRun:
    """A plan as a function, and what was done to make it one.

    steps:    the calls of which it consists, in order.
    folded, shared: what need not run: it is known, or computed already.
    written:  the names of the variables that it writes.
    source:   the function, as Python text.
    """

    def __init__(
        self, program: Program, steps: list[Step], memory: dict[Value, Array], writer: Writer
    ) -> None:
        self.feeds: tuple[Tensor, ...] = tuple(program.feeds)
        self.fetched: tuple[Tensor, ...] = tuple(program.results)
        self.written: tuple[str, ...] = tuple(program.finish)
        self.steps = tuple(Done(step) for step in steps)
        self.folded, self.shared = tuple(program.folded), tuple(program.shared)
        self.source = writer.text()
        self._memory = {id(a.base if a.base is not None else a): a for a in memory.values()}
        namespace: dict[str, Any] = dict(writer.names)
        exec(compile(self.source, "<the fast path>", "exec"), namespace)
        self._function: Callable[..., tuple[Any, ...]] = namespace["run"]
        self._alone, self._context = Lock(), quiet_context()

    def __call__(self, feeds: Sequence[Array], state: State) -> tuple[Any, ...] | None:
        """Run it. feeds: in the order of `feeds`, of the shapes that it was made for.

        Returns copies of what is fetched, in the order of `fetched`; None when it has done nothing,
        so that the interpreter has to.
        """
        if not self._alone.acquire(blocking=False):  # another thread is in its memory
            return None
        try:
            return self._context.run(self._function, *feeds, state.variables, state.cells)
        except Exception:  # the interpreter will say it, and better
            return None
        finally:
            self._alone.release()

    @cached_property
    def nbytes(self) -> int:
        """The bytes of the memory that is kept between runs, without the variables."""
        return sum(array.nbytes for array in self._memory.values())


@dataclass(frozen=True)
class Done:
    """What is done in one call: for those who want to know what the fast path did.

    kind: "call" for one operation's kernel, "product", "chain", or "join": parts made in place.
    hidden: how many results between its operations are nowhere in memory.
    """

    kind: str
    ops: tuple[Operation, ...]
    hidden: int

    def __init__(self, step: Step) -> None:
        kind = {Product: "product", Chain: "chain", Join: "join"}.get(type(step), "call")
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "ops", tuple(dict.fromkeys(step.ops)))
        object.__setattr__(self, "hidden", len(step.hidden))


def quiet_context() -> Context:
    """Where numpy says nothing of overflow and the like, and takes memory that was used before.
    To enter what is prepared costs a tenth of preparing it."""
    with np.errstate(all="ignore"), recycled():
        return copy_context()


# ---- the function's text -----------------------------------------------------------------------


class _InPlaceWriter(Writer):
    """Writes a function that uses the same memory in each run, and copies what is fetched."""

    def prepare(self, steps: Sequence[Step]) -> None:
        self.rewritten = rewritten(steps, self.program)

    def text(self) -> str:
        results = [self._copied(value) for value in self.program.results.values()]
        fetched = f"results = ({''.join(f'{result}, ' for result in results)})"
        return self.as_function([*self.lines, fetched, *self.keeping(), "return results"])

    def _copied(self, value: Value) -> str:
        name = self.spelled[value]
        if value in self.memory and self.memory[value].ndim == 0:
            return f"{name}[()]"
        return f"{name}.copy()[()]"

    def step(self, step: Step) -> None:
        if type(step) is Step:
            (task,) = step.tasks
            self.call(task) if task.inside is None else self.owner(task)
            return
        if isinstance(step, Join):
            self._join(step)
            return
        for value in step.makes:
            if value in self.variables:
                place = (OnePlace if value in self.rewritten else Place)(value.sample)
                self.operands[value] = place.operand
                old = self._replaced(step, value)
                self.lines.append(f"{self.spell(value, 'w')} = {self.name('p', place)}({old})")
        assert isinstance(step, Chain | Product)
        self.lines.append(f"{self.name('x', self.ready(step))}()")

    def _join(self, step: Join) -> None:
        """Copy what has not been made in its place."""
        (task,), (whole,) = step.tasks, step.makes
        for value, part in zip(task.inputs, step.parts, strict=False):
            assert value is not None
            place = self.memory[whole][part]
            made = self.memory.get(value)
            if made is None or made.ctypes.data != place.ctypes.data:
                self.names["copy"] = np.copyto
                self.lines.append(f"copy({self.name('m', place)}, {self.spelled[value]})")

    def _replaced(self, step: Step, value: Value) -> str:
        """The state with which the run began, of a variable whose next state is made."""
        task = next(task for task in step.tasks if value in task.outputs)
        name = task.writes[task.outputs.index(value)]
        start = self.program.start.get(name)
        return "None" if start is None else self.spelled[start]


class Place:
    """Where the next state of a variable is written: two arrays in turn.

    An array that somebody still looks at, as the history of a debugged run does, is left to them,
    and another one takes its part.
    """

    def __init__(self, sample: Array) -> None:
        self.operand = matmul.Operand(np.empty_like(sample, order="C"))
        self._pairs = [self._pair(), self._pair()]

    def __call__(self, start: Array | None) -> Array:
        """Give the operand an array that is not the present state; returns it, to be looked at."""
        return self._other(1 if self._pairs[0][1] is start else 0)

    def _other(self, i: int) -> Array:
        memory, view = self._pairs[i]
        if sys.getrefcount(memory) > _MEMORY or sys.getrefcount(view) > _VIEW:
            self._pairs[i] = memory, view = self._pair()
        self.operand.set(memory)
        return view

    def _pair(self) -> tuple[Array, Array]:
        """Memory that is written to, and the same for those who may only read."""
        memory = np.empty_like(self.operand.array)
        view = memory.view()
        view.flags.writeable = False
        return memory, view


class OnePlace(Place):
    """The same, of a variable that may be written where it lies."""

    def __call__(self, start: Array | None) -> Array:
        """Give the operand the array of the present state, if nobody else looks at it."""
        i = 1 if self._pairs[1][1] is start else 0
        memory, view = self._pairs[i]
        if view is not start:
            return self._other(0)
        if sys.getrefcount(view) > _STATE:
            return self._other(1 - i)
        self.operand.set(memory)
        return view


#: How many know of a state in `OnePlace.__call__` when nobody else does: the session, the function,
#: the argument, the pair, the line itself, and `getrefcount`.
_STATE = 6

#: How many know of the two in `Place._other` when nobody else does: the pair, the line itself,
#: `getrefcount`, and of the memory its view.
_MEMORY, _VIEW = 4, 3
