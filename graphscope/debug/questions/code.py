"""Which line of the user's program made which nodes, and what became of them?"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.path import seen
from graphscope.debug.questions.presence import presences
from graphscope.debug.side.gradients import slopes
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Phase, Plan
from graphscope.errors import did_you_mean
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.kernels.stats import stats

#: How many lines are shown before and after the one that is asked for.
WINDOW = 8


@dataclass(frozen=True)
class CodeLine:
    """A line of the program.

    nodes:  what it made and this run needs, in order of creation; of another kind are `elsewhere`
            the nodes that it made for other runs.
    result: the tensor that stands for the line: the one with the Python name, or the last forward
            one; value: its value now; gradient: the length of the loss's gradient along it. They
            are None while, or where, there is none.
    here:   the present node was made here; wanted: the line was asked for.
    """

    number: int
    text: str
    nodes: tuple[Operation, ...]
    elsewhere: int
    result: Tensor | None
    value: Value | None
    gradient: float | None
    here: bool
    wanted: bool


@dataclass(frozen=True)
class Code(Answer):
    """Lines of a file of the program. times: when each node runs. loss: whose gradients these are;
    None when this run computes none."""

    file: str
    rows: tuple[CodeLine, ...]
    loss: Operation | None
    times: dict[Operation, int | None]
    phases: dict[Operation, Phase]
    names: Names

    def __getitem__(self, number: int) -> CodeLine:
        return next(row for row in self.rows if row.number == number)


def file_named(word: str, graph: Graph) -> str:
    """The file of the program that a word means: its path or the end of it.

    Errors: DebugError when there is none, or several.
    """
    known = dict.fromkeys(op.source.filename for op in graph.operations if op.source)
    ends = [name for name in known if name == word or name.endswith(f"{os.sep}{word}")]
    if len(ends) == 1:
        return ends[0]
    bases = {os.path.basename(name): name for name in known}
    if ends:
        raise DebugError(f"{word!r} means {len(ends)} files; write more of its path.")
    hint = did_you_mean(word, bases) or f"nodes were made in {', '.join(bases) or 'none'}."
    raise DebugError(f"No node of the graph was made in {word!r}; {hint}")


def code(file: str, line: int | None, timeline: Timeline, facts: Facts, names: Names) -> Code:
    """The lines around one of a file, or all of them, with what each of them made.

    Errors: DebugError when the file cannot be read.
    """
    texts = linecache.getlines(file)
    if not texts:
        raise DebugError(f"The text of {os.path.basename(file)} is not there any more.")
    first, last = (1, len(texts)) if line is None else (line - WINDOW, line + WINDOW)
    numbers = range(max(first, 1), min(last, len(texts)) + 1)
    here = timeline.here.node.source if timeline.here else None
    plan = timeline.plan
    made = {n: facts.by_line.get((file, n), []) for n in numbers}
    present = presences(timeline)
    needed = {n: [op for op in made[n] if present[op].there] for n in numbers}
    results = {n: _result(needed[n], plan) for n in numbers}
    loss = facts.loss_of(plan.nodes)
    lengths = _lengths(loss, results.values(), timeline)
    rows = [
        CodeLine(
            number=n,
            text=texts[n - 1].rstrip("\n"),
            nodes=tuple(op for op in needed[n] if op.type != "Const"),
            elsewhere=len(made[n]) - len(needed[n]),
            result=results[n],
            value=seen(results[n], timeline),
            gradient=lengths.get(results[n]),
            here=here is not None and (here.filename, here.lineno) == (file, n),
            wanted=n == line,
        )
        for n in numbers
    ]
    times = {op: timeline.time_of(op) for row in rows for op in row.nodes}
    return Code(file, tuple(rows), loss, times, plan.phases, names)


def _result(ops: list[Operation], plan: Plan) -> Tensor | None:
    """What stands for a line: what has a Python name, else the last node. Nothing stands for the
    line of an optimizer, which makes a backward pass and updates."""
    forward = [op for op in ops if op.outputs and _phase(op, plan) is Phase.FORWARD]
    best = [op for op in forward if op.bound_to]
    if not best and len(forward) == len(ops):
        best = [op for op in forward if op.type != "Const"]
    return best[-1].outputs[0] if best else None


def _phase(op: Operation, plan: Plan) -> Phase:
    return plan.phases.get(op, Phase.FORWARD)


def _lengths(
    loss: Operation | None, results: Iterable[Tensor | None], timeline: Timeline
) -> dict[Tensor | None, float]:
    """The lengths of the loss's gradients along the results, as far as there are any now."""
    if loss is None or loss.body is not None or not loss.outputs[0].dtype.is_floating:
        return {}
    wanted = [t for t in results if t is not None and t.dtype.is_floating and t.op.body is None]
    try:
        found = slopes(timeline, loss.outputs[0], list(dict.fromkeys(wanted)), timeline.t)
    except DebugError:  # the loss has not run yet, or one of its operations has no gradient rule
        return {}
    return {slope.x: stats(slope.value).norm for slope in found if slope is not None}
