"""`Sequential`: one layer after the other. Source: tf.keras.Sequential of 1.15."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.scopes import name_scope
from graphscope.keras import backend
from graphscope.keras.base_layer import Layer, training_as
from graphscope.keras.history import made_by
from graphscope.keras.input_layer import Input, InputLayer
from graphscope.keras.model import Model
from graphscope.layers import base


class Sequential(Model):
    """A stack of layers, each with one input and one output.

    layers: the first may say its `input_shape`; the model is then built at once. Without it the
    weights are made when the model is called, built or trained. Source: tf.keras.Sequential.
    Errors: TypeError for what is no layer; ValueError for a layer with several outputs.
    """

    def __init__(self, layers: Any = None, name: str | None = None) -> None:
        self._stack: list[Any] = []
        super().__init__(name=name)
        self.supports_masking = True
        for layer in layers if isinstance(layers, list | tuple) else [layers] if layers else []:
            self.add(layer)

    @property
    def layers(self) -> list[Any]:
        """The layers, without the input."""
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    def add(self, layer: Any) -> None:
        """Put a layer on top. Errors: TypeError, ValueError."""
        made = made_by(layer)
        layer = made.layer if made is not None else layer
        if not isinstance(layer, base.Layer):
            raise TypeError(f"The added layer must be an instance of class Layer. Found: {layer}")
        if not isinstance(layer, Layer):
            raise TypeError(
                f"The following are legacy tf.layers.Layers:\n  {layer}\nTo use keras as a "
                "framework (for instance using the Network, Model, or Sequential classes), please "
                "use the tf.keras.layers implementation instead."
            )
        self.built = False
        if self._stack:
            self._stack.append(layer)
            if self.outputs:
                self._grow(layer)
        elif isinstance(layer, InputLayer):
            self._stack = [layer]
            self.outputs = nest.flatten(layer.calls[-1].outputs)
        else:
            self._start(layer)
        if self.outputs:
            self._reconnect()

    def _start(self, layer: Any) -> None:
        self._stack = [layer]
        first = layer
        while isinstance(first, Model) and first.layers:
            first = first.layers[0] if not first.is_graph_network else first._list[0]
        shape = getattr(first, "_batch_input_shape", None)
        if shape is None:
            return
        tensor = Input(batch_shape=shape, dtype=first.dtype, name=f"{layer.name}_input")
        source = made_by(tensor)
        assert source is not None
        self._stack = [source.layer, layer]
        self.outputs = [tensor]
        self._grow(layer)

    def _grow(self, layer: Any) -> None:
        outputs = layer(self.outputs[0])
        if isinstance(outputs, list | tuple):
            raise ValueError(
                "All layers in a Sequential model should have a single output tensor. For "
                "multi-output layers, use the functional API."
            )
        self.outputs = [outputs]

    def _reconnect(self) -> None:
        """The network from the first placeholder to the last output."""
        source = self._stack[0].calls[0].outputs
        inputs = source[0] if isinstance(source, list) else source
        outputs = self.outputs[0]
        self.calls.clear()
        self._connect(inputs, outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output: from layer to layer."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def weights(self) -> list[Any]:
        """Layer by layer. Errors: ValueError before there are any."""
        if self.layers and not self.built:
            raise ValueError(
                f"Weights for model {self.name} have not yet been created. Weights are created "
                "when the Model is first called on inputs or `build()` is called with an "
                "`input_shape`."
            )
        return super().weights

    def pop(self) -> None:
        """Take the last layer off. Errors: TypeError when there is none."""
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        last = self._stack.pop()
        last.calls.pop()
        if not self.layers:
            self._stack, self.outputs, self.inputs = [], None, None
            self.is_graph_network = self.built = False
        elif self.outputs:
            self.outputs = nest.flatten(self._stack[-1].calls[-1].outputs)
            self._reconnect()

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for an input's shape, with the batch: (None, 784)."""
        if self.is_graph_network or input_shape is None:
            super().build(input_shape)
            return
        kind = self._stack[0].dtype
        self._stand_on(Input(tensor=backend.placeholder(shape=tuple(input_shape), dtype=kind)))

    def _build_for(self, inputs: Any) -> None:
        self.built = True

    def _start_from(self, tensors: Any) -> None:
        with name_scope(self.name), training_as(backend.learning_phase()):
            self._stand_on(tensors)
        self.input_names, self.output_names = ["input_1"], ["output_1"]

    def _stand_on(self, tensor: Any) -> None:
        source = made_by(tensor)
        assert source is not None
        self._stack.insert(0, source.layer)
        self.outputs = [tensor]
        for layer in self.layers:
            self._grow(layer)
        self._reconnect()

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if self.is_graph_network:
            return super().call(inputs, training, mask)
        with training_as(training):
            for layer in self.layers:
                inputs = layer(inputs)
        return inputs

    def predict_proba(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """What the model says of the inputs: `predict`."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """The class with the largest output; for one output, whether it is above 0.5."""
        found = self.predict(x, batch_size, verbose)
        return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")

    def get_config(self) -> dict[str, Any]:
        layers = [
            {"class_name": type(layer).__name__, "config": layer.get_config()}
            for layer in self.layers
        ]
        return {"name": self.name, "layers": layers}

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        from graphscope.keras.layers import deserialize

        listed = config["layers"] if isinstance(config, dict) else config
        name = config.get("name") if isinstance(config, dict) else None
        return cls([deserialize(layer, custom_objects) for layer in listed], name=name)
