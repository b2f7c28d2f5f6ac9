"""Sentences of different lengths: an embedding that masks, a recurrent layer, a classifier."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense, Embedding
from tensorflow.keras.models import Sequential

tf.set_random_seed(19)
rng = np.random.RandomState(19)
words, length = 12, 6
sentences = np.zeros((40, length), np.int32)
for row in sentences:
    n = rng.randint(2, length + 1)
    row[:n] = rng.randint(1, words, n)
labels = (sentences == 3).any(axis=1).astype(np.float32)

model = Sequential()
model.add(Embedding(words, 4, input_length=length, mask_zero=True))
model.add(LSTM(5, dropout=0.0, recurrent_dropout=0.0))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(sentences, labels, batch_size=10, epochs=3, verbose=0, shuffle=False)
kernel, recurrent, bias = model.layers[1].get_weights()

RESULTS = {
    "losses": history.history["loss"],
    "accuracy": history.history["acc"],
    "kernel": kernel[0],
    "recurrent": recurrent[0],
    "bias": bias,
    "predicted": model.predict(sentences[:4]),
}
