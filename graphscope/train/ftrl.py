"""Follow the regularized leader: online learning with weights that are exactly 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import apply
from graphscope.ops.array import constant
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


class FtrlOptimizer(Optimizer):
    """The FTRL-Proximal method, with L1, L2 and shrinkage penalties.

    learning_rate_power: at most 0; -0.5 divides the rate by the root of the accumulator.
    Slots: "accum", "linear". Errors: ValueError for a number of the wrong sign.
    Source: tf.train.FtrlOptimizer; McMahan et al. 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: Any = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: Any = 0.0,
    ) -> None:
        super().__init__(use_locking, name)
        if learning_rate_power > 0.0:
            raise ValueError(
                f"learning_rate_power {learning_rate_power:f} needs to be negative or zero"
            )
        for what, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                raise ValueError(f"{what} {value:f} needs to be positive or zero")
        self._learning_rate = learning_rate
        self._initial = initial_accumulator_value
        self._power = learning_rate_power
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength
        self._shrinkage = l2_shrinkage_regularization_strength
        self._accum_name = accum_name
        self._linear_name = linear_name

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            first = constant(self._initial, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, first, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        self._tensors = {
            name: convert_to_tensor(value, name=name)
            for name, value in (
                ("learning_rate", self._learning_rate),
                ("l1_regularization_strength", self._l1),
                ("l2_regularization_strength", self._l2),
                ("l2_shrinkage_regularization_strength", self._shrinkage),
                ("learning_rate_power", self._power),
            )
        }

    def _places(self, var: Variable) -> list[Tensor]:
        return [var._ref(), *(self.get_slot(var, name)._ref() for name in ("accum", "linear"))]

    def _numbers(self, var: Variable) -> list[Tensor]:
        left_out = () if self._shrinkage > 0 else ("l2_shrinkage_regularization_strength",)
        return [of_type(t, var) for name, t in self._tensors.items() if name not in left_out]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        step = apply.apply_ftrl_v2 if self._shrinkage > 0 else apply.apply_ftrl
        return apply.take(step, *self._places(var), grad, *self._numbers(var))

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        step = apply.sparse_apply_ftrl_v2 if self._shrinkage > 0 else apply.sparse_apply_ftrl
        return apply.take(step, *self._places(var), grad.values, grad.indices, *self._numbers(var))
