"""Cases of TensorArray, map_fn, scan, foldl, foldr and case, and of loops that carry arrays.

They go into the table of cases_control.py.
"""

import numpy as np
from goldens.cases_control import CONTROL as CONTROL
from goldens.cases_control import CONTROL_ERRORS as CONTROL_ERRORS
from goldens.cases_control import Made, both, case, error, inputs


def matrix(tf):
    """A placeholder [4, 3] and a feed of it."""
    x = tf.placeholder(tf.float32, [4, 3], name="x")
    rows = np.random.RandomState(3).uniform(-1.0, 1.0, (4, 3)).astype(np.float32)
    return x, [{x: rows}]


def array(tf, size, **options):
    return tf.TensorArray(tf.float32, size, **options)


@case
def array_written_and_stacked(tf):
    x, y, _, feeds = inputs(tf)
    ta = array(tf, 3).write(0, x).write(1, x * y).write(2, tf.sin(y))
    return Made([ta.stack()], feeds[:1], [x, y])


@case
def array_written_in_another_order(tf):
    x, y, _, feeds = inputs(tf)
    ta = array(tf, 3).write(2, x).write(0, x * y).write(1, y)
    return Made([ta.stack(), ta.size()], feeds[:1], [x, y])


@case
def array_read(tf):
    x, y, _, feeds = inputs(tf)
    ta = array(tf, 2, clear_after_read=False).write(0, x).write(1, x * y)
    return Made([ta.read(1), ta.read(0), ta.read(1) * y], feeds[:1], [x, y])


@case
def array_unstacked_and_read(tf):
    x, feeds = matrix(tf)
    ta = array(tf, 4).unstack(x)
    return Made([ta.read(2) * ta.read(0)], feeds, [x])


@case
def array_gathered(tf):
    x, feeds = matrix(tf)
    ta = array(tf, 4, clear_after_read=False).unstack(x)
    return Made([ta.gather([3, 1])], feeds, [x])


@case
def array_scattered(tf):
    x, feeds = matrix(tf)
    ta = array(tf, 4).scatter([3, 0, 2, 1], x * x)
    return Made([ta.stack()], feeds, [x])


@case
def array_concatenated(tf):
    x, feeds = matrix(tf)
    ta = array(tf, 3, infer_shape=False)
    ta = ta.write(0, x[:1]).write(1, x[1:] * 2.0).write(2, x[:2] * x[2:])
    return Made([ta.concat()], feeds, [x])


@case
def array_split(tf):
    x, feeds = matrix(tf)
    ta = array(tf, 3, infer_shape=False).split(x, [1, 1, 2])
    return Made([ta.read(2), ta.read(0)], feeds, [x])


@case
def array_split_evenly_and_stacked(tf):
    x, feeds = matrix(tf)
    return Made([array(tf, 2).split(x, [2, 2]).stack()], feeds, [x])


@case
def array_that_grows(tf):
    x, y, _, feeds = inputs(tf)
    ta = array(tf, 0, dynamic_size=True).write(0, x).write(1, y).write(2, x + y)
    return Made([ta.stack(), ta.size()], feeds[:1], [x, y])


@case
def array_with_places_left_empty(tf):
    x, _, _, feeds = inputs(tf)
    return Made([array(tf, 3, element_shape=[3]).write(1, x).stack()], feeds[:1], [x])


@case
def array_with_a_name(tf):
    x, _, _, feeds = inputs(tf)
    ta = tf.TensorArray(tf.float32, size=1, tensor_array_name="kept", name="things")
    return Made([ta.write(0, x, name="put").stack(name="all")], feeds[:1], [x])


@case
def array_of_whole_numbers(tf):
    ta = tf.TensorArray(tf.int32, 3, clear_after_read=False).unstack([4, 5, 6])
    return Made([ta.read(1), ta.stack()])


@case
def array_of_texts(tf):
    return Made([tf.TensorArray(tf.string, 1).write(0, "word").read(0)])


@case
def array_of_scalars_in_float64(tf):
    x = tf.placeholder(tf.float64, [3], name="x")
    ta = tf.TensorArray(tf.float64, 3).unstack(x * x)
    return Made([ta.stack(), ta.identity().size()], [{x: [0.1, 0.2, 0.7]}], [x])


def all_methods(tf, x):
    """What the methods of arrays make of a placeholder [4, ...], twice for each."""

    def fresh(size):
        return tf.TensorArray(x.dtype, size, clear_after_read=False)

    written = fresh(2).write(1, x[0]).write(0, x[1] * x[2])
    scattered = fresh(4).scatter([1, 0, 3, 2], x)
    parts = fresh(2).split(x, [2, 2])
    found = [written.read(1) * written.read(0), scattered.gather([2, 0, 2]), parts.concat()]
    return Made(found, [{x: np.random.RandomState(1).uniform(-1.0, 1.0, x.shape.as_list())}], [x])


@case
def array_of_matrices_in_float64(tf):
    return all_methods(tf, tf.placeholder(tf.float64, [4, 2, 2], name="x"))


@case
def array_of_vectors(tf):
    return all_methods(tf, tf.placeholder(tf.float32, [4, 5], name="x"))


@case
def array_of_boxes(tf):
    return all_methods(tf, tf.placeholder(tf.float32, [4, 1, 2, 3], name="x"))


@case
def array_of_an_unknown_size(tf):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    n = tf.placeholder(tf.int32, [], name="n")
    ta = tf.TensorArray(tf.float32, n).unstack(x)
    return Made([ta.read(n - 1), ta.size()], [{x: [[1.0, 2.0], [3.0, 4.0]], n: 2}], [x])


@case
def array_closed(tf):
    x, _, _, feeds = inputs(tf)
    ta = array(tf, 1).write(0, x)
    value = ta.read(0)
    with tf.control_dependencies([value]), tf.control_dependencies([ta.close()]):
        done = tf.constant(1) + 0
    return Made([value, done], feeds[:1])


@case
def array_filled_in_a_loop(tf):
    x, y, _, feeds = inputs(tf)

    def body(i, z, ta):
        z = z * x + y
        return i + 1, z, ta.write(i, z)

    _, z, ta = tf.while_loop(lambda i, z, ta: i < 4, body, (0, y, array(tf, 4)))
    return Made([z, ta.stack()], feeds[:1], [x, y])


@case
def array_read_in_a_loop(tf):
    x, feeds = matrix(tf)
    w = tf.Variable([0.5, -1.0, 2.0], name="w")
    given = array(tf, 4).unstack(x)
    _, z = tf.while_loop(
        lambda i, z: i < 4,
        lambda i, z: (i + 1, tf.tanh(z * w + given.read(i))),
        (0, tf.zeros([3])),
    )
    return Made([z], feeds, [x, w])


@case
def array_read_and_written_in_a_loop_as_often_as_fed(tf):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    count = tf.shape(x)[0]
    given = array(tf, count).unstack(x)

    def body(i, ta):
        return i + 1, ta.write(i, tf.square(given.read(i)))

    _, ta = tf.while_loop(lambda i, ta: i < count, body, (0, array(tf, count)))
    feeds = [{x: [[1.0, 2.0], [3.0, -4.0], [0.5, 0.25]]}, {x: [[2.0, 5.0]]}]
    return Made([ta.stack()], feeds, [x])


@case
def array_that_grows_in_a_loop(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    n = tf.placeholder(tf.int32, [], name="n")
    _, ta = tf.while_loop(
        lambda i, ta: i < n,
        lambda i, ta: (i + 1, ta.write(i, x * tf.cast(i, tf.float32))),
        (0, array(tf, 1, dynamic_size=True)),
    )
    feeds = [{x: [0.5, 1.0, 2.0], n: 3}, {x: [0.5, 1.0, 2.0], n: 1}]
    return Made([ta.stack(), ta.size()], feeds, [x])


@case
def array_filled_and_read_in_a_loop(tf):
    x, y, _, feeds = inputs(tf)

    def body(i, ta):
        return i + 1, ta.write(i, ta.read(i - 1) * x + ta.read(i - 2) * y)

    start = array(tf, 5, clear_after_read=False).write(0, x).write(1, y)
    _, ta = tf.while_loop(lambda i, ta: i < 5, body, (2, start))
    return Made([ta.stack()], feeds[:1], [x, y])


@case
def array_in_nested_loops(tf):
    x, y, _, feeds = inputs(tf)

    def outer(i, ta):
        _, z = tf.while_loop(lambda j, z: j < i + 1, lambda j, z: (j + 1, z * x + y), (0, y))
        return i + 1, ta.write(i, z)

    _, ta = tf.while_loop(lambda i, ta: i < 3, outer, (0, array(tf, 3)))
    return Made([ta.stack()], feeds[:1], [x, y])


@case
def array_chosen_by_a_cond(tf):
    x, y, p, feeds = both(tf)
    start = array(tf, 2).write(0, x)
    ta = tf.cond(p, lambda: start.write(1, x * y), lambda: start.write(1, tf.exp(y)))
    return Made([ta.stack()], feeds, [x, y])


@case
def array_with_a_cond_in_its_loop(tf):
    x, y, _, feeds = inputs(tf)

    def body(i, ta):
        value = tf.cond(tf.equal(i % 2, 0), lambda: x * y, lambda: tf.sin(x))
        return i + 1, ta.write(i, value)

    _, ta = tf.while_loop(lambda i, ta: i < 3, body, (0, array(tf, 3)))
    return Made([ta.stack()], feeds[:1], [x, y])


@case
def array_in_a_loop_with_a_limit(tf):
    x, _, _, feeds = inputs(tf)
    _, ta = tf.while_loop(
        lambda i, ta: True,
        lambda i, ta: (i + 1, ta.write(i, x)),
        (0, array(tf, 3)),
        maximum_iterations=3,
    )
    return Made([ta.stack()], feeds[:1], [x])


@case
def loop_with_invariants_and_an_array(tf):
    x, _, _, feeds = inputs(tf)
    _, z, ta = tf.while_loop(
        lambda i, z, ta: i < 3,
        lambda i, z, ta: (i + 1, tf.concat([z, x], 0), ta.write(i, x * 2.0)),
        (0, x, array(tf, 3)),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape([])),
    )
    return Made([z, ta.stack()], feeds[:1], [x])


@case
def loops_three_deep(tf):
    x, y, _, feeds = inputs(tf)

    def thrice(function):
        return lambda z: tf.while_loop(
            lambda i, z: i < 2, lambda i, z: (i + 1, function(z)), (0, z)
        )[1]

    return Made([thrice(thrice(thrice(lambda z: tf.sin(z * x) + y)))(x)], feeds[:1], [x, y])


# ---------------------------------------------------------------- map_fn, foldl, foldr, scan


@case
def map_of_squares(tf):
    x, feeds = matrix(tf)
    return Made([tf.map_fn(lambda row: row * row + 1.0, x)], feeds, [x])


@case
def map_to_another_type(tf):
    x, feeds = matrix(tf)
    found = tf.map_fn(lambda row: tf.argmax(row), x, dtype=tf.int64)
    pair = tf.map_fn(lambda row: (tf.reduce_sum(row), row * 2.0), x, dtype=(tf.float32, tf.float32))
    return Made([found, pair[0], pair[1]], feeds, [x])


@case
def map_of_several(tf):
    x, feeds = matrix(tf)
    found = tf.map_fn(
        lambda pair: pair[0] * pair[1], (x, tf.reduce_sum(x, 1)), dtype=tf.float32, name="products"
    )
    return Made([found], feeds, [x])


@case
def map_of_nested_elements(tf):
    x, feeds = matrix(tf)
    found = tf.map_fn(lambda e: {"a": e["b"], "b": e["a"] * e["b"]}, {"a": x, "b": tf.exp(x)})
    return Made([found["a"], found["b"]], feeds, [x])


@case
def map_of_an_unknown_number(tf):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.Variable([[1.0, 2.0], [0.5, -1.0]], name="w")
    found = tf.map_fn(lambda row: tf.squeeze(tf.matmul(row[tf.newaxis], w), 0), x)
    return Made([found], [{x: [[1.0, 2.0]]}, {x: [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}], [x, w])


@case
def map_inside_map(tf):
    x, feeds = matrix(tf)
    return Made([tf.map_fn(lambda row: tf.map_fn(lambda v: v * v, row), x)], feeds, [x])


@case
def fold_from_the_left(tf):
    x, feeds = matrix(tf)
    return Made(
        [
            tf.foldl(lambda a, row: a * row + 1.0, x),
            tf.foldl(lambda a, row: a + tf.reduce_sum(row), x, initializer=2.0),
        ],
        feeds,
        [x],
    )


@case
def fold_from_the_right(tf):
    x, feeds = matrix(tf)
    return Made(
        [
            tf.foldr(lambda a, row: a * row + 1.0, x),
            tf.foldr(lambda a, row: tf.sin(a) + row, x, initializer=tf.ones([3]), name="back"),
        ],
        feeds,
        [x],
    )


@case
def scan_of_products(tf):
    x, feeds = matrix(tf)
    return Made([tf.scan(lambda a, row: a * row + 1.0, x)], feeds, [x])


@case
def scan_from_a_start(tf):
    x, feeds = matrix(tf)
    w = tf.Variable([0.5, 1.0, 2.0], name="w")
    found = tf.scan(lambda a, row: tf.tanh(a * w + row), x, initializer=tf.zeros([3]))
    return Made([found], feeds, [x, w])


@case
def scan_of_several(tf):
    x, feeds = matrix(tf)
    a, b = tf.scan(lambda a, row: (a[1], a[0] + row), x, initializer=(tf.zeros([3]), tf.ones([3])))
    return Made([a, b], feeds, [x])


@case
def scan_backwards(tf):
    x, feeds = matrix(tf)
    return Made(
        [
            tf.scan(lambda a, row: a + row * row, x, reverse=True),
            tf.scan(lambda a, row: a * 0.5 + row, x, tf.zeros([3]), reverse=True),
        ],
        feeds,
        [x],
    )


@case
def scan_of_whole_numbers(tf):
    fibonacci = tf.scan(lambda a, _: (a[1], a[0] + a[1]), tf.zeros([8]), initializer=(0, 1))
    return Made([fibonacci[0]])


# --------------------------------------------------------------------------------------- case


def three(tf):
    n = tf.placeholder(tf.int32, [], name="n")
    x, y, _, feeds = inputs(tf)
    pairs = [(n < 1, lambda: x * y), (n < 3, lambda: tf.sin(x)), (n < 5, lambda: x - y)]
    runs = [dict(feeds[0]) for _ in range(4)]
    for run, value in zip(runs, (0, 2, 4, 9)):
        run[n] = value
    return n, x, y, pairs, runs


@case
def case_with_a_default(tf):
    _, x, y, pairs, runs = three(tf)
    return Made([tf.case(pairs, default=lambda: y)], runs, [x, y])


@case
def case_without_a_default(tf):
    n, x, y, _, runs = three(tf)
    pairs = [(tf.equal(n, 0), lambda: x * y), (tf.equal(n, 2), lambda: tf.sin(x))]
    return Made([tf.case(pairs, exclusive=True, name="which")], runs[:2], [x, y])


@case
def case_of_exclusive_conditions(tf):
    n, x, y, _, runs = three(tf)
    pairs = {tf.equal(n, 0): lambda: x, tf.equal(n, 2): lambda: tf.exp(x)}
    return Made([tf.case(pairs, default=lambda: y * x, exclusive=True)], runs, [x, y])


@case
def case_of_several_results(tf):
    n, x, y, _, runs = three(tf)
    a, b = tf.case([(n < 1, lambda: (x, y)), (n < 3, lambda: (y, x))], lambda: (x * x, y * y))
    return Made([a, b], runs, [x, y])


# -------------------------------------------------------------------------------------- errors

error("array_without_a_size", "tf.TensorArray(tf.float32)", "Size must be provided")
error(
    "array_of_another_type",
    "sess.run(tf.TensorArray(tf.float32, 2).write(0, tf.constant(1)).stack())",
    "TensorArray dtype is",
    "but Op is trying to write dtype",
)
error(
    "array_of_another_shape",
    "tf.TensorArray(tf.float32, 2).write(0, [1.0]).write(1, [1.0, 2.0])",
    "Inconsistent shapes: saw (2,) but expected (1,)",
)
error(
    "array_written_twice",
    "sess.run(tf.TensorArray(tf.float32, 2).write(0, 1.0).write(0, 2.0).stack())",
    "Could not write to TensorArray index 0",
)
error(
    "array_written_outside",
    "sess.run(tf.TensorArray(tf.float32, 2).write(2, 1.0).stack())",
    "Tried to write to index 2 but array is not resizeable and size is: 2",
)
error(
    "array_read_outside",
    "sess.run(tf.TensorArray(tf.float32, 2).unstack([1.0, 2.0]).read(2))",
    "Tried to read from index 2 but array size is: 2",
)
error(
    "array_read_where_it_is_empty",
    "sess.run(tf.TensorArray(tf.float32, 2, infer_shape=False).read(1))",
    "Could not read from TensorArray index 1",
)
error("map_of_no_function", "tf.map_fn(1, [1.0])", "callable")
error("map_of_a_scalar", "tf.map_fn(lambda e: e, 1.0)", "not a scalar")
error("scan_of_no_function", "tf.scan(1, [1.0])", "callable")
error("foldl_of_no_function", "tf.foldl(1, [1.0])", "callable")
error("map_of_another_nesting", "tf.map_fn(lambda e: (e, e), tf.constant([1.0, 2.0]))", "structure")
error("case_of_no_pairs", "tf.case(1)", "list, tuple, or dict")
error("case_of_a_python_bool", "tf.case([(True, lambda: 1.0)])", "pred must be a Tensor")
error("case_of_numbers", "tf.case([(tf.constant(1), lambda: 1.0)])", "Tensor of type bool")
error("case_of_no_function", "tf.case([(tf.constant(True), 1.0)])", "must be callable")
error(
    "case_of_two_that_are_true",
    """
    t = tf.constant(True)
    sess.run(tf.case([(t, lambda: 1.0), (t, lambda: 2.0)], lambda: 3.0, exclusive=True))
    """,
    "more than 1 conditions",
)
error(
    "case_of_none_that_is_true",
    """
    f = tf.placeholder_with_default(False, [])
    sess.run(tf.case([(f, lambda: tf.constant(1.0)), (f, lambda: tf.constant(2.0))]))
    """,
    "None of conditions evaluated as True",
)
