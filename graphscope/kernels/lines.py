"""What is in a file, piece by piece: lines, records of a size, records that say theirs."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

from graphscope.errors import DataLossError, InvalidArgumentError
from graphscope.kernels.files import content, told
from graphscope.kernels.records import masked_crc32c


def opened(path: Any, compression: str = "") -> IO[bytes]:
    """The file, unpacked. compression: "", "GZIP" or "ZLIB". Errors: those of the system."""
    if compression == "ZLIB":
        return io.BytesIO(zlib.decompress(content(path)))
    if compression not in ("", "GZIP"):
        raise InvalidArgumentError(
            None, None, f"Unsupported compression_type: {compression}: it is GZIP, ZLIB or nothing"
        )
    with told(path):
        return gzip.open(path, "rb") if compression else open(path, "rb")


def lines(path: Any, compression: str = "") -> Iterator[bytes]:
    """The lines, without what ends them."""
    with opened(path, compression) as file:
        for line in file:
            yield line.removesuffix(b"\n").replace(b"\r", b"")


def pieces(path: Any, size: int, head: int, foot: int, compression: str = "") -> Iterator[bytes]:
    """Records of that size, between what stands at the beginning and at the end.

    Errors: InvalidArgumentError when the file is no whole number of records.
    """
    with opened(path, compression) as file:
        whole = file.read()
    body = len(whole) - head - foot
    if body < 0 or body % size:
        raise InvalidArgumentError(
            None,
            None,
            f"Excess bytes of {body % size} in body of input file {_text(path)}, should read only "
            f"multiples of {size} bytes.",
        )
    for at in range(head, head + body, size):
        yield whole[at : at + size]


def records(path: Any, compression: str = "") -> Iterator[tuple[int, bytes]]:
    """The contents of a TFRecord file, each with its place.

    Errors: DataLossError when one is damaged or incomplete.
    """
    at = 0
    with opened(path, compression) as file:
        while head := file.read(12):
            if len(head) < 12:
                raise _lost(f"truncated record at {at}")
            _check(head[:8], head[8:], at)
            (size,) = struct.unpack("<Q", head[:8])
            value, check = file.read(size), file.read(4)
            if len(check) < 4:
                raise _lost(f"truncated record at {at}")
            _check(value, check, at)
            yield at, value
            at += 16 + size


def _check(value: bytes, stored: bytes, at: int) -> None:
    if struct.unpack("<I", stored)[0] != masked_crc32c(value):
        raise _lost(f"corrupted record at {at}")


def _lost(message: str) -> DataLossError:
    return DataLossError(None, None, message)


def _text(path: Any) -> str:
    return path.decode() if isinstance(path, bytes) else str(path)
