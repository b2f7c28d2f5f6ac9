"""What the layers of tf.contrib.layers share: names of variables, collections, activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.contrib.framework import model_variable
from graphscope.contrib.layers.utils import collect_named_outputs
from graphscope.graph.graph import get_default_graph
from graphscope.ops.variables import GraphKeys


def layer_getter(renamed: dict[str, str]) -> Callable[..., Any]:
    """A getter for variable scopes: variables become model variables, with other last names."""

    def get(getter: Callable[..., Any], name: str, collections: Any = None, **kwargs: Any) -> Any:
        scope, slash, last = name.rpartition("/")
        kept = [*(collections or ()), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
        full = f"{scope}{slash}{renamed.get(last, last)}"
        return getter(full, collections=list(dict.fromkeys(kept)), **kwargs)

    return get


def of_part(collections: Any, part: str) -> Any:
    """The collections of one kind of variable: a list for all kinds, or a dict by kind."""
    return collections.get(part) if isinstance(collections, dict) else collections


def keep(variable: Any, collections: Any, part: str) -> None:
    """Put a variable into the collections of its kind, once."""
    graph = get_default_graph()
    for key in of_part(collections, part) or ():
        if variable is not None and variable not in graph.get_collection(key):
            graph.add_to_collection(key, variable)


def activated(outputs: Any, activation_fn: Any, collections: Any, scope: str) -> Any:
    """The activation of the outputs, kept in the collections under the name of the layer."""
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collect_named_outputs(collections, scope, outputs)


def part_variable(
    name: str, shape: Any, dtype: Any, collections: Any, kind: str = "", **options: Any
) -> Any:
    """A model variable, in the collections for its kind, which is its name if nothing is said."""
    kept = of_part(collections, kind or name)
    return model_variable(name, shape, dtype, collections=kept, **options)
