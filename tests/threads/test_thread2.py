"""A second optimizer, one global_step given to both: it is counted twice, and the rate falls."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.questions.updates import Status


@pytest.fixture
def model():
    """Two groups of variables, two optimizers, one decayed learning rate, as in the thread."""

    class Model:
        def __init__(self, twice):
            self.x = gs.placeholder(gs.float32, [None, 2], name="x")
            first = gs.Variable(np.eye(2, dtype=np.float32), name="first")
            second = gs.Variable([[1.0], [1.0]], name="second")
            y = gs.matmul(gs.matmul(self.x, first), second)
            regularization = 0.01 * (gs.nn.l2_loss(first) + gs.nn.l2_loss(second))
            self.loss = gs.reduce_mean(gs.square(y)) + regularization
            self.step = gs.Variable(0, name="global_step", trainable=False)
            self.rate = gs.train.exponential_decay(0.1, self.step, 100, 0.96, name="rate")
            one = gs.train.MomentumOptimizer(self.rate, 0.9, name="one")
            other = gs.train.MomentumOptimizer(self.rate, 0.9, name="other")
            pairs = one.compute_gradients(self.loss, [first, second])
            self.train = gs.group(
                one.apply_gradients(pairs[:1], global_step=self.step),
                other.apply_gradients(pairs[1:], global_step=self.step if twice else None),
                name="train",
            )
            self.session = gs.Session()
            self.session.run(gs.global_variables_initializer())
            self.feed = {self.x: [[0.5, 0.25]]}

    return Model


def test_two_writers_count_by_two(model):
    m = model(twice=True)
    with gs.debug(m.session, m.train, m.feed) as d:
        found = d.who("global_step")
        writers = [a for a in found.writers if a.runs]
        assert [a.node.type for a in writers] == ["AssignAdd", "AssignAdd"]
        assert len({a.node for a in writers}) == 2
        d.run_to_end()
        assert (d.changed()["global_step"].old, d.changed()["global_step"].new) == (0, 2)
        assert d.updates().names(Status.UPDATED) == {"first", "second"}
        (finding,) = [f for f in d.lint("train").findings if f.rule == "counted-twice"]
        assert finding.node in {access.node for access in writers}
        assert "rate" in finding.sentence  # and what it does to the decayed learning rate


def test_the_decayed_rate_falls_twice_as_fast(model):
    """0.1 * 0.96 ** (2 * 300 / 100) in place of 0.1 * 0.96 ** (300 / 100), after 300 runs."""
    rates = {}
    for twice in (True, False):
        with gs.Graph().as_default():
            m = model(twice)
            with gs.debug(m.session, m.train, m.feed) as d:
                d.run(n=299)
                d.run_to_end()
                track = d.hist("global_step")
                per_run = 2 if twice else 1
                assert len(track.points) == 300 * per_run
                assert d.value("global_step") == 300 * per_run
            rates[twice] = m.session.run(m.rate)
    assert rates[True] == pytest.approx(0.1 * 0.96**6, rel=1e-5)
    assert rates[False] == pytest.approx(0.1 * 0.96**3, rel=1e-5)


def test_the_healthy_twin_is_not_blamed(model):
    m = model(twice=False)
    with gs.debug(m.session, m.train, m.feed) as d:
        assert len([a for a in d.who("global_step").writers if a.runs]) == 1
        assert not [f for f in d.lint("train").findings if f.rule == "counted-twice"]
