"""One step of a network over sequences that end at different times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import colocate_with
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape
from graphscope.ops.branches import cond
from graphscope.ops.joining import where
from graphscope.ops.tensor_array import TensorArray

Pair = tuple[Any, Any]


def batch_size_of(flat_input: Sequence[Tensor]) -> Any:
    """The size of the batch of [time, batch, ...]: a number where it is known, else a tensor.

    Errors: ValueError for a rank below 2.
    """
    for given in flat_input:
        if given.shape.ndims is None:
            continue
        if given.shape.ndims < 2:
            raise ValueError(f"Expected input tensor {given} to have rank at least 2")
        if given.shape[1].value is not None:
            return given.shape[1].value
    return shape(flat_input[0])[1]


def state_dtype(dtype: Any, state: Any) -> Any:
    """The type that was asked for, or that of the state. Errors: ValueError for several."""
    if dtype is not None:
        return dtype
    kinds = [part.dtype for part in nest.flatten(state)]
    if not kinds:
        raise ValueError("Unable to infer dtype from empty state.")
    if any(kind != kinds[0] for kind in kinds):
        raise ValueError(
            "State has tensors of different inferred_dtypes. Unable to infer a single "
            "representative dtype."
        )
    return kinds[0]


def first_state(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """The state in which a cell begins."""
    if getattr(cell, "get_initial_state", None) is not None:
        return cell.get_initial_state(inputs=None, batch_size=batch_size, dtype=dtype)
    return cell.zero_state(batch_size, dtype)


def kept_where(ended: Tensor, before: Any, after: Any) -> Any:
    """What was before in the rows where a sequence has ended, and what comes after in the others.

    A scalar and an array of tensors are no rows: they go on.
    """
    if isinstance(before, TensorArray) or before.shape.ndims == 0:
        return after
    with colocate_with(after):
        return where(ended, before, after)


class Steps:
    """Steps of sequences of different lengths: a sequence that has ended keeps its state and gives
    zeros.

    lengths: int32 [batch]. zero_output: the zeros.
    """

    def __init__(self, lengths: Tensor, shortest: Any, longest: Any, zero_output: Any) -> None:
        self._lengths, self._shortest, self._longest = lengths, shortest, longest
        self._zero_output = zero_output
        self._zeros: list[Any] = nest.flatten(zero_output)

    def masked(self, time: Any, state: Any, call: Callable[[], Pair]) -> Pair:
        """The step, made in any case."""
        flat_state = nest.flatten(state)
        ended = time >= self._lengths
        output, new = self._made(state, call)
        return self._packed(state, self._copied(ended, flat_state, output, new))

    def skipped(self, time: int, state: Any, call: Callable[[], Pair]) -> Pair:
        """The step, made only while there is a sequence that has not ended."""
        flat_state = nest.flatten(state)
        ended = time >= self._lengths

        def made() -> Any:
            output, new = self._made(state, call)
            return cond(
                time < self._shortest,
                lambda: output + new,
                lambda: self._copied(ended, flat_state, output, new),
            )

        found = cond(time >= self._longest, lambda: self._zeros + flat_state, made)
        return self._packed(state, found)

    def _made(self, state: Any, call: Callable[[], Pair]) -> tuple[list[Any], list[Any]]:
        output, new = call()
        nest.assert_same_structure(self._zero_output, output)
        nest.assert_same_structure(state, new)
        return nest.flatten(output), nest.flatten(new)

    def _copied(
        self, ended: Tensor, state: Sequence[Any], output: Sequence[Any], new: Sequence[Any]
    ) -> list[Any]:
        pairs = [*zip(self._zeros, output, strict=True), *zip(state, new, strict=True)]
        return [kept_where(ended, before, after) for before, after in pairs]

    def _packed(self, state: Any, found: Sequence[Any]) -> Pair:
        flat = nest.flatten(state)
        for made, before in zip(found, [*self._zeros, *flat], strict=True):
            if not isinstance(made, TensorArray):
                made.set_shape(before.shape)
        count = len(self._zeros)
        return (
            nest.pack_sequence_as(self._zero_output, found[:count]),
            nest.pack_sequence_as(state, found[count:]),
        )


def check_lengths(lengths: Tensor, message: str) -> None:
    """Errors: ValueError for what is no vector."""
    if lengths.shape.ndims not in (None, 1):
        raise ValueError(message)


def known_depths(shapes: Sequence[TensorShape]) -> None:
    """Errors: ValueError for inputs whose size is not known, or whose lengths differ."""
    time, batch = shapes[0].as_list()[:2]
    for found in shapes:
        if not found[2:].is_fully_defined():
            raise ValueError(
                "Input size (depth of inputs) must be accessible via shape inference, but saw "
                "value None."
            )
        if found[0].value != time:
            raise ValueError(
                "Time steps is not the same for all the elements in the input in a batch."
            )
        if found[1].value != batch:
            raise ValueError("Batch_size is not the same for all the elements in the input.")
