"""Cases of Keras' callbacks, driven by a model that only pretends to train."""

import contextlib
import io
import os
import re
import tempfile

import numpy as np
from goldens.keras_scripts import script

LOSSES = [1.0, 0.5, 0.6, 0.45, 0.4499, 0.5, 0.7, 0.3]
ACCURACIES = [0.1, 0.3, 0.2, 0.5, 0.5, 0.4, 0.9, 0.8]


class Model:
    """What callbacks use of a model. `said` is what it was told to do."""

    _is_graph_network = True

    def __init__(self, keras):
        self.optimizer = keras.optimizers.SGD(1.0)
        self.stop_training = False
        self.said = []
        self.layers = []

    def save(self, path, overwrite=True):
        self.said.append(["save", os.path.basename(path), overwrite])

    def save_weights(self, path, overwrite=True):
        self.said.append(["save_weights", os.path.basename(path), overwrite])

    def get_weights(self):
        return len(self.said)

    def set_weights(self, weights):
        self.said.append(["set_weights", weights])

    def _in_multi_worker_mode(self):
        return False


def trained(keras, callback, epochs=8, batches=2, verbose=0, stateful=(), losses=LOSSES):
    """The callback in a training of so many epochs; the model, and what was printed."""
    model = Model(keras)
    metrics = ["loss", "acc", "val_loss", "val_acc"]
    params = {
        "metrics": metrics,
        "verbose": verbose,
        "epochs": epochs,
        "samples": 4 * batches,
        "steps": batches,
        "batch_size": 4,
        "do_validation": True,
    }
    logger = keras.callbacks.BaseLogger(stateful_metrics=stateful)
    history = keras.callbacks.History()
    turns = keras.callbacks.CallbackList([logger, callback, history])
    turns.set_model(model)
    turns.set_params(params)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        turns.on_train_begin()
        for epoch in range(epochs):
            turns.on_epoch_begin(epoch)
            for batch in range(batches):
                logs = {"batch": batch, "size": 4}
                turns.on_train_batch_begin(batch, logs)
                logs["loss"] = float(losses[epoch]) + 0.1 * batch
                logs["acc"] = ACCURACIES[epoch % 8]
                turns.on_train_batch_end(batch, logs)
            logs = {"val_loss": losses[epoch], "val_acc": ACCURACIES[epoch % 8]}
            turns.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        turns.on_train_end()
    return model, printed.getvalue(), history


def timeless(text):
    """What is printed, without how long it took."""
    text = re.sub(r"- \d+s( \d+[mu]?s/(step|sample))?", "- TIME", text)
    text = re.sub(r"ETA: \d+s", "ETA: TIME", text)
    return text.replace("\b", "")


def described(keras, callback, **options):
    model, printed, history = trained(keras, callback, **options)
    return {
        "printed": re.sub(r"[^ ]*(weights[^ /]*)$", r"\1", timeless(printed), flags=re.M),
        "said": model.said,
        "stopped": model.stop_training,
        "epochs": history.epoch,
        "names": sorted(history.history),
        "loss": np.array(history.history["loss"]),
        "rate": np.array(history.history.get("lr", [])),
    }


CALLBACKS = {
    "EarlyStopping": [
        {},
        {"patience": 1, "verbose": 1},
        {"patience": 2, "min_delta": 0.1, "verbose": 1},
        {"monitor": "val_acc", "patience": 2, "verbose": 1},
        {"monitor": "acc", "mode": "min", "patience": 2},
        {"baseline": 0.4, "patience": 3},
        {"restore_best_weights": True, "patience": 1, "verbose": 1},
    ],
    "ReduceLROnPlateau": [
        {"patience": 1, "verbose": 1},
        {"patience": 2, "factor": 0.5, "verbose": 1},
        {"monitor": "val_acc", "patience": 1, "verbose": 1},
        {"patience": 1, "cooldown": 2, "verbose": 1},
        {"patience": 1, "min_lr": 0.05, "verbose": 1},
        {"patience": 1, "min_delta": 0.2, "mode": "min"},
    ],
    "ModelCheckpoint": [
        {"verbose": 1},
        {"save_best_only": True, "verbose": 1},
        {"save_best_only": True, "save_weights_only": True},
        {"monitor": "val_acc", "save_best_only": True, "verbose": 1},
        {"monitor": "acc", "mode": "min", "save_best_only": True, "verbose": 1},
        {"period": 3},
        {"save_freq": 12},
    ],
}


def of_class(name, options):
    def build(tf, keras):
        given = dict(options)
        if name == "ModelCheckpoint":
            given["filepath"] = "weights.{epoch:02d}.h5"
        return described(keras, getattr(keras.callbacks, name)(**given))

    return build


for _name, _many in CALLBACKS.items():
    for _options in _many:
        _shown = " ".join("%s=%s" % item for item in sorted(_options.items()))
        script("callbacks.%s %s" % (_name, _shown))(of_class(_name, _options))


@script("callbacks.ModelCheckpoint with the logs in the name")
def _named(tf, keras):
    path = "weights.{epoch:02d}-{val_loss:.2f}.h5"
    return described(keras, keras.callbacks.ModelCheckpoint(path, verbose=1))


@script("callbacks.LearningRateScheduler")
def _scheduled(tf, keras):
    old = keras.callbacks.LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1), verbose=1)
    new = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.5)
    first, second = described(keras, old), described(keras, new)
    return {"printed": first["printed"], "old": first["rate"], "new": second["rate"]}


@script("callbacks of float32 close to their bounds")
def _close(tf, keras):
    # The second loss is better by more than 1e-4; in single precision it is not.
    pairs = [(0.5269, 0.5268), (0.1991, 0.199), (1.9789, 1.9788)]
    found = {}
    for first, second in pairs:
        losses = [np.float32(first), np.float32(second), np.float32(second)]
        reduce_lr = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5)
        stop = keras.callbacks.EarlyStopping(min_delta=1e-4, patience=2)
        reduced = described(keras, reduce_lr, epochs=3, losses=losses)
        stopped = described(keras, stop, epochs=3, losses=losses)
        found["rate %s" % first], found["epochs %s" % first] = reduced["rate"], stopped["epochs"]
    return found


@script("callbacks.TerminateOnNaN")
def _nan(tf, keras):
    losses = [1.0, 0.5, float("nan"), 0.2]
    return described(keras, keras.callbacks.TerminateOnNaN(), epochs=4, losses=losses)


@script("callbacks.BaseLogger of stateful metrics")
def _stateful(tf, keras):
    found = trained(keras, keras.callbacks.Callback(), stateful=["acc"])[2].history
    return {name: np.array(values, np.float64) for name, values in found.items()}


@script("callbacks.LambdaCallback")
def _lambda(tf, keras):
    turns = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: turns.append(["epoch", epoch]),
        on_batch_end=lambda batch, logs: turns.append(["batch", batch, sorted(logs)]),
        on_train_end=lambda logs: turns.append(["end"]),
        mine=3,
    )
    trained(keras, callback, epochs=2)
    return {"turns": turns, "mine": callback.mine}


@script("callbacks.Callback is called at every turn")
def _turns(tf, keras):
    turns = []

    def noted(name):
        return lambda self, *args: turns.append([name, args[0] if len(args) > 1 else None])

    names = [
        "on_%s_%s" % (mode, hook)
        for mode in ("train", "test", "predict", "epoch")
        for hook in ("begin", "end")
    ]
    names += [
        "on_%s_batch_%s" % (mode, hook) for mode in ("test", "predict") for hook in ("begin", "end")
    ]
    kind = type("Noting", (keras.callbacks.Callback,), {name: noted(name) for name in names})
    listed = keras.callbacks.CallbackList([kind()])
    for mode in ("train", "test", "predict"):
        listed._call_begin_hook(mode)
        for hook in ("begin", "end"):
            getattr(listed, "on_%s_batch_%s" % (mode, hook))(7, {})
        listed._call_end_hook(mode)
    listed.on_epoch_begin(3)
    listed.on_epoch_end(3)
    return {"turns": turns}


@script("callbacks.CSVLogger")
def _csv(tf, keras):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.csv")
        trained(keras, keras.callbacks.CSVLogger(path), epochs=2)
        with open(path) as file:
            first = file.read()
        trained(keras, keras.callbacks.CSVLogger(path, separator=";", append=True), epochs=1)
        with open(path) as file:
            both = file.read()
    return {"first": rounded(first), "both": rounded(both)}


def rounded(text):
    """Numbers to five places."""
    return re.sub(r"\d\.\d+", lambda found: "%.5f" % float(found.group()), text)


for _mode in ("samples", "steps"):
    for _verbose in (1, 2):

        @script("callbacks.ProgbarLogger %s verbose=%d" % (_mode, _verbose))
        def _progress(tf, keras, mode=_mode, verbose=_verbose):
            callback = keras.callbacks.ProgbarLogger(mode, stateful_metrics=["acc"])
            printed = trained(keras, callback, epochs=2, verbose=verbose)[1]
            # How often a line is written again depends on the clock.
            return {
                "printed": [line.split("\r")[-1].rstrip() for line in timeless(printed).split("\n")]
            }


@script("utils.Progbar")
def _bar(tf, keras):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        bar = keras.utils.Progbar(20, width=10, interval=0, stateful_metrics=["b"])
        for i in range(0, 21, 5):
            bar.update(i, [("a", 0.5 * i), ("b", i), ("small", 1e-5)])
        unknown = keras.utils.Progbar(None, interval=0)
        unknown.add(3, [("a", -0.5)])
        unknown.add(4, [("a", 1.5)])
    return {"printed": timeless(printed.getvalue()).split("\r")}


@script("callbacks refuse")
def _refused(tf, keras):
    def raised(function):
        try:
            function()
        except Exception as error:
            return [type(error).__name__, str(error)]

    callbacks = keras.callbacks
    return {
        "factor": raised(lambda: callbacks.ReduceLROnPlateau(factor=1.0)),
        "mode": raised(lambda: callbacks.ProgbarLogger("epochs")),
        "freq": raised(lambda: callbacks.ModelCheckpoint("a", save_freq="day")),
        "schedule": raised(lambda: trained(keras, callbacks.LearningRateScheduler(lambda e: "1"))),
    }
