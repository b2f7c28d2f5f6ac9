"""Models with loops and conditions in all their nestings: each returns its loss, of x [3, 2]."""

import graphscope as gs


def _inputs(shape=(2, 2)):
    return gs.placeholder(gs.float32, [3, 2], name="x"), gs.Variable(gs.fill(shape, 0.3), name="w")


def loop():
    x, w = _inputs()
    _, h = gs.while_loop(lambda i, h: i < 3, lambda i, h: (i + 1, gs.tanh(gs.matmul(h, w))), (0, x))
    return gs.reduce_sum(h)


def count_of_a_loop():
    """How often it runs is computed, and what it takes from around it is trained too."""
    x, w = _inputs()
    times = gs.cast(gs.reduce_sum(x) * 4.0, gs.int32)
    start = gs.Variable(1.0, name="start")
    _, h = gs.while_loop(
        lambda i, h: i < times, lambda i, h: (i + 1, h * gs.reduce_sum(w) + start), (0, x)
    )
    return gs.reduce_mean(gs.square(h))


def no_iteration():
    x, w = _inputs()
    _, h = gs.while_loop(
        lambda i, h: i < 0, lambda i, h: (i + 1, gs.tanh(gs.matmul(h, w))), (0, gs.matmul(x, w))
    )
    return gs.reduce_sum(h)


def arrays():
    x, w = _inputs()
    rows = gs.TensorArray(gs.float32, 3).unstack(x)
    out = gs.TensorArray(gs.float32, 3)

    def body(i, h, out):
        h = gs.tanh(gs.matmul(h, w) + rows.read(i))
        return i + 1, h, out.write(i, h[0])

    _, h, out = gs.while_loop(lambda i, *_: i < 3, body, (0, gs.zeros([1, 2]), out))
    return gs.reduce_sum(out.stack()) + gs.reduce_sum(h)


def arrays_that_grow():
    x, w = _inputs()
    out = gs.TensorArray(gs.float32, 0, dynamic_size=True, element_shape=[3, 2])
    body = lambda i, out: (i + 1, out.write(i, gs.matmul(x, w) * gs.cast(i, gs.float32)))  # noqa: E731
    _, out = gs.while_loop(lambda i, out: i < 4, body, (0, out))
    return gs.reduce_sum(gs.square(out.concat()))


def arrays_without_loops():
    x, w = _inputs()
    parts = gs.TensorArray(gs.float32, 2).split(gs.matmul(x, w), [1, 2])
    return gs.reduce_sum(parts.read(0)) + gs.reduce_sum(gs.square(parts.read(1)))


def condition_in_a_loop():
    x, w = _inputs()

    def body(i, h):
        even = gs.equal(i % 2, 0)
        return i + 1, gs.cond(
            even, lambda: gs.tanh(gs.matmul(h, w)), lambda: h * 2.0 - gs.reduce_sum(w)
        )

    _, h = gs.while_loop(lambda i, h: i < 5, body, (0, x))
    return gs.reduce_sum(h)


def loop_in_a_condition():
    x, w = _inputs()

    def repeated():
        return gs.while_loop(
            lambda i, h: i < 3, lambda i, h: (i + 1, gs.tanh(gs.matmul(h, w))), (0, x)
        )[1]

    return gs.reduce_sum(gs.cond(gs.reduce_sum(x) > 0, repeated, lambda: gs.matmul(x, w)))


def loop_in_a_loop():
    x, w = _inputs()

    def body(i, h):
        _, k = gs.while_loop(
            lambda j, k: j < i + 1, lambda j, k: (j + 1, gs.tanh(gs.matmul(k, w) + h)), (0, h)
        )
        return i + 1, k * 0.5 + h

    _, h = gs.while_loop(lambda i, h: i < 3, body, (0, x))
    return gs.reduce_sum(h)


def all_in_all():
    """A loop in a branch in a loop in a branch."""
    x, w = _inputs()

    def inner(h):
        return gs.while_loop(
            lambda j, k: j < 2, lambda j, k: (j + 1, gs.sin(gs.matmul(k, w)) + h), (0, h)
        )[1]

    def body(i, h):
        return i + 1, gs.cond(i > 0, lambda: inner(h), lambda: gs.matmul(h, w) * 0.5)

    def outer():
        return gs.while_loop(lambda i, h: i < 3, body, (0, x))[1]

    return gs.reduce_sum(gs.cond(gs.reduce_sum(x) > 0, outer, lambda: x))


def maps_and_scans():
    x, w = _inputs([2])
    inner = lambda row: gs.reduce_sum(gs.map_fn(lambda e: e * e * w[0], row)) * w  # noqa: E731
    mapped = gs.map_fn(inner, x)
    scanned = gs.scan(lambda a, row: gs.tanh(a + row * w), x, initializer=gs.zeros([2]))
    return gs.reduce_sum(mapped) + gs.reduce_sum(scanned)


def two_gradients_of_one_loop():
    x, w = _inputs()
    _, h = gs.while_loop(lambda i, h: i < 3, lambda i, h: (i + 1, gs.tanh(gs.matmul(h, w))), (0, x))
    first = gs.gradients(gs.reduce_sum(h), w)[0]
    return gs.reduce_sum(gs.square(h)) + 0.1 * gs.reduce_sum(gs.stop_gradient(first))


def a_variable_is_written_in_a_loop():
    x, w = _inputs()
    counted = gs.Variable(0.0, trainable=False, name="counted")

    def body(i, h):
        with gs.control_dependencies([gs.assign_add(counted, 2.0)]):
            return i + 1, gs.tanh(gs.matmul(h, w))

    _, h = gs.while_loop(lambda i, h: i < 3, body, (0, x))
    with gs.control_dependencies([h]):
        return gs.reduce_sum(h) + counted.read_value()


MODELS = {
    model.__name__: model
    for model in (
        *(loop, count_of_a_loop, no_iteration, arrays, arrays_that_grow, arrays_without_loops),
        *(condition_in_a_loop, loop_in_a_condition, loop_in_a_loop, all_in_all, maps_and_scans),
        *(two_gradients_of_one_loop, a_variable_is_written_in_a_loop),
    )
}
FEEDS = {"x:0": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}


def made(name, session):
    """Make the model in the default graph, with a train operation, and initialize it."""
    loss = gs.identity(MODELS[name](), name="loss")
    gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    session.run(gs.global_variables_initializer())


def losses(session, count=4):
    return [float(session.run(["loss:0", "train"], FEEDS)[0]) for _ in range(count)]
