"""A small convolutional network in Keras: convolutions, pooling, batch normalization, a callback."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models, optimizers

tf.set_random_seed(5)
np.random.seed(5)
images = np.random.rand(40, 8, 8, 1).astype(np.float32)
images[::2, :4] += 1.0
labels = np.arange(40) % 2

model = models.Sequential()
model.add(layers.Conv2D(4, (3, 3), padding="same", input_shape=(8, 8, 1)))
model.add(layers.BatchNormalization())
model.add(layers.LeakyReLU(0.1))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(6, 3, activation="relu", bias_initializer="ones"))
model.add(layers.GlobalAveragePooling2D())
model.add(layers.Dense(2, activation="softmax"))
model.compile(
    optimizers.SGD(lr=0.1, momentum=0.9, nesterov=True),
    "sparse_categorical_crossentropy",
    ["acc"],
)
rates = []
watch = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(logs["loss"]))
slower = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
history = model.fit(images, labels, 10, 3, 0, callbacks=[watch, slower])
moving = model.get_layer("batch_normalization").get_weights()

RESULTS = {
    "losses": history.history["loss"],
    "seen": rates,
    "rates": history.history["lr"],
    "moving_mean": moving[2],
    "moving_variance": moving[3],
    "probabilities": model.predict(images[:4]),
}
