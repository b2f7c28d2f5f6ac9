"""`rnn`: a step that is made for each element of a sequence, as a loop or unrolled.

Source: tensorflow.python.keras.backend.rnn of 1.15; the nodes around the loop have its names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphscope.graph import nest
from graphscope.graph.dtypes import bool_
from graphscope.keras.backend.shaping import expand_dims, reverse
from graphscope.keras.backend.variables import zeros_like
from graphscope.ops import array, constants, joining, math, repeating
from graphscope.ops.loops import while_loop
from graphscope.ops.tensor_array import TensorArray

Step = Callable[[Any, tuple[Any, ...]], tuple[Any, Any]]


class _Sequence(NamedTuple):
    """What there is for each step: inputs and mask, [time, batch, ...], in a nesting."""

    inputs: Any
    mask: Any
    count: Any  # how many steps there are, as a tensor
    backwards: bool
    zero_output: bool  # a step that does not count puts zeros out, not what was before


def rnn(
    step_function: Step,
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple[Any, Any, Any]:
    """The last output, all outputs and the last states of a step along a sequence.

    step_function: (input [batch, ...], states and constants) to (output, new states). inputs:
    [batch, time, ...], or a nesting of such; [time, batch, ...] when `time_major`, and so are the
    outputs. mask: [batch, time]; where it is false the states stay, and so does the output, or it
    is zero. unroll: nodes for each step in place of a loop. input_length: the most steps a loop
    makes. Errors: ValueError for a rank below 3, for an unknown number of steps that are unrolled,
    and for a mask without states.
    """
    if not time_major:
        inputs = nest.map_structure(_swapped, inputs)
    flat = nest.flatten(inputs)
    count = array.shape(flat[0])[0]
    for x in flat:
        x.shape.with_rank_at_least(3)
    time, batch = flat[0].shape[0].value, flat[0].shape[1].value
    if mask is not None:
        mask = _prepared(mask, time_major)

    def step(x: Any, states: Any) -> tuple[Any, Any]:
        return step_function(x, (*states, *(constants or ())))

    sequence = _Sequence(inputs, mask, count, go_backwards, zero_output_for_mask)
    if unroll:
        if not time:
            raise ValueError("Unrolling requires a fixed number of timesteps.")
        last, outputs, states = _unrolled(step, sequence, initial_states, time)
    else:
        last, outputs, states = _looped(step, sequence, initial_states, input_length)
    for output in nest.flatten(outputs):
        output.set_shape([time, batch, *output.shape.as_list()[2:]])
    return last, outputs if time_major else nest.map_structure(_swapped, outputs), states


def _swapped(x: Any) -> Any:
    return array.transpose(x, [1, 0, *range(2, x.shape.ndims)])


def _prepared(mask: Any, time_major: bool) -> Any:
    if mask.dtype.base_dtype is not bool_:
        mask = math.cast(mask, bool_)
    if mask.shape.ndims == 2:
        mask = expand_dims(mask)
    return mask if time_major else _swapped(mask)


def _spread(mask: Any, like: Any, fixed: int = 1) -> Any:
    """The mask repeated to the shape of what it chooses from; the first axes are equal already."""
    for _ in range(like.shape.ndims - mask.shape.ndims):
        mask = array.expand_dims(mask, -1)
    return repeating.tile(mask, [1] * fixed + like.shape.as_list()[fixed:])


def _chosen(mask: Any, after: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    """What comes after where the mask is true, and what was before elsewhere."""
    masks = [_spread(mask, value) for value in after]
    return [joining.where(m, a, b) for m, a, b in zip(masks, after, before, strict=True)]


# ---- unrolled ----------------------------------------------------------------------------------


def _unrolled(step: Step, sequence: _Sequence, states: Any, time: int) -> tuple[Any, Any, Any]:
    columns = [_rows(x, sequence.backwards) for x in nest.flatten(sequence.inputs)]
    masks = [] if sequence.mask is None else _rows(sequence.mask, sequence.backwards)
    states = tuple(states)
    outputs: list[Any] = []
    for i in range(time):
        x = nest.pack_sequence_as(sequence.inputs, [column[i] for column in columns])
        output, new = step(x, states)
        if masks:
            spread = _spread(masks[i], output)
            before = outputs[-1] if outputs else zeros_like(output)
            output = joining.where(spread, output, before)
            pairs = zip(nest.flatten(states), nest.flatten(new), strict=True)
            kept = [joining.where(_spread(masks[i], n), n, old) for old, n in pairs]
            new = nest.pack_sequence_as(new, kept)
        states = new
        outputs.append(output)
    last, together = outputs[-1], joining.stack(outputs)
    if masks and sequence.zero_output:
        last = joining.where(_spread(masks[-1], last), last, zeros_like(last))
        # The mask is in the order of the input here, also when the outputs are the other way round.
        spread = _spread(sequence.mask, together, fixed=2)
        together = joining.where(spread, together, zeros_like(together))
    return last, together, states


def _rows(x: Any, backwards: bool) -> list[Any]:
    rows = joining.unstack(x)
    return rows[::-1] if backwards else rows


# ---- as a loop ---------------------------------------------------------------------------------


def _looped(
    step: Step, sequence: _Sequence, initial_states: Any, limit: Any
) -> tuple[Any, Any, Any]:
    flat, states = nest.flatten(sequence.inputs), tuple(initial_states)
    names = [f"input_ta_{i}" for i in range(len(flat))]
    given = _arrays(flat, sequence.count, names, sequence.backwards)
    # One step before the loop says what an output is; its value is not used.
    first = nest.pack_sequence_as(sequence.inputs, [x[0] for x in flat])
    example, _ = step(first, states)
    arrays = _places_for(nest.flatten(example), sequence.count)
    start = constants.constant(0, dtype="int32", name="time")
    masks: TensorArray | None = None
    zeros: tuple[Any, ...] = ()
    if sequence.mask is not None:
        masks = _array_of_masks(sequence, states)
        zeros = tuple(array.zeros_like(output) for output in nest.flatten(example))

    def body(time: Any, written: Any, before: Any, *states: Any) -> tuple[Any, ...]:
        read = [elements.read(time) for elements in given]
        mask = None if masks is None else masks.read(time)
        output, new = step(nest.pack_sequence_as(sequence.inputs, read), states)
        outputs, new_states = nest.flatten(output), nest.flatten(new)
        if mask is not None:
            instead = zeros if sequence.zero_output else before
            outputs = _chosen(mask, outputs, instead)
        flat_states = nest.flatten(states)
        for state, old in zip(new_states, flat_states, strict=True):
            state.set_shape(old.shape)
        if mask is not None:
            new_states = _chosen(mask, new_states, flat_states)
            before = tuple(outputs)
        written = tuple(a.write(time, o) for a, o in zip(written, outputs, strict=True))
        return time + 1, written, before, *nest.pack_sequence_as(states, new_states)

    _, done, _, *last_states = while_loop(
        lambda time, *_: time < sequence.count,
        body,
        (start, arrays, zeros, *states),
        maximum_iterations=limit,
    )
    outputs = [elements.stack() for elements in done]
    last = [output[-1] for output in outputs]
    packed = nest.pack_sequence_as(example, outputs)
    return nest.pack_sequence_as(example, last), packed, tuple(last_states)


def _places_for(outputs: Sequence[Any], count: Any) -> tuple[TensorArray, ...]:
    """An array for each output of a step."""
    return tuple(
        TensorArray(
            dtype=output.dtype,
            size=count,
            element_shape=output.shape,
            tensor_array_name=f"output_ta_{i}",
        )
        for i, output in enumerate(outputs)
    )


def _array_of_masks(sequence: _Sequence, states: Any) -> TensorArray:
    if not states:
        raise ValueError(
            "No initial states provided! When using masking in an RNN, you should provide initial "
            "states (and your step function should return as its first state at time `t` the "
            "output at time `t-1`)."
        )
    mask = reverse(sequence.mask, 0) if sequence.backwards else sequence.mask
    return _arrays([mask], sequence.count, ["mask_ta"])[0]


def _arrays(
    flat: Sequence[Any], count: Any, names: Sequence[str], backwards: bool = False
) -> tuple[TensorArray, ...]:
    """What comes in, as arrays whose elements are the steps."""
    made = [
        TensorArray(dtype=x.dtype, size=count, tensor_array_name=name)
        for x, name in zip(flat, names, strict=True)
    ]
    pairs = zip(made, flat, strict=True)
    return tuple(a.unstack(reverse(x, 0) if backwards else x) for a, x in pairs)
