"""`Stream`: how elements follow each other, and what they consist of."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.body import Body, Call
from graphscope.graph.dtypes import DType, int64, variant
from graphscope.graph.shapes import TensorShape
from graphscope.ops.sparse import SparseTensorValue as SparseValue

#: The values of one element, in order: arrays, sparse values, and streams.
Element = tuple[Any, ...]
#: What a step gives: the element and the place after it; None for the element at the end.
Steps = Generator[Call, tuple[Any, ...], tuple[Element | None, Any]]


class Stream(NamedTuple):
    """begin: the first place; given the place where an earlier pass ended, what that one has
    remembered stays (how far a generator has moved, what a cache holds).
    step: the element at a place, and the next place.
    repeated: where it is known, the stream of so many passes in one (-1: without end).
    """

    begin: Callable[[Any], Any]
    step: Callable[[Any], Steps]
    repeated: Callable[[int], Stream] | None = None


@dataclass(frozen=True)
class Part:
    """What one value of an element is.

    kind: "dense", "sparse", or "dataset"; the elements of a dataset have the structure `inner`.
    """

    kind: str
    dtype: DType
    shape: TensorShape
    inner: Any = None

    @property
    def tensors(self) -> list[tuple[DType, TensorShape]]:
        """Types and shapes of the tensors that it is made of."""
        if self.kind != "sparse":
            return [(self.dtype, self.shape)]
        rank = self.shape.ndims
        return [
            (int64, TensorShape([None, rank])),
            (self.dtype, TensorShape([None])),
            (int64, TensorShape([rank])),
        ]


def dataset_part(inner: Any) -> Part:
    """A value that is a dataset itself."""
    return Part("dataset", variant, TensorShape([]), inner)


class Function(NamedTuple):
    """A function of elements: its body, the tensors from around it that it uses, as they were
    when the stream was made, and what it gives."""

    body: Body
    captured: tuple[Any, ...]
    parts: tuple[Part, ...]

    def call(
        self, arguments: Iterable[Any], count: int
    ) -> Generator[Call, tuple[Any, ...], Element]:
        """The element that it makes. count: how many calls came before."""
        results = yield Call(self.body, (*spread(arguments), *self.captured), count)
        return gathered(self.parts, results)


def spread(values: Iterable[Any]) -> Iterator[Any]:
    """The arrays of which values consist, as a body takes them."""
    for value in values:
        if isinstance(value, SparseValue):
            yield from value
        else:
            yield boxed(value) if isinstance(value, Stream) else value


def gathered(parts: Sequence[Part], arrays: Sequence[Any]) -> Element:
    """The values that a body's results are."""
    rest = iter(arrays)
    made: list[Any] = []
    for part in parts:
        if part.kind == "sparse":
            made.append(SparseValue(next(rest), next(rest), next(rest)))
        else:
            made.append(unboxed(next(rest)) if part.kind == "dataset" else next(rest))
    return tuple(made)


def boxed(value: Any) -> NDArray[Any]:
    """An object as the value of a tensor."""
    box = np.empty([], object)
    box[()] = value
    return box


def unboxed(box: Any) -> Any:
    return box[()]


def plain(begin: Callable[[Any], Any], follow: Callable[[Any], Any]) -> Stream:
    """A stream that calls nothing. follow: the element and the next place, at once."""

    def step(place: Any) -> Steps:
        yield from ()
        found: tuple[Element | None, Any] = follow(place)
        return found

    return Stream(begin, step)
