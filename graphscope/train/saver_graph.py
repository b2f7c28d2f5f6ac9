"""The operations with which a Saver saves and restores, under TensorFlow's names."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from graphscope.formats.messages import SaverDef
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import saving
from graphscope.ops.array import identity
from graphscope.ops.constants import constant, placeholder_with_default
from graphscope.ops.control_flow import group
from graphscope.ops.joining import stack
from graphscope.ops.text import string_join
from graphscope.train.saveables import SaveableObject

_CPU = "/device:CPU:0"


def build(
    saveables: Sequence[SaveableObject],
    *,
    name: str | None,
    filename: str | None,
    sharded: bool,
    reshape: bool,
    max_to_keep: int,
    keep_checkpoint_every_n_hours: float,
) -> SaverDef:
    """Add them to the default graph. Returns how they are called."""
    graph = get_default_graph()
    with name_scope(name, "save", _tensors(saveables)):
        given = placeholder_with_default(filename or "model", shape=(), name="filename")
        path = placeholder_with_default(given, shape=(), name="Const")
        if sharded:
            saved = _save_shards(path, _by_device(saveables))
            parts = []
            for device, some in _by_device(saveables):
                with graph.device(device):
                    assigned = _restore(path, some, reshape)
                    parts.append(group(*assigned, name="restore_shard"))
            restored = group(*parts, name="restore_all")
        else:
            saved = _save(path, path, saveables)
            restored = group(*_restore(path, saveables, reshape), name="restore_all")
    return SaverDef(
        filename_tensor_name=path.name,
        save_tensor_name=saved.name,
        restore_op_name=restored.name,
        max_to_keep=max_to_keep,
        sharded=sharded,
        keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
        version=SaverDef.V2,
    )


def _tensors(saveables: Sequence[SaveableObject]) -> list[Any]:
    return [saveable.op for saveable in saveables if isinstance(saveable.op, Tensor)]


def _save(path: Tensor, result: Tensor, saveables: Sequence[SaveableObject]) -> Tensor:
    """Writes all of them to the path; gives `result` once that is done."""
    specs = [spec for saveable in saveables for spec in saveable.specs]
    tensors = [spec.tensor() if callable(spec.tensor) else spec.tensor for spec in specs]
    saved = saving.save_v2(
        path,
        [spec.name for spec in specs],
        [spec.slice_spec for spec in specs],
        tensors,
        name="SaveV2",
    )
    graph = saved.graph
    with graph.control_dependencies([saved]), graph.colocate_with(result.op):
        return identity(result, name="control_dependency")


def _restore(path: Tensor, saveables: Sequence[SaveableObject], reshape: bool) -> list[Any]:
    """What puts the values of all of them in their places."""
    specs = [spec for saveable in saveables for spec in saveable.specs]
    with get_default_graph().device(_CPU):
        values = saving.restore_v2(
            path,
            [spec.name for spec in specs],
            [spec.slice_spec for spec in specs],
            [spec.tensor.dtype.base_dtype for spec in specs],
            name="RestoreV2",
        )
    found, at = [], 0
    for saveable in saveables:
        own = values[at : at + len(saveable.specs)]
        at += len(own)
        sizes = [spec.tensor.shape.as_list() for spec in saveable.specs] if reshape else None
        found.append(saveable.restore(own, sizes))
    return found


def _by_device(saveables: Sequence[SaveableObject]) -> list[tuple[str, list[SaveableObject]]]:
    """What is on each device, by its name."""
    found: dict[str, list[SaveableObject]] = {}
    for saveable in saveables:
        device = getattr(saveable.op, "device", "") or _CPU
        found.setdefault(device, []).append(saveable)
    return sorted(found.items())


def _save_shards(path: Tensor, shards: list[tuple[str, list[SaveableObject]]]) -> Tensor:
    """Writes each device's part to a file of its own, and makes one checkpoint of them."""
    graph = get_default_graph()
    begun = string_join([path, f"_temp_{uuid.uuid4().hex}/part"])
    count = constant(len(shards), name="num_shards")
    names = []
    for number, (device, saveables) in enumerate(shards):
        with graph.device(device):
            name = saving.sharded_filename(begun, number, count)
            names.append(_save(name, name, saveables))
    with graph.device(_CPU), graph.control_dependencies([name.op for name in names]):
        shown = [name.op.inputs[0] for name in names]
        merged = saving.merge_v2_checkpoints(
            stack(shown, name="MergeV2Checkpoints/checkpoint_prefixes"),
            path,
            name="MergeV2Checkpoints",
        )
        with graph.control_dependencies([merged]):
            return identity(path)
