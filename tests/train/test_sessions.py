"""Coordinator, hooks, monitored sessions and Supervisor, in one process."""

import logging
import sys
import threading

import numpy as np
import pytest

import graphscope as gs
from graphscope.platform.messages import RunOptions
from graphscope.summary.reading import latest_events, latest_summaries
from graphscope.train.wrapped_sessions import CoordinatedSession


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
    assert [text.partition(" (")[0] for text in logged][2:4] == ["l = 0.0", "l = 0.0"]


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
        assert session.run_step_fn(lambda step_context: step_context.session.run(w)) == 1.0
        assert session.run_step_fn(lambda step_context: step_context.request_stop()) is None
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


def test_a_supervisor_initializes_and_stops(counting, tmp_path):
    step, up = counting
    supervisor = gs.train.Supervisor(logdir=str(tmp_path))
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


# ---- sessions that begin again, and stop with others -------------------------------------------


class Failing(gs.train.SessionRunHook):
    """Fails before the run of that number, once."""

    def __init__(self, number, error):
        self.left, self.error = number, error

    def before_run(self, run_context):
        self.left -= 1
        if self.left == 0:
            raise self.error


@pytest.mark.parametrize("kind", [gs.errors.AbortedError, gs.errors.UnavailableError])
def test_an_interrupted_run_is_tried_again(counting, kind):
    _, up = counting
    with gs.train.MonitoredSession(hooks=[Failing(3, kind(None, None, "away"))]) as session:
        assert [int(session.run(up)) for _ in range(4)] == [1, 2, 1, 2]
    with (
        gs.train.SingularMonitoredSession(hooks=[Failing(1, kind(None, None, "away"))]) as session,
        pytest.raises(kind),
    ):
        session.run(up)


def test_an_interruption_of_the_initialization(graph):
    failures = [gs.errors.AbortedError(None, None, "away")]

    def init(scaffold, session):
        if failures:
            raise failures.pop()

    w = gs.Variable(1.0)
    with gs.train.MonitoredTrainingSession(scaffold=gs.train.Scaffold(init_fn=init)) as session:
        assert session.run(w) == 1.0


def test_a_thread_is_interrupted(counting):
    _, up = counting
    with gs.train.MonitoredSession() as session:
        assert session.run(up) == 1
        coord = session._coordinated_creator.coord
        coord.request_stop(gs.errors.AbortedError(None, None, "away"))
        assert not session.should_stop()
        assert session.run(up) == 1


def test_a_thread_fails(counting):
    step, _ = counting

    def train():
        with gs.train.MonitoredSession() as session:
            session._coordinated_creator.coord.request_stop(RuntimeError("a thread is broken"))
            assert session.run(step) == 0
            assert session.should_stop()

    with pytest.raises(RuntimeError, match="a thread is broken"):
        train()


def test_a_run_that_fails_because_a_thread_was_interrupted(session):
    coord = gs.train.Coordinator(clean_stop_exception_types=[])
    wrapped = CoordinatedSession(session, coord)
    gs.constant(1.0)
    with pytest.raises(TypeError, match="None has invalid type"):
        wrapped.run([None])
    coord.request_stop(gs.errors.AbortedError(None, None, "away"))
    with pytest.raises(gs.errors.AbortedError):
        wrapped.run([None])


def test_a_step_function(counting):
    _, up = counting
    with gs.train.MonitoredSession() as session:
        with pytest.raises(ValueError, match="`step_fn` may either have one `step_context`"):
            session.run_step_fn(lambda other: other)
        assert session.run_step_fn(lambda step_context: step_context.run_with_hooks(up)) == 1
        session.run_step_fn(lambda step_context: step_context.request_stop())
        pytest.fail("the block has ended")
    with (
        pytest.raises(RuntimeError, match="already closed"),
        gs.train.MonitoredSession() as session,
    ):
        session.close()


def test_options_of_hooks_are_merged(graph):
    seen = []

    class Asking(gs.train.SessionRunHook):
        def before_run(self, run_context):
            options = RunOptions(trace_level=2, report_tensor_allocations_upon_oom=True)
            options.debug_options.debug_tensor_watch_opts.add(node_name="c")
            return gs.train.SessionRunArgs(None, options=options)

        def after_run(self, run_context, run_values):
            seen.append(run_values)

    c = gs.constant(1.0)
    with gs.train.MonitoredSession(hooks=[Asking()]) as session:
        session.run(c, options=RunOptions(trace_level=3, timeout_in_ms=5))
    (values,) = seen
    assert (values.options.trace_level, values.options.timeout_in_ms) == (3, 5)
    assert values.options.report_tensor_allocations_upon_oom
    assert values.options.debug_options.debug_tensor_watch_opts[0].node_name == "c"
    assert values.run_metadata.step_stats.dev_stats


def test_what_a_scaffold_makes(graph):
    gs.Variable(1, name="mine")
    gs.Variable(2, name="local", collections=[gs.GraphKeys.LOCAL_VARIABLES])
    scaffold = gs.train.Scaffold().finalize()
    other = gs.train.Scaffold(copy_from_scaffold=scaffold, init_op=7).finalize()
    assert (other.init_op, other.ready_op) == (7, scaffold.ready_op)
    with gs.Session() as session:
        assert list(session.run(scaffold.ready_op)) == [b"mine", b"local"]
        assert list(session.run(scaffold.ready_for_local_init_op)) == [b"mine"]
        session.run([scaffold.init_op, scaffold.local_init_op])
        assert not session.run(scaffold.ready_op).size
    with pytest.raises(TypeError, match="copy_from_scaffold is not a Scaffold"):
        gs.train.Scaffold(copy_from_scaffold=1)
    with gs.Graph().as_default() as other_graph:
        for item in (1, 2):
            other_graph.add_to_collection(gs.GraphKeys.SAVERS, item)
        with pytest.raises(RuntimeError, match="More than one item"):
            gs.train.Scaffold().finalize()


def test_a_session_manager(graph):
    v = gs.Variable(1.0, name="v")
    w = gs.Variable(v, name="w", collections=[gs.GraphKeys.LOCAL_VARIABLES])
    ready = gs.report_uninitialized_variables([v])
    manager = gs.train.SessionManager(w.initializer, gs.report_uninitialized_variables(), ready)
    session = manager.prepare_session("", init_op=v.initializer)
    assert session.run(w) == 1.0
    with pytest.raises(RuntimeError, match=r"ready for local_init.*not initialized: v"):
        manager.prepare_session("")
    with pytest.raises(gs.errors.DeadlineExceededError, match="not initialized: v"):
        manager.wait_for_session("")
    assert manager.recover_session("")[1] is False
    with pytest.raises(ValueError, match="both checkpoint_dir and"):
        manager.prepare_session("", None, None, "a", "b")
    with pytest.raises(RuntimeError, match="no init_op or init_fn"):
        gs.train.SessionManager().prepare_session("")
    with pytest.raises(ValueError, match="you must also pass a local_init_op"):
        gs.train.SessionManager(ready_for_local_init_op=ready)


def test_a_supervisor_writes_summaries(counting, tmp_path):
    _, up = counting
    gs.summary.scalar("step", up)
    sv = gs.train.Supervisor(logdir=str(tmp_path))
    with sv.managed_session(start_standard_services=False) as session:
        sv.summary_computed(session, session.run(sv.summary_op))
    kinds = [event.WhichOneof("what") for event in latest_events(str(tmp_path))]
    assert kinds == ["file_version", "graph_def", "summary", "session_log"]
    silent = gs.train.Supervisor(summary_op=None)
    with silent.managed_session() as session, pytest.raises(RuntimeError, match="summary writer"):
        silent.summary_computed(session, b"")


def test_the_services_of_a_supervisor(counting, tmp_path):
    step, up = counting
    gs.summary.scalar("step", step)
    sv = gs.train.Supervisor(logdir=str(tmp_path), save_summaries_secs=0.01)
    with sv.managed_session() as session:
        session.run(up)
        sv.coord.wait_for_stop(0.2)
    tags = [e.summary.value[0].tag for e in latest_summaries(str(tmp_path))]
    assert {"step", "global_step/sec"} <= set(tags)


def test_a_supervisor_of_a_worker(graph):
    w = gs.Variable(1.0)
    with pytest.raises(ValueError, match="must have their device set"):
        gs.train.Supervisor(is_chief=False)
    w.op.device = "/job:ps"
    sv = gs.train.Supervisor(is_chief=False)
    with pytest.raises(gs.errors.DeadlineExceededError):
        sv.prepare_or_wait_for_session()
    with pytest.raises(RuntimeError, match="Only chief"):
        sv.start_standard_services(None)
