"""Data on which the programs can learn something."""

import numpy as np

import graphscope as gs


def classified(rows=60, features=4, classes=3, seed=0):
    """Inputs [rows, features], and which of the classes each is in, by a rule that can be learned:
    the class numbers [rows], and one-hot rows."""
    rng = np.random.RandomState(seed)
    inputs = rng.normal(size=(rows, features)).astype(np.float32)
    numbers = np.argmax(inputs @ rng.normal(size=(features, classes)), axis=1)
    return inputs, numbers, np.eye(classes, dtype=np.float32)[numbers]


def placeholders(features=4, classes=3):
    x = gs.placeholder(gs.float32, [None, features], name="x")
    return x, gs.placeholder(gs.float32, [None, classes], name="y_")


def weights(name, shape, stddev=0.3, seed=1):
    return gs.Variable(gs.truncated_normal(shape, stddev=stddev, seed=seed), name=name)


def layer(inputs, width, name, **options):
    return gs.matmul(inputs, weights(f"W_{name}", [inputs.shape.as_list()[1], width], **options))


def sgd(loss, rate=0.1):
    return gs.train.GradientDescentOptimizer(rate).minimize(loss, name="train")
