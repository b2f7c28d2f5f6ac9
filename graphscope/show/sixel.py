"""A bitmap as sixels: letters that each stand for six dots above each other.

Source: DEC, VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Each of red, green and blue has so many steps, which makes 216 colours of the 256 that there are.
_STEPS = 6
#: Fewer equal letters in a row are written out.
_SHORT = 4


def sixels(pixels: NDArray[Any], widest: int) -> str:
    """The escape sequence of pixels [height, width, 4], uint8, on white. It is made smaller by a
    whole number until it is no wider than so many dots."""
    colours = _reduced(_on_white(pixels), -(-pixels.shape[1] // widest))
    steps = np.rint(colours / 255 * (_STEPS - 1)).astype(np.int64)
    places = steps @ np.array([_STEPS**2, _STEPS, 1], np.int64)
    height, width = places.shape
    used = np.unique(places).tolist()
    bands = [_band(places[top : top + 6]) for top in range(0, height, 6)]
    palette = "".join(f"#{number};2;{_percent(number)}" for number in used)
    return f'\x1bPq"1;1;{width};{height}{palette}{"-".join(bands)}\x1b\\'


def _on_white(pixels: NDArray[Any]) -> NDArray[np.float64]:
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    opaque = pixels[..., 3:] / 255
    return np.asarray(pixels[..., :3] * opaque + 255 * (1 - opaque), np.float64)


def _reduced(colours: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """The means of squares with so many dots on a side, what is over at the edges repeated."""
    if times <= 1:
        return colours
    over = [(0, -size % times) for size in colours.shape[:2]]
    wide = np.pad(colours, [*over, (0, 0)], mode="edge")
    height, width = wide.shape[0] // times, wide.shape[1] // times
    means: NDArray[np.float64] = wide.reshape(height, times, width, times, 3).mean(axis=(1, 3))
    return means


def _band(rows: NDArray[np.int64]) -> str:
    """At most six rows of dots: one line of letters for each colour in them, over each other."""
    weights = 1 << np.arange(len(rows))
    lines = []
    for colour in np.unique(rows).tolist():
        letters = (63 + weights @ (rows == colour)).astype(np.uint8).tobytes().decode("ascii")
        lines.append(f"#{colour}{_short(letters)}")
    return "$".join(lines)


def _short(letters: str) -> str:
    found = []
    for letter, group in groupby(letters):
        count = len(list(group))
        found.append(letter * count if count < _SHORT else f"!{count}{letter}")
    return "".join(found)


def _percent(number: int) -> str:
    red, rest = divmod(number, _STEPS**2)
    return ";".join(str(100 * part // (_STEPS - 1)) for part in (red, *divmod(rest, _STEPS)))
