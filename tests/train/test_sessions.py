"""Coordinator, hooks, monitored sessions and Supervisor, in one process."""

import logging
import sys
import threading

import numpy as np
import pytest

import graphscope as gs


@pytest.fixture
def counting(graph):
    """A global step, and what counts it up."""
    step = gs.train.get_or_create_global_step()
    return step, gs.assign_add(step, 1)


# ---- the global step ---------------------------------------------------------------------------


def test_there_is_one_global_step(graph):
    assert gs.train.get_global_step() is None
    step = gs.train.create_global_step()
    assert (step.name, step.dtype.base_dtype, step.trainable) == ("global_step:0", gs.int64, False)
    assert gs.train.get_global_step() is step
    assert gs.train.get_or_create_global_step() is step
    with pytest.raises(ValueError, match="already exists"):
        gs.train.create_global_step()


def test_a_global_step_by_its_name(graph):
    step = gs.Variable(0, name="global_step")
    assert gs.train.get_global_step() is step._ref()
    with gs.Session() as session:
        session.run(step.initializer)
        assert gs.train.global_step(session, step) == 0


@pytest.mark.parametrize("wrong", [1.0, [1, 2]])
def test_a_global_step_is_a_whole_number(graph, wrong):
    with pytest.raises(TypeError, match=r'Existing "global_step"'):
        gs.train.assert_global_step(gs.Variable(wrong))
    with pytest.raises(TypeError, match="must be a Variable or Tensor"):
        gs.train.assert_global_step(wrong)


# ---- Coordinator -------------------------------------------------------------------------------


def test_threads_stop_together_and_the_failure_comes_out():
    coord = gs.train.Coordinator()

    def fail():
        with coord.stop_on_exception():
            raise RuntimeError("broken")

    threads = [threading.Thread(target=coord.wait_for_stop), threading.Thread(target=fail)]
    for thread in threads:
        thread.start()
    with pytest.raises(RuntimeError, match="broken"):
        coord.join(threads)
    assert coord.should_stop()
    assert coord.joined
    coord.clear_stop()
    assert not coord.should_stop()
    coord.raise_requested_exception()


def test_the_end_of_the_input_is_no_failure():
    coord = gs.train.Coordinator()
    coord.request_stop(gs.errors.OutOfRangeError(None, None, "the end"))
    coord.join([])
    other = gs.train.Coordinator(clean_stop_exception_types=(KeyError,))
    try:
        raise KeyError("x")
    except KeyError:
        other.request_stop(sys.exc_info())
    other.join()


def test_a_thread_that_does_not_stop():
    coord, release = gs.train.Coordinator(), threading.Event()
    thread = threading.Thread(target=release.wait, name="stubborn")
    thread.start()
    coord.register_thread(thread)
    coord.request_stop()
    with pytest.raises(RuntimeError, match="threads still running: stubborn"):
        coord.join(stop_grace_period_secs=0.01)
    release.set()
    thread.join()


def test_a_loop_in_a_thread():
    coord, calls = gs.train.Coordinator(), []

    def work(limit):
        calls.append(len(calls))
        if len(calls) == limit:
            coord.request_stop()

    gs.train.LooperThread.loop(coord, None, work, args=(3,))
    coord.join()
    assert calls == [0, 1, 2]
    with pytest.raises(ValueError, match="must be a Coordinator"):
        gs.train.LooperThread(None, 1.0)


# ---- sessions with hooks -----------------------------------------------------------------------


def test_a_hook_stops_the_training(counting):
    _, up = counting
    graph = gs.get_default_graph()
    seen = []
    with gs.train.MonitoredTrainingSession(hooks=[gs.train.StopAtStepHook(num_steps=4)]) as session:
        assert graph.finalized
        while not session.should_stop():
            seen.append(int(session.run(up)))
        with pytest.raises(RuntimeError, match="even after should_stop"):
            session.run(up)
    assert seen == [1, 2, 3, 4]
    assert not graph.finalized


def test_the_end_of_the_input_ends_the_session(graph):
    n = gs.Variable(0)
    up = n.count_up_to(3)
    seen = []
    with gs.train.MonitoredSession() as session:
        while not session.should_stop():
            seen.append(int(session.run(up)))
    assert seen == [0, 1, 2]
    with pytest.raises(RuntimeError, match="already closed"):
        session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(up)


def test_a_failure_ends_the_session_without_the_hooks_end(counting):
    ended = []

    class Hook(gs.train.SessionRunHook):
        def end(self, session):
            ended.append(True)

    def fail():
        with gs.train.MonitoredSession(hooks=[Hook()]):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not ended


def test_nan_and_logging(graph, caplog):
    x = gs.placeholder(gs.float32, [], name="x")
    loss = gs.log(x, name="loss")
    hooks = [
        gs.train.FeedFnHook(lambda: {x: next(values)}),
        gs.train.LoggingTensorHook({"l": "loss:0"}, every_n_iter=2),
        gs.train.NanTensorHook(loss),
    ]
    values = iter([1.0, np.e, 1.0, -1.0])
    caplog.set_level(logging.INFO, "tensorflow")

    def train():
        with gs.train.SingularMonitoredSession(hooks=hooks) as session:
            for _ in range(9):
                session.run(loss)

    with pytest.raises(gs.train.NanLossDuringTrainingError, match="NaN loss during training"):
        train()
    logged = [r.getMessage() for r in caplog.records if r.name == "tensorflow"]
    assert [text.partition(" (")[0] for text in logged][:2] == ["l = 0.0", "l = 0.0"]


def test_nothing_is_fed_twice(graph):
    x = gs.placeholder(gs.float32, [])
    hook = gs.train.FeedFnHook(lambda: {x: 1.0})
    session = gs.train.MonitoredSession(hooks=[hook])
    with pytest.raises(RuntimeError, match="by a SessionRunHook and user"):
        session.run(x, {x: 3.0})
    session = gs.train.MonitoredSession(hooks=[hook, hook])
    with pytest.raises(RuntimeError, match="by two hooks"):
        session.run(x)


def test_a_scaffold(graph):
    w = gs.Variable(1.0)
    called = []
    scaffold = gs.train.Scaffold(init_fn=lambda scaffold, session: called.append(session.run(w)))
    with gs.train.MonitoredTrainingSession(scaffold=scaffold) as session:
        assert session.run_step_fn(lambda context: context.session.run(w)) == 1.0
        assert session.run_step_fn(lambda context: context.request_stop()) is None
        assert session.should_stop()
    assert called == [1.0]
    with pytest.raises(RuntimeError, match="Variables not initialized: Variable"):
        gs.train.MonitoredSession(gs.train.ChiefSessionCreator(gs.train.Scaffold(gs.no_op())))


@pytest.mark.parametrize("arguments", [{}, {"num_steps": 1, "last_step": 2}])
def test_a_stop_is_told_one_way(arguments):
    with pytest.raises(ValueError, match="last_step"):
        gs.train.StopAtStepHook(**arguments)


def test_a_stop_at_a_step_needs_a_step(graph):
    with pytest.raises(RuntimeError, match="Global step should be created"):
        gs.train.MonitoredSession(hooks=[gs.train.StopAtStepHook(last_step=1)])


def test_a_timer():
    timer = gs.train.SecondOrStepTimer(every_steps=3)
    assert timer.should_trigger_for_step(0)
    assert timer.update_last_triggered_step(0) == (None, None)
    assert [timer.should_trigger_for_step(step) for step in (0, 1, 3)] == [False, False, True]
    assert timer.update_last_triggered_step(3)[1] == 3
    assert timer.last_triggered_step() == 3
    with pytest.raises(ValueError, match="Either"):
        gs.train.SecondOrStepTimer()


# ---- Supervisor --------------------------------------------------------------------------------


def test_a_supervisor_initializes_and_stops(counting):
    step, up = counting
    supervisor = gs.train.Supervisor(logdir="nowhere")
    assert supervisor.global_step is step
    calls = []
    with supervisor.managed_session() as session:
        supervisor.loop(None, lambda: calls.append(1))
        while not supervisor.should_stop():
            if session.run(up) == 5:
                supervisor.request_stop()
        assert session.run(step) == 5
    assert calls
    with pytest.raises(RuntimeError, match="finalized"):
        gs.constant(1)


def test_what_goes_wrong_inside_comes_out(graph):
    def train():
        with gs.train.Supervisor().managed_session():
            raise KeyError("wrong")

    gs.Variable(1.0)
    with pytest.raises(KeyError, match="wrong"):
        train()
