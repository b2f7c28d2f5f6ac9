"""The command ``graphscope``."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import closing, redirect_stdout
from functools import partial
from typing import Any, NamedTuple

import graphscope
from graphscope.debug.dispatch import split
from graphscope.debug.errors import DebugError
from graphscope.errors import did_you_mean
from graphscope.learn import demo, verb
from graphscope.learn.zoo import command as zoo
from graphscope.repl import dap
from graphscope.repl.asked import Question
from graphscope.repl.completion import SHELLS, completion
from graphscope.repl.data import Told
from graphscope.repl.desk import Desk
from graphscope.repl.doctor import doctor
from graphscope.repl.files.diff import diff
from graphscope.repl.files.edit import edit
from graphscope.repl.files.export import export
from graphscope.repl.files.opening import show_file
from graphscope.repl.prompt import Prompt
from graphscope.repl.replay import replay
from graphscope.repl.script import debug_script, run_script
from graphscope.repl.verbs import Verb, overview, usage
from graphscope.repl.words import told
from graphscope.show import console
from graphscope.show.plainly import speak_plainly
from graphscope.show.progress import bars

_HEAD = """\
usage: graphscope [OPTIONS] VERB|SCRIPT ...    graphscope VERB --help says more
"""
_TAIL = """\
-c "step 4; why W"  do it at the stop; -x FILE, those in it   --at-run N   -V
--plain  one fact a line    --json  answers as lines of data   --tui full screen
"""


class _How(NamedTuple):
    """How a script is debugged: what the options before it say.

    as_data: answers are data, and alone on stdout. full: on the full screen.
    """

    commands: list[str] | None = None
    at_run: int = 1
    as_data: bool = False
    full: bool = False


#: As without options.
_AS_EVER = _How()


def _debug(words: list[str], how: _How = _AS_EVER) -> int:
    """Run a script, and talk at one of its runs."""
    path, *arguments = words
    if not os.path.isfile(path):
        near = did_you_mean(path, VERBS)
        return told(f"there is no file {path}" + (f", and no verb; {near}" if near else ""))
    prompt = partial(Told, sys.stdout) if how.as_data else Prompt
    with (
        redirect_stdout(sys.stderr if how.as_data else sys.stdout),
        closing(Desk(how.commands)) as desk,
    ):
        if how.full:
            _fill_screen(desk)
        code = debug_script(path, arguments, desk, desk, how.at_run, prompt)
    if left := desk.not_done():
        return code or told(left)
    return code


def _fill_screen(desk: Desk) -> None:
    try:
        desk.change()
    except DebugError as error:
        print(f"graphscope: {error}", file=sys.stderr)


def _run_script(words: list[str]) -> int:
    if not os.path.isfile(words[0]):
        return told(f"there is no file {words[0]}")
    return run_script(words[0], words[1:])


def _replay(words: list[str]) -> int:
    try:
        return replay(words[0], console())
    except DebugError as error:
        return told(str(error))


def _demo(words: list[str]) -> int:
    return demo.run()


def _completion(words: list[str]) -> int:
    return completion(words, VERBS)


def _question(
    sentence: str,
    command: str,
    names: str = "",
    group: str = "Ask",
    listed: bool = True,
    **how: Any,
) -> Verb:
    """The verb that asks a command of a script."""
    question = Question(command, names, **how)
    words, options = question.words, question.options
    return Verb(group, words, sentence, question, options, helps=True, listed=listed)


#: The verbs of the command line, group by group. What is none of them is a script.
VERBS: dict[str, Verb] = {
    "debug": Verb(
        "Run", "SCRIPT [ARGUMENTS]", "stop at its first run; debug may be left out", _debug
    ),
    "run": Verb("Run", "SCRIPT [ARGUMENTS]", "run a script without stopping", _run_script),
    "replay": Verb("Run", "FILE", "do a recorded session again, and compare", _replay),
    "demo": Verb("Run", "", "see everything on a small example", _demo),
    "learn": Verb(
        "Learn",
        "[LESSON]",
        "lessons at the prompt; list shows them",
        verb.main,
        ("--help", "--lint", "--write", "--script", "--now", "-o"),
        verb.WORDS,
        helps=True,
    ),
    "zoo": Verb(
        "Learn",
        "list|run NAME|...",
        "broken programs, to find out what is wrong",
        zoo.command,
        zoo.OPTIONS,
        zoo.WORDS,
        helps=True,
    ),
    "draw": _question("a picture: -o out.svg, .png, .dot, .mmd", "draw", fetches=True, after=True),
    "plan": _question("what runs, in which order, and what does not", "plan", fetches=True),
    "needs": _question("what must be fed and initialized", "needs", fetches=True),
    "updates": _question("which variables are trained, and why", "updates", after=True),
    "why": _question(
        "why it is (not) trained; why-not NAME: not run", "why", "NAME", after=True
    ),
    "why-not": _question("why a node does not run", "why-not", "NAME", listed=False),
    "flow": _question("where a gradient goes, and stops", "flow", "[LOSS] NAME", after=True),
    "lint": _question("what is usually wrong; exit code 1 if it is", "lint", fetches=True),
    "frames": _question(
        "a run as numbered pictures: --gif, --slides",
        "frames",
        group="Teach",
        fetches=True,
        into="frames",
        told={
            "-o DIR": "the folder: frames when left out",
            "--gif": "an animation as well",
            "--png": "bitmaps as well",
            "--slides": "Markdown with a picture and its sentence on each slide",
            "--every WHAT": "only each N-th frame, or the end of each phase or scope",
        },
    ),
    "handout": _question(
        "a page to print and fill in, and its key",
        "handout",
        group="Teach",
        fetches=True,
        told={
            "-o FILE": "the page: .html, or .md with an .svg beside it",
            "--key FILE": "the same with the answers",
            "--blank WHAT": "values, gradients, names or kinds",
            "--count N": "how many are blank",
            "--seed N": "a variant of its own for each number",
            "--vary WHAT": "what a variant varies: blanks, feeds or both",
        },
    ),
    "open": Verb(
        "Files",
        "FILE",
        "what is in a .meta, .pb, .index or event file",
        show_file,
        ("--json",),
    ),
    "edit": Verb(
        "Files",
        "FILE -o FILE",
        "change the graph in a file: --set-lr 1e-4",
        edit,
        ("--set-lr", "--freeze", "--unfreeze", "--rename", "--remove-output-shapes", "--for",
         "--checkpoint", "-o", "--output", "--help"),
        helps=True,
    ),
    "diff": Verb(
        "Files",
        "SAVED SAVED",
        "what two checkpoints hold, side by side",
        diff,
        ("--rename", "--help"),
        helps=True,
    ),
    "export": Verb(
        "Files",
        "FILE|SCRIPT -o DIR",
        "a graph with its values, for TensorFlow",
        export,
        ("--for", "--checkpoint", "--frozen", "--output", "-o", "--directory", "--help"),
        helps=True,
    ),
    "doctor": Verb(
        "Setup",
        "[--tune]",
        "what is installed; measure what is faster",
        doctor,
        ("--tune", "--help"),
        helps=True,
    ),
    "dap": Verb(
        "Setup", "", "adapter for editors; completion SHELL is for Tab", dap.main, ("--help",),
        helps=True,
    ),
    "completion": Verb(
        "Setup",
        "bash|zsh|fish",
        "what makes Tab complete all this in a shell",
        _completion,
        ("--help",),
        tuple(SHELLS),
        helps=True,
        listed=False,
    ),
}  # fmt: skip


def usage_of_all() -> str:
    """What ``graphscope --help`` says."""
    return _HEAD + overview(VERBS) + _TAIL


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except BrokenPipeError:  # who was reading has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(words: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):  # a letter that cannot be shown is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    commands: list[str] = []
    at_run, as_data, full = 1, False, False
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-h", "--help"):
            print(usage_of_all(), end="")
            return 0
        if option in ("-V", "--version"):
            print(f"GraphScope {graphscope.__version__}")
            return 0
        if option == "--plain":
            speak_plainly()
            continue
        if option in ("--json", "--tui"):
            as_data, full = as_data or option == "--json", full or option == "--tui"
            continue
        if option not in ("-c", "-x", "--at-run") or not words:
            return told(f"{option} is not an option, or needs a word after it.")
        word = words.pop(0)
        if option == "-c":
            commands += split(word)
        elif option == "-x":
            if not os.path.isfile(word):
                return told(f"there is no file {word}")
            commands.append(f"source {word}")
        elif not word.isdigit() or int(word) < 1:
            return told(f"--at-run takes the number of a run, from 1, not {word!r}.")
        else:
            at_run = int(word)
    if not words:
        print(usage_of_all(), end="", file=sys.stderr)
        return 2
    if as_data and full:
        return told("--json and --tui do not go together: data are not drawn.")
    return _do(words, _How(commands or None, at_run, as_data, full))


def _do(words: list[str], how: _How) -> int:
    name, *rest = words
    if name not in VERBS or os.path.isfile(name):
        return _debug(words, how)
    if how.as_data and name != "debug":
        return told(f"--json stands behind {name}, or before a script.")
    if how == _AS_EVER:
        return _do_verb(name, rest)
    if name == "debug" and rest:
        return _debug(rest, how)
    if name == "demo" and not rest and not how.full:
        return demo.run(how.commands)
    if name == "zoo" and how == _How(how.commands):
        return zoo.command(rest, how.commands)
    hint = f"; --at-run stands behind {name}" if "--at-run" in VERBS[name].options else ""
    return told(f"-c, -x, --at-run and --tui are for a script, not for {name}{hint}.")


def _do_verb(name: str, words: list[str]) -> int:
    """Do what a verb is for, with the words behind it."""
    verb = VERBS[name]
    if not verb.helps and words[:1] in (["-h"], ["--help"]):
        print(usage(name, verb), end="")
        return 0
    needed = verb.words.partition(" ")[0]
    if not verb.helps and needed and not words:
        return told(f"{name} needs a {needed.lower()}: graphscope {name} {verb.words}")
    with bars():
        return verb.do(words)


if __name__ == "__main__":
    sys.exit(main())
