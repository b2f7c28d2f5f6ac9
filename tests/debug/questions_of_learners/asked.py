"""A row of the table: a question, the command that answers it, and a program."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import graphscope as tf


@dataclass(frozen=True)
class Row:
    """number: of the question. types: the line that is typed at the prompt.

    program: builds the situation, types the line, and looks at the answer.
    """

    number: int
    question: str
    types: str
    program: Callable

    def ask(self, d):
        """Type the line. Returns the data of the answer and its text."""
        output = d.onecmd(self.types)
        assert output.error is None, output.text
        text = " ".join(output.text.split())  # where lines are broken is no matter here
        return output.data, text


ROWS = []


def question(number, words, types):
    """Put a program into the table."""

    def add(program):
        ROWS.append(Row(number, words, types, program))
        return program

    return add


def session(initialize=True):
    opened = tf.Session()
    if initialize:
        opened.run(tf.global_variables_initializer())
    return opened


def started(fetches, feed=None):
    """A debugger at the start of a run, the variables initialized."""
    return tf.debug(session(), fetches, feed)


def ended(fetches, feed=None):
    """A debugger at the end of a run."""
    d = started(fetches, feed)
    d.run_to_end()
    return d


def failed(work):
    """The exception that the work raises."""
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def made_at(op, code):
    """Whether the operation was made at a line of this file's program that has this code."""
    return op.source is not None and code in op.source.text


def sgd(rate=0.5):
    return tf.train.GradientDescentOptimizer(rate)


def softmax_model(classes=3, features=4):
    """The model of the first lesson: x, y_, W, b, the loss."""
    x = tf.placeholder(tf.float32, [None, features], name="x")
    y_ = tf.placeholder(tf.float32, [None, classes], name="y_")
    W = tf.Variable(tf.truncated_normal([features, classes], stddev=0.3, seed=1), name="W")
    b = tf.Variable(tf.zeros([classes]), name="b")
    logits = tf.matmul(x, W) + b
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=logits), name="loss"
    )
    return x, y_, W, b, loss


def batch(rows=6, classes=3, features=4):
    """Inputs and one-hot labels that can be learned."""
    rng = np.random.RandomState(0)
    inputs = rng.normal(size=(rows, features)).astype(np.float32)
    return inputs, np.eye(classes, dtype=np.float32)[np.argmax(inputs[:, :classes], axis=1)]
