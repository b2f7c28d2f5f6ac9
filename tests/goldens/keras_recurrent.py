"""Cases of the recurrent layers of Keras and of the wrappers around layers.

`RECURRENT` maps an id to a function of the `tensorflow` and the `keras` module, which returns
arrays and plain data by name: see running_keras.py.
"""

import warnings

import numpy as np
from goldens.running import next_seed, result_weights

RECURRENT = {}

STEPS = np.random.RandomState(3).uniform(-1, 1, (2, 4, 3)).astype(np.float32)
WORDS = np.array([[3, 1, 0, 0], [0, 4, 2, 1], [0, 0, 0, 0]])
COUNTED = np.array([[1, 1, 0, 1], [0, 1, 1, 0]], np.bool_)


def case(name):
    """Add the decorated function as a case."""

    def add(build):
        assert name not in RECURRENT, name
        RECURRENT[name] = build
        return build

    return add


# ---- what is told of a model -------------------------------------------------------------------


def flat(structure):
    if isinstance(structure, (list, tuple)):
        return [value for item in structure for value in flat(item)]
    return [structure]


def told(tf, keras, layers, inputs, outputs, values, more=None):
    """What the graph says of the outputs, and what they and their slopes are with other weights.

    The weights are also told as the seed makes them; and how many operations there are, by the seed
    that the next one takes.
    """
    K = keras.backend
    inputs, outputs, values = flat(inputs), flat(outputs), flat(values)
    layers = layers if isinstance(layers, list) else [layers]
    weights = [weight for layer in layers for weight in layer.weights]
    found = {
        "outputs": [[t.name, t.dtype.name, t.shape.as_list()] for t in outputs],
        "weights": [[w.name, w.shape.as_list()] for w in weights],
        "trainable": [w.name for layer in layers for w in layer.trainable_weights],
        "next seed": next_seed(tf),
        "config": [layer.get_config() for layer in layers],
        "losses": [len(layer.losses) for layer in layers],
    }
    for i, weight in enumerate(weights):
        value = K.get_value(weight)
        found["weight %d" % i] = value
        K.set_value(weight, 0.7 * result_weights(value.shape, value.dtype))
    fed = dict(zip(inputs, values))
    fed.update(more or {})
    session = K.get_session()
    results = session.run(outputs, fed)
    found.update(("output %d" % i, value) for i, value in enumerate(results))
    floats = [(t, v) for t, v in zip(outputs, results) if t.dtype.is_floating]
    total = tf.add_n([tf.reduce_sum(t * result_weights(v.shape, v.dtype)) for t, v in floats])
    for i, loss in enumerate(loss for layer in layers for loss in layer.losses):
        found["loss %d" % i] = session.run(loss, fed)
        total += loss
    xs = [t for t in inputs if t.dtype.is_floating] + weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # slices become dense
        slopes = [g if g is None else tf.convert_to_tensor(g) for g in tf.gradients(total, xs)]
    found["without slopes"] = [i for i, g in enumerate(slopes) if g is None]
    there = [(i, g) for i, g in enumerate(slopes) if g is not None]
    computed = session.run([g for _, g in there], fed)
    found.update(("slope %d" % i, value) for (i, _), value in zip(there, computed))
    return found


def one(name, make, shape=(4, 3), batch=None, values=STEPS, shapes=True):
    """A case of one layer on a sequence. make: of the module of the layers. shapes: whether it is
    asked for the shape of its output."""

    @case(name)
    def _build(tf, keras):
        layer = make(keras.layers)
        x = keras.layers.Input(batch_shape=(batch, *shape))
        found = told(tf, keras, layer, x, layer(x), values)
        if shapes:
            said = layer.compute_output_shape((batch, *shape))
            found["shapes"] = [list(map(plain, s)) for s in listed(said)]
        return found


def listed(shapes):
    return shapes if isinstance(shapes, list) else [shapes]


def plain(size):
    return getattr(size, "value", size)


# ---- one layer ---------------------------------------------------------------------------------

KINDS = {
    "SimpleRNN": lambda layers, **options: layers.SimpleRNN(2, **options),
    "GRU": lambda layers, **options: layers.GRU(2, **options),
    "LSTM": lambda layers, **options: layers.LSTM(2, **options),
}


def of_each_kind(title, *kinds, **options):
    """A case for each kind of layer, or for these ones."""
    where = {key: options.pop(key) for key in ("shape", "batch", "values") if key in options}
    for kind in kinds or KINDS:
        one("%s %s" % (kind, title), lambda k, kind=kind: KINDS[kind](k, **options), **where)


of_each_kind("plain")
of_each_kind("all steps and states", return_sequences=True, return_state=True)
of_each_kind("states", "LSTM", return_state=True)
of_each_kind("backwards", "LSTM", go_backwards=True, return_sequences=True)
of_each_kind("unrolled", "SimpleRNN", "LSTM", unroll=True, return_sequences=True)
of_each_kind("unrolled backwards", "GRU", unroll=True, go_backwards=True, return_sequences=True)
of_each_kind("any number of steps", "LSTM", shape=(None, 3), return_sequences=True)
of_each_kind("a fixed batch", "GRU", batch=2)
of_each_kind("time major", "LSTM", time_major=True, return_sequences=True)
of_each_kind("without bias", use_bias=False)
of_each_kind("linear", "SimpleRNN", activation=None)
of_each_kind("other activations", "GRU", "LSTM", activation="relu", recurrent_activation="sigmoid")
of_each_kind("two", "GRU", "LSTM", implementation=2)
of_each_kind("two without bias", "GRU", "LSTM", implementation=2, use_bias=False)
of_each_kind("reset after", "GRU", reset_after=True)
of_each_kind("reset after, without bias", "GRU", reset_after=True, use_bias=False)
of_each_kind("two, reset after", "GRU", reset_after=True, implementation=2)
of_each_kind("no ones for the forget gate", "LSTM", unit_forget_bias=False)
of_each_kind(
    "initializers",
    "LSTM",
    kernel_initializer="ones",
    recurrent_initializer="glorot_uniform",
    bias_initializer="ones",
)
of_each_kind(
    "regularizers",
    "GRU",
    kernel_regularizer="l2",
    recurrent_regularizer="l1",
    bias_regularizer="l2",
    activity_regularizer="l2",
)
of_each_kind("not trained", "LSTM", trainable=False)
of_each_kind("named", "SimpleRNN", name="mine")


@case("LSTM double")
def _double(tf, keras):
    layer = keras.layers.LSTM(2, dtype="float64")
    x = keras.layers.Input((4, 3), dtype="float64")
    return told(tf, keras, layer, x, layer(x), STEPS.astype(np.float64))


@case("constraints")
def _constraints(tf, keras):
    layer = keras.layers.LSTM(2, kernel_constraint="max_norm", recurrent_constraint="non_neg")
    layer(keras.layers.Input((4, 3)))
    return {"config": layer.get_config(), "which": [w.constraint is None for w in layer.weights]}


@case("arguments by place")
def _by_place(tf, keras):
    layers = [
        keras.layers.LSTM(3, "relu", "sigmoid", False, "ones"),
        keras.layers.GRU(3, "relu", "sigmoid", False, "ones"),
        keras.layers.SimpleRNN(3, "relu", False, "ones"),
        keras.layers.LSTMCell(3, "relu", "sigmoid", False, "ones"),
    ]
    names = ["units", "activation", "recurrent_activation", "use_bias", "kernel_initializer"]
    return {
        "told": [
            [(k, v) for k, v in sorted(layer.get_config().items()) if k in names]
            for layer in layers
        ],
        "units": [layer.units for layer in layers],
        "shape of the first": list(layers[0].get_weights()),
    }


@case("made again")
def _again(tf, keras):
    layer = keras.layers.LSTM(2, return_sequences=True, input_shape=(4, 3), dropout=0.25)
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    old = keras.layers.GRU.from_config(dict(keras.layers.GRU(2).get_config(), implementation=0))
    return {
        "same": again.get_config() == layer.get_config(),
        "class": type(again).__name__,
        "implementation": old.get_config()["implementation"],
        "config": again.get_config(),
    }


# ---- dropout -----------------------------------------------------------------------------------


def dropped(name, make, *trainings):
    """What a layer gives in training and in testing; the masks are those of the seed.

    trainings: what it is told, in further calls.
    """

    @case(name)
    def _build(tf, keras):
        K = keras.backend
        layer = make(keras.layers)
        x = keras.layers.Input((4, 3))
        y = [layer(x), *(layer(x, training=training) for training in trainings)]
        f = K.function([x, K.learning_phase()], y)
        found = {"next seed": next_seed(tf)}
        for run, phase in enumerate((0, 1, 1)):
            results = f([STEPS, phase])
            found.update(("%d %d" % (run, i), value) for i, value in enumerate(results))
        return found


dropped("SimpleRNN dropout", lambda k: k.SimpleRNN(2, dropout=0.4))
dropped("LSTM dropout", lambda k: k.LSTM(2, dropout=0.4), True, False)
dropped("GRU dropout of both", lambda k: k.GRU(2, dropout=0.3, recurrent_dropout=0.4))
for _kind in ("GRU", "LSTM"):
    dropped(
        _kind + " dropout of both, two",
        lambda k, kind=_kind: KINDS[kind](k, dropout=0.3, recurrent_dropout=0.4, implementation=2),
    )
dropped("dropout of states, unrolled", lambda k: k.LSTM(2, recurrent_dropout=0.4, unroll=True))


# ---- masks -------------------------------------------------------------------------------------


def masked(name, make, words=WORDS):
    """A case of a layer behind an Embedding whose zeros do not count."""

    @case(name)
    def _build(tf, keras):
        x = keras.layers.Input((words.shape[1],), dtype="int32")
        table = keras.layers.Embedding(5, 3, mask_zero=True)
        layer = make(keras.layers)
        y = layer(table(x))
        found = told(tf, keras, [table, layer], x, y, words)
        masks = flat(layer.compute_mask(table(x), tf.not_equal(x, 0)))
        found["masks"] = [mask is not None for mask in masks]
        return found


for _kind in KINDS:
    masked(_kind + " masked", lambda k, kind=_kind: KINDS[kind](k))
for _options in (
    {"return_sequences": True, "return_state": True},
    {"return_sequences": True, "go_backwards": True},
    {"return_sequences": True, "unroll": True},
):
    masked(" ".join(["masked", *sorted(_options)]), lambda k, o=_options: k.LSTM(2, **o))
for _options in (
    {},
    {"unroll": True},
    {"go_backwards": True},
    {"unroll": True, "go_backwards": True},
):
    masked(
        " ".join(["masked with zeros", *sorted(_options)]),
        lambda k, o=_options: k.LSTM(2, return_sequences=True, zero_output_for_mask=True, **o),
    )


@case("masks of layers one after the other")
def _passed_on(tf, keras):
    k = keras.layers
    x = k.Input((4,), dtype="int32")
    first = k.LSTM(2, return_sequences=True)
    second = k.GRU(2)
    y = second(first(k.Embedding(5, 3, mask_zero=True)(x)))
    return told(tf, keras, [first, second], x, y, WORDS)


@case("a mask that is given")
def _given(tf, keras):
    layer = keras.layers.GRU(2, return_sequences=True)
    x = keras.layers.Input((4, 3))
    mask = tf.placeholder(tf.bool, [None, 4])
    return told(tf, keras, layer, x, layer(x, mask=mask), STEPS, {mask: COUNTED})


@case("Masking before a layer")
def _masking(tf, keras):
    x = keras.layers.Input((4, 3))
    layer = keras.layers.SimpleRNN(2)
    y = layer(keras.layers.Masking(0.5)(x))
    values = np.where(COUNTED[..., None], STEPS, np.float32(0.5))
    return told(tf, keras, layer, x, y, values)
