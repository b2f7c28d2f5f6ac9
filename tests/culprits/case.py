"""What a broken program is, and its label."""

from collections.abc import Callable
from dataclasses import dataclass, field

import graphscope as gs


@dataclass
class Program:
    """What is run under the debugger.

    before: what the script does first, with the session. initialize: None for a script that does
    not. error: what building or running has raised. answers: see `training`.
    """

    fetches: object = None
    answers: dict = field(default_factory=dict)
    feed: dict = field(default_factory=dict)
    before: Callable | None = None
    initialize: object = "all"
    error: BaseException | None = None


@dataclass(frozen=True)
class Culprit:
    """A label. kind: what sort of mistake it is. guilty: the operation that answers for it.
    asks: for each command that has to name it, what to ask; named: what another command names in
    its place, which is as right. zoo: its number in the zoo of bugs that were seen in the wild.
    """

    build: Callable
    kind: str
    guilty: str
    asks: dict
    named: dict
    zoo: str

    @property
    def name(self):
        return self.build.__name__


CULPRITS: dict[str, Culprit] = {}


def culprit(kind, guilty, zoo="", named=None, **asks):
    """Label a program."""

    def add(build):
        assert build.__name__ not in CULPRITS, build.__name__
        CULPRITS[build.__name__] = Culprit(build, kind, guilty, asks, named or {}, zoo)
        return build

    return add


def opened(program):
    """A debugger for the program's run; it stands at the start."""
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
