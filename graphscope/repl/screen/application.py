"""The full screen: draws what is seen from the place, and reads lines under it.

The lines are done by the prompt, as those of the plain terminal are; here they are only read, and
what is answered is shown. While a command is done and while the script runs no application of
prompt_toolkit does: the last picture stays, and Ctrl-C is the signal that it is everywhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import set_app
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.layout import (
    BufferControl,
    CompletionsMenu,
    ConditionalContainer,
    Container,
    DynamicContainer,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.layout.processors import BeforeInput
from rich.console import Console
from rich.text import Text

from graphscope.debug.debugger import Debugger
from graphscope.debug.overview import Overseer, Overview
from graphscope.repl.screen import keys
from graphscope.repl.screen.arranging import Arrangement, arranged
from graphscope.repl.screen.drawing import fragments, panes
from graphscope.repl.screen.held import HeldRenderer, Holding
from graphscope.repl.screen.log import Log, lines_of
from graphscope.repl.terminal import Terminal, in_a_loop
from graphscope.show.letters import ASCII, UNICODE
from graphscope.show.panes import PANES, Pane, Room, legend, titled

#: Between two pictures while the script prints, in seconds.
_PAUSE = 0.1


class Screen:
    """The conversation on the full screen. It is a source of lines, and answers are shown on it."""

    interactive = True

    def __init__(self, terminal: Terminal, console: Console) -> None:
        self._terminal = terminal
        self._console = console
        plain = not console.is_terminal or console.options.ascii_only
        self._letters = ASCII if plain else UNICODE
        self._log = Log(console)
        self._overseer: Overseer | None = None
        self._overview: Overview | None = None
        self._debugger: Debugger | None = None
        #: What is being done, until the next line is read.
        self._busy = ""
        #: What was typed when a key took its place.
        self._typed = Document()
        self._drawn: dict[tuple[str, int, int], StyleAndTextTuples] = {}
        self._drawn_at = 0.0
        self._containers: dict[Arrangement, Container] = {}
        self._output = terminal.session.app.output
        self.app = self._application()
        self._renderer = HeldRenderer(self.app.renderer.style, self._output, full_screen=True)
        self.app.renderer = self._renderer
        self._holding = Holding(self.app.input, self._renderer, self._heard)
        self._is_open = False

    # ---- the conversation ----------------------------------------------------------------------

    def read(self, prompt: str, debugger: Debugger) -> str:
        """A line. Errors: EOFError for Ctrl-D, KeyboardInterrupt for Ctrl-C."""
        self._open()
        if self._debugger is not debugger:
            self._renderer.erase()  # the script has run, and may have started other programs
        self._look(debugger)
        self._terminal.attend(prompt, debugger)
        buffer = self._terminal.session.default_buffer
        buffer.reset(self._typed)
        self._typed = Document()
        self._busy = ""
        text: str = self.app.run(in_thread=in_a_loop())
        self._busy = f"{prompt}{text}"
        self._log.begin(self._busy)
        self._draw()
        return text

    def print(self, *what: Any, crop: bool = True) -> None:
        """Show an answer. What is longer than a line goes on in the next one."""
        self._open()
        for part in what:
            self._log.add(part)

    def close(self) -> None:
        """Give the terminal back; what was answered last, and perhaps not seen, stands there."""
        if self._is_open:
            self._is_open = False
            self._holding.end()
            for answer in self._log.last_answers:
                self._console.print(answer)

    def _open(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._holding.begin()

    def _look(self, debugger: Debugger) -> None:
        """See what is to be seen now."""
        self._debugger = debugger
        if self._overseer is None or not self._overseer.is_for(debugger):
            self._overseer = Overseer(debugger)
        self._overview = None
        self._drawn.clear()

    def _heard(self, text: str) -> None:
        """The script has printed something."""
        self._log.printed(text)
        self._forget_output()
        if self.app.is_running:
            self.app.invalidate()
        elif time.monotonic() - self._drawn_at > _PAUSE:
            self._draw()

    def _typed_by_key(self, command: str) -> None:
        self._typed = self._terminal.session.default_buffer.document
        self.app.exit(result=command)

    def _scroll(self, pages: int) -> None:
        found = self._arrangement()
        height = found.height("output")
        self._log.scroll(pages * max(height - 1, 1), found.columns, height)
        self._forget_output()

    def _forget_output(self) -> None:
        self._drawn = {key: drawn for key, drawn in self._drawn.items() if key[0] != "output"}

    # ---- the picture ---------------------------------------------------------------------------

    def _draw(self) -> None:
        """Draw while no application runs."""
        if self._debugger is None or threading.current_thread() is not threading.main_thread():
            return
        self._drawn_at = time.monotonic()
        self.app.render_counter += 1  # what was drawn before is not the same any more
        self.app.exit_style = ""  # nor is it to be marked as a line that was read
        with set_app(self.app):
            self._renderer.render(self.app, self.app.layout)

    def _arrangement(self) -> Arrangement:
        size = self._output.get_size()
        return arranged(size.columns, size.rows)

    def _panes(self) -> Container:
        found = self._arrangement()
        if found not in self._containers:
            self._containers = {found: panes(found, self._painted, self._letters)}
            self._overview = None
            self._drawn.clear()
        return self._containers[found]

    def _painted(self, name: str, width: int, height: int) -> StyleAndTextTuples:
        """A pane with its title, as it was drawn last if nothing has changed."""
        key = (name, width, height)
        if key not in self._drawn:
            try:
                self._drawn[key] = self._made(name, width, height)
            except Exception as fault:
                # A fault of ours must not cost anybody the place they have come to.
                said = f"{type(fault).__name__}: {fault}. This is a fault of GraphScope."
                self._drawn[key] = fragments(lines_of(said, width, self._console)[:height])
        return self._drawn[key]

    def _made(self, name: str, width: int, height: int) -> StyleAndTextTuples:
        room = Room(width, height - 1, self._letters)
        if name == "output":
            place = self._log.place(width, room.height)
            above = titled(f"output {place}".rstrip(), (), room)
            lines = self._log.seen(width, room.height)
            return fragments([*lines_of(above, width, self._console), *lines])
        pane: Pane = PANES[name](self._seen(), room)
        above = titled(pane.title, legend(room) if name == "plan" else (), room)
        return fragments(lines_of(Text("\n").join([above, *pane.lines]), width, self._console))

    def _seen(self) -> Overview:
        if self._overview is None:
            assert self._overseer is not None
            found = self._arrangement()
            self._overview = self._overseer.overview(
                lines=found.height("plan"),
                around=found.height("source"),
                variables=max(found.height("variables") - 1, found.height("gradients"), 0),
            )
        return self._overview

    def _status(self) -> StyleAndTextTuples:
        if not self._busy:
            return self._terminal.toolbar()
        width = self._output.get_size().columns
        text = " running   Ctrl-C stops it between two nodes"
        return [("", text[:width].ljust(width))]

    # ---- the application -----------------------------------------------------------------------

    def _application(self) -> Application[str]:
        session = self._terminal.session
        line = BufferControl(
            session.default_buffer,
            lexer=session.lexer,
            input_processors=[BeforeInput(self._terminal.message)],
            include_default_input_processors=True,
        )
        typed = Window(line, height=1, wrap_lines=False)
        done = Window(FormattedTextControl(lambda: [("", self._busy)]), height=1)
        rows: list[Container] = [
            DynamicContainer(self._panes),
            DynamicContainer(lambda: done if self._busy else typed),
            self._bottom("keys", self._keys, ""),
            self._bottom("status", self._status, "class:bottom-toolbar"),
        ]
        menu = Float(CompletionsMenu(max_height=8, scroll_offset=1), xcursor=True, ycursor=True)
        own = keys.key_bindings(self._typed_by_key, self._scroll)
        return Application(
            layout=Layout(FloatContainer(HSplit(rows), [menu]), focused_element=line),
            key_bindings=merge_key_bindings([*_known(session.app.key_bindings), own]),
            style=session.style,
            include_default_pygments_style=False,
            color_depth=session.color_depth,
            full_screen=True,
            input=session.app.input,
            output=session.app.output,
        )

    def _keys(self) -> StyleAndTextTuples:
        return [("", keys.said(self._output.get_size().columns))]

    def _bottom(
        self, name: str, content: Callable[[], StyleAndTextTuples], style: str
    ) -> Container:
        """A line under the panes, where there is room for it."""
        window = Window(FormattedTextControl(content), height=1, style=style)
        return ConditionalContainer(window, Condition(lambda: name in self._arrangement().bottom))


def _known(bindings: Any) -> list[Any]:
    return [] if bindings is None else [bindings]
