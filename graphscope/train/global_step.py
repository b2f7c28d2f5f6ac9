"""The global step: the variable that counts the steps of a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.dtypes import int64
from graphscope.graph.graph import Graph, Tensor, get_default_graph
from graphscope.ops.initializers import Zeros
from graphscope.ops.state import assign_add
from graphscope.ops.variable_scope import get_variable
from graphscope.ops.variables import GraphKeys, Variable

#: The collection of the reading of the global step.
GLOBAL_STEP_READ_KEY = "global_step_read_op_cache"


def get_global_step(graph: Graph | None = None) -> Any:
    """The variable in GraphKeys.GLOBAL_STEP, or the tensor global_step:0; None without either.

    Errors: TypeError when it is no integer scalar. Source: tf.train.get_global_step.
    """
    graph = graph or get_default_graph()
    kept = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(kept) > 1:
        return None
    if kept:
        step = kept[0]
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


def create_global_step(graph: Graph | None = None) -> Variable:
    """A new global step, int64, 0 at first.

    Errors: ValueError when there is one. Source: tf.train.create_global_step.
    """
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        step: Variable = get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=int64,
            initializer=Zeros(),
            trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )
        return step


def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """The global step; a new one when there is none. Source: tf.train.get_or_create_global_step."""
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor: Any) -> None:
    """Errors: TypeError when it is no variable or tensor, no integer, or no scalar.

    Source: tf.train.assert_global_step.
    """
    if not isinstance(global_step_tensor, Variable | Tensor):
        raise TypeError(
            f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.'
        )
    dtype, shape = global_step_tensor.dtype, global_step_tensor.shape
    if not dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {dtype}')
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of steps taken in the session so far. Source: tf.train.global_step."""
    return int(np.asarray(sess.run(global_step_tensor)).item())


def global_step_increment(increment: int, graph: Graph | None = None) -> Any:
    """An operation that counts the global step up, after its reading.

    Errors: ValueError when there is no global step.
    """
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    if step is None:
        raise ValueError(
            "There is no global step to increment: tf.train.get_or_create_global_step makes it"
        )
    read = global_step_read(graph)
    with (
        graph.as_default(),
        graph.name_scope(None),
        graph.name_scope(f"{step.op.name}/"),
        graph.control_dependencies([read]),
    ):
        return assign_add(step, increment)


def global_step_read(graph: Graph | None = None) -> Tensor | None:
    """A reading of the global step, the same one for all who ask; None without a global step."""
    graph = graph or get_default_graph()
    kept = graph.get_collection(GLOBAL_STEP_READ_KEY)
    if not kept:
        step = get_global_step(graph)
        if step is None:
            return None
        with graph.as_default(), graph.name_scope(None), graph.name_scope(f"{step.op.name}/"):
            value = step.initialized_value() if isinstance(step, Variable) else step
            graph.add_to_collection(GLOBAL_STEP_READ_KEY, value + 0)
        kept = graph.get_collection(GLOBAL_STEP_READ_KEY)
    read: Tensor = kept[0]
    return read
