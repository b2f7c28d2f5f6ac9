"""Holding the terminal: between two lines that are read, and while the script runs, the screen
stays, and nothing but what we draw comes onto it."""

from __future__ import annotations

import atexit
import io
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from prompt_toolkit.application import Application
from prompt_toolkit.input import Input
from prompt_toolkit.layout import Layout
from prompt_toolkit.renderer import Renderer

#: So many letters of what the script prints are kept, to be shown when the screen is left.
_KEPT = 1 << 20


class HeldRenderer(Renderer):
    """Draws on a screen that stays when the application ends. `give_back` leaves it."""

    def render(self, app: Application[Any], layout: Layout, is_done: bool = False) -> None:
        if not is_done:  # the picture stays as it is
            super().render(app, layout)

    def reset(self, _scroll: bool = False, leave_alternate_screen: bool = True) -> None:
        """An application begins: what was drawn last is still there, and only what is different
        then will be sent."""
        if not (leave_alternate_screen and self._is_drawn):
            super().reset(_scroll, leave_alternate_screen=False)

    @property
    def _is_drawn(self) -> bool:
        return getattr(self, "_last_screen", None) is not None

    def request_absolute_cursor_position(self) -> None:
        """The screen is ours: it begins in its corner."""
        self._min_available_height = self.output.get_size().rows

    def erase(self, leave_alternate_screen: bool = True) -> None:
        """Draw everything anew the next time: the window has another size, or something else may
        have been written."""
        if self._in_alternate_screen:
            self.output.cursor_goto(0, 0)
            self.output.erase_screen()
        super().reset(leave_alternate_screen=False)

    def give_back(self) -> None:
        """Leave the screen, until something is drawn again."""
        self.output.reset_attributes()
        self.output.enable_autowrap()
        super().reset()
        self.output.show_cursor()
        self.output.flush()


class Heard(io.TextIOBase):
    """Stands in for stdout or stderr: what is printed is handed on."""

    def __init__(self, real: TextIO, heard: Callable[[TextIO, str], None]) -> None:
        self.real = real
        self._heard = heard

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.real.encoding

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.real.fileno()

    def write(self, text: str) -> int:
        self._heard(self.real, text)
        return len(text)


class Holding:
    """The terminal, taken from `begin` to `end`: without echo, with stdout and stderr caught.

    heard: is given what the script prints. It is printed where it was meant to go when the
    terminal is given back.
    """

    def __init__(self, source: Input, renderer: HeldRenderer, heard: Callable[[str], None]) -> None:
        self._source = source
        self._renderer = renderer
        self._heard = heard
        self._modes: Any = None
        self._streams: tuple[Heard, ...] = ()
        self._kept: list[tuple[TextIO, str]] = []
        self._size = 0

    def begin(self) -> None:
        self._modes = _quiet(self._source)
        out, err = Heard(sys.stdout, self._hear), Heard(sys.stderr, self._hear)
        sys.stdout, sys.stderr = out, err
        self._streams = (out, err)
        atexit.register(self.end)

    def _hear(self, real: TextIO, text: str) -> None:
        self._kept.append((real, text))
        self._size += len(text)
        while self._size > _KEPT and len(self._kept) > 1:
            self._size -= len(self._kept.pop(0)[1])
        self._heard(text)

    def end(self) -> None:
        """Give the terminal back; once."""
        if not self._streams:
            return
        atexit.unregister(self.end)
        self._renderer.give_back()
        _restore(self._source, self._modes)
        out, err = self._streams
        self._streams = ()
        if sys.stdout is out:
            sys.stdout = out.real
        if sys.stderr is err:
            sys.stderr = err.real
        kept, self._kept, self._size = self._kept, [], 0
        with suppress(OSError, ValueError):  # who was reading is gone
            for real, text in kept:
                real.write(text)
                real.flush()


def _quiet(source: Input) -> Any:
    """Let the terminal show nothing of what is typed; Ctrl-C stays a signal. Returns how it was;
    None for what is no terminal, and on Windows, where nothing is shown that nobody reads."""
    if sys.platform == "win32":
        return None
    import termios

    try:
        before = termios.tcgetattr(source.fileno())
    except (termios.error, OSError, NotImplementedError):
        return None
    quiet = [*before[:6], [*before[6]]]
    quiet[3] = (before[3] & ~(termios.ECHO | termios.ICANON)) | termios.ISIG
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    quiet[6][termios.VSUSP] = b"\0"  # Ctrl-Z would leave the shell in this screen
    termios.tcsetattr(source.fileno(), termios.TCSANOW, quiet)
    return before


def _restore(source: Input, modes: Any) -> None:
    if sys.platform == "win32" or modes is None:
        return
    import termios

    with suppress(termios.error, OSError):  # the terminal is gone
        termios.tcsetattr(source.fileno(), termios.TCSANOW, modes)
