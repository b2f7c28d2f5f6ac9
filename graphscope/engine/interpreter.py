"""The one loop that runs and steps: it yields each node once the node has run.

Who drives it holds control: `Session.run` exhausts it, the debugger calls ``next``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.engine.lessons import about, uninitialized
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.errors import InvalidArgumentError, OpError, teach
from graphscope.graph.body import Body, Call
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of, written

Value = NDArray[Any]
Kernel = Generator[Call, tuple[Value, ...], Any]


@dataclass(eq=False)
class Frame:
    """One call of a body, or, without an `owner`, the run itself.

    values:    what has been computed in it. iteration: how many calls of the body came before.
    beside:    the call whose gradient this one is; its values are seen from here.
    calls:     the calls that were made from here, of bodies whose gradient is taken.
    """

    plan: Plan
    values: dict[Tensor, Value]
    owner: Operation | None = None
    iteration: int = 0
    caller: Frame | None = None
    beside: Frame | None = None
    calls: dict[Body, list[Frame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for op in self.plan.given:
            if op.type == "Const":
                self.values.setdefault(op.outputs[0], op.attrs["value"])

    def value(self, tensor: Tensor) -> Value:
        """The tensor's value here, or in what is around."""
        frame: Frame | None = self
        while frame is not None:
            if tensor in frame.values:
                return frame.values[tensor]
            if frame.beside is not None and tensor in frame.beside.values:
                return frame.beside.values[tensor]
            frame = frame.caller
        raise KeyError(tensor)

    def results(self) -> tuple[Value, ...]:
        """What the body gives back."""
        return tuple(self.value(t) for t in self.plan.fetches if isinstance(t, Tensor))

    def called(self, owner: Operation, call: Call) -> Frame:
        """A new frame for a call that `owner` makes from here."""
        plan = self.plan.of_body(call.body)
        values = dict(zip(call.body.parameters, call.arguments, strict=True))
        made = Frame(plan, values, owner, call.iteration, self)
        if call.body.mirror is not None:
            made.beside = self._remembered(call.body.mirror)[call.beside]
        if call.body.mirrored:
            self.calls.setdefault(call.body, []).append(made)
        return made

    def _remembered(self, body: Body) -> list[Frame]:
        """The calls of a body that were made from here, or from where this is beside."""
        frame: Frame | None = self
        while frame is not None:
            for place in (frame, frame.beside):
                if place is not None and body in place.calls:
                    return place.calls[body]
            frame = frame.caller
        return []


class Ran(NamedTuple):
    """One node has run: what it computed, the variables that it wrote, and what it keeps for its
    next run. The arrays are shared by all who look at them, and cannot be written."""

    op: Operation
    outputs: dict[Tensor, Value]
    writes: dict[str, Value]
    frame: Frame
    cells: dict[str, Any]


class _Waiting(NamedTuple):
    """An owner that waits for a body: its kernel, its frame, and what comes after it there."""

    op: Operation
    kernel: Kernel
    frame: Frame
    rest: Iterator[Operation]


def interpret(
    plan: Plan, values: dict[Tensor, Value], state: State, recorded: Iterable[Ran] = ()
) -> Generator[Ran, Ran | None, None]:
    """Run the plan's nodes in order.

    values:   holds the feeds at the beginning, and every computed tensor in the end.
    state:    read and written; arrays in it are replaced, never changed.
    recorded: what the first nodes computed in an earlier run; it is taken in place of running them.
    Who drives it may send back another `Ran` in place of the one yielded.
    Errors: OpError of the kind that TensorFlow raises, with a lesson; what ran before stays.

    Floating-point warnings are the caller's business: see `numpy.errstate`.
    """
    past = iter(recorded)
    frame, nodes = Frame(plan, values), iter(plan.nodes)
    waiting: list[_Waiting] = []
    while True:
        op = next(nodes, None)
        if op is not None and not op.definition.calls:
            known = next(past, None)
            ran = _run(op, frame, state) if known is None else known._replace(frame=frame)
        else:
            if op is not None:
                inputs = _inputs(op, frame, state)
                kernel = op.definition.kernel(*op.definition.arguments(inputs), **op.attrs)
                answer = None
            elif waiting:
                answer = frame.results()
                op, kernel, frame, nodes = waiting.pop()
            else:
                return
            asked = _asked(op, kernel, answer, frame, state)
            if isinstance(asked, Call):
                waiting.append(_Waiting(op, kernel, frame, nodes))
                frame = frame.called(op, asked)
                nodes = iter(frame.plan.nodes)
                continue
            known = next(past, None)
            ran = asked if known is None else known._replace(frame=frame)
        ran = (yield ran) or ran
        for tensor, value in ran.outputs.items():
            ran.frame.values.setdefault(tensor, value)  # what was fed stays
        state.variables.update(ran.writes)
        state.cells.update(ran.cells)


def _inputs(op: Operation, frame: Frame, state: State) -> list[Value | None]:
    """The values of the inputs. A variable is read now, not when it was first needed."""
    plan, values = frame.plan, frame.values
    inputs: list[Value | None] = []
    for i, tensor in enumerate(op.inputs):
        is_place = tensor.dtype.is_ref and tensor not in plan.feeds
        variable = variable_of(tensor) if is_place else plan.sees_written(op, tensor)
        if variable is not None:
            value = state.variables.get(variable.name)
            may_lack = op.definition.calls or (i == 0 and op.definition.takes_uninitialized)
            if value is None and not may_lack:
                raise uninitialized(variable, op, plan)
            inputs.append(value)
        elif tensor in values:
            inputs.append(values[tensor])
        else:
            inputs.append(frame.value(tensor))
    return inputs


def _run(op: Operation, frame: Frame, state: State) -> Ran:
    definition, cells = op.definition, {}
    inputs = _inputs(op, frame, state)
    arguments = definition.arguments(inputs)
    try:
        for tensor in op.inputs[: definition.writes]:
            if tensor in frame.plan.feeds:
                raise ValueError(f"Cannot write to the variable {tensor.name}: it is fed")
        if definition.private_state:
            result, cells[op.name] = definition.kernel(
                state.cells.get(op.name), *arguments, **op.attrs
            )
        else:
            result = definition.kernel(*arguments, **op.attrs)
    except Exception as error:
        raise _taught(error, op, frame, inputs) from _cause(error)
    return _ran(op, result, frame, cells)


def _asked(
    op: Operation,
    kernel: Kernel,
    answer: tuple[Value, ...] | None,
    frame: Frame,
    state: State,
) -> Call | Ran:
    """What the kernel of an owner wants next: a body to be called, or it is done."""
    try:
        return next(kernel) if answer is None else kernel.send(answer)
    except StopIteration as done:
        return _ran(op, done.value, frame, {})
    except Exception as error:
        raise _taught(error, op, frame, _inputs(op, frame, state)) from _cause(error)


def _taught(error: Exception, op: Operation, frame: Frame, inputs: list[Value | None]) -> OpError:
    """The error in TensorFlow's type, with its lesson."""
    if not isinstance(error, OpError):
        error = InvalidArgumentError(op.node_def, op, f"{error} [[node {op.name}]]")
    return teach(error, about(op, frame.plan, inputs))


def _cause(error: Exception) -> Exception | None:
    return None if isinstance(error, OpError) else error


def _ran(op: Operation, result: Any, frame: Frame, cells: dict[str, Any]) -> Ran:
    definition = op.definition
    results = result if isinstance(result, tuple) else (result,)
    values = [_kept(value) for value in results]
    shown = values[definition.writes :] or values  # a write shows the variable itself
    outputs = dict(zip(op.outputs, shown, strict=False))
    writes = {variable.name: new for variable, new in zip(written(op), values, strict=False)}
    return Ran(op, outputs, writes, frame, cells)


def _kept(value: Any) -> Value:
    array = np.asarray(value)
    array.flags.writeable = False
    return array
