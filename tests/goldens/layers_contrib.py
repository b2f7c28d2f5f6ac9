"""More cases of tf.contrib.layers: each example by itself, options of batch_norm, lookups."""


def _lines(tf, x):
    return tf.reshape(x["images"], [4, 6, 12])


def _norms(one):
    for name, options in (
        ("plain", {}),
        ("no center", {"center": False, "begin_norm_axis": 2}),
        ("no scale", {"scale": False, "begin_params_axis": 1, "trainable": False}),
        ("negative", {"begin_norm_axis": -1, "scope": "ln", "variables_collections": ["losses"]}),
    ):
        one(
            "contrib.layer_norm/" + name,
            lambda tf, x, o=options: tf.contrib.layers.layer_norm(
                x["images"], activation_fn=tf.nn.relu, **o
            ),
        )
    for name, options in (
        ("plain", {}),
        ("channels first", {"data_format": "NCHW", "scale": False}),
        ("no parameters", {"center": False, "scale": False, "epsilon": 0.1}),
    ):
        one(
            "contrib.instance_norm/" + name,
            lambda tf, x, o=options: tf.contrib.layers.instance_norm(
                x["images"], activation_fn=tf.nn.relu, **o
            ),
        )
    for name, options in (
        ("plain", {"groups": 2}),
        ("one group", {"groups": 1, "channels_axis": -2, "reduction_axes": (-3, -1)}),
        ("close to zero", {"groups": 2, "mean_close_to_zero": True, "scale": False}),
    ):
        one(
            "contrib.group_norm/" + name,
            lambda tf, x, o=options: tf.contrib.layers.group_norm(
                x["images"], activation_fn=tf.nn.relu, **o
            ),
        )


def _batch_norms(one):
    def case(name, source, **options):
        def build(tf, x):
            given = dict({"activation_fn": tf.nn.relu}, **options)
            if given.get("is_training") == "told in the run":
                given["is_training"] = x["training"]
            if "batch_weights" in given:
                given["batch_weights"] = tf.constant(given["batch_weights"])
            inputs = _lines(tf, x) if source == "lines" else x[source]
            return tf.contrib.layers.batch_norm(inputs, decay=0.8, **given)

        one("contrib.batch_norm/options/" + name, build)

    own = {"updates_collections": "losses"}
    case("single operations", "images", fused=False, scale=True)
    case("single, at once", "images", fused=False, updates_collections=None, scale=True)
    case("single, zero debias", "images", fused=False, zero_debias_moving_mean=True)
    case("zero debias", "images", zero_debias_moving_mean=True, scale=True)
    case("own collection", "rows", **own)
    case("lines", "lines", scale=True)
    case("lines, at once", "lines", updates_collections=None, activation_fn=None)
    case("lines, own collection", "lines", is_training=False, **own)
    case("channels first", "lines", data_format="NCHW", scale=True)
    case("channels first, own", "lines", data_format="NCHW", updates_collections=None, scale=True)
    case("weights", "images", batch_weights=[1.0, 2.0, 0.0, 0.5], scale=True)
    case("weights, first", "lines", batch_weights=[1.0, 2.0, 0.0, 0.5], data_format="NCHW")
    case("renorm", "rows", renorm=True, renorm_clipping={"rmax": 1.5}, renorm_decay=0.9)
    case("lines/told in the run", "lines", is_training="told in the run", updates_collections=None)
    case("own/told in the run", "lines", is_training="told in the run", **own)


def _volumes(tf, x):
    return tf.reshape(x["images"], [4, 3, 4, 6, 1])


def _layers(one):
    def case(name, build):
        one("contrib." + name, lambda tf, x: build(tf, tf.contrib.layers, x))

    case("conv3d", lambda tf, c, x: c.conv3d(_volumes(tf, x), 2, [2, 2, 2], stride=[1, 2, 1]))
    case("max_pool3d", lambda tf, c, x: c.max_pool3d(_volumes(tf, x), 2))
    case("avg_pool3d", lambda tf, c, x: c.avg_pool3d(_volumes(tf, x), [1, 2, 2], scope="pool"))
    case("separable_conv2d", lambda tf, c, x: c.separable_conv2d(x["images"], 3, [3, 2], 2))
    case(
        "separable_conv2d/normalizer",
        lambda tf, c, x: c.separable_conv2d(
            x["images"],
            3,
            3,
            normalizer_fn=c.batch_norm,
            weights_regularizer=c.l2_regularizer(0.1),
            scope="sep",
        ),
    )
    case(
        "separable_conv2d/each channel",
        lambda tf, c, x: c.separable_conv2d(
            x["images"], None, 3, 2, stride=2, biases_regularizer=c.l2_regularizer(0.5)
        ),
    )
    case("bias_add", lambda tf, c, x: c.bias_add(x["images"], activation_fn=tf.nn.relu))
    case("bias_add/first", lambda tf, c, x: c.bias_add(x["rows"], scope="b", trainable=False))
    case("softmax", lambda tf, c, x: c.softmax(x["images"]))
    case("maxout", lambda tf, c, x: c.maxout(_lines(tf, x), 4))
    case("maxout/axis", lambda tf, c, x: c.maxout(x["images"], 3, axis=1, scope="most"))
    case("elu", lambda tf, c, x: c.elu(x["rows"], 3))
    case("legacy_relu", lambda tf, c, x: c.legacy_relu(x["rows"], 3))
    case(
        "legacy_fully_connected",
        lambda tf, c, x: c.legacy_fully_connected(
            x["images"], 3, tf.nn.tanh, weight_regularizer=c.l2_regularizer(0.1), name="old"
        ),
    )
    case("legacy_linear", lambda tf, c, x: c.legacy_linear(x["rows"], 2, bias_init=None))


def _ids(tf):
    """Lists of numbers: two, a negative one, none, two with one of no weight."""
    places = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 1, 0], [1, 1, 2]]
    numbers, weights = [1, 3, -1, 2, 0], [1.0, 2.0, 3.0, 0.5, 0.0]
    return [
        tf.SparseTensor(places, tf.constant(values, kind), [2, 2, 3])
        for values, kind in ((numbers, tf.int64), (weights, tf.float32))
    ]


def _lookups(one):
    for combiner in ("mean", "sum", "sqrtn"):
        for weighted in (True, False):

            def build(tf, x, c=combiner, w=weighted):
                rows = tf.get_variable("rows", [5, 3])
                ids, weights = _ids(tf)
                return tf.contrib.layers.safe_embedding_lookup_sparse(
                    rows, ids, weights if w else None, combiner=c
                )

            one("contrib.safe_embedding_lookup_sparse/%s/%s" % (combiner, weighted), build)

    def with_a_default(tf, x):
        parts = [tf.get_variable("rows%d" % i, [3, 2]) for i in range(2)]
        return tf.contrib.layers.safe_embedding_lookup_sparse(
            parts, _ids(tf)[0], combiner="sum", default_id=2, name="found", max_norm=0.7
        )

    def once(tf, x):
        rows = tf.get_variable("rows", [5, 3])
        return tf.contrib.layers.embedding_lookup_unique(rows, [[1, 1], [4, 0]])

    def sparse(tf, x):
        found = tf.contrib.layers.dense_to_sparse([[1, 0, 2], [0, 0, 3]])
        return tf.sparse_tensor_to_dense(found, -1)

    one("contrib.safe_embedding_lookup_sparse/default", with_a_default)
    one("contrib.embedding_lookup_unique", once)
    one("contrib.dense_to_sparse", sparse)


def add_more_contrib(one):
    _norms(one)
    _batch_norms(one)
    _layers(one)
    _lookups(one)
