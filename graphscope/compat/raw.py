"""Declared operations as the plain functions of the modules gen_* and of tf.raw_ops.

Some inputs have one name in the graph, which stands in messages, and another in Python.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from graphscope.compat.names import modules, names_of
from graphscope.graph.declare import OpDef
from graphscope.graph.registry import OPS
from graphscope.ops.sets import dynamic_stitch, parallel_dynamic_stitch

_AXIS = {"axis": "reduction_indices"}
_RESOURCE = {"resource": "ref"}

#: The names of inputs in Python, where they are others than those in the graph.
_RENAMED: dict[str, Mapping[str, str]] = {
    **dict.fromkeys(("Sum", "Mean", "EuclideanNorm", "Prod", "Max", "Min", "All", "Any"), _AXIS),
    **{f"ResourceScatter{way}": _RESOURCE for way in ("Update", "Add", "Sub", "Mul", "Div")},
    **dict.fromkeys(("ResourceScatterMin", "ResourceScatterMax", "ResourceCountUpTo"), _RESOURCE),
    "ExpandDims": {"axis": "dim"},
    "Select": {"x": "t", "y": "e"},
    "Split": {"axis": "split_dim"},
    "SplitV": {"axis": "split_dim"},
    "Where": {"condition": "input"},
}

#: Operations that have other inputs here than there.
_OTHERWISE: dict[str, Callable[..., Any] | None] = {
    "DynamicStitch": dynamic_stitch,
    "ParallelDynamicStitch": parallel_dynamic_stitch,
    **dict.fromkeys(("If", "MirrorPadGrad", "SparseConcat", "TileGrad", "While")),
}


def raw_name(type: str) -> str:
    """The Python name of an operation in the modules gen_*: ``TopKV2`` is ``top_kv2``."""
    letters = [
        f"_{now}" if now.isupper() and (before.islower() or after.islower()) else now
        for before, now, after in zip(type, type[1:], type[2:] + " ", strict=False)
    ]
    return "".join([type[0], *letters]).lower()


def _with_names(definition: OpDef, names: Mapping[str, str]) -> Callable[..., Any]:
    @functools.wraps(definition.kernel)
    def call(*args: Any, **kwargs: Any) -> Any:
        return definition(*args, **{names.get(key, key): value for key, value in kwargs.items()})

    return call


def _with_parts(definition: OpDef) -> Callable[..., Any]:
    """The outputs under their names, as ``unique(x).idx``."""
    # mypy knows named tuples of literal names only
    parts: Any = namedtuple(definition.type, definition.outputs)  # type: ignore[misc]

    @functools.wraps(definition.kernel)
    def call(*args: Any, **kwargs: Any) -> Any:
        return parts(*definition(*args, **kwargs))

    return call


#: Where operations are declared that have other inputs and attributes here: functions are bodies.
_OWN = ("datasets", "file_datasets", "parsing", "queues", "readers")


def _function(type: str, definition: OpDef) -> Callable[..., Any] | None:
    if type in _OTHERWISE:
        return _OTHERWISE[type]
    if definition.kernel.__module__.rpartition(".")[2] in _OWN:
        return None
    if len(definition.outputs) > 1:
        return _with_parts(definition)
    return _with_names(definition, _RENAMED[type]) if type in _RENAMED else definition


_GENERATED = {
    name.removeprefix("_") for module in modules() if ".gen_" in module for name in names_of(module)
}
_FUNCTIONS = {type: _function(type, definition) for type, definition in OPS.items()}

#: What tf.raw_ops has: the operations that TensorFlow has too.
RAW_OPS: dict[str, Any] = {
    type: function
    for type, function in _FUNCTIONS.items()
    if function is not None and raw_name(type) in _GENERATED
}

#: The same by their names in the modules gen_*, some of which begin with _ there.
RAW: dict[str, Any] = {raw_name(type): function for type, function in RAW_OPS.items()}
