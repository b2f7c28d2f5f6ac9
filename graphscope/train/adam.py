"""Adam: steps by the running means of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops import apply
from graphscope.ops.control_flow import group
from graphscope.ops.math import sqrt
from graphscope.ops.scatter import scatter_add
from graphscope.ops.state import assign, assign_sub, is_resource
from graphscope.ops.variables import Variable
from graphscope.train.optimizer import Optimizer, of_type


class AdamOptimizer(Optimizer):
    """variable - rate * m / (sqrt(v) + epsilon), with m and v the running means of the gradient and
    of its square, and rate = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) at step t.

    Slots: "m" and "v". beta1^t and beta2^t are the variables beta1_power and beta2_power.
    Source: tf.train.AdamOptimizer; Kingma & Ba 2014 (the form before its section 2.1).
    """

    #: Whether a step looks one step of the momentum ahead; for subclasses to say.
    _use_nesterov = False

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon

    def _get_beta_accumulators(self) -> tuple[Variable, Variable]:
        graph = get_default_graph()
        return (
            self._get_non_slot_variable("beta1_power", graph),
            self._get_non_slot_variable("beta2_power", graph),
        )

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        first = min(var_list, key=lambda variable: variable.name)
        for name, beta in (("beta1_power", self._beta1), ("beta2_power", self._beta2)):
            self._create_non_slot_variable(self._call_if_callable(beta), name, first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        values = [
            self._call_if_callable(value)
            for value in (self._lr, self._beta1, self._beta2, self._epsilon)
        ]
        names = ("learning_rate", "beta1", "beta2", "epsilon")
        self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t = (
            convert_to_tensor(value, name=name) for value, name in zip(values, names, strict=True)
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        beta1_power, beta2_power = self._get_beta_accumulators()
        return apply.take(
            apply.apply_adam,
            var._ref(),
            self.get_slot(var, "m")._ref(),
            self.get_slot(var, "v")._ref(),
            of_type(beta1_power, var),
            of_type(beta2_power, var),
            of_type(self._lr_t, var),
            of_type(self._beta1_t, var),
            of_type(self._beta2_t, var),
            of_type(self._epsilon_t, var),
            grad,
            use_nesterov=self._use_nesterov,
        )

    def _numbers(self, var: Variable) -> tuple[Any, Any, Any, Any]:
        """The rate of this step, beta1, beta2 and epsilon, in the type of the variable."""
        beta1_power, beta2_power = (of_type(power, var) for power in self._get_beta_accumulators())
        lr, beta1, beta2, epsilon = (
            of_type(value, var)
            for value in (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        )
        return lr * sqrt(1 - beta2_power) / (1 - beta1_power), beta1, beta2, epsilon

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        """The means decay everywhere, and every row moves, also those without a gradient."""
        rate, beta1, beta2, epsilon = self._numbers(var)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        m_rows = grad.values * (1 - beta1)
        m_t = assign(m, m * beta1)
        with var.graph.control_dependencies([m_t]):
            m_t = rows_added(m, grad.indices, m_rows)
        v_rows = (grad.values * grad.values) * (1 - beta2)
        v_t = assign(v, v * beta2)
        with var.graph.control_dependencies([v_t]):
            v_t = rows_added(v, grad.indices, v_rows)
        v_root = sqrt(v_t)
        update = assign_sub(var, rate * m_t / (v_root + epsilon))
        return group(update, m_t, v_t)

    def _finish(self, update_ops: Sequence[Any], name_scope: str) -> Operation:
        beta1_power, beta2_power = self._get_beta_accumulators()
        graph = get_default_graph()
        near = graph.colocate_with(beta1_power.op)
        with graph.control_dependencies(update_ops), near:
            powers = [
                beta1_power.assign(beta1_power * self._beta1_t),
                beta2_power.assign(beta2_power * self._beta2_t),
            ]
        return group(*update_ops, *powers, name=name_scope)


def rows_added(variable: Variable, indices: Tensor, rows: Tensor) -> Any:
    """The variable after rows were added to it."""
    written = scatter_add(variable, indices, rows)
    return written._as_graph_element() if is_resource(written) else written
