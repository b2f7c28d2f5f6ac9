"""Element types, and which type a Python value gets."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphscope as gs
from graphscope.graph.convert import as_array
from graphscope.graph.dtypes import ALL, QUANTIZED, DType, as_dtype, bfloat16, resource, variant
from graphscope.platform.data_types import DataType


@pytest.mark.parametrize("dtype", [t for t in ALL if t.name != "bfloat16"])  # not numpy's
def test_all_spellings_are_one_type(dtype):
    assert as_dtype(dtype.name) is dtype
    assert as_dtype(dtype) is dtype
    assert as_dtype(dtype.as_numpy_dtype) is dtype
    assert as_dtype(dtype.as_datatype_enum) is dtype
    assert DType(dtype.as_datatype_enum) is dtype
    assert dtype == dtype.name
    assert dtype == dtype.as_numpy_dtype
    assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert repr(dtype) == f"tf.{dtype.name}"


@pytest.mark.parametrize("dtype", ALL)
def test_ref_types(dtype):
    assert dtype.ref is dtype.ref.ref
    assert dtype.ref.is_ref
    assert not dtype.is_ref
    assert dtype.ref.base_dtype is dtype
    assert dtype.ref != dtype
    assert dtype.ref.is_compatible_with(dtype)
    assert as_dtype(f"{dtype.name}_ref") is dtype.ref
    assert as_dtype(dtype.as_datatype_enum + 100) is dtype.ref
    assert dtype.ref.real_dtype is dtype.real_dtype.ref
    assert pickle.loads(pickle.dumps(dtype.ref)) is dtype.ref


@pytest.mark.parametrize("dtype", ALL)
def test_every_type_is_of_one_sort(dtype):
    sorts = [dtype.is_floating, dtype.is_integer, dtype.is_complex, dtype.is_bool]
    assert sum(sorts) == (dtype is not gs.string)


def test_limits():
    assert (gs.uint8.min, gs.uint8.max) == (0, 255)
    assert gs.float32.max == np.finfo(np.float32).max
    assert gs.int64.size == 8
    assert (bfloat16.min, bfloat16.max) == (-3.3895313892515355e38, 3.3895313892515355e38)
    assert (gs.uint8.limits, gs.int8.limits, gs.float32.limits) == ((0, 255), (0, 127), (0, 1))
    for dtype in (gs.bool, gs.string, gs.complex64, resource):
        with pytest.raises(TypeError, match="Cannot find maximum value"):
            dtype.max  # noqa: B018
        with pytest.raises(KeyError):
            dtype.limits  # noqa: B018


@pytest.mark.parametrize("dtype", [*QUANTIZED, resource, variant])
def test_types_without_arrays(dtype):
    assert not any([dtype.is_integer, dtype.is_floating, dtype.is_bool, dtype.is_unsigned])
    assert as_dtype(dtype.name) is DType(dtype.as_datatype_enum) is dtype
    assert dtype.is_quantized == dtype.is_numpy_compatible == (dtype in QUANTIZED)
    assert dtype.short == dtype.ref.short == dtype.name
    if dtype.is_quantized:
        assert as_dtype(np.empty(2, dtype.as_numpy_dtype).dtype) is dtype
        assert dtype.ref.as_numpy_dtype == dtype.as_numpy_dtype
    else:
        with pytest.raises(KeyError):
            dtype.as_numpy_dtype  # noqa: B018


def test_the_numbers_of_types():
    assert DataType.Name(gs.float16.as_datatype_enum) == "DT_HALF"
    assert DataType.Value("DT_DOUBLE_REF") == 102
    assert DataType.keys()[0] == "DT_INVALID"
    assert len(DataType.values()) == 47  # as TensorFlow 1.15 has
    for wrong in (0, -1, 5000):
        with pytest.raises(TypeError, match="not a valid types_pb2"):
            DType(wrong)
    with pytest.raises(ValueError, match="no name defined"):
        DataType.Name(77)
    with pytest.raises(ValueError, match="no value defined"):
        DataType.Value("DT_NOTHING")


@pytest.mark.parametrize(
    "wrong", ["float33", "ref", object(), np.datetime64, int, str, bytes, None, 0, 1.5]
)
def test_what_is_no_type(wrong):
    with pytest.raises(TypeError, match="Cannot convert value"):
        as_dtype(wrong)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"),
        (2**31, "int64"),
        (-(2**31), "int32"),
        (1.0, "float32"),
        ([1, 2.5], "float32"),
        (True, "bool"),
        ("text", "string"),
        (b"text", "string"),
        (1j, "complex128"),
        ([], "float32"),
        (np.float64(1), "float64"),
        (np.array([1]), "int64"),
        ([np.float64(1), 2], "float32"),
        ([1, np.int64(2)], "int32"),
        ([np.float16(1)], "float16"),
        (np.zeros(2, np.uint8), "uint8"),
        (gs.TensorShape([2, 3]), "int32"),
        (gs.Dimension(3), "int32"),
        ([gs.Dimension(3), -1], "int32"),
    ],
)
def test_the_type_that_a_value_gets(value, dtype):
    assert as_dtype(as_array(value).dtype).name == dtype


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(1.5, gs.int32), ("a", gs.float32), (1, gs.string), ([1.0], gs.int64), (1, gs.bool)],
)
def test_a_value_that_does_not_fit(value, dtype):
    with pytest.raises(TypeError, match="Expected"):
        as_array(value, dtype)


@pytest.mark.parametrize(
    ("value", "dtype", "result"),
    [
        (True, gs.float32, 1.0),
        ([True, False], gs.int32, [1, 0]),
        (np.array([True, False]), gs.float32, [1.0, 0.0]),
        (np.array([1, 0]), gs.bool, [True, False]),
        (np.array([1.5]), gs.int32, [1]),
    ],
)
def test_a_value_that_is_converted(value, dtype, result):
    assert as_array(value, dtype).tolist() == result


def test_a_list_of_arrays_is_no_tensor_but_can_be_stacked():
    arrays = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    with pytest.raises(ValueError, match="dense"):
        as_array(arrays)
    assert gs.stack(arrays).shape == [2, 2]


def test_numbers_among_texts_are_refused():
    with pytest.raises(TypeError, match="two"):
        as_array([1.0, "two"])
    with pytest.raises(TypeError, match="None"):
        as_array([None, 1.0])


def test_texts_keep_every_byte():
    assert as_array([b"a\0", "é"]).tolist() == [b"a\0", "é".encode()]


@given(st.recursive(st.floats(-1e6, 1e6, width=32), lambda x: st.lists(x, min_size=1, max_size=3)))
def test_nested_lists(value):
    """Rectangular lists become arrays, ragged ones are refused with a word on why."""
    try:
        expected = np.asarray(value, np.float32)
    except ValueError:
        with pytest.raises(ValueError, match="ragged"):
            as_array(value)
    else:
        assert as_array(value).dtype == np.float32
        np.testing.assert_array_equal(as_array(value), expected)
