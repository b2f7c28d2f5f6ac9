"""A network over characters with two layers and dropout, whose state goes on from batch to batch;
afterwards it writes a text of its own."""

import numpy as np
import tensorflow as tf

TEXT = "the cat sat on the mat and the rat sat on the hat " * 4
CHARS = sorted(set(TEXT))
TO_ID = {c: i for i, c in enumerate(CHARS)}
BATCH, STEPS, UNITS = 2, 8, 12
np.random.seed(3)


class CharRNN:
    def __init__(self, training=True):
        tf.set_random_seed(4)
        batch, steps = (BATCH, STEPS) if training else (1, 1)
        self.inputs = tf.placeholder(tf.int32, [batch, steps], name="inputs")
        self.targets = tf.placeholder(tf.int32, [batch, steps], name="targets")
        self.keep = tf.placeholder_with_default(1.0, [], name="keep")
        cells = [self.cell() for _ in range(2)]
        self.cell = tf.nn.rnn_cell.MultiRNNCell(cells, state_is_tuple=True)
        self.initial_state = self.cell.zero_state(batch, tf.float32)
        with tf.variable_scope("rnnlm", reuse=not training):
            softmax_w = tf.get_variable("softmax_w", [UNITS, len(CHARS)])
            softmax_b = tf.get_variable("softmax_b", [len(CHARS)])
            embedding = tf.get_variable("embedding", [len(CHARS), UNITS])
            embedded = tf.nn.embedding_lookup(embedding, self.inputs)
            outputs, self.final_state = tf.nn.dynamic_rnn(
                self.cell, embedded, initial_state=self.initial_state
            )
        flat = tf.reshape(outputs, [-1, UNITS])
        self.logits = tf.matmul(flat, softmax_w) + softmax_b
        self.probabilities = tf.nn.softmax(self.logits)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.reshape(self.targets, [-1]), logits=self.logits
        )
        self.cost = tf.reduce_mean(loss)
        if training:
            tvars = tf.trainable_variables()
            grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), 5.0)
            optimizer = tf.train.AdamOptimizer(0.05)
            self.train_op = optimizer.apply_gradients(zip(grads, tvars))

    def cell(self):
        cell = tf.nn.rnn_cell.BasicLSTMCell(UNITS)
        return tf.nn.rnn_cell.DropoutWrapper(cell, output_keep_prob=self.keep)


ids = np.array([TO_ID[c] for c in TEXT], np.int32)
rows = ids[: BATCH * STEPS * 8].reshape(BATCH, -1)
model, sampler = CharRNN(), CharRNN(training=False)
costs, text = [], "the "
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    state = sess.run(model.initial_state)
    for step in range(8):
        x = rows[:, step * STEPS : (step + 1) * STEPS]
        feed = {model.inputs: x, model.targets: np.roll(x, -1, 1)}
        for i, (c, h) in enumerate(model.initial_state):
            feed[c], feed[h] = state[i].c, state[i].h
        cost, state, _ = sess.run([model.cost, model.final_state, model.train_op], feed)
        costs.append(cost)
    state = sess.run(sampler.initial_state)
    for char in text:
        feed = {sampler.inputs: [[TO_ID[char]]], sampler.initial_state: state}
        found, state = sess.run([sampler.probabilities, sampler.final_state], feed)
    for _ in range(6):
        char = CHARS[int(np.argmax(found))]
        text += char
        feed = {sampler.inputs: [[TO_ID[char]]], sampler.initial_state: state}
        found, state = sess.run([sampler.probabilities, sampler.final_state], feed)

RESULTS = {"costs": costs, "text": text, "last": found}
