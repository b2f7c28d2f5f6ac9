"""A small convolutional network with tf.layers: convolution, pooling, dropout, dense layers."""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

tf.set_random_seed(1)
mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)


def network(images, training, reuse=None):
    with tf.variable_scope("ConvNet", reuse=reuse):
        x = tf.reshape(images, shape=[-1, 28, 28, 1])
        conv1 = tf.layers.conv2d(x, 4, 5, activation=tf.nn.relu)
        pool1 = tf.layers.max_pooling2d(conv1, 2, 2)
        conv2 = tf.layers.conv2d(inputs=pool1, filters=8, kernel_size=[3, 3], padding="same",
                                 activation=tf.nn.relu)
        pool2 = tf.layers.average_pooling2d(conv2, pool_size=[2, 2], strides=2)
        flat = tf.layers.flatten(pool2)
        dense = tf.layers.dense(flat, 32, activation=tf.nn.relu)
        dropped = tf.layers.dropout(dense, rate=0.4, training=training)
        return tf.layers.dense(dropped, 10)


x = tf.placeholder(tf.float32, [None, 784])
y = tf.placeholder(tf.float32, [None, 10])
logits_train = network(x, training=True)
logits_test = network(x, training=False, reuse=True)

loss_op = tf.losses.softmax_cross_entropy(onehot_labels=y, logits=logits_train)
train_op = tf.train.AdamOptimizer(1e-2).minimize(loss_op)
correct_pred = tf.equal(tf.argmax(logits_test, 1), tf.argmax(y, 1))
accuracy = tf.reduce_mean(tf.cast(correct_pred, tf.float32))

sess = tf.Session(config=tf.ConfigProto(allow_soft_placement=True))
sess.run(tf.global_variables_initializer())
history = []
for step in range(6):
    batch_x, batch_y = mnist.train.next_batch(32)
    history.append(sess.run([loss_op, train_op], {x: batch_x, y: batch_y})[0])
test = {x: mnist.test.images[:100], y: mnist.test.labels[:100]}
print("accuracy", sess.run(accuracy, test))

RESULTS = {
    "history": history,
    "logits": sess.run(logits_test, test)[0],
    "shapes": [v.get_shape().as_list() for v in tf.trainable_variables()],
}
