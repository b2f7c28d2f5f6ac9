"""How wide a text is in a picture, from the widths of Helvetica, without drawing it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def _widths(table: str) -> tuple[int, ...]:
    return tuple(map(int, table.split()))


# Widths of the characters from space to "~", in thousandths of the size of the type.
_REGULAR = _widths(
    """
    278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556
    556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833
    722 778 667 778 722 667 611 722 667 944 667 667 611 278 139 278 469 556 333 556 556 500 556
    556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334
    260 334 584
    """
)
_BOLD = _widths(
    """
    278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556
    556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833
    722 778 667 778 722 667 611 722 667 944 667 667 611 333 139 333 584 556 333 556 611 556 611
    556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389
    280 389 584
    """
)
_COURIER = 600
_SYMBOL = 834
_WIDE = 1000

#: The distance between lines, in sizes of the type; Graphviz uses the same.
LEADING = 1.2


@lru_cache(maxsize=1 << 14)
def text_width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """The width of one line of text, in points."""
    table = _BOLD if bold else _REGULAR
    total = 0
    for character in text:
        code = ord(character)
        if unicodedata.east_asian_width(character) in "WF":
            total += _WIDE
        elif mono:
            total += _COURIER
        elif 32 <= code < 127:
            total += table[code - 32]
        else:
            total += _SYMBOL
    return total * size / 1000


def shortened(text: str, limit: int) -> str:
    """The text, or its two ends with an ellipsis between them, in `limit` characters."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"
