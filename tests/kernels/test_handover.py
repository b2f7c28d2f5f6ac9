"""Which products go to C and which to numpy, and the file in which that is kept."""

import json
import os

import numpy as np
import pytest

from graphscope.kernels import handover, tuning
from graphscope.kernels.handover import DEFAULT, FORMS, in_c
from graphscope.kernels.matmul import matmul, use_threads
from graphscope.repl.doctor import doctor

_native = pytest.importorskip("graphscope.kernels._native", reason="the extension is not compiled")

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def forget():
    """As at the beginning of a process."""
    handover.handover.cache_clear()
    handover._limit.cache_clear()


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    """The file of a user who has not measured yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    yield tmp_path / "graphscope" / "products.json"
    forget()


def a_table(size):
    return {line: dict.fromkeys(FORMS, size) for line in DEFAULT}


@pytest.mark.parametrize(
    ("rows", "columns", "form"),
    [
        (1, 100, "row"),
        (1, 1, "row"),
        (100, 1, "column"),
        (3, 100, "thin"),
        (100, 7, "thin"),
        (100, 8, "narrow"),
        (100, 16, "narrow"),
        (100, 17, "wide"),
    ],
)
def test_forms(rows, columns, form):
    assert handover.form(rows, columns) == form


@pytest.mark.parametrize(
    ("sizes", "dtype", "turned", "expected"),
    [
        ((8, 8, 8), SINGLE, (False, False), True),
        ((512, 512, 512), DOUBLE, (True, True), True),
        ((1024, 1024, 1024), SINGLE, (False, False), False),
        ((1, 784, 100), SINGLE, (False, True), False),
        ((8, 8, 8), np.dtype(np.int32), (False, False), False),
        ((8, 8, 8), SINGLE.newbyteorder(), (False, False), False),
    ],
)
def test_the_table_that_comes_along(monkeypatch, sizes, dtype, turned, expected):
    monkeypatch.setattr(handover, "DEFAULT", handover.default_table("avx512"))
    assert in_c(*sizes, dtype, *turned) == expected


@pytest.mark.parametrize("name", _native.INSTRUCTIONS)
def test_every_set_of_instructions_has_a_table(name):
    table = handover.default_table(name)
    assert table.keys() == DEFAULT.keys()
    assert all(limits.keys() == set(FORMS) for limits in table.values())
    assert all(limit >= handover.ALWAYS for limits in table.values() for limit in limits.values())


def test_what_was_measured_is_used(file):
    handover.save(a_table(20**3) | {"float64 NT": dict.fromkeys(FORMS, 30**3)})
    assert handover.handover().file == file
    assert in_c(20, 20, 20, SINGLE)
    assert not in_c(20, 20, 21, SINGLE)
    assert not in_c(20, 20, 21, DOUBLE)
    assert in_c(30, 30, 30, DOUBLE, False, True)
    assert not in_c(30, 30, 30, DOUBLE, True, False)
    assert os.listdir(file.parent) == [file.name]


def test_the_table_does_not_change_in_a_process():
    assert not in_c(1024, 1024, 1024, SINGLE)
    handover.save(a_table(2000**3))
    assert not in_c(1024, 1024, 1024, SINGLE)


def test_both_sides_of_the_table_are_right():
    handover.save(a_table(handover.ALWAYS))
    a = np.random.default_rng(0).standard_normal((17, 17))
    assert not in_c(17, 17, 17, a.dtype)
    assert in_c(16, 16, 16, a.dtype)
    for size in 16, 17:
        np.testing.assert_allclose(
            matmul(a[:size, :size], a[:size, :size]), a[:size, :size] @ a[:size, :size]
        )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"machine": 1}', b'{"machine": {}, "table": {}}'],
)
def test_a_damaged_file_is_ignored_and_doctor_says_so(file, content, capsys):
    file.parent.mkdir()
    file.write_bytes(content)
    assert handover.handover().table is DEFAULT
    assert doctor([]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("products"))
    assert f"{file} cannot be read, so it is ignored." in line


@pytest.mark.parametrize("size", ["100", None, 1.5])
def test_a_size_that_is_no_number_is_damage(file, size):
    handover.save(a_table(size))
    assert handover.handover().problem == f"{file} cannot be read, so it is ignored."


@pytest.mark.parametrize("fact", ["processor", "numpy", "threads", "instructions"])
def test_the_file_of_another_machine_is_ignored(file, fact, capsys):
    handover.save(a_table(10**9))
    content = json.loads(file.read_text())
    content["machine"][fact] += "?"
    file.write_text(json.dumps(content))
    assert handover.handover().table is DEFAULT
    assert doctor([]) == 0
    assert "measured with another processor or numpy" in capsys.readouterr().out


def test_a_cache_folder_must_be_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert handover.cache_file() == tmp_path / ".cache" / "graphscope" / "products.json"


def test_doctor_measures_and_keeps(file, monkeypatch, capsys):
    monkeypatch.setattr(tuning, "_SIZES", (4, 24))
    monkeypatch.setattr(tuning, "_SECONDS_PER_REPEAT", 1e-5)
    assert doctor(["--tune"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == f"Kept in {file} for runs that begin from now on."
    assert "float64 TT" in said
    forget()
    state = handover.handover()
    assert (state.file, state.problem) == (file, None)
    assert state.table.keys() == DEFAULT.keys()
    assert doctor([]) == 0
    assert f"as measured here: {file}" in capsys.readouterr().out


def test_doctor_says_what_there_is(capsys):
    assert doctor([]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["GraphScope", "Python", "numpy", "processor", "C", "products", "pictures"]
    assert doctor(["--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: graphscope doctor")
    assert doctor(["well"]) == 2


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_one_thread_can_be_asked_for(monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    assert handover.threads_allowed() == 1
    monkeypatch.setenv(variable, "2")
    assert handover.threads_allowed() <= 2


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="it has no affinities")
def test_one_processor_is_one_thread(monkeypatch):
    for variable in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS":
        monkeypatch.delenv(variable, raising=False)
    for processors, threads in ({0}, 1), ({0, 1}, 2), ({0, 1, 2, 3}, 2):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process, p=processors: p)
        assert handover.threads_allowed() == threads


def test_threads_can_be_set():
    before = use_threads(1)
    try:
        assert use_threads(2) == 1
        assert use_threads(5) == 2
        with pytest.raises(ValueError, match="at least 1"):
            use_threads(0)
    finally:
        use_threads(before)
