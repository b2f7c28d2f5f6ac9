"""Callbacks of Keras: stop early, lower the learning rate on a plateau, and what they saw."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import callbacks, layers, models, optimizers

tf.set_random_seed(15)
np.random.seed(15)
x = np.random.randn(50, 4).astype(np.float32)
y = x @ np.array([[1.0], [-2.0], [0.5], [0.0]], np.float32)


class Norms(callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.norms, self.batches = [], 0

    def on_batch_end(self, batch, logs=None):
        self.batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.norms.append(float(np.linalg.norm(self.model.layers[0].get_weights()[0])))


model = models.Sequential([layers.Dense(1, input_shape=(4,), kernel_initializer="zeros")])
model.compile(optimizers.SGD(0.9), "mse")
norms = Norms()
history = model.fit(
    x, y, batch_size=10, epochs=12, verbose=0, validation_split=0.2, shuffle=False,
    callbacks=[
        norms,
        callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1, min_lr=0.01),
        callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True),
    ],
)

RESULTS = {
    "losses": history.history["loss"],
    "validation": history.history["val_loss"],
    "rates": history.history["lr"],
    "norms": norms.norms,
    "batches": norms.batches,
    "weights": model.get_weights()[0],
}
