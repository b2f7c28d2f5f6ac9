"""Cases of the recurrent layers of Keras and of the wrappers around layers.

`RECURRENT` maps an id to a function of the `tensorflow` and the `keras` module, which returns
arrays and plain data by name: see running_keras.py. `MISTAKES` are those that end in an error.
"""

import re
import warnings

import numpy as np
from goldens.running import next_seed, result_weights

RECURRENT = {}
MISTAKES = {}

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


def mistake(name, *fragments):
    """Add the decorated function as one that ends in an error, whose message has the fragments."""

    def add(build):
        assert name not in MISTAKES, name
        MISTAKES[name] = (build, fragments)
        return build

    return add


def lines_of(operations):
    """Names and types of operations in lines, without those that are not here.

    With them TensorFlow asks whether zeros of a size that only a run knows are few.
    """
    asked = re.compile(r"zeros(_\d+)?/(mul|Less)(/y)?$")
    return ["%s %s" % (name, kind) for name, kind in operations if not asked.search(name)]


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
        x = keras.layers.Input(batch_shape=(batch,) + tuple(shape))
        found = told(tf, keras, layer, x, layer(x), values)
        if shapes:
            said = layer.compute_output_shape((batch,) + tuple(shape))
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
of_each_kind("all steps", return_sequences=True)
of_each_kind("states", return_state=True)
of_each_kind("all steps and states", return_sequences=True, return_state=True)
of_each_kind("backwards", go_backwards=True, return_sequences=True)
of_each_kind("unrolled", unroll=True, return_sequences=True)
of_each_kind("unrolled backwards", "LSTM", unroll=True, go_backwards=True, return_sequences=True)
of_each_kind("any number of steps", shape=(None, 3), return_sequences=True)
of_each_kind("a fixed batch", batch=2)
of_each_kind("time major", "LSTM", time_major=True, return_sequences=True)
of_each_kind("without bias", use_bias=False)
of_each_kind("linear", activation=None)
of_each_kind("other activations", "GRU", "LSTM", activation="relu", recurrent_activation="sigmoid")
of_each_kind("two", "GRU", "LSTM", implementation=2)
of_each_kind("two without bias", "GRU", "LSTM", implementation=2, use_bias=False)
of_each_kind("reset after", "GRU", reset_after=True)
of_each_kind("reset after, without bias", "GRU", reset_after=True, use_bias=False)
of_each_kind("two, reset after", "GRU", reset_after=True, implementation=2)
of_each_kind("no ones for the forget gate", "LSTM", unit_forget_bias=False)
of_each_kind(
    "initializers",
    kernel_initializer="ones",
    recurrent_initializer="glorot_uniform",
    bias_initializer="ones",
)
of_each_kind(
    "regularizers",
    kernel_regularizer="l2",
    recurrent_regularizer="l1",
    bias_regularizer="l2",
    activity_regularizer="l2",
)
of_each_kind("not trained", "LSTM", trainable=False)
of_each_kind("named", "GRU", name="mine")


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
        "shape of the first": [w for w in layers[0].get_weights()],
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


def dropped(name, make):
    """What a layer gives in training and in testing; the masks are those of the seed."""

    @case(name)
    def _build(tf, keras):
        K = keras.backend
        layer = make(keras.layers)
        x = keras.layers.Input((4, 3))
        y = layer(x)
        trained, tested = layer(x, training=True), layer(x, training=False)
        f = K.function([x, K.learning_phase()], [y, trained, tested])
        found = {"next seed": next_seed(tf)}
        for phase in (0, 1, 1):
            results = f([STEPS, phase])
            names = ["%d %d" % (phase, i) for i in range(3)]
            found.update(zip(names, results))
        return found


for _kind in KINDS:
    dropped(_kind + " dropout", lambda k, kind=_kind: KINDS[kind](k, dropout=0.4))
    dropped(
        _kind + " dropout of the states",
        lambda k, kind=_kind: KINDS[kind](k, recurrent_dropout=0.4, unroll=True),
    )
    if _kind != "SimpleRNN":
        dropped(
            _kind + " dropout of both, two",
            lambda k, kind=_kind: KINDS[kind](
                k, dropout=0.3, recurrent_dropout=0.4, implementation=2
            ),
        )


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
        _name = "%s masked, %s" % (_kind, " ".join(sorted(_options)))
        masked(_name, lambda k, kind=_kind, o=_options: KINDS[kind](k, **o))
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


# ---- states ------------------------------------------------------------------------------------


@case("initial states of layers")
def _initial(tf, keras):
    k = keras.layers
    x, h, c = k.Input((4, 3)), k.Input((2,)), k.Input((2,))
    layer = k.LSTM(2, return_state=True)
    y = layer(x, initial_state=[h, c])
    found = told(tf, keras, layer, [x, h, c], y, [STEPS, STEPS[:, 0, :2], STEPS[:, 1, :2]])
    found["input"] = [t.name for t in layer.input]
    return found


@case("initial states in the list of inputs")
def _in_list(tf, keras):
    k = keras.layers
    x, h = k.Input((4, 3)), k.Input((2,))
    layer = k.GRU(2)
    return told(tf, keras, layer, [x, h], layer([x, h]), [STEPS, STEPS[:, 0, :2]])


@case("initial states of tensors")
def _of_tensors(tf, keras):
    x = keras.layers.Input((4, 3))
    layer = keras.layers.SimpleRNN(2)
    y = layer(x, initial_state=tf.ones([2, 2]))
    return told(tf, keras, layer, x, y, STEPS)


@case("an encoder and a decoder")
def _coded(tf, keras):
    k = keras.layers
    x, z = k.Input((None, 3)), k.Input((None, 3))
    encoder = k.LSTM(2, return_state=True)
    _, h, c = encoder(x)
    decoder = k.LSTM(2, return_sequences=True, return_state=True)
    y, _, _ = decoder(z, initial_state=[h, c])
    found = told(tf, keras, [encoder, decoder], [x, z], y, [STEPS, STEPS[:, ::-1]])
    model = keras.models.Model([x, z], y)
    found["layers"] = [layer.name for layer in model.layers]
    again = keras.models.Model.from_config(model.get_config())
    found["again"] = [layer.name for layer in again.layers]
    return found


@case("stateful")
def _stateful(tf, keras):
    K = keras.backend
    x = keras.layers.Input(batch_shape=(2, 4, 3))
    layer = keras.layers.LSTM(2, stateful=True)
    y = layer(x)
    found = {
        "next seed": next_seed(tf),
        "states": [s.name for s in layer.states],
        "weights": [w.name for w in layer.weights],
        "updates": [u.name for u in layer.updates],
        "of inputs": len(layer.get_updates_for(x)),
        "of none": len(layer.get_updates_for(None)),
    }
    f = K.function([x], [y], updates=layer.updates)
    (found["first"],) = f([STEPS])
    (found["second"],) = f([STEPS])
    found["kept"], found["carry"] = [K.get_value(s) for s in layer.states]
    layer.reset_states()
    (found["from zero"],) = f([STEPS])
    layer.reset_states([STEPS[:, 0, :2], STEPS[:, 1, :2]])
    (found["from given"],) = f([STEPS])
    return found


@case("a model keeps states")
def _kept(tf, keras):
    k = keras.layers
    model = keras.models.Sequential(
        [
            k.GRU(2, stateful=True, return_sequences=True, batch_input_shape=(2, 4, 3)),
            k.SimpleRNN(2, stateful=True),
        ]
    )
    found = {"first": model.predict(STEPS), "second": model.predict(STEPS)}
    model.reset_states()
    found["from zero"] = model.predict(STEPS)
    found["stateful"] = model.stateful
    return found


@case("the states of a layer that keeps none")
def _none(tf, keras):
    lstm, gru = keras.layers.LSTM(2), keras.layers.GRU(2)
    stacked = keras.layers.RNN([keras.layers.LSTMCell(2), keras.layers.GRUCell(3)])
    return {"states": [lstm.states, gru.states, stacked.states]}


# ---- cells -------------------------------------------------------------------------------------


def cells_of(keras):
    """A cell of one's own, and one with constants."""
    K, k = keras.backend, keras.layers

    class Minimal(k.Layer):
        def __init__(self, units=2, **kwargs):
            self.units = units
            self.state_size = units
            super().__init__(**kwargs)

        def build(self, input_shape):
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units), initializer="uniform", name="kernel"
            )
            self.recurrent_kernel = self.add_weight(
                shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel"
            )
            self.built = True

        def call(self, inputs, states):
            output = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel)
            return output, [output]

        def get_config(self):
            return dict(super().get_config(), units=self.units)

    class Shifted(Minimal):
        def call(self, inputs, states, constants):
            output, states = super().call(inputs, states)
            output += K.sum(constants[0], axis=-1, keepdims=True)
            return output, [output]

    return Minimal, Shifted


@case("a cell of one's own")
def _own_cell(tf, keras):
    cell = cells_of(keras)[0]()
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    x = keras.layers.Input((4, 3))
    return told(tf, keras, layer, x, layer(x), STEPS)


@case("a cell with constants")
def _constants(tf, keras):
    layer = keras.layers.RNN(cells_of(keras)[1]())
    x, c = keras.layers.Input((4, 3)), keras.layers.Input((3,))
    return told(tf, keras, layer, [x, c], layer(x, constants=c), [STEPS, STEPS[:, 0]])


@case("a cell with constants and an initial state")
def _constants_and_state(tf, keras):
    layer = keras.layers.RNN(cells_of(keras)[1]())
    x, h, c = (keras.layers.Input(s) for s in ((4, 3), (2,), (3,)))
    y = layer(x, initial_state=h, constants=[c])
    return told(tf, keras, layer, [x, h, c], y, [STEPS, STEPS[:, 0, :2], STEPS[:, 1]])


@case("a cell with constants that are tensors")
def _constants_of_tensors(tf, keras):
    layer = keras.layers.RNN(cells_of(keras)[1]())
    x = keras.layers.Input((4, 3))
    return told(tf, keras, layer, x, layer(x, constants=[tf.ones([2, 3])]), STEPS)


@case("cells one on the other")
def _stacked(tf, keras):
    k = keras.layers
    layer = k.RNN([k.LSTMCell(2), k.GRUCell(3), k.SimpleRNNCell(2)], return_state=True)
    x = k.Input((4, 3))
    found = told(tf, keras, layer, x, layer(x), STEPS)
    found["sizes"] = [layer.cell.state_size, layer.cell.output_size]
    return found


@case("cells one on the other, in the other order of states")
def _stacked_reversed(tf, keras):
    k = keras.layers
    cells = k.StackedRNNCells([k.SimpleRNNCell(2), k.GRUCell(2)], reverse_state_order=True)
    layer = k.RNN(cells, return_state=True)
    x = k.Input((4, 3))
    return told(tf, keras, layer, x, layer(x), STEPS)


@case("cells of one's own one on the other")
def _own_stacked(tf, keras):
    minimal = cells_of(keras)[0]
    layer = keras.layers.RNN([minimal(2), minimal(3)], return_sequences=True, unroll=True)
    x = keras.layers.Input((4, 3))
    return told(tf, keras, layer, x, layer(x), STEPS)


@case("a masked stack of cells")
def _masked_stack(tf, keras):
    k = keras.layers
    x = k.Input((4,), dtype="int32")
    layer = k.RNN([k.LSTMCell(2), k.LSTMCell(3)], return_state=True)
    return told(tf, keras, layer, x, layer(k.Embedding(5, 3, mask_zero=True)(x)), WORDS)


@case("a cell of tf.nn")
def _of_nn(tf, keras):
    layer = keras.layers.RNN(tf.nn.rnn_cell.LSTMCell(2), return_sequences=True)
    x = keras.layers.Input((4, 3))
    y = layer(x)
    return {
        "names": [y.name, y.shape.as_list()],
        "variables": [v.name for v in tf.trainable_variables()],
        "out": keras.backend.function([x], [y])([STEPS])[0],
    }


@case("a cell by itself")
def _alone(tf, keras):
    k = keras.layers
    cell = k.LSTMCell(2)
    x, h, c = k.Input((3,)), k.Input((2,)), k.Input((2,))
    y, states = cell(x, [h, c])
    zeros = cell.get_initial_state(batch_size=2, dtype="float32")
    values = [STEPS[:, 0], STEPS[:, 1, :2], STEPS[:, 2, :2]]
    found = told(tf, keras, cell, [x, h, c], [y, *states], values)
    found["zeros"] = [z.shape.as_list() for z in zeros]
    return found


# ---- K.rnn -------------------------------------------------------------------------------------


def stepped(name, step, states, **options):
    @case(name)
    def _build(tf, keras):
        K = keras.backend
        x = K.placeholder((2, 4, 3))
        first = states(K)
        if "mask" in options:
            options["mask"] = tf.constant(COUNTED)
        last, outputs, new = K.rnn(lambda a, s: step(K, a, s), x, first, **options)
        f = K.function([x], [last, outputs, *new])
        found = {"shapes": [t.shape.as_list() for t in (last, outputs, *new)]}
        found.update(("%d" % i, value) for i, value in enumerate(f([STEPS])))
        return found


def summed(K, x, states):
    output = x + states[0]
    return output, [output]


for _options in (
    {},
    {"unroll": True},
    {"go_backwards": True},
    {"mask": True},
    {"mask": True, "unroll": True},
    {"mask": True, "zero_output_for_mask": True},
    {"input_length": 4},
    {"mask": True, "go_backwards": True},
):
    stepped(
        " ".join(["K.rnn", *sorted(_options)]), summed, lambda K: [K.zeros((2, 3)) + 1], **_options
    )
stepped("K.rnn without states", lambda K, x, states: (x * 2, []), lambda K: [])
stepped(
    "K.rnn with constants",
    lambda K, x, s: (x + s[0] * s[1], [s[0] + 1]),
    lambda K: [K.ones((2, 3)) * 1],
    constants=[np.float32(3)],
)


# ---- wrappers ----------------------------------------------------------------------------------

for _mode in ("concat", "sum", "mul", "ave", None):
    one("Bidirectional %s" % _mode, lambda k, m=_mode: k.Bidirectional(k.LSTM(2), merge_mode=m))
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
