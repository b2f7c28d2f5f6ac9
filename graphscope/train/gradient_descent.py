"""Gradient descent, the plain method."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.math import cast
from graphscope.ops.state import apply_gradient_descent
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer


class GradientDescentOptimizer(Optimizer):
    """variable - learning_rate * gradient. Source: tf.train.GradientDescentOptimizer.

    learning_rate: a number, a tensor, or a function that returns one.
    """

    def __init__(
        self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._rate: Tensor | None = None

    def _prepare(self) -> None:
        rate = self._learning_rate() if callable(self._learning_rate) else self._learning_rate
        self._rate = convert_to_tensor(rate, name="learning_rate")

    def _update(self, gradient: Tensor, variable: Variable) -> Operation:
        assert self._rate is not None
        rate = cast(self._rate, variable.dtype.base_dtype)
        written: Tensor = apply_gradient_descent(variable._ref(), rate, gradient)
        return written.op
