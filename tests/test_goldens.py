"""GraphScope does what real TensorFlow 1.15 did: values, gradients, names, errors, whole scripts.

The goldens, and the script that made them, are in `goldens/`; the scripts are in `programs/`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.cases import CASES
from goldens.error_cases import ERRORS
from goldens.running import directory, run_case, run_program, run_snippet

from graphscope import compat

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"
OPS = json.loads((GOLDENS / "ops.json").read_text())
ERROR_GOLDENS = json.loads((GOLDENS / "errors.json").read_text())
PROGRAM_GOLDENS = json.loads((GOLDENS / "programs.json").read_text())

# One rounding of a float32 is 6e-8 of its value. TensorFlow adds up in another order and has its
# own exp and tanh, so a few roundings of the largest term may differ; nothing more may.
TOLERANCES = {
    "float32": {"rtol": 1e-5, "atol": 1e-6},
    "float64": {"rtol": 1e-12, "atol": 1e-12},
    "complex64": {"rtol": 1e-5, "atol": 1e-6},
    "complex128": {"rtol": 1e-12, "atol": 1e-12},
}
# The programs train for up to a thousand steps, and each step inherits the roundings before it.
# (In float64 the same thousand steps end within 1e-6 of TensorFlow's float32.)
PROGRAM_TOLERANCE = {"rel": 1e-4, "abs": 1e-5}


@pytest.fixture
def tf():
    with compat.installed() as module:
        yield module


@pytest.fixture(scope="module")
def op_arrays():
    with np.load(GOLDENS / "ops.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_these_tables():
    assert list(CASES) == list(OPS)
    assert {name: snippet.splitlines() for name, (snippet, _) in ERRORS.items()} == {
        name: golden["snippet"] for name, golden in ERROR_GOLDENS.items()
    }
    assert {path.stem for path in (HERE / "programs").glob("*.py")} == set(PROGRAM_GOLDENS)


@pytest.mark.parametrize("name", CASES)
def test_op(tf, op_arrays, name):
    description, arrays = run_case(tf, CASES[name])
    assert description == OPS[name]

    own = f"{name}|"
    expected = {key[len(own) :]: array for key, array in op_arrays.items() if key.startswith(own)}
    assert set(arrays) == set(expected), "values and gradients that there are"
    for key, array in expected.items():
        assert (arrays[key].dtype, arrays[key].shape) == (array.dtype, array.shape), key
        tolerance = TOLERANCES.get(array.dtype.name, {"rtol": 0, "atol": 0})
        np.testing.assert_allclose(arrays[key], array, **tolerance, err_msg=key)


@pytest.mark.parametrize("name", ERROR_GOLDENS)
def test_error(tf, name):
    golden = ERROR_GOLDENS[name]
    raised = run_snippet(tf, name, "\n".join(golden["snippet"]) + "\n")
    assert type(raised).__name__ == golden["raises"], raised

    text = "\n".join([str(raised), *getattr(raised, "__notes__", [])])
    missing = [fragment for fragment in golden["must_contain"] if fragment not in text]
    assert not missing, f"{text}\n\nTensorFlow: {golden['message']}"


@pytest.mark.parametrize("name", PROGRAM_GOLDENS)
def test_program(tf, tmp_path, name):
    golden = PROGRAM_GOLDENS[name]
    with directory(tmp_path):
        run = run_program(tf, HERE / "programs" / f"{name}.py")
    assert run["operations"] == golden["operations"]
    assert run["variables"] == golden["variables"]
    assert run["trainable"] == golden["trainable"]
    assert run["next_seed"] == golden["next_seed"], "operations, with those of gradients"
    assert set(run["results"]) == set(golden["results"])
    for key, value in golden["results"].items():
        assert_same(run["results"][key], value, key)


def assert_same(actual, expected, where):
    """Lists item by item, floats nearly, everything else exactly."""
    if isinstance(expected, list):
        assert len(actual) == len(expected), where
        for i, (ours, theirs) in enumerate(zip(actual, expected, strict=True)):
            assert_same(ours, theirs, f"{where}[{i}]")
    elif isinstance(expected, float):
        assert actual == pytest.approx(expected, **PROGRAM_TOLERANCE), where
    else:
        assert (actual, type(actual)) == (expected, type(expected)), where
