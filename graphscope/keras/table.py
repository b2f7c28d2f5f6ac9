"""`model.summary()`: the table of the layers, line for line as Keras prints it.

Source: tensorflow.python.keras.utils.layer_utils.print_summary of 1.15.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.keras.history import Node, made_by


def lines(model: Any, line_length: int | None, positions: Sequence[float] | None) -> Iterator[str]:
    """The lines. line_length: 65, or 98 with the column "Connected to". positions: the ends of the
    columns, as parts of a line or as numbers of letters."""
    nodes: dict[Node, int] = model.depths
    plain = _in_a_row(model, nodes)
    length = line_length or (65 if plain else 98)
    ends = list(positions or ((0.45, 0.85, 1.0) if plain else (0.33, 0.55, 0.67, 1.0)))
    columns = [int(length * end) for end in ends] if ends[-1] <= 1 else [int(end) for end in ends]
    yield f'Model: "{model.name}"'
    yield "_" * length
    head = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
    yield _row(head[: 3 if plain else 4], columns)
    yield "=" * length
    layers = model.layers
    for number, layer in enumerate(layers):
        cells = [f"{layer.name} ({type(layer).__name__})", _shape(layer), _size(layer)]
        sources = [] if plain else _sources(layer, nodes)
        yield _row([*cells, *([sources[0] if sources else ""] if not plain else [])], columns)
        for source in sources[1:]:
            yield _row(["", "", "", source], columns)
        yield ("=" if number == len(layers) - 1 else "_") * length
    trained = _elements(model.trainable_weights)
    fixed = _elements(model.non_trainable_weights)
    yield f"Total params: {trained + fixed:,}"
    yield f"Trainable params: {trained:,}"
    yield f"Non-trainable params: {fixed:,}"
    yield "_" * length


def _in_a_row(model: Any, nodes: dict[Node, int]) -> bool:
    """Whether each layer takes what the one before gives, and nothing else."""
    if type(model).__name__ == "Sequential" or not model.is_graph_network:
        return True
    if any(count > 1 for count in Counter(nodes.values()).values()):
        return False
    if any(len(nest.flatten(node.inputs)) > 1 for node in nodes):
        return False
    calls = Counter(node.layer for node in nodes)
    return all(count == 1 for count in calls.values())


def _row(cells: Sequence[Any], columns: Sequence[int]) -> str:
    line = ""
    for cell, end in zip(cells, columns, strict=False):
        line = f"{line[:-1]} {cell}" if line else str(cell)
        line = line[:end].ljust(end)
    return line


def _shape(layer: Any) -> Any:
    try:
        return layer.output_shape
    except (AttributeError, RuntimeError):
        return "multiple"


def _size(layer: Any) -> int | str:
    return layer.count_params() if layer.built else 0


def _sources(layer: Any, nodes: dict[Node, int]) -> list[str]:
    found = []
    for node in layer.calls:
        if node in nodes:
            made = [made_by(tensor) for tensor in nest.flatten(node.inputs)]
            found += [f"{m.layer.name}[{m.node_index}][{m.tensor_index}]" for m in made if m]
    return found


def _elements(weights: Sequence[Any]) -> int:
    return sum(int(weight.shape.num_elements() or 0) for weight in weights)
