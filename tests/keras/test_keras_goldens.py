"""The backend, losses, metrics and optimizers of Keras do what TensorFlow 1.15 did.

The cases, and the script that made the goldens, are in `tests/goldens`.
"""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from goldens import keras_callbacks, keras_data, keras_metrics, keras_optimizers, keras_small  # noqa: F401 (adds cases)
from goldens.keras_cases import FUNCTIONS
from goldens.keras_scripts import SCRIPTS
from goldens.running_keras import MODULES, run_function, run_script

from graphscope import compat

GOLDENS = Path(__file__).parent.parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "keras.json").read_text())
KERAS = SimpleNamespace(
    **{name: importlib.import_module(f"graphscope.keras.{name}") for name in MODULES}
)
TOLERANCES = {"float32": {"rtol": 1e-5, "atol": 1e-6}, "float64": {"rtol": 1e-10, "atol": 1e-12}}
#: Nodes that are made otherwise here: the shape of a dilated filter is a node; whether weights fit a
#: shape that only the run knows, and a choice of rates, are no tf.cond; a script's own metric is no
#: function.
OTHER_NODES = ("dilation_rate", "any size", "schedules", "of one's own")
#: TensorFlow makes a loop, and variables of zeros, where one choice of elements is enough.
VALUES_ONLY = ("constraints.RadialConstraint",)


@pytest.fixture(scope="module")
def golden_arrays():
    with np.load(GOLDENS / "keras.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_this_table():
    assert sorted([*FUNCTIONS, *SCRIPTS]) == sorted(DESCRIPTIONS)


def check(name, description, arrays, golden_arrays):
    golden = DESCRIPTIONS[name]
    if name in VALUES_ONLY:
        golden = {**description, "said": golden["said"]}
    assert {k: v for k, v in description.items() if k != "operations"} == {
        k: v for k, v in golden.items() if k != "operations"
    }
    if not any(part in name for part in OTHER_NODES):
        assert description["operations"] == golden["operations"]
    own = f"{name}|"
    expected = {k[len(own) :]: v for k, v in golden_arrays.items() if k.startswith(own)}
    assert set(arrays) == set(expected)
    for key, array in expected.items():
        assert (arrays[key].dtype, arrays[key].shape) == (array.dtype, array.shape), key
        tolerance = TOLERANCES.get(array.dtype.name, {"rtol": 0, "atol": 0})
        np.testing.assert_allclose(arrays[key], array, **tolerance, err_msg=key)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_function(tf, KERAS, FUNCTIONS[name])
    check(name, description, arrays, golden_arrays)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_script(tf, KERAS, SCRIPTS[name])
    check(name, description, arrays, golden_arrays)
