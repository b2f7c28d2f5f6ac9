"""Fetches in any nesting, and the same nesting again with the values in their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphscope.engine.conversions import conversion_of
from graphscope.errors import Lesson, teach
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.indexed_slices import IndexedSlices, IndexedSlicesValue
from graphscope.ops.sparse import SparseTensor, SparseTensorValue


def parts_of(item: Any) -> list[Tensor] | None:
    """The tensors that a sparse tensor or a choice of rows is made of; None for anything else."""
    if isinstance(item, SparseTensor):
        return [item.indices, item.values, item.dense_shape]
    if isinstance(item, IndexedSlices):
        shape = [] if item.dense_shape is None else [item.dense_shape]
        return [item.values, item.indices, *shape]
    return None


class Fetches:
    """A nested structure of tensors, operations, variables and names.

    elements: the tensors and operations in it, each once, in order of appearance.
    structure: as it was given.
    Errors: TypeError, ValueError for what cannot be fetched from the graph.
    """

    def __init__(self, graph: Graph, structure: Any) -> None:
        self._graph = graph
        self.structure = structure
        self._elements: dict[Tensor | Operation, None] = {}
        self._rebuild = self._parse(structure)

    @property
    def elements(self) -> tuple[Tensor | Operation, ...]:
        return tuple(self._elements)

    def rebuild(self, value_of: Callable[[Tensor], Any]) -> Any:
        """The structure with each tensor replaced by its value and each operation by None."""
        return self._rebuild(value_of)

    def _parse(self, item: Any) -> Callable[[Callable[[Tensor], Any]], Any]:
        if isinstance(item, Mapping):
            keys = list(item)
            parts = [self._parse(item[key]) for key in keys]
            make: Any = type(item) if issubclass(type(item), dict) else dict
            if hasattr(item, "default_factory"):
                make = dict
            return lambda value: make(
                (key, part(value)) for key, part in zip(keys, parts, strict=True)
            )
        if isinstance(item, list | tuple):
            return self._sequence(item)
        parts_of_item = parts_of(item)
        if parts_of_item is not None:
            values = self._sequence(parts_of_item)
            if isinstance(item, SparseTensor):
                return lambda value: SparseTensorValue(*values(value))
            missing = [None] * (3 - len(parts_of_item))
            return lambda value: IndexedSlicesValue(*values(value), *missing)
        conversion = conversion_of(item)
        if conversion is not None:
            fetched, contract = conversion.fetch(item)
            registered = self._sequence(list(fetched))
            return lambda value: contract(registered(value))
        if hasattr(type(item), "__attrs_attrs__"):  # a class of the package attrs
            fields = [a.name for a in type(item).__attrs_attrs__]
            own = self._sequence([getattr(item, name) for name in fields])
            return lambda value: type(item)(*own(value))
        element = self._element(item)
        if not self._graph.is_fetchable(element):
            raise _inside(element)
        self._elements[element] = None
        if isinstance(element, Operation):
            return lambda value: None
        return lambda value: value(element)

    def _sequence(self, item: Sequence[Any]) -> Callable[[Callable[[Tensor], Any]], Any]:
        parts = [self._parse(part) for part in item]
        if hasattr(item, "_fields"):  # a named tuple
            kind: Any = type(item)
            return lambda value: kind(*(part(value) for part in parts))
        if isinstance(item, tuple):
            return lambda value: tuple(part(value) for part in parts)
        return lambda value: [part(value) for part in parts]

    def _element(self, item: Any) -> Tensor | Operation:
        wrong = f"Fetch argument {item!r} "
        try:
            return self._graph.as_graph_element(item)
        except TypeError:
            error: Exception = TypeError(
                f"{wrong}has invalid type {type(item)}, must be a string or Tensor. "
                f"(Can not convert a {type(item).__name__} into a Tensor or Operation.)"
            )
        except (ValueError, KeyError) as cause:
            error = ValueError(f"{wrong}cannot be interpreted as a Tensor. ({cause.args[0]})")
        hint, line = "fetch tensors, operations, variables, or their names", ""
        if item is None:
            hint = "it is None: did a function forget to return its tensor?"
        elif isinstance(item, Tensor | Operation):
            hint = "it belongs to another graph than the session: make both in the same one"
            line = str((item.op if isinstance(item, Tensor) else item).source or "")
        raise teach(error, Lesson(line=line, hint=[hint])) from None


def _inside(element: Tensor | Operation) -> ValueError:
    kind = "Tensor" if isinstance(element, Tensor) else "Operation"
    error = ValueError(f"{kind} {element.name!r} has been marked as not fetchable.")
    op = element.op if isinstance(element, Tensor) else element
    lesson = Lesson(
        node=f"{op.name} [{op.type}], inside a branch or a loop",
        line=str(op.source or ""),
        hint=["fetch what tf.cond or tf.while_loop returned", "or step into it with the debugger"],
    )
    return teach(error, lesson)
