"""Four runs, of which none does what the line above it says. Only their lines are to be changed."""

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
class_b = [[2.0, 4.0, 4.0], [6.0, 2.0, 6.0]]
wanted_b = [[1.75], [2.75]]
sess = tf.Session()


def ask(fetch, feeds):
    try:
        print(sess.run(fetch, feeds))
    except (ValueError, tf.errors.InvalidArgumentError) as problem:
        print(str(problem).splitlines()[0])


# 1. The best grade of class A.
ask(best, {points: class_a})

# 2. The grade of a single pupil, who has 4, 2 and 2 points.
ask(best, {points: [[4.0, 2.0, 2.0]]})

# 3. How far the grades of class B are from what was wanted.
ask(error, {points: class_b, wanted: wanted_b})

# 4. The best grade if the scores were 1, 2 and 3, whatever the points.
ask(best, {score: [[1.0], [2.0], [3.0]]})
