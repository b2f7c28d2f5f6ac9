"""The memory of arrays is recycled: contents, alignment, what is given back, threads, processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graphscope.kernels import pool

pytestmark = pytest.mark.skipif(not pool.AVAILABLE, reason="the extension is not compiled")

SIZES = [0, 1, 16, 63, 64, 65, 1000, 1024, 1025, 5000, 100_000, 1_000_003, 5_000_000]


@pytest.fixture(autouse=True)
def _empty_pool() -> Iterator[None]:
    pool.trim()
    budget = pool.limit(1 << 27)
    yield
    pool.limit(budget)
    pool.trim()


def test_the_next_array_of_the_size_gets_the_memory() -> None:
    with pool.recycled():
        first = np.empty(100_000)
        place = first.ctypes.data
        del first
        assert pool.state()["idle"] >= 800_000
        again = np.empty(100_000)
        assert again.ctypes.data == place
        other = np.empty(100_000)
        assert other.ctypes.data != place
    assert np.empty(100_000).ctypes.data not in (place, other.ctypes.data)


@pytest.mark.parametrize("size", SIZES)
def test_arrays_hold_what_is_written(size: int) -> None:
    with pool.recycled():
        kept = [np.full(size, i, np.uint8) for i in range(5)]
        del kept[2]
        kept.append(np.full(size, 9, np.uint8))
        zeros = np.zeros(size, np.uint8)
    for array, value in zip(kept, (0, 1, 3, 4, 9), strict=True):
        assert (array == value).all()
    assert not zeros.any()
    if size > 1:
        assert all(array.ctypes.data % 64 == 0 for array in (*kept, zeros))


@pytest.mark.parametrize("size", SIZES)
def test_zeros_are_zeros_in_memory_that_was_used(size: int) -> None:
    with pool.recycled():
        np.full(size, 255, np.uint8)
        assert not np.zeros(size, np.uint8).any()


@pytest.mark.parametrize("size", SIZES)
def test_resizing(size: int) -> None:
    with pool.recycled():
        for wanted in (size // 2, size + 1, 3 * size + 100):
            array = np.arange(size, dtype=np.uint16)
            array.resize(wanted, refcheck=False)
            known = min(size, wanted)
            assert (array[:known] == np.arange(known, dtype=np.uint16)).all()
            assert not array[known:].any()


def test_arrays_outlive_the_context_and_all_comes_back() -> None:
    lent = pool.state()["lent"]
    with pool.recycled():
        arrays = [np.ones(1000) for _ in range(10)]
    assert pool.state()["lent"] >= lent + 80_000
    arrays.clear()
    assert pool.state()["lent"] == lent
    pool.trim()
    assert pool.state()["idle"] == 0


def test_no_more_than_the_budget_is_idle() -> None:
    pool.limit(1_000_000)
    with pool.recycled():
        for size in (10_000, 50_000, 90_000, 20_000, 200_000):
            arrays = [np.empty(size) for _ in range(3)]
            arrays.clear()
            assert pool.state()["idle"] <= 1_000_000
    with pytest.raises(ValueError, match="0 or more"):
        pool.limit(-1)


def test_contexts_inside_others_and_errors() -> None:
    def in_use() -> bool:
        made = pool.state()["made"] + pool.state()["reused"]
        np.empty(77_777)
        return pool.state()["made"] + pool.state()["reused"] > made

    assert not in_use()
    with pool.recycled():
        with pool.recycled():
            assert in_use()
        assert in_use()
        with pytest.raises(ZeroDivisionError), pool.recycled():
            1 / 0  # noqa: B018
        assert in_use()
    assert not in_use()
    context = pool.recycled()
    with context, pytest.raises(RuntimeError, match="already"):
        context.__enter__()
    assert not in_use()


def test_it_holds_for_the_thread_alone_and_arrays_go_anywhere() -> None:
    failures: list[str] = []

    def work(number: int) -> None:
        for turn in range(300):
            with pool.recycled():
                array = np.full(3000 + 100 * (turn % 7), number)
                other = array + 1
            if not (other == number + 1).all():
                failures.append(f"{number} in turn {turn}")
            exchanged[number] = array  # what was there is freed by this thread

    exchanged: dict[int, object] = {}
    threads = [threading.Thread(target=work, args=(i % 4,)) for i in range(8)]
    with pool.recycled():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_has_a_pool_of_its_own() -> None:
    with pool.recycled():
        array = np.full(50_000, 7)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads that there may be
            child = os.fork()
        if child == 0:
            array[:] = 1
            del array
            made = np.zeros(50_000, int)
            os._exit(int(made.any()))
        assert os.waitpid(child, 0)[1] == 0
        assert (array == 7).all()


def test_arrays_are_freed_at_the_end_of_the_process(tmp_path: Path) -> None:
    program = (
        "import numpy as np, graphscope.kernels.pool as pool\n"
        "with pool.recycled(): keep = [np.ones(1000) for _ in range(100)]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ, cwd=tmp_path)
