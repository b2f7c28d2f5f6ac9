"""What `compile` adds to a model's graph: for each output its target, its loss and its metrics.

Source: _TrainingEndpoint, _prepare_total_loss and _handle_metrics in
tensorflow.python.keras.engine.training of 1.15. The nodes have its names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.scopes import name_scope
from graphscope.keras import backend, losses, symbolic
from graphscope.keras import metrics as metrics_module
from graphscope.keras.history import mask_of
from graphscope.keras.metrics import Metric
from graphscope.keras.utils.weighing import as_many_axes
from graphscope.ops import math


@dataclass(eq=False)
class Endpoint:
    """One output of a model: `loss` is None when nothing is asked of it."""

    name: str
    output: Any
    loss: Any
    loss_weight: Any = 1.0
    target: Any = None
    fed: bool = True  # whether the target's values come from the user
    sample_weight: Any = None
    weight_mode: str | None = None
    metrics: list[Any] = field(default_factory=list)
    weighted_metrics: list[Any] = field(default_factory=list)
    loss_metric: Any = None

    @property
    def loss_name(self) -> str:
        return f"{self.name}_loss"

    @property
    def sizes(self) -> tuple[int | None, ...]:
        return tuple(self.output.shape.as_list())

    def make_target(self, given: Any = None) -> None:
        """The placeholder that the targets are fed to, or the tensor that holds them."""
        if self.loss is None:
            self.fed = False
        elif given is not None and not backend.is_placeholder(given):
            self.target, self.fed = given, False
        else:
            self.target = (
                given
                if given is not None
                else backend.placeholder(
                    ndim=len(self.sizes),
                    name=f"{self.name}_target",
                    dtype=backend.dtype(self.output),
                )
            )

    def make_sample_weight(self) -> None:
        """The placeholder of the weights of the samples; they count alike when it is not fed."""
        ndim = 2 if self.weight_mode == "temporal" else 1
        ones = [[1.0]] if ndim == 2 else [1.0]
        self.sample_weight = backend.placeholder_with_default(
            ones, shape=(None,) * ndim, name=f"{self.name}_sample_weights", dtype=backend.floatx()
        )

    # ---- the nodes ----

    def measure(self, weighted: bool = False) -> None:
        """The nodes of the metrics, or of those that the samples' weights count for."""
        for metric in self.weighted_metrics if weighted else self.metrics:
            with name_scope(metric.name):
                weights = self._weights(self.sample_weight if weighted else None)
                symbolic.called(metric, self, sample_weight=weights)

    def _weights(self, weights: Any) -> Any:
        mask = mask_of(self.output)
        if mask is None:
            return weights
        counted = math.cast(mask, self.output.dtype)
        if weights is None:
            return counted
        return as_many_axes(weights, counted) * counted

    def loss_value(self) -> Any:
        """The mean of the loss over the batch, a scalar."""
        with name_scope(self.loss_name):
            weights = self._weights(self.sample_weight)
            if not hasattr(self.loss, "reduction"):
                return symbolic.called(self.loss, self, sample_weight=weights)
            each = symbolic.called(self.loss.call, self)
            weighted = losses.compute_weighted_loss(
                each, sample_weight=weights, reduction=losses.Reduction.NONE
            )
            return losses.reduce_weighted_loss(weighted, self.loss._get_reduction())


def total_loss(model: Any, endpoints: list[Endpoint]) -> Any:
    """The sum of the outputs' losses by their weights, and of what layers add.

    Errors: ValueError when there is nothing to make smaller.
    """
    total: Any = None
    with name_scope("loss"):
        wanted = [endpoint for endpoint in endpoints if endpoint.loss is not None]
        for endpoint in wanted:
            value = endpoint.loss_value()
            if endpoint.loss_metric is not None:
                endpoint.loss_metric(value)
            weighted = endpoint.loss_weight * value
            total = weighted if total is None else total + weighted
        if total is None and not model.losses:
            raise ValueError("The model cannot be compiled because it has no loss to optimize.")
        added = model.get_losses_for(None) + model.get_losses_for(model.inputs)
        if added:
            total = (0.0 if total is None else total) + math.add_n(added)
    return total


# ---- what the user says of losses and metrics --------------------------------------------------


def as_loss(given: Any) -> Any:
    """A `Loss` for a name or a function; None, losses and callable objects stay."""
    if given is None or isinstance(given, losses.Loss):
        return given
    if callable(given) and not hasattr(given, "__name__"):
        return given
    function = losses.get(given)
    if isinstance(function, losses.Loss):
        return function
    return losses.LossFunctionWrapper(
        function, name=function.__name__, reduction=losses.Reduction.SUM_OVER_BATCH_SIZE
    )


def _computes(loss: Any, *functions: Any) -> bool:
    return getattr(loss, "fn", None) in functions


def is_sparse(loss: Any) -> bool:
    """Whether its targets are numbers of classes."""
    return _computes(loss, losses.sparse_categorical_crossentropy)


def is_binary(loss: Any) -> bool:
    return _computes(loss, losses.binary_crossentropy)


def is_categorical(loss: Any) -> bool:
    return _computes(loss, losses.categorical_crossentropy)


def needs_same_shape(loss: Any) -> bool:
    """Whether targets must have the output's shape, which these losses would broadcast."""
    same = (losses.mean_squared_error, losses.binary_crossentropy, losses.categorical_crossentropy)
    return _computes(loss, *same)


def by_output(given: Any, names: list[str], what: str) -> list[Any]:
    """One for each output, from one for all, a list, or a dict by the outputs' names.

    Errors: ValueError for names of no output, and for lists of another length.
    """
    if isinstance(given, Mapping):
        unknown = set(given) - set(names)
        if unknown:
            raise ValueError(
                f"Unknown entries in {what} dictionary: {sorted(unknown)}. Only expected following "
                f"keys: {names}"
            )
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            raise ValueError(
                f"When passing a list as {what}, it should have one entry per model outputs. The "
                f"model has {len(names)} outputs, but you passed {what}={given}"
            )
        return list(given)
    return [given for _ in names]


def metrics_by_output(given: Any, names: list[str]) -> list[list[Any]]:
    """The metrics of each output. Errors: TypeError for what is neither list nor dict."""
    if not given:
        return [[] for _ in names]
    if isinstance(given, Mapping):
        found = by_output(given, names, "metrics")
        return [
            list(one) if isinstance(one, list | tuple) else [one] if one else [] for one in found
        ]
    if not isinstance(given, list | tuple):
        raise TypeError(
            "Type of `metrics` argument not understood. Expected a list or dictionary, found: "
            f"{given}"
        )
    nested = any(isinstance(item, list | tuple) for item in given)
    if nested and len(given) != len(names):
        raise ValueError(
            "When passing a list of lists as `metrics`, it should have one entry per model output. "
            f"The model has {len(names)} outputs, but you passed metrics={given}"
        )
    if nested:
        return [list(item) if isinstance(item, list | tuple) else [item] for item in given]
    # one list for all outputs: each has metrics of its own
    return [[_fresh(item) for item in given] if len(names) > 1 else list(given) for _ in names]


def _fresh(metric: Any) -> Any:
    """A metric like this one, for another output."""
    return type(metric).from_config(metric.get_config()) if isinstance(metric, Metric) else metric


_ACCURACIES = ("accuracy", "acc")
_ENTROPIES = ("crossentropy", "ce")


def metric_for(given: Any, endpoint: Endpoint, weighted: bool) -> Any:
    """A `Metric` for a name, a function or a metric; "accuracy" is the one that fits the output."""
    if isinstance(given, Metric):
        return given
    function = _function_for(given, endpoint)
    if given in _ACCURACIES:
        name = "acc"
    elif given in _ENTROPIES:
        name = "ce"
    else:
        name = getattr(function, "name", None) or function.__name__
    if isinstance(function, Metric):
        return function
    prefix = "weighted_" if weighted else ""
    return metrics_module.MeanMetricWrapper(function, name=f"{prefix}{name}")


def _function_for(given: Any, endpoint: Endpoint) -> Callable[..., Any]:
    if given not in (*_ACCURACIES, *_ENTROPIES):
        found: Callable[..., Any] = metrics_module.get(given)
        return found
    kind = "accuracy" if given in _ACCURACIES else "crossentropy"
    if endpoint.sizes[-1] == 1 or is_binary(endpoint.loss):
        return getattr(metrics_module, f"binary_{kind}")  # type: ignore[no-any-return]
    sparse = "sparse_" if is_sparse(endpoint.loss) else ""
    return getattr(metrics_module, f"{sparse}categorical_{kind}")  # type: ignore[no-any-return]


def unlike(metrics: Iterable[Any]) -> list[Any]:
    """One for each name: the last, at the place of the first."""
    return list({metric.name: metric for metric in metrics}.values())


def name_metrics(endpoints: list[Endpoint]) -> list[Any]:
    """All metrics in their order, each under a name of its own."""
    found: list[Any] = []
    taken = ["loss", *(e.loss_name for e in endpoints if len(endpoints) > 1)]
    for endpoint in endpoints:
        for metric in [*endpoint.metrics, *endpoint.weighted_metrics]:
            start = f"{endpoint.name}_{metric.name}" if len(endpoints) > 1 else metric.name
            name, number = start, 0
            while name in taken:
                number += 1
                name = f"{start}_{number}"
            metric._name = name
            taken.append(name)
            found.append(metric)
    return found


def targets_of(given: Any, names: list[str]) -> list[Any]:
    """The target tensors that the user gave, one for each output or None."""
    if given is None or (isinstance(given, list) and not given):
        return [None for _ in names]
    if is_tensor_like(given):
        return [given]
    return (
        by_output(given, names, "target_tensors")
        if not isinstance(given, list)
        else nest.flatten(given)
    )
