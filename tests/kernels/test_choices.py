"""Choices by bits give what numpy's `where` gives, bit by bit."""

import numpy as np
import pytest

from graphscope.kernels.choices import bits, chosen, masked

ODD = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.5, -2.0, 5e-8]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "i8"])
def test_by_bits_as_where(dtype):
    random = np.random.RandomState(0)
    values = random.permutation(np.arange(24) - (0 if dtype[0] == "u" else 12)).astype(dtype)
    if dtype[0] == "f":
        values[:8] = ODD
    mask, others = random.rand(24) > 0.5, random.permutation(values)
    assert mask.any()
    assert not mask.all()
    zero = values.dtype.type(0)
    assert np.array_equal(bits(masked(values, mask)), bits(np.where(mask, values, zero)))
    right = np.where(mask, values, others)
    assert np.array_equal(bits(chosen(values, mask, others)), bits(right))


def test_into_another_array_and_out_of_views():
    values = np.arange(24.0).reshape(2, 3, 4)
    mask = np.asarray(values[:, ::2] % 3 == 0)
    out = np.full((2, 4, 4), 9.0)
    masked(values[:, ::2], mask, out=out[:, ::2][:, :2])
    assert np.array_equal(out[:, ::2], np.where(mask, values[:, ::2], 0))
    assert (out[:, 1::2] == 9).all()


def test_a_single_number():
    assert masked(np.float32(3), np.asarray(True)) == 3
    assert masked(np.float32(3), np.asarray(False)) == 0
