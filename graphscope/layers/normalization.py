"""Batch normalization as a layer (tf.layers)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.smart_cond import known, smart_cond
from graphscope.ops import array
from graphscope.ops.array import zeros_like
from graphscope.ops.batch_norm import fused_batch_norm
from graphscope.ops.initializers import Ones, Zeros
from graphscope.ops.joining import where
from graphscope.ops.nn import moments
from graphscope.ops.normalization import batch_normalization as nn_batch_normalization
from graphscope.ops.state import assign_sub
from graphscope.ops.variables import Variable
from graphscope.train.moving_averages import assign_moving_average


class BatchNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, each channel by itself.

    In training the mean and the variance are those of the batch, and moving averages of them are
    kept by operations in GraphKeys.UPDATE_OPS, which the training step must run; else the averages
    are used. axis: that of the channels. momentum: of the averages. center, scale: whether there
    is a beta, a gamma. Source: tf.layers.BatchNormalization; Ioffe & Szegedy 2015.
    Errors: ValueError for an unknown number of channels, and for renorm, which is not supported.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: Any = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
        gamma_initializer: Any = Ones(),  # noqa: B008
        moving_mean_initializer: Any = Zeros(),  # noqa: B008
        moving_variance_initializer: Any = Ones(),  # noqa: B008
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: Any = 0.99,
        fused: Any = None,
        trainable: bool = True,
        virtual_batch_size: Any = None,
        adjustment: Any = None,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable, name, **kwargs)
        if renorm or virtual_batch_size or adjustment:
            raise ValueError("renorm, virtual_batch_size and adjustment are not supported")
        self.axis = axis
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.fused = fused
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.beta: Any = None
        self.gamma: Any = None
        self.moving_mean: Any = None
        self.moving_variance: Any = None

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        if shape.ndims is None:
            raise ValueError("Input has undefined rank:", shape)
        axis = self.axis[0] if isinstance(self.axis, list | tuple) else self.axis
        axis += shape.ndims if axis < 0 else 0
        if not 0 <= axis < shape.ndims:
            raise ValueError(f"Invalid axis: {axis}")
        channels = shape.as_list()[axis]
        if channels is None:
            raise ValueError("Input has undefined `axis` dimension. Input shape: ", shape)
        self._axis = axis
        if self.fused is None:
            self.fused = shape.ndims == 4 and axis == 3
        self.input_spec = InputSpec(ndim=shape.ndims, axes={axis: channels})
        if self.scale:
            self.gamma = self.add_weight(
                "gamma",
                [channels],
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        # In fused normalization constants stand for what is left out.
        self._gamma = self.gamma
        if self.fused and not self.scale:
            self._gamma = array.constant(1.0, shape=[channels])
        if self.center:
            self.beta = self.add_weight(
                "beta",
                [channels],
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )
        self._beta = self.beta
        if self.fused and not self.center:
            self._beta = array.constant(0.0, shape=[channels])
        self.moving_mean = self.add_weight(
            "moving_mean", [channels], initializer=self.moving_mean_initializer, trainable=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance",
            [channels],
            initializer=self.moving_variance_initializer,
            trainable=False,
        )
        self.built = True

    def call(self, inputs: Any, training: Any = False, **_: Any) -> Any:
        images = convert_to_tensor(inputs)
        return self._fused(images, training) if self.fused else self._by_parts(images, training)

    def _fused(self, images: Tensor, training: Any) -> Any:
        def of_batch() -> Any:
            return fused_batch_norm(images, self._gamma, self._beta, epsilon=self.epsilon)

        def of_averages() -> Any:
            return fused_batch_norm(
                images,
                self._gamma,
                self._beta,
                self.moving_mean,
                self.moving_variance,
                self.epsilon,
                is_training=False,
            )

        output, mean, variance = smart_cond(training, of_batch, of_averages)
        trained = known(training)
        if trained is None:
            momentum = smart_cond(
                training, lambda: array.constant(self.momentum), lambda: array.constant(1.0)
            )
        else:
            momentum = convert_to_tensor(self.momentum)
        if trained is not False:
            for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                self.add_update(assign_moving_average(average, value, momentum, False).op)
        return output

    def _by_parts(self, images: Tensor, training: Any) -> Any:
        rank = len(images.shape.as_list())
        axes = [i for i in range(rank) if i != self._axis]
        shape = [-1 if i == self._axis else 1 for i in range(rank)]

        def laid(vector: Any) -> Any:
            """A vector over the channels, where these are not the last axis."""
            if vector is None or self._axis == rank - 1:
                return vector
            sizes = [vector.shape.as_list()[0] if size == -1 else size for size in shape]
            return array.reshape(vector, sizes)

        scale, offset = laid(self.gamma), laid(self.beta)
        mean: Any = self.moving_mean
        variance: Any = self.moving_variance
        if known(training) is not False:
            own_mean, own_variance = moments(images, axes)
            kept_mean = convert_to_tensor(self.moving_mean)
            kept_variance = convert_to_tensor(self.moving_variance)
            mean = smart_cond(training, lambda: own_mean, lambda: kept_mean)
            variance = smart_cond(training, lambda: own_variance, lambda: kept_variance)
            self._update(self.moving_mean, mean, training)
            self._update(self.moving_variance, variance, training)
        result = nn_batch_normalization(
            images, laid(mean), laid(variance), offset, scale, self.epsilon
        )
        result.set_shape(images.shape)
        return result

    def _update(self, average: Variable, value: Tensor, training: Any) -> None:
        if known(training):
            self.add_update(assign_moving_average(average, value, self.momentum, False).op)
            return
        with name_scope("cond"):
            with name_scope("AssignMovingAvg") as scope:
                change = convert_to_tensor(1.0 - self.momentum, name="decay")
                moved = (average - value) * change
                # Nothing changes in a run that is not for training.
                moved = where(convert_to_tensor(training), moved, zeros_like(moved))
                written = assign_sub(average, moved, name=scope)
            self.add_update(array.identity(written, name="Merge").op)


def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
    gamma_initializer: Any = Ones(),  # noqa: B008
    moving_mean_initializer: Any = Zeros(),  # noqa: B008
    moving_variance_initializer: Any = Ones(),  # noqa: B008
    beta_regularizer: Any = None,
    gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: bool = True,
    name: Any = None,
    reuse: Any = None,
    **kwargs: Any,
) -> Any:
    """Batch normalization: see `BatchNormalization`. Source: tf.layers.batch_normalization.

    training: a bool, or a boolean tensor []. Run the operations of
    tf.get_collection(tf.GraphKeys.UPDATE_OPS) with each training step.
    """
    layer = BatchNormalization(
        axis,
        momentum,
        epsilon,
        center,
        scale,
        beta_initializer,
        gamma_initializer,
        moving_mean_initializer,
        moving_variance_initializer,
        beta_regularizer,
        gamma_regularizer,
        beta_constraint,
        gamma_constraint,
        trainable=trainable,
        name=name,
        _scope=name,
        _reuse=reuse,
        **kwargs,
    )
    return layer(inputs, training=training)


BatchNorm = BatchNormalization
batch_norm = batch_normalization
