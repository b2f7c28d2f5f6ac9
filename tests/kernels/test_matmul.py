"""Every implementation of the matrix product, in every layout, against a wider numpy product."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphscope.kernels import matmul as module
from graphscope.kernels.matmul import IMPLEMENTATIONS, matmul

Array = NDArray[Any]
Implementation = Callable[..., Array]

FLOATS = [np.float32, np.float64]
EVERY = {**IMPLEMENTATIONS, "chosen": matmul}

every_implementation = pytest.mark.parametrize("multiply", EVERY.values(), ids=EVERY)
every_float = pytest.mark.parametrize("dtype", FLOATS)
every_transpose = pytest.mark.parametrize(
    ("transpose_a", "transpose_b"), [(False, False), (False, True), (True, False), (True, True)]
)
needs_c = pytest.mark.skipif("c" not in IMPLEMENTATIONS, reason="the extension is not compiled")


def laid_out(values: Array, layout: str) -> Array:
    """The same values in another memory layout; what lies between them is NaN."""
    rows, columns = values.shape
    if layout == "C":
        return values.copy()
    if layout == "F":
        return np.asfortranarray(values)
    if layout == "unaligned":
        memory = np.full(values.nbytes + 1, 255, np.uint8)
        result = memory[1:].view(values.dtype).reshape(rows, columns)
    elif layout == "reversed":
        result = np.full((rows, columns), np.nan, values.dtype)[::-1, ::-1]
    elif layout == "wide rows":
        result = np.full((rows, columns + 3), np.nan, values.dtype)[:, 1 : columns + 1]
    else:
        assert layout == "every second"
        result = np.full((2 * rows, 3 * columns), np.nan, values.dtype)[1::2, ::-3]
    result[...] = values
    return result


LAYOUTS = ["C", "F", "unaligned", "reversed", "wide rows", "every second"]


def matrices(rows: int, inner: int, columns: int, dtype: Any) -> tuple[Array, Array]:
    random = np.random.default_rng(rows * 31 + inner * 7 + columns)
    a = random.standard_normal((rows, inner)).astype(dtype)
    b = random.standard_normal((inner, columns)).astype(dtype)
    return a, b


def assert_is_product(result: Array, a: Array, b: Array) -> None:
    """Within n eps |a| |b|, the bound of a sum of n products in any order."""
    wide = np.float64 if result.dtype == np.float32 else np.longdouble
    exact = a.astype(wide) @ b.astype(wide)
    bound = np.abs(a).astype(wide) @ np.abs(b).astype(wide)
    bound *= max(1, a.shape[1]) * np.finfo(result.dtype).eps
    assert result.shape == exact.shape
    assert result.dtype == a.dtype == b.dtype
    assert (np.abs(result - exact) <= bound).all()


sizes = st.one_of(st.integers(0, 5), st.integers(0, 40), st.sampled_from([64, 65, 100]))


@every_implementation
@settings(deadline=None)  # it is not about time
@given(
    rows=sizes,
    inner=sizes,
    columns=sizes,
    dtype=st.sampled_from(FLOATS),
    transpose_a=st.booleans(),
    transpose_b=st.booleans(),
    layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 3),
)
def test_every_shape_and_layout(
    multiply: Implementation,
    rows: int,
    inner: int,
    columns: int,
    dtype: Any,
    transpose_a: bool,
    transpose_b: bool,
    layouts: tuple[str, str, str],
) -> None:
    a, b = matrices(rows, inner, columns, dtype)
    stored_a = laid_out(a.T if transpose_a else a, layouts[0])
    stored_b = laid_out(b.T if transpose_b else b, layouts[1])
    result = multiply(stored_a, stored_b, transpose_a, transpose_b)
    assert result.flags.c_contiguous
    assert_is_product(result, a, b)

    out = laid_out(np.full((rows, columns), np.nan, dtype), layouts[2])
    memory = out if out.base is None else out.base
    between = np.count_nonzero(np.isnan(memory)) if memory.dtype == dtype else None
    assert multiply(stored_a, stored_b, transpose_a, transpose_b, out) is out
    assert_is_product(out, a, b)
    if between is not None:  # nothing was written beside the result
        assert np.count_nonzero(np.isnan(memory)) == between - out.size


@every_implementation
@every_float
@every_transpose
@pytest.mark.parametrize(
    "shape",
    [(100, 784, 10), (1, 784, 10), (13, 600, 75), (250, 20, 33), (300, 520, 34), (60, 40, 1100)],
)
def test_products_of_several_blocks(
    multiply: Implementation,
    shape: tuple[int, int, int],
    dtype: Any,
    transpose_a: bool,
    transpose_b: bool,
) -> None:
    a, b = matrices(*shape, dtype)
    stored_a = laid_out(a.T if transpose_a else a, "C")
    stored_b = laid_out(b.T if transpose_b else b, "C")
    assert_is_product(multiply(stored_a, stored_b, transpose_a, transpose_b), a, b)


@every_implementation
@every_float
def test_rows_that_overlap_and_rows_that_repeat(multiply: Implementation, dtype: Any) -> None:
    series = np.arange(60, dtype=dtype)
    windows = np.lib.stride_tricks.sliding_window_view(series, 3)
    repeated = np.broadcast_to(series[:3], (58, 3))
    ones = np.ones((2, 58), dtype)
    assert_is_product(multiply(ones, windows), ones, windows)
    assert_is_product(multiply(ones, repeated), ones, repeated)
    assert_is_product(multiply(repeated, windows, False, True), repeated, windows.T)


@every_implementation
@every_float
def test_no_inner_elements_give_zeros(multiply: Implementation, dtype: Any) -> None:
    out = np.full((3, 4), np.nan, dtype)
    multiply(np.empty((3, 0), dtype), np.empty((0, 4), dtype), out=out)
    assert (out == 0).all()
    assert (multiply(np.empty((3, 0), dtype), np.empty((0, 4), dtype)) == 0).all()


@every_implementation
@every_float
@np.errstate(invalid="ignore")
def test_infinity_and_nan_stay_in_their_place(multiply: Implementation, dtype: Any) -> None:
    for size in 3, 70:  # 70: beyond the small results of the numpy implementation
        a = np.ones((size, 3), dtype)
        a[0, 0], a[1, 1], a[2, :2] = np.inf, np.nan, [np.inf, -np.inf]
        result = multiply(a, np.ones((3, size), dtype))
        assert (result[0] == np.inf).all()
        assert np.isnan(result[1:3]).all()
        assert (result[3:] == 3).all()


@every_implementation
def test_the_result_is_never_a_view(multiply: Implementation) -> None:
    a, one = np.array([[2.0]]), np.array([[1.0]])
    result = multiply(a, one)
    assert not np.shares_memory(result, a)
    assert not np.shares_memory(result, one)


@pytest.mark.parametrize("multiply", [matmul, IMPLEMENTATIONS["numpy"]])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float16, np.complex64, np.complex128])
@every_transpose
def test_other_dtypes(
    multiply: Implementation, dtype: Any, transpose_a: bool, transpose_b: bool
) -> None:
    random = np.random.default_rng(0)
    a = random.integers(-9, 9, (3, 5)).astype(dtype)
    b = random.integers(-9, 9, (5, 4)).astype(dtype)
    if np.issubdtype(dtype, np.complexfloating):
        a, b = a * dtype(1j), b + dtype(2j)
    result = multiply(
        a.T.copy() if transpose_a else a, b.T.copy() if transpose_b else b, transpose_a, transpose_b
    )
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, np.matmul(a, b))


def test_bytes_in_the_other_order_are_left_to_numpy() -> None:
    a = np.eye(3).astype(np.dtype(np.float64).newbyteorder())
    np.testing.assert_array_equal(matmul(a, a), np.eye(3))


def overlapping_out() -> tuple[Array, Array, Array]:
    memory = np.zeros((4, 2))
    return memory[1:3], np.zeros((2, 2)), memory[2:]


def read_only_out() -> tuple[Array, Array, Array]:
    out = np.zeros((2, 2))
    out.flags.writeable = False
    return np.zeros((2, 2)), np.zeros((2, 2)), out


ERRORS = {
    "inner sizes": (
        (np.zeros((4, 3)), np.zeros((2, 5))),
        ValueError,
        r"^matmul: \[4, 3\] times \[2, 5\]: inner sizes 3 and 2 differ$",
    ),
    "dimensions of a": (
        (np.zeros(3), np.zeros((3, 2))),
        ValueError,
        r"^matmul: a and b must have 2 dimensions, not 1 and 2: \[3\] times \[3, 2\]$",
    ),
    "dimensions of b": (
        (np.zeros((3, 2)), np.zeros((1, 2, 2))),
        ValueError,
        r"^matmul: a and b must have 2 dimensions, not 2 and 3",
    ),
    "dtypes": (
        (np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float64)),
        TypeError,
        r"^matmul: a, b and out must have one dtype|^matmul: a and b must have one dtype",
    ),
    "dtype of out": (
        (np.zeros((2, 2)), np.zeros((2, 2)), False, False, np.zeros((2, 2), np.float32)),
        TypeError,
        r"^matmul: a, b and out must have one dtype|^matmul: out must have the dtype of a and b",
    ),
    "shape of out": (
        (np.zeros((2, 3)), np.zeros((3, 4)), False, False, np.zeros((4, 2))),
        ValueError,
        r"^matmul: out must be \[2, 4\], not \[4, 2\]$",
    ),
    "read-only out": (
        (*read_only_out()[:2], False, False, read_only_out()[2]),
        ValueError,
        r"^matmul: out is read-only$",
    ),
    "overlapping out": (
        (lambda a, b, out: (a, b, False, False, out))(*overlapping_out()),
        ValueError,
        r"^matmul: out must not overlap a or b in memory$",
    ),
}


@every_implementation
@pytest.mark.parametrize(("arguments", "error", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(
    multiply: Implementation, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        multiply(*arguments)


@needs_c
class TestTheExtension:
    """What only a direct call of the C function can meet."""

    def multiply(self, *arguments: Any) -> None:
        module._native.matmul(*arguments)

    def test_errors(self) -> None:
        x = np.zeros((2, 2))
        with pytest.raises(TypeError, match="3 arguments given"):
            self.multiply(x, x, x)
        with pytest.raises(TypeError, match="b must be an array, not list"):
            self.multiply(x, [[1.0]], x, False, False)
        with pytest.raises(TypeError, match=r"a must be float32 or float64, not format '[lq]'"):
            self.multiply(x.astype(np.int64), x, x, False, False)
        with pytest.raises(TypeError, match="out must be float32 or float64, not format 'Zd'"):
            self.multiply(x, x, x.astype(complex), False, False)
        with pytest.raises(TypeError, match=r"a must be float32 or float64, not format '[<>]d'"):
            self.multiply(x.astype(x.dtype.newbyteorder()), x, x, False, False)
        with pytest.raises(ValueError, match="a must have 2 dimensions, not 1"):
            self.multiply(x[0], x, x, False, False)
        with pytest.raises(ValueError, match="out must have 2 dimensions, not 3"):
            self.multiply(x, x, x[None], False, False)
        with pytest.raises(ValueError, match="truth value"):
            self.multiply(x, x, x.copy(), x, False)

    def test_no_view_is_held_after_a_call(self) -> None:
        """A bytearray cannot be resized while a view of it is held."""
        memory = bytearray(32)
        a = memoryview(memory).cast("d", [2, 2])
        out = np.empty((2, 2))
        self.multiply(a, a, out, False, False)
        with pytest.raises(ValueError, match="2 dimensions"):
            self.multiply(a, a, out[0], False, False)
        with pytest.raises(ValueError, match="inner sizes"):
            self.multiply(a, np.empty((3, 2)), out, False, False)
        a.release()
        memory.append(0)

    def test_references_do_not_grow(self) -> None:
        a, out = np.ones((2, 2)), np.empty((2, 2))
        before = sys.getrefcount(a), sys.getrefcount(out)
        for _ in range(100):
            self.multiply(a, a, out, False, False)
            with pytest.raises(ValueError, match="overlap"):
                self.multiply(a, a, a, False, False)
        assert (sys.getrefcount(a), sys.getrefcount(out)) == before

    def test_the_interpreter_goes_on_during_a_large_product(self) -> None:
        a, out = np.ones((500, 500)), np.empty((500, 500))

        def seen_at_work() -> bool:
            """Whether this thread ran while another one was in the product."""
            begun, ended = threading.Event(), threading.Event()

            def work() -> None:
                begun.set()
                self.multiply(a, a, out, False, False)
                ended.set()

            thread = threading.Thread(target=work)
            thread.start()
            begun.wait()
            at_work = not ended.is_set()
            thread.join()
            return at_work

        interval = sys.getswitchinterval()
        sys.setswitchinterval(60)  # so that nothing but a release lets this thread go on
        try:
            assert any(seen_at_work() for _ in range(100))
        finally:
            sys.setswitchinterval(interval)
        assert (out == 500).all()


def test_everything_works_without_the_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.import_module("graphscope.kernels")
    monkeypatch.setitem(sys.modules, "graphscope.kernels._native", None)
    monkeypatch.delattr(package, "_native", raising=False)
    for name in "handover", "matmul":
        spec = importlib.util.find_spec(f"graphscope.kernels.{name}")
        assert spec is not None
        assert spec.loader is not None
        plain = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, plain)
        spec.loader.exec_module(plain)
    assert list(plain.IMPLEMENTATIONS) == ["numpy"]
    assert not plain.in_c(3, 4, 5, np.dtype(np.float32))
    assert plain.use_threads(2) == 1
    a, b = matrices(3, 4, 5, np.float32)
    assert_is_product(plain.matmul(a, b), a, b)
