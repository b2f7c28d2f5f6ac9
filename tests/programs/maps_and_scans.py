"""Functions along an axis: map_fn, scan, foldl, foldr and case, with slopes."""

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 3], name="x")
rate = tf.Variable(0.5, name="rate")

squares = tf.map_fn(lambda row: row * row, x)
largest = tf.map_fn(lambda row: (tf.argmax(row), tf.reduce_max(row)), x,
                    dtype=(tf.int64, tf.float32))  # fmt: skip
running = tf.scan(lambda kept, row: rate * kept + (1.0 - rate) * row, x)
product = tf.foldl(lambda a, row: a * row, x)
nested = tf.foldr(lambda a, row: tf.sin(a + row), x, initializer=tf.zeros([3]))
fibonacci = tf.scan(lambda a, _: (a[1], a[0] + a[1]), tf.zeros([10]), initializer=(1, 1))

total = tf.reduce_sum(running)
size = tf.case(
    [(total < -1.0, lambda: tf.constant("small")), (total < 1.0, lambda: tf.constant("middle"))],
    default=lambda: tf.constant("large"),
)
slopes = tf.gradients(tf.reduce_sum(running[-1]) + tf.reduce_sum(nested), [x, rate._ref()])
train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(tf.square(running[-1])))

rows = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [2.0, 0.5, 1.5], [-1.0, 1.0, 0.75]])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    fetched = sess.run(
        [squares, largest, running, product, nested, fibonacci[0], size, slopes], {x: rows}
    )
    for _ in range(3):
        sess.run(train, {x: rows})
    after = sess.run(rate)
    sizes = [sess.run(size, {x: rows * factor}) for factor in (-1.0, 0.1, 1.0)]

RESULTS = {
    "squares": fetched[0],
    "largest": fetched[1],
    "running": fetched[2],
    "product": fetched[3],
    "nested": fetched[4],
    "fibonacci": fetched[5],
    "slopes": fetched[7],
    "rate": after,
    "sizes": [s.decode() for s in sizes],
}
