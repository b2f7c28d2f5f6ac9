"""What can be said of an array in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

try:
    from graphscope.kernels import _native
except ImportError:  # installed without a C compiler
    _COMPILED = False
else:
    _COMPILED = True

#: A mean that is smaller than this part of the largest element is noise in float32.
_NOISE = 1e-6

#: The kinds of numpy's types that can be summed up.
_NUMBERS = "biufc"
#: So many whole numbers are shown as they are: they are mostly shapes and axes.
_FEW = 4


class Stats(NamedTuple):
    """The summary of an array. Extremes, mean, spread and norm are of its finite elements.

    size: how many elements; nan, inf, zero: how many of them are that.
    first_bad: the index of the first NaN or infinity, or None.
    Texts have no numbers: all fields but `size` are 0 then.
    """

    size: int
    min: float = 0.0
    mean: float = 0.0
    max: float = 0.0
    std: float = 0.0
    norm: float = 0.0
    nan: int = 0
    inf: int = 0
    zero: int = 0
    first_bad: tuple[int, ...] | None = None

    @property
    def clear_mean(self) -> float:
        """The mean; 0 where it is no more than the rounding of the elements' sum."""
        largest = max(abs(self.min), abs(self.max))
        return 0.0 if abs(self.mean) < _NOISE * largest else self.mean

    @property
    def shown_mean(self) -> str:
        return brief(self.clear_mean)

    def __str__(self) -> str:
        if self.size == 0:
            return "no elements"
        words = []
        if self.nan + self.inf < self.size:
            mean = f"mean {self.shown_mean}"
            words = [f"min {brief(self.min)}", mean, f"max {brief(self.max)}"]
        if self.nan:
            words.append(f"NaN {self.nan} of {self.size}")
        if self.inf:
            words.append(f"Inf {self.inf} of {self.size}")
        return "  ".join(words)


def stats(array: Any) -> Stats:
    """The summary of any array; complex numbers by their size, truth as 0 and 1.

    In C it takes one pass for float32 and float64; mean, deviation and norm are those of numpy's
    double precision up to rounding, everything else is the same.
    """
    array = np.asarray(array)
    if array.dtype.kind not in _NUMBERS or array.size == 0:
        return Stats(array.size)
    numbers = np.abs(array) if array.dtype.kind == "c" else array
    return _stats_in_c(numbers) if _COMPILED else _stats_in_numpy(numbers)


def _stats_in_c(numbers: NDArray[Any]) -> Stats:
    found = _native.look(numbers)
    if found is None:
        found = _native.look(numbers.astype(np.float64))
    if found is None:
        return _stats_in_numpy(numbers)
    first = None
    if found[6] or found[7]:
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(numbers))[0])
    return Stats(*found, first)


def _stats_in_numpy(numbers: NDArray[Any]) -> Stats:
    finite = np.isfinite(numbers)
    good: NDArray[Any] = numbers[finite].astype(np.float64)
    bad = np.argwhere(~finite)
    if good.size == 0:
        good = np.zeros(1)
    return Stats(
        size=numbers.size,
        min=float(good.min()),
        mean=float(good.mean()),
        max=float(good.max()),
        std=float(good.std()),
        norm=float(np.sqrt(np.sum(np.square(good)))),
        nan=int(np.isnan(numbers).sum()),
        inf=int(np.isinf(numbers).sum()),
        zero=int((numbers == 0).sum()),
        first_bad=tuple(int(i) for i in bad[0]) if len(bad) else None,
    )


def is_finite(array: Any) -> bool:
    """Whether an array has no NaN and no infinity. Texts, whole numbers and truths have none."""
    found = _native.is_finite(array) if _COMPILED else None
    return _is_finite_in_numpy(np.asarray(array)) if found is None else found


def distance(a: Any, b: Any) -> float:
    """The Euclidean length of the difference of two arrays of numbers, in double precision."""
    found = _native.distance(a, b) if _COMPILED else None
    return _distance_in_numpy(a, b) if found is None else found


def length(array: Any) -> float:
    """The Euclidean length of all elements; NaN or infinite if an element is."""
    return float(np.sqrt(np.sum(np.square(np.abs(array).astype(np.float64)))))


def is_same(a: Any, b: Any) -> bool:
    """Whether two arrays are known to hold the same bits. False where it would take time to say:
    for other numbers than float32 and float64, and without C."""
    return _COMPILED and _native.is_same(a, b)


def _distance_in_numpy(a: Any, b: Any) -> float:
    wide = np.asarray(a).astype(np.result_type(np.asarray(a).dtype, np.float64))
    with np.errstate(invalid="ignore"):  # from infinity to infinity
        return float(np.sqrt(np.sum(np.square(np.abs(wide - b)))))


def _is_finite_in_numpy(array: NDArray[Any]) -> bool:
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


#: The ways in which a summary and the test of finiteness can be worked out, for tests of them.
IMPLEMENTATIONS: dict[str, tuple[Callable[..., Stats], Callable[..., bool]]] = {
    "numpy": (_stats_in_numpy, _is_finite_in_numpy)
}
if _COMPILED:
    IMPLEMENTATIONS["c"] = (_stats_in_c, is_finite)


def brief(number: Any) -> str:
    """A number with three digits that count: ``0.0613``, ``-13.7``, ``1.1e-06``, ``NaN``."""
    number = float(number)
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "Inf" if number > 0 else "-Inf"
    if number == int(number) and abs(number) < 1e6:
        return str(int(number))
    return f"{number:.3g}"


def single(array: Any) -> str:
    """The one element of an array, with six digits: ``2.30259``, ``7``, ``True``, ``NaN``."""
    value = np.asarray(array).item()
    if not isinstance(value, float):
        return str(value)
    return f"{value:.6g}" if np.isfinite(value) else brief(value)


def digest(array: Any) -> str:
    """The shortest description: ``f32[100,10]  mean 0.1``, with a word on NaN and Inf."""
    array = np.asarray(array)
    kind, _, rest = described(array).partition("  ")
    if array.size <= 1 or array.dtype == object:
        return f"{kind}  {rest}".rstrip()
    summary = stats(array)
    bad = [word for word, count in (("NaN", summary.nan), ("Inf", summary.inf)) if count]
    return f"{kind}  mean {summary.shown_mean}" + (f"  {' '.join(bad)}" if bad else "")


#: What stands for a number, or several, in a list of arrays.
NUMBERS = (np.ndarray, np.number, np.bool_)


def is_list(array: Any) -> bool:
    """Whether an array of objects is a list, as of a TensorArray: None stands for an element that
    is not there. Otherwise it holds texts."""
    if array.dtype != object or not array.size:
        return False
    return all(x is None or isinstance(x, NUMBERS) for x in array.flat)


def written_kind(array: Any) -> str:
    """What an array of objects holds: "str" for texts, "list" for the arrays of a TensorArray."""
    return "list" if is_list(array) else "str"


def described(array: Any) -> str:
    """An array's type, shape and summary, for a message: ``f32[100,10]  min 0  mean 0.1  max 1``.

    A single element and a few whole numbers are shown as they are.
    """
    array = np.asarray(array)
    kind = {"f": "f", "i": "i", "u": "u", "c": "c"}.get(array.dtype.kind)
    dtype = (
        f"{kind}{array.dtype.itemsize * 8}"
        if kind
        else (written_kind(array) if array.dtype == object else "bool")
    )
    shape = "[" + ",".join(str(size) for size in array.shape) + "]"
    if array.size == 1 and array.dtype != object:
        return f"{dtype}{shape}  {single(array)}"
    if array.ndim == 0:
        return f"{dtype}{shape}  {array.item()}"
    if array.dtype.kind in "iub" and array.ndim == 1 and 0 < array.size <= _FEW:
        return f"{dtype}{shape}  {array.tolist()}"
    return f"{dtype}{shape}  {stats(array)}" if array.dtype != object else f"{dtype}{shape}"
