"""The smallest graphs that have something of each kind of picture. The numbers are exact ones, so
that the texts are the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

import graphscope as gs
from graphscope.debug.debugger import Debugger


def line(*, cut: bool = False, bad: bool = False) -> dict[str, Any]:
    """``loss = (w x + b)²``, trained; with `cut`, no gradient comes to w; with `bad`, x is NaN."""
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [2], name="x")
        w = gs.Variable(2.0, name="w")
        b = gs.Variable([0.0, 0.0], name="b")
        product = gs.multiply(x, w, name="product")
        inside = gs.stop_gradient(product, name="cut") if cut else product
        y = gs.add(inside, b, name="y")
        loss = gs.reduce_sum(gs.square(y, name="squares"), name="loss")
        train = gs.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
        init = gs.global_variables_initializer()
    value = np.array([np.nan if bad else 3.0, 4.0], np.float32)
    return {"graph": graph, "feed": {x: value}, "train": train, "loss": loss, "x": x, "w": w,
            "b": b, "y": y, "init": init}  # fmt: skip


def debugged(model: dict[str, Any], *fetches: str, feed: Any = None) -> Debugger:
    with model["graph"].as_default():
        session = gs.Session(graph=model["graph"])
        session.run(model["init"])
        wanted = [model[name] for name in fetches or ("train",)]
        return gs.debug(session, wanted[0] if len(wanted) == 1 else wanted,
                        model["feed"] if feed is None else feed)  # fmt: skip


def counting() -> Debugger:
    """A loop of three iterations."""
    with gs.Graph().as_default() as graph:
        start = gs.placeholder(gs.float32, [], name="start")
        out = gs.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2.0), [0, start])[1]
        result = gs.identity(out, name="result")
        return gs.debug(gs.Session(graph=graph), result, {start: 1.0})


def failing() -> Debugger:
    """A node that fails: shapes that do not fit."""
    with gs.Graph().as_default() as graph:
        a = gs.placeholder(gs.float32, [None], name="a")
        b = gs.placeholder(gs.float32, [None], name="b")
        times = gs.multiply(a, b, name="times")
        return gs.debug(gs.Session(graph=graph), times, {a: np.ones(2), b: np.ones(3)})
