"""What is compared: the variables of a session, the tensors of a checkpoint, the arrays of an .npz.

A checkpoint may be larger than the memory: of a `Side` names, types and shapes are known, and a
value is read when it is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.graph.graph import Graph, Operation
from graphscope.kernels.bundles import Extent
from graphscope.ops.checkpoints import Checkpoint
from graphscope.ops.graph_keys import GraphKeys
from graphscope.train.checkpoint_state import latest_checkpoint

#: Files that belong to a checkpoint, whose prefix is meant.
_OF_CHECKPOINT = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")


@dataclass(frozen=True)
class Kind:
    """The type and the shape of a tensor; a size that is not known is None."""

    dtype: str
    shape: tuple[Any, ...]

    def fits(self, other: Kind) -> bool:
        pairs = zip(self.shape, other.shape, strict=False)
        return len(self.shape) == len(other.shape) and all(
            a is None or b is None or a == b for a, b in pairs
        )

    def __str__(self) -> str:
        return f"{self.dtype} [{','.join('?' if n is None else str(n) for n in self.shape)}]"


@dataclass(frozen=True)
class Side:
    """One of two that are compared.

    label:    what it is called; empty for a session.
    kinds:    types and shapes by names. value: the value of a name.
    owners:   for a slot the variable beside which it is kept, by their names.
    converts: a number counts as the same in another type.
    nodes:    the variables of a session; shown: how they are called when it is told; parts: the
              part of a larger variable that one of them is.
    """

    label: str
    kinds: Mapping[str, Kind]
    value: Callable[[str], Any]
    owners: Mapping[str, str]
    converts: bool = False
    nodes: Mapping[str, Operation] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, Extent]] = field(default_factory=dict)


def of_session(state: State, facts: Facts, names: Names) -> Side:
    """The variables of a session."""
    by_name = {op.name: op for op in facts.variables}
    slots = {slot.variable.name: slot.owner for slot in facts.slots}
    return Side(
        label="",
        kinds={name: _kind(op) for name, op in by_name.items()},
        value=state.variables.get,
        owners={name: owner.name for name, owner in slots.items() if owner is not None},
        nodes=by_name,
        shown={name: names.of(op) for name, op in by_name.items()},
        parts=_parts(facts.graph),
    )


def _kind(op: Operation) -> Kind:
    tensor = op.outputs[0]
    sizes = tensor.shape.sizes
    return Kind(tensor.dtype.base_dtype.name, tuple(sizes) if sizes is not None else ())


def _parts(graph: Graph) -> dict[str, tuple[str, Extent]]:
    """Which variables are parts of larger ones, that a checkpoint has as a whole."""
    found = {}
    for variable in graph.get_collection(GraphKeys.GLOBAL_VARIABLES):
        part = variable._get_save_slice_info()
        if part is not None:
            pairs = zip(part.var_offset, part.var_shape, strict=True)
            extent = tuple((int(at), int(size)) for at, size in pairs)
            found[variable.op.name] = (part.full_name, extent)
    return found


# ---- files --------------------------------------------------------------------------------------


def of_file(name: str, beside: Side | None) -> Side:
    """The tensors of a file: an .npz, a checkpoint, or the latest one in a folder.

    beside: what it is compared with: parts of a variable are looked for in the whole.
    Errors: DebugError when it cannot be read.
    """
    path = os.path.expanduser(name)
    try:
        if path.endswith(".npz"):
            return _of_arrays(name, path)
        return _of_checkpoint(name, path, {} if beside is None else beside.parts)
    except OpError as error:
        raise DebugError(f"{name} cannot be read: {error.message}.") from None
    except (OSError, ValueError) as error:
        raise DebugError(f"{name} cannot be read: {error}.") from None


def _of_arrays(name: str, path: str) -> Side:
    with np.load(Path(path), allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    kinds = {key: Kind(value.dtype.name, value.shape) for key, value in arrays.items()}
    return Side(name, kinds, arrays.__getitem__, owners_by_name(kinds), converts=True)


def _of_checkpoint(name: str, path: str, parts: Mapping[str, tuple[str, Extent]]) -> Side:
    prefix = _prefix(name, path)
    opened = Checkpoint(prefix)
    kinds = {k: Kind(held.dtype.name, held.shape) for k, held in sorted(opened.held.items())}
    own = {part: whole for part, whole in parts.items() if whole[0] in kinds}
    for part, (_, extent) in own.items():
        dtype = kinds[own[part][0]].dtype
        kinds[part] = Kind(dtype, tuple(size for _, size in extent))
    for whole in {whole for whole, _ in own.values()}:
        del kinds[whole]

    def value(key: str) -> Any:
        try:
            return opened.value(*own[key]) if key in own else opened.value(key)
        except OpError as error:
            raise DebugError(f"{key} of {name} cannot be read: {error.message}.") from None

    return Side(prefix if prefix != path else name, kinds, value, owners_by_name(kinds))


def _prefix(name: str, path: str) -> str:
    """The prefix of the checkpoint that is meant. Errors: DebugError when there is none."""
    if os.path.isdir(path):
        newest = latest_checkpoint(path)
        if newest is None:
            raise DebugError(
                f"The folder {name} has no checkpoint that its 'checkpoint' file names."
            )
        return newest
    prefix = _OF_CHECKPOINT.sub("", path)
    if os.path.exists(f"{prefix}.index"):
        return prefix
    if not os.path.exists(path):
        beside = os.path.dirname(path) or "."
        known = sorted(_checkpoints_in(beside)) if os.path.isdir(beside) else []
        there = f" In {beside} there are {', '.join(known[:6])}." if known else ""
        raise DebugError(
            f"There is no checkpoint {name}, and no file: a checkpoint is named by what is before "
            f".index.{there}"
        )
    return path


def _checkpoints_in(folder: str) -> Iterable[str]:
    return (n.removesuffix(".index") for n in os.listdir(folder) if n.endswith(".index"))


def owners_by_name(names: Iterable[str]) -> dict[str, str]:
    """For each slot the variable beside which it is kept: ``W`` for ``W/Adam``. Slots of resource
    variables repeat the scope: ``net/net/W/Adam``."""
    known = set(names)
    found = {}
    for name in known:
        owner = name.rpartition("/")[0]
        while owner and owner not in known:
            owner = owner.partition("/")[2] if _repeats(owner) else ""
        if owner:
            found[name] = owner
    return found


def _repeats(owner: str) -> bool:
    """Whether the first scope stands there twice."""
    first, _, rest = owner.partition("/")
    return rest.startswith(f"{first}/")
