"""Variables into checkpoints, and values out of them.

The Saver's graphs hold these operations, here as in TensorFlow. What is written is of the second
version always; the operations of the first read both.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import Any_, String, op
from graphscope.graph.dtypes import DType, as_dtype, string
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops import checkpoints
from graphscope.ops.streams import boxed


def _texts(array: Any) -> list[str]:
    return [text.decode() for text in array.reshape(-1).tolist()]


def _path(array: Any) -> str:
    return os.fsdecode(array.item())


@op("SaveV2", kind="state", outputs=0, differentiable=False)
def _save(
    prefix: String,
    tensor_names: String,
    shape_and_slices: String,
    tensors: list[Any_],
    *,
    dtypes: tuple[DType, ...],
) -> None:
    """Writes the tensors into a checkpoint under their names.

    shape_and_slices: for each "", or which part of a larger one it is: ``"6 1 0,2:0,1"``.
    """
    named = zip(_texts(tensor_names), _texts(shape_and_slices), dtypes, tensors, strict=True)
    checkpoints.write(_path(prefix), list(named))


def _unknown(*_: Any, dtypes: Any, **__: Any) -> tuple[TensorShape, ...]:
    return tuple(TensorShape(None) for _ in dtypes)


@op("RestoreV2", kind="input", shape=_unknown, dtype="dtypes", differentiable=False)
def _restore(
    prefix: String, tensor_names: String, shape_and_slices: String, *, dtypes: tuple[DType, ...]
) -> Any:
    """The values that a checkpoint has under the names, whole or in part."""
    stored = checkpoints.Checkpoint(_path(prefix))
    named = zip(_texts(tensor_names), _texts(shape_and_slices), dtypes, strict=True)
    return tuple(_value(stored, name, text, as_dtype(dtype)) for name, text, dtype in named)


def _value(stored: checkpoints.Checkpoint, name: str, text: str, dtype: DType) -> Any:
    """Errors: NotFoundError without the name, ValueError for another type or shape."""
    part = checkpoints.part_of(text)
    held = stored.held.get(name)
    if held is not None and held.dtype is not dtype:
        raise ValueError(
            f"tensor_name = {name}; expected dtype {dtype.name} does not equal original dtype "
            f"{held.dtype.name}"
        )
    if held is not None and part is not None and part.shape != held.shape:
        raise ValueError(
            f"tensor_name = {name}; shape in shape_and_slice spec {TensorShape(part.shape).short} "
            f"does not match the shape stored in checkpoint: {TensorShape(held.shape).short}"
        )
    return stored.value(name, None if part is None else part.extent)


@op("MergeV2Checkpoints", kind="state", outputs=0, differentiable=False)
def _merge(
    checkpoint_prefixes: String, destination_prefix: String, *, delete_old_dirs: bool = True
) -> None:
    """One checkpoint of several, which are gone then."""
    parts = [os.fsdecode(text) for text in checkpoint_prefixes.reshape(-1).tolist()]
    checkpoints.merge(parts, _path(destination_prefix))
    for folder in {os.path.dirname(part) for part in parts} if delete_old_dirs else ():
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)


@op("ShardedFilename", kind="input", dtype=string, shape=shapes.scalar, differentiable=False)
def _sharded_filename(basename: String, shard: Any_, num_shards: Any_) -> String:
    """``basename-00000-of-00002``: the name of one file of several."""
    return boxed(b"%b-%05d-of-%05d" % (basename.item(), shard, num_shards))


@op("ShardedFilespec", kind="input", dtype=string, shape=shapes.scalar, differentiable=False)
def _sharded_filespec(basename: String, num_shards: Any_) -> String:
    """``basename-?????-of-00002``: the names of all files."""
    return boxed(b"%b-?????-of-%05d" % (basename.item(), num_shards))


# ---- the first version --------------------------------------------------------------------------


@op("SaveSlices", kind="state", outputs=0, differentiable=False)
def _save_slices(
    filename: String,
    tensor_names: String,
    shapes_and_slices: String,
    data: list[Any_],
    *,
    T: tuple[DType, ...],
) -> None:
    """Writes the tensors into a checkpoint, which is of the second version here."""
    _save.kernel(filename, tensor_names, shapes_and_slices, data, dtypes=T)


@op("Save", kind="state", outputs=0, differentiable=False)
def _save_whole(
    filename: String, tensor_names: String, data: list[Any_], *, T: tuple[DType, ...]
) -> None:
    """Writes the tensors into a checkpoint, which is of the second version here."""
    texts = np.full(len(data), b"", object)
    _save.kernel(filename, tensor_names, texts, data, dtypes=T)


def _anything(*_: Any, **__: Any) -> TensorShape:
    return TensorShape(None)


@op("RestoreSlice", kind="input", shape=_anything, dtype="dt", differentiable=False)
def _restore_slice(
    file_pattern: String,
    tensor_name: String,
    shape_and_slice: String,
    *,
    dt: DType,
    preferred_shard: int = -1,
) -> Any:
    """The value that a checkpoint has under the name, whole or in part."""
    (value,) = _restore.kernel(file_pattern, tensor_name, shape_and_slice, dtypes=(dt,))
    return value


@op("Restore", kind="input", shape=_anything, dtype="dt", differentiable=False)
def _restore_whole(
    file_pattern: String, tensor_name: String, *, dt: DType, preferred_shard: int = -1
) -> Any:
    """The value that a checkpoint has under the name."""
    (value,) = _restore.kernel(file_pattern, tensor_name, boxed(b""), dtypes=(dt,))
    return value


# ---- making them --------------------------------------------------------------------------------


def save_v2(
    prefix: Any, tensor_names: Any, shape_and_slices: Any, tensors: Any, name: str | None = None
) -> Operation:
    """Writes the tensors into a checkpoint when it runs. Source: tf.raw_ops.SaveV2."""
    dtypes = tuple(tensor.dtype.base_dtype for tensor in tensors)
    return _save.node(prefix, tensor_names, shape_and_slices, tensors, dtypes=dtypes, name=name)


def restore_v2(
    prefix: Any, tensor_names: Any, shape_and_slices: Any, dtypes: Any, name: str | None = None
) -> list[Tensor]:
    """The values that a checkpoint has under the names. Source: tf.raw_ops.RestoreV2."""
    types = tuple(map(as_dtype, dtypes))
    return _restore.node(prefix, tensor_names, shape_and_slices, dtypes=types, name=name).outputs


def sharded_filename(basename: Any, shard: Any, num_shards: Any, name: str | None = None) -> Tensor:
    """The name of one file of several. Source: tf.raw_ops.ShardedFilename."""
    named: Tensor = _sharded_filename(basename, shard, num_shards, name=name)
    return named


def merge_v2_checkpoints(
    checkpoint_prefixes: Any, destination_prefix: Any, name: str | None = None
) -> Operation:
    """One checkpoint of several, when it runs. Source: tf.raw_ops.MergeV2Checkpoints."""
    return _merge.node(checkpoint_prefixes, destination_prefix, name=name)
