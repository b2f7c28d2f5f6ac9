"""A lesson as a Jupyter notebook: the same prose, the program in a cell, the prompt as ``%gs``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from graphscope.learn.lesson import Lesson, Part, Prediction, Prose, Typed

_BEGIN = """\
%load_ext graphscope
import graphscope as tf
"""


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
    yield "code", _BEGIN.rstrip()
    yield from _of_parts(lesson, lesson.parts)
    if lesson.exercise is not None:
        yield "markdown", f"## Exercise\n\n{lesson.exercise.task}"
    yield from _of_parts(lesson, lesson.after)


def _of_parts(lesson: Lesson, parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if isinstance(part, Prose):
            yield "markdown", part.text
        elif isinstance(part, Prediction):
            choices = "\n".join(f"- {letter}) {text}" for letter, text in part.choices.items())
            answer = (
                f"<details><summary>Answer</summary>\n\n{part.answer}. {part.because}\n</details>"
            )
            yield "markdown", f"**Predict.** {part.question}\n\n{choices}\n\n{answer}"
        else:
            yield from _of_typed(lesson, part)


def _of_typed(lesson: Lesson, typed: Typed) -> Iterator[tuple[str, str]]:
    if not typed.in_shell:
        yield "code", f"%gs {typed.text}"
        return
    script = next((w for w in shlex.split(typed.text) if w.endswith(".py")), "")
    if lesson.folder_file(script).is_file():
        yield "code", lesson.folder_file(script).read_text(encoding="utf-8").rstrip()
