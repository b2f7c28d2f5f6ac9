"""Both directions, a GRU, a plain recurrent layer that keeps its state, and two cells on each other."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.set_random_seed(23)
rng = np.random.RandomState(23)
x = rng.randn(16, 5, 3).astype(np.float32)
y = np.cumsum(x.sum(axis=2), axis=1)[:, :, None].astype(np.float32)

model = keras.Sequential()
model.add(layers.Bidirectional(layers.GRU(4, return_sequences=True), input_shape=(5, 3)))
model.add(layers.RNN([layers.LSTMCell(3), layers.SimpleRNNCell(4)], return_sequences=True))
model.add(layers.TimeDistributed(layers.Dense(1)))
model.compile("adagrad", "mse")
history = model.fit(x, y, epochs=2, batch_size=8, verbose=0, shuffle=False)

keeping = layers.SimpleRNN(
    3, stateful=True, batch_input_shape=(4, 2, 3), kernel_initializer="ones",
    recurrent_initializer="identity",
)
keeps = keras.Sequential([keeping])
first, second = keeps.predict(x[:4, :2]), keeps.predict(x[:4, :2])
keeps.reset_states()
again = keeps.predict(x[:4, :2])

RESULTS = {
    "losses": history.history["loss"],
    "predicted": model.predict(x[:2])[:, :, 0],
    "weights": [v.name for v in model.trainable_weights],
    "first": first,
    "second": second,
    "same": bool(np.allclose(first, again)),
}
