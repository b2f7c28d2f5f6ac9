"""What runs after a SavedModel has been loaded."""

from __future__ import annotations

from graphscope.graph.graph import Operation, get_default_graph
from graphscope.graph.scopes import control_dependencies
from graphscope.ops.control_flow import group
from graphscope.ops.variables import global_variables_initializer, local_variables_initializer

__all__ = ["main_op", "main_op_with_restore"]


def main_op() -> Operation:
    """First values for all variables, also local ones. Source: tf.saved_model.main_op.main_op."""
    return group(global_variables_initializer(), local_variables_initializer())


def main_op_with_restore(restore_op_name: str) -> Operation:
    """The same, and then the operation of that name.

    Source: tf.saved_model.main_op.main_op_with_restore.
    """
    with control_dependencies([main_op()]):
        return group(get_default_graph().get_operation_by_name(restore_op_name))
