"""The thread's training from generators with a checkpoint, a rate that falls, and its accuracy."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K

tf.set_random_seed(25)
rng = np.random.RandomState(25)
X_train, X_val = rng.randn(48, 4).astype(np.float32), rng.randn(16, 4).astype(np.float32)


def labels(x):
    return np.eye(2, dtype=np.float32)[(x[:, 0] > 0.4).astype(int)]


def batches(x):
    while True:
        for start in range(0, len(x), 8):
            yield x[start : start + 8], labels(x[start : start + 8])


model = keras.models.Sequential()
model.add(keras.layers.Dense(6, activation="relu", input_dim=4))
model.add(keras.layers.Dense(2, activation="softmax"))
model.compile("nadam", "categorical_crossentropy", metrics=["accuracy"])
train_generator, val_generator = batches(X_train), batches(X_val)
reduce_lr = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=0, min_delta=1)
history = model.fit_generator(
    train_generator, validation_data=val_generator, validation_steps=2, steps_per_epoch=6,
    epochs=3, verbose=0, callbacks=[reduce_lr], max_queue_size=1,
)
actual_tensor, predicted_tensor = tf.placeholder(tf.float32, [None, 2]), model.output
correct_prediction = tf.equal(tf.argmax(actual_tensor, 1), tf.argmax(predicted_tensor, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
measured = K.get_session().run(
    accuracy, feed_dict={model.input: X_val, actual_tensor: labels(X_val)}
)

RESULTS = {
    "losses": history.history["loss"],
    "accuracies": history.history["acc"],
    "validation": history.history["val_loss"],
    "rates": history.history["lr"],
    "measured": measured,
    "evaluated": model.evaluate(X_val, labels(X_val), verbose=0)[1],
}
