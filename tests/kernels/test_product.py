"""Prepared products: the bits of the steps done one by one, on every set of instructions."""

from __future__ import annotations

import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

_native = pytest.importorskip("graphscope.kernels._native", reason="the extension is not compiled")
Operand, Product = _native.Operand, _native.Product

Array = NDArray[Any]

#: Beyond the largest tile in both directions, and beyond a block of the inner dimension.
sizes = st.one_of(st.integers(0, 6), st.integers(0, 40), st.sampled_from([12, 13, 25, 64, 65, 100]))
inner_sizes = st.one_of(st.integers(0, 40), st.sampled_from([255, 256, 257, 520]))
dtypes = st.sampled_from([np.float32, np.float64])
LAYOUTS = ["C", "F", "unaligned", "reversed", "wide rows", "every second"]
layouts = st.sampled_from(LAYOUTS)
KINDS = ["plain", "bias", "relu", "bias relu", "base", "rate"]
#: What numbers may be: usual ones, or also those that are not like the others.
VALUES = ["usual", "odd"]

every_set = pytest.mark.parametrize("name", _native.INSTRUCTIONS)


@pytest.fixture(autouse=True)
def _instructions() -> Iterator[None]:
    before = _native.use(_native.INSTRUCTIONS[-1])
    yield
    _native.use(before)


def numbers(random: np.random.Generator, shape: tuple[int, ...], dtype: Any, values: str) -> Array:
    result = random.standard_normal(shape).astype(dtype)
    if values == "odd":
        tiny = np.finfo(dtype).tiny
        odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, tiny, -tiny, -1e-30, 1e30], dtype)
        chosen = random.random(shape) < 0.2
        result = np.where(chosen, random.choice(odd, shape), result).astype(dtype)
    return result


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


def assert_same_bits(actual: Array, wanted: Array) -> None:
    """Any NaN is as good as another: which of two is kept is not said anywhere."""
    np.testing.assert_array_equal(actual, wanted)
    number = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(actual)[number], np.signbit(wanted)[number])


def step_by_step(product: Array, kind: str, bias: Array, base: Array, rate: Array) -> Array:
    if "bias" in kind:
        product = np.add(product, bias)
    if "relu" in kind:
        product = np.maximum(product, product.dtype.type(0))
    if kind == "base":
        product = base + product
    if kind == "rate":
        product = base - rate * product
    return product


def prepared(kind: str, bias: Array, base: Any, rate: Array) -> dict[str, Any]:
    keywords: dict[str, Any] = {"relu": "relu" in kind}
    if "bias" in kind:
        keywords["bias"] = Operand(bias)
    if kind in ("base", "rate"):
        keywords["base"] = base
    if kind == "rate":
        keywords["rate"] = Operand(rate)
    return keywords


@every_set
@pytest.mark.parametrize("values", VALUES)
@np.errstate(all="ignore")
@settings(deadline=None)  # it is not about time
@given(
    rows=sizes,
    inner=inner_sizes,
    columns=sizes,
    dtype=dtypes,
    transposed=st.tuples(st.booleans(), st.booleans()),
    places=st.tuples(layouts, layouts, layouts, layouts),
    kind=st.sampled_from(KINDS),
    in_place=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_bits_of_the_single_steps(
    name: str,
    values: str,
    rows: int,
    inner: int,
    columns: int,
    dtype: Any,
    transposed: tuple[bool, bool],
    places: tuple[str, str, str, str],
    kind: str,
    in_place: bool,
    seed: int,
) -> None:
    _native.use(name)
    random = np.random.default_rng(seed)
    a = numbers(random, (rows, inner), dtype, values)
    b = numbers(random, (inner, columns), dtype, values)
    bias = numbers(random, (columns,), dtype, values)
    base = laid_out(numbers(random, (rows, columns), dtype, values), places[3])
    rate = np.array(random.random(), dtype)
    stored_a = laid_out(a.T if transposed[0] else a, places[0])
    stored_b = laid_out(b.T if transposed[1] else b, places[1])
    plain = np.empty((rows, columns), dtype)
    _native.matmul(a, b, plain, False, False)
    wanted = step_by_step(plain, kind, bias, base, rate)

    out = laid_out(np.full((rows, columns), np.nan, dtype), places[2])
    place = Operand(out)
    if in_place and inner <= 256:
        out[...] = base
        base_place = place
    else:
        base_place = Operand(base)
    product = Product(
        Operand(stored_a),
        Operand(stored_b),
        place,
        transpose_a=transposed[0],
        transpose_b=transposed[1],
        **prepared(kind, bias, base_place, rate),
    )
    assert product() is None
    assert_same_bits(out, wanted)
    if base_place is not place:  # again, into what is there
        product()
        assert_same_bits(out, wanted)


@settings(deadline=None)
@given(rows=sizes, inner=inner_sizes, columns=sizes, dtype=dtypes, seed=st.integers(0, 99))
@pytest.mark.skipif("avx512" not in _native.INSTRUCTIONS, reason="there is only one set with FMA")
def test_all_sets_with_fused_multiplication_give_the_same_bits(
    rows: int, inner: int, columns: int, dtype: Any, seed: int
) -> None:
    random = np.random.default_rng(seed)
    a = random.standard_normal((rows, inner)).astype(dtype)
    b = random.standard_normal((inner, columns)).astype(dtype)
    results = []
    for name in "avx2", "avx512":
        _native.use(name)
        results.append(np.empty((rows, columns), dtype))
        _native.matmul(a, b, results[-1], False, False)
    np.testing.assert_array_equal(*results)


@every_set
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_relu_keeps_nan_and_makes_minus_zero_zero(name: str, dtype: Any) -> None:
    _native.use(name)
    tiny = np.finfo(dtype).tiny
    a = np.array([[-tiny], [np.nan], [np.inf], [-np.inf], [2], [-2]], dtype)
    b = np.full((1, 37), tiny, dtype)  # fused, the sums of the first row are -0
    plain, out = np.empty((6, 37), dtype), np.empty((6, 37), dtype)
    _native.matmul(a, b, plain, False, False)
    assert np.signbit(plain[0]).all() or name == "portable"
    Product(Operand(a), Operand(b), Operand(out), relu=True)()
    assert_same_bits(out, np.maximum(plain, dtype(0)))
    assert not np.signbit(out[0]).any()
    assert np.isnan(out[1]).all()


@every_set
@pytest.mark.parametrize("kind", KINDS)
def test_operands_may_be_set_between_calls(name: str, kind: str) -> None:
    _native.use(name)
    random = np.random.default_rng(0)
    out, bias, base = np.empty((5, 20)), random.random(20), random.random((5, 20))
    a, b = Operand(np.empty((5, 7))), Operand(np.empty((7, 20)))
    place, rate = Operand(out), np.array(0.25)
    product = Product(a, b, place, **prepared(kind, bias, Operand(base), rate))
    for _ in range(2):
        new_a, new_b, new_out = random.random((5, 7)), random.random((7, 20)), np.empty((5, 20))
        a.set(new_a)
        b.set(new_b)
        place.set(new_out)
        assert (a.array is new_a, place.array is new_out) == (True, True)
        product()
        plain = np.empty((5, 20))
        _native.matmul(new_a, new_b, plain, False, False)
        assert_same_bits(new_out, step_by_step(plain, kind, bias, base, rate))


class Page:
    """Arrays that end, or begin, where memory that may not be touched begins, or ends."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 66 * mmap.PAGESIZE)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.size = 64 * mmap.PAGESIZE
        libc = ctypes.CDLL(None, use_errno=True)
        for guard in self.start, self.start + 65 * mmap.PAGESIZE:
            assert libc.mprotect(ctypes.c_void_p(guard), mmap.PAGESIZE, 0) == 0

    def array(self, values: Array, at_end: bool) -> Array:
        offset = mmap.PAGESIZE + (self.size - values.nbytes if at_end else 0)
        result: Array = np.frombuffer(self.memory, values.dtype, values.size, offset)
        result = result.reshape(values.shape)
        result[...] = values
        return result


@pytest.mark.skipif(sys.platform != "linux", reason="mprotect is called as Linux has it")
@every_set
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("at_end", [True, False])
def test_nothing_beside_the_operands_is_touched(name: str, dtype: Any, at_end: bool) -> None:
    """A read or write of a byte too much ends the process."""
    _native.use(name)
    pages = [Page() for _ in range(5)]
    random = np.random.default_rng(0)
    for rows, inner, columns in [(1, 1, 1), (3, 5, 7), (13, 33, 17), (50, 40, 33), (7, 300, 31)]:
        for transpose_a, transpose_b in np.ndindex(2, 2):
            a = random.standard_normal((rows, inner)).astype(dtype)
            b = random.standard_normal((inner, columns)).astype(dtype)
            values = [
                a.T if transpose_a else a,
                b.T if transpose_b else b,
                np.empty((rows, columns), dtype),
                np.ones(columns, dtype),
                np.ones((rows, columns), dtype),
            ]
            arrays = [p.array(v, at_end) for p, v in zip(pages, values, strict=True)]
            x, y, out, bias, base = map(Operand, arrays)
            plain = np.empty((rows, columns), dtype)
            _native.matmul(a, b, plain, False, False)
            ways: list[tuple[dict[str, Any], Array]] = [
                ({}, plain),
                ({"bias": bias, "relu": True}, np.maximum(plain + 1, 0)),
                ({"base": base}, 1 + plain),
            ]
            for keywords, wanted in ways:
                turned = {"transpose_a": bool(transpose_a), "transpose_b": bool(transpose_b)}
                Product(x, y, out, **turned, **keywords)()
                np.testing.assert_array_equal(arrays[2], wanted)


class TestOperands:
    def test_an_operand_keeps_its_array_alive(self) -> None:
        array = np.ones((2, 2))
        before = sys.getrefcount(array)
        operand = Operand(array)
        assert sys.getrefcount(array) == before + 1
        operand.set(array)
        assert sys.getrefcount(array) == before + 1
        operand.set(np.zeros((2, 2)))
        assert sys.getrefcount(array) == before

    @pytest.mark.parametrize(
        "array",
        [
            np.ones((2, 3), np.float32),
            np.ones((3, 2)),
            np.ones((2, 3), order="F"),
            np.ones((2, 3, 1)),
            np.ones((2, 6))[:, ::2],
        ],
    )
    def test_only_an_array_like_the_one_before_can_be_set(self, array: Array) -> None:
        operand = Operand(np.ones((2, 3)))
        with pytest.raises(ValueError, match="must have the dtype, shape and strides"):
            operand.set(array)
        with pytest.raises(TypeError, match="an array is needed, not list"):
            operand.set([[1.0]])

    def test_what_is_read_may_be_read_only_and_what_is_written_may_not(self) -> None:
        fixed = np.ones((2, 2))
        fixed.flags.writeable = False
        out = Operand(np.empty((2, 2)))
        Product(Operand(fixed), Operand(fixed), out)()
        assert (out.array == 2).all()
        with pytest.raises(ValueError, match=r"the array is read-only and is written to"):
            out.set(fixed)
        with pytest.raises(ValueError, match="read-only"):
            Product(out, out, Operand(fixed))

    @pytest.mark.parametrize("array", [np.array(["a"]), np.zeros(2, ">f8"), np.zeros(2, "f4,f4")])
    def test_other_elements_are_refused(self, array: Array) -> None:
        with pytest.raises(TypeError, match="elements of format"):
            Operand(array)

    def test_errors(self) -> None:
        with pytest.raises(ValueError, match="at most 8 dimensions, not 9"):
            Operand(np.zeros((1,) * 9))
        with pytest.raises(TypeError):
            Operand()
        with pytest.raises(TypeError, match="no keywords"):
            Operand(array=np.zeros(2))


SQUARE, ROW, NUMBER = np.ones((3, 3)), np.ones(3), np.array(1.0)

ERRORS: dict[str, tuple[list[Array], dict[str, Any], str]] = {
    "inner sizes": ([np.ones((3, 2)), SQUARE, SQUARE], {}, "the inner sizes of a and b differ"),
    "out": ([SQUARE, SQUARE, np.ones((3, 2))], {}, "out must have the rows of a and"),
    "dimensions": ([SQUARE, ROW, SQUARE], {}, "must have 2 dimensions"),
    "bias": ([SQUARE, SQUARE, SQUARE], {"bias": np.ones(2)}, "bias must be one row"),
    "base": ([SQUARE, SQUARE, SQUARE], {"base": np.ones((3, 2))}, "base must have the shape"),
    "rate": ([SQUARE, SQUARE, SQUARE], {"base": SQUARE, "rate": ROW}, "a single number"),
    "rate alone": ([SQUARE, SQUARE, SQUARE], {"rate": NUMBER}, "only with base"),
    "bias and base": ([SQUARE, SQUARE, SQUARE], {"base": SQUARE, "bias": ROW}, "neither bias"),
}


@pytest.mark.parametrize(("arrays", "more", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(arrays: list[Array], more: dict[str, Array], message: str) -> None:
    keywords = {key: Operand(array.copy()) for key, array in more.items()}
    with pytest.raises(ValueError, match=message):
        Product(*[Operand(array.copy()) for array in arrays], **keywords)


def test_errors_of_types() -> None:
    x, single = Operand(SQUARE), Operand(SQUARE.astype(np.float32))
    with pytest.raises(TypeError, match="b has elements 'f'; all must be float32"):
        Product(x, single, x)
    with pytest.raises(TypeError, match=r"a has elements '[lq]'"):
        Product(Operand(SQUARE.astype(np.int64)), x, x)
    with pytest.raises(TypeError, match=r"out must be an Operand, not numpy\.ndarray"):
        Product(x, x, SQUARE)
    with pytest.raises(TypeError, match="not None"):
        Product(x, x, None)
    with pytest.raises(TypeError, match="called without arguments"):
        Product(x, x, Operand(SQUARE.copy()))(1)


def test_what_is_written_may_not_overlap_what_is_read() -> None:
    memory = np.zeros((4, 3))
    top, bottom = Operand(memory[:3]), Operand(memory[1:])
    free = Operand(SQUARE)
    for a, b, keywords in [
        (top, free, {}),
        (free, top, {}),
        (free, free, {"bias": Operand(memory[3])}),
        (free, free, {"base": top}),
        (free, free, {"base": free, "rate": Operand(memory[2, 2, ...])}),
    ]:
        with pytest.raises(ValueError, match="must not overlap"):
            Product(a, b, bottom, **keywords)
    long = Operand(np.zeros((3, 257))), Operand(np.zeros((257, 3)))
    with pytest.raises(ValueError, match="no more than 256 products"):
        Product(*long, top, base=top)
    Product(*long, top, base=free)()


def test_operands_live_as_long_as_their_products() -> None:
    out = np.empty((3, 3))
    product = Product(Operand(SQUARE.copy()), Operand(SQUARE.copy()), Operand(out))
    before = sys.getrefcount(out)
    product()
    assert (out == 3).all()
    assert sys.getrefcount(out) == before
    del product
    assert sys.getrefcount(out) == before - 1


def test_operands_may_be_set_during_a_large_product() -> None:
    """The product goes on with the arrays it began with, and keeps them alive."""
    size = 400
    a, out = Operand(np.ones((size, size))), Operand(np.empty((size, size)))
    product, done = Product(a, Operand(np.ones((size, size))), out), threading.Event()
    results = []

    def work() -> None:
        for _ in range(30):
            product()
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        results.append(out.array)
        out.set(np.zeros((size, size)))
        del results[:-3]
    thread.join()
    for result in results:
        assert ((result == 0) | (result == size)).all()


def test_there_are_sets_of_instructions() -> None:
    assert _native.INSTRUCTIONS[0] == "portable"
    for name in _native.INSTRUCTIONS:
        _native.use(name)
        assert _native.use(name) == name
    for wrong in "mmx", 3:
        with pytest.raises(ValueError, match="this machine has no instruction set"):
            _native.use(wrong)
