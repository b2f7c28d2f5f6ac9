"""What the signs, colours and lines of a picture mean: only those that occur in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphscope.debug.scene import Part
from graphscope.kernels.stats import brief
from graphscope.show.amounts import SCALES
from graphscope.show.faces import Face
from graphscope.show.looks import (
    SAVED,
    STRONGEST,
    WAY,
    Look,
    faint,
    hollow,
    next_look,
    role_look,
    thick,
)
from graphscope.show.place import shape_of
from graphscope.show.sketch import Box, Sketch
from graphscope.show.strengths import STRONG, THICKEST, THINNEST, WEAK, Strengths, edge_words
from graphscope.show.theme import FOLDED, NOT_RUN, ROLES, SIGNS, RoleName, Theme


@dataclass(frozen=True)
class Sample:
    """A small thing and the word for it.

    look: of a small box; without one there is the `sign`, or a line of this `width` in points, in
    the colour of this `role`.
    """

    word: str
    look: Look | None = None
    sign: str = ""
    width: float = 0.0
    role: RoleName = "gradient"


def samples(
    drawn: Sketch, faces: Mapping[Box, Face], strengths: Strengths, theme: Theme
) -> list[Sample]:
    """The legend of a picture."""
    return [
        *_roles(drawn, faces, theme),
        *_states(faces, theme),
        *(Sample(word, sign=sign) for sign, word in SIGNS.items()
          if any(sign in face.signs for face in faces.values())),
        *_edges(drawn, strengths),
        *_amounts(drawn),
        *_parts(drawn, faces, theme),
    ]  # fmt: skip


def _roles(drawn: Sketch, faces: Mapping[Box, Face], theme: Theme) -> Iterator[Sample]:
    strong = [box for box in drawn.boxes if faces[box].part not in ("faint", "gone")]
    present = {box.role for box in strong}
    for name, role in ROLES.items():
        if name in present and name != "fetch":
            yield Sample(role.word, role_look(theme, name, role.width))
    if any(box.fetched for box in strong):
        yield Sample("fetch", {**role_look(theme, "fetch", 1.2), "peripheries": "2"})
    shapes = {shape_of(box) for box in strong}
    for kind, word in (("scope", "closed: can be opened"), ("series", "series of copies")):
        if FOLDED[kind] in shapes:
            look = role_look(theme, "control", 1.2)
            yield Sample(word, {**look, "shape": FOLDED[kind], "style": "filled"})


def _states(faces: Mapping[Box, Face], theme: Theme) -> Iterator[Sample]:
    states = {face.state for face in faces.values() if face.part != "faint"}
    if "next" in states:
        yield Sample("next to run", next_look(role_look(theme, "forward", 1.8), theme, 1.8))
    if "todo" in states:
        look = hollow(role_look(theme, "control", 1.2), theme)
        yield Sample(f"hollow: {NOT_RUN}", {**look, "style": "dashed"})
    if any(face.bad for face in faces.values()):
        look = thick(role_look(theme, "control", 1.2), 3.2, theme.ink)
        yield Sample("NaN or Inf", {**look, "style": "filled"})


def _edges(drawn: Sketch, strengths: Strengths) -> Iterator[Sample]:
    norms = [norm for edge in drawn.edges if (norm := strengths.norm(edge)) is not None]
    if any(norms) and not drawn.scene.answers:
        yield Sample(f"gradient of norm {brief(WEAK)} or less", width=THINNEST)
        yield Sample(f"{brief(STRONG)} or more; between by the logarithm", width=THICKEST)
    if 0.0 in norms and not drawn.scene.answers:
        yield Sample("gradient that is 0", sign="- 0 -")
    if any(edge.kind == "saved" for edge in drawn.edges):
        yield Sample(
            "hollow arrow: a value that a gradient uses again", width=SAVED, role="control"
        )
    if edge_words(drawn):
        yield Sample("at an edge: the shape of what goes along it", sign="[2, 3]")


def _amounts(drawn: Sketch) -> Iterator[Sample]:
    if drawn.asked.overlay is not None:
        for sign, word in SCALES[drawn.asked.overlay].legend():
            yield Sample(word, sign=sign)


#: What the parts of an answer are called when the answer has no words of its own.
_WORDS: dict[Part, str] = {
    "way": "on the way",
    "culprit": "answers for it",
    "missing": "missing",
    "first": "the first difference",
    "differs": "differs",
    "gone": "not here",
}


def _parts(drawn: Sketch, faces: Mapping[Box, Face], theme: Theme) -> Iterator[Sample]:
    highlight = drawn.scene.highlight
    if highlight is None or not highlight.marks:
        return
    present = {face.part for face in faces.values()}
    plain = role_look(theme, "control", 1.2)
    looks: dict[Part, Look] = {
        "way": thick(plain, WAY),
        "culprit": thick(plain, STRONGEST, theme.ink),
        "first": thick(plain, STRONGEST, theme.ink),
        "missing": thick(hollow(plain, theme), WAY, theme.ink),
        "differs": thick(plain, WAY),
        "gone": hollow(faint(plain, theme), theme),
    }
    for part, look in looks.items():
        if part in present:
            yield Sample(highlight.legend.get(part, _WORDS[part]), look)
    if "faint" in present:
        yield Sample(highlight.rest, faint(plain, theme))
