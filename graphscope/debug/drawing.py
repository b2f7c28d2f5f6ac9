"""Drawing: a run as it stands, a fetch, or the answer to a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from graphscope.debug.answers import Answer
from graphscope.debug.commands import command, commands_of, keywords
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.place import Place
from graphscope.debug.questions.diff import Changes, RunsDiffer
from graphscope.debug.questions.needs import Needs
from graphscope.debug.scene import Painter, Scene, scene_of_fetch, scene_of_run
from graphscope.debug.stops import Breakpoint
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import operation
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of

#: The questions whose answers can be drawn.
_QUESTIONS = ("plan", "needs", "updates", "why", "flow", "nan", "path", "diff")


class Drawing(Place):
    """The command that draws."""

    painter: ClassVar[Painter | None] = None

    @command(
        "draw",
        group="Draw",
        takes="node",
        example="draw loss -o loss.svg",
        choices={"what": _QUESTIONS},
    )
    @keywords(Options)
    def draw(self, *what: Any, output: str | None = None, **options: Any) -> Any:
        """A picture of this run as it stands; with names, of what those fetches would need.

        draw flow %W, draw why %W, draw nan, draw path x loss, draw needs, draw updates, draw plan
        or draw diff 3 9: the answer to that question. In Python also draw(d.flow("%W")).

        output: a file to write, .svg, .png, .pdf, .dot, .txt or .md.
        """
        painter = type(self).painter
        if painter is None:
            raise DebugError("Pictures are made by graphscope.show: import graphscope.")
        asked = Options(**options)
        answer = self._asked(what)
        scenes = [self._scene_of(what)] if answer is None else self._scenes_of(answer)
        picture = painter(*scenes, asked=asked, answer=answer)
        return picture if output is None else picture.save(output)

    def _asked(self, what: Sequence[Any]) -> Answer | None:
        """The answer that is to be drawn: as it is given, or to the question in words. None when
        the words are fetches. A node that is called like a question has its name before it."""
        if not what or not isinstance(what[0], str):
            return what[0] if len(what) == 1 and isinstance(what[0], Answer) else None
        known = commands_of(type(self)).values()
        asked = next((c for c in known if what[0] in (c.name, *c.aliases)), None)
        if asked is None or asked.name not in _QUESTIONS or what[0] in self._op_names():
            return None
        answer = asked.call(self, " ".join(map(str, what[1:])))
        assert isinstance(answer, Answer)
        return answer

    def _op_names(self) -> set[str]:
        return {op.name for op in self.session.graph.operations}

    def _scene_of(self, fetches: Sequence[Any]) -> Scene:
        """This run as it stands, or what the fetches would need."""
        if not fetches:
            return self._scene_at(self.timeline, self.t)
        elements = [self._fetched(fetch) for fetch in fetches]
        ops = [e.op if isinstance(e, Tensor) else e for e in elements]
        names = tuple(self.names.as_fetched(op) for op in ops)
        return scene_of_fetch(elements, self.timeline.run.feeds, names, self.facts, self.names)

    def _scenes_of(self, answer: Answer) -> list[Scene]:
        """What the answer speaks of: two places of runs for a difference between them."""
        if isinstance(answer, Needs):
            own = answer.fetched == self.fetched
            return [self._scene_of(self.plan.fetches if own else answer.fetched)]
        places: list[tuple[int, int | None]]
        if isinstance(answer, Changes):
            places = [(answer.run, answer.first), (answer.run, answer.last)]
        elif isinstance(answer, RunsDiffer):
            places = [(answer.first_run, None), (answer.second_run, None)]
        else:
            return [self._scene_at(self.timeline, self.t)]
        found = [(self.history.number(run), t) for run, t in places]
        return [
            self._scene_at(timeline, timeline.newest if t is None else t)
            for timeline, t in found
            if timeline is not None
        ]

    def _scene_at(self, timeline: Timeline, t: int) -> Scene:
        stops = [item for item in self.stops if item.kind == "break"]
        always = {node for item in stops if not _condition(item) for node in item.nodes}
        return scene_of_run(
            timeline,
            tuple(self.names.as_fetched(operation(e)) for e in timeline.plan.fetches),
            self.facts,
            self.names,
            frozenset(node for item in stops for node in item.nodes),
            t,
            conditions={node: _condition(item) for item in stops for node in item.nodes - always},
            watched=frozenset(self._watched()),
        )

    def _watched(self) -> Iterator[Operation]:
        """The nodes and variables that watchpoints look at."""
        for item in self.stops:
            if item.kind in ("watch", "rwatch", "awatch") and item.enabled:
                with suppress(DebugError):  # it means nothing in this run
                    tensor = self.locations.tensor(item.spec.partition("[")[0])
                    yield variable_of(tensor) if tensor.dtype.is_ref else tensor.op


def _condition(item: Breakpoint) -> str:
    """When a breakpoint stops, in words; empty for always."""
    if not item.enabled:
        return "disabled"
    words = [f"if {item.condition}"] if item.condition else ["if ..."] if item.when else []
    words += [f"hits {item.rule}"] if item.rule else []
    words += [f"after stop {item.after}"] if item.after is not None else []
    return ", ".join(words)
