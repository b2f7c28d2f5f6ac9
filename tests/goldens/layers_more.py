"""More cases of tf.layers: volumes, separable rows, channels first, every way to normalize."""


def _reshaped(tf, tensor, *sizes):
    return tf.reshape(tensor, sizes)


def _volumes(tf, x):
    return _reshaped(tf, x["images"], 4, 3, 4, 6, 1)


def _convolutions(one):
    for padding in ("same", "valid"):
        one(
            "conv3d/" + padding,
            lambda tf, x, p=padding: tf.layers.conv3d(
                _volumes(tf, x), 2, (2, 3, 2), strides=(1, 2, 1), padding=p, activation=tf.nn.relu
            ),
        )
        one(
            "conv3d_transpose/" + padding,
            lambda tf, x, p=padding: tf.layers.conv3d_transpose(
                _volumes(tf, x), 2, 2, strides=(1, 2, 2), padding=p
            ),
        )
        one(
            "separable_conv1d/" + padding,
            lambda tf, x, p=padding: tf.layers.separable_conv1d(
                x["lines"], 2, 3, padding=p, depth_multiplier=2, activation=tf.nn.tanh
            ),
        )
        one(
            "conv1d/rate/" + padding,
            lambda tf, x, p=padding: tf.layers.conv1d(x["lines"], 3, 2, padding=p, dilation_rate=2),
        )
    one(
        "conv1d/causal",
        lambda tf, x: tf.layers.conv1d(x["lines"], 3, 2, padding="causal", dilation_rate=2),
    )
    one(
        "conv2d_transpose/channels first",
        lambda tf, x: tf.layers.conv2d_transpose(
            x["images"], 3, 2, strides=2, data_format="channels_first"
        ),
    )


def _poolings(one):
    for kind in ("max", "average"):
        one(
            kind + "_pooling3d",
            lambda tf, x, k=kind: getattr(tf.layers, k + "_pooling3d")(_volumes(tf, x), 2, 2),
        )
        for axes, source in ((1, "lines"), (3, None)):
            one(
                "%s_pooling%dd/channels first" % (kind, axes),
                lambda tf, x, k=kind, n=axes, s=source: getattr(
                    tf.layers, "%s_pooling%dd" % (k, n)
                )(
                    x[s] if s else _volumes(tf, x),
                    (2,) + (1,) * (n - 1),
                    1,
                    "same",
                    "channels_first",
                ),
            )
    one(
        "flatten/channels first",
        lambda tf, x: tf.layers.flatten(x["batches"], data_format="channels_first"),
    )


def _shift(tf, factor, shift):
    """What an adjustment does, which takes the shape of the input."""
    return lambda shape: (tf.constant(factor, shape=[1, 6]), tf.constant(shift, shape=[1, 6]))


def _normalizations(one):
    options = {
        "renorm": {"renorm": True},
        "renorm/clipped": {
            "renorm": True,
            "renorm_momentum": 0.5,
            "renorm_clipping": {"rmin": 0.9, "rmax": 1.1, "dmax": 0.2},
        },
        # Without a beta: its slope is a sum of roundings.
        "virtual batches": {"virtual_batch_size": 2, "center": False},
        "two axes": {"axis": [1, 3], "center": False},
        "not fused": {"fused": False, "center": False},
    }
    for name, given in options.items():
        for training in (True, False, "told in the run"):
            one(
                "batch_normalization/%s/%s" % (name, training),
                lambda tf, x, o=given, t=training: tf.layers.batch_normalization(
                    x["images"], training=t if isinstance(t, bool) else x["training"], **o
                ),
            )
    one(
        "batch_normalization/adjusted",
        lambda tf, x: tf.layers.batch_normalization(
            x["rows"], adjustment=_shift(tf, 1.5, 0.25), training=True
        ),
    )
    one(
        "batch_normalization/half precision",
        lambda tf, x: tf.layers.batch_normalization(
            tf.cast(x["images"], tf.float16), training=True, momentum=0.9
        ),
    )


def add_more(one):
    _convolutions(one)
    _poolings(one)
    _normalizations(one)
