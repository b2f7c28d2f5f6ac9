"""Tables: sorted keys and their values in one file, in blocks with checksums.

The file is: blocks of entries, an index block that says where they are, and a footer that says
where the index is. Each block is followed by a byte for how it is packed and by the masked CRC of
both. Entries leave out what their keys share with the key before, but every sixteenth is whole.
Source: tensorflow/core/lib/io/format.h, and that of LevelDB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from graphscope.kernels import snappy
from graphscope.kernels.protobuf import read_varint, varint
from graphscope.kernels.records import masked_crc32c

_MAGIC = struct.pack("<II", 0x8B80FB57, 0xDB477524)
FOOTER, _TRAILER = 48, 5
_BLOCK, _INTERVAL = 1 << 18, 16


def written(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The table with the entries, whose keys rise."""
    out = bytearray()
    index: list[tuple[bytes, bytes]] = []
    block: list[tuple[bytes, bytes]] = []
    size = 0
    for entry in entries:
        block.append(entry)
        size += len(entry[0]) + len(entry[1])
        if size >= _BLOCK:
            index.append((entry[0], _appended(out, _block(block))))
            block, size = [], 0
    if block or not index:
        index.append((block[-1][0] if block else b"", _appended(out, _block(block))))
    meta = _appended(out, _block([]))
    handles = meta + _appended(out, _block(index, 1))
    return bytes(out + handles.ljust(FOOTER - len(_MAGIC), b"\0") + _MAGIC)


def _block(entries: list[tuple[bytes, bytes]], interval: int = _INTERVAL) -> bytes:
    out, starts, before = bytearray(), [0], b""
    for i, (key, value) in enumerate(entries):
        shared = 0
        if i % interval:
            while shared < min(len(key), len(before)) and key[shared] == before[shared]:
                shared += 1
        elif i:
            starts.append(len(out))
        out += varint(shared) + varint(len(key) - shared) + varint(len(value))
        out += key[shared:] + value
        before = key
    return bytes(out) + struct.pack(f"<{len(starts) + 1}I", *starts, len(starts))


def _appended(out: bytearray, block: bytes) -> bytes:
    """Where the block is: how the index names it."""
    handle = varint(len(out)) + varint(len(block))
    out += block + b"\0" + struct.pack("<I", masked_crc32c(block + b"\0"))
    return handle


def is_table(file: bytes) -> bool:
    return len(file) >= FOOTER and file[-len(_MAGIC) :] == _MAGIC


def entries(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys, which rise, and their values. Errors: ValueError when the file is damaged."""
    if not is_table(file):
        raise ValueError("not an sstable (bad magic number)")
    footer = file[-FOOTER:]
    _, at = _handle(footer, 0)
    index, _ = _handle(footer, at)
    last: bytes | None = None
    for _, place in _entries(_unpacked(file, index)):
        for key, value in _entries(_unpacked(file, _handle(place, 0)[0])):
            if last is not None and key <= last:
                raise ValueError("the keys of the table do not rise")
            last = key
            yield key, value


def _handle(content: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Where a block begins, and its size; and the place behind both numbers."""
    start, at = read_varint(content, at)
    size, at = read_varint(content, at)
    return (start, size), at


def _unpacked(file: bytes, handle: tuple[int, int]) -> bytes:
    start, size = handle
    end = start + size
    if end + _TRAILER > len(file) - FOOTER:
        raise ValueError("a block of the table is not in the file")
    (check,) = struct.unpack_from("<I", file, end + 1)
    if check != masked_crc32c(file[start : end + 1]):
        raise ValueError(f"block checksum mismatch at byte {start}")
    packing, block = file[end], file[start:end]
    if packing > 1:
        raise ValueError(f"a block of the table is packed in an unknown way, {packing}")
    return snappy.unpacked(block) if packing else block


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(block) < 4:
        raise ValueError("a block of the table is too short")
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise ValueError("a block of the table has more restarts than bytes")
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        rest, at = read_varint(block, at)
        size, at = read_varint(block, at)
        if shared > len(key) or at + rest + size > end:
            raise ValueError("an entry of the table does not fit into its block")
        key = key[:shared] + block[at : at + rest]
        yield key, block[at + rest : at + rest + size]
        at += rest + size
