"""Optimizers, decays, averages, initializers and scatters do what TensorFlow 1.15 did.

The cases, and the script that made the goldens, are in `tests/goldens`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.running import run_snippet
from goldens.running_training import run_training
from goldens.training import TRAINING
from goldens.training_errors import TRAINING_ERRORS

from graphscope import compat

GOLDENS = Path(__file__).parent.parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "training.json").read_text())
ERRORS = json.loads((GOLDENS / "training_errors.json").read_text())

TOLERANCES = {
    "float32": {"rtol": 1e-5, "atol": 1e-6},
    "float64": {"rtol": 1e-10, "atol": 1e-12},
    "float16": {"rtol": 4e-3, "atol": 2e-3},
}


@pytest.fixture(scope="module")
def golden_arrays():
    with np.load(GOLDENS / "training.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_this_table():
    assert list(TRAINING) == list(DESCRIPTIONS)
    assert list(TRAINING_ERRORS) == list(ERRORS)


@pytest.mark.parametrize("name", TRAINING)
def test_training(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_training(tf, TRAINING[name])
    golden = DESCRIPTIONS[name]
    assert description["variables"] == golden["variables"]
    assert description["trainable"] == golden["trainable"]
    if not name.startswith("values of"):
        assert description["operations"] == golden["operations"]

    own = f"{name}|"
    expected = {k[len(own) :]: v for k, v in golden_arrays.items() if k.startswith(own)}
    assert set(arrays) == set(expected)
    for key, array in expected.items():
        assert (arrays[key].dtype, arrays[key].shape) == (array.dtype, array.shape), key
        tolerance = TOLERANCES.get(array.dtype.name, {"rtol": 0, "atol": 0})
        np.testing.assert_allclose(arrays[key], array, **tolerance, err_msg=key)


@pytest.mark.parametrize("name", TRAINING_ERRORS)
def test_error(name):
    with compat.installed() as tf:
        raised = run_snippet(tf, name, TRAINING_ERRORS[name])
    kind, message = ERRORS[name]
    assert type(raised).__name__ == kind, f"{raised!r}\n\nTensorFlow: {message}"
