"""Commands as text: one line, a script, a file; transcripts, recordings, tests made of them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphscope.debug import dispatch
from graphscope.debug.answers import Answer, Note, Stop
from graphscope.debug.commands import GROUPS, Command, command, commands_of
from graphscope.debug.dispatch import Output, Transcript, UnknownCommand, Words
from graphscope.debug.errors import DebugError
from graphscope.debug.exporting import test_of
from graphscope.debug.expressions import Expression, is_python
from graphscope.debug.history import Other
from graphscope.debug.place import Place
from graphscope.debug.questions.recording import Recording, recorded
from graphscope.errors import OpError, lesson_of

#: ``z = 3``, and no comparison.
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\s*=(?!=)\s*(.+)")


@dataclass(frozen=True)
class Help(Answer):
    """What there is to say of one command, or of all: (group, commands) in order. others: commands
    of the prompt itself, with what they do and an example."""

    groups: tuple[tuple[str, tuple[Command, ...]], ...] = ()
    command: Command | None = None
    others: tuple[Other, ...] = ()
    all: bool = False


class Scripting(Place):
    """The commands that work with commands."""

    @property
    def commands_by_name(self) -> dict[str, Command]:
        return commands_of(type(self))

    @property
    def prompt(self) -> str:
        """What stands before a typed line: ``(gs 14/31 BWD)> ``, with ``<20`` in the past."""
        timeline = self.timeline
        phase = ""
        if timeline.here is not None:
            phase = f" {timeline.here.phase}"
        elif self.plan.nodes:
            phase = f" {self.plan.phases[self.plan.nodes[0]]}"
        past = f" <{timeline.newest}" if timeline.t < timeline.newest else ""
        end = f"{timeline.end}" if timeline.end_is_known else f"{timeline.end}+"
        return f"(gs {timeline.t}/{end}{phase}{past})> "

    # ---- doing lines ---------------------------------------------------------------------------

    def onecmd(self, line: str) -> Output:
        """Do one line of the prompt. What is wrong with it comes back as `Output.error`."""
        before = self.prompt
        try:
            answer = self._do(line)
            output = Output(line, data=answer)
        except (DebugError, ValueError) as error:
            output = Output(line, f" {self.sentence(error, line)}", error=error)
        except OpError as error:
            text = f" {type(error).__name__}: {error.message}\n{lesson_of(error)}".rstrip()
            output = Output(line, text, error=error)
        self.note(before, output)
        return output

    def sentence(self, error: Exception, line: str) -> str:
        """What is wrong with a line, in a sentence. A word that is no command may be a node."""
        if isinstance(error, UnknownCommand):
            hint = self._as_python(line.strip())
            with suppress(DebugError):  # no node either: the hint about commands stands
                self.locations.operations(line.partition(" ")[0])
                hint = f"to see the value: print {line}"
            if hint:
                return f"{str(error).partition(';')[0]}; {hint}."
        return sentence(error)

    def _as_python(self, line: str) -> str:
        """What to type for a line that is Python over the values of the run; nothing for others."""
        assigned = _ASSIGNMENT.match(line)
        if assigned and is_python(assigned[1]):
            return f"to do it in Python: !{line}"
        try:
            names = Expression(line).names
        except DebugError:
            return ""
        known = {"np", *self.assigned}
        means = any(name in known or self.locations.known(name) for name in names)
        return f"to work it out: print {line}" if means else ""

    def note(self, prompt: str, output: Output) -> None:
        """Keep what was asked and answered, for transcripts and recordings."""
        self._log.append((self.history.runs[-1].number, prompt, output))
        if self.history.transcript:
            with Path(self.history.transcript).open("a", encoding="utf-8") as stream:
                stream.write(str(Transcript((output,), (prompt,))))

    def script(self, text: str) -> Transcript:
        """Do the lines of a text; it ends at the first error, unless the line begins with a minus.

        Lines with nothing but a remark (#) do nothing.
        """
        prompts, outputs = [], []
        for line in text.splitlines():
            lenient = line.strip().startswith("-")
            words = line.strip().removeprefix("-").strip()
            if not words or words.startswith("#"):
                continue
            prompts.append(self.prompt)
            output = self.onecmd(words)
            if lenient and output.error is not None:
                output = replace(output, forgiven=True)
                self._log[-1] = (*self._log[-1][:2], output)
            outputs.append(output)
            if outputs[-1].error is not None and not lenient:
                break
        return Transcript(tuple(outputs), tuple(prompts))

    def _do(self, text: str) -> Any:
        line = dispatch.parsed(text, self.words)
        if line is None:
            return None
        known = self.commands_by_name
        if line.name not in known:
            raise DebugError(f"{line.name} is a command of the prompt itself.")
        answer = dispatch.answered(line, known[line.name], self)
        if isinstance(answer, Stop) and answer.breakpoint is not None:
            for told in self.commands_of(answer.breakpoint):
                self.onecmd(told)
        return answer

    def commands_of(self, number: int) -> tuple[str, ...]:
        """What is to be done when a stop stops."""
        return next((item.commands for item in self.stops if item.id == number), ())

    @property
    def words(self) -> Words:
        """The names of the commands; the user's aliases are kept with the history."""
        if self.history.words is None:
            known = {name: found.aliases for name, found in self.commands_by_name.items()}
            self.history.words = Words(known)
        words: Words = self.history.words
        return words

    @property
    def _log(self) -> list[tuple[int, str, Output]]:
        log: list[tuple[int, str, Output]] = self.history.log
        return log

    # ---- commands ------------------------------------------------------------------------------

    @command("help", "h", "?", group="Session", takes="command", example="help break")
    def help(self, word: str = "") -> Help:
        """What a command does, with an example: help step. Alone: what to begin with, and the names
        of the others; help all: what each of them does."""
        known = self.commands_by_name
        if word and word != "all":
            name = self.words.name(word)
            if name in known:
                return Help(command=known[name])
            return Help(others=tuple(other for other in self.history.others if other.name == name))
        groups = [
            (group, tuple(found for found in known.values() if found.group == group))
            for group in GROUPS
        ]
        return Help(tuple(groups), others=tuple(self.history.others), all=word == "all")

    @command("alias", group="Session", example="alias sy = print y")
    def alias(self, definition: str = "") -> Note:
        """Give a line a short name: alias sy = print y. Without one, list them."""
        aliases = self.words.aliases
        if not definition:
            known = "; ".join(f"{name} = {line}" for name, line in aliases.items())
            return Note(known or "There are no aliases. Try: alias sy = print y")
        name, equals, line = (part.strip() for part in definition.partition("="))
        if not equals or not line or not name or " " in name:
            raise DebugError("An alias is a word and what it stands for: alias sy = print y")
        if self.words.get(name) is not None:
            raise DebugError(f"{name} is a command already.")
        aliases[name] = line
        return Note(f"{name} = {line}")

    @command("source", group="Session", example="source my_commands.gs")
    def source(self, file: str) -> Transcript:
        """Do the commands in a file, one a line.

        # begins a remark; a line that begins with - may fail."""
        return self.script(_read(file))

    @command("transcript", group="Session", example="transcript session.txt")
    def transcript(self, file: str) -> Note:
        """Write this conversation to a file, and what follows too."""
        outputs = tuple(output for _, _, output in self._log)
        _write(file, str(Transcript(outputs, tuple(prompt for _, prompt, _ in self._log))))
        self.history.transcript = file
        return Note(f"writing to {file}")

    @command(
        "save",
        group="Session",
        example="save breakpoints stops.gs",
        choices={"what": ("breakpoints",)},
    )
    def save(self, what: str, file: str) -> Note:
        """Write the stops as commands: save breakpoints FILE; source FILE sets them again."""
        if not "breakpoints".startswith(what):
            raise DebugError(f"save writes breakpoints, not {what!r}: save breakpoints FILE")
        lines = [item.as_command() for item in self.stops]
        _write(file, "".join(f"{line}\n" for line in lines))
        return Note(f"wrote {file}: {len(lines)} stops")

    @command("record", group="Session", example="record session.gsr")
    def record(self, file: str = "") -> Note:
        """Keep this session in a file: feeds, variables, random generators, commands. graphscope
        replay FILE does it again and compares. Iterators and queues come from the script, which is
        run up to the same place."""
        recording = self.recording()
        target = file or "session.gsr"
        try:
            recording.write(target)
        except OSError as error:
            raise DebugError(f"{target} cannot be written: {error.strerror}") from None
        remark = f". {recording.remark}" if recording.remark else ""
        return Note(f"wrote {target}: {len(recording.commands)} commands{remark}")

    def recording(self) -> Recording:
        """This session as data that can be replayed."""
        return recorded(self.history.runs[-1], self.history.script, self._said_in_this_run)

    @property
    def _said_in_this_run(self) -> list[tuple[str, Output]]:
        """Prompts and outputs since the newest run began."""
        newest = self.history.runs[-1].number
        return [(prompt, output) for run, prompt, output in self._log if run == newest]

    @command(
        "export", group="Session", example="export pytest test_it.py", choices={"what": ("pytest",)}
    )
    def export(self, what: str, file: str = "") -> Note:
        """Write this session as a test: export pytest test_it.py."""
        if what != "pytest":
            raise DebugError(f"export makes a pytest file, not {what!r}: export pytest FILE")
        script = self.history.script
        if script is None:
            raise DebugError("A test is made of a script's session: graphscope your_script.py")
        target = file or "test_session.py"
        _write(target, test_of([output for _, output in self._said_in_this_run], script, target))
        self.record(str(Path(target).with_suffix(".gsr")))
        return Note(f"wrote {target} and its recording   run it: pytest {target}")


def sentence(error: Exception) -> str:
    """The error's text, with a full stop."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text if text.rstrip()[-1:] in ".?!" else f"{text}."


def _read(file: str) -> str:
    try:
        return Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DebugError(f"{file} cannot be read: {error}") from None


def _write(file: str, text: str) -> None:
    try:
        Path(file).expanduser().write_text(text, encoding="utf-8")
    except OSError as error:
        raise DebugError(f"{file} cannot be written: {error.strerror}") from None
