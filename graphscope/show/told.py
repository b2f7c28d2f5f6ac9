"""A picture in words: its boxes in the order in which they run, in sentences or as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphscope.ops.state import variable_of
from graphscope.show.faces import Face
from graphscope.show.place import around
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch, is_gradient
from graphscope.show.strengths import edge_words
from graphscope.show.theme import BREAKPOINT, NEXT, RoleName

#: Of more boxes in one part, only the first are told in sentences.
_MOST = 60

_PARTS: dict[str, frozenset[RoleName]] = {
    "feeds": frozenset({"feed", "const"}),
    "forward": frozenset({"forward"}),
    "variables": frozenset({"variable", "frozen"}),
    "gradients": frozenset({"gradient"}),
    "updates": frozenset({"update"}),
    "groups": frozenset({"control", "fetch"}),
    "does not run": frozenset({"ghost"}),
}


@dataclass(frozen=True)
class Content:
    """What was drawn, as data: the boxes and edges, the texts in them, and the two lines above."""

    drawn: Sketch
    faces: Mapping[Box, Face]
    title: str
    sentence: str

    def name(self, box: Box) -> str:
        """The first line of the box, without its marks."""
        return self.faces[box].title.removeprefix(f"{NEXT} ").removeprefix(f"{BREAKPOINT} ")

    def parts(self) -> Iterator[tuple[str, list[Box]]]:
        """The boxes by what they do: (heading, boxes in their order), what occurs of it."""
        for heading, roles in _PARTS.items():
            boxes = [box for box in self.drawn.boxes if box.role in roles]
            if boxes:
                yield heading, boxes

    def used(self, box: Box, kinds: Iterable[EdgeKind] = ()) -> list[str]:
        """The names of what leads into the box, each once; by some kinds of edges, or by all that
        carry values; with what is written at the edges."""
        wanted = set(kinds) or {"data", "feed", "variable", "gradient", "turn", "ghost", "blocked"}
        words = self._edge_words
        names = (
            " ".join(filter(None, (self.name(e.tail), words.get(e))))
            for e in self.drawn.into(box)
            if e.kind in wanted
        )
        return list(dict.fromkeys(names))

    @cached_property
    def _edge_words(self) -> dict[Edge, str]:
        return edge_words(self.drawn)

    def written(self, box: Box) -> list[str]:
        """The names of the variables that an update writes."""
        return [self.name(e.head) for e in self.drawn.out_of(box) if e.kind == "write"]


def sentences(content: Content) -> str:
    """All of a picture for somebody who cannot see it."""
    found = [f"{content.title}: {content.sentence}."]
    for heading, boxes in content.parts():
        scopes = ["/".join(scope_of(box)) for box in boxes]
        parts = [
            f"in {scope}: {told(content, box)}" if scope != before and scope else
            told(content, box)
            for box, scope, before in zip(boxes[:_MOST], scopes, ["", *scopes], strict=False)
        ]  # fmt: skip
        if len(boxes) > _MOST:
            parts.append(f"and {len(boxes) - _MOST:,} more")
        found.append(_OPENINGS[heading].format(count=_steps(len(boxes))) + "; ".join(parts) + ".")
    return "\n".join(found)


_OPENINGS = {
    "feeds": "What enters: ",
    "forward": "Forward, {count} in order: ",
    "variables": "Variables: ",
    "gradients": "Gradients, {count} in order: ",
    "updates": "Updates: ",
    "groups": "At the end: ",
    "does not run": "Does not run: ",
}


def scope_of(box: Box) -> tuple[str, ...]:
    """The scope to which a box belongs: a gradient to that of what it is of, an update to that of
    its variable."""
    if box.role == "gradient" and box.fold is None and box.about is not None:
        return tuple(box.about.name.split("/")[:-1])
    if box.role == "update" and box.fold is None:
        return tuple(variable_of(box.main.inputs[0]).name.split("/")[:-1])
    return () if box.role in ("feed", "control", "fetch") else around(box)


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"


def told(content: Content, box: Box) -> str:
    """One box: its name, its shape and third line, what it uses, and what becomes of it."""
    face = content.faces[box]
    words = [content.name(box)]
    about = [part for part in (face.shape, face.small) if part]
    if BREAKPOINT in face.title:
        about.append("breakpoint")
    if about:
        words.append(f"({', '.join(about)})")
    if box.role == "ghost" and not box.blocked:
        return " ".join(words)
    verb = "from" if is_gradient(box) or box.blocked else "uses"
    verb = "hides" if box.role == "feed" else verb
    used = content.used(box, ("data", "feed", "variable", "gradient", "turn", "blocked"))
    if used:
        words.append(f"{verb} {listed(used)}")
    if written := content.written(box):
        words.append(f"and changes {listed(written)}" if used else f"changes {listed(written)}")
    if again := content.used(box, ("saved",)):
        words.append(f"with {listed(again)} again")
    if after := content.used(box, ("control",)):
        words.append(f"after {listed(after)}")
    return " ".join(words)


def listed(names: list[str]) -> str:
    """``a, b and c``"""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
