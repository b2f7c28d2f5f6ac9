"""The random numbers against those of TensorFlow 1.15 (tests/goldens/make_random.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphscope.kernels import random

GOLDENS = np.load(Path(__file__).parents[1] / "goldens" / "random.npz")
FLOAT_OPS = {
    "RandomUniform": random.uniform,
    "RandomStandardNormal": random.normal,
    "TruncatedNormal": random.truncated_normal,
}
# log, sin and cos of two good libraries differ by an ulp, and their product by two. float16 results
# are rounded from float32, which may move one by a whole (float16) ulp. Before numpy 2 the float64
# sine and cosine may themselves be off by a few ulps.
ULPS = {"float16": 1, "float32": 2, "float64": 3}


def draw(name: str, run: int) -> NDArray[Any]:
    """What run number `run` of the op of this golden gives."""
    op, dtype, seed, seed2, low, high = name.split("|")
    shape = GOLDENS[name].shape[1:]
    key = int(seed), int(seed2)
    position = run * random.reserved(int(np.prod(shape)))
    if op == "RandomUniformInt":
        return random.uniform_int(key, position, shape, int(low), int(high), dtype)
    return FLOAT_OPS[op](key, position, shape, dtype)


@pytest.mark.parametrize("run", [0, 1])
@pytest.mark.parametrize("name", [name for name in GOLDENS.files if "Uniform" in name])
def test_uniform_numbers_are_tensorflows_bit_for_bit(name: str, run: int) -> None:
    expected = GOLDENS[name][run]
    result = draw(name, run)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("run", [0, 1])
@pytest.mark.parametrize("name", [name for name in GOLDENS.files if "Normal" in name])
def test_normal_numbers_are_tensorflows_up_to_rounding(name: str, run: int) -> None:
    expected = GOLDENS[name][run]
    result = draw(name, run)
    assert result.dtype == expected.dtype
    np.testing.assert_array_max_ulp(result, expected, ULPS[str(expected.dtype)])


def test_philox_gives_the_published_vectors() -> None:
    """From the authors' known-answer tests (Random123, kat_vectors, philox4x32 10)."""
    zeros = random.samples((0, 0), np.array([0], np.uint64))
    assert zeros.tolist() == [[0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]]
    ones = random.samples((-1, -1), np.array([2**64 - 1], np.uint64))
    assert ones.tolist() == [[0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]]
    digits_of_pi = random.samples(
        (0x299F31D0A4093822, 0x0370734413198A2E), np.array([0x85A308D3243F6A88], np.uint64)
    )
    assert digits_of_pi.tolist() == [[0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]]


@given(
    position=st.integers(0, 2**63),
    count=st.integers(0, 40),
    skip=st.integers(0, 10),
    seed=st.integers(-(2**63), 2**63 - 1),
)
def test_a_draw_is_a_window_on_the_stream(position: int, count: int, skip: int, seed: int) -> None:
    whole = random.uniform((seed, 1), position, [4 * skip + count], np.float32)
    part = random.uniform((seed, 1), position + skip, [count], np.float32)
    np.testing.assert_array_equal(whole[4 * skip :], part)


def test_a_long_draw_is_the_same_as_its_pieces() -> None:
    count = 4 * 40_000
    whole = random.uniform((1, 2), 0, [count])
    assert (whole[-400:] == random.uniform((1, 2), count // 4 - 100, [400])).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3)])
@pytest.mark.parametrize("op", FLOAT_OPS.values())
def test_shapes_and_dtypes(op: Any, shape: tuple[int, ...], dtype: Any) -> None:
    result = op((1, 2), 3, shape, dtype)
    assert isinstance(result, np.ndarray)
    assert (result.shape, result.dtype) == (shape, dtype)
    assert result.flags.c_contiguous


def test_distributions() -> None:
    uniform = random.uniform((1, 2), 0, [100_000])
    normal = random.normal((1, 2), 0, [100_000])
    truncated = random.truncated_normal((1, 2), 0, [100_000])
    assert 0 <= uniform.min() < 0.001
    assert 0.999 < uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.005
    assert abs(normal.mean()) < 0.015
    assert abs(normal.std() - 1) < 0.01
    assert 1.99 < np.abs(truncated).max() < 2
    assert abs(truncated.std() - 0.8796) < 0.01  # of a normal cut at 2 deviations


def test_the_smallest_uniform_number_does_not_reach_log() -> None:
    words = np.array([[0, 0, 0, 0x200000]], np.uint32)  # u = 0; v = 0 and 1/4
    numbers = random._box_muller(words, np.dtype(np.float32))
    radius = np.sqrt(np.float32(-2) * np.log(np.float32(1e-7)))
    np.testing.assert_allclose(numbers, [[0, radius, radius, 0]], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_integers_reach_both_ends(dtype: Any) -> None:
    numbers = random.uniform_int((1, 2), 0, [1000], -2, 2, dtype)
    assert set(numbers.tolist()) == {-2, -1, 0, 1}
    assert (random.uniform_int((1, 2), 0, [5], 3, 4, dtype) == 3).all()


def test_errors() -> None:
    with pytest.raises(ValueError, match="Need minval < maxval, got 3 >= 3"):
        random.uniform_int((1, 2), 0, [1], 3, 3)
    with pytest.raises(ValueError, match="does not fit int32"):
        random.uniform_int((1, 2), 0, [1], 0, 2**31)
    with pytest.raises(TypeError, match="int32 or int64, not uint8"):
        random.uniform_int((1, 2), 0, [1], 0, 3, np.uint8)
    for op in FLOAT_OPS.values():
        with pytest.raises(TypeError, match="not int32"):
            op((1, 2), 0, [1], np.int32)


def test_fresh_keys_differ() -> None:
    assert random.fresh_key() != random.fresh_key()
    assert all(0 <= half < 2**64 for half in random.fresh_key())


def test_reserved() -> None:
    assert random.reserved(0) == 0
    assert random.reserved(35) == 35 * 256
