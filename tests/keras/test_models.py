"""Layers and models of Keras against what TensorFlow 1.15 makes of them.

The goldens, and the script that made them, are in `goldens/`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.keras_models import MISTAKES, MODELS
from goldens.running_keras import run_mistake, run_script

from graphscope import compat

GOLDENS = Path(__file__).parent.parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "keras_models.json").read_text())


#: TensorFlow computes constants between layers while the model is built; it has a dataset's
#: iterator of another kind; and it asks in another order which variables have no value yet.
OTHER_NODES = (
    "data from tf.data and from tensors",
    "names of metrics",
    "operations between layers",
)


@pytest.fixture(scope="module")
def golden_arrays():
    with np.load(GOLDENS / "keras_models.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_these_tables():
    assert [*MODELS, *(f"mistake {name}" for name in MISTAKES)] == list(DESCRIPTIONS)


@pytest.mark.parametrize("name", MODELS)
def test_model(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_script(tf, tf.keras, MODELS[name])
    golden = DESCRIPTIONS[name]
    for key, value in golden["said"].items():
        assert same(description["said"].get(key), value), key
    if name not in OTHER_NODES:
        assert description["operations"] == golden["operations"]
    for part in ("variables", "trainable"):
        assert description[part] == golden[part], part
    prefix = f"{name}|"
    expected = {k.removeprefix(prefix): v for k, v in golden_arrays.items() if k.startswith(prefix)}
    assert set(arrays) == set(expected)
    for key, array in expected.items():
        np.testing.assert_allclose(arrays[key], array, rtol=2e-5, atol=1e-6, err_msg=key)


def same(ours, theirs):
    """Texts and whole numbers exactly, others nearly; in lists and dicts item by item."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == (pytest.approx(theirs, rel=1e-5) if isinstance(theirs, float) else theirs)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name):
    build, fragments = MISTAKES[name]
    with compat.installed() as tf:
        raised = run_mistake(tf, tf.keras, build)
    assert type(raised).__name__ == DESCRIPTIONS[f"mistake {name}"]
    for fragment in fragments:
        assert fragment in str(raised)
