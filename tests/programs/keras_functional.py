"""Two inputs, shared layers and two outputs with losses of their own: Keras' functional style."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.set_random_seed(3)
np.random.seed(3)
left = keras.Input(shape=(4,), name="left")
right = keras.Input(shape=(4,), name="right")
shared = keras.layers.Dense(8, activation="tanh", name="shared")
both = keras.layers.concatenate([shared(left), shared(right)])
hidden = keras.layers.Dense(6, activation="relu", name="hidden")(both)
same = keras.layers.Dense(1, activation="sigmoid", name="same")(hidden)
total = keras.layers.Dense(1, name="total")(keras.layers.add([hidden, hidden]))
model = keras.Model(inputs=[left, right], outputs=[same, total])
model.compile(
    optimizer="sgd",
    loss={"same": "binary_crossentropy", "total": "mse"},
    loss_weights={"same": 1.0, "total": 0.2},
    metrics={"total": "mae"},
)
a = np.random.rand(32, 4).astype(np.float32)
b = np.where(np.arange(32)[:, None] % 2 == 0, a, np.random.rand(32, 4)).astype(np.float32)
targets = {"same": (np.arange(32) % 2 == 0).astype(np.float32), "total": (a + b).sum(axis=1)}
history = model.fit({"left": a, "right": b}, targets, batch_size=8, epochs=3, verbose=0)
lines = []
model.summary(print_fn=lines.append)

RESULTS = {
    "names": list(map(str, model.metrics_names)),
    "losses": history.history["loss"],
    "same": history.history["same_loss"],
    "error": history.history["total_mean_absolute_error"],
    "predicted": model.predict([a[:3], b[:3]])[1],
    "summary": lines,
}
