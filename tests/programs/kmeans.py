"""k-means: the nearest centre of each point, and the mean of the points of each centre."""

import numpy as np
import tensorflow as tf

np.random.seed(2)
n_clusters, n_points = 3, 60
true_centers = np.array([[0.0, 0.0], [4.0, 4.0], [0.0, 5.0]])
points_n = np.concatenate([c + 0.6 * np.random.randn(n_points // 3, 2) for c in true_centers])

points = tf.constant(points_n, dtype=tf.float32, name="points")
centroids = tf.Variable(tf.slice(points, [18, 0], [n_clusters, -1]), name="centroids")
assignments = tf.Variable(tf.zeros([n_points], dtype=tf.int64), name="assignments")

points_expanded = tf.expand_dims(points, 0)
centroids_expanded = tf.expand_dims(centroids, 1)
distances = tf.reduce_sum(tf.square(tf.subtract(points_expanded, centroids_expanded)), 2)
nearest = tf.argmin(distances, 0)
did_change = tf.reduce_any(tf.not_equal(nearest, assignments))

total = tf.unsorted_segment_sum(points, nearest, n_clusters)
count = tf.unsorted_segment_sum(tf.ones_like(points), nearest, n_clusters)
means = total / tf.maximum(count, 1.0)
with tf.control_dependencies([did_change]):
    update = tf.group(centroids.assign(means), assignments.assign(nearest))
counts = [tf.reduce_sum(tf.to_int32(tf.equal(assignments, c))) for c in range(n_clusters)]
members = tf.gather(points, tf.reshape(tf.where(tf.equal(assignments, 0)), [-1]))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    changed, iterations = True, 0
    while changed and iterations < 50:
        iterations += 1
        changed = sess.run(did_change)
        sess.run(update)
    print("found in %d iterations" % iterations, sess.run(centroids))
    RESULTS = {
        "iterations": iterations,
        "centroids": sess.run(centroids),
        "assignments": sess.run(assignments),
        "counts": sess.run(counts),
        "mean of the first": sess.run(tf.reduce_mean(members, reduction_indices=0)),
    }
