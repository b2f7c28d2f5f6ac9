"""The script of a learner's question: how can the weights of a recurrent cell be reached and set?

Deep Q-learning with a recurrent network and target weights that follow the live ones slowly. The
weights are looked up in the graph, as the answers say, and the target weights are fed in their
place for the run that computes the targets; the same for every kind of cell, unrolled and in a loop.
"""

import numpy as np
import tensorflow as tf

STEPS, INPUTS, UNITS, ACTIONS = 4, 3, 5, 2

tf.set_random_seed(5)
random = np.random.RandomState(5)
cells = [
    ("rnn", lambda: tf.nn.rnn_cell.BasicRNNCell(UNITS)),
    ("basic", lambda: tf.nn.rnn_cell.BasicLSTMCell(UNITS)),
    ("peepholes", lambda: tf.nn.rnn_cell.LSTMCell(UNITS, use_peepholes=True)),
    ("gru", lambda: tf.nn.rnn_cell.GRUCell(UNITS)),
    (
        "stacked",
        lambda: tf.nn.rnn_cell.MultiRNNCell(
            [tf.nn.rnn_cell.BasicLSTMCell(UNITS), tf.nn.rnn_cell.GRUCell(UNITS)]
        ),
    ),
]

input = tf.placeholder(tf.float32, shape=[None, STEPS, INPUTS], name="input")
target = tf.placeholder(tf.float32, [None, ACTIONS], name="target")


def network(name, make, unrolled):
    """Q values of the last step, a loss, and an operation that trains this network alone."""
    scope_name = name + ("_unrolled" if unrolled else "_looped")
    first = tf.random_uniform_initializer(-0.5, 0.5, seed=1)
    with tf.variable_scope(scope_name, initializer=first) as scope:
        if unrolled:
            steps = tf.unstack(input, STEPS, axis=1)
            outputs, _ = tf.nn.static_rnn(make(), steps, dtype=tf.float32)
            last = outputs[-1]
        else:
            outputs, _ = tf.nn.dynamic_rnn(make(), input, dtype=tf.float32)
            last = outputs[:, -1]
        weights = tf.get_variable("weights", [UNITS, ACTIONS])
        bias = tf.get_variable("bias", [ACTIONS], initializer=tf.constant_initializer(0.1))
        output = tf.matmul(last, weights) + bias
    loss = tf.reduce_mean(tf.square(output - target), name=name + "_loss")
    variables = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=scope.name + "/")
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss, var_list=variables)
    return variables, output, loss, train


networks = [
    (name + ("_unrolled" if unrolled else "_looped"), network(name, make, unrolled))
    for name, make in cells
    for unrolled in (True, False)
]

RESULTS = {}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for name, (variables, output, loss, train) in networks:
        target_weights = sess.run(variables)
        losses = []
        for step in range(4):
            states = random.uniform(-1.0, 1.0, [3, STEPS, INPUTS])
            next_states = random.uniform(-1.0, 1.0, [3, STEPS, INPUTS])
            rewards = random.uniform(0.0, 1.0, [3, 1])
            # Here the weights are explicitly set to be the slowly updated target weights.
            feed = dict(zip(variables, target_weights))
            feed[input] = next_states
            targets = rewards + 0.9 * sess.run(output, feed_dict=feed).max(axis=1, keepdims=True)
            # Now the learning procedure, with the live weights and these targets.
            feed = {input: states, target: np.repeat(targets, ACTIONS, axis=1)}
            losses.append(sess.run([loss, train], feed_dict=feed)[0])
            live = sess.run(variables)
            target_weights = [0.8 * old + 0.2 * new for old, new in zip(target_weights, live)]
        probe = {input: np.full([1, STEPS, INPUTS], 0.5)}
        by_name = {v.name: value for v, value in zip(variables, target_weights)}
        by_name["input:0"] = probe[input]
        RESULTS[name + " variables"] = [[v.op.name, v.shape.as_list()] for v in variables]
        RESULTS[name + " losses"] = losses
        RESULTS[name + " live"] = sess.run(output, feed_dict=probe)
        RESULTS[name + " with target weights"] = sess.run(output, feed_dict=by_name)
        RESULTS[name + " live again"] = sess.run(output, feed_dict=probe)
RESULTS["all"] = [v.name for v in tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)]
