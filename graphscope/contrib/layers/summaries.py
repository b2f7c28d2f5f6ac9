"""Summaries of tensors by their kind: a scalar or a histogram (tf.contrib.layers)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphscope.graph.dtypes import bool_, string
from graphscope.graph.graph import get_default_graph
from graphscope.ops import math, summary
from graphscope.ops.logic import greater, less
from graphscope.ops.reduction import reduce_mean
from graphscope.ops.variables import GraphKeys


def summarize_activation(op: Any) -> Any:
    """A histogram of a layer's result; for relu, also how much of it is cut off."""
    source = op.op
    if source.type in ("Relu", "Softplus", "Relu6"):
        below = less(source.inputs[0], math.cast(0.0, source.inputs[0].dtype))
        summary.scalar(f"{source.name}/zeros", reduce_mean(math.to_float(below)))
    if source.type == "Relu6":
        above = greater(source.inputs[0], math.cast(6.0, source.inputs[0].dtype))
        summary.scalar(f"{source.name}/sixes", reduce_mean(math.to_float(above)))
    return summary.histogram(f"{source.name}/activation", op)


def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """A scalar summary of a number, a histogram of anything else; None for strings and bools."""
    if tensor.dtype.base_dtype in (string, bool_):
        return None
    kind = summary.scalar if tensor.shape.ndims == 0 else summary.histogram
    return kind(tag or f"{tensor.op.name}_summary", tensor)


def summarize_tensors(
    tensors: Any, summarizer: Callable[[Any], Any] = summarize_tensor
) -> list[Any]:
    return [summarizer(tensor) for tensor in tensors]


def summarize_collection(
    collection: str,
    name_filter: str | None = None,
    summarizer: Callable[[Any], Any] = summarize_tensor,
) -> list[Any]:
    """Summaries of what is in a collection; name_filter: a pattern that names begin with."""
    found = get_default_graph().get_collection(collection)
    chosen = [t for t in found if name_filter is None or re.match(name_filter, t.op.name)]
    return summarize_tensors(chosen, summarizer)


def summarize_variables(name_filter: str | None = None) -> list[Any]:
    return summarize_collection(GraphKeys.GLOBAL_VARIABLES, name_filter)


def summarize_weights(name_filter: str | None = None) -> list[Any]:
    return summarize_collection(GraphKeys.WEIGHTS, name_filter)


def summarize_biases(name_filter: str | None = None) -> list[Any]:
    return summarize_collection(GraphKeys.BIASES, name_filter)


def summarize_activations(name_filter: str | None = None) -> list[Any]:
    return summarize_collection(GraphKeys.ACTIVATIONS, name_filter, summarize_activation)
