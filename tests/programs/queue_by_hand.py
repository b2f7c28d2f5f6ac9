"""A queue that is filled by feeding, and emptied in batches; and one that makes up its own order."""

import numpy as np
import tensorflow as tf

value = tf.placeholder(tf.float32, [2], name="value")
queue = tf.FIFOQueue(20, [tf.float32], shapes=[[2]], name="rows")
put = queue.enqueue([value])
take = queue.dequeue_many(3)
rest = queue.dequeue_up_to(5)
count, close = queue.size(), queue.close()

mixed = tf.RandomShuffleQueue(50, min_after_dequeue=0, dtypes=[tf.int32], shapes=[[]], seed=7)
fill = mixed.enqueue_many([tf.range(10)])
drawn = mixed.dequeue_many(4)
center = tf.Variable(tf.zeros([2]), name="center")
move = tf.assign_add(center, 0.5 * (tf.reduce_mean(take, 0) - center))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(7):
        sess.run(put, {value: [i, i * i]})
    sizes = [sess.run(count)]
    centers = [sess.run(move), sess.run(move)]
    sizes.append(sess.run(count))
    sess.run(close)
    left = sess.run(rest)
    refused = None
    try:
        sess.run(take)
    except tf.errors.OutOfRangeError as error:
        refused = type(error).__name__
    sess.run(fill)
    numbers = np.concatenate([sess.run(drawn), sess.run(drawn)])
    print(sizes, refused, numbers)
    RESULTS = {
        "sizes": sizes,
        "centers": centers,
        "left": left,
        "refused": refused,
        "numbers": numbers,
    }
