"""Real TensorFlow imports graphs that were changed here, and trains on as the change says.

See `tensorflows`; what came out is in tests/goldens/artefacts/README.md.
"""

import json
import shutil

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, NAMES, Artefact
from formats.tensorflows import read

import graphscope as gs
from graphscope.formats import edits, exporting, meta_graphs

#: What TensorFlow 1.4 cannot say.
TOO_NEW = {"block_cells", "functions", "gan"}


def written(folder, name, edited, label, watched=()):
    """Write a changed graph with the artefact's checkpoint beside it. Returns what trains on here:
    the next losses, and the values of the watched tensors after them."""
    artefact = Artefact(name)
    prefix = folder / label
    exporting.write_message(f"{prefix}.meta", edited, False)
    for path in (ARTEFACTS / name).glob("model*"):
        if path.suffix != ".meta":
            shutil.copy(path, folder / path.name.replace("model", label, 1))
    told = {
        "feeds": {key: value.tolist() for key, value in artefact.feeds.items()},
        "loss": artefact.loss,
        "train": artefact.train,
        "losses": artefact.losses,
        "watched": list(watched),
    }
    (folder / f"{label}.json").write_text(json.dumps(told))
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph(f"{prefix}.meta").restore(session, str(prefix))
        return [float(x) for x in artefact.steps(session)], session.run(list(watched))


def meta(name):
    return meta_graphs.read(str(ARTEFACTS / name / "model.meta"))


def test_tensorflow_trains_on_with_the_other_rate(tmp_path):
    told = json.loads((ARTEFACTS / "softmax_adam" / "next.json").read_text())
    own = {
        label: written(
            tmp_path, name, edits.set_learning_rate(meta(name), rate, of).meta_graph, label
        )
        for label, name, rate, of in (
            ("adam", "softmax_adam", 0.001, None),
            ("decayed", "mlp_momentum_decay", 0.01, None),
            ("constant", "mlp_momentum_decay", 0.01, "rate"),
            ("generator", "gan", 0.001, "g_train"),
            ("resource", "resource_adam", 0.3, None),
            ("sparse", "dynamic_gru", 0.01, None),
        )
    }
    found = read(tmp_path)
    np.testing.assert_allclose(found["adam"]["losses"], told["slower"], rtol=1e-6)
    for label, (losses, _) in own.items():
        np.testing.assert_allclose(found[label]["losses"], losses, rtol=2e-6, err_msg=label)


FROZEN = {
    "softmax_adam": "W",
    "mlp_momentum_decay": "layer1/w",
    "resource_adam": "net/dense/kernel",
    "dynamic_gru": "embedding",
    "batch_norm": "batch_normalization/moving_mean",
    "conv_average": "conv2d/kernel",
}


def test_tensorflow_does_not_change_what_is_frozen(tmp_path):
    own = {}
    for name, variable in FROZEN.items():
        watched = [
            f"{variable}:0" if name != "resource_adam" else f"{variable}/Read/ReadVariableOp:0"
        ]
        frozen = edits.freeze(meta(name), variable).meta_graph
        own[name] = written(tmp_path, name, frozen, name, watched)
    found = read(tmp_path)
    for name, (losses, _) in own.items():
        np.testing.assert_allclose(found[name]["losses"], losses, rtol=2e-6, err_msg=name)
        kept = gs.train.load_variable(Artefact(name).prefix, FROZEN[name])
        np.testing.assert_array_equal(np.float32(found[name]["watched"][0]), kept)


def test_tensorflow_reads_other_names(tmp_path):
    names = {"dynamic_gru": {"rnn": "recurrent/net", "embedding": "words"}, "gan": {"gen": "maker"}}
    own = {}
    for name, changed in names.items():
        renamed = edits.rename(meta(name), changed, checkpoint=True).meta_graph
        own[name] = Artefact(name).losses
        written(tmp_path, name, edits.rename(meta(name), changed).meta_graph, f"{name}_graph")
        exporting.write_message(str(tmp_path / f"{name}.meta"), renamed, False)
        edits.rename_checkpoint(Artefact(name).prefix, changed, str(tmp_path / name))
        shutil.copy(tmp_path / f"{name}_graph.json", tmp_path / f"{name}.json")
    found = read(tmp_path)
    for name, losses in own.items():
        np.testing.assert_allclose(found[name]["losses"], losses, rtol=1e-6, err_msg=name)
        np.testing.assert_allclose(found[f"{name}_graph"]["losses"], losses, rtol=1e-6)


@pytest.mark.parametrize("version", ["tf1.4", "tf2"])
def test_other_versions_train_on(tmp_path, version):
    names = [name for name in NAMES if version != "tf1.4" or name not in TOO_NEW]
    for name in names:
        written(tmp_path, name, edits.for_version(meta(name), version).meta_graph, name)
    # RestoreV2 of 1.4 takes one tensor at a time of a checkpoint of the first version.
    shutil.move(tmp_path / "first_version", tmp_path / "old")
    edits.changed_checkpoint(str(tmp_path / "old"), str(tmp_path / "first_version"))
    found = read(tmp_path, version)
    for name in names:
        losses = Artefact(name).losses
        near = 5e-4 if name == "sharded" else 2e-5  # Adadelta computes otherwise since 1.5
        np.testing.assert_allclose(found[name]["losses"], losses, rtol=near, err_msg=name)
