"""Optimizers of Keras (tf.keras.optimizers of TensorFlow 1.15), by class and by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphscope.keras import backend as K
from graphscope.keras.optimizers import schedules as schedules
from graphscope.keras.optimizers.base import Optimizer as Optimizer
from graphscope.keras.optimizers.base import OptimizerV2 as OptimizerV2
from graphscope.keras.optimizers.descent import SGD as SGD
from graphscope.keras.optimizers.descent import Adadelta as Adadelta
from graphscope.keras.optimizers.descent import Adagrad as Adagrad
from graphscope.keras.optimizers.descent import Ftrl as Ftrl
from graphscope.keras.optimizers.descent import RMSprop as RMSprop
from graphscope.keras.optimizers.moments import Adam as Adam
from graphscope.keras.optimizers.moments import Adamax as Adamax
from graphscope.keras.optimizers.moments import Nadam as Nadam
from graphscope.keras.optimizers.wrapped import TFOptimizer as TFOptimizer
from graphscope.keras.utils.objects import deserialize_keras_object, serialize_keras_object
from graphscope.train.optimizer import Optimizer as _TrainOptimizer

KINDS = (Adadelta, Adagrad, Adam, Adamax, Ftrl, Nadam, RMSprop, SGD)
_KNOWN = {kind.__name__.lower(): kind for kind in KINDS}


def serialize(optimizer: Any) -> Any:
    return serialize_keras_object(optimizer)


def deserialize(config: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """The optimizer that was written down. Errors: ValueError for an unknown class."""
    name = config["class_name"]
    known = name.lower() if name.lower() in _KNOWN else name
    return deserialize_keras_object(
        {**config, "class_name": known},
        module_objects=_KNOWN,
        custom_objects=custom_objects,
        printable_module_name="optimizer",
    )


def get(identifier: Any) -> Any:
    """An optimizer for its name, in any case, or its config; one of tf.train is wrapped.

    Errors: ValueError for anything else.
    """
    if isinstance(identifier, TFOptimizer):
        K.track_tf_optimizer(identifier)
    if isinstance(identifier, Optimizer | TFOptimizer):
        return identifier
    if isinstance(identifier, _TrainOptimizer):
        wrapped = TFOptimizer(identifier)
        K.track_tf_optimizer(wrapped)
        return wrapped
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    raise ValueError("Could not interpret optimizer identifier:", identifier)
