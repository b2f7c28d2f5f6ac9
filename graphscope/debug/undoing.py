"""Undo: back to how things stood before the last command that changed something.

Of a move only the place is remembered, since moving only moves the cursor. An edit discards what
came after it; what it discarded is kept by reference until the edit is undone, or too long ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from graphscope.debug.answers import Answer, BreakpointRow, Reason, Stop
from graphscope.debug.commands import Command, command
from graphscope.debug.editing import Editing
from graphscope.debug.errors import DebugError
from graphscope.debug.flags import flag_of, is_switch
from graphscope.debug.running import check_count
from graphscope.debug.stops import Breakpoint
from graphscope.debug.timeline import Timeline

#: So many changes can be undone at most.
_LONGEST = 100

#: Commands whose work is done, and what to do in place of undoing it.
_LASTING = {
    "commit": "the session has what the run has written. Try: rollback",
    "rollback": "the run has been forgotten, and begins again",
    "run": "another run has begun since. Try: goto {run}:{t}",
}


@dataclass(frozen=True)
class Undone(Answer):
    """What was undone, the newest first, as it was typed. stop: where we look now; None when that
    has stayed as it was."""

    lines: tuple[str, ...]
    stop: Stop | None = None


class Standing(NamedTuple):
    """How a debugger stands at one time.

    run, t:   where it looks. stops: copies of them.
    settings: displays, marks, aliases and the like. lasting: the values set for every run.
    timeline: the run at which it looks; way: what that was, for an edit changes it; later: the runs
              after it. There are none of them where nothing was edited.
    """

    run: int
    t: int
    stops: tuple[Breakpoint, ...]
    settings: Mapping[str, Any]
    lasting: Mapping[Any, Any]
    timeline: Timeline | None
    way: Timeline | None
    later: tuple[Timeline, ...]

    @property
    def nbytes(self) -> int:
        """The bytes of what an edit has discarded."""
        kept = (self.way, *self.later)
        return sum(timeline.nbytes for timeline in kept if timeline is not None)


@dataclass
class Done:
    """A command, its words, and how things stood before it. lasting: the name of a command in it
    that cannot be undone."""

    command: Command
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    before: Standing
    lasting: str = ""

    def __str__(self) -> str:
        """``set y = 0 * y``"""
        words = [self.command.name, *map(_written, self.arguments)]
        for option in self.command.options:
            given = self.options.get(option.name)
            if given is not None and given != option.default:
                flag = flag_of(option)
                words.append(flag if is_switch(option) else f"{flag} {_written(given)}")
        return " ".join(words)


class Undoing(Editing):
    """The command that undoes others, and what is remembered for it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: What can be undone, the newest last; what is being done.
        self._done: list[Done] = []
        self._doing: Done | None = None

    @command("undo", group="State", example="undo")
    def undo(self, n: int = 1) -> Undone:
        """Undo the last command that changed something, or the last N of them.

        A move goes back to where it began. What set, feed, restart, break, watch, delete, display,
        mark and the like have done is as it was before, with what had run already. What commit,
        rollback and run have done stays, and so do files, and what eval has assigned.
        """
        check_count(n)
        self._doing = None  # this is not to be undone itself
        place, edited = (self.timeline.number, self.t), False
        undone: list[str] = []
        for _ in range(n):
            if why := self._why_not():
                break
            done = self._done.pop()
            self._stand(done.before)
            undone.append(str(done))
            edited = edited or done.before.way is not None
        if not undone:
            raise DebugError(why)
        if not edited and place == (self.timeline.number, self.t):
            return Undone(tuple(undone))
        self.stop = self._make_stop(Reason.PLACE)
        return Undone(tuple(undone), self.stop)

    def _why_not(self) -> str:
        """Why the last change cannot be undone; empty when it can."""
        if not self._done:
            return "There is nothing to undo: nothing has been changed in this run."
        done = self._done[-1]
        if done.lasting:
            why = _LASTING[done.lasting].format(run=done.before.run, t=done.before.t)
            return f"{done} cannot be undone: {why}"
        if done.before.timeline is None and self.history.number(done.before.run) is None:
            return f"Run {done.before.run} was let go: its values took too much memory."
        return ""

    # ---- what is remembered --------------------------------------------------------------------

    def command_begins(
        self, command: Command, arguments: tuple[Any, ...], options: Mapping[str, Any]
    ) -> Done | None:
        """Remember how things stand. What a command does by way of others is its own work."""
        if self._doing is not None:
            if command.name in _LASTING:
                self._doing.lasting = command.name
            return None
        self._doing = Done(command, arguments, options, self._standing(command.group != "Go"))
        return self._doing

    def command_ends(self, begun: Done | None, succeeded: bool) -> None:
        """Keep what was remembered, if something has changed."""
        if begun is None or begun is not self._doing:
            return
        self._doing = None
        before = begun.before
        edited = self._is_edited(before)
        if succeeded and begun.command.name in _LASTING:
            begun.lasting = begun.command.name
        if begun.lasting:
            self._done.clear()  # what it has made lasting
        elif not edited and not self._is_changed(before):
            return
        if before.way is not None and (begun.lasting or not edited):
            begun.before = before._replace(timeline=None, way=None, later=())
        self._done.append(begun)
        del self._done[:-_LONGEST]
        if edited:
            self._let_go()

    def _let_go(self) -> None:
        """Forget the oldest changes, if what edits have discarded takes too much memory."""
        size = sum(done.before.nbytes for done in self._done)
        while size > self.history.budget and len(self._done) > 1:
            size -= self._done.pop(0).before.nbytes

    def _is_changed(self, before: Standing) -> bool:
        """Whether we look at another place, or something is set otherwise than it was."""
        if (before.run, before.t) != (self.timeline.number, self.t):
            return True
        if before.settings != self._settings():
            return True
        return _rules(before.stops) != _rules(tuple(self.stops))

    def _is_edited(self, before: Standing) -> bool:
        """Whether the run at which we looked goes another way than it did."""
        if before.way is None:
            return False
        now = self.history.number(before.run)
        return now is not None and (now is not before.timeline or now.way != before.way.way)

    def _standing(self, may_edit: bool) -> Standing:
        history, timeline = self.history, self.timeline
        return Standing(
            timeline.number,
            timeline.t,
            tuple([item.copy() for item in self.stops]),
            self._settings(),
            dict(self._lasting),
            timeline if may_edit else None,
            timeline.remembered() if may_edit else None,
            tuple(history.runs[history.at + 1 :]) if may_edit else (),
        )

    def _settings(self) -> dict[str, Any]:
        history = self.history
        return {
            "displays": dict(self._displays),
            "marks": dict(history.marks),
            "forks": dict(history.forks),
            "aliases": {} if history.words is None else dict(history.words.aliases),
            "budget": history.budget,
            "keeps": self._keeps,
        }

    def _stand(self, before: Standing) -> None:
        """Let things stand as they did."""
        history, settings = self.history, before.settings
        self._displays = dict(settings["displays"])
        history.marks = dict(settings["marks"])
        history.forks = dict(settings["forks"])
        history.budget, self._keeps = settings["budget"], settings["keeps"]
        if history.words is not None:
            history.words.aliases = dict(settings["aliases"])
        self._lasting = dict(before.lasting)
        self.stops.become(before.stops)
        if before.timeline is not None and before.way is not None:
            before.timeline.become(before.way)
            history.restore(before.timeline, before.later)
            self.stops.forget((before.timeline.serial, before.t))
        self._look_at(next(i for i, r in enumerate(history.runs) if r.number == before.run))
        self.timeline.seek(before.t)


def _rules(stops: tuple[Breakpoint, ...]) -> list[BreakpointRow]:
    """The stops, without how often each was hit."""
    return [replace(item.row(), hits=0) for item in stops]


def _written(given: Any) -> str:
    """What was given, as it would be typed."""
    if isinstance(given, str):
        return given
    return getattr(given, "name", None) or " ".join(repr(given).split())
