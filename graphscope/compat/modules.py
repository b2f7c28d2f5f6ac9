"""The whole module tree: the public part, tensorflow.compat.v1, and tensorflow.python below it.

A module of tensorflow.python.{framework, ops, training} has those of TensorFlow's names in it that
are public here under the same name.
"""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope.compat.libraries import MODULES as PUBLIC
from graphscope.compat.names import modules, names_of
from graphscope.graph import convert, dtypes, shapes, static_shapes
from graphscope.ops import control_flow, initializers, variables
from graphscope.platform import gradient_checker, test

_ROOT = "tensorflow"
_INNER = ("python", "contrib", "core", "compat", "examples")

#: Everything public by its name. What stands first is what scripts mean by the name.
_POOL: dict[str, Any] = {
    **PUBLIC["tensorflow.train"],
    **PUBLIC["tensorflow.image"],
    **PUBLIC["tensorflow.nn"],
    **PUBLIC["tensorflow"],
}

#: Names of inner modules that are not public, or not the same as the public ones.
_MORE: dict[str, dict[str, Any]] = {
    "framework.constant_op": {"constant": graphscope.constant},
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
        "constant_value": convert.constant_value,
        "is_tensor": convert.is_tensor_like,
    },
    "framework.test_util": {"TensorFlowTestCase": test.TestCase},
    "ops.control_flow_ops": {"with_dependencies": control_flow.with_dependencies},
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
    "ops.variables": {"Variable": variables.Variable},
}

_PYTHON = {
    name: {n: _POOL[n] for n in names_of(name) if n in _POOL} | PUBLIC.get(name, {})
    for name in modules()
    if name.startswith(tuple(f"tensorflow.python.{p}" for p in ("framework", "ops", "training")))
}

MODULES: dict[str, dict[str, Any]] = {
    **PUBLIC,
    **{name: contents for name, contents in _PYTHON.items() if contents},
    "tensorflow.python.framework": {},
    **{
        f"tensorflow.python.{name}": _PYTHON.get(f"tensorflow.python.{name}", {}) | contents
        for name, contents in _MORE.items()
    },
    "tensorflow.compat.v1": PUBLIC["tensorflow"],
    **{
        f"tensorflow.compat.v1.{name.removeprefix('tensorflow.')}": contents
        for name, contents in PUBLIC.items()
        if name != _ROOT and name.split(".")[1] not in _INNER
    },
}
