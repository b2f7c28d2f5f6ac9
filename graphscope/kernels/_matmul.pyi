from typing import Any

import numpy as np

VECTOR_BYTES: int  # of the instructions in use; 0 where the compiler has no vector types

def matmul(
    a: np.ndarray[Any, Any],
    b: np.ndarray[Any, Any],
    out: np.ndarray[Any, Any],
    transpose_a: bool,
    transpose_b: bool,
    /,
) -> None:
    """Write the product of two float32 or two float64 matrices into out."""
