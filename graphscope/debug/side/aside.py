"""A copy of the graph, in which gradients and values can be made: the graph itself does not grow.

The copy holds what some tensors are computed from. What the run has computed already is taken as it
is, so that only the rest is computed; nothing is written, and no cursor moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.debug.side.runs import calls_in, check_fed, computed
from graphscope.engine.interpreter import Frame, Value
from graphscope.engine.plan import Plan, plan
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.gradients import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.copying import copied
from graphscope.graph.dtypes import DType, as_dtype, float16, float32, float64
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of

Found = TypeVar("Found")


def precise(dtype: DType) -> DType:
    """Double precision in place of single and half."""
    return float64 if dtype in (float16, float32) else dtype


class Aside:
    """A copy of what `tensors` are computed from, in which gradients can be made and run.

    dtype: the element types to compute in; see `precise`.
    """

    def __init__(
        self, tensors: Iterable[Tensor], dtype: Callable[[DType], DType] = as_dtype
    ) -> None:
        self._copy = copied([tensor.op for tensor in tensors], dtype)
        self._there = {twin: op for op, twin in self._copy.ops.items()}
        self._plans: dict[Any, Plan] = {}
        self._slopes: dict[Any, list[Tensor | None]] = {}
        self.graph = self._copy.graph

    @property
    def ops(self) -> Iterable[Operation]:
        """The operations of the original graph that are copied."""
        return self._copy.ops.keys()

    def __contains__(self, tensor: Tensor) -> bool:
        return tensor.op in self._copy.ops

    def twin(self, op: Operation) -> Operation | None:
        """The copy of an operation of the original graph; None for one that is not copied."""
        return self._copy.ops.get(op)

    def here(self, tensor: Tensor) -> Tensor:
        """The copy of a tensor of the original graph."""
        return self._copy.tensor(tensor)

    def gradients(
        self,
        y: Tensor,
        xs: Sequence[Tensor],
        dy: Value | None = None,
        stops: Iterable[Tensor] = (),
    ) -> list[Tensor | None]:
        """The gradient of `y` along each of `xs`, all of them tensors of the original graph.

        dy: what to begin with, ones when left out. stops: tensors that count as constants.
        Errors: DebugError when an operation between them has no gradient rule, or none for its
        types.
        """
        # An x that lets nothing through hides what is behind it; what has no inputs hides nothing.
        hiding = [self.here(t) for t in (*stops, *filter(_is_flat, xs)) if t.op.inputs]
        asked = None if dy is not None else (y, tuple(xs), frozenset(hiding))
        if asked in self._slopes:
            return self._slopes[asked]
        with self.graph.as_default():
            try:
                made = gradients(
                    self.here(y), [self.here(x) for x in xs], dy, stop_gradients=hiding
                )
            except (LookupError, TypeError) as error:  # no rule, or none for these types
                raise DebugError(f"{error.args[0]}.") from error
            found = [None if slope is None else convert_to_tensor(slope) for slope in made]
        if asked is not None:
            self._slopes[asked] = found
        return found

    def share(self, op: Operation, slopes: Sequence[Tensor | None], x: Tensor) -> Tensor | None:
        """What one operation of the original graph hands on to one of its inputs.

        slopes: the gradients of its outputs, in the copy.
        """
        pairs = zip(op.outputs, slopes, strict=True)
        came = [(self.here(y), slope) for y, slope in pairs if slope is not None]
        ys, dys = zip(*came, strict=True)
        inputs = [self.here(tensor) for tensor in op.inputs]
        with self.graph.as_default():
            (found,) = gradients(list(ys), [self.here(x)], list(dys), stop_gradients=inputs)
            return None if found is None else convert_to_tensor(found)

    def run(
        self,
        wanted: Sequence[Tensor],
        known: Mapping[Tensor, Value],
        state: State,
    ) -> dict[Tensor, Value]:
        """The values of tensors of the copy.

        known: values of tensors of the copy, which are taken in place of computing them. state: the
        variables; it stays as it is. Errors: DebugError when a placeholder is not known, or a node
        fails.
        """
        wanted = list(dict.fromkeys(wanted))
        variables = self._variables(state)
        values = self._tried(computed, wanted, known, State(dict(variables), dict(state.cells)))
        for tensor in wanted:
            if tensor not in values and tensor.op.type == "Const":
                values[tensor] = tensor.op.attrs["value"]
            elif tensor not in values:
                values[tensor] = self._variable(tensor, variables)
        return values

    def calls(
        self, wanted: Sequence[Tensor], known: Mapping[Tensor, Value], state: State
    ) -> dict[Operation, list[Frame]]:
        """The calls of bodies that nodes of the copy make when these tensors are computed, by their
        owner: as `run`."""
        start = State(self._variables(state), dict(state.cells))
        return self._tried(calls_in, list(dict.fromkeys(wanted)), known, start)

    def _tried(
        self,
        does: Callable[[Plan, dict[Tensor, Value], State], Found],
        wanted: Sequence[Tensor],
        known: Mapping[Tensor, Value],
        state: State,
    ) -> Found:
        """What comes of a run of the copy. Errors: DebugError, as `run`."""
        fed = {t: np.asarray(v, t.dtype.base_dtype.numpy) for t, v in known.items()}
        needed = self._plan(tuple(wanted), frozenset(fed))
        check_fed(needed)
        try:
            return does(needed, fed, state)
        except OpError as error:
            raise DebugError(f"This cannot be computed on the side: {error.message}") from error

    def _variables(self, state: State) -> dict[str, Value]:
        """The values of the copied variables, in the copy's types."""
        return {
            op.name: np.asarray(state.variables[op.name], op.outputs[0].dtype.base_dtype.numpy)
            for op in self.graph.operations
            if op.definition.is_variable and op.name in state.variables
        }

    def _plan(self, wanted: tuple[Tensor, ...], fed: frozenset[Tensor]) -> Plan:
        if (wanted, fed) not in self._plans:
            self._plans[wanted, fed] = plan(self.graph, wanted, fed)
        return self._plans[wanted, fed]

    def _variable(self, tensor: Tensor, variables: Mapping[str, Value]) -> Value:
        name = variable_of(tensor).name
        if name not in variables:
            raise DebugError(f"The variable {name} has no value: it is not initialized.")
        return variables[name]

    # ---- what the graph has already ------------------------------------------------------------

    def same_as(self, candidates: Iterable[Operation]) -> dict[Tensor, Tensor]:
        """For the tensors of the copy those of the original graph that are computed alike: the
        copied ones, and gradients that were made here and are among the candidates too.

        Two operations are alike that do the same to the same, as the gradient of the same.
        """
        known: dict[Any, Operation] = {}
        for op in sorted(candidates, key=lambda op: op._id):
            if op.gradient_of is not None:
                known.setdefault(_key(op, op.gradient_of, op.inputs), op)
        found: dict[Tensor, Tensor] = {}
        for twin in self.graph.operations:
            original = self._there.get(twin)
            if original is None and twin.body is None and twin.gradient_of in self._there:
                inputs = [found.get(tensor) for tensor in twin.inputs]
                original = known.get(_key(twin, self._there[twin.gradient_of], inputs))
            if original is not None:
                found.update(zip(twin.outputs, original.outputs, strict=True))
        return found


def _is_flat(tensor: Tensor) -> bool:
    return not tensor.op.definition.differentiable


def _key(op: Operation, gradient_of: Operation, inputs: Iterable[Tensor | None]) -> Any:
    if op.type == "Const":
        value = op.attrs["value"]
        attrs = repr((value.dtype, value.shape, value.tolist()))
    else:
        attrs = repr({k: v for k, v in op.attrs.items() if not op.definition.calls})
    return op.type, attrs, gradient_of, tuple(inputs)
