"""`Lambda`: a function as a layer, and how it is written down.

Source: tensorflow.python.keras.layers.core of 1.15.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from graphscope.graph import nest
from graphscope.graph.graph import Graph
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.utils.inner import (
    convert_shapes,
    func_dump,
    func_load,
    is_shape,
    map_structure_with_atomic,
)
from graphscope.keras.utils.objects import deserialize_keras_object
from graphscope.ops.array import placeholder
from graphscope.ops.variable_store import variable_creator_scope


class Lambda(Layer):
    """Any function of tensors as a layer. arguments: more of its arguments, by name.

    output_shape: without the batch, or a function of the input's shape; found out by calling the
    function when left out. Source: tf.keras.layers.Lambda.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.arguments = arguments or {}
        self.mask = mask
        if mask is not None:
            self.supports_masking = True
        self._output_shape = output_shape
        self.made: dict[str, Any] = {}  # the variables that the function made, by name

    def compute_output_shape(self, input_shape: Any) -> Any:
        said = self._output_shape
        if said is None:
            return self._tried(input_shape)
        if callable(said):
            return convert_shapes(said(convert_shapes(input_shape)), to_tuples=False)
        batch = nest.flatten(convert_shapes(input_shape, to_tuples=False))[0][0]

        def with_batch(shape: Any) -> TensorShape:
            return TensorShape([batch, *as_shape(shape).as_list()])

        return map_structure_with_atomic(is_shape, with_batch, said)

    def _tried(self, input_shape: Any) -> Any:
        """The shape of what the function makes of placeholders, in a graph of its own."""

        def stand_in(shape: Any) -> Any:
            return placeholder(self.dtype or backend.floatx(), as_shape(shape))

        with Graph().as_default():
            inputs = map_structure_with_atomic(is_shape, stand_in, input_shape)
            return nest.map_structure(lambda tensor: tensor.shape, self.call(inputs))

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        known = {"mask": mask, "training": training}
        own = inspect.signature(self.function).parameters if callable(self.function) else {}
        also = {name: value for name, value in known.items() if name in own}
        with variable_creator_scope(self._once):
            return self.function(inputs, **{**self.arguments, **also})

    def _once(self, create: Callable[..., Any], **arguments: Any) -> Any:
        """A variable of the function: the same in each call, and one of the layer's weights."""
        name = arguments["name"]
        if name not in self.made:
            self.made[name] = create(**arguments)
            backend.track_variable(self.made[name])
        return self.made[name]

    @property
    def _own(self) -> list[Any]:
        return [*super()._own, *self.made.values()]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **_written("function", self.function, "module")}
        config |= _written("output_shape", self._output_shape, "output_shape_module")
        if self.mask is not None:
            config |= _written("mask", self.mask, "mask_module")
        return {**config, "arguments": self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer like the one whose `get_config` this is. Functions are read with what they see of
        their own module, when that is there."""
        config = dict(config)
        for name, module in (
            ("function", "module"),
            ("output_shape", "output_shape_module"),
            ("mask", "mask_module"),
        ):
            if name in config:
                config[name] = _read(config, name, module, custom_objects)
        return cls(**config)


def _written(name: str, value: Any, module: str) -> dict[str, Any]:
    if isinstance(value, FunctionType):
        return {name: func_dump(value), f"{name}_type": "lambda", module: value.__module__}
    if callable(value):
        return {name: value.__name__, f"{name}_type": "function", module: value.__module__}
    return {name: value, f"{name}_type": "raw", module: None}


def _read(config: dict[str, Any], name: str, module: str, custom_objects: Any) -> Any:
    """The function or the value of `_written`, taken out of the configuration."""
    value, kind = config[name], config.pop(f"{name}_type", "raw")
    home = sys.modules.get(config.pop(module, None) or "")
    if kind == "lambda":
        return func_load(value, globs=dict(vars(home)) if home else None)
    if kind == "function":
        known = vars(home) if home else {}
        return deserialize_keras_object(value, known, custom_objects, f"{name} in Lambda layer")
    return tuple(value) if isinstance(value, list) else value
