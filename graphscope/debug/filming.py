"""A run as moving pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Any, ClassVar

from graphscope.debug.commands import command, keywords
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.place import Place
from graphscope.debug.scene import Scene, scene_of_run
from graphscope.debug.timeline import Timeline
from graphscope.errors import OpError

#: A film has no more frames than this, unless it is said which ones it has.
FRAMES = 200


class Filming(Place):
    """The command that shows all of a run.

    filmer: makes a film of scenes. Set by `graphscope.show`, which is above this floor.
    """

    filmer: ClassVar[Callable[..., Any] | None] = None

    @command("film", group="Draw", example="film -o run.html")
    @keywords(Options)
    def film(
        self,
        *,
        output: str | None = None,
        start: int = 0,
        end: int | None = None,
        every: int | None = None,
        changes: bool = False,
        seconds: float = 0.8,
        **options: Any,
    ) -> Any:
        """All of this run as moving pictures, whose boxes stand still: film -o run.html. What has
        not run yet is run aside; the run itself stays where it is.

        output: a file to write: .html, a page that steps by keys; .gif, an animation; .svg or .png,
        a file for each frame. start, end: the first and the last time. every: only each N-th frame.
        changes: only frames in which a box changes. seconds: how long a frame is seen.
        """
        if Filming.filmer is None:
            raise DebugError("Pictures are made by graphscope.show: import graphscope.")
        asked = Options(**options)
        timeline = self._to_its_end()
        times = _times(timeline.newest, start, end, every)
        scenes = [self._scene_at(timeline, t) for t in times]
        made = Filming.filmer(scenes, asked, changes=changes, seconds=seconds)
        return made if output is None else made.save(output)

    def _to_its_end(self) -> Timeline:
        """Another way of this run that has come to its end, or to the node that fails."""
        timeline = self.timeline.forked(self.timeline.newest)
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
        return scene_of_run(timeline, self.fetched, self.facts, self.names, stopping)


def _times(newest: int, start: int, end: int | None, every: int | None) -> list[int]:
    """The times of the frames; the last one is among them. Errors: DebugError for wrong ones."""
    last = newest if end is None else min(end, newest)
    if not 0 <= start <= last:
        raise DebugError(f"A film begins between t=0 and its end at t={last}, not at t={start}.")
    if every is not None and every < 1:
        raise DebugError(f"every is a number of at least 1, not {every}.")
    step = every or max(1, -(-(last - start) // FRAMES))
    times = list(range(start, last + 1, step))
    return times if times[-1] == last else [*times, last]
