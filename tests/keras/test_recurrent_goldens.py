"""The recurrent layers of Keras and the wrappers around layers do what TensorFlow 1.15 did.

The cases, and the script that made the goldens, are in `tests/goldens`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.keras_recurrent_wrapped import MISTAKES, RECURRENT
from goldens.running import is_forward
from goldens.running_keras import run_mistake, run_script

from graphscope import compat, keras

GOLDENS = Path(__file__).parent.parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "keras_recurrent.json").read_text())
#: Numbers of a loop's gradient are summed up in another order.
TOLERANCES = {"float32": {"rtol": 2e-5, "atol": 1e-6}, "float64": {"rtol": 1e-10, "atol": 1e-12}}
#: TensorFlow calls the layers inside a model again, to ask for their masks; and the variables of a
#: cell of tf.nn are of the newer kind there.
OTHER_NODES = ("TimeDistributed of a whole model", "a cell of tf.nn")


@pytest.fixture(scope="module")
def golden_arrays():
    with np.load(GOLDENS / "keras_recurrent.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_this_table():
    assert [*RECURRENT, *MISTAKES] == list(DESCRIPTIONS)


@pytest.mark.parametrize("name", RECURRENT)
def test_case(golden_arrays, name):
    with compat.installed() as tf:
        description, arrays = run_script(tf, keras, RECURRENT[name])
    operations = description.pop("operations")
    golden = DESCRIPTIONS[name]
    for part in golden["said"]:
        assert description["said"][part] == golden["said"][part], part
    assert description == golden
    own = f"{name}|"
    expected = {k[len(own) :]: v for k, v in golden_arrays.items() if k.startswith(own)}
    wanted = expected.pop("operations")
    if name not in OTHER_NODES:
        assert operations == [node for node in wanted.tolist() if is_forward(node[0])]
    assert set(arrays) == set(expected)
    for key, array in expected.items():
        assert (arrays[key].dtype, arrays[key].shape) == (array.dtype, array.shape), key
        tolerance = TOLERANCES.get(array.dtype.name, {"rtol": 0, "atol": 0})
        np.testing.assert_allclose(arrays[key], array, **tolerance, err_msg=key)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name):
    build, fragments = MISTAKES[name]
    with compat.installed() as tf:
        raised = run_mistake(tf, keras, build)
    assert raised is not None
    assert type(raised).__name__ == DESCRIPTIONS[name]
    told = " ".join(str(raised).split())
    assert [part for part in fragments if part not in told] == []
