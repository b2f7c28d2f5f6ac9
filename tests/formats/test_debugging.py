"""Old files under the debugger: loops are stepped as loops, and what is dead does not run."""

import numpy as np
import pytest
from formats.conftest import Artefact

import graphscope as gs


@pytest.fixture
def opened(graph):
    """A session in which a model is restored."""

    def open_(name):
        artefact = Artefact(name)
        saver = artefact.open()
        session = gs.Session()
        saver.restore(session, artefact.prefix)
        return artefact, session

    return open_


@pytest.mark.parametrize("name", ["batch_norm", "nested_loops", "dynamic_gru"])
def test_a_debugged_step_is_a_step(opened, name):
    artefact, session = opened(name)
    with gs.debug(session, [artefact.loss, artefact.train[0]], artefact.feeds) as d:
        d.step(30)
        d.back(10)
        d.run_to_end()
        assert d.timeline.finished
        assert d.timeline.end_is_known
        assert d.timeline.end == d.timeline.newest
        d.commit()
        loss = d.result[0]
    losses = [loss, *artefact.steps(session, 4)]
    np.testing.assert_allclose(losses, artefact.losses, rtol=1e-6)


def test_a_loop_is_stepped_with_its_iterations(opened):
    artefact, session = opened("branches")
    with gs.debug(session, artefact.loss, artefact.feeds) as d:
        d.brk("while/Tanh")
        seen = []
        while not d.timeline.finished:
            stop = d.cont()
            if stop.node is not None and stop.node.name == "while/Tanh":
                ((owner, iteration),) = d.timeline.here.frames
                seen.append((owner.name, iteration, d.value("while/Identity").item()))
    assert seen == [("while/while_context", i, i) for i in range(3)]


def test_one_side_of_a_condition_runs(opened):
    artefact, session = opened("batch_norm")
    ran = {}
    for training in (True, False):
        feeds = {**artefact.feeds, "training:0": training}
        with gs.debug(session, artefact.loss, feeds) as d:
            d.run_to_end()
            ran[training] = {step.node.name for step in d.timeline.steps}
    only = [
        {name.rpartition("/")[2] for name in ran[own] - ran[other]}
        for own, other in ((True, False), (False, True))
    ]
    assert "FusedBatchNormV3" in only[0]
    assert "FusedBatchNormV3_1" in only[1]
    assert all("Merge" in " ".join(names) for names in ran.values())


def test_pictures_of_old_loops(opened):
    artefact, _ = opened("dynamic_lstm")
    closed = gs.draw(artefact.train[0])
    opened_ = gs.draw(artefact.train[0], expand="rnn/while/while_context")
    assert "NextIteration" not in closed.dot
    assert "NextIteration" in opened_.dot
    assert "repeats" in closed.dot or "while" in closed.dot


def test_the_phases_of_an_old_file(opened, graph):
    artefact, session = opened("dynamic_lstm")
    phases = session.prepare(artefact.train[0], artefact.feeds).plan.phases
    found = {op.name: str(phase) for op, phase in phases.items()}
    assert found["rnn/while/while_context"] == "FWD"
    assert found["gradients/rnn/while/while_context"] == "BWD"
    assert found["dense/MatMul"] == "FWD"
    assert found["gradients/dense/MatMul_grad/MatMul"] == "BWD"
    assert found["train/update_dense/kernel/ApplyAdam"] == "UPD"
    loop = graph.get_operation_by_name("gradients/rnn/while/while_context")
    assert loop.gradient_of.name == "rnn/while/while_context"
    matmul = graph.get_operation_by_name("gradients/dense/MatMul_grad/MatMul")
    assert matmul.gradient_of.name == "dense/MatMul"
