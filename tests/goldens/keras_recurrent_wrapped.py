"""Cases of wrappers around recurrent layers of Keras, of training, and of mistakes.

`RECURRENT` has these cases and those of keras_recurrent.py and keras_recurrent_cells.py;
`MISTAKES` are those that end in an error.
"""

import numpy as np
from goldens.keras_recurrent import COUNTED, RECURRENT, STEPS, WORDS, case, masked, one, told
from goldens.keras_recurrent_cells import cells_of
from goldens.running import next_seed

__all__ = ["MISTAKES", "RECURRENT"]

MISTAKES = {}


def mistake(name, *fragments):
    """Add the decorated function as one that ends in an error, whose message has the fragments."""

    def add(build):
        assert name not in MISTAKES, name
        MISTAKES[name] = (build, fragments)
        return build

    return add


# ---- wrappers ----------------------------------------------------------------------------------

for _mode in ("concat", "sum", "mul", "ave", None):
    one(
        "Bidirectional %s" % _mode, lambda k, m=_mode: k.Bidirectional(k.SimpleRNN(2), merge_mode=m)
    )
for _options in (
    {"return_sequences": True},
    {"return_state": True},
    {"return_sequences": True, "return_state": True},
    {"go_backwards": True},
):
    one(
        "Bidirectional " + " ".join(sorted(_options)),
        lambda k, o=_options: k.Bidirectional(k.GRU(2, **o)),
        shapes="return_state" not in _options,  # TensorFlow does not say it there
    )
one(
    "Bidirectional apart, all of it",
    lambda k: k.Bidirectional(
        k.LSTM(2, return_sequences=True, return_state=True), merge_mode=None, name="both"
    ),
    shapes=False,
)
one(
    "Bidirectional of two layers",
    lambda k: k.Bidirectional(
        k.LSTM(2, name="there"),
        backward_layer=k.LSTM(2, activation="relu", go_backwards=True, name="back"),
    ),
)
masked("Bidirectional masked", lambda k: k.Bidirectional(k.LSTM(2)))
masked(
    "Bidirectional masked, all steps", lambda k: k.Bidirectional(k.GRU(2, return_sequences=True))
)


@case("Bidirectional with initial states")
def _both_initial(tf, keras):
    k = keras.layers
    tensors = [k.Input((4, 3)), *(k.Input((2,)) for _ in range(4))]
    layer = k.Bidirectional(k.LSTM(2))
    y = layer(tensors[0], initial_state=tensors[1:])
    values = [STEPS, *(STEPS[:, i, :2] for i in range(4))]
    return told(tf, keras, layer, tensors, y, values)


@case("Bidirectional of a cell of one's own")
def _both_own(tf, keras):
    layer = keras.layers.Bidirectional(keras.layers.RNN(cells_of(keras)[0]()))
    x = keras.layers.Input((4, 3))
    return told(tf, keras, layer, x, layer(x), STEPS)


@case("Bidirectional that keeps states")
def _both_stateful(tf, keras):
    k = keras.layers
    x = k.Input(batch_shape=(2, 4, 3))
    model = keras.models.Model(x, k.Bidirectional(k.SimpleRNN(2, stateful=True))(x))
    found = {"first": model.predict(STEPS), "second": model.predict(STEPS)}
    model.reset_states()
    found["from zero"] = model.predict(STEPS)
    return found


@case("Bidirectional made again")
def _both_again(tf, keras):
    k = keras.layers
    layer = k.Bidirectional(k.LSTM(2), merge_mode="sum", input_shape=(4, 3))
    again = k.deserialize(k.serialize(layer))
    return {"config": layer.get_config(), "again": again.get_config()}


one("TimeDistributed Dense", lambda k: k.TimeDistributed(k.Dense(2)))
one("TimeDistributed Dense, any steps", lambda k: k.TimeDistributed(k.Dense(2)), shape=(None, 3))
one("TimeDistributed Dense, a fixed batch", lambda k: k.TimeDistributed(k.Dense(2)), batch=2)
one(
    "TimeDistributed Conv2D",
    lambda k: k.TimeDistributed(k.Conv2D(2, 2)),
    shape=(2, 4, 4, 1),
    values=np.sin(np.arange(64)).reshape(2, 2, 4, 4, 1),
)
one(
    "TimeDistributed LSTM",
    lambda k: k.TimeDistributed(k.LSTM(2)),
    shape=(2, 4, 3),
    values=np.stack([STEPS, STEPS[:, ::-1]], axis=1),
)


@case("TimeDistributed of a layer of one's own with a fixed batch")
def _one_by_one(tf, keras):
    class Squared(keras.layers.Layer):
        def call(self, inputs):
            return inputs * inputs

    x = keras.layers.Input(batch_shape=(2, 4, 3))
    layer = keras.layers.TimeDistributed(Squared())
    return told(tf, keras, layer, x, layer(x), STEPS)


@case("TimeDistributed passes a mask on")
def _mask_passed(tf, keras):
    k = keras.layers
    x = k.Input((4,), dtype="int32")
    first, second = k.TimeDistributed(k.Dense(2)), k.LSTM(2)
    y = second(first(k.Embedding(5, 3, mask_zero=True)(x)))
    return told(tf, keras, [first, second], x, y, WORDS)


@case("TimeDistributed of a whole model")
def _model_inside(tf, keras):
    k = keras.layers
    inner = keras.models.Sequential([k.Dense(3, input_shape=(3,)), k.Dense(2)])
    x = k.Input((4, 3))
    layer = k.TimeDistributed(inner)
    found = told(tf, keras, layer, x, layer(x), STEPS)
    del found["next seed"]  # TensorFlow calls the layers inside again, to ask for their masks
    return found


# ---- convolutions ------------------------------------------------------------------------------

IMAGES = np.sin(np.arange(2 * 3 * 5 * 4 * 2)).reshape(2, 3, 5, 4, 2).astype(np.float32)


def of_images(title, *place, **options):
    """A case of a ConvLSTM2D of two filters."""
    one(
        "ConvLSTM2D " + title,
        lambda k: k.ConvLSTM2D(2, *place, **options),
        shape=(3, 5, 4, 2),
        values=IMAGES,
    )


of_images("plain", 3)
of_images("all steps and states", (2, 3), return_sequences=True, return_state=True)
of_images("padded", 3, padding="same", go_backwards=True, return_sequences=True)
of_images("in steps of two", 2, strides=2, use_bias=False)
of_images("no ones for the forget gate", 2, unit_forget_bias=False, activation="relu")
of_images("by place", 2, (1, 1), "same", None, (1, 1), "relu", "sigmoid", False)


@case("ConvLSTM2D stateful")
def _images_stateful(tf, keras):
    k = keras.layers
    layer = k.ConvLSTM2D(2, 3, stateful=True, batch_input_shape=(2, 3, 5, 4, 2))
    model = keras.models.Sequential([layer])
    found = {"first": model.predict(IMAGES), "second": model.predict(IMAGES)}
    model.reset_states()
    found["from zero"] = model.predict(IMAGES)
    found["states"] = [[s.name, s.shape.as_list()] for s in layer.states]
    return found


@case("ConvLSTM2D dropout")
def _images_dropout(tf, keras):
    k = keras.layers
    x = k.Input((3, 5, 4, 2))
    layer = k.ConvLSTM2D(2, 3, dropout=0.3, recurrent_dropout=0.4)
    y = layer(x, training=True)
    return {"next seed": next_seed(tf), "out": keras.backend.function([x], [y])([IMAGES])[0]}


@case("ConvLSTM2D from both sides, with a mask")
def _images_masked(tf, keras):
    k = keras.layers
    x = k.Input((3, 5, 4, 2))
    mask = tf.constant([[True, True, False], [False, True, True]])
    layer = k.Bidirectional(k.ConvLSTM2D(2, 3, return_sequences=True))
    return told(tf, keras, layer, x, layer(x, mask=mask), IMAGES)


# ---- trained -----------------------------------------------------------------------------------


def trained(name, y, x=STEPS, **options):
    """A case of the model that the decorated function makes: three steps of training."""

    def add(make):
        @case("trained: " + name)
        def _build(tf, keras):
            model = make(keras)
            model.compile(**options)
            losses = [np.array(model.train_on_batch(x, np.array(y))) for _ in range(3)]
            found = {"losses": np.stack(losses), "after": model.predict_on_batch(x)}
            found.update(("weight %d" % i, w) for i, w in enumerate(model.get_weights()))
            found["names"] = [w.name for w in model.weights]
            found["measured"] = model.metrics_names
            return found

        return make

    return add


@trained("words", [[1], [0], [1]], WORDS, optimizer="adam", loss="binary_crossentropy")
def _words(keras):
    k = keras.layers
    return keras.models.Sequential(
        [
            k.Embedding(5, 3, mask_zero=True, input_length=4),
            k.LSTM(3, dropout=0.2, recurrent_dropout=0.3),
            k.Dense(1, activation="sigmoid"),
        ]
    )


@trained(
    "a class for each step, from both sides",
    np.array([[0, 1, 2, 1], [2, 2, 0, 1]])[:, :, None],
    optimizer="rmsprop",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
def _tagged(keras):
    k = keras.layers
    return keras.models.Sequential(
        [
            k.Bidirectional(k.GRU(2, return_sequences=True), input_shape=(4, 3)),
            k.TimeDistributed(k.Dense(3, activation="softmax")),
        ]
    )


@trained("states are kept", [[1], [0]], optimizer="sgd", loss="mse")
def _training_stateful(keras):
    k = keras.layers
    return keras.models.Sequential(
        [k.SimpleRNN(2, stateful=True, batch_input_shape=(2, 4, 3)), k.Dense(1)]
    )


@trained("layers one on the other", [[1], [0]], optimizer="sgd", loss="mse")
def _deep(keras):
    k = keras.layers
    return keras.models.Sequential(
        [
            k.LSTM(
                3,
                return_sequences=True,
                input_shape=(None, 3),
                kernel_constraint=keras.constraints.max_norm(0.5),
                recurrent_regularizer="l2",
            ),
            k.GRU(2, unroll=False, reset_after=True, activity_regularizer="l1"),
            k.Dense(1),
        ]
    )


@trained("a network of cells", [[1], [0]], optimizer="sgd", loss="mae")
def _of_cells(keras):
    k = keras.layers
    x = k.Input((4, 3))
    y = k.RNN([k.LSTMCell(2), k.GRUCell(2, dropout=0.5)])(x)
    return keras.models.Model(x, k.Dense(1)(y))


@case("trained: epochs")
def _epochs(tf, keras):
    k = keras.layers
    model = keras.models.Sequential([k.LSTM(2, input_shape=(4, 3)), k.Dense(1)])
    model.compile("sgd", "mse")
    x = np.concatenate([STEPS, STEPS[:, ::-1]])
    history = model.fit(x, np.arange(4.0), batch_size=2, epochs=2, verbose=0)
    return {"losses": np.float32(history.history["loss"]), "after": model.predict(x)}


# ---- mistakes ----------------------------------------------------------------------------------


@mistake("steps that are not known", "Cannot unroll a RNN if the time dimension is undefined.")
def _no_steps(tf, keras):
    keras.layers.LSTM(2, unroll=True)(keras.layers.Input((None, 3)))


@mistake("a batch that is not known", "it needs to know its batch size")
def _no_batch(tf, keras):
    keras.layers.LSTM(2, stateful=True)(keras.layers.Input((4, 3)))


@mistake("states of a layer that keeps none", "Layer must be stateful.")
def _not_stateful(tf, keras):
    keras.layers.LSTM(2).reset_states()


@mistake("too few states", "An `initial_state` was passed that is not compatible with")
def _too_few(tf, keras):
    k = keras.layers
    k.LSTM(2)(k.Input((4, 3)), initial_state=[tf.zeros([2, 2])])


@mistake("states of another size", "An `initial_state` was passed that is not compatible with")
def _other_size(tf, keras):
    k = keras.layers
    k.GRU(2)(k.Input((4, 3)), initial_state=[k.Input((3,))])


@mistake("states of two kinds", "cannot be specified with a mix of Keras tensors and non-Keras")
def _mixed(tf, keras):
    k = keras.layers
    k.LSTM(2)(k.Input((4, 3)), initial_state=[k.Input((2,)), tf.zeros([2, 2])])


@mistake("states of another shape", "State 0 is incompatible with layer lstm: expected shape=")
def _other_shape(tf, keras):
    layer = keras.layers.LSTM(2, stateful=True)
    layer(keras.layers.Input(batch_shape=(2, 4, 3)))
    layer.reset_states([np.zeros((2, 3)), np.zeros((2, 3))])


@mistake("a wrong number of states", "Layer lstm expects 2 states, but it received 1 state values.")
def _other_number(tf, keras):
    layer = keras.layers.LSTM(2, stateful=True)
    layer(keras.layers.Input(batch_shape=(2, 4, 3)))
    layer.reset_states([np.zeros((2, 2))])


@mistake("no cell", "`cell` should have a `call` method.")
def _no_cell(tf, keras):
    keras.layers.RNN(3)


@mistake("no sizes of states", "The RNN cell should have an attribute `state_size`")
def _no_sizes(tf, keras):
    keras.layers.RNN(keras.layers.Dense(3))


@mistake("no cells", "All cells must have a `call` method.")
def _no_cells(tf, keras):
    keras.layers.RNN([3, 4])


@mistake("cells without constants", "RNN cell does not support constants")
def _no_constants(tf, keras):
    k = keras.layers
    k.RNN(cells_of(keras)[0]())(k.Input((4, 3)), constants=k.Input((3,)))


@mistake("convolutions that are unrolled", "Unrolling isn't possible with convolutional RNNs.")
def _unrolled_images(tf, keras):
    k = keras.layers
    k.ConvLSTM2D(2, 3, unroll=True)(k.Input((3, 5, 4, 2)))


@mistake("an image for a sequence", "expected ndim=3, found ndim=4")
def _image(tf, keras):
    keras.layers.LSTM(2)(keras.layers.Input((4, 3, 1)))


@mistake("both ways the same way", "should have different `go_backwards` value")
def _same_way(tf, keras):
    k = keras.layers
    k.Bidirectional(k.LSTM(2), backward_layer=k.LSTM(2))


@mistake("both ways of two kinds", "same value for attribute return_sequences, got False and True")
def _two_kinds(tf, keras):
    k = keras.layers
    k.Bidirectional(k.LSTM(2), backward_layer=k.LSTM(2, return_sequences=True, go_backwards=True))


@mistake("an unknown mode", "Invalid merge mode.")
def _unknown_mode(tf, keras):
    k = keras.layers
    k.Bidirectional(k.LSTM(2), merge_mode="product")


@mistake(
    "both ways of no layer", "Please initialize `Bidirectional` layer with a `Layer` instance."
)
def _both_of_none(tf, keras):
    keras.layers.Bidirectional(3)


@mistake("an odd number of states", "the state should be a list containing the states of")
def _odd(tf, keras):
    k = keras.layers
    k.Bidirectional(k.GRU(2))(k.Input((4, 3)), initial_state=[k.Input((2,))])


@mistake("one row at each step", "with at least 3 dimensions")
def _flat_input(tf, keras):
    k = keras.layers
    k.TimeDistributed(k.Dense(2))(k.Input((4,)))


@mistake(
    "each step of no layer", "Please initialize `TimeDistributed` layer with a `Layer` instance"
)
def _steps_of_none(tf, keras):
    keras.layers.TimeDistributed(tf.nn.relu)


@mistake("a mask without states", "No initial states provided!")
def _no_states(tf, keras):
    K = keras.backend
    K.rnn(lambda x, s: (x, []), K.placeholder((2, 4, 3)), [], mask=tf.constant(COUNTED))
