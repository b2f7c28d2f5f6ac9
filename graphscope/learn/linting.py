"""``graphscope learn --lint page.md``: is this a lesson, and is what it shows what happens?"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import graphscope
from graphscope.learn.attempt import attempted, checked
from graphscope.learn.lesson import PROMPT, BadLesson, Lesson, Prediction, Prose, Typed, read
from graphscope.repl.alike import alike, first_difference

_CONSOLE = re.compile(r"^```(console|console varying)\n(.*?)^```$", re.M | re.S)
_NUMBER = re.compile(r"\d[\d.]*(e[-+]?\d+)?( ?[un]?m?s\b)?")
_LISTING = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
_IMAGE = re.compile(r"!\[(.*?)\]\((.*?)\)")
#: So many commands are new in a lesson, at most, and so many hints help with its exercise.
_NEW, _HINTS = 2, 3


def findings(path: Path) -> list[str]:
    """What is wrong with a page; each a sentence. Nothing for a lesson that is in order."""
    try:
        lesson = read(path.resolve())
        return [*_of_page(lesson), *_of_exercise(lesson), *_of_consoles(lesson)]
    except BadLesson as error:
        return [str(error)]


def _of_page(lesson: Lesson) -> Iterator[str]:
    if not lesson.folder_file(lesson.script).is_file():
        yield f"There is no script {lesson.script} beside the page."
    if len(lesson.teaches) > _NEW:
        yield f"It teaches {len(lesson.teaches)} commands; {_NEW} are enough for one lesson."
    typed = [part.text for part in (*lesson.parts, *lesson.after) if isinstance(part, Typed)]
    for command in lesson.teaches:
        if not any(re.search(rf"\b{re.escape(command)}\b", text) for text in typed):
            yield f"It says that it teaches {command}, and nobody types that."
    if not any(isinstance(part, Prediction) for part in lesson.parts):
        yield "Nothing is predicted: a learner who only watches learns little."
    prose = "\n\n".join(p.text for p in (*lesson.parts, *lesson.after) if isinstance(p, Prose))
    for alt, target in _IMAGE.findall(prose):
        if not (lesson.path.parent / target).is_file():
            yield f"There is no picture {target}."
        if not alt:
            yield f"The picture {target} has no sentence that says what is on it."
    yield from _listings_that_are_not_in_the_script(lesson, prose)


def _listings_that_are_not_in_the_script(lesson: Lesson, prose: str) -> Iterator[str]:
    """A page shows pieces of its script as they stand there."""
    script = lesson.folder_file(lesson.script)
    text = script.read_text(encoding="utf-8") if script.is_file() else ""
    for listing in _LISTING.findall(prose):
        if listing not in text:
            yield f"The lines `{listing.splitlines()[0]} ..` are not in {lesson.script}."


def _of_exercise(lesson: Lesson) -> Iterator[str]:
    exercise = lesson.exercise
    if exercise is None:
        yield "There is no `## Exercise`."
        return
    if len(exercise.hints) != _HINTS:
        yield f"The exercise has {len(exercise.hints)} hints; a question, a command, the node: 3."
    for path, passes in ((lesson.folder_file(lesson.file), False), (lesson.solution, True)):
        if not path.is_file():
            yield f"There is no file {path.name} in {path.parent.name}/."
            continue
        with tempfile.TemporaryDirectory() as folder, _inside(folder):
            verdict = checked(attempted(path), exercise)
        if verdict.passed and not passes:
            yield f"The check passes before anything is changed in {lesson.file}."
        if passes and not verdict.passed:
            yield f"The solution does not pass the check: {verdict.said}"


@contextmanager
def _inside(folder: str) -> Iterator[None]:
    """Be in this folder: some programs write files."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _of_consoles(lesson: Lesson) -> Iterator[str]:
    shown = [part for part in (*lesson.parts, *lesson.after) if isinstance(part, Typed)]
    for page, real in zip(shown, performed(lesson), strict=True):
        if not same(page, real):
            yield _difference(page, real)


def same(page: Typed, real: Typed) -> bool:
    """Whether a page shows what was said; where numbers vary, other numbers are the same."""
    if page.varies:
        said, meant = (_NUMBER.sub("#", text.said) for text in (real, page))
        return page.prompt == real.prompt and said.split() == meant.split()
    return page.prompt == real.prompt and alike(real.said, page.said)


def _difference(page: Typed, real: Typed) -> str:
    if page.prompt != real.prompt:
        return f"`{page.text}` is typed at {real.prompt.strip()}, and not {page.prompt.strip()}."
    found = first_difference(real.said, page.said)
    _, said, shown = found or (0, real.said, page.said)
    return f"`{page.text}` says {said!r}, and the page {shown!r}."


# ---- what really happens -----------------------------------------------------------------------


def performed(lesson: Lesson, into: Path | None = None) -> list[Typed]:
    """What is typed on the page, done in a folder with copies of the page's scripts, and what is
    said to it. into: keep the files that it writes in this folder."""
    typed = [part for part in (*lesson.parts, *lesson.after) if isinstance(part, Typed)]
    found: list[Typed] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = into or Path(temporary)
        for script in lesson.path.parent.glob("*.py"):
            shutil.copy(script, folder)
        for group in _conversations(typed):
            found += _talked(group, folder, Path(temporary))
    return found


def _conversations(typed: Iterable[Typed]) -> Iterator[list[Typed]]:
    """A command line, with what is typed at the prompt that it opens."""
    group: list[Typed] = []
    for line in typed:
        if line.in_shell and group:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _talked(group: Sequence[Typed], folder: Path, state: Path) -> list[Typed]:
    first, *asked = group
    done = subprocess.run(
        _program(first.text),
        input="".join(f"{line.text}\n" for line in asked),
        cwd=folder,
        env=_environment(state),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )
    found: list[tuple[str, str, list[str]]] = [(first.prompt, first.text, [])]
    for line in done.stdout.splitlines():
        at_prompt = PROMPT.match(line) if len(found) <= len(asked) else None
        if at_prompt:
            found.append((at_prompt[1], at_prompt[2], []))
        else:
            found[-1][2].append(line)
    found += [("", line.text, []) for line in asked[len(found) - 1 :]]  # nobody listened any more
    return [Typed(prompt, text, "\n".join(said).rstrip()) for prompt, text, said in found]


def _program(words: str) -> list[str]:
    name, *rest = shlex.split(words)
    if name == "python":
        return [sys.executable, *rest]
    if name == "graphscope":
        return [sys.executable, "-m", "graphscope", *rest]
    raise BadLesson(f"A lesson runs python and graphscope, and not {name}.")


def _environment(state: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")}
    paths = [str(Path(graphscope.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return {
        **kept,
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "XDG_STATE_HOME": str(state),
    }


def rewritten(lesson: Lesson) -> str:
    """The page with what its commands really say."""
    on_page = [part for part in (*lesson.parts, *lesson.after) if isinstance(part, Typed)]
    pairs = zip(on_page, performed(lesson), strict=True)
    shown = iter([page if same(page, real) else real for page, real in pairs])

    def block(match: re.Match[str]) -> str:
        lines = match[2].splitlines()
        count = sum(line.startswith("$ ") or bool(PROMPT.match(line)) for line in lines)
        typed = [next(shown) for _ in range(count)]
        said = "".join(f"{t.prompt}{t.text}\n{t.said}".rstrip("\n") + "\n" for t in typed)
        return f"```{match[1]}\n{said}```"

    return _CONSOLE.sub(block, lesson.path.read_text(encoding="utf-8"))
