"""How a run is done: node by node, or, where nobody has to stop in it, by one function.

A run that is done by one function (see `graphscope.engine.recording`) is taken apart into steps
when somebody looks at them. What was not kept of it is worked out by doing it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from itertools import count
from time import perf_counter

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.debug.keeping import Kept
from graphscope.debug.steps import AnyValue, AtNodes, Journal, Step, StepTest
from graphscope.debug.stretch import Past
from graphscope.engine.interpreter import Execution, Frame, Ran, Value
from graphscope.engine.lessons import unfed
from graphscope.engine.recording import Finished, Recorded, Recordings, recordings
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels import pool

_NONE: frozenset[Tensor | str] = frozenset()

#: Tells timelines apart: one that was begun later has a larger number.
_SERIALS = count()
#: Tells the ways apart that a run has gone: each edit begins another one.
_WAYS = count()


class Doing:
    """A run as far as it has been done. What is seen of it is in `Seeing`.

    run:    the prepared call of `Session.run`.
    number: which run of the debugged ones it is, from 1.
    way:    a number that is another one after each edit.
    t:      the time at which we look.
    overrides: values for outputs of nodes that have not run yet.
    failure: what the node after the last step raises, once that is known.
    """

    def __init__(
        self, run: Run, state: State, number: int = 1, overrides: dict[Tensor, Value] | None = None
    ) -> None:
        self.run = run
        self.plan = run.plan
        self.number = number
        self.serial = next(_SERIALS)
        #: How many operations the graph had when the run began.
        self.graph_size = len(self.plan.graph.operations)
        #: The bytes of what is fed, without what the run before it was fed, too.
        self.fed_nbytes = 0
        self.t = 0
        self._halted = False
        self.overrides = dict(overrides) if overrides else {}
        self._before: State | None = state.copy()
        #: The variables when the run began, if one of them was set by hand at t=0.
        self._start: dict[str, Value] | None = None
        self._kept = Kept()
        #: Where it is kept, once little is kept of it: the run is past.
        self.past: Past | None = None
        self._known: Recordings | None = None
        self.way = next(_WAYS)
        self._forget_steps()

    @property
    def before(self) -> State:
        """What the session held when the run began."""
        if self._before is None:
            assert self.past is not None
            return self.past.before
        return self._before

    @property
    def start(self) -> dict[str, Value]:
        """The variables when the run began, with what was set by hand at t=0."""
        return self.before.variables if self._start is None else self._start

    @property
    def kept(self) -> Kept:
        """What was committed of it."""
        return self._kept if self.past is None else self.past.kept

    @property
    def _recordings(self) -> Recordings:
        if self._known is None:
            self._known = recordings(self.plan)
        return self._known

    def _start_state(self) -> State:
        """A copy of what it begins with."""
        return State(dict(self.start), dict(self.before.cells))

    # ---- steps -------------------------------------------------------------------------------

    def _forget_steps(self) -> None:
        #: The run, if it was done by one function; and what was taken apart into its steps.
        self._whole: Recorded | Finished | Past | None = None
        self._parts: Recorded | None = None
        self._end: Step | None = None
        self._notes: Journal | None = None
        self._engine: Execution | None = None
        #: How long the nodes take that a function has done.
        self._seconds: Sequence[float] = ()
        self.failure: Exception | None = None
        self._committed = False

    def _begin(self, past: list[Step]) -> None:
        """Go on behind these steps: what they computed is taken from them."""
        self.way = next(_WAYS)
        self.leave_the_past()
        self._forget_steps()
        if not past:
            return
        self._notes = self._new_journal()
        for step, ran in zip(past, self._set_up_behind(past), strict=True):
            self._append(step._replace(ran=ran))

    def _new_journal(self) -> Journal:
        return Journal(self.run.feeds.values(), bool(self.plan.inner))

    def _set_up_behind(self, steps: Sequence[Step]) -> list[Ran]:
        """Get ready to run what comes after these steps. Returns what they computed, as if their
        nodes had run again."""
        frame = Frame(self.plan, dict(self.run.feeds))
        engine = Execution(frame, self._start_state(), [step.ran for step in steps])
        rans = []
        for _ in steps:
            ran = engine.run()
            assert ran is not None, "there was a node for each step"
            engine.keep(ran)
            rans.append(ran)
        self._engine = engine
        return rans

    @property
    def _journal(self) -> Journal:
        if self._notes is None:
            self._notes = self._new_journal()
            if self._whole is not None:
                self._take_apart(self._notes, self._whole)
        return self._notes

    @property
    def _execution(self) -> Execution:
        """What runs the next node."""
        if self._engine is None:
            self._set_up_behind(self._journal.steps)
            assert self._engine is not None
        return self._engine

    def _append(self, step: Step) -> None:
        assert self._notes is not None
        self._notes.append(step)
        if self._notes.locates:  # otherwise each node runs once, at its place in the order
            self._notes.locate(step)

    def _next(self) -> Step:
        """Run the next node. Errors: DebugError at the end; what the node raises."""
        if self.plan.missing and self.plan.nodes and self.failure is None:
            self.failure = unfed(self.plan)
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        engine = self._execution
        assert self._notes is not None
        began = perf_counter()
        try:
            ran = engine.run()
        except Exception as failure:
            self.failure = failure
            raise
        if ran is None:
            raise DebugError("The run is at its end.")
        overridden = _NONE
        if self.overrides:
            own = {t: self.overrides[t] for t in ran.outputs if t in self.overrides}
            ran = ran._replace(outputs={**ran.outputs, **own})
            overridden = frozenset(own)
        engine.keep(ran)
        t, seconds = len(self._notes.steps), perf_counter() - began
        if t < len(self._seconds):
            seconds = self._seconds[t]
        return tuple.__new__(Step, (t + 1, ran, overridden, seconds))  # Step(...), in less time

    # ---- runs that are done whole --------------------------------------------------------------

    def _done_whole(self, nodes: Set[Operation], tests: Sequence[StepTest]) -> bool:
        """Do the whole run, from its start, if there is a function for it. True when nobody has to
        stop before its end; otherwise it may be known what the nodes will give."""
        if not self.plan.nodes:
            return False
        position, last = self.plan.position, self.plan.nodes[-1]
        stops = self._halted or any(op in position and op is not last for op in nodes)
        known = self._recordings
        if not stops and not tests and known.end is not None and not known.is_looked_at():
            self._whole = known.finish(self.run.feeds, self._start_state())
        if self._halted:  # meanwhile: we go on node by node, and stop at once
            self._whole = None
            return False
        if self._whole is None:
            whole = self._recorded()
            if whole is None:
                return False
            if self._halted or stops or (tests and self._stops(whole, tests)):
                self._execution.foresee(whole.rans(self._execution.frame))
                self._seconds = whole.seconds()
                return False
            self._whole = whole
        self._notes = self._engine = None
        self.t = self._whole.count
        return True

    def _recorded(self) -> Recorded | None:
        return self._recordings.record(self.run.feeds, self._start_state())

    def _stops(self, whole: Recorded, tests: Sequence[StepTest]) -> bool:
        """Whether one of the tests may hold in it. Those of values are asked of each array once."""
        position, frame, count = self.plan.position, self._recordings.frame, whole.count
        for test in tests:
            if type(test) is AnyValue:
                held = any(map(test.test, whole.arrays))
            else:
                places: Iterable[int] = range(count)
                if type(test) is AtNodes:
                    places = [position[op] for op in test.nodes if op in position]
                rans = ((i, whole.ran(i, frame)) for i in places)
                held = any(test(tuple.__new__(Step, (i + 1, ran, _NONE, 0.0))) for i, ran in rans)
            if held:
                return True
        return False

    def _take_apart(self, journal: Journal, whole: Recorded | Finished | Past) -> None:
        """Make the steps of a run that was done whole."""
        self._recordings.looked_at()
        recorded = whole if isinstance(whole, Recorded) else self._recorded()
        self._whole = self._end = None
        if recorded is None:  # the interpreter does it once more
            self._set_up_behind(())
            with np.errstate(all="ignore"), pool.recycled():
                for _ in range(whole.count):
                    self._append(self._next())
            self._seconds = [step.seconds for step in journal.steps]
            return
        self._parts = recorded
        frame = Frame(self.plan, {**recorded.outputs, **self.run.feeds})
        self._seconds = recorded.seconds()
        journal.steps = [
            tuple.__new__(Step, (t, ran, _NONE, seconds))  # Step(...), in less time
            for t, ran, seconds in zip(count(1), recorded.rans(frame), self._seconds, strict=False)
        ]
        journal.writing = [journal.steps[i] for i in recorded.recording.writing]

    def _end_of_whole(self, whole: Recorded | Finished | Past) -> Step | None:
        """The step at the end of a run that is not taken apart; None if that must be for it."""
        if self._end is not None:
            return self._end
        ran = self._recordings.end
        if ran is not None:
            self._end = Step(whole.count, ran)
        elif isinstance(whole, Recorded) and self.plan.nodes[-1] not in self.plan.readings:
            ran = whole.rans(Frame(self.plan, {**whole.outputs, **self.run.feeds}))[-1]
            self._end = Step(whole.count, ran, seconds=whole.seconds()[-1])
        return self._end

    @property
    def ends_as_all(self) -> bool:
        """Whether we look at the end of a run that was done whole, and ends as all of its plan."""
        whole = self._whole
        if whole is None or self.t != whole.count or self._start is not None:
            return False
        return self._recordings.end is not None

    @property
    def fetched(self) -> dict[Tensor, Value]:
        """What has been computed of what is fetched, without the feeds."""
        if isinstance(self._whole, Finished | Past):
            values = dict(self._whole.results)
        elif self._whole is not None:
            values = self._whole.outputs
        else:
            values = {t: v for step in self._journal.steps for t, v in step.outputs.items()}
        for tensor in self.plan.fetches:
            if isinstance(tensor, Tensor) and tensor.op.type == "Const":
                values.setdefault(tensor, tensor.op.attrs["value"])
        return values

    @property
    def _is_of_function(self) -> bool:
        """Whether all of its steps are those of a function."""
        return self._notes is not None and 0 < len(self._seconds) == len(self._journal.steps)

    def leave_the_past(self) -> None:
        """Keep again what has been let go: the run shall go another way."""
        if self.past is not None:
            self._before, self._kept, self.past = self.before, self.kept, None
