"""What scripts of other people call beside the main surface: the default graph, devices, old paths.

`TOP` are names of `tensorflow` itself, `SCRIPTS` are other modules, below contrib and examples.
"""

from __future__ import annotations

from typing import Any

from graphscope.contrib import decay, opt
from graphscope.contrib import layers as contrib_layers
from graphscope.contrib.layers import utils
from graphscope.data import mnist_model
from graphscope.graph import dtypes, static_shapes
from graphscope.ops import checks, color, math, told, variable_lists
from graphscope.platform import eager, graph_calls, logging, tensors


def _public(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}


TOP: dict[str, Any] = {
    **{name: value for name, value in _public(graph_calls).items() if name[:5] != "list_"},
    "dimension_at_index": static_shapes.dimension_at_index,
    "dimension_value": static_shapes.dimension_value,
    "executing_eagerly": eager.executing_eagerly,
    "get_logger": logging.get_logger,
    "get_static_value": told.told_value,
    "initialize_all_tables": variable_lists.tables_initializer,
    "numpy_function": checks.py_func,
    "tables_initializer": variable_lists.tables_initializer,
}

_DTYPES = {value.name: value for value in vars(dtypes).values() if isinstance(value, dtypes.DType)}
_LAYERS = _public(contrib_layers)

#: Where scripts of 2016 import the layers of contrib from.
_OLD_LAYERS = "tensorflow.contrib.layers.python.layers"

SCRIPTS: dict[str, dict[str, Any]] = {
    "tensorflow.dtypes": {
        **_DTYPES,
        "DType": dtypes.DType,
        "as_dtype": dtypes.as_dtype,
        "cast": math.cast,
        "saturate_cast": color.saturate_cast,
    },
    "tensorflow.contrib.opt": {**_public(opt), **_public(decay)},
    "tensorflow.contrib.util": {
        "constant_value": told.told_value,
        "make_ndarray": tensors.make_ndarray,
        "make_tensor_proto": tensors.make_tensor_proto,
    },
    _OLD_LAYERS: _LAYERS,
    **{
        f"{_OLD_LAYERS}.{name}": _LAYERS
        for name in ("initializers", "layers", "optimizers", "regularizers", "summaries")
    },
    f"{_OLD_LAYERS}.utils": _public(utils),
    "tensorflow.contrib.slim.utils": _public(utils),
    "tensorflow.examples.tutorials.mnist.mnist": _public(mnist_model),
    "tensorflow.python.client.device_lib": {
        "list_local_devices": graph_calls.list_local_devices,
    },
}
