"""DOT text to SVG and PNG, by whichever Graphviz is there, as a child process with a time limit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from graphscope.debug.errors import DebugError

#: Seconds until a layout is given up.
TIMEOUT = 20.0
#: The dots per inch of bitmaps. Their size is bounded by `size` in the DOT text.
DPI = 144

_HINT = "pip install graphviz-pure, or set GRAPHSCOPE_DOT to the path of a Graphviz `dot`"


def find_engine() -> str | None:
    """The program that draws: ``GRAPHSCOPE_DOT``, graphviz-pure, a system's `dot`, or None.

    Errors: DebugError when ``GRAPHSCOPE_DOT`` names no program.
    """
    chosen = os.environ.get("GRAPHSCOPE_DOT")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise DebugError(f"GRAPHSCOPE_DOT is {chosen!r}, and that is no program.")
        return found
    beside = sysconfig.get_path("scripts")
    return (
        shutil.which("graphviz-pure", path=beside)
        or shutil.which("graphviz-pure")
        or shutil.which("dot")
    )


def render(dot: str, form: str, *, placed: bool, timeout: float = TIMEOUT) -> bytes:
    """The picture as "svg" or "png".

    placed: the DOT text has coordinates, and they are kept.
    Errors: DebugError when there is no engine, or it fails or takes too long; the DOT text is good
    nevertheless and can be saved.
    """
    engine = find_engine()
    if engine is None:
        raise DebugError(
            f"There is no Graphviz to draw with: {_HINT}. The picture can be saved as .dot."
        )
    layout = ["-Kneato", "-n2"] if placed else ["-Kdot"]
    # The layout's unit is 1/72 inch: with 72 dpi an SVG keeps the sizes of its type.
    dpi = DPI if form == "png" else 72
    command = [engine, *layout, "-q", f"-T{form}", f"-Gdpi={dpi}"]
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise DebugError(
            f"{_named(engine)} had not finished after {timeout:g} s. The picture can be saved as "
            ".dot and drawn elsewhere; a smaller fetch is drawn faster."
        ) from None
    except OSError as error:
        raise DebugError(f"{_named(engine)} cannot be started: {error.strerror}. {_HINT}") from None
    if done.returncode != 0 or not done.stdout:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        why = words[-1] if words else f"exit code {done.returncode}"
        raise DebugError(
            f"{_named(engine)} could not draw the picture: {why}. It can be saved as .dot."
        )
    return done.stdout


def _named(engine: str) -> str:
    return Path(engine).name


def write(path: Path, data: bytes) -> None:
    """Write a file. Errors: DebugError when that is not possible."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DebugError(f"{path} cannot be written: {error.strerror or error}.") from None
