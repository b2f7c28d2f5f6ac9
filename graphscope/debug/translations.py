"""What numpy and Python call a thing, and what the graph calls it."""

from __future__ import annotations

import re

_SAME = (
    *("abs", "add", "argmax", "argmin", "ceil", "concat", "cos", "cross", "cumsum", "diag"),
    *("divide", "equal", "exp", "expand_dims", "eye", "floor", "greater", "less", "log", "log1p"),
    *("matmul", "maximum", "minimum", "multiply", "ones_like", "pad", "reshape", "round", "sign"),
    *("sin", "sqrt", "square", "squeeze", "stack", "subtract", "tanh", "tile", "transpose"),
    *("unique", "where", "zeros_like"),
)
#: The graph's name of a function of numpy.
_NUMPY = {
    **{name: f"tf.{name}" for name in _SAME},
    "absolute": "tf.abs",
    "all": "tf.reduce_all",
    "amax": "tf.reduce_max",
    "amin": "tf.reduce_min",
    "any": "tf.reduce_any",
    "array": "tf.stack",
    "asarray": "tf.stack",
    "clip": "tf.clip_by_value",
    "concatenate": "tf.concat",
    "dot": "tf.matmul",
    "float32": "tf.to_float",
    "float64": "tf.to_double",
    "hstack": "tf.concat",
    "int32": "tf.to_int32",
    "int64": "tf.to_int64",
    "isfinite": "tf.is_finite",
    "isnan": "tf.is_nan",
    "linalg.norm": "tf.norm",
    "max": "tf.reduce_max",
    "mean": "tf.reduce_mean",
    "min": "tf.reduce_min",
    "power": "tf.pow",
    "prod": "tf.reduce_prod",
    "shape": "tf.shape",
    "size": "tf.size",
    "split": "tf.split",
    "sum": "tf.reduce_sum",
    "vstack": "tf.concat",
}
#: What to use in place of Python's own, by what the error says.
_PYTHON = {
    "as a Python `bool`": "tf.cond or tf.where",
    "iterating over": "tf.unstack",
    "len is not well defined": "tf.shape(x)[0]",
    "float() argument": "tf.cast(x, tf.float32)",
    "int() argument": "tf.cast(x, tf.int32)",
}
_CALL = re.compile(r"\b(?:np|numpy)\.((?:linalg\.)?\w+)\s*\(")


def in_the_graph(line: str, message: str = "") -> str:
    """What does in the graph what a line of Python tried to do with a tensor, as in
    ``tf.abs in place of np.abs``; nothing where that is not known. message: of the error."""
    for said, use in _PYTHON.items():
        if said in message:
            return use
    known = (name for name in _CALL.findall(line) if name in _NUMPY)
    return next((f"{_NUMPY[name]} in place of np.{name}" for name in known), "")
