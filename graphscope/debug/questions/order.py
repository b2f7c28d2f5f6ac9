"""Where does what a run gives depend on the order of a read and a write of one variable?

The order of two nodes without a path between them is nobody's decision: TensorFlow leaves it open,
and this engine takes the order in which they were made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush
from itertools import combinations, islice

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.compare import equal
from graphscope.debug.side.runs import run_on_the_side
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Plan, bodies, parents
from graphscope.errors import OpError
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.ops.state import variable_of, written

#: Writes that come to the same in any order, but for rounding, when nobody looks in between.
_COMMUTING = ("AssignAdd", "AssignSub", "ScatterAdd", "ScatterSub")


class Kind(Enum):
    """What the two nodes of a hazard do with the variable."""

    READ_AND_WRITE = "a read and a write"
    TWO_WRITES = "two writes"
    FETCHED = "a fetch of the variable itself and a write"


@dataclass(frozen=True)
class Access:
    """A node reads or writes a variable. node: the node of the plan in which that happens; it is
    `op` itself, or the owner of the branch or loop that `op` is in."""

    variable: Operation
    op: Operation
    node: Operation
    writes: bool


@dataclass(frozen=True)
class Hazard:
    """Two nodes of one plan that may come in either order, and must not.

    first, second: in the order that this engine takes. A variable that is fetched itself is the
    first: what it holds when the run begins is what the fetch gives. times: when they run, as far
    as that is known. words: how the learner writes the two in a program. keeps: what the second has
    to wait for so that the order stays as it is, and words_of_it. Of a reading these are the nodes
    that take its value: in TensorFlow it is no copy, and an assign_add changes it in place before
    they have taken it.
    """

    variable: Operation
    name: str
    kind: Kind
    first: Operation
    second: Operation
    times: tuple[int | None, int | None]
    words: tuple[str, str]
    keeps: tuple[Operation, ...]
    words_of_it: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """What another order makes of something. what: ``variable``, ``fetch`` or ``node``.

    first: the value in the order of this engine; other: in the other one. None: no value.
    """

    what: str
    name: str
    first: Value | None
    other: Value | None


@dataclass(frozen=True)
class OtherOrder:
    """The run in another legal order, on the side.

    turned: the hazards whose two nodes come the other way round in it.
    differences: variables first, then fetches, then the first node whose value differs.
    error: what stopped it, when it fails in that order; then nothing is compared.
    """

    turned: tuple[Hazard, ...]
    differences: tuple[Difference, ...]
    error: OpError | None

    @property
    def same(self) -> bool:
        return not self.differences and self.error is None


@dataclass(frozen=True)
class Orders(Answer):
    """What depends on the order in which the nodes of a run come.

    other: the run in an order in which the hazards come the other way round, or in a shuffled one.
    seed: of the shuffled one. names: of the nodes.
    """

    hazards: tuple[Hazard, ...]
    other: OtherOrder | None
    seed: int | None
    names: Names

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables whose value at the end is another one in the other order."""
        found = self.other.differences if self.other else ()
        return tuple(item.name for item in found if item.what == "variable")


def order(timeline: Timeline, facts: Facts, names: Names, seed: int | None = None) -> Orders:
    """The hazards of a run, and what another order makes of it: one in which they are turned, or
    with a seed a shuffled one."""
    found = hazards(timeline, facts, names)
    if seed is not None:
        plan = shuffled(timeline.plan, seed)
    elif found:
        plan = turned(timeline.plan, found)
    else:
        return Orders((), None, None, names)
    return Orders(found, in_other_order(timeline, found, plan, names), seed, names)


#: A variable, what happens to it, and the two nodes by which, in the order in which they come.
_Pair = tuple[Operation, Kind, Operation, Operation]

# ---- hazards -----------------------------------------------------------------------------------


def hazards(timeline: Timeline, facts: Facts, names: Names) -> tuple[Hazard, ...]:
    """The reads and writes without a path between them, in the plan and in those of its branches
    and loops, in the order in which they come."""
    plan = timeline.plan
    found = list(_fetched(plan))
    for inner in (plan, *plan.inner):
        found += _unordered(inner, plan)
    kept = [_kept(first, second, plan) for _, _, first, second in found]
    return tuple(
        Hazard(
            variable=variable,
            name=names.of(variable),
            kind=kind,
            first=first,
            second=second,
            times=(timeline.time_of(first), timeline.time_of(second)),
            words=(_word(first, facts, names), _word(second, facts, names)),
            keeps=keeps,
            words_of_it=tuple(_word(op, facts, names) for op in keeps),
        )
        for (variable, kind, first, second), keeps in zip(found, kept, strict=True)
    )


def _kept(first: Operation, second: Operation, plan: Plan) -> tuple[Operation, ...]:
    """What the second has to wait for, as far as it can: see Hazard."""
    if first.type != "Identity":
        return (first,)
    users = [op for op in plan.graph.consumers(first.outputs[0]) if op in plan.position]
    behind = [op for op in users if second in reach([op], lambda op: parents(op, plan.feeds))]
    return tuple(op for op in users if op not in behind) or (first,)


def _word(op: Operation, facts: Facts, names: Names) -> str:
    """How the learner gets hold of a node: ``W.value()`` for the reading that belongs to W, the
    training operation for an update."""
    if op.type == "Identity" and op.name == f"{op.inputs[0].op.name}/read":
        return f"{names.of(op.inputs[0].op)}.value()"
    return (facts.train_op(op) if facts.is_trainer(op) else op).bound_to or names.of(op)


def accesses(plan: Plan) -> list[Access]:
    """Who reads or writes a variable, in order; what branches and loops do is done by the node that
    owns them."""
    found: list[Access] = []
    for node in plan.nodes:
        for op in _with_inner(node, plan):
            if op.definition.calls:
                continue  # its inputs are handed on to its bodies
            own = dict.fromkeys(written(op))
            read = dict.fromkeys(
                variable_of(tensor)
                for tensor in op.inputs[op.definition.writes :]
                if tensor.dtype.is_ref and tensor not in plan.feeds
            )
            found += [Access(variable, op, node, True) for variable in own]
            found += [Access(variable, op, node, False) for variable in read if variable not in own]
    return found


def _with_inner(node: Operation, plan: Plan) -> Iterator[Operation]:
    """A node, and what it runs in its branches and loops."""
    queue = [(node, plan)]
    for op, around in queue:  # grows on the way
        yield op
        for inner in map(around.of_body, bodies(op)):
            queue += [(other, inner) for other in inner.nodes]


def _fetched(plan: Plan) -> Iterator[_Pair]:
    """Variables that are fetched themselves in a run that writes them."""
    fetched = {t.op for t in plan.fetches if isinstance(t, Tensor) and t.op.definition.is_variable}
    last = {access.variable: access.node for access in accesses(plan) if access.writes}
    for variable, write in last.items():
        if variable in fetched and not any(t in plan.feeds for t in variable.outputs):
            yield variable, Kind.FETCHED, variable, write


def _unordered(plan: Plan, whole: Plan) -> Iterator[_Pair]:
    """whole: the plan of the run, of which `plan` may be a part."""
    by_variable: dict[Operation, list[Access]] = {}
    for access in accesses(plan):
        by_variable.setdefault(access.variable, []).append(access)
    risky = {v: found for v, found in by_variable.items() if any(a.writes for a in found)}
    before = _before(plan) if risky else {}
    for variable, found in risky.items():
        seen = set()
        for a, b in combinations(found, 2):
            if (a.node, b.node) in seen or not _conflict(a, b, whole):
                continue
            if not before[b.node] >> plan.position[a.node] & 1:
                seen.add((a.node, b.node))
                kind = Kind.TWO_WRITES if a.writes and b.writes else Kind.READ_AND_WRITE
                yield variable, kind, a.node, b.node


def _conflict(a: Access, b: Access, whole: Plan) -> bool:
    if a.node is b.node or not (a.writes or b.writes):
        return False
    both_add = a.op.type in _COMMUTING and b.op.type in _COMMUTING
    return not both_add or any(_is_seen(op, whole) for op in (a.op, b.op))


def _is_seen(op: Operation, whole: Plan) -> bool:
    """Whether something takes what a write gives out, which is the variable at that time."""
    fetched = [tensor for part in (whole, *whole.inner) for tensor in part.fetches]
    return any(
        tensor in fetched or any(user in whole.needed for user in whole.graph.consumers(tensor))
        for tensor in op.outputs
    )


def _before(plan: Plan) -> dict[Operation, int]:
    """For each node the positions of those that must come before it, as the bits of a number."""
    before: dict[Operation, int] = {}
    for op in plan.nodes:
        bits = 0
        for other in parents(op, plan.feeds):
            if other in plan.position:
                bits |= before[other] | 1 << plan.position[other]
        before[op] = bits
    return before


# ---- other orders ------------------------------------------------------------------------------


def shuffled(plan: Plan, seed: int) -> Plan:
    """The plan in an order that is legal and otherwise left to chance, by the seed."""
    draw = random.Random(seed)

    def at_random(inner: Plan) -> tuple[Operation, ...]:
        return _sorted(inner, {op: draw.random() for op in inner.nodes}, {})

    return plan.reordered(at_random)


def turned(plan: Plan, found: tuple[Hazard, ...]) -> Plan:
    """The plan in an order in which the two nodes of the hazards come the other way round, as many
    of them as can at once; the others stay as they are."""

    def the_other_way(inner: Plan) -> tuple[Operation, ...]:
        after: dict[Operation, list[Operation]] = {}
        for hazard in found:
            if hazard.first in inner.position and hazard.second in inner.position:
                behind = reach(
                    [hazard.second],
                    lambda op: (*parents(op, inner.feeds), *after.get(op, ())),
                )
                if hazard.first not in behind:
                    after.setdefault(hazard.first, []).append(hazard.second)
        return _sorted(inner, dict(inner.position), after)

    return plan.reordered(the_other_way)


def _sorted(
    plan: Plan,
    rank: dict[Operation, float] | dict[Operation, int],
    after: dict[Operation, list[Operation]],
) -> tuple[Operation, ...]:
    """The nodes, each behind what it waits for and what it comes `after`; of those that are ready
    the one with the lowest rank first."""
    waits = {
        op: {o for o in (*parents(op, plan.feeds), *after.get(op, ())) if o in plan.position}
        for op in plan.nodes
    }
    users: dict[Operation, list[Operation]] = {}
    for op, others in waits.items():
        for other in others:
            users.setdefault(other, []).append(op)
    ready = [(rank[op], plan.position[op], op) for op in plan.nodes if not waits[op]]
    heapify(ready)
    made: list[Operation] = []
    while ready:
        made.append(heappop(ready)[2])
        for user in users.get(made[-1], ()):
            waits[user].discard(made[-1])
            if not waits[user]:
                heappush(ready, (rank[user], plan.position[user], user))
    return tuple(made)


def in_other_order(
    timeline: Timeline, found: tuple[Hazard, ...], plan: Plan, names: Names
) -> OtherOrder:
    """The whole run in the order of a plan, compared with the run in its own order.

    Errors: DebugError when the run fails in its own order.
    """
    usual = run_on_the_side(timeline, timeline.plan, (step.ran for step in timeline.steps))
    if usual.error is not None:
        raise DebugError(
            f"The run fails as it is: {usual.error.message}. Try: continue, and mend that first"
        )
    around = tuple(hazard for hazard in found if _is_turned(hazard, plan))
    other = run_on_the_side(timeline, plan)
    if other.error is not None:
        return OtherOrder(around, (), other.error)
    ours, theirs = usual.variables, other.variables
    pairs = [
        ("variable", names.of(op), ours.get(op.name), theirs.get(op.name))
        for op in timeline.plan.variables
    ]
    pairs += [
        ("fetch", names.as_fetched(t.op), usual.values[t], other.values[t])
        for t in timeline.plan.fetches
        if isinstance(t, Tensor) and t in other.values
    ]
    pairs += [  # what is fetched may also be what the variable holds when the run is over
        (
            "fetch",
            hazard.name,
            timeline.start.get(hazard.variable.name),
            theirs.get(hazard.variable.name),
        )
        for hazard in found
        if hazard.kind is Kind.FETCHED
    ]
    nodes = [
        ("node", tensor.name, value, other.values[tensor])
        for tensor, value in usual.values.items()
        if tensor in other.values and not tensor.dtype.is_ref  # which nobody sees, if not fetched
    ]
    differing = (pair for pair in nodes if not equal(pair[2], pair[3]))
    differences = [pair for pair in pairs if not equal(pair[2], pair[3])] + list(
        islice(differing, 1)
    )
    return OtherOrder(around, tuple(Difference(*pair) for pair in differences), None)


def _is_turned(hazard: Hazard, other: Plan) -> bool:
    if hazard.kind is Kind.FETCHED:
        return True
    places = (inner.position for inner in (other, *other.inner))
    return any(
        hazard.first in place and place[hazard.first] > place[hazard.second] for place in places
    )
