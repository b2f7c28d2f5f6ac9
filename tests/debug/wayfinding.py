"""The programs that the tests of finding one's way look at, and how their commands are called."""

import numpy as np

import graphscope as gs
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger

HERE = "wayfinding.py"
COMMANDS = commands_of(Debugger)
BY_WORD = {word: c for c in COMMANDS.values() for word in (c.name, *c.aliases)}


def call(d, line):
    """What the prompt does with a line."""
    word, _, rest = line.partition(" ")
    return BY_WORD[word].call(d, rest)


def names(ops):
    return [op.name for op in ops]


def started(fetches, feed=None, initialize=True):
    session = gs.Session()
    if initialize and gs.get_default_graph().get_collection("variables"):
        session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed)


class Trained:
    """x [2,2] -> y = x w + b -> loss, which Adam minimizes and a count goes with. With the feed,
    y = [3, 4] and the loss is 12.5, its gradient along w is [[3 + 0], [3 + 8]] = [3, 11]."""

    def __init__(self):
        self.x = gs.placeholder(gs.float32, [None, 2], name="x")
        self.w = gs.Variable([[1.0], [2.0]], name="w")
        b = gs.Variable([0.0], name="b", trainable=False)
        with gs.name_scope("layer"):
            self.y = y = gs.add(gs.matmul(self.x, self.w), b, name="y")
        self.sharp = gs.round(y, name="sharp")
        self.loss = loss = gs.reduce_sum(gs.square(y) / 2.0, name="loss")
        self.step = step = gs.Variable(0, name="step", trainable=False)
        optimizer = gs.train.AdamOptimizer(0.1)
        train = optimizer.minimize(loss, global_step=step)
        self.train = train
        self.b = b
        self.feed = {self.x: [[1.0, 1.0], [0.0, 2.0]]}

    def debug(self, *fetches):
        return started(list(fetches) or [self.loss, self.train], self.feed)


class Race:
    """n is read, and grows by 5: nothing says which comes first. late reads it behind the write."""

    def __init__(self):
        self.n = gs.Variable(1.0, name="n")
        self.before = gs.identity(self.n._ref(), name="before")
        self.grow = gs.assign_add(self.n, 5.0, name="grow")
        with gs.control_dependencies([self.grow]):
            self.late = gs.identity(self.n._ref(), name="late")
        self.twice = gs.multiply(self.before, 2.0, name="twice")


class Loop:
    """a = 3 doubled three times is 24; then times 10 if positive, else times 100: 240."""

    def __init__(self):
        self.a = gs.placeholder(gs.float32, [], name="a")
        self.n = gs.Variable(0.0, name="n")

        def body(i, v):
            return i + 1, gs.multiply(v, 2.0, name="double")

        self.loop = gs.while_loop(lambda i, v: i < 3, body, [0, self.a], name="loop")[1]
        self.out = gs.cond(
            self.loop > 0.0,
            lambda: gs.multiply(self.loop, 10.0, name="tenfold"),
            lambda: gs.multiply(self.loop, 100.0, name="hundredfold"),
            name="choice",
        )
        self.loss = gs.square(self.out, name="loss")


def odd():
    """Empty, whole, textual and scalar values: nothing that has a gradient."""
    empty = gs.placeholder(gs.float32, [None, 3], name="empty")
    whole = gs.constant([1, 2, 3], name="whole")
    text = gs.constant(["a", "bc"], name="text")
    return (
        [
            gs.add(empty, 1.0, name="nothing"),
            gs.add(whole, 1, name="more"),
            gs.identity(text, name="same"),
            gs.constant(np.float64(2.5), name="single") * 2.0,
        ],
        {empty: np.zeros((0, 3))},
    )
