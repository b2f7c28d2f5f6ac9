"""Snippets of training code that raise, under TensorFlow 1.15 and under GraphScope alike."""

TRAINING_ERRORS = {
    "variable exists": "tf.get_variable('v', [2])\ntf.get_variable('v', [2])",
    "variable does not exist": (
        "with tf.variable_scope('a', reuse=True):\n  tf.get_variable('v', [2])"
    ),
    "shared shape": (
        "tf.get_variable('v', [2])\n"
        "with tf.variable_scope('', reuse=True):\n  tf.get_variable('v', [3])"
    ),
    "shared dtype": (
        "tf.get_variable('v', [2])\n"
        "with tf.variable_scope('', reuse=True):\n  tf.get_variable('v', [2], tf.int32)"
    ),
    "value and shape": "tf.get_variable('v', [2], initializer=tf.zeros([2]))",
    "value and dtype": "tf.get_variable('v', dtype=tf.int32, initializer=[1.0])",
    "no shape": "tf.get_variable('v')",
    "half a shape": "tf.get_variable('v', [None, 2])",
    "no default for complex": "tf.get_variable('v', [2], tf.complex64)",
    "scope without a name": "tf.variable_scope(None)",
    "scope of a number": "with tf.variable_scope(3): pass",
    "wrong reuse": "tf.variable_scope('a', reuse='yes')",
    "reuse of a default": "with tf.variable_scope(None, 'a', reuse=True): pass",
    "constant too long": "tf.constant_initializer([1, 2, 3])([2])",
    "constant of an object": "tf.constant_initializer(object())",
    "whole normal": "tf.random_normal_initializer(dtype=tf.int32)",
    "scale": "tf.variance_scaling_initializer(scale=0.0)",
    "mode": "tf.variance_scaling_initializer(mode='fan')",
    "orthogonal vector": "tf.orthogonal_initializer()([3])",
    "identity of a cube": "tf.initializers.identity()([2, 2, 2])",
    "collections text": "tf.Variable(1.0, collections='variables')",
    "constraint": "tf.Variable(1.0, constraint=3)",
    "no gradients": "w = tf.Variable(1.0)\ntf.train.AdamOptimizer().minimize(tf.constant(1.0))",
    "no variables": "tf.train.AdamOptimizer().minimize(tf.constant(1.0))",
    "nothing to apply": "tf.train.AdamOptimizer().apply_gradients([])",
    "only None": "tf.train.AdamOptimizer().apply_gradients([(None, tf.Variable(1.0))])",
    "train a name": (
        "w = tf.Variable(1.0)\ntf.train.AdamOptimizer().minimize(w * w, var_list=['w'])"
    ),
    "train a tensor": (
        "w = tf.Variable(1.0)\nx = w * 2.0\n"
        "tf.train.GradientDescentOptimizer(0.1).minimize(x * x, var_list=[x])"
    ),
    "whole loss": (
        "w = tf.Variable(1)\ntf.train.GradientDescentOptimizer(0.1).minimize(w * w, var_list=[w])"
    ),
    "gate": (
        "w = tf.Variable(1.0)\ntf.train.AdamOptimizer().compute_gradients(w * w, gate_gradients=3)"
    ),
    "no name": "tf.train.AdamOptimizer(name='')",
    "accumulator": "tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0)",
    "power": "tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5)",
    "sparse constraint": (
        "w = tf.Variable([[1.0]], constraint=tf.abs)\n"
        "tf.train.AdamOptimizer().minimize(tf.reduce_sum(tf.gather(w, [0])))"
    ),
    "no dense shape": (
        "tf.convert_to_tensor(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))"
    ),
    "average of whole numbers": "tf.train.ExponentialMovingAverage(0.9).apply([tf.Variable(1)])",
    "boundaries": "tf.train.piecewise_constant(1, [1, 2], [0.1])",
    "second global step": "tf.train.create_global_step()\ntf.train.create_global_step()",
    "global step of floats": "tf.Variable(1.0, name='global_step')\ntf.train.get_global_step()",
    "count past the limit": (
        "n = tf.Variable(2)\nsess.run(n.initializer)\nsess.run(n.count_up_to(2))"
    ),
    "scatter outside": (
        "v = tf.Variable([1.0, 2.0])\ni = tf.placeholder(tf.int32, [1])\n"
        "sess.run(v.initializer)\nsess.run(tf.scatter_add(v, i, [1.0]), {i: [2]})"
    ),
    "scatter shapes": "tf.scatter_add(tf.Variable([1.0, 2.0]), [0, 1], [1.0, 2.0, 3.0])",
    "uninitialized slot": (
        "w = tf.Variable(1.0)\nt = tf.train.AdamOptimizer().minimize(w * w)\n"
        "sess.run(w.initializer)\nsess.run(t)"
    ),
    "stop without a way": "tf.train.StopAtStepHook()",
    "stop both ways": "tf.train.StopAtStepHook(num_steps=1, last_step=2)",
    "timer": "tf.train.SecondOrStepTimer()",
    "logging": "tf.train.LoggingTensorHook(['x'])",
    "no coordinator": "tf.train.LooperThread(None, 1.0)",
}
