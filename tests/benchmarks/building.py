"""What it costs to import GraphScope, to make a graph, to differentiate it, and to run it first.

    python tests/benchmarks/building.py [operations ...]

The graph is a chain of tanh, add, matmul and multiply on arrays of 10 by 10; 1,000, 10,000 and
100,000 operations of them when no numbers are given. Each figure is the best of several rounds, in
seconds of the processor, which on a quiet core are those of the clock; beside it stands the goal,
where there is one, and what shows that the right thing was done: how many nodes there are, and how
far the result is from that of numpy. The gradient is compared on a short chain: at the end of a
long one nothing is left of it.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphscope as tf
from graphscope.engine.plan import Plan, plan

#: Microseconds for each operation of the chain: making it, its gradient, planning and running it.
GOALS = {"build": 6.0, "gradients": 15.0, "first run": 6.0}

#: Milliseconds that importing takes beyond importing numpy.
IMPORT_GOAL = 40

#: A first program: a softmax, trained for a step.
SCRIPT = """
import numpy as np
import graphscope as tf
x, labels = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
W, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=tf.matmul(x, W) + b)
loss = tf.reduce_mean(losses)
step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    one_hot = np.eye(10, dtype=np.float32)
    found = sess.run([step, loss], {x: np.ones((10, 784), np.float32), labels: one_hot})[1]
assert abs(found - np.log(10)) < 1e-6, found
"""

#: Fresh processes: what is imported, or run.
PROGRAMS = {
    "numpy": "import numpy",
    "graphscope": "import graphscope",
    "numpy and a first placeholder": (
        "import numpy, graphscope; graphscope.placeholder(graphscope.float32)"
    ),
    "a first script": SCRIPT,
    "tensorflow by graphscope.compat": (
        "from graphscope import compat; compat.install(); import tensorflow as tf; tf.placeholder"
    ),
}


@dataclass(frozen=True)
class Chain:
    """A chain of operations from x to y, by way of a matrix w, and what is fed."""

    graph: Any
    x: Any
    y: Any
    feeds: dict[Any, Any]


def chain(length: int) -> Chain:
    graph = tf.Graph()
    with graph.as_default():
        x, w = tf.placeholder(tf.float32, [10, 10]), tf.placeholder(tf.float32, [10, 10])
        y = x
        for _ in range(length // 4):
            y = tf.multiply(tf.matmul(tf.add(tf.tanh(y), w), w), w)
    values = np.random.default_rng(0).uniform(0.2, 0.3, (2, 10, 10)).astype(np.float32)
    return Chain(graph, x, y, {x: values[0], w: values[1]})


def by_hand(length: int, x: Any, w: Any) -> tuple[Any, Any]:
    """The end of the chain, and the gradient of its sum with respect to x, in float64."""
    kept = []
    x, w = x.astype(np.float64), w.astype(np.float64)
    for _ in range(length // 4):
        x = np.tanh(x)
        kept.append(x)
        x = ((x + w) @ w) * w
    slope = np.ones_like(x)
    for y in reversed(kept):
        slope = ((slope * w) @ w.T) * (1 - y * y)
    return x, slope


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the seconds that it took."""
    began = time.thread_time()
    result = function()
    return result, time.thread_time() - began


def one_round(length: int) -> tuple[dict[str, float], dict[str, str]]:
    """The seconds of each part, and what shows that it is right."""
    times: dict[str, float] = {}
    made, times["build"] = timed(lambda: chain(length))
    nodes = len(made.graph.operations)
    with made.graph.as_default():
        _, times["gradients"] = timed(lambda: tf.gradients(made.y, [made.x]))
    both = len(made.graph.operations)
    prepared, times["plan"] = timed(lambda: planned(made))
    sess = tf.Session(graph=made.graph)
    _, times["first run"] = timed(lambda: sess.run(made.y, made.feeds))
    _, times["second run"] = timed(lambda: sess.run(made.y, made.feeds))
    result = sess.run(made.y, made.feeds)
    error = distance(result, by_hand(length, *made.feeds.values())[0])
    checks = {
        "build": f"{nodes} nodes",
        "gradients": f"{both - nodes} nodes, error {error_of_gradient():.0e}",
        "plan": f"{len(prepared)} nodes",
        "first run": f"error {error:.0e}",
    }
    return times, checks


def distance(found: Any, wanted: Any) -> float:
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def error_of_gradient(length: int = 40) -> float:
    made = chain(length)
    with made.graph.as_default():
        (slope,) = tf.gradients(made.y, [made.x])
    found = tf.Session(graph=made.graph).run(slope, made.feeds)
    return distance(found, by_hand(length, *made.feeds.values())[1])


def planned(made: Chain) -> Plan:
    """A plan with all that the first run asks of it."""
    found = plan(made.graph, [made.y], made.feeds)
    assert not found.missing
    assert not found.readings
    assert not found.has_sides
    return found


def of_length(length: int) -> None:
    rounds = max(3, min(30, 100_000 // length))
    best: dict[str, float] = {}
    for _ in range(rounds):
        gc.collect()
        times, checks = one_round(length)
        best = {name: min(best.get(name, seconds), seconds) for name, seconds in times.items()}
    print(f"\n{length:,} operations{'':14}{'ms':>10}{'us an op':>10}{'goal':>8}   is right")
    for name, seconds in best.items():
        goal = f"{GOALS[name]:.1f}" if name in GOALS else ""
        each = seconds / length * 1e6
        line = f"  {name:28}{seconds * 1e3:10.1f}{each:10.2f}{goal:>8}   {checks.get(name, '')}"
        print(line.rstrip())


def imports(rounds: int = 8) -> None:
    """Fresh processes in turns; Python itself is not counted."""
    timing = "import time; began = time.process_time()\n{}\nprint(time.process_time() - began)"
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            command = [sys.executable, "-c", timing.format(program)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            best[name] = min(best.get(name, np.inf), float(printed))
    print(f"\n{'Fresh processes':34}{'ms':>8}{'over numpy':>12}{'goal':>8}")
    for name, seconds in best.items():
        over = f"{(seconds - best['numpy']) * 1e3:+.1f}" if name != "numpy" else ""
        goal = f"{IMPORT_GOAL:+d}" if name == "graphscope" else ""
        print(f"  {name:32}{seconds * 1e3:8.1f}{over:>12}{goal:>8}".rstrip())


if __name__ == "__main__":
    imports()
    for wanted in [int(word) for word in sys.argv[1:]] or [1000, 10_000, 100_000]:
        of_length(wanted)
