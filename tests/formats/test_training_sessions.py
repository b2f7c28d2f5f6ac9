"""The helpers of training save, and go on from what they have saved."""

import pytest

import graphscope as gs


def model():
    """A weight that grows by one in each step. Returns the step's operation."""
    step = gs.train.get_or_create_global_step()
    v = gs.get_variable("v", initializer=0.0)
    gs.summary.scalar("v", v)
    return gs.group(v.assign_add(1.0), step.assign_add(1))


def names(folder):
    return {path.name for path in folder.iterdir() if "tfevents" not in path.name}


def test_a_monitored_training_session_goes_on(tmp_path):
    for begin in (0, 3):
        with gs.Graph().as_default():
            train = model()
            with gs.train.MonitoredTrainingSession(
                checkpoint_dir=str(tmp_path), save_checkpoint_steps=2, save_summaries_steps=2
            ) as session:
                assert session.run("v:0") == begin
                for _ in range(3):
                    session.run(train)
    assert gs.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "model.ckpt-6")
    assert gs.train.load_variable(str(tmp_path), "v") == 6.0
    assert {"checkpoint", "graph.pbtxt", "model.ckpt-6.meta"} <= names(tmp_path)
    state = gs.train.get_checkpoint_state(str(tmp_path))
    steps = [path.rpartition("-")[2] for path in state.all_model_checkpoint_paths]
    assert steps == ["0", "2", "3", "5", "6"]


def test_without_saving(tmp_path):
    with gs.Graph().as_default():
        model()
        with gs.train.MonitoredTrainingSession(
            checkpoint_dir=str(tmp_path), save_checkpoint_secs=None, save_summaries_steps=None
        ) as session:
            assert session.run("v:0") == 0
    assert names(tmp_path) == set()


def test_a_scaffold_makes_a_saver(graph):
    model()
    scaffold = gs.train.Scaffold()
    scaffold.finalize()
    assert isinstance(scaffold.saver, gs.train.Saver)
    assert graph.get_collection(gs.GraphKeys.SAVERS) == [scaffold.saver]
    assert scaffold.saver.saver_def.sharded
    with gs.Graph().as_default():
        empty = gs.train.Scaffold()
        gs.constant(1.0)
        assert empty.finalize().saver.saver_def is None


def test_several_savers(graph):
    model()
    for _ in range(2):
        graph.add_to_collection(gs.GraphKeys.SAVERS, gs.train.Saver())
    with pytest.raises(RuntimeError, match="More than one item in collection savers"):
        gs.train.Scaffold().finalize()


def test_a_supervisor_goes_on(tmp_path):
    for begin in (0, 2):
        with gs.Graph().as_default():
            train = model()
            supervisor = gs.train.Supervisor(
                logdir=str(tmp_path), save_model_secs=0, summary_writer=None
            )
            with supervisor.managed_session() as session:
                assert session.run("v:0") == begin
                session.run(train)
                session.run(train)
                step = supervisor.global_step
                supervisor.saver.save(session, supervisor.save_path, global_step=step)
    assert gs.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "model.ckpt-4")
    assert "graph.pbtxt" in names(tmp_path)


def test_a_session_begins_with_a_file(tmp_path):
    with gs.Graph().as_default(), gs.Session() as session:
        gs.get_variable("v", initializer=7.0)
        session.run(gs.global_variables_initializer())
        path = gs.train.Saver().save(session, str(tmp_path / "m"))
    with gs.Graph().as_default():
        gs.get_variable("v", initializer=0.0)
        creator = gs.train.ChiefSessionCreator(checkpoint_filename_with_path=path)
        with gs.train.MonitoredSession(creator) as session:
            assert session.run("v:0") == 7.0


def test_the_averages_take_the_places_of_the_variables(tmp_path):
    with gs.Graph().as_default(), gs.Session() as session:
        v = gs.get_variable("v", initializer=0.0)
        average = gs.train.ExponentialMovingAverage(0.5)
        with gs.control_dependencies([v.assign(8.0)]):
            step = average.apply([v])
        session.run(gs.global_variables_initializer())
        session.run(step)
        path = gs.train.Saver().save(session, str(tmp_path / "m"))
    with gs.Graph().as_default(), gs.Session() as session:
        v = gs.get_variable("v", initializer=0.0)
        average = gs.train.ExponentialMovingAverage(0.5)
        gs.train.Saver(average.variables_to_restore()).restore(session, path)
        assert session.run(v) == 4.0
