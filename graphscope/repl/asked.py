"""One question about a script: ``graphscope why W script.py``, ``graphscope draw script.py``.

The script runs up to one of its runs, the command of the debugger is done there, its answer is
printed, and that is all. A run is a call of ``Session.run``, or one that the script itself debugs
with ``gs.debug``. It is the first one that trains, which is to say that it writes a variable by way
of a gradient; in a script that never trains it is the last one; and with ``--at-run N`` it is the
N-th. Answers go to stdout; what the script prints goes to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from os.path import isfile
from textwrap import fill
from typing import Any

from graphscope.debug.commands import Command, commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import as_json
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.questions.lint import Lint
from graphscope.debug.rules.rule import Severity
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Plan
from graphscope.engine.session import Run, Session
from graphscope.engine.state import State
from graphscope.errors import OpError, did_you_mean
from graphscope.graph.graph import Graph
from graphscope.repl.script import exit_code, print_traceback, run_until
from graphscope.repl.words import Words, Wrong, guarded, told
from graphscope.show import console
from graphscope.show.picture import Picture
from graphscope.show.text import plural, render

_COMMANDS = commands_of(Debugger)

_HELP = """\
usage: graphscope {command} {words} [OPTIONS] [-- ARGUMENTS OF THE SCRIPT]

{summary}

The script runs up to its first run that trains, by Session.run or in gs.debug,
or to the last one if none does; {place} the question is
asked. What the script prints goes to stderr.

"""
_OWN = {
    "--fetch NAME": "ask about this fetch, not those of the run; may be repeated",
    "--at-run N": "ask at the N-th run",
    "--json": "the answer as data",
    "-o FILE": "write the picture: .svg, .png, .pdf, .dot, .mmd, .md or .txt",
}


@dataclass(frozen=True)
class Question:
    """A command of the debugger that is asked of a script.

    command: its name. names: what stands before the script, ``NAME``; nothing, or several words.
    fetches: it can be asked about other fetches. after: it is asked when the run has ended, since
    it is about what has happened; otherwise before. told: what help says of options of its own, by
    the option with the word behind it. into: where the answer is written when -o is left out; None
    for an answer that is not written then.
    """

    command: str
    names: str = ""
    fetches: bool = False
    after: bool = False
    told: Mapping[str, str] = field(default_factory=dict)
    into: str | None = None

    @property
    def words(self) -> str:
        return f"{self.names} SCRIPT".strip()

    @property
    def options(self) -> list[str]:
        """The options that can stand behind it."""
        own = ["--fetch"] if self.fetches else []
        short = ["-o"] if "--output" in self._command.flags else []
        return [*own, "--at-run", "--json", "--help", *short, *self._command.flags]

    def __call__(self, words: Sequence[str]) -> int:
        """Ask it with these words. Returns the exit code: 0, and for lint 1 when something is
        found that is wrong or likely so; 2 when there is no answer."""
        return guarded(lambda: self._asked(list(words)))

    @property
    def _command(self) -> Command:
        return _COMMANDS[self.command]

    @property
    def _more(self) -> str:
        return f"graphscope {self.command} --help says more"

    @property
    def _help(self) -> str:
        place = "at the end of that run" if self.after else "before that run begins"
        text = _HELP.format(
            command=self.command,
            words=self.words,
            summary=fill(self._command.summary, 78),
            place=place,
        )
        lines = {item.split()[0]: (item, told) for item, told in {**_OWN, **self.told}.items()}
        for name, (option, sentence) in lines.items():
            if name in self.options:
                text += f"{option:<13} {sentence}\n"
        more = ", ".join(f for f in self._command.flags if f not in (*lines, "--output"))
        if more:
            text += fill(f"also {more}", 78, subsequent_indent=" " * 5, break_on_hyphens=False)
            text += f"\n     (`help {self.command}` at the prompt says what they do)\n"
        return text

    def _asked(self, words: list[str]) -> int:
        if "-h" in words or "--help" in words:
            print(self._help, end="")
            return 0
        behind = words.index("--") if "--" in words else len(words)
        given = self._given(words[:behind])
        if not isfile(given.script):
            return told(f"there is no file {given.script}")
        debugger = _debugger_of(given.script, words[behind + 1 :], given.at_run)
        if debugger is None:
            return 2
        return self._answered(debugger, given)

    def _given(self, words: list[str]) -> Any:
        """The words by their names. Errors: Wrong, in one sentence."""
        parser = Words(self.command, add_help=False)
        parser.add_argument("names", nargs="*")
        if self.fetches:
            parser.add_argument("--fetch", action="append", default=[])
        parser.add_argument("--at-run", type=_number, default=0)
        parser.add_argument("--json", action="store_true")
        for flag in self._command.flags:
            dashes = [flag, "-o"] if flag == "--output" else [flag]
            action = "store_true" if flag in self._command.switches else "store"
            default = self.into if flag == "--output" else None
            parser.add_argument(*dashes, action=action, default=default, dest=flag)
        try:
            given, unknown = parser.parse_known_intermixed_args(words)
        except Wrong as error:
            said = str(error).partition("\n")[0].rstrip(".")
            raise Wrong(f"{said}; {self._more}") from None
        least, most = 2 if self.names else 1, 1 + len(self.names.split())
        if len(given.names) < least and not unknown:
            raise Wrong(f"{self.command} needs {self.words}; {self._more}")
        for word in [*unknown, *given.names[most:]]:
            hint = did_you_mean(word, self.options) or self._more
            if not word.startswith("-"):
                hint = "what the script itself is given stands behind --"
            raise Wrong(f"{self.command} has no use for {word!r}; {hint}")
        given.script = given.names.pop()
        return given

    def _answered(self, debugger: Debugger, given: Any) -> int:
        if self.after:
            try:
                debugger.run_to_end()
            except OpError as failure:
                told(f"the run fails: {failure.message}")
        text = " ".join(_quoted(word) for word in self._words(vars(given)))
        try:
            answer = self._command.call(debugger, text)
        except DebugError as error:
            return told(debugger.sentence(error, f"{self.command} {text}"))
        if isinstance(answer, Picture) and answer.path is not None:
            boxes = f"{answer.boxes} {plural(answer.boxes, 'box', 'boxes')}"
            print(f"wrote {answer.path}   {boxes}", file=sys.stderr)
        if given.json:
            print(as_json(answer))
        elif not isinstance(answer, Picture) or answer.path is None:
            console().print(render(answer), crop=False)
        return 1 if isinstance(answer, Lint) and _is_wrong(answer) else 0

    def _words(self, given: Mapping[str, Any]) -> list[str]:
        """What the command is given."""
        words = [*given["names"], *given.get("fetch", ())]
        for flag in self._command.flags:
            if given[flag] is not None:
                words += [flag] if flag in self._command.switches else [flag, given[flag]]
        return words


def _number(word: str) -> int:
    if not word.isdigit() or int(word) < 1:
        raise Wrong(f"--at-run takes the number of a run, from 1, not {word!r}.")
    return int(word)


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word else word


def _is_wrong(answer: Lint) -> bool:
    return any(finding.severity is not Severity.RISK for finding in answer.findings)


# ---- the run -----------------------------------------------------------------------------------


def _debugger_of(path: str, arguments: Sequence[str], at_run: int) -> Debugger | None:
    """A debugger of the run that is asked about; None when there is none, and that has been said.

    When the script fails, there still is the last run that it began.
    """
    looking = _Looking(at_run)
    try:
        with redirect_stdout(sys.stderr):
            debugger = run_until(path, arguments, looking.called, looking.debugged)
    except KeyboardInterrupt:
        raise
    except SystemExit as leaving:
        debugger = None
        exit_code(leaving)
    except BaseException as error:
        print_traceback(error, path)
        debugger = None
    debugger = debugger or looking.last_run()
    if debugger is None:
        runs = f"{looking.count} {plural(looking.count, 'run', 'runs')}"
        which = f"; it has no run {at_run}" if at_run else ", so there is nothing to ask about"
        told(f"{path} ended after {runs}{which}.")
    return debugger


class _Looking:
    """Looks out for the run that is asked about: a number, or 0 for the first that trains."""

    def __init__(self, at_run: int) -> None:
        self._at_run = at_run
        self.count = 0
        self._last: tuple[Session, Timeline] | None = None
        self._known: list[tuple[Plan, bool]] = []
        self._facts: dict[Graph, Facts] = {}

    def called(
        self, session: Session, fetches: Any, feeds: Mapping[Any, Any] | None
    ) -> Debugger | None:
        """A `Session.run` begins: a debugger of it when it is the one."""
        self.count += 1
        if self._passes_by:
            return None
        return self._seen(session, session.prepare(fetches, feeds), session.state.copy())

    def debugged(self, session: Session, timeline: Timeline) -> Debugger | None:
        """The script itself begins to debug a run."""
        self.count += 1
        if self._passes_by:
            return None
        return self._seen(session, timeline.run, timeline.before)

    @property
    def _passes_by(self) -> bool:
        """Whether the run is not the one of the wanted number."""
        return bool(self._at_run) and self.count != self._at_run

    def _seen(self, session: Session, run: Run, state: State) -> Debugger | None:
        self._last = session, Timeline(run, state, self.count)
        return self.last_run() if self._at_run or self._trains(run.plan) else None

    def last_run(self) -> Debugger | None:
        """A debugger of the last run as it began; None when there was none that was wanted."""
        if self._last is None:
            return None
        return Debugger.over(*self._last)

    def _trains(self, plan: Plan) -> bool:
        """Whether a run of this plan changes a variable by way of a gradient."""
        for known, answer in self._known:
            if known is plan:
                return answer
        facts = self._facts.get(plan.graph)
        if facts is None or facts.is_outdated:
            facts = self._facts[plan.graph] = Facts(plan.graph)
        by_hand = {op for writers in facts.writers.values() for op in writers} & facts.backward
        answer = any(facts.is_trainer(op) or op in by_hand for op in plan.nodes)
        self._known.append((plan, answer))
        return answer
