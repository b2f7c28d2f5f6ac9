"""DOT text to SVG, PNG and PDF, by whichever Graphviz is there, as a child process with a limit of
time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from graphscope.debug.errors import DebugError
from graphscope.show import own

#: Seconds until a layout is given up.
TIMEOUT = 20.0
#: The dots per inch of bitmaps.
DPI = 144
#: The largest picture in inches, unless its text says so itself: 15 million dots.
SIZE = "27,27"

#: What the output of each form begins with, perhaps after other words.
_MARKS = {"svg": b"<svg", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
#: The forms that graphviz-pure does not have.
_ONLY_DOT = ("pdf",)
#: What makes a layout quicker and plainer, for a graph that was too much at first.
_PLAIN = ("-Gsplines=line", "-Gnslimit=2", "-Gmclimit=0.3")

HINT = "pip install graphviz-pure, or set GRAPHSCOPE_DOT to the path of a Graphviz `dot`"
_HINT_PDF = "install Graphviz (graphviz.org), whose `dot` can, or save it as .svg"

_chosen: str | None = None


class TooLong(DebugError):
    """A layout that was given up. Another program would take as long."""


def set_engine(path: str | os.PathLike[str] | None) -> None:
    """Draw with this program from now on; None: with whichever is there.

    Errors: DebugError when it is no program.
    """
    global _chosen
    _chosen = None if path is None else _program(os.fspath(path), "The engine")


def find_engine(form: str = "svg") -> str | None:
    """The first program that can draw this form, or None."""
    return next(iter(engines(form)), None)


def engines(form: str) -> list[str]:
    """The programs that can draw this form, the best first. One that was chosen, by `set_engine` or
    by ``GRAPHSCOPE_DOT``, is the only one; otherwise graphviz-pure comes before a system's `dot`.

    Errors: DebugError when ``GRAPHSCOPE_DOT`` names no program.
    """
    if _chosen is not None:
        return [_chosen]
    named = os.environ.get("GRAPHSCOPE_DOT")
    if named:
        return [_program(named, "GRAPHSCOPE_DOT")]
    beside = shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))
    pure = None if form in _ONLY_DOT else beside or shutil.which("graphviz-pure")
    return [engine for engine in (pure, shutil.which("dot")) if engine]


def _program(name: str, what: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DebugError(f"{what} is {name!r}, and that is no program.")
    return found


def render(
    dot: str, form: str, *, placed: bool, timeout: float = TIMEOUT, dpi: float = DPI
) -> bytes:
    """The picture as "svg", "png" or "pdf".

    placed: the DOT text has coordinates, and they are kept. dpi: the dots per inch of a bitmap.
    An SVG of such a text needs no engine.
    Errors: DebugError when there is no engine, or all fail or take too long; the DOT text is good
    nevertheless and can be saved.
    """
    found = engines(form)
    if not found and placed and form == "svg":
        return own.drawn(dot)
    if not found:
        raise DebugError(_missing(form, placed))
    problem: DebugError | None = None
    for engine in found:
        try:
            return _drawn(engine, dot, form, placed, timeout, dpi)
        except TooLong:
            raise
        except DebugError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _missing(form: str, placed: bool) -> str:
    if form in _ONLY_DOT and engines("svg"):
        return f"graphviz-pure draws no {form.upper()}: {_HINT_PDF}."
    forms = ".svg or .dot" if placed else ".dot"
    return f"There is no Graphviz to draw with: {HINT}. The picture can be saved as {forms}."


def _drawn(engine: str, dot: str, form: str, placed: bool, timeout: float, dpi: float) -> bytes:
    """What one program makes of the text. A layout that takes too long is tried once more with
    straight lines and less care; there is nothing to save where all positions are given."""
    # The layout's unit is 1/72 inch: with 72 dpi an SVG keeps the sizes of its type.
    dpi = dpi if form == "png" else 72
    command = [engine, "-Kneato", "-n2"] if placed else [engine, "-Kdot"]
    command += ["-q", f"-T{form}", f"-Gdpi={dpi:g}", f"-Gsize={SIZE}"]
    for extra in ((),) if placed else ((), _PLAIN):
        try:
            done = _run([*command, *extra], dot, timeout)
        except subprocess.TimeoutExpired:
            continue
        if done.returncode != 0 or _MARKS[form] not in done.stdout:
            raise DebugError(
                f"{_named(engine)} could not draw the picture: {_why(done, form)}. "
                "It can be saved as .dot."
            )
        return done.stdout
    raise TooLong(
        f"{_named(engine)} had not finished after {timeout:g} s. The picture can be saved as .dot "
        "and drawn elsewhere; a smaller fetch is drawn faster."
    )


def _run(command: list[str], dot: str, timeout: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, input=encoded(dot), capture_output=True, timeout=timeout, check=False
        )
    except OSError as error:
        raise DebugError(
            f"{_named(command[0])} cannot be started: {error.strerror}. {HINT}"
        ) from None


def _why(done: subprocess.CompletedProcess[bytes], form: str) -> str:
    words = done.stderr.decode(errors="replace").strip().splitlines()
    if words:
        return words[-1]
    if done.returncode < 0:
        return f"it was ended by signal {-done.returncode}"
    return f"exit code {done.returncode}" if done.returncode else f"its output is no {form.upper()}"


def _named(engine: str) -> str:
    return Path(engine).name


def encoded(text: str) -> bytes:
    """UTF-8; half a pair of surrogates, which has no code in it, is a question mark."""
    return text.encode(errors="replace")


def write(path: Path, data: bytes) -> None:
    """Write a file. Errors: DebugError when that is not possible."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DebugError(f"{path} cannot be written: {error.strerror or error}.") from None
