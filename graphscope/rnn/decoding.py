"""Decoders: a cell that is run as long as no sequence has ended, and what they cost."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphscope.graph import nest
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.layers.base import Layer
from graphscope.ops.activations import count_nonzero
from graphscope.ops.array import constant, fill, reshape, shape, zeros_like
from graphscope.ops.joining import where
from graphscope.ops.logic import logical_not, logical_or
from graphscope.ops.loops import while_loop
from graphscope.ops.math import cast, div_no_nan
from graphscope.ops.nn import sparse_softmax_cross_entropy_with_logits
from graphscope.ops.reduction import reduce_all, reduce_sum
from graphscope.ops.tensor_array import TensorArray
from graphscope.ops.variable_scope import variable_scope
from graphscope.rnn.base import assert_like_rnncell
from graphscope.rnn.dynamic import swapped
from graphscope.rnn.helpers import Helper
from graphscope.rnn.sizes import zero_states


class Decoder:
    """What `dynamic_decode` runs. Source: tf.contrib.seq2seq.Decoder.

    Subclasses say `batch_size`, `output_size`, `output_dtype`, `initialize` and `step`.
    """

    @property
    def tracks_own_finished(self) -> bool:
        """Whether it says itself which sequences have ended, for all times."""
        return False

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """What is made of the outputs at the end."""
        return outputs, final_state


class BasicDecoderOutput(NamedTuple):
    """What a `BasicDecoder` puts out in a step. Source: tf.contrib.seq2seq.BasicDecoderOutput."""

    rnn_output: Any
    sample_id: Any


class BasicDecoder(Decoder):
    """A cell that is fed by a helper. Source: tf.contrib.seq2seq.BasicDecoder.

    output_layer: a layer through which the outputs go. Errors: TypeError for what is no cell, no
    helper, no layer.
    """

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None):
        assert_like_rnncell("cell", cell)
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        if output_layer is not None and not isinstance(output_layer, Layer):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")
        self._cell, self._helper = cell, helper
        self._initial_state, self._output_layer = initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        size = self._cell.output_size
        if self._output_layer is not None:
            whole = TensorShape([None]).concatenate([size] if isinstance(size, int) else size)
            size = self._output_layer.compute_output_shape(whole)[1:]
        return BasicDecoderOutput(size, self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        kind = nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(kind, self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> Any:
        """(which sequences have ended, the first inputs, the first state)."""
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(outputs, next state, next inputs, which sequences have ended)."""
        with name_scope(name, "BasicDecoderStep", None):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            ids = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, following, state = self._helper.next_inputs(
                time=time, outputs=outputs, state=state, sample_ids=ids
            )
        return BasicDecoderOutput(outputs, ids), state, following, finished


def _array(batch_size: Any, size: Any, dtype: Any) -> TensorArray:
    known = None
    if isinstance(size, TensorShape) and size.ndims != 0:
        batch = constant_value(convert_to_tensor(batch_size, name="batch_size"))
        known = TensorShape([None if batch is None else int(batch)]).concatenate(size)
    return TensorArray(dtype, 0, dynamic_size=True, element_shape=known)


def _next_state(finished: Tensor, new: Any, current: Any) -> Any:
    """The state, kept where the sequence has ended."""
    if isinstance(current, TensorArray):
        return new
    new.set_shape(current.shape)
    return new if new.shape.ndims == 0 else where(finished, current, new)


def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: Any = None,
    parallel_iterations: int = 32,
    swap_memory: bool = False,
    scope: Any = None,
    **_: Any,
) -> Any:
    """Runs a decoder until all sequences have ended.

    impute_finished: a sequence that has ended gives zeros and keeps its state.
    maximum_iterations: int []. Returns: the outputs [batch, time, ...], or [time, batch, ...] when
    `output_time_major`; the last state; how long each sequence became.
    Source: tf.contrib.seq2seq.dynamic_decode. Errors: TypeError for no decoder, ValueError for a
    limit that is no scalar.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with variable_scope(scope, "decoder"):
        limit = None
        if maximum_iterations is not None:
            limit = convert_to_tensor(maximum_iterations, int32, name="maximum_iterations")
            if limit.shape.ndims != 0:
                raise ValueError("maximum_iterations must be a scalar")
        started: Any = decoder
        finished, inputs, state = started.initialize()
        sizes, kinds, batch_size = started.output_size, started.output_dtype, started.batch_size
        pairs = list(zip(nest.flatten(sizes), nest.flatten(kinds), strict=True))
        empty = [zero_states(size, batch_size, kind) for size, kind in pairs]
        if limit is not None:
            finished = logical_or(finished, limit <= 0)
        lengths = zeros_like(finished, dtype=int32)
        time = constant(0, int32)
        arrays = [_array(batch_size, size, kind) for size, kind in pairs]

        def step(
            time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any
        ) -> Any:
            outputs, new, following, ended = started.step(time, inputs, state)
            if not started.tracks_own_finished:
                ended = logical_or(ended, finished)
            going = logical_not(finished)
            longer = where(going, fill(shape(lengths), time + 1), lengths)
            nest.assert_same_structure(state, new)
            emit = nest.flatten(outputs)
            if impute_finished:
                emit = [where(finished, a, b) for a, b in zip(empty, emit, strict=True)]
                new = nest.map_structure(lambda n, c: _next_state(finished, n, c), new, state)
            written = [a.write(time, v) for a, v in zip(arrays, emit, strict=True)]
            return time + 1, written, new, following, ended, longer

        found = while_loop(
            lambda _t, _a, _s, _i, finished, _l: logical_not(reduce_all(finished)),
            step,
            (time, arrays, state, inputs, finished, lengths),
            maximum_iterations=limit,
            swap_memory=swap_memory,
        )
        stacked = nest.pack_sequence_as(sizes, [array.stack() for array in found[1]])
        try:
            outputs, last = started.finalize(stacked, found[2], found[5])
        except NotImplementedError:
            outputs, last = stacked, found[2]
        if not output_time_major:
            outputs = nest.map_structure(swapped, outputs)
    return outputs, last, found[5]


def _check_ranks(logits: Any, targets: Any, weights: Any) -> None:
    if logits.shape.ndims != 3:
        raise ValueError("Logits must be a [batch_size x sequence_length x logits] tensor")
    if targets.shape.ndims != 2:
        raise ValueError("Targets must be a [batch_size x sequence_length] tensor")
    if weights.shape.ndims != 2:
        raise ValueError("Weights must be a [batch_size x sequence_length] tensor")


def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    sum_over_timesteps: bool = False,
    sum_over_batch: bool = False,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """The cross entropy of sequences, weighted.

    logits: [batch, time, classes]. targets: int [batch, time]. weights: [batch, time].
    average_...: divided by the sum of the weights along this axis; sum_over_...: divided by how
    many of them are not zero. softmax_loss_function: ``(labels=, logits=)``, in place of
    sparse_softmax_cross_entropy_with_logits.
    Errors: ValueError for other ranks, and for both an average and a sum along one axis.
    Source: tf.contrib.seq2seq.sequence_loss.
    """
    _check_ranks(logits, targets, weights)
    if average_across_timesteps and sum_over_timesteps:
        raise ValueError(
            "average_across_timesteps and sum_over_timesteps cannot be set to True at same time."
        )
    if average_across_batch and sum_over_batch:
        raise ValueError(
            "average_across_batch and sum_over_batch cannot be set to True at same time."
        )
    loss = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
    with name_scope(name, "sequence_loss", None):
        rows = reshape(logits, [-1, shape(logits)[2]])
        costs = loss(labels=reshape(targets, [-1]), logits=rows)
        costs = costs * reshape(weights, [-1])
        if average_across_timesteps and average_across_batch:
            return div_no_nan(reduce_sum(costs), reduce_sum(weights))
        if sum_over_timesteps and sum_over_batch:
            total = reduce_sum(costs)
            return div_no_nan(total, cast(count_nonzero(weights), total.dtype))
        costs = reshape(costs, shape(logits)[0:2])
        if average_across_timesteps or average_across_batch:
            axis = [0] if average_across_batch else [1]
            return div_no_nan(reduce_sum(costs, axis), reduce_sum(weights, axis))
        if sum_over_timesteps or sum_over_batch:
            axis = [0] if sum_over_batch else [1]
            total = reduce_sum(costs, axis)
            return div_no_nan(total, cast(count_nonzero(weights, axis), total.dtype))
        return costs
