"""Networks over sequences, step by step in the graph: static_rnn, static_bidirectional_rnn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import control_dependencies
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import identity, shape, zeros
from graphscope.ops.joining import concat, stack, unstack
from graphscope.ops.layout import reverse_sequence
from graphscope.ops.math import cast
from graphscope.ops.reduction import reduce_max, reduce_min
from graphscope.ops.variable_scope import variable_scope
from graphscope.rnn.base import assert_like_rnncell
from graphscope.rnn.sizes import joined_sizes, known_sizes, map_sizes
from graphscope.rnn.steps import Steps, check_lengths, first_state, state_dtype


def _check_inputs(inputs: Any) -> None:
    if not nest.is_sequence(inputs):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")


def _known_batch(flat: Sequence[Tensor]) -> int | None:
    """The size of the batch, where it is known. Errors: ValueError for an unknown size behind."""
    known = None
    for given in flat:
        found = given.shape
        if found.ndims == 1:
            known = found[0].value if known is None else known
            continue
        found = found.with_rank_at_least(2)
        if known is not None and found[0].value not in (None, known):
            raise ValueError(f"Dimensions {known} and {found[0].value} are not compatible")
        known = found[0].value if known is None else known
        for i, size in enumerate(found[1:].as_list()):
            if size is None:
                raise ValueError(
                    f"Input size (dimension {i} of inputs) must be accessible via shape "
                    "inference, but saw value None."
                )
    return known


def static_rnn(
    cell: Any,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """The outputs of a cell along a list of inputs [batch, ...], and its last state.

    sequence_length: int [batch]: behind its end a sequence gives zeros and keeps its state.
    initial_state: zeros of `dtype` when left out.
    Errors: TypeError for no cell and no list, ValueError for an empty list, without a dtype and for
    sizes that are not known. Source: tf.nn.static_rnn.
    """
    assert_like_rnncell("cell", cell)
    _check_inputs(inputs)
    with variable_scope(scope or "rnn") as opened:
        flat = nest.flatten(inputs)
        known = _known_batch(flat)
        batch_size = known or shape(flat[0])[0]
        state = initial_state
        if state is None:
            if not dtype:
                raise ValueError("If no initial_state is provided, dtype must be specified")
            state = first_state(cell, batch_size, dtype)
        steps = None
        if sequence_length is not None:
            kind = state_dtype(dtype, state)
            steps = _steps(cell, sequence_length, batch_size, known, kind)
        outputs = []
        for time, given in enumerate(inputs):
            if time > 0:
                opened.reuse_variables()
            if steps is None:
                output, state = cell(given, state)
            else:
                output, state = steps.skipped(time, state, partial(cell, given, state))
            outputs.append(output)
        return outputs, state


def _steps(cell: Any, lengths: Any, batch_size: Any, known: int | None, dtype: Any) -> Steps:
    lengths = convert_to_tensor(lengths, name="sequence_length")
    check_lengths(lengths, "sequence_length must be a vector of length batch_size")

    def zero(size: Any) -> Tensor:
        made: Tensor = zeros(joined_sizes(batch_size, size), dtype)
        made.set_shape(known_sizes(TensorShape([known]), size))
        return made

    zero_output = map_sizes(zero, cell.output_size)
    lengths = cast(lengths, int32)
    return Steps(lengths, reduce_min(lengths), reduce_max(lengths), zero_output)


def _turned(inputs: Sequence[Any], lengths: Any) -> list[Any]:
    """The inputs from the last to the first; each sequence of its own length, when they differ."""
    if lengths is None:
        return list(reversed(inputs))
    flat = [nest.flatten(given) for given in inputs]
    found: list[list[Any]] = [[] for _ in inputs]
    for sequence in zip(*flat, strict=True):
        turned = unstack(reverse_sequence(stack(sequence), lengths, 0, 1))
        for one, results in zip(turned, found, strict=True):
            one.set_shape(sequence[0].shape)
            results.append(one)
    return [nest.pack_sequence_as(a, b) for a, b in zip(inputs, found, strict=True)]


def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """Two networks along a list of inputs, one from its beginning and one from its end.

    See `static_rnn`. Returns: the outputs of both side by side, and the two last states.
    Source: tf.nn.static_bidirectional_rnn.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    _check_inputs(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as forwards:
            output_fw, state_fw = static_rnn(
                cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=forwards
            )
        with variable_scope("bw") as backwards:
            found, state_bw = static_rnn(
                cell_bw,
                _turned(inputs, sequence_length),
                initial_state_bw,
                dtype,
                sequence_length,
                scope=backwards,
            )
    output_bw = _turned(found, sequence_length)
    pairs = zip(nest.flatten(output_fw), nest.flatten(output_bw), strict=True)
    joined = [concat([a, b], 1) for a, b in pairs]
    return nest.pack_sequence_as(output_fw, joined), state_fw, state_bw


def static_state_saving_rnn(
    cell: Any,
    inputs: Any,
    state_saver: Any,
    state_name: Any,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """As `static_rnn`, with a state that an object keeps: `state(name)`, `save_state(name, value)`.

    Source: tf.nn.static_state_saving_rnn. Errors: ValueError for names in another nesting.
    """
    sizes = cell.state_size
    if nest.is_sequence(sizes) != nest.is_sequence(state_name):
        raise ValueError(
            "state_name should be the same type as cell.state_size.  "
            f"state_name: {state_name}, cell.state_size: {sizes}"
        )
    names = nest.flatten(state_name)
    before = [state_saver.state(name) for name in names]
    outputs, state = static_rnn(
        cell,
        inputs,
        initial_state=nest.pack_sequence_as(sizes, before),
        sequence_length=sequence_length,
        scope=scope,
    )
    flat = nest.flatten(state)
    saved = [state_saver.save_state(*pair) for pair in zip(names, flat, strict=True)]
    with control_dependencies(saved):
        outputs[-1] = nest.map_structure(identity, outputs[-1])
        return outputs, nest.map_structure(identity, state)
