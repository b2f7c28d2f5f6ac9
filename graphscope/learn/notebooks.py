"""A lesson as a Jupyter notebook: the same prose, the program in a cell, the prompt as ``%gs``."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from graphscope.learn.lesson import Lesson, Part, Prediction, Prose, Typed

_BEGIN = "%load_ext graphscope"

_NOTE = """\
*The same lesson is led at the prompt by* `graphscope learn {number}`. *Here each program runs to
its end, and what is asked is about one more run: some numbers are others than on the page.*"""

#: Which run a page is about: its fetches, as the first lines of a conversation have them.
_RUN = re.compile(r"^ Run \d+  sess\.run\((.*?)(?:, \{.*)?\)?$", re.M)


def notebook(lesson: Lesson) -> str:
    """The text of an ``.ipynb`` file (format 4.5). Nothing in it has been run."""
    cells = [_cell(index, kind, text) for index, (kind, text) in enumerate(_cells(lesson))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _cell(index: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "id": f"part-{index}",
        "cell_type": kind,
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}


def _cells(lesson: Lesson) -> Iterator[tuple[str, str]]:
    yield "markdown", _NOTE.format(number=lesson.number)
    yield "code", _BEGIN
    yield from _of_parts(lesson, lesson.parts)
    if lesson.exercise is not None:
        yield "markdown", f"## Exercise\n\n{lesson.exercise.task}"
    yield from _of_parts(lesson, lesson.after)


def _of_parts(lesson: Lesson, parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    about = ""
    for part in parts:
        if isinstance(part, Prose):
            yield "markdown", part.text
        elif isinstance(part, Prediction):
            choices = "\n".join(f"- {letter}) {text}" for letter, text in part.choices.items())
            answer = f"{part.answer}. {part.because}"
            answer = f"<details><summary>Answer</summary>\n\n{answer}\n</details>"
            yield "markdown", f"**Predict.** {part.question}\n\n{choices}\n\n{answer}"
        elif part.in_shell:
            about = _fetches(part)
            yield from _program(lesson, part)
        elif not part.text.startswith("quit"):
            yield "code", f"%gs {about}{part.text}"


def _fetches(typed: Typed) -> str:
    """``-f loss,train`` for the run that a conversation is about."""
    run = _RUN.search(typed.said)
    return f"-f {run[1].replace(', ', ',').replace(chr(39), '')} " if run else ""


def _program(lesson: Lesson, typed: Typed) -> Iterator[tuple[str, str]]:
    """The program that a command line runs, with a graph of its own."""
    script = next((w for w in shlex.split(typed.text) if w.endswith(".py")), "")
    if lesson.folder_file(script).is_file():
        text = lesson.folder_file(script).read_text(encoding="utf-8").rstrip()
        begun = "import graphscope as tf\n"
        yield "code", text.replace(begun, f"{begun}\ntf.reset_default_graph()\n", 1)
