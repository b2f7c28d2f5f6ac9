"""Bitmaps of frames as one animated GIF, made with Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import chain
from operator import sub
from typing import TYPE_CHECKING

from graphscope.debug.errors import DebugError

if TYPE_CHECKING:
    from PIL.Image import Image

#: The colours of all frames together: the theme's, and those between them at the edges of letters.
COLORS = 64
#: The widest and the highest animation, in dots.
WIDEST = 1200
#: Of a frame that is looked at for the colours, one dot in so many each way.
_EVERY = 2
#: So many frames are looked at for the colours.
_SAMPLES = 8
#: Colours that are less apart in red, green and blue are one.
_APART = 12


def animated(bitmaps: Sequence[bytes], paints: Iterable[str], seconds: float) -> bytes:
    """PNG bitmaps of one size as a GIF that begins again at its end.

    paints:  the colours that are to be exact, as ``#0069A6``.
    seconds: how long a frame is seen; the last one, four times as long.
    Errors: DebugError without Pillow.
    """
    if find_spec("PIL") is None:
        raise DebugError(
            "A GIF is made with Pillow: pip install graphscope-debugger[gif]. Saved as .html, the "
            "frames need nothing."
        )
    palette = _palette([_opened(data) for data in bitmaps[:: -(-len(bitmaps) // _SAMPLES)]], paints)
    duration = round(seconds * 1000)
    times = [duration] * (len(bitmaps) - 1) + [4 * duration]
    # One after the other, since all of them at once would be large.
    first, *rest = bitmaps
    others = (_indexed(data, palette) for data in rest)
    stream = io.BytesIO()
    _indexed(first, palette).save(
        stream, "GIF", save_all=True, append_images=others, duration=times, loop=0
    )
    return stream.getvalue()


def fitting(bitmap: bytes, dpi: float) -> float:
    """With how many dots per inch a picture is no larger than the largest animation. bitmap: its
    PNG with `dpi` dots per inch. To draw it so is much quicker than to make it smaller later.
    """
    width, height = (int.from_bytes(bitmap[at : at + 4], "big") for at in (16, 20))
    return min(dpi, dpi * (WIDEST - 1) / max(width, height))


def _opened(bitmap: bytes) -> Image:
    """Without transparency."""
    from PIL import Image

    return Image.open(io.BytesIO(bitmap)).convert("RGB")


def _indexed(bitmap: bytes, palette: Image) -> Image:
    """In the colours of the palette; dots of other colours would move from frame to frame."""
    from PIL import Image

    return _opened(bitmap).quantize(palette=palette, dither=Image.Dither.NONE)


def _palette(frames: Sequence[Image], paints: Iterable[str]) -> Image:
    """The paints as they are, and for the edges of lines and letters what the frames need most."""
    from PIL import Image

    width, height = (-(-side // _EVERY) for side in frames[0].size)
    strip = Image.new("RGB", (width, height * len(frames)))
    for number, frame in enumerate(frames):
        dots = frame.resize((width, height), Image.Resampling.NEAREST)  # no colour is a new one
        strip.paste(dots, (0, number * height))
    exact = [tuple(bytes.fromhex(paint.removeprefix("#"))) for paint in paints][: COLORS // 2]
    palette = strip.quantize(COLORS - len(exact))
    numbers = palette.getpalette() or []
    between = list(zip(*(numbers[i::3] for i in range(3)), strict=True))
    palette.putpalette(list(chain(*exact, *(c for c in between if not _is_near(c, exact)))))
    return palette


def _is_near(color: tuple[int, ...], exact: Iterable[tuple[int, ...]]) -> bool:
    """True for almost one of these colours: dots of that colour would take this one instead."""
    return any(max(map(abs, map(sub, color, other))) < _APART for other in exact)
