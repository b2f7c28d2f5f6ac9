"""Which name of TensorFlow's module tree is what here. Parents come before their children."""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope import errors, nn, train
from graphscope.data import mnist


def _public(module: Any) -> dict[str, Any]:
    names = getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"]
    return {name: getattr(module, name) for name in names}


_TF = _public(graphscope)
_MATH = [
    "abs",
    "add",
    "add_n",
    "argmax",
    "argmin",
    "ceil",
    "cos",
    "cumsum",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floordiv",
    "floormod",
    "greater",
    "greater_equal",
    "is_finite",
    "is_inf",
    "is_nan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "pow",
    "reciprocal",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "square",
    "squared_difference",
    "subtract",
    "tanh",
    "truediv",
]

MODULES: dict[str, dict[str, Any]] = {
    "tensorflow": {
        **_TF,
        "__version__": "1.15.5",
        "VERSION": "1.15.5",
        "initialize_all_variables": graphscope.global_variables_initializer,
        "all_variables": graphscope.global_variables,
    },
    "tensorflow.errors": _public(errors),
    "tensorflow.nn": _public(nn),
    "tensorflow.train": _public(train),
    "tensorflow.math": {
        **{name: _TF[name] for name in _MATH},
        "divide_no_nan": graphscope.div_no_nan,
        "floordiv": graphscope.floordiv,
        "in_top_k": nn.in_top_k,
        "l2_normalize": nn.l2_normalize,
        "softplus": nn.softplus,
        "softsign": nn.softsign,
        "top_k": nn.top_k,
        "truncatediv": graphscope.truncatediv,
        "truncatemod": graphscope.truncatemod,
    },
    "tensorflow.linalg": {
        "diag": graphscope.matrix_diag,
        "diag_part": graphscope.matrix_diag_part,
        "eye": graphscope.eye,
        "matmul": graphscope.matmul,
        "set_diag": graphscope.matrix_set_diag,
        "transpose": graphscope.transpose,
    },
    "tensorflow.debugging": {
        "is_finite": graphscope.is_finite,
        "is_inf": graphscope.is_inf,
        "is_nan": graphscope.is_nan,
    },
    "tensorflow.random": {
        "normal": graphscope.random_normal,
        "uniform": graphscope.random_uniform,
        "truncated_normal": graphscope.truncated_normal,
        "set_random_seed": graphscope.set_random_seed,
    },
    "tensorflow.initializers": {"global_variables": graphscope.global_variables_initializer},
    "tensorflow.examples": {},
    "tensorflow.examples.tutorials": {},
    "tensorflow.examples.tutorials.mnist": {},
    "tensorflow.examples.tutorials.mnist.input_data": {
        "DataSet": mnist.DataSet,
        "read_data_sets": mnist.read_data_sets,
    },
}
