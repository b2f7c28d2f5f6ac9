"""Static shapes: what is known of a tensor's size before anything runs.

A shape is of unknown rank (``TensorShape(None)``), or a list of dimensions of which each may be
unknown (``TensorShape([None, 784])``). Rules of operations are written with the plain functions at
the end of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


class Dimension:
    """One size in a static shape; `value` is an int, or None when it is unknown."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        if isinstance(value, Dimension):
            value = value.value
        if value is not None:
            whole = int(value)
            if whole != value:
                raise ValueError(f"Ambiguous dimension: {value!r} is not a whole number")
            if whole < 0:
                raise ValueError(f"Dimension {whole} must be >= 0")
            value = whole
        self.value: int | None = value

    def __index__(self) -> int:
        if self.value is None:
            raise TypeError("an unknown dimension has no value; it is known only while running")
        return self.value

    def __int__(self) -> int:
        return self.__index__()

    def __eq__(self, other: object) -> Any:
        """Unknown when either side is: None then, as in TensorFlow."""
        try:
            other = as_dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self.value is None or other.value is None:
            return None
        return self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def is_compatible_with(self, other: Any) -> bool:
        """True when both may be the same size."""
        other = as_dimension(other)
        return self.value is None or other.value is None or self.value == other.value

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """What is known of both. Errors: ValueError when they contradict each other."""
        self.assert_is_compatible_with(other)
        return as_dimension(other) if self.value is None else self

    def _arithmetic(self, other: Any, compute: Any) -> Any:
        """NotImplemented for what is no size, so that a tensor or a list may answer instead."""
        other = _dimension_or_none(other)
        if other is None:
            return NotImplemented
        if self.value is None or other.value is None:
            return Dimension(None)
        return Dimension(compute(self.value, other.value))

    def __add__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: a * b)

    def __floordiv__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: a // b)

    def __mod__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: a % b)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: b - a)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: b // a)

    def __rmod__(self, other: Any) -> Any:
        return self._arithmetic(other, lambda a, b: b % a)

    def __truediv__(self, other: Any) -> Any:
        raise TypeError("a dimension is a whole number: divide it by //, not by /")

    __rtruediv__ = __truediv__

    def _compare(self, other: Any, compute: Any) -> bool | None:
        other = as_dimension(other)
        if self.value is None or other.value is None:
            return None
        return bool(compute(self.value, other.value))

    def __lt__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a >= b)


def as_dimension(value: Any) -> Dimension:
    return value if isinstance(value, Dimension) else Dimension(value)


def _dimension_or_none(value: Any) -> Dimension | None:
    """The dimension that a size, or None, stands for; None when the value stands for no size."""
    if value is None or isinstance(value, Dimension):
        return as_dimension(value)
    try:
        return Dimension(value)
    except (TypeError, ValueError):
        return None


class TensorShape:
    """A static shape. `sizes` is None (unknown rank) or a tuple of ints and Nones."""

    __slots__ = ("sizes",)

    def __init__(self, dims: Any) -> None:
        if dims is None:
            self.sizes: tuple[int | None, ...] | None = None
        elif isinstance(dims, TensorShape):
            self.sizes = dims.sizes
        elif isinstance(dims, int | Dimension):
            self.sizes = (Dimension(dims).value,)
        elif isinstance(dims, str | bytes):
            raise TypeError(f"A string has ambiguous TensorShape: {dims!r}; put it into a list.")
        else:
            self.sizes = tuple(_size(d) for d in dims)

    @classmethod
    def of(cls, sizes: tuple[int | None, ...]) -> TensorShape:
        """The shape of these sizes, which are known to be sizes."""
        made = cls.__new__(cls)
        made.sizes = sizes
        return made

    @property
    def ndims(self) -> int | None:
        return None if self.sizes is None else len(self.sizes)

    rank = ndims

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self.sizes is None else [Dimension(s) for s in self.sizes]

    def as_list(self) -> list[int | None]:
        if self.sizes is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self.sizes)

    def is_fully_defined(self) -> bool:
        return self.sizes is not None and None not in self.sizes

    def num_elements(self) -> int | None:
        if self.sizes is None or None in self.sizes:
            return None
        count = 1
        for size in self.sizes:
            count *= size or 0
        return count

    def is_compatible_with(self, other: Any) -> bool:
        """True when some actual shape fits both."""
        a, b = self.sizes, as_shape(other).sizes
        if a is None or b is None or a == b:
            return True
        return len(a) == len(b) and all(
            x is None or y is None or x == y for x, y in zip(a, b, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """Both shapes' knowledge in one. Errors: ValueError when they contradict each other."""
        other = as_shape(other)
        if self.sizes == other.sizes:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self.sizes is None or other.sizes is None:
            return other if self.sizes is None else self
        return TensorShape.of(
            tuple([y if x is None else x for x, y in zip(self.sizes, other.sizes, strict=True)])
        )

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """What both shapes agree on: a size that differs is unknown, and so is a rank."""
        a, b = self.sizes, TensorShape(other).sizes
        if a is None or b is None or len(a) != len(b):
            return TensorShape(None)
        return TensorShape([x if x == y else None for x, y in zip(a, b, strict=True)])

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, known to be of that rank. Errors: ValueError when it is of another."""
        if self.sizes is None:
            return TensorShape([None] * rank)
        if len(self.sizes) != rank:
            raise ValueError(f"Shape must be rank {rank} but is rank {len(self.sizes)}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape. Errors: ValueError when it is known to be of a lower rank."""
        if self.sizes is not None and len(self.sizes) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape. Errors: ValueError when it is known to be of a higher rank."""
        if self.sizes is not None and len(self.sizes) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        if self.ndims not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        other = TensorShape(other)
        if None not in (self.ndims, other.ndims) and self.ndims != other.ndims:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def concatenate(self, other: Any) -> TensorShape:
        other = TensorShape(other)
        if self.sizes is None or other.sizes is None:
            return TensorShape(None)
        return TensorShape(self.sizes + other.sizes)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __getitem__(self, key: Any) -> Any:
        if self.sizes is None:
            return _sliced_unknown(key) if isinstance(key, slice) else Dimension(None)
        return (
            TensorShape(self.sizes[key]) if isinstance(key, slice) else Dimension(self.sizes[key])
        )

    def __iter__(self) -> Iterator[Dimension]:
        if self.sizes is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(s) for s in self.sizes])

    def __len__(self) -> int:
        if self.sizes is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self.sizes)

    def __bool__(self) -> bool:
        return self.sizes is not None

    def __eq__(self, other: object) -> bool:
        try:
            return self.sizes == as_shape(other).sizes
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self.sizes)

    def __repr__(self) -> str:
        return f"TensorShape({None if self.sizes is None else [Dimension(s) for s in self.sizes]})"

    def __str__(self) -> str:
        if self.sizes is None:
            return "<unknown>"
        inside = ", ".join("?" if s is None else str(s) for s in self.sizes)
        return f"({inside},)" if len(self.sizes) == 1 else f"({inside})"

    @property
    def short(self) -> str:
        """How the shape is written in a message or a debugger: ``[?,784]``, ``[]``, ``?``."""
        if self.sizes is None:
            return "?"
        return "[" + ",".join("?" if s is None else str(s) for s in self.sizes) + "]"


def _sliced_unknown(key: slice) -> TensorShape:
    """A part of a shape of unknown rank: of known rank only when it says where it ends."""
    start = key.start or 0
    if key.stop is None or key.step is not None or start < 0 or key.stop < start:
        return UNKNOWN
    return TensorShape([None] * (key.stop - start)) if key.stop > start else SCALAR


def as_shape(value: Any) -> TensorShape:
    return value if isinstance(value, TensorShape) else TensorShape(value)


def _size(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else Dimension(value).value


UNKNOWN = TensorShape(None)
SCALAR = TensorShape([])


# ---- rules that many operations share: tensors (or anything with .shape) in, shape out ---------


def scalar(*_: Any, **__: Any) -> TensorShape:
    """One number, whatever comes in."""
    return SCALAR


def same(first: Any, *_: Any, **__: Any) -> TensorShape:
    """The first input's shape."""
    shape: TensorShape = first.shape
    return shape


def merged(*inputs: Any, **_: Any) -> TensorShape:
    """All inputs are of one shape; what is known of any of them is known of the result."""
    shape = UNKNOWN
    for tensor in inputs:
        try:
            shape = shape.merge_with(tensor.shape)
        except ValueError:
            raise ValueError(different(shape, tensor.shape)) from None
    return shape


def broadcast(x: Any, y: Any, **_: Any) -> TensorShape:
    """numpy's broadcasting of two shapes. Errors: ValueError when a pair of sizes does not fit."""
    shape: TensorShape = x.shape
    return shape if shape.sizes == y.shape.sizes else broadcast_shapes(shape, y.shape)


def broadcast_shapes(x: TensorShape, y: TensorShape) -> TensorShape:
    if x.sizes is None or y.sizes is None:
        return UNKNOWN
    if x.sizes == y.sizes or not y.sizes:
        return x
    if not x.sizes:
        return y
    rank = max(len(x.sizes), len(y.sizes))
    sizes = []
    for a, b in zip(_padded(x.sizes, rank), _padded(y.sizes, rank), strict=True):
        if a == 1:
            sizes.append(b)
        elif b == 1:
            sizes.append(a)
        elif a is None or b is None:
            sizes.append(a if b is None else b)
        elif a == b:
            sizes.append(a)
        else:
            raise ValueError(f"Dimensions must be equal, but are {a} and {b}")
    return TensorShape.of(tuple(sizes))


def different(x: TensorShape, y: TensorShape) -> str:
    """The sentence that says where two shapes differ."""
    if x.sizes is not None and y.sizes is not None and len(x.sizes) == len(y.sizes):
        for a, b in zip(x.sizes, y.sizes, strict=True):
            if a is not None and b is not None and a != b:
                return f"Dimensions must be equal, but are {a} and {b}"
    return f"Shapes must be equal rank, but are {x.ndims} and {y.ndims}"


def _padded(sizes: Sequence[int | None], rank: int) -> Sequence[int | None]:
    return (1,) * (rank - len(sizes)) + tuple(sizes)
