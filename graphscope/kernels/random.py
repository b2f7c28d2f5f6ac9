"""Counter-based random numbers: Philox 4x32-10, the same as TensorFlow 1.15 draws on a CPU.

A key is the pair (seed, seed2) of a TensorFlow random op. The numbers of a key are one long stream
of 128-bit samples, and every sample can be computed by itself from its position; so any draw of the
past can be drawn again, and nothing has a state. An op draws from a position, and the next run of
the same op draws from `position + reserved(count)`.

Uniform numbers are TensorFlow's bit for bit. Normal numbers go through log, sin and cos, which
differ in their last bit between mathematical libraries; here they are computed in float64 and
rounded, and are within 2 units in the last place of TensorFlow's (float32).

Sources: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); TensorFlow's
philox_random.h, random_distributions.h, random_op.cc and guarded_philox_random.h.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Key = tuple[int, int]

_32 = np.uint64(32)
_MASK32 = np.uint64(0xFFFFFFFF)
_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], np.uint64)
_WEYL = np.array([[0x9E3779B9], [0xBB67AE85]], np.uint64)

# TensorFlow reserves this many samples for every output, whatever the op needs (it counts 128-bit
# samples where it means 32-bit ones; the streams of old runs depend on it).
_RESERVED_PER_OUTPUT = 256

_CHUNK = 16384  # samples computed together: few calls of numpy, and their words stay in the cache


def fresh_key() -> Key:
    """A key from the operating system: what an op without seeds, (0, 0), draws from."""
    drawn = os.urandom(16)  # the module secrets, which does the same, takes long to import
    return int.from_bytes(drawn[:8], "little"), int.from_bytes(drawn[8:], "little")


def reserved(count: int) -> int:
    """How many 128-bit samples one draw of `count` outputs moves the position."""
    return count * _RESERVED_PER_OUTPUT


def samples(key: Key, positions: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The 128-bit samples at these positions of the key's stream: [positions, 4 words].

    For ops with rules of their own (shuffles, multinomial). Positions are below 2**64.
    """
    words = np.empty((positions.size, 4), np.uint32)
    for start in range(0, positions.size, _CHUNK):
        _philox(key, positions[start : start + _CHUNK], words[start : start + _CHUNK])
    return words


def _philox(key: Key, positions: NDArray[np.uint64], words: NDArray[np.uint32]) -> None:
    """Ten rounds of Philox over counters (position, seed2), written into words."""
    seed, seed2 = key[0] & (1 << 64) - 1, key[1] & (1 << 64) - 1
    seed2_halves = np.array([seed2 & 0xFFFFFFFF, seed2 >> 32], np.uint64)
    round_key = np.array([[seed & 0xFFFFFFFF], [seed >> 32]], np.uint64)
    # Words 0 and 2 of the counter are multiplied, words 1 and 3 are mixed in.
    even = np.empty((2, positions.size), np.uint64)
    odd = np.empty_like(even)
    even[0], odd[0] = positions & _MASK32, positions >> _32
    even[1], odd[1] = seed2_halves
    product = np.empty_like(even)
    crossed = product[::-1]
    for _ in range(10):
        np.multiply(even, _MULTIPLIERS, out=product)
        np.right_shift(crossed, _32, out=even)
        even ^= odd
        even ^= round_key
        np.bitwise_and(crossed, _MASK32, out=odd)
        round_key = (round_key + _WEYL) & _MASK32
    words[:, 0::2] = even.T
    words[:, 1::2] = odd.T


def uniform(
    key: Key, position: int, shape: Sequence[int], dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Numbers in [0, 1) (TensorFlow's RandomUniform). dtype: float16, float32 or float64."""
    dtype = _float_dtype(dtype)
    count = prod(shape)
    words = samples(key, _positions(position, count, _per_sample(dtype)))
    return _shaped(_unit(words, dtype), shape)


def uniform_int(
    key: Key,
    position: int,
    shape: Sequence[int],
    low: int,
    high: int,
    dtype: DTypeLike = np.int32,
) -> NDArray[Any]:
    """Integers in [low, high) (TensorFlow's RandomUniformInt). dtype: int32 or int64.

    By a remainder, as in TensorFlow: unless high - low is a power of 2, small numbers are a little
    more frequent. ValueError: low >= high, or they do not fit the dtype.
    """
    dtype = np.dtype(dtype)
    if dtype not in (np.int32, np.int64):
        raise TypeError(f"random integers are int32 or int64, not {dtype}")
    if low >= high:
        raise ValueError(f"Need minval < maxval, got {low} >= {high}")
    limits = np.iinfo(dtype)
    if low < limits.min or high > limits.max:
        raise ValueError(f"[{low}, {high}) does not fit {dtype}")
    bits: NDArray[Any] = samples(key, _positions(position, prod(shape), _per_sample(dtype)))
    if dtype == np.int64:
        wide = bits.astype(np.uint64)
        bits = wide[:, 0::2] | wide[:, 1::2] << _32
    # Unsigned throughout, for high - low may not fit the signed type; the sum wraps to its place.
    unsigned = bits.dtype.type
    numbers = bits % unsigned(high - low) + unsigned(low % (1 << 8 * dtype.itemsize))
    return _shaped(numbers.view(dtype), shape)


def normal(
    key: Key, position: int, shape: Sequence[int], dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Numbers of mean 0 and deviation 1 (TensorFlow's RandomStandardNormal).

    dtype: float16, float32 or float64.
    """
    dtype = _float_dtype(dtype)
    words = samples(key, _positions(position, prod(shape), _per_sample(dtype)))
    return _shaped(_box_muller(words, dtype).astype(dtype), shape)


def truncated_normal(
    key: Key, position: int, shape: Sequence[int], dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Normal numbers, drawn again until they lie in (-2, 2) (TensorFlow's TruncatedNormal).

    dtype: float16, float32 or float64. A number within rounding of 2 may be kept here and not by
    TensorFlow, or the reverse; then the rest of its group of 4 (float64: of 2) differs.
    """
    dtype = _float_dtype(dtype)
    group = _per_sample(dtype)
    # A group of outputs has a stretch of the stream to itself, whatever the others reject.
    starts = _positions(position, prod(shape), group, group * _RESERVED_PER_OUTPUT // 4)
    out = np.empty((starts.size, group), dtype)
    filled = np.zeros(starts.size, np.intp)
    pending = np.arange(starts.size)
    attempt = 0
    while pending.size:
        words = samples(key, starts[pending] + np.uint64(attempt))
        for candidates in _box_muller(words, dtype).T:
            taken = (np.abs(candidates) < 2) & (filled[pending] < group)
            rows = pending[taken]
            out[rows, filled[rows]] = candidates[taken]
            filled[rows] += 1
        pending = pending[filled[pending] < group]
        attempt += 1
    return _shaped(out, shape)


def _float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    dtype = np.dtype(dtype)
    if dtype not in (np.float16, np.float32, np.float64):
        raise TypeError(f"random numbers are float16, float32 or float64, not {dtype}")
    return dtype


def _per_sample(dtype: np.dtype[Any]) -> int:
    """How many numbers one 128-bit sample makes."""
    return 2 if dtype.itemsize == 8 else 4


def _positions(position: int, count: int, group: int, step: int = 1) -> NDArray[np.uint64]:
    """The position of the first sample of each group of outputs, `step` samples apart."""
    groups = -(-count // group)
    positions = np.arange(groups, dtype=np.uint64)
    positions *= np.uint64(step)
    positions += np.uint64(position)
    return positions


def _shaped(groups: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """The outputs in order; those of the last group that are not wanted are dropped."""
    return groups.reshape(-1)[: prod(shape)].reshape(tuple(shape))


def _unit(words: NDArray[np.uint32], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Numbers in [0, 1) whose bits are the low bits of the words, as many as the mantissa has."""
    numbers: NDArray[Any]
    if dtype == np.float64:
        wide = words.astype(np.uint64)
        mantissa = (wide[:, 0::2] & np.uint64(0xFFFFF)) << _32 | wide[:, 1::2]
        numbers = mantissa.astype(dtype)
        bits = 52
    else:
        bits = np.finfo(dtype).nmant
        numbers = (words & np.uint32((1 << bits) - 1)).astype(dtype)
    numbers *= dtype.type(2.0**-bits)
    return numbers


def _box_muller(words: NDArray[np.uint32], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Normal numbers: each two uniform numbers u, v give r sin(2 pi v), r cos(2 pi v).

    float16 numbers are computed, and left, in float32, as in TensorFlow.
    """
    wide = np.promote_types(dtype, np.float32)
    unit = _unit(words, wide)
    # log gets no number below 1e-7, in either type.
    radius = np.maximum(unit[:, 0::2], wide.type(1e-7)).astype(np.float64)
    angle = (2 * np.pi * unit[:, 1::2].astype(np.float64)).astype(wide).astype(np.float64)
    # Each function is rounded to the type before it is used, as a float32 library would.
    radius = np.sqrt(wide.type(-2) * np.log(radius).astype(wide))
    numbers = np.empty(unit.shape, wide)
    numbers[:, 0::2] = radius * np.sin(angle).astype(wide)
    numbers[:, 1::2] = radius * np.cos(angle).astype(wide)
    return numbers
