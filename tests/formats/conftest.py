"""What the tests of files share: the artefacts that TensorFlow 1.15 wrote."""

import json
from pathlib import Path

import numpy as np
import pytest

import graphscope as gs

ARTEFACTS = Path(__file__).parents[1] / "goldens" / "artefacts"
NAMES = sorted(path.parent.name for path in ARTEFACTS.glob("*/next.json"))


class Artefact:
    """A saved model: its checkpoint, what is fed, and the losses of the next five steps."""

    def __init__(self, name, folder=None):
        self.name = name
        self.prefix = str((folder or ARTEFACTS) / name / "model")
        told = json.loads((ARTEFACTS / name / "next.json").read_text())
        self.loss, self.train, self.losses = told["loss"], told["train"], told["losses"]
        self.nodes = told["nodes"]
        self.feeds = {key: np.array(value) for key, value in told["feeds"].items()}

    def open(self, session_graph=None):
        """Import the graph into the default one. Returns the Saver."""
        return gs.train.import_meta_graph(f"{self.prefix}.meta")

    def steps(self, session, count=5, feeds=None):
        """The losses before each of so many steps."""
        fed, losses = {**self.feeds, **(feeds or {})}, []
        for _ in range(count):
            losses.append(session.run([self.loss, self.train[0]], fed)[0])
            for op in self.train[1:]:
                session.run(op, fed)
        return losses


@pytest.fixture
def graph():
    with gs.Graph().as_default() as made:
        yield made
