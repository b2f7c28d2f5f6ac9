"""Hooks: when they have their turn, and what they write."""

import json
import os

import numpy as np
import pytest

import graphscope as gs
from graphscope.platform import logging
from graphscope.summary.fakes import FakeSummaryWriter
from graphscope.summary.reading import latest_events, latest_summaries
from graphscope.train.global_step import global_step_increment, global_step_read
from graphscope.train.hooks import GlobalStepWaiterHook
from graphscope.train.timers import NeverTriggerTimer
from graphscope.train.wrapped_sessions import HookedSession


@pytest.fixture
def logged(monkeypatch):
    """What is logged, message by message."""
    texts = []

    def keep(text, *args):
        texts.append(text % args if args else text)

    monkeypatch.setattr(logging, "info", keep)
    monkeypatch.setattr(logging, "warning", keep)
    monkeypatch.setattr(logging, "log_first_n", lambda _, text, __, *args: keep(text, *args))
    return texts


@pytest.fixture
def step(graph):
    """A global step, counted up by ones."""
    gs.train.get_or_create_global_step()
    return global_step_increment(1)


@pytest.fixture
def run(session):
    """Run an operation so many times with a hook."""

    def work(hook, op, times):
        session.run(gs.global_variables_initializer())
        hook.begin()
        hook.after_create_session(session, None)
        hooked = HookedSession(session, [hook])
        for _ in range(times):
            hooked.run(op)
        hook.end(session)
        return hooked

    return work


def test_the_step_is_read_before_it_is_counted(graph, session):
    with pytest.raises(ValueError, match="no global step"):
        global_step_increment(1)
    gs.train.get_or_create_global_step()
    up = global_step_increment(3)
    session.run(gs.global_variables_initializer())
    read = global_step_read()
    assert [list(map(int, session.run([read, up]))) for _ in range(2)] == [[0, 3], [3, 6]]


def test_a_timer_that_never_has_its_turn():
    timer = NeverTriggerTimer()
    assert not timer.should_trigger_for_step(1)
    assert timer.update_last_triggered_step(1) == (None, None)
    assert timer.last_triggered_step() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"every_n_iter": 0}, "invalid every_n_iter"),
        ({}, "exactly one of"),
        ({"every_n_iter": 1, "every_n_secs": 1.0}, "exactly one of"),
        ({"every_n_iter": 1, "every_n_secs": 1.0, "at_end": True}, "exactly one of"),
    ],
)
def test_values_are_logged_one_way(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        gs.train.LoggingTensorHook(["t"], **arguments)


def test_values_are_logged(run, logged):
    value, two = gs.constant([1e-9, 0.5], name="value"), gs.unstack([1, 2], name="two")
    hook = gs.train.LoggingTensorHook([value, "value"], every_n_iter=2, at_end=True)
    run(hook, value, 4)
    assert [text.partition(" (")[0] for text in logged] == [
        "value:0 = [0.  0.5], value = [0.  0.5]"
    ] * 3
    with pytest.raises(ValueError, match="ambiguous: the operation has 2 outputs"):
        gs.train.LoggingTensorHook([two[0].op.name], every_n_iter=1).begin()
    with gs.Graph().as_default(), pytest.raises(ValueError, match="no tensor of the default graph"):
        gs.train.LoggingTensorHook([value], every_n_iter=1).begin()


def test_the_speed_is_written(run, step, logged):
    writer = FakeSummaryWriter("folder")
    run(gs.train.StepCounterHook(10, summary_writer=writer), step, 30)
    assert list(writer.summaries) == [11, 21]
    (value,) = writer.summaries[11][0].value
    assert value.tag == "global_step/sec"
    assert value.simple_value > 0
    assert [text.partition(":")[0] for text in logged] == ["global_step/sec"] * 2


def test_a_step_that_stands_still_is_told(run, step, logged):
    run(gs.train.StepCounterHook(1), gs.no_op(), 2)
    assert "has not been increased" in logged[0]
    with gs.Graph().as_default(), pytest.raises(RuntimeError, match="to use StepCounterHook"):
        gs.train.StepCounterHook().begin()
    with pytest.raises(ValueError, match="exactly one"):
        gs.train.StepCounterHook(1, 1.0)


def test_summaries_are_written(run, step):
    count = gs.assign_add(gs.Variable(0.0), 1.0)
    ops = [gs.summary.scalar("one", count), gs.summary.scalar("two", count * 2)]
    writer = FakeSummaryWriter("folder")
    run(gs.train.SummarySaverHook(8, summary_writer=writer, summary_op=ops), step, 18)
    found = {
        at: {v.tag: v.simple_value for s in summaries for v in s.value}
        for at, summaries in writer.summaries.items()
    }
    assert found == {
        1: {"one": 1.0, "two": 2.0},
        9: {"one": 2.0, "two": 4.0},
        17: {"one": 3.0, "two": 6.0},
    }
    assert len(writer._added_session_logs) == 1
    for given in ({}, {"summary_op": 1, "scaffold": 2}):
        with pytest.raises(ValueError, match="Exactly one of scaffold or summary_op"):
            gs.train.SummarySaverHook(1, **given)


class Saver:
    """Remembers what it is asked to save."""

    def __init__(self):
        self.saved = []

    def save(self, session, path, global_step=None):
        self.saved.append((os.path.basename(path), int(global_step)))


def test_a_saver_saves(run, step, tmp_path):
    told = []

    class Listener(gs.train.CheckpointSaverListener):
        def before_save(self, session, global_step_value):
            told.append(int(global_step_value))

        def after_save(self, session, global_step_value):
            return global_step_value == 4

    saver = Saver()
    hook = gs.train.CheckpointSaverHook(
        str(tmp_path), save_steps=2, saver=saver, listeners=[Listener()]
    )
    hooked = run(hook, step, 4)
    assert saver.saved == [("model.ckpt", at) for at in (0, 2, 4)]
    assert told == [0, 2, 4]
    assert hooked.should_stop()
    gs.summary.FileWriterCache.clear()
    logs = [e for e in latest_events(str(tmp_path)) if e.HasField("session_log")]
    assert [(e.step, e.session_log.status) for e in logs] == [(0, 3), (2, 3), (4, 3)]


def test_a_saver_is_needed(graph, step, tmp_path):
    scaffold = gs.train.Scaffold()
    with pytest.raises(ValueError, match="both saver and scaffold"):
        gs.train.CheckpointSaverHook(str(tmp_path), 1, saver=Saver(), scaffold=scaffold)
    hook = gs.train.CheckpointSaverHook(str(tmp_path), 1, scaffold=scaffold)
    with pytest.raises(RuntimeError, match="No items in collection savers"):
        hook._get_saver()
    graph.add_to_collection(gs.GraphKeys.SAVERS, saver := Saver())
    assert hook._get_saver() is saver


def test_runs_are_traced(run, step, tmp_path):
    run(gs.train.ProfilerHook(2, output_dir=str(tmp_path)), step, 4)
    files = sorted(name for name in os.listdir(tmp_path) if name.startswith("timeline"))
    assert files == ["timeline-2.json", "timeline-4.json"]
    events = json.loads((tmp_path / files[0]).read_text())["traceEvents"]
    assert "AssignAdd" in [event["name"] for event in events]
    gs.summary.FileWriterCache.clear()
    tags = [e.tagged_run_metadata.tag for e in latest_events(str(tmp_path))]
    assert [tag for tag in tags if tag] == ["step_2", "step_4"]


def test_a_run_waits_for_the_step(session, step, monkeypatch, logged):
    session.run(gs.global_variables_initializer())
    monkeypatch.setattr("time.sleep", lambda _: session.run(step))
    hook = GlobalStepWaiterHook(5)
    hook.begin()
    HookedSession(session, [hook]).run(step)
    assert session.run(gs.train.get_global_step()) == 6
    assert logged == ["Waiting for global step 5 before starting training."]


def test_what_runs_at_the_end_of_the_input(run, graph, logged):
    hook = gs.train.FinalOpsHook({"a": gs.constant(1.0)})
    run(hook, gs.no_op(), 1)
    assert hook.final_ops_values == {"a": 1.0}
    ended = gs.Variable(0).count_up_to(0)
    with pytest.raises(gs.errors.OutOfRangeError):
        run(gs.train.FinalOpsHook(ended), gs.no_op(), 1)
    assert "dependency back to some input source" in logged[0]


def test_a_training_session_writes_summaries(graph, step, tmp_path):
    gs.summary.scalar("twice", step * 2)
    with gs.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), save_summaries_steps=10, log_step_count_steps=10
    ) as session:
        for _ in range(12):
            session.run(step)
    gs.summary.FileWriterCache.clear()
    tags = [e.summary.value[0].tag for e in latest_summaries(str(tmp_path))]
    assert tags.count("twice") == 2
    assert "global_step/sec" in tags


def test_nan_without_failing(run, graph, logged):
    hooked = run(gs.train.NanTensorHook(gs.constant(np.nan), False), gs.no_op(), 1)
    assert hooked.should_stop()
    assert logged == ["Model diverged with loss = NaN."]
