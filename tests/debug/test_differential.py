"""A debugged run is the plain run: the same numbers bit by bit, the same variables, draws, errors.

Random programs: a stack of small tensors to which operations add, in any order, with variables,
writes, optimizers, random numbers and control dependencies among them.
"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs

#: Operations on the two tensors that a number chooses. All values are [2, 2]; some become NaN,
#: infinite or complex-looking on the way, which must change nothing.
UNARY = [
    gs.negative,
    gs.tanh,
    gs.exp,
    gs.log,
    gs.square,
    gs.nn.relu,
    gs.nn.softmax,
    gs.stop_gradient,
    gs.transpose,
    lambda a: gs.reshape(gs.reduce_sum(a, 0), [1, 2]) + a,
    lambda a: gs.cast(gs.cast(a, gs.int32), gs.float32),
    lambda a: gs.reshape(a, gs.shape(a)),
]
BINARY = [
    gs.add,
    gs.subtract,
    gs.multiply,
    gs.divide,
    gs.maximum,
    gs.matmul,
    lambda a, b: gs.where(gs.greater(a, b), a, b),
    lambda a, b: gs.concat([a[:1], b[1:]], 0),
]
OTHER = ["variable", "assign", "assign_add", "random", "read", "wait", "train", "fail"]

STEPS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([("unary", i) for i in range(len(UNARY))]),
            st.sampled_from([("binary", i) for i in range(len(BINARY))]),
            st.sampled_from([(kind, 0) for kind in OTHER]),
        ),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    min_size=3,
    max_size=15,
)
WANDER = st.lists(st.integers(0, 40), max_size=4)


class Built:
    """A program in the default graph, made from the drawn steps."""

    def __init__(self, steps):
        gs.set_random_seed(1)
        self.x = gs.placeholder(gs.float32, [2, 2])
        self.free = gs.placeholder(gs.float32)
        self.tensors = [self.x, gs.constant([[1.0, -2.0], [0.5, 3.0]])]
        self.variables = []
        self.fetches = []
        self._variable()
        for (kind, which), i, j in steps:
            a, b = self.tensors[i % len(self.tensors)], self.tensors[j % len(self.tensors)]
            if kind == "unary":
                self.tensors.append(UNARY[which](a))
            elif kind == "binary":
                self.tensors.append(BINARY[which](a, b))
            else:
                getattr(self, f"_{kind}")(a, b, self.variables[j % len(self.variables)])
        self.fetches += [self.tensors[-1], self.variables[0], self.tensors[-1]]

    def _variable(self, *_):
        value = np.arange(4.0, dtype=np.float32).reshape(2, 2) + len(self.variables)
        self.variables.append(gs.Variable(value))
        self.tensors.append(self.variables[-1].value())

    def _assign(self, a, b, variable):
        self.fetches.append(variable.assign(a))

    def _assign_add(self, a, b, variable):
        self.fetches.append(variable.assign_add(b).op)

    def _random(self, *_):
        self.tensors.append(gs.random_normal([2, 2]))

    def _read(self, a, b, variable):
        self.tensors.append(variable.read_value())

    def _wait(self, a, b, variable):
        with gs.control_dependencies([a.op, variable.assign_add(a)]):
            self.tensors.append(b + variable.read_value())

    def _train(self, a, b, variable):
        loss = gs.reduce_sum(a * variable.value() + b)
        train = gs.train.GradientDescentOptimizer(0.01).minimize(loss, var_list=self.variables)
        self.fetches.append({"loss": loss, "train": train})

    def _fail(self, a, b, variable):
        self.tensors.append(gs.reshape(self.free, [2, 2]))


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if a is None or b is None:
        return a is b
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def outcome(run):
    """What a run returns, or what it raises, in a form that can be compared."""
    try:
        return run()
    except gs.errors.OpError as error:
        notes = "\n".join(getattr(error, "__notes__", []))
        return {"error": np.array([type(error).__name__, str(error), notes])}


@settings(max_examples=400, deadline=None)
@given(steps=STEPS, wander=WANDER, initialize=st.booleans())
def test_a_debugged_run_is_the_plain_run(steps, wander, initialize):
    with gs.Graph().as_default():
        built = Built(steps)
        plain, debugged = gs.Session(), gs.Session()
        if initialize:
            for session in (plain, debugged):
                session.run(gs.global_variables_initializer())
        ok = {built.x: [[0.1, -0.2], [0.3, 0.0]], built.free: np.ones(4)}
        wrong = {built.x: [[0.1, -0.2], [0.3, 0.0]], built.free: np.ones(5)}

        for feed in (ok, wrong, {}, ok):
            before = dict(plain.state.variables)
            expected = outcome(lambda: plain.run(built.fetches, feed))  # noqa: B023
            d = gs.debug(debugged, built.fetches, feed)
            assert same(outcome(lambda: wandered(d, wander)), expected)  # noqa: B023
            d.close()
            if not d.done:  # it failed: a plain run leaves what ran before, this one nothing
                assert isinstance(expected, dict)
                assert same(debugged.state.variables, before)
                plain.state = debugged.state.copy()
            assert same(debugged.state.variables, plain.state.variables)
            assert debugged.state.cells == plain.state.cells


def wandered(d, times):
    """The result of a run, after looking at a few times of it."""
    for t in times:
        d.goto(t % (d.timeline.end + 1))
    d.run_to_end()
    return d.result


@settings(max_examples=100, deadline=None)
@given(steps=STEPS)
def test_deltas_are_the_differences_of_the_session(steps):
    with gs.Graph().as_default():
        built = Built([step for step in steps if step[0][0] != "fail"])
        session = gs.Session()
        session.run(gs.global_variables_initializer())
        before = dict(session.state.variables)
        with gs.debug(session, built.fetches, {built.x: np.ones((2, 2))}) as d:
            d.cont()
            changed = d.changed()
            written = {name for step in d.timeline.steps for name in step.writes}
        for name, old in before.items():
            new = session.state.variables[name]
            if name in changed:
                assert changed[name].old is old
                assert changed[name].new is new
            else:
                assert new is old
        assert set(changed) <= written
        # No value of the past has been written over: running again from the same start, node by
        # node, gives the same bits.
        again = gs.Session()
        again.run(gs.global_variables_initializer())
        with gs.debug(again, built.fetches, {built.x: np.ones((2, 2))}) as other:
            for step in d.timeline.steps:
                other.step()
                values = other.timeline.steps[step.t - 1].outputs
                assert all(same(values[tensor], value) for tensor, value in step.outputs.items())
