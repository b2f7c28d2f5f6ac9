"""Other names for the nodes of a file, wherever they are told: in inputs, collections, Savers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

import numpy as np

from graphscope.formats.attributes import message_of, tensor_message, value_of
from graphscope.formats.edits.draft import Draft, Edited, unknown
from graphscope.formats.edits.freezing import CUT
from graphscope.formats.edits.told_names import renamed_bytes
from graphscope.formats.edits.versions import nodes
from graphscope.formats.frames import maker
from graphscope.formats.messages import CollectionDef, MetaGraphDef, NodeDef
from graphscope.formats.meta_graphs import renamed as renamed_saver
from graphscope.graph.dtypes import string
from graphscope.ops import checkpoints
from graphscope.platform.tensors import array_of

_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_SAVING = ("SaveV2", "RestoreV2", "Save", "SaveSlices", "Restore", "RestoreSlice")
_SHARED = ("shared_name", "var_name")
Rename = Callable[[str], str]


def rename(meta_graph: MetaGraphDef, names: Mapping[str, str], checkpoint: bool = False) -> Edited:
    """Call nodes otherwise.

    names: the new names by the old ones, of variables, of other nodes, or of scopes. What is below
    a name goes with it: ``W`` brings ``W/read`` and ``W/Adam``.
    checkpoint: the Savers in the file use the new names too, for a checkpoint that
    `rename_checkpoint` has written. Without it they find the old checkpoint under the old names.
    Errors: ValueError for a name that is not there, or that is taken.
    """
    draft = Draft(meta_graph)
    plain = {old.partition(":")[0]: new.partition(":")[0] for old, new in names.items()}
    renaming = _renaming(plain)
    _check(draft, plain, renaming)
    draft.forgets_loops = True
    for old, new in plain.items():
        count = sum(_is_below(name, old) for name in draft.nodes)
        draft.said.append(f"{old} -> {new}: {nodes(count)}")
    saved = _rename_saved(draft, renaming, change=checkpoint)
    _rename_nodes(draft, renaming)
    _rename_around(draft, renaming)
    if saved and not checkpoint:
        some = ", ".join(saved[:4]) + (f" and {len(saved) - 4} more" if len(saved) > 4 else "")
        draft.said.append(
            f"the file's Saver reads and writes {some} in checkpoints as before; --checkpoint "
            "PREFIX renames what is in a checkpoint too"
        )
    return draft.edited()


def rename_checkpoint(prefix: str, names: Mapping[str, str], output: str) -> tuple[str, ...]:
    """Write a checkpoint with other names for its tensors. Returns what was renamed, as sentences.

    names: as for `rename`. output: the prefix of the new checkpoint, of the second version.
    Errors: NotFoundError and DataLossError for a checkpoint that cannot be read; ValueError when
    two tensors would have one name, or when it is the same checkpoint.
    """
    return changed_checkpoint(prefix, output, names=names)


def changed_checkpoint(
    prefix: str,
    output: str,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, float] | None = None,
) -> tuple[str, ...]:
    """Write a checkpoint with other names and other values. Returns what is another, as sentences.

    values: new values by the tensors' old names; one number fills a whole tensor.
    Errors: as for `rename_checkpoint`; NotFoundError for a value of a tensor that is not there.
    """
    if os.path.abspath(prefix) == os.path.abspath(output):
        raise ValueError(f"{output} is the checkpoint that is read: write to another one.")
    held = checkpoints.Checkpoint(prefix)
    plain = {old.partition(":")[0]: new.partition(":")[0] for old, new in (names or {}).items()}
    renaming = _renaming(plain)
    pairs = {name: renaming(name) for name in held.held}
    found: dict[str, str] = {}
    for old, new in pairs.items():
        if found.setdefault(new, old) != old:
            raise ValueError(f"{found[new]} and {old} of {prefix} would both be called {new}.")
    said = [f"{old} -> {new} in {output}" for old, new in pairs.items() if old != new]
    rows = {old: (new, "", held.held[old].dtype, held.value(old)) for old, new in pairs.items()}
    for name, value in (values or {}).items():
        before = held.value(name)
        said.append(f"{name} in {output}: {before.reshape(-1)[0]:g} -> {value:g}")
        rows[name] = (*rows[name][:3], np.full_like(before, value))
    checkpoints.write(output, sorted(rows.values(), key=lambda row: row[0]))
    return tuple(said)


def _is_below(name: str, old: str) -> bool:
    return name == old or name.startswith(f"{old}/")


def _renaming(names: Mapping[str, str]) -> Rename:
    """What is called how. It keeps ``^``, ``:0`` and ``loc:@`` around the names."""
    longest = sorted(names, key=len, reverse=True)

    def renamed(text: str) -> str:
        for mark in ("^", "loc:@"):
            if text.startswith(mark):
                return mark + renamed(text.removeprefix(mark))
        name, colon, rest = text.partition(":")
        for old in longest:
            if _is_below(name, old):
                return names[old] + name.removeprefix(old) + colon + rest
        return text

    return renamed


def _check(draft: Draft, names: Mapping[str, str], renaming: Rename) -> None:
    for old, new in names.items():
        if not _NAME.match(new):
            raise ValueError(f"{new!r} is no name for a node: letters, digits and _ . - /")
        if not any(_is_below(name, old) for name in draft.nodes):
            scopes = {name.rpartition("/")[0] for name in draft.nodes}
            raise unknown("The file has no node or scope", old, [*draft.nodes, *scopes])
    found: dict[str, str] = {}
    for name in draft.nodes:
        other = found.setdefault(renaming(name), name)
        if other != name:
            raise ValueError(f"{other} and {name} would both be called {renaming(name)}.")


# ---- nodes --------------------------------------------------------------------------------------


def _rename_nodes(draft: Draft, renaming: Rename) -> None:
    for name in list(draft.nodes):
        node = draft.nodes[name]
        inputs = [renaming(reference) for reference in node.input]
        places = value_of(node.attr["_class"]) if "_class" in node.attr else []
        beside = [renaming(text) for text in places if isinstance(text, str)]
        shared = {key: _shared(node, key, renaming) for key in _SHARED if key in node.attr}
        same = [bytes(node.attr[key].s) == text for key, text in shared.items()]
        if [name, *node.input, *places] == [renaming(name), *inputs, *beside] and all(same):
            continue
        made = draft.changed(name)
        made.name = renaming(name)
        made.input[:] = inputs
        if CUT in made.attr:
            notes = [" ".join(map(renaming, str(t).split(" "))) for t in value_of(made.attr[CUT])]
            made.attr[CUT].CopyFrom(message_of("list(string)", notes))
        if beside:
            made.attr["_class"].CopyFrom(message_of("list(string)", beside))
        for key, text in shared.items():
            made.attr[key].s = text
    draft.nodes = {node.name: node for node in draft.nodes.values()}


def _shared(node: NodeDef, key: str, renaming: Rename) -> bytes:
    """Under which name a session keeps a variable; it is the node's own, as a rule."""
    text = bytes(node.attr[key].s)
    return renaming(text.decode()).encode() if text == node.name.encode() else text


def _rename_saved(draft: Draft, renaming: Rename, change: bool) -> list[str]:
    """Under which names the Savers find what is renamed; they are changed if it is asked for."""
    found: dict[str, None] = {}
    for node in list(draft.nodes.values()):
        if node.op not in _SAVING or len(node.input) < 2:
            continue
        held = maker(node.input[1])[0]
        if held not in draft.nodes or draft.nodes[held].op != "Const":
            continue
        array = array_of(draft.nodes[held].attr["value"].tensor)
        texts = [text.decode() for text in np.ravel(array).tolist()]
        new = [renaming(text) for text in texts]
        found.update(dict.fromkeys(a for a, b in zip(texts, new, strict=True) if a != b))
        if change and texts != new:
            value = np.empty(np.shape(array), object)
            value.reshape(-1)[:] = [text.encode() for text in new]
            message = message_of("tensor", tensor_message(value, string))
            draft.changed(held).attr["value"].CopyFrom(message)
    return list(found)


# ---- around the graph ---------------------------------------------------------------------------


def _rename_around(draft: Draft, renaming: Rename) -> None:
    """Names in collections, in the Saver's definition and in signatures."""

    def change(key: str, collection: CollectionDef) -> CollectionDef:
        made = CollectionDef()
        made.CopyFrom(collection)
        kind = collection.WhichOneof("kind")
        if kind == "node_list":
            made.node_list.value[:] = [renaming(name) for name in collection.node_list.value]
        elif kind == "bytes_list":
            told = collection.bytes_list.value
            made.bytes_list.value[:] = [renamed_bytes(key, one, renaming) for one in told]
        return made

    draft.change_collections(change)
    message = draft.meta_graph
    if message.HasField("saver_def"):
        message.adopt("saver_def", renamed_saver(message.saver_def, renaming))
    signatures = type(message.signature_def)()
    for key, signature in message.signature_def.items():
        signatures[key].CopyFrom(signature)
        for side in (signatures[key].inputs, signatures[key].outputs):
            for info in side.values():
                info.name = renaming(info.name)
    message.__dict__["signature_def"] = signatures
