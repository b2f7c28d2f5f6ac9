"""Files for other versions of TensorFlow: what a version does not know is left out or said
otherwise, or it is an error that names the nodes.

A version refuses a node with an attribute that it does not know, and one of a type that it does not
know. What is new has a default as a rule, which means what the old version did.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from graphscope.errors import Lesson, teach
from graphscope.formats import bodies
from graphscope.formats.attributes import default_of, value_of
from graphscope.formats.edits.draft import Draft, Edited
from graphscope.formats.messages import MetaGraphDef, NodeDef
from graphscope.formats.signatures import signature
from graphscope.graph.shapes import TensorShape

#: The versions for which a file can be made, by what they are called on the command line.
VERSIONS = {"tf1.4": "1.4", "tf1.15": "1.15", "tf2": "2"}
_ORDER = tuple(VERSIONS.values())
#: What only tells about a node, and says nothing about what it does.
_TELLING = ("debug_name", "metadata", "allowed_devices", "identical_element_shapes")
_SHOWN = 4


class _Known(NamedTuple):
    """What is not the same in all versions: which have an operation, and which its attributes.

    attrs: for each the first version with it, and its default.
    """

    versions: tuple[str, ...]
    attrs: Mapping[str, tuple[str, str, Any]]


@cache
def _table() -> dict[str, _Known]:
    text = resources.files("graphscope.formats.edits").joinpath("versions.tsv").read_text("utf-8")
    found = {}
    for line in text.splitlines():
        name, versions, attrs = line.split("\t")
        having = tuple(versions.split(",")) if versions else _ORDER
        found[name] = _Known(having, dict(map(_attribute, attrs.split())))
    return found


def _attribute(text: str) -> tuple[str, tuple[str, str, Any]]:
    told, _, first = text.rpartition("@")
    named, _, default = told.partition("=")
    name, _, kind = named.partition(":")
    return name, (first, kind, json.loads(default) if default else None)


def remove_output_shapes(meta_graph: MetaGraphDef) -> Edited:
    """Leave out what the file says of the shapes of outputs. TensorFlow 2 refuses a file in which
    that does not fit what it infers itself, as of batch normalization by TensorFlow 1."""
    draft = Draft(meta_graph)
    count = _without_shapes(draft)
    draft.said.append(f"_output_shapes: left out of {nodes(count)}")
    return draft.edited()


def _without_shapes(draft: Draft) -> int:
    having = [name for name, node in draft.nodes.items() if "_output_shapes" in node.attr]
    for name in having:
        del draft.changed(name).attr["_output_shapes"]
    return len(having)


def for_version(meta_graph: MetaGraphDef, version: str) -> Edited:
    """The file for another version of TensorFlow: ``tf1.4``, ``tf1.15`` or ``tf2``.

    Operations that it does not know are written by older ones where these do the same; attributes
    that it does not know are left out where they are as they always were.
    Errors: ValueError for what the version cannot say, naming all such nodes.
    """
    if version not in VERSIONS:
        raise ValueError(f"{version!r} is none of the versions {', '.join(VERSIONS)}.")
    draft, wanted = Draft(meta_graph), VERSIONS[version]
    draft.forgets_loops = True
    count = _without_shapes(draft)
    if count:
        draft.said.append(f"_output_shapes: left out of {nodes(count)}")
    refused = _Refused(wanted)
    done: dict[str, int] = {}
    for name in list(draft.nodes):
        for what in _adapted(draft, name, wanted, refused):
            done[what] = done.get(what, 0) + 1
    for function in meta_graph.graph_def.library.function:
        for node in function.node_def:
            refused.check(node, wanted)
    refused.raise_if_any()
    draft.said += [f"{what}: {nodes(count)}" for what, count in done.items()]
    draft.said += [
        f"{type} is of none of the versions that are known here, and is kept: {_few(names)}"
        for type, names in refused.custom.items()
    ]
    info = draft.meta_graph.meta_info_def
    if info.HasField("stripped_op_list"):  # it describes the operations as they were
        made = type(info)()
        made.CopyFrom(info)
        made.ClearField("stripped_op_list")
        draft.meta_graph.adopt("meta_info_def", made)
    return draft.edited()


def nodes(count: int) -> str:
    return f"{count} node" + ("" if count == 1 else "s")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class _Refused:
    """What a version cannot say: the nodes by the reason; and operations that nobody knows."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.reasons: dict[str, list[str]] = {}
        self.custom: dict[str, list[str]] = {}

    def add(self, reason: str, node: NodeDef) -> None:
        self.reasons.setdefault(reason, []).append(node.name)

    def check(self, node: NodeDef, wanted: str) -> None:
        """Note the operation if the version does not have it."""
        known = _table().get(node.op)
        if bodies.owned(node) or bodies.is_own(node):
            self.add(f"{node.op} as GraphScope has it", node)
        elif known is not None and wanted not in known.versions:
            self.add(f"{node.op}, which it does not have", node)
        elif known is None and signature(node.op) is None:
            self.custom.setdefault(node.op, []).append(node.name)

    def raise_if_any(self) -> None:
        if not self.reasons:
            return
        told = "; ".join(f"{why}: {_few(names)}" for why, names in self.reasons.items())
        hint = "leave out what needs them: graphscope export FILE --frozen --output NODE"
        raise teach(ValueError(f"TensorFlow {self.wanted} cannot say {told}."), Lesson(hint=[hint]))


def _adapted(draft: Draft, name: str, wanted: str, refused: _Refused) -> Iterable[str]:
    """Make a node one that the version knows. Yields what was done."""
    node = draft.nodes[name]
    known = _table().get(node.op)
    if known is not None and wanted not in known.versions:
        other = _INSTEAD.get(node.op)
        if other is not None and other.fits(node):
            yield f"{node.op} -> {other.type}"
            node = draft.changed(name)
            node.op = other.type
            if other.inputs is not None:
                draft.rewire(name, list(node.input)[: other.inputs])
            if other.outputs is not None:
                _without_output(draft, f"{name}:{other.outputs}", refused)
            for attr in set(node.attr) & set(other.without):
                del node.attr[attr]
            known = _table().get(node.op)
    refused.check(node, wanted)
    if known is None:
        return
    for attr, (first, kind, default) in known.attrs.items():
        if attr not in node.attr or _ORDER.index(first) <= _ORDER.index(wanted):
            continue
        if attr not in _TELLING and not _is_default(node, attr, kind, default):
            value = value_of(node.attr[attr])
            refused.add(f"{node.op} with {attr} = {value}", node)
            continue
        del draft.changed(name).attr[attr]
        yield f"{node.op} without {attr}"


def _without_output(draft: Draft, reference: str, refused: _Refused) -> None:
    """Let nobody take an output that the older operation does not have. Gradients make zeros of
    the shape of such an output, which nothing uses."""
    for user in list(draft.users.get(reference.partition(":")[0], ())):
        inputs = list(draft.nodes[user].input)
        if reference not in inputs or draft.nodes[user].op in _INSTEAD:
            continue
        if draft.nodes[user].op != "ZerosLike" or draft.users[user]:
            refused.add(f"{reference}, which it does not have", draft.nodes[user])
        else:
            other = reference.rpartition(":")[0] + ":4"
            draft.rewire(user, [other if taken == reference else taken for taken in inputs])


def _is_default(node: NodeDef, attr: str, kind: str, default: Any) -> bool:
    wanted, value = default_of(kind, default), value_of(node.attr[attr])
    if isinstance(wanted, TensorShape):
        return bool(wanted.sizes == value.sizes)
    if kind.startswith("list("):
        return list(value or []) == list(wanted)
    return bool(value == wanted)


class _Instead(NamedTuple):
    """An older operation. fits: whether it does the same as a node; inputs, outputs: how many it
    has, where the newer one has more; without: attributes that it does not have."""

    type: str
    fits: Callable[[NodeDef], bool] = lambda node: True
    inputs: int | None = None
    outputs: int | None = None
    without: tuple[str, ...] = ()


def _is_single(node: NodeDef) -> bool:
    """Whether it computes in float32: the older operation knows nothing else."""
    return all(node.attr[attr].type == 1 for attr in ("T", "U") if attr in node.attr)


_INSTEAD: dict[str, _Instead] = {
    "AddV2": _Instead("Add"),
    "BatchMatMulV2": _Instead("BatchMatMul"),
    "FusedBatchNormV3": _Instead("FusedBatchNorm", _is_single, outputs=5, without=("U",)),
    "FusedBatchNormGradV3": _Instead("FusedBatchNormGrad", _is_single, inputs=5, without=("U",)),
    "Snapshot": _Instead("Identity"),
}
