"""Normalization of each example by itself: tf.contrib.layers.{layer,instance,group}_norm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphscope.contrib.arg_scope import add_arg_scope
from graphscope.contrib.layers.parts import activated, part_variable
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float16
from graphscope.graph.graph import Tensor
from graphscope.nn import batch_normalization, moments, normalize_moments, sufficient_statistics
from graphscope.ops import array
from graphscope.ops.initializers import Ones, Zeros
from graphscope.ops.math import rsqrt
from graphscope.ops.variable_scope import variable_scope

_FIRST = {"beta": Zeros, "gamma": Ones}


def _parameters(
    shape: Any, dtype: Any, center: bool, scale: bool, first: Any, **options: Any
) -> Iterator[Any]:
    """The trained beta and gamma, one after the other, None for what is not wanted."""
    for name, wanted in (("beta", center), ("gamma", scale)):
        start = (first or {}).get(name) or _FIRST[name]()
        yield part_variable(name, shape, dtype, initializer=start, **options) if wanted else None


def _beside(parameters: Iterator[Any], shape: Any) -> list[Any]:
    """The parameters in a shape that broadcasts to the inputs, each reshaped when it is made."""
    return [None if value is None else array.reshape(value, shape) for value in parameters]


@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> Any:
    """Each example, less its mean, divided by its deviation, times gamma, and beta.

    begin_norm_axis: the first of the axes that mean and deviation go over. begin_params_axis: the
    first of those that beta and gamma have. Source: tf.contrib.layers.layer_norm; Ba et al. 2016.
    Errors: ValueError for an unknown rank, an axis that is not there, a size not known.
    """
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        shape, rank = inputs.shape, inputs.shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        if begin_norm_axis < 0:
            begin_norm_axis += rank
        if begin_params_axis >= rank or begin_norm_axis >= rank:
            raise ValueError(
                f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({begin_norm_axis}) "
                f"must be < rank(inputs) ({rank})"
            )
        sizes = shape[begin_params_axis:]
        if not sizes.is_fully_defined():
            raise ValueError(
                f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: "
                f"{shape}"
            )
        dtype = inputs.dtype.base_dtype
        beta, gamma = _parameters(
            sizes,
            dtype,
            center,
            scale,
            None,
            collections=variables_collections,
            trainable=trainable,
        )
        mean, variance = moments(inputs, list(range(begin_norm_axis, rank)), keep_dims=True)
        epsilon = 1e-3 if dtype is float16 else 1e-12
        outputs = batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(shape)
        return activated(outputs, activation_fn, outputs_collections, opened.name)


@add_arg_scope
def instance_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-06,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """Each channel of each example, less its mean and divided by its standard deviation.

    Source: tf.contrib.layers.instance_norm; Ulyanov et al. 2016.
    Errors: ValueError for an unknown rank, an unknown number of channels, another format.
    """
    inputs = convert_to_tensor(inputs)
    rank = inputs.shape.ndims
    if rank is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank.")
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    with variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as opened:
        axis = 1 if data_format == "NCHW" else rank - 1
        sizes = inputs.shape[axis : axis + 1]
        if not sizes.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name} has undefined channels dimension {sizes}.")
        parameters = _parameters(
            sizes,
            inputs.dtype.base_dtype,
            center,
            scale,
            param_initializers,
            collections=variables_collections,
            trainable=trainable,
        )
        if data_format == "NCHW":
            beta, gamma = _beside(parameters, [1, *sizes.as_list(), *[1] * (rank - 2)])
        else:
            beta, gamma = parameters
        axes = [i for i in range(1, rank) if i != axis]
        mean, variance = moments(inputs, axes, keep_dims=True)
        outputs = batch_normalization(
            inputs, mean, variance, beta, gamma, epsilon, name="instancenorm"
        )
        return activated(outputs, activation_fn, outputs_collections, opened.name)


def _channels(inputs: Tensor, groups: int, axis: int, axes: Sequence[int]) -> tuple[int, list[int]]:
    """The axis of the channels and those to average over, counted from 0.

    Errors: ValueError for those that are not there, overlap, or do not fall into groups.
    """
    rank = inputs.shape.ndims
    if rank is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank.")
    if axis > rank - 1:
        raise ValueError("Axis is out of bounds.")
    axis = axis + rank if axis < 0 else axis
    sizes = inputs.shape.as_list()
    channels = sizes[axis]
    if channels is None:
        raise ValueError(f"Inputs {inputs.name} has undefined channel dimension: {axis}.")
    axes = [a + rank if a < 0 else a for a in axes]
    for a in axes:
        if a >= rank:
            raise ValueError("Axis is out of bounds.")
        if sizes[a] is None:
            raise ValueError(f"Inputs {inputs.name} has undefined dimensions {a}.")
        if a == axis:
            raise ValueError("reduction_axis must be mutually exclusive with channels_axis")
    if groups > channels:
        raise ValueError(f"Invalid groups {groups} for {channels} channels.")
    if channels % groups:
        raise ValueError(f"{channels} channels is not commensurate with {groups} groups.")
    return axis, axes


@add_arg_scope
def group_norm(
    inputs: Any,
    groups: int = 32,
    channels_axis: int = -1,
    reduction_axes: Sequence[int] = (-3, -2),
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-06,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    mean_close_to_zero: bool = False,
) -> Any:
    """Groups of channels of each example, less their mean and divided by their deviation.

    mean_close_to_zero: variance as mean of squares less square of the mean.
    Source: tf.contrib.layers.group_norm; Wu and He 2018. Errors: ValueError, see `_channels`.
    """
    inputs = convert_to_tensor(inputs)
    axis, axes = _channels(inputs, groups, channels_axis, reduction_axes)
    sizes = inputs.shape.as_list()
    dynamic = array.shape(inputs)
    known: list[Any] = [dynamic[i] if size is None else size for i, size in enumerate(sizes)]
    parts = [groups, sizes[axis] // groups]
    beside = [1] * axis + parts + [1] * (len(sizes) - axis - 1)
    divided = array.reshape(inputs, known[:axis] + parts + known[axis + 1 :])
    over = [axis + 1, *(a + 1 if a > axis else a for a in axes)]
    with variable_scope(scope, "GroupNorm", [divided], reuse=reuse) as opened:
        parameters = _parameters(
            [sizes[axis]],
            inputs.dtype.base_dtype,
            center,
            scale,
            param_initializers,
            collections=variables_collections,
            trainable=trainable,
        )
        beta, gamma = _beside(parameters, beside)
        if mean_close_to_zero:
            count, total, squares, _ = sufficient_statistics(divided, over, keep_dims=True)
            mean, variance = normalize_moments(count, total, squares, None)
        else:
            mean, variance = moments(divided, over, keep_dims=True)
        gain = rsqrt(variance + epsilon)
        offset = -mean * gain
        if gamma is not None:
            gain, offset = gain * gamma, offset * gamma
        if beta is not None:
            offset = offset + beta
        outputs = array.reshape(divided * gain + offset, known)
        return activated(outputs, activation_fn, outputs_collections, opened.name)
