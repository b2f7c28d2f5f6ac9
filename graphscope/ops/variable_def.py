"""`VariableDef`: a variable told by the names of its operations, as meta graphs keep it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from graphscope.graph.graph import get_default_graph


@dataclass
class VariableDef:
    """The names of a variable's operations (variable.proto of 1.15)."""

    variable_name: str = ""
    initializer_name: str = ""
    snapshot_name: str = ""
    is_resource: bool = False
    initial_value_name: str = ""
    trainable: bool = False
    synchronization: int = 0
    aggregation: int = 0

    def ClearField(self, field_name: str) -> None:
        """The field holds its default again. Errors: ValueError for a field that there is not."""
        for field in fields(self):
            if field.name == field_name:
                setattr(self, field_name, field.default)
                return
        raise ValueError(f'Protocol message VariableDef has no "{field_name}" field.')

    def __str__(self) -> str:
        lines = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                text = f'"{value}"' if isinstance(value, str) else str(value).lower()
                lines.append(f"{field.name}: {text}\n")
        return "".join(lines)


def definition_of(variable: Any, export_scope: str | None) -> VariableDef | None:
    """The definition, with the scope left out of the names; None for a variable outside of it."""
    prefix = f"{export_scope}/" if export_scope else ""
    if not variable.name.startswith(prefix):
        return None
    read = variable._reading()
    initial = variable._initial_value
    return VariableDef(
        variable_name=variable.name.removeprefix(prefix),
        initializer_name=variable.initializer.name.removeprefix(prefix),
        snapshot_name=read.name.removeprefix(prefix),
        is_resource=hasattr(variable, "handle"),
        initial_value_name="" if initial is None else initial.name.removeprefix(prefix),
        trainable=variable.trainable,
        synchronization=variable.synchronization.value,
        aggregation=variable.aggregation.value,
    )


def elements_of(definition: VariableDef, import_scope: str | None) -> tuple[Any, Any, Any, Any]:
    """The place, the initializer, the reading and the initial value (or None) in the default graph.

    Errors: KeyError for names that it does not have.
    """
    graph, prefix = get_default_graph(), f"{import_scope}/" if import_scope else ""
    initial = definition.initial_value_name
    return (
        graph.as_graph_element(prefix + definition.variable_name),
        graph.as_graph_element(prefix + definition.initializer_name),
        graph.as_graph_element(prefix + definition.snapshot_name),
        graph.as_graph_element(prefix + initial) if initial else None,
    )
