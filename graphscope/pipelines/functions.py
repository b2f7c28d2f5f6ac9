"""Functions of elements: made once into a body, which the dataset has run for each element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from graphscope.graph.body import Body
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops.loops import loop_variables
from graphscope.ops.sparse import SparseTensor
from graphscope.ops.streams import Part
from graphscope.pipelines import structure


class Traced(NamedTuple):
    """body: what the function made. captured: the tensors from around it that it uses.
    returned: the structure of what it gives."""

    body: Body
    captured: tuple[Tensor, ...]
    returned: Any

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(structure.flatten(self.returned))


def traced(
    function: Callable[..., Any], given: Any, what: str, as_dataset: Callable[..., Any]
) -> Traced:
    """Call the function once, with tensors that stand for an element.

    given: the structure of its argument; a tuple is several arguments. what: the method that it was
    given to. as_dataset: makes a dataset of its tensor and the structure of its elements.
    Errors: TypeError for what is no element.
    """
    graph = get_default_graph()
    began, before = len(graph.operations), graph.uncounted
    with name_scope(f"Dataset_{what}"), graph.body() as body:
        graph.uncounted = -began  # TensorFlow counts inside from 0 on, for its seeds
        parts: list[Part] = structure.flatten(given)
        pairs = [pair for part in parts for pair in part.tensors]
        own = loop_variables(pairs, "args")
        values = structure.packed(given, values_of(parts, own, as_dataset))
        returned = _element(function(*values) if type(values) is tuple else function(values), what)
        body.results = tuple(structure.raw_tensors(returned))
    graph.uncounted = before - (len(graph.operations) - began)
    captured = tuple(dict.fromkeys(t for t in body.free if not t.dtype.is_ref))
    body.parameters = (*own, *captured)
    return Traced(body, captured, structure.structure_of(returned))


def values_of(
    parts: list[Part], tensors: tuple[Tensor, ...], as_dataset: Callable[..., Any]
) -> list[Any]:
    """What stands for each part: a tensor, a sparse tensor or a dataset."""
    rest = iter(tensors)
    made: list[Any] = []
    for part in parts:
        first = next(rest)
        if part.kind == "sparse":
            made.append(SparseTensor(first, next(rest), next(rest)))
        else:
            made.append(as_dataset(first, part.inner) if part.kind == "dataset" else first)
    return made


def _element(returned: Any, what: str) -> Any:
    """What the function returned, as tensors. A list is a tuple, as from py_func."""
    element = tuple(returned) if isinstance(returned, list) else returned
    try:
        made = [structure.as_tensor(value, None) for value in structure.flatten(element)]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Unsupported return value from function passed to Dataset.{what}(): {returned!r}. "
            f"{error}"
        ) from None
    return structure.packed(element, made)
