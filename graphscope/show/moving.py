"""`Film`: one run, from step to step, as pictures that can be saved as a page or an animation."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.progress import counted
from graphscope.debug.scene import Scene
from graphscope.show.engines import DPI, write
from graphscope.show.frames import Reel, reel
from graphscope.show.gif import animated, fitting
from graphscope.show.picture import Picture
from graphscope.show.step_through import page
from graphscope.show.theme import theme

#: The endings of a film's file: one file, or one for each frame.
_WHOLE = (".html", ".gif")
_EACH = (".svg", ".png", ".dot")
#: What an animation begins with must not depend on the reader: the theme of a page may.
_PREFERRED = ("light", "dark")


@dataclass(frozen=True)
class Film(Answer):
    """The frames of one run. In all of them the boxes are at the same places.

    title:   what is run. sentences: where it stands, in each frame.
    times:   of the frames: how many nodes have run. end: how many there are.
    seconds: how long a frame is seen.
    theme:   None for a page that is light or dark as its reader prefers.
    path:    the file it was saved to, or None.
    """

    title: str
    sentences: tuple[str, ...]
    times: tuple[int, ...]
    end: str
    seconds: float
    theme: str | None
    reel: Reel = field(repr=False)
    path: Path | None = None

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """A picture of each frame."""
        return tuple(self.reel.pictures(theme(self.theme)))

    def __str__(self) -> str:
        count = f"{len(self.times)} frame{'s' if len(self.times) != 1 else ''}"
        words = f"{self.title}: {count}, t={self.times[0]} to {self.times[-1]}"
        saved = f"; saved to {self.path}" if self.path is not None else ""
        hint = "" if saved else "; film -o run.html makes a page of it, -o run.gif an animation"
        return f"{words} of {self.end}{saved or hint}"

    def html(self) -> str:
        """One page that needs nothing else: steps by keys, values of boxes, a sentence for each
        frame. Errors: DebugError when nothing can draw."""
        fixed = self.theme or os.environ.get("GRAPHSCOPE_THEME")
        themes = [theme(name) for name in ([fixed] if fixed else _PREFERRED)]
        return page(self.reel, themes, self.title, self.sentences, self.seconds)

    def gif(self) -> bytes:
        """An animation that repeats itself. Errors: DebugError when nothing can draw it, or
        without Pillow."""
        text = "".join(picture.dot for picture in self.pictures)
        paints = dict.fromkeys(re.findall(r'color="?(#[0-9A-Fa-f]{6})\b', text, re.IGNORECASE))
        dpi = fitting(self.pictures[0].png(), DPI)
        with ThreadPoolExecutor() as pool:
            drawn = pool.map(lambda picture: picture.png(dpi=dpi), self.pictures)
            frames = list(counted(drawn, "drawing frames", len(self.pictures)))
            return animated(frames, paints, self.seconds)

    def save(self, path: str | os.PathLike[str]) -> Film:
        """Write the film, by the end of the name: .html a page, .gif an animation; .svg, .png or
        .dot one file for each frame, with its time in the name: ``run-07.svg``.

        Returns the same film, with its `path`.

        Errors: DebugError for another ending, when a file cannot be written, when nothing can draw.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix == ".html":
            write(path, self.html().encode(errors="replace"))
        elif suffix == ".gif":
            write(path, self.gif())
        elif suffix in _EACH:
            digits = len(str(self.times[-1]))
            pairs = zip(self.times, self.pictures, strict=True)
            for time, picture in counted(pairs, "drawing frames", len(self.times)):
                picture.save(path.with_name(f"{path.stem}-{time:0{digits}}{path.suffix}"))
        else:
            known = ", ".join((*_WHOLE, *_EACH[:-1]))
            raise DebugError(f"A film is saved as {known} or {_EACH[-1]}, not as {path.name!r}.")
        return replace(self, path=path)


def filmed(scenes: Sequence[Scene], options: Options, *, changes: bool, seconds: float) -> Film:
    """The film of scenes of one run: at least one.

    changes: leave out frames in which no box is other than in the frame before.
    Errors: DebugError for a time that is none, and for a theme that there is not.
    """
    if not 0.02 <= seconds <= 60:
        raise DebugError(f"A frame is seen for 0.02 to 60 seconds, not for {seconds:g}.")
    theme(options.theme)
    found = reel(scenes, options)
    if changes:
        found = found.changing()
    titles = found.titles()
    return Film(
        title=titles[0][0],
        sentences=tuple(sentence for _, sentence in titles),
        times=tuple(frame.scene.t or 0 for frame in found.frames),
        end=scenes[-1].end,
        seconds=seconds,
        theme=options.theme,
        reel=found,
    )
