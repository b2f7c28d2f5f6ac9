"""Gradient descent, the plain method, and with proximal steps."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.registry import OPS
from graphscope.ops import apply
from graphscope.ops.scatter import scatter_sub
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


class GradientDescentOptimizer(Optimizer):
    """variable - learning_rate * gradient. Source: tf.train.GradientDescentOptimizer.

    learning_rate: a number, a tensor, or a function that returns one.
    """

    def __init__(
        self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self) -> None:
        rate = self._call_if_callable(self._learning_rate)
        self._learning_rate_tensor = convert_to_tensor(rate, name="learning_rate")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(
            apply.apply_gradient_descent, var._ref(), of_type(self._learning_rate_tensor, var), grad
        )

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable) -> Any:
        rate = of_type(self._learning_rate_tensor, var)
        return scatter_sub(var, grad.indices, grad.values * rate)

    def _resource_apply_sparse_duplicate_indices(
        self, grad: Tensor, handle: Any, indices: Tensor
    ) -> Any:
        rate = self._call_if_callable(self._learning_rate)
        rate = of_type(rate, handle) if isinstance(rate, Tensor) else rate
        return OPS["ResourceScatterAdd"](handle.handle, indices, -grad * rate)


class ProximalGradientDescentOptimizer(Optimizer):
    """Gradient descent with L1 and L2 penalties on the weights, taken by proximal steps.

    An L1 penalty makes weights exactly 0. Source: tf.train.ProximalGradientDescentOptimizer; Duchi
    & Singer 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_strength = l1_regularization_strength
        self._l2_strength = l2_regularization_strength

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1 = convert_to_tensor(self._l1_strength, name="l1_regularization_strength")
        self._l2 = convert_to_tensor(self._l2_strength, name="l2_regularization_strength")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(
            apply.apply_proximal_gradient_descent,
            var._ref(),
            self._learning_rate_tensor,
            self._l1,
            self._l2,
            grad,
        )

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        return apply.take(
            apply.sparse_apply_proximal_gradient_descent,
            var._ref(),
            self._learning_rate_tensor,
            self._l1,
            self._l2,
            grad.values,
            grad.indices,
        )
