"""The function of a layer class: tf.layers.conv2d makes a Conv2D, and calls it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphscope.layers.base import Layer


def function_of(kind: Callable[..., Layer]) -> Callable[..., Any]:
    """The input, and the arguments of the layer in the same order; `reuse` if it has variables."""
    own = [p for p in inspect.signature(kind).parameters.values() if p.kind is not p.VAR_KEYWORD]
    has_variables = any(parameter.name == "trainable" for parameter in own)
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    reuse = [inspect.Parameter("reuse", positional, default=None)] if has_variables else []
    signature = inspect.Signature([inspect.Parameter("inputs", positional), *own, *reuse])

    def function(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        inputs, reused = given.pop("inputs"), given.pop("reuse", None)
        scope = {"_scope": given.get("name"), "_reuse": reused} if has_variables else {}
        return kind(**given, **scope)(inputs)

    function.__doc__ = kind.__doc__
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function
