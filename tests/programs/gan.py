"""Two networks against each other: variable scopes, reuse, a list of variables for each."""

import numpy as np
import tensorflow as tf

np.random.seed(6)
tf.set_random_seed(6)


def linear(inputs, units, scope):
    with tf.variable_scope(scope, default_name="linear"):
        w = tf.get_variable("w", [inputs.get_shape()[1], units],
                            initializer=tf.random_normal_initializer(stddev=0.5))
        b = tf.get_variable("b", [units], initializer=tf.constant_initializer(0.0))
        return tf.matmul(inputs, w) + b


def generator(z):
    with tf.variable_scope("generator"):
        return linear(tf.nn.softplus(linear(z, 4, "g0")), 1, "g1")


def discriminator(x, reuse=None):
    with tf.variable_scope("discriminator", reuse=reuse):
        h0 = tf.nn.leaky_relu(linear(x, 6, "d0"))
        h1 = tf.tanh(linear(h0, 6, "d1"))
        return linear(h1, 1, "d2")


batch = 12
z = tf.placeholder(tf.float32, [batch, 1], name="z")
x = tf.placeholder(tf.float32, [batch, 1], name="x")
G = generator(z)
D_real = discriminator(x)
D_fake = discriminator(G, reuse=True)
cross = tf.nn.sigmoid_cross_entropy_with_logits
loss_d = tf.reduce_mean(cross(logits=D_real, labels=tf.ones_like(D_real))
                        + cross(logits=D_fake, labels=tf.zeros_like(D_fake)))
loss_g = tf.reduce_mean(cross(logits=D_fake, labels=tf.ones_like(D_fake)))

t_vars = tf.trainable_variables()
d_params = [v for v in t_vars if v.name.startswith("discriminator/")]
g_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="generator")
opt_d = tf.train.GradientDescentOptimizer(0.05).minimize(loss_d, var_list=d_params)
opt_g = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(loss_g, var_list=g_params)

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for step in range(25):
        real = np.random.normal(4, 0.5, [batch, 1])
        noise = np.linspace(-8, 8, batch).reshape(-1, 1) + np.random.random([batch, 1]) * 0.01
        d_value, _ = session.run([loss_d, opt_d], {x: real, z: noise})
        g_value, _ = session.run([loss_g, opt_g], {z: noise})
    print("losses", d_value, g_value)
    RESULTS = {
        "losses": [d_value, g_value],
        "samples": session.run(G, {z: noise}),
        "d_params": [v.name for v in d_params],
        "g_params": [v.name for v in g_params],
    }
