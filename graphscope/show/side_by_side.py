"""Two runs, two times of one run, or two graphs, drawn side by side.

Both halves have one layout, made for the boxes of both: what is the same is at the same place, and
what is only in one half leaves its place empty in the other.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.questions.compare import equal
from graphscope.debug.questions.diff import Changes, RunsDiffer
from graphscope.debug.scene import Highlight, Mark, Part, Scene
from graphscope.graph.graph import Operation, Tensor
from graphscope.show.answers_drawn import said
from graphscope.show.dot import Drawing
from graphscope.show.faces import Face, Faces
from graphscope.show.fold import fold
from graphscope.show.ladder import ladder
from graphscope.show.layout import laid_out
from graphscope.show.legend import Sample
from graphscope.show.merge import Group, merged
from graphscope.show.picture import Picture, composed, name_of, title_of
from graphscope.show.place import (
    Band,
    Path,
    Placed,
    Rect,
    box_size,
    runs_of,
    scopes_in,
    shape_of,
)
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch
from graphscope.show.strengths import edge_words
from graphscope.show.theme import NEW
from graphscope.show.theme import theme as theme_named
from graphscope.show.told import Content

#: The space between the halves, and above them for their headings.
_BETWEEN, _ABOVE = 70.0, 34.0
#: So many names are in a sentence.
_FEW = 4


@dataclass
class Half:
    """One of the two pictures. whole: for each of its boxes the one of both together."""

    drawn: Sketch
    whole: dict[Box, Box]
    heading: str


def side_by_side(
    left: Scene, right: Scene, options: Options, answer: Answer | None = None
) -> Picture:
    """A picture of two scenes. answer: what the debugger says of their difference."""
    scenes = (left, right)
    alike = {op.name for op in left.plan.needed} == {op.name for op in right.plan.needed}
    aside = options.ghosts if alike else None
    wanted = replace(options, budget=None, depth=None, collapse=(), ghosts=aside)
    sketches = [composed(scene, wanted) for scene in scenes]
    union, twins = _together(*sketches)
    union.asked = options
    highlights = _highlights(sketches, twins, answer)
    for drawn, highlight in zip(sketches, highlights, strict=True):
        drawn.scene = replace(drawn.scene, highlight=highlight)
    pinned = {twins[i][box] for i, drawn in enumerate(sketches) for box in _pinned(drawn)}
    whole = fold(union, pinned)
    whole.boxes = _ordered(whole)
    headings = _headings(left, right, answer)
    halves = [
        _half(whole, drawn, twin, heading)
        for drawn, twin, heading in zip(sketches, twins, headings, strict=True)
    ]
    return _drawn(whole, halves, highlights[0], options)


# ---- what differs ------------------------------------------------------------------------------


def _highlights(
    sketches: Sequence[Sketch], twins: Sequence[Mapping[Box, Box]], answer: Answer | None
) -> list[Highlight]:
    """What differs between the two, as answers."""
    left, right = (drawn.scene for drawn in sketches)
    others = {op.name: op for op in _operations(right)}
    marks: list[dict[Operation, Mark]] = [{}, {}]
    times = isinstance(answer, Changes)
    words = ("ran in between", "changed") if times else ("differs", "differs")
    first = answer.node if isinstance(answer, RunsDiffer) else None
    for op in _operations(left):
        other = others.pop(op.name, None)
        if other is None:
            marks[0][op] = Mark("new", "only here")
        elif word := _difference(op, other, left, right, words):
            part: Part = "first" if op is first else "differs"
            word = "first difference" if op is first else word
            marks[0][op], marks[1][other] = Mark(part, "" if times else word), Mark(part, word)
    marks[1].update((op, Mark("new", "only here")) for op in others.values())
    both = set(twins[0].values()) & set(twins[1].values())
    for drawn, twin, own in zip(sketches, twins, marks, strict=True):
        for op, mark in own.items():
            box = drawn.home.get(op)
            if mark.part == "new" and box is not None and twin[box] in both:
                own[op] = Mark("differs", "made otherwise")
    title, sentence = _title(left, right, answer), _sentence(sketches, marks, answer)
    return [
        Highlight(title, sentence, own, _pairs(own), legend=_LEGEND, rest="the same in both")
        for own in marks
    ]


_LEGEND: dict[Part, str] = {"differs": "not the same in both"}


def _operations(scene: Scene) -> list[Operation]:
    """What runs or is given or fed, in order of creation."""
    needed = {*scene.plan.nodes, *scene.plan.given, *(t.op for t in scene.plan.used_feeds)}
    return sorted(needed, key=lambda op: op._id)


def _pairs(marks: Mapping[Operation, Mark]) -> frozenset[tuple[Operation, Operation]]:
    """The differing operations that hand something to differing ones."""
    return frozenset(
        (before, op)
        for op in marks
        for before in [*(tensor.op for tensor in op.inputs), *op.control_inputs]
        if before in marks
    )


def _difference(
    op: Operation, other: Operation, left: Scene, right: Scene, words: tuple[str, str]
) -> str:
    """How an operation and its twin differ, in a word; empty when they do not."""
    made = "" if op is other else _made(op, other)
    if made:
        return made
    for one, two in zip(op.outputs, other.outputs, strict=True):
        x, y = left.values.get(one), right.values.get(two)
        if (x is None) != (y is None):
            return words[0] if _ran(op, left) != _ran(other, right) else words[1]
        if not equal(x, y):
            return words[1]
    return words[0] if _ran(op, left) != _ran(other, right) else ""


def _ran(op: Operation, scene: Scene) -> bool:
    return op in scene.done


def _made(op: Operation, other: Operation) -> str:
    """In what two operations of the same name, but of two graphs, are not alike."""
    if op.type != other.type:
        return "another op"
    if list(map(_kind, op.outputs)) != list(map(_kind, other.outputs)):
        return "another shape"
    if [tensor.name for tensor in op.inputs] != [tensor.name for tensor in other.inputs]:
        return "other inputs"
    return "" if _constant(op) == _constant(other) else "another constant"


def _kind(tensor: Tensor) -> tuple[str, str]:
    return tensor.dtype.name, str(tensor.shape)


def _constant(op: Operation) -> list[object] | None:
    return np.ravel(op.attrs["value"]).tolist() if op.type == "Const" else None


def _title(left: Scene, right: Scene, answer: Answer | None) -> str:
    if isinstance(answer, Changes):
        return f"What changed between t={answer.first} and t={answer.last}"
    if isinstance(answer, RunsDiffer):
        return f"Where runs {answer.first_run} and {answer.second_run} differ"
    if answer is not None:
        raise DebugError("There is no picture of this difference: diff two times or two runs.")
    return f"{', '.join(left.fetched)} beside {', '.join(right.fetched)}"


def _sentence(
    sketches: Sequence[Sketch], marks: Sequence[Mapping[Operation, Mark]], answer: Answer | None
) -> str:
    if isinstance(answer, Changes):
        return _changes(answer)
    if answer is not None:
        return said(answer)
    new = [_names(drawn, own, "new") for drawn, own in zip(sketches, marks, strict=True)]
    other = _names(sketches[0], marks[0], "differs")
    parts = [("only in the first", new[0]), ("only in the second", new[1]), ("not the same", other)]
    return "; ".join(f"{word}: {names}" for word, names in parts if names) or "no difference"


def _names(drawn: Sketch, marks: Mapping[Operation, Mark], part: Part) -> str:
    """The boxes with this part, without those of gradients and updates where there are others."""
    found = [
        box
        for box in drawn.boxes
        if any(op in marks and marks[op].part == part for op in box.operations)
    ]
    steps = [box for box in found if box.role not in ("gradient", "update", "control")]
    called = drawn.scene.names
    names = [called.of(box.main) for box in steps] or [called.label(box.main) for box in found]
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more


def _changes(answer: Changes) -> str:
    names = ", ".join(answer.variables)
    count = len(answer.nodes)
    ran = f"{count} node{'' if count == 1 else 's'} ran"
    return f"{ran}; changed: {names}" if names else f"{ran}; no variable changed"


def _headings(left: Scene, right: Scene, answer: Answer | None) -> tuple[str, str]:
    if isinstance(answer, RunsDiffer):
        return (f"run {answer.first_run}, t={left.t} of {left.end}",
                f"run {answer.second_run}, t={right.t} of {right.end}")  # fmt: skip
    if isinstance(answer, Changes):
        return f"t={left.t} of {left.end}", f"t={right.t} of {right.end}"
    return title_of(left), title_of(right)


# ---- one sketch for both -----------------------------------------------------------------------


def _together(a: Sketch, b: Sketch) -> tuple[Sketch, tuple[dict[Box, Box], dict[Box, Box]]]:
    """The boxes and edges of both, and for each box of either the one that stands for it."""
    union = Sketch(a.scene, elsewhere=a.elsewhere)
    by_key = {_key(box): box for box in a.boxes}
    own = {box: box for box in a.boxes}
    other = {box: by_key.get(_key(box), box) for box in b.boxes}
    union.boxes = [*a.boxes, *(box for box in b.boxes if other[box] is box)]
    union.boxes.sort(key=lambda box: box.main._id)
    for drawn, twin in ((b, other), (a, own)):  # the first one's operations are those it knows
        union.home.update((op, twin[box]) for op, box in drawn.home.items())
        union.feeds.update((tensor, twin[box]) for tensor, box in drawn.feeds.items())
        union.gradients.update((key, twin[box]) for key, box in drawn.gradients.items())
    for drawn, twin in ((a, own), (b, other)):
        for edge in drawn.edges:
            union.join(twin[edge.tail], twin[edge.head], edge.kind)
    return union, (own, other)


def _key(box: Box) -> Hashable:
    """What is the same for the boxes of one thing in both halves."""
    if box.role == "gradient" and box.about is not None:
        return ("gradient of", box.about.name, box.order)
    return box.key


def _ordered(whole: Sketch) -> list[Box]:
    """The boxes in an order in which each comes after those that it uses, as far as the halves do
    not contradict each other; otherwise in order of creation."""
    rank = {box: i for i, box in enumerate(whole.boxes)}
    waiting = {
        box: {edge.tail for edge in whole.into(box) if edge.kind not in ("write", "turn")}
        for box in whole.boxes
    }
    ready = [rank[box] for box, before in waiting.items() if not before]
    found: dict[Box, None] = {}
    while len(found) < len(rank):
        at = heapq.heappop(ready) if ready else min(rank[b] for b in whole.boxes if b not in found)
        box = whole.boxes[at]
        if box in found:
            continue
        found[box] = None
        for edge in whole.out_of(box):
            left = waiting[edge.head]
            left.discard(box)
            if not left and edge.head not in found:
                heapq.heappush(ready, rank[edge.head])
    return list(found)


def _pinned(drawn: Sketch) -> Iterator[Box]:
    """What is never folded: the first difference, and what is only in one half."""
    highlight = drawn.scene.highlight
    marks = highlight.marks if highlight is not None else {}
    for box in drawn.boxes:
        if any(op in marks and marks[op].part in ("first", "new") for op in box.operations):
            yield box


def _half(whole: Sketch, drawn: Sketch, twin: Mapping[Box, Box], heading: str) -> Half:
    """One half, folded as both together are."""
    folded = {
        part: box for box in whole.boxes if box.fold is not None for part in (box.parts or [box])
    }
    groups: dict[Box, Group] = {}
    for box in drawn.boxes:
        into = folded.get(twin[box])
        if into is not None and into.fold is not None:
            groups[box] = Group(into.key, into.role, into.fold, into.order)
    half = merged(drawn, groups)
    of = {box: twin[box] for box in half.boxes if box in twin}
    of.update((half.home[box.ops[0]], folded[twin[box]]) for box in groups)
    return Half(half, of, heading)


# ---- the picture -------------------------------------------------------------------------------


def _drawn(whole: Sketch, halves: list[Half], highlight: Highlight, options: Options) -> Picture:
    grid = ladder(whole, lanes=len(whole.boxes))
    assert grid is not None, "with so many lanes every graph is a ladder"
    runs = runs_of(grid=grid, drawn=whole)
    scopes = scopes_in(grid, runs)
    faces = [_faces(half, scopes) for half in halves]
    sizes: dict[Box, tuple[float, float]] = {}
    for half, own in zip(halves, faces, strict=True):
        for box, face in own.items():
            width, height = box_size(face, shape_of(box))
            before = sizes.get(half.whole[box], (0.0, 0.0))
            sizes[half.whole[box]] = (max(before[0], width), max(before[1], height))
    placed = laid_out(whole, grid, runs, sizes, _edge_words(whole, halves))
    right = math.ceil(placed.right - placed.left + _BETWEEN)
    theme = theme_named(options.theme)
    drawings = []
    known = [{half.whole[box]: face for box, face in own.items()}
             for half, own in zip(halves, faces, strict=True)]  # fmt: skip
    for number, (half, own) in enumerate(zip(halves, faces, strict=True)):
        _add_absent(half, own, known[1 - number])
        drawings.append(Drawing(half.drawn, own, theme, prefix=f"{number + 1} "))
    graph = drawings[0].canvas()
    found: dict[tuple[str, str], Sample] = {}
    for number, (drawing, half) in enumerate(zip(drawings, halves, strict=True)):
        where = _shifted(_of_half(placed, half), number * right)
        drawing.add(graph, where)
        drawing.heading(graph, half.heading, where.left, where.top - 16)
        found.update(((sample.word, sample.sign), sample) for sample in drawing.samples)
    end = placed.right + right
    drawings[0].title(graph, highlight.title, highlight.sentence, placed.left, placed.top - _ABOVE)
    drawings[0].legend(graph, list(found.values()), placed.left, end, placed.bottom + 30)
    return Picture(
        name=f"{name_of(halves[0].drawn.scene)}-beside",
        dot=str(graph.source),
        boxes=sum(len(half.drawn.boxes) for half in halves),
        placed=True,
        title=highlight.title,
        sentence=highlight.sentence,
        content=Content(whole, {**known[0], **known[1]}, highlight.title, highlight.sentence),
        look=theme,
        tooltips={
            drawing.prefix + box.key: face.tooltip
            for drawing in drawings
            for box, face in drawing.faces.items()
        },
    )


def _edge_words(whole: Sketch, halves: Sequence[Half]) -> dict[Edge, str]:
    """What is written at the edges of either half, by the edges of both together."""
    known = {(edge.tail, edge.head, edge.kind): edge for edge in whole.edges}
    return {
        known[key]: word
        for half in halves
        for edge, word in edge_words(half.drawn).items()
        if (key := _edge_of(edge, half)) in known
    }


def _faces(half: Half, scopes: Mapping[Box, str]) -> dict[Box, Face]:
    own = {box: scopes.get(whole, "") for box, whole in half.whole.items()}
    writer = Faces(half.drawn, own)
    return {box: writer.face(box) for box in half.drawn.boxes}


def _add_absent(half: Half, faces: dict[Box, Face], other: Mapping[Box, Face]) -> None:
    """Empty places, for what is only in the other half. other: the faces there."""
    there = set(half.whole.values())
    for box, face in other.items():
        if box not in there:
            empty = Box("ghost", box.main, tensor=box.tensor, fetched=box.fetched)
            half.drawn.boxes.append(empty)
            half.whole[empty] = box
            title = face.title.removeprefix(f"{NEW} ")
            faces[empty] = Face(title, "", "not here", "", False, 0.0, face.tooltip, part="gone")


def _of_half(placed: Placed, half: Half) -> Placed:
    """The part of the common layout that is in one half."""
    known: dict[tuple[Box, Box, EdgeKind], Path] = {
        (path.edge.tail, path.edge.head, path.edge.kind): path for path in placed.paths
    }
    paths = [
        Path(edge, known[key].points, known[key].stub)
        for edge in half.drawn.edges
        if (key := _edge_of(edge, half)) in known
    ]
    at = {(edge.tail, edge.head, edge.kind): point for edge, point in placed.labels.items()}
    labels = {e: at[key] for e in half.drawn.edges if (key := _edge_of(e, half)) in at}
    rects = {box: placed.rects[half.whole[box]] for box in half.drawn.boxes}
    return replace(placed, rects=rects, paths=paths, labels=labels)


def _edge_of(edge: Edge, half: Half) -> tuple[Box, Box, EdgeKind]:
    return half.whole[edge.tail], half.whole[edge.head], edge.kind


def _shifted(placed: Placed, by: float) -> Placed:
    def moved(rect: Rect) -> Rect:
        return replace(rect, x=rect.x + by)

    return Placed(
        rects={box: moved(rect) for box, rect in placed.rects.items()},
        paths=[
            replace(path, points=tuple((x + by, y) for x, y in path.points))
            for path in placed.paths
        ],
        bands=[Band(band.scope, band.depth, moved(band.area)) for band in placed.bands],
        labels={edge: (x + by, y) for edge, (x, y) in placed.labels.items()},
        left=placed.left + by,
        right=placed.right + by,
        top=placed.top,
        bottom=placed.bottom,
    )
