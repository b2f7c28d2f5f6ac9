"""Running a script as if GraphScope were TensorFlow, with or without stopping at its runs."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.debug.history import Script
from graphscope.debug.place import Place
from graphscope.debug.questions.recording import Recording
from graphscope.debug.timeline import Timeline
from graphscope.engine.session import Session
from graphscope.repl.attach import PLAIN_RUN, Attached, Feeds, is_library, replace_run
from graphscope.repl.lines import Lines, Printer
from graphscope.repl.prompt import Prompt


@contextmanager
def interruptible(attached: Attached) -> Iterator[None]:
    """Ctrl-C opens the prompt at the run that comes next; a second one ends the script."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(signum: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        attached.stop_at_next_run()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Arrived(BaseException):
    """The script has come to the run that is wanted. No error: nothing in the script shall catch
    it."""

    def __init__(self, debugger: Debugger) -> None:
        super().__init__()
        self.debugger = debugger


#: Called when a `Session.run` begins, with its session, fetches and feeds; gives a debugger of it
#: when this is the run that is wanted.
Arriving = Callable[[Session, Any, Feeds], Debugger | None]
#: The same for a run that the script itself debugs, with its session and its timeline.
Debugging = Callable[[Session, Timeline], Debugger | None]


def run_until(
    path: str, arguments: Sequence[str], arriving: Arriving, debugging: Debugging | None = None
) -> Debugger | None:
    """Run a script up to the run of which a debugger is given; the script ends there. None when it
    ends by itself. debugging: when left out, the runs that the script itself debugs are not looked
    at.

    Errors: what the script itself raises, SystemExit too.
    """

    def run(
        session: Session, fetches: Any, feed_dict: Feeds = None, *more: Any, **named: Any
    ) -> Any:
        debugger = arriving(session, fetches, feed_dict)
        if debugger is not None:
            raise _Arrived(debugger)
        return PLAIN_RUN(session, fetches, feed_dict, *more, **named)

    def begin(session: Session, timeline: Timeline) -> None:
        debugger = None if debugging is None else debugging(session, timeline)
        if debugger is not None:
            raise _Arrived(debugger)

    before = Session.run, Place.beginning
    replace_run(run)
    Place.beginning = begin
    try:
        with _as_program(path, arguments):
            runpy.run_path(path, run_name="__main__")
    except _Arrived as arrived:
        return arrived.debugger
    finally:
        replace_run(before[0])
        Place.beginning = before[1]
    return None


def debugger_at(
    path: str, run: int = 1, arguments: Sequence[str] = (), recording: Recording | None = None
) -> Debugger:
    """Run a script up to its `Session.run` number `run`, and give a debugger of that one; the
    script ends there. recording: variables, feeds and generators to begin the run with.

    Errors: DebugError when the script ends before; what the script itself raises.
    """
    count = 0

    def arriving(session: Session, fetches: Any, feeds: Feeds) -> Debugger | None:
        nonlocal count
        count += 1
        if count < run:
            return None
        feeds = feeds if recording is None else recording.feeds
        state = session.state if recording is None else recording.state(session.state)
        debugger = Debugger.over(session, Timeline(session.prepare(fetches, feeds), state, run))
        debugger.history.script = Script(path, tuple(arguments), run)
        return debugger

    debugger = None
    with suppress(SystemExit):
        debugger = run_until(path, arguments, arriving)
    if debugger is None:
        raise DebugError(f"{os.path.basename(path)} ended after {count} runs: it has no run {run}.")
    return debugger


@contextmanager
def _as_program(path: str, arguments: Sequence[str]) -> Iterator[None]:
    """The arguments and the search path that the script would see if Python itself ran it, and
    GraphScope as its TensorFlow."""
    before = sys.argv[:], sys.path[:]
    sys.argv[:] = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        with compat.installed():
            yield
    finally:
        sys.argv[:], sys.path[:] = before


def debug_script(
    path: str,
    arguments: Sequence[str],
    lines: Lines,
    screen: Printer,
    at_run: int = 1,
    prompt: Callable[[Debugger, Lines, Printer], Prompt] = Prompt,
) -> int:
    """Run a script, and talk at one of its runs. The exit code is the script's own; 2 for one that
    has ended well, when a line could not be done that nobody has typed."""
    script = Script(path, tuple(arguments))
    attached = Attached(lines, screen, at_run, script=script, prompt=prompt)
    detach = attached.attach()
    try:
        with interruptible(attached):
            code = run_script(path, arguments)
    finally:
        detach()
    failed = (output.error for *_, output in attached.history.log if not output.forgiven)
    is_wrong = any(isinstance(error, DebugError | ValueError) for error in failed)
    return 2 if is_wrong and not code and not lines.interactive else code


def run_script(path: str, arguments: Sequence[str]) -> int:
    """Run a script with GraphScope as its TensorFlow; the exit code is the script's own.

    A traceback begins at the script's first line, as if Python itself had run it.
    """
    try:
        with _as_program(path, arguments):
            runpy.run_path(path, run_name="__main__")
    except SystemExit as leaving:
        return exit_code(leaving)
    except BaseException as error:
        sys.stdout.flush()
        print_traceback(error, path)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def exit_code(leaving: SystemExit) -> int:
    """What a program that leaves so would give, after its message if it has one."""
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    print(leaving.code, file=sys.stderr)
    return 1


def print_traceback(error: BaseException, path: str) -> None:
    """The traceback as the script's author knows it: without the frames of what runs the script
    and of the engine."""
    script = error.__traceback__
    while script is not None and script.tb_frame.f_code.co_filename != path:
        script = script.tb_next
    shown = traceback.TracebackException(type(error), error, script)
    for part in (shown, shown.__cause__):
        if part is not None:
            part.stack[:] = [frame for frame in part.stack if not is_library(frame.filename)]
    print("".join(shown.format()), end="", file=sys.stderr)
