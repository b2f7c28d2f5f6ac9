"""The layers of Keras. Source: tf.keras.layers of 1.15."""

from __future__ import annotations

import inspect
from typing import Any

from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.input_layer import Input, InputLayer
from graphscope.keras.layers import (
    cells,
    convolution,
    convolutional_recurrent,
    core,
    depthwise,
    embeddings,
    functions,
    merge,
    normalization,
    pooling,
    rectifiers,
    recurrent,
    wrappers,
)
from graphscope.keras.utils.objects import deserialize_keras_object

_ROOMS = (
    core,
    functions,
    convolution,
    depthwise,
    pooling,
    embeddings,
    merge,
    normalization,
    rectifiers,
    cells,
    recurrent,
    convolutional_recurrent,
    wrappers,
)


def _public() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for room in _ROOMS:
        for name, value in vars(room).items():
            own = getattr(value, "__module__", "") == room.__name__
            if own and not name.startswith("_") and (inspect.isclass(value) or callable(value)):
                found[name] = value
    return found


PUBLIC: dict[str, Any] = {
    **_public(),
    "Input": Input,
    "InputLayer": InputLayer,
    "InputSpec": InputSpec,
    "Layer": Layer,
}

globals().update(PUBLIC)


def serialize(layer: Any) -> dict[str, Any]:
    """What `deserialize` makes an equal layer of."""
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> Any:
    """A layer or model by its configuration. custom_objects: classes by names that Keras lacks.

    Errors: ValueError for a class that nobody knows.
    """
    from graphscope.keras.model import Model
    from graphscope.keras.sequential import Sequential

    known = {**PUBLIC, "Model": Model, "Sequential": Sequential}
    return deserialize_keras_object(config, known, custom_objects, "layer")
