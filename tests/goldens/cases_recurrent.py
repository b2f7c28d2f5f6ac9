"""Cases of recurrent networks, under TensorFlow 1.15 and here; see cases_control.py.

Their weights are those of the seed, so that the numbers show how many operations there are too.
"""

import textwrap

import numpy as np
from goldens.cases_control import Made

RECURRENT = {}
RECURRENT_ERRORS = {}


def case(function):
    name = function.__name__
    assert name not in RECURRENT, name
    RECURRENT[name] = function
    return function


def error(name, snippet, *fragments):
    assert name not in RECURRENT_ERRORS, name
    head = "cell = tf.nn.rnn_cell.BasicRNNCell(3)\nx = tf.placeholder(tf.float32, [2, 4, 3])\n"
    RECURRENT_ERRORS[name] = (head + textwrap.dedent(snippet).strip() + "\n", fragments)


def sequences(tf, batch=None, time=None, size=3, dtype="float32"):
    """A placeholder [batch, time, size], and a feed of it."""
    x = tf.placeholder(dtype, [batch, time, size], name="x")
    values = np.random.RandomState(2).uniform(-1.0, 1.0, (2, 4, size))
    return x, {x: values.astype(dtype)}


def flat(structure):
    if isinstance(structure, (list, tuple)):
        return [value for item in structure for value in flat(item)]
    return [structure]


def dynamic(tf, cell, lengths=None, **options):
    """The outputs and states of a dynamic network, with the slopes of input and weights."""
    x, feed = sequences(tf)
    found = tf.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32, **options)
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


def unrolled(tf, cell, lengths=None):
    """The same of a static one."""
    x, feed = sequences(tf, time=4)
    steps = tf.unstack(x, axis=1)
    found = tf.nn.static_rnn(cell, steps, sequence_length=lengths, dtype=tf.float32)
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


def trained(tf, network, optimizer=None):
    """Five steps of training of a network's last output, with a layer made after the network."""
    x, feed = sequences(tf, time=4)
    logits = tf.layers.dense(network(x), 3)
    loss = tf.losses.sparse_softmax_cross_entropy([0, 2], logits)
    optimizer = optimizer or tf.train.GradientDescentOptimizer(0.5)
    train = optimizer.minimize(loss)
    with tf.control_dependencies([train]):
        done = tf.constant(1) + 0
    return Made([loss, done], [feed] * 5)


CELLS = {
    "basic_rnn": lambda cells: cells.BasicRNNCell(3),
    "basic_lstm": lambda cells: cells.BasicLSTMCell(3),
    "gru": lambda cells: cells.GRUCell(3),
    "lstm": lambda cells: cells.LSTMCell(3),
}


def of_each_cell(name, make):
    """A case for each of the four cells."""
    for kind, cell in CELLS.items():

        def build(tf, cell=cell):
            return make(tf, cell(tf.nn.rnn_cell))

        build.__name__ = "%s_of_%s" % (name, kind)
        case(build)


of_each_cell("dynamic", dynamic)
of_each_cell("dynamic_with_lengths", lambda tf, cell: dynamic(tf, cell, [4, 2]))
of_each_cell("static", unrolled)
of_each_cell("static_with_lengths", lambda tf, cell: unrolled(tf, cell, [1, 3]))
of_each_cell(
    "training",
    lambda tf, cell: trained(tf, lambda x: tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)[0][:, -1]),
)
of_each_cell(
    "static_training",
    lambda tf, cell: trained(
        tf, lambda x: tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)[0][-1]
    ),
)


@case
def cell_called_twice(tf):
    x, feed = sequences(tf, batch=2, time=4)
    cell = tf.nn.rnn_cell.BasicLSTMCell(3, forget_bias=0.5, activation=tf.nn.relu)
    state = cell.zero_state(2, tf.float32)
    first, state = cell(x[:, 0], state)
    second, state = cell(x[:, 1], state)
    assert state.dtype == tf.float32
    return Made([first, second, state.c, state.h], [feed], [x, *cell.trainable_variables])


@case
def cell_in_a_scope_that_is_reused(tf):
    x, feed = sequences(tf, batch=2, time=4)
    state = tf.zeros([2, 3])
    outputs = []
    for time in range(2):
        with tf.variable_scope("net", reuse=time > 0):
            output, state = tf.nn.rnn_cell.GRUCell(3)(x[:, time], state)
            outputs.append(output)
    return Made(outputs, [feed], [x, *tf.trainable_variables()])


@case
def states_side_by_side(tf):
    cells = tf.nn.rnn_cell
    both = cells.MultiRNNCell(
        [cells.BasicLSTMCell(3, state_is_tuple=False), cells.LSTMCell(2, state_is_tuple=False)],
        state_is_tuple=False,
    )
    return dynamic(tf, both)


@case
def lstm_with_everything(tf):
    cell = tf.nn.rnn_cell.LSTMCell(
        4,
        use_peepholes=True,
        cell_clip=0.4,
        initializer=tf.random_uniform_initializer(-1.0, 1.0),
        num_proj=2,
        proj_clip=0.2,
        forget_bias=0.5,
        activation=tf.sigmoid,
    )
    return dynamic(tf, cell, [3, 4])


@case
def lstm_cut_into_parts(tf):
    return unrolled(tf, tf.nn.rnn_cell.LSTMCell(4, num_proj=2, num_unit_shards=2))


@case
def gru_with_initializers(tf):
    cell = tf.nn.rnn_cell.GRUCell(
        3,
        activation=tf.nn.relu,
        kernel_initializer=tf.orthogonal_initializer(),
        bias_initializer=tf.constant_initializer(0.25),
        name="gate",
    )
    return dynamic(tf, cell)


@case
def three_layers(tf):
    cells = tf.nn.rnn_cell
    layers = [cells.BasicLSTMCell(3), cells.GRUCell(4), cells.BasicRNNCell(2)]
    return dynamic(tf, cells.MultiRNNCell(layers), [2, 4])


@case
def three_layers_unrolled(tf):
    cells = tf.nn.rnn_cell
    layers = [cells.BasicLSTMCell(3), cells.GRUCell(4), cells.BasicRNNCell(2)]
    return unrolled(tf, cells.MultiRNNCell(layers))


@case
def the_same_cell_in_two_layers(tf):
    cell = tf.nn.rnn_cell.BasicLSTMCell(3)
    return dynamic(tf, tf.nn.rnn_cell.MultiRNNCell([cell] * 2))


@case
def training_of_two_layers_with_dropout(tf):
    def network(x):
        cells = [
            tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.BasicLSTMCell(3), output_keep_prob=0.5)
            for _ in range(2)
        ]
        cell = tf.nn.rnn_cell.MultiRNNCell(cells)
        return tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)[0][-1]

    return trained(tf, network, tf.train.AdamOptimizer(0.01))


@case
def dropout_with_a_seed(tf):
    cell = tf.nn.rnn_cell.DropoutWrapper(
        tf.nn.rnn_cell.BasicLSTMCell(3),
        input_keep_prob=0.7,
        output_keep_prob=0.6,
        state_keep_prob=0.8,
        seed=5,
    )
    return unrolled(tf, cell)


@case
def dropout_that_is_fed(tf):
    keep = tf.placeholder_with_default(0.5, [], name="keep")
    cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.BasicRNNCell(3), output_keep_prob=keep)
    made = unrolled(tf, cell)
    whole = dict(made.feeds[0])
    whole[keep] = 1.0
    return made._replace(feeds=[*made.feeds, whole])


@case
def dropout_of_the_same_elements(tf):
    cell = tf.nn.rnn_cell.DropoutWrapper(
        tf.nn.rnn_cell.BasicLSTMCell(3),
        input_keep_prob=0.7,
        output_keep_prob=0.6,
        state_keep_prob=0.8,
        variational_recurrent=True,
        input_size=3,
        dtype=tf.float32,
        seed=3,
    )
    return dynamic(tf, cell)


@case
def residual_layers(tf):
    cells = tf.nn.rnn_cell
    layers = [
        cells.ResidualWrapper(cells.GRUCell(3)),
        cells.ResidualWrapper(cells.BasicLSTMCell(3), residual_fn=lambda i, o: i * o),
        cells.DeviceWrapper(cells.BasicRNNCell(2), "/cpu:0"),
    ]
    return dynamic(tf, cells.MultiRNNCell(layers))


@case
def dynamic_along_the_first_axis(tf):
    x, feed = sequences(tf, batch=2, time=4)
    found = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(3), x, [2, 1, 2, 0], dtype=tf.float32, time_major=True
    )
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


@case
def dynamic_from_a_state(tf):
    x, feed = sequences(tf)
    c = tf.placeholder(tf.float32, [None, 3], name="c")
    h = tf.placeholder(tf.float32, [None, 3], name="h")
    start = tf.nn.rnn_cell.LSTMStateTuple(c, h)
    found = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(3), x, initial_state=start, scope="net")
    feed.update({c: [[0.1, -0.2, 0.3]] * 2, h: [[0.5, 0.25, -0.5]] * 2})
    return Made(flat(found), [feed], [x, c, h])


@case
def dynamic_from_a_zero_state_of_its_batch(tf):
    x, feed = sequences(tf)
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.LSTMCell(3), tf.nn.rnn_cell.GRUCell(2)])
    start = cell.zero_state(tf.shape(x)[0], tf.float32)
    known = cell.zero_state(5, tf.float32)
    found = tf.nn.dynamic_rnn(cell, x, initial_state=start)
    return Made(flat([found, start, known]), [feed], [x])


@case
def dynamic_in_float64(tf):
    x, feed = sequences(tf, dtype="float64")
    found = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(3), x, dtype=tf.float64)
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


@case
def dynamic_with_lengths_that_are_fed(tf):
    lengths = tf.placeholder(tf.int64, [None], name="lengths")
    made = dynamic(tf, tf.nn.rnn_cell.BasicLSTMCell(3), lengths)
    feeds = [dict(made.feeds[0]) for _ in range(3)]
    for feed, given in zip(feeds, ([4, 1], [0, 3], [0, 0])):
        feed[lengths] = given
    return made._replace(feeds=feeds)


@case
def dynamic_twice(tf):
    x, feed = sequences(tf)
    with tf.variable_scope("encoder"):
        first, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicRNNCell(3), x, dtype=tf.float32)
    with tf.variable_scope("decoder"):
        second, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), first, dtype=tf.float32)
    return Made([second, state], [feed], [x, *tf.trainable_variables()])


@case
def a_cell_of_ones_own(tf):
    class Cell(tf.nn.rnn_cell.RNNCell):
        @property
        def state_size(self):
            return (2, tf.TensorShape([2, 2]))

        @property
        def output_size(self):
            return 3

        def call(self, inputs, state):
            vector, matrix = state
            weights = tf.get_variable("weights", [3, 2])
            vector = tf.tanh(tf.matmul(inputs, weights) + vector)
            matrix = matrix * 0.5 + vector[:, :, tf.newaxis] * vector[:, tf.newaxis]
            output = tf.concat([vector, tf.reduce_sum(matrix, [1, 2])[:, tf.newaxis]], 1)
            return output, (vector, matrix)

    return dynamic(tf, Cell(), [3, 4])


@case
def a_cell_of_ones_own_in_the_old_way(tf):
    class Cell(tf.nn.rnn_cell.RNNCell):
        state_size = 3
        output_size = 3

        def __call__(self, inputs, state, scope=None):
            with tf.variable_scope(scope or type(self).__name__):
                output = tf.layers.dense(tf.concat([inputs, state], 1), 3, tf.tanh)
                return output, output

    return dynamic(tf, Cell())


def both_ways(tf, network, time=None, lengths=None):
    x, feed = sequences(tf, time=time)
    given = x if time is None else tf.unstack(x, axis=1)
    cells = [tf.nn.rnn_cell.BasicLSTMCell(3), tf.nn.rnn_cell.GRUCell(2)]
    found = network(cells[0], cells[1], given, sequence_length=lengths, dtype=tf.float32)
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


@case
def bidirectional(tf):
    return both_ways(tf, tf.nn.bidirectional_dynamic_rnn)


@case
def bidirectional_with_lengths(tf):
    return both_ways(tf, tf.nn.bidirectional_dynamic_rnn, lengths=[2, 4])


@case
def static_bidirectional(tf):
    return both_ways(tf, tf.nn.static_bidirectional_rnn, time=4)


@case
def static_bidirectional_with_lengths(tf):
    return both_ways(tf, tf.nn.static_bidirectional_rnn, time=4, lengths=[2, 4])


@case
def training_of_both_ways(tf):
    def network(x):
        outputs, _ = tf.nn.bidirectional_dynamic_rnn(
            tf.nn.rnn_cell.LSTMCell(3), tf.nn.rnn_cell.LSTMCell(3), x, dtype=tf.float32
        )
        return tf.concat(outputs, 2)[:, -1]

    return trained(tf, network)


@case
def a_loop_of_ones_own(tf):
    x, feed = sequences(tf, batch=2, time=4)
    steps = tf.TensorArray(tf.float32, 4).unstack(tf.transpose(x, [1, 0, 2]))
    cell = tf.nn.rnn_cell.BasicRNNCell(3)
    lengths = tf.constant([2, 4])

    def loop(time, output, state, loop_state):
        following = cell.zero_state(2, tf.float32) if output is None else state
        ended = time >= lengths
        given = tf.cond(tf.reduce_all(ended), lambda: tf.zeros([2, 3]), lambda: steps.read(time))
        return ended, given, following, output, None

    array, state, _ = tf.nn.raw_rnn(cell, loop)
    return Made([array.stack(), state], [feed], [x, *tf.trainable_variables()])


# ---------------------------------------------------------------------------------- tf.contrib.rnn


@case
def projected_outputs(tf):
    cell = tf.contrib.rnn.OutputProjectionWrapper(tf.nn.rnn_cell.GRUCell(3), 2)
    return dynamic(tf, cell)


@case
def projected_inputs(tf):
    cell = tf.contrib.rnn.InputProjectionWrapper(tf.nn.rnn_cell.GRUCell(3), 2, tf.tanh)
    return unrolled(tf, cell)


@case
def embedded_inputs(tf):
    words = tf.placeholder(tf.int32, [2, None], name="words")
    cell = tf.contrib.rnn.EmbeddingWrapper(tf.nn.rnn_cell.BasicLSTMCell(3), 5, 2)
    outputs, state = tf.nn.static_rnn(cell, [words[:, 0], words[:, 1]], dtype=tf.float32)
    return Made(flat([outputs, state]), [{words: [[0, 3], [4, 3]]}], tf.trainable_variables()[1:])


@case
def block_cell(tf):
    made = unrolled(tf, tf.contrib.rnn.LSTMBlockCell(3, forget_bias=0.5, use_peephole=True))
    named = [tf.identity(t, name="y%d" % i) for i, t in enumerate(made.fetches)]
    return made._replace(fetches=named)


def stacked(tf, network, time=None):
    cells = [[tf.contrib.rnn.GRUCell(size) for size in (3, 2)] for _ in range(2)]
    return both_ways(
        tf, lambda _, __, x, **options: network(cells[0], cells[1], x, **options), time, [4, 2]
    )


@case
def stack_of_both_ways(tf):
    return stacked(tf, tf.contrib.rnn.stack_bidirectional_dynamic_rnn)


@case
def static_stack_of_both_ways(tf):
    return stacked(tf, tf.contrib.rnn.stack_bidirectional_rnn, 4)


# -------------------------------------------------------------------------------------- errors

error("no_cell", "tf.nn.dynamic_rnn(1, x, dtype=tf.float32)", "is not an RNNCell")
error("no_cell_in_a_static_one", "tf.nn.static_rnn(1, [x[0]])", "is not an RNNCell")
error("no_dtype", "tf.nn.dynamic_rnn(cell, x)", "you must give a dtype")
error("no_dtype_in_a_static_one", "tf.nn.static_rnn(cell, [x[:, 0]])", "dtype must be specified")
error("no_list", "tf.nn.static_rnn(cell, x, dtype=tf.float32)", "must be a sequence")
error("an_empty_list", "tf.nn.static_rnn(cell, [], dtype=tf.float32)", "must not be empty")
error(
    "lengths_that_are_no_vector",
    "tf.nn.dynamic_rnn(cell, x, [[1]], dtype=tf.float32)",
    "must be a vector",
)
error(
    "an_unknown_depth",
    "tf.nn.dynamic_rnn(cell, tf.placeholder(tf.float32, [2, 4, None]), dtype=tf.float32)",
    "must be accessible via shape inference",
)
error(
    "lengths_of_another_number",
    """
    lengths = tf.placeholder(tf.int32, [None])
    y, _ = tf.nn.dynamic_rnn(cell, x, lengths, dtype=tf.float32)
    sess.run(tf.global_variables_initializer())
    sess.run(y, {x: np.zeros([2, 4, 3]), lengths: [1, 2, 3]})
    """,
    "Expected shape for Tensor",
)
error("no_cells", "tf.nn.rnn_cell.MultiRNNCell([])", "at least one cell")
error("cells_that_are_no_list", "tf.nn.rnn_cell.MultiRNNCell(cell)", "must be a list or tuple")
error(
    "tuples_of_states_that_are_no_tuple",
    "tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.LSTMCell(2)], state_is_tuple=False)",
    "Some cells return tuples of states",
)
error(
    "a_probability_that_is_none",
    "tf.nn.rnn_cell.DropoutWrapper(cell, 1.5)",
    "Parameter input_keep_prob must be between 0 and 1",
)
error(
    "the_same_elements_without_a_type",
    "tf.nn.rnn_cell.DropoutWrapper(cell, variational_recurrent=True)",
    "dtype must be provided",
)
error("whole_numbers", "cell(tf.zeros([2, 3], tf.int32), tf.zeros([2, 3], tf.int32))")
error(
    "whole_numbers_as_type",
    "tf.nn.rnn_cell.GRUCell(2, dtype=tf.int32)",
    "only supports floating point inputs",
)
error(
    "weights_that_are_there",
    """
    tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicRNNCell(3), x, dtype=tf.float32)
    """,
    "rnn/basic_rnn_cell/kernel already exists",
)
error("no_state_size", "tf.nn.rnn_cell.RNNCell().state_size", "Abstract")
