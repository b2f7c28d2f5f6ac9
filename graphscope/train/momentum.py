"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import apply
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


class MomentumOptimizer(Optimizer):
    """accumulation = momentum * accumulation + gradient; variable - learning_rate * accumulation.

    use_nesterov: take the gradient one step of the momentum ahead (Sutskever et al. 2013).
    Slot: "momentum". Source: tf.train.MomentumOptimizer.
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._use_nesterov = use_nesterov

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        rate = self._call_if_callable(self._learning_rate)
        self._learning_rate_tensor = convert_to_tensor(rate, name="learning_rate")
        momentum = self._call_if_callable(self._momentum)
        self._momentum_tensor = convert_to_tensor(momentum, name="momentum")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(
            apply.apply_momentum,
            var._ref(),
            self.get_slot(var, "momentum")._ref(),
            of_type(self._learning_rate_tensor, var),
            grad,
            of_type(self._momentum_tensor, var),
            use_nesterov=self._use_nesterov,
        )

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        return apply.take(
            apply.sparse_apply_momentum,
            var._ref(),
            self.get_slot(var, "momentum")._ref(),
            of_type(self._learning_rate_tensor, var),
            grad.values,
            grad.indices,
            of_type(self._momentum_tensor, var),
            use_nesterov=self._use_nesterov,
        )
