"""Ratings as products of two embeddings, trained on their rows alone."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(31)
rng = np.random.RandomState(31)
users, items, size = 8, 6, 3
truth = rng.normal(size=(users, 2)).dot(rng.normal(size=(2, items))) + 3.0
pairs = [(u, i) for u in range(users) for i in range(items) if (u + i) % 3]

user = tf.placeholder(tf.int32, [None], "user")
item = tf.placeholder(tf.int32, [None], "item")
rating = tf.placeholder(tf.float32, [None], "rating")
init = tf.random_uniform_initializer(-0.5, 0.5)
with tf.variable_scope("embedding", initializer=init):
    user_matrix = tf.get_variable("user", [users, size])
    item_matrix = tf.get_variable("item", [items, size])
    user_bias = tf.get_variable("user_bias", [users], initializer=tf.zeros_initializer())
mean = tf.Variable(3.0, name="mean")
p = tf.nn.embedding_lookup(user_matrix, user)
q = tf.gather(item_matrix, item)
predicted = tf.reduce_sum(tf.multiply(p, q), axis=-1) + tf.gather(user_bias, user) + mean
loss = tf.losses.mean_squared_error(rating, predicted)
penalty = 0.01 * (tf.nn.l2_loss(p) + tf.nn.l2_loss(q))
step = tf.train.create_global_step()
optimizer = tf.train.AdagradOptimizer(0.3)
train = optimizer.minimize(loss + penalty, global_step=step)
order = rng.permutation(len(pairs) * 8) % len(pairs)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    while tf.train.global_step(sess, step) < 25:
        rows = [pairs[k] for k in order[len(losses) * 8:len(losses) * 8 + 8]]
        feed = {user: [u for u, _ in rows], item: [i for _, i in rows],
                rating: [truth[u, i] for u, i in rows]}
        losses.append(sess.run([loss, train], feed)[0])
    bias = sess.run(user_bias)
print("loss", losses[-1], "after", len(losses), "steps")

RESULTS = {
    "losses": losses[::4],
    "steps": len(losses),
    "bias": bias,
    "slots": [optimizer.get_slot(v, "accumulator").name for v in tf.trainable_variables()],
}
