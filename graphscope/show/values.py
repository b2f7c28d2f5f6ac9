"""The renderers of a node without a value, and of a gradient by examples."""

from __future__ import annotations

from rich.console import Group, RenderableType

from graphscope.debug.questions.examples import ByExample
from graphscope.debug.questions.promise import Promise
from graphscope.kernels.stats import brief, described, single
from graphscope.show.text import faint, grid, line, render, static, strong

#: So many examples are shown, those that give most.
_EXAMPLES = 8


@render.register
def _(found: Promise) -> RenderableType:
    op = found.tensor.op
    python = found.names.python(op)
    name = f"  = {python}" if python else ""
    made = f"  {op.source.where}" if op.source else ""
    of = ", ".join(found.names.of(given) for given in found.inputs)
    parts: list[RenderableType] = [
        line(strong(op.name), f"  [{op.type}]{name}  {static(found.tensor)}", faint(made)),
        line("a promise, not a value: ", f"{op.type} of {of}" if of else op.type, indent=3),
    ]
    if found.last_value is None:
        parts.append(line("it has never run so far", indent=3))
    else:
        value = found.last_value
        shown = single(value) if value.size == 1 and value.dtype != object else described(value)
        parts.append(line(f"last value, in run {found.last_run}: {shown}", indent=3))
    parts.append(line(found.reason, indent=3))
    if not found.runs:
        parts.append(line(f"to have it computed: run {found.names.of(op)}", indent=3))
    return Group(*parts)


@render.register
def _(found: ByExample) -> RenderableType:
    of = f"grad({found.names.of(found.y.op)},{found.names.of(found.x.op)})"
    count = len(found.examples)
    fed = ", ".join(found.names.of(tensor.op) for tensor in found.feeds)
    if not found.adds_up:
        head = f"{of} is not the sum of what its {count} examples give one by one"
        why = "they act on each other, as with batch normalization, or random numbers differ"
    elif found.scale == 1.0:
        head, why = f"{of} is the sum of what its {count} examples give", ""
    else:
        head, why = f"{of} is the mean of what its {count} examples give", f"each counts 1/{count}"
    rows: list[list[object]] = [
        [f"row {example.index}", brief(example.norm), f"{example.share:.0%}"]
        for example in found.largest[:_EXAMPLES]
    ]
    left = count - _EXAMPLES
    rest = [line(faint(f"{left} more give less"), indent=3)] if left > 0 else []
    return Group(
        line(strong(head), f": {why}." if why else "."),
        grid([[faint(fed), faint("|part|"), faint("of the gradient")], *rows], indent=3),
        *rest,
        line(faint("computed on the side, once for each row"), indent=3),
    )
