"""The functions of tf.nn in the order of arguments that TensorFlow 2 gave them.

TensorFlow 1.15 has them in its inner modules (nn_ops.conv2d_v2), where its own tests and libraries
take them. Here each is a table row: the function it calls, and the arguments in their new order.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from graphscope.nn import convolutions, pooling
from graphscope.ops import activations, embedding, indexing, morphology, nn, normalization, sampling


def _form(function: Callable[..., Any], *required: str, **optional: Any) -> Callable[..., Any]:
    """The function with its arguments in this order, the optional ones with these defaults."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature(
        [
            *[inspect.Parameter(name, kind) for name in required],
            *[inspect.Parameter(name, kind, default=value) for name, value in optional.items()],
        ]
    )

    def called(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        return function(**given.arguments)

    called.__doc__ = function.__doc__
    called.__signature__ = signature  # type: ignore[attr-defined]
    return called


def _only_channels_last(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*, data_format: str, **arguments: Any) -> Any:
        if data_format != "NHWC":
            raise ValueError("Data formats other than NHWC are not yet supported")
        return function(**arguments)

    return called


_IMAGES = {"data_format": "NHWC", "dilations": None, "name": None}
_VOLUMES = {"data_format": "NDHWC", "dilations": (1, 1, 1, 1, 1), "name": None}
_CHANNELS = {"data_format": None, "dilations": None, "name": None}
_WIDER = ("input", "filters", "output_shape", "strides")

conv1d_v2 = _form(
    convolutions.conv1d,
    *("input", "filters", "stride", "padding"),
    **{"data_format": "NWC", "dilations": None, "name": None},
)
conv2d_v2 = _form(convolutions.conv2d, "input", "filters", "strides", "padding", **_IMAGES)
conv3d_v2 = _form(convolutions.conv3d, "input", "filters", "strides", "padding", **_VOLUMES)
conv2d_transpose_v2 = _form(convolutions.conv2d_transpose, *_WIDER, padding="SAME", **_IMAGES)
conv3d_transpose_v2 = _form(
    convolutions.conv3d_transpose,
    *_WIDER,
    padding="SAME",
    data_format="NDHWC",
    dilations=None,
    name=None,
)
convolution_v2 = _form(
    convolutions.convolution, "input", "filters", strides=None, padding="VALID", **_CHANNELS
)
depthwise_conv2d_v2 = _form(
    convolutions.depthwise_conv2d, "input", "filter", "strides", "padding", **_CHANNELS
)
separable_conv2d_v2 = _form(
    convolutions.separable_conv2d,
    *("input", "depthwise_filter", "pointwise_filter", "strides", "padding"),
    **_CHANNELS,
)
pool_v2 = _form(
    pooling.pool,
    *("input", "window_shape", "pooling_type"),
    **{"strides": None, "padding": "VALID", **_CHANNELS},
)
max_pool_with_argmax_v2 = _form(
    pooling.max_pool_with_argmax,
    *("input", "ksize", "strides", "padding"),
    **{"data_format": "NHWC", "output_dtype": None, "include_batch_in_index": False, "name": None},
)
dilation2d_v2 = _form(
    _only_channels_last(morphology.dilation2d),
    *("input", "filters", "strides", "padding", "data_format", "dilations"),
    name=None,
)


def erosion2d_v2(
    value: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str,
    dilations: Any,
    name: str | None = None,
) -> Any:
    """The smallest of pixel - filter in each window. Source: nn_ops.erosion2d_v2."""
    eroded = _only_channels_last(morphology.erosion2d)
    return eroded(
        value=value,
        kernel=filters,
        strides=strides,
        rates=dilations,
        padding=padding,
        data_format=data_format,
        name=name,
    )


crelu_v2 = _form(activations.crelu, "features", axis=-1, name=None)
dropout_v2 = _form(normalization.dropout, "x", "rate", noise_shape=None, seed=None, name=None)
moments_v2 = _form(nn.moments, "x", "axes", shift=None, keepdims=False, name=None)
sufficient_statistics_v2 = _form(
    normalization.sufficient_statistics, "x", "axes", shift=None, keepdims=False, name=None
)
weighted_moments_v2 = _form(
    normalization.weighted_moments, "x", "axes", "frequency_weights", keepdims=False, name=None
)
batch_norm_with_global_normalization_v2 = _form(
    normalization.batch_norm_with_global_normalization,
    *("input", "mean", "variance", "beta", "gamma"),
    *("variance_epsilon", "scale_after_normalization"),
    name=None,
)
sigmoid_cross_entropy_with_logits_v2 = _form(
    nn.sigmoid_cross_entropy_with_logits, labels=None, logits=None, name=None
)
sparse_softmax_cross_entropy_with_logits_v2 = _form(
    nn.sparse_softmax_cross_entropy_with_logits, "labels", "logits", name=None
)
weighted_cross_entropy_with_logits_v2 = _form(
    activations.weighted_cross_entropy_with_logits, "labels", "logits", "pos_weight", name=None
)
in_top_k_v2 = _form(indexing.in_top_k, "targets", "predictions", "k", name=None)

_SAMPLED = ("weights", "biases", "labels", "inputs", "num_sampled", "num_classes")
nce_loss_v2 = _form(
    functools.partial(sampling.nce_loss, partition_strategy="div"),
    *_SAMPLED,
    num_true=1,
    sampled_values=None,
    remove_accidental_hits=False,
    name="nce_loss",
)
sampled_softmax_loss_v2 = _form(
    functools.partial(sampling.sampled_softmax_loss, partition_strategy="div"),
    *_SAMPLED,
    num_true=1,
    sampled_values=None,
    remove_accidental_hits=True,
    seed=None,
    name="sampled_softmax_loss",
)
embedding_lookup_v2 = _form(
    functools.partial(embedding.embedding_lookup, partition_strategy="div"),
    *("params", "ids"),
    max_norm=None,
    name=None,
)
safe_embedding_lookup_sparse_v2 = _form(
    functools.partial(embedding.safe_embedding_lookup_sparse, partition_strategy="div"),
    *("embedding_weights", "sparse_ids"),
    sparse_weights=None,
    combiner="mean",
    default_id=None,
    max_norm=None,
    name=None,
)
embedding_lookup_sparse_v2 = _form(
    functools.partial(embedding.embedding_lookup_sparse, partition_strategy="div"),
    *("params", "sp_ids", "sp_weights"),
    combiner=None,
    max_norm=None,
    name=None,
)
