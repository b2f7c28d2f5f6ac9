"""An optimizer of tf.train as one of Keras."""

from __future__ import annotations

from typing import Any

from graphscope.keras import backend as K
from graphscope.keras.optimizers.lessons import no_gradient_at_all
from graphscope.ops.state import assign_add


class TFOptimizer:
    """Wraps an optimizer of tf.train. iterations: how many steps were taken, a variable.

    Source: tensorflow.python.keras.optimizers.TFOptimizer.
    """

    def __init__(self, optimizer: Any, iterations: Any = None) -> None:
        self.optimizer = optimizer
        self.updates: list[Any] = []
        if iterations is None:
            with K.name_scope(type(self).__name__):
                iterations = K.variable(0, dtype="int64", name="iterations")
        self.iterations = iterations

    def apply_gradients(self, grads: Any) -> Any:
        return self.optimizer.apply_gradients(grads, global_step=self.iterations)

    def get_grads(self, loss: Any, params: Any) -> Any:
        return self.optimizer.compute_gradients(loss, params)

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        """The operation that takes one step, in a list.

        Errors: ValueError when the loss has no gradient by any of the parameters.
        """
        if not params:
            self.updates = [assign_add(self.iterations, 1)]
            return self.updates
        pairs = self.get_grads(loss, params)
        if all(slope is None for slope, _ in pairs):
            raise no_gradient_at_all(loss, [variable for _, variable in pairs])
        self.updates = [self.apply_gradients(pairs)]
        return self.updates

    @property
    def weights(self) -> Any:
        raise NotImplementedError("an optimizer of tf.train keeps its variables itself")

    def get_config(self) -> Any:
        raise NotImplementedError("an optimizer of tf.train has no config of Keras")
