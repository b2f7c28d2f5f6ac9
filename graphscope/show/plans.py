"""The renderers of what will run, and of the variables it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug import answers
from graphscope.debug.names import Names
from graphscope.debug.questions.why_not import Absence, WhyNot
from graphscope.engine.plan import Phase, Plan
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief, digest
from graphscope.show.amounts import size
from graphscope.show.text import faint, few, grid, line, phase, plural, render, strong

# ---- variables ---------------------------------------------------------------------------------


@render.register
def _(found: answers.Variables) -> RenderableType:
    if not found.rows:
        return line("The graph has no variables.")
    heads = ("variable", "value", "init", "trainable", "|change|", "/|W|")
    rows: list[Sequence[Any]] = [[faint(head) for head in heads]]
    for row in found.rows:
        value = digest(row.value) if row.value is not None else "not initialized"
        ratio = "" if row.ratio is None else brief(row.ratio)
        moved = brief(row.delta.norm) if row.delta else "no"
        trainable = "yes" if row.trainable else "no"
        trainable += f", by {', '.join(row.trained_by)}" if row.trained_by else ""
        known = "yes" if row.initialized else Text("NO", style="gs.bad")
        rows.append([strong(row.name), value, known, trainable, moved, ratio])
    fed = [row.name for row in found.rows if row.fed]
    others = f"other values are fed for these, which are neither read nor written: {', '.join(fed)}"
    said = [line(others)] if fed else []
    return Group(grid(rows, wrap=1), *said, *_uninitialized(found), *_used(found))


def _at(op: Operation) -> str:
    return f" ({op.source.where})" if op.source else ""


def _uninitialized(found: answers.Variables) -> Iterator[RenderableType]:
    """Why the variables without a value have none, as far as that shows."""
    for row in found.rows:
        name = f"{row.name}{_at(row.node)}"
        if row.initialized or found.names is None:
            continue
        if row.initializer is not None:
            init = f"{found.names.as_fetched(row.initializer)}{_at(row.initializer)}"
            yield line(f"{name} has no value: {init} gives it one, and has not run")
        elif row.missed_by is not None:
            init = f"{found.names.as_fetched(row.missed_by)}{_at(row.missed_by)}"
            yield line(
                f"{name} has no value: {init} was made before {row.name}, and initializes what "
                "there was then"
            )


def _used(found: answers.Variables) -> Iterator[RenderableType]:
    """How the variables that were asked for are used, and in which parts."""
    for row in found.rows:
        if row.uses is None or not row.uses.nodes:
            continue
        count = len(row.uses.nodes)
        first = row.uses.nodes[0]
        used = f"used {count} {plural(count, 'time')}, first by {first.name}{_at(first)}"
        yield line(strong(row.name), f": {used}")
        for blocks in row.uses.blocks:
            word = "columns" if blocks.axis else "rows"
            parts = " + ".join(map(str, blocks.parts))
            yield line(f"{word} {parts}, by {blocks.node.name}{_at(blocks.node)}", indent=3)


# ---- the plan ----------------------------------------------------------------------------------


@render.register
def _(summary: answers.PlanSummary) -> RenderableType:
    plan = summary.plan
    skipped = sum(count for _, count in summary.skipped)
    will = f"{len(plan)} {plural(len(plan), 'node')} will run for {', '.join(summary.fetched)}"
    parts: list[RenderableType] = [line(f"{will}; {skipped} of the graph will not.")]
    rows = []
    for name in Phase:
        nodes = [op for op in plan.nodes if plan.phases[op] is name]
        if nodes:
            rows.append([phase(name), f"{len(nodes):>3}", _chain(nodes, plan, summary.names)])
    if rows:
        parts.append(grid(rows))
    inside: dict[str, int] = {}
    for owner, part in plan.owned.values():
        inside[owner.name] = inside.get(owner.name, 0) + len(part)
    if inside:
        words = ", ".join(f"{name} ({count})" for name, count in inside.items())
        parts.append(line(f"and inside of branches and loops: {words}"))
    given = [op for op in plan.given if op.type != "Const"]
    if given:
        parts.append(line(f"there before: {few([summary.names.of(op) for op in given])}"))
    if summary.fast is not None:
        parts.append(_fast(summary.fast, summary))
    parts += _together(summary)
    parts += [_silence(absent, summary) for absent in summary.silent]
    if summary.skipped:
        words = ", ".join(f"{name} ({count})" for name, count in summary.skipped[:6])
        more = f", {len(summary.skipped) - 6} more" if len(summary.skipped) > 6 else ""
        parts.append(line(f"not run: {words}{more}   ", faint("why-not NODE")))
    return Group(*parts)


def _chain(nodes: Sequence[Operation], plan: Plan, names: Names) -> str:
    """The nodes in order; of many, the first and the last ones."""
    words = [names.label(op) for op in nodes]
    if len(words) > 10:
        words = [*words[:5], "...", *words[-3:]]
    return " -> ".join(words) if plan.phases[nodes[0]] is not Phase.UPDATE else ", ".join(words)


def _fast(fast: answers.FastPath, summary: answers.PlanSummary) -> RenderableType:
    """What becomes of the plan when nobody looks."""
    if fast.reason:
        return line(f"when nobody looks, it runs node by node as well: {fast.reason}")
    kept = f"; {size(fast.nbytes)} are kept for it" if fast.nbytes else ""
    calls = f"{len(fast.calls)} {plural(len(fast.calls), 'call')}"
    rows = []
    for done in fast.calls:
        if len(done.ops) > 1:
            hidden = f"{done.hidden} between them nowhere in memory" if done.hidden else ""
            rows.append([strong(done.kind), _several(done.ops, " + ", summary.names), hidden])
    for word, ops in (("known", fast.folded), ("shared", fast.shared)):
        if ops:
            rows.append(
                [strong(word), _several(ops, ", ", summary.names), f"{len(ops)} need not run"]
            )
    head = line(f"when nobody looks, {len(summary.plan)} nodes are {calls}{kept}:")
    return Group(head, grid(rows, wrap=1)) if rows else head


def _several(ops: Sequence[Operation], sign: str, names: Names) -> str:
    """The operations; of many, the first and the last ones."""
    words = [names.label(op) for op in ops]
    return sign.join(words if len(words) <= 8 else [*words[:5], "...", *words[-2:]])


def _together(summary: answers.PlanSummary) -> Iterator[RenderableType]:
    """What several fetches compute once, and would compute again one by one."""
    if not summary.apart:
        return
    counts = [count for _, count in summary.apart]
    added = " + ".join(map(str, counts))
    yield line(f"together {len(summary.plan)} nodes; one by one: {added} = {sum(counts)}")
    if summary.shared:
        names = [summary.names.of(op) for op in summary.shared]
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        yield line(f"computed again for each: {', '.join(names[:6])}{more}", indent=3)


def _silence(absent: WhyNot, summary: answers.PlanSummary) -> RenderableType:
    """Why a tf.Print says nothing."""
    node = f"{absent.node.name} [{absent.node.type}]{_at(absent.node)}"
    if absent.absence in (Absence.HIDDEN, Absence.FED):
        feeds = " and ".join(summary.names.of(tensor.op) for tensor in absent.feeds)
        why = f"{feeds} is fed, and {absent.node.name} is above it"
        return line(Text("SHADOWED ", "gs.bad"), strong(node), f" prints nothing: {why}")
    fetched = ", ".join(summary.fetched)
    why = f"nothing that {fetched} needs depends on it; use what it gives back"
    return line(Text("SKIPPED ", "gs.bad"), strong(node), f" prints nothing: {why}")
