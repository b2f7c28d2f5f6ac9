"""Layers around another layer: at each step of a sequence, or in both directions along it.

Source: tensorflow.python.keras.layers.wrappers of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.layers.recurrent import _of_layers, _separated, _spec_of
from graphscope.keras.utils.objects import CustomObjectScope, has_arg
from graphscope.ops import array
from graphscope.platform import logging

_MERGES = ("sum", "mul", "ave", "concat", None)


class Wrapper(Layer):
    """A layer around another one. layer: that one. Source: tf.keras.layers.Wrapper."""

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        assert isinstance(layer, Layer)
        self.layer = layer
        super().__init__(**kwargs)

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": _told(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from graphscope.keras.layers import deserialize

        layer = deserialize(config["layer"], custom_objects)
        return cls(layer, **{name: v for name, v in config.items() if name != "layer"})


def _told(layer: Any, config: Any = None) -> dict[str, Any]:
    return {"class_name": type(layer).__name__, "config": config or layer.get_config()}


def _check_layer(layer: Any, start: str) -> None:
    if not isinstance(layer, Layer):
        raise ValueError(f"{start} `Layer` instance. You passed: {layer}")


class TimeDistributed(Wrapper):
    """The same layer for each step of [batch, steps, ...]. Source: tf.keras.layers.TimeDistributed.

    The steps come to the layer as so many examples, all at once; a layer of one's own whose batch
    size is fixed gets them one after the other. Errors: ValueError for what is no layer, and for a
    rank below 3.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        _check_layer(layer, "Please initialize `TimeDistributed` layer with a")
        super().__init__(layer, **kwargs)
        self.supports_masking = True
        self._at_once = _is_of_keras(layer) and not layer.stateful
        self._inner: dict[Any, Any] = {}  # what the layer got for an input

    def build(self, input_shape: Any = None) -> None:
        sizes = as_shape(input_shape).as_list()
        if len(sizes) < 3:
            raise ValueError(
                "`TimeDistributed` Layer should be passed an `input_shape ` with at least 3 "
                f"dimensions, received: {sizes}"
            )
        self.input_spec = InputSpec(shape=[None, None, *sizes[2:]])
        super().build((sizes[0], *sizes[2:]))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        batch, steps, *rest = as_shape(input_shape).as_list()
        inner = as_shape(self.layer.compute_output_shape(TensorShape([batch, *rest]))).as_list()
        return TensorShape([inner[0], steps, *inner[1:]])

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        more = {"training": training} if has_arg(self.layer.call, "training") else {}
        batch, steps, *_ = inputs.shape.as_list()
        if batch and not self._at_once:

            def step(x: Any, _: Any) -> tuple[Any, list[Any]]:
                return self.layer(x, **more), []

            _, outputs, _ = backend.rnn(step, inputs, initial_states=[], input_length=steps)
            return outputs
        steps = steps or array.shape(inputs)[1]
        flat = array.reshape(inputs, (-1, *_sizes_from(inputs, 2)))
        self._inner[inputs] = flat
        if mask is not None and has_arg(self.layer.call, "mask"):
            more["mask"] = backend.reshape(mask, (-1, *_sizes_from(mask, 2)))
        y = self.layer(flat, **more)
        return array.reshape(y, (-1, steps, *_sizes_from(y, 1)))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        batch, steps, *_ = inputs.shape.as_list()
        if batch:
            return mask
        flat = None if mask is None else backend.reshape(mask, (-1, *_sizes_from(mask, 2)))
        found = self.layer.compute_mask(self._inner.get(inputs, inputs), flat)
        if found is not None:
            steps = steps or array.shape(inputs)[1]
            return backend.reshape(found, (-1, steps, *_sizes_from(found, 1)))
        for _ in range(2, 0 if mask is None else mask.shape.ndims):
            mask = backend.any(mask, axis=-1)
        return mask


def _is_of_keras(layer: Any) -> bool:
    """Whether Keras made this kind of layer, or one that it is a kind of."""
    above = type(layer).__mro__[: type(layer).__mro__.index(Layer)]
    return any(kind.__module__.startswith("graphscope.keras.") for kind in above)


def _sizes_from(tensor: Any, axis: int) -> tuple[Any, ...]:
    """The sizes from an axis on: numbers where they are known, tensors where they are not."""
    sizes = tensor.shape.as_list()[axis:]
    if all(sizes):
        return tuple(sizes)
    found = array.shape(tensor)
    return tuple(size or found[axis + i] for i, size in enumerate(sizes))


class Bidirectional(Wrapper):
    """A recurrent layer along a sequence from its beginning, and one like it from its end.

    merge_mode: how the two outputs become one: "concat", "sum", "mul", "ave"; None gives both in a
    list. backward_layer: the second one, when it shall be another; it goes the other way. The
    states are those of the first, then those of the second. weights: without effect, as in
    TensorFlow 1.15, where they are lost; `set_weights` has one. Source:
    tf.keras.layers.Bidirectional.
    Errors: ValueError for what is no layer, an unknown mode, layers that do not belong together,
    and an odd number of states.
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        _check_layer(layer, "Please initialize `Bidirectional` layer with a")
        if backward_layer is not None:
            _check_layer(backward_layer, "`backward_layer` need to be a")
        if merge_mode not in _MERGES:
            raise ValueError(
                "Invalid merge mode. Merge mode should be one of "
                '{"sum", "mul", "ave", "concat", None}'
            )
        if weights is not None:
            logging.warning(
                "The `weights` of Bidirectional have no effect. Call its `set_weights` once it is "
                "built: those of the forward layer come first."
            )
        self.forward_layer = _made_again(layer)
        self.backward_layer = backward_layer or _made_again(layer, turned=True)
        self._backward_config = backward_layer and backward_layer.get_config()
        self.forward_layer._name = f"forward_{self.forward_layer.name}"
        self.backward_layer._name = f"backward_{self.backward_layer.name}"
        self._check_pair()
        for each in (self.forward_layer, self.backward_layer):
            if hasattr(each, "zero_output_for_mask"):
                each.zero_output_for_mask = each.return_sequences
        # Not `stateful`: a model neither updates nor resets the states of this layer by itself when
        # it predicts. `reset_states` of this layer does.
        self.merge_mode = merge_mode
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self._num_constants = 0
        super().__init__(layer, **kwargs)
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Forward layer and backward layer should have different `go_backwards` value."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(
                    "Forward layer and backward layer are expected to have the same value for "
                    f"attribute {name}, got {getattr(forward, name)} and {getattr(backward, name)}"
                )

    @property
    def sublayers(self) -> list[Any]:
        return [self.forward_layer, self.backward_layer]

    def build(self, input_shape: Any = None) -> None:
        for layer in self.sublayers:
            with backend.name_scope(layer.name):
                layer.build(input_shape)
        self.built = True

    def reset_states(self) -> None:
        """Let the next batch begin with zeros, in both directions."""
        for layer in self.sublayers:
            layer.reset_states()

    # ---- calling ----

    def __call__(  # type: ignore[override]
        self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any
    ) -> Any:
        """The output: see `RNN`."""
        inputs, initial_state, constants = _separated(
            inputs, initial_state, constants, self._num_constants
        )
        if initial_state is None and constants is None:
            return super().__call__(inputs, **kwargs)
        specs = self._specs_of(initial_state, constants)
        more = [*(initial_state or []), *(constants or [])]
        if not _of_layers(more, "The initial state of a Bidirectional layer"):
            given = {"initial_state": initial_state, "constants": constants}
            kwargs.update({name: value for name, value in given.items() if value is not None})
            return super().__call__(inputs, **kwargs)
        before = self.input_spec
        self.input_spec = [*(InputSpec() for _ in nest.flatten(inputs)), *specs]
        output = super().__call__([inputs, *more], **kwargs)
        self.input_spec = before
        return output

    def _specs_of(self, initial_state: Any, constants: Any) -> list[Any]:
        specs: list[Any] = []
        if initial_state is not None:
            if len(initial_state) % 2:
                raise ValueError(
                    "When passing `initial_state` to a Bidirectional RNN, the state should be a "
                    "list containing the states of the underlying RNNs. "
                    f"Found: {initial_state}"
                )
            specs = [_spec_of(state) for state in initial_state]
            half = len(specs) // 2
            self.forward_layer.state_spec = specs[:half]
            self.backward_layer.state_spec = specs[half:]
        if constants is not None:
            found = [_spec_of(constant) for constant in constants]
            self._num_constants = len(found)
            for layer in self.sublayers:
                layer.constants_spec, layer._num_constants = found, len(found)
            specs = specs + found
        return specs

    def call(
        self,
        inputs: Any,
        training: Any = None,
        mask: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        more = {"training": training, "mask": mask, "constants": constants}
        more = {k: v for k, v in more.items() if has_arg(self.layer.call, k)}
        y, y_back = (
            layer(*given, **more)
            for layer, given in zip(
                self.sublayers, self._halves(inputs, initial_state), strict=True
            )
        )
        states: list[Any] = []
        if self.return_state:
            states, y, y_back = y[1:] + y_back[1:], y[0], y_back[0]
        if self.return_sequences:
            y_back = backend.reverse(y_back, 1)
        output = self._merged(y, y_back)
        if not self.return_state:
            return output
        return [*(output if self.merge_mode is None else [output]), *states]

    def _halves(self, inputs: Any, initial_state: Any) -> list[tuple[Any, ...]]:
        """For each of the two layers the inputs, and the states to begin with if there are some."""
        if not isinstance(inputs, list) or len(inputs) == 1:
            if initial_state is None:
                return [(inputs,), (inputs,)]
            half = len(initial_state) // 2
            return [(inputs, initial_state[:half]), (inputs, initial_state[half:])]
        count = len(inputs) - self._num_constants
        middle, constants = (count - 1) // 2 + 1, inputs[count:]
        first = [inputs[0], *inputs[1:middle], *constants]
        second = [inputs[0], *inputs[middle:count], *constants]
        return [(first,), (second,)]

    def _merged(self, y: Any, y_back: Any) -> Any:
        if self.merge_mode == "concat":
            return backend.concatenate([y, y_back])
        if self.merge_mode == "sum":
            return y + y_back
        if self.merge_mode == "ave":
            return (y + y_back) / 2
        return y * y_back if self.merge_mode == "mul" else [y, y_back]

    # ---- shapes and masks ----

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output; of a list of outputs, and of states, a list of shapes."""
        shapes = self.forward_layer.compute_output_shape(input_shape)
        output, *states = shapes if isinstance(shapes, list) else [shapes]
        if self.merge_mode is None:
            return [output, output, *states, *states]
        if self.merge_mode == "concat":
            *before, last = output.as_list()
            output = TensorShape([*before, last * 2])
        return [output, *states, *states] if self.return_state else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        first = nest.flatten(mask)[0] if isinstance(mask, list) else mask
        found = first if self.return_sequences else None
        states = (
            [None for _ in nest.flatten(self.forward_layer.states)] if self.return_state else []
        )
        if self.merge_mode is None:
            return [found, found, *states, *states]
        return [found, *states, *states] if self.return_state else found

    # ---- telling ----

    def get_config(self) -> dict[str, Any]:
        told = {**super().get_config(), "merge_mode": self.merge_mode}
        if self._num_constants:
            told["num_constants"] = self._num_constants
        if self._backward_config is not None:
            told["backward_layer"] = _told(self.backward_layer, self._backward_config)
        return told

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from graphscope.keras.layers import deserialize

        rest = {name: v for name, v in config.items() if name != "num_constants"}
        if "backward_layer" in rest:
            rest["backward_layer"] = deserialize(rest["backward_layer"], custom_objects)
        layer = super().from_config(rest, custom_objects)
        layer._num_constants = config.get("num_constants", 0)
        return layer


def _made_again(layer: Any, turned: bool = False) -> Any:
    """A layer like this one. turned: it goes the other way along a sequence."""
    config = layer.get_config()
    if turned:
        config["go_backwards"] = not config["go_backwards"]
    cell = getattr(layer, "cell", None)
    cells = [cell, *getattr(cell, "cells", [])] if cell is not None else []
    with CustomObjectScope({type(each).__name__: type(each) for each in cells}):
        return type(layer).from_config(config)
