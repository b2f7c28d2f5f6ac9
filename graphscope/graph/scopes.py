"""Which graph a call belongs to, and what surrounds the operations that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from graphscope.graph.graph import Graph, Naming, Tensor, get_default_graph

_LISTS = (list, tuple)


def graph_of(inputs: Sequence[Any]) -> Graph:
    """The graph of the given tensors, or the default graph when there is none among them.

    Errors: ValueError when two tensors are of different graphs.
    """
    first: Any = None
    graph: Graph | None = None
    for value in inputs:
        for item in value if isinstance(value, _LISTS) else (value,):
            if type(item) is Tensor:
                own = item.op.graph
            elif hasattr(item, "_as_tensor"):
                own = item.graph
            else:
                continue
            if graph is None:
                first, graph = item, own
            elif own is not graph:
                raise ValueError(f"{item} must be from the same graph as {first}.")
    return get_default_graph() if graph is None else graph


class name_scope(Naming):
    """Prefix the names of the operations made inside; ``as`` gives the prefix, ``scope/``.

    name:   the scope's name; one that ends in ``/`` re-enters a scope.
    default_name, values: for functions that make operations: the name when `name` is None, and the
    tensors whose graph is used. Source: tf.name_scope.
    Errors, when it is entered: TypeError for a name that is no text, ValueError for values without
    any name.
    """

    __slots__ = ("_default_name", "_values")

    def __init__(
        self, name: str | None, default_name: str | None = None, values: Sequence[Any] | None = None
    ) -> None:
        self._name = name
        self._default_name = default_name
        self._values = values

    def __enter__(self) -> str:
        name, default_name = self._name, self._default_name
        if name is None:
            if default_name is None and self._values is not None:
                raise ValueError(
                    f"At least one of name ({name}) and default_name ({default_name}) must be "
                    "provided."
                )
            self._name = default_name
        elif not isinstance(name, (str, bytes)):
            raise TypeError(f"name for name_scope must be a string, and this is {name!r}.")
        self._graph = graph_of(self._values or ())
        return Naming.__enter__(self)


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """Operations made inside run after `control_inputs`; None forgets the outer ones.

    Source: tf.control_dependencies.
    """
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Operations made inside carry the name; all run on the one device. Source: tf.device."""
    return get_default_graph().device(device_name_or_function)


def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """Operations made inside are on the device of `op`. Source: tf.colocate_with."""
    return get_default_graph().colocate_with(op, ignore_existing)


def add_to_collection(name: Any, value: Any) -> None:
    """Keep `value` under `name` with the default graph. Source: tf.add_to_collection."""
    get_default_graph().add_to_collection(name, value)


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """What was kept under `key`; with `scope`, the items whose name begins with a match of it.

    Source: tf.get_collection.
    """
    return get_default_graph().get_collection(key, scope)
