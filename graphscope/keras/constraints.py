"""What weights are held to after each step (tf.keras.constraints)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras import backend as K
from graphscope.keras.utils.objects import (
    deserialize_keras_object,
    object_of,
    serialize_keras_object,
)
from graphscope.ops import elementwise, logic, math
from graphscope.ops.reduction import reduce_sum


class Constraint:
    """The base of constraints: called with a variable, they give what it becomes."""

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same constraint again."""
        return {}


def _norms(w: Any, axis: Any) -> Any:
    """The lengths along an axis, which stays."""
    return K.sqrt(reduce_sum(elementwise.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Lengths of at most `max_value`. axis: along which; 0 for the weights into each unit."""

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = K.clip(norms, 0, self.max_value)
        return w * (wanted / (K.epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """No weight below 0."""

    def __call__(self, w: Any) -> Any:
        return w * math.cast(logic.greater_equal(w, 0.0), K.floatx())


class UnitNorm(Constraint):
    """Lengths of 1."""

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (K.epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Lengths between two bounds. rate: how much of the way is gone in one step."""

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Any = 0,
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = self.rate * K.clip(norms, self.min_value, self.max_value)
        wanted = wanted + (1 - self.rate) * norms
        return w * (wanted / (K.epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return dict(vars(self))


class RadialConstraint(Constraint):
    """Filters [n, n, in, out] that are the same at all places of one ring around the middle.

    The value of a ring is one of the diagonal, below the middle. Errors: ValueError for another
    rank. Source: tf.keras.constraints.RadialConstraint, which makes a loop of it.
    """

    def __call__(self, w: Any) -> Any:
        if w.shape.ndims != 4:
            raise ValueError(f"The weight tensor must be of rank 4, but is of shape: {w.shape}")
        size = w.shape.as_list()[0]
        places = _on_diagonal(size) * (size + 1)  # of the elements, row by row
        rows = K.reshape(w, (size * size, *w.shape.as_list()[2:]))
        return K.gather(rows, K.constant(places, dtype="int32"))


def _on_diagonal(size: int) -> Any:
    """The place on the diagonal from which each element of a filter has its value."""
    half, even = size // 2, size % 2 == 0
    steps = np.abs(np.arange(size) * 2 - (size - 1)) // 2  # from the middle, or the inner square
    ring = np.maximum.outer(steps, steps)
    return np.where(ring == 0, max(half - 1, 0), half + ring - (0 if even else 1))


max_norm = maxnorm = MaxNorm
non_neg = nonneg = NonNeg
unit_norm = unitnorm = UnitNorm
min_max_norm = MinMaxNorm
radial_constraint = RadialConstraint

_KNOWN: dict[str, Any] = {
    **{kind.__name__: kind for kind in (MaxNorm, NonNeg, UnitNorm, MinMaxNorm, RadialConstraint)},
    "max_norm": MaxNorm,
    "maxnorm": MaxNorm,
    "non_neg": NonNeg,
    "nonneg": NonNeg,
    "unit_norm": UnitNorm,
    "unitnorm": UnitNorm,
    "min_max_norm": MinMaxNorm,
    "radial_constraint": RadialConstraint,
}


def serialize(constraint: Any) -> Any:
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        config,
        module_objects=_KNOWN,
        custom_objects=custom_objects,
        printable_module_name="constraint",
    )


def get(identifier: Any) -> Any:
    """A constraint for its name or config; None and what can be called stay.

    Errors: ValueError for an unknown name.
    """
    return object_of(identifier, _KNOWN, "constraint")
