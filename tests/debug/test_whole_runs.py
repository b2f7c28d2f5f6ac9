"""Runs that are done by one function are those of the interpreter, step by step and bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_training import same, stepped, trained

import graphscope as gs
from graphscope.debug import doing as module
from graphscope.debug.timeline import AnyValue, Timeline
from graphscope.engine.recording import Finished, Recorded, Recordings, recordings
from graphscope.kernels.stats import is_finite


def warmed_up(session: Any, fetches: Any, feeds: Any) -> None:
    """Runs after which there is a function."""
    for _ in range(2):
        timeline = Timeline(session.prepare(fetches, feeds), session.state)
        timeline.forward_until(frozenset())
        timeline.commit(session.state)
        assert timeline._whole is None
    assert not recordings(timeline.plan).reason


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("tests", [(), (AnyValue(lambda value: not is_finite(value)),)])
def test_each_step_is_that_of_the_interpreter(dropout: bool, tests: Any) -> None:
    session, fetches, feeds = trained(dropout)
    warmed_up(session, fetches, feeds)
    for _ in range(3):
        wanted = stepped(session, fetches, feeds)
        timeline = Timeline(session.prepare(fetches, feeds), session.state)
        recordings(timeline.plan)._looks = 0
        assert not timeline.forward_until(frozenset(), tests)
        assert isinstance(timeline._whole, Recorded if tests else Finished)
        assert timeline.at_end
        assert timeline.t == timeline.newest == timeline.end == len(wanted)
        assert timeline.nbytes > 0
        before = timeline.variables(0)
        after = timeline.variables()
        here, written, fetched = timeline.here, timeline.written, timeline.fetched[fetches[0]]
        assert isinstance(timeline._whole, Recorded | Finished), "nothing of that needs the steps"
        assert here is not None
        same(here, wanted[-1])
        assert len(timeline.steps) == len(wanted)
        for step, ran in zip(timeline.steps, wanted, strict=True):
            same(step, ran)
        assert timeline._whole is None
        assert [w[:3] for w in written] == [w[:3] for w in timeline.written]
        for name, value in timeline.variables().items():
            assert value.tobytes() == after[name].tobytes()
            assert timeline.variables(0)[name] is before[name]
        assert fetched == timeline.value(fetches[0])
        timeline.commit(session.state)


def test_a_run_that_is_stopped_in_has_come_no_further() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    wanted = stepped(session, fetches, feeds)
    timeline = Timeline(session.prepare(fetches, feeds), session.state)
    loss = fetches[0].op
    assert timeline.forward_until({loss})
    assert timeline.newest == timeline.t == timeline.plan.position[loss] + 1
    assert timeline.upcoming() is timeline.plan.nodes[timeline.t]
    assert not timeline.finished
    timeline.forward()
    assert not timeline.forward_until(frozenset())
    for step, ran in zip(timeline.steps, wanted, strict=True):
        same(step, ran)


def test_what_is_set_by_hand_is_computed_on_from() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    timeline = Timeline(session.prepare(fetches, feeds), session.state)
    h = session.graph.get_tensor_by_name("h:0")
    timeline.forward_until({h.op})
    timeline.override(h, np.zeros((4, 5), np.float32))
    timeline.forward_until(frozenset())
    logits = session.graph.get_tensor_by_name("logits:0")
    assert not timeline.value(logits).any()
    other = Timeline(timeline.run, session.state, overrides=timeline.overrides)
    other.forward_until(frozenset())
    assert not other.value(logits).any()


def test_a_test_that_holds_stops_there() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    x = next(iter(feeds))
    feeds[x] = np.full_like(feeds[x], np.inf)
    timeline = Timeline(session.prepare(fetches, feeds), session.state)
    assert timeline.forward_until(frozenset(), [AnyValue(lambda value: not is_finite(value))])
    assert timeline.here is not None
    assert timeline.here.node.type == "MatMul"
    assert timeline.newest == timeline.t


def test_other_shapes_have_a_function_of_their_own() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    halves = {tensor: value[:2] for tensor, value in feeds.items()}
    warmed_up(session, fetches, halves)
    wanted = stepped(session, fetches, halves)
    timeline = Timeline(session.prepare(fetches, halves), session.state)
    timeline.forward_until(frozenset())
    for step, ran in zip(timeline.steps, wanted, strict=True):
        same(step, ran)


def test_a_node_that_fails_is_left_to_the_interpreter() -> None:
    x = gs.placeholder(gs.float32, [None], name="x")
    checked = gs.check_numerics(gs.log(x), "bad", name="checked")
    y = gs.identity(checked + 1.0, name="y")
    session = gs.Session()
    feeds = {x: np.ones(3, np.float32)}
    warmed_up(session, [y], feeds)
    with gs.debug(session, [y], {x: -feeds[x]}, on_exit="rollback") as d:
        with pytest.raises(gs.errors.InvalidArgumentError):
            d.cont()
        upcoming = d.timeline.upcoming()
        assert upcoming is not None
        assert upcoming.name == "checked"
        assert d.timeline.newest == d.t


def test_what_can_be_seen_from_outside_waits_for_its_step() -> None:
    x = gs.placeholder(gs.float32, [], name="x")
    calls: list[float] = []

    def noted(value: Any) -> Any:
        calls.append(float(value))
        return value

    y = gs.py_func(noted, [x + 1.0], gs.float32)
    z = gs.identity(y, name="z")
    session = gs.Session()
    for _ in range(4):
        with gs.debug(session, z, {x: np.float32(1)}) as d:
            d.until("add")
            assert calls == []
            d.cont()
            assert calls == [2.0]
            calls.clear()


def test_a_generator_that_begins_is_not_done_again() -> None:
    session, fetches, feeds = trained(dropout=True)
    warmed_up(session, fetches, feeds)
    session.state.cells.clear()
    timeline = Timeline(session.prepare(fetches, feeds), session.state)
    timeline.forward_until(frozenset())
    assert isinstance(timeline._whole, Recorded), "of its ends alone it could not be done again"


def test_runs_in_a_row_are_those_of_a_session_that_nobody_looks_at() -> None:
    session, fetches, feeds = trained()
    other = gs.Session()
    other.state = session.state.copy()
    losses = [other.run(fetches, feeds)[0] for _ in range(9)]
    d = gs.debug(session, fetches, feeds)
    d.run(n=8)
    d.run_to_end()
    found = [run.fetched[fetches[0]] for run in d.history.runs[1:]]
    assert [float(value) for value in found] == [float(value) for value in losses]
    assert d.result[0] == losses[-1]
    d.goto("4:7")
    wanted = d.history.runs[3].steps
    assert d.t == 7
    assert wanted[6].node is d.stop.node
    d.close()
    w1 = other.graph.get_tensor_by_name("w1:0")
    assert session.run(w1).tobytes() == other.run(w1).tobytes()


def test_a_reordered_plan_has_its_own_function() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    plan = session.prepare(fetches, feeds).plan
    other = plan.reordered(lambda made: made.nodes)
    assert recordings(other) is not recordings(plan)
    assert recordings(plan) is recordings(plan)
    assert module.recordings is recordings


def test_an_interrupt_in_a_run_that_is_done_whole_stops_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    plain = Recordings.finish

    def interrupted(*arguments: Any) -> Any:
        d.interrupt()
        return plain(*arguments)

    monkeypatch.setattr(Recordings, "finish", interrupted)
    with gs.debug(session, fetches, feeds, on_exit="rollback") as d:
        stop = d.cont()
        assert (stop.reason.name, stop.t, stop.newest) == ("INTERRUPTED", 1, 1)
        monkeypatch.undo()
        assert d.cont().reason.name == "END"


def test_stops_that_only_count_are_hit_in_runs_that_are_done_whole() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    d = gs.debug(session, fetches, feeds)
    d.brk("loss", hits="4")
    d.brk("@MatMul", hits=">10")
    places = []
    for _ in range(5):
        while d.cont().breakpoint is not None:
            places.append((d.timeline.number, d.stop.breakpoint, d.stop.hits))
        d.run()
    products = len([op for op in d.plan.nodes if op.type == "MatMul"])
    assert products == 5
    assert [item.hits for item in d.stops] == [5, 25]
    assert (4, 1, 4) in places
    assert [place[2] for place in places if place[1] == 2] == list(range(11, 26))


def test_runs_into_which_somebody_looks_keep_everything_at_once() -> None:
    session, fetches, feeds = trained()
    warmed_up(session, fetches, feeds)
    kinds = []
    for i in range(8):
        timeline = Timeline(session.prepare(fetches, feeds), session.state)
        timeline.forward_until(frozenset())
        kinds.append(type(timeline._whole))
        if i in (1, 2):
            assert timeline.steps
    assert kinds == [Finished] * 2 + [Recorded] * 3 + [Finished] * 3


def test_old_runs_are_done_again_with_the_numbers_of_then() -> None:
    session, fetches, feeds = trained(dropout=True)
    d = gs.debug(session, fetches, feeds)
    d.run(n=8)
    runs = d.history.runs[1:-1]
    then = [(run.fetched[fetches[0]].copy(), run.variables()) for run in runs]
    copies = [{name: value.copy() for name, value in after.items()} for _, after in then]
    session.run(fetches, feeds)
    session.run(fetches, feeds)
    for run, (loss, _), copied in zip(runs, then, copies, strict=True):
        assert len(run.steps) == len(run.plan)
        assert run.value(fetches[0]) == loss
        for name, value in run.variables().items():
            assert value.tobytes() == copied[name].tobytes()
