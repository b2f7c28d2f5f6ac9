"""Activations of Keras, by function and by name (tf.keras.activations)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphscope.keras import backend as K
from graphscope.keras.utils.objects import deserialize_keras_object, serialize_keras_object
from graphscope.layers.named import ACTIVATIONS
from graphscope.layers.named import elu as elu
from graphscope.layers.named import hard_sigmoid as hard_sigmoid
from graphscope.layers.named import linear as linear
from graphscope.layers.named import selu as selu
from graphscope.layers.named import softmax as softmax
from graphscope.ops import math, rectifiers


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return rectifiers.softplus(x)


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    return rectifiers.softsign(x)


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0) -> Any:
    """max(x, 0). alpha: the slope below. max_value: the most. threshold: where x counts from."""
    return K.relu(x, alpha=alpha, max_value=max_value, threshold=threshold)


def tanh(x: Any) -> Any:
    return math.tanh(x)


def sigmoid(x: Any) -> Any:
    return math.sigmoid(x)


def exponential(x: Any) -> Any:
    return math.exp(x)


#: By the names that layers know too.
_KNOWN = {name: globals()[name] for name in ACTIVATIONS}


def serialize(activation: Any) -> Any:
    return serialize_keras_object(activation)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        name,
        module_objects=_KNOWN,
        custom_objects=custom_objects,
        printable_module_name="activation function",
    )


def get(identifier: Any) -> Any:
    """A function for its name; None for `linear`. Errors: ValueError, TypeError."""
    if identifier is None:
        return linear
    if isinstance(identifier, str | Mapping):
        return deserialize(identifier)
    if callable(identifier):
        return identifier
    raise TypeError(f"Could not interpret activation function identifier: {identifier!r}")
