"""Functions of neural networks, under TensorFlow's names (tf.nn)."""

from graphscope.later import later as _later

with _later(__name__):
    from graphscope.nn.convolutions import (
        atrous_conv2d,
        atrous_conv2d_transpose,
        conv1d,
        conv1d_transpose,
        conv2d,
        conv2d_backprop_filter,
        conv2d_backprop_input,
        conv2d_transpose,
        conv3d,
        conv3d_transpose,
        conv_transpose,
        convolution,
        depthwise_conv2d,
        separable_conv2d,
    )
    from graphscope.nn.pooling import (
        avg_pool,
        avg_pool1d,
        avg_pool3d,
        avg_pool_v2,
        max_pool,
        max_pool1d,
        max_pool2d,
        max_pool3d,
        max_pool_v2,
        max_pool_with_argmax,
        pool,
    )

    # Names that two functions share.
    from graphscope.nn.pooling import avg_pool as avg_pool2d
    from graphscope.ops.activations import (
        crelu,
        log_poisson_loss,
        relu_layer,
        swish,
        weighted_cross_entropy_with_logits,
        zero_fraction,
    )
    from graphscope.ops.batch_norm import fused_batch_norm
    from graphscope.ops.bias import bias_add, xw_plus_b
    from graphscope.ops.blocks import depth_to_space, space_to_batch, space_to_depth
    from graphscope.ops.conv import conv3d_backprop_filter_v2
    from graphscope.ops.depthwise import (
        depthwise_conv2d_native,
        depthwise_conv2d_native_backprop_filter,
        depthwise_conv2d_native_backprop_input,
    )
    from graphscope.ops.depthwise import (
        depthwise_conv2d_native_backprop_filter as depthwise_conv2d_backprop_filter,
    )
    from graphscope.ops.depthwise import (
        depthwise_conv2d_native_backprop_input as depthwise_conv2d_backprop_input,
    )
    from graphscope.ops.embedding import (
        embedding_lookup,
        embedding_lookup_sparse,
        safe_embedding_lookup_sparse,
    )
    from graphscope.ops.indexing import in_top_k, top_k
    from graphscope.ops.lrn import local_response_normalization
    from graphscope.ops.lrn import local_response_normalization as lrn
    from graphscope.ops.math import sigmoid, tanh
    from graphscope.ops.morphology import dilation2d, erosion2d
    from graphscope.ops.nn import (
        l2_loss,
        l2_normalize,
        log_softmax,
        moments,
        sigmoid_cross_entropy_with_logits,
        softmax,
        softmax_cross_entropy_with_logits,
        softmax_cross_entropy_with_logits_v2,
        sparse_softmax_cross_entropy_with_logits,
    )
    from graphscope.ops.normalization import (
        batch_norm_with_global_normalization,
        batch_normalization,
        dropout,
        normalize_moments,
        sufficient_statistics,
        weighted_moments,
    )
    from graphscope.ops.orders import data_format_dim_map as data_format_dim_map
    from graphscope.ops.orders import data_format_vec_permute as data_format_vec_permute
    from graphscope.ops.rectifiers import (
        elu,
        leaky_relu,
        relu,
        relu6,
        selu,
        softplus,
        softsign,
    )
    from graphscope.ops.sampling import (
        all_candidate_sampler,
        compute_accidental_hits,
        log_uniform_candidate_sampler,
        nce_loss,
        sampled_softmax_loss,
        uniform_candidate_sampler,
    )
    from graphscope.rnn import rnn_cell
    from graphscope.rnn.dynamic import bidirectional_dynamic_rnn, dynamic_rnn, raw_rnn
    from graphscope.rnn.static import static_bidirectional_rnn, static_rnn, static_state_saving_rnn

__all__ = [
    "all_candidate_sampler",
    "atrous_conv2d",
    "atrous_conv2d_transpose",
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "avg_pool_v2",
    "batch_norm_with_global_normalization",
    "batch_normalization",
    "bias_add",
    "bidirectional_dynamic_rnn",
    "compute_accidental_hits",
    "conv1d",
    "conv1d_transpose",
    "conv2d",
    "conv2d_backprop_filter",
    "conv2d_backprop_input",
    "conv2d_transpose",
    "conv3d",
    "conv3d_backprop_filter_v2",
    "conv3d_transpose",
    "conv_transpose",
    "convolution",
    "crelu",
    "depth_to_space",
    "depthwise_conv2d",
    "depthwise_conv2d_backprop_filter",
    "depthwise_conv2d_backprop_input",
    "depthwise_conv2d_native",
    "depthwise_conv2d_native_backprop_filter",
    "depthwise_conv2d_native_backprop_input",
    "dilation2d",
    "dropout",
    "dynamic_rnn",
    "elu",
    "embedding_lookup",
    "embedding_lookup_sparse",
    "erosion2d",
    "fused_batch_norm",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_poisson_loss",
    "log_softmax",
    "log_uniform_candidate_sampler",
    "lrn",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_v2",
    "max_pool_with_argmax",
    "moments",
    "nce_loss",
    "normalize_moments",
    "pool",
    "raw_rnn",
    "relu",
    "relu6",
    "relu_layer",
    "rnn_cell",
    "safe_embedding_lookup_sparse",
    "sampled_softmax_loss",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "space_to_batch",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "static_bidirectional_rnn",
    "static_rnn",
    "static_state_saving_rnn",
    "sufficient_statistics",
    "swish",
    "tanh",
    "top_k",
    "uniform_candidate_sampler",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
    "xw_plus_b",
    "zero_fraction",
]
