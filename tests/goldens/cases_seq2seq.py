"""Cases of decoders, attention and sequences of words, under TensorFlow 1.15 and here; see
cases_recurrent.py."""

import textwrap

import numpy as np
from goldens.cases_control import Made
from goldens.cases_recurrent import flat

SEQ2SEQ = {}
SEQ2SEQ_ERRORS = {}


def case(function):
    name = function.__name__
    assert name not in SEQ2SEQ, name
    SEQ2SEQ[name] = function
    return function


def error(name, snippet, *fragments):
    assert name not in SEQ2SEQ_ERRORS, name
    SEQ2SEQ_ERRORS[name] = (textwrap.dedent(snippet).strip() + "\n", fragments)


def inputs(tf):
    """A sequence [batch, time, 3], a memory [batch, time, 4], and a feed of both."""
    rng = np.random.RandomState(6)
    x = tf.placeholder(tf.float32, [None, None, 3], name="x")
    memory = tf.placeholder(tf.float32, [None, None, 4], name="memory")
    return x, memory, {x: rng.uniform(-1, 1, (2, 4, 3)), memory: rng.uniform(-1, 1, (2, 5, 4))}


def decoded(tf, helper, feed, cell=None, state=None, xs=(), layer=None, **options):
    cell = cell or tf.nn.rnn_cell.GRUCell(3)
    state = cell.zero_state(2, tf.float32) if state is None else state
    decoder = tf.contrib.seq2seq.BasicDecoder(cell, helper, state, output_layer=layer)
    outputs, last, lengths = tf.contrib.seq2seq.dynamic_decode(decoder, **options)
    found = [outputs.rnn_output, outputs.sample_id, lengths]
    if not isinstance(last, tf.contrib.seq2seq.AttentionWrapperState):
        found += flat(last)
    return Made(found, [feed], [*xs, *tf.trainable_variables()])


def training_helper(tf, lengths=(4, 2)):
    x, memory, feed = inputs(tf)
    return x, memory, feed, tf.contrib.seq2seq.TrainingHelper(x, list(lengths))


@case
def decoding_in_training(tf):
    x, _, feed, helper = training_helper(tf)
    return decoded(tf, helper, feed, xs=[x])


@case
def decoding_with_zeros_behind_the_end(tf):
    x, _, feed, helper = training_helper(tf)
    return decoded(tf, helper, feed, xs=[x], impute_finished=True)


@case
def decoding_of_an_lstm_through_a_layer(tf):
    x, _, feed, helper = training_helper(tf)
    cell = tf.nn.rnn_cell.LSTMCell(3)
    return decoded(tf, helper, feed, cell, xs=[x], layer=tf.layers.Dense(2, use_bias=False),
                   output_time_major=True)  # fmt: skip


@case
def decoding_with_a_limit(tf):
    x, _, feed, helper = training_helper(tf)
    return decoded(tf, helper, feed, xs=[x], maximum_iterations=2)


@case
def decoding_of_its_own_words(tf):
    table = tf.get_variable("table", [5, 3])
    helper = tf.contrib.seq2seq.GreedyEmbeddingHelper(table, tf.fill([2], 1), 2)
    made = decoded(tf, helper, {}, layer=tf.layers.Dense(5), maximum_iterations=6)
    return made._replace(xs=[])


@case
def decoding_by_functions(tf):
    _, _, feed, _ = training_helper(tf)
    helper = tf.contrib.seq2seq.CustomHelper(
        lambda: (tf.fill([2], False), tf.zeros([2, 3])),
        lambda time, outputs, state: tf.cast(tf.argmax(outputs, 1), tf.int32),
        lambda time, outputs, state, sample_ids: (tf.fill([2], time > 1), outputs * 2.0, state),
    )
    return decoded(tf, helper, feed)


def attentive(tf, mechanism, lengths=None, cell_options=None, **options):
    x, memory, feed, helper = training_helper(tf)
    made = getattr(tf.contrib.seq2seq, mechanism)(3, memory, lengths, **options)
    cell = tf.contrib.seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.GRUCell(3), made, **(cell_options or {"attention_layer_size": 3})
    )
    return decoded(tf, helper, feed, cell, xs=[x, memory])


@case
def bahdanau_attention(tf):
    return attentive(tf, "BahdanauAttention")


@case
def bahdanau_attention_with_lengths(tf):
    return attentive(tf, "BahdanauAttention", [3, 5])


@case
def bahdanau_attention_normalized(tf):
    return attentive(tf, "BahdanauAttention", [3, 5], normalize=True)


@case
def luong_attention(tf):
    return attentive(tf, "LuongAttention", [5, 4])


@case
def luong_attention_scaled(tf):
    return attentive(tf, "LuongAttention", scale=True)


@case
def attention_that_puts_out_the_cell(tf):
    return attentive(
        tf, "LuongAttention", None, {"output_attention": False, "attention_layer_size": 2}
    )


@case
def attention_from_a_state(tf):
    x, memory, feed, helper = training_helper(tf)
    mechanism = tf.contrib.seq2seq.BahdanauAttention(3, memory, [5, 2])
    cell = tf.contrib.seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.BasicLSTMCell(3), mechanism, attention_layer_size=3, alignment_history=True
    )
    start = tf.nn.rnn_cell.LSTMStateTuple(tf.ones([2, 3]), memory[:, 0, :3])
    state = cell.zero_state(2, tf.float32).clone(cell_state=start)
    decoder = tf.contrib.seq2seq.BasicDecoder(cell, helper, state)
    outputs, last, _ = tf.contrib.seq2seq.dynamic_decode(decoder)
    found = [outputs.rnn_output, last.attention, last.alignments, last.cell_state.c]
    return Made([*found, last.time, last.alignment_history.stack()], [feed], [x, memory])


@case
def attention_in_a_dynamic_network(tf):
    x, memory, feed = inputs(tf)
    mechanisms = [
        tf.contrib.seq2seq.BahdanauAttention(3, memory),
        tf.contrib.seq2seq.LuongAttention(2, memory),
    ]
    cell = tf.contrib.seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.GRUCell(2), mechanisms, attention_layer_size=[3, 2]
    )
    outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    return Made([outputs, state.attention], [feed], [x, memory, *tf.trainable_variables()])


@case
def loss_of_sequences(tf):
    x, _, feed = inputs(tf)
    targets = tf.constant([[0, 2, 1, 1], [1, 0, 0, 2]])
    weights = tf.constant([[1.0, 0.5, 0.0, 0.0], [1.0, 1.0, 2.0, 0.0]])
    loss = tf.contrib.seq2seq.sequence_loss
    ways = [
        {},
        {"average_across_timesteps": False},
        {"average_across_batch": False},
        {"average_across_timesteps": False, "average_across_batch": False},
        {
            "average_across_timesteps": False,
            "average_across_batch": False,
            "sum_over_timesteps": True,
            "sum_over_batch": True,
        },
    ]
    return Made([loss(x, targets, weights, **way) for way in ways], [feed], [x])


def words(tf):
    """Three words to read and four to write, of two sequences."""
    rng = np.random.RandomState(9)
    placeholders = [tf.placeholder(tf.int32, [None], name="w%d" % i) for i in range(7)]
    feed = {w: rng.randint(0, 5, 2) for w in placeholders}
    return placeholders[:3], placeholders[3:], feed


@case
def legacy_losses(tf):
    x, _, feed = inputs(tf)
    logits = [x[:, i] for i in range(2)]
    targets = [tf.constant([0, 2]), tf.constant([1, 1])]
    weights = [tf.constant([1.0, 0.5]), tf.constant([0.25, 0.0])]
    legacy = tf.contrib.legacy_seq2seq
    each = legacy.sequence_loss_by_example(logits, targets, weights)
    plain = legacy.sequence_loss_by_example(
        logits, targets, weights, average_across_timesteps=False
    )
    whole = legacy.sequence_loss(logits, targets, weights)
    return Made([each, plain, whole], [feed], [x])


@case
def legacy_basic(tf):
    x, _, feed = inputs(tf)
    steps = [x[:, i] for i in range(4)]
    found = tf.contrib.legacy_seq2seq.basic_rnn_seq2seq(
        steps[:2], steps[2:], tf.nn.rnn_cell.BasicLSTMCell(3)
    )
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


@case
def legacy_tied(tf):
    x, _, feed = inputs(tf)
    steps = [x[:, i] for i in range(4)]
    found = tf.contrib.legacy_seq2seq.tied_rnn_seq2seq(
        steps[:2], steps[2:], tf.nn.rnn_cell.GRUCell(3), loop_function=lambda previous, _: previous
    )
    return Made(flat(found), [feed], [x, *tf.trainable_variables()])


@case
def legacy_embedding(tf):
    read, written, feed = words(tf)
    found = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq(
        read, written, tf.nn.rnn_cell.BasicLSTMCell(3), 5, 6, 2
    )
    return Made(flat(found), [feed], tf.trainable_variables())


@case
def legacy_embedding_of_its_own_words(tf):
    read, written, feed = words(tf)
    found = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq(
        read, written, tf.nn.rnn_cell.GRUCell(3), 5, 6, 2, feed_previous=True
    )
    return Made(flat(found), [feed])


@case
def legacy_embedding_as_it_is_fed(tf):
    read, written, feed = words(tf)
    own = tf.placeholder(tf.bool, [], name="own")
    found = tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq(
        read, written, tf.nn.rnn_cell.GRUCell(3), 5, 6, 2, feed_previous=own
    )
    feeds = [dict(feed), dict(feed)]
    feeds[0][own], feeds[1][own] = True, False
    return Made([tf.identity(t, name="y%d" % i) for i, t in enumerate(flat(found))], feeds)


@case
def legacy_attention(tf):
    read, written, feed = words(tf)
    found = tf.contrib.legacy_seq2seq.embedding_attention_seq2seq(
        read, written, tf.nn.rnn_cell.GRUCell(3), 5, 6, 2, num_heads=2
    )
    return Made(flat(found), [feed], tf.trainable_variables())


@case
def legacy_attention_from_the_start(tf):
    read, written, feed = words(tf)
    found = tf.contrib.legacy_seq2seq.embedding_attention_seq2seq(
        read, written, tf.nn.rnn_cell.BasicLSTMCell(3), 5, 6, 2, initial_state_attention=True,
        feed_previous=True,
    )  # fmt: skip
    return Made(flat(found), [feed])


@case
def legacy_buckets(tf):
    read, written, feed = words(tf)
    legacy = tf.contrib.legacy_seq2seq
    weights = [tf.ones([2])] * 3
    outputs, losses = legacy.model_with_buckets(
        read, written, written[1:], weights, [(2, 2), (3, 3)],
        lambda a, b: legacy.embedding_rnn_seq2seq(a, b, tf.nn.rnn_cell.GRUCell(3, name="g"),
                                                  5, 6, 2),
    )  # fmt: skip
    return Made([*losses, outputs[1][2]], [feed], tf.trainable_variables())


# -------------------------------------------------------------------------------------- errors

CELL = "cell = tf.nn.rnn_cell.GRUCell(2)\n"
error("no_helper", CELL + "tf.contrib.seq2seq.BasicDecoder(cell, 1, None)", "must be a Helper")
error("no_decoder", "tf.contrib.seq2seq.dynamic_decode(1)", "to be type Decoder")
error(
    "tokens_that_are_no_vector",
    "tf.contrib.seq2seq.GreedyEmbeddingHelper(tf.zeros([3, 2]), 1, 2)",
    "start_tokens must be a vector",
)
error(
    "lengths_that_are_no_vector",
    "tf.contrib.seq2seq.TrainingHelper(tf.zeros([2, 3, 4]), 3)",
    "to be a vector",
)
error("no_mechanism", CELL + "tf.contrib.seq2seq.AttentionWrapper(cell, 1)", "AttentionMechanism")
error(
    "logits_of_another_rank",
    "tf.contrib.seq2seq.sequence_loss(tf.zeros([2, 3]), tf.zeros([2, 3]), tf.zeros([2, 3]))",
    "Logits must be a",
)
error(
    "lists_of_other_lengths",
    "tf.contrib.legacy_seq2seq.sequence_loss_by_example([1.0], [1, 2], [1.0])",
    "must be the same",
)
