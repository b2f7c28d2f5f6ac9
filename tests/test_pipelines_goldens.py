"""Datasets, queues, readers and examples do what real TensorFlow 1.15 did."""

import json
from pathlib import Path

import pytest
from goldens.cases_pipelines import MISTAKES, PIPELINES

from graphscope import compat

TABLE = json.loads((Path(__file__).parent / "goldens" / "pipelines.json").read_text())


@pytest.fixture
def tf():
    with compat.installed() as module, module.Graph().as_default():
        yield module


def test_the_goldens_are_of_these_cases():
    assert [*PIPELINES, *MISTAKES] == list(TABLE)


@pytest.mark.parametrize("name", PIPELINES)
def test_case(tf, tmp_path, name):
    found = PIPELINES[name](tf, str(tmp_path))
    assert json.loads(json.dumps(found)) == TABLE[name]


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(tf, tmp_path, name):
    with pytest.raises(Exception) as raised:
        MISTAKES[name](tf, str(tmp_path))
    assert type(raised.value).__name__ == TABLE[name]
