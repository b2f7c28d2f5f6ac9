"""A plan turned into single assignments, for the fast path: what depends on the feeds at all.

Every value gets a name of its own, also each state of a variable: a reading after a write is
another value than one before it, so that nothing but the data says what comes before what. On the
way the plan becomes smaller:

- what follows from constants, and from the shapes that this run has, is *folded*: it is known;
- what is computed twice alike is *shared*.

It is made from a run that the interpreter has done: its values tell shapes, and what is folded is
taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.engine.plan import Plan, bodies
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.shapes import TensorShape
from graphscope.ops.shape_asked import SHAPE_ASKED

Array = NDArray[Any]

#: Operations that give back what they are given: another name for the same value.
_SAME = ("Identity", "ReadVariableOp", "StopGradient", "PreventGradient", "PlaceholderWithDefault")

#: Those that do so when it has the shape already that they give.
_SAME_SHAPE = ("Reshape", "SumLike", "BroadcastTo")


class NotCompiled(Exception):
    """The plan stays with the interpreter, for the reason that is the text."""


@dataclass(eq=False, slots=True)
class Value:
    """One array of the run. No two tasks make the same one.

    sample: what it was in the run that was looked at: the model of its dtype, shape and strides.
    fixed:  it has that shape in each run with feeds of the same shapes.
    constant: it is the sample in each run.
    """

    sample: Array
    fixed: bool = False
    constant: bool = False

    @property
    def layout(self) -> tuple[np.dtype[Any], tuple[int, ...], tuple[int, ...]]:
        return self.sample.dtype, self.sample.shape, self.sample.strides


@dataclass(eq=False, slots=True)
class Task:
    """One operation, from values to values.

    writes: the names of the variables whose next states the first outputs are.
    cell:   under which name the session keeps what it needs in its next run; None without.
    inside: of what owns bodies the names of the variables whose states it also takes, for what
            happens inside: the last inputs. The interpreter runs it.
    """

    op: Operation
    inputs: tuple[Value | None, ...]
    outputs: tuple[Value, ...]
    writes: tuple[str, ...] = ()
    cell: str | None = None
    inside: tuple[str, ...] | None = None

    @property
    def is_pure(self) -> bool:
        """Nothing is missing when nobody takes its outputs."""
        definition = self.op.definition
        return bool(self.outputs) and not definition.is_stateful and definition.kind != "control"


@dataclass(eq=False)
class Program:
    """What is left of a plan.

    feeds, start: the values that each run brings: by tensor, and by the variable's name.
    finish:  the last state of each variable that is written.
    results: the values of the tensors that are fetched.
    folded, shared: the operations that need not run, since they are known or computed already.
    """

    feeds: dict[Tensor, Value] = field(default_factory=dict)
    start: dict[str, Value] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    finish: dict[str, Value] = field(default_factory=dict)
    results: dict[Tensor, Value] = field(default_factory=dict)
    folded: list[Operation] = field(default_factory=list)
    shared: list[Operation] = field(default_factory=list)


def lower(plan: Plan, sample: Mapping[Tensor, Array], start: Mapping[str, Array]) -> Program:
    """The program of a plan.

    sample: the values of all its tensors in one run. start: the variables before that run.
    Errors: NotCompiled, for a plan with an operation that owns bodies, or keeps more than the
    place of a random generator.
    """
    lowering = _Lowering(plan, sample, start)
    for op in plan.nodes:
        lowering.take(op)
    return lowering.done()


class _Lowering:
    def __init__(
        self, plan: Plan, sample: Mapping[Tensor, Array], start: Mapping[str, Array]
    ) -> None:
        if plan.has_sides:
            raise NotCompiled("it has the Switch and Merge of an old file")
        self.plan, self.sample, self.before = plan, sample, start
        self.program = Program()
        self.known: dict[Tensor, Value] = {}
        self.states: dict[str, Value] = {}
        self.twins: dict[Any, Task] = {}
        for tensor in plan.used_feeds:
            value = Value(sample[tensor], fixed=True)
            self.known[tensor] = self.program.feeds[tensor] = value
        for op in plan.given:
            if op.type == "Const" and op.outputs[0] not in self.known:
                self.known[op.outputs[0]] = Value(op.attrs["value"], fixed=True, constant=True)

    def take(self, op: Operation) -> None:
        definition = op.definition
        if definition.calls and op.type in _OWNERS:
            self._owner(op)
            return
        _refuse(op)
        inputs = _without_numbers(op, self._inputs(op))
        known = [value is not None and value.constant for value in inputs]
        wanted = [self.sample[tensor] for tensor in op.outputs]
        task = Task(op, inputs, (), self.plan.writings.get(op, ()))
        if definition.writes:
            self._write(task)
            return
        if definition.keeps:
            task.cell = op.name
        pure = bool(wanted) and not definition.is_stateful and definition.kind != "control"
        fixed = self._fixed(op, inputs) if pure else [False] * len(wanted)
        if (same := _same(op, inputs[0] if inputs else None, wanted, fixed)) is not None:
            task.outputs = (same,)
            self.program.folded.append(op)
        elif op.type == "NoOp":
            self.program.folded.append(op)
        elif pure and all(known):
            self.program.folded.append(op)
            task.outputs = tuple(Value(array, True, True) for array in wanted)
        elif pure and (twin := self._twin(op, inputs, task)) is not task:
            self.program.shared.append(op)
            task = twin
        else:
            task.outputs = tuple(map(Value, wanted, fixed))
            self.program.tasks.append(task)
        self._found(op, task.outputs)

    def _inputs(self, op: Operation) -> tuple[Value | None, ...]:
        """What the operation takes: of a variable the state that it has now."""
        variables = self.plan.readings.get(op, (None,) * len(op.inputs))
        first_may_lack = op.definition.takes_uninitialized
        found: list[Value | None] = []
        for i, (tensor, variable) in enumerate(zip(op.inputs, variables, strict=True)):
            if variable is None:
                found.append(self.known[tensor])
            elif i == 0 and first_may_lack:
                found.append(self._state(variable) if variable.name in self.before else None)
            else:
                found.append(self._state(variable))
        return tuple(found)

    def _state(self, variable: Operation) -> Value:
        """The variable's present state; when nothing has written it, the one that the run finds.
        Its shape is for sure only if the variable has no other."""
        name = variable.name
        if name not in self.states:
            array = self.before[name]
            shape = variable.outputs[0].shape
            fixed = variable.outputs[0].dtype.is_ref and shape.is_fully_defined()
            self.states[name] = self.program.start[name] = Value(array, fixed)
        return self.states[name]

    def _write(self, task: Task) -> None:
        op, states = task.op, []
        for i, name in enumerate(task.writes):
            old = task.inputs[i]
            if op.definition.takes_uninitialized:
                new = task.inputs[1]
                if new is None or not new.fixed:
                    raise NotCompiled(f"{op.name} [{op.type}] takes a value of any shape")
                old = new
            assert old is not None
            states.append(Value(np.empty_like(old.sample, order="C"), old.fixed))
            self.states[name] = self.program.finish[name] = states[-1]
        more = [Value(self.sample[t]) for t in op.outputs[1 if op.outputs else 0 :]]
        if op.definition.dtype_rule is not None and op.outputs:
            raise NotCompiled(f"{op.name} [{op.type}] returns something beside the variable")
        task.outputs = (*states, *more)
        self.program.tasks.append(task)
        self._found(op, tuple(states[:1]))

    def _owner(self, op: Operation) -> None:
        """What owns bodies takes also what is known to them, and the variables as they are."""
        parts = [self.plan.of_body(body) for body in bodies(op)]
        parts += [inner for part in parts for inner in part.inner]
        for node in (node for part in parts for node in part.nodes if not node.definition.calls):
            _refuse(node)
        read = {v for part in parts for taken in part.readings.values() for v in taken}
        read.update(self.plan.readings.get(op, ()))
        changed = sorted(set(self.plan.written_by(op)), key=lambda variable: variable._id)
        inside = sorted({v for v in (*read, *changed) if v is not None}, key=lambda v: v._id)
        if any(variable.name not in self.before for variable in inside):
            raise NotCompiled(f"{op.name} [{op.type}] gives a variable its first value")
        taken = [self.known.get(tensor) for tensor in op.inputs]
        states = [self._state(variable) for variable in inside]
        task = Task(op, (*taken, *states), (), tuple(variable.name for variable in changed))
        task.inside = tuple(variable.name for variable in inside)
        made = []
        for variable in changed:
            old = self._state(variable)
            made.append(Value(np.empty_like(old.sample, order="C"), old.fixed))
            self.states[variable.name] = self.program.finish[variable.name] = made[-1]
        outputs = tuple(Value(self.sample[tensor], fixed=True) for tensor in op.outputs)
        task.outputs = (*made, *outputs)
        self.program.tasks.append(task)
        self._found(op, outputs)

    def _found(self, op: Operation, outputs: tuple[Value, ...]) -> None:
        for tensor, value in zip(op.outputs, outputs, strict=False):
            self.known.setdefault(tensor, value)  # what is fed stays

    def _twin(self, op: Operation, inputs: tuple[Value | None, ...], task: Task) -> Task:
        """An earlier task that computes the same; else `task`."""
        attrs = tuple(sorted((k, v) for k, v in op.attrs.items() if k != "_output_shapes"))
        try:
            return self.twins.setdefault((op.type, tuple(map(id, inputs)), attrs), task)
        except TypeError:  # an attribute that cannot be compared
            return task

    def _fixed(self, op: Operation, inputs: tuple[Value | None, ...]) -> list[bool]:
        """Which outputs have one shape only, if all inputs have: as the shape rule says of those.
        What is static in the graph counts as well."""
        shapes = [tensor.shape for tensor in op.outputs]
        if all(value is not None and value.fixed for value in inputs):
            tensors = [_stub(t, v) for t, v in zip(op.inputs, inputs, strict=True) if v is not None]
            try:
                found = op.definition.shape_rule(*op.definition.arguments(tensors), **op.attrs)
            except (ValueError, TypeError, AttributeError):
                found = shapes  # the rule asks for more than shapes
            shapes = list(found) if isinstance(found, tuple | list) else [found]
        return [
            shape.is_fully_defined() and tuple(shape.as_list()) == self.sample[tensor].shape
            for tensor, shape in zip(op.outputs, shapes, strict=True)
        ]

    def done(self) -> Program:
        program, plan = self.program, self.plan
        for fetch in plan.fetches:
            if not isinstance(fetch, Tensor):
                continue
            if fetch in self.known:
                program.results[fetch] = self.known[fetch]
            elif fetch.op.definition.is_variable:  # what it holds when the run begins
                name = fetch.op.name
                if name not in self.before:
                    raise NotCompiled(f"{name} has no value")
                if name not in program.start:
                    program.start[name] = Value(self.before[name])
                program.results[fetch] = program.start[name]
            else:
                raise NotCompiled(f"{fetch.name} has no value of its own")
        _drop_unused(program)
        return program


#: What owns branches and loops that are known.
_OWNERS = ("If", "While", "WhileGradient")


def _refuse(op: Operation) -> None:
    """Errors: NotCompiled for what cannot be done once more when the rest of the run fails."""
    definition = op.definition
    if definition.calls:
        raise NotCompiled(f"{op.name} [{op.type}] has other operations run")
    if definition.keeps and definition.kind != "random":
        raise NotCompiled(f"{op.name} [{op.type}] changes more than variables")


def _without_numbers(op: Operation, inputs: tuple[Value | None, ...]) -> tuple[Value | None, ...]:
    """The inputs; in place of one of which only the shape is asked, a constant of that shape."""
    asked = SHAPE_ASKED.get(op.type)
    if asked is None:
        return inputs
    found = list(inputs)
    for i in range(*asked.indices(len(found))):
        value = found[i]
        if value is not None and value.fixed and not value.constant:
            nothing = np.zeros((), value.sample.dtype)
            found[i] = Value(np.broadcast_to(nothing, value.sample.shape), True, True)
    return tuple(found)


def _same(
    op: Operation, first: Value | None, wanted: list[Array], fixed: list[bool]
) -> Value | None:
    """The first input, if the operation gives back just that."""
    if first is None:
        return None
    if op.type in _SAME:
        return first
    kept = op.type in _SAME_SHAPE and first.fixed and fixed == [True]
    return first if kept and wanted[0].shape == first.sample.shape else None


def _stub(tensor: Tensor, value: Value) -> Tensor:
    """A tensor that looks to a shape rule as the input does, with all that this run knows."""
    kind = "Const" if value.constant else "Placeholder"
    op: Any = _Stub(kind, {"value": value.sample}, OPS[kind])
    return Tensor(op, 0, tensor.dtype.base_dtype, TensorShape(value.sample.shape))


@dataclass(eq=False)
class _Stub:
    """What shape rules ask of the operation that makes a tensor."""

    type: str
    attrs: dict[str, Any]
    definition: Any
    inputs: tuple[Tensor, ...] = ()


def _drop_unused(program: Program) -> None:
    """Leave out what only served what is folded. What may fail or has an effect stays."""
    used = {id(v) for v in (*program.results.values(), *program.finish.values())}
    kept = []
    for task in reversed(program.tasks):
        if cannot_fail(task) and not any(id(value) in used for value in task.outputs):
            program.folded.append(task.op)
            continue
        kept.append(task)
        used.update(id(value) for value in task.inputs if value is not None)
    program.tasks = kept[::-1]


def cannot_fail(task: Task) -> bool:
    """True for arithmetic on values of known shapes. What takes whole numbers may find them out of
    range."""
    taken = [value for value in task.inputs if value is not None and not value.constant]
    return (
        task.is_pure
        and all(value.fixed for value in task.outputs)
        and all(value.fixed and value.sample.dtype.kind in "fc" for value in taken)
    )
