"""When are weights and biases updated? In each run of the train op: 1000 runs, 1000 writes."""

import numpy as np

from graphscope.graph.graph import Tensor

PROGRAM = "thread3_mnist_softmax.py"


def test_a_thousand_runs_write_a_thousand_times(at_run):
    with at_run(PROGRAM, 2) as d:  # run 1 initializes
        d.run(n=999)
        d.run_to_end()
        for name in ("W", "b"):
            track = d.hist(name)
            assert len(track.points) == 1000
            assert [point.run for point in track.points] == list(range(3, 1003))
            assert {point.node.type for point in track.points} == {"ApplyGradientDescent"}
            assert all(point.change > 0 for point in track.points)


def test_within_a_run_the_weights_change_at_one_node(at_run):
    with at_run(PROGRAM, 2) as d:
        before = d.value("W")
        d.watch("%W")
        stop = d.cont()
        assert (stop.node.type, set(stop.changed)) == ("ApplyGradientDescent", {"W"})
        assert d.value("W", at=stop.t - 1) is before
        gradient = next(s.value for s in stop.inputs if s.tensor.op.gradient_of is not None)
        np.testing.assert_allclose(d.value("W"), before - np.float32(0.5) * gradient, rtol=1e-6)


def test_asking_for_the_accuracy_updates_nothing(at_run):
    """Run 1002 evaluates: no node of it writes."""
    with at_run(PROGRAM, 1002) as d:
        assert not [op for op in d.plan.nodes if op.definition.writes]
        assert isinstance(d.plan.fetches[0], Tensor)
        d.run_to_end()
        assert d.changed() == {}
        assert {row.written for row in d.updates().rows} == {False}
