"""Numbers are read and written in the opposite order: an encoder, a decoder that looks back at
what was read, and the same decoder on its own words."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib import seq2seq

rng = np.random.RandomState(1)
tf.set_random_seed(12)
WORDS, UNITS, TIME, GO, END = 6, 8, 4, 4, 5

sources = tf.placeholder(tf.int32, [None, TIME], name="sources")
lengths = tf.placeholder(tf.int32, [None], name="lengths")
targets = tf.placeholder(tf.int32, [None, TIME + 1], name="targets")
batch_size = tf.shape(sources)[0]

embedding = tf.get_variable("embedding", [WORDS, UNITS])
with tf.variable_scope("encoder"):
    read = tf.nn.embedding_lookup(embedding, sources)
    memory, encoded = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(UNITS), read, sequence_length=lengths, dtype=tf.float32
    )

projection = tf.layers.Dense(WORDS, name="projection")


def decode(helper, reuse=None, **options):
    with tf.variable_scope("decoding", reuse=reuse):
        mechanism = seq2seq.LuongAttention(UNITS, memory, memory_sequence_length=lengths)
        cell = seq2seq.AttentionWrapper(
            tf.nn.rnn_cell.GRUCell(UNITS), mechanism, attention_layer_size=UNITS
        )
        state = cell.zero_state(batch_size, tf.float32).clone(cell_state=encoded)
        decoder = seq2seq.BasicDecoder(cell, helper, state, output_layer=projection)
        return seq2seq.dynamic_decode(decoder, **options)


go = tf.fill([batch_size, 1], GO)
fed = tf.nn.embedding_lookup(embedding, tf.concat([go, targets[:, :-1]], 1))
outputs, _, _ = decode(seq2seq.TrainingHelper(fed, lengths + 1))
steps = tf.shape(outputs.rnn_output)[1]
weights = tf.sequence_mask(lengths + 1, steps, dtype=tf.float32)
loss = seq2seq.sequence_loss(outputs.rnn_output, targets[:, :steps], weights)
train = tf.train.AdamOptimizer(0.02).minimize(loss)
own = seq2seq.GreedyEmbeddingHelper(embedding, tf.fill([batch_size], GO), END)
answers, _, answer_lengths = decode(own, reuse=True, maximum_iterations=TIME + 1)

feed_lengths = np.array([4, 3, 4, 2, 4, 3])
numbers = rng.randint(0, 4, (6, TIME))
wanted = np.full((6, TIME + 1), END)
for row, length in enumerate(feed_lengths):
    wanted[row, :length] = numbers[row, :length][::-1]
feed = {sources: numbers, lengths: feed_lengths, targets: wanted}

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(8):
        losses.append(sess.run([loss, train], feed)[0])
    ids, long = sess.run([answers.sample_id, answer_lengths], feed)

RESULTS = {"losses": losses, "ids": ids, "lengths": long}
