"""The fast path: a plan as one straight function, over memory that is there already.

It is made for a plan that has run before with feeds of the same shapes, and only `Session.run` uses
it, when nobody is looking. It gives bitwise the same numbers as the interpreter, which remains the
authority: whatever the function cannot do it leaves, before anything has changed, and the
interpreter does the same run from its beginning, with its lesson if it fails.

So that nothing has changed by then, a variable that is written has two arrays, which hold its state
in turn: the old one stays whole until the run is done.
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
from graphscope.engine.interpreter import Frame, run_owner
from graphscope.engine.lowering import Array, Program, Task, Value, lower
from graphscope.engine.memory import lay_out
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels import chain, matmul
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
    return CompiledRun(program, left, memory, _Writer(plan, program, left, memory))


class CompiledRun:
    """A plan as a function, and what was done to make it one.

    steps:    the calls of which it consists, in order.
    folded, shared: what need not run: it is known, or computed already.
    source:   the function, as Python text.
    """

    def __init__(
        self, program: Program, steps: list[Step], memory: dict[Value, Array], writer: _Writer
    ) -> None:
        self.feeds: tuple[Tensor, ...] = tuple(program.feeds)
        self.fetched: tuple[Tensor, ...] = tuple(program.results)
        self.steps = tuple(Done(step) for step in steps)
        self.folded, self.shared = tuple(program.folded), tuple(program.shared)
        self.source = writer.text()
        self._memory = {id(a.base if a.base is not None else a): a for a in memory.values()}
        namespace: dict[str, Any] = dict(writer.names)
        exec(compile(self.source, "<the fast path>", "exec"), namespace)
        self._function: Callable[..., tuple[Any, ...]] = namespace["run"]
        self._alone, self._context = Lock(), _quiet_context()

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

    kind: "call" for one operation's kernel, "product", "chain", or "join" for what is made in place.
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


def _quiet_context() -> Context:
    """Where numpy says nothing of overflow and the like, and takes memory that was used before.
    To enter what is prepared costs a tenth of preparing it."""
    with np.errstate(all="ignore"), recycled():
        return copy_context()


# ---- the function's text -----------------------------------------------------------------------


class _Writer:
    """Writes the function. names: what its text calls things that are known when it is made."""

    def __init__(
        self, plan: Plan, program: Program, steps: Sequence[Step], memory: dict[Value, Array]
    ) -> None:
        self.plan, self.program, self.memory = plan, program, memory
        self.names: dict[str, Any] = {"array": _array, "own": _own, "arrays": _arrays}
        self.spelled: dict[Value, str] = {}
        self.operands: dict[Value, Any] = {}
        self.lines: list[str] = []
        self.last = [f"variables[{name!r}] = {{}}" for name in program.finish]
        self.cells: list[str] = []
        self.owners: list[Task] = []
        calls = [step for step in steps if isinstance(step, Chain | Product)]
        self.prepared = {value for step in calls for value in (*step.takes, *step.makes)}
        self.variables = set(program.finish.values())
        for value, array in memory.items():
            self.spelled[value] = self._name("m", array)
        for value in program.feeds.values():
            self._spell(value, "f")
        for name, value in program.start.items():
            self._spell(value, "s")
            self.lines.append(f"{self.spelled[value]} = variables[{name!r}]")
        for value in (*program.feeds.values(), *program.start.values()):
            self._arrived(value)
        for step in steps:
            self._step(step)

    def text(self) -> str:
        feeds = [self.spelled[value] for value in self.program.feeds.values()]
        results = [self._copied(value) for value in self.program.results.values()]
        ends = [self.spelled[value] for value in self.program.finish.values()]
        lines = [
            *self.lines,
            f"results = ({''.join(f'{result}, ' for result in results)})",
            *(line.format(end) for line, end in zip(self.last, ends, strict=True)),
            *self.cells,
            "return results",
        ]
        head = f"def run({', '.join([*feeds, 'variables', 'cells'])}):"
        return "\n    ".join([head, *lines]) + "\n"

    def _name(self, prefix: str, thing: Any) -> str:
        name = f"{prefix}{len(self.names)}"
        self.names[name] = thing
        return name

    def _spell(self, value: Value, prefix: str) -> str:
        self.spelled[value] = f"{prefix}_{len(self.spelled)}"
        return self.spelled[value]

    def _copied(self, value: Value) -> str:
        name = self.spelled[value]
        if value in self.memory and self.memory[value].ndim == 0:
            return f"{name}[()]"
        return f"{name}.copy()[()]"

    def _arrived(self, value: Value) -> None:
        """A value that lies elsewhere in each run is there: tell those who wait for it."""
        if value in self.prepared:
            setting = self._name("at", self._operand(value).set)
            self.lines.append(f"{setting}({self.spelled[value]})")

    def _operand(self, value: Value) -> Any:
        if value not in self.operands:
            self.operands[value] = matmul.Operand(self.memory.get(value, value.sample))
        return self.operands[value]

    def _step(self, step: Step) -> None:
        if type(step) is Step:
            (task,) = step.tasks
            self._call(task) if task.inside is None else self._owner(task)
            return
        if isinstance(step, Join):
            self._join(step)
            return
        for value in step.makes:
            if value in self.variables:
                place = Place(value.sample)
                self.operands[value] = place.operand
                old = self._replaced(step, value)
                self.lines.append(f"{self._spell(value, 'w')} = {self._name('p', place)}({old})")
        ready = _product(step, self._operand) if isinstance(step, Product) else self._chain(step)
        self.lines.append(f"{self._name('x', ready)}()")

    def _join(self, step: Join) -> None:
        """Copy what has not been made in its place."""
        (task,), (whole,) = step.tasks, step.makes
        for value, part in zip(task.inputs, step.parts, strict=False):
            assert value is not None
            place = self.memory[whole][part]
            made = self.memory.get(value)
            if made is None or made.ctypes.data != place.ctypes.data:
                self.names["copy"] = np.copyto
                self.lines.append(f"copy({self._name('m', place)}, {self.spelled[value]})")

    def _replaced(self, step: Step, value: Value) -> str:
        """The state with which the run began, of a variable whose next state is made."""
        task = next(task for task in step.tasks if value in task.outputs)
        name = task.writes[task.outputs.index(value)]
        start = self.program.start.get(name)
        return "None" if start is None else self.spelled[start]

    def _chain(self, step: Step) -> Any:
        assert isinstance(step, Chain)
        values = [*step.takes, *step.makes]
        place = {value: i for i, value in enumerate((*values, *step.hidden))}
        code, used = [], len(place)
        for task, instructions in zip(step.tasks, step.code, strict=True):
            inputs = [place[value] for value in task.inputs if value is not None]
            outputs = [place[value] for value in task.outputs]
            assembled, used = chain.assemble(instructions, inputs, outputs, used)
            code += assembled
        return chain.Chain([self._operand(value) for value in values], code)

    def _owner(self, task: Task) -> None:
        """What owns bodies is run by the interpreter, all of them in one frame."""
        if not self.owners:
            self.names.update(Frame=Frame, State=State, plan=self.plan, same_shape=_same_shape)
            self.lines[:0] = [
                "frame = Frame(plan, {})",
                "inside = State(dict(variables), dict(cells))",
            ]
            self.cells.append("cells.update(inside.cells)")
        self.owners.append(task)
        assert task.inside is not None
        count = len(task.inputs) - len(task.inside)
        pairs = zip(task.op.inputs, task.inputs[:count], strict=True)
        known = {tensor: self.spelled[v] for tensor, v in pairs if v is not None}
        for tensor, name in known.items():
            self.lines.append(f"frame.values[{self._name('t', tensor)}] = {name}")
        for name, value in zip(task.inside, task.inputs[count:], strict=True):
            assert value is not None
            self.lines.append(f"inside.variables[{name!r}] = {self.spelled[value]}")
        self.names["run_owner"] = run_owner
        self.lines.append(f"run_owner({self._name('o', task.op)}, frame, inside)")
        states = task.outputs[: len(task.writes)]
        for name, value in zip(task.writes, states, strict=True):
            self.lines.append(f"{self._spell(value, 'w')} = inside.variables[{name!r}]")
        for tensor, value in zip(task.op.outputs, task.outputs[len(states) :], strict=True):
            name, shape = self._spell(value, "v"), value.sample.shape
            result = f"frame.values[{self._name('t', tensor)}]"
            self.lines.append(f"{name} = same_shape({result}, {shape})")
        for value in task.outputs:
            self._arrived(value)

    def _call(self, task: Task) -> None:
        op = task.op
        flat = ["None" if v is None else self.spelled[v] for v in task.inputs]
        nested = op.definition.arguments(flat)
        arguments = [f"[{', '.join(a)}]" if isinstance(a, list) else a for a in nested]
        arguments += [f"{key}={self._name('a', value)}" for key, value in op.attrs.items()]
        kernel = self._name("k", op.definition.kernel)
        outputs = [self._spell(value, "v") for value in task.outputs]
        if task.cell is not None:
            cell = f"c_{len(self.cells)}"
            arguments.insert(0, f"cells.get({task.cell!r})")
            self.cells.append(f"cells[{task.cell!r}] = {cell}")
            self.lines.append(f"_, {cell} = {kernel}({', '.join(arguments)})")
            how = "array" if len(outputs) == 1 else "arrays"
            self.lines.append(f"{', '.join(outputs)} = {how}(_)")
        else:
            call = f"{kernel}({', '.join(arguments)})"
            how = "own" if task.writes else "array" if len(outputs) == 1 else "arrays"
            if len(outputs) > 1 and task.writes:
                call, how = f"map(own, {call})", ""
            target = ", ".join(outputs) if outputs else "_"
            self.lines.append(f"{target} = {how}({call})" if outputs else call)
        for value in task.outputs:
            self._arrived(value)


def _array(result: Any) -> Array:
    """What a kernel returns for its only output."""
    return np.asarray(result[0] if type(result) is tuple else result)


def _arrays(results: Any) -> list[Array]:
    return [np.asarray(result) for result in results]


def _same_shape(result: Array, shape: tuple[int, ...]) -> Array:
    """The result of bodies, which may have another shape each time. Errors: ValueError, if so."""
    if result.shape != shape:
        raise ValueError(f"{result.shape} is not {shape}")
    return result


def _own(result: Any) -> Array:
    """An array that nobody else writes to later, for a variable."""
    found = _array(result)
    if not found.flags.owndata or sys.getrefcount(found) > _FRESH:
        found = found.copy()
    found.flags.writeable = False
    return found


#: How many know of an array inside of `_own` when a kernel has just made it.
_FRESH = 3


def _product(step: Product, operand: Callable[[Value], Any]) -> Any:
    """The product as a call without arguments."""
    task = step.tasks[0]
    a, b = task.inputs
    assert a is not None
    assert b is not None
    more = {"bias": step.bias, "base": step.base, "rate": step.rate}
    return matmul.Product(
        operand(a),
        operand(b),
        operand(step.tasks[-1].outputs[0]),
        transpose_a=task.op.attrs["transpose_a"],
        transpose_b=task.op.attrs["transpose_b"],
        relu=step.relu,
        **{name: operand(value) for name, value in more.items() if value is not None},
    )


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
        i = 1 if self._pairs[0][1] is start else 0
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


#: How many know of the two in `Place.__call__` when nobody else does: the pair, the line itself,
#: `getrefcount`, and of the memory its view.
_MEMORY, _VIEW = 4, 3
