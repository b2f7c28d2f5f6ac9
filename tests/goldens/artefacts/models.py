"""The training graphs of the artefacts, for TensorFlow 1.15. Each returns its loss and train ops.

A model is fed ``x`` and ``y``; it is small, and written as people wrote them.
"""

import tensorflow as tf


def inputs(features, classes, name="x"):
    x = tf.placeholder(tf.float32, [None, *features], name=name)
    y = tf.placeholder(tf.float32, [None, classes], name="y")
    return x, y


def cross_entropy(logits, y):
    losses = tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits)
    return tf.reduce_mean(losses, name="loss")


def linear_sgd():
    x, y = inputs([4], 1)
    w = tf.Variable(tf.random_normal([4, 1], seed=1), name="w")
    b = tf.Variable(tf.zeros([1]), name="b")
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y), name="loss")
    return loss, [tf.train.GradientDescentOptimizer(0.05).minimize(loss, name="train")]


def softmax_adam():
    x, y = inputs([6], 3)
    w = tf.Variable(tf.zeros([6, 3]), name="W")
    b = tf.Variable(tf.zeros([3]), name="b")
    p = tf.nn.softmax(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(-tf.reduce_sum(y * tf.log(p), reduction_indices=[1]), name="loss")
    return loss, [tf.train.AdamOptimizer(0.01).minimize(loss)]


def mlp_momentum_decay():
    x, y = inputs([5], 3)
    keep = tf.placeholder_with_default(1.0, [], name="keep")
    h = x
    for i, size in enumerate([8, 6]):
        with tf.variable_scope("layer%d" % i):
            w = tf.get_variable("w", [int(h.shape[1]), size])
            b = tf.get_variable("b", [size], initializer=tf.zeros_initializer())
            h = tf.nn.relu(tf.matmul(h, w) + b)
            tf.summary.histogram("h", h)
    h = tf.nn.dropout(h, keep_prob=keep)
    loss = cross_entropy(tf.layers.dense(h, 3, name="out"), y)
    tf.summary.scalar("loss_summary", loss)
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 2, 0.9, staircase=True, name="rate")
    optimizer = tf.train.MomentumOptimizer(rate, 0.9)
    return loss, [optimizer.minimize(loss, global_step=step, name="train")]


def batch_norm():
    x, y = inputs([6, 6, 1], 2)
    training = tf.placeholder_with_default(True, [], name="training")
    h = tf.layers.conv2d(x, 4, 3, padding="same", activation=tf.nn.relu)
    h = tf.layers.batch_normalization(h, training=training)
    h = tf.layers.max_pooling2d(h, 2, 2)
    loss = cross_entropy(tf.layers.dense(tf.layers.flatten(h), 2), y)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return loss, [tf.train.GradientDescentOptimizer(0.05).minimize(loss, name="train")]


def conv_average():
    x, y = inputs([8, 8, 1], 3)
    h = tf.layers.conv2d(x, 3, 3, strides=2, padding="same", activation=tf.nn.elu)
    h = tf.nn.lrn(h, 2, 1.0, 0.1, 0.75)
    h = tf.nn.avg_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    loss = cross_entropy(tf.layers.dense(tf.layers.flatten(h), 3), y)
    step = tf.train.get_or_create_global_step()
    train = tf.train.RMSPropOptimizer(0.01).minimize(loss, global_step=step)
    average = tf.train.ExponentialMovingAverage(0.9, step)
    with tf.control_dependencies([train]):
        return loss, [tf.group(average.apply(tf.trainable_variables()), name="train")]


def gan():
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    z = tf.placeholder(tf.float32, [None, 2], name="y")

    def generator(z):
        with tf.variable_scope("gen"):
            return tf.layers.dense(tf.layers.dense(z, 5, tf.nn.leaky_relu), 4)

    def discriminator(x, reuse):
        with tf.variable_scope("disc", reuse=reuse):
            return tf.layers.dense(tf.layers.dense(x, 6, tf.nn.tanh), 1)

    fake = generator(z)
    real_logits, fake_logits = discriminator(x, False), discriminator(fake, True)

    def bce(logits, value):
        labels = value * tf.ones_like(logits)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))

    d_loss = bce(real_logits, 0.9) + bce(fake_logits, 0.0)
    g_loss = bce(fake_logits, 1.0)
    loss = tf.add(d_loss, g_loss, name="loss")
    disc = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "disc")
    gen = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "gen")
    d_train = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(
        d_loss, var_list=disc, name="d_train"
    )
    g_train = tf.train.AdamOptimizer(0.02, beta1=0.5).minimize(g_loss, var_list=gen, name="g_train")
    return loss, [d_train, g_train]


def partitioned_ftrl():
    x, y = inputs([6], 2)
    w = tf.get_variable("w", [6, 2], partitioner=tf.fixed_size_partitioner(3))
    loss = cross_entropy(tf.matmul(x, tf.convert_to_tensor(w)), y)
    return loss, [tf.train.FtrlOptimizer(0.1).minimize(loss, name="train")]


def sharded():
    x, y = inputs([4], 2)
    with tf.device("/job:localhost/replica:0/task:0/device:CPU:0"):
        w = tf.Variable(tf.random_normal([4, 2], seed=2), name="w")
    b = tf.Variable(tf.zeros([2]), name="b")
    loss = cross_entropy(tf.nn.xw_plus_b(x, w, b), y)
    return loss, [tf.train.AdadeltaOptimizer(1.0).minimize(loss, name="train")]


def first_version():
    x, y = inputs([4], 2)
    w = tf.Variable(tf.random_normal([4, 2], seed=3), name="w")
    loss = cross_entropy(tf.matmul(x, w), y)
    return loss, [tf.train.AdagradOptimizer(0.1).minimize(loss, name="train")]


def resource_adam():
    x, y = inputs([5], 3)
    with tf.variable_scope("net", use_resource=True):
        h = tf.layers.dense(x, 7, tf.nn.sigmoid)
        loss = cross_entropy(tf.layers.dense(h, 3), y)
        optimizer = tf.train.AdamOptimizer(0.02)
        pairs = optimizer.compute_gradients(loss)
        gradients, variables = zip(*pairs)
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        return loss, [optimizer.apply_gradients(zip(gradients, variables), name="train")]


def static_lstm():
    x, y = inputs([4, 3], 2)
    cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    outputs, _ = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
    loss = cross_entropy(tf.layers.dense(outputs[-1], 2), y)
    return loss, [tf.train.RMSPropOptimizer(0.01, momentum=0.5).minimize(loss, name="train")]


def dynamic_lstm():
    x, y = inputs([5, 3], 2)
    cell = tf.nn.rnn_cell.LSTMCell(4)
    outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    loss = cross_entropy(tf.layers.dense(outputs[:, -1], 2) + 0.1 * state.c[:, :2], y)
    return loss, [tf.train.AdamOptimizer(0.02).minimize(loss, name="train")]


def dynamic_gru():
    x = tf.placeholder(tf.int32, [None, 6], name="x")
    y = tf.placeholder(tf.float32, [None, 2], name="y")
    lengths = tf.reduce_sum(tf.sign(x), 1)
    table = tf.get_variable("embedding", [9, 3])
    cell = tf.nn.rnn_cell.GRUCell(4)
    embedded = tf.nn.embedding_lookup(table, x)
    _, state = tf.nn.dynamic_rnn(cell, embedded, lengths, dtype=tf.float32)
    loss = cross_entropy(tf.layers.dense(state, 2), y)
    return loss, [tf.train.AdagradOptimizer(0.1).minimize(loss, name="train")]


def branches():
    x, y = inputs([3], 2)
    w = tf.get_variable("w", [3, 2])
    logits = tf.matmul(x, w)
    scaled = tf.cond(tf.reduce_mean(logits) > 0, lambda: logits * 2.0, lambda: tf.nn.relu(-logits))
    count = tf.while_loop(
        lambda i, v: i < 3, lambda i, v: (i + 1, tf.tanh(v) + x[:, :2]), (0, scaled)
    )[1]
    loss = cross_entropy(count, y)
    return loss, [tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")]


def nested_loops():
    x, y = inputs([3], 2)
    w = tf.get_variable("w", [3, 3])
    fast = tf.placeholder_with_default(True, [], name="fast")

    def inner(h):
        def step(j, g):
            return j + 1, tf.cond(j > 0, lambda: tf.tanh(tf.matmul(g, w)), lambda: g * 1.5)

        return tf.while_loop(lambda j, g: j < 2, step, (0, h))[1]

    _, h = tf.while_loop(lambda i, h: i < 3, lambda i, h: (i + 1, inner(h) + x), (0, x))
    h = tf.cond(fast, lambda: h, lambda: inner(h) * 2.0)
    loss = cross_entropy(tf.layers.dense(h, 2), y)
    return loss, [tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")]


def map_and_scan():
    x, y = inputs([3], 2)
    w = tf.get_variable("w", [3, 2])
    rows = tf.map_fn(lambda row: tf.reduce_sum(row[:, None] * w, 0), x)
    sums = tf.scan(lambda total, row: total * 0.5 + row, rows)
    loss = cross_entropy(sums, y)
    return loss, [tf.train.AdagradOptimizer(0.1).minimize(loss, name="train")]


def functions():
    """Conditions and loops of the second kind: they call functions, and so do their gradients."""
    x, y = inputs([3], 2)
    tf.enable_control_flow_v2()
    try:
        with tf.variable_scope("m", use_resource=True):
            w = tf.get_variable("w", [3, 2])
            u = tf.get_variable("u", [2, 2])
        h = tf.matmul(x, w)

        def turn(i, h):
            return i + 1, tf.tanh(tf.matmul(h, u)) + h

        _, h = tf.while_loop(lambda i, h: i < 3, turn, [0, h])
        large = tf.reduce_sum(h) > 0.0
        h = tf.cond(large, lambda: h * 2.0, lambda: tf.matmul(h, u) - 1.0)
        loss = tf.reduce_mean(tf.square(h - y), name="loss")
        return loss, [tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss, name="train")]
    finally:
        tf.disable_control_flow_v2()


def block_cells():
    """Recurrent cells that are one operation each: a fused LSTM, an LSTM with peepholes, a GRU."""
    x, y = inputs([4, 3], 2)
    rnn = tf.contrib.rnn
    fused, _ = rnn.LSTMBlockFusedCell(5, cell_clip=0.4)(
        tf.transpose(x, [1, 0, 2]), dtype=tf.float32, sequence_length=None
    )
    steps = tf.unstack(x, axis=1)
    cell = rnn.LSTMBlockCell(4, use_peephole=True)
    peeping, _ = tf.nn.static_rnn(cell, steps, dtype=tf.float32, scope="peeping")
    gru, _ = tf.nn.static_rnn(rnn.GRUBlockCellV2(3), steps, dtype=tf.float32, scope="gru")
    last = tf.concat([fused[-1], peeping[-1], gru[-1]], 1)
    loss = cross_entropy(tf.layers.dense(last, 2), y)
    return loss, [tf.train.AdamOptimizer(0.05).minimize(loss, name="train")]


MODELS = {
    make.__name__: make
    for make in (
        linear_sgd,
        softmax_adam,
        mlp_momentum_decay,
        batch_norm,
        conv_average,
        gan,
        partitioned_ftrl,
        sharded,
        first_version,
        resource_adam,
        static_lstm,
        dynamic_lstm,
        dynamic_gru,
        branches,
        nested_loops,
        map_and_scan,
        functions,
        block_cells,
    )
}
