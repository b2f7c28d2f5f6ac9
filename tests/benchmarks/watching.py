"""What a training step costs that somebody looks at, beside one that nobody does.

A step that is looked at is a whole one: the debugger is opened, runs to the end, and commits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import graphscope as gs
from graphscope.debug.debugger import Debugger
from graphscope.engine.interpreter import interpret

from .problems import problem
from .results import Results, measured
from .turns import Clock, Way, in_turns

MODELS = ("softmax", "mlp1", "mlp2")

PLAIN = "Session.run"


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

    def debugged(self, *, told: Callable[[Debugger], Any]) -> None:
        with gs.debug(self.session, self.fetches, self.feeds) as d:
            told(d)
            d.cont()

    def weights(self) -> list[Any]:
        return list(self.session.run(self.variables))


def _nothing(d: Debugger) -> None:
    """Every value is kept, and nothing else is asked for."""


#: The rows: what is told to the debugger before the run.
TOLD: dict[str, Callable[[Debugger], Any]] = {
    "every value recorded": _nothing,
    "a breakpoint that never stops": lambda d: d.brk("loss", hits=">1000000"),
    "NaN and Inf watched": lambda d: d.catch("nan", "inf"),
}


def measure_watching(
    rounds: int, seconds: float = 0.0, clock: Clock = time.perf_counter
) -> Results:
    """By "softmax: every value recorded" and so on; the ways of a model are taken in turns, each
    with a session of its own, and after as many steps their weights are the same."""
    found: Results = {}
    for name in MODELS:
        ways, models = [], []
        for title in (PLAIN, "stepped, nobody looks", *TOLD):
            model = Trained(name)
            models.append(model)
            run: Callable[[], Any]
            if title == PLAIN:
                run = model.plain
            elif title in TOLD:
                run = _debugging(model, TOLD[title])
            else:
                run = model.interpreted
            ways.append(Way(title, run, clock=clock))
        for way in ways:
            for _ in range(4):
                way.run()
        first, *others = [model.weights() for model in models]
        pairs = [(a, b) for other in others for a, b in zip(first, other, strict=True)]
        error = max(float(np.abs(a - b).max()) for a, b in pairs)
        times = in_turns(ways, rounds, seconds)
        plain = measured(times[PLAIN])
        for title in (way.name for way in ways[1:]):
            found[f"{name}: {title}"] = {
                "graphscope": measured(times[title], weight_error=error),
                "plain": plain,
                "stepped": measured(times["stepped, nobody looks"]),
            }
    return found


def _debugging(model: Trained, told: Callable[[Debugger], Any]) -> Callable[[], None]:
    return lambda: model.debugged(told=told)


def main() -> None:
    for row, cells in measure_watching(10).items():
        ours = cells["graphscope"].best
        print(
            f"{row:40}{ours * 1e6:10.0f} us, {ours / cells['plain'].best:6.2f}x {PLAIN}, "
            f"{ours / cells['stepped'].best:6.2f}x stepped and not looked at"
        )


if __name__ == "__main__":
    main()
