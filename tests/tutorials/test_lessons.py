"""Every page shows what happens, every exercise can be solved, every picture is the one drawn."""

import contextlib
import io
import runpy
import shutil
from pathlib import Path

import pytest

import graphscope as gs
from graphscope.learn import linting, shelf

from . import pictures

LESSONS = shelf.lessons()
GOLDENS = Path(__file__).parent / "goldens"
each_lesson = pytest.mark.parametrize(
    "lesson",
    [pytest.param(x, marks=getattr(pytest.mark, f"lesson{x.number}")) for x in LESSONS],
    ids=lambda lesson: lesson.name,
)


@each_lesson
def test_the_page_is_a_lesson_and_shows_what_happens(lesson):
    assert linting.findings(lesson.path) == []


@each_lesson
def test_its_pictures_are_those_on_the_page(lesson, tmp_path):
    assert pictures.asked(lesson), "a lesson has a picture"
    for name, dot in pictures.drawn(lesson, tmp_path, "dot").items():
        kept = (pictures.ASSETS / f"{name}.dot").read_text()
        assert dot == kept, "python -m tests.tutorials --write draws them anew: look at them"


@each_lesson
def test_its_program_prints_what_tensorflow_prints(lesson, tmp_path, monkeypatch):
    for script in shelf.folder().glob("*.py"):
        shutil.copy(script, tmp_path)
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    gs.reset_default_graph()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(lesson.script, run_name="__main__")
    assert printed.getvalue() == (GOLDENS / f"{lesson.name}.txt").read_text()


def test_no_lesson_teaches_what_an_earlier_one_has_taught():
    taught = [command for lesson in LESSONS for command in lesson.teaches]
    assert len(taught) == len(set(taught))
