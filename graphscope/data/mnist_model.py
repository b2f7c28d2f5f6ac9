"""The network of TensorFlow's first tutorial, as a module that other scripts import.

Source: tensorflow.examples.tutorials.mnist.mnist of the releases before 1.14.
"""

from __future__ import annotations

import math
from typing import Any

from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.scopes import name_scope
from graphscope.losses import sparse_softmax_cross_entropy
from graphscope.nn import in_top_k, relu
from graphscope.ops.array import zeros
from graphscope.ops.linalg import matmul
from graphscope.ops.math import cast, to_int64
from graphscope.ops.random import truncated_normal
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.summary import scalar
from graphscope.ops.variables import Variable
from graphscope.train import GradientDescentOptimizer

__all__ = [
    "IMAGE_PIXELS",
    "IMAGE_SIZE",
    "NUM_CLASSES",
    "evaluation",
    "inference",
    "loss",
    "training",
]

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Tensor:
    """The scores of the ten classes: two layers of rectified units and a linear one.

    images: [n, 784]. Returns [n, 10].
    """
    with name_scope("hidden1"):
        first = relu(_linear(images, IMAGE_PIXELS, hidden1_units))
    with name_scope("hidden2"):
        second = relu(_linear(first, hidden1_units, hidden2_units))
    with name_scope("softmax_linear"):
        return _linear(second, hidden2_units, NUM_CLASSES)


def _linear(inputs: Any, width: int, units: int) -> Tensor:
    spread = 1.0 / math.sqrt(float(width))
    weights = Variable(truncated_normal([width, units], stddev=spread), name="weights")
    biases = Variable(zeros([units]), name="biases")
    result: Tensor = matmul(inputs, weights) + biases
    return result


def loss(logits: Any, labels: Any) -> Tensor:
    """The mean cross entropy of scores [n, 10] with classes [n]."""
    return sparse_softmax_cross_entropy(labels=to_int64(labels), logits=logits)


def training(loss: Tensor, learning_rate: Any) -> Operation:
    """A step down the gradient of the loss, which is summarized; it counts ``global_step``."""
    scalar("loss", loss)
    step = Variable(0, name="global_step", trainable=False)
    return GradientDescentOptimizer(learning_rate).minimize(loss, global_step=step)


def evaluation(logits: Any, labels: Any) -> Tensor:
    """How many of the classes [n] have the highest score, as an int32 []."""
    correct: Tensor = reduce_sum(cast(in_top_k(logits, labels, 1), int32))
    return correct
