"""Other numbers to feed: a variant of an exercise for each seed, and always the same one for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Tensor

T = TypeVar("T")

#: What a variant does to the feeds, in words.
RULE = (
    "fed numbers are multiplied by 1, 2 or 3; whole numbers, and what is all 0 and 1, change places"
)


class Draw:
    """Draws by a seed: the same in every version of Python and numpy, whose `RandomState` is
    frozen. Errors: DebugError for a seed that is none."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 2**32:
            raise DebugError(f"A seed is a whole number from 0 to {2**32 - 1}, not {seed}.")
        self._state = np.random.RandomState(seed)

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """So many of the items, in their order."""
        kept = sorted(self._state.permutation(len(items))[:count])
        return [items[number] for number in kept]

    def feeds(self, feeds: Mapping[Tensor, Value]) -> dict[Tensor, Value]:
        """Other values for the same tensors, of the same types and shapes: see `RULE`. Texts and
        truth values stay as they are."""
        ordered = sorted(feeds, key=lambda tensor: (tensor.op._id, tensor.value_index))
        return {tensor: self._other(feeds[tensor]) for tensor in ordered}

    def _other(self, value: Value) -> Value:
        array = np.asarray(value)
        if array.dtype.kind in "iu" or (array.dtype.kind == "f" and np.isin(array, (0, 1)).all()):
            return self._moved(array)
        if array.dtype.kind == "f":
            return (array * self._state.randint(1, 4, array.shape)).astype(array.dtype)
        return value

    def _moved(self, array: Value) -> Value:
        """The elements at other places: of a table, its rows, and the elements of each row by one
        order for all, so that what is one hot stays so."""
        if array.ndim < 2:
            return array.ravel()[self._state.permutation(array.size)].reshape(array.shape)
        other = array[self._state.permutation(len(array))]
        return np.ascontiguousarray(other[..., self._state.permutation(array.shape[-1])])
