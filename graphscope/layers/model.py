"""`Model`: what Keras calls a layer of layers, as far as it is a layer."""

from __future__ import annotations

from typing import Any

from graphscope.layers.base import Layer


class Model(Layer):
    """The base of models with `build` and `call` of their own, on resource variables.

    Training, saving and the functions of Keras are left out.
    Source: tensorflow.python.keras.engine.training.Model.
    """

    def add_weight(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A variable of the model: made, or found when it is called again."""
        return super().add_weight(name, *args, **{"use_resource": True, **kwargs})
