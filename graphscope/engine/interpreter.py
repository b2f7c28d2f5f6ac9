"""The one engine that runs and steps, node by node.

Who drives it holds control: `Session.run` exhausts it, the debugger asks for a node at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.engine.lessons import about, uninitialized
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.errors import InvalidArgumentError, OpError, teach
from graphscope.graph.body import DEAD, Body, Call, Ring
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import as_shape

Value = NDArray[Any]
Kernel = Generator[Call, tuple[Value, ...], Any]


@dataclass(eq=False)
class Frame:
    """One call of a `body`, or, without an `owner`, the run itself.

    values:    what has been computed in it. iteration: how many calls of the body came before.
    beside:    the call whose gradient this one is; its values are seen from here.
    calls:     the calls that were made from here, of bodies whose gradient is taken.
    """

    plan: Plan
    values: dict[Tensor, Value]
    owner: Operation | None = None
    body: Body | None = None
    iteration: int = 0
    caller: Frame | None = None
    beside: Frame | None = None
    calls: dict[Body, list[Frame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for op in self.plan.given:
            if op.type == "Const":
                self.values.setdefault(op.outputs[0], op.attrs["value"])

    @property
    def calls_around(self) -> Iterator[Frame]:
        """This call and those around it, the innermost first: not the run itself."""
        frame = self
        while frame.caller is not None:
            yield frame
            frame = frame.caller

    @property
    def outermost(self) -> Frame:
        """The run itself."""
        frame = self
        while frame.caller is not None:
            frame = frame.caller
        return frame

    @property
    def around(self) -> tuple[tuple[Operation, int], ...]:
        """The owners of the calls around, the outermost first, each with its iteration."""
        if self.caller is None:
            return ()
        found = [(f.owner, f.iteration) for f in self.calls_around if f.owner is not None]
        return tuple(reversed(found))

    @property
    def backwards(self) -> tuple[tuple[Operation, int], ...]:
        """Of gradients the calls whose gradients the calls around are, the outermost first: each
        owner with its iteration."""
        if self.caller is None:
            return ()
        beside = [f.beside for f in self.calls_around if f.beside is not None]
        return tuple((f.owner, f.iteration) for f in reversed(beside) if f.owner is not None)

    def nodes(self) -> Iterator[Operation]:
        """What runs here, in order; nothing that is dead, where something may be."""
        return self._alive() if self.plan.has_sides else iter(self.plan.nodes)

    def _alive(self) -> Iterator[Operation]:
        """The nodes that are not dead when it is their turn. One is dead that takes a dead value or
        waits for what is dead; a Merge only if all that it takes is."""
        dead: set[Operation] = set()
        for op in self.plan.nodes:
            taken = [self.values.get(tensor) is DEAD for tensor in op.inputs]
            if op.type in ("Merge", "RefMerge"):
                is_dead = all(taken)
            else:
                is_dead = any(taken) or not dead.isdisjoint(op.control_inputs)
            if not is_dead or op.type == "ControlTrigger":
                yield op
                continue
            dead.add(op)
            for tensor in op.outputs:
                self.values.setdefault(tensor, DEAD)  # what was fed is alive

    def value(self, tensor: Tensor) -> Value:
        """The tensor's value here, or in what is around."""
        found = self.seen(tensor)
        if found is None:
            raise KeyError(tensor)
        return found

    def seen(self, tensor: Tensor) -> Value | None:
        """The same; None for what has no value, as what a loop of an old file does not need."""
        return next((f.values[tensor] for f in self._seen() if tensor in f.values), None)

    def _seen(self) -> Iterator[Frame]:
        """What is seen from here, the nearest first: this call and what it is beside, then the same
        of the calls around it."""
        frame: Frame | None = self
        while frame is not None:
            beside: Frame | None = frame
            while beside is not None:
                yield beside
                beside = beside.beside
            frame = frame.caller

    def results(self) -> tuple[Value, ...]:
        """What the body gives back."""
        if type(self.body) is Ring:
            return tuple(self.values.get(tensor, DEAD) for tensor in self.body.results)
        return tuple(self.value(t) for t in self.plan.fetches if isinstance(t, Tensor))

    def called(self, owner: Operation, call: Call) -> Frame:
        """A new frame for a call that `owner` makes from here."""
        plan = self.plan.of_body(call.body)
        values = dict(zip(call.body.parameters, call.arguments, strict=True))
        made = Frame(plan, values, owner, call.body, call.iteration, self)
        if call.body.mirror is not None:
            before = self._remembered(call.body.mirror)
            if call.beside >= len(before):  # how often the loop has run was fed
                error = IndexError(f"the loop has run {len(before)} times, not {call.beside + 1}")
                raise _taught(error, owner, self, [])
            made.beside = before[call.beside]
        if call.body.mirrored:
            self.calls.setdefault(call.body, []).append(made)
        return made

    def _remembered(self, body: Body) -> list[Frame]:
        """The calls of a body that were made from here, or from where this is beside."""
        return next((frame.calls[body] for frame in self._seen() if body in frame.calls), [])


#: What most nodes write, and keep. Nobody writes into it.
_NOTHING: dict[str, Any] = {}


class Ran(NamedTuple):
    """One node has run: what it computed, the variables that it wrote, and what it keeps for its
    next run. The arrays are shared by all who look at them, and cannot be written."""

    op: Operation
    outputs: dict[Tensor, Value]
    writes: dict[str, Value]
    frame: Frame
    cells: dict[str, Any]


class Coming(NamedTuple):
    """The node that runs next, and the call in which it does."""

    op: Operation
    frame: Frame


class _Waiting(NamedTuple):
    """An owner that waits for a body: its kernel, its frame, and what comes after it there."""

    op: Operation
    kernel: Kernel
    frame: Frame
    rest: Iterator[Operation]
    spared: tuple[type[OpError], ...]


class Execution:
    """One run of a plan: `coming` says which node is next, `run` runs it, `keep` takes what it
    computed for all that comes after it.

    frame:    the run's; it holds the feeds at the beginning, and every computed tensor in the end.
    state:    read and written; arrays in it are replaced, never changed.
    recorded: what the first nodes computed in an earlier run; it is taken in place of running them.

    Floating-point warnings are the caller's business: see `numpy.errstate`.
    """

    def __init__(self, frame: Frame, state: State, recorded: Iterable[Ran] = ()) -> None:
        self._state = state
        self._past = deque(recorded)
        self._frame = frame
        self._nodes = frame.nodes()
        self._waiting: list[_Waiting] = []
        self._next: Operation | None = None
        #: What an owner that is next has computed already, or what it raises.
        self._ready: Ran | OpError | None = None

    @property
    def frame(self) -> Frame:
        """The call in which the next node runs: the run itself, where there are no bodies."""
        return self._frame

    def foresee(self, recorded: Iterable[Ran]) -> None:
        """Take this, too, in place of running the nodes that come next."""
        self._past.extend(recorded)

    def coming(self) -> Coming | None:
        """The node that runs next; None at the end. What owns bodies comes after its bodies."""
        op = self._next or self._advanced()
        return None if op is None else Coming(op, self._frame)

    def run(self) -> Ran | None:
        """Run the node that is next; None at the end. Errors: OpError of the kind that TensorFlow
        raises, with a lesson; it is still the next one then, and what ran before stays."""
        while True:
            op = self._next or self._advanced()
            if op is None:
                return None
            if self._past and self._past[0].op is op:
                ran = self._past.popleft()
                return ran if ran.frame is self._frame else ran._replace(frame=self._frame)
            try:
                if self._ready is None:
                    return _run(op, self._frame, self._state)
                if isinstance(self._ready, OpError):
                    raise self._ready.with_traceback(None)
                return self._ready
            except OpError as error:
                if not self._is_spared(error):
                    raise
                self._next = self._advanced(error)

    def keep(self, ran: Ran) -> None:
        """Go on behind the node, with this for what it computed."""
        values = ran.frame.values
        for tensor, value in ran.outputs.items():
            values.setdefault(tensor, value)  # what was fed stays
        if ran.writes:
            self._state.variables.update(ran.writes)
        if ran.cells:
            self._state.cells.update(ran.cells)
        self._next = self._ready = None

    def _is_spared(self, error: OpError) -> bool:
        """Whether an owner waits that takes the error; what it had run is left then."""
        for i, waiting in reversed(list(enumerate(self._waiting))):
            if isinstance(error, waiting.spared):
                del self._waiting[i + 1 :]
                self._ready = None
                return True
        return False

    def _advanced(self, failure: OpError | None = None) -> Operation | None:
        """Go to the next node, through the calls of bodies that come before it.

        failure: what the last one that waits is told in place of its results.
        """
        while True:
            op = None if failure else next(self._nodes, None)
            if op is not None and not op.definition.calls:
                break
            answer: tuple[Value, ...] | OpError | None = None
            asked: Call | Frame | Ran | OpError
            spared: tuple[type[OpError], ...] = ()
            if op is not None:
                kernel = _begun(op, self._frame, self._state)
            elif self._waiting:
                answer, failure = failure or self._frame.results(), None
                op, kernel, self._frame, self._nodes, _ = self._waiting.pop()
            else:
                break
            try:
                asked = _asked(op, kernel, answer, self._frame, self._state)
                if isinstance(asked, Call):
                    spared = asked.spared
                    asked = self._frame.called(op, asked)
            except OpError as error:
                asked = error
            if not isinstance(asked, Frame):
                self._ready = asked
                break
            self._waiting.append(_Waiting(op, kernel, self._frame, self._nodes, spared))
            self._frame = asked
            self._nodes = self._frame.nodes()
        self._next = op
        return op


def interpret(
    plan: Plan, values: dict[Tensor, Value], state: State, recorded: Iterable[Ran] = ()
) -> Generator[Ran, Ran | None, None]:
    """Run the plan's nodes in order: see `Execution`.

    Who drives it may send back another `Ran` in place of the one yielded.
    """
    execution = Execution(Frame(plan, values), state, recorded)
    while (ran := execution.run()) is not None:
        execution.keep((yield ran) or ran)


def run_owner(op: Operation, frame: Frame, state: State) -> None:
    """Run one node with its bodies, in a frame that holds what it takes. Errors: as of a run."""
    execution = Execution(frame, state)
    execution._nodes = iter((op,))
    while (ran := execution.run()) is not None:
        execution.keep(ran)


def _inputs(op: Operation, frame: Frame, state: State) -> list[Value | None]:
    """The values of the inputs. A variable is read now, not when it was first needed."""
    values = frame.values
    variables = frame.plan.readings.get(op)
    if variables is None:
        try:
            return [values[tensor] for tensor in op.inputs]
        except KeyError:  # something from around a body
            variables = (None,) * len(op.inputs)
    # The frame of an old loop takes from around it only what it needs.
    value_of = frame.seen if op.type == "OldLoop" else frame.value
    inputs: list[Value | None] = []
    for i, (tensor, variable) in enumerate(zip(op.inputs, variables, strict=True)):
        if variable is None:
            inputs.append(value_of(tensor))
            continue
        value = state.variables.get(variable.name)
        may_lack = op.definition.calls or (i == 0 and op.definition.takes_uninitialized)
        if value is None and not may_lack:
            raise uninitialized(variable, op, frame.outermost.plan)
        inputs.append(value)
    return inputs


def _begun(op: Operation, frame: Frame, state: State) -> Kernel:
    """The kernel of an owner, before its first step."""
    inputs = _inputs(op, frame, state)
    arguments = op.definition.arguments(inputs)
    if op.definition.keeps:
        arguments.insert(0, partial(state.cells.get, _cell_name(op, inputs)))
    kernel: Kernel = op.definition.kernel(*arguments, **op.attrs)
    return kernel


def _cell_name(op: Operation, inputs: list[Value | None]) -> str:
    """Under which name the session keeps what belongs to the operation, or to its handle."""
    return op.name if op.definition.private_state else str(inputs[0])


def _run(op: Operation, frame: Frame, state: State) -> Ran:
    call = frame.plan.calls.get(op)
    if call is None:
        return _run_with_care(op, frame, state)
    kernel, attrs, places, reads, output, written = call
    arguments: list[Value | None]
    try:
        if reads:
            values, variables = frame.values, state.variables
            arguments = [variables[p] if type(p) is str else values[p] for p in places]
        else:
            arguments = list(map(frame.values.__getitem__, places))
    except KeyError:  # a variable without a value, or something from around a body
        return _run_with_care(op, frame, state)
    try:
        value = kernel(*arguments, **attrs) if attrs else kernel(*arguments)
        if type(value) is not np.ndarray:
            if type(value) is tuple:
                return _ran(op, value, frame, _NOTHING)
            value = np.asarray(value)
    except Exception as error:
        raise _taught(error, op, frame, arguments) from _cause(error)
    value.setflags(False)  # by place: by name it takes twice as long
    # Like Ran(...), in a third of the time.
    parts = op, {output: value}, {written: value} if written else _NOTHING, frame, _NOTHING
    return tuple.__new__(Ran, parts)


def _run_with_care(op: Operation, frame: Frame, state: State) -> Ran:
    """Any node, with its checks."""
    definition = op.definition
    inputs = _inputs(op, frame, state)
    try:
        if definition.writes:
            _check_writable(op, frame.plan, inputs)
        arguments = definition.arguments(inputs)
        if definition.keeps:
            name = _cell_name(op, inputs)
            result, cell = definition.kernel(state.cells.get(name), *arguments, **op.attrs)
            return _ran(op, result, frame, {name: cell})
        return _ran(op, definition.kernel(*arguments, **op.attrs), frame, _NOTHING)
    except Exception as error:
        raise _taught(error, op, frame, inputs) from _cause(error)


def _check_writable(op: Operation, plan: Plan, inputs: list[Value | None]) -> None:
    for tensor in op.inputs[: op.definition.writes]:
        if tensor in plan.feeds:
            raise ValueError(f"Cannot write to the variable {tensor.name}: it is fed")
    if op.definition.takes_uninitialized and op.outputs:
        known, value = op.outputs[0].shape, inputs[1]
        if value is not None and not known.is_compatible_with(value.shape):
            raise ValueError(
                f"{op.type} requires shapes of both tensors to match. "
                f"lhs shape= {known.short} rhs shape= {as_shape(value.shape).short}"
            )


def _asked(
    op: Operation,
    kernel: Kernel,
    answer: tuple[Value, ...] | OpError | None,
    frame: Frame,
    state: State,
) -> Call | Ran:
    """What the kernel of an owner wants next: a body to be called, or it is done."""
    try:
        if isinstance(answer, OpError):
            return kernel.throw(answer)
        return next(kernel) if answer is None else kernel.send(answer)
    except StopIteration as done:
        if not op.definition.keeps:
            return _ran(op, done.value, frame, _NOTHING)
        result, cell = done.value
        return _ran(op, result, frame, {_cell_name(op, _inputs(op, frame, state)): cell})
    except Exception as error:
        raise _taught(error, op, frame, _inputs(op, frame, state)) from _cause(error)


def _taught(error: Exception, op: Operation, frame: Frame, inputs: list[Value | None]) -> OpError:
    """The error in TensorFlow's type, with its lesson."""
    if not isinstance(error, OpError):
        error = InvalidArgumentError(op.node_def, op, f"{error} [[node {op.name}]]")
    if error.op is None:  # a kernel does not know of what it is the kernel
        error.node_def, error.op = op.node_def, op
    return teach(error, about(op, frame, inputs))


def _cause(error: Exception) -> Exception | None:
    return None if isinstance(error, OpError) else error


def _ran(op: Operation, result: Any, frame: Frame, cells: dict[str, Any]) -> Ran:
    writes = op.definition.writes
    if not writes and not isinstance(result, tuple):
        value = _kept(result)
        return Ran(op, {op.outputs[0]: value} if op.outputs else {}, _NOTHING, frame, cells)
    values = [_kept(value) for value in (result if isinstance(result, tuple) else (result,))]
    shown = values[writes:] or values  # a write shows the variable itself
    outputs = dict(zip(op.outputs, shown, strict=False))
    written = dict(zip(frame.plan.writings.get(op, ()), values, strict=False))
    return Ran(op, outputs, written, frame, cells)


def _kept(value: Any) -> Value:
    array: Value = value if type(value) is np.ndarray else np.asarray(value)
    array.setflags(False)  # type: ignore[call-arg]  # twice as quick as by name
    return array
