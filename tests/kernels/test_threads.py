"""Large products in two threads: the same bits, after a fork too, whoever else multiplies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

_native = pytest.importorskip("graphscope.kernels._native", reason="the extension is not compiled")
Operand, Product = _native.Operand, _native.Product


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    before = _native.use_threads(2)
    yield
    _native.use_threads(before)


# Each is so large that two threads share it: cut by rows, and where b is packed by columns.
SHAPES = [(100, 784, 100), (1000, 30, 100), (130, 257, 129), (31, 100, 1030), (2, 900, 1500)]


@pytest.mark.parametrize("name", _native.INSTRUCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transposed", [(False, False), (False, True), (True, False), (True, True)])
def test_the_bits_do_not_depend_on_threads(
    name: str, dtype: Any, shape: tuple[int, int, int], transposed: tuple[bool, bool]
) -> None:
    rows, inner, columns = shape
    random = np.random.default_rng(0)
    a = random.standard_normal((inner, rows) if transposed[0] else (rows, inner)).astype(dtype)
    b = random.standard_normal((columns, inner) if transposed[1] else (inner, columns))
    bias = random.standard_normal(columns).astype(dtype)
    base = random.standard_normal((rows, columns)).astype(dtype)
    rate = np.array(0.3, dtype)
    x, y = Operand(a), Operand(b.astype(dtype))
    before = _native.use(name)
    for keywords in (
        {},
        {"bias": Operand(bias), "relu": True},
        {"base": Operand(base), "rate": Operand(rate)},
    ):
        results: list[NDArray[Any]] = []
        for threads in 1, 2, 2:
            _native.use_threads(threads)
            results.append(np.full((rows, columns), np.nan, dtype))
            Product(
                x,
                y,
                Operand(results[-1]),
                transpose_a=transposed[0],
                transpose_b=transposed[1],
                **keywords,
            )()
        np.testing.assert_array_equal(results[0], results[1])
        np.testing.assert_array_equal(results[0], results[2])
    _native.use(before)


def test_several_threads_of_python_may_multiply_at_once() -> None:
    a = np.random.default_rng(0).standard_normal((150, 150))
    wanted = np.empty((150, 150))
    _native.matmul(a, a, wanted, False, False)
    wrong = []

    def work() -> None:
        out = np.empty((150, 150))
        for _ in range(50):
            out.fill(np.nan)
            _native.matmul(a, a, out, False, False)
            if not np.array_equal(out, wanted):
                wrong.append(out)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


FORKING = """
import os, sys, threading
import numpy as np
from graphscope.kernels import _native
_native.use_threads(2)
a, out = np.ones((200, 200)), np.empty((200, 200))
def multiply():
    out.fill(0)
    _native.matmul(a, a, out, False, False)
    assert (out == 200).all()
stop = False
def busily():
    mine = np.empty((200, 200))
    while not stop:
        _native.matmul(a, a, mine, False, False)
thread = threading.Thread(target=busily)
thread.start()
for i in range(20):
    multiply()
    child = os.fork()
    if child == 0:
        for i in range(5):
            multiply()
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    multiply()
stop = True
thread.join()
print("both are well")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_makes_its_own_helper(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,  # what is installed, and not the sources
    )
    assert (done.stdout, done.stderr, done.returncode) == ("both are well\n", "", 0)
