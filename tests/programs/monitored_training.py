"""A training that a session with hooks initializes, counts and stops; then a Supervisor's."""

import numpy as np
import tensorflow as tf

data = np.linspace(-1, 1, 20).astype(np.float32)

losses, seen = [], []

# A graph of its own: TensorFlow adds savers to it, which are not the subject here.
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [None])
    w = tf.get_variable("w", [], initializer=tf.constant_initializer(3.0))
    count = tf.get_local_variable("count", initializer=tf.constant(0))
    counted = tf.assign_add(count, 1)
    loss = tf.reduce_mean(tf.square(w * x - 2.0 * x + 0.1))
    step = tf.train.get_or_create_global_step()
    train = tf.train.MomentumOptimizer(0.5, 0.5).minimize(loss, global_step=step)



    class Watch(tf.train.SessionRunHook):
        def before_run(self, run_context):
            return tf.train.SessionRunArgs(loss, feed_dict={x: data})

        def after_run(self, run_context, run_values):
            losses.append(float(run_values.results))

        def end(self, session):
            seen.append(int(session.run(step)))


    hooks = [tf.train.StopAtStepHook(last_step=7), Watch(), tf.train.NanTensorHook(loss)]
    runs = 0
    with tf.train.SingularMonitoredSession(hooks=hooks) as sess:
        while not sess.should_stop():
            sess.run([train, counted])
            runs += 1
    final = tf.get_default_graph().finalized

    sv = tf.train.Supervisor(logdir=None, summary_op=None, saver=None)
    with sv.managed_session() as sess:
        for i in range(100):
            if sv.should_stop():
                break
            _, at = sess.run([train, step], {x: data})
            if i == 4:
                value = float(sess.run(w))
                sv.request_stop()

    RESULTS = {
        "runs": runs,
        "losses": losses,
        "seen": seen,
        "final": final,
        "w": value,
        "global variables": [v.name for v in tf.global_variables()],
        "stopped": sv.should_stop(),
    }
