"""One small network, trained by every optimizer in turn, from the same start."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
inputs = rng.randn(40, 5).astype(np.float32)
targets = np.sin(inputs[:, :1] * 2) + 0.1 * inputs[:, 1:2]

optimizers = [
    tf.train.GradientDescentOptimizer(0.05),
    tf.train.MomentumOptimizer(0.02, 0.9),
    tf.train.MomentumOptimizer(0.02, 0.9, use_nesterov=True, name="Nesterov"),
    tf.train.AdamOptimizer(0.01),
    tf.train.RMSPropOptimizer(0.01, decay=0.9),
    tf.train.AdagradOptimizer(0.1),
    tf.train.AdadeltaOptimizer(1.0),
    tf.train.FtrlOptimizer(0.1),
    tf.train.ProximalGradientDescentOptimizer(0.05),
    tf.train.ProximalAdagradOptimizer(0.1),
]

tf.set_random_seed(11)
x = tf.placeholder(tf.float32, [None, 5])
y_ = tf.placeholder(tf.float32, [None, 1])
results = {}
for optimizer in optimizers:
    name = optimizer.get_name()
    with tf.variable_scope(name.lower()):
        w1 = tf.get_variable("w1", [5, 8], initializer=tf.random_normal_initializer(0, 0.3, seed=5))
        b1 = tf.get_variable("b1", [8], initializer=tf.zeros_initializer())
        w2 = tf.get_variable("w2", [8, 1], initializer=tf.glorot_uniform_initializer(seed=6))
        b2 = tf.get_variable("b2", initializer=tf.zeros([1]))
        hidden = tf.nn.tanh(tf.matmul(x, w1) + b1)
        loss = tf.reduce_mean(tf.square(tf.matmul(hidden, w2) + b2 - y_))
    train = optimizer.minimize(loss, var_list=[w1, b1, w2, b2])
    slots = [optimizer.get_slot(w1, slot).name for slot in optimizer.get_slot_names()]
    results[name] = (loss, train, slots, [v.name for v in optimizer.variables()], w2)

feed = {x: inputs, y_: targets}
RESULTS = {}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for name, (loss, train, slots, variables, w2) in results.items():
        losses = []
        for step in range(30):
            _, value = sess.run([train, loss], feed)
            if step % 10 == 9:
                losses.append(float(sess.run(loss, feed)))
        RESULTS[name] = [losses, slots, variables, sess.run(w2).ravel().tolist()]
