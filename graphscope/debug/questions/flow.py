"""How does the gradient of a loss come back to a variable, and where does it stop?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts, cut_of
from graphscope.debug.names import Names
from graphscope.debug.questions.bad import is_bad
from graphscope.debug.questions.remedies import SAFE_WHERE, is_untaken
from graphscope.debug.questions.rounds import Round, rounds_of
from graphscope.debug.questions.slopes import Seen, is_reading, why_small, why_zero
from graphscope.debug.questions.why import way_around
from graphscope.debug.side.aside import Aside
from graphscope.debug.side.runs import ahead, known_values, state_at
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.state import State
from graphscope.gradients import differentiable_ops
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import shortest_path
from graphscope.kernels.stats import brief, length
from graphscope.ops.lists import has_slope, numbers

#: A gradient that is so many times smaller than at the loss has vanished; that many times larger,
#: it has exploded.
VANISHED, EXPLODED = 1e-6, 1e6
#: More ways than this are not shown one by one.
_WAYS = 4
#: A fall by less than this at one node is no fault of that node alone.
_STEEP = 1e-3


class Course(Enum):
    """What becomes of a gradient on its way back."""

    ARRIVES = "it arrives"
    ZERO = "it is zero"
    VANISHES = "it vanishes"
    EXPLODES = "it explodes"
    NOT_FINITE = "it is not finite"
    CUT = "it is cut"
    NO_PATH = "nothing leads from it to the loss"


class Origin(Enum):
    """Where the numbers come from."""

    RUN = "from the backward pass of this run"
    SIDE = "computed on the side: this run has no backward pass for it"
    AHEAD = "computed ahead, on the side: this run has not come to it yet"


@dataclass(frozen=True)
class Hop:
    """A node on the way back from the loss, and the gradient that arrives at it.

    tensor: its output on this way. norm: the Euclidean length of the gradient of that output; None
    where none arrives. zero: which part of its elements is 0. bad: how many are NaN or infinite.
    hands_on: whether anything of it goes on to the next node of this way.
    computed, t: the node of the run that computed it, and when; None for numbers from the side.
    """

    node: Operation
    tensor: Tensor
    norm: float | None = None
    zero: float = 0.0
    bad: int = 0
    hands_on: bool = True
    computed: Operation | None = None
    t: int | None = None


@dataclass(frozen=True)
class Flow(Answer):
    """The way of a gradient from a loss back to a variable, or to another tensor.

    name:     of the variable. hops: from the loss down to it; `norms` are theirs.
    cause:    what becomes of the gradient. culprit: the operation that answers for it: a sound
              gradient came to it, and it handed this one on. stops_at: where it stops; that is the
              culprit, or the node at which it has become too small or too large step by step.
    reason:   why, in a sentence; hint: what to try.
    others:   other ways, each from the loss down; ways: how many there are in all.
    origin:   where the numbers come from.
    rounds:   of each loop on the way what comes back to its iterations, the last one first.
    """

    name: str
    loss: Tensor
    target: Tensor
    cause: Course
    hops: tuple[Hop, ...] = ()
    stops_at: Operation | None = None
    culprit: Operation | None = None
    reason: str = ""
    hint: str = ""
    others: tuple[tuple[Hop, ...], ...] = ()
    ways: int = 0
    origin: Origin = Origin.RUN
    rounds: dict[Operation, tuple[Round, ...]] = field(default_factory=dict)
    names: Names | None = None

    @property
    def ok(self) -> bool:
        """True when a gradient of a sound size arrives."""
        return self.cause is Course.ARRIVES

    @property
    def norms(self) -> tuple[float | None, ...]:
        return tuple(hop.norm for hop in self.hops)


#: An operation that takes a tensor.
Use = tuple[Operation, Tensor]


class Verdict(NamedTuple):
    """What becomes of a gradient, where, and why: the fields of `Flow` of the same names."""

    cause: Course
    stops_at: Operation | None = None
    culprit: Operation | None = None
    reason: str = ""
    hint: str = ""


def flow(loss: Tensor, target: Tensor, timeline: Timeline, facts: Facts, names: Names) -> Flow:
    """The way of the gradient of `loss` to `target`, at the place to which the run has come."""
    for tensor in (loss, target):
        if tensor.op.body is not None:
            raise DebugError(
                f"{tensor.name} is inside of a branch or a loop: ask for what goes in or comes out."
            )
    if not loss.dtype.is_floating:
        raise DebugError(f"{loss.name} is {loss.dtype.base_dtype.name}, and has no gradient.")
    return _Inquiry(loss, target, timeline, facts, names).answer()


class _Inquiry:
    """One question, with the gradients along all ways between its two ends."""

    def __init__(
        self, loss: Tensor, target: Tensor, timeline: Timeline, facts: Facts, names: Names
    ) -> None:
        self.loss, self.target, self.facts, self.names = loss, target, facts, names
        self.name = names.of(target.op)
        self.path = facts.path(target.op, loss.op)
        #: The operations on all ways along which a gradient flows.
        self.between = differentiable_ops([loss], [target])
        if self.path:
            on_path = _tensors(self.path[::-1], self.loss, self.target)
            between = [t for op in self.between for t in op.outputs if has_slope(t.dtype)]
            wanted = [loss, target, *on_path, *between]
            self._measure(timeline, list(dict.fromkeys(t for t in wanted if has_slope(t.dtype))))

    def _measure(self, timeline: Timeline, tensors: list[Tensor]) -> None:
        """The gradients of tensors: those of the run where it has them, the others on the side."""
        self.aside = aside = Aside([self.loss, self.target])
        self.timeline = ahead(timeline, aside.ops)
        tensors = [tensor for tensor in tensors if tensor in aside]
        self.slopes = slopes = dict(zip(tensors, aside.gradients(self.loss, tensors), strict=True))
        shares = dict(self._shares(slopes))
        same = aside.same_as(timeline.plan.needed)
        known = known_values(self.timeline)
        self.known = {twin: known[t] for twin, t in same.items() if t in known}
        made = {slope: same.get(slope) for slope in slopes.values() if slope is not None}
        asked = [*made, *shares.values()]
        found = aside.run(asked, self.known, self.state)
        self.values = {slope: numbers(found[slope]) for slope in asked}
        self.hops = {
            tensor: Hop(tensor.op, tensor) if slope is None else self._hop(tensor, slope, made)
            for tensor, slope in slopes.items()
        }
        #: The gradients that have come to the tensors.
        self.came = {t: self.values[slope] for t, slope in slopes.items() if slope is not None}
        #: Of a tensor with several uses the uses from which something comes back, and those from
        #: which NaN or infinity comes back.
        self.giving = {use for use, share in shares.items() if np.any(self.values[share])}
        self.spoiling = {u for u, share in shares.items() if is_bad(self.values[share])}
        ran = any(hop.t is not None for hop in self.hops.values())
        planned = any(original is not None for original in made.values())
        self.origin = Origin.RUN if ran else Origin.AHEAD if planned else Origin.SIDE

    def _shares(self, slopes: dict[Tensor, Tensor | None]) -> Iterator[tuple[Use, Tensor]]:
        """For tensors with several uses what each of them hands back."""
        for tensor in slopes:
            users = self._uses(tensor) if tensor.op in self.between else []
            for user in users if len(users) > 1 else ():
                came = [slopes.get(output) for output in user.outputs]
                arrives = any(slope is not None for slope in came)
                share = self.aside.share(user, came, tensor) if arrives else None
                if share is not None:
                    yield (user, tensor), share

    def _uses(self, tensor: Tensor) -> list[Operation]:
        """The operations between the ends that take a tensor, and from which a gradient comes."""
        return [user for user in tensor.graph.consumers(tensor) if user in self.between]

    @property
    def state(self) -> State:
        """The variables as the loss saw them; as they are now if this run does not compute it."""
        times = [t for op in self.aside.ops for t in self.timeline.times_of(op)]
        return state_at(self.timeline, min(times) - 1 if times else self.timeline.t)

    def _hop(self, tensor: Tensor, slope: Tensor, made: dict[Tensor, Tensor | None]) -> Hop:
        value, original = self.values[slope], made[slope]
        step = None if original is None else self.timeline.step_of(original.op)
        size = max(value.size, 1)
        return Hop(
            node=tensor.op,
            tensor=tensor,
            norm=length(value),
            zero=float(np.sum(value == 0)) / size,
            bad=int(np.sum(~np.isfinite(value))),
            computed=None if step is None else step.node,
            t=None if step is None else step.t,
        )

    # ---- ways ----------------------------------------------------------------------------------

    def answer(self) -> Flow:
        if not self.path:
            hint = f"use {self.name} in what {self.loss.name} is computed from"
            reason = f"nothing leads from {self.name} to {self.loss.name}"
            return Flow(self.name, self.loss, self.target, Course.NO_PATH, reason=reason, hint=hint)
        ways = self._ways()
        self.rounds = self._rounds(ways[0])
        return Flow(
            name=self.name,
            loss=self.loss,
            target=self.target,
            **self._verdict(ways[0])._asdict(),
            hops=ways[0],
            others=tuple(ways[1:]),
            ways=self._count(),
            origin=self.origin,
            rounds=self.rounds,
            names=self.names,
        )

    def _rounds(self, hops: tuple[Hop, ...]) -> dict[Operation, tuple[Round, ...]]:
        """What comes back to the iterations of the loops on a way."""
        found = {}
        for hop, below in pairwise(hops):
            if hop.node.type != "While":
                continue
            taken = [t for t in hop.node.inputs if _leads_to(t, below.tensor)]
            slope = self.slopes.get(taken[0]) if taken else None
            loop = self.aside.twin(hop.node)
            if slope is None or loop is None:
                continue
            for calls in self.aside.calls([slope], self.known, self.state).values():
                if calls[0].body and calls[0].body.mirror is loop.attrs["body"]:
                    found[hop.node] = rounds_of(loop, self.aside.here(taken[0]), calls)
        return found

    def _ways(self) -> list[tuple[Hop, ...]]:
        """A way along which the gradient arrives, if there is one, or along which what spoils it
        comes; then others, until each node between the ends has been on one."""
        start, goal = self.target.op, self.loss.op
        spoiled = shortest_path(start, goal, lambda op: self._users(op, self._spoils))
        open_way = shortest_path(start, goal, lambda op: self._users(op, self._gives))
        main = spoiled or open_way or self._path(start, goal) or self.path
        ways, seen = [main], set(main)
        for op in sorted(self.between, key=lambda op: op._id, reverse=True):
            if op not in seen and len(ways) < _WAYS:
                way = [*self._path(start, op), *self._path(op, goal)[1:]]
                ways.append(way)
                seen.update(way)
        return [tuple(self._hops(way)) for way in ways]

    def _path(self, start: Operation, goal: Operation) -> list[Operation]:
        """A shortest path along which a gradient flows, of whatever size."""
        return shortest_path(start, goal, lambda op: self._users(op, lambda user, tensor: True))

    def _users(
        self, op: Operation, wanted: Callable[[Operation, Tensor], bool]
    ) -> dict[Operation, None]:
        floating = [t for t in op.outputs if has_slope(t.dtype)]
        pairs = ((user, t) for t in floating for user in self._uses(t))
        return {user: None for user, t in pairs if wanted(user, t)}

    def _gives(self, user: Operation, tensor: Tensor) -> bool:
        """Whether something comes back to a tensor from one of its uses."""
        if len(self._uses(tensor)) > 1:
            return (user, tensor) in self.giving
        return bool(self.hops[tensor].norm)

    def _spoils(self, user: Operation, tensor: Tensor) -> bool:
        """Whether a bad gradient of a tensor is bad by this use of it, and not by another one. Of a
        sound gradient this is asked of what gives it."""
        if self.hops[tensor].bad and len(self._uses(tensor)) > 1:
            return (user, tensor) in self.spoiling
        return self._gives(user, tensor)

    def _hops(self, way: Sequence[Operation]) -> Iterator[Hop]:
        tensors = list(_tensors(way[::-1], self.loss, self.target))
        for i, tensor in enumerate(tensors):
            hop = self.hops.get(tensor, Hop(tensor.op, tensor))
            below = tensors[i + 1 : i + 2]
            ended = any(t in self.hops and not self._gives(tensor.op, t) for t in below)
            if tensor in (self.loss, self.target) or not is_reading(tensor.op):
                yield replace(hop, hands_on=not ended)

    def _count(self) -> int:
        """How many ways there are along which a gradient flows."""
        ways = {self.target.op: 1}
        for op in sorted(self.between, key=lambda op: op._id):
            ways.setdefault(op, 0)
            for user in self._users(op, lambda user, tensor: True):
                ways[user] = ways.get(user, 0) + ways[op]
        return ways.get(self.loss.op, 0)

    # ---- the verdict ---------------------------------------------------------------------------

    def _verdict(self, hops: tuple[Hop, ...]) -> Verdict:
        end = hops[-1]
        if end.norm is None:
            return self._cut(hops)
        if end.bad:
            return self._spoiled(hops)
        if end.norm == 0:
            return self._zero(hops)
        first = hops[0].norm or 1.0
        if end.norm < VANISHED * first:
            at = next(i for i, hop in enumerate(hops) if (hop.norm or 0.0) < VANISHED * first)
            return self._vanished(hops, at)
        if end.norm > EXPLODED * first:
            at = next(i for i, hop in enumerate(hops) if (hop.norm or 0.0) > EXPLODED * first)
            worst = max(range(1, at + 1), key=lambda i: _ratio(hops, i))
            culprit = hops[worst - 1].node
            reason = f"it grows, most at {culprit.type}: {brief(_ratio(hops, worst))} times"
            hint = "tf.clip_by_global_norm, or smaller inputs and weights"
            return Verdict(Course.EXPLODES, hops[at].node, culprit, reason, hint)
        return Verdict(Course.ARRIVES)

    def _spoiled(self, hops: tuple[Hop, ...]) -> Verdict:
        at = next(i for i, hop in enumerate(hops) if hop.bad)
        above, below = hops[max(at - 1, 0)], hops[at]
        culprit = above.node
        reason = f"{hops[-1].bad} of its numbers are NaN or infinite, since {culprit.type}"
        reason += self._since(culprit, lambda found: not found.is_sound)
        hint = "nan, which shows where they were born"
        came, gone = self.came[above.tensor], self.came[below.tensor]
        if came.shape == gone.shape and not np.any(came[~np.isfinite(gone)]):
            reason += ": 0 comes to it there, and its own slope is infinite"
            if is_untaken(culprit):
                reason += ". tf.where hands 0 to the side that it did not take"
                hint = SAFE_WHERE
        return Verdict(Course.NOT_FINITE, culprit, culprit, reason, hint)

    def _cut(self, hops: tuple[Hop, ...]) -> Verdict:
        if self.target.op in self.between:  # the rule of the node above gives nothing for it
            culprit = _before(hops, lambda hop: hop.norm is None)
            reason = f"{culprit.type} hands no gradient on to this input"
        else:
            culprit = cut_of(self.path)
            reason = _cut_reason(culprit, self.name)
        return Verdict(Course.CUT, culprit, culprit, reason, way_around(culprit))

    def _zero(self, hops: tuple[Hop, ...]) -> Verdict:
        at = next(i for i, hop in enumerate(hops) if not hop.norm)
        culprit, tensor = hops[max(at - 1, 0)].node, hops[at].tensor
        giving = sum((user, tensor) in self.giving for user in self._uses(tensor))
        if at == 0:
            reason, hint = "the gradient of the loss itself is 0", "unset it, if it is set by hand"
        elif giving:
            reason = f"the gradients that come back from {giving} of its uses cancel out"
            hint = f"look at what becomes of {tensor.op.name}"
            culprit = tensor.op
        else:
            reason, hint = why_zero(self._seen(culprit, hops[at]))
            reason += self._since(culprit, lambda found: found.norm == 0)
        return Verdict(Course.ZERO, culprit, culprit, reason, hint)

    def _vanished(self, hops: tuple[Hop, ...], at: int) -> Verdict:
        worst = min(range(1, at + 1), key=lambda i: _ratio(hops, i))
        culprit, ratio = hops[worst - 1].node, _ratio(hops, worst)
        found = why_small(self._seen(culprit, hops[worst]))
        if found is None and culprit in self.rounds:
            each = brief(ratio ** (1 / max(len(self.rounds[culprit]), 1)))
            found = (
                f"each of the {len(self.rounds[culprit])} iterations of {culprit.name} leaves "
                f"about {each} of it",
                "tf.nn.rnn_cell.LSTMCell or GRUCell, which carry a sum, or fewer steps at a time",
            )
        if found is None and ratio < _STEEP:
            found = f"{culprit.type} makes it {brief(1 / ratio)} times smaller", "smaller inputs"
        if found is None:
            reason = f"it shrinks at each node, most at {culprit.type}: to {brief(ratio)} of it"
            found = reason, "other first weights, tf.nn.relu for tf.sigmoid, or a way around"
        return Verdict(Course.VANISHES, hops[at].node, culprit, *found)

    def _since(self, loop: Operation, wrong: Callable[[Round], bool]) -> str:
        """The iteration at which what comes back through a loop goes wrong; empty for no loop."""
        found = [part.iteration for part in self.rounds.get(loop, ()) if wrong(part)]
        return f", in iteration {found[0]} of {loop.name}" if found else ""

    def _seen(self, op: Operation, below: Hop) -> Seen:
        """The values that an operation has worked on; `below` is where its gradient goes on to."""
        tensors = [self.aside.here(tensor) for tensor in (*op.inputs, *op.outputs)]
        values = self.aside.run(tensors, self.known, self.state)
        found: list[Value] = [values[tensor] for tensor in tensors]
        at = next((i for i, t in enumerate(op.inputs) if _leads_to(t, below.tensor)), 0)
        count = len(op.inputs)
        return Seen(op, tuple(found[:count]), tuple(found[count:]), at, self.names)


def _tensors(way: Sequence[Operation], loss: Tensor, target: Tensor) -> Iterator[Tensor]:
    """The tensors along a way from the loss down: of each operation the output that is used."""
    yield loss
    for user, op in pairwise(way):
        used = [t for t in op.outputs if t in user.inputs]
        floating = [t for t in used if has_slope(t.dtype)]
        tensor = (floating or used)[0]
        yield target if op is target.op else tensor


def _leads_to(tensor: Tensor, below: Tensor) -> bool:
    return tensor is below or (is_reading(tensor.op) and tensor.op.inputs[0] is below)


def _before(hops: Sequence[Hop], wrong: Callable[[Hop], bool]) -> Operation:
    """The node above the first hop that is wrong."""
    at = next(i for i, hop in enumerate(hops) if wrong(hop))
    return hops[max(at - 1, 0)].node


def _ratio(hops: Sequence[Hop], i: int) -> float:
    before, after = hops[i - 1].norm, hops[i].norm
    return (after or 0.0) / before if before else 1.0


def _cut_reason(culprit: Operation, name: str) -> str:
    if culprit.type == "StopGradient":
        return "tf.stop_gradient is there to stop it"
    if culprit.definition.is_variable:
        return f"{name} holds {culprit.outputs[0].dtype.base_dtype.name}, which has no gradient"
    if culprit.type == "Cast" and not culprit.outputs[0].dtype.is_floating:
        return "the cast makes whole numbers, which have no gradient"
    return f"{culprit.type} has no gradient"
