"""All that is seen from one place of a run: the plan around it, the line, the node, the variables.

It is put together from what the commands answer; `show` has a pane for each part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from graphscope.debug.answers import Answer, Listing, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.questions.excerpt import Excerpt, excerpt
from graphscope.debug.questions.listing import last
from graphscope.debug.questions.standing import Standing, Standings
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Frame
from graphscope.graph.body import Body
from graphscope.graph.graph import Operation


@dataclass(frozen=True)
class Overview(Answer):
    """What is seen from a place.

    stop:     the place, with the inputs and outputs of its node.
    plan:     the lines of the plan around it.
    passed:   of a branch or a loop in these lines that has run, the nodes of its parts that have
              not: those of the branch that was not taken, of a loop without an iteration.
    skipped:  what would have to be fetched to run, with how many operations run only for it.
    excerpt:  the lines of the program around the one that made the node, or, at the start of the
              run, the node that comes first. None where they are not known.
    variables: so many as there was room for, of `count`; those around what the node is about.
    failure:  what the node after the last step raises, once that is known.
    """

    stop: Stop
    plan: Listing
    passed: dict[int, tuple[Operation, ...]]
    skipped: tuple[tuple[str, int], ...]
    excerpt: Excerpt | None
    variables: tuple[Standing, ...]
    count: int
    failure: Exception | None


class Overseer:
    """Gives what is seen of one run. What does not change in it is found once.

    A new one is needed for another run, and when the graph has grown: see `is_for`.
    """

    def __init__(self, debugger: Debugger) -> None:
        self._debugger = debugger
        self._timeline = debugger.timeline
        self._facts = debugger.facts

    def is_for(self, debugger: Debugger) -> bool:
        """Whether the debugger still looks at this run."""
        return debugger.timeline is self._timeline and debugger.facts is self._facts

    def overview(self, lines: int, around: int, variables: int) -> Overview:
        """What is seen from where the debugger stands.

        lines: how many of the plan, the present one in the middle as far as that is possible;
        around: how many of the program; variables: how many of these. Each may be 0.
        """
        plan = self._plan(lines)
        here = self._timeline.here
        node = here.node if here is not None else self._timeline.upcoming()
        return Overview(
            stop=self._debugger.stop,
            plan=plan,
            passed=self._passed(plan),
            skipped=self._skipped,
            excerpt=None if node is None else excerpt(node, around, self._timeline, self._facts),
            variables=self._standings.around(variables),
            count=self._standings.count,
            failure=self._timeline.failure,
        )

    def _plan(self, lines: int) -> Listing:
        """Lines of the plan; what is skipped follows behind its end, as far as there is room."""
        total = last(self._timeline) + len(self._skipped)
        middle = self._timeline.t - (lines - 1) // 2
        first = max(1, min(middle, total - lines + 1))
        return self._debugger.list(f"{first},{first + max(lines, 1) - 1}")

    def _passed(self, plan: Listing) -> dict[int, tuple[Operation, ...]]:
        steps = self._timeline.steps
        ran = [steps[row.t - 1] for row in plan.rows if row.state in ("done", "now")]
        found = {step.t: _not_taken(step, self._timeline) for step in ran}
        return {t: nodes for t, nodes in found.items() if nodes}

    @cached_property
    def _skipped(self) -> tuple[tuple[str, int], ...]:
        return self._debugger.summary().skipped

    @cached_property
    def _standings(self) -> Standings:
        debugger = self._debugger
        return Standings(self._timeline, self._facts, debugger.names, debugger.fetched)


def _not_taken(step: Step, timeline: Timeline) -> tuple[Operation, ...]:
    """Of a branch or a loop that has run: the nodes of those of its bodies that were not called."""
    parts = {b: p for b, (owner, p) in timeline.plan.owned.items() if owner is step.node}
    if not parts:
        return ()
    called = _called(step, timeline)
    return tuple(op for body, part in parts.items() if body not in called for op in part.nodes)


def _called(step: Step, timeline: Timeline) -> set[Body]:
    """The bodies that a node has called, by the steps that came just before it."""
    found: set[Body] = set()
    for inside in reversed(timeline.steps[: step.t - 1]):
        call = _call_by(step, inside.frame)
        if call is None or call.body is None:
            break
        found.add(call.body)
    return found


def _call_by(step: Step, frame: Frame) -> Frame | None:
    """The call around `frame` that the step's node has made; None when there is none."""
    return next(
        (f for f in frame.calls_around if f.owner is step.node and f.caller is step.frame), None
    )
