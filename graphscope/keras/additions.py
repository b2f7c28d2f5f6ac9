"""What layers add to a model: losses, updates, metrics, and what of them belongs to which inputs.

Source: tensorflow.python.keras.engine.base_layer of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.keras.history import Node

#: The inputs of the layer being called, None outside of calls.
CALLED_WITH: ContextVar[list[Any] | None] = ContextVar("inputs", default=None)


class Additions:
    """The losses, updates and metrics of a layer and of all layers in it."""

    calls: list[Node]
    stateful: bool
    trainable: bool
    _losses: list[tuple[Any, bool]]
    _makers: list[Callable[[], Any]]
    _metrics: list[Any]
    _updates: list[tuple[Any, bool]]

    @property
    def sublayers(self) -> list[Any]:
        """The layers in this one."""
        return []

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Keep losses with the layer: tensors, or functions that make them when they are asked for.

        inputs: what they depend on; None when they hold for any input.
        """
        for given in losses if isinstance(losses, list | tuple) else [losses]:
            if callable(given) and not is_tensor_like(given):
                self._makers.append(given)
            elif given is not None:
                self._losses.append((convert_to_tensor(given), inputs is not None))

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Keep operations that a training step must run.

        Those that depend on the inputs of the call run where these inputs are fed: a model that is
        called again has updates of each call. inputs: read and ignored, as in TensorFlow.
        """
        called_with = CALLED_WITH.get()
        if called_with is None:
            called_with = [tensor for node in self.calls for tensor in nest.flatten(node.inputs)]
        for given in updates if isinstance(updates, list | tuple) else [updates]:
            made = given() if callable(given) and not is_tensor_like(given) else given
            made = getattr(made, "op", made)
            self._updates.append((made, _comes_from(made, called_with)))

    def add_metric(
        self, value: Any, aggregation: str | None = None, name: str | None = None
    ) -> None:
        """Report a tensor's mean over the epoch under a name while the model is trained.

        Errors: ValueError for another aggregation than "mean".
        """
        from graphscope.keras.metrics import Mean

        if aggregation not in (None, "mean"):
            raise ValueError(
                "We currently support only `mean` sample-wise metric aggregation. You provided "
                f"aggregation=`{aggregation}`"
            )
        known = [metric for metric in self._metrics if metric.name == name]
        metric = known[0] if known else Mean(name=name, dtype=value.dtype.base_dtype.name)
        if not known:
            self._metrics.append(metric)
        metric(value)

    @property
    def metrics(self) -> list[Any]:
        return self._metrics + [metric for layer in self.sublayers for metric in layer.metrics]

    @property
    def losses(self) -> list[Any]:
        made = [tensor for tensor in (make() for make in self._makers) if tensor is not None]
        inner = [loss for layer in self.sublayers for loss in layer.losses]
        return [loss for loss, _ in self._losses] + made + inner

    @property
    def updates(self) -> list[Any]:
        """The operations of `add_update`; none of a layer that neither trains nor keeps states."""
        if not self.trainable and not self.stateful:
            return []
        inner = [update for layer in self.sublayers for update in layer.updates]
        return [update for update, _ in self._updates] + inner

    def get_losses_for(self, inputs: Any = None) -> list[Any]:
        """The losses that depend on these inputs; with None, those that depend on none."""
        return _depending(self.losses, self._said_to_depend("_losses"), inputs)

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        """The updates that depend on these inputs; with None, those that depend on none."""
        return _depending(self.updates, self._said_to_depend("_updates"), inputs)

    def _said_to_depend(self, kind: str) -> set[Any]:
        """The "_losses" or "_updates" of this layer and all in it that came with inputs."""
        each = (item for layer in self.within() for item in getattr(layer, kind))
        return {item for item, depends in each if depends}

    def _of_own_calls(self, items: list[Any], kind: str) -> list[Any]:
        """Without those that depend on inputs of which the calls of this layer know nothing."""
        said = self._said_to_depend(kind)
        inputs = nest.flatten([node.input_tensors for node in self.calls])
        own = {*_depending(items, said, inputs), *(item for item, _ in getattr(self, kind))}
        return [item for item in items if item not in said or item in own]

    @property
    def _layers(self) -> list[Any]:
        return self.sublayers

    def within(self) -> Iterator[Any]:
        """This layer and all in it."""
        waiting: list[Any] = [self]
        while waiting:
            layer = waiting.pop()
            yield layer
            waiting.extend(layer.sublayers)


def _depending(items: list[Any], said: set[Any], inputs: Any) -> list[Any]:
    """Those that depend on the inputs by the graph; with None those that depend on no input."""
    if inputs is None:
        return [item for item in items if item not in said]
    places = nest.flatten(inputs)
    return [item for item in items if item in said and _comes_from(item, places)]


def _comes_from(item: Any, places: list[Any]) -> bool:
    """Whether one of these tensors is needed for a tensor or an operation, also by its order: a
    variable that is read behind its assignment needs what is assigned."""
    wanted = {place.op for place in places}
    waiting, seen = [getattr(item, "op", item)], set()
    while waiting:
        op = waiting.pop()
        if op in wanted:
            return True
        if op not in seen:
            seen.add(op)
            waiting += [tensor.op for tensor in op.inputs]
            waiting += op.control_inputs
    return False
