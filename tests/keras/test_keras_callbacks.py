"""What callbacks of Keras write, and what they warn of; the rest is compared with goldens."""

import types

import numpy as np
import pytest

import graphscope as gs
from graphscope.keras import backend as K
from graphscope.keras import callbacks, optimizers
from graphscope.keras.utils import GeneratorEnqueuer, OrderedEnqueuer, Sequence
from graphscope.summary.reading import events_of


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()


def model():
    weights = K.variable([[1.0, 2.0]], name="dense/kernel")
    return types.SimpleNamespace(
        layers=[types.SimpleNamespace(weights=[weights])],
        optimizer=optimizers.SGD(0.5),
        stop_training=False,
    )
