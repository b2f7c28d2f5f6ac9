"""The same step in TensorFlow 2: a tape notes what is computed; tf.function makes a graph of it."""

import tensorflow as tf

W = tf.Variable([[1.0], [-1.0]])
b = tf.Variable([0.5])
optimizer = tf.keras.optimizers.SGD(0.1)


@tf.function
def train(x, y_):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ W + b - y_))
    gradients = tape.gradient(loss, [W, b])
    optimizer.apply_gradients(zip(gradients, [W, b]))
    return loss


loss = train(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1.0], [0.0]]))

print("loss", round(float(loss), 4))
print("W", [round(v, 4) for v in W.numpy().ravel().tolist()])
