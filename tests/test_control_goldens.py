"""tf.cond and tf.while_loop do what real TensorFlow 1.15 did: values, slopes, names, errors."""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.cases_tensor_arrays import CONTROL, CONTROL_ERRORS
from goldens.running import run_snippet
from goldens.running_control import run_control

from graphscope import compat

GOLDENS = Path(__file__).parent / "goldens"
DESCRIPTIONS = json.loads((GOLDENS / "control.json").read_text())


@pytest.fixture
def tf():
    with compat.installed() as module:
        yield module


@pytest.fixture(scope="module")
def control_arrays():
    with np.load(GOLDENS / "control.npz") as arrays:
        return dict(arrays)


def test_the_goldens_are_of_these_tables():
    assert [*CONTROL, *CONTROL_ERRORS] == list(DESCRIPTIONS)


@pytest.mark.parametrize("name", CONTROL)
def test_case(tf, control_arrays, name):
    description, arrays = run_control(tf, CONTROL[name])
    assert description == DESCRIPTIONS[name]
    own = f"{name}|"
    wanted = {key[len(own) :]: a for key, a in control_arrays.items() if key.startswith(own)}
    assert set(arrays) == set(wanted), "values and slopes that there are"
    for key, array in wanted.items():
        actual = np.asarray(arrays[key])
        if array.dtype.kind in "SU":
            assert actual.item() == array.item()
            continue
        assert (actual.dtype, actual.shape) == (array.dtype, array.shape), key
        tolerance = 1e-12 if array.dtype == np.float64 else 2e-6
        np.testing.assert_allclose(actual, array, rtol=tolerance, atol=tolerance, err_msg=key)


@pytest.mark.parametrize("name", CONTROL_ERRORS)
def test_error(tf, name):
    kind, _ = DESCRIPTIONS[name]
    snippet, fragments = CONTROL_ERRORS[name]
    raised = run_snippet(tf, name, snippet)
    assert type(raised).__name__ == kind, raised
    text = "\n".join([str(raised), *getattr(raised, "__notes__", [])])
    assert not [fragment for fragment in fragments if fragment not in text], text
