"""Cases of what Keras has by name: activations, initializers, regularizers, constraints."""

import numpy as np
from goldens.case import normal
from goldens.keras_cases import case
from goldens.keras_scripts import script

for _name in (
    "elu",
    "exponential",
    "hard_sigmoid",
    "linear",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
):
    case(
        "activations.%s" % _name,
        # A result of the input itself would be no node.
        lambda keras, x, name=_name: 2.0 * keras.activations.get(name)(x),
        normal(3, 4),
    )
case("activations.softmax 3", lambda keras, x: keras.activations.softmax(x, 1), normal(2, 3, 4))
case(
    "activations.relu options",
    lambda keras, x: keras.activations.relu(x, alpha=0.2, max_value=0.7, threshold=0.1),
    normal(3, 4),
)
case("activations.elu options", lambda keras, x: keras.activations.elu(x, 0.3), normal(3, 4))

for _name, _options in (
    ("l1", {}),
    ("l2", {"l": 0.3}),
    ("l1_l2", {"l1": 0.1, "l2": 0.2}),
    ("L1L2", {}),
):
    case(
        "regularizers.%s" % _name,
        lambda keras, x, n=_name, o=_options: 1.0 * getattr(keras.regularizers, n)(**o)(x),
        normal(3, 4),
    )

for _name, _options in (
    ("MaxNorm", {"max_value": 1}),
    ("MaxNorm", {"axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {"axis": 1}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.8, "rate": 0.7}),
):
    case(
        "constraints.%s %s" % (_name, sorted(_options)),
        lambda keras, x, n=_name, o=_options: getattr(keras.constraints, n)(**o)(x),
        normal(3, 4),
    )


@script("constraints.RadialConstraint")
def _radial(tf, keras):
    K, found = keras.backend, {}
    for size in (2, 3, 4, 5):
        w = K.variable(np.arange(size * size * 6, dtype=np.float32).reshape(size, size, 2, 3))
        found[str(size)] = K.eval(keras.constraints.RadialConstraint()(w))
    return found


INITIALIZERS = [
    "zeros",
    "ones",
    "glorot_uniform",
    "glorot_normal",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "uniform",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "orthogonal",
    "identity",
    "constant",
]


@script("initializers by name")
def _initializers(tf, keras):
    K, found = keras.backend, {}
    for name in INITIALIZERS:
        made = keras.initializers.get(name)
        found[name] = K.eval(made((4, 3), dtype=tf.float32))
        found["of " + name] = keras.initializers.serialize(made)
    return found


@script("initializers with numbers")
def _numbers(tf, keras):
    K, initializers = keras.backend, keras.initializers
    made = {
        "normal": initializers.RandomNormal(mean=1.0, stddev=0.5, seed=3),
        "uniform": initializers.RandomUniform(minval=-1, maxval=2, seed=4),
        "truncated": initializers.TruncatedNormal(stddev=2.0, seed=5),
        "scaling": initializers.VarianceScaling(2.0, "fan_avg", "uniform", seed=6),
        "constant": initializers.Constant(1.5),
    }
    found = {name: K.eval(one((3, 2))) for name, one in made.items()}
    again = initializers.deserialize(initializers.serialize(made["scaling"]))
    found["again"] = K.eval(again((3, 2)))
    return found


@script("activations, regularizers and constraints by name")
def _by_name(tf, keras):
    activations, regularizers = keras.activations, keras.regularizers
    constraints = keras.constraints
    return {
        "activation": activations.serialize(activations.get("hard_sigmoid")),
        "none": activations.serialize(activations.get(None)),
        "regularizer": regularizers.serialize(regularizers.get("l2")),
        "read": regularizers.get({"class_name": "L1L2", "config": {"l1": 0.5}}).get_config(),
        "no regularizer": regularizers.get(None),
        "constraint": constraints.serialize(constraints.get("max_norm")),
        "constraint read": constraints.get(
            {"class_name": "MinMaxNorm", "config": {"rate": 0.5}}
        ).get_config(),
    }


@script("utils.to_categorical and normalize")
def _arrays(tf, keras):
    utils = keras.utils
    return {
        "one": utils.to_categorical([2, 0, 1]),
        "more": utils.to_categorical(np.array([[1], [0]]), 3, dtype="int32"),
        "rows": utils.to_categorical([[0, 1], [1, 1]]),
        "norm": utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]])),
        "sums": utils.normalize(np.array([[3.0, 1.0], [1.0, 1.0]]), axis=0, order=1),
    }
