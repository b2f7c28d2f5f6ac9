"""`Handout`: the picture of a run with numbered blanks, and the answers to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.scene import Scene
from graphscope.engine.interpreter import Value
from graphscope.kernels.stats import described, is_list
from graphscope.show import sheets
from graphscope.show.blanks import MOST, Blank, as_at_the_start, hidden_elsewhere, hole
from graphscope.show.dot import Drawing
from graphscope.show.engines import encoded, write
from graphscope.show.faces import Face, Faces
from graphscope.show.frames import ground_for, steady
from graphscope.show.letters import ASCII
from graphscope.show.picture import Picture, composed, finished
from graphscope.show.place import Placed
from graphscope.show.sketch import Box
from graphscope.show.states import written
from graphscope.show.theme import theme

PathName = str | os.PathLike[str]


@dataclass(frozen=True)
class Handout(Answer):
    """A page to fill in.

    title:   what is run. blank: what is left blank: "values", "gradients", "names" or "kinds".
    blanks:  the places, as they are numbered.
    given:   the values that are known at the start, by name; none where names are blank.
    program: the lines of the program that made the graph, with their numbers.
    seed, varied: the number of the variant, and what it varies; None and empty without a seed.
    picture, solved: the picture with blanks, and without.
    path, key: the files that were written, or None.
    """

    title: str
    blank: str
    blanks: tuple[Blank, ...]
    given: tuple[tuple[str, str], ...]
    program: tuple[tuple[int, str], ...]
    seed: int | None
    varied: str
    picture: Picture = field(repr=False)
    solved: Picture = field(repr=False)
    path: Path | None = None
    key: Path | None = None

    def __str__(self) -> str:
        variant = "" if self.seed is None else f", variant {self.seed}"
        count = f"{len(self.blanks)} blank{'s' if len(self.blanks) != 1 else ''}"
        lines = [f" {self.title}: {self.blank}, {count}{variant}"]
        if self.varied:
            lines.append(f"   varied: {self.varied}")
        for path, word in ((self.path, "to fill in"), (self.key, "the key")):
            if path is not None:
                lines.append(f"   {path}  {word}")
        if self.path is None and self.key is None:
            told = (f"({blank.number}) {blank.asks}: {blank.answer}" for blank in self.blanks)
            lines += [f"   {ASCII.plain(text)}" for text in told]
        return "\n".join(lines)

    def save(self, output: PathName | None = None, key: PathName | None = None) -> Handout:
        """Write the page, and the key, each as .html, or as .md with an .svg of the same name
        beside it. Returns the same handout with its `path` and `key`.

        Errors: DebugError for another ending, when a file cannot be written, and when nothing can
        draw the picture.
        """
        path, solved = (None if name is None else Path(name) for name in (output, key))
        files: dict[Path, bytes] = {}
        for target, answered in ((path, False), (solved, True)):
            if target is not None:
                files |= self._files(target, answered)
        for name, data in files.items():
            write(name, data)
        return replace(self, path=path, key=solved)

    def _files(self, path: Path, answered: bool) -> dict[Path, bytes]:
        svg = sheets.bare_svg(self.solved if answered else self.picture)
        if path.suffix.lower() == ".html":
            return {path: encoded(sheets.html(self, svg, answered=answered))}
        if path.suffix.lower() == ".md":
            beside = path.with_suffix(".svg")
            text = sheets.markdown(self, beside.name, answered=answered)
            return {path: encoded(text), beside: encoded(svg)}
        raise DebugError(f"A handout is saved as .html or .md, not as {path.name!r}.")


#: Some of the items, so many, in their order.
Choosing = Callable[[Sequence[Box], int], list[Box]]


def handed_out(
    scene: Scene, options: Options, *, blank: str, count: int | None, choose: Choosing,
    seed: int | None, varied: str, start: Mapping[str, Value],
) -> Handout:  # fmt: skip
    """The handout of a run that has come to its end.

    count: how many places are blank; half of all with a seed, else all. choose: which ones.
    start: the variables when the run began.
    Errors: DebugError when there is nothing to leave blank.
    """
    asked = replace(options, values=True, overlay=None, theme=options.theme or "print")
    drawn = composed(scene, asked)
    ground = ground_for(drawn, asked)
    writer = ground.writer(drawn)
    faces = {box: writer.face(box) for box in drawn.boxes}
    places = [box for box in drawn.boxes if hole(blank, writer, box, faces[box], 1) is not None]
    if not places:
        raise DebugError(
            f"There are no {blank} in this picture to leave blank. Try another blank or fetch."
        )
    most = -(-len(places) // 2) if seed is not None else len(places)
    if count is not None and not 1 <= count <= len(places):
        raise DebugError(f"There are {len(places)} {blank} to leave blank, not {count}.")
    holes: dict[Box, tuple[Blank, Face]] = {}
    for number, box in enumerate(choose(places, count or most), 1):
        made = hole(blank, writer, box, faces[box], number)
        assert made is not None
        holes[box] = made
    before = as_at_the_start(writer, faces) if blank == "gradients" else faces
    blanked = {box: holes[box][1] if box in holes else face for box, face in before.items()}
    hidden = {b: (place.number, faces[b].title) for b, (place, face) in holes.items()
              if face.title != faces[b].title}  # fmt: skip
    blanked = hidden_elsewhere(drawn, hidden, blanked)
    solved, empty = steady([faces, blanked])
    placed, look = ground.placed(solved), theme(asked.theme)
    picture, key = (_untitled(Drawing(drawn, f, look), writer, placed) for f in (empty, solved))
    return Handout(
        title=picture.title,
        blank=blank,
        blanks=tuple(place for place, _ in holes.values()),
        given=() if blank == "names" else tuple(_given(scene, writer, start)),
        program=_program(writer),
        seed=seed,
        varied=varied,
        picture=picture,
        solved=key,
    )


def _untitled(drawing: Drawing, writer: Faces, placed: Placed | None) -> Picture:
    """The picture without the two lines above it, which the page has."""
    return replace(finished(drawing, writer, placed), dot=drawing.text(placed, "", ""))


# ---- what is known -----------------------------------------------------------------------------


def _given(scene: Scene, writer: Faces, start: Mapping[str, Value]) -> list[tuple[str, str]]:
    """The values of feeds, and of variables at the start, by their names."""
    found = []
    for box in writer.drawn.boxes:
        output = writer.output(box)
        if box.fold is not None or output is None:
            continue
        if box.role == "feed" and output in scene.values:
            found.append((writer.title(box), _all_of(scene.values[output])))
        elif box.role in ("variable", "frozen") and box.main.name in start:
            found.append((f"{writer.title(box)}, at the start", _all_of(start[box.main.name])))
    return found


def _all_of(value: Value) -> str:
    array = np.asarray(value)
    if is_list(array) or array.dtype.kind not in "biuf" or array.size > MOST:
        return described(value)
    return written(array)


def _program(writer: Faces) -> tuple[tuple[int, str], ...]:
    """The lines of the file in which most of the forward pass was written."""
    lines: dict[str, dict[int, str]] = {}
    for box in writer.drawn.boxes:
        for op in box.operations:
            if op.gradient_of is None and op.source is not None and box.role != "ghost":
                lines.setdefault(op.source.filename, {})[op.source.lineno] = op.source.text
    most = max(lines.values(), key=len, default={})
    return tuple(sorted(most.items()))
