"""A classifier of points in Keras' Sequential style: compile, fit with validation, evaluate, predict."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Activation, Dense, Dropout
from tensorflow.keras.models import Sequential

tf.set_random_seed(1)
np.random.seed(1)
angles = np.random.uniform(0, 2 * np.pi, 200)
radius = np.where(np.arange(200) % 2 == 0, 0.5, 1.5) + 0.1 * np.random.randn(200)
points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1).astype(np.float32)
classes = tf.keras.utils.to_categorical(np.arange(200) % 2, 2)

model = Sequential()
model.add(Dense(16, input_dim=2, kernel_initializer=tf.keras.initializers.he_normal(seed=2)))
model.add(Activation("relu"))
model.add(Dropout(0.0))
model.add(Dense(2, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2(0.001)))
model.compile(
    loss="categorical_crossentropy",
    optimizer=tf.keras.optimizers.Adam(lr=0.02),
    metrics=["accuracy"],
)
history = model.fit(
    points[:160], classes[:160], batch_size=20, epochs=4, verbose=0,
    validation_data=(points[160:], classes[160:]),
)
loss, accuracy = model.evaluate(points, classes, verbose=0)

RESULTS = {
    "losses": history.history["loss"],
    "validation": history.history["val_loss"],
    "accuracy": history.history["acc"],
    "evaluated": [loss, accuracy],
    "probabilities": model.predict(points[:5]),
    "parameters": model.count_params(),
}
