"""The arguments of layers as Keras 1 spelled them: Keras 2 still takes them, with a warning.

Source: keras.legacy.interfaces of Keras 2.2.4. (tf.keras never took them.)
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graphscope.platform import logging

#: By an argument's name in Keras 1: what it may be called now; the layer has one of these.
_NOW: dict[str, tuple[str, ...]] = {
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "beta_init": ("beta_initializer",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "consume_less": ("implementation",),
    "depthwise_init": ("depthwise_initializer",),
    "dim_ordering": ("data_format",),
    "dropout_U": ("recurrent_dropout",),
    "dropout_W": ("dropout",),
    "filter_length": ("kernel_size",),
    "forget_bias_init": ("unit_forget_bias",),
    "gamma_init": ("gamma_initializer",),
    "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    "length": ("size",),
    "nb_filter": ("filters",),
    "output_dim": ("units",),
    "p": ("rate",),
    "pointwise_init": ("pointwise_initializer",),
    "pool_length": ("pool_size",),
    "sigma": ("stddev",),
    "stride": ("strides",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
}

#: Values that have another spelling now, by the argument's name in Keras 1.
_VALUES: dict[str, Mapping[Any, Any]] = {
    "consume_less": {"cpu": 1, "mem": 1, "gpu": 2},
    "dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None},
    "forget_bias_init": {"one": True, "zero": False},
}

_SIZES = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))


def modern(layer: str, signature: inspect.Signature, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments by the names of today. layer: its class, for the warning.

    Errors: TypeError for one that is given by its old name and by its new one.
    """
    known = signature.parameters
    found: dict[str, Any] = {}
    for old, value in kwargs.items():
        now = next((name for name in _NOW.get(old, ()) if name in known and old not in known), old)
        if now != old and now in kwargs:
            raise TypeError(
                f"For the `{now}` argument, the layer received both the legacy keyword argument "
                f"`{old}` and the Keras 2 keyword argument `{now}`. Stick to the latter!"
            )
        found[now] = _VALUES.get(old, {}).get(value, value) if now != old else value
    _sizes_together(found, known)
    _without_meaning(found, known)
    if found.keys() != kwargs.keys():
        words = ", ".join(f"{name}={value!r}" for name, value in found.items())
        logging.warning(f"Update your `{layer}` call to the Keras 2 API: `{layer}({words})`")
    return found


def _sizes_together(found: dict[str, Any], known: Mapping[str, Any]) -> None:
    """The sizes of a window, and of a sequence, once an argument each, in one."""
    for names in _SIZES:
        if "kernel_size" in known and all(name in found for name in names):
            found["kernel_size"] = tuple(found.pop(name) for name in names)
    several = "recurrent_initializer" in known or "filters" in known
    if several and "input_dim" in found and "input_dim" not in known:
        found["input_shape"] = (found.pop("input_length", None), found.pop("input_dim"))


def _without_meaning(found: dict[str, Any], known: Mapping[str, Any]) -> None:
    """Arguments that Keras 2 drops. Errors: TypeError for a batch normalization of another mode."""
    if "embeddings_initializer" in known:
        found.pop("dropout", None)
    if "gamma_initializer" in known and found.pop("mode", 0) != 0:
        raise TypeError(
            "The `mode` argument of `BatchNormalization` no longer exists. `mode=1` and `mode=2` "
            "are no longer supported."
        )


def sizes_one_by_one(kind: type, rank: int) -> Any:
    """The class of a convolution that also takes its window as `rank` numbers in a row.

    ``Conv2D(32, 3, 3)`` has a window of 3 by 3 in Keras 1 and, with a warning, in Keras 2; in
    tf.keras it has strides of 3.
    """

    def made(self: Any, filters: Any = None, *args: Any, **kwargs: Any) -> None:
        if len(args) == rank and all(isinstance(size, int) for size in args):
            word = f"`{kind.__name__}({filters}, {args}, ...)`"
            logging.warning(f"Update your `{kind.__name__}` call to the Keras 2 API: {word}")
            args = (args,)
        if filters is not None:
            args = (filters, *args)
        kind.__init__(self, *args, **kwargs)  # type: ignore[misc]

    names = {"__init__": made, "__doc__": kind.__doc__, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), names)
