"""Checkpoints of the second version: tensors as bytes in data files, and a table that names them.

``P.index`` is a table: under the empty key a header, under each name an entry with type, shape,
place and checksum. ``P.data-00000-of-00001`` has the bytes one after the other. A part of a larger
tensor is an entry of its own, whose key `slice_key` makes.
Source: tensorflow/core/util/tensor_bundle and tensorflow/core/protobuf/tensor_bundle.proto.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphscope.kernels import tables
from graphscope.kernels.files import content, told
from graphscope.kernels.protobuf import data, fields, read_varint, varint, whole
from graphscope.kernels.records import crc32c, masked

_STRING = 7
_FIXED32 = 5
_MOST_SHARDS = 99_999

#: Where a part begins along each axis, and how long it is; -1 for all of it.
Extent = tuple[tuple[int, int], ...]


class Entry(NamedTuple):
    """What the index says of a tensor. parts: those in which it is kept, when it is not whole."""

    dtype: int
    shape: tuple[int, ...]
    shard: int = 0
    offset: int = 0
    size: int = 0
    crc: int = 0
    parts: tuple[Extent, ...] = ()


# ---- messages -----------------------------------------------------------------------------------


def signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def shape_of(message: bytes) -> tuple[int, ...]:
    """The sizes in a TensorShapeProto. Errors: ValueError for negative ones, or far too many."""
    sizes = []
    for number, dim in fields(message):
        if number == 2 and isinstance(dim, bytes):
            found = dict(fields(dim)).get(1, 0)
            sizes.append(signed(found) if isinstance(found, int) else -1)
    if any(size < 0 for size in sizes) or len(sizes) > 254 or math.prod(sizes) >= 1 << 62:
        raise ValueError(f"a tensor has the impossible shape {sizes}")
    return tuple(sizes)


def shape_message(shape: Iterable[int]) -> bytes:
    return b"".join(data(2, whole(1, size)) for size in shape)


def extent_of(message: bytes) -> Extent:
    """The part in a TensorSliceProto."""
    extent = []
    for _, part in fields(message):
        found = dict(fields(part)) if isinstance(part, bytes) else {}
        start, length = found.get(1, 0), found.get(2, (1 << 64) - 1)
        if not isinstance(start, int) or not isinstance(length, int):
            raise ValueError("a part of a tensor is told wrongly")
        extent.append((signed(start), signed(length)))
    return tuple(extent)


def _extent_message(extent: Extent) -> bytes:
    return b"".join(
        data(1, (whole(1, start) if start else b"") + (whole(2, length) if length >= 0 else b""))
        for start, length in extent
    )


def _entry_of(message: bytes) -> Entry:
    found: dict[int, int | bytes] = {}
    parts = []
    for number, value in fields(message):
        if number == 7 and isinstance(value, bytes):
            parts.append(extent_of(value))
        else:
            found[number] = value
    whole_ones = [found.get(number, 0) for number in (1, 3, 4, 5)]
    shape, check = found.get(2, b""), found.get(6, b"\0\0\0\0")
    if not isinstance(shape, bytes) or not isinstance(check, bytes) or len(check) != 4:
        raise ValueError("an entry of the index has fields of the wrong kind")
    dtype, shard, offset, size = (v if isinstance(v, int) else -1 for v in whole_ones)
    if min(dtype, shard, offset, size) < 0:
        raise ValueError("an entry of the index has fields of the wrong kind")
    (crc,) = struct.unpack("<I", check)
    return Entry(dtype, shape_of(shape), shard, offset, size, crc, tuple(parts))


def _entry_message(entry: Entry) -> bytes:
    numbers = zip((3, 4, 5), (entry.shard, entry.offset, entry.size), strict=True)
    return b"".join(
        [
            whole(1, entry.dtype),
            data(2, shape_message(entry.shape)),
            *(whole(number, value) for number, value in numbers if value),
            varint(6 << 3 | _FIXED32) + struct.pack("<I", entry.crc) if entry.crc else b"",
            *(data(7, _extent_message(part)) for part in entry.parts),
        ]
    )


# ---- keys of parts ------------------------------------------------------------------------------


def slice_key(name: str, extent: Extent) -> bytes:
    """The key of a part: numbers and texts so that the order of keys is that of what they tell.

    Source: tensorflow/core/lib/strings/ordered_code.cc.
    """
    swap = {0: b"\0\xff", 255: b"\xff\0"}
    text = b"".join(swap.get(byte, bytes([byte])) for byte in name.encode())
    numbers = b"".join(_rising(number) for pair in extent for number in pair)
    return _natural(0) + text + b"\0\1" + _natural(len(extent)) + numbers


def _natural(number: int) -> bytes:
    """A number that is not negative: how many bytes it has, and these."""
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "big")


def _rising(number: int) -> bytes:
    """A number with a sign: the first bits tell the sign and how many bytes there are."""
    bits = (~number if number < 0 else number).bit_length()
    size = bits // 7 + 1
    ones = (1 << size) - 1 << max(16 - size, 0) if size <= 16 else 0
    room = max(size, 2)
    head = ones << 8 * (room - 2)
    value = (~number if number < 0 else number) ^ head
    packed = value.to_bytes(room, "big")[room - size :]
    if size == 1:
        packed = bytes([0x80 ^ (value & 0x7F)])
    return bytes(255 - byte for byte in packed) if number < 0 else packed


# ---- texts --------------------------------------------------------------------------------------


def packed_texts(texts: Sequence[bytes]) -> tuple[bytes, int]:
    """Texts as a tensor's bytes, and their checksum: lengths, the checksum of these, the texts."""
    sizes = [len(text) for text in texts]
    crc = crc32c(_fixed(sizes))
    check = struct.pack("<I", masked(crc))
    joined = b"".join(texts)
    crc = crc32c(joined, crc32c(check, crc))
    return b"".join(map(varint, sizes)) + check + joined, crc


def _fixed(sizes: Sequence[int]) -> bytes:
    """Lengths as their checksum takes them: four bytes each, eight where they do not fit."""
    return b"".join(struct.pack("<I" if size < 1 << 32 else "<Q", size) for size in sizes)


def texts_of(packed: bytes, count: int, crc: int) -> list[bytes]:
    """The texts of a tensor with so many. Errors: ValueError when they are damaged."""
    if count > len(packed):
        raise ValueError(f"{count} texts do not fit into {len(packed)} bytes")
    sizes, at = [], 0
    for _ in range(count):
        size, at = read_varint(packed, at)
        sizes.append(size)
    body = at + 4
    if body + sum(sizes) != len(packed):
        raise ValueError("the lengths of the texts do not fill the tensor")
    check = crc32c(_fixed(sizes))
    stored = packed[at:body]
    if stored != struct.pack("<I", masked(check)):
        raise ValueError("the checksum of the lengths of texts does not fit")
    if masked(crc32c(packed[body:], crc32c(stored, check))) != crc:
        raise ValueError("the checksum of the texts does not fit")
    texts = []
    for size in sizes:
        texts.append(packed[body : body + size])
        body += size
    return texts


# ---- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bundle:
    """A checkpoint that is open: its entries by their keys, in how many files its data is."""

    prefix: str
    shards: int
    is_big_endian: bool
    entries: dict[bytes, Entry]

    def bytes_of(self, entry: Entry) -> bytes:
        """The bytes of a tensor. Errors: ValueError when they are damaged or not there;
        NotFoundError when the data file is not there."""
        if entry.shard >= self.shards:
            raise ValueError(f"there is no data file {entry.shard} of {self.shards}")
        path = data_path(self.prefix, entry.shard, self.shards)
        with told(path), open(path, "rb") as file:
            if entry.offset + entry.size > os.fstat(file.fileno()).st_size:
                raise ValueError(f"the data file {os.path.basename(path)} is too short")
            file.seek(entry.offset)
            found = file.read(entry.size)
        if entry.dtype != _STRING and masked(crc32c(found)) != entry.crc:
            raise ValueError("the checksum of the data does not fit")
        return found


def data_path(prefix: str, shard: int, shards: int) -> str:
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


def opened(prefix: str) -> Bundle:
    """The checkpoint of that prefix. Errors: ValueError when its index is damaged, NotFoundError
    when it has none."""
    found = list(tables.entries(content(prefix + ".index")))
    if not found or found[0][0] != b"":
        raise ValueError("the index has no header")
    header = dict(fields(found[0][1]))
    shards = header.get(1, 0)
    if not isinstance(shards, int) or not 1 <= shards <= _MOST_SHARDS:
        raise ValueError(f"the index claims {shards!r} data files")
    entries = {key: _entry_of(value) for key, value in found[1:]}
    return Bundle(prefix, shards, header.get(2, 0) == 1, entries)


# ---- writing ------------------------------------------------------------------------------------


class Writing:
    """A checkpoint that is being written: tensors one by one, then `finish`.

    The files appear under their names at the end, the data before the index, so that whoever
    finds an index finds all that it names.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._data = data_path(prefix, 0, 1)
        self._entries: dict[bytes, Entry] = {}
        self._offset = 0
        self._own = f".tempstate{os.getpid()}"
        with told(prefix):
            os.makedirs(os.path.dirname(prefix) or ".", exist_ok=True)
            self._file = open(self._data + self._own, "wb")  # noqa: SIM115

    def add(self, key: bytes, dtype: int, shape: Sequence[int], packed: bytes, crc: int) -> None:
        """A tensor as bytes, with the checksum of what it holds."""
        with told(self._data):
            self._file.write(packed)
        size = len(packed)
        self._entries[key] = Entry(dtype, tuple(shape), 0, self._offset, size, masked(crc))
        self._offset += size

    def add_parted(self, name: str, dtype: int, shape: Sequence[int], part: Extent) -> bytes:
        """A part of a tensor of that shape will be added: the key under which it has to be."""
        key = name.encode()
        before = self._entries.get(key, Entry(dtype, tuple(shape)))
        if before.shape != tuple(shape) or part in before.parts:
            raise ValueError(f"the parts of {name} do not fit together")
        self._entries[key] = before._replace(parts=(*before.parts, part))
        return slice_key(name, part)

    def take_over(self, bundle: Bundle) -> None:
        """All that is in another checkpoint. Errors: ValueError for a tensor that is there."""
        for key, entry in bundle.entries.items():
            if entry.parts:
                for part in entry.parts:
                    self.add_parted(key.decode(), entry.dtype, entry.shape, part)
                continue
            if key in self._entries:
                raise ValueError(f"{key!r} is in several checkpoints that are merged")
            packed = bundle.bytes_of(entry)
            with told(self._data):
                self._file.write(packed)
            self._entries[key] = entry._replace(shard=0, offset=self._offset)
            self._offset += entry.size

    def finish(self) -> None:
        """Put the files in their places."""
        header = whole(1, 1) + data(3, whole(1, 1))
        pairs = [(key, _entry_message(entry)) for key, entry in sorted(self._entries.items())]
        index = self._prefix + ".index"
        with told(self._prefix):
            _flushed(self._file)
            with open(index + self._own, "wb") as file:
                file.write(tables.written([(b"", header), *pairs]))
                _flushed(file)
            os.replace(self._data + self._own, self._data)
            os.replace(index + self._own, index)

    def give_up(self) -> None:
        """Leave nothing behind that was begun."""
        self._file.close()
        for path in (self._data + self._own, self._prefix + ".index" + self._own):
            if os.path.exists(path):
                os.remove(path)


def _flushed(file: object) -> None:
    """Everything that was written is on the disk, and the file is closed."""
    file.flush()  # type: ignore[attr-defined]
    os.fsync(file.fileno())  # type: ignore[attr-defined]
    file.close()  # type: ignore[attr-defined]
