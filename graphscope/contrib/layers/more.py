"""Layers of tf.contrib.layers that stand alone: separable convolution, biases, maxout, old ones."""

from __future__ import annotations

import functools
from typing import Any

from graphscope.contrib.arg_scope import add_arg_scope
from graphscope.contrib.layers.initializers import xavier_initializer
from graphscope.contrib.layers.parts import activated, keep, layer_getter, part_variable
from graphscope.contrib.layers.utils import (
    channel_dimension,
    collect_named_outputs,
    last_dimension,
    two_element_tuple,
)
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int64
from graphscope.graph.graph import get_default_graph
from graphscope.layers.separable import SeparableConv2D
from graphscope.nn import depthwise_conv2d
from graphscope.ops import array
from graphscope.ops.batches import gather_nd
from graphscope.ops.bias import bias_add as add_bias
from graphscope.ops.initializers import Zeros
from graphscope.ops.joining import stack, unstack, where
from graphscope.ops.linalg import matmul
from graphscope.ops.logic import not_equal
from graphscope.ops.nn import softmax as softmax_of
from graphscope.ops.rectifiers import relu
from graphscope.ops.reduction import reduce_max
from graphscope.ops.sparse import SparseTensor
from graphscope.ops.variable_scope import get_variable, variable_scope
from graphscope.ops.variables import GraphKeys

_NAMES = {
    "bias": "biases",
    "depthwise_kernel": "depthwise_weights",
    "pointwise_kernel": "pointwise_weights",
}


def _check_format(data_format: Any) -> None:
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")


@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    rate: Any = 1,
    activation_fn: Any = relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(),  # noqa: B008 (it keeps nothing)
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = Zeros(),  # noqa: B008
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A convolution of each channel by itself, then one that mixes them at each place.

    num_outputs: None leaves the second one out. Source: tf.contrib.layers.separable_conv2d.
    Errors: ValueError for another format.
    """
    _check_format(data_format)
    getter = layer_getter(_NAMES)
    with variable_scope(
        scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=getter
    ) as opened:
        inputs = convert_to_tensor(inputs)
        shared = {
            "stride": stride,
            "padding": padding,
            "rate": two_element_tuple(rate),
            "multiplier": depth_multiplier,
            "biases": None if normalizer_fn else biases_initializer,
            "weights": weights_initializer,
            "regularizers": (weights_regularizer, biases_regularizer),
            "collections": variables_collections,
            "trainable": trainable,
        }
        if num_outputs is None:
            outputs = _each_channel(inputs, kernel_size, data_format, **shared)
        else:
            pointwise = pointwise_initializer or weights_initializer
            outputs = _separable(
                inputs, num_outputs, kernel_size, data_format, pointwise, opened, reuse, **shared
            )
        if normalizer_fn is not None:
            outputs = normalizer_fn(outputs, **(normalizer_params or {}))
        return activated(outputs, activation_fn, outputs_collections, opened.name)


def _separable(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    data_format: str,
    pointwise_initializer: Any,
    opened: Any,
    reuse: Any,
    **shared: Any,
) -> Any:
    of_weights, of_biases = shared["regularizers"]
    layer = SeparableConv2D(
        filters=num_outputs,
        kernel_size=kernel_size,
        strides=shared["stride"],
        padding=shared["padding"],
        data_format="channels_first" if data_format == "NCHW" else "channels_last",
        dilation_rate=shared["rate"],
        depth_multiplier=shared["multiplier"],
        use_bias=shared["biases"] is not None,
        depthwise_initializer=shared["weights"],
        pointwise_initializer=pointwise_initializer,
        bias_initializer=shared["biases"],
        depthwise_regularizer=of_weights,
        pointwise_regularizer=of_weights,
        bias_regularizer=of_biases,
        trainable=shared["trainable"],
        name=opened.name,
        dtype=inputs.dtype.base_dtype,
        _scope=opened,
        _reuse=reuse,
    )
    outputs = layer(inputs)
    for variable, kind in (
        (layer.depthwise_kernel, "weights"),
        (layer.pointwise_kernel, "weights"),
        (layer.bias, "biases"),
    ):
        keep(variable, shared["collections"], kind)
    return outputs


def _each_channel(inputs: Any, kernel_size: Any, data_format: str, **shared: Any) -> Any:
    first = data_format == "NCHW"
    channels = channel_dimension(inputs.shape, data_format, min_rank=4)
    stride = list(two_element_tuple(shared["stride"]))
    of_weights, of_biases = shared["regularizers"]
    dtype, trainable = inputs.dtype.base_dtype, shared["trainable"]
    weights = part_variable(
        "depthwise_weights",
        [*two_element_tuple(kernel_size), channels, shared["multiplier"]],
        dtype,
        shared["collections"],
        kind="weights",
        initializer=shared["weights"],
        regularizer=of_weights,
        trainable=trainable,
    )
    outputs = depthwise_conv2d(
        inputs,
        weights,
        [1, 1, *stride] if first else [1, *stride, 1],
        shared["padding"],
        rate=shared["rate"],
        data_format=data_format,
    )
    if shared["biases"] is None:
        return outputs
    biases = part_variable(
        "biases",
        [shared["multiplier"] * channels],
        dtype,
        shared["collections"],
        initializer=shared["biases"],
        regularizer=of_biases,
        trainable=trainable,
    )
    return add_bias(outputs, biases, data_format=data_format)


separable_conv2d = separable_convolution2d


@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = Zeros(),  # noqa: B008
    regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """The inputs and a trained number for each channel. Source: tf.contrib.layers.bias_add.

    Errors: ValueError for an unknown rank or number of channels, another format.
    """
    _check_format(data_format)
    with variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        if inputs.shape.ndims is None:
            raise ValueError("Dims of shape must be known but is None")
        if inputs.shape.ndims != 4 and data_format == "NCHW":
            raise ValueError("Data format NCHW only supports 4D Tensor")
        channels = inputs.shape.as_list()[1 if data_format == "NCHW" else -1]
        if channels is None:
            raise ValueError("`C` dimension must be known but is None")
        biases = part_variable(
            "biases",
            [channels],
            inputs.dtype.base_dtype,
            variables_collections,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
        )
        outputs = add_bias(inputs, biases, data_format=data_format)
        return activated(outputs, activation_fn, outputs_collections, opened.name)


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Probabilities along the last axis. Source: tf.contrib.layers.softmax."""
    with variable_scope(scope, "softmax", [logits]):
        logits = convert_to_tensor(logits)
        count = last_dimension(logits.shape, min_rank=2)
        rows = softmax_of(array.reshape(logits, [-1, count]))
        predictions = array.reshape(rows, array.shape(logits))
        predictions.set_shape(logits.shape)
        return predictions


@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> Any:
    """The greatest of each group of features along an axis: num_units of them.

    Source: tf.contrib.layers.maxout; Goodfellow et al. 2013. Errors: ValueError when the features
    do not fall into so many groups.
    """
    with variable_scope(scope, "MaxOut", [inputs]):
        inputs = convert_to_tensor(inputs)
        sizes: list[Any] = inputs.shape.as_list()
        features = sizes[axis]
        if features % num_units:
            raise ValueError(
                f"number of features({features}) is not a multiple of num_units({num_units})"
            )
        sizes[axis] = num_units
        sizes.append(features // num_units)
        known = [array.shape(inputs)[i] if size is None else size for i, size in enumerate(sizes)]
        return reduce_max(array.reshape(inputs, known), -1, keepdims=False)


@add_arg_scope
def dense_to_sparse(
    tensor: Any, eos_token: Any = 0, outputs_collections: Any = None, scope: Any = None
) -> Any:
    """The elements that are not `eos_token`. Source: tf.contrib.layers.dense_to_sparse."""
    with variable_scope(scope, "dense_to_sparse", [tensor]) as opened:
        tensor = convert_to_tensor(tensor)
        indices = where(not_equal(tensor, convert_to_tensor(eos_token, tensor.dtype)))
        values = gather_nd(tensor, indices)
        outputs = SparseTensor(indices, values, array.shape(tensor, out_type=int64))
        return collect_named_outputs(outputs_collections, opened.name, outputs)


@add_arg_scope
def legacy_fully_connected(
    x: Any,
    num_output_units: int,
    activation_fn: Any = None,
    weight_init: Any = xavier_initializer(),  # noqa: B008
    bias_init: Any = Zeros(),  # noqa: B008
    name: Any = None,
    weight_collections: Any = (GraphKeys.WEIGHTS,),
    bias_collections: Any = (GraphKeys.BIASES,),
    output_collections: Any = (GraphKeys.ACTIVATIONS,),
    trainable: bool = True,
    weight_regularizer: Any = None,
    bias_regularizer: Any = None,
) -> Any:
    """activation(x @ weights + bias) along the last axis, as the first versions had it.

    Source: tf.contrib.layers.legacy_fully_connected. Errors: ValueError for an unknown size, or
    fewer than two axes.
    """
    with variable_scope(name, "fully_connected", [x]):
        x = convert_to_tensor(x)
        rank = x.shape.ndims
        if rank is None:
            raise ValueError("dims of x must be known but is None")
        if rank < 2:
            raise ValueError(f"rank of x must be at least 2 not: {rank}")
        size = x.shape.as_list()[-1]
        if size is None:
            raise ValueError("last dimension of x must be known but is None")

        def parameter(name: str, shape: Any, first: Any, penalty: Any, collections: Any) -> Any:
            kept = list(dict.fromkeys([*(collections or ()), GraphKeys.GLOBAL_VARIABLES]))
            dtype = x.dtype.base_dtype
            return get_variable(name, shape, dtype, first, penalty, trainable, kept)

        weights = parameter(
            "weights",
            [size, num_output_units],
            weight_init,
            weight_regularizer,
            weight_collections,
        )
        y = matmul(x if rank == 2 else array.reshape(x, [-1, size]), weights)
        if bias_init is not None:
            bias = parameter(
                "bias", [num_output_units], bias_init, bias_regularizer, bias_collections
            )
            y = add_bias(y, bias)
        if rank > 2:
            sizes = [*unstack(array.shape(x))[:-1], num_output_units]
            y = array.reshape(y, stack(sizes))
            y.set_shape([*x.shape.as_list()[:-1], num_output_units])
        if activation_fn is not None:
            y = activation_fn(y)
        kept = [*(output_collections or ()), GraphKeys.ACTIVATIONS]
        get_default_graph().add_to_collections(kept, y)
        return y


legacy_linear = functools.partial(legacy_fully_connected, activation_fn=None)
legacy_relu = functools.partial(legacy_fully_connected, activation_fn=relu)
