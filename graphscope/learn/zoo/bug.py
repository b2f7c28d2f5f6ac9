"""What a bug of the zoo is: its declaration, and the text of its program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graphscope.debug.answers import Answer

PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True)
class Way:
    """A command that leads to the guilty node, and what it shows there."""

    command: str
    shows: str


@dataclass(frozen=True)
class Bug(Answer):
    """A program with one mistake. Its twin is the same text with the mistake repaired.

    name:     in the words of the field: ``dead-relu``. Its program is ``programs/dead_relu.py``.
    seen:     where somebody had it: ``keras-team/keras#7057``.
    symptom:  what a learner sees. Its figures are printed by the program, or by its twin.
    at_run:   the `Session.run` at which to look, from 1.
    mistake:  what is wrong in the program's text; repaired: what stands there in the twin.
    repair:   why that is it, in a sentence or two.
    guilty:   the name of the node that answers for it.
    route:    the shortest known commands that find it, one after the other, from the start of
              that run.
    asks:     the commands that have to name it, and what to ask each of them: see `asking`.
    named:    what a command names in place of the guilty node, which is as right.
    """

    name: str
    symptom: str
    at_run: int
    mistake: str
    repaired: str
    repair: str
    guilty: str
    route: tuple[Way, ...]
    asks: Mapping[str, str]
    named: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""

    @property
    def path(self) -> Path:
        """The file of the broken program."""
        return PROGRAMS / f"{self.name.replace('-', '_')}.py"

    def text(self, broken: bool = True) -> str:
        """The program, or its healthy twin."""
        text = self.path.read_text(encoding="utf-8")
        return text if broken else text.replace(self.mistake, self.repaired)

    def lines(self, broken: bool = True) -> range:
        """The numbers of the lines in which the program and its twin differ."""
        text, wording = self.text(broken), self.mistake if broken else self.repaired
        first = text[: text.index(wording)].count("\n") + 1
        return range(first, first + wording.rstrip("\n").count("\n") + 1)

    def differing(self, broken: bool = True) -> tuple[str, ...]:
        """Those lines themselves."""
        lines, numbers = self.text(broken).splitlines(), self.lines(broken)
        return tuple(line.strip() for line in lines[numbers.start - 1 : numbers.stop - 1])

    @property
    def found_by(self) -> str:
        """The last command of the shortest known route."""
        return self.route[-1].command


@dataclass(frozen=True)
class Listing(Answer):
    """Bugs, to choose one of them."""

    bugs: tuple[Bug, ...]
