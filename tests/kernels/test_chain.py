"""Chains: the bits of numpy's functions and of the kernels, on every set of instructions."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import mmap
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import graphscope.ops.keras_steps  # noqa: F401  declares operations
from graphscope.graph.registry import OPS
from graphscope.kernels import chain

_native = pytest.importorskip("graphscope.kernels._native", reason="the extension is not compiled")
Operand, Chain = _native.Operand, _native.Chain

Array = NDArray[Any]

every_set = pytest.mark.parametrize("name", _native.INSTRUCTIONS)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(autouse=True)
def _instructions() -> Iterator[None]:
    before = _native.use(_native.INSTRUCTIONS[-1])
    with np.errstate(all="ignore"):
        yield
    _native.use(before)


# ---- what each instruction is ------------------------------------------------------------------


def _curve(name: str) -> Callable[[Array], Array]:
    """The plain function, on elements side by side."""
    return lambda x: np.asarray(getattr(chain, name)(np.array(x)))


#: What each instruction computes, in numpy.
MEANING: dict[str, Callable[..., Any]] = {
    "copy": np.positive,
    "neg": np.negative,
    "abs": np.abs,
    "square": np.square,
    "sqrt": np.sqrt,
    "reciprocal": np.reciprocal,
    "rsqrt": lambda x: np.reciprocal(np.sqrt(x)),
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "squared_difference": lambda x, y: (x - y) * (x - y),
    "where_nonzero": lambda x, y: np.where(y == 0, x.dtype.type(0), x),
    "relu_grad": lambda x, y: np.where(y > 0, x, x.dtype.type(0)),
    "sigmoid_grad": lambda x, y: y * x * (1 - x),
    "tanh_grad": lambda x, y: y * (1 - x * x),
    "sigmoid": _curve("sigmoid"),
    "tanh": _curve("tanh"),
}
INPUTS = {name: inputs for name, (inputs, _) in _native.CHAIN_INSTRUCTIONS.items()}

#: Around the edges of vectors, and of blocks of 4096 bytes of both types.
SIZES = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 511, 512, 513, 1023, 1024, 1025, 2500]


def names(dtype: Any) -> list[str]:
    return [name for name in MEANING if chain.supports(name, dtype)]


def numbers(random: np.random.Generator, shape: Any, dtype: Any) -> Array:
    """Usual numbers, and among them those that are not like others."""
    tiny = np.finfo(dtype).tiny
    odd = [np.nan, np.inf, -np.inf, -0.0, 0.0, tiny / 8, -tiny / 8, tiny, 1e-30, 1e30, 1, -1, 100]
    result = random.standard_normal(shape).astype(dtype)
    chosen = random.random(shape) < 0.3
    return np.asarray(np.where(chosen, random.choice(np.array(odd, dtype), shape), result))


def assert_same_bits(actual: Array, wanted: Array) -> None:
    """The same numbers, with the sign of a zero; a NaN is a NaN."""
    assert actual.dtype == wanted.dtype
    np.testing.assert_array_equal(actual, wanted)
    np.testing.assert_array_equal(
        np.signbit(actual) & ~np.isnan(actual), np.signbit(wanted) & ~np.isnan(wanted)
    )


def run(code: Sequence[Any], arrays: Sequence[Array]) -> None:
    Chain([Operand(array) for array in arrays], code)()


def test_there_is_a_meaning_of_each() -> None:
    assert MEANING.keys() == INPUTS.keys()


@every_set
@every_dtype
@pytest.mark.parametrize("size", SIZES)
def test_one_instruction(name: str, dtype: Any, size: int) -> None:
    _native.use(name)
    random = np.random.default_rng(size)
    x, y = numbers(random, size, dtype), numbers(random, size, dtype)
    out = np.empty_like(x)
    for instruction in names(dtype):
        given = (x, y)[: INPUTS[instruction]]
        run([(instruction, 2, *range(len(given)))], [x, y, out])
        assert_same_bits(out, np.asarray(MEANING[instruction](*given)))


@every_set
@every_dtype
def test_every_pair_of_odd_numbers(name: str, dtype: Any) -> None:
    _native.use(name)
    tiny = np.finfo(dtype).tiny
    odd = [0, 1, 2, 1 / 3, 6, tiny / 8, tiny, np.finfo(dtype).max, np.inf, np.nan]
    values = np.array([*odd, *(-x for x in odd)], dtype)
    x, y = (np.ravel(v).copy() for v in np.meshgrid(values, values))
    out = np.empty_like(x)
    for instruction in names(dtype):
        given = (x, y)[: INPUTS[instruction]]
        run([(instruction, 2, *range(len(given)))], [x, y, out])
        assert_same_bits(out, np.asarray(MEANING[instruction](*given)))


@every_set
@every_dtype
@pytest.mark.parametrize("shape", [(), (1,), (5,), (40, 50), (700, 3), (3, 2000)])
def test_inputs_that_are_repeated(name: str, dtype: Any, shape: tuple[int, ...]) -> None:
    """By rows, by columns, single elements and constants, on either side and on both."""
    _native.use(name)
    random = np.random.default_rng(1)
    full = numbers(random, shape, dtype)
    others = [full, numbers(random, (), dtype), numbers(random, (1,) * len(shape), dtype)]
    if len(shape) == 2:
        others += [numbers(random, shape[1:], dtype), numbers(random, (shape[0], 1), dtype)]
    out = np.empty_like(full)
    for instruction in (i for i in names(dtype) if INPUTS[i] == 2):
        for x in others:
            for y in others:
                wanted = np.broadcast_to(MEANING[instruction](x, y), shape)
                run([(instruction, 2, 0, 1)], [x, y, out])
                assert_same_bits(out, wanted)
            run([(instruction, 1, 0, 1.5)], [x, out])
            assert_same_bits(out, np.broadcast_to(MEANING[instruction](x, dtype(1.5)), shape))
            run([(instruction, 1, 0.1, 0)], [x, out])
            assert_same_bits(out, np.broadcast_to(MEANING[instruction](dtype(0.1), x), shape))
    for instruction in (i for i in names(dtype) if INPUTS[i] == 1):
        for x in others:
            run([(instruction, 1, 0)], [x, out])
            assert_same_bits(out, np.broadcast_to(MEANING[instruction](x), shape))


# ---- where operands may lie --------------------------------------------------------------------

LAYOUTS = ["C", "F", "unaligned", "reversed", "wide rows", "every second", "swapped", "read-only"]


def laid_out(values: Array, layout: str) -> Array:
    """The same values in another memory layout; what lies between them is NaN."""
    shape = values.shape
    if layout == "F":
        return values.copy(order="F")
    if layout == "unaligned":
        memory = np.empty(values.nbytes + 1, np.uint8)
        result = memory[1:].view(values.dtype).reshape(shape)
        result[...] = values
        return result
    if layout == "reversed" and values.ndim:
        return values[::-1].copy()[::-1]
    if layout == "wide rows" and values.ndim:
        wide = np.full((*shape[:-1], shape[-1] + 9), np.nan, values.dtype)
        wide[..., 4:-5] = values
        return wide[..., 4:-5]
    if layout == "every second" and values.ndim:
        wide = np.full((*shape[:-1], shape[-1] * 2), np.nan, values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    if layout == "swapped" and values.ndim > 2:
        return np.ascontiguousarray(values.swapaxes(0, 1)).swapaxes(0, 1)
    result = values.copy()
    result.flags.writeable = layout != "read-only"
    return result


@every_set
@every_dtype
@pytest.mark.parametrize(
    "shape", [(7,), (1500,), (3, 5), (100, 128), (2, 1500), (300, 7), (3, 4, 5), (3, 40, 50)]
)
def test_layouts(name: str, dtype: Any, shape: tuple[int, ...]) -> None:
    _native.use(name)
    random = np.random.default_rng(2)
    x, y = numbers(random, shape, dtype), numbers(random, shape, dtype)
    wanted = np.asarray((x * y - x) / y)
    for first in LAYOUTS:
        for last in LAYOUTS[:-1]:
            out = laid_out(np.zeros(shape, dtype), last)
            beside = out.base.copy() if out.base is not None else None
            code = [("mul", 3, 0, 1), ("sub", 3, 3, 0), ("div", 2, 3, 1)]
            run(code, [laid_out(x, first), y, out])
            assert_same_bits(out, wanted)
            if beside is not None and last in ("wide rows", "every second"):
                gaps = np.isnan(beside)
                np.testing.assert_array_equal(np.isnan(out.base)[gaps], True)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Any, tuple[int, ...], list[tuple[str, tuple[int, ...]]], Any]:
    """A dtype, a shape, operands (layout and shape) and code, of which each line may read what
    any line before has made."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    sizes = st.sampled_from([1, 2, 3, 8, 17, 33, 70])
    shape = tuple(draw(st.lists(sizes, max_size=4)))
    count = draw(st.integers(1, 5))
    operands = []
    for _ in range(count):
        kept = draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        own = tuple(size if keep else 1 for size, keep in zip(shape, kept, strict=True))
        own = own[draw(st.integers(0, len(own))) :] if draw(st.booleans()) else own
        operands.append((draw(st.sampled_from(LAYOUTS)), own))
    outputs = draw(st.integers(1, 2))
    operands += [(draw(st.sampled_from(LAYOUTS[:-1])), shape) for _ in range(outputs)]
    known: list[Any] = list(range(count))
    code = []
    for i in range(draw(st.integers(1, 12))):
        instruction = draw(st.sampled_from(names(dtype)))
        temporary = st.integers(len(operands), len(operands) + 4)
        out = draw(st.one_of(st.integers(count, count + outputs - 1), temporary))
        sources = st.one_of(st.sampled_from(known), st.floats(-2, 2))
        taken = [draw(sources) for _ in range(INPUTS[instruction])]
        code.append((instruction, out, *taken))
        known.append(out)
        assert i >= 0
    code.append(("copy", count, known[-1]))
    return dtype, shape, operands, code


@settings(max_examples=300, deadline=None)
@given(chains(), st.sampled_from(_native.INSTRUCTIONS), st.integers(0, 99))
def test_any_chain(made: Any, name: str, seed: int) -> None:
    """A chain is its instructions one after the other, each on whole arrays."""
    dtype, _, operands, code = made
    _native.use(name)
    random = np.random.default_rng(seed)
    arrays = [laid_out(numbers(random, own, dtype), layout) for layout, own in operands]
    known: dict[int, Array] = {i: array.copy() for i, array in enumerate(arrays)}
    with np.errstate(all="ignore"):
        for instruction, out, *taken in code:
            values = [dtype(v) if isinstance(v, float) else known[v] for v in taken]
            known[out] = np.asarray(MEANING[instruction](*values))
    run(code, arrays)
    for i, array in enumerate(arrays):
        assert_same_bits(array, np.broadcast_to(known[i], array.shape))


def test_more_temporaries_than_large_blocks_have_room_for() -> None:
    x = np.arange(3000, dtype=np.float32)
    out = np.empty_like(x)
    code: list[Any] = [("add", 2 + i, 0, float(i)) for i in range(100)]
    code += [("sub", 102 + i, 2 + i, 1.0) for i in range(100)]
    code += [("add", 300, 102, 103), *(("add", 300, 300, 102 + i) for i in range(2, 100))]
    run([*code, ("copy", 1, 300)], [x, out])
    total = (x - 1) + (x + 1 - 1)
    for i in range(2, 100):
        total = total + (x + np.float32(i) - 1)
    assert_same_bits(out, total)


def test_what_is_written_may_be_read() -> None:
    x = np.arange(5000, dtype=np.float32)
    place = Operand(x)
    Chain([place], [("square", 0, 0), ("add", 0, 0, 1.0)])()
    assert_same_bits(x, np.arange(5000, dtype=np.float32) ** 2 + 1)


def test_an_output_that_lies_where_an_input_lies() -> None:
    x = np.arange(60, dtype=np.float64).reshape(5, 12)[:, 2:9]
    wanted = x * x - x
    run([("mul", 2, 0, 0), ("sub", 1, 2, 0)], [x, x])
    assert_same_bits(x, wanted)


def test_parts_of_one_array_side_by_side() -> None:
    """As the gates of an LSTM lie."""
    a = np.arange(480, dtype=np.float32).reshape(10, 48)
    wanted = a.copy()
    wanted[:, 24:36] = a[:, :12] + a[:, 36:]
    run([("add", 2, 0, 1)], [a[:, :12], a[:, 36:], a[:, 24:36]])
    assert_same_bits(a, wanted)


def test_an_operand_is_where_it_was_last_set() -> None:
    x, y, out = (np.full(4, v, np.float32) for v in (1, 2, 0))
    place = Operand(x)
    double = Chain([place, Operand(out)], [("add", 1, 0, 0)])
    place.set(y)
    double()
    assert out.tolist() == [4, 4, 4, 4]


def test_single_elements_are_computed_once_and_before() -> None:
    rate, x, out = np.array(0.5, np.float32), np.ones(9, np.float32), np.empty(9, np.float32)
    run([("mul", 3, 0, 0), ("mul", 2, 1, 3), ("add", 0, 3, 1.0)], [rate, x, out])
    assert (rate.item(), out.tolist()) == (1.25, [0.25] * 9)


def test_an_empty_shape_still_has_its_single_elements() -> None:
    rate, x = np.array(0.5, np.float32), np.ones((0, 4), np.float32)
    run([("mul", 0, 0, 3.0), ("add", 1, 1, 0)], [rate, x])
    assert rate.item() == 1.5


class Page:
    """Arrays that end, or begin, where memory that may not be touched begins, or ends."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 10 * mmap.PAGESIZE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        libc = ctypes.CDLL(None, use_errno=True)
        for guard in start, start + 9 * mmap.PAGESIZE:
            assert libc.mprotect(ctypes.c_void_p(guard), mmap.PAGESIZE, 0) == 0

    def array(self, values: Array, at_end: bool) -> Array:
        offset = mmap.PAGESIZE + (8 * mmap.PAGESIZE - values.nbytes if at_end else 0)
        result: Array = np.frombuffer(self.memory, values.dtype, values.size, offset)
        result = result.reshape(values.shape)
        result[...] = values
        return result


@pytest.mark.skipif(sys.platform != "linux", reason="mprotect is called as Linux has it")
@every_set
@every_dtype
@pytest.mark.parametrize("at_end", [True, False])
def test_nothing_beside_the_operands_is_touched(name: str, dtype: Any, at_end: bool) -> None:
    """A read or write of a byte too much ends the process."""
    _native.use(name)
    random, pages = np.random.default_rng(0), [Page() for _ in range(4)]
    for shape in [(1,), (3,), (17,), (1030,), (5, 7), (40, 33), (3, 1100)]:
        given = [numbers(random, s, dtype) for s in (shape, shape[-1:], (), shape)]
        x, row, single, out = (p.array(v, at_end) for p, v in zip(pages, given, strict=True))
        for instruction in names(dtype):
            for other in (0, 1, 2):
                taken = (0, other)[: INPUTS[instruction]]
                run([(instruction, 3, *taken)], [x, row, single, out])
                wanted = MEANING[instruction](*(given[i] for i in taken))
                assert_same_bits(out, np.asarray(wanted))
        assert_same_bits(x, given[0])


# ---- what may not be ---------------------------------------------------------------------------

ones, more = np.ones((2, 3), np.float32), np.ones((2, 4), np.float32)
fixed = np.ones((2, 3), np.float32)
fixed.flags.writeable = False
repeated = np.broadcast_to(np.ones(3, np.float32), (2, 3))
single = np.ones((), np.float32)
doubles = np.ones((2, 3))

REFUSED: list[tuple[list[Any], list[Any], type[Exception], str]] = [
    ([], [], ValueError, "there are no operands"),
    ([ones], [("exp", 0, 0)], ValueError, "instruction 0: there is no 'exp'"),
    ([ones], [(7, 0, 0)], ValueError, "instruction 0: there is no 7"),
    ([ones], [("add", 0, 0)], ValueError, "add takes 2 inputs, instruction 0 has 1"),
    ([ones], [("neg", 0, 0, 0)], ValueError, "neg takes 1 inputs, instruction 0 has 2"),
    ([ones], [["neg", 0, 0]], TypeError, r"instruction 0 is no tuple \(name, out, inputs...\)"),
    ([ones], [("neg", 0)], TypeError, r"instruction 0 is no tuple \(name, out, inputs...\)"),
    ([ones], [("neg", 0, 5)], ValueError, "instruction 0 reads 5 before it is written"),
    ([ones], [("neg", 0, -1)], ValueError, "instruction 0 reads -1 before it is written"),
    ([ones], [("neg", -2, 0)], ValueError, "instruction 0 writes to -2"),
    ([ones], [("neg", "a", 0)], TypeError, "str"),
    ([doubles], [("tanh", 0, 0)], ValueError, "tanh is there for float32 only"),
    ([ones, doubles], [], TypeError, "operand 1 is of type 'd'"),
    ([np.ones(3, np.int32)], [], TypeError, "operand 0 is of type 'i'"),
    ([ones, more], [], ValueError, "operand 1 cannot .* its size 4 along axis -1 meets 3"),
    ([ones, more[0, :3], ones], [("neg", 1, 0)], ValueError, "size 1 along axis -2 .* has 2"),
    ([ones, repeated], [("neg", 1, 0)], ValueError, "read-only"),
    ([ones, fixed], [("neg", 1, 0)], ValueError, "read-only"),
    ([ones, single], [("neg", 1, 0)], ValueError, "many results for one element, operand 1"),
    (
        [ones, single, more[:, :3]],
        [("mul", 2, 0, 1), ("neg", 1, 1)],
        ValueError,
        "operand 1, one element, is written by instruction 1 after instruction 0 has read it",
    ),
    (
        [more[:, :3], more[:, 1:]],
        [("neg", 1, 0)],
        ValueError,
        "1 is written and overlaps operand 0",
    ),
    ([more[:, :3], more.T[:3].T[::-1]], [("neg", 1, 0)], ValueError, "overlaps operand 0"),
    (
        [ones, ones],
        [("neg", 1, 0), ("neg", 2, 0)],
        ValueError,
        "writes to operand 1; operand 0, which lies there too, is used after it",
    ),
]


@pytest.mark.parametrize(("arrays", "code", "error", "text"), REFUSED)
def test_what_is_refused(
    arrays: list[Array], code: list[Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        Chain([Operand(array) for array in arrays], code)


def test_what_else_is_refused() -> None:
    with pytest.raises(TypeError, match="operand 0 is no Operand but list"):
        Chain([[1.0]], [])
    with pytest.raises(TypeError, match="takes no keywords"):
        Chain([Operand(ones)], code=[])
    with pytest.raises(TypeError, match="must be a sequence"):
        Chain(3, [])
    with pytest.raises(TypeError, match="called without arguments"):
        Chain([Operand(ones)], [])(1)
    with pytest.raises(ValueError, match="too many operands"):
        Chain([Operand(ones)] * 3000, [])
    many = [("neg", 1 + i, 0) for i in range(600)]
    with pytest.raises(ValueError, match="too many temporaries at one time"):
        Chain([Operand(ones)], many + [("neg", 601, 1 + i) for i in range(600)])
    with pytest.raises(ValueError, match="two arrays of one layout"):
        _native.apply("tanh", ones, np.asfortranarray(ones))
    with pytest.raises(ValueError, match="add takes 2 inputs"):
        _native.apply("add", ones, ones)


def test_strides_of_what_overlaps_are_told_apart() -> None:
    """Against numpy's exact answer, for windows into one array."""
    memory = np.zeros((6, 20), np.float32)
    windows = [
        memory[i : i + h, j : j + w][:: -1 if turned else 1]
        for i, j, h, w in [(0, 0, 6, 5), (0, 5, 6, 5), (1, 3, 3, 5), (4, 0, 2, 5), (0, 9, 6, 5)]
        for turned in (False, True)
    ]
    told = 0
    for a in windows:
        for b in windows:
            shape = (min(len(a), len(b)), 5)
            x, y = a[: shape[0]], b[: shape[0]]
            same = x.ctypes.data == y.ctypes.data and x.strides == y.strides
            if same or x.strides != y.strides:
                continue
            try:
                Chain([Operand(x), Operand(y)], [("neg", 1, 0)])
            except ValueError:
                assert np.shares_memory(x, y)
            else:
                assert not np.shares_memory(x, y)
            told += 1
    assert told > 30


# ---- operations --------------------------------------------------------------------------------

#: How many of the first inputs of these are of the full shape; the others are single numbers.
FULL = {
    "ApplyGradientDescent": (0, 2),
    "ApplyMomentum": (0, 1, 3),
    "ApplyKerasMomentum": (0, 1, 3),
    "ApplyAdagrad": (0, 1, 3),
    "ApplyAdagradV2": (0, 1, 4),
    "ApplyAdadelta": (0, 1, 2, 6),
    "ApplyAdam": (0, 1, 2, 9),
    "ApplyAdaMax": (0, 1, 2, 8),
    "ApplyAdamWithAmsgrad": (0, 1, 2, 3, 10),
    "ApplyRMSProp": (0, 1, 2, 7),
    "ApplyCenteredRMSProp": (0, 1, 2, 3, 8),
}
LINES = [(*line.split(), "")[:2] for line in chain._TABLE] + [("AddN", "")]


def declared(op_type: str) -> Any:
    return OPS.get(op_type) or OPS[f"Resource{op_type}"]


@every_set
@every_dtype
@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize(("op_type", "choice"), LINES)
def test_the_kernels(name: str, dtype: Any, odd: bool, op_type: str, choice: str) -> None:
    _native.use(name)
    definition = declared(op_type)
    attrs = {name: name == choice for name in chain._CHOICES if name in definition.attrs}
    random = np.random.default_rng(5)
    for count in (1, 2, 3, 7) if op_type == "AddN" else (len(definition.parameters),):
        found = chain.expand(definition.type, attrs, count, dtype)
        if found is None:
            assert (dtype, op_type) in [
                (np.float64, "Sigmoid"), (np.float64, "Tanh"), (np.float64, "SoftplusGrad")
            ]  # fmt: skip
            return
        for shape in [(), (1,), (37, 45), (5, 300)]:
            inputs = []
            for i in range(count):
                single = i not in FULL.get(op_type, range(count))
                own = () if single else shape[-1:] if op_type[:4] == "Bias" and i else shape
                values = numbers(random, own, dtype) if odd else random.random(own, dtype)
                inputs.append(np.asarray(values, dtype))
            if op_type[:4] == "Bias" and not shape:
                continue
            arguments = [inputs] if op_type == "AddN" else inputs
            result = definition.kernel(*arguments, **attrs)
            wanted = [np.asarray(v) for v in (result if isinstance(result, tuple) else (result,))]
            arrays = [*inputs, *(np.empty_like(value) for value in wanted)]
            code, _ = chain.assemble(
                found, range(count), range(count, len(arrays)), len(arrays)
            )  # fmt: skip
            run(code, arrays)
            for value, array in zip(wanted, arrays[count:], strict=True):
                assert_same_bits(array, value)


def test_only_what_a_chain_can_do_is_expanded() -> None:
    assert chain.expand("MatMul", {}, 2, np.float32) is None
    assert chain.expand("Add", {}, 2, np.dtype(np.int32)) is None
    assert chain.expand("Tanh", {}, 1, np.dtype(np.float64)) is None
    assert chain.expand("AddN", {}, chain.MOST_TERMS + 1, np.float32) is None
    assert chain.expand("BiasAdd", {"data_format": "NCHW"}, 2, np.float32) is None
    assert chain.expand("ApplyAdagradV2", {"update_slots": False}, 5, np.float32) is None
    assert chain.expand("ResourceApplyAdam", {"use_nesterov": False}, 10, np.float32)
    assert chain.supports("tanh", np.float32)
    assert not chain.supports("tanh", np.float64)
    assert not chain.supports("exp", np.float32)


@pytest.mark.parametrize("line", chain._TABLE)
def test_a_variable_may_be_written_where_it_lies(line: str) -> None:
    """An output is written when the input of its number is not needed any more; the only output,
    when no input is."""
    op_type, choice = (*line.split(), "")[:2]
    found = chain.expand(op_type, {choice: True}, len(declared(op_type).parameters), np.float32)
    assert found
    outputs = {out for _, out, *_ in found if out[0] == "o"}
    assert outputs == {f"o{i}" for i in range(len(outputs))}
    for at, (_, out, *_) in enumerate(found):
        if out[0] == "o":
            later = {place for _, _, *taken in found[at + 1 :] for place in taken}
            assert f"i{out[1:]}" not in later
            assert len(outputs) > 1 or not later


# ---- the two curves ----------------------------------------------------------------------------


def exact(name: str, x: Array) -> Array:
    wide = x.astype(np.float64)
    if name == "tanh":
        return np.tanh(wide)
    small = np.exp(-np.abs(wide))
    return np.where(wide >= 0, 1, small) / (1 + small)


@every_set
@pytest.mark.parametrize("curve", ["sigmoid", "tanh"])
def test_curves_are_within_two_units_in_the_last_place(name: str, curve: str) -> None:
    """Over one float32 in 997; `tests/benchmarks/chain.py --all` looks at every one."""
    _native.use(name)
    x = np.arange(0, 1 << 32, 997, dtype=np.uint64).astype(np.uint32).view(np.float32)
    x = x[~np.isnan(x)]
    wanted = exact(curve, x)
    unit = np.spacing(np.abs(wanted).astype(np.float32)).astype(np.float64)
    error = np.abs(getattr(chain, curve)(x).astype(np.float64) - wanted) / unit
    assert error.max() < 2


@every_set
def test_curves_at_their_ends(name: str) -> None:
    _native.use(name)
    x = np.array([0.0, -0.0, np.inf, -np.inf, 104, -104, 3e38, -3e38, 1e-45, -1e-45], np.float32)
    assert chain.sigmoid(x).tolist() == [0.5, 0.5, 1, 0, 1, 0, 1, 0, 0.5, 0.5]
    found = chain.tanh(x)
    assert_same_bits(found, np.array([0.0, -0.0, 1, -1, 1, -1, 1, -1, x[8], x[9]], np.float32))
    nan = np.full(40, np.nan, np.float32)
    assert np.isnan(chain.sigmoid(nan)).all()
    assert np.isnan(chain.tanh(-nan)).all()
    assert chain.sigmoid(np.array([-103], np.float32))[0] == np.float32(1.4e-45)


@every_set
def test_curves_are_the_same_on_every_set(name: str) -> None:
    x = np.random.default_rng(0).standard_normal(10000).astype(np.float32) * 10
    wanted = chain.sigmoid(x), chain.tanh(x)
    _native.use(name)
    assert_same_bits(chain.sigmoid(x), wanted[0])
    assert_same_bits(chain.tanh(x), wanted[1])


@pytest.mark.parametrize("curve", [chain.sigmoid, chain.tanh])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 40), (2, 3, 4)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_curves_of_any_layout(curve: Any, shape: tuple[int, ...], layout: str) -> None:
    values = numbers(np.random.default_rng(3), shape, np.float32)
    wanted = curve(values.ravel()).reshape(shape)
    x = laid_out(values, layout)
    found = curve(x)
    assert found.shape == shape
    assert_same_bits(found, wanted)
    for last in LAYOUTS[:-1]:
        out = laid_out(np.zeros(shape, np.float32), last)
        assert curve(x, out=out) is out
        assert_same_bits(out, wanted)
    if layout != "read-only":
        assert_same_bits(curve(x, out=x), wanted)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.complex64, np.complex128])
def test_curves_of_other_types(dtype: Any) -> None:
    x = np.array([-800, -1, -0.5, 0, 0.25, 3, 800], dtype)
    assert_same_bits(chain.tanh(x), np.tanh(x)) if x.dtype.kind == "f" else None
    found = chain.sigmoid(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, exact("sigmoid", x.real), rtol=1e-3)
    out = np.empty_like(x)
    assert chain.sigmoid(x, out=out) is out
    np.testing.assert_array_equal(out, found)
    assert chain.tanh(x, out=out) is out


def test_an_output_that_overlaps_the_input() -> None:
    memory = np.linspace(-2, 2, 50, dtype=np.float32)
    wanted = chain.tanh(memory[:-1].copy())
    chain.tanh(memory[:-1], out=memory[1:])
    assert_same_bits(memory[1:], wanted)


def test_everything_works_without_the_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.import_module("graphscope.kernels")
    monkeypatch.setitem(sys.modules, "graphscope.kernels._native", None)
    monkeypatch.delattr(package, "_native", raising=False)
    spec = importlib.util.find_spec("graphscope.kernels.chain")
    assert spec is not None
    assert spec.loader is not None
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    x = np.linspace(-90, 90, 1000, dtype=np.float32)
    np.testing.assert_allclose(plain.sigmoid(x), chain.sigmoid(x), rtol=1e-5)
    np.testing.assert_allclose(plain.tanh(x), chain.tanh(x), rtol=1e-6)
    assert plain.sigmoid(x).dtype == np.float32
    assert plain.expand("Add", {}, 2, np.float32) is None
    assert not plain.supports("add", np.float32)
