"""Real TensorFlow 1.15 reads what was written here, and trains on with the same losses.

It runs when GRAPHSCOPE_TENSORFLOW names a Python that has TensorFlow 1.15; what came out when the
artefacts were made is in tests/goldens/artefacts/README.md.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, NAMES, Artefact

import graphscope as gs
from graphscope import compat

PYTHON = os.environ.get("GRAPHSCOPE_TENSORFLOW")
pytestmark = pytest.mark.skipif(
    PYTHON is None, reason="GRAPHSCOPE_TENSORFLOW names no Python with TensorFlow 1.15"
)
READING = Path(__file__).with_name("read_by_tensorflow.py")
#: Written by TensorFlow 2; of cells that are no operation here; of loops that call functions.
NOT_MADE_HERE = {
    *("as_in_1", "block_cells", "functions"),
    *("dynamic_lstm_by_1_4", "softmax_adam_by_1_4"),
}


def read(folder):
    """The losses that TensorFlow computes from the files in a folder, by the models' names."""
    done = subprocess.run([PYTHON, READING, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def tell(folder, artefact, losses, loss, train):
    """What TensorFlow has to know of a model."""
    feeds = {name: value.tolist() for name, value in artefact.feeds.items()}
    told = {"feeds": feeds, "loss": loss, "train": train, "losses": losses}
    (folder / f"{artefact.name}.json").write_text(json.dumps(told))


def test_files_that_were_read_and_written_again(tmp_path):
    expected = {}
    for name in NAMES:
        artefact = Artefact(name)
        with gs.Graph().as_default(), gs.Session() as session:
            saver = artefact.open()
            saver.restore(session, artefact.prefix)
            saver.save(session, str(tmp_path / name))
        tell(tmp_path, artefact, artefact.losses, artefact.loss, artefact.train)
        expected[name] = artefact.losses
    found = read(tmp_path)
    assert found.keys() == expected.keys()
    for name, losses in found.items():
        np.testing.assert_allclose(losses, expected[name], rtol=1e-6, err_msg=name)


def test_models_that_were_made_here(tmp_path):
    expected = {}
    sys.path.insert(0, str(ARTEFACTS))
    with compat.installed() as tf:
        sys.modules.pop("models", None)
        from models import MODELS

        for name in set(NAMES) - NOT_MADE_HERE:
            artefact = Artefact(name)
            with tf.Graph().as_default(), tf.Session() as session:
                tf.set_random_seed(7)
                loss, train = MODELS[name]()
                saver = tf.train.Saver(sharded=name == "sharded")
                session.run(tf.global_variables_initializer())
                artefact.loss, artefact.train = loss.name, [op.name for op in train]
                artefact.steps(session, 3)
                saver.save(session, str(tmp_path / name))
                losses = [float(x) for x in artefact.steps(session)]
            tell(tmp_path, artefact, losses, artefact.loss, artefact.train)
            expected[name] = losses
    sys.path.remove(str(ARTEFACTS))
    sys.modules.pop("models", None)
    found = read(tmp_path)
    assert found.keys() == expected.keys()
    for name, losses in found.items():
        np.testing.assert_allclose(losses, expected[name], rtol=2e-6, err_msg=name)
