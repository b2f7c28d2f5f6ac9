"""Cases of tf.cond and tf.while_loop, under TensorFlow 1.15 and here.

`CONTROL` maps an id to a builder: it takes the `tensorflow` module and returns a `Made`.
`CONTROL_ERRORS` are mistakes, written as in error_cases.py.
"""

import textwrap
import typing

import numpy as np

CONTROL = {}
CONTROL_ERRORS = {}


class Made(typing.NamedTuple):
    """fetches: run together, once for each of the feeds, one after the other in one session.
    xs: of what the gradients of all floating fetches are taken."""

    fetches: list
    feeds: list = [{}]  # noqa: RUF012
    xs: list = []  # noqa: RUF012


def case(function):
    name = function.__name__
    assert name not in CONTROL, name
    CONTROL[name] = function
    return function


def error(name, snippet, *fragments):
    assert name not in CONTROL_ERRORS, name
    CONTROL_ERRORS[name] = (textwrap.dedent(snippet).strip() + "\n", fragments)


def inputs(tf):
    """Two floating-point placeholders [3], a truth value, and their values in two runs."""
    x = tf.placeholder(tf.float32, [3], name="x")
    y = tf.placeholder(tf.float32, [3], name="y")
    p = tf.placeholder(tf.bool, [], name="p")
    values = {x: [0.5, -1.0, 2.0], y: [1.5, 0.25, -0.75]}
    return x, y, p, [dict(values, **{}) for _ in range(2)]


def both(tf):
    """The inputs, fed once with a true and once with a false condition."""
    x, y, p, feeds = inputs(tf)
    for feed, truth in zip(feeds, (True, False)):
        feed[p] = truth
    return x, y, p, feeds


# ---------------------------------------------------------------------------------------- cond


@case
def cond_of_two_slopes(tf):
    x, y, p, feeds = both(tf)
    return Made([tf.cond(p, lambda: x * y, lambda: tf.sin(y))], feeds, [x, y])


@case
def cond_passes_outer_tensors_through(tf):
    x, y, p, feeds = both(tf)
    z = tf.exp(x)
    return Made([tf.cond(p, lambda: z, lambda: y), tf.cond(p, lambda: [x, y], lambda: [y, x])[1]],
                feeds, [x, y])  # fmt: skip


@case
def cond_of_constants(tf):
    _, _, p, feeds = both(tf)
    return Made([tf.cond(p, lambda: tf.constant(3), lambda: tf.constant(4), name="pick")], feeds)


@case
def cond_of_python_numbers(tf):
    _, _, p, feeds = both(tf)
    return Made([tf.cond(p, lambda: 1.5, lambda: 2.5)], feeds)


@case
def cond_of_a_comparison(tf):
    x, y, _, feeds = both(tf)
    feeds[1] = {x: [-0.5, -1.0, -2.0], y: [1.0, 2.0, 3.0]}
    total = tf.reduce_sum(x)
    return Made([tf.cond(total > 0, lambda: x * total, lambda: y - total)], feeds[1:] + feeds[:1],
                [x, y])  # fmt: skip


@case
def cond_twice_has_names_of_its_own(tf):
    x, y, p, feeds = both(tf)
    first = tf.cond(p, lambda: x + 1.0, lambda: x - 1.0)
    second = tf.cond(p, lambda: (first * y, y), lambda: (first, first))
    return Made([first, second[0], second[1]], feeds, [x, y])


@case
def cond_with_a_list_of_one(tf):
    x, _, p, feeds = both(tf)
    loose = tf.cond(p, lambda: [x * 2.0], lambda: [x * 3.0])
    strict = tf.cond(p, lambda: [x * 2.0], lambda: [x * 3.0], strict=True)
    assert isinstance(strict, list)
    return Made([loose, strict[0]], feeds, [x])


@case
def cond_of_nested_structures(tf):
    x, y, p, feeds = both(tf)
    found = tf.cond(
        p,
        lambda: {"a": x * x, "b": (y, [x + y])},
        lambda: {"a": y * y, "b": (x, [x - y])},
    )
    return Made([found["a"], found["b"][0], found["b"][1][0]], feeds, [x, y])


@case
def cond_inside_cond(tf):
    x, y, p, feeds = both(tf)
    q = tf.reduce_sum(x) > 1.0

    def inner():
        return tf.cond(q, lambda: x * x * y, lambda: tf.tanh(x))

    return Made([tf.cond(p, inner, lambda: tf.exp(y))], [*feeds, dict(feeds[0], **{})], [x, y])


@case
def cond_with_shapes_that_differ(tf):
    x, y, p, feeds = both(tf)
    found = tf.cond(p, lambda: tf.concat([x, y], 0), lambda: x)
    other = tf.cond(p, lambda: tf.reshape(x, [1, 3]), lambda: tf.reshape(x, [3, 1]))
    rank = tf.cond(p, lambda: x, lambda: tf.reduce_sum(x))
    return Made([found, other, rank], feeds, [x, y])


@case
def cond_with_whole_numbers_and_floats(tf):
    x, y, p, feeds = both(tf)
    n, z = tf.cond(p, lambda: (tf.size(x), x * 2.0), lambda: (tf.rank(x), y))
    return Made([n, z], feeds, [x, y])


@case
def cond_gradient_where_one_branch_has_none(tf):
    x, y, p, feeds = both(tf)
    return Made(
        [tf.cond(p, lambda: tf.stop_gradient(x) * y, lambda: tf.round(x) + tf.square(x))],
        feeds,
        [x, y],
    )


@case
def cond_assigns_in_the_branch_that_is_taken(tf):
    _, _, p, feeds = both(tf)
    v = tf.Variable(10.0, name="v")
    w = tf.Variable(1.0, name="w")
    found = tf.cond(p, lambda: tf.assign_add(v, 5.0), lambda: tf.assign(w, 7.0))
    return Made([found], [*feeds, *feeds])


@case
def cond_assigns_before_what_it_returns(tf):
    x, _, p, feeds = both(tf)
    v = tf.Variable([1.0, 2.0, 3.0], name="v")

    def write():
        with tf.control_dependencies([tf.assign_sub(v, x)]):
            return tf.identity(v.read_value())

    return Made([tf.cond(p, write, lambda: x * v)], [*feeds, *feeds])


@case
def cond_of_operations(tf):
    _, _, p, feeds = both(tf)
    v = tf.Variable(0, name="v")
    step = tf.cond(p, lambda: tf.assign_add(v, 1).op, lambda: tf.no_op())
    with tf.control_dependencies([step]):
        after = v.read_value()
    return Made([step, after], [*feeds, *feeds])


@case
def cond_does_not_run_what_it_does_not_return(tf):
    x, _, p, feeds = both(tf)
    v = tf.Variable(1.0, name="v")

    def forgotten():
        tf.assign(v, 100.0)
        return x * 2.0

    return Made([tf.cond(p, forgotten, lambda: x)], feeds, [x])


@case
def cond_waits_for_what_is_around_it(tf):
    x, _, p, feeds = both(tf)
    v = tf.Variable(2.0, name="v")
    with tf.control_dependencies([tf.assign(v, v * 3.0)]):
        found = tf.cond(p, lambda: x * v.read_value(), lambda: x + v.read_value())
    return Made([found], feeds, [x])


@case
def cond_waits_inside_for_what_is_outside(tf):
    x, _, p, feeds = both(tf)
    v = tf.Variable(2.0, name="v")
    grown = tf.assign_add(v, 1.0)

    def inside():
        with tf.control_dependencies([grown]):
            return x * v.read_value()

    return Made([tf.cond(p, inside, lambda: x)], [*feeds, *feeds])


@case
def cond_of_trained_variables(tf):
    x, y, p, feeds = both(tf)
    v = tf.Variable([1.0, -1.0, 0.5], name="v")
    w = tf.Variable([2.0, 0.5, 1.5], name="w")
    found = tf.cond(p, lambda: v * x, lambda: tf.square(w) * y)
    loss = tf.reduce_sum(tf.square(found))
    train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    with tf.control_dependencies([train]):
        done = tf.identity(p)
    return Made([loss, done], [*feeds, *feeds])


@case
def cond_makes_a_variable(tf):
    x, _, p, feeds = both(tf)

    def scaled():
        with tf.variable_scope("layer"):
            return x * tf.get_variable("scale", [3], initializer=tf.constant_initializer(2.5))

    found = tf.cond(p, scaled, lambda: x)
    assert [v.name for v in tf.trainable_variables()] == ["layer/scale:0"]
    return Made([found], feeds, [x, tf.trainable_variables()[0]])


@case
def cond_second_derivative(tf):
    x, y, p, feeds = both(tf)
    found = tf.cond(p, lambda: x * x * x * y, lambda: tf.sin(x))
    return Made([tf.identity(tf.gradients(found, x)[0], name="slope")], feeds, [x, y])


@case
def cond_of_random_numbers(tf):
    x, _, p, feeds = both(tf)
    return Made(
        [tf.cond(p, lambda: x + tf.random_uniform([3], seed=5), lambda: x)], [*feeds, *feeds]
    )


@case
def cond_of_texts(tf):
    _, _, p, feeds = both(tf)
    return Made([tf.cond(p, lambda: tf.constant("yes"), lambda: tf.constant("no"))], feeds)


@case
def cond_gives_rows_of_a_table(tf):
    _, _, p, feeds = both(tf)
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3), name="table")
    found = tf.cond(p, lambda: tf.gather(table, [0, 2, 0]), lambda: tf.gather(table, [1, 1, 3]))
    return Made([found], feeds, [table])


@case
def cond_of_a_fed_result(tf):
    x, _, p, feeds = both(tf)
    found = tf.cond(p, lambda: x * 2.0, lambda: x)
    after = found + 1.0
    return Made([after], [dict(feeds[0], **{}), {found: [9.0, 9.0, 9.0], x: [0.0, 0.0, 0.0]}])


# ---------------------------------------------------------------------------------- while_loop


@case
def while_counts(tf):
    n = tf.placeholder(tf.int32, [], name="n")
    i = tf.while_loop(lambda i: i < n, lambda i: i + 1, [0])
    return Made([i], [{n: 0}, {n: 7}, {n: -1}])


@case
def while_of_powers(tf):
    x, y, _, feeds = inputs(tf)
    i, z = tf.while_loop(lambda i, z: i < 4, lambda i, z: (i + 1, z * x + y), (0, y))
    return Made([i, z], feeds[:1], [x, y])


@case
def while_that_never_runs(tf):
    x, y, _, feeds = inputs(tf)
    _, z = tf.while_loop(lambda i, z: i < 0, lambda i, z: (i + 1, z * x), (0, y))
    return Made([z], feeds[:1], [x, y])


@case
def while_by_the_value(tf):
    x, _, _, feeds = inputs(tf)
    z = tf.while_loop(lambda z: tf.reduce_sum(z * z) < 100.0, lambda z: z * 1.5, [x], name="grow")
    feeds[1] = {x: [20.0, 0.0, 0.0]}
    return Made([z], feeds, [x])


@case
def while_with_a_limit(tf):
    x, _, _, feeds = inputs(tf)
    z = tf.while_loop(lambda z: True, lambda z: z + x, [x], maximum_iterations=3)
    none = tf.while_loop(lambda z: True, lambda z: z + x, [x], maximum_iterations=0)
    return Made([z, none], feeds[:1], [x])


@case
def while_with_a_limit_that_is_computed(tf):
    x, _, _, feeds = inputs(tf)
    n = tf.placeholder(tf.int32, [], name="n")
    z = tf.while_loop(lambda z: True, lambda z: z * x, [x], maximum_iterations=n)
    return Made([z], [dict(feeds[0], **{}), dict(feeds[0], **{})], [x])._replace(
        feeds=[{x: [0.5, 1.0, 2.0], n: 2}, {x: [0.5, 1.0, 2.0], n: 0}]
    )


@case
def while_with_a_growing_shape(tf):
    x, _, _, feeds = inputs(tf)
    _, z = tf.while_loop(
        lambda i, z: i < 3,
        lambda i, z: (i + 1, tf.concat([z, x * tf.cast(i, tf.float32)], 0)),
        (0, x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )
    return Made([z], feeds[:1], [x])


@case
def while_of_nested_structures(tf):
    x, y, _, feeds = inputs(tf)
    start = {"n": tf.constant(0), "pair": (x, [y])}

    def body(state):
        a, (b,) = state["pair"]
        return {"n": state["n"] + 1, "pair": (a + b, [b * 0.5])}

    (found,) = tf.while_loop(
        lambda state: state["n"] < 3, lambda state: (body(state),), (start,),
        return_same_structure=True,
    )  # fmt: skip
    return Made([found["n"], found["pair"][0], found["pair"][1][0]], feeds[:1], [x, y])


@case
def while_of_a_single_tensor(tf):
    x, _, _, feeds = inputs(tf)
    alone = tf.while_loop(lambda z: z[0] < 5.0, lambda z: z + 1.0, (x,))
    same = tf.while_loop(
        lambda z: z[0] < 5.0, lambda z: (z + 1.0,), [x], return_same_structure=True
    )
    assert isinstance(same, tuple), "the nesting is that of what the body returns"
    return Made([alone, same[0]], feeds[:1], [x])


@case
def while_inside_while(tf):
    x, y, _, feeds = inputs(tf)

    def outer(i, z):
        _, z = tf.while_loop(lambda j, z: j < i + 1, lambda j, z: (j + 1, z * x + 1.0), (0, z))
        return i + 1, z - y

    _, z = tf.while_loop(lambda i, z: i < 3, outer, (0, y))
    return Made([z], feeds[:1], [x, y])


@case
def cond_inside_while(tf):
    x, y, _, feeds = inputs(tf)

    def body(i, z):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: z * x, lambda: tf.sin(z) + y)

    _, z = tf.while_loop(lambda i, z: i < 5, body, (0, y))
    return Made([z], feeds[:1], [x, y])


@case
def while_inside_cond(tf):
    x, y, p, feeds = both(tf)

    def loop():
        return tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * x), (0, y))[1]

    return Made([tf.cond(p, loop, lambda: x - y)], feeds, [x, y])


@case
def while_assigns(tf):
    v = tf.Variable(1.0, name="v")

    def body(i):
        with tf.control_dependencies([tf.assign(v, v.read_value() * 2.0)]):
            return i + 1

    i = tf.while_loop(lambda i: i < 3, body, [0])
    with tf.control_dependencies([i]):
        after = v.read_value()
    return Made([i, after], [{}, {}])


@case
def while_of_a_variable(tf):
    x, _, _, feeds = inputs(tf)
    w = tf.Variable([1.5, 0.5, -1.0], name="w")
    _, z = tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, tf.tanh(z * w)), (0, x))
    loss = tf.reduce_sum(tf.square(z))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    with tf.control_dependencies([train]):
        done = tf.constant(1) + 0
    return Made([loss, done], [feeds[0]] * 3)


@case
def while_starts_with_a_variable(tf):
    w = tf.Variable(2.0, name="w")
    z = tf.while_loop(lambda z: z < 50.0, lambda z: z * 3.0, [w])
    return Made([z], [{}], [w])


@case
def while_makes_a_variable(tf):
    x, _, _, feeds = inputs(tf)

    def body(i, z):
        with tf.variable_scope("cell"):
            kernel = tf.get_variable("kernel", [3], initializer=tf.constant_initializer(0.5))
        return i + 1, tf.sin(z * kernel)

    _, z = tf.while_loop(lambda i, z: i < 3, body, (0, x))
    return Made([z], feeds[:1], [x, tf.trainable_variables()[0]])


@case
def while_waits_for_what_is_around_it(tf):
    v = tf.Variable(1.0, name="v")
    with tf.control_dependencies([tf.assign_add(v, 4.0)]):
        z = tf.while_loop(lambda z: z < 3.0, lambda z: z + v.read_value(), [tf.constant(0.0)])
    return Made([z], [{}, {}])


@case
def while_without_back_prop(tf):
    x, _, _, feeds = inputs(tf)
    z = tf.while_loop(lambda z: z[0] < 5.0, lambda z: z * 2.0, [x], back_prop=False)
    return Made([z + x], feeds[:1])


@case
def while_with_whole_numbers_beside(tf):
    x, _, _, feeds = inputs(tf)
    n = tf.constant(5)
    i, m, z = tf.while_loop(
        lambda i, m, z: i < n, lambda i, m, z: (i + 2, m * i + n, z * tf.cast(m, tf.float32)),
        (1, 1, x),
    )  # fmt: skip
    return Made([i, m, z], feeds[:1], [x])


@case
def while_swaps(tf):
    x, y, _, feeds = inputs(tf)
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a + b), (0, x, y))
    return Made([a, b], feeds[:1], [x, y])


@case
def while_leaves_one_as_it_is(tf):
    x, y, _, feeds = inputs(tf)
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, a, a * b), (0, x, y))
    return Made([a, b], feeds[:1], [x, y])


@case
def while_of_random_numbers(tf):
    i, z = tf.while_loop(
        lambda i, z: i < 3,
        lambda i, z: (i + 1, z + tf.random_normal([2], seed=9)),
        (0, tf.zeros([2])),
        parallel_iterations=1,
    )
    return Made([z, i], [{}, {}])


@case
def while_in_float64(tf):
    x = tf.placeholder(tf.float64, [2], name="x")
    _, z = tf.while_loop(
        lambda i, z: i < 10, lambda i, z: (i + 1, z - (z * z - x) / (2.0 * z)), (0, x)
    )
    return Made([z], [{x: [2.0, 3.0]}], [x])


@case
def while_of_matrices(tf):
    a = tf.placeholder(tf.float32, [2, 2], name="a")
    _, z = tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, tf.matmul(z, a)), (0, tf.eye(2)))
    return Made([z], [{a: [[0.5, 1.0], [-1.0, 0.25]]}], [a])


@case
def while_with_gathered_rows(tf):
    table = tf.Variable(np.arange(8, dtype=np.float32).reshape(4, 2) / 4, name="table")
    _, z = tf.while_loop(
        lambda i, z: i < 3, lambda i, z: (i + 1, z + tf.gather(table, i) ** 2), (0, tf.zeros([2]))
    )
    return Made([z], [{}], [table])


# --------------------------------------------------------------------------- layers that choose


def training(tf):
    rng = np.random.RandomState(4)
    rows = rng.uniform(0.5, 1.5, (4, 3)).astype(np.float32)
    x = tf.placeholder(tf.float32, [4, 3], name="x")
    p = tf.placeholder(tf.bool, [], name="training")
    return x, p, [{x: rows, p: True}, {x: rows, p: False}, {x: rows, p: True}]


@case
def dropout_with_a_placeholder(tf):
    x, p, feeds = training(tf)
    return Made([tf.layers.dropout(x, 0.5, training=p, seed=3)], feeds, [x])


@case
def batch_normalization_with_a_placeholder(tf):
    x, p, feeds = training(tf)
    y = tf.layers.batch_normalization(x, training=p, momentum=0.5)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        done = tf.constant(1) + 0
    return Made([y, done], feeds, [x, *tf.trainable_variables()])


# -------------------------------------------------------------------------------------- errors

error("cond_python_bool", "tf.cond(True, lambda: 1.0, lambda: 2.0)", "Python bool")
error("cond_no_function", "tf.cond(tf.constant(True), 1.0, lambda: 2.0)", "true_fn", "callable")
error("cond_no_false", "tf.cond(tf.constant(True), lambda: 1.0, 2.0)", "false_fn", "callable")
error("cond_types", "tf.cond(tf.constant(True), lambda: 1.0, lambda: 2)", "same type", "float32")
error(
    "cond_structures",
    "tf.cond(tf.constant(True), lambda: [1.0, 2.0], lambda: 1.0)",
    "structure",
)
error("cond_returns_nothing", "tf.cond(tf.constant(True), lambda: None, lambda: 1.0)", "return")
error(
    "cond_pred_is_no_scalar",
    "tf.cond(tf.constant([True]), lambda: 1.0, lambda: 2.0)",
    "rank 0 but is rank 1",
)
error("cond_both_names", "tf.cond(tf.constant(True), lambda: 1.0, lambda: 2.0, fn1=lambda: 3.0)",
      "fn1", "true_fn")  # fmt: skip
error("while_no_function", "tf.while_loop(1, lambda i: i + 1, [0])", "cond", "callable")
error("while_no_body", "tf.while_loop(lambda i: i < 1, 2, [0])", "body", "callable")
error("while_no_variables", "tf.while_loop(lambda: True, lambda: 1, [])", "No loop variables")
error(
    "while_structures",
    "tf.while_loop(lambda i, j: i < 1, lambda i, j: i + 1, [0, 1])",
    "structure",
)
error(
    "while_shape_changes",
    """
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.while_loop(lambda z: True, lambda z: tf.concat([z, z], 0), [x])
    """,
    "shape_invariants",
    "(2,)",
    "(4,)",
)
error(
    "while_invariant_does_not_fit",
    """
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.while_loop(lambda z: True, lambda z: z, [x], shape_invariants=[tf.TensorShape([3])])
    """,
    "shape invariant",
    "(2,)",
    "(3,)",
)
error(
    "while_test_is_no_scalar",
    "tf.while_loop(lambda z: z < [1, 2], lambda z: z + 1, [tf.constant([0, 0])])",
    "rank 0 but is rank 1",
)
error(
    "while_second_derivative",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    z = tf.while_loop(lambda z: z < 5.0, lambda z: z * x, [x])
    tf.gradients(tf.gradients(z, x), x)
    """,
    "econd-order gradient",
)
