"""The one loop of fit, evaluate and predict: epochs of batches, with callbacks around them.

Source: model_iteration in tensorflow.python.keras.engine.training_arrays of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import numpy as np

from graphscope.keras.batches import Batch, Batches
from graphscope.keras.callbacks import BaseLogger, CallbackList, History, ProgbarLogger
from graphscope.platform import logging

#: Runs one batch: what `train_on_batch` and its like give back, in a list.
Step = Callable[[list[Any]], list[Any]]


def train(
    model: Any,
    batches: Batches,
    step: Step,
    callbacks: Any,
    validate: Callable[[Any], list[Any]] | None,
    epochs: int,
    initial_epoch: int,
    verbose: int,
    batch_size: int | None,
    validation_freq: Any = 1,
) -> Any:
    """Train over epochs. validate: measures once with the callbacks. Returns the `History`."""
    model.history = History()
    listed: Any = CallbackList([BaseLogger(), *(callbacks or []), model.history])
    bar = ProgbarLogger("samples" if batches.by_samples else "steps", model.metrics_names[1:])
    metrics = list(model.metrics_names)
    params = {
        "batch_size": batch_size,
        "epochs": epochs,
        "steps": batches.steps,
        "samples": batches.samples if batches.by_samples else batches.steps,
        "verbose": verbose,
        "do_validation": validate is not None,
        "metrics": metrics + ([f"val_{name}" for name in metrics] if validate else []),
    }
    _begin(listed, model, params)
    _begin(bar, model, params)
    model.stop_training = False
    listed.on_train_begin()
    bar.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        if model.stop_training:
            break
        model.reset_metrics()
        logs: dict[str, Any] = {}
        listed.on_epoch_begin(epoch, logs)
        bar.on_epoch_begin(epoch, logs)
        results = _epoch(model, batches, step, listed, "train", bar)
        logs.update(zip(model.metrics_names, results, strict=False))
        if validate is not None and _due(validation_freq, epoch) and not model.stop_training:
            found = validate(listed)
            logs.update(zip([f"val_{name}" for name in model.metrics_names], found, strict=False))
        listed.on_epoch_end(epoch, logs)
        bar.on_epoch_end(epoch, logs)
    listed.on_train_end()
    return model.history


def measure(
    model: Any, batches: Batches, step: Step, callbacks: Any = None, verbose: int = 0
) -> list[Any]:
    """The loss and the metrics over one epoch. callbacks: those of the training around it."""
    listed = _alone(model, batches, callbacks)
    bar = _bar(model, batches, verbose)
    listed.on_test_begin()
    model.reset_metrics()
    results = _epoch(model, batches, step, listed, "test", bar)
    if bar is not None:
        bar.on_epoch_end(0, dict(zip(model.metrics_names, results, strict=False)))
    listed.on_test_end()
    return results


def foretell(
    model: Any, batches: Batches, step: Step, callbacks: Any = None, verbose: int = 0
) -> list[np.ndarray]:
    """The outputs for all batches, one array for each output."""
    listed = _alone(model, batches, callbacks)
    bar = _bar(model, batches, verbose)
    listed.on_predict_begin()
    parts: list[list[Any]] = []
    for index, batch in enumerate(batches.epoch()):
        parts.append(_batch(listed, "predict", index, batch, step, None, bar))
    listed.on_predict_end()
    return [np.concatenate(part, axis=0) for part in zip(*parts, strict=True)]


def _begin(callback: Any, model: Any, params: dict[str, Any]) -> None:
    callback.set_model(model)
    callback.set_params(params)
    for one in getattr(callback, "callbacks", []):
        if isinstance(one, BaseLogger):
            one.stateful_metrics = set(model.metrics_names[1:])


def _alone(model: Any, batches: Batches, callbacks: Any) -> Any:
    if isinstance(callbacks, CallbackList):
        return callbacks
    listed: Any = CallbackList(callbacks or [])
    size = batches.samples if batches.by_samples else batches.steps
    _begin(listed, model, {"epochs": 1, "steps": batches.steps, "samples": size, "metrics": []})
    return listed


def _bar(model: Any, batches: Batches, verbose: int) -> ProgbarLogger | None:
    """The progress bar of one epoch, or None when nothing is to be said."""
    if not verbose:
        return None
    names = model.metrics_names if model.is_compiled else []
    bar = ProgbarLogger("samples" if batches.by_samples else "steps", names[1:])
    size = batches.samples if batches.by_samples else batches.steps
    params = {
        "epochs": 1,
        "steps": batches.steps,
        "samples": size,
        "verbose": verbose,
        "metrics": ["loss", *names],
    }
    _begin(bar, model, params)
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    return bar


def _epoch(
    model: Any, batches: Batches, step: Step, callbacks: CallbackList, mode: str, bar: Any
) -> list[Any]:
    """The mean loss and the metrics of an epoch. Errors: ValueError when there is no batch."""
    loss, counted, results = 0.0, 0, []
    for index, batch in enumerate(batches.epoch()):
        results = _batch(callbacks, mode, index, batch, step, model.metrics_names, bar)
        loss, counted = loss + float(results[0]) * batch.weight, counted + batch.weight
        if model.stop_training:
            break
    if getattr(batches, "ended", False):
        model.stop_training = True
        logging.warning(
            "Your dataset ran out of data; interrupting training. Make sure that your dataset can "
            "generate at least `steps_per_epoch * epochs` batches. You may need to use the "
            "repeat() function when building your dataset."
        )
    if not results:
        raise ValueError("Empty training data.")
    return [loss / counted, *results[1:]]


def _batch(
    callbacks: CallbackList, mode: str, index: int, batch: Batch, step: Step, names: Any, bar: Any
) -> list[Any]:
    logs: dict[str, Any] = {"batch": index, "size": batch.size}
    getattr(callbacks, f"on_{mode}_batch_begin")(index, logs)
    if bar is not None:
        bar.on_batch_begin(index, logs)
    results = step(batch.feeds)
    logs.update({"outputs": results} if names is None else zip(names, results, strict=False))
    getattr(callbacks, f"on_{mode}_batch_end")(index, logs)
    if bar is not None:
        bar.on_batch_end(index, logs)
    return results


def _due(frequency: Any, epoch: int) -> bool:
    if isinstance(frequency, Container):
        return epoch + 1 in frequency
    return bool((epoch + 1) % frequency == 0)
