"""The command ``graphscope``."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import graphscope
from graphscope.debug.dispatch import split
from graphscope.debug.errors import DebugError
from graphscope.debug.history import Script
from graphscope.learn import demo
from graphscope.repl import dap
from graphscope.repl.attach import Attached
from graphscope.repl.doctor import doctor
from graphscope.repl.files.diff import diff
from graphscope.repl.files.edit import edit
from graphscope.repl.files.export import export
from graphscope.repl.files.opening import show_file
from graphscope.repl.lines import lines_for
from graphscope.repl.replay import replay
from graphscope.repl.script import interruptible, run_script
from graphscope.repl.words import told
from graphscope.show import console

USAGE = """\
usage: graphscope [OPTIONS] SCRIPT [ARGUMENTS...]        stop at the first Session.run of a script
       graphscope run SCRIPT [ARGUMENTS...]              run it without stopping
       graphscope replay FILE                            do a recorded session again, and compare
       graphscope open FILE [--json]                     what is in a .meta, .pb, .pbtxt, .index or
                                                         event file, or the folder of a SavedModel
       graphscope edit FILE.meta [CHANGES] -o FILE.meta  change the graph in a file: --set-lr 1e-4
       graphscope diff CHECKPOINT CHECKPOINT             what two checkpoints hold, side by side
       graphscope export FILE|SCRIPT --for tf2 -o DIR    a graph with its values, for TensorFlow
       graphscope demo                                   see everything on a small example
       graphscope doctor [--tune]                        what is installed; measure what is faster
       graphscope dap                                    debug adapter for editors; dap --help

SCRIPT is a TensorFlow 1 program; it runs on GraphScope's own engine, TensorFlow is not needed.
-c COMMANDS    does the commands, separated by ;, at the first stop:  -c "plan; step 4; why W"
-x FILE        does the commands in a file, one a line, at the first stop
--at-run N     stop at the N-th Session.run
-V             print the version
Commands are read from a terminal or from a pipe; `help` lists them. Ctrl-C opens the prompt.
"""


#: What follows a verb.
_NEEDS = {"run": "script", "replay": "file"}
#: What needs no script, unless there is one of that name.
_VERBS = {
    "dap": dap.main,
    "diff": diff,
    "doctor": doctor,
    "edit": edit,
    "export": export,
    "open": show_file,
}


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
    at_run = 1
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-h", "--help"):
            print(USAGE, end="")
            return 0
        if option in ("-V", "--version"):
            print(f"GraphScope {graphscope.__version__}")
            return 0
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
        print(USAGE, end="", file=sys.stderr)
        return 2
    return _do(words, commands or None, at_run)


def _do(words: list[str], commands: list[str] | None, at_run: int) -> int:
    verb, *rest = words
    if verb == "demo" and not os.path.exists("demo"):
        return demo.run(commands)
    if verb in _VERBS and not os.path.exists(verb):
        return _VERBS[verb](rest)
    if verb in _NEEDS:
        if not rest:
            return told(f"{verb} needs a {_NEEDS[verb]}: graphscope {verb} {_NEEDS[verb].upper()}")
        verb, *rest = rest
    if words[0] == "replay":
        return _replay(verb)
    if not os.path.isfile(verb):
        return told(f"there is no file {verb}")
    if words[0] == "run":
        return run_script(verb, rest)
    screen = console()
    script = Script(verb, tuple(rest))
    attached = Attached(lines_for(commands, screen.print), screen, at_run, script=script)
    detach = attached.attach()
    try:
        with interruptible(attached):
            return run_script(verb, rest)
    finally:
        detach()


def _replay(file: str) -> int:
    try:
        return replay(file, console())
    except DebugError as error:
        return told(str(error))


if __name__ == "__main__":
    sys.exit(main())
