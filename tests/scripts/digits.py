import numpy as np
import tensorflow as tf

# A ring and a stroke of 8 x 8 dots, as rows of 64 numbers.
down, across = np.mgrid[:8, :8] - 3.5
ring = (np.abs(np.hypot(down, across * 1.3) - 3) < 0.7).astype(np.float32)
stroke = (np.abs(across) < 1).astype(np.float32)
images = np.stack([ring, stroke]).reshape(2, 64)
labels = np.eye(2, dtype=np.float32)

x = tf.placeholder(tf.float32, [None, 64], name="x")
y_ = tf.placeholder(tf.float32, [None, 2], name="y_")
W = tf.Variable(tf.zeros([64, 2]), name="W")
y = tf.matmul(x, W, name="y")
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for _ in range(12):
    sess.run([train, loss], {x: images, y_: labels})
