"""Cases of tf.layers, tf.losses, tf.metrics and tf.contrib.layers, under TensorFlow 1.15 and here.

`LAYERS` maps an id to a builder: it takes the `tensorflow` module and a dict of inputs, and
returns a list of tensors.
"""

import numpy as np
from goldens.layers_contrib import add_more_contrib
from goldens.layers_more import add_more

LAYERS = {}

SHAPES = {
    "images": (4, 6, 6, 2),
    "rows": (4, 6),
    "other": (4, 6),
    "lines": (4, 5, 3),
}


def inputs(tf):
    """Placeholders by name, and what they are fed."""
    rng = np.random.RandomState(7)
    feed = {
        name: rng.uniform(0.05, 0.95, shape).astype(np.float32) for name, shape in SHAPES.items()
    }
    feed["labels"] = np.array([0, 2, 1, 2])
    feed["guesses"] = np.array([0, 2, 2, 1])
    feed["training"] = np.array(True)
    placeholders = {
        name: tf.placeholder(value.dtype, value.shape, name=name) for name, value in feed.items()
    }
    placeholders["batches"] = tf.placeholder(tf.float32, [None, 6, 6, 2], name="batches")
    placeholders["lists"] = tf.placeholder(tf.float32, [None, 6], name="lists")
    feed.update(batches=feed["images"], lists=feed["rows"])
    return placeholders, {placeholders[name]: value for name, value in feed.items()}


def case(function):
    LAYERS[function.__name__] = function
    return function


def one(name, build):
    assert name not in LAYERS, name
    LAYERS[name] = lambda tf, x: [build(tf, x)]


def add_layers():
    one("dense", lambda tf, x: tf.layers.dense(x["lists"], 5, tf.nn.relu))
    one("dense/activation by name", lambda tf, x: tf.layers.dense(x["rows"], 3, "softmax"))
    one("dense/3d", lambda tf, x: tf.layers.dense(x["lines"], 4, tf.nn.tanh, name="wide"))
    one("conv2d", lambda tf, x: tf.layers.conv2d(x["batches"], 3, 3, activation=tf.nn.relu))
    one("conv2d/same", lambda tf, x: tf.layers.conv2d(x["batches"], 3, [3, 2], 2, "same"))
    one("conv2d/rate", lambda tf, x: tf.layers.conv2d(x["images"], 3, 2, dilation_rate=2))
    one("conv1d", lambda tf, x: tf.layers.conv1d(x["lines"], 3, 2, padding="same"))
    for padding in ("same", "valid"):
        one(
            "conv2d_transpose/" + padding,
            lambda tf, x, p=padding: tf.layers.conv2d_transpose(
                x["batches"], 3, 3, strides=(2, 2), padding=p, activation=tf.nn.sigmoid
            ),
        )
    one(
        "separable_conv2d",
        lambda tf, x: tf.layers.separable_conv2d(
            x["images"], 3, 3, padding="same", depth_multiplier=2, activation=tf.nn.elu
        ),
    )
    for kind in ("max", "average"):
        one(
            kind + "_pooling2d",
            lambda tf, x, k=kind: getattr(tf.layers, k + "_pooling2d")(x["batches"], 2, 2),
        )
        one(
            kind + "_pooling1d",
            lambda tf, x, k=kind: getattr(tf.layers, k + "_pooling1d")(
                inputs=x["lines"], pool_size=3, strides=1, padding="same", name="p"
            ),
        )
    one("flatten", lambda tf, x: tf.layers.flatten(x["batches"]))
    one("flatten/known", lambda tf, x: tf.layers.flatten(x["images"]))
    one("dropout/off", lambda tf, x: tf.layers.dropout(x["rows"], 0.3))
    one("dropout/on", lambda tf, x: tf.layers.dropout(x["rows"], 0.3, seed=5, training=True))
    one(
        "dropout/told in the run",
        lambda tf, x: tf.layers.dropout(x["rows"], 0.3, seed=5, training=x["training"]),
    )
    for name, source in (("2d", "lists"), ("4d", "batches")):
        for training in (True, False, "told in the run"):
            one(
                "batch_normalization/%s/%s" % (name, training),
                lambda tf, x, s=source, t=training: tf.layers.batch_normalization(
                    x[s], momentum=0.9, training=t if isinstance(t, bool) else x["training"]
                ),
            )
    one(
        "batch_normalization/axis",
        lambda tf, x: tf.layers.batch_normalization(x["lines"], axis=1, training=True),
    )
    one(
        "batch_normalization/no scale",
        lambda tf, x: tf.layers.batch_normalization(x["images"], scale=False, training=True),
    )


@case
def layers_one_after_the_other(tf, x):
    """Names go on counting; scopes, reuse and regularizers of scopes."""
    l2 = tf.contrib.layers.l2_regularizer(0.1)
    first = tf.layers.dense(x["rows"], 5, kernel_regularizer=l2)
    second = tf.layers.dense(first, 5, use_bias=False, kernel_initializer=tf.zeros_initializer())
    with tf.variable_scope("block", regularizer=l2, initializer=tf.constant_initializer(0.5)):
        third = tf.layers.dense(second, 4)
        fourth = tf.layers.dense(third, 4, name="named", activity_regularizer=tf.nn.l2_loss)
    with tf.variable_scope("block", reuse=True):
        fifth = tf.layers.dense(third, 4, name="named")
    sixth = tf.layers.dense(third, 4, name="block/named", reuse=True)
    with tf.name_scope("outside"):
        seventh = tf.layers.dense(fifth, 2, kernel_initializer="ones", trainable=False)
    return [fourth, fifth, sixth, seventh, tf.losses.get_regularization_loss()]


@case
def layer_objects(tf, x):
    dense = tf.layers.Dense(3, activation=tf.nn.relu, name="twice")
    first, second = dense(x["rows"]), dense(x["other"])
    conv = tf.layers.Conv2D(2, 3, padding="same")
    again = conv(conv(x["images"]))
    norm = tf.layers.BatchNormalization()
    normal = norm(first, training=True)
    assert [v.name for v in dense.trainable_variables] == ["twice/kernel:0", "twice/bias:0"]
    assert (len(norm.updates), len(norm.non_trainable_variables)) == (2, 2)
    assert (dense.kernel.shape.as_list(), dense.count_params()) == ([6, 3], 21)
    return [first, second, again, normal, dense.kernel, tf.layers.Flatten()(again)]


def add_losses():
    for name in (
        "absolute_difference",
        "hinge_loss",
        "huber_loss",
        "log_loss",
        "mean_squared_error",
        "sigmoid_cross_entropy",
        "softmax_cross_entropy",
        "mean_pairwise_squared_error",
    ):
        one(
            "losses." + name,
            lambda tf, x, name=name: getattr(tf.losses, name)(x["rows"], x["other"]),
        )
    one("losses.cosine_distance", lambda tf, x: tf.losses.cosine_distance(x["rows"], x["other"], 1))
    one(
        "losses.sparse_softmax_cross_entropy",
        lambda tf, x: tf.losses.sparse_softmax_cross_entropy(labels=x["labels"], logits=x["rows"]),
    )
    one(
        "losses.sparse_softmax_cross_entropy/column",
        lambda tf, x: tf.losses.sparse_softmax_cross_entropy(
            tf.expand_dims(x["labels"], 1), x["rows"], scope="named"
        ),
    )
    one(
        "losses.softmax_cross_entropy/smooth",
        lambda tf, x: tf.losses.softmax_cross_entropy(x["rows"], x["other"], 2.0, 0.1),
    )
    one(
        "losses.sigmoid_cross_entropy/smooth",
        lambda tf, x: tf.losses.sigmoid_cross_entropy(x["rows"], x["other"], label_smoothing=0.2),
    )
    one(
        "losses.sparse_softmax_cross_entropy/sequences",
        lambda tf, x: tf.losses.sparse_softmax_cross_entropy(
            tf.constant([[0, 2, 1, 0, 2]] * 4), x["lines"]
        ),
    )
    for reduction in ("NONE", "SUM", "MEAN", "SUM_OVER_BATCH_SIZE", "SUM_BY_NONZERO_WEIGHTS"):
        one(
            "losses.mean_squared_error/" + reduction,
            lambda tf, x, r=reduction: tf.losses.mean_squared_error(
                x["rows"],
                x["other"],
                weights=[[1.0], [0.0], [2.0], [0.5]],
                reduction=getattr(tf.losses.Reduction, r),
            ),
        )


@case
def losses_together(tf, x):
    tf.losses.mean_squared_error(x["rows"], x["other"])
    tf.losses.absolute_difference(x["rows"], x["other"], weights=0.5)
    tf.losses.add_loss(tf.constant(3.0))
    tf.layers.dense(x["rows"], 2, kernel_regularizer=tf.contrib.layers.l1_regularizer(0.1))
    assert len(tf.losses.get_losses()) == 3
    assert len(tf.losses.get_regularization_losses()) == 1
    return [tf.losses.get_total_loss(), tf.losses.get_total_loss(False)]


def pair(name, first, second):
    """A builder of a metric of two inputs: its value and its update."""
    return lambda tf, x: list(getattr(tf.metrics, name)(x[first], x[second]))


def add_metrics():
    for name in (
        "accuracy",
        "precision",
        "recall",
        "true_positives",
        "false_positives",
        "true_negatives",
        "false_negatives",
    ):
        LAYERS["metrics." + name] = pair(name, "labels", "guesses")
    for name in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error"):
        LAYERS["metrics." + name] = pair(name, "rows", "other")
    LAYERS["metrics.mean"] = lambda tf, x: list(tf.metrics.mean(x["rows"]))
    LAYERS["metrics.mean/weights"] = lambda tf, x: list(
        tf.metrics.mean(x["rows"], weights=[[1.0], [0.0], [2.0], [0.5]])
    )
    LAYERS["metrics.mean_per_class_accuracy"] = lambda tf, x: list(
        tf.metrics.mean_per_class_accuracy(x["labels"], x["guesses"], 3)
    )
    for curve in ("ROC", "PR"):
        LAYERS["metrics.auc/" + curve] = lambda tf, x, c=curve: list(
            tf.metrics.auc(x["labels"] > 1, x["rows"][:, 0], num_thresholds=9, curve=c)
        )


def add_contrib():
    one("contrib.fully_connected", lambda tf, x: tf.contrib.layers.fully_connected(x["rows"], 5))
    one("contrib.linear", lambda tf, x: tf.contrib.layers.linear(x["lists"], 5, scope="out"))
    one(
        "contrib.convolution2d",
        lambda tf, x: tf.contrib.layers.convolution2d(x["batches"], 3, [3, 3], stride=2),
    )
    one(
        "contrib.conv2d_transpose",
        lambda tf, x: tf.contrib.layers.conv2d_transpose(
            x["images"], 3, 3, stride=2, activation_fn=None
        ),
    )
    one("contrib.max_pool2d", lambda tf, x: tf.contrib.layers.max_pool2d(x["images"], 2, scope="p"))
    one("contrib.avg_pool2d", lambda tf, x: tf.contrib.layers.avg_pool2d(x["images"], 2))
    one("contrib.flatten", lambda tf, x: tf.contrib.layers.flatten(x["batches"]))
    one("contrib.dropout", lambda tf, x: tf.contrib.layers.dropout(x["rows"], 0.4, seed=3))
    one(
        "contrib.one_hot_encoding",
        lambda tf, x: tf.contrib.layers.one_hot_encoding(x["labels"], 3),
    )
    for name, source in (("2d", "rows"), ("4d", "images")):
        for training in (True, False, "told in the run"):
            one(
                "contrib.batch_norm/%s/%s" % (name, training),
                lambda tf, x, s=source, t=training: tf.contrib.layers.batch_norm(
                    x[s], decay=0.9, is_training=t if isinstance(t, bool) else x["training"]
                ),
            )
    one(
        "contrib.batch_norm/at once",
        lambda tf, x: tf.contrib.layers.batch_norm(
            x["images"], scale=True, updates_collections=None, scope="bn"
        ),
    )


@case
def contrib_arguments_of_a_scope(tf, x):
    layers = tf.contrib.layers
    with tf.contrib.framework.arg_scope(
        [layers.fully_connected, layers.conv2d],
        activation_fn=tf.nn.tanh,
        weights_initializer=layers.variance_scaling_initializer(seed=1),
        weights_regularizer=layers.l2_regularizer(0.1),
        normalizer_fn=layers.batch_norm,
        normalizer_params={"is_training": True, "scale": True},
    ):
        images = layers.conv2d(x["images"], 2, 3)
        rows = layers.fully_connected(layers.flatten(images), 3, scope="last")
    return [images, rows, layers.stack(rows, layers.fully_connected, [4, 2], scope="more")]


@case
def contrib_regularizers(tf, x):
    layers = tf.contrib.layers
    v = tf.Variable([1.0, -2.0], name="v")
    both = layers.l1_l2_regularizer(0.5, 0.25)
    total = layers.sum_regularizer([layers.l1_regularizer(0.1), layers.l2_regularizer(0.2)])
    with tf.variable_scope("s", regularizer=layers.l1_regularizer(0.5)):
        tf.get_variable("w", [3], initializer=tf.ones_initializer())
    return [
        both(v),
        total(v),
        layers.apply_regularization(layers.l2_regularizer(0.3), [v]),
        tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)),
    ]


@case
def contrib_initializers(tf, x):
    layers = tf.contrib.layers
    return [
        tf.get_variable("a", [3, 4], initializer=layers.xavier_initializer(seed=1)),
        tf.get_variable("b", [3, 4], initializer=layers.xavier_initializer(False, seed=2)),
        tf.get_variable("c", [2, 2, 3], initializer=layers.variance_scaling_initializer(seed=3)),
    ]


@case
def contrib_optimize_loss(tf, x):
    out = tf.contrib.layers.fully_connected(x["rows"], 2, activation_fn=None)
    step = tf.train.get_or_create_global_step()
    train = tf.contrib.layers.optimize_loss(
        tf.reduce_mean(tf.square(out)), step, 0.1, "Adam", clip_gradients=0.5
    )
    return [train, step]


add_layers()
add_more(one)
add_losses()
add_metrics()
add_contrib()
add_more_contrib(one)
