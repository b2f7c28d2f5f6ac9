"""PNG files read and written: bytes to pixels and back, by zlib alone.

Not read: interlaced files. Sources: the PNG specification; tf.image.decode_png and encode_png.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import Any_, String, T, op
from graphscope.graph.dtypes import DType, as_dtype, string, uint8, uint16
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.color import convert_image_dtype

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: The colour types of a file by their numbers of channels, and the other way round.
_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
#: How red, green and blue count in grey, of 32768, as libpng reckons 0.299 and 0.587.
_GREY = np.array([9798, 19235, 3735])
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class _File(NamedTuple):
    width: int
    height: int
    depth: int
    colour_type: int
    palette: bytes
    transparency: bytes
    data: bytes


def _parsed(contents: bytes) -> _File:
    """The parts of a file. Errors: ValueError when it is none, or interlaced."""
    if not contents.startswith(_SIGNATURE):
        raise ValueError("Invalid PNG data: it does not begin as a PNG file does")
    chunks: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    while at + 8 <= len(contents):
        size, kind = struct.unpack(">I4s", contents[at : at + 8])
        chunks[kind] = chunks.get(kind, b"") + contents[at + 8 : at + 8 + size]
        at += size + 12
    if len(chunks.get(b"IHDR", b"")) != 13 or b"IDAT" not in chunks:
        raise ValueError("Invalid PNG data: its header or its pixels are missing")
    width, height, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if interlaced:
        raise ValueError("interlaced PNG files are not supported")
    try:
        data = zlib.decompress(chunks[b"IDAT"])
    except zlib.error as error:
        raise ValueError(f"Invalid PNG data: {error}") from None
    return _File(
        width,
        height,
        depth,
        colour_type,
        chunks.get(b"PLTE", b""),
        chunks.get(b"tRNS", b""),
        data,
    )


def _unfiltered(file: _File) -> T:
    """The bytes of the rows, [height, bytes], after undoing the filter of each."""
    bits = file.depth * _CHANNELS[file.colour_type]
    length, step = -(-file.width * bits // 8), max(bits // 8, 1)
    if len(file.data) < (length + 1) * file.height:
        raise ValueError("Invalid PNG data: rows are missing")
    raw = np.frombuffer(file.data, np.uint8)[: (length + 1) * file.height]
    lines = raw.reshape(file.height, length + 1)
    rows = np.zeros((file.height, length), np.uint8)
    above = np.zeros(length, np.uint8)
    for i, line in enumerate(lines):
        kind, own = int(line[0]), line[1:]
        if kind == 0:
            above = own
        elif kind == 1:
            above = _running(own, step)
        elif kind == 2:
            above = own + above
        elif kind in (3, 4):
            above = _predicted(own.tolist(), above.tolist(), step, kind)
        else:
            raise ValueError(f"Invalid PNG data: unknown filter {kind}")
        rows[i] = above
    return rows


def _running(own: T, step: int) -> T:
    """Each byte is the difference from the one `step` before it."""
    wide = np.concatenate([own, np.zeros(-len(own) % step, np.uint8)]).reshape(-1, step)
    sums: T = np.cumsum(wide, axis=0, dtype=np.uint8)
    return sums.reshape(-1)[: len(own)]


def _predicted(own: list[int], above: list[int], step: int, kind: int) -> T:
    """Each byte is the difference from the mean (3) or from Paeth's choice (4) of those around."""
    row = [0] * len(own)
    for i, byte in enumerate(own):
        left = row[i - step] if i >= step else 0
        up = above[i]
        if kind == 3:
            guess = (left + up) // 2
        else:
            corner = above[i - step] if i >= step else 0
            distances = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
            guess = (left, up, corner)[distances.index(min(distances))]
        row[i] = byte + guess & 255
    return np.array(row, np.uint8)


def _pixels(file: _File) -> T:
    """[height, width, channels], uint8 or uint16."""
    rows, count = _unfiltered(file), _CHANNELS[file.colour_type]
    if file.depth == 16:
        return rows.view(">u2").astype(np.uint16).reshape(file.height, file.width, count)
    if file.depth < 8:
        bits = np.unpackbits(rows, axis=1)[:, : file.width * file.depth]
        weights = 1 << np.arange(file.depth)[::-1]
        values = bits.reshape(file.height, file.width, file.depth) @ weights
        if file.colour_type == 0:
            values = values * (255 // ((1 << file.depth) - 1))
        pixels = values.astype(np.uint8)[..., None]
    else:
        pixels = rows.reshape(file.height, file.width, count)
    if file.colour_type != 3:
        return pixels
    palette = np.frombuffer(file.palette, np.uint8).reshape(-1, 3)
    if file.transparency:
        alpha = np.full(len(palette), 255, np.uint8)
        alpha[: len(file.transparency)] = np.frombuffer(file.transparency, np.uint8)
        palette = np.concatenate([palette, alpha[:, None]], axis=1)
    return palette[pixels[..., 0]]


def _with_channels(pixels: T, channels: int) -> T:
    """The pixels in grey (1), grey and alpha (2), colour (3) or colour and alpha (4)."""
    have, full = pixels.shape[-1], np.iinfo(pixels.dtype).max
    if channels in (0, have):
        return pixels
    colour = pixels[..., :1] if have <= 2 else pixels[..., :3]
    if channels >= 3 and have <= 2:
        colour = np.repeat(colour, 3, axis=-1)
    elif channels <= 2 and have >= 3:
        wide = colour.astype(np.int64)
        half = 16384 if pixels.dtype == np.uint16 else 0
        grey = np.where(
            (wide == wide[..., :1]).all(axis=-1), wide[..., 0], (wide @ _GREY + half) >> 15
        )
        colour = grey.astype(pixels.dtype)[..., None]
    if channels in (1, 3):
        return colour
    alpha = pixels[..., -1:] if have in (2, 4) else np.full_like(pixels[..., :1], full)
    return np.concatenate([colour, alpha], axis=-1)


def unpacked(contents: bytes, channels: int) -> T:
    """The pixels [height, width, channels] of a PNG file, uint8 or uint16; 0 channels for its own.

    Errors: ValueError for another kind of file, or an interlaced one.
    """
    return _with_channels(_pixels(_parsed(contents)), channels)


@op(
    "DecodePng",
    kind="array",
    types=(string,),
    dtype="dtype",
    shape=lambda contents, *, channels, dtype: TensorShape([None, None, channels or None]),
    differentiable=False,
)
def _decode_png(contents: T, *, channels: int = 0, dtype: DType = uint8) -> Any_:
    """The pixels [height, width, channels] of a PNG file; 0 channels for those that it has."""
    pixels = unpacked(contents.item(), channels)
    if pixels.dtype == np.uint16 and dtype is uint8:
        return (pixels >> 8).astype(np.uint8)
    if pixels.dtype == np.uint8 and dtype is uint16:
        return pixels.astype(np.uint16) * 257
    return pixels


def decode_png(
    contents: Any, channels: int | None = 0, dtype: Any = uint8, name: str | None = None
) -> Tensor:
    """The pixels [height, width, channels] of a PNG file. Source: tf.image.decode_png.

    channels: 1, 3 or 4, or 0 for those that the file has. dtype: uint8 or uint16.
    Errors: InvalidArgumentError, in a run, for another kind of file, or an interlaced one.
    """
    result: Tensor = _decode_png(contents, channels=channels or 0, dtype=as_dtype(dtype), name=name)
    return result


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The pixels of a PNG file. Source: tf.image.decode_image.

    Other files (JPEG, GIF, BMP), which TensorFlow reads too, are refused in a run.
    """
    with name_scope(name, "decode_image"):
        wanted = as_dtype(dtype)
        inside = uint8 if wanted is uint8 else uint16
        result = convert_image_dtype(decode_png(contents, channels, inside), wanted)
        result.set_shape([None] * 3 if result.shape.ndims is None else result.shape)
        return result


@op("EncodePng", kind="array", dtype=string, shape=shapes.scalar, differentiable=False)
def _encode_png(image: T, *, compression: int = -1) -> String:
    """The PNG file of pixels [height, width, channels], uint8 or uint16, 1 to 4 channels."""
    if image.ndim != 3 or image.shape[2] not in _COLOUR_TYPE:
        raise ValueError(f"image must have 1, 2, 3 or 4 channels, got {list(image.shape)}")
    if image.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"image must be uint8 or uint16, not {image.dtype}")
    return np.array(png(image, compression), object)


def png(image: T, compression: int = -1) -> bytes:
    """The PNG file of an array of pixels [height, width, channels], uint8 or uint16."""
    height, width, channels = image.shape
    plain = image.astype(image.dtype.newbyteorder(">")).tobytes()
    length = len(plain) // max(height, 1)
    lines = b"".join(b"\0" + plain[i * length : (i + 1) * length] for i in range(height))
    depth = 8 * image.itemsize
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOUR_TYPE[channels], 0, 0, 0)
    data = zlib.compress(lines, compression)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """The PNG file, bytes, of pixels [height, width, channels]. Source: tf.image.encode_png."""
    result: Tensor = _encode_png(image, compression=compression, name=name)
    return result
