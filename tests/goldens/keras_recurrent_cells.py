"""Cases of the states and the cells of recurrent layers of Keras: see keras_recurrent.py."""

import numpy as np
from goldens.keras_recurrent import COUNTED, STEPS, WORDS, case, told
from goldens.running import next_seed

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
