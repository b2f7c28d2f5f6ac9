"""What a broken program is, and its label."""

from collections.abc import Callable
from dataclasses import dataclass, field

import graphscope as gs
from graphscope.debug.debugger import Debugger


@dataclass
class Program:
    """What is run under the debugger.

    before: what the script does first, with the session. initialize: None for a script that does
    not. error: what building or running has raised. answers: see `training`. debugger: that of a
    program that has run up to there already.
    """

    fetches: object = None
    answers: dict = field(default_factory=dict)
    feed: dict = field(default_factory=dict)
    before: Callable | None = None
    initialize: object = "all"
    error: BaseException | None = None
    debugger: Debugger | None = None


@dataclass(frozen=True)
class Culprit:
    """A label. kind: what sort of mistake it is. guilty: the operation that answers for it.
    asks: for each command that has to name it, what to ask; named: what another command names in
    its place, which is as right.
    """

    build: Callable
    kind: str
    guilty: str
    asks: dict
    named: dict
    name: str


CULPRITS: dict[str, Culprit] = {}


def label(made):
    assert made.name not in CULPRITS, made.name
    CULPRITS[made.name] = made


def culprit(kind, guilty, named=None, **asks):
    """Label a program."""

    def add(build):
        label(Culprit(build, kind, guilty, asks, named or {}, build.__name__))
        return build

    return add


def opened(program):
    """A debugger for the program's run; it stands at the start."""
    if program.debugger is not None:
        return program.debugger
    session = gs.Session()
    if program.initialize == "all":
        session.run(gs.global_variables_initializer())
    elif program.initialize is not None:
        session.run(program.initialize)
    if program.before is not None:
        program.before(session)
    return gs.debug(session, program.fetches, program.feed)


def failing(work):
    """What `work` raises, or None."""
    try:
        work()
    except Exception as error:
        return error
    return None
