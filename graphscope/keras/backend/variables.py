"""Variables, placeholders and constants as Keras makes them, and what is known of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.scopes import name_scope as _name_scope
from graphscope.keras.backend.config import floatx
from graphscope.keras.backend.sessions import get_graph, track_variable
from graphscope.keras.history import made_by
from graphscope.ops import array, initializers, layout, math, state
from graphscope.ops.constants import constant as _constant
from graphscope.ops.sparse import SparseTensor, sparse_placeholder
from graphscope.ops.variables import VariableV2
from graphscope.train.moving_averages import assign_moving_average


def name_scope(name: str) -> Any:
    """Prefix the names of the operations made inside."""
    return _name_scope(name)


# ---- making ------------------------------------------------------------------------------------


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """A resource variable with this initial value; a SciPy matrix makes a SparseTensor."""
    if hasattr(value, "tocoo"):
        coo = value.tocoo()
        return SparseTensor(np.stack([coo.row, coo.col], axis=1), coo.data, coo.shape)
    made = VariableV2(value, dtype=as_dtype(dtype or floatx()), name=name, constraint=constraint)
    track_variable(made)
    return made


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    return _constant(value, dtype=dtype or floatx(), shape=shape, name=name or "Const")


def placeholder(
    shape: Any = None,
    ndim: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    name: str | None = None,
) -> Any:
    """A placeholder; ndim: its rank when no size is known."""
    if not shape and ndim:
        shape = (None,) * ndim
    make = sparse_placeholder if sparse else array.placeholder
    with get_graph().as_default():
        return make(dtype or floatx(), shape=shape, name=name)


def placeholder_with_default(value: Any, shape: Any, name: str, dtype: Any = None) -> Any:
    """A placeholder that holds `value` in runs that do not feed it."""
    default = _constant(value, dtype=as_dtype(dtype or floatx()))
    return array.placeholder_with_default(default, shape=shape, name=name)


def _filled(fill: Any, shape: Any, dtype: Any, name: str | None) -> Any:
    """A variable; a tensor where a size is unknown."""
    dtype = as_dtype(dtype or floatx())
    value = fill(shape=shape, dtype=dtype, name=name)
    known = all(value.shape.as_list())
    return variable(value, dtype=dtype, name=name) if known else value


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros."""
    return _filled(array.zeros, shape, dtype, name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones."""
    return _filled(array.ones, shape, dtype, name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """A variable that is the identity matrix [size, size]."""
    dtype = dtype or floatx()
    return variable(layout.eye(size, dtype=as_dtype(dtype)), dtype, name)


def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    return array.zeros_like(x, dtype=dtype, name=name)


def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    return array.ones_like(x, dtype=dtype, name=name)


def identity(x: Any, name: str | None = None) -> Any:
    return array.identity(x, name=name)


def random_uniform_variable(
    shape: Any,
    low: float,
    high: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Any:
    """A variable of numbers in [low, high); the seed comes from numpy's when left out."""
    return _drawn(initializers.RandomUniform, shape, low, high, dtype, name, seed)


def random_normal_variable(
    shape: Any,
    mean: float,
    scale: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Any:
    """A variable of normal numbers; the seed comes from numpy's when left out."""
    return _drawn(initializers.RandomNormal, shape, mean, scale, dtype, name, seed)


def _drawn(
    kind: Any, shape: Any, first: float, second: float, dtype: Any, name: Any, seed: Any
) -> Any:
    dtype = dtype or floatx()
    seed = np.random.randint(10**9) if seed is None else seed
    value = kind(first, second, dtype=as_dtype(dtype), seed=seed)(shape)
    return variable(value, dtype=dtype, name=name)


# ---- asking ------------------------------------------------------------------------------------


def is_keras_tensor(x: Any) -> bool:
    """Whether a layer or Input made it. Errors: ValueError for what is no tensor."""
    if not is_tensor_like(x):
        raise ValueError(
            f"Unexpectedly found an instance of type `{type(x)}`. Expected a symbolic tensor "
            "instance."
        )
    return made_by(x) is not None


def is_placeholder(x: Any) -> bool:
    return getattr(getattr(x, "op", None), "type", None) == "Placeholder"


def shape(x: Any) -> Any:
    """The shape as a tensor, known in the run."""
    return array.shape(x)


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The static shape, None for unknown sizes; None when not even the rank is known."""
    known = x.shape
    if isinstance(known, tuple):
        return known
    return None if known.ndims is None else tuple(known.as_list())


def ndim(x: Any) -> int | None:
    """The rank, None when it is unknown."""
    rank: int | None = x.shape.ndims
    return rank


def dtype(x: Any) -> str:
    name: str = x.dtype.base_dtype.name
    return name


def count_params(x: Any) -> Any:
    """How many numbers a variable holds."""
    return np.prod(x.shape.as_list())


def cast(x: Any, dtype: Any) -> Any:
    return math.cast(x, dtype)


# ---- updates -----------------------------------------------------------------------------------


def update(x: Any, new_x: Any) -> Any:
    return state.assign(x, new_x)


def update_add(x: Any, increment: Any) -> Any:
    return state.assign_add(x, increment)


def update_sub(x: Any, decrement: Any) -> Any:
    return state.assign_sub(x, decrement)


def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """x moves towards the value; the first values count as much as if x had begun at them."""
    return assign_moving_average(x, value, momentum, zero_debias=True)
