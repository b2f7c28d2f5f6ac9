"""A trained network whose first layers are frozen, with a new last layer: which weights move."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.set_random_seed(9)
np.random.seed(9)
x = np.random.randn(64, 5).astype(np.float32)
y = (x.sum(axis=1) > 0).astype(np.float32)
base = keras.Sequential(
    [
        keras.layers.Dense(8, activation="tanh", input_shape=(5,), name="first"),
        keras.layers.Dense(4, activation="tanh", name="second"),
        keras.layers.Dense(1, activation="sigmoid", name="old_top"),
    ]
)
base.compile("rmsprop", "binary_crossentropy")
base.fit(x, y, epochs=2, verbose=0)
features = keras.Model(base.input, base.get_layer("second").output)
for layer in features.layers:
    layer.trainable = False
top = keras.layers.Dense(1, activation="sigmoid", name="new_top")(features.output)
tuned = keras.Model(features.input, top)
tuned.compile(keras.optimizers.Adagrad(lr=0.1), "binary_crossentropy", metrics=["accuracy"])
before = [layer.get_weights() for layer in tuned.layers]
history = tuned.fit(x, y, epochs=2, batch_size=16, verbose=0, shuffle=False)
after = [layer.get_weights() for layer in tuned.layers]
moved = [
    any(np.abs(a - b).max() > 0 for a, b in zip(old, new)) for old, new in zip(before, after)
]

RESULTS = {
    "moved": moved,
    "trained": [v.name for v in tuned.trainable_weights],
    "losses": history.history["loss"],
    "accuracy": history.history["acc"],
}
