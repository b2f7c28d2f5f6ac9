"""Conjugates of complex numbers, which slopes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import complex64, complex128
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope


@op("Conj", kind="math", types=(complex64, complex128))
def _conj(input: T) -> T:
    """real - i imag, elementwise."""
    return np.conj(input)


@_conj.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return _conj(dy)


def conj(x: Any, name: str | None = None) -> Tensor:
    """real - i imag; a real tensor itself. Source: tf.conj. Errors: TypeError for text, bool."""
    x = convert_to_tensor(x, name="x")
    if x.dtype.is_complex:
        with name_scope(name, "Conj", [x]) as scope:
            result: Tensor = _conj(x, name=scope)
            return result
    if x.dtype.is_floating or x.dtype.is_integer:
        found: Tensor = x
        return found
    raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")


def steep(x: Tensor) -> Tensor:
    """What x counts in a slope: its conjugate where it is complex, x itself else."""
    return conj(x) if x.dtype.is_complex else x
