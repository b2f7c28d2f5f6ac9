"""Plain speech: one fact a line, nothing drawn, nothing drawn over, for a screen reader or `grep`.

It is chosen by ``graphscope --plain``, by ``GRAPHSCOPE_PLAIN=1``, or by ``set plain on`` at the
prompt, and holds for the whole program: for screens, for ``str(answer)``, and for what is written
to a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

_VARIABLE = "GRAPHSCOPE_PLAIN"
#: Two spaces or more hold parts of a line apart.
_APART = re.compile(r" {2,}")
_BEHIND_A_STOP = re.compile(r"(?<=[.,:;?!]) {2,}")


def plainly() -> bool:
    """Whether plain speech is asked for."""
    return os.environ.get(_VARIABLE, "") not in ("", "0")


def speak_plainly(wanted: bool = True) -> None:
    """Speak plainly from now on, in the programs that this one starts too; or no longer."""
    os.environ[_VARIABLE] = "1" if wanted else "0"


def spoken(text: str) -> str:
    """A line without the spaces that put it in columns: commas hold its parts apart. How far a name
    is indented below the others is said: ``level 2``."""
    level = (len(text) - len(text.lstrip(" "))) // 2
    said = _APART.sub(", ", _BEHIND_A_STOP.sub(" ", text.strip()))
    return f"level {level + 1}, {said}" if level and not said[:1].isdigit() else said


def spoken_lines(text: str) -> Iterator[str]:
    """Several lines, such as the rows of a matrix, each without the spaces that align it."""
    lines = text.splitlines()
    for line in lines:
        yield " ".join(line.split()) if len(lines) > 1 else spoken(line.strip())


def spoken_row(cells: Sequence[str], heads: Sequence[str] = ()) -> str:
    """A row of a table. Under heads each cell says what it is: ``|grad| 3.37, because train``."""
    pairs = zip(cells, [*heads, *[""] * (len(cells) - len(heads))], strict=True)
    parts = [f"{head.strip()} {spoken(cell)}".strip() for cell, head in pairs if cell.strip()]
    return ", ".join(parts)
