"""Layers, losses, metrics and tf.contrib.layers do what TensorFlow 1.15 did.

The cases, and the script that made the goldens, are in `tests/goldens`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.layers_cases import LAYERS
from goldens.running_layers import run_layers

from graphscope import compat

GOLDENS = Path(__file__).parent.parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "layers.json").read_text())

# Sums over a batch are added up in another order; gradients through normalization are differences
# of such sums, so their roundings are those of the largest of them.
TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}
OF_THE_LARGEST = 1e-5

#: Here TensorFlow makes a tf.cond, and one node that chooses is enough.
CONDS = ("/told in the run", "metrics.auc/")
#: Nodes inside that TensorFlow has and that are not made here, or are made in another order.
OTHER_NODES = (
    "metrics.mean_per_class_accuracy",
    "conv2d_transpose/channels first",
    "causal",
    "safe_embedding_lookup_sparse",
)


@pytest.fixture(scope="module")
def golden_arrays():
    with np.load(GOLDENS / "layers.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_this_table():
    assert list(LAYERS) == list(DESCRIPTIONS)


@pytest.mark.parametrize("name", LAYERS)
def test_case(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_layers(tf, LAYERS[name])
    golden = DESCRIPTIONS[name]
    assert description["results"] == golden["results"]
    assert description["collections"] == golden["collections"]
    if not any(part in name for part in (*CONDS, *OTHER_NODES)):
        assert description["operations"] == golden["operations"]

    own = f"{name}|"
    expected = {k[len(own) :]: v for k, v in golden_arrays.items() if k.startswith(own)}
    assert set(arrays) == set(expected)
    for key, array in expected.items():
        assert (arrays[key].dtype, arrays[key].shape) == (array.dtype, array.shape), key
        tolerance = dict(TOLERANCE)
        if key.startswith("d/"):
            tolerance["atol"] = OF_THE_LARGEST * max(1.0, float(np.abs(array).max()))
        np.testing.assert_allclose(arrays[key], array, **tolerance, err_msg=key)
