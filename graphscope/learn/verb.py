"""``graphscope learn``: the lessons, one after the other, and what helps with their exercises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphscope.debug.dispatch import as_json
from graphscope.debug.errors import DebugError
from graphscope.learn import linting, notebooks, shelf, shown  # noqa: F401 (shown registers)
from graphscope.learn.answers import Lessons, Listed
from graphscope.learn.guide import Guide
from graphscope.learn.lesson import Lesson, read
from graphscope.learn.progress import Progress, load
from graphscope.repl.lines import Given, lines_after
from graphscope.repl.words import Words, guarded, told
from graphscope.show import console, render

_HELP = """\
usage: graphscope learn [LESSON]        begin a lesson, or go on
       graphscope learn list            which there are, and which are done
       graphscope learn check [LESSON]  does the changed program do it?
       graphscope learn hint | solution | reset [LESSON]
       graphscope learn notebook LESSON -o FILE.ipynb
       graphscope learn --lint PAGE.md  does it show what happens?

A lesson is a page of tutorials/, led at the prompt: Enter goes on, all commands
work in between, predictions can be skipped. Its program is put into the folder.

--script FILE  take the answers from a file, a line each
--json         list, as data
--now          show the solution before a first attempt
--write        with --lint: put what really happens into the page
"""

WORDS = ("list", "check", "hint", "solution", "reset", "notebook")


def main(words: Sequence[str]) -> int:
    """Do what stands behind ``learn``. Returns the exit code; 1 when a check does not pass."""
    return guarded(lambda: _learn(list(words)))


def _learn(words: list[str]) -> int:
    if "-h" in words or "--help" in words:
        print(_HELP, end="")
        return 0
    parser = Words("learn", add_help=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--lint", metavar="PAGE")
    parser.add_argument("--script", metavar="FILE")
    parser.add_argument("-o", "--output", metavar="FILE")
    for flag in ("--write", "--now", "--json"):
        parser.add_argument(flag, action="store_true")
    given = parser.parse_args(words)
    if given.lint:
        return _lint(Path(given.lint), given.write)
    word, *rest = given.words or [""]
    progress = load()
    if word == "list":
        return _list(progress, given.json)
    if word in WORDS:
        return _help_with(word, _wanted(rest, progress), progress, given)
    return _guide(_wanted([word] if word else [], progress), progress, given.script).lead()


def _wanted(words: Sequence[str], progress: Progress) -> Lesson:
    """The lesson that is named; else the one begun last, or the one after it when that is done."""
    if words:
        return shelf.lesson(words[0])
    all_lessons = shelf.lessons()
    begun = next((found for found in all_lessons if found.name == progress.at), all_lessons[0])
    if begun.name not in progress.done:
        return begun
    return next((found for found in all_lessons if found.name not in progress.done), begun)


def _guide(lesson: Lesson, progress: Progress, script: str | None = None) -> Guide:
    screen = console()
    lines = lines_after(None, screen.print)
    if script is not None:
        answers = Path(script).read_text(encoding="utf-8").splitlines()
        lines = Given(answers, screen.print)
    return Guide(lesson, lines, screen, progress)


def _help_with(word: str, lesson: Lesson, progress: Progress, given: Any) -> int:
    guide = _guide(lesson, progress)
    if word == "notebook":
        file = Path(given.output or f"{lesson.name}.ipynb")
        file.write_text(notebooks.notebook(lesson), encoding="utf-8")
        print(f"wrote {file}")
    elif word == "solution":
        guide.solution(given.now)
    elif word == "check":
        if lesson.exercise is None:
            raise DebugError(f"Lesson {lesson.number} has no exercise.")
        return 0 if guide.check(lesson.exercise).passed else 1
    else:
        getattr(guide, word)()
    return 0


def _list(progress: Progress, json: bool) -> int:
    listed = (
        Listed(found.number, found.title, found.teaches, found.name in progress.done,
               found.name == progress.at)
        for found in shelf.lessons()
    )  # fmt: skip
    answer = Lessons(tuple(listed))
    if json:
        print(as_json(answer))
    else:
        console().print(render(answer))
    return 0


def _lint(path: Path, write: bool) -> int:
    if not path.is_file():
        return told(f"there is no file {path}")
    if write:
        path.write_text(linting.rewritten(read(path)), encoding="utf-8")
    found = linting.findings(path)
    for sentence in found:
        print(f"{path.name}: {sentence}")
    if not found:
        print(f"{path.name} is a lesson, and shows what happens.")
    return 1 if found else 0
