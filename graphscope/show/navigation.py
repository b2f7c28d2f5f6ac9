"""The renderers of what shows the way in a graph: who, order, path, find, nodes, trees, code."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.answers import Delta
from graphscope.debug.names import Names
from graphscope.debug.questions.code import Code, CodeLine
from graphscope.debug.questions.find import Finding, Findings
from graphscope.debug.questions.node import NodeCard
from graphscope.debug.questions.order import Difference, Hazard, Kind, Orders, OtherOrder
from graphscope.debug.questions.path import Along, Hop, Way
from graphscope.debug.questions.presence import Presence
from graphscope.debug.questions.slots import Keeper, Kept, Slots
from graphscope.debug.questions.tree import Branch, Direction, Tree
from graphscope.debug.questions.who import Accessor, Writers
from graphscope.debug.questions.why import way_around
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief, digest
from graphscope.show.text import Cut, faint, grid, line, phase, plural, render, static, strong

#: Longer lists are cut off, and it is said how much of them is missing.
_ROWS = 40
_TREE_ROWS = 120
_FEW = 3
_LINE = 40


def _few(words: Sequence[str], count: int = _FEW) -> str:
    more = f", {len(words) - count} more" if len(words) > count else ""
    return ", ".join(words[:count]) + more


def _where(op: Operation) -> str:
    return op.source.where if op.source else ""


def _time(t: int | None) -> str:
    return "" if t is None else f"t={t}"


def _when(presence: Presence, t: int | None) -> str:
    """``t=5``, or a word for what has no time."""
    return f"t={t}" if presence is Presence.RUNS and t is not None else presence.value


def _called(op: Operation, names: Names) -> str:
    """How a sentence calls a node: by the Python name that is only its own, or by the graph's."""
    python = names.python(op)
    return python if python and names.by_python_name.get(python) is op else names.of(op)


# ---- who, order --------------------------------------------------------------------------------


@render.register
def _(found: Writers) -> RenderableType:
    tensor = found.variable.outputs[0]
    made = f"  made at {_where(found.variable)}" if found.variable.source else ""
    parts: list[RenderableType] = [line(strong(found.name), f"  {static(tensor)}{made}")]
    if found.shows != "readers":
        parts += _accessors("written by", found.writers, found.names, readers=False)
    if found.shows != "writers":
        parts += _accessors("read by", found.readers, found.names, readers=True)
    if found.fed:
        parts.append(line("in this run another value is fed for it, which is what they read"))
    if found.slots:
        slots = ", ".join(found.names.of(slot.variable) for slot in found.slots)
        parts.append(line(f"kept beside it: {slots}   ", faint("vars --slots")))
    for rate, trainer in found.rates.items():
        updated = found.names.label(trainer)
        parts.append(line(f"a learning rate goes by it: {found.names.of(rate.op)} ({updated})"))
    for hazard in found.hazards:
        parts += _hazard(hazard)
    if found.other is not None:
        parts += _other(found.other)
    elif found.hazards:
        parts.append(line(faint(f"to see both: who {found.name} --other-order")))
    return Group(*parts)


def _accessors(
    head: str, found: Sequence[Accessor], names: Names, readers: bool
) -> Iterator[RenderableType]:
    if not found:
        yield line(f"{head} nothing in the graph")
        return
    yield line(head)
    rows = []
    for item in found:
        op = item.node
        if not item.runs:
            when = Text("-", style="gs.faint")
            more = f"runs for {' or '.join(item.fetches[:_FEW])}"
        else:
            when = Text(_time(item.t) or "?")
            users = [names.label(user) for user in item.users]
            more = f"-> {_few(users)}" if readers and users else _where(op)
        name = Text.assemble(names.of(op), (f" [{op.type}]", "gs.faint"))
        rows.append([when, phase(item.phase) if item.phase else "", name, more])
    yield grid(rows, indent=3, wrap=3 if readers else 2)


def _hazard(hazard: Hazard) -> Iterator[RenderableType]:
    """What is open, and the control edge that would settle it."""
    first, second = hazard.words
    times = [f" ({_time(t)})" if t is not None else "" for t in hazard.times]
    head = Text("hazard: ", style="gs.bad")
    if hazard.kind is Kind.FETCHED:
        yield line(
            head,
            f"{hazard.name} is fetched itself, and {second}{times[1]} writes it. This engine gives "
            "what it held before the run; TensorFlow may give either.",
        )
    else:
        does = "write" if hazard.kind is Kind.TWO_WRITES else "read and write"
        yield line(
            head,
            f"{first}{times[0]} and {second}{times[1]} {does} {hazard.name}, and no path leads "
            f"from one to the other. {first} comes first only because it was made first.",
        )
        made = f" ({_where(hazard.second)})" if hazard.second.source else ""
        yield line(
            f"to keep it so: make {second}{made} inside "
            f"tf.control_dependencies([{_few(hazard.words_of_it)}])",
            indent=3,
        )
    if hazard.kind is Kind.FETCHED or first == f"{hazard.name}.value()":
        yield line(
            f"for the value after it: {hazard.name}.read_value(), made inside "
            f"tf.control_dependencies([{second}])",
            indent=3,
        )


def _other(found: OtherOrder) -> Iterator[RenderableType]:
    turned = [h for h in found.turned if h.kind is not Kind.FETCHED]
    words = [f"{h.words[1]} before {h.words[0]}" for h in turned]
    order = f" ({_few(words)})" if words else ""
    if found.error is not None:
        yield line(strong(f"In the other order{order} the run fails: "), f"{found.error.message}.")
    elif found.same:
        yield line(f"In the other order{order} the run gives the same.")
    if found.differences:
        yield line(strong(f"In the other order{order} this differs:"))
        yield grid([_difference(item) for item in found.differences], indent=3)


def _difference(item: Difference) -> Sequence[Any]:
    one, two = item.first, item.other
    if one is None or two is None or one.shape != two.shape:
        words = " -> ".join("no value" if value is None else digest(value) for value in (one, two))
    else:
        words = Delta(one, two).written(item.name)
    return [item.what, strong(item.name), words]


@render.register
def _(found: Orders) -> RenderableType:
    if not found.hazards:
        text = "No variable is read and written here without a path between the two."
        parts: list[RenderableType] = [line(text)]
    else:
        parts = [part for hazard in found.hazards for part in _hazard(hazard)]
    if found.other is not None:
        if found.seed is not None:
            parts.append(line(faint(f"The other order is shuffled by {found.seed}.")))
        parts += _other(found.other)
    return Group(*parts)


# ---- path, find --------------------------------------------------------------------------------


@render.register
def _(found: Way) -> RenderableType:
    first, last = found.start, found.goal
    if found.along is Along.NOTHING:
        return Group(*_no_way(found))
    if found.backwards:
        first, last = last, first
    steps = len(found.hops) - 1
    head = f"{_called(first, found.names)} leads to {_called(last, found.names)} "
    head += f"in {steps} {plural(steps, 'step')}"
    says = {
        Along.SLOPE: "; a gradient comes back along them.",
        Along.DATA: "." if found.cut is None else "; no gradient comes back along them.",
        Along.CONTROL: ", one of them only an order: no value gets there.",
    }[found.along]
    parts: list[RenderableType] = [line(strong(head), says if steps else ".")]
    before: Hop | None = None
    rows = []
    for hop in found.hops:
        arrow = "" if before is None else "->" if before.tensor is not None else "then"
        rows.append(_hop(arrow, hop, found))
        before = hop
    parts.append(grid(rows, indent=3))
    if found.cut is not None:
        parts.append(line(f"try: {way_around(found.cut)}", indent=3))
    for tensor in found.fed:
        parts.append(line(f"In this run {tensor.name} is fed, which cuts the path."))
    return Group(*parts)


def _hop(arrow: str, hop: Hop, found: Way) -> Sequence[Any]:
    op = hop.node
    name = Text.assemble(found.names.label(op), (f" [{op.type}]", "gs.faint"))
    value = "" if hop.value is None else digest(hop.value)
    if op is found.cut:
        where = f" ({_where(op)})" if op.source else ""
        value = f"{value}  8<-- the gradient ends here{where}".strip()
    when = _when(hop.presence, hop.t)
    return [arrow, name, when, value]


def _no_way(found: Way) -> Iterator[RenderableType]:
    first, last = _called(found.start, found.names), _called(found.goal, found.names)
    yield line(strong(f"No path leads from {first} to {last}, nor back."))
    if found.common is not None:
        yield line(f"Both come from {_called(found.common, found.names)}.", indent=3)
    if found.meeting is not None:
        yield line(f"Both lead to {_called(found.meeting, found.names)}.", indent=3)
    if found.common is None and found.meeting is None:
        yield line("They have nothing to do with each other.", indent=3)


@render.register
def _(found: Findings) -> RenderableType:
    of_type = f" of type {found.type}" if found.type else ""
    count = len(found.rows)
    if not count:
        hint = f" {found.hint}" if found.hint else ""
        return line(
            f"Nothing{of_type} in {found.searched} operations matches {found.pattern!r}.{hint}"
        )
    parts: list[RenderableType] = [
        line(f"{count} of {found.searched} operations match {found.pattern!r}{of_type}")
    ]
    parts.append(grid([_finding(row, found.names) for row in found.rows[:_ROWS]]))
    if count > _ROWS:
        parts.append(line(faint(f"and {count - _ROWS} more: a longer word finds fewer")))
    return Group(*parts)


def _finding(row: Finding, names: Names) -> Sequence[Any]:
    op = row.node
    when = _when(row.presence, row.t)
    python = f" = {row.python}" if row.python else ""
    name = Text.assemble(names.of(op), (f" [{op.type}]", "gs.faint"), python)
    where = _where(op)
    if row.where == "line" and op.source:
        text = op.source.text
        where += f"  {text if len(text) <= _LINE else text[: _LINE - 3] + '...'}"
    return [when, phase(row.phase) if row.phase else "", name, faint(where)]


# ---- nodes -------------------------------------------------------------------------------------


@render.register
def _(card: NodeCard) -> RenderableType:
    op, names = card.node, card.names
    python = f"  = {card.python}" if card.python else ""
    parts: list[RenderableType] = [
        line(strong(card.name), f"  [{op.type}]{python}  {_kind(card)}"),
        line(faint(card.doc), indent=3),
    ]
    if op.source:
        parts.append(Cut(str(op.source), "gs.faint", indent=3))
    rows = [["in", s.tensor.name, static(s.tensor), _digest(s.value)] for s in card.inputs]
    rows += [["out", s.tensor.name, static(s.tensor), _digest(s.value)] for s in card.outputs]
    if rows:
        parts.append(grid(rows, indent=3, wrap=1))
    if card.attrs:
        words = ", ".join(f"{name}={value}" for name, value in card.attrs.items())
        parts.append(line(f"attributes: {words}", indent=3))
    if op.control_inputs:
        first = _few([names.of(other) for other in op.control_inputs])
        parts.append(line(f"only after: {first}", indent=3))
    if card.users:
        users = [names.label(user) for user in card.users if user in card.running]
        others = len(card.users) - len(users)
        more = f"{', and ' if users else ''}{others} that do not run here" if others else ""
        parts.append(line(f"used by: {_few(users, 2 * _FEW)}{more}", indent=3))
    if op.gradient_of is not None:
        parts.append(line(f"part of the gradient of {names.of(op.gradient_of)}", indent=3))
    if card.derived:
        derived = _few([names.label(other) for other in card.derived])
        parts.append(line(f"its gradient: {derived}", indent=3))
    if card.inside is not None:
        parts.append(line(f"inside {card.inside.name} [{card.inside.type}]", indent=3))
    if card.why_not is not None:
        parts.append(render(card.why_not))
    elif card.why_no_value:
        parts.append(line(card.why_no_value, indent=3))
    return Group(*parts)


def _kind(card: NodeCard) -> Text:
    """What it is for, and when it runs."""
    text = Text(f"{card.node.definition.kind}  ")
    if card.phase is None:
        words = {Presence.GIVEN: "there before the run begins", Presence.FED: "fed"}
        return text.append(words.get(card.presence, "does not run"))
    text.append_text(phase(card.phase))
    times = [t for t in card.times if t <= card.now]
    if len(times) > 1:
        return text.append(f"  ran {len(times)} times, last at t={times[-1]}")
    if times:
        return text.append(f"  ran at t={times[0]}")
    if card.t is not None:
        return text.append(f"  runs at t={card.t}")
    return text.append("  has not been called" if card.over else "  may run later")


def _digest(value: Any) -> str:
    return "" if value is None else digest(value)


@render.register
def _(found: Tree) -> RenderableType:
    rows = [_branch(row, found) for row in found.rows[:_TREE_ROWS]]
    parts: list[RenderableType] = [grid(rows)]
    if len(found.rows) == 1:
        nothing = "takes nothing" if found.direction is Direction.INPUTS else "is used by nothing"
        parts.append(line(f"It {nothing}."))
    if len(found.rows) > _TREE_ROWS:
        left = len(found.rows) - _TREE_ROWS
        parts.append(line(faint(f"and {left} lines more: -d 3 shows three levels")))
    return Group(*parts)


def _branch(row: Branch, found: Tree) -> Sequence[Any]:
    op = row.node
    tensor = row.tensor
    output = f":{tensor.value_index}" if tensor is not None and len(tensor.op.outputs) > 1 else ""
    label = found.names.label(op)
    kind = "" if op.type in label else f" [{op.type}]"
    order = " (only the order)" if row.depth and tensor is None else ""
    if found.direction is Direction.OUTPUTS:
        output = ""
    name = Text("  " * row.depth).append(f"{label}{output}").append(kind + order, "gs.faint")
    when = _when(row.presence, row.t)
    value = _digest(row.value)
    if row.seen_at is not None:
        value = f"see #{row.seen_at}"
    elif row.hidden:
        value = f"{value}  ({row.hidden} more)".strip()
    return [f"#{row.number}", name, when, value]


# ---- the program -------------------------------------------------------------------------------


@render.register
def _(found: Code) -> RenderableType:
    head = os.path.basename(found.file)
    loss = f"   |grad|: of {_called(found.loss, found.names)}" if found.loss is not None else ""
    parts: list[RenderableType] = [line(strong(head), faint(f"{loss}   > here   * asked for"))]
    width = len(str(found.rows[-1].number)) if found.rows else 1
    for row in found.rows:
        mark = (">" if row.here else " ") + ("*" if row.wanted and not row.here else " ")
        style = "gs.strong" if row.here else ""
        parts.append(Cut(f"{mark}{row.number:>{width}}  {row.text}".rstrip(), style))
        note = _note(row, found)
        if note:
            parts.append(line(faint(note), indent=width + 7))
    return Group(*parts)


def _note(row: CodeLine, found: Code) -> str:
    """What a line has made, in a few words."""
    words = []
    if row.result is not None:
        name = found.names.label(row.result.op)
        when = _time(found.times.get(row.result.op))
        words.append(f"{when} {name}".strip())
        words.append(_digest(row.value))
    if row.gradient is not None:
        words.append(f"|grad| {brief(row.gradient)}")
    result = None if row.result is None else row.result.op
    others = (
        [op for op in row.nodes if op is not result and [t.op for t in op.inputs] != [result]]
        if result is not None and result.definition.is_variable
        else [op for op in row.nodes if op is not result]
    )
    counts = Counter(str(found.phases[op]) for op in others if op in found.phases)
    if counts:
        more = "and " if row.result is not None else ""
        count = ", ".join(f"{count} {name}" for name, count in counts.items())
        words.append(f"{more}{count} {plural(counts.total(), 'node')}")
    if not row.nodes and row.elsewhere:
        words.append(f"not in this run: {row.elsewhere} {plural(row.elsewhere, 'node')}")
    return "  ".join(filter(None, words))


# ---- slots -------------------------------------------------------------------------------------


@render.register
def _(found: Slots) -> RenderableType:
    if not found.keepers:
        return line("Nothing is kept beside the variables: no optimizer here needs slots.")
    parts: list[RenderableType] = []
    for keeper in found.keepers:
        where = f" ({keeper.where})" if keeper.where else ""
        of = f", of {keeper.trains}{where}" if keeper.trains else ""
        parts += [line(strong(keeper.name), of), grid(_kept(keeper), indent=3)]
    lacking = [kept for kept in found.uninitialized if not kept.initialized_by]
    if lacking:
        names = _few([kept.name for kept in lacking])
        parts.append(
            line(
                f"No operation of the graph initializes {names}: make "
                "tf.global_variables_initializer() after the optimizer."
            )
        )
    return Group(*parts)


def _kept(keeper: Keeper) -> Iterator[Sequence[Any]]:
    for owner, row in (*keeper.slots.items(), ("for all", keeper.shared)):
        for i, kept in enumerate(row):
            yield ["" if i else owner, strong(kept.name), _state(kept)]


def _state(kept: Kept) -> str:
    if kept.value is not None:
        return digest(kept.value)
    fetch = f": run {kept.initialized_by[0]}" if kept.initialized_by else ""
    return f"not initialized{fetch}"
