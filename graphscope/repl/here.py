"""Opening the prompt from a program: `set_trace`, `break_when`, `pm`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.debug.timeline import Timeline
from graphscope.engine.session import Session
from graphscope.errors import OpError, uncaught
from graphscope.repl.attach import Attached
from graphscope.repl.desk import Desk
from graphscope.repl.prompt import Prompt

#: What stops at the next run in place of the prompt, while something else debugs the program.
_elsewhere: list[Callable[[], None]] = []


@contextmanager
def stopping_by(stop: Callable[[], None]) -> Iterator[None]:
    """Let `set_trace` call this in place of opening the prompt."""
    _elsewhere.append(stop)
    try:
        yield
    finally:
        _elsewhere.pop()


def set_trace(commands: str | None = None) -> None:
    """Open the prompt at the next `Session.run`, wherever it is, as pdb.set_trace() would. Under an
    editor, stop there.

    commands: what to do there first, separated by ``;``.
    """
    if _elsewhere:
        _elsewhere[-1]()
        return
    desk = Desk(commands)
    Attached(desk, desk).attach()


def break_when(
    session: Session, condition: str | Callable[..., Any], commands: str | None = None
) -> Callable[[], None]:
    """Debug the runs of a session from now on, and open the prompt where this holds.

    condition: a stop as the prompt takes it (``catch nan``, ``watch %W if v > 1``, ``break Log if
    np.min(v) < -10``); an expression, asked at the end of each run (``loss > 10``); or a function
    of the `Stop` there. commands: what to do at the prompt first, separated by ``;``.
    Returns: a function that ends it. Errors: DebugError for a condition that is no expression.
    """
    desk = Desk(commands)
    attached = Attached(desk, desk, at_run=0, session=session)
    attached.wanted.append(condition)
    return attached.attach()


def pm(error: BaseException | None = None, commands: str | None = None) -> None:
    """Open the prompt at the node that failed, with the past intact, as pdb.pm() would.

    error: what `Session.run` raised; the last one that went uncaught when left out. commands: what
    to do there first. Errors: DebugError when the error is not that of a run.
    """
    desk = Desk(commands)
    debugger = at_failure(last_error() if error is None else error)
    _talked(debugger, desk)


def opened_at(error: BaseException, debuggers: Sequence[Debugger]) -> None:
    """Open the prompt for a test that failed: at the node that raised the error, or else where the
    last of its debuggers stands."""
    if getattr(error, "failure", None) is not None:
        pm(error)
    elif debuggers:
        _talked(debuggers[-1], Desk())


def _talked(debugger: Debugger, desk: Desk) -> None:
    """Begin at the stop at which it stands; at the end the terminal is as it was."""
    prompt = Prompt(debugger, desk, desk)
    prompt.show_stop(debugger.stop)
    try:
        prompt.talk()
    finally:
        desk.close()


def last_error() -> BaseException:
    """The error that is being handled, or the last one that went uncaught."""
    error = uncaught()
    if error is None:
        raise DebugError("There is no error to look at. Try: gs.pm(error)")
    return error


def at_failure(error: BaseException) -> Debugger:
    """A debugger that stands before the node that failed. Errors: DebugError when the error is
    not that of a run."""
    failure = getattr(error, "failure", None)
    if failure is None:
        raise DebugError(f"{type(error).__name__} is not the error of a node that ran.")
    timeline = Timeline(failure.run, failure.before)
    debugger = Debugger.over(failure.session, timeline)
    try:
        debugger.run_to_end()
    except OpError:  # the same one again: this is where we wanted to come to
        return debugger
    return debugger
