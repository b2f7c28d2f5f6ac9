"""`Metric`: variables that are updated batch by batch, and the value they have so far."""

from __future__ import annotations

from functools import partial
from typing import Any

from graphscope.graph.dtypes import as_dtype
from graphscope.graph.graph import get_default_graph
from graphscope.keras import backend as K
from graphscope.keras import initializers
from graphscope.keras.backend.sessions import reset_values
from graphscope.layers.named import snake_case
from graphscope.ops.array import identity
from graphscope.ops.control_flow import group
from graphscope.ops.variables import Variable


class Metric:
    """The base of metrics. A subclass makes its variables with `add_weight`, and says
    `update_state`, which takes a batch in, and `result`.

    Calling it with a batch gives the result after that batch. The variables are in no collection;
    Keras initializes them, and `reset_states` sets them to 0. Source: tf.keras.metrics.Metric.
    """

    stateful = True
    built = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__new__(cls)
        # What the subclass says is wrapped here, once, also where it calls that of its base.
        vars(made)["update_state"] = partial(_updated, made, made.update_state)
        vars(made)["result"] = partial(_found, made, made.result)
        return made

    def __init__(self, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        kind = snake_case(type(self).__name__)
        self._name: str = name or K.unique_object_name(kind, zero_based=True)
        self._dtype: str = K.floatx() if dtype is None else as_dtype(dtype).name
        self.variables: list[Any] = []
        self.updates: list[Any] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def weights(self) -> list[Any]:
        return self.variables

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result once this batch is taken in."""
        update = self.update_state(*args, **kwargs)
        with get_default_graph().control_dependencies([update]):
            value = self.result()
        value._metric_obj = self
        return value

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """The operation that takes a batch in."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def result(self) -> Any:
        """The value so far, a tensor."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def add_weight(
        self,
        name: str,
        shape: Any = (),
        aggregation: Any = None,
        synchronization: Any = None,
        initializer: Any = None,
        dtype: Any = None,
    ) -> Any:
        """A variable of the metric, of zeros unless an initializer says otherwise."""
        kind = as_dtype(dtype or self._dtype)
        begin = initializers.get("zeros" if initializer is None else initializer)
        begin = begin() if isinstance(begin, type) else begin
        made = Variable(
            partial(begin, shape, dtype=kind),
            name=name,
            dtype=kind,
            trainable=False,
            collections=[],
            use_resource=True,
        )
        K.track_variable(made)
        self.variables.append(made)
        return made

    def reset_states(self) -> None:
        """Set all variables to 0."""
        reset_values(self.variables)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric again."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _updated(metric: Metric, update_state: Any, *args: Any, **kwargs: Any) -> Any:
    """One operation for all that the metric writes. What a script's own metric returns need not be
    all of it: TensorFlow makes a function of it, which does all that it says."""
    graph = get_default_graph()
    before = len(graph.get_operations())
    update = update_state(*args, **kwargs)
    if not type(metric).__module__.startswith(__package__):
        written = [op for op in graph.get_operations()[before:] if op.definition.writes]
        update = group(*written)
    metric.updates.append(update)
    return update


def _found(metric: Any, result: Any) -> Any:
    metric._call_result = identity(result())
    return metric._call_result
