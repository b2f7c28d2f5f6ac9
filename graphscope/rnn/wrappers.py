"""Cells around a cell: with dropout, with its input added, on a device."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import device, name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops.joining import concat
from graphscope.ops.math import div, floor
from graphscope.ops.normalization import dropout
from graphscope.ops.random import random_uniform
from graphscope.ops.tensor_array import TensorArray
from graphscope.rnn.base import RNNCell, assert_like_rnncell
from graphscope.rnn.cells import LSTMStateTuple
from graphscope.rnn.sizes import flat_sizes


class CellWrapper(RNNCell):
    """A cell around a cell: subclasses say `_around`."""

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert_like_rnncell("cell", cell)
        self.cell = cell

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:  # type: ignore[override]
        return self._around(inputs, state, lambda i, s: self.cell(i, s, scope=scope))

    def _around(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        raise NotImplementedError

    @property
    def wrapped_cell(self) -> Any:
        return self.cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def trainable_variables(self) -> list[Any]:
        return list(self.cell.trainable_variables)

    @property
    def non_trainable_variables(self) -> list[Any]:
        return list(self.cell.non_trainable_variables)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero state of the cell."""
        with name_scope(f"{type(self).__name__}ZeroState", None, [batch_size]):
            return self.cell.zero_state(batch_size, dtype)


def _dropped_by_default(substate: Any) -> Any:
    """What of a state is dropped: all but what an LSTM keeps."""
    if isinstance(substate, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not isinstance(substate, TensorArray)


def _choices(visitor: Callable[[Any], Any], state: Any) -> list[tuple[bool, Any]]:
    """The parts of a state, each with whether it is dropped."""
    chosen = visitor(state)
    if not nest.is_sequence(state) or chosen is False:
        return [(chosen, state)]
    each = [True] * len(state) if chosen is True else list(chosen)
    found = []
    for choice, part in zip(each, state, strict=True):
        found.extend(_choices(visitor, part) if choice else [(False, part)])
    return found


class DropoutWrapper(CellWrapper):
    """A cell with dropout at its input, its state and its output.

    input_keep_prob, output_keep_prob, state_keep_prob: the parts that are kept, numbers or tensors.
    variational_recurrent: the same elements in every step; it needs a dtype, and input_size where
    inputs are dropped. dropout_state_filter_visitor: a function that says for a part of the state
    whether it is dropped; what an LSTM keeps is not, when left out.
    Errors: ValueError for a probability that is none. Source: tf.nn.rnn_cell.DropoutWrapper.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        visitor = dropout_state_filter_visitor
        if visitor is not None and not callable(visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._visitor = visitor or _dropped_by_default
        self._seed = seed
        self._variational = variational_recurrent
        self._noises: dict[str, list[Tensor]] = {}
        with name_scope("DropoutWrapperInit"):
            self._input_keep = _probability(input_keep_prob, "input_keep_prob")
            self._state_keep = _probability(state_keep_prob, "state_keep_prob")
            self._output_keep = _probability(output_keep_prob, "output_keep_prob")
        if variational_recurrent:
            self._make_noises(cell, input_size, dtype)

    def _make_noises(self, cell: Any, input_size: Any, dtype: Any) -> None:
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")
        sizes = {"state": cell.state_size, "output": cell.output_size}
        if _drops(self._input_keep):
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, "
                    "input_size must be provided"
                )
            sizes = {"input": input_size, **sizes}
        for where, size in sizes.items():
            self._noises[where] = [
                self._noise(where, i, one, dtype) for i, one in enumerate(flat_sizes(size))
            ]

    def _noise(self, where: str, i: int, size: Any, dtype: Any) -> Tensor:
        sizes = as_shape([size] if isinstance(size, int) else size).as_list()
        shape = concat(([1], sizes), 0)
        made: Tensor = random_uniform(shape, seed=self._own_seed(where, i), dtype=dtype)
        return made

    def _own_seed(self, where: str, i: int) -> int | None:
        """A seed for one place of dropout, made of the seed of the cell."""
        if self._seed is None:
            return None
        text = f"{self._seed}{where}_{i}".encode()
        return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, parts: Sequence[tuple[bool, Any]], where: str, keep: Any) -> list[Any]:
        """The parts, those that are chosen with dropout."""
        found = []
        for i, (chosen, value) in enumerate(parts):
            if not chosen:
                found.extend(nest.flatten(value))
            elif self._variational:
                kept = floor(keep + self._noises[where][i])
                result = div(value, keep) * kept
                result.set_shape(value.shape)
                found.append(result)
            else:
                found.append(dropout(value, rate=1.0 - keep, seed=self._own_seed(where, i)))
        return found

    def _dropped_all(self, values: Any, where: str, keep: Any) -> Any:
        parts = [(True, value) for value in nest.flatten(values)]
        return nest.pack_sequence_as(values, self._dropped(parts, where, keep))

    def _around(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        if _drops(self._input_keep):
            inputs = self._dropped_all(inputs, "input", self._input_keep)
        output, new = call(inputs, state)
        if _drops(self._state_keep):
            parts = self._dropped(_choices(self._visitor, new), "state", self._state_keep)
            new = nest.pack_sequence_as(new, parts)
        if _drops(self._output_keep):
            output = self._dropped_all(output, "output", self._output_keep)
        return output, new


def _probability(given: Any, name: str) -> Any:
    """A number where it is known, else a tensor. Errors: ValueError."""
    tensor = convert_to_tensor(given)
    known = constant_value(tensor)
    if known is None:
        return tensor
    if known < 0 or known > 1:
        raise ValueError(f"Parameter {name} must be between 0 and 1: {int(known)}")
    return float(known)


def _drops(keep: Any) -> bool:
    return not isinstance(keep, float) or keep < 1


class ResidualWrapper(CellWrapper):
    """A cell to whose output its input is added.

    residual_fn: a function of the input and the output in place of their sum.
    Source: tf.nn.rnn_cell.ResidualWrapper. Errors: ValueError for shapes that differ.
    """

    def __init__(self, cell: Any, residual_fn: Any = None, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn or _sums

    def _around(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        output, new = call(inputs, state)
        return self._residual_fn(inputs, output), new


def _sums(inputs: Any, outputs: Any) -> Any:
    nest.assert_same_structure(inputs, outputs)
    for x, y in zip(nest.flatten(inputs), nest.flatten(outputs), strict=True):
        x.shape.assert_is_compatible_with(y.shape)
    return nest.map_structure(lambda x, y: x + y, inputs, outputs)


class DeviceWrapper(CellWrapper):
    """A cell that is made on a device. Source: tf.nn.rnn_cell.DeviceWrapper."""

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero state of the cell."""
        with device(self._device):
            return super().zero_state(batch_size, dtype)

    def _around(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        with device(self._device):
            return call(inputs, state)
