"""A small training, and what the interpreter gives of each of its steps."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphscope as gs
from graphscope.engine.interpreter import interpret


def trained(dropout: bool = False) -> tuple[Any, list[Any], dict[Any, Any]]:
    """A session, what is fetched, and what is fed."""
    random = np.random.RandomState(0)
    x = gs.placeholder(gs.float32, [None, 6], name="x")
    y = gs.placeholder(gs.float32, [None, 3], name="y")
    w1 = gs.Variable(random.randn(6, 5).astype(np.float32), name="w1")
    b1 = gs.Variable(np.zeros(5, np.float32), name="b1")
    w2 = gs.Variable(random.randn(5, 3).astype(np.float32), name="w2")
    h = gs.nn.relu(gs.matmul(x, w1) + b1, name="h")
    if dropout:
        h = gs.nn.dropout(h, keep_prob=0.5)
    logits = gs.identity(gs.matmul(h, w2), name="logits")
    losses = gs.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits)
    loss = gs.reduce_mean(losses, name="loss")
    train = gs.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    labels = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]
    return session, [loss, train], {x: random.rand(4, 6).astype(np.float32), y: labels}


def stepped(session: Any, fetches: Any, feeds: Any) -> list[Any]:
    """The steps of a run by the interpreter; nothing of the session changes."""
    run = session.prepare(fetches, feeds)
    with np.errstate(all="ignore"):
        return list(interpret(run.plan, dict(run.feeds), session.state.copy()))


def same(step: Any, ran: Any) -> None:
    assert step.node is ran.op
    assert step.ran.cells == ran.cells
    for own, other in ((step.outputs, ran.outputs), (step.writes, ran.writes)):
        assert list(own) == list(other)
        for key, value in own.items():
            assert value.dtype == other[key].dtype
            assert value.shape == other[key].shape
            assert value.tobytes() == other[key].tobytes()
            assert not value.flags.writeable
