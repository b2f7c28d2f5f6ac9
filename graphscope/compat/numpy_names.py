"""Names that numpy had when scripts were written for TensorFlow 1, for as long as it is installed.

Newer numpy has taken them away; each is given back with the meaning it had. So is the way in which
a number in a list is printed: ``[0.5]``, and not ``[np.float32(0.5)]``.
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

#: What numpy's own way of printing was, while the old one is there.
_printing_before: list[Any] = []


def give_back() -> None:
    """Add the names that this numpy does not have, and print as it did when it had them."""
    for name in OLD_NAMES.keys() - vars(np).keys():
        setattr(np, name, OLD_NAMES[name])
        _given.add(name)
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        _printing_before.append(np.get_printoptions()["legacy"])
        np.set_printoptions(legacy="1.25")  # the last numpy that printed so


def take_away() -> None:
    """Undo `give_back`."""
    while _given:
        delattr(np, _given.pop())
    while _printing_before:
        np.set_printoptions(legacy=_printing_before.pop())
