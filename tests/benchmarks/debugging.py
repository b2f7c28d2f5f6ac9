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
from functools import partial
from time import process_time
from typing import Any

import numpy as np

import graphscope as gs
from graphscope.debug.timeline import AnyValue, StepTest, Timeline
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.kernels.stats import Stats, is_finite, stats

from .torch_peers import Step, show_peers
from .turns import Way, heading, in_turns, row
from .watching import Trained

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


# ---- training steps that are looked at ---------------------------------------------------------


class Training:
    """A model in a session of its own, and the ways of doing a step of its training."""

    def __init__(self, name: str) -> None:
        model = _Tiny() if name == "tiny" else Trained(name)
        self.session, self.fetches, self.feeds = model.session, model.fetches, model.feeds
        self.variables = model.variables

    def plain(self) -> None:
        self.session.run(self.fetches, self.feeds)

    def looked_at(self, *tests: StepTest) -> Timeline:
        """A step in which the history keeps what it needs, and asks these tests of every node."""
        timeline = Timeline(self.session.prepare(self.fetches, self.feeds), self.session.state)
        timeline.forward_until(frozenset(), tests)
        timeline.commit(self.session.state)
        return timeline

    def summed_up(self) -> list[Stats]:
        """The same with the statistics of every value."""
        steps = self.looked_at(EVERY_VALUE).steps
        values = {id(value): value for step in steps for value in step.outputs.values()}
        return [stats(value) for value in values.values()]

    def weights(self) -> list[Any]:
        return list(self.session.run(self.variables))


class _Tiny:
    """tanh(w x + b) that is fitted to one number."""

    def __init__(self) -> None:
        with gs.Graph().as_default() as graph:
            self.variables = [gs.Variable(0.5), gs.Variable(0.1)]
            x, y = gs.placeholder(gs.float32, []), gs.placeholder(gs.float32, [])
            loss = gs.square(gs.tanh(self.variables[0] * x + self.variables[1]) - y, name="loss")
            self.fetches = [gs.train.GradientDescentOptimizer(RATE).minimize(loss), loss]
            self.feeds = {x: np.float32(1), y: np.float32(0.3)}
            self.session = gs.Session(graph=graph)
            self.session.run(gs.global_variables_initializer())


#: Holds for no value; but a run of which it is asked has to have all values.
EVERY_VALUE = AnyValue(lambda value: False)
NOT_FINITE = AnyValue(lambda value: not is_finite(value))


def show_looking(name: str) -> None:
    """What each of these costs beside `Session.run`, as parts of a debugger, which costs some more
    for a run by itself."""
    plain, kept = "Session.run", "every value kept"
    ways: list[tuple[str, str, Callable[[Training], Any]]] = [
        (plain, plain, Training.plain),
        ("Session.run after a debugger", plain, Training.plain),
        ("no stop in the run", plain, Training.looked_at),
        (kept, plain, lambda model: model.looked_at(EVERY_VALUE)),
        ("NaN and Inf watched", plain, lambda model: model.looked_at(NOT_FINITE)),
        ("statistics of every value", kept, Training.summed_up),
    ]
    models = {title: Training(name) for title, _, _ in ways}
    with gs.debug(models[ways[1][0]].session, *_asked(models[ways[1][0]])) as d:
        d.cont()
    _start_alike(models)
    made = [
        Way(title, partial(step, models[title]), beside, clock=process_time)
        for title, beside, step in ways
    ]
    for way in made:
        for _ in range(20):
            way.run()
    first = models[plain].weights()
    for way in made:
        pairs = zip(first, models[way.name].weights(), strict=True)
        way.error = max(float(np.abs(a - b).max()) for a, b in pairs)
        assert way.error == 0, f"{name}, {way.name}: the weights differ by {way.error}"
    times = in_turns(made, rounds=60)
    print(heading(f"{name}, a training step, CPU"))
    for way in made:
        print(row(way, times))


def _asked(model: Training) -> tuple[Any, Any]:
    return model.fetches, model.feeds


def _start_alike(models: dict[str, Training]) -> None:
    for model in models.values():
        with model.session.graph.as_default():
            model.session.run(gs.global_variables_initializer())


def main() -> None:
    for name in ("softmax", "mlp1", "mlp2", "tiny"):
        show_looking(name)
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
