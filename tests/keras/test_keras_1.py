"""Scripts that were written for Keras 1: their spellings give the layers of Keras 2."""

import importlib

import pytest

from graphscope import compat
from graphscope.keras import Model, layers
from graphscope.keras import backend as K
from graphscope.platform import logging


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(logging, "warning", lambda line, *_: lines.append(line))
    return lines


@pytest.fixture
def keras():
    with compat.installed():
        yield importlib.import_module("keras")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (
            "Dense",
            {"output_dim": 3, "init": "normal"},
            {"units": 3, "kernel_initializer": "normal"},
        ),
        ("Dense", {"units": 3, "bias": False}, {"units": 3, "use_bias": False}),
        (
            "Dense",
            {"units": 3, "W_regularizer": "l2", "b_constraint": "non_neg"},
            {"units": 3, "kernel_regularizer": "l2", "bias_constraint": "non_neg"},
        ),
        ("Dropout", {"p": 0.25}, {"rate": 0.25}),
        ("GaussianNoise", {"sigma": 0.1}, {"stddev": 0.1}),
        (
            "Embedding",
            {"input_dim": 9, "output_dim": 2, "init": "glorot_uniform", "dropout": 0.2},
            {"input_dim": 9, "output_dim": 2, "embeddings_initializer": "glorot_uniform"},
        ),
        (
            "Conv1D",
            {"nb_filter": 4, "filter_length": 3, "border_mode": "same", "subsample_length": 2},
            {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2},
        ),
        (
            "Conv2D",
            {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "subsample": (2, 2), "dim_ordering": "th"},
            {"filters": 4, "kernel_size": (3, 2), "strides": 2, "data_format": "channels_first"},
        ),
        ("MaxPooling1D", {"pool_length": 3, "stride": 2}, {"pool_size": 3, "strides": 2}),
        ("MaxPooling2D", {"border_mode": "same"}, {"padding": "same"}),
        ("UpSampling1D", {"length": 3}, {"size": 3}),
        ("BatchNormalization", {"mode": 0, "gamma_init": "ones"}, {"gamma_initializer": "ones"}),
        (
            "LSTM",
            {"output_dim": 2, "inner_init": "zeros", "dropout_W": 0.1, "forget_bias_init": "one"},
            {"units": 2, "recurrent_initializer": "zeros", "dropout": 0.1},
        ),
        (
            "GRU",
            {"units": 2, "input_dim": 5, "input_length": 7, "consume_less": "gpu"},
            {"units": 2, "input_shape": (7, 5), "implementation": 2},
        ),
    ],
)
def test_an_old_spelling_makes_the_layer_of_the_new_one(said, kind, old, new):
    made = getattr(layers, kind)(name="it", **old)
    assert said[0].startswith(f"Update your `{kind}` call to the Keras 2 API: `{kind}(")
    assert made.get_config() == getattr(layers, kind)(name="it", **new).get_config()
    assert len(said) == 1


def test_what_cannot_be_both_or_is_gone():
    with pytest.raises(TypeError, match="both the legacy keyword argument `output_dim` and"):
        layers.Dense(units=3, output_dim=3)
    with pytest.raises(TypeError, match="`mode=1` and `mode=2` are no longer supported"):
        layers.BatchNormalization(mode=1)
    with pytest.raises(TypeError):
        layers.Dense(3, sigma=1)


def test_rows_and_columns_of_a_window(keras, said):
    """In keras by itself; in tf.keras the third number is the strides."""
    old = keras.layers.Convolution2D(4, 3, 2, border_mode="same", input_shape=(8, 8, 1))
    config = old.get_config()
    assert (config["kernel_size"], config["strides"]) == ((3, 2), (1, 1))
    assert (old.name, config["padding"], len(said)) == ("conv2d", "same", 2)
    assert isinstance(old, layers.Conv2D)
    assert keras.layers.Conv2D(4, (3, 2)).get_config()["kernel_size"] == (3, 2)
    assert keras.layers.convolutional.Convolution3D(4, 3, 2, 1).kernel_size == (3, 2, 1)
    assert layers.Convolution2D(4, 3, 2).get_config()["strides"] == (2, 2)


def test_the_ends_of_a_model(said):
    x = layers.Input(shape=(3,))
    y = layers.Dense(2)(x)
    model = Model(input=x, output=y)
    assert (model.inputs, model.outputs) == ([x], [y])
    assert said == ["The `input` and `output` arguments are called `inputs` and `outputs`."]
