"""Second derivatives: the gradient of each element of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.gradients.backward import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import reshape, stop_gradient
from graphscope.ops.joining import stack


def hessians(
    ys: Any,
    xs: Any,
    name: str = "hessians",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
) -> list[Tensor]:
    """For each x the second derivatives of the sum of `ys`: of shape x.shape + x.shape.

    The graph grows by a backward pass for each element of x, so x must be of a known shape.
    Errors: ValueError when it is not, or when the derivative does not depend on x.
    Source: tf.hessians.
    """
    xs = [convert_to_tensor(x) for x in (xs if isinstance(xs, list | tuple) else [xs])]
    return [_hessian(slope, x, name) for slope, x in zip(gradients(ys, xs), xs, strict=True)]


def _hessian(slope: Any, x: Tensor, name: str) -> Tensor:
    if slope is None:
        raise ValueError(f"The function does not depend on {x.name}, which has no hessian")
    if not x.shape.is_fully_defined():
        raise ValueError(f"hessians needs the static shape of {x.name}, and it is {x.shape}")
    with name_scope(name):
        flat = reshape(slope, [-1])
        rows = []
        for i in range(x.shape.num_elements() or 0):
            row = gradients(flat[i], x)[0]
            if row is None:
                raise ValueError(f"The gradient does not depend on {x.name}: its hessian is 0")
            rows.append(convert_to_tensor(row))
        sizes = [int(size) for size in TensorShape(x.shape)]
        square: Tensor = reshape(stack(rows), [*sizes, *sizes])
        return square


def hessian_vector_product(ys: Any, xs: Sequence[Any], v: Sequence[Any]) -> list[Any]:
    """The second derivatives of the sum of `ys`, times the vectors `v`, one for each x.

    Two backward passes are enough for it, whatever the size of x.
    Errors: ValueError when there are not as many vectors. Source:
    tensorflow.python.ops.gradients_impl._hessian_vector_product; Pearlmutter 1994.
    """
    if len(v) != len(xs):
        raise ValueError("xs and v must have the same length.")
    slopes = gradients(ys, xs)
    pairs = zip(slopes, v, strict=True)
    products = [slope * stop_gradient(own) for slope, own in pairs if slope is not None]
    return gradients(products, xs)
