"""Where the lessons are: in a checkout's ``tutorials``, or where the installation has put them."""

from __future__ import annotations

import site
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import graphscope
from graphscope.debug.errors import DebugError
from graphscope.errors import did_you_mean
from graphscope.learn.lesson import Lesson, read


@cache
def folder() -> Path:
    """The folder of the lessons. Errors: DebugError when this installation has none."""
    for place in _places():
        if any(place.glob("[0-9][0-9]_*.md")):
            return place
    raise DebugError("The lessons are not installed here; they are in tutorials/ of the sources.")


def _places() -> Iterator[Path]:
    """Where they can be: in the sources, or where pip puts data, into the environment, the user's
    folder or a target folder."""
    around = Path(graphscope.__file__).parents[1]
    yield around / "tutorials"
    for base in (Path(sysconfig.get_path("data")), Path(site.getuserbase()), around):
        yield base / "share" / "graphscope" / "tutorials"


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order: those with numbers, then the others."""
    pages = [path for path in sorted(folder().glob("*.md")) if _is_lesson(path)]
    return tuple(read(path) for path in pages)


def _is_lesson(path: Path) -> bool:
    """Whether a page is a lesson: it begins with front matter that says so."""
    with path.open(encoding="utf-8") as file:
        return file.readline() == "---\n" and file.readline().startswith("lesson:")


def lesson(word: str) -> Lesson:
    """A lesson by its number, its name, or a page of one's own.

    Errors: DebugError with the nearest names.
    """
    if word.endswith(".md"):
        if not Path(word).is_file():
            raise DebugError(f"There is no file {word}.")
        return read(Path(word))
    for found in lessons():
        numbers = (found.number, found.number.lstrip("0") or "0")
        if word in numbers or word in (found.name, found.name.partition("_")[2]):
            return found
    known = [name for found in lessons() for name in (found.number, found.name)]
    hint = did_you_mean(word, known) or "graphscope learn list shows them."
    raise DebugError(f"There is no lesson {word!r}; {hint}")
