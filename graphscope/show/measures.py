"""The renderers of the questions about numbers: flow, nan, gradcheck, hist, diff, cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.names import Names
from graphscope.debug.questions.bad import Bad, Operand
from graphscope.debug.questions.flow import Course, Flow, Hop
from graphscope.debug.questions.gradcheck import Finding, GradCheck, Row
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief, described, single
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
        rows = [_hop(hop, found) for hop in found.hops]
        parts.append(grid([head, *rows], indent=1))
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


def _other_way(way: Sequence[Hop], found: Flow) -> RenderableType:
    assert found.names is not None
    dead = next((hop.node for hop in way if not hop.norm), None)
    end = f", zero from {_node(dead, found.names)} on" if dead is not None else ""
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
    when = f"at t={found.t}{run}, {found.phase}" if found.phase else f"before the run{run} begins"
    parts: list[RenderableType] = [
        line(strong(f"The first {found.kind} is born at {_node(found.node, names)}"), f", {when}."),
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
    parts.append(grid([head, *map(_checked, found.rows)], indent=3))
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
    numbers = [brief(row.numeric), brief(row.symbolic), f"{row.error:.1g}"]
    return [strong(row.name), Text(finding, style=style), count, at, *numbers]
