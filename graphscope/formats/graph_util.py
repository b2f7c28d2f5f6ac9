"""Graphs of files, changed: variables frozen into constants, parts taken out, texts written."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from graphscope.formats.attributes import message_of, tensor_message
from graphscope.formats.exporting import graph_def_of, write_message
from graphscope.formats.frames import maker
from graphscope.formats.messages import GraphDef, NodeDef
from graphscope.graph.dtypes import DType, as_dtype, int32
from graphscope.graph.graph import Graph
from graphscope.platform import logging

_VARIABLES = ("Variable", "VariableV2", "VarHandleOp")
#: What hands on the place of a variable into branches and loops, and what that is of a value.
_HANDING_ON = {"Enter": "Enter", "Switch": "Switch", "Identity": "Identity"}
_HANDING_ON |= {"RefEnter": "Enter", "RefSwitch": "Switch", "RefIdentity": "Identity"}
_RESOURCE = 20


def extract_sub_graph(graph_def: Any, dest_nodes: Any) -> GraphDef:
    """The part of a graph that the named nodes need.

    Errors: TypeError for a single name, AssertionError for a node that it does not have.
    Source: tf.graph_util.extract_sub_graph.
    """
    if not isinstance(graph_def, GraphDef):
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    nodes = {node.name: node for node in graph_def.node}
    for name in dest_nodes:
        assert name in nodes, f"{name} is not in graph"
    needed = dict.fromkeys(dest_nodes)
    queue = list(needed)
    for name in queue:
        for reference in nodes[name].input:
            other, _ = maker(reference)
            if other not in needed:
                needed[other] = None
                queue.append(other)
    return _with_nodes(graph_def, (node for node in graph_def.node if node.name in needed))


def _with_nodes(graph_def: GraphDef, nodes: Iterable[NodeDef]) -> GraphDef:
    """A new graph of the same versions and functions with copies of these nodes."""
    made = GraphDef()
    made.versions.CopyFrom(graph_def.versions)
    made.library.CopyFrom(graph_def.library)
    made.node.extend(copy.deepcopy(node) for node in nodes)
    return made


def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Sequence[str],
    variable_names_whitelist: Any = None,
    variable_names_blacklist: Any = None,
) -> GraphDef:
    """The part of a graph that the named nodes need, with the session's values in the places of its
    variables: a frozen graph.

    variable_names_whitelist: the only variables that are converted; variable_names_blacklist: those
    that are not. Source: tf.graph_util.convert_variables_to_constants.
    """
    part = extract_sub_graph(input_graph_def, output_node_names)
    allowed = None if variable_names_whitelist is None else set(variable_names_whitelist)
    refused = set(variable_names_blacklist or ())
    frozen = [
        node
        for node in part.node
        if node.op in _VARIABLES
        and node.name not in refused
        and (allowed is None or node.name in allowed)
    ]
    names = [node.name for node in frozen]
    reads = [
        name if node.op != "VarHandleOp" else _read_of(sess, name)
        for node, name in zip(frozen, names, strict=True)
    ]
    values = dict(zip(names, sess.run([_tensor(read) for read in reads]), strict=True))
    logging.info("Froze %d variables.", len(values))
    logging.info("Converted %d variables to const ops.", len(values))
    return with_constants(part, values)


def with_constants(graph_def: GraphDef, values: Mapping[str, Any]) -> GraphDef:
    """The graph with constants in the places of its variables. values: by the variables' names."""
    handles = {node.name for node in graph_def.node if node.name in values}
    for node in graph_def.node:  # what hands on the place of a resource variable
        if node.op in _HANDING_ON and maker(node.input[0])[0] in handles:
            handles.add(node.name)
    made = [each for node in graph_def.node for each in _frozen(node, values, handles)]
    return _with_nodes(graph_def, made)


def variables_of(graph_def: GraphDef) -> list[str]:
    """The names of the variables in a graph."""
    return [node.name for node in graph_def.node if node.op in _VARIABLES]


def _tensor(name: Any) -> Any:
    return name if not isinstance(name, str) else f"{name}:0"


def _read_of(sess: Any, name: str) -> Any:
    """A reading of a resource variable, in the session's graph."""
    graph = sess.graph
    handle = graph.get_operation_by_name(name).outputs[0]
    return next(op for op in graph.consumers(handle) if op.type == "ReadVariableOp").outputs[0]


def _frozen(node: NodeDef, values: Mapping[str, Any], places: Set[str]) -> list[NodeDef]:
    """The node, or what it is with constants in the places of variables. places: the nodes that
    were variables, or handed them on."""
    of = maker(node.input[0])[0] if node.input else ""
    if node.name in values:
        return [_constant(node.name, values[node.name], as_dtype(node.attr["dtype"].type))]
    if node.op == "ReadVariableOp" and of in places:
        made = NodeDef(name=node.name, op="Identity", input=list(node.input))
        made.attr["T"].CopyFrom(node.attr["dtype"])
        return [made]
    if node.op == "ResourceGather" and of in places:
        if node.attr["batch_dims"].i:
            raise ValueError("batch_dims != 0 is not supported by freeze_graph.")
        axis = _constant(f"{node.name}/axis", np.int32(0), int32)
        made = NodeDef(name=node.name, op="GatherV2", input=[*node.input[:2], axis.name])
        made.input.extend(node.input[2:])
        made.attr["Tparams"].CopyFrom(node.attr["dtype"])
        made.attr["Tindices"].CopyFrom(node.attr["Tindices"])
        made.attr["Taxis"].CopyFrom(message_of("type", int32))
        return [axis, made]
    made = NodeDef()
    made.CopyFrom(node)
    if node.name in places:
        made.op = _HANDING_ON[node.op]
        if made.attr["T"].type == _RESOURCE:
            root = next(name for name in values if name == of or of in places)
            made.attr["T"].CopyFrom(message_of("type", as_dtype(np.asarray(values[root]).dtype)))
    return [made]


def _constant(name: str, value: Any, dtype: DType) -> NodeDef:
    made = NodeDef(name=name, op="Const")
    made.attr["dtype"].CopyFrom(message_of("type", dtype))
    made.attr["value"].CopyFrom(message_of("tensor", tensor_message(np.asarray(value), dtype)))
    return made


def remove_training_nodes(input_graph: Any, protected_nodes: Any = None) -> GraphDef:
    """The graph without what only training needs: checks, and Identities that pass on a value.

    Source: tf.graph_util.remove_training_nodes.
    """
    kept_for_good = set(protected_nodes or ())
    awaited = {maker(r)[0] for node in input_graph.node for r in node.input if r[0] == "^"}
    gone: dict[str, str] = {}
    for node in input_graph.node:
        waits = any(reference.startswith("^") for reference in node.input)
        passes = node.op == "Identity" and node.name not in awaited and not waits
        if passes and node.name not in kept_for_good:
            gone[node.name] = node.input[0]
    nodes = []
    for node in input_graph.node:
        if node.op == "CheckNumerics" or node.name in gone:
            continue
        made = copy.deepcopy(node)
        made.input[:] = [_past(reference, gone) for reference in node.input]
        nodes.append(made)
    return _with_nodes(input_graph, nodes)


def _past(reference: str, gone: dict[str, str]) -> str:
    while reference in gone:
        reference = gone[reference]
    return reference


def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Write a graph into a file of that name in the folder. Returns its path.

    Source: tf.train.write_graph.
    """
    is_graph = isinstance(graph_or_graph_def, Graph)
    message = graph_def_of(graph_or_graph_def) if is_graph else graph_or_graph_def
    return write_message(os.path.join(os.fsdecode(os.fspath(logdir)), name), message, as_text)
