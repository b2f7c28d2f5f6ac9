"""A generator and a discriminator of one number, each trained on its own variables."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(0)
np.random.seed(1)


def dense(x, size, name):
    w = tf.get_variable(name + "_w", [x.get_shape()[1], size],
                        initializer=tf.random_normal_initializer(stddev=0.3))
    b = tf.get_variable(name + "_b", [size], initializer=tf.constant_initializer(0.0))
    return tf.matmul(x, w) + b


def generator(z):
    with tf.variable_scope("generator"):
        return dense(tf.nn.softplus(dense(z, 4, "g0")), 1, "g1")


def discriminator(x, reuse=None):
    with tf.variable_scope("discriminator", reuse=reuse):
        return tf.sigmoid(dense(tf.tanh(dense(x, 8, "d0")), 1, "d1"))


z = tf.placeholder(tf.float32, [None, 1], name="z")
x = tf.placeholder(tf.float32, [None, 1], name="x")
fake = generator(z)
real_score = discriminator(x)
fake_score = discriminator(fake, reuse=True)
d_loss = -tf.reduce_mean(tf.log(real_score) + tf.log(1.0 - fake_score))
g_loss = -tf.reduce_mean(tf.log(fake_score))

variables = tf.trainable_variables()
d_vars = [v for v in variables if v.name.startswith("discriminator/")]
g_vars = [v for v in variables if v.name.startswith("generator/")]
step = tf.Variable(0, trainable=False)
rate = tf.train.exponential_decay(0.02, step, 50, 0.9)
d_train = tf.train.GradientDescentOptimizer(rate).minimize(d_loss, var_list=d_vars, global_step=step)
g_train = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(g_loss, var_list=g_vars)
clip = [v.assign(tf.clip_by_value(v, -0.5, 0.5)) for v in d_vars]

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    start = sess.run(d_vars[0])
    for _ in range(40):
        real = np.random.normal(4.0, 0.5, (16, 1))
        noise = np.random.uniform(-1, 1, (16, 1))
        sess.run(d_train, {x: real, z: noise})
        sess.run(g_train, {z: noise})
        sess.run(clip)
    feed = {x: np.full((4, 1), 4.0), z: np.linspace(-1, 1, 4).reshape(4, 1)}
    RESULTS = {
        "start": start,
        "losses": [float(value) for value in sess.run([d_loss, g_loss], feed)],
        "fake": sess.run(fake, feed),
        "d_vars": [v.name for v in d_vars],
        "step": int(sess.run(step)),
    }
