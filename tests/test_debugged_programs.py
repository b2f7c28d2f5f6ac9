"""Every program of tests/programs, run as it is and with each of its runs under the debugger: the
results and the variables are the same, bit by bit.

The longest of its runs that trains, or the longest of all, is walked: node by node to its end, into
every branch and every iteration of every loop, node by node back to its start, and then from place
to place. What is seen at a place is the same each time.
"""

import contextlib
import importlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from goldens.running import run_program

from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.engine.plan import Phase
from graphscope.engine.session import Session

PROGRAMS = Path(__file__).parent / "programs"
PLAIN = Session.run
#: At so many places of a run it is looked at what is seen there.
PLACES = 12


class Runs:
    """The calls of `Session.run` that a program makes, each done by `run`, which gives its plan and
    its result; and the sessions."""

    def __init__(self, run):
        self._run = run
        self.plans = []
        self.sessions = []

    @contextlib.contextmanager
    def taken(self):
        def run(session, fetches, feed_dict=None, options=None, run_metadata=None):
            if session not in self.sessions:
                self.sessions.append(session)
            plan, result = self._run(len(self.plans), session, fetches, feed_dict)
            self.plans.append(plan)
            return result

        Session.run = run
        try:
            yield
        finally:
            Session.run = PLAIN

    @property
    def longest(self):
        """The number of the longest run that trains, or of the longest of all; of several the first
        one, in which iterators and queues are filled."""
        sizes = [
            (Phase.BACKWARD in plan.phases.values(), len(plan.everything)) for plan in self.plans
        ]
        return max(range(len(sizes)), key=sizes.__getitem__, default=-1)

    @property
    def variables(self):
        """What each session holds in the end."""
        return [
            {name: raw(value) for name, value in session.state.variables.items()}
            for session in self.sessions
        ]


def raw(value):
    """The bits of an array, or of the elements of a list."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return str(value.dtype), value.shape, value.tobytes()
    return [raw(item) for item in value.flat] if isinstance(value, np.ndarray) else repr(value)


def plainly(number, session, fetches, feed_dict):
    return session.prepare(fetches, feed_dict).plan, PLAIN(session, fetches, feed_dict)


def debugging(walked):
    """Does each run under the debugger; number `walked` is walked, of the others a half."""

    def run(number, session, fetches, feed_dict):
        debugger = Debugger(session, fetches, feed_dict)
        if number == walked:
            walk(debugger)
        elif debugger.plan.nodes:
            debugger.step(max(1, len(debugger.plan) // 2))
            debugger.goto("start")
        debugger.run_to_end()
        debugger.close()
        return debugger.plan, debugger.result

    return run


def walk(d):
    timeline = d.timeline
    start, seen = d.timeline.variables(), [look(d)]
    while not timeline.at_end:
        assert d.step().t == len(seen)
        seen.append(look(d))
    end = len(seen) - 1
    check_that_bodies_were_entered(timeline)
    places = set(range(0, end, max(1, end // PLACES))) | {end}
    known = {t: seen[t]() for t in places}
    while d.t:
        d.back()
        if d.t in known:
            assert look(d)() == known[d.t]
    assert all(d.timeline.variables()[name] is value for name, value in start.items())
    first, last = sorted(places), sorted(places, reverse=True)
    for t in (t for pair in zip(first, last, strict=True) for t in pair):
        assert d.goto(t).t == t
        assert look(d)() == known[t]


def look(d):
    """What the stop shows, and the variables; gives a function that tells it by its bits."""
    stop, variables = d.stop, d.timeline.variables()

    def told():
        shown = [*stop.inputs, *stop.outputs]
        return {
            "node": stop.node and stop.node.name,
            "frames": [(owner.name, i) for owner, i in stop.frames],
            "values": [(s.tensor.name, s.value is None or raw(s.value)) for s in shown],
            "variables": {name: raw(value) for name, value in variables.items()},
        }

    return told


def check_that_bodies_were_entered(timeline):
    """Every loop that ran was stepped into, in each of its iterations."""
    seen = {(step.frame.owner, step.frame.caller, step.frame.iteration) for step in timeline.steps}
    for step in timeline.steps:
        if step.node.type == "While":
            count = int(step.outputs[step.node.outputs[-1]])
            assert {(step.node, step.frame, i) for i in range(count + 1)} <= seen


@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_program(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with compat.installed():
        tf = importlib.import_module("tensorflow")
        as_it_is = Runs(plainly)
        with as_it_is.taken():
            plain = run_program(tf, PROGRAMS / f"{name}.py")
        for path in tmp_path.iterdir():  # the second time begins as the first
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        debugged = Runs(debugging(as_it_is.longest))
        with debugged.taken():
            stepped = run_program(tf, PROGRAMS / f"{name}.py")
    assert repr(stepped["results"]) == repr(plain["results"])
    assert len(debugged.plans) == len(as_it_is.plans)
    assert debugged.variables == as_it_is.variables
