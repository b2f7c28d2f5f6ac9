"""Cases of Keras' layers and models: what they compute, say of themselves, and learn.

`MODELS` maps an id to a function of the `tensorflow` and the `tf.keras` module, which returns
arrays and plain data by name; `MISTAKES` to one that ends in an error, with what scripts look for
in its message.
"""

import json

import numpy as np

MODELS = {}
MISTAKES = {}


def model(name):
    """Add the decorated function as a case."""

    def add(build):
        assert name not in MODELS, name
        MODELS[name] = build
        return build

    return add


def mistake(name, *fragments):
    """Add the decorated function as a case that ends in an error with these texts."""

    def add(build):
        assert name not in MISTAKES, name
        MISTAKES[name] = (build, fragments)
        return build

    return add


def numbers(*shape):
    """Arrays that repeat, and are not too regular."""
    count = int(np.prod(shape))
    return (np.sin(np.arange(count) * 1.7) + np.arange(count) % 3 * 0.25).reshape(shape).astype("f")


# ---- single layers -----------------------------------------------------------------------------

#: An id to the layer and the shape of its input, with the batch; "phase" is what it is called in.
LAYERS = {
    "Dense": (lambda k: k.Dense(3, "relu", kernel_initializer="ones"), (2, 4)),
    "Dense of three axes": (lambda k: k.Dense(2, bias_initializer="ones"), (2, 3, 4)),
    "Dense without a bias": (lambda k: k.Dense(2, use_bias=False, kernel_regularizer="l2"), (2, 4)),
    "Activation": (lambda k: k.Activation("softplus"), (2, 4)),
    "Dropout tested": (lambda k: k.Dropout(0.5), (2, 4)),
    "Flatten": (lambda k: k.Flatten(), (2, 3, 2, 2)),
    "Flatten channels_first": (lambda k: k.Flatten("channels_first"), (2, 3, 2, 2)),
    "Reshape": (lambda k: k.Reshape((-1, 2)), (2, 3, 4)),
    "Permute": (lambda k: k.Permute((2, 1)), (2, 3, 4)),
    "RepeatVector": (lambda k: k.RepeatVector(3), (2, 4)),
    "Lambda": (lambda k: k.Lambda(lambda x: x * 2 + 1), (2, 4)),
    "Masking": (lambda k: k.Masking(0.25), (2, 3, 1)),
    "ActivityRegularization": (lambda k: k.ActivityRegularization(0.1, 0.2), (2, 4)),
    "SpatialDropout1D tested": (lambda k: k.SpatialDropout1D(0.5), (2, 3, 4)),
    "Conv1D": (lambda k: k.Conv1D(3, 2, padding="causal", activation="tanh"), (2, 5, 2)),
    "Conv2D": (lambda k: k.Conv2D(3, (3, 2), strides=2, padding="same"), (2, 5, 5, 2)),
    "Conv2D dilated": (lambda k: k.Conv2D(2, 2, dilation_rate=2, use_bias=False), (1, 5, 5, 2)),
    "Conv3D": (lambda k: k.Conv3D(2, 2), (1, 3, 3, 3, 2)),
    "Conv2DTranspose": (lambda k: k.Conv2DTranspose(2, 3, strides=2), (1, 3, 3, 2)),
    "SeparableConv2D": (lambda k: k.SeparableConv2D(3, 2, depth_multiplier=2), (1, 4, 4, 2)),
    "SeparableConv1D": (lambda k: k.SeparableConv1D(3, 2), (1, 4, 2)),
    "ZeroPadding2D": (lambda k: k.ZeroPadding2D(((1, 0), (2, 1))), (1, 2, 2, 1)),
    "ZeroPadding1D": (lambda k: k.ZeroPadding1D(2), (1, 2, 2)),
    "Cropping2D": (lambda k: k.Cropping2D(((1, 0), (0, 1))), (1, 3, 3, 2)),
    "UpSampling2D": (lambda k: k.UpSampling2D((2, 3)), (1, 2, 2, 1)),
    "UpSampling2D bilinear": (lambda k: k.UpSampling2D(2, interpolation="bilinear"), (1, 2, 3, 1)),
    "UpSampling1D": (lambda k: k.UpSampling1D(2), (1, 2, 2)),
    "ZeroPadding3D": (lambda k: k.ZeroPadding3D(((1, 0), (0, 2), (1, 1))), (1, 2, 2, 2, 1)),
    "Cropping1D": (lambda k: k.Cropping1D((1, 2)), (1, 5, 2)),
    "Cropping3D": (lambda k: k.Cropping3D(((1, 0), (0, 1), (1, 1))), (1, 3, 3, 4, 2)),
    "UpSampling3D": (lambda k: k.UpSampling3D((1, 2, 3)), (1, 2, 2, 2, 1)),
    "DepthwiseConv2D": (
        lambda k: k.DepthwiseConv2D((2, 3), 2, "same", 2, activation="relu"),
        (2, 5, 4, 3),
    ),
    "DepthwiseConv2D alone": (lambda k: k.DepthwiseConv2D(2, use_bias=False), (1, 3, 3, 2)),
    "SpatialDropout2D tested": (lambda k: k.SpatialDropout2D(0.5), (2, 3, 4, 2)),
    "SpatialDropout3D tested": (lambda k: k.SpatialDropout3D(0.5), (2, 3, 2, 2, 2)),
    "GlobalMaxPooling3D": (lambda k: k.GlobalMaxPooling3D(), (2, 3, 2, 2, 2)),
    "GlobalAveragePooling3D": (
        lambda k: k.GlobalAveragePooling3D("channels_first"),
        (2, 3, 2, 2, 2),
    ),
    "LayerNormalization": (lambda k: k.LayerNormalization(), (3, 4)),
    "LayerNormalization of axes": (
        lambda k: k.LayerNormalization([1, 2], beta_initializer="ones", gamma_regularizer="l2"),
        (2, 3, 2, 2),
    ),
    "AlphaDropout tested": (lambda k: k.AlphaDropout(0.5), (2, 4)),
    "MaxPooling1D": (lambda k: k.MaxPooling1D(2, padding="same"), (2, 5, 3)),
    "MaxPooling2D": (lambda k: k.MaxPooling2D(), (2, 4, 5, 2)),
    "MaxPooling3D": (lambda k: k.MaxPooling3D(), (1, 2, 4, 4, 1)),
    "AveragePooling1D": (lambda k: k.AveragePooling1D(3, 1), (2, 5, 3)),
    "AveragePooling2D": (lambda k: k.AveragePooling2D((2, 1), padding="same"), (2, 5, 4, 2)),
    "AveragePooling3D": (lambda k: k.AveragePooling3D(), (1, 2, 4, 4, 1)),
    "GlobalMaxPooling2D": (lambda k: k.GlobalMaxPooling2D(), (2, 3, 3, 2)),
    "GlobalAveragePooling2D": (lambda k: k.GlobalAveragePooling2D(), (2, 3, 3, 2)),
    "GlobalMaxPooling1D": (lambda k: k.GlobalMaxPooling1D(), (2, 3, 2)),
    "GlobalAveragePooling1D": (lambda k: k.GlobalAveragePooling1D(), (2, 3, 2)),
    "BatchNormalization": (lambda k: k.BatchNormalization(momentum=0.9), (4, 3)),
    "BatchNormalization fused": (lambda k: k.BatchNormalization(scale=False), (2, 3, 3, 2)),
    "LeakyReLU": (lambda k: k.LeakyReLU(), (2, 4)),
    "ReLU": (lambda k: k.ReLU(max_value=0.9, negative_slope=0.1, threshold=0.2), (2, 4)),
    "ELU": (lambda k: k.ELU(0.5), (2, 4)),
    "ThresholdedReLU": (lambda k: k.ThresholdedReLU(0.5), (2, 4)),
    "Softmax": (lambda k: k.Softmax(1), (2, 3, 2)),
    "PReLU": (lambda k: k.PReLU(alpha_initializer="ones", shared_axes=[1]), (2, 3, 2)),
    "GaussianNoise tested": (lambda k: k.GaussianNoise(0.5), (2, 4)),
    "GaussianDropout tested": (lambda k: k.GaussianDropout(0.5), (2, 4)),
}


def _plain(config):
    """A configuration as JSON has it; of functions written in Python only the name."""

    def told(value):
        return value.tolist() if hasattr(value, "tolist") else getattr(value, "__name__", "{}")

    return json.loads(json.dumps(config, default=told))


def _told(config):
    untold = UNTOLD + (UNUSED if "pointwise_initializer" in config else ())
    return {name: value for name, value in _plain(config).items() if name not in untold}


def _single(make, shape):
    def build(tf, keras):
        layer = make(keras.layers)
        inputs = keras.layers.Input(batch_shape=(None, *shape[1:]))
        outputs = layer(inputs)
        made = keras.models.Model(inputs, outputs)
        values = keras.backend.get_session().run(
            [outputs, *layer.losses], {inputs: numbers(*shape)}
        )
        config = layer.get_config()
        found = {
            "output": values[0],
            "losses": [float(value) for value in values[1:]],
            "shape": keras.backend.int_shape(outputs),
            "config": _told(config),
            "weights": [[w.name, w.shape.as_list(), w.trainable] for w in layer.weights],
            "count": layer.count_params(),
            "updates": len(layer.updates),
            "predicted": made.predict(numbers(*shape)),
        }
        if "Lambda" not in type(layer).__name__:
            again = type(layer).from_config(config)
            found["again"] = _told(again.get_config())
        return found

    return build


#: How TensorFlow writes Python's code down, and what belongs to versions of its own.
UNTOLD = ("arguments", "function", "function_type", "module", "output_shape", "output_shape_module")
UNTOLD += ("output_shape_type", "dtype")
#: Separable convolutions have no kernel, and tell of its initializer all the same.
UNUSED = ("kernel_constraint", "kernel_initializer", "kernel_regularizer")

for _name, (_make, _shape) in LAYERS.items():
    MODELS["layer " + _name] = _single(_make, _shape)


@model("layer Embedding")
def _embedding(tf, keras):
    layer = keras.layers.Embedding(5, 3, mask_zero=True, input_length=4)
    made = keras.models.Sequential([layer])
    rows = np.array([[1, 2, 0, 0], [4, 3, 2, 1]])
    mask = layer.compute_mask(tf.constant(rows))
    return {
        "output": made.predict(rows),
        "mask": keras.backend.eval(mask),
        "weights": [[w.name, w.shape.as_list()] for w in layer.weights],
        "input": made.input.name,
        "shape": made.output_shape,
    }


@model("layers that merge")
def _merging(tf, keras):
    layers = keras.layers
    first, second = layers.Input((2, 3)), layers.Input((2, 3))
    given = [numbers(2, 2, 3), numbers(2, 2, 3)[::-1].copy() + 0.5]
    found = {}
    for name in ("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate"):
        output = getattr(layers, name)([first, second])
        found[name] = keras.models.Model([first, second], output).predict(given)
    found["dot"] = keras.models.Model([first, second], layers.dot([first, second], 2)).predict(
        given
    )
    close = layers.Dot(axes=(1, 2), normalize=True)([first, layers.Permute((2, 1))(second)])
    found["cosine"] = keras.models.Model([first, second], close).predict(given)
    wide = layers.Concatenate(axis=1)([first, second, first])
    found["wide"] = list(keras.backend.int_shape(wide))
    return found


# ---- training ----------------------------------------------------------------------------------


def _small(keras, **options):
    made = keras.models.Sequential()
    made.add(keras.layers.Dense(3, "tanh", input_shape=(4,), kernel_initializer="ones"))
    made.add(keras.layers.Dense(2, "softmax", **options))
    return made


def _data(n=12):
    return numbers(n, 4), np.eye(2)[np.arange(n) % 3 % 2].astype("f")


def _history(history):
    return {name: [float(value) for value in values] for name, values in history.history.items()}


@model("weights of samples and classes")
def _weights(tf, keras):
    made = _small(keras)
    x, y = _data()
    made.compile("sgd", "categorical_crossentropy", ["acc"], weighted_metrics=["acc"])
    weights = np.linspace(0.1, 2.0, len(x))
    first = made.fit(x, y, 4, 2, 0, shuffle=False, sample_weight=weights)
    second = made.fit(x, y, 4, 1, 0, shuffle=False, class_weight={0: 1.0, 1: 5.0})
    both = made.train_on_batch(x, y, sample_weight=weights, class_weight={0: 2.0, 1: 1.0})
    return {
        "first": np.array(first.history["loss"]),
        "second": np.array(second.history["loss"]),
        "both": np.array(both),
        "names": made.metrics_names,
        "tested": np.array(made.test_on_batch(x, y, weights)),
        "evaluated": np.array(made.evaluate(x, y, 5, 0, weights)),
        "kernel": made.get_weights()[0],
    }


@model("weights of steps")
def _steps(tf, keras):
    made = keras.models.Sequential([keras.layers.Dense(1, input_shape=(3, 2))])
    made.compile("sgd", "mse", sample_weight_mode="temporal")
    x, y = numbers(4, 3, 2), numbers(4, 3, 1)
    weights = np.ones((4, 3))
    weights[:, 2] = 0
    losses = [made.train_on_batch(x, y, weights) for _ in range(2)]
    return {"losses": np.array(losses), "kernel": made.get_weights()[0]}


@model("a mask counts in the loss")
def _masked(tf, keras):
    made = keras.models.Sequential()
    made.add(keras.layers.Masking(0.0, input_shape=(3, 2)))
    made.add(keras.layers.TimeDistributed(keras.layers.Dense(1)))
    made.compile("sgd", "mae", ["mse"])
    x, y = numbers(4, 3, 2), numbers(4, 3, 1)
    x[1, 1:] = 0
    return {"losses": np.array([made.train_on_batch(x, y) for _ in range(2)])}


@model("two outputs")
def _outputs(tf, keras):
    layers = keras.layers
    inputs = layers.Input((4,), name="x")
    hidden = layers.Dense(3, "relu", kernel_regularizer=keras.regularizers.l1(0.01))(inputs)
    one = layers.Dense(1, name="one")(hidden)
    two = layers.Dense(2, "softmax", name="two")(hidden)
    made = keras.models.Model(inputs, [one, two])
    made.compile(
        "rmsprop",
        ["mse", "categorical_crossentropy"],
        {"one": ["mae", "mse"], "two": "accuracy"},
        loss_weights=[0.5, 2.0],
    )
    x, y = _data()
    history = made.fit({"x": x}, [x.sum(1), y], 6, 2, 0, validation_split=0.25, shuffle=False)
    unused = keras.models.Model(inputs, [one, two])
    unused.compile("sgd", {"one": "mse", "two": None})
    return {
        "names": made.metrics_names,
        "history": np.array([history.history[name] for name in sorted(history.history)]),
        "keys": sorted(history.history),
        "one": made.predict(x, 5)[0],
        "only one": unused.metrics_names,
        "tested": np.array(unused.test_on_batch(x, x.sum(1))),
    }


@model("names of metrics")
def _names(tf, keras):
    found = {}
    for loss in ("mse", "binary_crossentropy", "categorical_crossentropy", "hinge"):
        made = _small(keras)
        made.compile("sgd", loss, ["accuracy", "mae", keras.metrics.mean_squared_error, "ce"])
        x, y = _data()
        found[loss] = np.array(made.test_on_batch(x, y))
        found[loss + " names"] = made.metrics_names
    made = _small(keras)
    made.compile("sgd", "sparse_categorical_crossentropy", ["acc", "acc"])
    found["sparse"] = np.array(made.test_on_batch(_data()[0], np.arange(12) % 2))
    found["sparse names"] = made.metrics_names
    own = _small(keras, kernel_initializer=keras.initializers.he_normal(5))
    own.compile(
        "sgd",
        keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        [keras.metrics.AUC(name="auc")],
    )
    found["own"], found["own names"] = np.array(own.test_on_batch(*_data())), own.metrics_names
    return found


@model("what is frozen")
def _frozen(tf, keras):
    made = _small(keras)
    made.layers[0].trainable = False
    made.compile("sgd", "categorical_crossentropy")
    before = made.get_weights()
    made.train_on_batch(*_data())
    after = made.get_weights()
    made.layers[0].trainable = True
    again = made.train_on_batch(*_data())  # as it was compiled
    return {
        "moved": [bool(np.any(a != b)) for a, b in zip(before, after)],
        "still": bool(np.all(made.get_weights()[0] == before[0])),
        "loss": float(again),
        "graph": [v.name for v in tf.trainable_variables()],
        "trainable": [v.name for v in made.trainable_weights],
    }


@model("normalized batches train and are tested")
def _normalized(tf, keras):
    made = keras.models.Sequential()
    made.add(keras.layers.Dense(3, input_shape=(4,)))
    made.add(keras.layers.BatchNormalization())
    made.add(keras.layers.Dropout(0.0))
    made.add(keras.layers.Dense(1))
    made.compile(keras.optimizers.Adadelta(1.0), "mse")
    x = numbers(12, 4)
    losses = made.fit(x, x.sum(1), 4, 3, 0, shuffle=False).history["loss"]
    return {
        "losses": np.array(losses),
        "tested": float(made.evaluate(x, x.sum(1), verbose=0)),
        "mean": made.layers[1].get_weights()[2],
        "variance": made.layers[1].get_weights()[3],
        "names": [w.name for w in made.weights],
    }


@model("seeds behind a normalization of many channels")
def _many(tf, keras):
    made = keras.models.Sequential()
    made.add(keras.layers.Dense(1000, input_shape=(2,)))
    made.add(keras.layers.BatchNormalization())
    made.add(keras.layers.Dense(2))
    return {"kernel": made.layers[2].get_weights()[0][:3]}


@model("a model inside of a model, called twice")
def _inside(tf, keras):
    layers = keras.layers
    inner = _small(keras)
    a, b = layers.Input((4,)), layers.Input((4,))
    merged = layers.concatenate([inner(a), inner(b)])
    outer = keras.models.Model([a, b], layers.Dense(1)(merged))
    outer.compile("adam", "mse")
    x = numbers(6, 4)
    losses = [outer.train_on_batch([x, x[::-1]], x.sum(1)) for _ in range(3)]
    lines = []
    outer.summary(print_fn=lines.append)
    return {
        "losses": np.array(losses),
        "weights": [w.name for w in outer.weights],
        "layers": [layer.name for layer in outer.layers],
        "summary": lines,
        "inner": inner.predict(x),
    }


@model("shapes that come with the data")
def _deferred(tf, keras):
    made = keras.models.Sequential([keras.layers.Dense(2), keras.layers.Dense(1)])
    made.compile("sgd", "mse", ["mae"])
    before = made.built
    x = numbers(8, 3)
    losses = made.fit(x, x.sum(1), 4, 2, 0, shuffle=False).history["loss"]
    built = keras.models.Sequential([keras.layers.Dense(2)])
    built.build((None, 5))
    return {
        "built": [before, made.built, built.built],
        "losses": np.array(losses),
        "shapes": [w.shape.as_list() for w in made.weights + built.weights],
    }


@model("operations between layers")
def _between(tf, keras):
    inputs = keras.layers.Input((4,))
    hidden = keras.layers.Dense(3, kernel_initializer=keras.initializers.he_normal(3))(inputs)
    doubled = tf.nn.relu(hidden * 2.0)
    made = keras.models.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(doubled))
    made.compile("sgd", "mse")
    x = numbers(6, 4)
    losses = [made.train_on_batch(x, x.sum(1)) for _ in range(2)]
    again = made(tf.constant(x))
    return {
        "losses": np.array(losses),
        "kinds": [type(layer).__name__ for layer in made.layers],
        "again": keras.backend.get_session().run(again),
        "predicted": made.predict(x),
    }


@model("data from tf.data and from tensors")
def _datasets(tf, keras):
    made = _small(keras)
    made.compile("sgd", "categorical_crossentropy", ["acc"])
    x, y = _data()
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
    first = made.fit(dataset, epochs=2, verbose=0, steps_per_epoch=None)
    second = made.fit(dataset.repeat(), epochs=2, steps_per_epoch=2, verbose=0)
    measured = made.evaluate(dataset, steps=3, verbose=0)
    return {
        "first": np.array(first.history["loss"]),
        "second": np.array(second.history["loss"]),
        "measured": np.array(measured),
        "predicted": made.predict(dataset.map(lambda a, b: a), steps=1),
    }


@model("configurations and JSON")
def _configurations(tf, keras):
    layers = keras.layers
    stacked = _small(keras, name="last")
    inputs = layers.Input((4,), name="start")
    shared = layers.Dense(3, name="shared")
    joined = layers.add([shared(inputs), shared(layers.Activation("relu", name="act")(inputs))])
    graph = keras.models.Model(inputs, layers.Dropout(0.5, name="drop")(joined), name="graph")
    told = json.loads(graph.to_json())
    again = keras.models.model_from_json(graph.to_json())
    clone = keras.models.clone_model(stacked)
    clone.set_weights(stacked.get_weights())
    again.set_weights(graph.get_weights())
    x = numbers(3, 4)
    return {
        "stacked": _without_dtype(json.loads(stacked.to_json())["config"]),
        "graph": _without_dtype(told["config"]),
        "class": told["class_name"],
        "same": bool(np.allclose(again.predict(x), graph.predict(x))),
        "cloned": bool(np.allclose(clone.predict(x), stacked.predict(x))),
        "layers": [layer.name for layer in again.layers],
    }


def _without_dtype(told):
    if isinstance(told, dict):
        return {k: _without_dtype(v) for k, v in told.items() if k != "dtype"}
    return [_without_dtype(item) for item in told] if isinstance(told, list) else told


# ---- mistakes ----------------------------------------------------------------------------------


@mistake("an input of another size", "expected axis -1 of input shape to have value 4")
def _(tf, keras):
    layer = keras.layers.Dense(2)
    layer(keras.layers.Input((4,)))
    layer(keras.layers.Input((5,)))


@mistake(
    "data of another size", "expected dense_input to have shape (4,) but got array with shape (3,)"
)
def _(tf, keras):
    _small(keras).predict(numbers(2, 3))


@mistake(
    "data of another rank", "expected dense_input to have 2 dimensions, but got array with shape"
)
def _(tf, keras):
    _small(keras).predict(numbers(2, 3, 4))


@mistake("training before compiling", "You must compile your model before training/testing")
def _(tf, keras):
    _small(keras).fit(*_data())


@mistake("classes for one-hot targets", "You are passing a target array of shape (12, 1)")
def _(tf, keras):
    made = _small(keras)
    made.compile("sgd", "categorical_crossentropy")
    made.fit(_data()[0], np.arange(12), verbose=0)


@mistake(
    "targets of another shape",
    "A target array with shape (12, 2) was passed for an output of shape (None, 1)",
)
def _(tf, keras):
    made = keras.models.Sequential([keras.layers.Dense(1, input_shape=(4,))])
    made.compile("sgd", "mse")
    made.fit(*_data(), verbose=0)


@mistake("other numbers of samples", "Found 12 input samples and 11 target samples")
def _(tf, keras):
    made = _small(keras)
    made.compile("sgd", "categorical_crossentropy")
    made.fit(_data()[0], _data()[1][:11], verbose=0)


@mistake("a disconnected graph", "Graph disconnected: cannot obtain value for tensor")
def _(tf, keras):
    a, b = keras.layers.Input((2,)), keras.layers.Input((2,))
    keras.models.Model(a, keras.layers.add([a, b]))


@mistake("no layer", "The added layer must be an instance of class Layer")
def _(tf, keras):
    keras.models.Sequential().add(3)


@mistake("an unknown loss", "Unknown loss function:nothing")
def _(tf, keras):
    _small(keras).compile("sgd", "nothing")


@mistake("losses of unknown outputs", "Unknown entries in loss dictionary")
def _(tf, keras):
    _small(keras).compile("sgd", {"nothing": "mse"})


@mistake("layers that cannot be added", "Operands could not be broadcast together")
def _(tf, keras):
    keras.layers.add([keras.layers.Input((2,)), keras.layers.Input((3,))])


@mistake("a call that returns nothing", "should return a Tensor or a list of Tensors, not None")
def _(tf, keras):
    class Nothing(keras.layers.Layer):
        def call(self, inputs):
            pass

    Nothing()(keras.layers.Input((2,)))


@mistake("weights of another length", "expecting 2 weights")
def _(tf, keras):
    layer = keras.layers.Dense(2)
    layer(keras.layers.Input((4,)))
    layer.set_weights([numbers(4, 2)])


@mistake("a layer that is not there", "No such layer: nothing")
def _(tf, keras):
    _small(keras).get_layer("nothing")


@mistake("an argument that no layer knows", "Keyword argument not understood:")
def _(tf, keras):
    keras.layers.Dense(2, nothing=1)


@mistake(
    "a generator of the wrong kind", "Output of generator should be a tuple of 1 or 2 or 3 elements"
)
def _(tf, keras):
    made = _small(keras)
    made.compile("sgd", "mse")
    made.fit_generator(((1, 2, 3, 4) for _ in range(3)), 2, verbose=0)
