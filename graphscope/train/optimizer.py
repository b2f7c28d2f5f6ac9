"""What all optimizers share: which variables, their gradients, one update operation for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, ValuesView
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.gradients import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import FLOATS_AND_COMPLEX
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices, convert_to_tensor_or_indexed_slices
from graphscope.graph.scopes import name_scope
from graphscope.ops.array import shape as shape_of
from graphscope.ops.control_flow import group, tuple_
from graphscope.ops.math import cast
from graphscope.ops.segment import unsorted_segment_sum
from graphscope.ops.sets import unique
from graphscope.ops.state import assign_add, is_resource
from graphscope.ops.variables import GraphKeys, Variable, trainable_variables
from graphscope.train.slots import create_slot, create_slot_with_initializer, create_zeros_slot

GradAndVar = tuple[Any, Any]


class Optimizer:
    """The base of optimizers. A subclass says how a variable is updated, in `_apply_dense`, and how
    some of its rows are, in `_apply_sparse`.

    Hyper-parameters become tensors with names of their own (`Adam/learning_rate`), so that they can
    be fed in any run, also in an imported graph. What is kept beside a variable, a slot, is a
    variable itself (`W/Adam`). Source: tf.train.Optimizer.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Any, Variable]] = {}
        self._beside: dict[tuple[str, Graph], Variable] = {}

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
        grads_and_vars = self.compute_gradients(
            loss,
            var_list,
            gate_gradients,
            aggregation_method,
            colocate_gradients_with_ops,
            grad_loss,
        )
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

        gate_gradients: with GATE_GRAPH no gradient is used before all are there.
        Errors: ValueError when there is nothing to train or the loss is no float,
        AttributeError for what is neither variable nor tensor.
        """
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                f"Optimizer.GATE_GRAPH.  Not {gate_gradients}"
            )
        before = len(get_default_graph().operations)
        called = callable(loss)
        loss = convert_to_tensor(loss() if called else loss)
        with loss.graph.as_default():
            variables = _variables(var_list)
            if called and var_list is None:
                variables = _used_since(before, variables)
            if not variables:
                raise ValueError("No variables to optimize.")
            self._check_types([loss])
            gated = gate_gradients == self.GATE_OP
            slopes = gradients(
                loss,
                variables,
                grad_loss,
                colocate_gradients_with_ops=colocate_gradients_with_ops,
                gate_gradients=gated,
            )
            if gate_gradients == self.GATE_GRAPH:
                slopes = tuple_(slopes)
            return list(zip(slopes, variables, strict=True))

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """An operation that updates each variable by its gradient, a tensor or an IndexedSlices.

        Errors: ValueError when there is no gradient at all, TypeError for what is no gradient,
        NotImplementedError for what is no variable.
        """
        pairs: list[GradAndVar] = [(_gradient(g), v) for g, v in grads_and_vars]
        if not pairs:
            raise ValueError("No variables provided.")
        used = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        if not used:
            raise _no_gradients([variable for _, variable in pairs], None)
        graph = used[0][1].graph
        with graph.as_default():
            variables = [_variable(variable) for _, variable in used]
            with graph.control_dependencies(None), graph.beside():
                self._create_slots(variables)
            with name_scope(name, self._name) as scope:
                self._prepare()
                updates = []
                for gradient, variable in used:
                    near = graph.colocate_with(variable.op)
                    with name_scope(f"update_{variable.op.name}"), near:
                        updates.append(_operation(self._update(gradient, variable)))
                train_op = self._counting(updates, global_step, scope)
        if train_op not in graph.get_collection(GraphKeys.TRAIN_OP):
            graph.add_to_collection(GraphKeys.TRAIN_OP, train_op)
        return train_op

    def _update(self, gradient: Tensor | IndexedSlices, variable: Variable) -> Any:
        """The operation that updates one variable, and then holds it to its constraint."""
        if isinstance(gradient, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            if is_resource(variable):
                return self._resource_apply_sparse_duplicate_indices(
                    gradient.values, variable, gradient.indices
                )
            return self._apply_sparse_duplicate_indices(gradient, variable)
        dense = self._resource_apply_dense if is_resource(variable) else self._apply_dense
        update = dense(gradient, variable)
        if variable.constraint is None:
            return update
        with variable.graph.control_dependencies([update]):
            return _operation(variable.assign(variable.constraint(variable)))

    def _counting(self, updates: Sequence[Any], global_step: Any, scope: str) -> Operation:
        """All updates in one operation, which then counts up `global_step` when there is one."""
        if global_step is None:
            return self._finish(updates, scope)
        finished = self._finish(updates, "update")
        graph = get_default_graph()
        with graph.control_dependencies([finished]), graph.colocate_with(global_step.op):
            if is_resource(global_step):
                done: Operation = global_step.assign_add(1, name=scope, read_value=False)
                return done
            one = convert_to_tensor(1, global_step.dtype.base_dtype, name="value")
            counted: Operation = assign_add(global_step, one, name=scope).op
            return counted

    # ---- slots ---------------------------------------------------------------------------------

    def get_slot(self, var: Any, name: str) -> Any:
        """The slot of that name which is kept beside `var`, or None."""
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self) -> list[str]:
        """The names of the slots that each variable has: ``["m", "v"]`` for Adam."""
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        """All variables that the optimizer keeps itself in the default graph, in order of name."""
        graph = get_default_graph()
        kept = [slot for slots in self._slots.values() for slot in slots.values()]
        kept += self._beside.values()
        return sorted((v for v in kept if v.graph is graph), key=lambda v: v.name)

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        """The slot; made of zeros when there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if var not in slots:
            slots[var] = create_zeros_slot(var, op_name)
        return slots[var]

    def _get_or_make_slot(
        self, var: Variable, val: Tensor, slot_name: str, op_name: str
    ) -> Variable:
        """The slot; made to begin as `val` when there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if var not in slots:
            slots[var] = create_slot(var, val, op_name)
        return slots[var]

    def _get_or_make_slot_with_initializer(
        self,
        var: Variable,
        initializer: Any,
        shape: Any,
        dtype: Any,
        slot_name: str,
        op_name: str,
    ) -> Variable:
        """The slot; made to begin as the initializer says when there is none."""
        slots = self._slots.setdefault(slot_name, {})
        if var not in slots:
            slots[var] = create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return slots[var]

    def _create_non_slot_variable(
        self, initial_value: Any, name: str, colocate_with: Any
    ) -> Variable:
        """A variable that all of a graph share, as ``beta1_power``; made when there is none."""
        key = (name, colocate_with.graph)
        if key not in self._beside:
            with colocate_with.graph.colocate_with(colocate_with.op):
                self._beside[key] = Variable(
                    initial_value,
                    name=name,
                    trainable=False,
                    use_resource=is_resource(colocate_with),
                )
        return self._beside[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._beside.get((name, graph))

    # ---- what a subclass provides --------------------------------------------------------------

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        """Make the variables that the method keeps beside each trained one."""

    def _prepare(self) -> None:
        """Make the tensors of the hyper-parameters."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        """The operation that updates one variable."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a variable is updated")

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        """The operation that updates some rows of a variable; no row comes twice."""
        raise NotImplementedError(f"{type(self).__name__} does not say how rows are updated")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable) -> Any:
        """The operation that updates some rows; the gradients of a row that comes twice add up."""
        values, rows = _added_up(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, rows, grad.dense_shape), var)

    # By default the same for a resource variable; the functions above work for either kind.

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        """The operation that updates one resource variable."""
        return self._apply_dense(grad, handle)

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        """The operation that updates some rows of a resource variable; no row comes twice."""
        return self._apply_sparse(IndexedSlices(grad, indices), handle)

    def _resource_apply_sparse_duplicate_indices(
        self, grad: Tensor, handle: Any, indices: Tensor
    ) -> Any:
        """The operation that updates some rows; the gradients of a row that comes twice add up."""
        values, rows = _added_up(grad, indices)
        return self._resource_apply_sparse(values, handle, rows)

    def _finish(self, update_ops: Sequence[Any], name_scope: str) -> Operation:
        """One operation for all updates."""
        return group(*update_ops, name=name_scope)

    def _valid_dtypes(self) -> set[Any]:
        """The types that a loss may be of."""
        return set(FLOATS_AND_COMPLEX)

    def _check_types(self, tensors: Sequence[Tensor]) -> None:
        valid = self._valid_dtypes()
        for tensor in tensors:
            if tensor.dtype.base_dtype not in valid:
                names = sorted(dtype.name for dtype in valid)
                raise ValueError(
                    f"Invalid type {tensor.dtype.base_dtype!r} for {tensor.name}, "
                    f"expected: {names}."
                )

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param


def of_type(value: Any, var: Variable) -> Any:
    """A hyper-parameter in the type of the variable that it is used for."""
    if is_resource(value) and value.dtype is var.dtype.base_dtype:
        return value
    return cast(value, var.dtype.base_dtype)


def _added_up(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """The sum of the values of each row, and the rows, each once."""
    rows, places = unique(indices)
    count = shape_of(rows)[0]
    return unsorted_segment_sum(values, places, count), rows


def _operation(update: Any) -> Any:
    """What writes, where an update is the variable after it."""
    return update.op if is_resource(update) else update


def _used_since(count: int, variables: Sequence[Any]) -> list[Any]:
    """The variables that an operation takes which was made after the first `count` ones."""
    new = get_default_graph().operations[count:]
    taken = {tensor for op in new for tensor in op.inputs}
    return [v for v in variables if taken & {v._ref(), getattr(v, "_snapshot", None)}]


def _gradient(value: Any) -> Any:
    if value is None:
        return None
    try:
        return convert_to_tensor_or_indexed_slices(value)
    except TypeError:
        raise TypeError(
            f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {value}"
        ) from None


def _variables(var_list: Any) -> list[Any]:
    """The variables in lists, tuples and dictionaries, or the values of one."""
    if var_list is None:
        return list(trainable_variables())
    nestings = (list, tuple, Mapping, ValuesView)
    if isinstance(var_list, Mapping):
        var_list = [var_list[key] for key in sorted(var_list)]
    variables: list[Any] = []
    for item in var_list if isinstance(var_list, nestings) else [var_list]:
        if isinstance(item, nestings):
            variables += _variables(item)
        elif isinstance(item, Variable | Tensor):
            variables.append(item)
        elif hasattr(item, "op"):
            raise NotImplementedError("Trying to optimize unsupported type ", item)
        else:
            raise AttributeError(
                f"{type(item).__name__!r} object has no attribute 'op': only variables are "
                f"trained, and {item!r} is none"
            )
    return variables


def _variable(item: Any) -> Variable:
    if not isinstance(item, Variable):
        raise NotImplementedError(f"Trying to update a Tensor {item}: only variables are trained")
    return item


def _no_gradients(variables: Sequence[Any], loss: Any) -> ValueError:
    names = ", ".join(variable.name for variable in variables)
    between = "" if loss is None else f" between variables [{names}] and loss {loss}"
    error = ValueError(
        "No gradients provided for any variable, check your graph for ops that do not support "
        f"gradients,{between or f' of variables [{names}]'}."
    )
    hint = "ask the debugger: `why VARIABLE` names the operation at which the path ends"
    line = str(loss.op.source or "") if isinstance(loss, Tensor) else ""
    return teach(error, Lesson(line=line, hint=[hint]))
