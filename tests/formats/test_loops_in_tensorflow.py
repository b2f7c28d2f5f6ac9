"""Real TensorFlow trains on with loops that were made here: see `tensorflows`."""

import json

import numpy as np
import pytest
from formats.loop_models import FEEDS, MODELS, losses, made
from formats.tensorflows import PYTHONS, read

import graphscope as gs
from graphscope.formats import edits, exporting, meta_graphs


@pytest.mark.parametrize("version", PYTHONS)
def test_loops_are_trained_on(tmp_path, version):
    expected = {}
    for name in MODELS:
        prefix = str(tmp_path / name)
        with gs.Graph().as_default(), gs.Session() as session:
            made(name, session)
            gs.train.Saver().save(session, prefix)
            expected[name] = losses(session)
        if version == "tf1.4":
            message = edits.for_version(meta_graphs.read(f"{prefix}.meta"), version).meta_graph
            exporting.write_message(f"{prefix}.meta", message, False)
        told = {"feeds": FEEDS, "loss": "loss:0", "train": ["train"], "losses": expected[name]}
        (tmp_path / f"{name}.json").write_text(json.dumps(told))
    found = read(tmp_path, version)
    assert found.keys() == expected.keys()
    for name, values in found.items():
        np.testing.assert_allclose(values, expected[name], rtol=2e-6, atol=1e-7, err_msg=name)
