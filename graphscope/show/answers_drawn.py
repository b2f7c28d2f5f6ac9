"""The answer to a question as a picture: what of the graph it names, and what it says of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import singledispatch
from itertools import pairwise

from graphscope.debug.answers import Answer, PlanSummary
from graphscope.debug.errors import DebugError
from graphscope.debug.names import Names
from graphscope.debug.questions.bad import Bad
from graphscope.debug.questions.flow import Course, Flow
from graphscope.debug.questions.needs import Need, Needs
from graphscope.debug.questions.path import Way
from graphscope.debug.questions.updates import Status, Update, Updates
from graphscope.debug.questions.why import Cause, Why
from graphscope.debug.scene import Cut, Highlight, Mark, Scene
from graphscope.engine.plan import Plan, plan
from graphscope.graph.graph import Operation
from graphscope.graph.walk import shortest_path
from graphscope.kernels.stats import brief
from graphscope.ops.state import written
from graphscope.show.console import console
from graphscope.show.ghosts import reason_of
from graphscope.show.sketch import Box, Sketch
from graphscope.show.text import render
from graphscope.show.theme import RoleName

Marks = dict[Operation, Mark]
Pair = tuple[Operation, Operation]

#: What an operation is called that the answer names and this run does not need.
_OUTSIDE = "not in this run"
#: So many boxes at each end of a long way are not folded.
_ENDS = 4


def highlighted(scene: Scene, answer: Answer) -> Scene:
    """The scene with the answer in it. What the answer names and the run does not need is drawn as
    well. Then, and before a run has begun, the picture is of the graph, not of a time of the run.

    Errors: DebugError for an answer of which there is no picture.
    """
    found = drawn_as(answer)
    there = scene.plan
    fed = {tensor.op for tensor in there.feeds}
    known = there.needed | fed
    outside = [op for op in _shown(found) if op not in known and op.body is None]
    words = {op: found.marks[op].word or _OUTSIDE for op in outside}
    outer = {op: Mark(found.marks[op].part, word) for op, word in words.items()}
    found = replace(found, marks={**found.marks, **outer})
    ghosts = {op.gradient_of for op in there.nodes}
    if not ghosts.issuperset(outside):
        wanted = [op for op in outside if op not in ghosts]
        whole = plan(there.graph, [*there.fetches, *wanted], there.feeds)
        there = replace(whole, fetches=there.fetches)
        scene = replace(scene, plan=there, t=None)
    if scene.t == 0 or found.times:  # where the run stands is not what was asked
        scene = replace(scene, t=None)
    return replace(scene, highlight=_around(_with_gradients(found, there), there))


def _shown(found: Highlight) -> Iterator[Operation]:
    """What the picture has to have in it."""
    return (op for op, mark in found.marks.items() if mark.part != "plain")


def scene_of_answer(answer: Answer, made: Callable[[Operation], Scene]) -> Scene:
    """The part of the graph that the answer is about, without a run. made: an empty scene of the
    graph of an operation.

    Errors: DebugError for an answer of which there is no picture without its run.
    """
    found = drawn_as(answer)
    if not found.marks:
        raise DebugError(f"{found.sentence} There is nothing of it to draw.")
    return highlighted(made(next(iter(found.marks))), answer)


def said(answer: Answer) -> str:
    """The first sentence of an answer."""
    buffer = io.StringIO()
    target = console(buffer)
    target.width = 400
    target.print(render(answer))
    return buffer.getvalue().strip().partition("\n")[0].strip()


def _because(answer: Answer, reason: str) -> str:
    """The first sentence of an answer, with its reason."""
    sentence = said(answer)
    return f"{sentence.removesuffix('.')}; {reason}." if reason else sentence


def _with_gradients(found: Highlight, there: Plan) -> Highlight:
    """Also the gradients that the plan has for the ways back from a loss."""
    marks, pairs = dict(found.marks), set(found.pairs)
    for way in found.back:
        slopes = _slopes(way, there)
        marks.update((op, Mark("way")) for op in slopes if op not in marks)
        pairs.update(pairwise([*way[:1], *slopes] if slopes else ()))
        ends = {op for op in there.nodes if op.definition.writes and op in marks}
        pairs.update((slope, end) for slope in slopes[-1:] for end in ends)
    return replace(found, marks=marks, pairs=frozenset(pairs))


def _slopes(way: Sequence[Operation], there: Plan) -> list[Operation]:
    """The operations of the plan by which a gradient goes a way back, as far as it comes."""
    on_way = set(way)
    slopes: dict[Operation, list[Operation]] = {}
    for op in there.nodes:
        if op.gradient_of in on_way:
            slopes.setdefault(op.gradient_of, []).append(op)
    reached = [op for op in way if op in slopes]
    if not reached or reached[0] is not way[0]:
        return []

    def users(op: Operation) -> Iterator[Operation]:
        for tensor in op.outputs:
            for user in there.graph.consumers(tensor):
                if user in there and user.gradient_of in on_way:
                    yield user

    starts, ends = slopes[way[0]], slopes[reached[-1]][::-1]
    paths = (shortest_path(start, end, users) for start in starts for end in ends)
    return min(filter(None, paths), key=len, default=[])


def _around(found: Highlight, there: Plan) -> Highlight:
    """What is named inside of a branch or a loop stands for what runs it as well."""
    marks, outermost = dict(found.marks), there.outermost
    for op, mark in found.marks.items():
        if outermost(op) is not op:
            word = f"inside: {mark.word}" if mark.word else f"inside: {op.name}"
            marks.setdefault(outermost(op), Mark(mark.part, word))
    pairs = {(outermost(a), outermost(b)) for a, b in found.pairs}
    return replace(found, marks=marks, pairs=found.pairs | pairs)


def add_cuts(drawn: Sketch) -> None:
    """Where the answer says that a gradient ends: a bar on the way to a faint box that says why.

    The way comes from the nearest gradient that there is, or from the step itself.
    """
    highlight = drawn.scene.highlight
    slopes = {box.about: box for box in drawn.gradients.values() if box.order == 1}
    for op, users in highlight.cuts if highlight is not None else ():
        if any(box.blocked and box.about is op for box in drawn.boxes):
            continue
        above = (slopes.get(user) for user in users)
        tail = next(filter(None, above), drawn.home.get(users[0]))
        ghost = Box("ghost", op, about=op, blocked=reason_of(op))
        drawn.boxes.append(ghost)
        drawn.join(tail, ghost, "blocked")
    drawn.boxes.sort(key=lambda box: box.main._id)


def named(drawn: Sketch) -> set[Box]:
    """The boxes of an answer, which are never folded. When there are more than a picture has room
    for, what only lies on a way is, but for the two ends."""
    highlight = drawn.scene.highlight
    marks = highlight.marks if highlight is not None else {}
    found: set[Box] = set()
    ways: dict[RoleName, list[Box]] = {}
    for box in drawn.boxes:
        parts = {marks[op].part for op in box.operations if op in marks} - {"plain"}
        if parts or box.blocked:
            found.add(box)
        if parts == {"way"} and not box.blocked:
            ways.setdefault(box.role, []).append(box)
    budget = drawn.asked.budget
    if budget is None or len(found) <= budget:
        return found
    return found.difference(*(way[_ENDS:-_ENDS] for way in ways.values()))


# ---- the answers -------------------------------------------------------------------------------


@singledispatch
def drawn_as(answer: Answer) -> Highlight:
    """What of the graph an answer names. Errors: DebugError for one that names nothing."""
    raise DebugError(
        f"There is no picture of {type(answer).__name__}: plan, needs, updates, why, flow, nan, "
        "path and diff have one."
    )


def _way(nodes: Iterable[Operation], word: str = "") -> Marks:
    return {op: Mark("way", word) for op in nodes}


def _called(op: Operation, names: Names | None) -> str:
    return op.bound_to or (op.name if names is None else names.of(op))


_STOPS = {
    Course.CUT: "the gradient stops here",
    Course.ZERO: "the gradient becomes 0 here",
    Course.VANISHES: "shrinks most here",
    Course.EXPLODES: "grows most here",
    Course.NOT_FINITE: "not finite from here",
}


@drawn_as.register
def _(answer: Flow) -> Highlight:
    marks: Marks = {hop.node: Mark("plain") for way in answer.others for hop in way}
    for hop in answer.hops:
        norm = "no gradient" if hop.norm is None else f"gradient norm {brief(hop.norm)}"
        marks[hop.node] = Mark("way", f"gradient: {hop.bad} not finite" if hop.bad else norm)
    nodes = [hop.node for hop in answer.hops]
    if not nodes:
        marks = _way([answer.loss.op, answer.target.op], "no path")
    if answer.culprit is not None:
        marks[answer.culprit] = Mark("culprit", _STOPS[answer.cause])
    loss = _called(answer.loss.op, answer.names)
    return Highlight(
        title=f"The gradient of {loss} on its way to {answer.name}",
        sentence=_because(answer, answer.reason),
        marks=marks,
        pairs=frozenset(pairwise(nodes)),
        cuts=_cut(nodes, answer.culprit) if answer.cause is Course.CUT else (),
        legend={"way": "way of the gradient", "culprit": "what answers for it"},
        back=(tuple(nodes),),
    )


def _cut(nodes: Sequence[Operation], cut: Operation | None) -> tuple[Cut, ...]:
    """The cut, and what would have handed a gradient on to it: nodes are from the loss down."""
    if cut is None or cut not in nodes[1:]:
        return ()
    return ((cut, tuple(nodes[: nodes.index(cut)][::-1])),)


@drawn_as.register
def _(answer: Why) -> Highlight:
    nodes = answer.path[::-1]
    marks = {answer.variable: Mark("way"), **_way(nodes)}
    pairs = set(pairwise(nodes))
    updates = [answer.culprit] if answer.ok and answer.culprit is not None else []
    marks.update(_way(updates))
    pairs.update((update, answer.variable) for update in updates)
    if answer.culprit is not None and not answer.ok:
        marks[answer.culprit] = Mark("culprit", answer.cause.value)
    elif not answer.ok:
        marks[answer.variable] = Mark("culprit", answer.cause.value)
    finding = next((c.finding for c in answer.checks if c.passed is False), "")
    finding = finding.removeprefix("no, ")
    return Highlight(
        title=f"Is {answer.name} trained, and why?",
        sentence=_because(answer, finding),
        marks=marks,
        pairs=frozenset(pairs),
        cuts=_cut(nodes, answer.culprit) if answer.cause is Cause.CUT else (),
        legend={"way": f"way from {answer.name} to the loss", "culprit": "the reason"},
        back=(tuple(nodes),),
    )


@drawn_as.register
def _(answer: Bad) -> Highlight:
    marks: Marks = {}
    if answer.node is not None:
        marks = _way([*answer.propagated, *(v for op in answer.propagated for v in written(op))])
        marks.update((op, Mark("plain", "drops it")) for op in answer.masked)
        marks[answer.node] = Mark("culprit", f"{answer.kind}: {answer.cause}")
    came = {op for op, mark in marks.items() if mark.part != "plain"}
    return Highlight(
        title="Where was the first NaN or infinity born?",
        sentence=_because(answer, answer.cause),
        marks=marks,
        pairs=frozenset(
            (tensor.op, op) for op in marks for tensor in op.inputs if tensor.op in came
        )
        | frozenset((op, variable) for op in came for variable in written(op)),
        legend={"way": "not finite: came from there", "culprit": "born here"},
    )


@drawn_as.register
def _(answer: Way) -> Highlight:
    nodes = answer.nodes
    marks = _way(nodes)
    if not nodes:
        marks = _way((answer.start, answer.goal), "no path between them")
        beside = ((answer.common, "both come from here"), (answer.meeting, "both lead here"))
        marks.update((op, Mark("way", word)) for op, word in beside if op is not None)
    if answer.cut is not None:
        marks[answer.cut] = Mark("culprit", _STOPS[Course.CUT])
    names = answer.names
    return Highlight(
        title=f"The path from {_called(answer.start, names)} to {_called(answer.goal, names)}",
        sentence=said(answer),
        marks=marks,
        pairs=frozenset(pairwise(nodes)),
        cuts=_cut(nodes[::-1], answer.cut),
        legend={"way": "on the path", "culprit": "no gradient passes"},
    )


@drawn_as.register
def _(answer: Needs) -> Highlight:
    missing = [need for need in answer.placeholders if not need.fed]
    shown: list[Need] = missing or list(answer.placeholders)
    marks: Marks = {op: Mark("way") for need in shown for op in need.path}
    for need in answer.placeholders:
        marks[need.feed.tensor.op] = Mark("way", "fed") if need.fed else Mark("missing")
    marks.update((op, Mark("missing", "no value: not initialized")) for op in answer.uninitialized)
    names = [need.feed.name for need in missing]
    parts = [f"{', '.join(names)} must be fed"] if names else []
    if answer.uninitialized:
        own = ", ".join(op.bound_to or op.name for op in answer.uninitialized)
        parts.append(f"{own} must be initialized")
    if answer.unused:
        parts.append(f"{', '.join(t.name for t in answer.unused)} is fed and not needed")
    return Highlight(
        title=f"What {', '.join(answer.fetched)} needs",
        sentence="; ".join(parts) or "everything that it needs is there",
        marks=marks,
        pairs=frozenset(pair for need in shown for pair in pairwise(need.path)),
        legend={"way": "by which it is needed", "missing": "no value"},
    )


@drawn_as.register
def _(answer: Updates) -> Highlight:
    marks: Marks = {}
    pairs: set[Pair] = set()
    cuts: list[Cut] = []
    for row in answer.rows:
        why = row.why
        marks[why.variable] = _update(row)
        if row.status is Status.UPDATED and why.ok and why.culprit is not None:
            marks[why.culprit] = Mark("way")
            pairs.add((why.culprit, why.variable))
        if why.cause is Cause.CUT:
            cuts += _cut(why.path[::-1], why.culprit)
    counts = {status: len(answer.names(status)) for status in Status}
    words = [f"{count} {status.value}" for status, count in counts.items() if count]
    return Highlight(
        title=f"Which variables {', '.join(answer.fetched)} trains",
        sentence=f"{len(answer.rows)} variables: {', '.join(words)}",
        marks=marks,
        pairs=frozenset(pairs),
        cuts=tuple(dict.fromkeys(cuts)),
        legend={"way": "updated", "culprit": "could be trained, and is not"},
    )


def _update(row: Update) -> Mark:
    if row.status is Status.UPDATED:
        moved = f": changed by {brief(row.delta.norm)}" if row.delta is not None else ""
        return Mark("way", f"updated{moved}")
    if row.status is Status.OTHER:
        return Mark("plain", row.because)
    return Mark("culprit", f"{row.status.value}: {row.why.cause.value}")


@drawn_as.register
def _(answer: PlanSummary) -> Highlight:
    nodes = answer.plan.nodes
    not_run = sum(count for _, count in answer.skipped)
    return Highlight(
        title=f"What runs for {', '.join(answer.fetched)}, and in which order",
        sentence=f"{len(nodes)} ops run, {not_run} of the graph do not",
        marks={},
        times={op: i for i, op in enumerate(nodes, 1)},
    )
