"""What debugging costs: a stepped training step against the same run without a timeline.

    python tests/benchmarks/debugging.py

Ratios are of the best of many repetitions in one process. Nothing here is timed by the test suite.
"""

import time

import numpy as np

import graphscope as gs
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import interpret


def best(action, repetitions=40):
    """The shortest time of the action, in seconds."""
    times = []
    for _ in range(repetitions):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def perceptron():
    """784-256-10 with a batch of 128: the model of the design's figures."""
    random = np.random.RandomState(0)
    x = gs.placeholder(gs.float32, [None, 784], name="x")
    y = gs.placeholder(gs.float32, [None, 10], name="y")
    w1 = gs.Variable(random.randn(784, 256).astype(np.float32) * 0.05)
    b1 = gs.Variable(np.zeros(256, np.float32))
    w2 = gs.Variable(random.randn(256, 10).astype(np.float32) * 0.05)
    b2 = gs.Variable(np.zeros(10, np.float32))
    logits = gs.matmul(gs.nn.relu(gs.matmul(x, w1) + b1), w2) + b2
    loss = gs.reduce_mean(gs.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    labels = np.eye(10, dtype=np.float32)[random.randint(0, 10, 128)]
    return train, {x: random.rand(128, 784).astype(np.float32), y: labels}


def chain(length=1000):
    x = gs.placeholder(gs.float32, [4], name="x")
    y = x
    for _ in range(length):
        y = gs.tanh(y)
    return y, {x: np.ones(4, np.float32)}


def measure(name, build):
    with gs.Graph().as_default(), gs.Session() as session:
        fetch, feed = build()
        session.run(gs.global_variables_initializer())
        run = session.prepare(fetch, feed)

        def plain():
            with np.errstate(all="ignore"):
                for _ in interpret(run.plan, dict(run.feeds), session.state.copy()):
                    pass

        def stepped():
            timeline = Timeline(run, session.state)
            while not timeline.at_end:
                timeline.forward()
            return timeline

        d = gs.debug(session, fetch, feed)
        d.run_to_end()
        last = d.timeline.newest

        def to_the_start():
            d.timeline.seek(last)
            d.rcont()

        plain_time, stepped_time = best(plain), best(stepped)
        back = best(to_the_start)
        kept = stepped().nbytes
        print(
            f"{name:12} {last:5} nodes   plain {plain_time * 1e3:7.2f} ms   "
            f"timeline {stepped_time * 1e3:7.2f} ms ({stepped_time / plain_time:.2f}x)   "
            f"reverse-continue to the start {back * 1e3:6.2f} ms   kept {kept / 1e6:.2f} MB"
        )


if __name__ == "__main__":
    measure("perceptron", perceptron)
    measure("chain", chain)
