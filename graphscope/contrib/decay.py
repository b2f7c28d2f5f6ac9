"""Optimizers of tf.contrib.opt: decay of weights beside the gradient, Nesterov and lazy Adam."""

from __future__ import annotations

import inspect
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops.clipping import clip_by_global_norm
from graphscope.ops.control_flow import group, no_op
from graphscope.ops.indexing import gather
from graphscope.ops.math import sqrt, square
from graphscope.ops.scatter import scatter_add, scatter_sub, scatter_update
from graphscope.ops.state import assign, is_resource
from graphscope.ops.variables import Variable
from graphscope.train.adam import AdamOptimizer, rows_added
from graphscope.train.momentum import MomentumOptimizer
from graphscope.train.optimizer import Optimizer

__all__ = [
    "AdamWOptimizer",
    "DecoupledWeightDecayExtension",
    "LazyAdamOptimizer",
    "MomentumWOptimizer",
    "NadamOptimizer",
    "clip_gradients_by_global_norm",
    "extend_with_decoupled_weight_decay",
]


class DecoupledWeightDecayExtension(Optimizer):
    """Takes weight_decay * variable from each variable before the step of the optimizer that
    stands after it among the bases of a class.

    Source: tf.contrib.opt.DecoupledWeightDecayExtension; Loshchilov & Hutter 2017.
    """

    def __init__(self, weight_decay: Any, **options: Any) -> None:
        self._weight_decay = weight_decay
        self._decayed: frozenset[Any] = frozenset()
        super().__init__(**options)

    def minimize(self, *args: Any, decay_var_list: Any = None, **options: Any) -> Operation:
        """As of `Optimizer`. As in TensorFlow, only `apply_gradients` heeds decay_var_list."""
        return super().minimize(*args, **options)

    def apply_gradients(
        self,
        grads_and_vars: Any,
        global_step: Any = None,
        name: str | None = None,
        decay_var_list: Any = None,
    ) -> Operation:
        """As of `Optimizer`. decay_var_list: the variables that decay, all if left out."""
        self._decayed = frozenset(decay_var_list or ())
        return super().apply_gradients(grads_and_vars, global_step, name)

    def _prepare(self) -> None:
        decay = self._call_if_callable(self._weight_decay)
        convert_to_tensor(decay, name="weight_decay")
        super()._prepare()

    def _decays(self, var: Variable) -> bool:
        return not self._decayed or var in self._decayed

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation:
        if self._decays(var):
            decay: Any = var.assign_sub(self._weight_decay * var, self._use_locking)
        else:
            decay = no_op()
        with var.graph.control_dependencies([decay]):
            update: Operation = super()._apply_dense(grad, var)
        return update

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        if self._decays(var):
            rows = -self._weight_decay * gather(var, grad.indices)
            decay: Any = scatter_add(var, grad.indices, rows)
        else:
            decay = no_op()
        with var.graph.control_dependencies([decay]):
            update: Operation = super()._apply_sparse(grad, var)
        return update


def extend_with_decoupled_weight_decay(base_optimizer: type[Optimizer]) -> type[Optimizer]:
    """The optimizer with a first argument more: weight_decay.

    Source: tf.contrib.opt.extend_with_decoupled_weight_decay.
    """

    class OptimizerWithDecoupledWeightDecay(DecoupledWeightDecayExtension, base_optimizer):  # type: ignore[valid-type,misc]
        """See `DecoupledWeightDecayExtension`."""

        def __init__(self, weight_decay: Any, *args: Any, **options: Any) -> None:
            names = inspect.signature(base_optimizer).parameters
            given = dict(zip(names, args, strict=False))
            super().__init__(weight_decay, **given, **options)

    return OptimizerWithDecoupledWeightDecay


class MomentumWOptimizer(DecoupledWeightDecayExtension, MomentumOptimizer):
    """Momentum with decay of weights. Source: tf.contrib.opt.MomentumWOptimizer."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "MomentumW",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            momentum=momentum,
            use_locking=use_locking,
            name=name,
            use_nesterov=use_nesterov,
        )


class AdamWOptimizer(DecoupledWeightDecayExtension, AdamOptimizer):
    """Adam with decay of weights. Source: tf.contrib.opt.AdamWOptimizer."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "AdamW",
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            use_locking=use_locking,
            name=name,
        )


class NadamOptimizer(AdamOptimizer):
    """Adam one step of the momentum ahead. Source: tf.contrib.opt.NadamOptimizer; Dozat 2016."""

    _use_nesterov = True

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        """The means decay everywhere, and only the rows with a gradient move."""
        rate, beta1, beta2, epsilon = self._numbers(var)
        m, v, places = self.get_slot(var, "m"), self.get_slot(var, "v"), grad.indices
        m_rows = grad.values * (1 - beta1)
        with var.graph.control_dependencies([assign(m, m * beta1)]):
            ahead = m_rows + beta1 * gather(rows_added(m, places, m_rows), places)
        v_rows = (grad.values * grad.values) * (1 - beta2)
        with var.graph.control_dependencies([assign(v, v * beta2)]):
            v_t = rows_added(v, places, v_rows)
        root = sqrt(gather(v_t, places))
        update = scatter_add(var, places, -rate * ahead / (root + epsilon))
        return group(update, ahead, v_t)


class LazyAdamOptimizer(AdamOptimizer):
    """Adam whose means and variables stay where a sparse gradient has no rows.

    Source: tf.contrib.opt.LazyAdamOptimizer.
    """

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation:
        rate, beta1, beta2, epsilon = self._numbers(var)
        m, v, places = self.get_slot(var, "m"), self.get_slot(var, "v"), grad.indices
        m_rows = beta1 * gather(m, places) + (1 - beta1) * grad.values
        m_t = scatter_update(m, places, m_rows)
        v_rows = beta2 * gather(v, places) + (1 - beta2) * square(grad.values)
        v_t = scatter_update(v, places, v_rows)
        if is_resource(var):
            step = rate * m_rows / (sqrt(v_rows) + epsilon)
        else:
            m_rows, v_rows = gather(m_t, places), gather(v_t, places)
            root = sqrt(v_rows) + epsilon
            step = rate * m_rows / root
        update = scatter_sub(var, places, step)
        return group(update, m_t, v_t)


def clip_gradients_by_global_norm(gradients_variables: Any, clip_norm: Any = 20.0) -> Any:
    """The pairs, their gradients scaled down so that all together are no longer than `clip_norm`.

    Source: tf.contrib.opt.clip_gradients_by_global_norm.
    """
    gradients, variables = zip(*gradients_variables, strict=True)
    clipped, norm = clip_by_global_norm(list(gradients), clip_norm)
    return list(zip(clipped, variables, strict=True)), norm
