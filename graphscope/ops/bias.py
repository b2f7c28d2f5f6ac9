"""A bias: one number added to each channel, of whatever stands in the other axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import NUMBERS
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import zeros_like
from graphscope.ops.linalg import matmul


def _channels_at(data_format: str) -> int:
    return 1 if data_format == "NCHW" else -1


def _biased(value: Tensor, bias: Tensor, data_format: str = "NHWC") -> TensorShape:
    at = _channels_at(data_format)
    shape = value.shape.with_rank_at_least(3 if at == 1 else 2)
    width = bias.shape.with_rank(1)
    if shape.sizes is None:
        return shape
    have, want = shape.sizes[at], None if width.sizes is None else width.sizes[0]
    if None not in (have, want) and have != want:
        raise ValueError(f"Dimensions must be equal, but are {have} and {want}")
    return shape


def _over_channels(bias: T, rank: int, data_format: str) -> T:
    """The bias in a shape that is broadcast to values of so many axes."""
    at = _channels_at(data_format) % rank
    return bias.reshape([-1 if i == at else 1 for i in range(rank)])


def _plus(value: T, bias: T, data_format: str) -> T:
    if value.shape[_channels_at(data_format)] != len(bias):
        raise ValueError(
            "Must provide as many biases as the channel dimension of the input tensor: "
            f"{list(bias.shape)} vs. {list(value.shape)}"
        )
    result: T = value + _over_channels(bias, value.ndim, data_format)
    return result


@op("BiasAdd", kind="math", shape=_biased, types=NUMBERS, symbol="+")
def _bias_add(value: T, bias: T, *, data_format: str = "NHWC") -> T:
    """A vector added to every row: one number for each position of the channels' axis."""
    return _plus(value, bias, data_format)


@op("BiasAddV1", kind="math", shape=_biased, types=NUMBERS, symbol="+")
def _bias_add_v1(value: T, bias: T) -> T:
    """A vector added along the last axis, as the first versions of TensorFlow write it."""
    return _plus(value, bias, "NHWC")


def _width(out_backprop: Tensor, *, data_format: str) -> TensorShape:
    sizes = out_backprop.shape.with_rank_at_least(2).sizes
    return TensorShape([None if sizes is None else sizes[_channels_at(data_format)]])


@op("BiasAddGrad", kind="reduce", shape=_width, types=NUMBERS)
def bias_add_grad(out_backprop: T, *, data_format: str = "NHWC") -> T:
    """The slope of BiasAdd along its bias: the sum over all axes but the channels'."""
    at = _channels_at(data_format) % out_backprop.ndim
    others = tuple(i for i in range(out_backprop.ndim) if i != at)
    return np.asarray(np.sum(out_backprop, axis=others, dtype=out_backprop.dtype))


@_bias_add.gradient
def _(dy: Tensor, y: Tensor, value: Tensor, bias: Tensor, *, data_format: str) -> Any:
    return dy, bias_add_grad(dy, data_format=data_format)


@_bias_add_v1.gradient
def _(dy: Tensor, y: Tensor, value: Tensor, bias: Tensor) -> Any:
    return dy, bias_add_grad(dy)


@bias_add_grad.gradient
def _(ddb: Tensor, db: Tensor, out_backprop: Tensor, *, data_format: str) -> Any:
    return _bias_add(zeros_like(out_backprop), ddb, data_format=data_format)


def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Tensor:
    """A vector added along the axis of the channels. Source: tf.nn.bias_add.

    value: [batch, ..., channels], or [batch, channels, ...] with a data_format like "NCHW".
    Errors: ValueError for another data format, and for a bias of another length.
    """
    given = data_format or "NHWC"
    first = given.startswith("NC")
    if not (first or (given.startswith("N") and given.endswith("C"))):
        raise ValueError("data_format must be of the form `N...C` or `NC...`")
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, value.dtype, name="bias")
        result: Tensor = _bias_add(value, bias, data_format="NCHW" if first else "NHWC", name=scope)
        return result


def bias_add_v1(value: Any, bias: Any, name: str | None = None) -> Tensor:
    """A vector added along the last axis, by BiasAddV1. Source: nn_ops.bias_add_v1."""
    with name_scope(name, "BiasAddV1", [value, bias]) as scope:
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, value.dtype, name="bias")
        result: Tensor = _bias_add_v1(value, bias, name=scope)
        return result


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases. Source: tf.nn.xw_plus_b."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        x, weights, biases = _named(x, weights, biases)
        return bias_add(matmul(x, weights), biases, name=scope)


def xw_plus_b_v1(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases, by BiasAddV1. Source: nn_ops.xw_plus_b_v1."""
    with name_scope(name, "xw_plus_b_v1", [x, weights, biases]) as scope:
        x, weights, biases = _named(x, weights, biases)
        return bias_add_v1(matmul(x, weights), biases, name=scope)


def _named(x: Any, weights: Any, biases: Any) -> tuple[Tensor, Tensor, Tensor]:
    return (
        convert_to_tensor(x, name="x"),
        convert_to_tensor(weights, name="weights"),
        convert_to_tensor(biases, name="biases"),
    )
