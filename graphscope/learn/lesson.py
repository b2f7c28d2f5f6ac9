"""A lesson: a page of Markdown, read into its parts.

A page is prose, and blocks that mean something:

- front matter: ``lesson``, ``title``, ``script``, ``teaches``, ``thread``; ``exercise`` when the
  exercise is about another file than the script;
- a quotation that begins with ``**Predict.**``: a question, choices ``- a) ..``, and the answer in
  ``<details>``, whose first word is the letter;
- a fence ``console``: command lines behind ``$``, lines typed at the prompt behind ``(gs ..)>``,
  and what was said to each. A conversation may go on in later blocks, with prose between them. In
  a fence ``console varying`` numbers are those of one time, as seconds are;
- the heading ``## Exercise``: what to do, up to three hints in ``<details>``, and a fence
  ``python check``: statements over the learner's program, of which each ``assert`` is a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphscope.debug.errors import DebugError

#: A line typed at the prompt, as a page shows it.
PROMPT = re.compile(r"^(\(gs[^)]*\)> )(.*)$")
#: What a page begins with, between two lines of dashes.
KEYS = ("lesson", "title", "script", "exercise", "teaches", "thread")
_NEEDED = ("lesson", "title", "script")
_CHOICE = re.compile(r"^- (\w)\) (.*)$")
_EXERCISE = "## Exercise"
_VARYING = "console varying"


class BadLesson(DebugError):
    """A page is no lesson. The sentence says where, and what is wrong."""


@dataclass(frozen=True)
class Prose:
    """Markdown to be read."""

    text: str


@dataclass(frozen=True)
class Prediction:
    """A question before the answer is seen. choices: by their letters. answer: the letter."""

    question: str
    choices: Mapping[str, str]
    answer: str
    because: str


@dataclass(frozen=True)
class Typed:
    """A line typed into a shell (prompt ``$``) or at GraphScope's prompt, and what was said.
    varies: its numbers are others every time."""

    prompt: str
    text: str
    said: str
    varies: bool = False

    @property
    def in_shell(self) -> bool:
        return self.prompt == "$ "


Part = Prose | Prediction | Typed


@dataclass(frozen=True)
class Exercise:
    """What to change, how it is checked, and hints from a question to the node."""

    task: str
    check: str
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """A page, understood. parts: up to the exercise. after: what is read when that is done."""

    path: Path
    number: str
    title: str
    script: str
    file: str
    teaches: tuple[str, ...]
    threads: tuple[str, ...]
    parts: tuple[Part, ...] = field(repr=False)
    exercise: Exercise | None = field(repr=False)
    after: tuple[Part, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """``05_who_gets_trained``."""
        return self.path.stem

    @property
    def solution(self) -> Path:
        """A file that passes the check."""
        return self.path.parent / "solutions" / Path(self.file).name

    def folder_file(self, name: str) -> Path:
        """A file that the page speaks of: it lies beside the page."""
        return self.path.parent / name


def read(path: Path) -> Lesson:
    """Read a page. Errors: BadLesson, with the line."""
    text = path.read_text(encoding="utf-8")
    facts, body, first = _front_matter(path, text)
    before: list[Part] = []
    after: list[Part] = []
    task: list[str] = []
    check, hints, section = "", [], before
    exercising = False
    for block in _blocks(body, first):
        if block.kind == "prose" and block.text.startswith("## "):
            exercising = block.text.startswith(_EXERCISE)
            if exercising or task:
                section = after
        if exercising and block.info == "python check":
            check = block.text
        elif exercising and block.kind == "details" and block.info.startswith("Hint"):
            hints.append(block.text.strip())
        elif exercising:
            task.append(block.whole)
        else:
            section.extend(_parts(path, block))
    exercise = None
    if task:
        if not check:
            raise BadLesson(f"{path.name}: the exercise has no ```python check```.")
        heading, _, rest = "\n\n".join(task).partition("\n")
        exercise = Exercise(rest.strip() or heading, check, tuple(hints))
    return Lesson(
        path,
        facts["lesson"],
        facts["title"],
        facts["script"],
        facts.get("exercise", facts["script"]),
        _words(facts.get("teaches", "")),
        _words(facts.get("thread", "")),
        tuple(before),
        exercise,
        tuple(after),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _front_matter(path: Path, text: str) -> tuple[dict[str, str], str, int]:
    """What stands between the first two lines of dashes, the rest, and the number of its line."""
    match = re.match(r"---\n(.*?)^---\n", text, re.S | re.M)
    if match is None:
        raise BadLesson(f"{path.name}:1: a lesson begins with lines between two lines of ---.")
    facts = {}
    for number, line in enumerate(match[1].splitlines(), start=2):
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS:
            raise BadLesson(f"{path.name}:{number}: {line!r} is none of {', '.join(KEYS)}.")
        facts[key] = value.strip()
    missing = [key for key in _NEEDED if not facts.get(key)]
    if missing:
        raise BadLesson(f"{path.name}:1: {', '.join(missing)} is missing between the dashes.")
    return facts, text[match.end() :], match[0].count("\n") + 1


# ---- blocks ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """A piece of a page: ``prose``, ``fence``, ``quote``, ``details``; info: a fence's words, the
    summary of details. text: what is inside. line: its first line."""

    kind: str
    info: str
    lines: Sequence[str]
    line: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def whole(self) -> str:
        """As it stands on the page."""
        if self.kind == "fence":
            return f"```{self.info}\n{self.text}\n```"
        if self.kind == "quote":
            return "\n".join(f"> {line}".rstrip() for line in self.lines)
        return self.text


def _blocks(body: str, first: int) -> Iterator[_Block]:
    lines = body.splitlines()
    at = 0
    while at < len(lines):
        line, start = lines[at], at
        if line.startswith("```"):
            at = _index(lines, at + 1, "```")
            yield _Block("fence", line[3:].strip(), lines[start + 1 : at], first + start)
            at += 1
        elif line.startswith("<details>"):
            at = _index(lines, at + 1, "</details>")
            summary = re.sub(r"</?\w+>", "", line)
            yield _Block("details", summary, lines[start + 1 : at], first + start)
            at += 1
        elif line.startswith(">"):
            while at < len(lines) and lines[at].startswith(">"):
                at += 1
            yield _Block("quote", "", [text[1:].strip() for text in lines[start:at]], first + start)
        elif not line.strip():
            at += 1
        else:
            at += 1
            while at < len(lines) and lines[at].strip() and not _begins(lines[at]):
                at += 1
            yield _Block("prose", "", lines[start:at], first + start)


def _begins(line: str) -> bool:
    return line.startswith(("```", "<details>", ">"))


def _index(lines: Sequence[str], start: int, end: str) -> int:
    """Where the block that begins before `start` ends; the end of the page when nothing does it."""
    return next((i for i in range(start, len(lines)) if lines[i].strip() == end), len(lines))


def _parts(path: Path, block: _Block) -> Iterator[Part]:
    if block.kind == "fence" and block.info in ("console", _VARYING):
        yield from _typed(path, block)
    elif block.kind == "quote" and block.text.startswith("**Predict.**"):
        yield _prediction(path, block)
    elif block.kind != "details":
        yield Prose(block.whole)


def _typed(path: Path, block: _Block) -> Iterator[Typed]:
    found: list[tuple[str, str, list[str]]] = []
    for line in block.lines:
        asked = PROMPT.match(line)
        if line.startswith("$ "):
            found.append(("$ ", line[2:], []))
        elif asked:
            found.append((asked[1], asked[2], []))
        elif found:
            found[-1][2].append(line)
        else:
            raise BadLesson(f"{path.name}:{block.line}: a console begins with $ or a prompt.")
    for prompt, text, said in found:
        yield Typed(prompt, text, "\n".join(said), block.info == _VARYING)


def _prediction(path: Path, block: _Block) -> Prediction:
    inner = list(_blocks(block.text, block.line))
    answers = [part.text.strip() for part in inner if part.kind == "details"]
    shown = [line for part in inner if part.kind != "details" for line in part.whole.splitlines()]
    choices = {m[1]: m[2] for m in map(_CHOICE.match, shown) if m}
    question = "\n".join(line for line in shown if not _CHOICE.match(line))
    letter = answers[0][:1] if answers else ""
    if letter not in choices:
        raise BadLesson(
            f"{path.name}:{block.line}: a prediction needs choices `- a) ..`, and the letter of "
            "one of them as the first word of its answer in <details>."
        )
    because = re.sub(r"^\w[.:)]?\s*", "", answers[0])
    return Prediction(question.replace("**Predict.**", "").strip(), choices, letter, because)
