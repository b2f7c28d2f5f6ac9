"""What is called at each turn of a training: `Callback`, and a list of them.

Source: tensorflow.python.keras.callbacks of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from graphscope.platform import logging

Logs = dict[str, Any] | None


class Callback:
    """The base of callbacks: subclasses say what they do at the turns they care for.

    model: the model that is trained. params: what the training was told, as ``epochs``, ``steps``,
    ``verbose`` and the names of the ``metrics``. logs: the loss and the metrics, by name.
    """

    def __init__(self) -> None:
        self.validation_data: Any = None
        self.model: Any = None
        self.params: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self.model = model

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """The old name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """The old name of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None: ...

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None: ...

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None: ...

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None: ...

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None: ...

    def on_train_begin(self, logs: Logs = None) -> None: ...

    def on_train_end(self, logs: Logs = None) -> None: ...

    def on_test_begin(self, logs: Logs = None) -> None: ...

    def on_test_end(self, logs: Logs = None) -> None: ...

    def on_predict_begin(self, logs: Logs = None) -> None: ...

    def on_predict_end(self, logs: Logs = None) -> None: ...


class CallbackList:
    """Several callbacks, called one after the other.

    queue_length: of TensorFlow's measuring of slow callbacks; nothing is measured here.
    """

    def __init__(self, callbacks: Sequence[Any] | None = None, queue_length: int = 10) -> None:
        self.callbacks: list[Any] = list(callbacks or ())
        self.queue_length = queue_length
        self.params: dict[str, Any] = {}
        self.model: Any = None

    def append(self, callback: Any) -> None:
        self.callbacks.append(callback)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def _call_begin_hook(self, mode: str) -> None:
        getattr(self, f"on_{mode}_begin")()

    def _call_end_hook(self, mode: str) -> None:
        getattr(self, f"on_{mode}_end")()

    def _call_batch_hook(self, mode: str, hook: str, batch: int, logs: Logs = None) -> None:
        getattr(self, f"on_{mode}_batch_{hook}")(batch, logs)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.callbacks)


def _at_turn(name: str, counted: bool) -> Callable[..., None]:
    """The method that calls all callbacks at a turn, which has a number or has none."""

    def call_all(self: CallbackList, number: int, logs: Logs = None) -> None:
        logs = logs or {}
        for callback in self.callbacks:
            getattr(callback, name)(number, logs)

    def call_all_without(self: CallbackList, logs: Logs = None) -> None:
        for callback in self.callbacks:
            getattr(callback, name)(logs)

    return call_all if counted else call_all_without


for _mode in ("train", "test", "predict"):
    for _hook in ("begin", "end"):
        _whole, _part = f"on_{_mode}_{_hook}", f"on_{_mode}_batch_{_hook}"
        setattr(CallbackList, _whole, _at_turn(_whole, counted=False))
        setattr(CallbackList, _part, _at_turn(_part, counted=True))
for _hook in ("begin", "end"):
    _epoch = f"on_epoch_{_hook}"
    setattr(CallbackList, _epoch, _at_turn(_epoch, counted=True))
    setattr(CallbackList, f"on_batch_{_hook}", getattr(CallbackList, f"on_train_batch_{_hook}"))


class LambdaCallback(Callback):
    """A callback of functions, given by the names of the turns."""

    def __init__(
        self,
        on_epoch_begin: Any = None,
        on_epoch_end: Any = None,
        on_batch_begin: Any = None,
        on_batch_end: Any = None,
        on_train_begin: Any = None,
        on_train_end: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        vars(self).update({name: call for name, call in given.items() if call is not None})
        vars(self).update(kwargs)


def checked_mode(mode: str, what: str) -> str:
    """``auto``, ``min`` or ``max``; anything else is said to be unknown, and is ``auto``."""
    if mode not in ("auto", "min", "max"):
        logging.warning("%s mode %s is unknown, fallback to auto mode.", what, mode)
        return "auto"
    return mode


def higher_is_better(mode: str, monitor: str, others: tuple[str, ...] = ()) -> bool:
    """Whether what is monitored shall grow: with ``auto``, an accuracy shall."""
    return mode == "max" or (mode == "auto" and ("acc" in monitor or monitor.startswith(others)))


def monitored(logs: Logs, monitor: str) -> float | None:
    """What is monitored, as precise as a float of Python: a bound is compared with no rounded one;
    None when it is not among the logs."""
    value = (logs or {}).get(monitor)
    return None if value is None else float(value)


def worst(higher: bool) -> Any:
    """What every value is better than."""
    return -np.inf if higher else np.inf
