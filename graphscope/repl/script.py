"""Running a script as if GraphScope were TensorFlow, with or without stopping at its runs."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console

import graphscope
from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.debug.stops import Stops
from graphscope.engine.session import Session
from graphscope.errors import OpError
from graphscope.repl.attach import PLAIN_RUN, replace_run
from graphscope.repl.lines import Lines
from graphscope.repl.prompt import Outcome, Prompt
from graphscope.show.text import line, render, strong


class Attached:
    """Stands in for `Session.run`: opens the prompt at the first run, and at later ones when asked.

    Without a breakpoint, `continue` takes it away again, and the script runs as fast as ever.
    """

    def __init__(self, lines: Lines, console: Console) -> None:
        self._lines = lines
        self._console = console
        self._stops = Stops()
        self._stopping = True
        self._count = 0

    def attach(self) -> Callable[[], None]:
        """Take the place of `Session.run`; returns what gives it back."""
        attached = self

        def run(
            session: Session,
            fetches: Any,
            feed_dict: Mapping[Any, Any] | None = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            return attached.run(session, fetches, feed_dict)

        replace_run(run)
        return self.detach

    def detach(self) -> None:
        replace_run(PLAIN_RUN)

    def run(self, session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        """One run under the debugger: what it returns and raises is that of `Session.run`."""
        self._count += 1
        debugger = Debugger(session, fetches, feed_dict, self._stops)
        prompt = Prompt(debugger, self._lines, self._console)
        if not self._stopping:
            stop = debugger.cont() if debugger.timeline.end else debugger.stop
            if stop.breakpoint is None:
                debugger.close()
                return debugger.result
            self._announce(debugger)
            prompt.show(stop)
        else:
            self._announce(debugger)
        outcome = prompt.talk()
        self._stopping = outcome is Outcome.NEXT_RUN
        if outcome is Outcome.QUIT:
            self._console.print(render(debugger.close()))
            self.detach()
            raise SystemExit(0)
        if outcome is Outcome.NO_MORE or (outcome is Outcome.RUN_ON and not len(self._stops)):
            self.detach()
        return self._finished(debugger, prompt.failure)

    def _finished(self, debugger: Debugger, failure: OpError | None) -> Any:
        if failure is not None:
            raise failure
        debugger.run_to_end()
        debugger.close()
        return debugger.result

    def _announce(self, debugger: Debugger) -> None:
        fetched, feeds = ", ".join(debugger.fetched), debugger.plan.feeds
        names = ", ".join(
            f"{debugger.names.of(t.op)}: .." for t in sorted(feeds, key=lambda t: t.op._id)
        )
        fed = f", {{{names}}}" if feeds else ""
        source = _calling_line()
        self._console.print(line(strong(f"Run {self._count}"), f"  sess.run({fetched}{fed})"))
        if source:
            self._console.print(line(source))


def _calling_line() -> str:
    """The script's line that called `Session.run`."""
    for frame in reversed(traceback.extract_stack()):
        if not _is_library(frame.filename):
            return f"{os.path.basename(frame.filename)}:{frame.lineno}  {frame.line}"
    return ""


def run_script(path: str, arguments: Sequence[str]) -> int:
    """Run a script with GraphScope as its TensorFlow; the exit code is the script's own.

    A traceback begins at the script's first line, as if Python itself had run it.
    """
    compat.install()
    before = sys.argv[:], sys.path[:]
    sys.argv[:] = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as leaving:
        return _exit_code(leaving)
    except BaseException as error:
        sys.stdout.flush()
        _print_traceback(error, path)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        sys.argv[:], sys.path[:] = before
    return 0


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    print(leaving.code, file=sys.stderr)
    return 1


def _print_traceback(error: BaseException, path: str) -> None:
    """The traceback as the script's author knows it: without the frames of what runs the script
    and of the engine."""
    script = error.__traceback__
    while script is not None and script.tb_frame.f_code.co_filename != path:
        script = script.tb_next
    shown = traceback.TracebackException(type(error), error, script)
    for part in (shown, shown.__cause__):
        if part is not None:
            part.stack[:] = [frame for frame in part.stack if not _is_library(frame.filename)]
    print("".join(shown.format()), end="", file=sys.stderr)


def _is_library(filename: str) -> bool:
    package = os.path.dirname(os.path.abspath(graphscope.__file__)) + os.sep
    learn = os.path.join(package, "learn")
    return filename.startswith(package) and not filename.startswith(learn)
