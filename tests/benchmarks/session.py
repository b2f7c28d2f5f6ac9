"""How long one training step takes: plain, stepped, and written out by hand in numpy.

    python tests/benchmarks/session.py

Each row is the median of many steps of softmax regression on batches of 100 digits, taken in turns
in one run, beside the largest difference of the weights from those of the numpy program.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import graphscope as gs
from graphscope.data.mnist import read_data_sets

STEPS = 300
RATE = np.float32(0.5)


class ByHand:
    """The training step without any graph."""

    def __init__(self) -> None:
        self.W, self.b = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        logits = x @ self.W + self.b
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        slope = (powers / powers.sum(axis=1, keepdims=True) - labels) / np.float32(len(x))
        self.W = self.W - RATE * (x.T @ slope)
        self.b = self.b - RATE * slope.sum(axis=0)


class InAGraph:
    """The same as a graph; `run` says how a step is run."""

    def __init__(self, run: Callable[..., None]) -> None:
        with gs.Graph().as_default() as graph:
            self.x = gs.placeholder(gs.float32, [None, 784])
            self.labels = gs.placeholder(gs.float32, [None, 10])
            W, b = gs.Variable(gs.zeros([784, 10])), gs.Variable(gs.zeros([10]))
            y = gs.nn.softmax(gs.matmul(self.x, W) + b)
            loss = gs.reduce_mean(-gs.reduce_sum(self.labels * gs.log(y), 1))
            self.train = gs.train.GradientDescentOptimizer(float(RATE)).minimize(loss)
            self.session = gs.Session(graph=graph)
            self.session.run(gs.global_variables_initializer())
        self.variable, self._run = W, run

    @property
    def W(self) -> np.ndarray:
        return self.session.run(self.variable)

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._run(self.session, self.train, {self.x: x, self.labels: labels})


def stepped(session: gs.Session, fetch: gs.Operation, feed: dict) -> None:
    """Every node as a step of its own, with its history."""
    with gs.debug(session, fetch, feed) as d:
        while not d.done:
            d.step()


def main() -> None:
    mnist = read_data_sets("MNIST_data/", one_hot=True, seed=0)
    ways = {
        "numpy by hand": ByHand(),
        "Session.run": InAGraph(gs.Session.run),
        "stepped": InAGraph(stepped),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(STEPS):
        images, labels = mnist.train.next_batch(100)
        labels = labels.astype(np.float32)
        for name, way in ways.items():
            start = time.perf_counter()
            way.step(images, labels)
            times[name].append(time.perf_counter() - start)
    hand = statistics.median(times["numpy by hand"])
    print(f"{'':16}{'ms a step':>10}{'ratio':>8}{'largest error of W':>20}")
    for name, way in ways.items():
        median = statistics.median(times[name])
        error = np.abs(way.W - ways["numpy by hand"].W).max()
        print(f"{name:16}{1000 * median:10.3f}{median / hand:8.2f}{error:20.1e}")


if __name__ == "__main__":
    main()
