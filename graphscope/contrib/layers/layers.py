"""The layers of tf.contrib.layers: relu by default, and variables named weights and biases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.contrib.arg_scope import add_arg_scope
from graphscope.contrib.layers.initializers import xavier_initializer
from graphscope.contrib.layers.parts import activated, keep, layer_getter
from graphscope.contrib.layers.utils import collect_named_outputs
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.scopes import name_scope
from graphscope.layers import convolution as tf_convolution
from graphscope.layers import core, pooling
from graphscope.layers.transposed import Conv2DTranspose
from graphscope.ops.embedding import embedding_lookup
from graphscope.ops.initializers import Zeros
from graphscope.ops.joining import one_hot
from graphscope.ops.math import to_int64
from graphscope.ops.nn import l2_normalize
from graphscope.ops.rectifiers import elu, relu, relu6
from graphscope.ops.variable_scope import get_variable, variable_scope

_NAMES = {"bias": "biases", "kernel": "weights"}


def _built(
    make: Callable[..., Any],
    default_scope: str,
    inputs: Any,
    activation_fn: Any = relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = None,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A layer of tf.layers with contrib's names, its normalizer and its activation."""
    getter = layer_getter(_NAMES)
    with variable_scope(
        scope, default_scope, [inputs], reuse=reuse, custom_getter=getter
    ) as opened:
        inputs = convert_to_tensor(inputs)
        layer = make(
            use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened.name,
            dtype=inputs.dtype.base_dtype,
            _scope=opened,
            _reuse=reuse,
        )
        outputs = layer(inputs)
        keep(layer.kernel, variables_collections, "weights")
        keep(layer.bias, variables_collections, "biases")
        if normalizer_fn is not None:
            outputs = normalizer_fn(outputs, **(normalizer_params or {}))
        return activated(outputs, activation_fn, outputs_collections, opened.name)


def _defaults(given: dict[str, Any]) -> dict[str, Any]:
    return {"weights_initializer": xavier_initializer(), "biases_initializer": Zeros()} | given


@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: int,
    activation_fn: Any = relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    **kwargs: Any,
) -> Any:
    """activation(inputs @ weights + biases). Source: tf.contrib.layers.fully_connected.

    normalizer_fn: takes the place of the biases. kwargs: weights_initializer,
    weights_regularizer, biases_initializer (None for no biases), biases_regularizer, reuse,
    variables_collections, outputs_collections, trainable, scope.
    """
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs type should be one of {[int]}, got {type(num_outputs)}.")

    def make(**options: Any) -> core.Dense:
        return core.Dense(num_outputs, **options)

    return _built(
        make,
        "fully_connected",
        inputs,
        activation_fn,
        normalizer_fn,
        normalizer_params,
        **_defaults(kwargs),
    )


def linear(inputs: Any, num_outputs: int, **kwargs: Any) -> Any:
    """`fully_connected` without an activation."""
    return fully_connected(inputs, num_outputs, **{"activation_fn": None, **kwargs})


def _order(data_format: Any, known: tuple[str, ...], complaint: str) -> str:
    """How tf.layers calls the order of the axes. Errors: ValueError for one that is not known."""
    if data_format is not None and data_format not in known:
        raise ValueError(complaint)
    return "channels_first" if (data_format or "").startswith("NC") else "channels_last"


_LINES_TO_VOLUMES = ("NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW")
_IMAGES = ("NCHW", "NHWC")
_VOLUMES = ("NCDHW", "NDHWC")


def _either(names: tuple[str, ...]) -> str:
    return f"data_format has to be either {names[0]} or {names[1]}."


@add_arg_scope
def convolution(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: Any = None,
    rate: Any = 1,
    activation_fn: Any = relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    **kwargs: Any,
) -> Any:
    """A convolution over one to three axes: [batch, length, in], [batch, height, width, in], ...

    kwargs: as for `fully_connected`. Source: tf.contrib.layers.convolution.
    data_format: "NCW", "NCHW" or "NCDHW" for channels in front.
    Errors: ValueError for another rank or format.
    """
    order = _order(data_format, _LINES_TO_VOLUMES, f"Invalid data_format: {data_format!r}")
    inputs = convert_to_tensor(inputs)
    kinds: dict[Any, Any] = {
        3: tf_convolution.Conv1D,
        4: tf_convolution.Conv2D,
        5: tf_convolution.Conv3D,
    }
    if inputs.shape.ndims not in kinds:
        raise ValueError("Convolution not supported for input with rank", inputs.shape.ndims)

    def make(**options: Any) -> Any:
        kind = kinds[inputs.shape.ndims]
        return kind(num_outputs, kernel_size, stride, padding, order, rate, **options)

    return _built(
        make,
        "Conv",
        inputs,
        activation_fn,
        normalizer_fn,
        normalizer_params,
        **_defaults(kwargs),
    )


convolution1d = conv1d = convolution2d = conv2d = convolution3d = conv3d = convolution


@add_arg_scope
def convolution2d_transpose(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: Any = "NHWC",
    activation_fn: Any = relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    **kwargs: Any,
) -> Any:
    """The slope of a convolution used forwards: images grow by the stride.

    kwargs: as for `fully_connected`. Source: tf.contrib.layers.conv2d_transpose.
    """
    order = _order(data_format, _IMAGES, _either(_IMAGES))

    def make(**options: Any) -> Any:
        return Conv2DTranspose(num_outputs, kernel_size, stride, padding, order, **options)

    return _built(
        make,
        "Conv2d_transpose",
        inputs,
        activation_fn,
        normalizer_fn,
        normalizer_params,
        **_defaults(kwargs),
    )


conv2d_transpose = convolution2d_transpose


def _pooled(
    kind: Any, default_scope: str, formats: tuple[str, ...] = _IMAGES
) -> Callable[..., Any]:
    def pool(
        inputs: Any,
        kernel_size: Any,
        stride: Any = 2,
        padding: str = "VALID",
        data_format: Any = formats[1],
        outputs_collections: Any = None,
        scope: Any = None,
    ) -> Any:
        order = _order(data_format, formats, _either(formats))
        with name_scope(scope, default_scope, [inputs]) as opened:
            inputs = convert_to_tensor(inputs)
            layer = kind(kernel_size, stride, padding, order, _scope=opened)
            return collect_named_outputs(outputs_collections, opened, layer(inputs))

    pool.__name__ = default_scope
    pool.__doc__ = kind.__doc__
    return add_arg_scope(pool)


max_pool2d = _pooled(pooling.MaxPooling2D, "MaxPool2D")
avg_pool2d = _pooled(pooling.AveragePooling2D, "AvgPool2D")
max_pool3d = _pooled(pooling.MaxPooling3D, "MaxPool3D", _VOLUMES)
avg_pool3d = _pooled(pooling.AveragePooling3D, "AvgPool3D", _VOLUMES)


@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> Any:
    """Keeps elements with probability `keep_prob`, in training (tf.contrib.layers.dropout)."""
    with variable_scope(scope, "Dropout", [inputs], custom_getter=layer_getter({})) as opened:
        inputs = convert_to_tensor(inputs)
        layer = core.Dropout(1 - keep_prob, noise_shape, seed, opened.name, _scope=opened)
        outputs = layer(inputs, training=is_training)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """[batch, ...] to [batch, elements]. Source: tf.contrib.layers.flatten."""
    with name_scope(scope, "Flatten", [inputs]) as opened:
        outputs = core.flatten(convert_to_tensor(inputs))
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: int,
    on_value: Any = 1.0,
    off_value: Any = 0.0,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Class numbers [batch] to [batch, num_classes]. Source: tf.contrib.layers.one_hot_encoding."""
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]) as opened:
        labels = convert_to_tensor(labels)
        if labels.dtype.base_dtype is int32:
            labels = to_int64(labels)
        outputs = one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """The inputs, scaled to length 1 along an axis."""
    with variable_scope(scope, "UnitNorm", [inputs]):
        return l2_normalize(inputs, dim, epsilon)


def _scope_of(layer: Any, otherwise: str) -> str:
    name: str = getattr(layer, "__name__", "") or getattr(
        getattr(layer, "func", None), "__name__", otherwise
    )
    return name


@add_arg_scope
def repeat(inputs: Any, repetitions: int, layer: Any, *args: Any, **kwargs: Any) -> Any:
    """The same layer several times, each with variables of its own: scope_1, scope_2, ..."""
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, "Repeat", [inputs]):
        outputs = convert_to_tensor(inputs)
        name = scope or _scope_of(layer, "repeat")
        for i in range(repetitions):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return outputs


def stack(inputs: Any, layer: Any, stack_args: Any, **kwargs: Any) -> Any:
    """A layer for each of the arguments, one after the other: scope_1, scope_2, ..."""
    if not isinstance(stack_args, list | tuple):
        raise ValueError("stack_args need to be a list or tuple")
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, "Stack", [inputs]):
        outputs = convert_to_tensor(inputs)
        name = scope or _scope_of(layer, "stack")
        for i, given in enumerate(stack_args):
            own = given if isinstance(given, list | tuple) else [given]
            outputs = layer(outputs, *own, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return outputs


def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: Any = None,
) -> Any:
    """Rows of a trained matrix [vocab_size, embed_dim] for word numbers [batch, words].

    Source: tf.contrib.layers.embed_sequence.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not reusing. Got vocab_size="
            f"{vocab_size} and embed_dim={embed_dim}"
        )
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
        embeddings = get_variable("embeddings", shape, None, initializer, regularizer, trainable)
        return embedding_lookup(embeddings, ids)


def relu_layer(inputs: Any, num_outputs: int, **kwargs: Any) -> Any:
    """`fully_connected` with relu."""
    return fully_connected(inputs, num_outputs, **{"activation_fn": relu, **kwargs})


def relu6_layer(inputs: Any, num_outputs: int, **kwargs: Any) -> Any:
    """`fully_connected` with relu6."""
    return fully_connected(inputs, num_outputs, **{"activation_fn": relu6, **kwargs})


def elu_layer(inputs: Any, num_outputs: int, **kwargs: Any) -> Any:
    """`fully_connected` with elu."""
    return fully_connected(inputs, num_outputs, **{"activation_fn": elu, **kwargs})
