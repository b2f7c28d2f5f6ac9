"""Functions of one number that take sparse tensors too: of those only what is there is changed."""

from __future__ import annotations

from typing import Any

from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops import complex_numbers, math, special
from graphscope.ops.array import is_sparse
from graphscope.ops.sparse import SparseTensor


def _of_sparse_too(function: Any, name: str) -> Any:
    def elementwise(x: Any, name: str | None = None) -> Tensor | SparseTensor:
        if not is_sparse(x):
            dense: Tensor = function(x, name=name)
            return dense
        with name_scope(name, default, [x]) as scope:
            return SparseTensor(x.indices, function(x.values, name=scope), x.dense_shape)

    default = name.capitalize()
    elementwise.__name__ = elementwise.__qualname__ = name
    elementwise.__doc__ = f"""{function.__doc__}

        Of a sparse tensor it takes the elements that are there. Source: tf.{name}.
        """
    return elementwise


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor | SparseTensor:
    """x in another element type; x itself when it is of that type. Source: tf.cast.

    Of a sparse tensor the elements that are there. Gradients flow between floating-point and
    complex types only.
    """
    if not is_sparse(x):
        return math.cast(x, dtype, name)
    with name_scope(name, "Cast", [x]):
        return SparseTensor(x.indices, math.cast(x.values, dtype), x.dense_shape)


abs_ = _of_sparse_too(complex_numbers.absolute, "abs")
negative = _of_sparse_too(math.negative, "negative")
square = _of_sparse_too(math.square, "square")
sqrt = _of_sparse_too(math.sqrt, "sqrt")
sign = _of_sparse_too(math.sign, "sign")
tanh = _of_sparse_too(math.tanh, "tanh")
erf = _of_sparse_too(special.erf, "erf")
