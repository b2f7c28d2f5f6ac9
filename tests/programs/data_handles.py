"""Which of two iterators gives the next rows is fed, by its name."""

import numpy as np
import tensorflow as tf

first = tf.data.Dataset.range(6).map(lambda x: tf.cast(x, tf.float32)).repeat().batch(2)
second = tf.data.Dataset.from_tensor_slices(np.array([10.0, 20.0, 30.0], np.float32)).batch(2)

handle = tf.placeholder(tf.string, shape=[])
iterator = tf.data.Iterator.from_string_handle(handle, first.output_types, first.output_shapes)
rows = iterator.get_next()
total = tf.get_variable("total", [], initializer=tf.zeros_initializer())
add = tf.assign_add(total, tf.reduce_sum(rows))

one = first.make_one_shot_iterator()
two = second.make_initializable_iterator()
seen = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    names = sess.run([one.string_handle(), two.string_handle()])
    sess.run(two.initializer)
    for turn in (0, 0, 1, 0, 1, 0):
        seen.append(sess.run(add, {handle: names[turn]}))
    ended = False
    try:
        sess.run(rows, {handle: names[1]})
    except tf.errors.OutOfRangeError:
        ended = True
    print(seen, ended)
    RESULTS = {"seen": seen, "ended": ended}
