"""`Network`: layers that are one layer. Source: tensorflow.python.keras.engine.network of 1.15."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.shapes import as_shape
from graphscope.keras import backend, layers_of_operations, saving, table
from graphscope.keras.base_layer import Layer, training_as
from graphscope.keras.history import Node, made_by, mask_of
from graphscope.keras.topology import topology
from graphscope.platform import logging


class Network(Layer):
    """What models have in common: layers between inputs and outputs, or a `call` of their own.

    inputs, outputs: tensors of `Input` and of layers called on them; without them a subclass says
    `call`. Errors: ValueError for inputs that no `Input` made, and for outputs that need others.
    """

    _bookkeeping = (
        *Layer._bookkeeping,
        *("_asked", "_compiled", "_list", "_nodes", "_predict", "history", "inputs", "outputs"),
    )

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        self._list: list[Any] = []
        self._nodes: dict[Node, int] = {}
        self.inputs: Any = None
        self.outputs: Any = None
        self.is_graph_network = False
        if "input" in kwargs or "output" in kwargs:
            logging.warning("The `input` and `output` arguments are called `inputs` and `outputs`.")
            inputs, outputs = kwargs.pop("input", inputs), kwargs.pop("output", outputs)
        super().__init__(name=name, **kwargs)
        if inputs is not None or outputs is not None:
            self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        self._structure_in, self._structure_out = inputs, outputs
        self.inputs, self.outputs = nest.flatten(inputs), nest.flatten(outputs)
        for tensor in self.inputs:
            if not is_tensor_like(tensor) or made_by(tensor) is None:
                raise ValueError(
                    f"Input tensors to a {type(self).__name__} must come from `tf.keras.Input`. "
                    f"Received: {tensor} (missing previous layer metadata)."
                )
        layers_of_operations.wrap(self.outputs)
        for tensor in self.outputs:
            if made_by(tensor) is None:
                raise ValueError(
                    f"Output tensors to a {type(self).__name__} must be the output of a "
                    f"TensorFlow `Layer` (thus holding past layer metadata). Found: {tensor}"
                )
        self._nodes, found = topology(self.inputs, self.outputs)
        self._list = list(found)
        self.is_graph_network = True
        self.built = True
        self.supports_masking = True
        self._say_names()
        self.calls.append(Node(self, inputs, outputs))

    def _say_names(self) -> None:
        self.input_names = [_layer_of(tensor).name for tensor in self.inputs]
        names: list[str] = []
        for tensor in self.outputs:
            base = _layer_of(tensor).name
            repeated = sum(1 for name in names if name == base or name.startswith(f"{base}_"))
            names.append(f"{base}_{repeated}" if base in names else base)
        self.output_names = names

    # ---- the layers ----

    @property
    def depths(self) -> dict[Node, int]:
        """The calls of layers, and how many lie behind each."""
        return self._nodes

    @property
    def layers(self) -> list[Any]:
        """All layers, the deepest first."""
        return list(self._list) if self.is_graph_network else super().sublayers

    @property
    def sublayers(self) -> list[Any]:
        return self.layers

    @property
    def losses(self) -> list[Any]:
        """Those of the layers, for the inputs of this network, and its own."""
        found = super().losses
        return self._of_own_calls(found, "_losses") if self.is_graph_network else found

    @property
    def updates(self) -> list[Any]:
        """Those of the layers, for the inputs of this network, and its own."""
        found = super().updates
        return self._of_own_calls(found, "_updates") if self.is_graph_network else found

    @property
    def weights(self) -> list[Any]:
        """Layer by layer, in each those that are trained first."""
        own = [v for v in self._own if v.trainable] + [v for v in self._own if not v.trainable]
        inner = [weight for layer in self.layers for weight in layer.weights]
        return list(dict.fromkeys([*own, *inner]))

    def _attributes(self) -> Iterator[Any]:
        return iter(()) if self.is_graph_network else super()._attributes()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """A layer by its name or number. Errors: ValueError."""
        if index is not None:
            if len(self.layers) <= index:
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has "
                    f"{len(self.layers)} layers."
                )
            return self.layers[index]
        if not name:
            raise ValueError("Provide either a layer name or layer index.")
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}")

    @property
    def input_spec(self) -> Any:
        return None

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        pass  # a layer sets it; a network asks its own layers

    @property
    def stateful(self) -> bool:  # type: ignore[override]
        return any(getattr(layer, "stateful", False) for layer in self.layers)

    def reset_states(self) -> None:
        for layer in self.layers:
            if hasattr(layer, "reset_states") and getattr(layer, "stateful", False):
                layer.reset_states()

    @property
    def state_updates(self) -> list[Any]:
        """The updates of the layers that keep a state from batch to batch."""
        stateful = [layer for layer in self.layers if getattr(layer, "stateful", False)]
        return [update for layer in stateful for update in layer.updates]

    # ---- calling ----

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs for other inputs: every layer is called again.

        Errors: NotImplementedError for a subclass that says no `call`.
        """
        if not self.is_graph_network:
            raise NotImplementedError(
                "When subclassing the `Model` class, you should implement a `call` method."
            )
        known = dict(zip(map(id, self.inputs), nest.flatten(inputs), strict=True))
        with training_as(training):
            for node in self._nodes:
                if any(id(tensor) not in known for tensor in nest.flatten(node.outputs)):
                    self._again(node, known)
        outputs = [known[id(tensor)] for tensor in self.outputs]
        return nest.pack_sequence_as(self._structure_out, outputs)

    @staticmethod
    def _again(node: Node, known: dict[int, Any]) -> None:
        def other(value: Any) -> Any:
            return known.get(id(value), value)

        arguments = nest.map_structure(other, node.arguments)
        outputs = node.layer(nest.map_structure(other, node.inputs), **arguments)
        for old, new in zip(nest.flatten(node.outputs), nest.flatten(outputs), strict=True):
            known[id(old)] = new

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if not self.is_graph_network:
            return None
        return nest.map_structure(mask_of, self._last_outputs(inputs))

    def _last_outputs(self, inputs: Any) -> Any:
        same = all(a is b for a, b in zip(nest.flatten(inputs), self.inputs, strict=True))
        return self.outputs if same else self._last[1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs. Errors: NotImplementedError for layers that cannot say it."""
        if not self.is_graph_network:
            return super().compute_output_shape(input_shape)
        shapes = [input_shape] if len(self.inputs) == 1 else nest.flatten(input_shape)
        known = dict(zip(map(id, self.inputs), shapes, strict=True))
        for node in self._nodes:
            outs = nest.flatten(node.outputs)
            if any(id(tensor) not in known for tensor in outs):
                given = nest.map_structure(lambda t: known[id(t)], node.inputs)
                found = node.layer.compute_output_shape(given)
                for tensor, shape in zip(outs, [found] if len(outs) == 1 else found, strict=True):
                    known[id(tensor)] = shape
        result = [known[id(tensor)] for tensor in self.outputs]
        return result[0] if len(result) == 1 else result

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for an input's shape, by calling the model on placeholders.

        Errors: ValueError without a shape.
        """
        if self.is_graph_network:
            self.built = True
            return
        if input_shape is None:
            raise ValueError(
                "Input shape must be defined when calling build on a model subclass network."
            )
        if not self.built:
            shapes = input_shape if isinstance(input_shape, list) else [input_shape]
            found = [backend.placeholder(shape=tuple(shape)) for shape in shapes]
            self.built = True
            self.call(found if isinstance(input_shape, list) else found[0])

    def _build_for(self, inputs: Any) -> None:
        """Its layers build themselves when they are called; a subclass may have weights besides."""
        if not self.built and type(self).build is not Network.build:
            self.build(nest.map_structure(lambda tensor: as_shape(tensor.shape), inputs))
        self.built = True

    # ---- telling ----

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[[str], Any] | None = None,
    ) -> None:
        """Print the layers, the shapes of what they give and the numbers of their weights.

        Errors: ValueError for a model that has no weights yet.
        """
        if not self.built:
            raise ValueError(
                "This model has not yet been built. Build the model first by calling `build()` or "
                "calling `fit()` with some data, or specify an `input_shape` argument in the first "
                "layer(s) for automatic build."
            )
        for line in table.lines(self, line_length, positions):
            (print_fn or print)(line)

    def get_config(self) -> dict[str, Any]:
        """Layers and how they are connected. Errors: NotImplementedError for a subclass."""
        if not self.is_graph_network:
            raise NotImplementedError
        return saving.config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return saving.network_of(cls, config, custom_objects)

    def to_json(self, **kwargs: Any) -> str:
        """The model without its weights, as text. Read it with `model_from_json`."""
        told = {
            "class_name": type(self).__name__,
            "config": self.get_config(),
            "keras_version": saving.VERSION,
            "backend": "tensorflow",
        }
        return json.dumps(told, default=saving.plain, **kwargs)

    def save(
        self, filepath: str, overwrite: bool = True, include_optimizer: bool = True, **_: Any
    ) -> None:
        """The whole model in a file. See `saving.save_model`."""
        saving.save_model(self, filepath, overwrite, include_optimizer)

    def save_weights(self, filepath: str, overwrite: bool = True, save_format: Any = None) -> None:
        """The weights in a file. See `saving.save_weights`."""
        saving.save_weights(self, filepath, overwrite, save_format)

    def load_weights(self, filepath: str, by_name: bool = False) -> Any:
        """Weights from a file. See `saving.load_weights`."""
        return saving.load_weights(self, filepath, by_name)


def _layer_of(tensor: Any) -> Any:
    made = made_by(tensor)
    assert made is not None
    return made.layer
