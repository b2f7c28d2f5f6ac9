"""Runs in a row of which little is kept are, when somebody looks, what they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_training import same, stepped, trained

import graphscope as gs
from graphscope.debug import history
from graphscope.debug.stretch import Past
from graphscope.engine.interpreter import interpret

#: More than two stretches.
RUNS = 75


def held(variables: dict[str, Any]) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in variables.items()}


def batches(feeds: dict[Any, Any], count: int) -> list[dict[Any, Any]]:
    """Feeds that are others in each run, but twice in a row the same now and then."""
    random = np.random.RandomState(3)
    made = []
    for i in range(count):
        order = random.permutation(4)
        fed = {tensor: value[order] for tensor, value in feeds.items()}
        made.append(made[-1] if i % 7 == 6 else fed)
    return made


def debugged(dropout: bool = False, count: int = RUNS, **how: Any) -> tuple[Any, list[Any]]:
    """A debugger that has done so many runs; and of each what the interpreter gives, what the
    session held before it, and what it held after."""
    with gs.Graph().as_default():
        session, fetches, feeds = trained(dropout)
    known, d = [], None
    session.run(fetches, feeds)  # a generator that begins would begin otherwise each time
    state = session.state.copy()
    for fed in batches(feeds, count):
        prepared = session.prepare(fetches, fed)
        before = held(state.variables)
        with np.errstate(all="ignore"):
            rans = list(interpret(prepared.plan, dict(prepared.feeds), state))
        known.append((rans, before, held(state.variables)))
        if d is None:
            d = gs.debug(session, fetches, fed, **how)
            d.cont()
        else:
            d.run(feed_dict=fed, quiet=True)
    return d, known


def is_past(timeline: Any) -> bool:
    return isinstance(timeline._whole, Past)


def states_kept(d: Any) -> int:
    """How many states are kept of all runs."""
    return sum(len(s._states) for s in {t.past.stretch for t in d.history.runs if t.past})


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_each_run_is_what_it_was(dropout: bool, backwards: bool) -> None:
    d, known = debugged(dropout)
    assert sum(map(is_past, d.history.runs)) > RUNS - 8
    assert states_kept(d) < RUNS / 8
    pairs = list(zip(d.history.runs, known, strict=True))
    for timeline, (rans, before, after) in reversed(pairs) if backwards else pairs:
        assert held(timeline.variables(0)) == before
        assert held(timeline.start) == held(timeline.before.variables) == before
        assert held(timeline.variables(timeline.newest)) == after
        for step, ran in zip(timeline.steps, rans, strict=True):
            same(step, ran)
        timeline.close_again()


def test_the_memory_of_what_was_looked_at_is_given_back() -> None:
    d, _ = debugged()
    before, size = states_kept(d), d.history.nbytes
    d.hist("%w1")
    d.hist("logits")
    for number in (70, 3, 40):
        d.goto(f"{number}:5")
        assert d.timeline.number == number
    assert sum(t._notes is not None for t in d.history.runs[4:-1]) == 1
    d.run(quiet=True)
    assert states_kept(d) <= before + 2
    assert not any(t._notes is not None for t in d.history.runs[4:-1])
    assert d.history.nbytes - size < 4000


def test_going_back_over_runs_shows_what_was_there() -> None:
    d, known = debugged(count=40)
    count = len(d.plan)
    for i in reversed(range(39)):
        stop = d.goto(f"{i + 1}:{count}")
        rans, before, after = known[i]
        assert stop.run == i + 1
        assert stop.node is rans[-1].op
        assert held(d.timeline.variables()) == after
        assert set(stop.updated) == {n for n in after if after[n] != before[n] and n in d.changed()}
    assert d.rcont().t == 0
    assert held(d.timeline.variables()) == known[0][1]


def test_a_change_in_an_old_run_takes_back_what_came_after() -> None:
    d, known = debugged()
    session = d.session
    d.goto("50:3")
    h = session.graph.get_tensor_by_name("h:0")
    d.set(h, np.zeros((4, 5), np.float32), once=True)
    assert [t.number for t in d.history.runs] == list(range(1, 51))
    d.run_to_end()
    after = held(d.timeline.variables())
    assert after != known[49][2]
    assert held(d.timeline.variables(0)) == known[49][1]
    d.close()
    assert held(session.state.variables) == after
    d.rollback()
    assert held(session.state.variables) == known[49][1]


def test_a_change_in_an_old_run_is_undone_with_all_that_came_after() -> None:
    d, known = debugged()
    size = d.history.nbytes
    d.goto("50:3")
    h = d.session.graph.get_tensor_by_name("h:0")
    d.set(h, np.zeros((4, 5), np.float32), once=True)
    d.cont()
    assert held(d.timeline.variables()) != known[49][2]
    d.undo(2)
    assert (d.timeline.number, d.t, len(d.history.runs)) == (50, 3, RUNS)
    assert d.history.nbytes == size
    for timeline, (_, before, after) in zip(d.history.runs, known, strict=True):
        assert held(timeline.variables(0)) == before
        assert held(timeline.variables(timeline.newest)) == after
    d.goto(f"{RUNS}:{len(d.plan)}")
    d.run(quiet=True)
    assert held(d.timeline.variables(0)) == known[-1][2]


def test_what_others_have_written_stays() -> None:
    d, known = debugged()
    session = d.session
    b1 = session.graph.get_tensor_by_name("b1:0")
    d.close()
    own = np.full(5, 7, np.float32)
    session.state.variables["b1"] = own
    d.goto("20:0")
    d.restart()
    d.rollback()
    expected = {**known[19][1], "b1": own.tobytes()}
    assert held(session.state.variables) == expected
    assert b1.shape.as_list() == [5]


def test_what_was_changed_between_runs_is_known() -> None:
    session, fetches, feeds = trained()
    d = gs.debug(session, fetches, feeds)
    d.cont()
    starts = [held(d.timeline.start)]
    for i in range(20):
        if i % 5 == 4:
            d.commit()
            session.state.variables["b1"] = np.full(5, i, np.float32)
        d.run(quiet=True)
        starts.append(held(d.timeline.start))
    assert [held(t.variables(0)) for t in d.history.runs] == starts


def test_other_plans_between_begin_another_stretch() -> None:
    session, fetches, feeds = trained()
    loss = fetches[0]
    d = gs.debug(session, fetches, feeds)
    d.cont()
    ends = [held(d.timeline.variables())]
    for i in range(30):
        d.run(*([loss] if i % 10 == 9 else fetches), quiet=True)
        ends.append(held(d.timeline.variables()))
    assert [held(t.variables(t.newest)) for t in d.history.runs] == ends
    assert len({t.past.stretch for t in d.history.runs if t.past}) == 3


def test_a_rehearsal_keeps_little_too() -> None:
    d, known = debugged(on_exit="rollback")
    assert sum(map(is_past, d.history.runs)) > RUNS - 8
    assert [held(t.variables(0)) for t in d.history.runs] == [before for _, before, _ in known]
    d.close()
    assert held(d.session.state.variables) == known[0][1]


@pytest.mark.parametrize(("early", "many"), [(1, 4), (8, 1 << 30), (1 << 30, 1), (1 << 30, 9)])
def test_what_runs_wrote_is_known_however_they_were_let_go(
    monkeypatch: pytest.MonkeyPatch, early: int, many: int
) -> None:
    monkeypatch.setattr(history, "_EARLY", early)
    monkeypatch.setattr(history, "_MANY", many)
    whole, _ = debugged()
    d, known = debugged(budget=12_000)
    assert d.history.nbytes <= 12_000
    assert 0 < d.history.dropped == RUNS - len(d.history.runs)
    for name in ("w1", "b1"):
        variable = d.session.graph.get_operation_by_name(name)
        other = whole.session.graph.get_operation_by_name(name)
        wanted = [(w.run, w.t, w.norm, w.change) for w in whole.history.writes(other)]
        assert [(w.run, w.t, w.norm, w.change) for w in d.history.writes(variable)] == wanted
        assert len(wanted) == RUNS
    for timeline, (rans, before, _) in zip(d.history.runs, known[d.history.dropped :], strict=True):
        assert held(timeline.variables(0)) == before
        same(timeline.steps[-1], rans[-1])


def test_steps_of_the_interpreter_are_those_of_a_run_that_is_past() -> None:
    session, fetches, feeds = trained()
    d = gs.debug(session, fetches, feeds)
    d.run(n=4)
    d.run_to_end()
    wanted = stepped(session, fetches, feeds)
    last = d.timeline
    d.run()
    assert is_past(last)
    for step, ran in zip(last.steps, wanted, strict=True):
        same(step, ran)
