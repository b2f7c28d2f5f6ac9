"""Frozen graphs: what computes some outputs, with the values of a checkpoint as constants."""

from __future__ import annotations

from collections.abc import Sequence

from graphscope.errors import Lesson, did_you_mean, teach
from graphscope.formats import graph_util
from graphscope.formats.edits.draft import Draft
from graphscope.formats.frames import maker
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.ops.checkpoints import Checkpoint

#: What nobody wants as the output of a model.
_NO_OUTPUT = ("Assign", "Apply", "NoOp", "Save", "Restore", "Const", "Placeholder", "Summary")
_ASIDE = (
    "save/",
    "gradients",
    "init",
    "Initializer/",
    "report_uninitialized",
    "/switch_t",
    "/switch_f",
    "pred_id",
)
_SHOWN = 8


def frozen(meta_graph: MetaGraphDef, checkpoint: str, outputs: Sequence[str]) -> GraphDef:
    """The part of a graph that some nodes need, with the values of a checkpoint as constants.

    Errors: ValueError for a node that is not there, and for variables that the checkpoint does not
    have; NotFoundError, DataLossError for a checkpoint that cannot be read.
    """
    draft = Draft(meta_graph)
    names = [draft.node(name).name for name in outputs]
    if not names:
        likely = outputs_of(draft)
        told = ", ".join(likely[:_SHOWN]) or "any node"
        raise teach(
            ValueError("A frozen graph is what some outputs need: none is named."),
            Lesson(
                hint=[f"name one: --output {likely[0] if likely else 'NODE'}; there are {told}"]
            ),
        )
    part = graph_util.extract_sub_graph(draft.edited().meta_graph.graph_def, names)
    held = Checkpoint(checkpoint)
    parts = {
        maker(v.variable_name)[0]: v.save_slice_info_def
        for v in draft.variables("variables")
        if v.save_slice_info_def.full_name
    }
    values, missing = {}, []
    for name in graph_util.variables_of(part):
        if name in held.held:
            values[name] = held.value(name)
        elif name in parts and parts[name].full_name in held.held:
            pairs = zip(parts[name].var_offset, parts[name].var_shape, strict=True)
            values[name] = held.value(parts[name].full_name, tuple(pairs))
        else:
            missing.append(name)
    if missing:
        hint = did_you_mean(missing[0], held.held)
        raise teach(
            ValueError(f"The checkpoint {checkpoint} has no {', '.join(missing[:_SHOWN])}."),
            Lesson(hint=[hint] if hint else []),
        )
    return graph_util.with_constants(part, values)


def outputs_of(draft: Draft) -> list[str]:
    """What could be the output of a model: nodes that nothing in the forward pass takes."""
    aside = {name for name in draft.nodes if any(word in name for word in _ASIDE)}
    found = []
    for name, node in draft.nodes.items():
        if name in aside or draft.place_of(name) or any(word in node.op for word in _NO_OUTPUT):
            continue
        users = (user for user in draft.users[name] if user not in aside)
        if all("Apply" in draft.nodes[user].op or _shows(draft, user) for user in users):
            found.append(name)
    return found


def _shows(draft: Draft, name: str) -> bool:
    return "Summary" in draft.nodes[name].op


def inputs_of(graph_def: GraphDef) -> list[str]:
    """The placeholders of a graph."""
    return [node.name for node in graph_def.node if node.op.startswith("Placeholder")]
