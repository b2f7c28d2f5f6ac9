"""What learning says, as text."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.learn.answers import Lessons, Verdict
from graphscope.show.pages import inline
from graphscope.show.text import Grid, faint, line, plural, render, strong


@render.register
def _(verdict: Verdict) -> RenderableType:
    facts = f"{verdict.held} of {verdict.asked} facts hold"
    if verdict.passed:
        return line(strong("Passed. "), f"{facts}.")
    return Group(line(strong("Not yet. "), inline(verdict.said)), line(faint(f"{facts}.")))


@render.register
def _(answer: Lessons) -> RenderableType:
    rows = [("", "", "lesson", "commands")]
    for listed in answer.lessons:
        state = "done" if listed.done else "here" if listed.here else ""
        rows.append((listed.number, state, listed.title, ", ".join(listed.teaches)))
    done = sum(listed.done for listed in answer.lessons)
    count = len(answer.lessons)
    return Group(
        Grid([[Text(word) for word in row] for row in rows], 1, 2, 3),
        line(faint(f"{done} of {count} {plural(count, 'lesson')} done. graphscope learn goes on.")),
    )
