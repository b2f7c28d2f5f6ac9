"""Graphs of the gallery: small programs, each with what it shows.

`GRAPHS` maps a name to an `Entry`; its function takes the `tensorflow` module, builds the graph in
the default graph, and returns the fetch that is drawn, or the picture.
"""

import typing

import numpy as np

import graphscope as gs


class Entry(typing.NamedTuple):
    """A picture. title: of its section. build: makes the graph. options: those of `gs.draw`."""

    title: str
    build: typing.Callable
    options: dict


GRAPHS = {}


def entry(title, **options):
    """Add the decorated function; its docstring is what the picture shows."""

    def add(build):
        GRAPHS[build.__name__] = Entry(title, build, options)
        return build

    return add


@entry("Softmax regression")
def softmax(tf):
    """One training step: forward down the left, the gradient up the right, each operation beside
    its gradient. The variables and their updates are the rungs between."""
    x = tf.placeholder(tf.float32, [None, 784])
    W = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    y = tf.nn.softmax(tf.matmul(x, W) + b)
    y_ = tf.placeholder(tf.float32, [None, 10])
    loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
    train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))
    assert accuracy is not None
    return train_step


@entry("Two layers and Adam")
def perceptron(tf):
    """Name scopes are bands. What Adam keeps for each variable is in its update, and the counter of
    steps is written last."""
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    hidden = tf.layers.dense(x, 128, tf.nn.relu, name="hidden")
    logits = tf.layers.dense(hidden, 10, name="output")
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        )
    step = tf.train.get_or_create_global_step()
    return tf.train.AdamOptimizer(0.001).minimize(loss, global_step=step, name="train")


@entry("The same, with what Adam keeps", expand="optimizer")
def slots(tf):
    """`expand="optimizer"` shows the slots, the powers of the decay rates, and how they go on."""
    return perceptron(tf)


@entry("A convolutional network")
def convolutions(tf):
    """Two convolutions with pooling, dropout, two dense layers."""
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    labels = tf.placeholder(tf.float32, [None, 10], name="labels")
    pictures = tf.reshape(x, [-1, 28, 28, 1])
    h = tf.layers.conv2d(pictures, 32, 5, padding="same", activation=tf.nn.relu, name="conv1")
    h = tf.layers.max_pooling2d(h, 2, 2, name="pool1")
    h = tf.layers.conv2d(h, 64, 5, padding="same", activation=tf.nn.relu, name="conv2")
    h = tf.layers.max_pooling2d(h, 2, 2, name="pool2")
    h = tf.layers.dense(tf.reshape(h, [-1, 7 * 7 * 64]), 1024, tf.nn.relu, name="dense")
    keep = tf.placeholder_with_default(1.0, [], name="keep_prob")
    logits = tf.layers.dense(tf.nn.dropout(h, keep_prob=keep), 10, name="output")
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))
    return tf.train.AdamOptimizer(1e-4).minimize(loss, name="train")


def sequence(tf):
    return tf.placeholder(tf.float32, [16, 8, 4], name="x")


def trained(tf, outputs):
    labels = tf.placeholder(tf.int64, [16], name="labels")
    logits = tf.layers.dense(outputs, 3, name="output")
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    )
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")


@entry("An LSTM, unrolled")
def unrolled(tf):
    """`tf.nn.static_rnn` makes the cell eight times, with the same weights, all in one scope."""
    cell = tf.nn.rnn_cell.BasicLSTMCell(8)
    outputs, _ = tf.nn.static_rnn(cell, tf.unstack(sequence(tf), axis=1), dtype=tf.float32)
    return trained(tf, outputs[-1])


@entry("An LSTM, written out")
def written_out(tf):
    """Eight steps with the same weights: the first is open, those in the middle are a series."""
    x = tf.placeholder(tf.float32, [16, 8, 4], name="x")
    labels = tf.placeholder(tf.int64, [16], name="labels")
    kernel = tf.get_variable("kernel", [4 + 8, 32])
    bias = tf.get_variable("bias", [32])
    h = c = tf.zeros([16, 8])
    for step in tf.unstack(x, axis=1):
        with tf.name_scope("step"):
            gates = tf.matmul(tf.concat([step, h], 1), kernel) + bias
            i, j, f, o = tf.split(gates, 4, 1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
    logits = tf.layers.dense(h, 3, name="output")
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    )
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")


@entry("An LSTM in a loop")
def looped(tf):
    """`tf.nn.dynamic_rnn` makes it once, in a loop. The loop is one box, and so is its gradient."""
    cell = tf.nn.rnn_cell.BasicLSTMCell(8)
    outputs, _ = tf.nn.dynamic_rnn(cell, sequence(tf), dtype=tf.float32)
    return trained(tf, outputs[:, -1])


@entry("A loop, opened", expand="rnn")
def opened_loop(tf):
    """`expand="rnn"` shows what is repeated: the loop variables with what they start at and what
    they become, and the gradient of the body beside it."""
    x = tf.placeholder(tf.float32, [16, 4], name="x")
    kernel = tf.get_variable("kernel", [4 + 8, 8])

    def step(t, h):
        return t + 1, tf.tanh(tf.matmul(tf.concat([x, h], 1), kernel))

    start = tf.zeros([16, 8], name="start")
    _, h = tf.while_loop(lambda t, h: t < 8, step, [0, start], name="rnn")
    loss = tf.reduce_mean(tf.square(h), name="loss")
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")


@entry("A cond, opened", expand="choice")
def choice(tf):
    """Both branches are drawn; a run goes through one of them. Each has its gradient."""
    x = tf.placeholder(tf.float32, [3], name="x")
    w = tf.Variable([1.0, 2.0, 3.0], name="w")
    h = x * w
    chosen = tf.cond(tf.reduce_sum(h) > 0, lambda: tf.square(h), lambda: tf.exp(-h), name="choice")
    return tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(chosen), name="train")


def adversaries(tf):
    z = tf.placeholder(tf.float32, [None, 16], name="z")
    x = tf.placeholder(tf.float32, [None, 64], name="x")

    def discriminator(pictures, reuse=None):
        with tf.variable_scope("discriminator", reuse=reuse):
            h = tf.layers.dense(pictures, 32, tf.nn.leaky_relu, name="hidden")
            return tf.layers.dense(h, 1, name="logit")

    with tf.variable_scope("generator"):
        h = tf.layers.dense(z, 32, tf.nn.relu, name="hidden")
        made = tf.layers.dense(h, 64, tf.nn.tanh, name="picture")
    real, fake = discriminator(x), discriminator(made, reuse=True)

    def loss(logits, label):
        labels = tf.fill(tf.shape(logits), label)
        each = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
        return tf.reduce_mean(each)

    def train(loss, part):
        variables = tf.trainable_variables(part)
        optimizer = tf.train.AdamOptimizer(2e-4)
        return optimizer.minimize(loss, var_list=variables, name=f"train_{part}")

    with tf.name_scope("losses"):
        both = loss(real, 1.0) + loss(fake, 0.0)
        fooled = loss(fake, 1.0)
    return train(both, "discriminator"), train(fooled, "generator")


@entry("A GAN: the step of the discriminator")
def gan_discriminator(tf):
    """The generator runs, and its variables are not updated: no gradient goes there."""
    return adversaries(tf)[0]


@entry("A GAN: the step of the generator")
def gan_generator(tf):
    """The same graph, the other fetch: the gradient goes through the discriminator, and only the
    generator is updated."""
    return adversaries(tf)[1]


@entry("An autoencoder")
def autoencoder(tf):
    """Scopes in scopes are bands in bands."""
    x = tf.placeholder(tf.float32, [None, 64], name="x")
    with tf.variable_scope("encoder"):
        code = tf.layers.dense(tf.layers.dense(x, 32, tf.nn.relu, name="in"), 8, name="code")
    with tf.variable_scope("decoder"):
        h = tf.layers.dense(code, 32, tf.nn.relu, name="in")
        again = tf.layers.dense(h, 64, tf.nn.sigmoid, name="out")
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(tf.square(again - x))
    return tf.train.RMSPropOptimizer(0.01).minimize(loss, name="train")


@entry("Word vectors")
def word_vectors(tf):
    """Noise-contrastive estimation: rows of a table are looked up, and only these are updated."""
    words = tf.placeholder(tf.int32, [128], name="words")
    labels = tf.placeholder(tf.int32, [128, 1], name="labels")
    table = tf.Variable(tf.random_uniform([1000, 64], -1.0, 1.0), name="embeddings")
    weights = tf.Variable(tf.truncated_normal([1000, 64]), name="weights")
    biases = tf.Variable(tf.zeros([1000]), name="biases")
    rows = tf.nn.embedding_lookup(table, words)
    loss = tf.reduce_mean(tf.nn.nce_loss(weights, biases, labels, rows, 8, 1000))
    return tf.train.GradientDescentOptimizer(1.0).minimize(loss, name="train")


@entry("Deep Q-learning with a target network")
def q_learning(tf):
    """Two networks of the same shape: the target's gradient is stopped on purpose, and its
    variables are not updated here."""
    state = tf.placeholder(tf.float32, [None, 4], name="state")
    after = tf.placeholder(tf.float32, [None, 4], name="next_state")
    action = tf.placeholder(tf.int32, [None], name="action")
    reward = tf.placeholder(tf.float32, [None], name="reward")

    def network(inputs, name):
        with tf.variable_scope(name):
            h = tf.layers.dense(inputs, 16, tf.nn.relu, name="hidden")
            return tf.layers.dense(h, 2, name="q")

    online, target = network(state, "online"), network(after, "target")
    with tf.name_scope("loss"):
        wanted = tf.stop_gradient(reward + 0.99 * tf.reduce_max(target, 1))
        taken = tf.reduce_sum(online * tf.one_hot(action, 2), 1)
        loss = tf.reduce_mean(tf.square(wanted - taken))
    variables = tf.trainable_variables("online")
    return tf.train.AdamOptimizer(1e-3).minimize(loss, var_list=variables, name="train")


@entry("A gradient that is cut")
def cut(tf):
    """Behind `tf.stop_gradient` no gradient goes on, and the first layer does not learn."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    labels = tf.placeholder(tf.float32, [None, 2], name="labels")
    first = tf.Variable(tf.ones([4, 3]), name="first")
    second = tf.Variable(tf.ones([3, 2]), name="second")
    h = tf.stop_gradient(tf.tanh(tf.matmul(x, first)))
    loss = tf.reduce_mean(tf.square(tf.matmul(h, second) - labels))
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")


@entry("A learning rate that is computed", expand="ExponentialDecay")
def decay(tf):
    """The learning rate is part of the graph: it reads the counter that the step itself writes."""
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.zeros([3, 1]), name="w")
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0), name="loss")
    step = tf.Variable(0, name="global_step", trainable=False)
    rate = tf.train.exponential_decay(0.1, step, 10, 0.5)
    return tf.train.MomentumOptimizer(rate, 0.9).minimize(loss, global_step=step, name="train")


@entry("Five thousand operations")
def five_thousand(tf):
    """A deep network: what repeats is a series between its first and its last copy."""
    h = tf.placeholder(tf.float32, [32, 64], name="x")
    wanted = tf.placeholder(tf.float32, [32, 64], name="wanted")
    for number in range(355):
        with tf.name_scope(f"layer{number}"):
            weights = tf.Variable(tf.zeros([64, 64]), name="W")
            bias = tf.Variable(tf.zeros([64]), name="b")
            h = tf.nn.relu(tf.matmul(h, weights) + bias)
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(tf.square(h - wanted))
    return tf.train.GradientDescentOptimizer(0.01).minimize(loss, name="train")


@entry("One part of it", part="backward")
def backward_only(tf):
    """`part="backward"` draws the gradients alone."""
    return perceptron(tf)


@entry("What is around a node", focus="conv2/Conv2D", radius=1)
def neighbours(tf):
    """`focus="conv2/Conv2D", radius=1` draws a node and what it is joined to."""
    return convolutions(tf)


def first_run(tf, fetch, feed):
    """A debugger for the first run of a graph."""
    session = gs.Session()
    session.run(tf.global_variables_initializer())
    return gs.debug(session, fetch, feed)


def regression(tf):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    labels = tf.placeholder(tf.float32, [None, 3], name="labels")
    W = tf.Variable(tf.zeros([4, 3]), name="W")
    b = tf.Variable(tf.zeros([3]), name="b")
    logits = tf.matmul(x, W) + b
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits), name="loss"
    )
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
    return train, {x: np.eye(4, dtype="f4"), labels: np.eye(3, dtype="f4")[[0, 1, 2, 0]]}


@entry("A position in time")
def position(tf):
    """In the middle of a run: what has run is filled and has its value, what is to come is hollow,
    what runs next is marked. The wider the edge of a gradient, the larger its norm."""
    debugger = first_run(tf, *regression(tf))
    debugger.goto(12)
    return debugger.draw()


@entry("The end of the run")
def the_end(tf):
    """Every variable says by how much it was changed."""
    debugger = first_run(tf, *regression(tf))
    debugger.run_to_end()
    return debugger.draw()


@entry("Why is it not trained?")
def why(tf):
    """`draw why %first`: the way from the variable to the loss, and where the gradient is cut."""
    train = cut(tf)
    feed = {"x:0": np.ones((2, 4), "f4"), "labels:0": np.zeros((2, 2), "f4")}
    debugger = first_run(tf, train, feed)
    debugger.run_to_end()
    return debugger.draw("why", "%first")


@entry("Where was the NaN born?")
def not_a_number(tf):
    """`draw nan`: what made the first value that is not finite, and where it went."""
    x = tf.placeholder(tf.float32, [3], name="x")
    w = tf.Variable([1.0, 1.0, 1.0], name="w")
    y = tf.nn.relu(x * w, name="y")
    loss = -tf.reduce_mean(tf.log(y), name="loss")
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    debugger = first_run(tf, train, {x: [0.5, -1.0, 2.0]})
    debugger.run_to_end()
    return debugger.draw("nan")


@entry("Two graphs side by side")
def side_by_side(tf):
    """The same model with and without a stopped gradient: what is in one only is marked."""
    fetches = []
    for stopped in (False, True):
        with tf.Graph().as_default():
            x = tf.placeholder(tf.float32, [None, 4], name="x")
            w = tf.Variable(tf.ones([4, 3]), name="w")
            v = tf.Variable(tf.ones([3, 1]), name="v")
            h = tf.tanh(tf.matmul(x, w), name="h")
            h = tf.stop_gradient(h, name="cut") if stopped else h
            loss = tf.reduce_mean(tf.square(tf.matmul(h, v)), name="loss")
            fetches.append(tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train"))
    return gs.draw(fetches[0], graph=fetches[0].graph, beside=fetches[1])


#: Models that TensorFlow 1.15 has saved.
SAVED = __file__.rpartition("gallery")[0] + "goldens/artefacts"


@entry("An imported old checkpoint")
def imported(tf):
    """A training that TensorFlow 1.15 saved, read from its `.meta` file: gradients, updates and the
    rate that decays are found in the file's nodes, and drawn as if they were made here."""
    saver = tf.train.import_meta_graph(SAVED + "/mlp_momentum_decay/model.meta")
    assert saver is not None
    return tf.get_collection("train_op")[0]


@entry("A model of Keras")
def model_of_keras(tf):
    """Layers of `tf.keras`, compiled: what `fit` runs for a batch. The learning phase chooses in
    the dropout, the optimizer's numbers are variables, and the loss is under its own name."""
    layers = tf.keras.layers
    model = tf.keras.models.Sequential()
    model.add(layers.Dense(8, activation="relu", input_shape=(4,), name="hidden"))
    model.add(layers.Dropout(0.5, name="dropout"))
    model.add(layers.Dense(3, activation="softmax", name="output"))
    model.compile(optimizer="sgd", loss="categorical_crossentropy")
    with tf.name_scope("training"):
        return model.optimizer.get_updates(model.total_loss, model.trainable_weights)


@entry("For a wide slide", rankdir="LR")
def slide(tf):
    """`rankdir="LR"` draws the same ladder from left to right."""
    return softmax(tf)


@entry("What the backward pass keeps", saved=True, edges="shape", dtypes=True)
def kept(tf):
    """`saved=True` draws what the gradients take from the forward pass, `edges="shape"` writes what
    passes along each edge, `dtypes=True` the types."""
    return regression(tf)[0]


@entry("How large everything is")
def overlaid(tf):
    """`overlay="norm"`: the length of what each node gave in this run, as a number and a bar."""
    debugger = first_run(tf, *regression(tf))
    debugger.run_to_end()
    return debugger.draw(overlay="norm", values=True, order=True)
