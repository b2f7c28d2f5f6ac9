"""Calls at the top of `tf` that ask the default graph for something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from graphscope.engine.devices import DeviceAttributes
from graphscope.graph.graph import get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import random
from graphscope.platform.common_shapes import broadcast_shape

__all__ = [
    "add_to_collections",
    "broadcast_static_shape",
    "container",
    "get_collection_ref",
    "get_seed",
    "init_scope",
    "list_local_devices",
    "op_scope",
]


def add_to_collections(names: Any, value: Any) -> None:
    """Put the value into several collections of the graph. Source: tf.add_to_collections."""
    get_default_graph().add_to_collections(names, value)


def get_collection_ref(key: Any) -> list[Any]:
    """The list itself that a collection is, to change it. Source: tf.get_collection_ref."""
    return get_default_graph().get_collection_ref(key)


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds of an operation made now; None for both where nothing is seeded.

    Source: tf.get_seed.
    """
    if get_default_graph().seed is None and op_seed is None:
        return None, None
    found = random.seeds(op_seed)
    return found["seed"], found["seed2"]


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape of what two shapes broadcast to. Source: tf.broadcast_static_shape.

    Errors: ValueError where they do not.
    """
    return broadcast_shape(as_shape(shape_x), as_shape(shape_y))


@contextmanager
def container(container_name: str) -> Iterator[str]:
    """A block whose variables are kept apart, in a cluster; in one process they always are.

    Source: tf.container.
    """
    yield container_name


@contextmanager
def init_scope() -> Iterator[None]:
    """A block whose operations wait for nothing around it. Source: tf.init_scope."""
    with get_default_graph().control_dependencies(None):
        yield


def op_scope(
    values: Any, name: str | None, default_name: str | None = None
) -> AbstractContextManager[str]:
    """`name_scope` with its arguments in the order of 2016. Source: tf.op_scope."""
    return name_scope(name, default_name, values)


def list_local_devices(session_config: Any = None) -> list[DeviceAttributes]:
    """The devices that there are: one. Source: tensorflow.python.client.device_lib."""
    return [DeviceAttributes("/device:CPU:0", "CPU", 0, 0)]
