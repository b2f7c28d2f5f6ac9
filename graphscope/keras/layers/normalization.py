"""Normalization as layers of Keras. What that of batches computes is in graphscope.layers."""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.configured import configured
from graphscope.layers import normalization
from graphscope.nn import batch_normalization, moments
from graphscope.ops import array


@configured()
class BatchNormalization(normalization.BatchNormalization, Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, each channel by itself.

    In training mean and variance are the batch's; `fit` runs the updates of the moving averages.
    Source: tf.keras.layers.BatchNormalization; Ioffe & Szegedy 2015.
    """

    supports_masking = True
    told = (
        *("axis", "momentum", "epsilon", "center", "scale"),
        *("beta_initializer", "gamma_initializer"),
        *("moving_mean_initializer", "moving_variance_initializer"),
        *("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"),
    )

    def call(self, inputs: Any, training: Any = None, **_: Any) -> Any:
        training = backend.learning_phase() if training is None else training
        return super().call(inputs, training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@configured()
class LayerNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, each example by itself.

    axis: the axes that mean and variance are taken over, and that gamma and beta have.
    Source: tf.keras.layers.LayerNormalization; Ba et al. 2016. Errors: ValueError for an axis that
    is none of the input's, or twice the same.
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            raise ValueError(
                "Expected an int or a list/tuple of ints for the argument 'axis', but received "
                f"instead: {axis}"
            )
        self.axis: Any = axis if isinstance(axis, int) else list(axis)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.beta_initializer, self.gamma_initializer = beta_initializer, gamma_initializer
        self.beta_regularizer, self.gamma_regularizer = beta_regularizer, gamma_regularizer
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()
        given = [self.axis] if isinstance(self.axis, int) else self.axis
        self.axis = [axis + len(sizes) if axis < 0 else axis for axis in given]
        for axis in self.axis:
            if not 0 <= axis < len(sizes):
                raise ValueError(f"Invalid axis: {axis}")
        if len(self.axis) != len(set(self.axis)):
            raise ValueError(f"Duplicate axis: {tuple(self.axis)}")
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                weight = self.add_weight(
                    name=name,
                    shape=[sizes[axis] for axis in self.axis],
                    initializer=getattr(self, f"{name}_initializer"),
                    regularizer=getattr(self, f"{name}_regularizer"),
                    constraint=getattr(self, f"{name}_constraint"),
                )
                setattr(self, name, weight)
        self.built = True

    def _spread(self, weight: Any, inputs: Any) -> Any:
        """The weight with an axis for each of the input's, where it does not fit the last ones."""
        rank = inputs.shape.ndims
        if weight is None or weight.shape.ndims == rank or self.axis == [rank - 1]:
            return weight
        sizes = [n if i in self.axis else 1 for i, n in enumerate(inputs.shape.as_list())]
        return array.reshape(weight, sizes)

    def call(self, inputs: Any) -> Any:
        mean, variance = moments(inputs, self.axis, keep_dims=True)
        scale, offset = self._spread(self.gamma, inputs), self._spread(self.beta, inputs)
        outputs = batch_normalization(
            inputs, mean, variance, offset=offset, scale=scale, variance_epsilon=self.epsilon
        )
        outputs.set_shape(inputs.shape)
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
