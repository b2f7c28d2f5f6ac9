"""Feeds: points go in with each run, and come out as grades."""

import graphscope as tf

points = tf.placeholder(tf.float32, [None, 3], name="points")
wanted = tf.placeholder(tf.float32, [None, 1], name="wanted")
weights = tf.constant([[0.5], [0.25], [0.25]], name="weights")

share = tf.divide(points, 4.0, name="share")
score = tf.matmul(share, weights, name="score")
grade = tf.add(score, 1.0, name="grade")
best = tf.reduce_max(grade, name="best")
error = tf.reduce_mean(tf.square(grade - wanted), name="error")

class_a = [[4.0, 2.0, 2.0], [8.0, 4.0, 4.0]]
sess = tf.Session()
print("best: ", sess.run(best, {points: class_a}))
print("error:", sess.run(error, {points: class_a, wanted: [[1.75], [2.0]]}))
