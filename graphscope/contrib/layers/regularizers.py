"""Regularizers: functions of a weight, whose values are added to the loss (tf.contrib.layers)."""

from __future__ import annotations

import logging
import numbers
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import math
from graphscope.ops.array import constant
from graphscope.ops.nn import l2_loss
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.variables import GraphKeys

Regularizer = Callable[..., Any]


def _scaled(kind: str, size: Callable[[Any], Tensor], scale: Any, scope: str | None) -> Regularizer:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if float(scale) < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {float(scale):g}.")
        if float(scale) == 0.0:
            logging.getLogger("tensorflow").info("Scale of 0 disables regularizer.")
            return lambda _: None

    def regularizer(weights: Any, name: str | None = None) -> Tensor:
        with name_scope(scope, kind, [weights]) as inner:
            factor = convert_to_tensor(scale, weights.dtype.base_dtype, name="scale")
            penalty: Tensor = math.multiply(factor, size(weights), name=inner)
            return penalty

    return regularizer


def l1_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """scale * the sum of |weights|. Source: tf.contrib.layers.l1_regularizer.

    Errors: ValueError for a scale that is a whole number, or negative.
    """
    return _scaled("l1_regularizer", lambda w: reduce_sum(math.abs_(w)), scale, scope)


def l2_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """scale * half the sum of the squares. Source: tf.contrib.layers.l2_regularizer.

    Errors: ValueError for a scale that is a whole number, or negative.
    """
    return _scaled("l2_regularizer", l2_loss, scale, scope)


def l1_l2_regularizer(
    scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None
) -> Regularizer | None:
    """The sum of both."""
    for name, scale in (("scale_l1", scale_l1), ("scale_l2", scale_l2)):
        if isinstance(scale, numbers.Integral):
            raise ValueError(f"{name} cannot be an integer: {scale}")
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


def sum_regularizer(
    regularizer_list: Sequence[Regularizer | None], scope: str | None = None
) -> Regularizer | None:
    """The sum of several; None when there is none."""
    regularizers = [r for r in regularizer_list if r is not None]
    if not regularizers:
        return None

    def regularizer(weights: Any) -> Any:
        with name_scope(scope, "sum_regularizer", [weights]) as name:
            penalties = [p for p in (r(weights) for r in regularizers) if p is not None]
            return math.add_n(penalties, name=name) if penalties else None

    return regularizer


def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Tensor:
    """The sum over weights, kept in GraphKeys.REGULARIZATION_LOSSES.

    weights_list: those of GraphKeys.WEIGHTS when left out. Errors: ValueError when there is none.
    """
    graph = get_default_graph()
    weights = list(weights_list or graph.get_collection(GraphKeys.WEIGHTS))
    if not weights:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=weights) as scope:
        penalties = [regularizer(w) for w in weights]
        penalties = [constant(0.0) if p is None else p for p in penalties]
        for penalty in penalties:
            if penalty.shape.ndims != 0:
                raise ValueError(
                    "regularizer must return a scalar Tensor instead of a Tensor with rank "
                    f"{penalty.shape.ndims}."
                )
        total: Tensor = math.add_n(penalties, name=scope)
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
        return total
