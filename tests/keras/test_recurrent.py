"""Recurrent layers of Keras, beside the numbers of TensorFlow: those are in the goldens."""

import inspect

import numpy as np
import pytest

import graphscope as gs
from graphscope import keras
from graphscope.errors import lesson_of
from graphscope.keras import backend as K
from graphscope.keras.layers.arguments import also, arguments_of

layers = keras.layers
X = np.random.RandomState(3).uniform(-1, 1, (2, 4, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()
    gs.set_random_seed(3)


def outputs_of(layer, x=X):
    tensor = layers.Input(batch_shape=x.shape)
    return K.function([tensor], [layer(tensor)])([x])[0]


# ---- arguments ---------------------------------------------------------------------------------


def test_arguments_behind_others():
    def make(a, b=1, **rest):
        pass

    found = arguments_of(make, {"a": {"first": 2, "second": 3}, "b": {"third": None}})
    assert str(found) == "(a, first=2, second=3, b=1, third=None, **rest)"


def test_more_arguments_become_attributes():
    class Above:
        def __init__(self, a, b=1, **kwargs):
            self.given = a, b, kwargs

    @also(a={"between": 2})
    class Below(Above):
        pass

    made = Below(1, 5, 6, c=7)
    assert (made.between, made.given) == (5, (1, 6, {"c": 7}))
    assert Below(1).between == 2
    assert Above(1, 5).given == (1, 5, {})
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        Below()


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (layers.LSTM, ["units", "activation", "recurrent_activation", "use_bias"]),
        (layers.GRU, ["units", "activation", "recurrent_activation", "use_bias"]),
        (layers.SimpleRNN, ["units", "activation", "use_bias", "kernel_initializer"]),
    ],
)
def test_a_layer_has_the_arguments_of_its_cell(kind, names):
    own = list(inspect.signature(kind).parameters)
    cell = list(inspect.signature(type(kind(2).cell)).parameters)
    assert own[:4] == names
    assert [name for name in own if name in cell] == [n for n in cell if n in own]
    assert set(cell) <= set(own)
    rest = [name for name in own if name not in cell]
    assert rest == [
        "activity_regularizer",
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
    ]


def test_an_argument_that_nobody_knows():
    with pytest.raises(TypeError, match="not understood"):
        layers.LSTM(2, recurent_dropout=0.5)


@pytest.mark.parametrize("name", ["CuDNNLSTM", "CuDNNGRU"])
def test_layers_of_a_gpu_say_what_computes_the_same(name):
    with pytest.raises(
        NotImplementedError, match=rf"{name} runs only on a GPU.* computes the same"
    ):
        getattr(layers, name)(32)


def test_the_weights_of_bidirectional_are_lost(caplog):
    caplog.set_level("WARNING", logger="tensorflow")
    weights = [np.ones((3, 2)), np.ones((2, 2)), np.zeros(2)] * 2
    layers.Bidirectional(layers.SimpleRNN(2), weights=weights)
    assert "Call its `set_weights`" in caplog.text


@pytest.mark.parametrize(
    ("before", "hint"),
    [
        (
            lambda: layers.GRU(2, name="first")(layers.Input((4, 3))),
            "the layer before, first, puts out its last step only; with return_sequences=True",
        ),
        (lambda: layers.Input((4,)), "a series of numbers is a sequence of one feature"),
        (lambda: layers.Input((4, 2, 2, 1)), r"TimeDistributed(Flatten()) makes one row"),
    ],
)
def test_what_is_no_sequence(before, hint):
    tensor = before()
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=") as caught:
        layers.LSTM(2)(tensor)
    lesson = lesson_of(caught.value)
    assert any(hint in line for line in lesson.hint)
    assert "test_recurrent.py" in lesson.line
    assert lesson.inputs == [f"{tensor.name} {tensor.shape}"]


def test_another_number_of_features_is_no_matter_of_rank():
    layer = layers.LSTM(2)
    layer(layers.Input((4, 3)))
    with pytest.raises(ValueError, match="expected shape=") as caught:
        layer(layers.Input((4, 5)))
    assert lesson_of(caught.value).hint == ()


# ---- forms of the same -------------------------------------------------------------------------

FORMS = {
    "LSTM": lambda **options: layers.LSTM(2, **options),
    "GRU": lambda **options: layers.GRU(2, **options),
    "GRU, reset after": lambda **options: layers.GRU(2, reset_after=True, **options),
    "SimpleRNN": lambda **options: layers.SimpleRNN(2, **options),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("other", [{"unroll": True}, {"implementation": 2}])
def test_forms_that_give_the_same(form, other):
    if form == "SimpleRNN" and "implementation" in other:
        other = {"unroll": True, "implementation": 2}  # which old scripts say
    one = FORMS[form](return_sequences=True)
    two = FORMS[form](return_sequences=True, **other)
    first = outputs_of(one)
    layer_input = layers.Input(batch_shape=X.shape)
    second = two(layer_input)
    two.set_weights(one.get_weights())
    found = K.function([layer_input], [second])([X])[0]
    np.testing.assert_allclose(found, first, rtol=1e-5, atol=1e-6)


def test_steps_that_do_not_count_at_the_end_change_nothing():
    layer = layers.LSTM(2)
    x = layers.Input((None, 3))
    f = K.function([x], [layer(layers.Masking()(x))])
    longer = np.concatenate([X, np.zeros((2, 3, 3), np.float32)], axis=1)
    np.testing.assert_array_equal(f([longer])[0], f([X])[0])


def test_both_directions_of_a_palindrome_are_alike():
    layer = layers.Bidirectional(layers.GRU(2))
    x = layers.Input((None, 3))
    y = layer(x)
    layer.backward_layer.set_weights(layer.forward_layer.get_weights())
    there, back = np.split(K.function([x], [y])([np.concatenate([X, X[:, ::-1]], 1)])[0], 2, axis=1)
    np.testing.assert_allclose(there, back, rtol=1e-5)


def test_weights_of_cells_that_are_not_trained_keep_their_order():
    layer = layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(3)])
    layer(layers.Input((4, 3)))
    names = [weight.name for weight in layer.weights]
    layer.trainable = False
    assert [weight.name for weight in layer.non_trainable_weights] == names
    assert layer.trainable_weights == []


def test_a_stateful_layer_keeps_its_states_also_when_it_is_not_trained():
    layer = layers.LSTM(2, stateful=True, trainable=False)
    x = layers.Input(batch_shape=X.shape)
    model = keras.Model(x, layer(x))
    first = model.predict_on_batch(X)
    assert np.abs(model.predict_on_batch(X) - first).max() > 1e-3
    model.reset_states()
    np.testing.assert_array_equal(model.predict_on_batch(X), first)


def test_two_sequences_at_once():
    """A cell whose input is a pair: [batch, 3] and [batch, 2]."""

    class Pair(layers.Layer):
        state_size = output_size = 3

        def call(self, inputs, states):
            first, second = inputs
            output = states[0] + first * K.sum(second, axis=-1, keepdims=True)
            return output, [output]

    x, z = layers.Input((4, 3)), layers.Input((4, 2))
    layer = layers.RNN(Pair())
    y = layer((x, z))
    other = np.ones((2, 4, 2), np.float32)
    found = K.function([x, z], [y])([X, other])[0]
    np.testing.assert_allclose(found, 2 * X.sum(axis=1), rtol=1e-5)
    assert layer.compute_output_shape(((None, 4, 3), (None, 4, 2))).as_list() == [None, 3]
