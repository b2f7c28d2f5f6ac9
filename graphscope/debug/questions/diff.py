"""What is another than before: between two times of a run, between two runs, of one value?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from graphscope.debug.answers import Answer, Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.compare import divergence, equal
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.kernels.stats import is_list
from graphscope.ops.lists import moved

# ---- two times of one run ----------------------------------------------------------------------


@dataclass(frozen=True)
class Changes(Answer):
    """What changed between two times of a run.

    run, first, last: which, in order. nodes: what ran in between; phases: how many of each phase.
    variables: what was changed, by name: the values at the two times. by: what wrote each last.
    """

    run: int
    first: int
    last: int
    nodes: tuple[Operation, ...]
    phases: dict[Phase, int]
    variables: dict[str, Delta]
    by: dict[str, Operation | None]
    names: Names


def changes(timeline: Timeline, first: int, last: int, facts: Facts, names: Names) -> Changes:
    """What changed from one time to another one, whichever is the earlier."""
    first, last = sorted((first, last))
    steps = timeline.steps[first:last]
    before, after = timeline.variables(first), timeline.variables(last)
    by: dict[str, Operation | None] = {}
    for step in steps:
        by.update({name: None if name in step.overridden else step.node for name in step.writes})
    changed = {
        names.of(variable): (variable.name, Delta(before.get(variable.name), after[variable.name]))
        for variable in facts.variables
        if after.get(variable.name) is not before.get(variable.name)
    }
    return Changes(
        run=timeline.number,
        first=first,
        last=last,
        nodes=tuple(step.node for step in steps),
        phases=dict(Counter(step.phase for step in steps)),
        variables={name: delta for name, (_, delta) in changed.items()},
        by={name: by.get(original) for name, (original, _) in changed.items()},
        names=names,
    )


# ---- two runs ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunsDiffer(Answer):
    """Two runs, node by node.

    first_run, second_run: their numbers. feeds, variables: what they begin with and is another.
    node, t:   the first node that differs, and when it ran in the first one. tensor: what of it
               differs, with its two values.
    why:       ``feeds``, ``variables``, ``random``, ``set by hand``, ``another node``, ``ends``, or
               ``values``; empty when nothing differs. because: the inputs that make it differ.
    seed:      the seed of a random node, in words.
    differing: how many nodes differ, of `compared`; below: those of them that depend on the first.
    """

    first_run: int
    second_run: int
    feeds: tuple[str, ...]
    variables: tuple[str, ...]
    node: Operation | None
    t: int | None
    tensor: Tensor | str | None
    first: Value | None
    second: Value | None
    why: str
    because: tuple[str, ...]
    seed: str
    differing: int
    below: int
    compared: int
    names: Names

    @property
    def same(self) -> bool:
        return not self.why

    @property
    def random(self) -> bool:
        """Whether the first node that differs draws random numbers."""
        return self.why == "random"


def runs_differ(
    a: Timeline, b: Timeline, ends: tuple[int, int], facts: Facts, names: Names
) -> RunsDiffer:
    """Where two runs differ, up to the time in each of them that `ends` says."""
    every = {*a.run.feeds, *b.run.feeds}
    feeds = [t for t in every if not equal(a.run.feeds.get(t), b.run.feeds.get(t))]
    variables = [v for v in facts.variables if not equal(a.start.get(v.name), b.start.get(v.name))]
    pairs = list(zip_longest(a.steps[: ends[0]], b.steps[: ends[1]]))
    found = [(one or other, divergence(one, other)) for one, other in pairs]
    differing = [(step, what) for step, what in found if step is not None and what is not None]
    step, what = differing[0] if differing else (None, ("", None, None, None))
    why, seed = what[0], ""
    because: tuple[str, ...] = ()
    if step is not None and why == "values":
        other = b.steps[step.t - 1]
        why, because = _reason(step, other, a, b, names)
        seed = _seed(step.node) if why == "random" else ""
    elif step is None and (feeds or variables):
        why = "feeds" if feeds else "variables"
    below = reach([step.node], facts.users) if step is not None else set()
    return RunsDiffer(
        first_run=a.number,
        second_run=b.number,
        feeds=tuple(names.of(t.op) for t in sorted(feeds, key=lambda t: t.op._id)),
        variables=tuple(names.of(v) for v in variables),
        node=None if step is None else step.node,
        t=None if step is None else step.t,
        tensor=what[1],
        first=what[2],
        second=what[3],
        why=why,
        because=because,
        seed=seed,
        differing=len(differing),
        below=sum(step.node in below for step, _ in differing[1:]),
        compared=len(pairs),
        names=names,
    )


def _reason(
    one: Step, other: Step, a: Timeline, b: Timeline, names: Names
) -> tuple[str, tuple[str, ...]]:
    """Why the first node that differs does: all nodes before it are the same."""
    pairs = zip(one.node.inputs, a.inputs(one), b.inputs(other), strict=True)
    inputs = [tensor for tensor, x, y in pairs if not equal(x, y)]
    if not inputs and one.node.definition.private_state:
        return ("random" if one.node.definition.kind == "random" else "values"), ()
    fed = [tensor for tensor in inputs if tensor in a.run.feeds or tensor in b.run.feeds]
    places = [tensor for tensor in inputs if tensor.dtype.is_ref]
    why = "feeds" if fed else "variables" if places else "values"
    return why, tuple(names.of(tensor.op) for tensor in fed or places or inputs)


def _seed(op: Operation) -> str:
    seeds = op.attrs.get("seed", 0), op.attrs.get("seed2", 0)
    if seeds == (0, 0):
        return "it has no seed"
    return f"its seed is {seeds[1]} (of the graph: {seeds[0]}), and each run draws on from there"


# ---- one value ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class ValueDiffers(Answer):
    """An expression at an earlier place and here. then: the earlier place, in words.

    delta: None when the two cannot be subtracted. changed: how many elements are another.
    """

    text: str
    then: str
    before: Value
    now: Value
    delta: Delta | None
    changed: int

    @property
    def same(self) -> bool:
        return equal(self.before, self.now)


def value_differs(text: str, then: str, before: Value, now: Value) -> ValueDiffers:
    """How the value of an expression differs from what it was."""
    alike = before.shape == now.shape and before.dtype.kind != "b"
    if before.shape != now.shape:
        changed = now.size
    elif is_list(now):
        changed = int(np.sum(moved(now, before) != 0))
    else:
        changed = int(np.sum(before != now))
    return ValueDiffers(text, then, before, now, Delta(before, now) if alike else None, changed)
