"""`GradientTape`, as it is used while a graph is built."""

from __future__ import annotations

from typing import Any, NoReturn

from graphscope.gradients.backward import UnconnectedGradients, gradients
from graphscope.graph import nest
from graphscope.graph.graph import get_default_graph
from graphscope.ops.variables import trainable_variables


class GradientTape:
    """Asks for gradients of what was made inside its ``with`` block. Source: tf.GradientTape.

    A graph remembers everything by itself, so nothing is recorded: `gradient` is `tf.gradients`.
    persistent: `gradient` may be called more than once.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._watched: list[Any] = []
        self._first = 0
        self._used = False

    def __enter__(self) -> GradientTape:
        self._first = len(get_default_graph().operations)
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def watch(self, tensor: Any) -> None:
        self._watched.extend(nest.flatten(tensor))

    def stop_recording(self) -> NoReturn:
        """Errors: NotImplementedError: a graph remembers everything."""
        raise NotImplementedError(
            "a graph remembers all operations: tf.stop_gradient hides what a tape would not record"
        )

    def reset(self) -> None:
        self._first = len(get_default_graph().operations)
        self._used = False

    def watched_variables(self) -> list[Any]:
        """The trainable variables that were used since the block began, and those watched."""
        made = get_default_graph().operations[self._first :]
        taken = {tensor for op in made for tensor in op.inputs}
        found = [v for v in self._watched if hasattr(v, "_ref")]
        if self._watches_variables:
            own = (
                v
                for v in trainable_variables()
                if taken & {v._ref(), getattr(v, "_snapshot", None)}
            )
            found += [v for v in own if v not in found]
        return found

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivatives of the sum of `target` with respect to each source, in their nesting.

        Errors: RuntimeError for a second call, unless the tape is persistent.
        """
        if self._used and not self._persistent:
            raise RuntimeError(
                "GradientTape.gradient can only be called once on non-persistent tapes."
            )
        self._used = True
        if output_gradients is not None:
            output_gradients = nest.flatten(output_gradients)
        found = gradients(
            nest.flatten(target),
            nest.flatten(sources),
            output_gradients,
            unconnected_gradients=unconnected_gradients,
        )
        return nest.pack_sequence_as(sources, found)
