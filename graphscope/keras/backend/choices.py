"""Choices in a run, training and testing, folds, gradients, and random numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.gradients import gradients as _gradients
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import bool_
from graphscope.graph.graph import get_default_graph
from graphscope.keras.backend.config import floatx
from graphscope.keras.backend.sessions import learning_phase
from graphscope.keras.backend.variables import ndim
from graphscope.ops import array, folds, joining, math, repeating
from graphscope.ops import random as random_ops
from graphscope.ops.branches import cond
from graphscope.ops.printing import print_v2

# ---- choices -----------------------------------------------------------------------------------


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """The one expression where the condition holds, the other where it does not.

    condition: [] for a choice of the whole, where only one of two functions runs; or as many first
    axes as the expressions have. Errors: ValueError for a condition of more axes.
    """
    if condition.dtype.base_dtype != bool_:
        condition = math.cast(condition, bool_)
    rank = ndim(condition)
    if not rank:
        return cond(condition, _function(then_expression), _function(else_expression))
    first, second = _called(then_expression), _called(else_expression)
    wanted = ndim(first) or 0
    if rank > wanted:
        raise ValueError(
            "Rank of `condition` should be less than or equal to rank of `then_expression` and "
            f"`else_expression`. ndim(condition)={rank}, ndim(then_expression)={wanted}"
        )
    if rank > 1:
        condition = _repeated(condition, first, wanted - rank)
    return joining.where(condition, first, second)


def _function(expression: Any) -> Callable[[], Any]:
    return expression if callable(expression) else lambda: expression


def _called(expression: Any) -> Any:
    return expression() if callable(expression) else expression


def _repeated(condition: Any, like: Any, missing: int) -> Any:
    """The condition in the shape of what it chooses from."""
    sizes = joining.concat([array.shape(condition), [1] * missing], axis=0)
    condition = array.reshape(condition, sizes)
    wanted = array.shape(like)
    times = joining.where(wanted - sizes > 0, wanted, array.ones_like(wanted))
    return repeating.tile(condition, times)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """x in training, alt in testing, each a tensor or a function that makes one.

    training: 0, 1 or a bool tensor; the learning phase when left out.
    """
    if training is None:
        training = learning_phase()
    if not is_tensor_like(training):
        if training == 1:
            return _called(x)
        if training == 0:
            return _called(alt)
    return switch(training, x, alt)


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    return in_train_phase(alt, x, training=training)


# ---- over elements -----------------------------------------------------------------------------


def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    return folds.map_fn(fn, elems, name=name, dtype=dtype)


def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    return folds.foldl(fn, elems, initializer=initializer, name=name)


def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    return folds.foldr(fn, elems, initializer=initializer, name=name)


# ---- gradients and looking ---------------------------------------------------------------------


def gradients(loss: Any, variables: Any) -> list[Any]:
    """The gradient of the loss by each variable; None where no gradient flows."""
    return _gradients(loss, variables, colocate_gradients_with_ops=True)


def stop_gradient(variables: Any) -> Any:
    """The same values, as constants for the gradient; also of a list."""
    if isinstance(variables, list | tuple):
        return [array.stop_gradient(variable) for variable in variables]
    return array.stop_gradient(variables)


def print_tensor(x: Any, message: str = "") -> Any:
    """The same value; each run that computes it prints the message and the value on stdout."""
    printed = print_v2(message, x, output_stream=sys.stdout)
    with get_default_graph().control_dependencies([printed]):
        return array.identity(x)


# ---- random numbers ----------------------------------------------------------------------------


def _seed(seed: int | None) -> int:
    """The seed, or one of numpy's, so that numpy.random.seed makes a script repeatable."""
    return np.random.randint(10**7) if seed is None else seed


def random_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    dtype, seed = dtype or floatx(), _seed(seed)
    return random_ops.random_normal(shape, mean=mean, stddev=stddev, dtype=dtype, seed=seed)


def random_uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    dtype, seed = dtype or floatx(), _seed(seed)
    return random_ops.random_uniform(shape, minval=minval, maxval=maxval, dtype=dtype, seed=seed)


def random_binomial(shape: Any, p: Any = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """1 with the probability p, else 0."""
    dtype, seed = dtype or floatx(), _seed(seed)
    drawn = random_ops.random_uniform(shape, dtype=dtype, seed=seed)
    return joining.where(drawn <= p, array.ones(shape, dtype=dtype), array.zeros(shape, dtype))


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Normal numbers within two standard deviations."""
    dtype, seed = dtype or floatx(), _seed(seed)
    return random_ops.truncated_normal(shape, mean, stddev, dtype=dtype, seed=seed)
