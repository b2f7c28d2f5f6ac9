"""RMSProp: steps by the gradient over the root of the running mean of its square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import apply
from graphscope.ops.array import ones_like
from graphscope.ops.initializers import Ones
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


class RMSPropOptimizer(Optimizer):
    """mean_square = decay * mean_square + (1 - decay) * gradient^2;
    mom = momentum * mom + learning_rate * gradient / sqrt(mean_square + epsilon); variable - mom.

    centered: less the square of the running mean of the gradient, under the root.
    Slots: "rms" (begins as ones), "momentum", and "mg" when centered.
    Source: tf.train.RMSPropOptimizer; Tieleman & Hinton 2012.
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            first = Ones(dtype) if v.shape.is_fully_defined() else ones_like(v)
            self._get_or_make_slot_with_initializer(v, first, v.shape, dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        names = ("learning_rate", "decay", "momentum", "epsilon")
        values = [
            self._call_if_callable(value)
            for value in (self._learning_rate, self._decay, self._momentum, self._epsilon)
        ]
        self._tensors = [
            convert_to_tensor(value, name=name) for value, name in zip(values, names, strict=True)
        ]

    def _inputs(self, var: Variable) -> list[Tensor]:
        slots = ("mg", "rms", "momentum") if self._centered else ("rms", "momentum")
        places = [self.get_slot(var, name)._ref() for name in slots]
        return [var._ref(), *places, *(of_type(tensor, var) for tensor in self._tensors)]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        step = apply.apply_centered_rms_prop if self._centered else apply.apply_rms_prop
        return apply.take(step, *self._inputs(var), grad)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        step = (
            apply.sparse_apply_centered_rms_prop if self._centered else apply.sparse_apply_rms_prop
        )
        return apply.take(step, *self._inputs(var), grad.values, grad.indices)
