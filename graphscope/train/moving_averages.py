"""Running means of variables, which often predict better than the variables themselves."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import FLOATS, float32
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops.control_flow import group
from graphscope.ops.initializers import Zeros
from graphscope.ops.math import cast, div, minimum, pow_
from graphscope.ops.math import truediv as truediv_of
from graphscope.ops.state import assign, assign_sub
from graphscope.ops.variable_scope import VariableScope, get_variable, variable_scope
from graphscope.ops.variables import (
    GraphKeys,
    Variable,
    global_variables,
    moving_average_variables,
    trainable_variables,
)
from graphscope.train.slots import create_slot, create_zeros_slot

#: TensorFlow makes a second tf.cond, for an initial value that depends on another variable.
_GUARD = 12


class ExponentialMovingAverage:
    """Keeps average = decay * average + (1 - decay) * value beside each variable.

    num_updates: how often it was updated, a number or variable; the decay is then at most
    (1 + num_updates) / (10 + num_updates), so that the first steps move it faster.
    zero_debias: correct the averages of tensors for having begun at 0.
    Source: tf.train.ExponentialMovingAverage.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._zero_debias = zero_debias
        self._decay = decay
        self._num_updates = num_updates
        self._name = name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Any = None) -> Operation:
        """An operation that updates the averages; makes those that are not there yet.

        var_list: variables, whose averages begin at their initial values, and tensors, whose
        averages begin at 0; all trainable variables when left out.
        Errors: TypeError for what is no float.
        """
        kept = trainable_variables() if var_list is None else list(var_list)
        for var in kept:
            if var.dtype.base_dtype not in FLOATS:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if var not in self._averages:
                self._averages[var] = self._new(var)
        with name_scope(self._name) as scope:
            decay = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                count = cast(self._num_updates, float32, name="num_updates")
                decay = minimum(decay, (1.0 + count) / (10.0 + count))
            updates = [self._updated(var, decay) for var in kept]
            return group(*updates, name=scope)

    def _new(self, var: Any) -> Variable:
        graph = var.graph
        with graph.as_default(), graph.control_dependencies(None):
            if not isinstance(var, Variable):
                place = var.op.definition.is_variable
                return create_zeros_slot(var, self._name, colocate_with_primary=place)
            average = create_slot(var, var.initialized_value(), self._name)
            graph.uncounted += _GUARD
            graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
            return average

    def _updated(self, var: Any, decay: Tensor) -> Any:
        debias = self._zero_debias and not isinstance(var, Variable)
        return assign_moving_average(self._averages[var], var, decay, debias)

    def average(self, var: Any) -> Variable | None:
        """The variable that holds the average of `var`; None when there is none."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name of the variable that holds, or would hold, the average of `var`."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Variable]:
        """Names to variables: the average's name where there is one, the variable's own otherwise.

        A Saver that restores these puts the averages in the places of the variables.
        """
        averaged = moving_avg_variables
        if averaged is None:
            averaged = [*trainable_variables(), *moving_average_variables()]
        averaged = dict.fromkeys(averaged)
        names = {self.average_name(v): v for v in averaged}
        for v in global_variables():
            if v not in averaged:
                names.setdefault(v.op.name, v)
        return names


def assign_moving_average(
    variable: Variable,
    value: Any,
    decay: Any,
    zero_debias: bool = True,
    name: str | None = None,
) -> Any:
    """An operation that sets the variable to decay * variable + (1 - decay) * value.

    zero_debias: the variable began at 0, and is corrected for that; two more variables,
    ``W/biased`` and ``W/local_step``, are kept for it.
    Source: tensorflow.python.training.moving_averages.assign_moving_average.
    """
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        change = cast(convert_to_tensor(1.0 - decay, name="decay"), variable.dtype.base_dtype)
        if zero_debias:
            return _unbiased(variable, value, change)
        return assign_sub(variable, (variable - value) * change, name=scope)


def weighted_moving_average(
    value: Tensor,
    decay: Any,
    weight: Any,
    truediv: bool = True,
    collections: Any = None,
    name: str | None = None,
) -> Tensor:
    """The moving average of value * weight, divided by that of the weight, both updated first.

    weight: like the value, or a scalar. Two variables of zeros are kept for it,
    ``WeightedMovingAvg/value_x_weight`` and ``WeightedMovingAvg/weight``. truediv: divide whole
    numbers as Python 3 does. Source: tensorflow.python.training.moving_averages.
    """
    with variable_scope(name, "WeightedMovingAvg", [value, weight, decay]) as scope:
        product = _zeros_like(value, "value_x_weight", collections)
        total = _zeros_like(weight, "weight", collections)
        moved, weighed = (
            assign_moving_average(product, value * weight, decay, zero_debias=False),
            assign_moving_average(total, weight, decay, zero_debias=False),
        )
        divide = truediv_of if truediv else div
        return divide(moved, weighed, name=scope.name)


def _zeros_like(value: Tensor, name: str, collections: Any) -> Variable:
    found: Variable = get_variable(
        name,
        shape=value.shape,
        dtype=value.dtype,
        initializer=Zeros(),
        trainable=False,
        collections=collections,
    )
    return found


def _unbiased(average: Variable, value: Any, change: Tensor) -> Any:
    """The average over a second variable that begins at 0, divided by the weight that it has by
    now (Kingma & Ba 2014, section 3)."""
    with variable_scope(average.op.name, values=[average, value, change]) as scope:
        dtype = average.dtype.base_dtype
        biased = _beside(scope, "biased", average.shape, dtype)
        count = _beside(scope, "local_step", [], dtype)
    moved = assign_sub(biased, (biased - value) * change)
    taken = count.assign_add(1)
    weight = 1 - pow_(1.0 - change, taken)
    return assign(average, moved / weight, name=f"{average.graph.get_name_scope()}/")


def _beside(scope: VariableScope, name: str, shape: Any, dtype: Any) -> Variable:
    """A new variable of the scope, of zeros; the one there is when the scope is reused."""
    taken = {v.op.name for v in scope.global_variables()}
    unique, number = name, 0
    while not scope.reuse and f"{scope.name}/{unique}" in taken:
        number += 1
        unique = f"{name}_{number}"
    found: Variable = get_variable(
        unique, shape=shape, dtype=dtype, initializer=Zeros(), trainable=False
    )
    return found
