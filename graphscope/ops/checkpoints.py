"""Checkpoints as arrays: what is in one, of either version, and how values get into a new one."""

from __future__ import annotations

import glob
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.errors import DataLossError, NotFoundError
from graphscope.graph.dtypes import DType, as_dtype, bfloat16, string
from graphscope.kernels import bundles, old_checkpoints
from graphscope.kernels.bundles import Entry, Extent
from graphscope.kernels.records import crc32c

Array = NDArray[Any]


class Held(NamedTuple):
    """What a checkpoint holds under a name."""

    dtype: DType
    shape: tuple[int, ...]


class Checkpoint:
    """The tensors in a checkpoint.

    prefix: as `Saver.save` returned it. Errors: NotFoundError when there is none; DataLossError
    when it is damaged.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._source: _New | _Old
        if os.path.exists(prefix + ".index"):
            with _damaged(prefix + ".index"):
                self._source = _New(bundles.opened(prefix))
        else:
            paths = [prefix] if os.path.isfile(prefix) else _shards(prefix)
            if not paths:
                raise NotFoundError(
                    None,
                    None,
                    "Unsuccessful TensorSliceReader constructor: Failed to find any matching files "
                    f"for {prefix}",
                )
            with _damaged(paths[0]):
                self._source = _Old([old_checkpoints.opened(path) for path in paths], paths)
        with _damaged(prefix):
            self.held = {
                name: Held(as_dtype(entry.dtype), entry.shape)
                for name, entry in self._source.entries.items()
            }

    @property
    def version(self) -> int:
        """1 or 2: which format it has."""
        return 2 if isinstance(self._source, _New) else 1

    @property
    def files(self) -> list[str]:
        """The paths of the files that it is in; not all of them need be there."""
        return self._source.files

    def parts(self, name: str) -> int:
        """In how many parts a tensor is stored; 0 for one that is whole."""
        parts = self._source.entries[name].parts
        return 0 if len(parts) < 2 else len(parts)

    def value(self, name: str, part: Extent | None = None) -> Array:
        """The value under a name, or a part of it. Errors: NotFoundError, DataLossError."""
        if name not in self.held:
            raise NotFoundError(None, None, f"Key {name} not found in checkpoint")
        with _damaged(self.prefix, name):
            held = self.held[name]
            wanted = _full(part or ((0, -1),) * len(held.shape), held.shape)
            for own, stored in self._source.pieces(name, held):
                if own == wanted:
                    value: Array = stored()
                    return value
            return _put_together(held, wanted, self._source.pieces(name, held))


class _New:
    """A checkpoint of the second version."""

    def __init__(self, bundle: bundles.Bundle) -> None:
        if bundle.is_big_endian:
            raise ValueError("it was written by a computer of another byte order")
        self._bundle = bundle
        keys = (key for key in bundle.entries if not key.startswith(b"\0"))
        self.entries = {key.decode(): bundle.entries[key] for key in keys}
        shards = sorted({e.shard for e in bundle.entries.values() if not e.parts})
        data = [bundles.data_path(bundle.prefix, shard, bundle.shards) for shard in shards]
        self.files = [f"{bundle.prefix}.index", *data]

    def pieces(self, name: str, held: Held) -> Iterator[Any]:
        entry = self.entries[name]
        if not entry.parts:
            yield _full(((0, -1),) * len(held.shape), held.shape), lambda: self._array(entry)
        for part in entry.parts:
            extent = _full(part, held.shape)
            found = self._bundle.entries.get(bundles.slice_key(name, part))
            if found is None:
                raise ValueError("a part of it is missing")
            if found.shape != tuple(size for _, size in extent):
                raise ValueError("a part does not have the shape that its name tells")
            yield extent, lambda found=found: self._array(found)

    def _array(self, entry: Entry) -> Array:
        dtype, count = as_dtype(entry.dtype), math.prod(entry.shape)
        if dtype is not string and entry.size != count * dtype.size:
            raise ValueError(f"{entry.size} bytes are not the {count} elements of its shape")
        packed = self._bundle.bytes_of(entry)
        if dtype is string:
            texts = bundles.texts_of(packed, count, entry.crc)
            return _array_of(texts, dtype, entry.shape)
        if dtype is bfloat16:
            wide: Array = np.frombuffer(packed, "<u2").astype(np.uint32) << 16
            return wide.view(np.float32).reshape(entry.shape)
        elements: Array = np.frombuffer(packed, dtype.numpy).copy()
        return elements.reshape(entry.shape)


class _Old:
    """A checkpoint of the first version; its parts may be in several files."""

    def __init__(self, files: Sequence[old_checkpoints.Slices], paths: list[str]) -> None:
        self._files, self.files = files, paths
        self.entries: dict[str, Entry] = {}
        for file in files:
            for name, entry in file.entries.items():
                before = self.entries.setdefault(name, entry)
                if (before.dtype, before.shape) != (entry.dtype, entry.shape):
                    raise ValueError(f"the files of the checkpoint differ about {name}")

    def pieces(self, name: str, held: Held) -> Iterator[Any]:
        for file in self._files:
            for part in file.entries[name].parts if name in file.entries else ():
                extent = _full(part, held.shape)
                shape = tuple(size for _, size in extent)
                found = file.values[bundles.slice_key(name, part)]

                def stored(found: bytes = found, shape: tuple[int, ...] = shape) -> Array:
                    elements = old_checkpoints.elements(found, held.dtype.as_datatype_enum)
                    return _array_of(elements, held.dtype, shape)

                yield extent, stored


def _array_of(elements: Any, dtype: DType, shape: tuple[int, ...]) -> Array:
    """The array of a shape with these elements. Errors: ValueError when they are not as many."""
    if dtype is string:
        array = np.empty(len(elements), object)
        array[:] = elements
    else:
        array = np.asarray(elements, dtype.numpy)
    return array.reshape(shape)


def _full(part: Extent, shape: tuple[int, ...]) -> Extent:
    """The part with its lengths. Errors: ValueError for one that is not inside."""
    if len(part) != len(shape):
        raise ValueError(f"a part along {len(part)} axes of a tensor that has {len(shape)}")
    sizes = zip(part, shape, strict=True)
    full = tuple((at, size - at if length < 0 else length) for (at, length), size in sizes)
    if any(at < 0 or n < 0 or at + n > size for (at, n), size in zip(full, shape, strict=True)):
        raise ValueError(f"the part {full} is not inside of {shape}")
    return full


def _put_together(held: Held, wanted: Extent, pieces: Iterator[Any]) -> Array:
    """The wanted part out of those that are stored."""
    out: Array | None = None
    missing = math.prod(size for _, size in wanted)
    for extent, stored in pieces:
        cut = [
            (max(a, b), min(a + n, b + m)) for (a, n), (b, m) in zip(wanted, extent, strict=True)
        ]
        if any(low >= high for low, high in cut):
            continue
        piece = stored()
        if out is None:
            out = np.empty([size for _, size in wanted], piece.dtype)
        into = tuple(slice(lo - a, hi - a) for (lo, hi), (a, _) in zip(cut, wanted, strict=True))
        of = tuple(slice(lo - b, hi - b) for (lo, hi), (b, _) in zip(cut, extent, strict=True))
        out[into] = piece[of]
        missing -= math.prod(hi - lo for lo, hi in cut)
    if missing or out is None:
        raise ValueError("its parts do not cover it")
    return out


def _shards(prefix: str) -> list[str]:
    """The files of a checkpoint of the first version; the prefix may be a pattern itself."""
    found = glob.glob(f"{glob.escape(prefix)}-?????-of-?????")
    named = glob.glob(prefix) if prefix.endswith("-?????-of-?????") else []
    return sorted(found or named)


@contextmanager
def _damaged(path: str, name: str = "") -> Iterator[None]:
    """What does not fit together in a file is one error, which names the file."""
    try:
        yield
    except (ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        what = f"{name} in {path}" if name else path
        raise DataLossError(None, None, f"Unable to read {what}: Data loss: {error}") from None


# ---- writing ------------------------------------------------------------------------------------


class Part(NamedTuple):
    """Which part of a larger tensor a value is; `text` is its name in a graph."""

    shape: tuple[int, ...]
    extent: Extent


def part_of(text: str) -> Part | None:
    """``"6 1 0,2:0,1"``: the whole's sizes, and for each axis where the part begins and how long
    it is. None for "", the whole. Errors: ValueError for anything else."""
    if not text:
        return None
    try:
        *sizes, extent = text.split(" ")
        pairs = [pair.split(",") if pair != "-" else ("0", "-1") for pair in extent.split(":")]
        found = Part(tuple(map(int, sizes)), tuple((int(at), int(size)) for at, size in pairs))
        return Part(found.shape, _full(found.extent, found.shape))
    except ValueError:
        raise ValueError(f"Could not parse the part of a tensor: {text!r}") from None


def write(prefix: str, values: Sequence[tuple[str, str, DType, Array]]) -> None:
    """A checkpoint of the second version. values: name, part (or ""), type and array of each."""
    writing = bundles.Writing(prefix)
    try:
        for name, text, dtype, array in values:
            number, part = dtype.as_datatype_enum, part_of(text)
            key = name.encode()
            if part is not None:
                key = writing.add_parted(name, number, part.shape, part.extent)
            packed, crc = _packed(dtype, array)
            writing.add(key, number, array.shape, packed, crc)
        writing.finish()
    except BaseException:
        writing.give_up()
        raise


def _packed(dtype: DType, array: Array) -> tuple[bytes, int]:
    """A tensor's bytes, and their checksum."""
    if dtype is string:
        return bundles.packed_texts(array.ravel().tolist())
    if dtype is bfloat16:
        array = (np.asarray(array, np.float32).view(np.uint32) >> 16).astype("<u2")
    packed = array.tobytes()
    return packed, crc32c(packed)


def merge(prefixes: Sequence[str], destination: str) -> None:
    """One checkpoint out of several, whose files are removed then. Errors: as for `Checkpoint`."""
    writing = bundles.Writing(destination)
    paths = []
    try:
        for prefix in prefixes:
            with _damaged(prefix):
                bundle = bundles.opened(prefix)
                writing.take_over(bundle)
            numbers = range(bundle.shards)
            paths += [bundles.data_path(prefix, number, bundle.shards) for number in numbers]
            paths.append(prefix + ".index")
        writing.finish()
    except BaseException:
        writing.give_up()
        raise
    for path in paths:
        os.remove(path)
