"""`K`: the functions that layers, losses and scripts of Keras are made of.

Source: tensorflow.python.keras.backend of TensorFlow 1.15; the nodes have its names.
"""

from graphscope.keras.backend.arithmetic import abs as abs
from graphscope.keras.backend.arithmetic import all as all
from graphscope.keras.backend.arithmetic import any as any
from graphscope.keras.backend.arithmetic import argmax as argmax
from graphscope.keras.backend.arithmetic import argmin as argmin
from graphscope.keras.backend.arithmetic import batch_dot as batch_dot
from graphscope.keras.backend.arithmetic import clip as clip
from graphscope.keras.backend.arithmetic import cos as cos
from graphscope.keras.backend.arithmetic import cumprod as cumprod
from graphscope.keras.backend.arithmetic import cumsum as cumsum
from graphscope.keras.backend.arithmetic import dot as dot
from graphscope.keras.backend.arithmetic import equal as equal
from graphscope.keras.backend.arithmetic import exp as exp
from graphscope.keras.backend.arithmetic import gather as gather
from graphscope.keras.backend.arithmetic import greater as greater
from graphscope.keras.backend.arithmetic import greater_equal as greater_equal
from graphscope.keras.backend.arithmetic import less as less
from graphscope.keras.backend.arithmetic import less_equal as less_equal
from graphscope.keras.backend.arithmetic import log as log
from graphscope.keras.backend.arithmetic import logsumexp as logsumexp
from graphscope.keras.backend.arithmetic import max as max
from graphscope.keras.backend.arithmetic import maximum as maximum
from graphscope.keras.backend.arithmetic import mean as mean
from graphscope.keras.backend.arithmetic import min as min
from graphscope.keras.backend.arithmetic import minimum as minimum
from graphscope.keras.backend.arithmetic import not_equal as not_equal
from graphscope.keras.backend.arithmetic import pow as pow
from graphscope.keras.backend.arithmetic import prod as prod
from graphscope.keras.backend.arithmetic import round as round
from graphscope.keras.backend.arithmetic import sign as sign
from graphscope.keras.backend.arithmetic import sin as sin
from graphscope.keras.backend.arithmetic import sqrt as sqrt
from graphscope.keras.backend.arithmetic import square as square
from graphscope.keras.backend.arithmetic import std as std
from graphscope.keras.backend.arithmetic import sum as sum
from graphscope.keras.backend.arithmetic import transpose as transpose
from graphscope.keras.backend.arithmetic import var as var
from graphscope.keras.backend.choices import foldl as foldl
from graphscope.keras.backend.choices import foldr as foldr
from graphscope.keras.backend.choices import gradients as gradients
from graphscope.keras.backend.choices import in_test_phase as in_test_phase
from graphscope.keras.backend.choices import in_train_phase as in_train_phase
from graphscope.keras.backend.choices import map_fn as map_fn
from graphscope.keras.backend.choices import print_tensor as print_tensor
from graphscope.keras.backend.choices import random_binomial as random_binomial
from graphscope.keras.backend.choices import random_normal as random_normal
from graphscope.keras.backend.choices import random_uniform as random_uniform
from graphscope.keras.backend.choices import stop_gradient as stop_gradient
from graphscope.keras.backend.choices import switch as switch
from graphscope.keras.backend.choices import truncated_normal as truncated_normal
from graphscope.keras.backend.config import backend as backend
from graphscope.keras.backend.config import cast_to_floatx as cast_to_floatx
from graphscope.keras.backend.config import epsilon as epsilon
from graphscope.keras.backend.config import floatx as floatx
from graphscope.keras.backend.config import image_data_format as image_data_format
from graphscope.keras.backend.config import image_dim_ordering as image_dim_ordering
from graphscope.keras.backend.config import set_epsilon as set_epsilon
from graphscope.keras.backend.config import set_floatx as set_floatx
from graphscope.keras.backend.config import set_image_data_format as set_image_data_format
from graphscope.keras.backend.config import set_image_dim_ordering as set_image_dim_ordering
from graphscope.keras.backend.networks import batch_normalization as batch_normalization
from graphscope.keras.backend.networks import binary_crossentropy as binary_crossentropy
from graphscope.keras.backend.networks import categorical_crossentropy as categorical_crossentropy
from graphscope.keras.backend.networks import dropout as dropout
from graphscope.keras.backend.networks import in_top_k as in_top_k
from graphscope.keras.backend.networks import l2_normalize as l2_normalize
from graphscope.keras.backend.networks import (
    normalize_batch_in_training as normalize_batch_in_training,
)
from graphscope.keras.backend.networks import relu as relu
from graphscope.keras.backend.networks import sigmoid as sigmoid
from graphscope.keras.backend.networks import softmax as softmax
from graphscope.keras.backend.networks import softplus as softplus
from graphscope.keras.backend.networks import softsign as softsign
from graphscope.keras.backend.networks import (
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from graphscope.keras.backend.networks import tanh as tanh
from graphscope.keras.backend.recurrent import rnn as rnn
from graphscope.keras.backend.sessions import GraphExecutionFunction as GraphExecutionFunction
from graphscope.keras.backend.sessions import batch_get_value as batch_get_value
from graphscope.keras.backend.sessions import batch_set_value as batch_set_value
from graphscope.keras.backend.sessions import cast_variables_to_tensor as cast_variables_to_tensor
from graphscope.keras.backend.sessions import clear_session as clear_session
from graphscope.keras.backend.sessions import eval as eval
from graphscope.keras.backend.sessions import function as function
from graphscope.keras.backend.sessions import get_default_graph_uid_map as get_default_graph_uid_map
from graphscope.keras.backend.sessions import get_graph as get_graph
from graphscope.keras.backend.sessions import get_session as get_session
from graphscope.keras.backend.sessions import get_uid as get_uid
from graphscope.keras.backend.sessions import get_value as get_value
from graphscope.keras.backend.sessions import is_sparse as is_sparse
from graphscope.keras.backend.sessions import learning_phase as learning_phase
from graphscope.keras.backend.sessions import learning_phase_scope as learning_phase_scope
from graphscope.keras.backend.sessions import (
    manual_variable_initialization as manual_variable_initialization,
)
from graphscope.keras.backend.sessions import reset_uids as reset_uids
from graphscope.keras.backend.sessions import set_learning_phase as set_learning_phase
from graphscope.keras.backend.sessions import set_session as set_session
from graphscope.keras.backend.sessions import set_value as set_value
from graphscope.keras.backend.sessions import symbolic_learning_phase as symbolic_learning_phase
from graphscope.keras.backend.sessions import to_dense as to_dense
from graphscope.keras.backend.sessions import track_tf_optimizer as track_tf_optimizer
from graphscope.keras.backend.sessions import track_variable as track_variable
from graphscope.keras.backend.sessions import unique_object_name as unique_object_name
from graphscope.keras.backend.shaping import arange as arange
from graphscope.keras.backend.shaping import batch_flatten as batch_flatten
from graphscope.keras.backend.shaping import concatenate as concatenate
from graphscope.keras.backend.shaping import expand_dims as expand_dims
from graphscope.keras.backend.shaping import flatten as flatten
from graphscope.keras.backend.shaping import one_hot as one_hot
from graphscope.keras.backend.shaping import permute_dimensions as permute_dimensions
from graphscope.keras.backend.shaping import repeat as repeat
from graphscope.keras.backend.shaping import repeat_elements as repeat_elements
from graphscope.keras.backend.shaping import reshape as reshape
from graphscope.keras.backend.shaping import resize_images as resize_images
from graphscope.keras.backend.shaping import resize_volumes as resize_volumes
from graphscope.keras.backend.shaping import reverse as reverse
from graphscope.keras.backend.shaping import spatial_2d_padding as spatial_2d_padding
from graphscope.keras.backend.shaping import spatial_3d_padding as spatial_3d_padding
from graphscope.keras.backend.shaping import squeeze as squeeze
from graphscope.keras.backend.shaping import stack as stack
from graphscope.keras.backend.shaping import temporal_padding as temporal_padding
from graphscope.keras.backend.shaping import tile as tile
from graphscope.keras.backend.variables import cast as cast
from graphscope.keras.backend.variables import constant as constant
from graphscope.keras.backend.variables import count_params as count_params
from graphscope.keras.backend.variables import dtype as dtype
from graphscope.keras.backend.variables import eye as eye
from graphscope.keras.backend.variables import identity as identity
from graphscope.keras.backend.variables import int_shape as int_shape
from graphscope.keras.backend.variables import is_keras_tensor as is_keras_tensor
from graphscope.keras.backend.variables import is_placeholder as is_placeholder
from graphscope.keras.backend.variables import moving_average_update as moving_average_update
from graphscope.keras.backend.variables import name_scope as name_scope
from graphscope.keras.backend.variables import ndim as ndim
from graphscope.keras.backend.variables import ones as ones
from graphscope.keras.backend.variables import ones_like as ones_like
from graphscope.keras.backend.variables import placeholder as placeholder
from graphscope.keras.backend.variables import (
    placeholder_with_default as placeholder_with_default,
)
from graphscope.keras.backend.variables import random_normal_variable as random_normal_variable
from graphscope.keras.backend.variables import random_uniform_variable as random_uniform_variable
from graphscope.keras.backend.variables import shape as shape
from graphscope.keras.backend.variables import update as update
from graphscope.keras.backend.variables import update_add as update_add
from graphscope.keras.backend.variables import update_sub as update_sub
from graphscope.keras.backend.variables import variable as variable
from graphscope.keras.backend.variables import zeros as zeros
from graphscope.keras.backend.variables import zeros_like as zeros_like
from graphscope.keras.backend.windows import bias_add as bias_add
from graphscope.keras.backend.windows import conv1d as conv1d
from graphscope.keras.backend.windows import conv2d as conv2d
from graphscope.keras.backend.windows import conv2d_transpose as conv2d_transpose
from graphscope.keras.backend.windows import conv3d as conv3d
from graphscope.keras.backend.windows import conv3d_transpose as conv3d_transpose
from graphscope.keras.backend.windows import depthwise_conv2d as depthwise_conv2d
from graphscope.keras.backend.windows import local_conv as local_conv
from graphscope.keras.backend.windows import local_conv1d as local_conv1d
from graphscope.keras.backend.windows import local_conv2d as local_conv2d
from graphscope.keras.backend.windows import pool2d as pool2d
from graphscope.keras.backend.windows import pool3d as pool3d
from graphscope.keras.backend.windows import separable_conv2d as separable_conv2d
from graphscope.layers.named import elu as elu
from graphscope.layers.named import hard_sigmoid as hard_sigmoid
