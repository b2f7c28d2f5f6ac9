"""Networks over sequences as a loop: dynamic_rnn, bidirectional_dynamic_rnn, raw_rnn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import control_dependencies, name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import constant, identity, range, rank, shape, transpose, zeros
from graphscope.ops.checks import assert_
from graphscope.ops.joining import concat, stack
from graphscope.ops.layout import reverse, reverse_sequence
from graphscope.ops.logic import equal, logical_not, logical_or
from graphscope.ops.loops import while_loop
from graphscope.ops.math import cast, maximum, minimum
from graphscope.ops.reduction import reduce_all, reduce_max, reduce_min
from graphscope.ops.tensor_array import TensorArray
from graphscope.ops.variable_scope import variable_scope
from graphscope.rnn.base import assert_like_rnncell
from graphscope.rnn.sizes import element_shape, flat_sizes, joined_sizes, known_sizes
from graphscope.rnn.steps import (
    Steps,
    batch_size_of,
    check_lengths,
    first_state,
    kept_where,
    known_depths,
    state_dtype,
)


def swapped(x: Any) -> Tensor:
    """[batch, time, ...] to [time, batch, ...] and back."""
    known = x.shape
    if known.ndims is not None and known.ndims < 2:
        return x  # type: ignore[no-any-return]
    axes = concat(([1, 0], range(2, rank(x))), axis=0)
    found = transpose(x, axes)
    if known.ndims is not None:
        sizes = known.as_list()
        found.set_shape([sizes[1], sizes[0], *sizes[2:]])
    return found


def _checked_lengths(lengths: Tensor, batch_size: Any) -> Tensor:
    """The lengths, after a check that there is one for each sequence."""
    found, wanted = shape(lengths), stack([batch_size])
    told = [f"Expected shape for Tensor {lengths.name} is ", wanted, " but saw shape: ", found]
    with control_dependencies([assert_(reduce_all(equal(found, wanted)), told)]):
        return identity(lengths, name="CheckSeqLen")


def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Any:
    """The outputs of a cell along a sequence, and its last state.

    inputs: [batch, time, ...], or [time, batch, ...] when `time_major`; or a nesting of such.
    sequence_length: int [batch]: behind its end a sequence gives zeros and keeps its state.
    initial_state: zeros of `dtype` when left out.
    Errors: TypeError for no cell, ValueError without a dtype, for unknown sizes or lengths that are
    no vector; in a run InvalidArgumentError for lengths of another number.
    Source: tf.nn.dynamic_rnn.
    """
    assert_like_rnncell("cell", cell)
    with variable_scope(scope or "rnn"):
        flat: Any = nest.flatten(inputs)
        if not time_major:
            flat = tuple(swapped(x) for x in [convert_to_tensor(x) for x in flat])
        lengths = None
        if sequence_length is not None:
            lengths = cast(sequence_length, int32)
            check_lengths(
                lengths,
                "sequence_length must be a vector of length batch_size, but saw shape: "
                f"{lengths.shape}",
            )
            lengths = identity(lengths, name="sequence_length")
        batch_size = batch_size_of(flat)
        state = initial_state
        if state is None:
            if not dtype:
                raise ValueError("If there is no initial_state, you must give a dtype.")
            state = first_state(cell, batch_size, dtype)
        if lengths is not None:
            lengths = _checked_lengths(lengths, batch_size)
        packed = nest.pack_sequence_as(inputs, flat)
        outputs, last = _looped(
            cell, packed, state, lengths, state_dtype(dtype, state), swap_memory
        )
        return (outputs if time_major else nest.map_structure(swapped, outputs)), last


def _zero_outputs(cell: Any, batch_size: Any, dtype: Any) -> Any:
    flat = [zeros(joined_sizes(batch_size, s), dtype) for s in flat_sizes(cell.output_size)]
    return _as_outputs(cell, flat)


def _as_outputs(cell: Any, flat: Sequence[Any]) -> Any:
    """The values in the nesting of the cell's outputs."""
    if len(flat) == 1 and not isinstance(cell.output_size, list | tuple):
        return flat[0]
    return nest.pack_sequence_as(cell.output_size, flat)


def _looped(
    cell: Any, inputs: Any, state: Any, lengths: Tensor | None, dtype: Any, swap_memory: bool
) -> Any:
    """The outputs [time, batch, ...] and the last state. inputs: [time, batch, ...]."""
    flat = nest.flatten(inputs)
    time_steps = shape(flat[0])[0]
    batch_size = batch_size_of(flat)
    shapes = [x.shape.with_rank_at_least(3) for x in flat]
    known_depths(shapes)
    time_known, batch_known = shapes[0].as_list()[:2]
    zero_output = _zero_outputs(cell, batch_size, dtype)
    steps, longest = None, time_steps
    if lengths is not None:
        shortest, longest = reduce_min(lengths), reduce_max(lengths)
        steps = Steps(lengths, shortest, longest, zero_output)
    start = constant(0, int32, name="time")
    with name_scope("dynamic_rnn") as base:
        pass
    sizes = flat_sizes(cell.output_size)
    made = tuple(
        TensorArray(
            dtype,
            time_steps,
            element_shape=element_shape(batch_known, size),
            tensor_array_name=f"{base}output_{i}",
        )
        for i, size in enumerate(sizes)
    )
    given = [
        TensorArray(
            x.dtype, time_steps, element_shape=x.shape[1:], tensor_array_name=f"{base}input_{i}"
        )
        for i, x in enumerate(flat)
    ]
    given = [array.unstack(x) for array, x in zip(given, flat, strict=True)]

    def step(time: Tensor, arrays: Any, state: Any) -> Any:
        read = [array.read(time) for array in given]
        for x, known in zip(read, shapes, strict=True):
            x.set_shape(known[1:])
        packed = nest.pack_sequence_as(inputs, read)
        if steps is None:
            output, new = cell(packed, state)
        else:
            output, new = steps.masked(time, state, lambda: cell(packed, state))
        pairs = zip(arrays, nest.flatten(output), strict=True)
        written = tuple(array.write(time, value) for array, value in pairs)
        return time + 1, written, new

    bound = minimum(time_steps, maximum(1, longest))
    _, done, last = while_loop(
        lambda time, *_: time < bound,
        step,
        (start, made, state),
        swap_memory=swap_memory,
        maximum_iterations=time_steps,
    )
    outputs = [array.stack() for array in done]
    for output, size in zip(outputs, sizes, strict=True):
        output.set_shape(known_sizes(TensorShape([time_known, batch_known]), size))
    return _as_outputs(cell, outputs), last


def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Any:
    """Two networks along a sequence, one from its beginning and one from its end.

    See `dynamic_rnn`. Returns: the two outputs, and the two last states.
    Source: tf.nn.bidirectional_dynamic_rnn.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    time_axis, batch_axis = (0, 1) if time_major else (1, 0)
    options = {"dtype": dtype, "swap_memory": swap_memory, "time_major": time_major}

    def reversed_(x: Any) -> Tensor:
        if sequence_length is None:
            return reverse(x, axis=[time_axis])
        return reverse_sequence(
            x, seq_lengths=sequence_length, seq_axis=time_axis, batch_axis=batch_axis
        )

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as forwards:
            output_fw, state_fw = dynamic_rnn(
                cell_fw, inputs, sequence_length, initial_state_fw, scope=forwards, **options
            )
        with variable_scope("bw") as backwards:
            turned = nest.map_structure(reversed_, inputs)
            found, state_bw = dynamic_rnn(
                cell_bw, turned, sequence_length, initial_state_bw, scope=backwards, **options
            )
    output_bw = nest.map_structure(reversed_, found)
    return (output_fw, output_bw), (state_fw, state_bw)


def raw_rnn(
    cell: Any,
    loop_fn: Callable[..., Any],
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    scope: Any = None,
) -> Any:
    """A cell in a loop that a function drives.

    loop_fn: ``loop_fn(time, output, state, loop_state)``, first with None for all but the time; it
    returns (which sequences have ended, the next input, the next state, what is put out,
    the next loop state).
    Returns: what was put out as TensorArrays, the last state, the last loop state.
    Errors: TypeError for no cell and no function. Source: tf.nn.raw_rnn.
    """
    assert_like_rnncell("cell", cell)
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope(scope or "rnn"):
        time = constant(0, int32)
        ended, first, state, emitted, given = loop_fn(time, None, None, None)
        loop_state = constant(0, int32) if given is None else given
        flat = nest.flatten(first)
        known = flat[0].shape[0].value
        batch_size = shape(flat[0])[0] if known is None else known
        state = nest.map_structure(convert_to_tensor, state)
        nesting, sizes, kinds = _emitted(cell, emitted, state)
        arrays = [
            TensorArray(
                kind,
                0,
                dynamic_size=True,
                element_shape=element_shape(known, size),
                name=f"rnn_output_{i}",
            )
            for i, (kind, size) in enumerate(zip(kinds, sizes, strict=True))
        ]
        pairs = zip(sizes, kinds, strict=True)
        empty = [zeros(joined_sizes(batch_size, size), kind) for size, kind in pairs]

        def step(
            time: Tensor, ended: Tensor, current: Any, arrays: Any, state: Any, loop_state: Any
        ) -> Any:
            output, new = cell(current, state)
            nest.assert_same_structure(state, new)
            following = time + 1
            more, coming, chosen, emit, kept = loop_fn(following, output, new, loop_state)
            nest.assert_same_structure(state, chosen)
            emits = [
                kept_where(ended, a, b) for a, b in zip(empty, nest.flatten(emit), strict=True)
            ]
            chosen = nest.map_structure(lambda a, b: kept_where(ended, a, b), state, chosen)
            flat_arrays = zip(nest.flatten(arrays), emits, strict=True)
            written = [array.write(time, value) for array, value in flat_arrays]
            return (
                following,
                logical_or(ended, more),
                coming,
                _packed(nesting, written),
                chosen,
                loop_state if kept is None else kept,
            )

        *_, done, last, final = while_loop(
            lambda _, ended, *__: logical_not(reduce_all(ended)),
            step,
            [time, ended, first, _packed(nesting, arrays), state, loop_state],
            swap_memory=swap_memory,
        )
        return done, last, (None if given is None else final)


def _emitted(cell: Any, emitted: Any, state: Any) -> tuple[Any, list[Any], list[Any]]:
    """The nesting, the sizes and the types of what is put out: of the cell when nothing is said."""
    if emitted is None:
        sizes = flat_sizes(cell.output_size)
        return cell.output_size, sizes, [nest.flatten(state)[0].dtype] * len(sizes)
    flat = nest.flatten(emitted)
    sizes = [x.shape if x.shape.is_fully_defined() else shape(x) for x in flat]
    return emitted, sizes, [x.dtype for x in flat]


def _packed(nesting: Any, flat: Sequence[Any]) -> Any:
    if isinstance(nesting, TensorShape) or not nest.is_sequence(nesting):
        return flat[0]
    return nest.pack_sequence_as(nesting, flat)
