"""Where a conversation is held: the lines that are read, and where answers are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.console import Console

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.repl.lines import Given, Printer, is_terminal, left_undone, lines_after, lines_of
from graphscope.show import console
from graphscope.show.plainly import plainly

if TYPE_CHECKING:
    from graphscope.repl.screen.application import Screen

#: What stands against the full screen.
_NO_TERMINAL = "The full screen needs a terminal; here is the plain prompt."
_DUMB = "The full screen needs a terminal that can move its cursor, and TERM is {}."


class Desk:
    """The plain prompt or the full screen, between which `change` goes back and forth.

    commands: what is done first. Then come the lines of the terminal if there is one; else, without
    commands, those that are piped in.
    """

    def __init__(self, commands: Sequence[str] | str | None = None) -> None:
        self._console: Console = console()
        self._given: Given | None = None if commands is None else lines_of(commands, self.print)
        self._lines = lines_after(commands, self.print)
        #: The full screen, once it was asked for, and whether the conversation is held there.
        self._screen: Screen | None = None
        self._is_full = False

    @property
    def interactive(self) -> bool:
        return self._lines.interactive

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        """The next line. Errors: EOFError when there are no more."""
        if self._given is not None:
            with suppress(EOFError):
                return self._given.read(prompt, debugger)
        if self._is_full and plainly():  # nothing shall be drawn any more
            self.close()
        full = self._screen if self._is_full else None
        if full is not None and debugger is not None:
            try:
                return full.read(prompt, debugger)
            except EOFError:
                raise
            except Exception as fault:
                # A fault of ours must not cost anybody the place they have come to.
                self.close()
                said = f"The full screen failed: {type(fault).__name__}: {fault}"
                self.print(f" {said}. This is a fault of GraphScope. Here is the plain prompt.")
        return self._lines.read(prompt, debugger)

    def not_done(self) -> str:
        """What to say, at the end of the program, of commands that nobody has come to; nothing when
        there are none."""
        return "" if self._given is None else left_undone(self._given)

    def print(self, *what: Any, crop: bool = True) -> None:
        """Show something: what rich can print. crop: as for rich."""
        full = self._screen if self._is_full else None
        printer: Printer = self._console if full is None else full
        for part in what or ("",):
            printer.print(part, crop=crop)

    def change(self) -> None:
        """From the plain prompt to the full screen, or back. Errors: DebugError where there is no
        terminal for it."""
        if self._is_full:
            self.close()
            return
        from graphscope.repl.screen.application import Screen
        from graphscope.repl.terminal import Terminal

        if not isinstance(self._lines, Terminal):
            dumb = _DUMB.format(os.environ.get("TERM", "not set"))
            raise DebugError(dumb if is_terminal(sys.stdin, sys.stdout) else _NO_TERMINAL)
        self._screen = self._screen or Screen(self._lines, self._console)
        self._is_full = True

    def close(self) -> None:
        """Give the terminal back, if the full screen has it."""
        self._is_full = False
        if self._screen is not None:
            self._screen.close()
