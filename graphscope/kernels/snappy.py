"""Snappy, unpacked: how old tables pack their blocks.

Source: https://github.com/google/snappy/blob/main/format_description.txt.
"""

from __future__ import annotations

from graphscope.kernels.protobuf import read_varint

#: No block is larger; a few bytes could claim any size.
_LARGEST = 1 << 26


def unpacked(packed: bytes) -> bytes:
    """What was packed. Errors: ValueError when it is not in the format, or too large."""
    size, at = read_varint(packed, 0)
    if size > _LARGEST:
        raise ValueError(f"a packed block claims {size} bytes")
    out = bytearray()
    while at < len(packed):
        tag = packed[at]
        at += 1
        if tag & 3 == 0:  # bytes as they are
            length = tag >> 2
            if length >= 60:
                more = length - 59
                length = int.from_bytes(packed[at : at + more], "little")
                at += more
            out += packed[at : at + length + 1]
            at += length + 1
        else:
            length, back, at = _copied(packed, tag, at)
            if not 0 < back <= len(out):
                raise ValueError("a packed block copies from before its beginning")
            for _ in range(length):  # what is copied may reach into the copy
                out.append(out[-back])
        if len(out) > size:
            break
    if len(out) != size or at > len(packed):
        raise ValueError("a packed block does not have the size that it claims")
    return bytes(out)


def _copied(packed: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """Of a copy: its length, how far back it begins, and where the next tag is."""
    if tag & 3 == 1:
        low = int.from_bytes(packed[at : at + 1], "little")
        return (tag >> 2 & 7) + 4, tag >> 5 << 8 | low, at + 1
    width = 2 if tag & 3 == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(packed[at : at + width], "little"), at + width
