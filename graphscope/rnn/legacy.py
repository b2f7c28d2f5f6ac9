"""The sequence-to-sequence models of 2016, unrolled: tf.contrib.legacy_seq2seq, tf.nn.seq2seq."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.nn.convolutions import conv2d
from graphscope.ops.array import reshape, shape, stop_gradient, zeros
from graphscope.ops.bias import xw_plus_b
from graphscope.ops.branches import cond
from graphscope.ops.embedding import embedding_lookup
from graphscope.ops.joining import concat, stack
from graphscope.ops.math import add_n, cast, tanh
from graphscope.ops.nn import softmax, sparse_softmax_cross_entropy_with_logits
from graphscope.ops.reduction import argmax, reduce_sum
from graphscope.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from graphscope.rnn.contrib import EmbeddingWrapper, Linear, OutputProjectionWrapper
from graphscope.rnn.static import static_rnn

__all__ = [
    "attention_decoder",
    "basic_rnn_seq2seq",
    "embedding_attention_decoder",
    "embedding_attention_seq2seq",
    "embedding_rnn_decoder",
    "embedding_rnn_seq2seq",
    "model_with_buckets",
    "rnn_decoder",
    "sequence_loss",
    "sequence_loss_by_example",
    "tied_rnn_seq2seq",
]


def rnn_decoder(
    decoder_inputs: Iterable[Any],
    initial_state: Any,
    cell: Any,
    loop_function: Callable[[Any, int], Any] | None = None,
    scope: Any = None,
) -> Any:
    """The outputs of a cell along a list of inputs [batch, size], and its last state.

    loop_function: makes the next input of the output before, in place of the list.
    Source: tf.contrib.legacy_seq2seq.rnn_decoder.
    """
    with variable_scope(scope or "rnn_decoder"):
        state = initial_state
        outputs: list[Any] = []
        for i, given in enumerate(decoder_inputs):
            if loop_function is not None and outputs:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(outputs[-1], i)
            if i > 0:
                get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
    return outputs, state


def basic_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, dtype: Any = float32, scope: Any = None
) -> Any:
    """A cell reads a list, another of its kind goes on from its state. Source:
    tf.contrib.legacy_seq2seq.basic_rnn_seq2seq."""
    with variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    loop_function: Callable[[Any, int], Any] | None = None,
    dtype: Any = float32,
    scope: Any = None,
) -> Any:
    """One cell that reads and goes on. Source: tf.contrib.legacy_seq2seq.tied_rnn_seq2seq."""
    with variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function, scope)


def _own_words(embedding: Any, projection: Any, is_learnt: bool) -> Callable[[Any, int], Any]:
    """A function that gives the most likely word of an output, as a row of the table."""

    def following(previous: Any, _: int) -> Any:
        if projection is not None:
            previous = xw_plus_b(previous, projection[0], projection[1])
        found = embedding_lookup(embedding, argmax(previous, 1))
        return found if is_learnt else stop_gradient(found)

    return following


def embedding_rnn_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> Any:
    """`rnn_decoder` of words, int [batch], by a table. Source:
    tf.contrib.legacy_seq2seq.embedding_rnn_decoder.

    feed_previous: its own words are read, behind the first.
    """
    with variable_scope(scope or "embedding_rnn_decoder"):
        table = get_variable("embedding", [num_symbols, embedding_size])
        own = None
        if feed_previous:
            own = _own_words(table, output_projection, update_embedding_for_previous)
        words = (embedding_lookup(table, word) for word in decoder_inputs)
        return rnn_decoder(words, initial_state, cell, own)


def _decided(
    decode: Callable[[bool], Any], feed_previous: Any, like: Any, count: int
) -> tuple[list[Any], Any]:
    """What a decoder makes, with its own words or not, as is decided when it runs."""

    def decoded(own: bool) -> list[Any]:
        with variable_scope(get_variable_scope(), reuse=None if own else True):
            outputs, state = decode(own)
            return [*outputs, *nest.flatten(state)]

    found = cond(feed_previous, lambda: decoded(True), lambda: decoded(False))
    return found[:count], nest.pack_sequence_as(like, found[count:])


def embedding_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """`basic_rnn_seq2seq` of words. feed_previous: a bool, or a tensor of one. Source:
    tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq."""
    with variable_scope(scope or "embedding_rnn_seq2seq", dtype=dtype) as opened:
        reader = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = static_rnn(reader, encoder_inputs, dtype=opened.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decode(own: bool, is_learnt: bool = False) -> Any:
            return embedding_rnn_decoder(
                decoder_inputs,
                state,
                cell,
                num_decoder_symbols,
                embedding_size,
                output_projection,
                own,
                is_learnt,
            )

        if isinstance(feed_previous, bool):
            return decode(feed_previous, True)
        return _decided(decode, feed_previous, state, len(decoder_inputs))


class _Attention:
    """What several heads see of the states of an encoder, [batch, time, size]."""

    def __init__(self, states: Tensor, heads: int, dtype: Any) -> None:
        self._length = states.shape[1].value or shape(states)[1]
        self.size = states.shape[2].value
        self._dtype = dtype
        self._hidden = reshape(states, [-1, self._length, 1, self.size])
        self._features, self._weights = [], []
        for head in range(heads):
            kernel = get_variable(f"AttnW_{head}", [1, 1, self.size, self.size], dtype=dtype)
            self._features.append(conv2d(self._hidden, kernel, [1, 1, 1, 1], "SAME"))
            self._weights.append(get_variable(f"AttnV_{head}", [self.size], dtype=dtype))

    def nothing(self, batch_size: Any) -> list[Tensor]:
        """Zeros in place of what the heads see."""
        sizes = stack([batch_size, self.size])
        found = [zeros(sizes, dtype=self._dtype) for _ in self._weights]
        for seen in found:
            seen.set_shape([None, self.size])
        return found

    def __call__(self, query: Any) -> list[Tensor]:
        """What each head sees. query: the state of a cell."""
        if nest.is_sequence(query):
            query = concat(nest.flatten(query), 1)
        return [self._seen(query, head) for head in range(len(self._weights))]

    def _seen(self, query: Any, head: int) -> Tensor:
        with variable_scope(f"Attention_{head}"):
            y = Linear(query, self.size, True)(query)
            y = cast(reshape(y, [-1, 1, 1, self.size]), self._dtype)
            score = reduce_sum(self._weights[head] * tanh(self._features[head] + y), [2, 3])
            mask = cast(softmax(cast(score, float32)), self._dtype)
            seen = reduce_sum(reshape(mask, [-1, self._length, 1, 1]) * self._hidden, [1, 2])
            found: Tensor = reshape(seen, [-1, self.size])
            return found


def attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    output_size: int | None = None,
    num_heads: int = 1,
    loop_function: Callable[[Any, int], Any] | None = None,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """`rnn_decoder` of a cell that looks at the states of an encoder, [batch, time, size].

    num_heads: how often it looks. initial_state_attention: also before its first step.
    Errors: ValueError for no inputs, no heads, and states of unknown size.
    Source: tf.contrib.legacy_seq2seq.attention_decoder.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    if attention_states.shape[2].value is None:
        raise ValueError(f"Shape[2] of attention_states must be known: {attention_states.shape}")
    size = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype) as opened:
        kind = opened.dtype
        batch_size = shape(decoder_inputs[0])[0]
        attention = _Attention(attention_states, num_heads, kind)
        state = initial_state
        outputs: list[Any] = []
        seen = attention.nothing(batch_size)
        if initial_state_attention:
            seen = attention(initial_state)
        for i, given in enumerate(decoder_inputs):
            if i > 0:
                get_variable_scope().reuse_variables()
            if loop_function is not None and outputs:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(outputs[-1], i)
            inputs = [cast(part, kind) for part in [given, *seen]]
            x = Linear(inputs, given.shape[1].value, True)(inputs)
            output, state = cell(x, state)
            reuse = True if i == 0 and initial_state_attention else None
            seen = _again(attention, state) if reuse else attention(state)
            with variable_scope("AttnOutputProjection"):
                parts = [cast(output, kind), *seen]
                outputs.append(Linear(parts, size, True)(parts))
    return outputs, state


def _again(attention: _Attention, state: Any) -> list[Tensor]:
    """What is seen, with variables that are there already."""
    with variable_scope(get_variable_scope(), reuse=True):
        return attention(state)


def embedding_attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_size: int | None = None,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """`attention_decoder` of words, int [batch], by a table. Source:
    tf.contrib.legacy_seq2seq.embedding_attention_decoder."""
    size = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = get_variable("embedding", [num_symbols, embedding_size])
        own = None
        if feed_previous:
            own = _own_words(table, output_projection, update_embedding_for_previous)
        words = [embedding_lookup(table, word) for word in decoder_inputs]
        return attention_decoder(
            words,
            initial_state,
            attention_states,
            cell,
            size,
            num_heads,
            own,
            initial_state_attention=initial_state_attention,
        )


def embedding_attention_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """`embedding_rnn_seq2seq` whose second cell looks at the outputs of the first. Source:
    tf.contrib.legacy_seq2seq.embedding_attention_seq2seq."""
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as opened:
        reader = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        outputs, state = static_rnn(reader, encoder_inputs, dtype=opened.dtype)
        tops = [reshape(output, [-1, 1, cell.output_size]) for output in outputs]
        states = concat(tops, 1)
        size = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            size = num_decoder_symbols

        def decode(own: bool, is_learnt: bool = False) -> Any:
            return embedding_attention_decoder(
                decoder_inputs,
                state,
                states,
                cell,
                num_decoder_symbols,
                embedding_size,
                num_heads,
                size,
                output_projection,
                own,
                is_learnt,
                initial_state_attention=initial_state_attention,
            )

        if isinstance(feed_previous, bool):
            return decode(feed_previous, True)
        return _decided(decode, feed_previous, state, len(decoder_inputs))


def sequence_loss_by_example(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Tensor:
    """The weighted cross entropy of each sequence, [batch].

    logits: for each step [batch, classes]. targets, weights: for each step [batch].
    Source: tf.contrib.legacy_seq2seq.sequence_loss_by_example. Errors: ValueError for lists of
    different lengths.
    """
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            "Lengths of logits, weights, and targets must be the same "
            f"{len(logits)}, {len(weights)}, {len(targets)}."
        )
    with name_scope(name, "sequence_loss_by_example", None):
        costs = []
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            if softmax_loss_function is None:
                cost = sparse_softmax_cross_entropy_with_logits(
                    labels=reshape(target, [-1]), logits=logit
                )
            else:
                cost = softmax_loss_function(labels=target, logits=logit)
            costs.append(cost * weight)
        total: Tensor = add_n(costs)
        if average_across_timesteps:
            total = total / (add_n(weights) + 1e-12)
        return total


def sequence_loss(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """The sum of `sequence_loss_by_example`, divided by the size of the batch when asked for.
    Source: tf.contrib.legacy_seq2seq.sequence_loss."""
    with name_scope(name, "sequence_loss", None):
        cost = reduce_sum(
            sequence_loss_by_example(
                logits, targets, weights, average_across_timesteps, softmax_loss_function
            )
        )
        if not average_across_batch:
            return cost
        return cost / cast(shape(targets[0])[0], cost.dtype)


def model_with_buckets(
    encoder_inputs: Any,
    decoder_inputs: Any,
    targets: Any,
    weights: Any,
    buckets: Sequence[tuple[int, int]],
    seq2seq: Callable[[Any, Any], Any],
    softmax_loss_function: Any = None,
    per_example_loss: bool = False,
    name: str | None = None,
) -> Any:
    """The outputs and losses of a model for several pairs of lengths, with the same variables.

    Errors: ValueError when there are fewer inputs than the last pair says. Source:
    tf.contrib.legacy_seq2seq.model_with_buckets.
    """
    given = {
        "encoder_inputs": (encoder_inputs, 0),
        "targets": (targets, 1),
        "weights": (weights, 1),
    }
    for role, (items, side) in given.items():
        if len(items) < buckets[-1][side]:
            raise ValueError(
                f"Length of {role} ({len(items)}) must be at least that of last bucket "
                f"({buckets[-1][side]})."
            )
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    losses, outputs = [], []
    with name_scope(name, "model_with_buckets", None):
        for i, (read, written) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if i > 0 else None):
                found, _ = seq2seq(encoder_inputs[:read], decoder_inputs[:written])
            outputs.append(found)
            ends = targets[:written], weights[:written]
            losses.append(loss(found, *ends, softmax_loss_function=softmax_loss_function))
    return outputs, losses
