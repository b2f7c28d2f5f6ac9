"""Cells of recurrent layers: one step, from an input and states to an output and the next states.

Source: tensorflow.python.keras.layers.recurrent of 1.15. Each cell computes in the order of its
`implementation`: 1 makes a product for each gate, 2 one product for all of them.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.configured import configured
from graphscope.keras.layers.arguments import also
from graphscope.keras.utils.objects import has_arg
from graphscope.layers import base
from graphscope.ops import array, joining
from graphscope.ops.initializers import Ones
from graphscope.platform import logging
from graphscope.rnn.base import RNNCell
from graphscope.rnn.sizes import map_sizes

Pair = tuple[Any, Any]


def _as_sizes(size: Any) -> list[Any]:
    """The sizes of a state or an output without the batch."""
    found: list[Any] = as_shape([size] if isinstance(size, int) else size).as_list()
    return found


def _has_several(state_size: Any) -> bool:
    return hasattr(state_size, "__len__") and not isinstance(state_size, TensorShape)


def _output_size(cell: Any) -> Any:
    """The size of what a cell puts out: that of its first state when it does not say."""
    said = getattr(cell, "output_size", None)
    if said is not None:
        return said
    return cell.state_size[0] if _has_several(cell.state_size) else cell.state_size


def _zeros_for(cell: Any, inputs: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros for each state of a cell, in their nesting. Errors: ValueError without a batch size."""
    if inputs is not None:
        batch_size, dtype = array.shape(inputs)[0], inputs.dtype
    if batch_size is None or dtype is None:
        raise ValueError(
            "batch_size and dtype cannot be None while constructing initial state: "
            f"batch_size={batch_size}, dtype={dtype}"
        )
    return map_sizes(
        lambda size: array.zeros([batch_size, *_as_sizes(size)], dtype=dtype), cell.state_size
    )


def _first_states(cell: Any, inputs: Any, batch_size: Any, dtype: Any) -> Any:
    """What a cell begins with: what it says, or zeros."""
    say = getattr(cell, "get_initial_state", None)
    if say is None:
        return _zeros_for(cell, inputs, batch_size, dtype)
    return say(inputs=inputs, batch_size=batch_size, dtype=dtype)


def _as_given(cell: Any, states: Any) -> Any:
    """The states as a cell's `call` takes them: a cell of tf.nn with one state takes it alone."""
    return states[0] if len(states) == 1 and isinstance(cell, RNNCell) else states


def _build(cell: Any, shape: Any) -> None:
    """Let a cell make its weights for a shape without the steps. shape: a tuple, as Keras has it;
    cells of tf.nn get a TensorShape."""
    if not isinstance(cell, base.Layer) or cell.built:
        return
    if not isinstance(cell, RNNCell):
        cell.build(shape)
        return
    cell.dtype = cell.dtype or backend.floatx()
    cell.build(as_shape(shape))
    for variable in cell.variables:
        backend.track_variable(variable)


class AbstractRNNCell(Layer):
    """What a cell of one's own says: `state_size`, `output_size`, and `call(inputs, states)`, which
    gives the output and the new states. Source: tf.keras.layers.AbstractRNNCell.
    """

    def call(self, inputs: Any, states: Any) -> Any:
        raise NotImplementedError("Abstract method")

    @property
    def state_size(self) -> Any:
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        raise NotImplementedError("Abstract method")

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        return _zeros_for(self, inputs, batch_size, dtype)


class _Cell(Layer):
    """What the cells of Keras have in common: their weights, and dropout.

    dropout, recurrent_dropout: the share of the inputs and of the states that is 0 in training; for
    all steps of a sequence they are the same ones. The weights: kernel [inputs, gates * units],
    recurrent_kernel [units, gates * units], bias [gates * units].
    """

    gates, state_count = 1, 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.recurrent_regularizer = recurrent_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.recurrent_constraint = recurrent_constraint
        self.bias_constraint = bias_constraint
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.state_size: Any = units if self.state_count == 1 else [units] * self.state_count
        self.output_size: Any = units
        self._masks: dict[str, Any] = {}

    def _weight(self, kind: str, name: str, shape: Any, initializer: Any = None) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer or getattr(self, f"{kind}_initializer"),
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    def build(self, input_shape: Any) -> None:
        wide = self.units * self.gates
        last = as_shape(input_shape)[-1].value
        self.kernel = self._weight("kernel", "kernel", (last, wide))
        self.recurrent_kernel = self._weight("recurrent", "recurrent_kernel", (self.units, wide))
        self.bias = self._bias(wide) if self.use_bias else None
        self.built = True

    def _bias(self, wide: int) -> Any:
        return self._weight("bias", "bias", (wide,))

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        """Zeros for the states."""
        return _zeros_for(self, inputs, batch_size, dtype)

    # ---- dropout ----

    def forget_masks(self) -> None:
        """The next step makes new masks: it is the first one of a sequence."""
        self._masks.clear()

    def _masks_for(self, inputs: Any, state: Any, training: Any) -> tuple[Any, Any]:
        """The dropout masks of inputs and state, one for each gate; None where nothing is dropped.

        They are made in the first step, so that all steps of a sequence have the same ones.
        """
        for x, which in ((inputs, "dropout"), (state, "recurrent_dropout")):
            rate = getattr(self, which)
            if rate and which not in self._masks:
                self._masks[which] = _dropout_masks(x, rate, training, self.gates)
        return self._masks.get("dropout"), self._masks.get("recurrent_dropout")

    def _for_each_gate(self, x: Any, masks: Any) -> list[Any]:
        return [x] * self.gates if masks is None else [x * mask for mask in masks]


def _dropout_masks(x: Any, rate: float, training: Any, count: int) -> list[Any]:
    ones = array.ones_like(x)

    def dropped() -> Any:
        return backend.dropout(ones, rate)

    return [backend.in_train_phase(dropped, ones, training=training) for _ in range(count)]


def _masked(x: Any, masks: Any) -> Any:
    return x if masks is None else x * masks[0]


@configured()
class SimpleRNNCell(_Cell):
    """activation(inputs @ kernel + bias + state @ recurrent_kernel) is output and state.

    Source: tf.keras.layers.SimpleRNNCell.
    """

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        state = states[0]
        masks, state_masks = self._masks_for(inputs, state, training)
        h = backend.dot(_masked(inputs, masks), self.kernel)
        if self.bias is not None:
            h = backend.bias_add(h, self.bias)
        state = _masked(state, state_masks)
        output = self.activation(h + backend.dot(state, self.recurrent_kernel))
        return output, [output]


@configured()
@also(
    activation={"recurrent_activation": "hard_sigmoid"},
    recurrent_dropout={"implementation": 1, "reset_after": False},
)
class GRUCell(_Cell):
    """The gated recurrent unit of Cho and others, 2014.

    z and r are gates between 0 and 1, and the state is z * state + (1 - z) * candidate. r holds the
    state back in the candidate, before the product with recurrent_kernel, or after it when
    `reset_after`; the bias is then [2, 3 * units], for inputs and state. Gates in the weights: z,
    r, candidate. Source: tf.keras.layers.GRUCell.
    """

    gates = 3
    recurrent_activation: Any
    implementation: int
    reset_after: bool

    def _bias(self, wide: int) -> Any:
        return self._weight("bias", "bias", (2, wide) if self.reset_after else (wide,))

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        state = states[0]
        masks, state_masks = self._masks_for(inputs, state, training)
        input_bias, state_bias = self.bias, None
        if self.use_bias and self.reset_after:
            input_bias, state_bias = joining.unstack(self.bias)
        compute = self._apart if self.implementation == 1 else self._together
        z, candidate, state = compute((inputs, masks), (state, state_masks), input_bias, state_bias)
        new = z * state + (1 - z) * candidate
        return new, [new]

    def _gate(self, gate: int) -> slice:
        return slice(gate * self.units, (gate + 1) * self.units)

    def _apart(self, given: Pair, held: Pair, input_bias: Any, state_bias: Any) -> tuple[Any, ...]:
        """A product for each gate. given, held: inputs and state, each with its dropout masks."""
        parts = [self._gate(gate) for gate in range(3)]
        inputs = self._for_each_gate(*given)
        xs = [backend.dot(x, self.kernel[:, p]) for x, p in zip(inputs, parts, strict=True)]
        if self.use_bias:
            xs = [backend.bias_add(x, input_bias[p]) for x, p in zip(xs, parts, strict=True)]
        states = self._for_each_gate(*held)

        def product(gate: int, state: Any) -> Any:
            return backend.dot(state, self.recurrent_kernel[:, parts[gate]])

        def biased(gate: int, x: Any) -> Any:
            return x if state_bias is None else backend.bias_add(x, state_bias[parts[gate]])

        hs = [product(gate, states[gate]) for gate in range(2)]
        hs = [biased(gate, h) for gate, h in enumerate(hs)]
        z, r = (self.recurrent_activation(x + h) for x, h in zip(xs, hs, strict=False))
        last = states[2]
        h = r * biased(2, product(2, last)) if self.reset_after else product(2, r * last)
        return z, self.activation(xs[2] + h), held[0]

    def _together(
        self, given: Pair, held: Pair, input_bias: Any, state_bias: Any
    ) -> tuple[Any, ...]:
        """One product for all gates that can have it. The state that is mixed in is the one with
        the mask then."""
        x = backend.dot(_masked(*given), self.kernel)
        if self.use_bias:
            x = backend.bias_add(x, input_bias)
        xs = [x[:, self._gate(gate)] for gate in range(3)]
        state = _masked(*held)
        if self.reset_after:
            h = backend.dot(state, self.recurrent_kernel)
            h = h if state_bias is None else backend.bias_add(h, state_bias)
        else:
            h = backend.dot(state, self.recurrent_kernel[:, : 2 * self.units])
        hs = [h[:, self._gate(gate)] for gate in range(2)]
        z, r = (self.recurrent_activation(x + h) for x, h in zip(xs, hs, strict=False))
        if self.reset_after:
            last = r * h[:, self._gate(2)]
        else:
            last = backend.dot(r * state, self.recurrent_kernel[:, self._gate(2)])
        return z, self.activation(xs[2] + last), state


@also(
    activation={"recurrent_activation": "hard_sigmoid"},
    bias_initializer={"unit_forget_bias": True},
)
class _CellWithCarry(_Cell):
    """What cells with a carry have in common. unit_forget_bias: the bias of f begins with 1."""

    gates, state_count = 4, 2
    recurrent_activation: Any
    unit_forget_bias: bool

    def _bias(self, wide: int) -> Any:
        def start(shape: Any, dtype: Any = None) -> Any:
            first = self.bias_initializer((self.units,), dtype=dtype)
            ones = Ones()((self.units,), dtype=dtype)
            rest = self.bias_initializer((self.units * 2,), dtype=dtype)
            return backend.concatenate([first, ones, rest])

        return self._weight("bias", "bias", (wide,), start if self.unit_forget_bias else None)


@configured()
@also(recurrent_dropout={"implementation": 1})
class LSTMCell(_CellWithCarry):
    """The long short-term memory of Hochreiter and Schmidhuber, 1997, with a forget gate.

    The carry is f * carry + i * activation(candidate), the output o * activation(carry); the states
    are both. unit_forget_bias: the bias of f begins with 1. Gates in the weights: i, f, candidate,
    o. Source: tf.keras.layers.LSTMCell.
    """

    implementation: int

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        state, carry = states[0], states[1]
        masks, state_masks = self._masks_for(inputs, state, training)
        if self.implementation == 1:
            xs = self._for_each_gate(inputs, masks)
            kernels = joining.split(self.kernel, num_or_size_splits=4, axis=1)
            xs = [backend.dot(x, kernel) for x, kernel in zip(xs, kernels, strict=True)]
            if self.use_bias:
                biases = joining.split(self.bias, num_or_size_splits=4, axis=0)
                xs = [backend.bias_add(x, bias) for x, bias in zip(xs, biases, strict=True)]
            states = self._for_each_gate(state, state_masks)
            i, f = (self.recurrent_activation(self._plus(xs, states, gate)) for gate in (0, 1))
            carry = f * carry + i * self.activation(self._plus(xs, states, 2))
            o = self.recurrent_activation(self._plus(xs, states, 3))
        else:
            z = backend.dot(_masked(inputs, masks), self.kernel)
            z += backend.dot(_masked(state, state_masks), self.recurrent_kernel)
            if self.use_bias:
                z = backend.bias_add(z, self.bias)
            parts = joining.split(z, num_or_size_splits=4, axis=1)
            i, f = (self.recurrent_activation(part) for part in parts[:2])
            carry = f * carry + i * self.activation(parts[2])
            o = self.recurrent_activation(parts[3])
        output = o * self.activation(carry)
        return output, [output, carry]

    def _plus(self, xs: Any, states: Any, gate: int) -> Any:
        part = slice(gate * self.units, (gate + 1) * self.units)
        return xs[gate] + backend.dot(states[gate], self.recurrent_kernel[:, part])


class StackedRNNCells(Layer):
    """Several cells as one: each has the output of the one before as its input.

    cells: what has a `call` and a `state_size`. The states are those of all cells, in a tuple.
    reverse_state_order: the states of the last cell come first. Source:
    tf.keras.layers.StackedRNNCells. Errors: ValueError for what is no cell.
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        for what in ("call", "state_size"):
            if not all(hasattr(cell, what) for cell in cells):
                said = "a `call` method" if what == "call" else "a `state_size` attribute"
                raise ValueError(f"All cells must have {said}. received cells:", cells)
        self.cells = list(cells)
        self.reverse_state_order = kwargs.pop("reverse_state_order", False)
        if self.reverse_state_order:
            logging.warning(
                "reverse_state_order=True in StackedRNNCells will soon be deprecated: the natural "
                "order of states is that of the cells."
            )
        super().__init__(**kwargs)

    def _arranged(self, items: Any) -> Any:
        return items[::-1] if self.reverse_state_order else items

    @property
    def state_size(self) -> Any:
        return tuple(cell.state_size for cell in self._arranged(self.cells))

    @property
    def output_size(self) -> Any:
        return _output_size(self.cells[-1])

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        """What each cell begins with."""
        cells = self._arranged(self.cells)
        return tuple(_first_states(cell, inputs, batch_size, dtype) for cell in cells)

    def forget_masks(self) -> None:
        for cell in self.cells:
            if isinstance(cell, _Cell | StackedRNNCells):
                cell.forget_masks()

    def call(self, inputs: Any, states: Any, constants: Any = None, **kwargs: Any) -> Any:
        sizes = self._arranged(self.state_size)
        nested = nest.pack_sequence_as(sizes, nest.flatten(states))
        found = []
        for cell, own in zip(self.cells, nested, strict=True):
            given = _as_given(cell, own if nest.is_sequence(own) else [own])
            more = {"constants": constants} if has_arg(cell.call, "constants") else {}
            inputs, new = cell.call(inputs, given, **more, **kwargs)
            found.append(new)
        return inputs, nest.pack_sequence_as(sizes, nest.flatten(found))

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        for cell in self.cells:
            _build(cell, shape)
            shape = (shape[0], *_as_sizes(_output_size(cell)))
        self.built = True

    def get_config(self) -> dict[str, Any]:
        cells = [{"class_name": type(c).__name__, "config": c.get_config()} for c in self.cells]
        return {**super().get_config(), "cells": cells}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from graphscope.keras.layers import deserialize

        rest = {name: value for name, value in config.items() if name != "cells"}
        return cls([deserialize(cell, custom_objects) for cell in config["cells"]], **rest)
