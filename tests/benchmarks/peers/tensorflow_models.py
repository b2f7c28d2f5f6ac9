# ruff: noqa: B905 - Python 3.7 has no strict zip
"""The models as a TensorFlow 1 script builds them: the same lines for TensorFlow and GraphScope.

Everything here is a function of `tf`, the module, and of `session`, which opens one for a graph.
"""

import time

import numpy as np
from protocol import Model


class Trained(Model):
    """A model that a session trains: `logits(tf, x, variable)` is all that tells them apart."""

    tf = open = None

    def prepare(self):
        tf = self.tf
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.given = iter(self.w)
            x = tf.placeholder(tf.float32, [None, *list(self.x.shape[1:])], name="x")
            y = tf.placeholder(tf.float32, [None, self.y.shape[1]], name="y")
            logits = self.logits(tf, x)
            losses = tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits)
            loss = tf.reduce_mean(losses)
            optimizer = tf.train.GradientDescentOptimizer(float(self.rate))
            self.fetches = [optimizer.minimize(loss), loss]
            self.variables = tf.trainable_variables()
            self.session = self.open(graph=self.graph)
            self.session.run(tf.global_variables_initializer())
            for variable, value in zip(self.variables, self.w):
                variable.load(value, self.session)
            self.feeds = {x: self.x, y: self.y}

    def variable(self):
        return self.tf.Variable(next(self.given))

    def step(self):
        return self.session.run(self.fetches, self.feeds)[1]

    def weights(self):
        return self.session.run(self.variables)


class Softmax(Trained):
    def logits(self, tf, x):
        return tf.matmul(x, self.variable()) + self.variable()


class Perceptron(Trained):
    def logits(self, tf, x):
        for _ in range(len(self.w) // 2 - 1):
            x = tf.nn.relu(tf.matmul(x, self.variable()) + self.variable())
        return tf.matmul(x, self.variable()) + self.variable()


class Lstm(Trained):
    def logits(self, tf, x):
        cell = tf.nn.rnn_cell.BasicLSTMCell(self.w[0].shape[1] // 4)
        rows = tf.unstack(x, self.x.shape[1], 1)
        outputs, _ = tf.nn.static_rnn(cell, rows, dtype=tf.float32)
        next(self.given), next(self.given)  # the cell makes its variables itself
        return tf.matmul(outputs[-1], self.variable()) + self.variable()


class Cnn(Trained):
    def logits(self, tf, x):
        for _ in range(2):
            taps, bias = self.variable(), self.variable()
            x = tf.nn.relu(tf.nn.conv2d(x, taps, [1, 1, 1, 1], "SAME") + bias)
            x = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        x = tf.reshape(x, [-1, int(np.prod(x.shape.as_list()[1:]))])
        x = tf.nn.relu(tf.matmul(x, self.variable()) + self.variable())
        return tf.matmul(x, self.variable()) + self.variable()


class Tiny(Model):
    """Ten operations on numbers; fetched are the loss and the gradients of five variables."""

    tf = open = None
    fed = False

    def prepare(self):
        tf = self.tf
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.variables = [tf.Variable(w) for w in self.w]
            if self.fed:
                x, y = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
                self.feeds = {x: self.x, y: self.y}
            else:
                x, y, self.feeds = tf.constant(self.x), tf.constant(self.y), None
            a, b, c, d, e = self.variables
            h = tf.nn.relu(a * x + b)
            error = (h * c + d) * e - y
            loss = error * error + b * b
            self.fetches = [loss, *tf.gradients(loss, self.variables)]
            self.session = self.open(graph=self.graph)
            self.session.run(tf.global_variables_initializer())

    def step(self):
        return self.session.run(self.fetches, self.feeds)

    def learn(self):
        found = self.step()
        for variable, value, slope in zip(self.variables, self.weights(), found[1:]):
            variable.load(value - self.rate * slope, self.session)
        return found[0]

    def weights(self):
        return self.session.run(self.variables)


class TinyFed(Tiny):
    fed = True


def models(tf, session):
    kinds = {
        "softmax": Softmax,
        "mlp1": Perceptron,
        "mlp2": Perceptron,
        "lstm": Lstm,
        "cnn50": Cnn,
        "cnn100": Cnn,
        "tiny": Tiny,
        "tiny_fed": TinyFed,
    }
    own = {"tf": tf, "open": staticmethod(session)}
    return {name: type(kind.__name__, (kind,), own) for name, kind in kinds.items()}


def construction(tf, session, length, clock):
    """Seconds: to build a chain of so many operations, to differentiate it, and to run both."""
    clock = getattr(time, clock)
    with tf.Graph().as_default() as graph:
        x, w = (tf.placeholder(tf.float32, [10, 10]) for _ in range(2))
        began = clock()
        y = x
        for _ in range(length // 4):
            y = tf.matmul(tf.tanh(y) + w, w) * w
        found = {"build": clock() - began}
        began = clock()
        slope = tf.gradients(y, x)[0]
        found["gradient"] = clock() - began
        opened, value = session(graph=graph), np.full((10, 10), 0.1, np.float32)
        for name, fetched in [("run", y), ("gradient run", slope)]:
            for number in ("first ", "second "):
                began = clock()
                opened.run(fetched, {x: value, w: value})
                found[number + name] = clock() - began
        opened.close()
    return found
