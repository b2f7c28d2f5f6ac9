"""A run as moving pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from typing import Any, ClassVar

from graphscope.debug.commands import command, keywords
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.place import Place
from graphscope.debug.scene import Scene, scene_of_run
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.fetches import Fetches
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import operation, plan
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.graph.graph import Tensor

#: A film has no more frames than this, unless it is said which ones it has.
FRAMES = 200


class Filming(Place):
    """The command that shows all of a run.

    filmer: makes a film of scenes. Set by `graphscope.show`, which is above this floor.
    """

    filmer: ClassVar[Callable[..., Any] | None] = None

    @command(
        "film",
        group="Draw",
        takes="node",
        example="film -o run.html",
        choices={"every": ("phase", "scope")},
    )
    @keywords(Options)
    def film(
        self,
        *what: Any,
        output: str | None = None,
        start: int = 0,
        end: int | None = None,
        every: str | int | None = None,
        changes: bool = False,
        seconds: float = 0.8,
        **options: Any,
    ) -> Any:
        """All of this run as moving pictures, whose boxes stand still: film -o run.html. What has
        not run yet is run aside; the run itself stays where it is. With names, it is a run of those
        fetches instead, with the same feeds.

        output: a file to write: .html, a page that steps by keys; .gif, an animation; .svg or .png,
        a file for each frame. start, end: the first and the last time. every: only each N-th frame;
        "scope" or "phase": only those in which one of these ends. changes: only frames in which a
        box changes. seconds: how long a frame is seen.
        """
        if Filming.filmer is None:
            raise DebugError("Pictures are made by graphscope.show: import graphscope.")
        asked = Options(**options)
        timeline = self._to_its_end(what)
        times = _times(timeline.steps, start, end, every)
        scenes = [self._scene_at(timeline, t) for t in times]
        made = Filming.filmer(scenes, asked, changes=changes, seconds=seconds)
        return made if output is None else made.save(output)

    @command(
        "frames",
        group="Draw",
        takes="node",
        example="frames -o lesson --slides",
        choices={"every": ("phase", "scope")},
    )
    @keywords(Options)
    def frames(
        self,
        *what: Any,
        output: str | None = None,
        png: bool = False,
        gif: bool = False,
        slides: bool = False,
        every: str | int | None = None,
        changes: bool = False,
        seconds: float = 0.8,
        **options: Any,
    ) -> Any:
        """All of this run as numbered pictures whose boxes stand still: frames -o FOLDER.

        A page that steps by keys is written as well. With names, it is a run of those fetches
        instead, with the same feeds.

        output: the folder; nothing is written without one. png: bitmaps as well. gif: an animation.
        slides: Markdown with a picture and its sentence on each slide. every, changes, seconds: as
        for film.
        """
        made = self.film(*what, every=every, changes=changes, seconds=seconds, **options)
        return made if output is None else made.folder(output, png=png, gif=gif, slides=slides)

    def _to_its_end(
        self, what: Sequence[Any] = (), feeds: dict[Tensor, Value] | None = None
    ) -> Timeline:
        """Another way of this run that has come to its end, or to the node that fails.

        what: other fetches, for a run that begins where this one begins. feeds: what is fed in
        place of the same tensors.
        """
        timeline = self.timeline.forked(self.timeline.newest)
        if what or feeds:
            fetches = [self._fetched(fetch) for fetch in what] or list(timeline.plan.fetches)
            fed = {**timeline.run.feeds, **(feeds or {})}
            graph = self.session.graph
            run = Run(Fetches(graph, fetches), fed, plan(graph, fetches, fed))
            state = State(dict(timeline.start), dict(timeline.before.cells))
            timeline = Timeline(run, state, timeline.number, timeline.overrides)
        if timeline.plan.missing:
            return timeline
        with redirect_stderr(io.StringIO()):  # what tf.Print says belongs to the run itself
            while not timeline.at_end:
                try:
                    timeline.forward()
                except OpError:
                    break
        return timeline

    def _scene_at(self, timeline: Timeline, t: int) -> Scene:
        timeline.seek(t)
        stopping = frozenset(node for item in self.stops for node in item.nodes)
        fetched = tuple(self.names.as_fetched(operation(e)) for e in timeline.plan.fetches)
        return scene_of_run(timeline, fetched, self.facts, self.names, stopping)


def _times(
    steps: Sequence[Step], start: int, end: int | None, every: str | int | None
) -> list[int]:
    """The times of the frames; the last one is among them. Errors: DebugError for wrong ones."""
    last = len(steps) if end is None else min(end, len(steps))
    if not 0 <= start <= last:
        raise DebugError(f"A film begins between t=0 and its end at t={last}, not at t={start}.")
    if every in _PARTS:
        parts = [_PARTS[every](step) for step in steps]
        times = [start, *(t for t in range(start + 1, last) if parts[t] != parts[t - 1])]
    else:
        times = list(range(start, last + 1, _number(every) or max(1, -(-(last - start) // FRAMES))))
    return times if times[-1] == last else [*times, last]


def _number(every: str | int | None) -> int | None:
    if every is None or (isinstance(every, int) and every >= 1):
        return every
    if isinstance(every, str) and every.isdigit() and int(every) >= 1:
        return int(every)
    words = " or ".join(map(str, _PARTS))
    raise DebugError(f"every is a number of at least 1, not {every}; or it is {words}.")


def _scope(step: Step) -> tuple[Any, ...]:
    """The phase of a step and the name scopes around what it is a part of: a gradient is a part of
    what it is the gradient of, the read and the write of a variable are parts of the variable."""
    op = step.frame.outermost.plan.outermost(step.node)
    while op.gradient_of is not None:
        op = op.gradient_of
    if op.inputs and op.inputs[0].op.definition.is_variable:
        op = op.inputs[0].op
    return step.phase, op.name.rpartition("/")[0]


#: What a frame can be the end of.
_PARTS: dict[Any, Callable[[Step], Any]] = {
    "scope": _scope,
    "phase": lambda step: step.phase,
}
