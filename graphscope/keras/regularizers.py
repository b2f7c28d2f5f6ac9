"""Penalties of large weights, as Keras makes them (tf.keras.regularizers)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphscope.keras import backend as K
from graphscope.keras.utils.objects import (
    deserialize_keras_object,
    object_of,
    serialize_keras_object,
)
from graphscope.ops import elementwise
from graphscope.ops.reduction import reduce_sum


class Regularizer:
    """The base of penalties: call it with a variable."""

    def __call__(self, x: Any) -> Any:
        return 0.0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x²). Source: tf.keras.regularizers.L1L2."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = K.cast_to_floatx(l1)
        self.l2 = K.cast_to_floatx(l2)

    def __call__(self, x: Any) -> Any:
        if not self.l1 and not self.l2:
            return K.constant(0.0)
        penalty: Any = 0.0
        if self.l1:
            penalty += self.l1 * reduce_sum(elementwise.abs_(x))
        if self.l2:
            penalty += self.l2 * reduce_sum(elementwise.square(x))
        return penalty

    def get_config(self) -> dict[str, float]:
        return {"l1": float(self.l1), "l2": float(self.l2)}


def l1(l: float = 0.01) -> L1L2:  # noqa: E741 (the name is Keras')
    return L1L2(l1=l)


def l2(l: float = 0.01) -> L1L2:  # noqa: E741 (the name is Keras')
    return L1L2(l2=l)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    return L1L2(l1=l1, l2=l2)


_KNOWN: dict[str, Callable[..., Any]] = {"L1L2": L1L2, "l1": l1, "l2": l2, "l1_l2": l1_l2}


def serialize(regularizer: Any) -> Any:
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        config,
        module_objects=_KNOWN,
        custom_objects=custom_objects,
        printable_module_name="regularizer",
    )


def get(identifier: Any) -> Any:
    """A penalty for its name or config; None and what can be called stay.

    Errors: ValueError for an unknown name.
    """
    if isinstance(identifier, str) and identifier in _KNOWN:
        return _KNOWN[identifier]()  # a function that makes one, or the class
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    return object_of(identifier, _KNOWN, "regularizer")
