"""Adagrad and what followed from it: a step of its own size for every element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import apply
from graphscope.ops.array import constant, fill, identity
from graphscope.ops.array import shape as shape_of
from graphscope.ops.initializers import Constant
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


def _positive(value: float, name: str = "initial_accumulator_value") -> float:
    if value <= 0.0:
        raise ValueError(f"{name} must be positive: {value}")
    return value


class AdagradOptimizer(Optimizer):
    """accumulator += gradient^2; variable - learning_rate * gradient / sqrt(accumulator).

    Slot: "accumulator". Errors: ValueError for an initial accumulator that is not positive.
    Source: tf.train.AdagradOptimizer; Duchi et al. 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial = _positive(initial_accumulator_value)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            first: Any = Constant(self._initial, dtype)
            if not v.shape.is_fully_defined():
                first = fill(shape_of(v), constant(self._initial, dtype))
            self._get_or_make_slot_with_initializer(
                v, first, v.shape, dtype, "accumulator", self._name
            )

    def _prepare(self) -> None:
        rate = self._call_if_callable(self._learning_rate)
        self._learning_rate_tensor = convert_to_tensor(rate, name="learning_rate")

    def _inputs(self, var: Variable) -> list[Tensor]:
        accumulator = self.get_slot(var, "accumulator")._ref()
        return [var._ref(), accumulator, of_type(self._learning_rate_tensor, var)]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(apply.apply_adagrad, *self._inputs(var), grad)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        return apply.take(apply.sparse_apply_adagrad, *self._inputs(var), grad.values, grad.indices)


class ProximalAdagradOptimizer(Optimizer):
    """Adagrad with L1 and L2 penalties on the weights, taken by proximal steps.

    Slot: "accumulator". Source: tf.train.ProximalAdagradOptimizer; Duchi & Singer 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial = _positive(initial_accumulator_value)
        self._l1_strength = l1_regularization_strength
        self._l2_strength = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            first = constant(self._initial, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, first, "accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1 = convert_to_tensor(self._l1_strength, name="l1_regularization_strength")
        self._l2 = convert_to_tensor(self._l2_strength, name="l2_regularization_strength")

    def _inputs(self, var: Variable) -> list[Tensor]:
        accumulator = self.get_slot(var, "accumulator")._ref()
        return [var._ref(), accumulator, self._learning_rate_tensor, self._l1, self._l2]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(apply.apply_proximal_adagrad, *self._inputs(var), grad)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        return apply.take(
            apply.sparse_apply_proximal_adagrad, *self._inputs(var), grad.values, grad.indices
        )


class AdagradDAOptimizer(Optimizer):
    """Adagrad by dual averaging: weights that are exactly 0 under an L1 penalty.

    global_step: the variable that counts the steps; it must be counted up by `minimize`.
    Slots: "gradient_accumulator", "gradient_squared_accumulator".
    Source: tf.train.AdagradDAOptimizer; Duchi et al. 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._global_step = global_step
        self._initial = _positive(
            initial_gradient_squared_accumulator_value,
            "initial_gradient_squared_accumulator_value",
        )
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            nothing = constant(0.0, dtype, v.shape)
            first = constant(self._initial, dtype, v.shape)
            self._get_or_make_slot(v, nothing, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, first, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._step = identity(self._global_step) + 1

    def _places(self, var: Variable) -> list[Tensor]:
        names = ("gradient_accumulator", "gradient_squared_accumulator")
        return [var._ref(), *(self.get_slot(var, name)._ref() for name in names)]

    def _numbers(self, var: Variable) -> list[Tensor]:
        return [of_type(value, var) for value in (self._learning_rate_tensor, self._l1, self._l2)]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        step = identity(self._step)
        return apply.take(
            apply.apply_adagrad_da, *self._places(var), grad, *self._numbers(var), step
        )

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        step = identity(self._step)
        return apply.take(
            apply.sparse_apply_adagrad_da,
            *self._places(var),
            grad.values,
            grad.indices,
            *self._numbers(var),
            step,
        )


class AdadeltaOptimizer(Optimizer):
    """Steps of the size of the steps before, over that of the gradients: needs no learning rate
    (the paper's is 1).

    Slots: "accum", "accum_update". Source: tf.train.AdadeltaOptimizer; Zeiler 2012.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self) -> None:
        values = [self._call_if_callable(v) for v in (self._lr, self._rho, self._epsilon)]
        names = ("lr", "rho", "epsilon")
        self._tensors = [
            convert_to_tensor(value, name=name) for value, name in zip(values, names, strict=True)
        ]

    def _inputs(self, var: Variable) -> list[Tensor]:
        places = [self.get_slot(var, name)._ref() for name in ("accum", "accum_update")]
        return [var._ref(), *places, *(of_type(tensor, var) for tensor in self._tensors)]

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        return apply.take(apply.apply_adadelta, *self._inputs(var), grad)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        return apply.take(
            apply.sparse_apply_adadelta, *self._inputs(var), grad.values, grad.indices
        )
