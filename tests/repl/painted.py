"""A terminal that is a table of letters, and somebody at it who presses keys."""

import io
from contextlib import contextmanager

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from graphscope.repl.desk import Desk
from graphscope.repl.prompt import Prompt
from graphscope.repl.screen.application import Screen
from graphscope.repl.terminal import Terminal
from graphscope.show import console

pyte = pytest.importorskip("pyte", reason="nothing is there to read a screen")

F3, F5, F6, F7, F8, F9 = "\x1bOR", "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~"
PAGE_UP, PAGE_DOWN = "\x1b[5~", "\x1b[6~"
CTRL_RIGHT, CTRL_LEFT = "\x1b[1;5C", "\x1b[1;5D"


class Table(io.TextIOBase):
    """The terminal's side: what is written comes onto the table."""

    def __init__(self, columns, rows, encoding):
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._encoding = encoding
        self.written = ""

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return True

    def fileno(self):
        raise io.UnsupportedOperation

    def write(self, text):
        self.written += text
        self._stream.feed(text.replace("\n", "\r\n"))  # as a terminal does it
        return len(text)

    def size(self):
        return Size(rows=self.screen.lines, columns=self.screen.columns)

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display) + "\n"


class Seat(Desk):
    """A desk at such a terminal. keys: what is pressed before each line is read: keys, or something
    that is done. pictures: what was seen when each line began to be read."""

    def __init__(self, table, keys, pipe):
        self.table, self.keys, self.pictures = table, iter(keys), []
        self._pipe = pipe
        self._console = console(table)
        self._given, self._lines = None, Terminal()
        self._screen, self._is_full = Screen(self._lines, self._console), True
        self._is_new = False
        self._screen.app.after_render += self._seen

    def _seen(self, _):
        if self._is_new:
            self._is_new = False
            self.pictures.append(self.table.text)

    def read(self, prompt, debugger=None):
        keys = next(self.keys, None)
        if keys is None:
            raise EOFError
        if callable(keys):
            keys()
            keys = "\r"
        self._pipe.send_text(keys)
        self._is_new = True
        return super().read(prompt, debugger)


@contextmanager
def seat(columns, rows, keys, encoding="utf-8"):
    """Somebody who will press these keys."""
    with create_pipe_input() as pipe:
        table = Table(columns, rows, encoding)
        output = Vt100_Output(table, table.size, term="xterm", enable_cpr=False)
        with create_app_session(input=pipe, output=output):
            made = Seat(table, keys, pipe)
            try:
                yield made
            finally:
                made.close()


def pictures(debugger, columns, rows, *keys, encoding="utf-8"):
    """What is seen before each of these keys, and after the last of them."""
    with seat(columns, rows, [*keys, "quit\r"], encoding) as made:
        Prompt(debugger, made, made).talk()
        return made.pictures
