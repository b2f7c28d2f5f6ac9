"""Layers of Keras in a graph of TensorFlow: placeholders, tf.train, a session, and K.function."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras import layers

tf.set_random_seed(11)
np.random.seed(11)
sess = tf.Session()
K.set_session(sess)
images = tf.placeholder(tf.float32, shape=(None, 6))
hidden = layers.Dense(5, activation="relu")(images)
dropped = layers.Dropout(0.5)(hidden)
predictions = layers.Dense(3, activation="softmax")(dropped)
labels = tf.placeholder(tf.float32, shape=(None, 3))
loss = tf.reduce_mean(tf.keras.losses.categorical_crossentropy(labels, predictions))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
x = np.random.rand(30, 6).astype(np.float32)
y = np.eye(3, dtype=np.float32)[x[:, :3].argmax(axis=1)]

losses = []
with sess.as_default():
    sess.run(tf.global_variables_initializer())
    for _ in range(10):
        feed = {images: x, labels: y, K.learning_phase(): 0}
        losses.append(sess.run([loss, train_step], feed)[0])
    hits = tf.keras.metrics.categorical_accuracy(labels, predictions)
    score = hits.eval(feed_dict={images: x, labels: y, K.learning_phase(): 0})
    slopes = K.function([images, labels], K.gradients(loss, [images]))
    slope = slopes([x[:2], y[:2]])[0]

RESULTS = {
    "losses": losses,
    "score": score.mean(),
    "slope": slope,
    "trained": [v.name for v in tf.trainable_variables()],
}
