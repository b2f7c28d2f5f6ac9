"""Bugs of what is trained, counted and kept: variables, optimizers, the graph itself."""

from graphscope.learn.zoo.bug import Bug, Way

BUGS = (
    Bug(
        "frozen-variable",
        "It learns, but badly: the loss comes to 0.139, where 0.053 is possible.",
        at_run=102,
        mistake='name="W1", trainable=False)',
        repaired='name="W1")',
        repair="trainable=False keeps W1 out of what minimize() trains. The other layers learn "
        "what they can with a first layer of random numbers.",
        guilty="W1",
        route=(Way("updates", "W1 is FROZEN, by trainable=False in the line that makes it"),),
        asks={"updates": "W1", "why": "W1"},
        seen="keras-team/keras#4674",
    ),
    Bug(
        "double-global-step",
        "After 1000 runs the learning rate is 0.0442, and should be 0.0665.",
        at_run=12,
        mistake='train_op = tf.group(train, tf.assign_add(global_step, 1, name="count"))',
        repaired="train_op = tf.group(train)",
        repair="minimize(..., global_step=global_step) counts already. A second count in the same "
        "run makes every schedule that goes by global_step twice as fast.",
        guilty="count",
        route=(Way("updates", "global_step has 2 writers: GradientDescent +1, count +1"),),
        asks={"lint": "counted-twice", "updates": "global_step", "who": "global_step"},
        seen="google-research/bert#168, auroua/InsightFace_TF#45",
    ),
    Bug(
        "dead-relu",
        "The loss goes from 1.0986 to 1.0944 and no further; accuracy 0.367.",
        at_run=402,
        mistake="tf.random_uniform([16, 8], -0.5, 0.0, seed=1)",
        repaired="tf.random_uniform([16, 8], -0.5, 0.5, seed=1)",
        repair="Pixels from 0 to 1 times weights below 0 are below 0: Relu makes all of them 0, "
        "and has no slope there. Only the bias of the output learns how frequent each kind is.",
        guilty="hidden",
        route=(Way("check", "dead units: 100% of hidden is 0 for all examples"),),
        asks={"check": "dead units", "why": "W1", "flow": "W1"},
        seen="keras-team/keras#7057",
    ),
    Bug(
        "zero-init",
        "The loss goes from 1.0986 to 0.9704 and no further; accuracy 0.493.",
        at_run=402,
        mistake="tf.zeros(shape)",
        repaired="tf.truncated_normal(shape, stddev=0.3, seed=1)",
        repair="Units that begin alike get the same gradient and stay alike; at 0 between two "
        "layers of zeros there is none at all. It looks like dead-relu, but W1 itself is 0.",
        guilty="W1",
        route=(Way("lint", "equal-weights: W1 begins as 0 everywhere"),),
        asks={"lint": "equal-weights", "check": "dead units", "why": "W1"},
        named={"check": "hidden", "why": "MatMul_1"},
        seen="lucidrains/deep-cross-attention#2",
    ),
    Bug(
        "argmax-in-the-path",
        "The loss stays at 10.988, where 0.682 is possible; prices are learned, kinds are not.",
        at_run=402,
        mistake='kind = tf.one_hot(tf.argmax(logits, 1, name="hard"), 3, name="kind")',
        repaired='kind = tf.nn.softmax(logits, name="kind")',
        repair="A position has no slope: moving W a little does not move the argmax. The "
        "probabilities do move.",
        guilty="hard",
        route=(Way("flow loss W", "the gradient is cut at hard, an ArgMax"),),
        asks={
            "lint": "gradient-cut",
            "check": "gradients",
            "updates": "W",
            "why": "W",
            "flow": "W",
        },
        seen="keras-team/keras#11157",
    ),
    Bug(
        "uninitialized-slot",
        "An error about beta1_power, a variable that nobody has made.",
        at_run=3,
        mistake="init = tf.global_variables_initializer()\n"
        "train_step = tf.train.AdamOptimizer(0.1).minimize(loss)\n",
        repaired="train_step = tf.train.AdamOptimizer(0.1).minimize(loss)\n"
        "init = tf.global_variables_initializer()\n",
        repair="The initializer initializes the variables that there are when it is made. Adam "
        "makes its own ones, beta1_power and two slots for each weight, only after that.",
        guilty="beta1_power",
        route=(Way("lint", "made-too-late: init was made before beta1_power"),),
        asks={"lint": "made-too-late", "needs": "", "explain": "UNINITIALIZED"},
    ),
    Bug(
        "read-update-race",
        "After step 3, W is said to be 1.750 1.250, and is 1.375 1.125.",
        at_run=4,
        mistake="_, place = sess.run([train_step, W])",
        repaired="_, place = sess.run(train_step), sess.run(W)",
        repair="Nothing orders the read of W and its update in one run: TensorFlow may give what "
        "was there before or after. Two runs are in order; so are control dependencies.",
        guilty="W",
        route=(Way("who W", "hazard: W is fetched, and train_step writes it"),),
        asks={"lint": "no-order", "who": "W"},
        named={"who": "GradientDescent/update_W/ApplyGradientDescent"},
        seen="tensorflow/tensorboard#850, tensorflow/tensorflow#14498",
    ),
    Bug(
        "growing-graph",
        "Every run is slower than the one before; after 101 of them there are 303 new nodes.",
        at_run=42,
        mistake='sess.run(tf.assign(rate, rate * 0.99, name="lower"))',
        repaired="sess.run(lower)",
        repair="tf.assign and * add nodes to the graph wherever they stand, and so in each round "
        "of a loop. Make them once, before it, and run that.",
        guilty="lower_20",
        route=(Way("diff graph", "growing_graph.py:25 adds 3 nodes each time, lower_20 last"),),
        asks={"lint": "graph-grows"},
        seen="smallcorgi/Faster-RCNN_TF#10",
    ),
    Bug(
        "resumed-without-slots",
        "After it is resumed, the loss jumps from 0.0108 to 0.0444.",
        at_run=106,
        mistake="tf.train.Saver(tf.trainable_variables())",
        repaired="tf.train.Saver()",
        repair="The weights were saved, and Adam's slots were not. With averages that begin at 0, "
        "its first step is as long as the learning rate for every weight, however small the "
        "gradient.",
        guilty="W/Adam",
        route=(Way("vars --slots", "W/Adam and W/Adam_1 are 0, and beta1_power is 0.9 again"),),
        asks={},
        seen="google-deepmind/sonnet#108",
    ),
    Bug(
        "learning-rate-explosion",
        "The loss grows: 13.86, 24.92, 66.28, 180.6, at last inf.",
        at_run=5,
        mistake="GradientDescentOptimizer(1.0, ",
        repaired="GradientDescentOptimizer(0.1, ",
        repair="A step longer than 2 / the largest curvature, 0.748 here, goes too far, and "
        "further each time.",
        guilty="train/learning_rate",
        route=(Way("check", "learning rate: at 0.1 the loss falls, at 1 it grows"),),
        asks={"check": "learning rate"},
    ),
)
