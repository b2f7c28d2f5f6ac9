"""Bitmaps of frames as one animated GIF, made with Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
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


def animated(bitmaps: Sequence[bytes], paints: Iterable[str], seconds: float) -> bytes:
    """PNG bitmaps as a GIF that begins again at its end.

    paints:  the colours that are to be exact, as ``#0069A6``.
    seconds: how long a frame is seen; the last one, four times as long.
    Errors: DebugError without Pillow.
    """
    try:
        from PIL import Image
    except ImportError:
        raise DebugError(
            "A GIF is made with Pillow: pip install graphscope-debugger[gif]. Saved as .html, the "
            "frames need nothing."
        ) from None
    frames = [_opened(Image.open(io.BytesIO(data))) for data in bitmaps]
    palette = _palette(frames, paints)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    duration = round(seconds * 1000)
    times = [duration] * (len(indexed) - 1) + [4 * duration]
    stream = io.BytesIO()
    first, *rest = indexed
    first.save(
        stream, "GIF", save_all=True, append_images=rest, duration=times, loop=0, optimize=False
    )
    return stream.getvalue()


def _opened(image: Image) -> Image:
    """Without transparency, and no larger than the largest animation."""
    image = image.convert("RGB")
    image.thumbnail((WIDEST, WIDEST), reducing_gap=2.0)
    return image


def _palette(frames: Sequence[Image], paints: Iterable[str]) -> Image:
    """The paints as they are, and for the edges of lines and letters what the frames need most."""
    chosen = frames[:: max(1, len(frames) // _SAMPLES)]
    width, height = frames[0].size
    strip = frames[0].resize((width, height * len(chosen)))
    for number, frame in enumerate(chosen):
        strip.paste(frame, (0, number * height))
    exact = [bytes.fromhex(paint.removeprefix("#")) for paint in paints][: COLORS // 2]
    palette = strip.quantize(COLORS - len(exact))
    between = palette.getpalette() or []
    palette.putpalette([*b"".join(exact), *between[: 3 * (COLORS - len(exact))]])
    return palette
