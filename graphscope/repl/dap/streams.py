"""The streams of the process: the protocol keeps those that it was started with, and what the
script writes becomes events."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import BinaryIO

from graphscope.repl.dap.wire import Wire

_CATEGORIES = {1: "stdout", 2: "stderr"}


#: How many seconds to wait for what other programs still write, that the script has started.
_PATIENCE = 0.5


def taken() -> tuple[Wire, Callable[[], None]]:
    """Take the process's stdin and stdout for the protocol. Whatever writes to them from now on
    does not get into it: a script's print, what C writes, and what other programs write that the
    script starts, become `output` events; there is nothing to read.

    Returns the wire, and what waits until all has been told that was written.
    """
    incoming, outgoing = (_binary(os.dup(number)) for number in (0, 1))
    wire = Wire(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    pumps = []
    for number, category in _CATEGORIES.items():
        tell = _teller(wire, category)
        pumps.append(_redirect(number, tell))
        stream = io.TextIOWrapper(
            io.BufferedWriter(_Told(number, tell)), encoding="utf-8", errors="backslashreplace",
            newline="\n", line_buffering=True,
        )  # fmt: skip
        setattr(sys, category, stream)
    return wire, lambda: _drain(pumps)


def _drain(pumps: Iterable[threading.Thread]) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in _CATEGORIES:
        os.dup2(nothing, number)  # the other ends of the pipes see that this is all
    os.close(nothing)
    for pump in pumps:
        pump.join(_PATIENCE)


def _teller(wire: Wire, category: str) -> Callable[[bytes], None]:
    def tell(said: bytes) -> None:
        wire.event("output", {"category": category, "output": said.decode("utf-8", "replace")})

    return tell


class _Told(io.RawIOBase):
    """What is written here is told at once, so that it comes before the stop that follows."""

    def __init__(self, number: int, tell: Callable[[bytes], None]) -> None:
        self._number, self._tell = number, tell

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, said: object) -> int:
        data = bytes(said)  # type: ignore[call-overload]
        self._tell(data)
        return len(data)


def _redirect(number: int, tell: Callable[[bytes], None]) -> threading.Thread:
    """What is written to a file by its number is read by a thread and told."""
    reading, writing = os.pipe()
    os.dup2(writing, number)
    os.close(writing)
    source = os.fdopen(reading, "rb", buffering=0)
    pump = threading.Thread(target=_pump, args=(source, tell), daemon=True)
    pump.start()
    return pump


def _pump(source: BinaryIO, tell: Callable[[bytes], None]) -> None:
    while said := source.read(1 << 16):
        tell(said)


def _binary(number: int) -> int:
    if sys.platform == "win32":  # line ends are part of the protocol
        import msvcrt

        msvcrt.setmode(number, os.O_BINARY)
    return number
