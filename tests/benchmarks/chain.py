"""Time chains beside the same in numpy, and measure their errors.

    python tests/benchmarks/chain.py          # everything, a minute
    python tests/benchmarks/chain.py --all    # and the two curves on every one of the 2^32 float32

Run it on one thread and a quiet machine. Each line has the best time of a chain and of numpy, of
several samples in turns; how many times as long numpy takes; and the largest difference from the
same in float64 (in extended precision for float64), relative to the largest result, in units of
its eps. The numpy of an operation is its kernel, and of a cell it is `out=` into arrays that are
there. The last table compares Adam with copying as much memory as it has to read and write.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

import graphscope.ops  # noqa: F401
from graphscope.graph.registry import OPS
from graphscope.kernels import _native, chain
from tests.benchmarks.turns import Way, in_turns

Array = NDArray[Any]
ROUNDS = 15

#: Operations, with the shapes of their inputs.
OPERATIONS: list[tuple[str, list[tuple[int, ...]]]] = [
    ("Add", [(), ()]),
    ("Mul", [(100, 128), (100, 128)]),
    ("BiasAdd", [(100, 10), (10,)]),
    ("BiasAdd", [(100, 512), (512,)]),
    ("Relu", [(100, 512)]),
    ("ReluGrad", [(100, 512), (100, 512)]),
    ("Sigmoid", [(100, 128)]),
    ("Tanh", [(100, 128)]),
    ("AddN", [(100, 128)] * 4),
    ("ApplyGradientDescent", [(784, 512), (), (784, 512)]),
    ("ApplyMomentum", [(784, 512), (784, 512), (), (784, 512), ()]),
    ("ApplyAdam", [(784, 512)] * 3 + [()] * 6 + [(784, 512)]),
    ("ApplyAdam", [(10,)] * 3 + [()] * 6 + [(10,)]),
]


def numbers(shape: tuple[int, ...], dtype: Any, seed: int) -> Array:
    return np.asarray(np.random.default_rng(seed).random(shape) * 0.9 + 0.05, dtype)


def prepared(op_type: str, inputs: Sequence[Array], outputs: Sequence[Array]) -> Any:
    """The operation as a chain."""
    instructions = chain.expand(op_type, {}, len(inputs), inputs[0].dtype)
    assert instructions is not None
    count = len(inputs) + len(outputs)
    code, _ = chain.assemble(instructions, range(len(inputs)), range(len(inputs), count), count)
    return chain.Chain([chain.Operand(array) for array in (*inputs, *outputs)], code)


def kernel(op_type: str, inputs: Sequence[Array]) -> list[Array]:
    result = OPS[op_type].kernel(*([inputs] if op_type == "AddN" else inputs))
    return [np.asarray(value) for value in (result if isinstance(result, tuple) else (result,))]


def error(found: Sequence[Array], wanted: Sequence[Array]) -> float:
    """The largest difference, relative to the largest result, in units of eps."""
    worst = 0.0
    for ours, exact in zip(found, wanted, strict=True):
        difference = np.abs(ours.astype(exact.dtype) - exact).max() / np.abs(exact).max()
        worst = max(worst, float(difference / np.finfo(ours.dtype).eps))
    return worst


def line(title: str, ours: Callable[[], Any], numpys: Callable[[], Any], worst: float) -> str:
    times = in_turns([Way("chain", ours), Way("numpy", numpys)], ROUNDS)
    a, b = min(times["chain"]) * 1e6, min(times["numpy"]) * 1e6
    return f"{title:44}{a:10.2f} us{b:10.2f} us{b / a:8.1f}x{worst:8.2f}"


def operation(op_type: str, shapes: list[tuple[int, ...]], dtype: Any) -> str | None:
    inputs = [numbers(shape, dtype, seed) for seed, shape in enumerate(shapes)]
    if chain.expand(op_type, {}, len(inputs), inputs[0].dtype) is None:
        return None
    outputs = [np.empty_like(value) for value in kernel(op_type, inputs)]
    ours = prepared(op_type, inputs, outputs)
    ours()
    wide = np.float64 if dtype == np.float32 or op_type == "ReluGrad" else np.longdouble
    exact = kernel(op_type, [value.astype(wide) for value in inputs])  # of ReluGrad it is exact
    sizes = "x".join(map(str, shapes[0])) or "one number"
    title = f"{op_type} {sizes}, {len(shapes)} inputs"
    return line(title, ours, partial(kernel, op_type, inputs), error(outputs, exact))


def ten_on_numbers() -> str:
    """What a call costs: ten instructions on single elements."""
    x, y, out = (np.array(value, np.float32) for value in (1.5, 0.25, 0))
    code = [("add", 3, 0, 1), *(("mul", 3, 3, 1), ("add", 3, 3, 0)) * 4, ("copy", 2, 3)]
    ours = chain.Chain([chain.Operand(v) for v in (x, y, out)], code)

    def numpys() -> None:
        np.add(x, y, out=out)
        for _ in range(4):
            np.multiply(out, y, out=out)
            np.add(out, x, out=out)
        np.positive(out, out=out)

    ours()
    found = out.copy()
    numpys()
    return line("10 instructions on one number", ours, numpys, error([found], [out]))


def cell() -> str:
    """The gates of an LSTM forward: parts of one array, a forget bias, what is kept and put out."""
    gates = numbers((100, 512), np.float32, 0) * 4 - 2
    kept = numbers((100, 128), np.float32, 1)
    i, j, f, o = (gates[:, k : k + 128] for k in range(0, 512, 128))
    new, out = np.empty_like(kept), np.empty_like(kept)
    code = [
        ("add", 7, 2, 1.0), ("sigmoid", 7, 7), ("mul", 7, 4, 7),
        ("sigmoid", 8, 0), ("tanh", 9, 1), ("mul", 8, 8, 9), ("add", 5, 7, 8),
        ("tanh", 7, 5), ("sigmoid", 8, 3), ("mul", 6, 7, 8),
    ]  # fmt: skip
    ours = chain.Chain([chain.Operand(v) for v in (i, j, f, o, kept, new, out)], code)
    a, b, c = (np.empty_like(kept) for _ in range(3))

    def sigmoid(x: Array, to: Array) -> None:
        """As one writes it who knows that it does not overflow."""
        np.negative(x, out=to)
        np.exp(to, out=to)
        np.add(to, 1, out=to)
        np.reciprocal(to, out=to)

    def numpys() -> None:
        np.add(f, np.float32(1), out=a)
        sigmoid(a, a)
        np.multiply(kept, a, out=a)
        sigmoid(i, b)
        np.tanh(j, out=c)
        np.multiply(b, c, out=b)
        np.add(a, b, out=new)
        np.tanh(new, out=a)
        sigmoid(o, b)
        np.multiply(a, b, out=out)

    def exact() -> list[Array]:
        def squashed(x: Array) -> Array:
            return np.asarray(1 / (1 + np.exp(-x.astype(np.float64))))

        c = kept * squashed(f + np.float64(1)) + squashed(i) * np.tanh(j.astype(np.float64))
        return [c, np.tanh(c) * squashed(o)]

    ours()
    worst = error([new, out], exact())
    return line("gates of an LSTM, 100 x 128", ours, numpys, worst)


def adam_beside_copies(dtype: Any) -> list[str]:
    """A step of Adam reads four arrays and writes three: as much memory as 3.5 copies."""
    shapes = [(784, 512)] * 3 + [()] * 6 + [(784, 512)]
    inputs = [numbers(shape, dtype, seed) for seed, shape in enumerate(shapes)]
    outputs = [np.empty((784, 512), dtype) for _ in range(3)]
    others = [np.ones((784, 512), dtype) for _ in range(7)]

    def copies() -> None:
        for to, source in zip(others[4:], others[:3], strict=True):
            np.copyto(to, source)
        np.copyto(others[6][:392], others[3][:392])

    ways = [
        Way("written where it lies", prepared("ApplyAdam", inputs, inputs[:3])),
        Way("written beside", prepared("ApplyAdam", inputs, outputs)),
        Way("3.5 copies", copies),
        Way("the kernel", partial(kernel, "ApplyAdam", inputs)),
    ]
    times = {name: min(own) for name, own in in_turns(ways, ROUNDS, 5.0).items()}
    copied = times["3.5 copies"]
    title = f"Adam 784x512 {np.dtype(dtype).name}"
    return [f"{title}, {n:24}{t * 1e6:10.1f} us{t / copied:8.2f}x" for n, t in times.items()]


def curves(step: int) -> list[str]:
    """The largest error of both curves, in units in the last place, over every `step`th float32."""
    lines = []
    for name in ("sigmoid", "tanh"):
        worst, at = 0.0, 0.0
        for start in range(0, 1 << 32, step << 20):
            bits = np.arange(start, min(start + (step << 20), 1 << 32), step, dtype=np.uint64)
            x = bits.astype(np.uint32).view(np.float32)
            x = x[~np.isnan(x)]
            if not len(x):
                continue
            wide = x.astype(np.float64)
            small = np.exp(-np.abs(wide))
            logistic = np.where(wide >= 0, 1, small) / (1 + small)
            exact = np.tanh(wide) if name == "tanh" else logistic
            unit = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
            off = np.abs(getattr(chain, name)(x).astype(np.float64) - exact) / unit
            if off.max() > worst:
                worst, at = float(off.max()), float(x[off.argmax()])
        every = "every float32" if step == 1 else f"one float32 in {step}"
        lines.append(f"{name:8} over {every}: {worst:.3f} units in the last place, at {at:g}")
    return lines


def main() -> None:
    print(f"numpy {np.__version__}, {_native.INSTRUCTIONS[-1]}")
    print(f"\n{'':44}{'chain':>13}{'numpy':>13}{'ratio':>9}{'error':>8}")
    with np.errstate(all="ignore"):
        print(ten_on_numbers())
        print(cell())
        for dtype in np.float32, np.float64:
            print(np.dtype(dtype).name)
            for op_type, shapes in OPERATIONS:
                if (text := operation(op_type, shapes, dtype)) is not None:
                    print(text, flush=True)
        print()
        for dtype in np.float32, np.float64:
            print("\n".join(adam_beside_copies(dtype)), flush=True)
        print()
        print("\n".join(curves(1 if "--all" in sys.argv else 97)))


if __name__ == "__main__":
    main()
