"""TFRecord files: records with their length and checksums.

A record is: length (8 bytes), masked CRC of the length, content, masked CRC of the content; all
little-endian. Source: tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import struct
from functools import lru_cache

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


def crc32c(content: bytes) -> int:
    """The CRC32C checksum (RFC 3720)."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def masked_crc32c(content: bytes) -> int:
    """The checksum as it is stored: rotated and moved, so that one of checksums is no checksum."""
    crc = crc32c(content)
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
    contents, at = [], 0
    while at < len(file):
        head = file[at : at + 12]
        if len(head) < 12 or _wrong(head[:8], head[8:]):
            raise ValueError(f"the record at byte {at} is damaged: its length does not fit")
        (size,) = struct.unpack("<Q", head[:8])
        content, check = file[at + 12 : at + 12 + size], file[at + 12 + size : at + 16 + size]
        if len(check) < 4 or _wrong(content, check):
            raise ValueError(f"the record at byte {at} is damaged: its checksum does not fit")
        contents.append(content)
        at += 16 + size
    return contents


def _wrong(content: bytes, check: bytes) -> bool:
    (stored,) = struct.unpack("<I", check)
    return bool(stored != masked_crc32c(content))
