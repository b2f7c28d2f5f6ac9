"""`Debugger`: the runs of a session, stepped forwards and backwards, questioned and drawn.

Every method with ``@command`` is a command of the prompt; here it takes Python objects or the same
words, and returns data. Nothing is printed. The commands are grouped in the classes from which
`Debugger` is made: going, stopping, looking, asking, measuring, advising, editing, drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from graphscope.debug.advising import Advising
from graphscope.debug.answers import Note, PlanSummary, Reason, Stop
from graphscope.debug.asking import Asking
from graphscope.debug.commands import command
from graphscope.debug.drawing import Drawing
from graphscope.debug.errors import NotExecuted
from graphscope.debug.history import BUDGET, History
from graphscope.debug.looking import Looking
from graphscope.debug.measuring import Measuring
from graphscope.debug.navigating import Navigating
from graphscope.debug.progress import counted
from graphscope.debug.running import Running
from graphscope.debug.scripting import Scripting
from graphscope.debug.stopping import Stopping
from graphscope.debug.stops import Stops
from graphscope.debug.teaching import Teaching
from graphscope.debug.timeline import Timeline
from graphscope.debug.undoing import Undoing
from graphscope.engine.lessons import unfed
from graphscope.engine.session import Session


class Debugger(
    Looking,
    Running,
    Stopping,
    Asking,
    Measuring,
    Navigating,
    Advising,
    Undoing,
    Drawing,
    Teaching,
    Scripting,
):
    """Steps the runs of a session, one after the other. Use it in a ``with``: at the end, a run
    that has finished is committed to the session, and one that has not is rolled back.

    session, fetches, feed_dict: as for `Session.run`. A placeholder may still be missing; then the
    first step says so.
    stops: breakpoints to begin with; they are shared, so that they can outlive the run. history:
    earlier runs, to which this one is added. budget: how many bytes of values are kept before the
    oldest runs are let go. on_exit: ``commit`` keeps a finished run at the end, ``rollback`` none.
    """

    def __init__(
        self,
        session: Session,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        stops: Stops | None = None,
        *,
        history: History | None = None,
        budget: int = BUDGET,
        on_exit: str = "commit",
    ) -> None:
        if on_exit not in ("commit", "rollback"):
            raise ValueError(f"on_exit is commit or rollback, not {on_exit!r}")
        super().__init__(
            session,
            History(budget) if history is None else history,
            Stops() if stops is None else stops,
            on_exit == "commit",
        )
        runs = self.history.runs
        before = runs[-1].run.feeds if runs else None
        self._add_run(session.prepare(fetches, feed_dict, before))

    @classmethod
    def over(cls, session: Session, timeline: Timeline, stops: Stops | None = None) -> Debugger:
        """A debugger of a run that is prepared already: one that has failed, one that was
        recorded. The session keeps nothing of it."""
        history = History()
        history.add(timeline)
        other = cls.__new__(cls)
        stops = Stops() if stops is None else stops
        super(Debugger, other).__init__(session, history, stops, False)
        other._look_at(0)
        return other

    def _beside(self, timeline: Timeline) -> Debugger:
        other = Debugger.over(self.session, timeline)
        other._lasting = dict(self._lasting)
        other._rehearsed = self._rehearsed.copy()
        return other

    @property
    def result(self) -> Any:
        """What `Session.run` would return. Errors: NotExecuted before the run has finished."""
        if not self.done:
            raise NotExecuted("The run has not finished: run_to_end() finishes it.")
        timeline = self.timeline
        if timeline.plan.missing:
            raise unfed(timeline.plan)
        return timeline.run.result({**timeline.fetched, **timeline.run.feeds}, timeline.start)

    # ---- runs ----------------------------------------------------------------------------------

    @command("run", "r", group="Go", takes="node", example="run train_step")
    def run(
        self,
        *fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        n: int = 0,
        quiet: bool = False,
    ) -> PlanSummary | Stop:
        """Begin another run of the session, after this one: run train_step; the same one without
        words. What this run has written is kept if it has finished, and undone if not.

        n: run it N times first, and stop before the next time. quiet: go on to the first
        breakpoint or to the end. feed_dict: what to feed; as now when left out.
        """
        elements = [self._fetched(fetch) for fetch in fetches]
        last = self.history.runs[-1].run
        asked: Any = elements[0] if len(elements) == 1 else elements
        structure = asked if fetches else last.fetches.structure
        feeds = last.feeds if feed_dict is None else feed_dict
        for _ in counted(range(n), "running", n):
            self._begin_run(structure, feeds)
            if not self._run_through():
                return self._stopped(Reason.INTERRUPTED)
        self._begin_run(structure, feeds)
        return self.cont() if quiet else self.summary()

    def begin(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> None:
        """Begin another run, as if this were a new debugger with the same stops and history."""
        self._traced.clear()
        self.forget_interrupt()
        self._begin_run(fetches, feed_dict)

    def _begin_run(self, fetches: Any, feeds: Any) -> None:
        before = self.history.runs[-1]
        prepared = self.session.prepare(fetches, feeds, before.run.feeds)
        if before.finished:
            before.commit(self._keeper)
        self._add_run(prepared)

    @property
    def in_an_earlier_run(self) -> bool:
        """Whether we look at a run that is not the newest one."""
        return self.history.at < len(self.history.runs) - 1

    def look_at_run(self, number: int) -> bool:
        """Look at a run by its number. False when it is not the newest one, or was let go."""
        timeline = self.history.number(number)
        if timeline is None or timeline is not self.history.runs[-1]:
            return False
        self._look_at(len(self.history.runs) - 1)
        return True

    # ---- the end -------------------------------------------------------------------------------

    def keep(self, kept: bool) -> None:
        """Say whether a finished run is given to the session at the end."""
        self._keeps = kept

    def ended(self) -> Any:
        """What `Session.run` would return, of a run that nobody has asked anything of; it is given
        to the session, as `close` does. Errors: as for `result`."""
        if self.done and self._keeps:
            self.timeline.commit(self._keeper)
        return self.result

    def close(self) -> Note:
        """Commit a finished run, roll back another one, and say which."""
        if self.history.at != len(self.history.runs) - 1:
            self._look_at(len(self.history.runs) - 1)
        if self.done and self._keeps:
            self.commit()
            return Note("The run is finished; its variables are kept.")
        timeline = self.timeline
        written = sorted(self._since_start(timeline.newest))
        text = f"The run was left at t={timeline.newest} of {timeline.end}"
        undone = f": {', '.join(written)} as before" if written else ": no variable had changed"
        return Note(f"{text} and rolled back{undone}.")

    def __enter__(self) -> Debugger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()


def debug(
    session: Session,
    fetches: Any,
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    budget: int = BUDGET,
    on_exit: str = "commit",
) -> Debugger:
    """A debugger for one run of the session: ``with gs.debug(sess, train_step, feed) as d:``.

    budget, on_exit: see `Debugger`.
    Errors: those of `Session.run` for fetches and feeds that do not fit.
    """
    return Debugger(session, fetches, feed_dict, budget=budget, on_exit=on_exit)
