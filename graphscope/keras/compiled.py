"""What `compile` makes of a model: targets, losses and metrics as nodes, and the functions to run.

Source: Model.compile in tensorflow.python.keras.engine.training of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.graph import get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.keras import backend
from graphscope.keras.endpoints import (
    Endpoint,
    as_loss,
    by_output,
    metric_for,
    metrics_by_output,
    name_metrics,
    targets_of,
    total_loss,
    unlike,
)
from graphscope.keras.history import made_by
from graphscope.keras.metrics import Mean


class Compiled:
    """A model with an optimizer, losses and metrics; its functions are made when they are used.

    Errors: ValueError for losses or metrics of outputs that there are not, and without any loss.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        loss: Any,
        metrics: Any,
        loss_weights: Any,
        sample_weight_mode: Any,
        weighted_metrics: Any,
        target_tensors: Any,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        names = model.output_names
        functions = [as_loss(one) for one in by_output(loss, names, "loss")]
        targets = targets_of(target_tensors, names)
        self.endpoints = [
            Endpoint(name, output, function)
            for name, output, function in zip(names, model.outputs, functions, strict=True)
        ]
        for endpoint, target in zip(self.endpoints, targets, strict=True):
            endpoint.make_target(target)
        weights = by_output(loss_weights, names, "loss_weights")
        modes = by_output(sample_weight_mode, names, "sample_weight_mode")
        for endpoint, weight, mode in zip(self.endpoints, weights, modes, strict=True):
            endpoint.loss_weight, endpoint.weight_mode = (1.0 if weight is None else weight), mode
        self.asked = [endpoint for endpoint in self.endpoints if endpoint.loss is not None]
        self._make_metrics(metrics, weighted_metrics, names)
        with name_scope("metrics"):
            for endpoint in self.asked:
                endpoint.measure()
        self._make_loss()
        self.weights = model.trainable_weights
        self.states = {layer: layer.trainable for layer in model.within()}

    def _make_metrics(self, metrics: Any, weighted: Any, names: list[str]) -> None:
        plain, by_weight = metrics_by_output(metrics, names), metrics_by_output(weighted, names)
        for endpoint, own, counted in zip(self.endpoints, plain, by_weight, strict=True):
            if endpoint.loss is not None:
                endpoint.metrics = unlike(metric_for(given, endpoint, False) for given in own)
                endpoint.weighted_metrics = unlike(
                    metric_for(given, endpoint, True) for given in counted
                )
        self.metrics = name_metrics(self.asked if len(self.endpoints) > 1 else self.endpoints)
        if len(self.endpoints) > 1:
            for endpoint in self.asked:
                endpoint.loss_metric = Mean(name=endpoint.loss_name)

    def _make_loss(self) -> None:
        """The total loss; again when weights of samples come that were not there before."""
        for endpoint in self.asked:
            if endpoint.weight_mode == "temporal" and endpoint.sample_weight is None:
                endpoint.make_sample_weight()
        with name_scope("metrics"):
            for endpoint in self.asked:
                endpoint.measure(weighted=True)
        self.total_loss = total_loss(self.model, self.endpoints)
        self.functions: dict[str, Any] = {}

    # ---- names, in the order of the results ----

    @property
    def loss_metrics(self) -> list[Any]:
        return [e.loss_metric for e in self.asked if e.loss_metric is not None]

    @property
    def names(self) -> list[str]:
        return [metric.name for metric in self.loss_metrics + self.metrics]

    # ---- what is fed ----

    @property
    def inputs(self) -> list[Any]:
        """The placeholders of the model."""
        return feedable(self.model)

    @property
    def fed(self) -> list[Endpoint]:
        """The outputs whose targets the user gives."""
        return [endpoint for endpoint in self.endpoints if endpoint.fed]

    def weigh_samples(self, weights: list[Any]) -> None:
        """Have a placeholder for the weights of each output that weights come for."""
        missing = [
            endpoint
            for endpoint, weight in zip(self.fed, weights, strict=True)
            if weight is not None and endpoint.sample_weight is None
        ]
        for endpoint in missing:
            endpoint.make_sample_weight()
        if missing:
            self._make_loss()

    @property
    def placeholders(self) -> list[Any]:
        weights = [e.sample_weight for e in self.fed if e.sample_weight is not None]
        return [*self.inputs, *(endpoint.target for endpoint in self.fed), *weights]

    # ---- what is run ----

    def function(self, kind: str) -> Any:
        """The function of "train" or "test": loss and metrics for what is fed.

        Only "train" updates the weights.
        """
        if kind not in self.functions:
            self.functions[kind] = self._train() if kind == "train" else self._test()
        return self.functions[kind]

    def _results(self) -> list[Any]:
        own = self.loss_metrics + self.metrics + self.model.added_metrics
        return [self.total_loss, *(metric._call_result for metric in own)]

    def _train(self) -> Any:
        now = {layer: layer.trainable for layer in self.states}
        _set_trainable(self.states)
        inputs = with_phase(self.placeholders)
        with name_scope("training"):
            updates = list(self.optimizer.get_updates(params=self.weights, loss=self.total_loss))
            updates += self.model.get_updates_for(None)
            updates += self.model.get_updates_for(self.model.inputs)
        with name_scope("training"):
            function = backend.function(
                inputs,
                self._results(),
                updates=updates,
                name="train_function",
            )
        _set_trainable(now)
        return function

    def _test(self) -> Any:
        with get_default_graph().bookkeeping(), name_scope("evaluation"):
            return backend.function(
                with_phase(self.placeholders),
                self._results(),
                updates=self.model.state_updates,
                name="test_function",
            )


def _set_trainable(states: dict[Any, bool]) -> None:
    for layer, trainable in states.items():
        layer._trainable = trainable


def feedable(model: Any) -> list[Any]:
    """The inputs of a model that are placeholders."""
    found = []
    for tensor in model.inputs:
        made = made_by(tensor)
        if made is None or getattr(made.layer, "is_placeholder", True):
            found.append(tensor)
    return found


def with_phase(tensors: list[Any]) -> list[Any]:
    """With the placeholder that says whether it is a training run, unless that is fixed."""
    phase = backend.symbolic_learning_phase()
    return tensors if isinstance(phase, int) else [*tensors, phase]
