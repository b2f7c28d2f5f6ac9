"""`paint`: a scene becomes a `Picture`, which can be saved, shown in a notebook, or read as DOT."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import RenderableType

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.scene import Scene
from graphscope.engine.plan import Phase
from graphscope.show import text as terminal
from graphscope.show.answers_drawn import add_cuts, named
from graphscope.show.dot import Drawing
from graphscope.show.engines import DPI, HINT, encoded, render, write
from graphscope.show.faces import Face, Faces
from graphscope.show.fold import fold
from graphscope.show.ghosts import add_ghosts, count_pruned
from graphscope.show.kept import kept_groups
from graphscope.show.ladder import Grid, ladder
from graphscope.show.layout import laid_out
from graphscope.show.letters import ASCII, UNICODE
from graphscope.show.merge import merged
from graphscope.show.mermaid import mermaid
from graphscope.show.metrics import shortened
from graphscope.show.place import Placed, Run, box_size, runs_of, scopes_in, shape_of
from graphscope.show.printed import Printed, printed
from graphscope.show.select import near, part_of
from graphscope.show.sketch import Box, Sketch, add_saved, sketch
from graphscope.show.strengths import edge_words
from graphscope.show.svg import Links, Words, address, dressed
from graphscope.show.theme import Theme
from graphscope.show.theme import theme as theme_named
from graphscope.show.told import Content, sentences

#: What makes the content of a file, by the end of its name.
_FORMS: dict[str, Callable[[Picture], str | bytes]] = {
    ".dot": lambda picture: picture.dot,
    ".gv": lambda picture: picture.dot,
    ".svg": lambda picture: picture.svg(),
    ".png": lambda picture: picture.png(),
    ".pdf": lambda picture: picture.pdf(),
    ".txt": lambda picture: picture.text() + "\n",
    ".mmd": lambda picture: picture.mermaid(),
    ".md": lambda picture: f"```mermaid\n{picture.mermaid()}```\n",
}

#: The longest sentence of an answer.
_LONGEST = 150


@dataclass(frozen=True)
class Picture(Answer):
    """A drawn graph.

    name:   what was fetched, as the stem of a file's name.
    dot:    the DOT text: a pure function of the scene and the options.
    boxes:  how many boxes there are.
    placed: whether the text has the coordinates.
    path:   the file it was saved to, or None.
    tooltips: for each box, by its name in the text: the operations behind it and their source.
    content, look: the same boxes and edges as data, and the theme in which they are drawn.
    """

    name: str
    dot: str
    boxes: int
    placed: bool
    title: str = ""
    sentence: str = ""
    tooltips: dict[str, str] = field(default_factory=dict, repr=False)
    path: Path | None = None
    content: Content = field(kw_only=True, repr=False, compare=False)
    look: Theme = field(kw_only=True, repr=False, compare=False)

    def svg(self, *, links: Links | None = None) -> str:
        """The picture as SVG text, with a title, a description in sentences, and tooltips.

        links: makes boxes lead to addresses: a function from the name of an operation to an
        address or None, or a pattern such as ``"https://.../{file}#L{line}"`` or ``"#{name}"``.
        Errors: DebugError when nothing can draw it, or for a pattern with other names.
        """
        drawn, faces = self.content.drawn, self.content.faces
        found = {box.key: address(box.main, links) for box in drawn.boxes if links is not None}
        edges = {
            f"{edge.tail.key}->{edge.head.key}": f"{faces[edge.tail].title} → "
            f"{faces[edge.head].title}"
            for edge in drawn.edges
        }
        addresses = {key: to for key, to in found.items() if to is not None}
        words = Words(self.title, self.description, self.tooltips, edges, addresses)
        return dressed(render(self.dot, "svg", placed=self.placed), words)

    @property
    def description(self) -> str:
        """The picture in sentences: what enters, each step with what it uses, what is updated."""
        return sentences(self.content)

    def png(self, *, dpi: float = DPI) -> bytes:
        """The picture as PNG, with so many dots per inch. Errors: DebugError when nothing can draw
        it."""
        return render(self.dot, "png", placed=self.placed, dpi=dpi)

    def pdf(self) -> bytes:
        """The picture as PDF. Errors: DebugError when nothing can draw it; graphviz-pure cannot."""
        return render(self.dot, "pdf", placed=self.placed)

    def text(self, width: int = 80, *, unicode: bool = True) -> str:
        """The picture for a terminal of this width: drawn when it fits, else as a list.

        unicode: draw with the letters for boxes; otherwise all is ASCII.
        """
        return printed(self.content, width, UNICODE if unicode else ASCII, draw=self.placed)

    def mermaid(self) -> str:
        """The picture as Mermaid text, which GitHub shows in a README as a flowchart."""
        return mermaid(self.content, self.look)

    def save(self, path: str | os.PathLike[str]) -> Picture:
        """Write the picture, by the end of the name, as .svg, .png, .pdf, .dot (.gv), as text
        (.txt), or as Mermaid (.mmd, and .md with the fence of a README).

        Returns the same picture, with its `path`.

        Errors: DebugError for another ending, when the file cannot be written, or when nothing can
        draw; the DOT text is then written beside it.
        """
        path = Path(path)
        form = _FORMS.get(path.suffix.lower())
        if form is None:
            endings = ", ".join(_FORMS)
            raise DebugError(f"A picture is saved as {endings}, not as {path.name!r}.")
        try:
            made = form(self)
        except DebugError as error:
            kept = path.with_suffix(".dot")
            write(kept, encoded(self.dot))
            raise DebugError(f"{error} Kept: {kept}") from None
        write(path, encoded(made) if isinstance(made, str) else made)
        return replace(self, path=path)

    def _repr_svg_(self) -> str | None:
        """For notebooks: as wide as it is, and never wider than the page; None when nothing can
        draw it."""
        try:
            text = self.svg()
        except DebugError:
            return None
        return text[text.index("<svg") :].replace(
            "<svg ", '<svg style="max-width: 100%; height: auto" ', 1
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """For notebooks: the SVG, and the text for where there is none, with what is missing."""
        svg = self._repr_svg_()
        if svg is None:
            return {"text/plain": f"{self.text()}\n\nTo see it drawn: {HINT}."}
        return {"image/svg+xml": svg, "text/plain": self.text()}


@terminal.render.register
def _(picture: Picture) -> RenderableType:
    return Printed(picture.content, picture.placed, picture.png)


def paint(scene: Scene, options: Options = Options()) -> Picture:  # noqa: B008
    """Draw a scene."""
    drawn = composed(scene, options)
    writer, faces, placed = arrange(drawn, ladders=options.ladder)
    return finished(Drawing(drawn, faces, theme_named(options.theme)), writer, placed)


def finished(drawing: Drawing, writer: Faces, placed: Placed | None) -> Picture:
    """The picture of boxes that have their texts, and places unless Graphviz is to find them."""
    drawn, scene = drawing.drawn, drawing.drawn.scene
    title, sentence = entitled(drawn, writer)
    dot = drawing.text(placed, title, sentence)
    tooltips = {box.key: face.tooltip for box, face in drawing.faces.items()}
    boxes = len(drawn.boxes)
    return Picture(
        name_of(scene), dot, boxes, placed is not None, title, sentence, tooltips,
        content=Content(drawn, drawing.faces, title, sentence), look=drawing.theme,
    )  # fmt: skip


def entitled(drawn: Sketch, writer: Faces) -> tuple[str, str]:
    """The two lines above a picture."""
    sentence = ", ".join(filter(None, (_sentence(drawn, writer), writer.amounts.total)))
    return title_of(drawn.scene), sentence


def composed(scene: Scene, options: Options) -> Sketch:
    """The boxes and edges that are drawn."""
    drawn = sketch(scene, options)
    add_ghosts(drawn)
    drawn = merged(drawn, kept_groups(drawn))
    add_cuts(drawn)
    if options.part is not None:
        drawn = part_of(drawn, options.part)
    if options.focus is not None:
        drawn = near(drawn, options.focus, options.radius)
    drawn = fold(drawn, _pinned(drawn))
    if options.saved:
        add_saved(drawn)
    return drawn


def _pinned(drawn: Sketch) -> set[Box]:
    """What is never folded: where the run stands, what stops it, and what is not finite."""
    scene = drawn.scene
    marked = scene.breakpoints | scene.watched | scene.by_hand
    seen = {scene.now, scene.next, scene.now_inside, scene.next_inside, *marked}
    return {drawn.home[op] for op in seen if op is not None and op in drawn.home} | named(drawn)


def arrange(drawn: Sketch, *, ladders: bool = True) -> tuple[Faces, dict[Box, Face], Placed | None]:
    """The texts of the boxes, and the coordinates unless Graphviz is to find them."""
    ground = Ground.of(drawn, ladders=ladders)
    writer = ground.writer(drawn)
    faces = {box: writer.face(box) for box in drawn.boxes}
    return writer, faces, ground.placed(faces)


@dataclass(frozen=True)
class Ground:
    """The order of the boxes, which does not depend on their texts.

    grid: None when Graphviz is to find the places.
    """

    drawn: Sketch
    grid: Grid | None
    runs: list[Run]

    @classmethod
    def of(cls, drawn: Sketch, *, ladders: bool = True, lanes: int | None = None) -> Ground:
        """ladders: whether there may be one. lanes: how many it may have, if not as many as is
        good for the eye."""
        grid = ladder(drawn, lanes) if ladders else None
        return cls(drawn, grid, [] if grid is None else runs_of(drawn, grid))

    def writer(self, drawn: Sketch) -> Faces:
        """What writes the texts of these boxes, at the time of a sketch."""
        return Faces(drawn, None if self.grid is None else scopes_in(self.grid, self.runs))

    def placed(self, faces: dict[Box, Face]) -> Placed | None:
        """The coordinates of boxes with these texts."""
        if self.grid is None:
            return None
        sizes = {box: box_size(face, shape_of(box)) for box, face in faces.items()}
        return laid_out(self.drawn, self.grid, self.runs, sizes, edge_words(self.drawn))


def name_of(scene: Scene) -> str:
    """The stem of a file: ``train_step``, ``loss-accuracy``; letters that any file system takes."""
    words = [re.sub(r"[^A-Za-z0-9_.]+", "_", word).strip("_") for word in scene.fetched]
    return shortened("-".join(filter(None, words)), 60).replace("…", "-") or "graph"


def title_of(scene: Scene) -> str:
    """What is asked in the picture, or the call of which it is."""
    if scene.highlight is not None:
        return scene.highlight.title
    fetched = ", ".join(scene.fetched)
    fetched = f"[{fetched}]" if len(scene.fetched) != 1 else fetched
    feeds = sorted(scene.plan.feeds, key=lambda tensor: tensor.op._id)
    named = ", ".join(scene.names.python(t.op) or scene.names.of(t.op) for t in feeds)
    feed = f", feed_dict={{{shortened(named, 40)}}}" if named else ""
    return f"sess.run({shortened(fetched, 40)}{feed})"


def _sentence(drawn: Sketch, faces: Faces) -> str:
    """What the run does, or where it stands, in one line."""
    scene, plan = drawn.scene, drawn.scene.plan
    if scene.highlight is not None:
        return shortened(scene.highlight.sentence, _LONGEST)
    if scene.t is not None:
        return _position(drawn, faces)
    updated = {variable for op in plan.nodes for variable in plan.written_by(op)}
    parts = [f"{_count(len(plan), 'op')} run", f"{count_pruned(drawn)} pruned"]
    if any(box.fold is not None and box.fold.kind != "kept" for box in drawn.boxes):
        parts[0] = f"{len(plan):,} ops folded to {_count(len(drawn.boxes), 'box')}"
        parts.append(f'open one with expand="{_openable(drawn)}"')
    if updated:
        parts.append(f"{_count(len(updated), 'variable')} updated")
    missing = [scene.names.of(t.op) for t in plan.missing]
    if missing:
        parts.append(f"no value for {shortened(', '.join(missing), 40)}")
    return ", ".join(parts)


def _openable(drawn: Sketch) -> str:
    """The name of something that is folded."""
    folds = [box.fold for box in drawn.boxes if box.fold is not None and box.fold.kind != "kept"]
    return folds[0].name.partition(" … ")[0]


def _position(drawn: Sketch, faces: Faces) -> str:
    scene = drawn.scene
    assert scene.t is not None
    end = scene.end
    count = len(scene.deltas)
    changed = f"{_count(count, 'variable')} written" if count else "no variable written yet"
    if scene.next is None:
        return f"the end, t={scene.t} of {end}, {changed}"
    inside = scene.next_inside or scene.next
    exact = inside if inside in drawn.home else scene.next
    box = drawn.home.get(exact)
    phases = {Phase.FORWARD: "forward", Phase.BACKWARD: "backward", Phase.UPDATE: "update"}
    phase = phases[scene.plan.phases[scene.next]]
    if scene.failed is not None and box is not None:
        return f"t={scene.t} of {end}: {faces.title(box)} fails: {shortened(scene.failure, 100)}"
    where = f"stopped at t={scene.t} of {end}" if scene.t else f"at the start, t=0 of {end}"
    if scene.next in scene.rounds and inside is not scene.next:
        phase += f", iteration {scene.rounds[scene.next]} of {scene.names.of(scene.next)}"
    if box is None:  # it is in another part of the run
        return f"{where}, next: {scene.names.of(scene.next)}, {phase}; {changed}"
    word = f" ({inside.name})" if inside is not box.main or len(box.ops) > 1 else ""
    return f"{where}, next: {faces.title(box)}{word}, {phase}; {changed}"


def _count(number: int, word: str) -> str:
    many = f"{word}es" if word.endswith("x") else f"{word}s"
    return f"{number:,} {word if number == 1 else many}"
