"""`Film`: one run, from step to step, as pictures that can be saved as a page or an animation."""

from __future__ import annotations

import json
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
from graphscope.show.engines import DPI, encoded, write
from graphscope.show.folder import Frames, in_markdown, written
from graphscope.show.frames import Frame, Reel, reel
from graphscope.show.gif import animated, fitting
from graphscope.show.picture import Picture
from graphscope.show.step_through import page
from graphscope.show.theme import NOW, theme
from graphscope.show.told import told

#: The endings of a film's file: one file, or one for each frame.
_WHOLE = (".html", ".gif")
_EACH = (".svg", ".png", ".dot")
#: So large pictures are on a slide of Marp, that there is room for what is above and below.
_SLIDE = "section { font-size: 22px } img { display: block; max-height: 480px; margin: auto }"
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

    @cached_property
    def captions(self) -> tuple[str, ...]:
        """Of each frame what is to be seen, in sentences: where the run stands, and what has just
        run with its value."""
        return tuple(map(_caption, self.sentences, self.reel.frames, self.pictures))

    def folder(
        self, path: str | os.PathLike[str], *, png: bool = False, gif: bool = False,
        slides: bool = False,
    ) -> Frames:  # fmt: skip
        """Write the film as a folder: ``frame-00.svg`` and so on, and ``index.html``, a page that
        steps by keys. The same run gives the same bytes.

        png: bitmaps as well. gif: ``frames.gif``. slides: ``slides.md``, a frame and its sentences
        on each slide.
        Errors: DebugError when something cannot be drawn, and nothing is written then; or when a
        file cannot be written.
        """
        numbers = range(len(self.times))
        digits = max(2, len(str(numbers[-1])))
        names = [f"frame-{number:0{digits}}" for number in numbers]
        files = {f"{n}.svg": encoded(p.svg()) for n, p in zip(names, self.pictures, strict=True)}
        if png:
            dpi = fitting(self.pictures[0].png(), DPI)
            with ThreadPoolExecutor() as pool:
                bitmaps = pool.map(lambda picture: picture.png(dpi=dpi), self.pictures)
                files |= {f"{n}.png": data for n, data in zip(names, bitmaps, strict=True)}
        if gif:
            files["frames.gif"] = self.gif()
        if slides:
            files["slides.md"] = encoded(self.slides([f"{name}.svg" for name in names]))
        files["index.html"] = encoded(self.html())
        return written(Path(path), files, self.title, self.captions)

    def slides(self, images: Sequence[str]) -> str:
        """The film as Markdown for Marp, pandoc and their like: a frame and its sentences on each
        slide. images: the addresses of the pictures."""
        title = json.dumps(self.title, ensure_ascii=False)
        head = f"---\nmarp: true\ntitle: {title}\nstyle: '{_SLIDE}'\n---\n\n"
        shown = zip(self.times, images, self.captions, strict=True)
        return head + "\n---\n\n".join(
            f"## t = {time} of {self.end}\n\n![{in_markdown(caption)}]({image})\n\n"
            f"{in_markdown(caption)}\n"
            for time, image, caption in shown
        )

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


def _caption(sentence: str, frame: Frame, picture: Picture) -> str:
    ran = next((box for box, face in frame.faces.items() if face.state == "now"), None)
    said = "" if ran is None else told(picture.content, ran).replace(f"{NOW}: ", "")
    just = f" Just run: {said}." if said else ""
    return f"{sentence[:1].upper()}{sentence[1:]}.{just}"


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
