"""`paint`: a scene becomes a `Picture`, which can be saved, shown in a notebook, or read as DOT."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from html import escape, unescape
from pathlib import Path

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.scene import Scene
from graphscope.engine.plan import Phase
from graphscope.show.answers_drawn import add_cuts, named
from graphscope.show.dot import Drawing
from graphscope.show.engines import render, write
from graphscope.show.faces import Face, Faces
from graphscope.show.fold import fold
from graphscope.show.ghosts import add_ghosts, count_pruned
from graphscope.show.ladder import ladder
from graphscope.show.metrics import shortened
from graphscope.show.options import Options
from graphscope.show.place import Placed, Placer, box_size, runs_of, scopes_in, shape_of
from graphscope.show.route import Router
from graphscope.show.select import near, part_of
from graphscope.show.sketch import Box, Sketch, sketch
from graphscope.show.theme import theme as theme_named

#: The longest sentence of an answer.
_LONGEST = 150
_FONTS = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"


@dataclass(frozen=True)
class Picture(Answer):
    """A drawn graph.

    name:   what was fetched, as the stem of a file's name.
    dot:    the DOT text: a pure function of the scene and the options.
    boxes:  how many boxes there are.
    placed: whether the text has the coordinates.
    path:   the file it was saved to, or None.
    tooltips: for each box, by its name in the text: the operations behind it and their source.
    """

    name: str
    dot: str
    boxes: int
    placed: bool
    title: str = ""
    sentence: str = ""
    tooltips: dict[str, str] = field(default_factory=dict, repr=False)
    path: Path | None = None

    def __str__(self) -> str:
        return f"{self.title}: {self.sentence}; {self.boxes} boxes"

    def svg(self) -> str:
        """The picture as SVG text. Errors: DebugError when nothing can draw it."""
        text = render(self.dot, "svg", placed=self.placed).decode()
        text = re.sub(r"<title>(.*?)</title>", self._tooltip, text, flags=re.DOTALL)
        return re.sub(r'font-family="(?:Helvetica|Arial)[^"]*"', f'font-family="{_FONTS}"', text)

    def _tooltip(self, found: re.Match[str]) -> str:
        key = unescape(found[1])
        return f"<title>{escape(self.tooltips.get(key, ''), quote=False)}</title>"

    def png(self) -> bytes:
        """The picture as PNG, 144 dots per inch. Errors: DebugError when nothing can draw it."""
        return render(self.dot, "png", placed=self.placed)

    def save(self, path: str | os.PathLike[str]) -> Picture:
        """Write the picture as .svg, .png or .dot (.gv), by the end of the name.

        Returns the same picture, with its `path`.

        Errors: DebugError for another ending, when the file cannot be written, or when nothing can
        draw; the DOT text is then written beside it.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix in (".dot", ".gv"):
            write(path, self.dot.encode())
        elif suffix in (".svg", ".png"):
            try:
                data = self.svg().encode() if suffix == ".svg" else self.png()
            except DebugError as error:
                kept = path.with_suffix(".dot")
                write(kept, self.dot.encode())
                raise DebugError(f"{error} Kept: {kept}") from None
            write(path, data)
        else:
            raise DebugError(f"A picture is saved as .svg, .png or .dot, not as {path.name!r}.")
        return replace(self, path=path)

    def _repr_svg_(self) -> str:
        """For notebooks: as wide as it is, and never wider than the page."""
        return self.svg().replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)


def paint(scene: Scene, options: Options = Options()) -> Picture:  # noqa: B008
    """Draw a scene."""
    drawn = composed(scene, options)
    writer, faces, placed = arrange(drawn, ladders=options.ladder)
    title, sentence = title_of(scene), _sentence(drawn, writer)
    drawing = Drawing(drawn, faces, theme_named(options.theme))
    if placed is None:
        dot = drawing.flowing(title, sentence)
    else:
        dot = drawing.placed(placed, title, sentence)
    tooltips = {box.key: face.tooltip for box, face in faces.items()}
    boxes = len(drawn.boxes)
    return Picture(name_of(scene), dot, boxes, placed is not None, title, sentence, tooltips)


def composed(scene: Scene, options: Options) -> Sketch:
    """The boxes and edges that are drawn."""
    drawn = sketch(scene)
    if options.ghosts:
        add_ghosts(drawn)
    add_cuts(drawn)
    if options.part is not None:
        drawn = part_of(drawn, options.part)
    if options.focus is not None:
        drawn = near(drawn, options.focus, options.radius)
    return fold(drawn, options.folding, _pinned(drawn))


def _pinned(drawn: Sketch) -> set[Box]:
    """What is never folded: where the run stands, what stops it, and what is not finite."""
    scene = drawn.scene
    marked = scene.breakpoints | scene.watched | scene.by_hand
    seen = {scene.now, scene.next, scene.now_inside, scene.next_inside, *marked}
    return {drawn.home[op] for op in seen if op is not None and op in drawn.home} | named(drawn)


def arrange(drawn: Sketch, *, ladders: bool = True) -> tuple[Faces, dict[Box, Face], Placed | None]:
    """The texts of the boxes, and the coordinates unless Graphviz is to find them."""
    grid = ladder(drawn) if ladders else None
    if grid is None:
        writer = Faces(drawn)
        return writer, {box: writer.face(box) for box in drawn.boxes}, None
    runs = runs_of(drawn, grid)
    writer = Faces(drawn, scopes_in(grid, runs))
    faces = {box: writer.face(box) for box in drawn.boxes}
    sizes = {box: box_size(face, shape_of(box)) for box, face in faces.items()}
    return writer, faces, Placer(grid, Router(grid, drawn.edges), sizes, runs).placed()


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
    box = drawn.home[scene.next]
    phases = {Phase.FORWARD: "forward", Phase.BACKWARD: "backward", Phase.UPDATE: "update"}
    phase = phases[scene.plan.phases[scene.next]]
    if scene.failed is not None:
        return f"t={scene.t} of {end}: {faces.title(box)} fails: {shortened(scene.failure, 100)}"
    where = f"stopped at t={scene.t} of {end}" if scene.t else f"at the start, t=0 of {end}"
    exact = f" ({scene.next.name})" if scene.next is not box.main or len(box.ops) > 1 else ""
    return f"{where}, next: {faces.title(box)}{exact}, {phase}; {changed}"


def _count(number: int, word: str) -> str:
    many = f"{word}es" if word.endswith("x") else f"{word}s"
    return f"{number:,} {word if number == 1 else many}"
