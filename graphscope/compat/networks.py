"""What the modules below tensorflow.python hold for networks, layers, losses and images."""

from __future__ import annotations

from typing import Any

from graphscope import image, layers, losses, metrics, nn
from graphscope.layers import utils
from graphscope.nn import v2
from graphscope.ops import batch_norm, bias, orders, random, sampling, scaling, weights
from graphscope.platform import tensors
from graphscope.summary import plugins, writer


def _public(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}


def _of(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


_V2 = {name: value for name, value in vars(v2).items() if name.endswith("_v2")}

#: Names that layers have had since the first versions.
_OLD_LAYERS = {
    "AvgPool2D": layers.AveragePooling2D,
    "Convolution1D": layers.Conv1D,
    "Convolution2D": layers.Conv2D,
    "Convolution2DTranspose": layers.Conv2DTranspose,
    "Convolution3D": layers.Conv3D,
    "Convolution3DTranspose": layers.Conv3DTranspose,
    "Deconv2D": layers.Conv2DTranspose,
    "Deconv3D": layers.Conv3DTranspose,
    "Deconvolution2D": layers.Conv2DTranspose,
    "Deconvolution3D": layers.Conv3DTranspose,
    "MaxPool2D": layers.MaxPooling2D,
    "SeparableConvolution2D": layers.SeparableConv2D,
    "avg_pool2d": layers.average_pooling2d,
    "convolution1d": layers.conv1d,
    "convolution2d": layers.conv2d,
    "convolution2d_transpose": layers.conv2d_transpose,
    "convolution3d": layers.conv3d,
    "convolution3d_transpose": layers.conv3d_transpose,
    "deconv2d": layers.conv2d_transpose,
    "deconv3d": layers.conv3d_transpose,
    "deconvolution2d": layers.conv2d_transpose,
    "deconvolution3d": layers.conv3d_transpose,
    "max_pool2d": layers.max_pooling2d,
    "separable_convolution2d": layers.separable_conv2d,
}

_IMAGES = {
    **_public(image),
    **_of(scaling, "resize_image_with_pad_v2", "resize_images_v2"),
    "ResizeMethodV1": image.ResizeMethod,
    "crop_and_resize_v1": image.crop_and_resize,
    "resize_image_with_pad_v1": image.resize_image_with_pad,
}

NETWORKS: dict[str, dict[str, Any]] = {
    "framework.random_seed": _of(random, "get_seed", "set_random_seed")
    | {"set_seed": random.set_random_seed},
    "framework.tensor_util": {
        **_of(tensors, "make_ndarray", "make_tensor_proto"),
        "MakeNdarray": tensors.make_ndarray,
    },
    "layers.base": _of(layers, "InputSpec", "Layer"),
    "layers.convolutional": _public(layers) | _OLD_LAYERS,
    "layers.pooling": _public(layers) | _OLD_LAYERS,
    "layers.utils": _public(utils),
    "ops.confusion_matrix": _of(weights, "confusion_matrix", "remove_squeezable_dimensions"),
    "ops.embedding_ops": {name: value for name, value in _V2.items() if "embedding" in name},
    "ops.image_ops": _IMAGES,
    "ops.image_ops_impl": _IMAGES,
    "ops.losses.loss_reduction": _of(losses, "Reduction"),
    "ops.losses.losses_impl": _public(losses),
    "ops.metrics_impl": _public(metrics),
    "ops.nn_grad": {"_BatchNormGrad": batch_norm.batch_norm_slopes},
    "ops.nn_impl": _V2 | {"_compute_sampled_logits": sampling.compute_sampled_logits},
    "ops.nn_ops": {
        **_public(nn),
        **_V2,
        **_of(bias, "bias_add_v1", "xw_plus_b_v1"),
        **_of(orders, "data_format_dim_map", "data_format_vec_permute"),
        "conv3d_v1": nn.conv3d,
        "dilation2d_v1": nn.dilation2d,
        "l2_normalize_v2": nn.l2_normalize,
        "log_softmax_v2": nn.log_softmax,
        "max_pool_with_argmax_v1": nn.max_pool_with_argmax,
        "softmax_v2": nn.softmax,
    },
    "ops.weights_broadcast_ops": {
        "assert_broadcastable": weights.assert_broadcastable,
        "broadcast_weights": weights.broadcast_weights,
    },
    "summary.plugin_asset": _public(plugins),
    "summary.writer.writer": _of(writer, "_PLUGINS_DIR"),
}
NETWORKS["ops.nn_impl"]["l2_normalize_v2"] = nn.l2_normalize
