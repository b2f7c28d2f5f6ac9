"""What a training step costs that somebody looks at, beside one that nobody does.

A debugger stays open through all steps, as in a training: each step is another run of it, to its
end, and what it wrote is committed as the next one begins. The rows of `break_when` are those of a
program that calls `Session.run` itself, and was told once where to stop.

Each step is fed the same batch, but for one row: there each has another batch, of which the history
keeps a copy, until its budget is used up and the oldest ones go.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import numpy as np

import graphscope as gs
from graphscope.debug.debugger import Debugger
from graphscope.engine.interpreter import interpret
from graphscope.kernels.stats import stats

from .problems import problem
from .results import Results, measured
from .turns import Clock, Way, in_turns

MODELS = ("softmax", "mlp1", "mlp2")

PLAIN, STEPPED = "Session.run", "stepped, nobody looks"
PLAIN_IN_BATCHES = "Session.run, other batches"
IN_BATCHES = "debugger open, other batches, history full"

#: The budget of a history that is soon full, in bytes.
FULL = 32 << 20

Told = Callable[[Debugger], Any]
Looks = Callable[[Debugger], Any]


class Trained:
    """A model that a session trains, and that a debugger may be opened on."""

    def __init__(self, name: str) -> None:
        arrays = problem(name)
        weights = [arrays[key] for key in sorted(arrays) if key[0] == "w"]
        with gs.Graph().as_default() as graph:
            x = h = gs.placeholder(gs.float32, [None, 784])
            y = gs.placeholder(gs.float32, [None, 10])
            variables = [gs.Variable(w) for w in weights]
            for i in range(0, len(weights) - 2, 2):
                h = gs.nn.relu(gs.matmul(h, variables[i]) + variables[i + 1])
            logits = gs.matmul(h, variables[-2]) + variables[-1]
            losses = gs.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits)
            loss = gs.reduce_mean(losses, name="loss")
            optimizer = gs.train.GradientDescentOptimizer(float(arrays["rate"]))
            self.fetches = [optimizer.minimize(loss), loss]
            self.beside = gs.identity(losses, name="beside")  # does not run in a training step
            self.session = gs.Session(graph=graph)
            self.session.run(gs.global_variables_initializer())
        self.variables, self.feeds = variables, {x: arrays["x"], y: arrays["y"]}

    def plain(self) -> Any:
        return self.session.run(self.fetches, self.feeds)

    def interpreted(self) -> None:
        """The steppable loop, with nobody who looks."""
        run = self.session.prepare(self.fetches, self.feeds)
        with np.errstate(all="ignore"):
            for _ in interpret(run.plan, dict(run.feeds), self.session.state):
                pass

    def debugged(self, told: Told, looks: Looks) -> Callable[[], None]:
        """A step in a debugger that was told something before the first one, and that somebody
        looks into after each."""
        d = gs.debug(self.session, [self.beside, *self.fetches], self.feeds)
        told(d)
        d.run_to_end()
        d.run(*self.fetches, feed_dict=self.feeds, quiet=True)

        def step() -> None:
            d.run(feed_dict=self.feeds, quiet=True)
            looks(d)

        return step

    def batches(self) -> Iterator[dict[Any, Any]]:
        """The same examples in another order each time."""
        random = np.random.RandomState(0)
        orders = [random.permutation(len(value)) for value in (*self.feeds.values(),) * 4]
        made = [{tensor: value[order] for tensor, value in self.feeds.items()} for order in orders]
        return cycle(made)

    def plain_in_batches(self) -> Callable[[], Any]:
        fed = self.batches()
        return lambda: self.session.run(self.fetches, next(fed))

    def debugged_in_batches(self) -> Callable[[], Any]:
        """A step of a debugger whose history is full."""
        fed = self.batches()
        d = gs.debug(self.session, self.fetches, self.feeds, budget=FULL)
        d.run_to_end()
        while not d.history.dropped:
            d.run(feed_dict=next(fed), quiet=True)
        return lambda: d.run(feed_dict=next(fed), quiet=True)

    def attached(self, told: str) -> Callable[[], Any]:
        """A step of the program's own loop, in which `break_when` was told something before."""
        leave = self.session.break_when(told)
        run = gs.Session.run  # the one that debugs; the other ways shall not go through it
        leave()
        return lambda: run(self.session, self.fetches, self.feeds)


def _nothing(d: Debugger) -> None:
    pass


def _values(d: Debugger) -> int:
    """Take every value of the run at hand, as it was computed."""
    return sum(len(step.outputs) for step in d.timeline.steps)


def _statistics(d: Debugger) -> None:
    for step in d.timeline.steps:
        for value in step.outputs.values():
            stats(value)


#: The rows: what the debugger is told before the first step, and what is asked after each.
ROWS: dict[str, tuple[Told, Looks]] = {
    "debugger open": (_nothing, _nothing),
    "breakpoints, none met": (lambda d: d.brk("beside"), _nothing),
    "a breakpoint met, that does not hold": (lambda d: d.brk("loss if v > 1e9"), _nothing),
    "NaN and Inf watched": (lambda d: d.catch("nan", "inf"), _nothing),
    "every value recorded": (_nothing, _values),
    "statistics of every value": (_nothing, _statistics),
}


#: Rows of a session that is debugged by `break_when`: what it is told.
ATTACHED = {
    "break_when, catch nan inf": "catch nan inf",
    "break_when, loss > 1e9": "loss > 1e9",
}


def ways_of(name: str) -> dict[str, Callable[[], Any]]:
    """The ways of doing a step of a model, each with a session of its own."""
    runs: dict[str, Callable[[], Any]] = {PLAIN: Trained(name).plain}
    runs[STEPPED] = Trained(name).interpreted
    runs |= {title: Trained(name).debugged(*row) for title, row in ROWS.items()}
    runs |= {title: Trained(name).attached(told) for title, told in ATTACHED.items()}
    runs[PLAIN_IN_BATCHES] = Trained(name).plain_in_batches()
    runs[IN_BATCHES] = Trained(name).debugged_in_batches()
    return runs


def measure_watching(
    rounds: int, seconds: float = 0.0, clock: Clock = time.perf_counter
) -> Results:
    """By "softmax: every value recorded" and so on; the ways of a model are taken in turns, each
    with a session of its own."""
    found: Results = {}
    for name in MODELS:
        runs = ways_of(name)
        times = in_turns([Way(t, run, clock=clock) for t, run in runs.items()], rounds, seconds)
        for title in (STEPPED, *ROWS, *ATTACHED, IN_BATCHES):
            plain = PLAIN_IN_BATCHES if title == IN_BATCHES else PLAIN
            found[f"{name}: {title}"] = {
                "graphscope": measured(times[title]),
                "plain": measured(times[plain]),
                "stepped": measured(times[STEPPED]),
            }
    return found


def main() -> None:
    for row, cells in measure_watching(10).items():
        ours = cells["graphscope"].best
        print(
            f"{row:40}{ours * 1e6:10.0f} us, {ours / cells['plain'].best:6.2f}x {PLAIN}, "
            f"{ours / cells['stepped'].best:6.2f}x stepped and not looked at"
        )


if __name__ == "__main__":
    main()
