"""Activations: the rectifier, its smooth relatives, and their slopes, which are operations too."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import FLOATS, REALS, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.kernels.choices import masked
from graphscope.ops import array, math
from graphscope.ops.joining import where

# A slope is linear in what flows back, so its own gradient along that is the slope again. Along its
# second input it is 0 but for a jump, or curved; TensorFlow gives zeros where it is 0.

# ---- straight lines ----------------------------------------------------------------------------


@op("Relu", kind="nn", types=REALS)
def relu(features: T) -> T:
    """x where it is positive, 0 elsewhere; the slope at 0 is 0."""
    return np.asarray(np.maximum(features, features.dtype.type(0)))


@op("ReluGrad", kind="nn", types=REALS, shape=shapes.merged)
def relu_grad(gradients: T, features: T) -> T:
    """The slope of Relu: `gradients` where the feature is positive, 0 elsewhere."""
    return masked(gradients, np.asarray(features > 0))


@relu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return relu_grad(dy, y)


@relu_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor) -> Any:
    return relu_grad(ddx, features), array.zeros_like(features)


@op("Relu6", kind="nn", types=REALS)
def relu6(features: T) -> T:
    """x kept between 0 and 6; the slope is 0 at both ends."""
    return np.clip(features, features.dtype.type(0), features.dtype.type(6))


@op("Relu6Grad", kind="nn", types=REALS, shape=shapes.merged)
def relu6_grad(gradients: T, features: T) -> T:
    """The slope of Relu6: `gradients` where the feature is between 0 and 6, 0 elsewhere."""
    return np.where((features > 0) & (features < 6), gradients, gradients.dtype.type(0))


@relu6.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return relu6_grad(dy, y)


@relu6_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor) -> Any:
    return relu6_grad(ddx, features), array.zeros_like(features)


def _incline(features: T, alpha: float) -> Any:
    """alpha in the features' type; TensorFlow keeps it as a float32."""
    return features.dtype.type(np.float32(alpha))


@op("LeakyRelu", kind="nn", types=FLOATS)
def _leaky_relu(features: T, *, alpha: float = 0.2) -> T:
    """x where it is positive, alpha * x elsewhere."""
    return np.where(features > 0, features, features * _incline(features, alpha))


@op("LeakyReluGrad", kind="nn", types=FLOATS, shape=shapes.merged)
def leaky_relu_grad(gradients: T, features: T, *, alpha: float = 0.2) -> T:
    """The slope of LeakyRelu: `gradients` where the feature is positive, else alpha of them."""
    return np.where(features > 0, gradients, gradients * _incline(features, alpha))


@_leaky_relu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor, *, alpha: float) -> Any:
    return leaky_relu_grad(dy, features, alpha=alpha)


@leaky_relu_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor, *, alpha: float) -> Any:
    return leaky_relu_grad(ddx, features, alpha=alpha), array.zeros_like(features)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """x where it is positive, alpha * x elsewhere. Source: tf.nn.leaky_relu."""
    with name_scope(name, "LeakyRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = math.cast(features, float32)
        result: Tensor = _leaky_relu(features, alpha=float(alpha), name=scope)
        return result


# ---- curves ------------------------------------------------------------------------------------


@op("Elu", kind="nn", types=FLOATS)
def elu(features: T) -> T:
    """x where it is positive, exp(x) - 1 elsewhere."""
    return np.where(features > 0, features, np.expm1(np.minimum(features, 0)))


@op("EluGrad", kind="nn", types=FLOATS, shape=shapes.merged)
def elu_grad(gradients: T, outputs: T) -> T:
    """The slope of Elu, from its outputs."""
    return np.where(outputs < 0, gradients * (outputs + 1), gradients)


@elu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return elu_grad(dy, y)


@elu_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, outputs: Tensor) -> Any:
    curved = where(outputs < 0, ddx * gradients, array.zeros_like(outputs))
    return elu_grad(ddx, outputs), curved


#: Selu's two numbers: with them mean 0 and variance 1 are kept from layer to layer.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@op("Selu", kind="nn", types=FLOATS)
def selu(features: T) -> T:
    """Elu with two fixed scales, after which mean 0 and variance 1 stay as they are."""
    below = SELU_ALPHA * np.expm1(np.minimum(features, 0))
    return np.multiply(SELU_SCALE, np.where(features > 0, features, below), dtype=features.dtype)


@op("SeluGrad", kind="nn", types=FLOATS, shape=shapes.merged)
def selu_grad(gradients: T, outputs: T) -> T:
    """The slope of Selu, from its outputs."""
    real = outputs.dtype.type
    slope = np.where(outputs < 0, outputs + real(SELU_SCALE * SELU_ALPHA), real(SELU_SCALE))
    return np.asarray(gradients * slope)


@selu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return selu_grad(dy, y)


@selu_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, outputs: Tensor) -> Any:
    curved = where(outputs < 0, ddx * gradients, array.zeros_like(outputs))
    return selu_grad(ddx, outputs), curved


@op("Softplus", kind="nn", types=FLOATS)
def softplus(features: T) -> T:
    """log(1 + exp(x)): a smooth Relu."""
    return np.logaddexp(features, 0, dtype=features.dtype)


@op("SoftplusGrad", kind="nn", types=FLOATS, shape=shapes.merged)
def softplus_grad(gradients: T, features: T) -> T:
    """The slope of Softplus: gradients / (1 + exp(-x))."""
    result: T = math.sigmoid.kernel(features) * gradients
    return np.asarray(result)


@softplus.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return softplus_grad(dy, features)


@softplus_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor) -> Any:
    bend = math.sigmoid(features) * math.sigmoid(-features)
    return softplus_grad(ddx, features), ddx * gradients * bend


@op("Softsign", kind="nn", types=FLOATS)
def softsign(features: T) -> T:
    """x / (1 + |x|): from -1 to 1, more slowly than tanh."""
    return np.asarray(features / (1 + np.abs(features)))


@op("SoftsignGrad", kind="nn", types=FLOATS, shape=shapes.merged)
def softsign_grad(gradients: T, features: T) -> T:
    """The slope of Softsign: gradients / (1 + |x|) ** 2."""
    return np.asarray(gradients / np.square(1 + np.abs(features)))


@softsign.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return softsign_grad(dy, features)


@softsign_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor) -> Any:
    bend = -2 * math.sign(features) / (1 + math.abs_(features))
    return softsign_grad(ddx, features), softsign_grad(ddx * gradients, features) * bend
