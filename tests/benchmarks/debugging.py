"""What it costs to look into a run: here, and with PyTorch's hooks and TorchLens.

    python -m tests.benchmarks.debugging
    pip install torch torchlens    # for the rows of those; without them the others remain

The ways of a block are taken in turns in one process; a ratio is that to the way named behind it:
the median of many rounds, with the quartiles. `error` is the largest difference of the results from
those of the first way: of the updated weights, or of the value; between here and PyTorch that of
the loss. Nothing here is timed by the test suite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import graphscope as gs
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.session import Run
from graphscope.engine.state import State

from .torch_peers import Step, show_peers
from .turns import Way, heading, in_turns, row

Model = tuple[list[Any], dict[Any, np.ndarray]]

RATE = 0.1


def perceptron() -> Model:
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
    train = gs.train.GradientDescentOptimizer(RATE).minimize(loss)
    labels = np.eye(10, dtype=np.float32)[random.randint(0, 10, 128)]
    return [loss, train], {x: random.rand(128, 784).astype(np.float32), y: labels}


def chain(length: int = 1000) -> Model:
    """Many nodes with next to nothing to compute."""
    x = gs.placeholder(gs.float32, [4], name="x")
    y = x
    for _ in range(length):
        y = gs.tanh(y)
    return [y], {x: np.ones(4, np.float32)}


def bare_loop(run: Run, state: State) -> Callable[[], dict[Any, Value]]:
    """The kernels of the plan one after the other, and nothing else: without checks, without
    errors, without steps. It returns the values of tensors, and of variables by their names."""
    plan, known = run.plan, {**run.feeds, **state.variables}
    known |= {op.outputs[0]: op.attrs["value"] for op in plan.given if op.type == "Const"}
    lines = []
    for op in plan.nodes:
        variables = plan.readings.get(op, (None,) * len(op.inputs))
        pairs = zip(op.inputs, variables, strict=True)
        reads = [tensor if variable is None else variable.name for tensor, variable in pairs]
        definition, writes = op.definition, plan.writings.get(op, ())
        lines.append((definition.kernel, definition.arguments, op.attrs, reads, writes, op.outputs))

    def loop() -> dict[Any, Value]:
        values = dict(known)
        for kernel, arguments, attrs, reads, writes, outputs in lines:
            result = kernel(*arguments([values[key] for key in reads]), **attrs)
            results = result if isinstance(result, tuple) else (result,)
            values.update(zip(writes, results, strict=False))
            values.update(zip(outputs, results[len(writes) :] or results, strict=False))
        return values

    return loop


def differences(
    run: Run, names: Sequence[str], expected: Any, values: Any, variables: Any
) -> float:
    """The largest one of the fetched values, and of the variables behind the run."""
    fetched = [t for t in run.plan.fetches if isinstance(t, gs.Tensor)]
    pairs = [(values[tensor], expected[tensor]) for tensor in fetched]
    pairs += [(variables[name], expected[name]) for name in names]
    return max(float(np.abs(own - other).max()) for own, other in pairs)


def show_ours(name: str, session: gs.Session, model: Model) -> None:
    run, state = session.prepare(*model), session.state
    bare = bare_loop(run, state)

    def interpreted() -> tuple[dict[Any, Value], State]:
        values, own = dict(run.feeds), state.copy()
        with np.errstate(all="ignore"):
            for _ in interpret(run.plan, values, own):
                pass
        return values, own

    def stepped() -> Timeline:
        timeline = Timeline(run, state)
        while not timeline.at_end:
            timeline.forward()
        return timeline

    expected, (values, after), timeline = bare(), interpreted(), stepped()
    seen = {t: timeline.value(t) for t in run.plan.fetches if isinstance(t, gs.Tensor)}
    errors = [
        differences(run, list(state.variables), expected, values, after.variables),
        differences(run, list(state.variables), expected, seen, timeline.variables()),
    ]
    d = gs.debug(session, *model)
    d.run_to_end()

    def to_the_start() -> None:
        d.timeline.seek(d.timeline.newest)
        d.rcont()

    ways = [
        Way("kernels in a bare loop", bare),
        Way("engine, nobody attached", interpreted, "kernels in a bare loop", error=errors[0]),
        Way("timeline", stepped, "engine, nobody attached", timeline.nbytes, errors[1]),
        Way("reverse-continue to the start", to_the_start),
    ]
    times = in_turns(ways, rounds=60)
    print(heading(f"{name}, {len(run.plan)} nodes"))
    for way in ways:
        print(row(way, times))


def main() -> None:
    for name, build in ("perceptron", perceptron), ("chain", chain):
        with gs.Graph().as_default(), gs.Session() as session:
            fetches, feeds = build()
            session.run(gs.global_variables_initializer())
            show_ours(name, session, (fetches, feeds))
            if build is perceptron:
                weights = [session.run(variable) for variable in gs.trainable_variables()]
                loss = session.run(fetches[0], feeds)
                step = Step(weights, *feeds.values(), RATE, float(loss))
    show_peers(step)


if __name__ == "__main__":
    main()
