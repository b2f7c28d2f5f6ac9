"""Which updates a model runs: those of the calls that its own inputs lead to."""

import numpy as np
import pytest

from graphscope.keras import Sequential, layers
from graphscope.keras import backend as K


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()


def generator():
    return Sequential([layers.Dense(4, input_dim=3), layers.BatchNormalization()])


def test_a_model_in_a_model_has_updates_of_each_call():
    """The names are those that TensorFlow 1.15.5 gives."""
    inner = generator()
    outer = Sequential([inner, layers.Dense(1)])
    assert outer.get_updates_for(None) == []
    assert [update.name for update in outer.get_updates_for(outer.inputs)] == [
        "sequential/batch_normalization/cond_2/Merge",
        "sequential/batch_normalization/cond_3/Merge",
    ]
    assert [update.name for update in inner.get_updates_for(inner.get_input_at(0))] == [
        "batch_normalization/cond_2/Merge",
        "batch_normalization/cond_3/Merge",
    ]


def test_two_nets_against_each_other_train_with_their_own_inputs_fed():
    judge = Sequential([layers.Dense(1, activation="sigmoid", input_dim=4)])
    judge.compile("sgd", "binary_crossentropy")
    judge.trainable = False
    maker = generator()
    both = Sequential([maker, judge])
    both.compile("sgd", "binary_crossentropy")
    average = maker.layers[1].moving_mean
    before = K.get_value(average)
    both.train_on_batch(np.ones((2, 3)), [1, 1])
    assert (K.get_value(average) != before).any()


def test_the_output_of_a_layer_that_was_called_twice_is_the_first_one():
    dense = layers.Dense(2)
    first = dense(layers.Input((3,)))
    dense(layers.Input((3,)))
    assert dense.output is first
    assert dense.input is dense.get_input_at(0)
