from collections.abc import Sequence
from typing import Any

import numpy as np

VECTORS: int  # whether the compiler has vector types; without them numpy is much faster
INSTRUCTIONS: tuple[str, ...]  # the instruction sets that this machine has, the best last

def use(name: str, /) -> str:
    """Use this one of INSTRUCTIONS from now on; returns the one that was in use."""

def use_threads(number: int, /) -> int:
    """Use up to so many threads, of which there are 2 at most, in large products from now on;
    returns how many it were before. The results do not depend on it."""

class Operand:
    """A place of memory that prepared calls read or write.

    dtype, shape and strides are those of the array and never change.
    """

    def __new__(cls, array: np.ndarray[Any, Any], /) -> Operand: ...
    @property
    def array(self) -> np.ndarray[Any, Any]: ...
    def set(self, array: np.ndarray[Any, Any], /) -> None:
        """Put another array of the same dtype, shape and strides here.

        Whoever sets it answers for what its prepared calls were told of overlap.
        """

class Product:
    """A product of matrices that is prepared once and called often, without arguments.

    Of a call: out = a b, where transposed as asked; then, where given, + bias (one row) and then
    max(that, 0) if `relu`; or base + a b; or base - rate * (a b), with `rate` a single number. The
    bits are those of matmul in C followed by numpy's add, maximum, multiply and subtract. `base`
    may be out itself. All operands are float32, or all float64.

    It uses the instructions that were in use when it was made.

    ValueError: shapes do not fit, out is read-only or overlaps what is read, or base is out and
    more than 256 products are summed up for an element. TypeError: dtypes.
    """

    def __new__(
        cls,
        a: Operand,
        b: Operand,
        out: Operand,
        *,
        transpose_a: bool = False,
        transpose_b: bool = False,
        bias: Operand | None = None,
        relu: bool = False,
        base: Operand | None = None,
        rate: Operand | None = None,
    ) -> Product: ...
    def __call__(self) -> None: ...

def matmul(
    a: np.ndarray[Any, Any],
    b: np.ndarray[Any, Any],
    out: np.ndarray[Any, Any],
    transpose_a: bool,
    transpose_b: bool,
    /,
) -> None:
    """Write the product of two float32 or two float64 matrices into out."""

def look(array: Any, /) -> tuple[int, float, float, float, float, float, int, int, int] | None:
    """Size, least, mean, largest, deviation and norm of the finite elements; how many are NaN,
    infinite, zero. None for what is no array of numbers, and for numbers whose squares are too
    large."""

def is_finite(array: Any, /) -> bool | None:
    """Whether all elements are finite. None for what is not float32 or float64."""

def is_same(a: Any, b: Any, /) -> bool:
    """Whether these are two contiguous arrays of one shape, both of float32 or both of float64,
    with the same bits."""

def distance(a: Any, b: Any, /) -> float | None:
    """The Euclidean length of the difference. None for what is not two contiguous arrays of one
    shape, of float32 or of float64."""

class Recycled:
    """Within it, the memory of new arrays comes from the pool."""

    def __enter__(self) -> Recycled: ...
    def __exit__(self, *error: object) -> None: ...

def pool_state() -> dict[str, int]:
    """The pool's figures."""

def pool_limit(budget: int, /) -> int:
    """So many bytes may wait from now on; returns how many could before."""

#: The instructions of chains: how many inputs each takes, and whether it is for float32 only.
CHAIN_INSTRUCTIONS: dict[str, tuple[int, bool]]

class Chain:
    """Elementwise instructions that are prepared once and run often, by a call without arguments.

    operands: all float32 or all float64, broadcast to one shape as numpy does.
    code: tuples (name, out, first input[, second input]). Numbers below len(operands) are operands,
    others are temporaries, which must be written before they are read; an input may also be a
    Python float. What an instruction writes the later ones see.

    An operand that is written must have the whole shape, or be one element that depends on single
    elements only. It may lie where another lies, of the same shape and strides, that is not used
    after it.

    ValueError: no such instruction, shapes do not fit, what is written is read-only or overlaps
    another operand, or there is too much of something. TypeError: dtypes.
    """

    def __new__(cls, operands: Sequence[Operand], code: Sequence[tuple[Any, ...]], /) -> Chain: ...
    def __call__(self) -> None: ...

def apply(name: str, x: np.ndarray[Any, Any], out: np.ndarray[Any, Any], /) -> None:
    """out[...] = name(x), by an instruction of one input. Both arrays of one layout without gaps;
    out may be x."""
