"""Batch normalization as a layer of Keras. What it computes is in graphscope.layers."""

from __future__ import annotations

from typing import Any

from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.configured import configured
from graphscope.layers import normalization


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
