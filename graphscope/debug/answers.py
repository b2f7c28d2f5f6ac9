"""What the debugger's commands return: one type for each kind of answer, all of them plain data.

`show` has one renderer for each; it registers itself as the presenter, so that ``str(answer)`` is
the text of the prompt without colours. An answer does not know how it looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphscope.debug.names import Names
from graphscope.debug.sights import Sight
from graphscope.engine.compiled import Done
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Phase, Plan
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import brief, described, distance, is_list, single, stats
from graphscope.ops.lists import moved

if TYPE_CHECKING:
    from graphscope.debug.questions.why_not import WhyNot
    from graphscope.debug.side.gradients import Slope


@dataclass(frozen=True)
class Answer:
    """The base of all answers."""

    #: Turns an answer into text. Set by `graphscope.show`.
    presenter: ClassVar[Callable[[Answer], str] | None] = None

    def __str__(self) -> str:
        return Answer.presenter(self) if Answer.presenter is not None else repr(self)


@dataclass(frozen=True)
class Delta:
    """A variable's value at two times. `old` is None for one that had no value."""

    old: Value | None
    new: Value

    @property
    def difference(self) -> Value:
        """new - old, in double precision; `new` itself when there was nothing before. Of texts
        it is 1 where they differ, of a list that of all its numbers in a row."""
        if is_list(self.new):
            return moved(self.new, self.old)
        if self.new.dtype == object:
            return np.asarray(self.new != self.old, np.float64)
        new = self.new.astype(np.result_type(self.new.dtype, np.float64))
        with np.errstate(invalid="ignore"):  # from infinity to infinity
            return new if self.old is None else np.asarray(new - self.old)

    @property
    def norm(self) -> float:
        """The Euclidean length of the difference."""
        if self.old is not None and self.new.dtype != object:
            return distance(self.new, self.old)
        return float(np.sqrt(np.sum(np.square(np.abs(self.difference)))))

    @property
    def largest(self) -> tuple[float, tuple[int, ...]]:
        """The largest change of one element, and its index."""
        size = np.abs(self.difference)
        if size.size == 0:
            return 0.0, ()
        at = np.unravel_index(int(np.argmax(size)), size.shape)
        return float(size[at]), tuple(int(i) for i in at)

    def written(self, name: str) -> str:
        """``||W|| 4.811 -> 4.813, most by 0.0041 at [350, 3]``; of a scalar its two values."""
        if self.old is None:
            return f"has its first value: {described(self.new)}"
        if np.ndim(self.new) == 0:
            return f"{single(self.old)} -> {single(self.new)}"
        before, after = (f"{stats(value).norm:.4g}" for value in (self.old, self.new))
        largest, at = self.largest
        return f"||{name}|| {before} -> {after}, most by {brief(largest)} at {list(at)}"


@dataclass(frozen=True)
class Shown:
    """A tensor and its value, as an answer shows it. `value` is None while there is none."""

    tensor: Tensor
    value: Value | None


class Reason(Enum):
    """Why the debugger stopped where it did."""

    START = "start of the run"
    STEP = "step"
    SCOPE = "the end of a scope"
    BREAKPOINT = "breakpoint"
    WRITE = "variable written"
    CHANGED = "a watched value changed"
    READ = "a watched variable was read"
    CAUGHT = "something was caught"
    PLACE = "reached"
    EDITED = "a value was set"
    END = "end of the run"
    INTERRUPTED = "interrupted"
    FAILED = "the next node fails"


@dataclass(frozen=True)
class Found:
    """What made a stop stop: the reason, and a sentence with what there is to say of it."""

    reason: Reason
    text: str = ""


@dataclass(frozen=True)
class Said(Answer):
    """An expression that is shown at a stop or by a tracepoint, with its value in a line.

    run, t, node: where. number: the tracepoint's, or the display's.
    """

    number: int
    expression: str
    text: str
    t: int
    run: int = 1
    node: Operation | None = None


@dataclass(frozen=True)
class FanOut:
    """A tensor with several uses, from each of which a part of its gradient comes back."""

    tensor: Tensor
    users: tuple[Operation, ...]


@dataclass(frozen=True)
class Stop(Answer):
    """The place at which we look: the node that ran last, with its inputs and outputs.

    t:       how many nodes have run; `end` is how many there are, as far as that is known.
    node:    the node that ran last; None at the start.
    changed: the variables that this node changed, by their name.
    restored: going back, the variables that have an earlier value again.
    breakpoint: the number of the breakpoint that stopped us, or None. found: what it found; hits:
             how often it has been hit.
    names:   what the nodes are called.
    newest:  the latest time that has been reached; t is before it when we look at the past.
    frames:  the branches and loops around the node, the outermost first, each with its iteration.
    backwards: of a gradient inside of branches and loops the calls that it goes back through.
    updated: the variables that differ from the start of the run. overrides: what was set by hand.
    run:     which of the debugged runs this is; `runs` is how many there are.
    displays, traces: what is shown at each stop, and what tracepoints said on the way here.
    error:   what the next node raises.
    fan_out: of a node that adds up gradients: of what, and what they come from.
    """

    reason: Reason
    t: int
    end: int
    newest: int
    names: Names
    node: Operation | None = None
    phase: Phase | None = None
    inputs: tuple[Shown, ...] = ()
    outputs: tuple[Shown, ...] = ()
    changed: dict[str, Delta] = field(default_factory=dict)
    restored: dict[str, Delta] = field(default_factory=dict)
    path: tuple[Operation, ...] = ()
    breakpoint: int | None = None
    found: Found | None = None
    hits: int = 0
    end_is_known: bool = True
    frames: tuple[tuple[Operation, int], ...] = ()
    backwards: tuple[tuple[Operation, int], ...] = ()
    updated: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    run: int = 1
    runs: int = 1
    displays: tuple[Said, ...] = ()
    traces: tuple[Said, ...] = ()
    error: Exception | None = None
    fan_out: FanOut | None = None

    def in_run(self, run: int, runs: int, reason: Reason) -> Stop:
        """The same place in another run, and for another reason."""
        other = object.__new__(Stop)  # `replace` takes a tenth of a short run
        vars(other).update(vars(self), run=run, runs=runs, reason=reason)
        return other

    @property
    def in_the_past(self) -> bool:
        return self.t < self.newest or self.run < self.runs

    @property
    def value(self) -> Value | None:
        """The node's first output."""
        return self.outputs[0].value if self.outputs else None

    @property
    def last(self) -> str:
        """The end of the run in a word: ``31``, or ``31+`` while a loop is still to come."""
        return f"{self.end}" if self.end_is_known else f"{self.end}+"


@dataclass(frozen=True)
class FastPath(Answer):
    """How `Session.run` does a plan that has come often and that nobody looks into.

    calls:  what is done in one call each, in order; empty when there is a `reason` why the
            interpreter runs it as it is.
    folded: what need not run: it follows from constants and from the shapes of the feeds.
    shared: what need not run since the same is computed already.
    nbytes: the memory that is kept for it between runs.
    """

    calls: tuple[Done, ...] = ()
    folded: tuple[Operation, ...] = ()
    shared: tuple[Operation, ...] = ()
    nbytes: int = 0
    reason: str = ""


@dataclass(frozen=True)
class PlanSummary(Answer):
    """What will run and what will not.

    skipped: what would have to be fetched, with how many operations would run only for it.
    apart:   of several fetches how many nodes each takes by itself; shared: the nodes that would
             then be computed again. silent: why each tf.Print that does not run does not.
    fast:    how it runs when nobody looks, if that was asked.
    """

    plan: Plan
    fetched: tuple[str, ...]
    skipped: tuple[tuple[str, int], ...]
    names: Names
    apart: tuple[tuple[str, int], ...] = ()
    shared: tuple[Operation, ...] = ()
    silent: tuple[WhyNot, ...] = ()
    fast: FastPath | None = None


@dataclass(frozen=True)
class Row:
    """A line of the plan. `state` is done, now, next or later.

    labels: letters, see `Listing.LABELS`. seconds: how long it took; 0 before it has run.
    frames: the branches and loops around it, the outermost first, each with its iteration.
    t_is_known: False when a branch or a loop comes before it, so that it runs later than at `t`.
    inside: of a branch or a loop that is still to come the nodes of each of its parts: the branches
    of which one runs, or what a loop runs each time.
    """

    t: int
    node: Operation
    phase: Phase
    state: str
    python: str | None
    value: Value | None
    breakpoint: bool
    labels: str = ""
    seconds: float = 0.0
    frames: tuple[tuple[Operation, int], ...] = ()
    t_is_known: bool = True
    inside: tuple[tuple[Operation, ...], ...] = ()

    @property
    def nbytes(self) -> int:
        """The size of its value."""
        return 0 if self.value is None else self.value.nbytes


@dataclass(frozen=True)
class Listing(Answer):
    """A part of the plan. key: by what it is sorted: t, name, type, size or time. end: how many
    nodes there are, as far as that is known.

    LABELS: the letters of `Row.labels`. A variable is dirty once this run has written it: its
    writes have the label, and what reads it after them.
    """

    LABELS: ClassVar[dict[str, str]] = {
        "B": "breakpoint",
        "F": "takes a feed",
        "O": "set by hand",
        "D": "dirty variable",
        "!": "NaN or Inf",
    }

    rows: tuple[Row, ...]
    end: int
    names: Names
    key: str = "t"
    end_is_known: bool = True


@dataclass(frozen=True)
class Where(Answer):
    """Where we are: the stop, the scopes around the node, and why it runs."""

    stop: Stop
    scopes: tuple[str, ...]
    fetched: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """A range of numbers. count: how many elements are in it, both ends included; first: where the
    first of them is, None when there is none."""

    low: float
    high: float
    count: int
    first: tuple[int, ...] | None


class Elements(Enum):
    """How many elements of a value are shown."""

    NONE = "only what is said of all of them together"
    SOME = "the outer ones of many"
    ALL = "all"


@dataclass(frozen=True)
class Units:
    """The units of a layer of Relus that are 0 for every example, by their numbers.

    count: how many units there are; examples: how many examples. by_bias: those that only their
    bias holds below 0; by_weights: those whose weights are all 0; the others are held there by
    inputs and weights together. bias, weights: the variables, where they are known.
    gradient: the largest number that comes back through the dead units; None when none has.
    """

    count: int
    examples: int
    dead: tuple[int, ...]
    by_bias: tuple[int, ...]
    by_weights: tuple[int, ...]
    gradient: float | None
    bias: Operation | None
    weights: Operation | None


@dataclass(frozen=True)
class Card(Answer):
    """A value at a time, with what can be said of it.

    tensor: None when the value is that of an expression. slope: of a gradient, where it is from.
    places: where in the whole value the elements were that a mask has chosen, one row for each;
            None without a mask.
    elements, format: how many are shown, and how; format is empty for the usual way.
    bands:  the ranges whose elements are counted and marked. written: the file it was written to.
    units:  of a layer of Relus: which of them are always 0.
    held:   where the value is fed in place of a variable, what that one holds itself.
    sight:  what is shown of it in place of its numbers.
    """

    text: str
    value: Value
    t: int
    end: int
    tensor: Tensor | None = None
    python: str | None = None
    slope: Slope | None = None
    places: Value | None = None
    elements: Elements = Elements.SOME
    format: str = ""
    bands: tuple[Band, ...] = ()
    written: str = ""
    units: Units | None = None
    held: Value | None = None
    sight: Sight | None = None


@dataclass(frozen=True)
class Evaluated(Answer):
    """What Python gave. value: of an expression, None for statements. printed: what it printed.

    assigned: the names that it has made or changed, with their values.
    """

    text: str
    value: Any
    printed: str
    assigned: dict[str, Any]

    @property
    def shown(self) -> str:
        """The value as Python writes it; empty when there is none."""
        return "" if self.value is None else repr(self.value)


@dataclass(frozen=True)
class Feed:
    """A tensor that is fed, or must be. users: what takes it. value: None when it is not fed.

    held: where it is fed in place of a variable, what that one holds itself; None otherwise.
    """

    tensor: Tensor
    name: str
    value: Value | None
    users: tuple[Operation, ...]
    held: Value | None = None


@dataclass(frozen=True)
class Feedable:
    """A tensor that could be fed. hides: the nodes that would then not run, beside the one that
    makes it; spares: the placeholders that would no longer have to be fed."""

    tensor: Tensor
    name: str
    hides: tuple[Operation, ...]
    spares: tuple[Tensor, ...]


@dataclass(frozen=True)
class Feeds(Answer):
    """Which feed went where.

    hidden: how many operations do not run because a tensor in the middle of the graph is fed.
    feedable: what else could be fed, when that was asked for.
    """

    feeds: tuple[Feed, ...]
    hidden: dict[Tensor, int]
    names: Names
    feedable: tuple[Feedable, ...] = ()


@dataclass(frozen=True)
class Blocks:
    """An axis of a matrix in parts: its columns, where the product is split, or its rows, where
    what it is multiplied with was joined. node: what splits or joins."""

    axis: int
    parts: tuple[int, ...]
    node: Operation


@dataclass(frozen=True)
class Uses:
    """How a variable is used in the forward pass. nodes: what takes its value; a cell that is
    unrolled takes it once for each step. blocks: the parts that its axes have there."""

    nodes: tuple[Operation, ...]
    blocks: tuple[Blocks, ...]


@dataclass(frozen=True)
class VariableRow:
    """A variable and its value now. delta: its change since the start of the run, or None.

    trained_by: the names of the operations that train it: it is in their lists of variables.
    initializer: what initializes it together with others, as tf.global_variables_initializer();
    missed_by: where there is none, one that was made before the variable.
    uses:       how it is used, for a variable that was asked for by its name.
    fed:        another value is fed in its place: its own one is neither read nor written.
    """

    name: str
    node: Operation
    trainable: bool
    value: Value | None
    delta: Delta | None
    trained_by: tuple[str, ...] = ()
    initializer: Operation | None = None
    missed_by: Operation | None = None
    uses: Uses | None = None
    fed: bool = False

    @property
    def initialized(self) -> bool:
        return self.value is not None

    @property
    def ratio(self) -> float | None:
        """The length of the change beside that of what it was; None where there is no change, no
        value before it, or only zeros."""
        if self.delta is None or self.delta.old is None:
            return None
        before = stats(self.delta.old).norm
        return self.delta.norm / before if before else None


@dataclass(frozen=True)
class Variables(Answer):
    """The variables of the graph, or those whose name begins with `prefix`."""

    rows: tuple[VariableRow, ...]
    t: int
    prefix: str = ""
    names: Names | None = None


@dataclass(frozen=True)
class BreakpointRow:
    """A stop: id, what it is (break, watch, catch, trace), the words it was set with, how many
    nodes it means in this plan, how often it was hit, and the rules around it (see `Breakpoint`).
    """

    id: int
    kind: str
    spec: str
    condition: str
    nodes: int
    hits: int
    temporary: bool
    enabled: bool = True
    rule: str = ""
    ignored: int = 0
    after: int | None = None
    shows: str = ""
    commands: tuple[str, ...] = ()
    before: bool = False
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Breakpoints(Answer):
    rows: tuple[BreakpointRow, ...]


@dataclass(frozen=True)
class Note(Answer):
    """A sentence."""

    text: str
