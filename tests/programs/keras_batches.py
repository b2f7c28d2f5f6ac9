"""Training by single batches and by a Sequence; a metric and a loss of one's own."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K

tf.set_random_seed(13)
np.random.seed(13)
x = np.random.randn(48, 3).astype(np.float32)
y = (x[:, :1] > 0.8).astype(np.float32)


def soft_f1_loss(y_true, y_pred):
    hits = K.sum(y_true * y_pred)
    return 1.0 - 2.0 * hits / (K.sum(y_true) + K.sum(y_pred) + K.epsilon())


def mean_prediction(y_true, y_pred):
    return K.mean(y_pred)


class Batches(keras.utils.Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return x[index * 12 : index * 12 + 12], y[index * 12 : index * 12 + 12]


model = keras.Sequential()
model.add(keras.layers.Dense(4, activation="elu", input_shape=(3,)))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(keras.optimizers.Adamax(0.05), soft_f1_loss, metrics=[mean_prediction])
single = [model.train_on_batch(x[:16], y[:16]) for _ in range(3)]
history = model.fit_generator(Batches(), epochs=2, verbose=0, shuffle=False)
measured = model.evaluate_generator(Batches())
tested = model.test_on_batch(x[:16], y[:16])

RESULTS = {
    "single": single,
    "losses": history.history["loss"],
    "means": history.history["mean_prediction"],
    "measured": measured,
    "tested": tested,
    "predicted": model.predict_on_batch(x[:3]),
}
