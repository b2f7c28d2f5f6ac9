"""The frames of one run: pictures in which nothing moves but the state of the run.

What is folded and where the boxes are is found once, for the whole run. A box has room for the
longest text that it has at any of the times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace

from graphscope.debug.options import Options
from graphscope.debug.progress import counted
from graphscope.debug.scene import Scene
from graphscope.show.dot import Drawing
from graphscope.show.engines import find_engine
from graphscope.show.faces import Face, Faces
from graphscope.show.metrics import text_width
from graphscope.show.picture import Ground, Picture, composed, entitled, finished
from graphscope.show.place import Placed
from graphscope.show.sketch import Box, Sketch
from graphscope.show.theme import Theme

#: Graphviz may measure a title a little wider than we do.
_SPARE = 1.05


@dataclass(frozen=True)
class Frame:
    """The boxes at one time. `faces` have the width and the lines of all times."""

    drawn: Sketch
    writer: Faces
    faces: dict[Box, Face]

    @property
    def scene(self) -> Scene:
        return self.drawn.scene


class Reel:
    """Frames with one layout. placed: None when Graphviz finds the places, the same in each."""

    def __init__(self, frames: Iterable[Frame], placed: Placed | None) -> None:
        self.frames, self.placed = tuple(frames), placed

    def __str__(self) -> str:
        return f"{len(self.frames)} frames"

    def changing(self) -> Reel:
        """Without the frames in which every box is as in the frame before."""
        pairs = zip(self.frames, (None, *self.frames), strict=False)
        kept = (one for one, before in pairs if before is None or one.faces != before.faces)
        return Reel(kept, self.placed)

    def drawings(self, theme: Theme) -> list[Drawing]:
        """What draws each frame, with the legend of all."""
        drawings = [Drawing(frame.drawn, frame.faces, theme) for frame in self.frames]
        found = {(s.word, s.sign): s for drawing in drawings for s in drawing.samples}
        for drawing in drawings:
            drawing.samples = list(found.values())
        return drawings

    def pictures(self, theme: Theme) -> list[Picture]:
        """A picture of each frame. The room for the title is that of the longest."""
        drawings, room = self.drawings(theme), self._room()
        for drawing in drawings:
            drawing.room = room
        return [
            finished(drawing, frame.writer, self.placed)
            for drawing, frame in zip(drawings, self.frames, strict=True)
        ]

    def titles(self) -> list[tuple[str, str]]:
        """The two lines above each frame."""
        return [entitled(frame.drawn, frame.writer) for frame in self.frames]

    def _room(self) -> float:
        """The width of the longest of these lines."""
        widths = [
            max(text_width(title, 16, bold=True), text_width(sentence, 11))
            for title, sentence in self.titles()
        ]
        return max(widths) * _SPARE


def reel(scenes: Sequence[Scene], options: Options = Options()) -> Reel:  # noqa: B008
    """The frames of scenes of one run: at least one. Where the run stands folds and unfolds
    nothing."""
    base = composed(replace(scenes[0], now=None, next=None), options)
    ground = ground_for(base, options)
    drawn = counted(scenes, "laying out frames", len(scenes))
    writers = [ground.writer(_at(base, scene)) for scene in drawn]
    faces = steady([{box: writer.face(box) for box in base.boxes} for writer in writers])
    frames = (Frame(w.drawn, w, texts) for w, texts in zip(writers, faces, strict=True))
    return Reel(frames, ground.placed(faces[0]))


def ground_for(base: Sketch, options: Options) -> Ground:
    """Where the boxes of frames are. Without a Graphviz that could find places, all is a ladder,
    however many branches there are."""
    if find_engine() is None:
        return Ground.of(base, lanes=len(base.boxes))
    return Ground.of(base, ladders=options.ladder)


def _at(drawn: Sketch, scene: Scene) -> Sketch:
    """The same boxes and edges at another time."""
    other = copy(drawn)
    other.scene = scene
    return other


def steady(frames: Sequence[dict[Box, Face]]) -> list[dict[Box, Face]]:
    """Faces of one size in all frames: as wide as the widest, and with an empty line where another
    frame has text."""
    sizes = {box: _size([frame[box] for frame in frames]) for box in frames[0]}
    return [{box: _sized(face, *sizes[box]) for box, face in frame.items()} for frame in frames]


def _size(faces: Iterable[Face]) -> tuple[float, bool, bool]:
    found = list(faces)
    width = max(face.width for face in found)
    return width, any(face.shape for face in found), any(face.small for face in found)


def _sized(face: Face, width: float, shape: bool, small: bool) -> Face:
    shown = face.shape or " " * shape, face.small or " " * small
    return replace(face, width=width, shape=shown[0], small=shown[1])
