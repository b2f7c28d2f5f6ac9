"""What the layers of tf.contrib.layers share, and networks of slim use: names of outputs, sizes.

Source: tensorflow.contrib.layers.python.layers.utils of 1.15.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.layers.smart_cond import smart_cond, smart_constant_value

__all__ = [
    "append_tensor_alias",
    "channel_dimension",
    "collect_named_outputs",
    "constant_value",
    "convert_collection_to_dict",
    "gather_tensors_aliases",
    "get_tensor_aliases",
    "get_variable_collections",
    "last_dimension",
    "n_positive_integers",
    "smart_cond",
    "two_element_tuple",
]

constant_value = smart_constant_value

#: The collection of a graph that holds the names of outputs: a dict of lists, by tensor.
_ALIASES = "_aliases_of_tensors"


def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """The outputs, named and put into collections, if there are any."""
    if collections:
        append_tensor_alias(outputs, alias.removesuffix("/"))
        get_default_graph().add_to_collections(collections, outputs)
    return outputs


def append_tensor_alias(tensor: Tensor, alias: str) -> Tensor:
    """The tensor, with one name more."""
    kept = get_default_graph().get_collection_ref(_ALIASES)
    if not kept:
        kept.append({})
    kept[0].setdefault(tensor, []).append(alias)
    return tensor


def get_tensor_aliases(tensor: Tensor) -> list[str]:
    """The names that the tensor was given, or that of its operation."""
    kept = get_default_graph().get_collection_ref(_ALIASES)
    own: list[str] = kept[0].get(tensor, []) if kept else []
    return list(own) or [tensor.name.removesuffix(":0")]


def gather_tensors_aliases(tensors: Sequence[Tensor]) -> list[str]:
    """The names of all the tensors."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


def convert_collection_to_dict(
    collection: Any, clear_collection: bool = False
) -> OrderedDict[str, Any]:
    """The tensors of a collection by their names.

    clear_collection: empty it.
    """
    kept = get_default_graph().get_collection_ref(collection)
    by_name = OrderedDict((alias, t) for t in kept for alias in get_tensor_aliases(t))
    if clear_collection:
        kept.clear()
    return by_name


def get_variable_collections(variables_collections: Any, name: str) -> Any:
    """The collections of one kind of variable: a list for all kinds, or a dict by kind."""
    if isinstance(variables_collections, dict):
        return variables_collections.get(name)
    return variables_collections


def last_dimension(shape: Any, min_rank: int = 1) -> int | None:
    """The size of the last axis. Errors: ValueError for too few axes, or an unknown size."""
    return channel_dimension(shape, "NHWC", min_rank)


def channel_dimension(shape: Any, data_format: str, min_rank: int = 1) -> int | None:
    """The number of channels. Errors: ValueError for too few axes, or an unknown number."""
    known: TensorShape = as_shape(shape)
    if known.ndims is None:
        raise ValueError("dims of shape must be known but is None")
    if known.ndims < min_rank:
        raise ValueError(f"rank of shape must be at least {min_rank} not: {known.ndims}")
    size = known.as_list()[1 if data_format == "NCHW" else -1]
    if size is None:
        raise ValueError("the size of the last axis of the shape must be known")
    return size


def two_element_tuple(int_or_tuple: Any) -> tuple[int, int]:
    """A number twice, or two numbers. Errors: ValueError for anything else."""
    given = int_or_tuple
    if isinstance(given, TensorShape):
        given = given.as_list()
    if isinstance(given, int):
        return given, given
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError("Must be an int, a list with 2 elements or a TensorShape of length 2")
    first, second = (int(number) for number in given)
    return first, second


def n_positive_integers(n: int, value: Any) -> tuple[int, ...]:
    """A number n times, or n numbers, all of them above 0. Errors: ValueError otherwise."""
    numbers = [value] * n if isinstance(value, int) else list(value)
    if len(numbers) != n or any(int(number) <= 0 for number in numbers):
        raise ValueError(f"Expected {n} positive integers, got {value}")
    return tuple(int(number) for number in numbers)
