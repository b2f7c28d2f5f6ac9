"""Cases of Keras: the functions of its backend, and its losses.

`FUNCTIONS` maps an id to a case whose builder takes the `keras` module and the placeholders.
"""

import numpy as np
from goldens.case import Case, bools, floats, ints, normal, positive

FUNCTIONS = {}


def case(name, build, *inputs, **options):
    assert name not in FUNCTIONS, name
    shapes = options.get("shapes") or [array.shape for array in inputs]
    FUNCTIONS[name] = Case(build, inputs, tuple(shapes))


def of_backend(name, *inputs, **options):
    """A case of K.name of the inputs, then the keyword arguments."""
    shapes = options.pop("shapes", None)
    shown = ["%s=%s" % item for item in sorted(options.items())]
    if shapes:
        shown.append("shapes unknown")
    case(
        " ".join(["K." + name, "x".join(str(a.ndim) for a in inputs), *shown]),
        lambda keras, *tensors: getattr(keras.backend, name)(*tensors, **options),
        *inputs,
        shapes=shapes,
    )


PLAIN = [
    "abs",
    "all",
    "any",
    "argmax",
    "argmin",
    "batch_flatten",
    "cos",
    "elu",
    "exp",
    "expand_dims",
    "flatten",
    "hard_sigmoid",
    "l2_normalize",
    "logsumexp",
    "max",
    "mean",
    "min",
    "ones_like",
    "permutation",
    "prod",
    "relu",
    "round",
    "shape",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "std",
    "stop_gradient",
    "sum",
    "tanh",
    "transpose",
    "var",
    "zeros_like",
    "cumsum",
    "cumprod",
    "to_dense",
]
for _name in PLAIN:
    if _name != "permutation":
        of_backend(_name, normal(3, 4))
for _name in ["all", "any", "max", "mean", "min", "prod", "std", "sum", "var", "logsumexp"]:
    of_backend(_name, normal(2, 3, 4), axis=-1)
    of_backend(_name, normal(2, 3, 4), axis=[0, 2], keepdims=True)
of_backend("log", positive(3, 4))
of_backend("mean", bools(True, False, True))
of_backend("pow", positive(3), a=2)
of_backend("clip", normal(3, 4), min_value=-0.5, max_value=0.5)
of_backend("clip", normal(3, 4), min_value=0.1, max_value=None)
of_backend("clip", normal(3, 4), min_value=0.5, max_value=0.1)
for _name in [
    "equal",
    "not_equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "maximum",
    "minimum",
]:
    of_backend(_name, floats(1, 2, 3), floats(2, 2, 2))
of_backend("relu", normal(3, 4), alpha=0.1)
of_backend("relu", normal(3, 4), max_value=0.5)
of_backend("relu", normal(3, 4) * 4, max_value=6)
of_backend("relu", normal(3, 4), alpha=0.1, max_value=1, threshold=0.3)
of_backend("elu", normal(3, 4), alpha=0.5)
of_backend("softmax", normal(2, 3, 4), axis=1)
of_backend("argmax", normal(3, 4), axis=0)
of_backend("cast", normal(3), dtype="int32")
of_backend("dropout", normal(3, 4), level=0.4, seed=7)
of_backend("dropout", normal(3, 4), level=0.4)
of_backend("dropout", normal(3, 4), level=0.4, noise_shape=(3, 1))

of_backend("dot", normal(2, 3), normal(3, 4))
of_backend("dot", normal(2, 3, 4), normal(4, 5))
of_backend("dot", normal(2, 3, 4), normal(5, 4, 6))
of_backend("dot", normal(2, 3, 4), normal(4, 5), shapes=[(None, 3, 4), (4, 5)])
of_backend("batch_dot", normal(2, 3, 4), normal(2, 4, 5))
of_backend("batch_dot", normal(2, 3, 4), normal(2, 5, 4), axes=2)
of_backend("batch_dot", normal(2, 3), normal(2, 3), axes=1)
of_backend("batch_dot", normal(2, 3, 4), normal(2, 3), axes=1)
of_backend("batch_dot", normal(2, 4), normal(2, 3, 4), axes=[1, 2])
of_backend("gather", normal(4, 3), ints(2, 0, 2))
of_backend("one_hot", ints(2, 0, 1), num_classes=4)
of_backend("in_top_k", normal(3, 4), ints(2, 0, 1), k=2)

of_backend("reshape", normal(3, 4), shape=(-1, 6))
of_backend("permute_dimensions", normal(2, 3, 4), pattern=(2, 0, 1))
of_backend("repeat", normal(2, 3), n=4)
of_backend("repeat_elements", normal(2, 3), rep=2, axis=1)
of_backend("repeat_elements", normal(2, 3), rep=2, axis=0, shapes=[(None, 3)])
of_backend("tile", normal(2, 3), n=[2, 1])
of_backend("tile", normal(3), n=2)
of_backend("batch_flatten", normal(2, 3, 4), shapes=[(None, 3, 4)])
of_backend("expand_dims", normal(2, 3), axis=1)
of_backend("squeeze", normal(2, 1, 3), axis=1)
of_backend("reverse", normal(2, 3), axes=1)
of_backend("reverse", normal(2, 3), axes=[0, 1])
of_backend("temporal_padding", normal(2, 3, 4), padding=(1, 2))
of_backend("spatial_2d_padding", normal(1, 2, 3, 1), padding=((1, 0), (2, 1)))
of_backend("spatial_3d_padding", normal(1, 2, 2, 2, 1), data_format="channels_first")
for _way in ("nearest", "bilinear"):
    of_backend(
        "resize_images",
        normal(1, 3, 2, 2),
        height_factor=2,
        width_factor=3,
        data_format="channels_last",
        interpolation=_way,
    )
of_backend(
    "resize_images",
    normal(1, 2, 3, 2),
    height_factor=2,
    width_factor=2,
    data_format="channels_first",
    shapes=[(None, 2, 3, None)],
)
case("K.concatenate", lambda keras, a, b: keras.backend.concatenate([a, b]), *[normal(2, 3)] * 2)
case(
    "K.concatenate axis=0",
    lambda keras, a, b: keras.backend.concatenate([a, b], axis=0),
    *[normal(2, 3)] * 2,
)
case("K.stack", lambda keras, a, b: keras.backend.stack([a, b], axis=1), *[normal(2, 3)] * 2)
case("K.arange", lambda keras: [keras.backend.arange(5), keras.backend.arange(1, 9, 3, "float32")])
case("K.constant", lambda keras: keras.backend.constant([[1, 2], [3, 4]]))
case(
    "K.map_fn",
    lambda keras, a: keras.backend.map_fn(lambda row: row * 2.0, a),
    normal(3, 2),
)
case(
    "K.foldl",
    lambda keras, a: 2.0 * keras.backend.foldl(lambda sum_, row: sum_ + row, a),
    normal(3, 2),
)

_IMAGES, _SOUND = normal(2, 5, 6, 3), normal(2, 8, 3)
for _options in (
    {},
    {"padding": "same", "strides": (2, 2)},
    {"dilation_rate": (2, 2)},
    {"padding": "same", "data_format": "channels_first"},
):
    _turned = _IMAGES.transpose(0, 3, 1, 2) if "data_format" in _options else _IMAGES
    of_backend("conv2d", _turned, normal(3, 2, 3, 4), **_options)
of_backend("conv1d", _SOUND, normal(3, 3, 2))
of_backend("conv1d", _SOUND, normal(3, 3, 2), padding="causal", dilation_rate=2)
of_backend("conv1d", _SOUND, normal(3, 3, 2), padding="same", strides=2)
of_backend("depthwise_conv2d", _IMAGES, normal(3, 2, 3, 2), padding="same")
of_backend("separable_conv2d", _IMAGES, normal(3, 2, 3, 2), normal(1, 1, 6, 4))
case(
    "K.conv2d_transpose",
    lambda keras, x, kernel: keras.backend.conv2d_transpose(
        x, kernel, (None, 10, 12, 2), strides=(2, 2), padding="same"
    ),
    _IMAGES,
    normal(3, 3, 2, 3),
    shapes=[(None, 5, 6, 3), (3, 3, 2, 3)],
)
_VOLUMES = normal(2, 3, 4, 3, 2)
of_backend("conv3d", _VOLUMES, normal(2, 2, 2, 2, 3), padding="same")
of_backend("pool3d", _VOLUMES, pool_size=(2, 2, 2), padding="same", strides=(2, 1, 1))
of_backend("pool3d", _VOLUMES, pool_size=(2, 2, 2), pool_mode="avg")
case(
    "K.conv3d_transpose",
    lambda keras, x, kernel: keras.backend.conv3d_transpose(
        x, kernel, (2, 6, 8, 6, 2), strides=(2, 2, 2), padding="same"
    ),
    *(_VOLUMES, normal(2, 2, 2, 2, 2)),
)
for _axes in ("channels_last", "channels_first"):
    of_backend(
        "resize_volumes",
        _VOLUMES,
        depth_factor=1,
        height_factor=2,
        width_factor=3,
        data_format=_axes,
    )
    case(
        "K.local_conv2d %s" % _axes,
        lambda keras, x, kernel, axes=_axes: keras.backend.local_conv2d(
            x, kernel, (2, 2), (2, 2), (2, 3), axes
        ),
        *(
            normal(2, 5, 6, 3) if _axes == "channels_last" else normal(2, 3, 5, 6),
            normal(6, 12, 4),
        ),
    )
case(
    "K.local_conv1d",
    lambda keras, x, kernel: keras.backend.local_conv1d(x, kernel, (3,), (2,)),
    *(_SOUND, normal(3, 9, 2)),
)
for _mode in ("max", "avg"):
    of_backend("pool2d", _IMAGES, pool_size=(2, 2), pool_mode=_mode)
    of_backend("pool2d", _IMAGES, pool_size=(2, 3), strides=(2, 2), padding="same", pool_mode=_mode)
of_backend("pool2d", _IMAGES, pool_size=(2, 2), data_format="channels_first")
of_backend("bias_add", normal(2, 3), normal(3))
of_backend("bias_add", _SOUND, normal(3))
of_backend("bias_add", _SOUND, normal(8, 3))
of_backend("bias_add", _IMAGES, normal(3))
of_backend("bias_add", _IMAGES, normal(5, 6, 3))
of_backend("bias_add", _IMAGES, normal(5), data_format="channels_first")

_ROWS = normal(4, 3)
case(
    "K.normalize_batch_in_training of rows",
    lambda keras, x, g, b: keras.backend.normalize_batch_in_training(x, g, b, [0]),
    *(_ROWS, positive(3), normal(3)),
)
case(
    "K.normalize_batch_in_training of images",
    lambda keras, x, g, b: [
        # Through a fused mean and variance no gradient flows here, and zeros there.
        keras.backend.stop_gradient(result) if i else result
        for i, result in enumerate(keras.backend.normalize_batch_in_training(x, g, b, [0, 1, 2]))
    ],
    *(_IMAGES, positive(3), normal(3)),
)
case(
    "K.normalize_batch_in_training of channels first",
    lambda keras, x, g, b: keras.backend.normalize_batch_in_training(x, g, b, [0, 2, 3]),
    *(_IMAGES, positive(5), normal(5)),
)
for _array in (_ROWS, _IMAGES):
    of_backend("batch_normalization", _array, normal(3), positive(3), beta=None, gamma=None)
    case(
        "K.batch_normalization of %d axes by a scale" % _array.ndim,
        lambda keras, x, b, g: keras.backend.batch_normalization(
            x, keras.backend.constant([0.1, 0.2, 0.3]), keras.backend.constant([1.0, 2, 3]), b, g
        ),
        *(_array, normal(3), positive(3)),
    )


def _switch(keras, a, b, c):
    K = keras.backend
    return [
        2.0 * K.switch(K.sum(a) > 0, lambda: a, lambda: b),
        2.0 * K.switch(K.sum(a) > 0, a, b),
        K.switch(c, a, b),
        K.switch(a > b, a, b),
    ]


case("K.switch", _switch, normal(3, 4), normal(3, 4) * 2, bools(True, False, True))


def _phases(keras, a):
    K = keras.backend
    symbolic = 2.0 * K.in_train_phase(lambda: a * 2.0, a)
    K.set_learning_phase(1)
    return [symbolic, K.in_train_phase(a * 3.0, a), K.in_test_phase(a * 4.0, a)]


case("K.in_train_phase", _phases, normal(3))


def _random(keras):
    K = keras.backend
    return [
        K.random_normal((2, 3)),
        K.random_normal((2, 3), mean=2.0, stddev=0.1, seed=3),
        K.random_uniform((2, 3)),
        K.random_uniform((2, 3), minval=1, maxval=5, dtype="int32", seed=4),
        K.random_binomial((2, 3), p=0.4),
        K.truncated_normal((2, 3)),
    ]


case("K.random_*", _random)

# ---- cross-entropies and losses ----------------------------------------------------------------

_SHARES = positive(4, 3) / positive(4, 3).sum(axis=1, keepdims=True)
_ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]
_SIGNS = floats(1, -1, 1, 1).reshape(4, 1)
_BINARY = floats(1, 0, 1, 1).reshape(4, 1)
_CHANCES = floats(0.9, 0.2, 0.4, 0.999).reshape(4, 1)

for _name, _true in (
    ("categorical_crossentropy", _ONE_HOT),
    ("sparse_categorical_crossentropy", ints(0, 2, 1, 1)),
):
    for _logits in (False, True):
        of_backend(_name, _true, _SHARES, from_logits=_logits)
    case(
        "K.%s of a softmax" % _name,
        lambda keras, y, x, name=_name: getattr(keras.backend, name)(y, keras.backend.softmax(x)),
        *(_true, normal(4, 3)),
    )
of_backend("sparse_categorical_crossentropy", ints([[0, 2], [1, 1]]).reshape(2, 2), normal(2, 2, 3))
of_backend("sparse_categorical_crossentropy", floats(0, 2, 1, 1).reshape(4, 1), _SHARES)
of_backend("binary_crossentropy", _BINARY, _CHANCES)
of_backend("binary_crossentropy", _BINARY, normal(4, 1), from_logits=True)
case(
    "K.binary_crossentropy of a sigmoid",
    lambda keras, y, x: keras.backend.binary_crossentropy(y, keras.backend.sigmoid(x)),
    *(_BINARY, normal(4, 1)),
)

ERRORS = [
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "logcosh",
    "poisson",
    "huber_loss",
    "cosine_proximity",
]
OF_LABELS = {
    "hinge": (_SIGNS, normal(4, 1)),
    "squared_hinge": (_BINARY, normal(4, 1)),
    "categorical_hinge": (_ONE_HOT, normal(4, 3)),
    "kullback_leibler_divergence": (_SHARES, _SHARES[::-1].copy()),
    "binary_crossentropy": (_BINARY, _CHANCES),
    "categorical_crossentropy": (_ONE_HOT, _SHARES),
    "sparse_categorical_crossentropy": (ints(0, 2, 1, 1), _SHARES),
}
INPUTS = {name: (positive(4, 3), positive(4, 3)[::-1].copy()) for name in ERRORS}
INPUTS.update(OF_LABELS)


def of_losses(name, *inputs, **options):
    shown = ["%s=%s" % item for item in sorted(options.items())]
    case(
        " ".join(["losses." + name, *shown]),
        lambda keras, *tensors: getattr(keras.losses, name)(*tensors, **options),
        *inputs,
    )


for _name, _inputs in INPUTS.items():
    of_losses(_name, *_inputs)
of_losses("categorical_crossentropy", _ONE_HOT, normal(4, 3), from_logits=True, label_smoothing=0.1)
of_losses("binary_crossentropy", _BINARY, normal(4, 1), from_logits=True, label_smoothing=0.2)
case(
    "losses.mean_squared_error of whole numbers",
    lambda keras, *tensors: keras.losses.mean_squared_error(*tensors),
    *(ints(1, 2, 3), normal(3)),
)
of_losses("huber_loss", positive(4, 3), normal(4, 3), delta=0.3)

CLASSES = {
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "Hinge": "hinge",
    "SquaredHinge": "squared_hinge",
    "CategoricalHinge": "categorical_hinge",
    "Poisson": "poisson",
    "LogCosh": "logcosh",
    "KLDivergence": "kullback_leibler_divergence",
    "Huber": "huber_loss",
    "CosineSimilarity": "cosine_proximity",
}


def _class(name, options):
    return lambda keras, *tensors: getattr(keras.losses, name)(**options)(*tensors)


for _name, _function in CLASSES.items():
    case("losses.%s" % _name, _class(_name, {}), *INPUTS[_function])
_WEIGHTS = floats(0.5, 0.0, 2.0, 1.0)
for _kind in ("none", "sum", "sum_over_batch_size"):
    _build = _class("MeanSquaredError", {"reduction": _kind})
    case("losses reduced by %s" % _kind, _build, *INPUTS["mean_squared_error"])
    case("losses weighted and reduced by %s" % _kind, _build, *INPUTS["poisson"], _WEIGHTS)
case(
    "losses of columns, weighted",
    _class("MeanSquaredError", {"name": "mine"}),
    *(normal(4, 2, 1), positive(4, 2, 1), _WEIGHTS),
)
case(
    "losses weighted by a column",
    _class("MeanSquaredError", {}),
    *(normal(4, 2), positive(4, 2), _WEIGHTS.reshape(4, 1)),
)
case(
    "losses of a batch of any size, weighted",
    _class("CategoricalCrossentropy", {"label_smoothing": 0.1}),
    *(_ONE_HOT, _SHARES, _WEIGHTS),
    shapes=[(None, 3), (None, 3), (None,)],
)
