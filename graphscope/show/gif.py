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
#: So many frames are looked at for the colours.
_SAMPLES = 8
#: Colours that are less apart in red, green and blue are one.
_APART = 12


def animated(bitmaps: Sequence[bytes], paints: Iterable[str], seconds: float) -> bytes:
    """PNG bitmaps as a GIF that begins again at its end.

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


def _opened(bitmap: bytes) -> Image:
    """Without transparency, and no larger than the largest animation."""
    from PIL import Image

    image = Image.open(io.BytesIO(bitmap)).convert("RGB")
    image.thumbnail((WIDEST, WIDEST), reducing_gap=2.0)
    return image


def _indexed(bitmap: bytes, palette: Image) -> Image:
    """In the colours of the palette; dots of other colours would move from frame to frame."""
    from PIL import Image

    return _opened(bitmap).quantize(palette=palette, dither=Image.Dither.NONE)


def _palette(frames: Sequence[Image], paints: Iterable[str]) -> Image:
    """The paints as they are, and for the edges of lines and letters what the frames need most."""
    width, height = frames[0].size
    strip = frames[0].resize((width, height * len(frames)))
    for number, frame in enumerate(frames):
        strip.paste(frame, (0, number * height))
    exact = [tuple(bytes.fromhex(paint.removeprefix("#"))) for paint in paints][: COLORS // 2]
    palette = strip.quantize(COLORS - len(exact))
    numbers = palette.getpalette() or []
    between = list(zip(*(numbers[i::3] for i in range(3)), strict=True))
    palette.putpalette(list(chain(*exact, *(c for c in between if not _is_near(c, exact)))))
    return palette


def _is_near(color: tuple[int, ...], exact: Iterable[tuple[int, ...]]) -> bool:
    """True for almost one of these colours: dots of that colour would take this one instead."""
    return any(max(map(abs, map(sub, color, other))) < _APART for other in exact)
