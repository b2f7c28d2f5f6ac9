from typing import Any

import numpy as np

VECTORS: int  # whether the compiler has vector types; without them numpy is much faster
INSTRUCTIONS: tuple[str, ...]  # the instruction sets that this machine has, the best last

def use(name: str, /) -> str:
    """Use this one of INSTRUCTIONS from now on; returns the one that was in use."""

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

def matmul(
    a: np.ndarray[Any, Any],
    b: np.ndarray[Any, Any],
    out: np.ndarray[Any, Any],
    transpose_a: bool,
    transpose_b: bool,
    /,
) -> None:
    """Write the product of two float32 or two float64 matrices into out."""
