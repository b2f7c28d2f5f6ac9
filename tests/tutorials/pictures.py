"""The pictures that the lessons draw: each page says where they are, and how they come about."""

import dataclasses
import re
from pathlib import Path

from graphscope.learn import linting
from graphscope.learn.lesson import Typed

ASSETS = Path(__file__).parents[2] / "assets" / "lessons"
_DRAWN = re.compile(r"-o (\w+)\.svg\b")


def asked(lesson):
    """The names of the pictures that a lesson draws and shows."""
    typed = [part.text for part in (*lesson.parts, *lesson.after) if isinstance(part, Typed)]
    names = [name for text in typed for name in _DRAWN.findall(text)]
    return [name for name in names if f"lessons/{name}.svg" in lesson.path.read_text()]


def drawn(lesson, folder, kind):
    """What the lesson draws when it is done again, as files of this kind: ``dot``, ``svg``."""

    def other(part):
        if isinstance(part, Typed):
            return dataclasses.replace(part, text=_DRAWN.sub(rf"-o \1.{kind}", part.text))
        return part

    parts, after = map(other, lesson.parts), map(other, lesson.after)
    linting.performed(dataclasses.replace(lesson, parts=tuple(parts), after=tuple(after)), folder)
    return {name: (folder / f"{name}.{kind}").read_text() for name in asked(lesson)}
