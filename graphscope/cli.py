"""The command ``graphscope``."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import graphscope
from graphscope.learn import demo
from graphscope.repl.lines import lines_for
from graphscope.repl.script import Attached, run_script
from graphscope.show import console

USAGE = """\
usage: graphscope [-c COMMANDS] SCRIPT [ARGUMENTS...]    stop at the first Session.run of a script
       graphscope run SCRIPT [ARGUMENTS...]              run it without stopping
       graphscope demo                                   see everything on a small example

SCRIPT is a TensorFlow 1 program; it runs on GraphScope's own engine, TensorFlow is not needed.
-c does the commands, separated by ;, at the first stop:  -c "plan; step 4; why W"
-V prints the version. Commands are read from a terminal or from a pipe; `help` lists them.
"""


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
    commands = None
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-h", "--help"):
            print(USAGE, end="")
            return 0
        if option in ("-V", "--version"):
            print(f"GraphScope {graphscope.__version__}")
            return 0
        if option == "-c" and words:
            commands = words.pop(0)
        else:
            return _wrong(f"{option} is not an option, or needs a word after it.")
    if not words:
        print(USAGE, end="", file=sys.stderr)
        return 2
    if words[0] == "demo" and not os.path.exists("demo"):
        return demo.run(commands)
    debugging = words[0] != "run"
    if not debugging:
        words.pop(0)
    if not words:
        return _wrong("run needs a script: graphscope run SCRIPT")
    path, *rest = words
    if not os.path.isfile(path):
        return _wrong(f"there is no file {path}")
    if not debugging:
        return run_script(path, rest)
    screen = console()
    detach = Attached(lines_for(commands, screen.print), screen).attach()
    try:
        return run_script(path, rest)
    finally:
        detach()


def _wrong(text: str) -> int:
    print(f"graphscope: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
