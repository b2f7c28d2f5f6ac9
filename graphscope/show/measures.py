"""The renderers of the questions about numbers: flow, nan, gradcheck, hist, diff, cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import dropwhile
from math import isnan
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.names import Names
from graphscope.debug.questions.bad import Bad, Operand
from graphscope.debug.questions.cost import CLOCK, Cost, NodeCost
from graphscope.debug.questions.diff import Changes, RunsDiffer, ValueDiffers
from graphscope.debug.questions.flow import Course, Flow, Hop
from graphscope.debug.questions.gradcheck import Finding, GradCheck, Row
from graphscope.debug.questions.rounds import Round
from graphscope.debug.questions.track import Point, Track
from graphscope.engine.lessons import called, dotted
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief, described, single
from graphscope.show.chart import Chart, Spark
from graphscope.show.text import Cut, faint, grid, line, path_text, plural, render, strong


def _node(op: Operation, names: Names | None) -> str:
    return op.name if names is None else names.of(op)


def _at(op: Operation | None) -> str:
    """`` (model.py:12)``, where the user's line is known."""
    return f" ({op.source.where})" if op is not None and op.source else ""


def _try(hint: str) -> list[RenderableType]:
    return [line(f"try: {hint}", indent=3)] if hint else []


# ---- flow --------------------------------------------------------------------------------------

_COURSES = {
    Course.ZERO: "The gradient of {loss} is zero at {name}: {culprit} hands on nothing.",
    Course.VANISHES: "The gradient of {loss} vanishes on its way to {name}.",
    Course.EXPLODES: "The gradient of {loss} explodes on its way to {name}.",
    Course.NOT_FINITE: "The gradient of {loss} is not finite at {name}.",
    Course.CUT: "No gradient of {loss} comes back to {name}: it is cut at {culprit}.",
    Course.NO_PATH: "No gradient of {loss} comes back to {name}.",
}


@render.register
def _(found: Flow) -> RenderableType:
    loss = found.loss.op.bound_to or found.loss.op.name
    culprit = "" if found.culprit is None else _node(found.culprit, found.names)
    if found.cause is Course.ARRIVES:
        norm = brief(found.norms[-1])
        sentence = f"The gradient of {loss} arrives at {found.name}: its norm there is {norm}."
    else:
        sentence = _COURSES[found.cause].format(loss=loss, name=found.name, culprit=culprit)
    parts: list[RenderableType] = [line(strong(sentence))]
    if found.hops:
        head = [faint(h) for h in ("", "node", "op", "norm", "zero", "at")]
        rows = [row for hop in found.hops for row in (_hop(hop, found), *_rounds(hop.node, found))]
        parts.append(grid([head, *rows], indent=1, wrap=1))
    if found.reason:
        about = f"{culprit}{_at(found.culprit)}: " if culprit else ""
        parts.append(line(about, found.reason, indent=3))
    parts += [_other_way(way, found) for way in found.others]
    shown = 1 + len(found.others)
    if found.ways > shown:
        parts.append(line(faint(f"{found.ways} ways in all, of which {shown} are shown"), indent=3))
    if found.hops:
        parts.append(line(faint(f"norms: {found.origin.value}"), indent=3))
    return Group(*parts, *_try(found.hint))


def _hop(hop: Hop, found: Flow) -> Sequence[Any]:
    mark = Text("X", style="gs.bad") if hop.node is found.culprit else ""
    kind = "variable" if hop.node.definition.is_variable else hop.node.type
    if hop.norm is None:
        return [mark, _node(hop.node, found.names), kind, "none"]
    zero = f"{hop.zero:.0%}" if hop.zero else ""
    when = f"t={hop.t}" if hop.t is not None else ""
    bad = f", {hop.bad} not finite" if hop.bad else ""
    return [mark, _node(hop.node, found.names), kind, brief(hop.norm) + bad, zero, when]


def _rounds(loop: Operation, found: Flow) -> Iterator[Sequence[Any]]:
    """What comes back to the iterations of a loop; of many the outer ones."""
    rounds: Sequence[Round | None] = found.rounds.get(loop, ())
    if len(rounds) > _ROUNDS:
        rounds = [*rounds[: _ROUNDS // 2], None, *rounds[-(_ROUNDS // 2) :]]
    for part in rounds:
        if part is None:
            yield ["", faint("  ..."), "", ""]
            continue
        share = "" if part.share is None else faint(f"gives {brief(part.share)}")
        norm = "" if part.norm is None else brief(part.norm)
        yield ["", faint(f"  iteration {part.iteration}"), share, norm]


def _other_way(way: Sequence[Hop], found: Flow) -> RenderableType:
    assert found.names is not None
    dead = next((hop.node for hop in way if not hop.hands_on), None)
    end = f", and nothing comes through {_node(dead, found.names)}" if dead is not None else ""
    path = path_text([hop.node for hop in way], found.names, " -> ")
    return line(faint("another way: "), path, end, indent=3)


# ---- nan ---------------------------------------------------------------------------------------


@render.register
def _(found: Bad) -> RenderableType:
    nodes = f"{found.checked} {plural(found.checked, 'node')} checked"
    coverage = line(faint(f"coverage: {found.coverage} ({nodes})"), indent=3)
    if not found or found.node is None or found.tensor is None or found.names is None:
        what = f"{found.asked} has" if found.asked else "There is"
        sentence = f"{what} no NaN and no infinity{' so far' if _is_partial(found) else ''}."
        return Group(line(strong(sentence)), coverage)
    names, slope_of = found.names, found.node.gradient_of
    run = f" of run {found.run}" if found.run > 1 else ""
    around = "".join(f"in {called(owner, i)}, " for owner, i in reversed(found.frames))
    time = f"at t={found.t}{run}, {found.phase}" if found.phase else f"before the run{run} begins"
    parts: list[RenderableType] = [
        line(
            strong(f"The first {found.kind} is born at {_node(found.node, names)}"),
            f", {around}{time}.",
        ),
    ]
    source = found.node.source if slope_of is None else slope_of.source
    what = f"the gradient of {_node(slope_of, names)}: " if slope_of is not None else ""
    if source:
        parts.append(Cut(f"{what}{source.where}  {source.text}", "gs.faint", indent=3))
    rows: list[Sequence[Any]] = [
        [f"x{i}", _node(operand.tensor.op, names), operand.where, _value(operand)]
        for i, operand in enumerate(found.operands)
    ]
    first = f"the first at {list(found.index)}" if found.index else ""
    amount = f"{found.count} of {found.size} {plural(found.size, 'element')} bad"
    rows.append(["->", _node(found.tensor.op, names), str(list(found.index or ())) * bool(first)])
    rows[-1] = [*rows[-1], found.kind]
    parts.append(grid(rows, indent=3))
    parts.append(line(f"{found.cause}; {amount}" + (f", {first}" if first else ""), indent=3))
    if found.count > 1 and len(found.rows) < found.height:
        few = ", ".join(map(str, found.rows[:8])) + (", ..." if len(found.rows) > 8 else "")
        word = plural(found.height, "row")
        parts.append(line(f"in {len(found.rows)} of {found.height} {word}: {few}", indent=3))
    parts.append(line(f"propagated to {_chain(found.propagated, names)}", indent=3))
    if found.masked:
        parts.append(line(f"masked by {_chain(found.masked, names)}", indent=3))
    reached = ", ".join(found.reaches) or "nothing: it does no harm here"
    parts.append(line("reaches ", strong(reached), indent=3))
    parts += list(_other_births(found, names))
    return Group(*parts, coverage, *_try(found.hint))


def _other_births(found: Bad, names: Names) -> Iterator[RenderableType]:
    earlier = [op for op, t in found.others if t < (found.t or 0)]
    later = [op for op, t in found.others if t > (found.t or 0)]
    if earlier:
        yield line(f"born before, without harm: {_chain(earlier, names)}", indent=3)
    if later:
        yield line(f"born later: {_chain(later, names)}", indent=3)


def _is_partial(found: Bad) -> bool:
    return found.coverage != "complete"


def _value(operand: Operand) -> str:
    value = operand.value
    return single(value) if value.size == 1 and value.dtype != object else described(value)


def _chain(nodes: Sequence[Operation], names: Names) -> str:
    """``Mul, Sum and 12 more nodes``"""
    if not nodes:
        return "no other node"
    few = [_node(op, names) for op in nodes[:4]]
    more = len(nodes) - len(few)
    return ", ".join(few) + (f" and {more} more {plural(more, 'node')}" if more else "")


# ---- gradcheck ---------------------------------------------------------------------------------


@render.register
def _(found: GradCheck) -> RenderableType:
    wrong = [row.name for row in found.rows if row.finding is Finding.DIFFERS]
    bad = [row.name for row in found.rows if row.finding is Finding.NOT_FINITE]
    what = f"The gradient of {found.name}"
    if bad:
        sentence = f"{what} cannot be checked along {', '.join(bad)}: it is not finite."
    elif wrong:
        sentence = f"{what} is wrong along {', '.join(wrong)}."
    else:
        sentence = f"{what} agrees with differences of its value."
    head = [faint(h) for h in ("along", "", "checked", "worst at", "numeric", "symbolic", "error")]
    parts: list[RenderableType] = [line(strong(sentence))]
    parts.append(grid([head, *map(_checked, found.rows)], indent=3, wrap=1))
    if found.reason:
        name = "" if found.culprit is None else f"{_node(found.culprit, found.names)}"
        about = f"{name}{_at(found.culprit)}: " if name else ""
        parts.append(line(f"{about}{found.reason}", indent=3))
    for row in found.rows:
        if row.corners:
            elements = plural(row.corners, "element")
            parts.append(line(f"{row.name}: a corner at {row.corners} {elements}", indent=3))
    if found.held and found.names is not None:
        held = _chain(found.held, found.names)
        parts.append(line(f"held as they are, so they count as constants: {held}", indent=3))
    how = f"on the side, in {found.precision.name}, with steps of {found.eps:g}"
    weighted = "; of several elements their weighted sum" if found.weighted else ""
    return Group(*parts, line(faint(how + weighted), indent=3), *_try(found.hint))


def _checked(row: Row) -> Sequence[Any]:
    style = "gs.bad" if row.finding in (Finding.DIFFERS, Finding.NOT_FINITE) else "gs.good"
    finding = row.finding.value if row.connected else f"{row.finding.value}, no gradient"
    count = f"{row.checked} of {row.size}"
    if row.finding is Finding.NOT_FINITE or not row.checked:
        return [strong(row.name), Text(finding, style=style), count]
    at = str(list(row.index)) if row.index else ""
    numbers = [f"{row.numeric:.6g}", f"{row.symbolic:.6g}", f"{row.error:.1g}"]
    return [strong(row.name), Text(finding, style=style), count, at, *numbers]


# ---- hist --------------------------------------------------------------------------------------

#: Of more points than this the first and the last ones are shown.
_POINTS = 12
#: A scalar with so many points is a chart; so many an array has before more than its norm is shown.
_MANY, _SOME = 8, 3
#: Of more iterations of a loop only the outer ones are shown by flow.
_ROUNDS = 8


@render.register
def _(found: Track) -> RenderableType:
    word = "write" if found.written else "execution"
    if not found.points:
        runs = f"in {len(found.runs)} {plural(len(found.runs), 'run')}"
        return line(strong(f"{found.name}: no {word} {runs}."))
    count = f"{len(found.points)} {plural(len(found.points), word)}"
    what = found.measure
    parts: list[RenderableType] = [
        line(strong(f"{found.name}: {count}, {_per_run(found)}"), _writers(found), "."),
        *_lines(found),
    ]
    shown: Sequence[Point | None] = found.points
    if len(shown) > _POINTS:
        shown = [*shown[:3], None, *shown[3 - _POINTS :]]
    rows = [_point(point, found) for point in shown]
    looped = any(point.rounds for point in found.points)
    named = "by" if found.written else "iteration" if looped else ""
    head = [faint(h) for h in ("run", "t", what, "change", named)]
    parts.append(grid([head, *rows], indent=3))
    bad = [point for point in found.points if point.bad]
    if bad:
        at = f"t={bad[0].t} of run {bad[0].run}"
        parts.append(line(strong(f"NaN or infinite {len(bad)} times, first at {at}"), indent=3))
        parts += _try(f"nan {'%' * found.written}{found.name}")
    if found.dropped:
        lost = f"{found.dropped} {plural(found.dropped, 'run')} let go for lack of memory"
        known = "the sizes of writes are known of them" if found.written else "nothing is known"
        parts.append(line(faint(f"{lost}: {known}"), indent=3))
    return Group(*parts)


def _lines(found: Track) -> Iterator[RenderableType]:
    """The numbers of a track as lines of letters, or as a chart, of a scalar that has many."""
    charted = found.chart or (found.measure if found.scalar and len(found.points) >= _MANY else "")
    if charted:
        runs = len(found.runs) > 1
        ends = [found.points[0], found.points[-1]]
        first, last = (f"run {p.run}" if runs else f"t={p.t}" for p in ends)
        one = "write" if found.written else "execution"
        yield Chart(charted, found.series(charted), first, last, one)
        return
    measures = [found.measure] if found.scalar or len(found.points) < _SOME else found.measures
    widest = max(map(len, measures))
    for measure in measures:
        numbers = found.series(measure)
        known = sum(not isnan(number) for number in numbers)
        if known or measure == found.measure:
            late = [*dropwhile(isnan, numbers)] if measure != found.measure else numbers
            missing = len(numbers) - len(late) - (measure == "change")
            note = f"of the last {len(late)}" if missing > 0 else ""
            yield Spark(measure.ljust(widest), late, note)


def _per_run(found: Track) -> str:
    counts = set(found.per_run.values())
    runs = len(found.runs)
    of = f" of {found.fetched[0]}" if len(found.fetched) == 1 else ""
    if counts == {1}:
        return f"one in each run{of}" if runs > 1 else f"in one run{of}"
    some = sum(count > 0 for count in found.per_run.values())
    few = f"{some} of " if some < runs else ""
    return f"in {few}{runs} {plural(runs, 'run')}"


def _writers(found: Track) -> str:
    if not found.written:
        return ""
    writers = [_writer(op, found.names) for op in found.writers]
    return f", by {', '.join(writers[:3])}" + (", ..." if len(writers) > 3 else "")


def _writer(op: Operation | None, names: Names) -> str:
    return "hand" if op is None else names.label(op) + _at(op)


def _point(point: Point | None, found: Track) -> Sequence[Any]:
    if point is None:
        return ["...", "", "", ""]
    number = f"{brief(point.number)}{' !' if point.bad else ''}"
    change = "" if point.change is None else brief(point.change)
    by = "hand" if point.node is None else found.names.label(point.node) * found.written
    word = "iteration " * found.written
    where = f"{word}{dotted(point.rounds)}" if point.rounds else ""
    return [point.run, point.t, number, change, ", ".join(filter(None, (where, by)))]


# ---- diff --------------------------------------------------------------------------------------


@render.register
def _(found: Changes) -> RenderableType:
    count = len(found.nodes)
    by_phase = ", ".join(f"{number} {phase}" for phase, number in found.phases.items())
    between = f"Between t={found.first} and t={found.last}: {count} {plural(count, 'node')} ran"
    parts: list[RenderableType] = [line(strong(between), f" ({by_phase})." if by_phase else ".")]
    if not found.variables:
        return Group(*parts, line("no variable changed", indent=3))
    rows = []
    for name, delta in found.variables.items():
        writer = found.by.get(name)
        by = "set by hand" if writer is None else f"by {found.names.label(writer)}"
        rows.append([strong(name), delta.written(name), by])
    return Group(*parts, grid(rows, indent=3, wrap=1))


_REASONS = {
    "feeds": "it takes what is fed, and that differs: {because}",
    "variables": "it reads a variable that began otherwise: {because}",
    "random": "it draws random numbers: {seed}",
    "set by hand": "it was set by hand",
    "another node": "another node ran in the other run",
    "ends": "one of the runs ends before it",
    "values": "its inputs are the same",
}


@render.register
def _(found: RunsDiffer) -> RenderableType:
    pair = f"Runs {found.first_run} and {found.second_run}"
    if found.same:
        return line(strong(f"{pair} are the same: {found.compared} nodes, bit by bit."))
    begin = [f"{word} {', '.join(names)}" for word, names in _starts(found) if names]
    parts: list[RenderableType] = []
    if found.node is None:
        parts.append(line(strong(f"{pair}: no node differs.")))
    else:
        first = f"{pair} differ first at {_node(found.node, found.names)}"
        parts += [
            line(strong(first), f", t={found.t}{_at(found.node)}."),
            line(
                _REASONS[found.why].format(because=", ".join(found.because), seed=found.seed),
                indent=3,
            ),
        ]
        if found.first is not None and found.second is not None:
            parts.append(grid(_two(found), indent=3))
        others = f"{found.differing} of {found.compared} nodes differ; {found.below} depend on it"
        parts.append(line(others, indent=3))
    if begin:
        parts.append(line(f"they begin with other {'; other '.join(begin)}", indent=3))
    hint = "tf.set_random_seed(1) before the graph is built" if found.random else ""
    return Group(*parts, *_try(hint if "no seed" in found.seed else ""))


def _starts(found: RunsDiffer) -> Iterator[tuple[str, Sequence[str]]]:
    yield "feeds:", found.feeds
    yield "variables:", found.variables


def _two(found: RunsDiffer) -> list[Sequence[Any]]:
    assert found.first is not None
    assert found.second is not None
    return [
        [f"run {found.first_run}", described(found.first)],
        [f"run {found.second_run}", described(found.second)],
    ]


@render.register
def _(found: ValueDiffers) -> RenderableType:
    if found.same:
        return line(strong(f"{found.text} is as it was {found.then}."))
    parts: list[RenderableType] = []
    if found.delta is not None:
        parts.append(line(strong(found.delta.written(found.text))))
    rows = [[found.then, described(found.before)], ["here", described(found.now)]]
    parts.append(grid(rows, indent=3))
    if found.now.ndim:
        parts.append(line(f"{found.changed} of {found.now.size} elements differ", indent=3))
    return Group(*parts)


# ---- cost --------------------------------------------------------------------------------------

#: So many nodes are shown, the dearest ones.
_DEAREST = 8


@render.register
def _(found: Cost) -> RenderableType:
    names = ", ".join(found.fetched)
    some = f", {found.ran} of {found.of} nodes so far" if str(found.ran) != found.of else ""
    side = ", run on the side" if found.aside else some
    ran = f"{found.ran} {plural(found.ran, 'node')}"
    parts: list[RenderableType] = [
        line(strong(f"{names} took {_time(found.total)}"), f"{side}: {ran}."),
        grid(
            [
                [_share(found.matmul, found), "products of matrices in C", _time(found.matmul)],
                [_share(found.numpy, found), "kernels of numpy", _time(found.numpy)],
                [_share(found.glue, found), "the engine between them", _time(found.glue)],
                [_share(found.noise, found), "noise, as of other programs", _time(found.noise)],
            ],
            indent=3,
        ),
    ]
    head = [faint(h) for h in ("node", "calls", "time", "arithmetic", "Gflop/s")]
    rows = [_cost_row(cost, found) for cost in found.nodes[:_DEAREST]]
    parts.append(grid([head, *rows], indent=3, wrap=0))
    if found.dearest is not None:
        node = found.dearest.node
        parts.append(line(f"the dearest: {_node(node, found.names)}{_at(node)}", indent=3))
    types = [f"{name} {_time(s)}" for name, (_, s) in list(found.types.items())[:5]]
    parts.append(line(f"by type: {', '.join(types)}", indent=3))
    clock = f"{CLOCK}, one run: such times are noisy; arithmetic was timed again, alone"
    parts.append(line(faint(clock), indent=3))
    return Group(*parts, *_try(found.hint))


def _cost_row(cost: NodeCost, found: Cost) -> Sequence[Any]:
    kernel = "" if cost.kernel is None else _time(cost.kernel) + (" C" if cost.in_c else "")
    giga = 0.0 if cost.rate is None else cost.rate / 1e9
    rate = "" if cost.rate is None else f"{giga:.{'0f' if giga >= 10 else '2g'}}"
    label = found.names.label(cost.node)
    kind = "" if cost.node.type in label else f" [{cost.node.type}]"
    return [label + kind, cost.calls, _time(cost.seconds), kernel, rate]


def _share(seconds: float, found: Cost) -> str:
    return f"{seconds / found.total:>4.0%}" if found.total else ""


def _time(seconds: float) -> str:
    """``1.2 ms``, ``35 us``"""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"
