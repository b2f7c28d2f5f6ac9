"""What can be left blank in the boxes of a picture, and what would tell it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from graphscope.engine.interpreter import Value
from graphscope.show.faces import SMALL, TITLE, Face, Faces
from graphscope.show.metrics import text_width
from graphscope.show.sketch import Box, Sketch
from graphscope.show.states import changed, moved, written

#: An array of more elements is described, and not written out.
MOST = 24
#: What a number in a box is, so that only the number itself is blank.
_WORDS = ("mean", "norm", "value", "changed by")
_LINE = "______"


@dataclass(frozen=True)
class Blank:
    """A place to fill in. asks: for what, in words. answer: what belongs there. whole: all of the
    value, where the answer says only a part of it and there are not many elements."""

    number: int
    node: str
    asks: str
    answer: str
    whole: str = ""


def hole(kind: str, writer: Faces, box: Box, face: Face, number: int) -> tuple[Blank, Face] | None:
    """The place in a box that is left blank, and the box with it; None when it has no such."""
    if box.fold is not None or box.role == "ghost":
        return None
    if kind == "names":
        return _name(box, face, number)
    if kind == "kinds":
        return _kind(writer, box, face, number)
    roles = ("forward",) if kind == "values" else ("gradient", "update")
    return _number(writer, box, face, number) if box.role in roles else None


def _name(box: Box, face: Face, number: int) -> tuple[Blank, Face] | None:
    if box.role not in ("feed", "forward", "variable", "frozen"):
        return None
    blank = Blank(number, box.main.name, "the name in this box", face.title)
    return blank, _titled(face, f"({number}) {_LINE}")


def _kind(writer: Faces, box: Box, face: Face, number: int) -> tuple[Blank, Face] | None:
    if box.role != "forward" or any(op.type != "Const" for op in box.ops if op is not box.main):
        return None
    kind, line = box.main.type, f"({number}) {_LINE}"
    if face.shape.startswith(f"{kind} ") or face.shape == kind:
        asks = f"the operation that makes {face.title}"
        shape = face.shape.replace(kind, line, 1)
        width = max(face.width, text_width(shape, SMALL, mono=True))
        return Blank(number, box.main.name, asks, kind), replace(face, shape=shape, width=width)
    return Blank(number, box.main.name, "the operation in this box", kind), _titled(face, line)


def _titled(face: Face, title: str) -> Face:
    return replace(face, title=title, width=max(face.width, text_width(title, TITLE, bold=True)))


def _number(writer: Faces, box: Box, face: Face, number: int) -> tuple[Blank, Face] | None:
    """A value: all of it, or what the box says of it."""
    text, value = _shown(writer, box)
    if not text or text not in face.small:
        return None
    word = next((word for word in _WORDS if text.startswith(f"{word} ")), "")
    answer = text.removeprefix(word).strip()
    name = writer.title(box)
    asks = f"the {word or 'elements'} of {name}"
    if box.role == "update":
        asks = f"the norm of what {name} changes" if word else f"what {name} changes, from and to"
    line = f"{word} ({number}) {_LINE}".strip()
    small = face.small.replace(text, line, 1)
    width = max(face.width, text_width(small, SMALL))
    few = value is not None and word in ("mean", "norm") and np.size(value) <= MOST
    whole = written(np.asarray(value)) if few else ""
    blank = Blank(number, box.main.name, asks, answer, whole)
    return blank, replace(face, small=small, width=width)


def _shown(writer: Faces, box: Box) -> tuple[str, Value | None]:
    """What a box says of its value, and the value; nothing when it has none."""
    if box.role == "update":
        move = writer.scene.moves.get(box.main)
        return ("", None) if move is None else (moved(move)[0], None)
    output = writer.output(box)
    value = None if output is None else writer.scene.values.get(output)
    return ("", None) if value is None else (writer.states.summary(box, value)[0], value)


def as_at_the_start(writer: Faces, faces: Mapping[Box, Face]) -> dict[Box, Face]:
    """The boxes with the variables as they were before the updates, which tell the gradients."""
    found = dict(faces)
    for box, face in faces.items():
        delta = writer.scene.deltas.get(box.main)
        if box.role in ("variable", "frozen") and delta is not None:
            after = changed(delta, numbers=True)[0]
            before = "" if delta.old is None else writer.states.summary(box, delta.old)[0]
            found[box] = replace(face, small=face.small.replace(after, before))
    return found


def hidden_elsewhere(
    drawn: Sketch, hidden: Mapping[Box, tuple[int, str]], faces: Mapping[Box, Face]
) -> dict[Box, Face]:
    """The boxes with the numbers of blank names in place of the names: ``(1) grad``. A name that
    several boxes have is left blank where it cannot be said which of them is meant."""
    signs: dict[str, str] = {}
    for number, title in hidden.values():
        for name in title.split(" = "):
            signs[name] = f"({number})" if name not in signs else _LINE
    found = {}
    for box, face in faces.items():
        first, equals, last = face.title.rpartition(" = ")
        about = None if box.about is None else drawn.home.get(box.about)
        if box.about is None:
            last = _signed(last, signs)
        elif about is not None and about in hidden:
            number, name = hidden[about]
            last = _signed(last, dict.fromkeys(name.split(" = "), f"({number})"))
        found[box] = replace(face, title=f"{_signed(first, signs)}{equals}{last}")
    return found


def _signed(text: str, signs: Mapping[str, str]) -> str:
    """The text with signs in place of names, also in ``dW``."""
    if not signs:
        return text
    names = "|".join(map(re.escape, sorted(signs, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(d?)({names})(?!\w)", lambda m: m[1] + signs[m[2]], text)
