"""The summary of arrays and the test of finiteness: every implementation, in every layout."""

from __future__ import annotations

from math import fsum, isfinite, isnan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graphscope.kernels.stats import (
    IMPLEMENTATIONS,
    Stats,
    distance,
    is_finite,
    is_same,
    length,
    stats,
)

if "c" in IMPLEMENTATIONS:
    from graphscope.kernels import _native

    INSTRUCTIONS: tuple[str, ...] = _native.INSTRUCTIONS
else:
    INSTRUCTIONS = ()

#: Sizes around those of vectors and of the blocks in which C goes.
SIZES = [1, 2, 3, 7, 15, 16, 17, 33, 65, 2047, 2048, 2049, 2080]
FLOATS = [np.float32, np.float64]


needs_c = pytest.mark.skipif("c" not in IMPLEMENTATIONS, reason="the extension is not compiled")


@pytest.fixture(params=["numpy", *INSTRUCTIONS])
def ways(request: pytest.FixtureRequest) -> Any:
    """`stats` and `is_finite` of each implementation, in C with each instruction set."""
    if request.param == "numpy":
        yield IMPLEMENTATIONS["numpy"]
        return
    before = _native.use(request.param)
    yield IMPLEMENTATIONS["c"]
    _native.use(before)


def expected(array: Any) -> Stats:
    """By loops over Python's numbers, with sums that are rounded once."""
    numbers = [float(x) for x in array.flat]
    good = [x for x in numbers if isfinite(x)] or [0.0]
    mean = fsum(good) / len(good)
    spread = fsum((x - mean) ** 2 for x in good) / len(good)
    bad = [index for index, x in np.ndenumerate(array) if not isfinite(float(x))]
    return Stats(
        size=len(numbers),
        min=min(good),
        mean=mean,
        max=max(good),
        std=sqrt(spread),
        norm=sqrt(fsum(x * x for x in good)),
        nan=sum(map(isnan, numbers)),
        inf=sum(not isfinite(x) and not isnan(x) for x in numbers),
        zero=numbers.count(0.0),
        first_bad=bad[0] if bad else None,
    )


def check(ways: Any, array: Any) -> None:
    summarize, finite = ways
    found, wanted = summarize(array), expected(array)
    exact = ("size", "min", "max", "nan", "inf", "zero", "first_bad")
    assert {k: getattr(found, k) for k in exact} == {k: getattr(wanted, k) for k in exact}
    tolerance = 1e-12 * max(abs(wanted.min), abs(wanted.max))
    assert found.mean == pytest.approx(wanted.mean, rel=1e-12, abs=tolerance)
    assert found.norm == pytest.approx(wanted.norm, rel=1e-12)
    assert found.std == pytest.approx(wanted.std, rel=1e-9, abs=1e-300)
    assert finite(array) is (wanted.nan + wanted.inf == 0)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", SIZES)
def test_numbers(ways: Any, size: int, dtype: Any) -> None:
    random = np.random.default_rng(size)
    check(ways, random.normal(size=size).astype(dtype))
    check(ways, (random.normal(size=size) * (random.random(size) < 0.5)).astype(dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_number_anywhere(ways: Any, size: int, dtype: Any, bad: float) -> None:
    for place in {0, size // 2, size - 1}:
        array = np.random.default_rng(place).normal(size=size).astype(dtype)
        array[place] = bad
        check(ways, array)


@pytest.mark.parametrize("dtype", FLOATS)
def test_nothing_but_bad_numbers(ways: Any, dtype: Any) -> None:
    check(ways, np.full(2500, np.nan, dtype))
    check(ways, np.array([np.inf, -np.inf, np.nan], dtype))
    array = np.full(2500, -np.inf, dtype)
    array[2321] = 2
    check(ways, array)


@pytest.mark.parametrize("dtype", FLOATS)
def test_far_from_zero(ways: Any, dtype: Any) -> None:
    random = np.random.default_rng(0)
    array = (1e4 + random.normal(size=(50, 100))).astype(dtype)
    check(ways, array)
    array[0, 0] = 0  # the first one is no measure of the others
    check(ways, array)
    check(ways, np.full((60, 60), 0.1, dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "layout",
    [
        lambda a: a.T,
        lambda a: a[::-1, ::2],
        lambda a: a[:, 1:-1],
        lambda a: np.asfortranarray(a),
        lambda a: np.broadcast_to(a[:, :1], a.shape),
        lambda a: a[None].swapaxes(0, 2),
        lambda a: np.frombuffer(b"x" + a.tobytes(), a.dtype, offset=1).reshape(a.shape),
        lambda a: a[3:4, 5:6].reshape(()),
    ],
)
def test_layouts(ways: Any, dtype: Any, layout: Any) -> None:
    array = np.random.default_rng(1).normal(size=(70, 90)).astype(dtype)
    check(ways, layout(array))
    array[5, 4] = np.inf
    array[60, 80] = np.nan
    check(ways, layout(array))


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_ends_of_the_range(ways: Any, dtype: Any) -> None:
    limits = np.finfo(dtype)
    summarize, finite = ways
    array = np.array([limits.max, -limits.max, limits.smallest_subnormal, -0.0], dtype)
    assert finite(array)
    with np.errstate(over="ignore"):
        found = summarize(array)
    assert (found.min, found.max, found.zero) == (-float(limits.max), float(limits.max), 1)
    assert found.nan == found.inf == 0
    assert not np.isnan([found.mean, found.std, found.norm]).any()


@given(arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)))
def test_any_float32(array: Any) -> None:
    with np.errstate(over="ignore"):
        found, wanted = stats(array), IMPLEMENTATIONS["numpy"][0](array)
    assert found[6:] == wanted[6:]
    assert (found.min, found.max) == (wanted.min, wanted.max)
    assert is_finite(array) is (found.first_bad is None)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "i8", "f2", "g", ">f4", ">i4"])
def test_every_other_type_of_numbers(ways: Any, dtype: str) -> None:
    array = np.arange(-20, 300, 3).astype(dtype)
    check(ways, array)
    check(ways, array[:1])


def test_other_types() -> None:
    assert stats(np.array([3, 4]))[:6] == (2, 3.0, 3.5, 4.0, 0.5, 5.0)
    assert stats(np.array([True, False])).zero == 1
    assert stats(np.array([3 + 4j, 0])).max == 5
    assert stats(np.array([3, np.nan], np.float16)).first_bad == (1,)
    assert stats(np.array(["a"], object)) == Stats(1)
    assert stats(np.zeros((0, 3), np.float32)) == Stats(0)
    assert stats(np.float32(3)).norm == 3
    sound = [np.array([1, 2]), np.array(["a"], object), np.zeros((0, 3), np.float32), 3.0]
    assert all(map(is_finite, sound))
    swapped = np.array([1, np.nan], np.dtype(np.float32).newbyteorder())
    bad = [np.array([1, complex(0, np.inf)]), np.float32(np.nan), np.float16(np.inf), swapped]
    assert not any(map(is_finite, bad))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", SIZES)
def test_distances(ways: Any, size: int, dtype: Any) -> None:
    random = np.random.default_rng(size)
    a, b = (random.normal(size=(1, size)).astype(dtype) for _ in range(2))
    wanted = sqrt(fsum((float(x) - float(y)) ** 2 for x, y in zip(a.flat, b.flat, strict=True)))
    assert distance(a, b) == pytest.approx(wanted, rel=1e-12)
    assert distance(a, a) == 0
    assert distance(a[:, ::-1], b[:, ::-1]) == pytest.approx(wanted, rel=1e-12)
    b[0, -1] = np.nan
    assert np.isnan(distance(a, b))


@needs_c
def test_the_same_bits() -> None:
    a = np.random.default_rng(0).normal(size=(70, 30)).astype(np.float32)
    b = a.copy()
    assert is_same(a, b)
    b[-1, -1] += 1
    assert not is_same(a, b)
    assert not is_same(a, a.astype(np.float64))
    assert not is_same(a, a.reshape(30, 70))
    assert not is_same(a, a.T)
    assert not is_same(np.zeros(3, np.float32), -np.zeros(3, np.float32))
    assert not is_same(a, "a")
    assert not is_same([1.0], [1.0])


def test_distances_of_other_types() -> None:
    assert distance(np.array([1, 2]), np.array([4, 6])) == 5
    assert distance(np.array([3j, 0]), np.array([0, 4])) == 5
    assert np.isnan(distance(np.float32([np.inf]), np.float32([np.inf])))


def test_lengths() -> None:
    assert length(np.array([[3.0], [-4.0]], np.float32)) == 5
    assert length(np.array([3j, 4])) == 5
    assert length(np.float32(1e30)) == pytest.approx(1e30)
    assert np.isnan(length(np.array([1.0, np.nan])))
