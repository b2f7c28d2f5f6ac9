"""The whole module tree: the public part, tensorflow.compat.v1, and tensorflow.python below it.

A module of tensorflow.python.{framework, ops, training} has those of TensorFlow's names in it that
are public here under the same name.
"""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope.compat.files import CORE_FILES, PYTHON_FILES
from graphscope.compat.inner import BESIDE, INNER
from graphscope.compat.keras import KERAS
from graphscope.compat.libraries import MODULES as PUBLIC
from graphscope.compat.models import INNER_MODELS
from graphscope.compat.names import modules, names_of
from graphscope.compat.networks import NETWORKS
from graphscope.compat.operations import NAMES
from graphscope.compat.raw import RAW, RAW_OPS
from graphscope.compat.training import AROUND, TRAINING
from graphscope.graph import convert, dtypes, shapes, static_shapes
from graphscope.ops import initializers, told
from graphscope.platform import eager, gradient_checker, test, test_util

_ROOT = "tensorflow"
_INNER = ("python", "contrib", "core", "compat", "examples")

#: Everything public by its name. What stands first is what scripts mean by the name.
_POOL: dict[str, Any] = {
    **PUBLIC["tensorflow.train"],
    **PUBLIC["tensorflow.image"],
    **PUBLIC["tensorflow.nn"],
    **PUBLIC["tensorflow"],
}


_KNOWN = frozenset(modules())


def _contents(module: str) -> dict[str, Any]:
    """Those of TensorFlow's names in a module that are public here, or names of operations."""
    names = {name for name in names_of(module) if f"{module}.{name}" not in _KNOWN}
    if ".gen_" in module:
        raw = {name: name.removeprefix("_") for name in names}
        return {name: RAW[value] for name, value in raw.items() if value in RAW}
    known = RAW | _POOL
    return {name: known[name] for name in names if name in known} | PUBLIC.get(module, {})


#: Names of inner modules that are not public, or not the same as the public ones.
_MORE: dict[str, dict[str, Any]] = {
    "framework.dtypes": {"DType": dtypes.DType, "as_dtype": dtypes.as_dtype},
    "framework.errors": PUBLIC["tensorflow.errors"],
    "framework.errors_impl": PUBLIC["tensorflow.errors"],
    "framework.random_seed": {"DEFAULT_GRAPH_SEED": test.DEFAULT_GRAPH_SEED},
    "framework.tensor_shape": {
        "as_dimension": shapes.Dimension,
        "as_shape": shapes.as_shape,
        "matrix": static_shapes.matrix,
        "scalar": static_shapes.scalar,
        "unknown_shape": static_shapes.unknown_shape,
        "vector": static_shapes.vector,
    },
    "framework.tensor_util": {
        "constant_value": told.told_value,
        "is_tensor": convert.is_tensor_like,
    },
    "eager.context": {
        name: getattr(eager, name)
        for name in eager.__all__
        if name not in ("TensorSpec", "function")
    },
    "eager.def_function": {"function": eager.function},
    "framework.test_util": {name: getattr(test_util, name) for name in test_util.__all__},
    "ops.gradient_checker": {
        "compute_gradient": gradient_checker.compute_gradient,
        "compute_gradient_error": gradient_checker.compute_gradient_error,
    },
    "ops.gradients": {"gradients": graphscope.gradients},
    "ops.init_ops": {
        name: getattr(initializers, name)
        for name in (
            "Constant",
            "GlorotNormal",
            "GlorotUniform",
            "Identity",
            "Initializer",
            "Ones",
            "Orthogonal",
            "RandomNormal",
            "RandomUniform",
            "TruncatedNormal",
            "UniformUnitScaling",
            "VarianceScaling",
            "Zeros",
            "he_normal",
            "he_uniform",
            "lecun_normal",
            "lecun_uniform",
        )
    },
    "ops.standard_ops": _POOL,
}

for _name, _found in [*INNER.items(), *TRAINING.items(), *NETWORKS.items(), *PYTHON_FILES.items()]:
    _MORE[_name] = _MORE.get(_name, {}) | _found

_PYTHON = {
    name: _contents(name)
    for name in modules()
    if name.startswith(tuple(f"tensorflow.python.{p}" for p in ("framework", "ops", "training")))
}

_ALL: dict[str, dict[str, Any]] = {
    **PUBLIC,
    **KERAS,
    **BESIDE,
    **AROUND,
    **CORE_FILES,
    **INNER_MODELS,
    **{name: contents for name, contents in _PYTHON.items() if contents},
    **{
        f"tensorflow.python.{name}": PUBLIC.get(f"tensorflow.python.{name}", {})
        | _PYTHON.get(f"tensorflow.python.{name}", {})
        | _MORE.get(name, {})
        | NAMES.get(name, {})
        for name in {**_MORE, **NAMES}
    },
    "tensorflow.raw_ops": RAW_OPS,
    "tensorflow.compat.v1": PUBLIC["tensorflow"],
    **{
        f"tensorflow.compat.v1.{name.removeprefix('tensorflow.')}": contents
        for name, contents in PUBLIC.items()
        if name != _ROOT and name.split(".")[1] not in _INNER
    },
}

_PARENTS = {name.rpartition(".")[0] for name in _ALL}
_GRANDPARENTS = {name.rpartition(".")[0] for name in _PARENTS}

#: Every module with what is in it, and with it the packages that hold it.
MODULES: dict[str, dict[str, Any]] = {name: {} for name in (_PARENTS | _GRANDPARENTS) - {""}} | _ALL
