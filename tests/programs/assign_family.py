"""What writes a variable, in which order, and which variables an optimizer may touch."""

import tensorflow as tf

a = tf.Variable(1.0, name="a")
b = tf.Variable([1.0, 2.0], name="b")
frozen = tf.Variable(3.0, name="frozen", trainable=False)
global_step = tf.Variable(0, name="global_step", trainable=False)

set_a = tf.assign(a, 5.0)
add_a = tf.assign_add(a, 0.5)
sub_b = tf.assign_sub(b, [0.25, 0.5])
method = b.assign_add(tf.ones([2]))
both = tf.group(add_a, sub_b)
with tf.control_dependencies([set_a]):
    after = a.read_value() * 10.0
with tf.control_dependencies([both]):
    done = tf.no_op(name="done")
    then = tf.identity(b.read_value(), name="then")
count = tf.assign_add(global_step, 1, name="count")

loss = tf.reduce_sum(tf.square(b)) * a * frozen
optimizer = tf.train.GradientDescentOptimizer(0.1)
train_all = optimizer.minimize(loss, global_step=global_step)
train_b = optimizer.minimize(loss, var_list=[b], name="only_b")
pairs = tf.train.GradientDescentOptimizer(0.2).compute_gradients(loss, [a, b, frozen])
apply_a = optimizer.apply_gradients(pairs[:1], name="only_a")
initialized = [tf.is_variable_initialized(v) for v in (a, b)]
init = tf.global_variables_initializer()

RESULTS = {
    "global": [v.name for v in tf.global_variables()],
    "trainable": [v.name for v in tf.trainable_variables()],
    "in_train_collection": [op.name for op in tf.get_collection(tf.GraphKeys.TRAIN_OP)],
}
with tf.Session() as sess:

    def variables():
        return sess.run([a, b, frozen, global_step])

    RESULTS["initialized_before_init"] = sess.run(initialized)
    sess.run(init)
    RESULTS["initialized_after_init"] = sess.run(initialized)
    RESULTS["start"] = variables()
    RESULTS["assign_returns"] = sess.run(set_a)
    RESULTS["assign_add_returns"] = sess.run(add_a)
    RESULTS["assign_sub_returns"] = sess.run(sub_b)
    RESULTS["method_returns"] = sess.run(method)
    RESULTS["after_control_dependency"] = sess.run(after)
    RESULTS["group_returns_nothing"] = sess.run(both) is None
    RESULTS["after_group"] = variables()
    RESULTS["no_op_runs_its_dependencies"] = [sess.run(done) is None, *variables()]
    RESULTS["then"] = sess.run(then)
    RESULTS["count"] = [sess.run(count), sess.run(count)]
    RESULTS["gradients"] = sess.run([gradient for gradient, _ in pairs])
    sess.run(train_all)
    RESULTS["train_all"] = variables()
    sess.run(train_b)
    RESULTS["train_b"] = variables()
    sess.run(apply_a)
    RESULTS["apply_a"] = variables()
    frozen.load(-1.0, sess)
    sess.run(a.initializer)
    RESULTS["loaded_and_initialized"] = variables()
