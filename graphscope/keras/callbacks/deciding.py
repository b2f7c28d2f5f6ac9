"""Callbacks that look at the metrics and act: stop, change the learning rate, save the model."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.keras import backend as K
from graphscope.keras.callbacks.base import (
    Callback,
    Logs,
    checked_mode,
    higher_is_better,
    monitored,
    worst,
)
from graphscope.platform import logging


class TerminateOnNaN(Callback):
    """Ends the training when the loss is not finite."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


class EarlyStopping(Callback):
    """Ends the training when what is monitored has not become better for `patience` epochs.

    min_delta: what less than that better is not better. baseline: what the first epoch must be
    better than. restore_best_weights: give the model the weights of its best epoch.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.wait = 0
        self.stopped_epoch = 0
        self.restore_best_weights = restore_best_weights
        self.best_weights: Any = None
        self._higher = higher_is_better(checked_mode(mode, "EarlyStopping"), monitor)
        self.monitor_op = np.greater if self._higher else np.less
        self.min_delta = abs(min_delta) if self._higher else -abs(min_delta)
        self.best: Any = worst(self._higher)

    def on_train_begin(self, logs: Logs = None) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = worst(self._higher) if self.baseline is None else self.baseline

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.monitor_op(current - self.min_delta, self.best):
            self.best = current
            self.wait = 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            if self.restore_best_weights:
                if self.verbose > 0:
                    print("Restoring model weights from the end of the best epoch.")
                self.model.set_weights(self.best_weights)

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1:05d}: early stopping")

    def get_monitor_value(self, logs: Logs) -> Any:
        logs = logs or {}
        value = monitored(logs, self.monitor)
        if value is None:
            logging.warning(
                "Early stopping conditioned on metric `%s` which is not available. Available "
                "metrics are: %s",
                self.monitor,
                ",".join(logs),
            )
        return value


# ---- the learning rate -------------------------------------------------------------------------


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch.

    schedule: a function of the epoch, and of the present rate if it takes it, to a float.
    Errors: ValueError for what is no float, and for an optimizer without a rate.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError('Optimizer must have a "lr" attribute.')
        try:
            rate = self.schedule(epoch, float(K.get_value(self.model.optimizer.lr)))
        except TypeError:  # a function of the epoch alone
            rate = self.schedule(epoch)
        if not isinstance(rate, float | np.floating):
            raise ValueError('The output of the "schedule" function should be float.')
        K.set_value(self.model.optimizer.lr, rate)
        if self.verbose > 0:
            print(
                f"\nEpoch {epoch + 1:05d}: LearningRateScheduler reducing learning rate to {rate}."
            )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs is not None:
            logs["lr"] = K.get_value(self.model.optimizer.lr)


class ReduceLROnPlateau(Callback):
    """Lowers the learning rate when what is monitored has not become better for `patience` epochs.

    factor: of the new rate, below 1. min_delta: what less than that better is not better.
    cooldown: epochs to wait after it. min_lr: the least rate.
    Errors: ValueError for a factor of 1 or more.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        if factor >= 1.0:
            raise ValueError("ReduceLROnPlateau does not support a factor >= 1.0.")
        if "epsilon" in kwargs:
            min_delta = kwargs.pop("epsilon")
            logging.warning(
                "`epsilon` argument is deprecated and will be removed, use `min_delta` instead."
            )
        self.monitor = monitor
        self.factor = factor
        self.min_lr = min_lr
        self.min_delta = min_delta
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.mode = mode
        self._reset()

    def _reset(self) -> None:
        self.mode = checked_mode(self.mode, "Learning Rate Plateau Reducing")
        self._higher = higher_is_better(self.mode, self.monitor)
        self.best: Any = worst(self._higher)
        self.cooldown_counter = 0
        self.wait = 0

    def monitor_op(self, a: Any, b: Any) -> Any:
        """Whether a is better than b."""
        if self._higher:
            return np.greater(a, b + self.min_delta)
        return np.less(a, b - self.min_delta)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        logs["lr"] = K.get_value(self.model.optimizer.lr)
        current = monitored(logs, self.monitor)
        if current is None:
            logging.warning(
                "Reduce LR on plateau conditioned on metric `%s` which is not available. Available "
                "metrics are: %s",
                self.monitor,
                ",".join(logs),
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.monitor_op(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        before = float(K.get_value(self.model.optimizer.lr))
        if before <= self.min_lr:
            return
        rate = max(before * self.factor, self.min_lr)
        K.set_value(self.model.optimizer.lr, rate)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1:05d}: ReduceLROnPlateau reducing learning rate to {rate}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0

    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 0


# ---- saving ------------------------------------------------------------------------------------


class ModelCheckpoint(Callback):
    """Saves the model after each epoch, by `model.save` or `model.save_weights`.

    filepath: with the epoch and the logs in braces, ``weights.{epoch:02d}-{val_loss:.2f}.h5``.
    save_best_only: when what is monitored has become better. save_freq: ``epoch``, or after how
    many samples. Errors: ValueError for another one.
    """

    def __init__(
        self,
        filepath: str,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.verbose = verbose
        self.filepath = filepath
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.epochs_since_last_save = 0
        self._samples_seen_since_last_saving = 0
        self._current_epoch = 0
        self.load_weights_on_restart: bool = kwargs.get("load_weights_on_restart", False)
        self.period: int = kwargs.get("period", 1)
        if "load_weights_on_restart" in kwargs:
            logging.warning(
                "`load_weights_on_restart` argument is deprecated. Please use "
                "`model.load_weights()` for loading weights before the start of `model.fit()`."
            )
        if "period" in kwargs:
            logging.warning(
                "`period` argument is deprecated. Please use `save_freq` to specify the frequency "
                "in number of samples seen."
            )
        higher = higher_is_better(checked_mode(mode, "ModelCheckpoint"), monitor, ("fmeasure",))
        self.monitor_op = np.greater if higher else np.less
        self.best: Any = worst(higher)
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"Unrecognized save_freq: {save_freq}")

    def set_model(self, model: Any) -> None:
        self.model = model
        whole = getattr(model, "_is_graph_network", True) or type(model).__name__ == "Sequential"
        if not whole:
            self.save_weights_only = True  # a model that is only code cannot be written down

    def on_train_begin(self, logs: Logs = None) -> None:
        newest = _newest(self.filepath) if self.load_weights_on_restart else None
        if newest is not None:
            try:
                self.model.load_weights(newest)
            except (OSError, ValueError) as error:
                raise ValueError(f"Error loading file from {newest}. Reason: {error}") from error

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            return
        self._samples_seen_since_last_saving += (logs or {}).get("size", 1)
        if self._samples_seen_since_last_saving >= self.save_freq:
            self._save_model(epoch=self._current_epoch, logs=logs)
            self._samples_seen_since_last_saving = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._current_epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epochs_since_last_save += 1
        if self.save_freq == "epoch" and self.epochs_since_last_save >= self.period:
            self._save_model(epoch=epoch, logs=logs)

    def _save_model(self, epoch: int, logs: Logs) -> None:
        logs = logs or {}
        self.epochs_since_last_save = 0
        path = self.filepath.format(epoch=epoch + 1, **logs)
        begins = f"\nEpoch {epoch + 1:05d}: "
        if not self.save_best_only:
            self._say(f"{begins}saving model to {path}")
            self._save(path)
            return
        current = monitored(logs, self.monitor)
        if current is None:
            logging.warning("Can save best model only with %s available, skipping.", self.monitor)
        elif self.monitor_op(current, self.best):
            self._say(
                f"{begins}{self.monitor} improved from {self.best:0.5f} to {current:0.5f}, saving "
                f"model to {path}"
            )
            self.best = current
            self._save(path)
        else:
            self._say(f"{begins}{self.monitor} did not improve from {self.best:0.5f}")

    def _say(self, text: str) -> None:
        if self.verbose > 0:
            print(text)

    def _save(self, path: str) -> None:
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)


def _newest(pattern: str) -> str | None:
    """The file that was written last under a name with braces."""
    folder, name = os.path.split(pattern)
    wanted = re.compile(re.sub(r"{.*}", ".*", name) + "$")
    files = [os.path.join(folder, file) for file in os.listdir(folder or ".") if wanted.match(file)]
    return max(files, key=lambda file: (os.path.getmtime(file), file), default=None)
