"""The text of a function that does the steps of a run: see `compiled` and `recording`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphscope.engine.fusing import Chain, Product, Step
from graphscope.engine.interpreter import Frame, run_owner
from graphscope.engine.lowering import Array, Program, Task, Value
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.kernels import chain, matmul


class Writer:
    """Writes a function that does steps. names: what its text calls things that are known when it
    is made. What is done with the results is the business of those who inherit from it."""

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
        self.prepare(steps)
        for value, array in memory.items():
            self.spelled[value] = self.name("m", array)
        for value in program.feeds.values():
            self.spell(value, "f")
        for name, value in program.start.items():
            self.spell(value, "s")
            self.lines.append(f"{self.spelled[value]} = variables[{name!r}]")
        for value in (*program.feeds.values(), *program.start.values()):
            self.arrived(value)
        for step in steps:
            self.step(step)

    def name(self, prefix: str, thing: Any) -> str:
        name = f"{prefix}{len(self.names)}"
        self.names[name] = thing
        return name

    def spell(self, value: Value, prefix: str) -> str:
        self.spelled[value] = f"{prefix}_{len(self.spelled)}"
        return self.spelled[value]

    def arrived(self, value: Value) -> None:
        """A value that lies elsewhere in each run is there: tell those who wait for it."""
        if value in self.prepared:
            setting = self.name("at", self.operand(value).set)
            self.lines.append(f"{setting}({self.spelled[value]})")

    def operand(self, value: Value) -> Any:
        if value not in self.operands:
            self.operands[value] = matmul.Operand(self.memory.get(value, value.sample))
        return self.operands[value]

    def as_function(self, lines: Sequence[str]) -> str:
        """The text of a function with these lines. Its arguments: the feeds, variables, cells."""
        feeds = [self.spelled[value] for value in self.program.feeds.values()]
        head = f"def run({', '.join([*feeds, 'variables', 'cells'])}):"
        return "\n    ".join([head, *lines]) + "\n"

    def keeping(self) -> list[str]:
        """The lines that keep what the session keeps."""
        ends = [self.spelled[value] for value in self.program.finish.values()]
        return [*(line.format(end) for line, end in zip(self.last, ends, strict=True)), *self.cells]

    def prepare(self, steps: Sequence[Step]) -> None:
        """Look at all steps, before the first one is written."""

    def step(self, step: Step) -> None:
        raise NotImplementedError

    def text(self) -> str:
        """The function; it is called `run`."""
        raise NotImplementedError

    def ready(self, step: Chain | Product) -> Any:
        """What does the step when it is called, without arguments."""
        if isinstance(step, Product):
            return _product(step, self.operand)
        values = [*step.takes, *step.makes]
        place = {value: i for i, value in enumerate((*values, *step.hidden))}
        code, used = [], len(place)
        for task, instructions in zip(step.tasks, step.code, strict=True):
            inputs = [place[value] for value in task.inputs if value is not None]
            outputs = [place[value] for value in task.outputs]
            assembled, used = chain.assemble(instructions, inputs, outputs, used)
            code += assembled
        return chain.Chain([self.operand(value) for value in values], code)

    def owner(self, task: Task) -> None:
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
            self.lines.append(f"frame.values[{self.name('t', tensor)}] = {name}")
        for name, value in zip(task.inside, task.inputs[count:], strict=True):
            assert value is not None
            self.lines.append(f"inside.variables[{name!r}] = {self.spelled[value]}")
        self.names["run_owner"] = run_owner
        self.lines.append(f"run_owner({self.name('o', task.op)}, frame, inside)")
        states = task.outputs[: len(task.writes)]
        for name, value in zip(task.writes, states, strict=True):
            self.lines.append(f"{self.spell(value, 'w')} = inside.variables[{name!r}]")
        for tensor, value in zip(task.op.outputs, task.outputs[len(states) :], strict=True):
            name, shape = self.spell(value, "v"), value.sample.shape
            result = f"frame.values[{self.name('t', tensor)}]"
            self.lines.append(f"{name} = same_shape({result}, {shape})")
        for value in task.outputs:
            self.arrived(value)

    def call(self, task: Task) -> None:
        op = task.op
        flat = ["None" if v is None else self.spelled[v] for v in task.inputs]
        nested = op.definition.arguments(flat)
        arguments = [f"[{', '.join(a)}]" if isinstance(a, list) else a for a in nested]
        arguments += [f"{key}={self.name('a', value)}" for key, value in op.attrs.items()]
        kernel = self.name("k", op.definition.kernel)
        outputs = [self.spell(value, "v") for value in task.outputs]
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
            self.arrived(value)


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
