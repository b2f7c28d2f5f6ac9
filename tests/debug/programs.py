"""Random programs: a stack of small tensors to which operations add, in any order, with variables,
writes, optimizers, random numbers, branches, loops and control dependencies among them."""

import numpy as np
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
PLAIN = ["variable", "assign", "assign_add", "random", "read", "wait", "train"]
LOOPS = ["loop", "loop_by_value", "loop_write", "loop_in_loop", "mapped", "scanned"]
CONTROL = ["cond", "cond_write", "cond_random", "nested", *LOOPS]
FAILING = ["fail", "cond_fail", "loop_fail"]


def steps(kinds=(*PLAIN, *CONTROL, *FAILING), max_size=15):
    """What a program is made from: a list of what to do with which tensors."""
    return st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from([("unary", i) for i in range(len(UNARY))]),
                st.sampled_from([("binary", i) for i in range(len(BINARY))]),
                st.sampled_from([(kind, 0) for kind in kinds]),
            ),
            st.integers(0, 20),
            st.integers(0, 20),
        ),
        min_size=3,
        max_size=max_size,
    )


class Built:
    """A program in the default graph, made from the drawn steps."""

    def __init__(self, steps):
        gs.set_random_seed(1)
        self.x = gs.placeholder(gs.float32, [2, 2], name="x")
        self.free = gs.placeholder(gs.float32, name="free")
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
        count = len(self.variables)
        value = np.arange(4.0, dtype=np.float32).reshape(2, 2) + count
        self.variables.append(gs.Variable(value, use_resource=count % 2 == 1))
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

    # ---- branches and loops --------------------------------------------------------------------

    def _less(self, a, b):
        return gs.less(gs.reduce_sum(a), gs.reduce_sum(b))

    def _cond(self, a, b, variable):
        self.tensors.append(
            gs.cond(self._less(a, b), lambda: gs.tanh(a) * variable, lambda: b - a * b)
        )

    def _cond_write(self, a, b, variable):
        def write():
            with gs.control_dependencies([variable.assign_add(a)]):
                return variable.read_value() + b

        self.tensors.append(gs.cond(self._less(a, b), write, lambda: gs.identity(b)))

    def _cond_random(self, a, b, variable):
        self.tensors.append(
            gs.cond(self._less(b, a), lambda: gs.random_uniform([2, 2]) + a, lambda: b)
        )

    def _cond_fail(self, a, b, variable):
        self.tensors.append(
            gs.cond(self._less(a, b), lambda: gs.reshape(self.free, [2, 2]), lambda: b)
        )

    def _loop(self, a, b, variable):
        count = len(self.tensors) % 4
        _, z = gs.while_loop(
            lambda i, z: i < count, lambda i, z: (i + 1, gs.tanh(z * a) + variable), (0, b)
        )
        self.tensors.append(z)

    def _loop_by_value(self, a, b, variable):
        _, z = gs.while_loop(
            lambda i, z: gs.reduce_sum(z) < 20.0,
            lambda i, z: (i + 1, z + gs.random_uniform([2, 2]) + gs.sigmoid(a)),
            (0, b),
            maximum_iterations=4,
        )
        self.tensors.append(z)

    def _loop_write(self, a, b, variable):
        def body(i, z):
            with gs.control_dependencies([variable.assign_sub(0.5 * a)]):
                return i + 1, z + variable.read_value()

        _, z = gs.while_loop(lambda i, z: i < 2, body, (0, b))
        self.tensors.append(z)

    def _loop_in_loop(self, a, b, variable):
        def outer(i, z):
            _, y = gs.while_loop(
                lambda j, y: j <= i, lambda j, y: (j + 1, gs.sigmoid(y * a) - variable), (0, z)
            )
            return i + 1, y

        _, z = gs.while_loop(lambda i, z: i < 2, outer, (0, b))
        self.tensors.append(z)

    def _mapped(self, a, b, variable):
        self.tensors.append(gs.map_fn(lambda row: gs.tanh(row * variable[0]), a))

    def _scanned(self, a, b, variable):
        self.tensors.append(gs.scan(lambda sofar, row: gs.tanh(sofar) * row, a, b[0]))

    def _loop_fail(self, a, b, variable):
        _, z = gs.while_loop(
            lambda i, z: i < 2,
            lambda i, z: (i + 1, z + gs.cond(gs.equal(i, 1), self._reshaped, lambda: a)),
            (0, b),
        )
        self.tensors.append(z)

    def _reshaped(self):
        return gs.reshape(self.free, [2, 2])

    def _nested(self, a, b, variable):
        def body(i, z):
            even = gs.equal(gs.floormod(i, 2), 0)
            return i + 1, gs.cond(even, lambda: gs.sigmoid(z * a), lambda: variable * z)

        _, z = gs.while_loop(lambda i, z: i < 3, body, (0, b))
        self.tensors.append(z)


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if a is None or b is None:
        return a is b
    return raw(a) == raw(b)


def raw(value):
    """The bits of an array, or of the elements of a list."""
    if value.dtype == object:
        return [None if element is None else raw(np.asarray(element)) for element in value.flat]
    return str(value.dtype), value.shape, value.tobytes()


def outcome(run):
    """What a run returns, or what it raises, in a form that can be compared."""
    try:
        return run()
    except gs.errors.OpError as error:
        notes = "\n".join(getattr(error, "__notes__", []))
        return {"error": np.array([type(error).__name__, str(error), notes])}
