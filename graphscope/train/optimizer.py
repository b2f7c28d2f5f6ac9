"""What all optimizers share: which variables, their gradients, one update operation for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.gradients import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops.control_flow import group
from graphscope.ops.state import assign_add
from graphscope.ops.variables import GraphKeys, Variable, trainable_variables

GradAndVar = tuple[Tensor | None, Variable]


class Optimizer:
    """The base of optimizers. A subclass says how one variable is updated, in `_update`.

    Hyper-parameters become tensors with names of their own (`GradientDescent/learning_rate`), so
    that they can be fed in any run, also in an imported graph.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name

    def get_name(self) -> str:
        return self._name

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation:
        """An operation that takes one step down the slope of `loss` each time it runs.

        global_step: a variable that the operation also counts up by one.
        var_list: the variables to train; all trainable ones of the graph when left out.
        Errors: ValueError when no variable has a gradient. Source: tf.train.Optimizer.minimize.
        """
        grads_and_vars = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        if all(gradient is None for gradient, _ in grads_and_vars):
            raise _no_gradients([variable for _, variable in grads_and_vars], loss)
        return self.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[GradAndVar]:
        """Pairs of gradient and variable; None where the loss does not depend on the variable.

        Errors: ValueError when there is nothing to train or the loss is no float,
        NotImplementedError for what is no variable.
        """
        loss = convert_to_tensor(loss)
        with loss.graph.as_default():
            variables = _variables(var_list)
            if not variables:
                raise ValueError("No variables to optimize.")
            if not loss.dtype.is_floating:
                raise ValueError(f"Invalid type {loss.dtype!r} for {loss.name}, expected: a float")
            return list(zip(gradients(loss, variables, grad_loss), variables, strict=True))

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """An operation that updates each variable by its gradient.

        Errors: ValueError when there is no gradient at all, TypeError for what is no variable.
        """
        pairs: list[GradAndVar] = list(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        used = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        if not used:
            raise _no_gradients([variable for _, variable in pairs], None)
        graph = used[0][1].graph
        with graph.as_default():
            self._create_slots([variable for _, variable in used])
            with name_scope(name, self._name) as scope:
                self._prepare()
                updates = []
                for gradient, variable in used:
                    with name_scope(f"update_{variable.op.name}"):
                        updates.append(self._update(convert_to_tensor(gradient), variable))
                train_op = self._counting(updates, global_step, scope)
        if train_op not in graph.get_collection(GraphKeys.TRAIN_OP):
            graph.add_to_collection(GraphKeys.TRAIN_OP, train_op)
        return train_op

    def _counting(self, updates: Sequence[Operation], global_step: Any, scope: str) -> Operation:
        """All updates in one operation, which then counts up `global_step` when there is one."""
        if global_step is None:
            return self._finish(updates, scope)
        finished = self._finish(updates, "update")
        with get_default_graph().control_dependencies([finished]):
            one = convert_to_tensor(1, global_step.dtype.base_dtype, name="value")
            return assign_add(global_step, one, name=scope).op

    # What a subclass provides.

    def _create_slots(self, variables: Sequence[Variable]) -> None:
        """Make the variables that the method keeps beside each trained one."""

    def _prepare(self) -> None:
        """Make the tensors of the hyper-parameters."""

    def _update(self, gradient: Tensor, variable: Variable) -> Operation:
        """The operation that updates one variable."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a variable is updated")

    def _finish(self, updates: Sequence[Operation], name: str) -> Operation:
        """One operation for all updates."""
        return group(*updates, name=name)


def _variables(var_list: Any) -> list[Variable]:
    if var_list is None:
        return trainable_variables()
    variables = list(var_list) if isinstance(var_list, list | tuple) else [var_list]
    for item in variables:
        if not isinstance(item, Variable):
            raise NotImplementedError(
                f"Trying to update a Tensor {item}: only variables are trained"
            )
    return variables


def _no_gradients(variables: Sequence[Variable], loss: Tensor | None) -> ValueError:
    names = ", ".join(variable.name for variable in variables)
    between = "" if loss is None else f" between variables [{names}] and loss {loss}"
    error = ValueError(
        "No gradients provided for any variable, check your graph for ops that do not support "
        f"gradients,{between or f' of variables [{names}]'}."
    )
    hint = "ask the debugger: `why VARIABLE` names the operation at which the path ends"
    return teach(
        error, Lesson(line=str(loss.op.source or "") if loss is not None else "", hint=[hint])
    )
