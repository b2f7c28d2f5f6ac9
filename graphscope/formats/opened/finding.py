"""Which of TensorFlow's files a path is, and what is in it as messages.

A file is told by its content where that is possible; its name only decides which is tried first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphscope.errors import DataLossError, InvalidArgumentError, NotFoundError, did_you_mean
from graphscope.formats.messages import GraphDef, MetaGraphDef, SavedModel
from graphscope.kernels import collecting, protobuf, tables
from graphscope.kernels.files import content, told
from graphscope.platform import textformat
from graphscope.platform.messages import Message
from graphscope.train.checkpoint_state import beside, state_in

#: What a SavedModel is called in its folder, and where its values are.
SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")
VALUES = os.path.join("variables", "variables")
#: No message is larger, and no file that is read as one.
_LARGEST = (1 << 31) - 1
_DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")
_HEAD = 16


@dataclass
class Found:
    """A file that was recognized. folder: that of a SavedModel. prefix: of a checkpoint."""

    path: str
    kind: str
    format: str = "binary"
    graphs: list[MetaGraphDef] = field(default_factory=list)
    prefix: str = ""
    folder: str = ""
    size: int = 0


def find(path: str) -> Found:
    """What a path is. Errors: NotFoundError when nothing is there, InvalidArgumentError when it is
    no file of TensorFlow, DataLossError when it is a damaged one."""
    if os.path.isdir(path):
        return _in_folder(path)
    if not os.path.isfile(path):
        return _prefix(path)
    size = os.path.getsize(path)
    if _DATA.search(path):
        return _prefix(_DATA.sub("", path))
    with told(path), open(path, "rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - tables.FOOTER))
        foot = file.read()
    if not size:
        raise DataLossError(None, None, f"{path} is empty: what should be in it was not written")
    if tables.is_table(foot):
        return Found(path, "checkpoint", prefix=path.removesuffix(".index"), size=size)
    if path.endswith(".index"):
        raise DataLossError(
            None, None, f"{path} is no index of a checkpoint: not an sstable (bad magic number)"
        )
    if "tfevents" in os.path.basename(path):
        return Found(path, "event file", size=size)
    for sign, what in _FOREIGN.items():
        if head.startswith(sign):
            raise InvalidArgumentError(None, None, f"{path} {what}")
    if size > _LARGEST:
        raise InvalidArgumentError(None, None, f"{path} has {size} bytes: no graph has 2 GB")
    return _message(path, content(path))


_PICKLE = "is a pickle of Python: it is never opened here, since that runs what is in it"
#: Other files that have the same endings, by how they begin.
_FOREIGN = {
    b"\x89HDF": "is an HDF5 file, as Keras writes: it is not read here",
    b"PK\x03\x04": "is a zip archive (.npz, .keras): it is not read here",
    b"\x1f\x8b": "is packed with gzip: unpack it first, gunzip FILE",
    **dict.fromkeys((b"\x80\x02c", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"), _PICKLE),
}


def _in_folder(path: str) -> Found:
    """The model, the checkpoint or the events in a folder."""
    for name in SAVED_MODEL:
        file = os.path.join(path, name)
        if os.path.isfile(file):
            found = find(file)
            found.path = path
            return found
    state = os.path.join(path, "checkpoint")
    if os.path.isfile(state):
        found = _prefix(_newest(state))
        found.path = path
        return found
    with told(path):
        names = sorted(os.listdir(path))
    events = [name for name in names if "tfevents" in name]
    if events:
        return find(os.path.join(path, events[-1]))
    inside = [name for name in names if name.endswith((".meta", ".index", ".pb", ".pbtxt"))]
    hint = f"; open one of its files: {', '.join(inside[:5])}" if inside else ""
    raise NotFoundError(
        None,
        None,
        f"{path} is a folder without a SavedModel (saved_model.pb), a file `checkpoint`, or event "
        f"files{hint}",
    )


def _newest(file: str) -> str:
    """The newest checkpoint that a file `checkpoint` names, in its folder."""
    try:
        newest = state_in(file).model_checkpoint_path
    except (ValueError, TypeError) as error:
        raise DataLossError(None, None, f"{file} is damaged: {error}") from None
    if not newest or "\0" in newest:
        raise DataLossError(None, None, f"{file} is damaged: it names no checkpoint")
    return beside(os.path.dirname(file), newest)


def _prefix(path: str) -> Found:
    """The checkpoint of that prefix."""
    prefix = path.removesuffix(".index")
    if os.path.isfile(f"{prefix}.index"):
        return Found(prefix, "checkpoint", prefix=prefix, size=os.path.getsize(f"{prefix}.index"))
    if os.path.isfile(path):
        found = find(path)
        if found.kind == "checkpoint":
            return found
    beside = os.path.dirname(path) or "."
    if os.path.isdir(beside):
        stem = os.path.basename(prefix)
        with told(beside):
            names = sorted(os.listdir(beside))
        if any(re.fullmatch(rf"{re.escape(stem)}-\d{{5}}-of-\d{{5}}", name) for name in names):
            return Found(path, "checkpoint", prefix=prefix)
        near = [name for name in names if stem and name.startswith(stem)]
        hint = f"there are {', '.join(near[:5])}" if near else did_you_mean(stem, names)
        if hint:
            raise NotFoundError(None, None, f"There is no file {path}: {hint}")
    raise NotFoundError(None, None, f"There is no file {path}")


# ---- messages -----------------------------------------------------------------------------------


def _message(path: str, held: bytes) -> Found:
    """A graph, a meta graph or a SavedModel, binary or text."""
    as_text = _text_of(held)
    kind = _kind_of_text(as_text) if as_text is not None else _kind_of(held, path)
    if kind == "state":
        return _in_folder(os.path.dirname(path) or ".")
    if kind is None:
        raise InvalidArgumentError(
            None,
            None,
            f"{path} is no file of TensorFlow that is known here: no graph (.pb, .pbtxt), meta "
            "graph (.meta), SavedModel, checkpoint or event file",
        )
    message: Any = _MESSAGES[kind]()
    try:
        with collecting.paused():
            if as_text is not None:
                textformat.merge(as_text, message)
            else:
                message.ParseFromString(held)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DataLossError(None, None, f"{path} is damaged: {error}") from None
    found = Found(path, kind, "binary" if as_text is None else "text", size=len(held))
    found.graphs = _graphs_in(message)
    if kind == "SavedModel":
        found.folder = os.path.dirname(path) or "."
        if os.path.isfile(os.path.join(found.folder, f"{VALUES}.index")):
            found.prefix = os.path.join(found.folder, VALUES)
    return found


_MESSAGES: dict[str, type[Message]] = {
    "graph": GraphDef,
    "meta graph": MetaGraphDef,
    "SavedModel": SavedModel,
}


def _graphs_in(message: Any) -> list[MetaGraphDef]:
    if isinstance(message, SavedModel):
        return list(message.meta_graphs)
    if isinstance(message, MetaGraphDef):
        return [message]
    around = MetaGraphDef()
    around.adopt("graph_def", message)
    return [around]


#: By which fields a message is told in text.
_WORDS = {
    "saved_model_schema_version": "SavedModel",
    "meta_graphs": "SavedModel",
    "meta_info_def": "meta graph",
    "graph_def": "meta graph",
    "collection_def": "meta graph",
    "node": "graph",
    "versions": "graph",
    "library": "graph",
    "model_checkpoint_path": "state",
}
_WORD = re.compile(r"^\s*(?:#[^\n]*\n\s*)*([a-z_]+)\s*[:{<]")


def _text_of(held: bytes) -> str | None:
    """The content as text, when it is one: it begins with the name of a field."""
    if not _WORD.match(held[:4096].decode("latin-1")):
        return None
    try:
        return held.decode()
    except UnicodeDecodeError:
        return None


def _kind_of_text(text: str) -> str | None:
    found = _WORD.match(text)
    return _WORDS.get(found[1]) if found else None


def _kind_of(held: bytes, path: str) -> str | None:
    """Which message bytes are: by the fields at its beginning, and what is in them. What begins
    with nothing that is known is what its name says: it may be damaged."""
    for number, wire_type, value in _beginning(held):
        if number == 1 and wire_type == 0:
            return "SavedModel"
        if number == 1 and isinstance(value, bytes):
            return "graph" if _is_node(value) else "meta graph"
        if number == 2 and isinstance(value, bytes):
            nodes = (inner for n, _, inner in _beginning(value) if n == 1)
            return "meta graph" if any(map(_is_node, nodes)) else "graph"
        if number == 4 and isinstance(value, bytes):
            return "graph"
    name = os.path.basename(path)
    return next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), None)


_ENDINGS = {"saved_model.pb": "SavedModel", ".meta": "meta graph", ".pb": "graph"}
_TYPE = re.compile(rb"[A-Za-z_][A-Za-z0-9_>]*")


def _is_node(held: Any) -> bool:
    """Whether bytes are a node: its name and its type come first. (In the place of the type, a meta
    graph has a list of operations.)"""
    if not isinstance(held, bytes):
        return False
    inside = {number: value for number, _, value in _beginning(held)}
    name, type = inside.get(1), inside.get(2)
    return isinstance(name, bytes) and isinstance(type, bytes) and bool(_TYPE.fullmatch(type))


_FIRST = 8


def _beginning(held: bytes) -> list[tuple[int, int, Any]]:
    """The first fields of a message, as far as it is one."""
    found = []
    fields: Iterator[Any] = protobuf.typed_fields(held)
    try:
        for each in fields:
            found.append(each)
            if len(found) == _FIRST:
                break
    except ValueError:
        return []
    return found
