"""Branches, loops and recurrent networks do what real TensorFlow 1.15 did: values, slopes, names,
errors."""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens.cases_recurrent import RECURRENT, RECURRENT_ERRORS
from goldens.cases_seq2seq import SEQ2SEQ, SEQ2SEQ_ERRORS
from goldens.cases_tensor_arrays import CONTROL, CONTROL_ERRORS
from goldens.running import run_snippet
from goldens.running_control import run_control

from graphscope import compat

GOLDENS = Path(__file__).parent / "goldens"
TABLES = {
    "control": (CONTROL, CONTROL_ERRORS),
    "recurrent": (RECURRENT, RECURRENT_ERRORS),
    "seq2seq": (SEQ2SEQ, SEQ2SEQ_ERRORS),
}
DESCRIPTIONS = {table: json.loads((GOLDENS / f"{table}.json").read_text()) for table in TABLES}


def each(part):
    return [(table, name) for table, parts in TABLES.items() for name in parts[part]]


@pytest.fixture
def tf():
    with compat.installed() as module:
        yield module


@pytest.fixture(scope="module")
def golden_arrays():
    found = {}
    for table in TABLES:
        with np.load(GOLDENS / f"{table}.npz") as arrays:
            found[table] = dict(arrays)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_the_goldens_are_of_these_tables(table):
    cases, errors = TABLES[table]
    assert [*cases, *errors] == list(DESCRIPTIONS[table])


@pytest.mark.parametrize(("table", "name"), each(0))
def test_case(tf, golden_arrays, table, name):
    description, arrays = run_control(tf, TABLES[table][0][name])
    assert description == DESCRIPTIONS[table][name]
    own = f"{name}|"
    wanted = {k[len(own) :]: a for k, a in golden_arrays[table].items() if k.startswith(own)}
    assert set(arrays) == set(wanted), "values and slopes that there are"
    for key, array in wanted.items():
        actual = np.asarray(arrays[key])
        if array.dtype.kind in "SU":
            assert actual.item() == array.item()
            continue
        assert (actual.dtype, actual.shape) == (array.dtype, array.shape), key
        tolerance = 1e-12 if array.dtype == np.float64 else 2e-6
        np.testing.assert_allclose(actual, array, rtol=tolerance, atol=tolerance, err_msg=key)


@pytest.mark.parametrize(("table", "name"), each(1))
def test_error(tf, table, name):
    kind, _ = DESCRIPTIONS[table][name]
    snippet, fragments = TABLES[table][1][name]
    raised = run_snippet(tf, name, snippet)
    assert type(raised).__name__ == kind, raised
    text = "\n".join([str(raised), *getattr(raised, "__notes__", [])])
    assert not [fragment for fragment in fragments if fragment not in text], text
