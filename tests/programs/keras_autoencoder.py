"""An autoencoder whose two halves are models of their own, trained together with weights of samples."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model

tf.set_random_seed(7)
np.random.seed(7)
x = np.random.rand(60, 6).astype(np.float32)
x[:, 3:] = x[:, :3]
inputs = Input(shape=(6,))
code = Dense(3, activation="relu", activity_regularizer=keras.regularizers.l1(1e-3))(inputs)
decoded = Dense(6, activation="sigmoid")(code)
autoencoder = Model(inputs, decoded)
encoder = Model(inputs, code)
code_in = Input(shape=(3,))
decoder = Model(code_in, autoencoder.layers[-1](code_in))
autoencoder.compile(optimizer="adadelta", loss="binary_crossentropy")
weights = np.where(np.arange(60) < 30, 1.0, 0.5)
losses = []
for _ in range(3):
    history = autoencoder.fit(x, x, epochs=1, batch_size=20, sample_weight=weights, verbose=0)
    losses += history.history["loss"]
codes = encoder.predict(x)

RESULTS = {
    "losses": losses,
    "codes": codes[:4],
    "decoded": decoder.predict(codes)[:4],
    "same": bool(np.allclose(decoder.predict(codes), autoencoder.predict(x))),
}
