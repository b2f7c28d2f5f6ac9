"""TFRecord files: records with their length and checksums.

A record is: length (8 bytes), masked CRC of the length, content, masked CRC of the content; all
little-endian. Source: tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import IO

import numpy as np

_POLYNOMIAL = 0x82F63B78  # CRC32C (Castagnoli), bits reversed
_MASK = 0xA282EAD8


@lru_cache(maxsize=1)
def _table() -> tuple[int, ...]:
    entries = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (_POLYNOMIAL if number & 1 else 0)
        entries.append(number)
    return tuple(entries)


def crc32c(content: bytes, before: int = 0) -> int:
    """The CRC32C checksum (RFC 3720). before: the checksum of what comes before the content."""
    crc = before ^ 0xFFFFFFFF
    if len(content) >= _SIDE_BY_SIDE:
        return _crc_side_by_side(content, crc) ^ 0xFFFFFFFF
    table = _table()
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


#: From how many bytes on lanes are faster, and how long a lane is.
_SIDE_BY_SIDE, _LANE = 4096, 256


def _crc_side_by_side(content: bytes, crc: int) -> int:
    """The same register after the content, by numpy: lanes go through the table side by side, and
    neighbours are joined until one is left. Zeros before the content change nothing, once what the
    register held is laid over its first four bytes."""
    table = np.array(_table(), np.uint32)
    count = -(-len(content) // _LANE)
    padded = np.zeros(count * _LANE, np.uint8)
    start = padded.size - len(content)
    padded[start:] = np.frombuffer(content, np.uint8)
    padded[start : start + 4] ^= np.frombuffer(struct.pack("<I", crc), np.uint8)
    lanes = np.zeros(count, np.uint32)
    for column in padded.reshape(count, _LANE).T:
        lanes = table[(lanes ^ column) & 0xFF] ^ lanes >> np.uint32(8)
    shift = _past_zeros(table)
    while lanes.size > 1:
        if lanes.size % 2:
            lanes = np.concatenate([np.zeros(1, np.uint32), lanes])
        left, right = lanes[::2], lanes[1::2]
        lanes = _mapped(shift, left) ^ right
        shift = [_mapped(shift, row) for row in shift]
    return int(lanes[0])


def _past_zeros(table: np.ndarray) -> list[np.ndarray]:
    """What a lane of zeros makes of a register: four tables, one for each of its bytes."""
    values = np.arange(256, dtype=np.uint32)
    rows = [values << np.uint32(8 * i) for i in range(4)]
    for _ in range(_LANE):
        rows = [table[row & 0xFF] ^ row >> np.uint32(8) for row in rows]
    return rows


def _mapped(rows: list[np.ndarray], registers: np.ndarray) -> np.ndarray:
    """The tables applied to registers."""
    parts = [row[registers >> np.uint32(8 * i) & 0xFF] for i, row in enumerate(rows)]
    mapped: np.ndarray = parts[0] ^ parts[1] ^ parts[2] ^ parts[3]
    return mapped


def masked_crc32c(content: bytes) -> int:
    """The checksum of the content as it is stored."""
    return masked(crc32c(content))


def masked(crc: int) -> int:
    """A checksum as it is stored: rotated and moved, so that one of checksums is no checksum."""
    return (crc >> 15 | crc << 17) + _MASK & 0xFFFFFFFF


def framed(content: bytes) -> bytes:
    """The record with the content."""
    length = struct.pack("<Q", len(content))
    return b"".join(
        [
            length,
            struct.pack("<I", masked_crc32c(length)),
            content,
            struct.pack("<I", masked_crc32c(content)),
        ]
    )


def unframed(file: bytes) -> list[bytes]:
    """The contents of all records. Errors: ValueError when one is damaged or incomplete."""
    return list(records(io.BytesIO(file), len(file)))


def records(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The contents of the records of an open file of that size, one by one.

    Errors: ValueError for the first that is damaged or incomplete, after those before it.
    """
    at = 0
    while head := file.read(12):
        if len(head) < 12 or _wrong(head[:8], head[8:]):
            raise ValueError(f"the record at byte {at} is damaged: its length does not fit")
        (length,) = struct.unpack("<Q", head[:8])
        whole = file.read(length + 4) if at + 16 + length <= size else b""
        content, check = whole[:length], whole[length:]
        if len(check) < 4 or _wrong(content, check):
            raise ValueError(f"the record at byte {at} is damaged: its checksum does not fit")
        yield content
        at += 16 + length


def _wrong(content: bytes, check: bytes) -> bool:
    (stored,) = struct.unpack("<I", check)
    return bool(stored != masked_crc32c(content))
