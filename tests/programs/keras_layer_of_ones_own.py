"""A layer, a model and an initializer that a user wrote, with a loss that the layer adds."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K

tf.set_random_seed(17)
np.random.seed(17)


class Scaled(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        self.units = units
        super(Scaled, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel", shape=(int(input_shape[1]), self.units), initializer="uniform"
        )
        self.scale = self.add_weight(
            name="scale", shape=(self.units,), initializer="ones", trainable=False
        )
        super(Scaled, self).build(input_shape)

    def call(self, x):
        self.add_loss(0.01 * K.sum(K.square(self.kernel)))
        return K.dot(x, self.kernel) * self.scale

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)


class Two(keras.Model):
    def __init__(self):
        super(Two, self).__init__(name="two")
        self.first = keras.layers.Dense(4, activation="relu")
        self.second = Scaled(2)

    def call(self, inputs):
        return self.second(self.first(inputs))


x = np.random.randn(24, 3).astype(np.float32)
y = np.stack([x.sum(axis=1), x.prod(axis=1)], axis=1)
model = Two()
model.compile(optimizer=tf.train.AdamOptimizer(0.05), loss="mse")
history = model.fit(x, y, batch_size=8, epochs=3, verbose=0)

RESULTS = {
    "losses": history.history["loss"],
    "predicted": model.predict(x[:2]),
    "trained": [v.name for v in model.trainable_weights],
    "fixed": [v.name for v in model.non_trainable_weights],
}
