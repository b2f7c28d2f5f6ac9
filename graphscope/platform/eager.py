"""What code asks that can run eagerly: here it is always a graph (tensorflow.python.eager)."""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from graphscope.graph.dtypes import as_dtype, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops.array import placeholder_with_default

__all__ = [
    "EAGER_MODE",
    "GRAPH_MODE",
    "TensorSpec",
    "eager_mode",
    "executing_eagerly",
    "function",
    "graph_mode",
    "in_eager_mode",
    "in_graph_mode",
    "num_gpus",
]

GRAPH_MODE, EAGER_MODE = 0, 1


class TensorSpec:
    """What is known of a tensor before it is there: its shape, its type, its name."""

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None) -> None:
        self.shape, self.dtype, self.name = as_shape(shape), as_dtype(dtype), name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"


def executing_eagerly() -> bool:
    return False


def in_eager_mode() -> bool:
    return False


def in_graph_mode() -> bool:
    return True


def num_gpus() -> int:
    return 0


@contextmanager
def graph_mode() -> Iterator[None]:
    """A block in which nodes are added to a graph, as everywhere here."""
    yield


def eager_mode() -> NoReturn:
    """A block that would run eagerly. Errors: SkipTest, that skips the test which has one."""
    raise unittest.SkipTest("GraphScope has graphs only, and nothing that runs eagerly")


def function(
    func: Callable[..., Any] | None = None, input_signature: Any = None, **_: Any
) -> Callable[..., Any]:
    """A Python function whose nodes are added where it is called. Source: tf.function.

    input_signature: what the function may know of its tensors: the types and static shapes.
    """
    if func is None:
        return lambda f: function(f, input_signature)
    body = func

    @functools.wraps(body)
    def called(*args: Any, **kwargs: Any) -> Any:
        with name_scope(body.__name__.strip("<>")):
            known = [_as_told(*pair) for pair in zip(args, input_signature or (), strict=False)]
            return body(*known, *args[len(known) :], **kwargs)

    return called


def _as_told(value: Any, spec: Any) -> Tensor:
    """The value as a tensor of which only the specification is known."""
    return placeholder_with_default(value, spec.shape)
