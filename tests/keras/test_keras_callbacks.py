"""What callbacks of Keras write, and what they warn of; the rest is compared with goldens."""

import types

import numpy as np
import pytest

import graphscope as gs
from graphscope.keras import backend as K
from graphscope.keras import callbacks, optimizers
from graphscope.keras.utils import GeneratorEnqueuer, OrderedEnqueuer, Sequence
from graphscope.summary.reading import latest_events


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()


def model():
    weights = K.variable([[1.0, 2.0]], name="dense/kernel")
    return types.SimpleNamespace(
        layers=[types.SimpleNamespace(weights=[weights])],
        optimizer=optimizers.SGD(0.5),
        stop_training=False,
    )


def told(callback, epochs, logs):
    """The callback, after it was called as a training calls it."""
    callback.set_model(model())
    callback.set_params({"metrics": ["loss"], "epochs": epochs, "verbose": 0})
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch)
        for batch in range(2):
            callback.on_train_batch_end(batch, {"batch": batch, "size": 3, "loss": logs[epoch] + 1})
        callback.on_epoch_end(epoch, {"loss": np.float32(logs[epoch]), "val_loss": 0.25})
    callback.on_train_end()
    return callback


def written(folder):
    events = latest_events(str(folder))
    values = [(value, event.step) for event in events for value in event.summary.value]
    return events, values


def test_tensorboard_gets_the_graph_and_the_metrics_of_epochs(tmp_path):
    told(callbacks.TensorBoard(str(tmp_path)), 2, [0.5, 0.125])
    events, values = written(tmp_path)
    assert [(value.tag, value.simple_value, step) for value, step in values] == [
        ("epoch_loss", 0.5, 0),
        ("epoch_val_loss", 0.25, 0),
        ("epoch_loss", 0.125, 1),
        ("epoch_val_loss", 0.25, 1),
    ]
    assert any(b"dense/kernel" in event.graph_def for event in events)


def test_tensorboard_gets_batches_and_weights(tmp_path):
    board = callbacks.TensorBoard(str(tmp_path), write_graph=False, update_freq=6, histogram_freq=2)
    told(board, 3, [0.5, 0.125, 0.0])
    events, values = written(tmp_path)
    assert [(v.tag, v.simple_value, s) for v, s in values if v.tag.startswith("batch_")] == [
        ("batch_loss", 1.5, 1),
        ("batch_loss", 1.125, 3),
        ("batch_loss", 1.0, 5),
    ]
    histograms = [(v.tag, v.histo.num, v.histo.max, s) for v, s in values if v.HasField("histo")]
    assert histograms == [("dense/kernel_0", 2.0, 2.0, 0), ("dense/kernel_0", 2.0, 2.0, 2)]
    # An epoch is written at the number of samples when batches are written too.
    assert [s for v, s in values if v.tag == "epoch_loss"] == [6, 12, 18]
    assert not any(event.graph_def for event in events)


def test_a_metric_that_is_not_there_is_said(caplog):
    caplog.set_level("WARNING", logger="tensorflow")
    told(callbacks.EarlyStopping(monitor="val_f1"), 1, [0.5])
    told(callbacks.ReduceLROnPlateau(monitor="val_f1", mode="up"), 1, [0.5])
    told(callbacks.ModelCheckpoint("a", monitor="val_f1", save_best_only=True), 1, [0.5])
    said = caplog.text
    assert "Early stopping conditioned on metric `val_f1` which is not available." in said
    assert "Available metrics are: loss,val_loss" in said
    assert "Learning Rate Plateau Reducing mode up is unknown, fallback to auto mode." in said
    assert "Reduce LR on plateau conditioned on metric `val_f1`" in said
    assert "Can save best model only with val_f1 available, skipping." in said


def test_a_checkpoint_of_a_model_that_is_only_code_has_the_weights_only():
    checkpoint = callbacks.ModelCheckpoint("a")
    checkpoint.set_model(types.SimpleNamespace(_is_graph_network=False))
    assert checkpoint.save_weights_only


def test_a_checkpoint_loads_what_was_written_last(tmp_path):
    loaded = []
    for name in ("weights.01.h5", "weights.02.h5", "other.h5"):
        (tmp_path / name).write_text("")
    checkpoint = callbacks.ModelCheckpoint(
        str(tmp_path / "weights.{epoch:02d}.h5"), load_weights_on_restart=True
    )
    checkpoint.set_model(types.SimpleNamespace(load_weights=loaded.append))
    checkpoint.on_train_begin()
    assert loaded == [str(tmp_path / "weights.02.h5")]


class Squares(Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return index * index

    def on_epoch_end(self):
        self.ended = getattr(self, "ended", 0) + 1


def test_batches_come_one_after_the_other():
    squares = Squares()
    assert list(squares) == [0, 1, 4]
    ordered = OrderedEnqueuer(squares)
    ordered.start(workers=2, max_queue_size=5)
    batches = ordered.get()
    assert [next(batches) for _ in range(7)] == [0, 1, 4, 0, 1, 4, 0]
    assert squares.ended == 2
    ordered.stop()
    assert list(batches) == []
    generated = GeneratorEnqueuer(iter([1, None, 2]))
    generated.start()
    assert list(generated.get()) == [1, 2]


def test_a_wrapped_optimizer_initializes_its_slots():
    v = K.variable([1.0])
    wrapped = optimizers.get(gs.train.AdamOptimizer(0.1))
    updates = wrapped.get_updates(K.sum(v * v), [v])
    K.function([], [K.sum(v)], updates=updates)([])
    assert K.get_value(v) == pytest.approx(0.9, abs=1e-5)
    assert K.get_value(wrapped.iterations) == 1
