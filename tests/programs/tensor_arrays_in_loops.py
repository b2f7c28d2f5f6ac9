"""A ball that falls and bounces, as a loop that keeps its path in a TensorArray; its push is
learnt through the loop."""

import tensorflow as tf

STEPS = 12
start = tf.placeholder_with_default(1.0, [], name="start")
push = tf.Variable(0.0, name="push")
DT = 0.1


def step(i, height, speed, path):
    height = height + DT * speed
    speed = speed - DT * 9.8
    height, speed = tf.cond(
        height < 0.0, lambda: (-0.5 * height, -0.5 * speed), lambda: (height, speed)
    )
    return i + 1, height, speed, path.write(i, height)


_, last, _, path = tf.while_loop(
    lambda i, *_: i < STEPS, step, (0, start, push, tf.TensorArray(tf.float32, STEPS))
)
heights = path.stack(name="heights")
loss = tf.square(last - 0.8, name="loss")
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)


def bubbles(values, count):
    """Sorts by neighbours, in two loops, one in the other."""

    def inner(j, values):
        a, b = values[j], values[j + 1]
        pair = tf.stack([tf.minimum(a, b), tf.maximum(a, b)])
        return j + 1, tf.concat([values[:j], pair, values[j + 2 :]], 0)

    def outer(i, values):
        _, values = tf.while_loop(
            lambda j, _: j < count - 1, inner, (0, values),
            shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
        )  # fmt: skip
        return i + 1, values

    return tf.while_loop(
        lambda i, _: i < count, outer, (0, values),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )[1]  # fmt: skip


mixed = tf.constant([3.0, -1.0, 2.0, 0.5], name="mixed")
in_order = bubbles(mixed, 4)
weighted = tf.gradients(in_order * [1.0, 2.0, 3.0, 4.0], mixed)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    first = sess.run(heights)
    for _ in range(5):
        losses.append(sess.run([loss, train])[0])
    higher = sess.run(last, {start: 2.0})
    ordered, slopes = sess.run([in_order, weighted])

RESULTS = {"first": first, "losses": losses, "higher": higher, "ordered": ordered, "slopes": slopes}
