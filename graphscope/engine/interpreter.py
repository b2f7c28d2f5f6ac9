"""The one loop that runs and steps: it yields each node once the node has run.

Who drives it holds control: `Session.run` exhausts it, the debugger calls ``next``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.engine.lessons import about, uninitialized
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.errors import InvalidArgumentError, OpError, teach
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of, written

Value = NDArray[Any]


class Ran(NamedTuple):
    """One node has run: what it computed, and the variables that it wrote. The arrays are shared
    by all who look at them, and cannot be written."""

    op: Operation
    outputs: dict[Tensor, Value]
    writes: dict[str, Value]


def interpret(plan: Plan, values: dict[Tensor, Value], state: State) -> Iterator[Ran]:
    """Run the plan's nodes in order.

    values: holds the feeds at the beginning, and every computed tensor in the end.
    state:  read and written; arrays in it are replaced, never changed.
    Errors: OpError of the kind that TensorFlow raises, with a lesson; what ran before stays.

    Floating-point warnings are the caller's business: see `numpy.errstate`.
    """
    for op in plan.given:
        if op.type == "Const":
            values.setdefault(op.outputs[0], op.attrs["value"])
    for op in plan.nodes:
        inputs = _inputs(op, plan, values, state)
        ran = _run(op, plan, inputs, state)
        for tensor, value in ran.outputs.items():
            values.setdefault(tensor, value)  # what was fed stays
        state.variables.update(ran.writes)
        yield ran


def _inputs(
    op: Operation, plan: Plan, values: dict[Tensor, Value], state: State
) -> list[Value | None]:
    """The values of the inputs. A variable is read now, not when it was first needed."""
    inputs: list[Value | None] = []
    for i, tensor in enumerate(op.inputs):
        is_place = tensor.dtype.is_ref and tensor not in plan.feeds
        variable = variable_of(tensor) if is_place else plan.sees_written(op, tensor)
        if variable is not None:
            value = state.variables.get(variable.name)
            if value is None and not (i == 0 and op.definition.takes_uninitialized):
                raise uninitialized(variable, op, plan)
            inputs.append(value)
        else:
            inputs.append(values[tensor])
    return inputs


def _run(op: Operation, plan: Plan, inputs: list[Value | None], state: State) -> Ran:
    definition = op.definition
    arguments = definition.arguments(inputs)
    try:
        for tensor in op.inputs[: definition.writes]:
            if tensor in plan.feeds:
                raise ValueError(f"Cannot write to the variable {tensor.name}: it is fed")
        if definition.private_state:
            result, state.cells[op.name] = definition.kernel(
                state.cells.get(op.name), *arguments, **op.attrs
            )
        else:
            result = definition.kernel(*arguments, **op.attrs)
    except OpError as error:
        raise teach(error, about(op, plan, inputs)) from None
    except Exception as error:
        wrong = InvalidArgumentError(op.node_def, op, f"{error} [[node {op.name}]]")
        raise teach(wrong, about(op, plan, inputs)) from error
    results = result if isinstance(result, tuple) else (result,)
    values = [_kept(value) for value in results]
    shown = values[definition.writes :] or values  # a write shows the variable itself
    outputs = dict(zip(op.outputs, shown, strict=False))
    writes = {variable.name: new for variable, new in zip(written(op), values, strict=False)}
    return Ran(op, outputs, writes)


def _kept(value: Any) -> Value:
    array = np.asarray(value)
    array.flags.writeable = False
    return array
