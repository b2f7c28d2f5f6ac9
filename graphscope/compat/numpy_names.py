"""Names that numpy had when scripts were written for TensorFlow 1, for as long as it is installed.

Newer numpy has taken them away; each is given back with the meaning it had.
"""

from __future__ import annotations

from typing import Any

import numpy as np

OLD_NAMES: dict[str, Any] = {
    **{kind.__name__: kind for kind in (bool, int, float, complex, object, str)},
    "Inf": np.inf,
    "Infinity": np.inf,
    "NaN": np.nan,
    "alltrue": np.all,
    "asscalar": lambda a: a.item(),
    "complex_": np.complex128,
    "cumproduct": np.cumprod,
    "float_": np.float64,
    "in1d": lambda a, b, *rest, **more: np.isin(np.ravel(a), b, *rest, **more),
    "infty": np.inf,
    "long": int,
    "product": np.prod,
    "round_": np.round,
    "row_stack": np.vstack,
    "sometrue": np.any,
    "string_": np.bytes_,
    "unicode": str,
    "unicode_": np.str_,
}
_given: set[str] = set()


def give_back() -> None:
    """Add the names that this numpy does not have."""
    for name in OLD_NAMES.keys() - vars(np).keys():
        setattr(np, name, OLD_NAMES[name])
        _given.add(name)


def take_away() -> None:
    """Undo `give_back`."""
    while _given:
        delattr(np, _given.pop())
