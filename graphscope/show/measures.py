"""The renderers of the questions about numbers: flow, nan, gradcheck, hist, diff, cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.names import Names
from graphscope.debug.questions.flow import Course, Flow, Hop
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief
from graphscope.show.text import faint, grid, line, path_text, render, strong


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
