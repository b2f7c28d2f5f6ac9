"""Activations as layers, with numbers to choose or to learn.

Source: tensorflow.python.keras.layers.advanced_activations of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.configured import configured
from graphscope.ops import array, logic, math

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


class _Same(Layer):
    """The output has the input's shape, and the same steps count."""

    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@configured()
class LeakyReLU(_Same):
    """x, and alpha * x below 0. Source: tf.keras.layers.LeakyReLU; Maas et al. 2013."""

    def __init__(self, alpha: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = float(alpha)

    def call(self, inputs: Any) -> Any:
        return backend.relu(inputs, alpha=self.alpha)


@configured()
class ReLU(_Same):
    """max(x, 0), up to max_value; negative_slope * (x - threshold) below the threshold.

    Source: tf.keras.layers.ReLU. Errors: ValueError for negative numbers.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0,
        threshold: float = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0.0:
            raise ValueError(f"max_value of Relu layer cannot be negative value: {max_value}")
        if negative_slope < 0.0:
            raise ValueError(
                f"negative_slope of Relu layer cannot be negative value: {negative_slope}"
            )
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def call(self, inputs: Any) -> Any:
        return backend.relu(
            inputs,
            alpha=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )


@configured()
class ELU(_Same):
    """x, and alpha * (exp(x) - 1) below 0. Source: tf.keras.layers.ELU; Clevert et al. 2015."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = float(alpha)

    def call(self, inputs: Any) -> Any:
        return backend.elu(inputs, self.alpha)


@configured()
class ThresholdedReLU(_Same):
    """x above theta, else 0. Source: tf.keras.layers.ThresholdedReLU; Konda et al. 2014."""

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = float(theta)

    def call(self, inputs: Any) -> Any:
        return inputs * math.cast(logic.greater(inputs, self.theta), inputs.dtype)


@configured()
class Softmax(_Same):
    """exp(x) / sum(exp(x)) along an axis. Source: tf.keras.layers.Softmax."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        return backend.softmax(inputs, axis=self.axis)


@configured()
class PReLU(_Same):
    """x, and alpha * x below 0 with an alpha that is learned for each feature.

    shared_axes: axes along which there is one alpha. Source: tf.keras.layers.PReLU; He et al. 2015.
    """

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes
        self.alpha: Any = None

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()[1:]
        for axis in self.shared_axes or []:
            sizes[axis - 1] = 1
        self.alpha = self.add_weight(
            shape=sizes,
            name="alpha",
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        shared = self.shared_axes or []
        rank = len(sizes) + 1
        fixed: dict[int, Any] = {i: sizes[i - 1] for i in range(1, rank) if i not in shared}
        self.input_spec = InputSpec(ndim=rank, axes=fixed)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return backend.relu(inputs) + -self.alpha * backend.relu(-inputs)


class _Noise(_Same):
    """Noise in training only."""

    def call(self, inputs: Any, training: Any = None) -> Any:
        return backend.in_train_phase(lambda: self._noisy(inputs), inputs, training=training)

    def _noisy(self, inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say its noise")


@configured()
class GaussianNoise(_Noise):
    """Normal numbers are added in training. Source: tf.keras.layers.GaussianNoise."""

    def __init__(self, stddev: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = stddev

    def _noisy(self, inputs: Any) -> Any:
        return inputs + backend.random_normal(
            shape=backend.shape(inputs), mean=0.0, stddev=self.stddev, dtype=inputs.dtype
        )


@configured()
class GaussianDropout(_Noise):
    """Normal numbers around 1 are factors in training; rate: as in Dropout.

    Source: tf.keras.layers.GaussianDropout; Srivastava et al. 2014.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    def call(self, inputs: Any, training: Any = None) -> Any:
        return super().call(inputs, training) if 0 < self.rate < 1 else inputs

    def _noisy(self, inputs: Any) -> Any:
        spread = (self.rate / (1.0 - self.rate)) ** 0.5
        return inputs * backend.random_normal(
            shape=backend.shape(inputs), mean=1.0, stddev=spread, dtype=inputs.dtype
        )


@configured()
class AlphaDropout(_Same):
    """Dropout that keeps the mean and the variance of what `selu` gives.

    Source: tf.keras.layers.AlphaDropout; Klambauer et al. 2017.
    """

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    told = ("rate",)

    def call(self, inputs: Any, training: Any = None) -> Any:
        if not 0 < self.rate < 1:
            return inputs
        shape = self.noise_shape or array.shape(inputs)
        return backend.in_train_phase(
            lambda: self._dropped(inputs, shape), inputs, training=training
        )

    def _dropped(self, inputs: Any, shape: Any) -> Any:
        low = -SELU_ALPHA * SELU_SCALE  # what selu tends to
        numbers = backend.random_uniform(shape, seed=self.seed)
        kept = math.cast(logic.greater_equal(numbers, self.rate), backend.floatx())
        scale = ((1 - self.rate) * (1 + self.rate * low**2)) ** -0.5
        return scale * (inputs * kept + low * (1 - kept)) - scale * low * self.rate
