"""Attention: a cell that looks at a memory, at each of its places as much as a score says."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import as_dtype, float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import control_dependencies, name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.layers.core import Dense
from graphscope.ops.array import (
    expand_dims,
    identity,
    ones,
    ones_like,
    rank,
    reshape,
    shape,
    size,
    squeeze,
    zeros,
)
from graphscope.ops.checks import assert_, assert_equal, assert_positive
from graphscope.ops.initializers import Constant, Ones, Zeros
from graphscope.ops.joining import concat, where
from graphscope.ops.linalg import matmul
from graphscope.ops.logic import equal, logical_and, logical_or
from graphscope.ops.math import rsqrt, square, tanh
from graphscope.ops.nn import softmax
from graphscope.ops.reduction import reduce_all, reduce_sum
from graphscope.ops.sets import sequence_mask
from graphscope.ops.tensor_array import TensorArray
from graphscope.ops.variable_scope import get_variable, variable_scope
from graphscope.rnn.base import RNNCell, assert_like_rnncell
from graphscope.rnn.sizes import zero_states


def _memory(memory: Any, lengths: Any) -> Any:
    """The memory, zeros behind the end of each sequence."""
    memory = convert_to_tensor(memory, name="memory")
    if lengths is not None:
        lengths = convert_to_tensor(lengths, name="memory_sequence_length")
    if not memory.shape[2:].is_fully_defined():
        raise ValueError(
            f"Expected memory {memory.name} to have fully defined inner dims, but saw shape: "
            f"{memory.shape}"
        )
    if lengths is None:
        return memory
    mask = sequence_mask(lengths, maxlen=shape(memory)[1], dtype=memory.dtype)
    extra = ones(memory.shape.ndims - 2, dtype=int32)
    return memory * reshape(mask, concat((shape(mask), extra), 0))


class AttentionMechanism:
    """A memory, and how much is looked at each place of it. Subclasses say `_score`.

    values: the memory [batch, time, size]. keys: what is compared with, [batch, time, units].
    """

    def __init__(
        self,
        query_layer: Any,
        memory: Any,
        probability_fn: Callable[[Any], Any],
        memory_sequence_length: Any,
        memory_layer: Any,
        score_mask_value: Any,
        custom_key_value_fn: Any,
        name: str,
    ) -> None:
        if not callable(probability_fn):
            raise TypeError(f"probability_fn must be callable, saw type: {type(probability_fn)}")
        self.query_layer, self.memory_layer = query_layer, memory_layer
        self.dtype = memory_layer.dtype
        self._lengths = memory_sequence_length
        self._mask_value = -np.inf if score_mask_value is None else score_mask_value
        self._probability_fn = probability_fn
        with name_scope(name, "BaseAttentionMechanismInit"):
            self.values = _memory(memory, memory_sequence_length)
            self.keys = memory_layer(self.values)
            if custom_key_value_fn is not None:
                self.keys, self.values = custom_key_value_fn(self.keys, self.values)
            self.batch_size = self.keys.shape[0].value or shape(self.keys)[0]
            self.alignments_size = self.keys.shape[1].value or shape(self.keys)[1]

    def __call__(self, query: Any, state: Any) -> Any:
        """How much is looked at each place, [batch, time], twice: it is the next state too."""
        score = self._score(query)
        if self._lengths is not None:
            message = "All values in memory_sequence_length must be greater than zero."
            with control_dependencies([assert_positive(self._lengths, message=message)]):
                mask = sequence_mask(self._lengths, maxlen=shape(score)[1])
            value = as_dtype(self.dtype).numpy.type(self._mask_value)
            score = where(mask, score, value * ones_like(score))
        found = self._probability_fn(score)
        return found, found

    def _score(self, query: Any) -> Any:
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        return self.alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        return zero_states(self.alignments_size, batch_size, dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        return self.initial_alignments(batch_size, dtype)


def _layer(units: int, name: str, dtype: Any) -> Dense:
    return Dense(units, name=name, use_bias=False, dtype=dtype or float32)


class LuongAttention(AttentionMechanism):
    """Scores by products: https://arxiv.org/abs/1508.04025.

    scale: whether they are multiplied by a variable. Source: tf.contrib.seq2seq.LuongAttention.
    Errors: ValueError for a query of another size than the keys.
    """

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        scale: bool = False,
        probability_fn: Any = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Any = None,
        name: str = "LuongAttention",
    ) -> None:
        self._scale = scale
        super().__init__(
            None, memory, probability_fn or softmax, memory_sequence_length,
            _layer(num_units, "memory_layer", dtype), score_mask_value, custom_key_value_fn, name,
        )  # fmt: skip

    def _score(self, query: Any) -> Any:
        with variable_scope(None, "luong_attention", [query]):
            factor = None
            if self._scale:
                factor = get_variable(
                    "attention_g", dtype=query.dtype, initializer=Ones(), shape=()
                )
            depth, units = query.shape[-1].value, self.keys.shape[-1].value
            if depth != units:
                raise ValueError(
                    "Incompatible or unknown inner dimensions between query and keys.  Query "
                    f"({query}) has units: {depth}.  Keys ({self.keys}) have units: {units}.  "
                    f"Perhaps you need to set num_units to the keys' dimension ({units})?"
                )
            score = matmul(expand_dims(query, 1), self.keys, transpose_b=True)
            score = squeeze(score, [1])
            return score if factor is None else factor * score


class BahdanauAttention(AttentionMechanism):
    """Scores by a small network: https://arxiv.org/abs/1409.0473.

    normalize: with a variable for the size of its weights, and a bias.
    Source: tf.contrib.seq2seq.BahdanauAttention.
    """

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        normalize: bool = False,
        probability_fn: Any = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Any = None,
        name: str = "BahdanauAttention",
    ) -> None:
        self._num_units, self._normalize = num_units, normalize
        query_layer = _layer(num_units, "query_layer", dtype)
        super().__init__(
            query_layer, memory, probability_fn or softmax, memory_sequence_length,
            _layer(num_units, "memory_layer", dtype), score_mask_value, custom_key_value_fn, name,
        )  # fmt: skip

    def _score(self, query: Any) -> Any:
        with variable_scope(None, "bahdanau_attention", [query]):
            processed = self.query_layer(query)
            v = get_variable("attention_v", [self._num_units], dtype=query.dtype)
            if not self._normalize:
                return reduce_sum(v * tanh(self.keys + expand_dims(processed, 1)), [2])
            start = Constant(math.sqrt(1.0 / self._num_units))
            g = get_variable("attention_g", dtype=query.dtype, initializer=start, shape=())
            b = get_variable(
                "attention_b", [self._num_units], dtype=query.dtype, initializer=Zeros()
            )
            processed = expand_dims(processed, 1)
            normed = g * v * rsqrt(reduce_sum(square(v)))
            return reduce_sum(normed * tanh(self.keys + processed + b), [2])


class AttentionWrapperState(NamedTuple):
    """The state of an `AttentionWrapper`. Source: tf.contrib.seq2seq.AttentionWrapperState."""

    cell_state: Any
    attention: Any
    time: Any
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """The state with other parts, which take the shapes that the parts have."""
        new = self._replace(**kwargs)
        pairs = zip(nest.flatten(self), nest.flatten(new), strict=True)
        checked = [_of_same_shape(old, part) for old, part in pairs]
        packed: AttentionWrapperState = nest.pack_sequence_as(self, checked)
        return packed


def _of_same_shape(old: Any, new: Any) -> Any:
    """The new tensor, after a check in the run where the shapes are not known before.

    Errors: ValueError where they are known and differ.
    """
    if not isinstance(old, Tensor) or not isinstance(new, Tensor):
        return new
    if old.shape.is_fully_defined() and new.shape.is_fully_defined():
        if old.shape.as_list() != new.shape.as_list():
            raise ValueError(
                f"Invalid shape for tensor {new.name}, expected {old.shape}, got {new.shape}."
            )
        return new
    known = old.shape.is_fully_defined()
    with name_scope(f"{new.op.name}/"):
        wanted = old.shape.as_list() if known else shape(old, name="expected_shape")
        with control_dependencies([_assert_shape(wanted, new)]):
            result = identity(new)
        result.set_shape(old.shape)
        return result


def _assert_shape(wanted: Any, tensor: Tensor) -> Any:
    with name_scope("assert_shape") as whole:
        actual = shape(tensor, name="actual")
        with name_scope("is_shape") as same:
            count = size(wanted)
            with name_scope("is_rank") as ranked:
                ranks = equal(count, rank(tensor, name="actual"), name=ranked)
            with name_scope("shape_tensor_equal") as each:
                unknown, alike = equal(wanted, -1), equal(wanted, actual, name="equal")
                either = logical_or(unknown, alike, name="exclude_partial_shape")
                sizes = reduce_all(either, name=each)
            fits = logical_and(ranks, sizes, name=same)
        told = [f"Wrong shape for {tensor.name} [expected] [actual].", wanted, actual]
        return assert_(fits, told, name=whole)


def _attended(mechanism: Any, output: Any, state: Any, layer: Any) -> Any:
    """What is seen of the memory, how much at each place, and the next state."""
    alignments, state = mechanism(output, state=state)
    context = squeeze(matmul(expand_dims(alignments, 1), mechanism.values), [1])
    seen = context if layer is None else layer(concat([output, context], 1))
    return seen, alignments, state


def _side_by_side(inputs: Any, attention: Any) -> Any:
    return concat([inputs, attention], -1)


class AttentionWrapper(RNNCell):
    """A cell that looks at one memory or several. Source: tf.contrib.seq2seq.AttentionWrapper.

    attention_layer_size: the width of a layer on output and context, one for each mechanism; the
    context itself is what is seen when left out. attention_layer: the layers themselves.
    alignment_history: the state keeps how much was looked at each place, as a TensorArray.
    cell_input_fn: makes the cell's input of the input and what was seen; both side by side when
    left out. output_attention: what is seen is put out, and not the cell's output.
    Errors: TypeError for what is no cell, no mechanism, no function; ValueError for other numbers
    of layers than of mechanisms.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Any = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        assert_like_rnncell("cell", cell)
        self._is_multi = isinstance(attention_mechanism, list | tuple)
        self._mechanisms = _several(attention_mechanism)
        for mechanism in self._mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError(
                    "attention_mechanism must be an AttentionMechanism or list of multiple "
                    f"AttentionMechanism instances, saw type: {type(mechanism).__name__}"
                )
        if cell_input_fn is not None and not callable(cell_input_fn):
            raise TypeError(f"cell_input_fn must be callable, saw type: {type(cell_input_fn)}")
        if attention_layer_size is not None and attention_layer is not None:
            raise ValueError("Only one of attention_layer_size and attention_layer should be set")
        self._cell = cell
        self._input_fn = cell_input_fn or _side_by_side
        self._attention_fn = attention_fn or _attended
        self._output_attention, self._keeps_history = output_attention, alignment_history
        self._set_layers(attention_layer_size, attention_layer)
        self._initial_cell_state = None
        with name_scope(name, "AttentionWrapperInit"):
            if initial_cell_state is not None:
                first = nest.flatten(initial_cell_state)[-1]
                batch = first.shape[0].value or shape(first)[0]
                self._initial_cell_state = self._same_batch(
                    batch, initial_cell_state, "initial_cell_state", "check_initial_cell_state"
                )

    def _set_layers(self, sizes: Any, layers: Any) -> None:
        self._layers: Any = [None] * len(self._mechanisms)
        widths = [mechanism.values.shape[-1].value for mechanism in self._mechanisms]
        given = sizes if sizes is not None else layers
        if given is None:
            self._attention_size = sum(widths)
            return
        given = _several(given)
        if len(given) != len(self._mechanisms):
            raise ValueError(
                "If provided, attention_layer_size and attention_layer must contain exactly one "
                f"for each attention_mechanism, saw: {len(given)} vs {len(self._mechanisms)}"
            )
        if sizes is not None:
            pairs = zip(given, self._mechanisms, strict=True)
            self._layers = [_layer(size, "attention_layer", m.dtype) for size, m in pairs]
            self._attention_size = sum(given)
            return
        self._layers = given
        joined = [TensorShape([None, self._cell.output_size + width]) for width in widths]
        pairs = zip(given, joined, strict=True)
        self._attention_size = sum(layer.compute_output_shape(s)[-1].value for layer, s in pairs)

    def _same_batch(self, batch_size: Any, value: Any, what: str, name: str) -> Any:
        """The value, after a check that it is of as many sequences as the memories."""
        message = (
            f"When applying AttentionWrapper {self._base_name}: Non-matching batch sizes between "
            f"the memory (encoder output) and {what}."
        )
        checks = [assert_equal(batch_size, m.batch_size, message=message) for m in self._mechanisms]
        with control_dependencies(checks):
            return nest.map_structure(lambda part: identity(part, name=name), value)

    def _item_or_tuple(self, items: Any) -> Any:
        return tuple(items) if self._is_multi else next(iter(items))

    @property
    def output_size(self) -> Any:
        return self._attention_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> Any:
        sizes = [mechanism.alignments_size for mechanism in self._mechanisms]
        return AttentionWrapperState(
            cell_state=self._cell.state_size,
            time=TensorShape([]),
            attention=self._attention_size,
            alignments=self._item_or_tuple(sizes),
            attention_state=self._item_or_tuple(m.state_size for m in self._mechanisms),
            alignment_history=self._item_or_tuple(s if self._keeps_history else () for s in sizes),
        )

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero state of the cell, with nothing seen yet."""
        with name_scope(f"{type(self).__name__}ZeroState", None, [batch_size]):
            cell_state = self._initial_cell_state
            if cell_state is None:
                cell_state = self._cell.get_initial_state(batch_size=batch_size, dtype=dtype)
            what = "the requested batch size"
            cell_state = self._same_batch(batch_size, cell_state, what, "checked_cell_state")
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
            return AttentionWrapperState(
                cell_state=cell_state,
                time=zeros([], dtype=int32),
                attention=zero_states(self._attention_size, batch_size, dtype),
                alignments=self._item_or_tuple(alignments),
                attention_state=self._item_or_tuple(
                    m.initial_state(batch_size, dtype) for m in self._mechanisms
                ),
                alignment_history=self._item_or_tuple(
                    TensorArray(dtype, 0, dynamic_size=True, element_shape=found.shape)
                    if self._keeps_history
                    else ()
                    for found in alignments
                ),
            )

    def call(self, inputs: Any, state: Any) -> Any:
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                "Expected state to be instance of AttentionWrapperState. Received type "
                f"{type(state)} instead."
            )
        output, cell_state = self._cell(self._input_fn(inputs, state.attention), state.cell_state)
        batch = output.shape[0].value or shape(output)[0]
        what = "the query (decoder output)"
        output = self._same_batch(batch, output, what, "checked_cell_output")
        before = state.attention_state if self._is_multi else [state.attention_state]
        histories = state.alignment_history if self._is_multi else [state.alignment_history]
        seen, alignments, states, kept = [], [], [], []
        parts = zip(self._mechanisms, before, self._layers, histories, strict=True)
        for mechanism, previous, layer, history in parts:
            one, alignment, new = self._attention_fn(mechanism, output, previous, layer)
            kept.append(history.write(state.time, alignment) if self._keeps_history else ())
            states.append(new)
            alignments.append(alignment)
            seen.append(one)
        attention = concat(seen, 1)
        following = AttentionWrapperState(
            time=state.time + 1,
            cell_state=cell_state,
            attention=attention,
            attention_state=self._item_or_tuple(states),
            alignments=self._item_or_tuple(alignments),
            alignment_history=self._item_or_tuple(kept),
        )
        return (attention if self._output_attention else output), following


def _several(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, list | tuple) else (given,)
