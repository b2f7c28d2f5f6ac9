"""Initializers of Keras, by class and by name (tf.keras.initializers).

They are those of tf.initializers; the random ones are narrow when nothing is said.
"""

from __future__ import annotations

from typing import Any

from graphscope.keras.utils.objects import (
    deserialize_keras_object,
    get_custom_objects,
    object_of,
    serialize_keras_object,
)
from graphscope.layers.named import INITIALIZERS
from graphscope.layers.named import RandomNormal as RandomNormal
from graphscope.layers.named import RandomUniform as RandomUniform
from graphscope.layers.named import TruncatedNormal as TruncatedNormal
from graphscope.ops.initializers import Constant as Constant
from graphscope.ops.initializers import GlorotNormal as GlorotNormal
from graphscope.ops.initializers import GlorotUniform as GlorotUniform
from graphscope.ops.initializers import Identity as Identity
from graphscope.ops.initializers import Initializer as Initializer
from graphscope.ops.initializers import Ones as Ones
from graphscope.ops.initializers import Orthogonal as Orthogonal
from graphscope.ops.initializers import VarianceScaling as VarianceScaling
from graphscope.ops.initializers import Zeros as Zeros
from graphscope.ops.initializers import he_normal as he_normal
from graphscope.ops.initializers import he_uniform as he_uniform
from graphscope.ops.initializers import lecun_normal as lecun_normal
from graphscope.ops.initializers import lecun_uniform as lecun_uniform

zero = zeros = Zeros
one = ones = Ones
constant = Constant
uniform = random_uniform = RandomUniform
normal = random_normal = RandomNormal
truncated_normal = TruncatedNormal
identity = Identity
orthogonal = Orthogonal
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform


def serialize(initializer: Any) -> Any:
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        config,
        module_objects=INITIALIZERS,
        custom_objects=custom_objects,
        printable_module_name="initializer",
    )


def get(identifier: Any) -> Any:
    """An initializer for its name or config; None and what can be called stay.

    Errors: ValueError for an unknown name.
    """
    # Functions that make an initializer are called as classes are.
    named = isinstance(identifier, str) and identifier not in get_custom_objects()
    if named and identifier in INITIALIZERS:
        return INITIALIZERS[identifier]()
    return object_of(identifier, INITIALIZERS, "initializer")
