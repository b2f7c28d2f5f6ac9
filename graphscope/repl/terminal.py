"""Lines typed at a terminal, by prompt_toolkit: a menu, colours, the status below, the history.

Ctrl-R searches the history by letters that stand in a line in this order, others between them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from importlib import import_module

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, FuzzyCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style
from rich.style import Style as RichStyle

from graphscope.debug.debugger import Debugger
from graphscope.repl.colouring import coloured
from graphscope.repl.completing import completed
from graphscope.repl.lines import Typed
from graphscope.repl.past import history_file
from graphscope.repl.status import status
from graphscope.show.plainly import plainly
from graphscope.show.theme import TYPED

#: What is said of a candidate is cut at so many letters.
_ABOUT = 48
_SEARCH = "history> "
_SEARCHING = "letters in order   Ctrl-R next   Enter take   Ctrl-G leave"

_ATTRIBUTES = ("bold", "italic", "underline", "reverse")
#: The colours of `rich` by their names, which prompt_toolkit calls otherwise.
_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan")
_COLOURS = {
    **{hue: f"ansi{hue}" for hue in _HUES},
    **{f"bright_{hue}": f"ansibright{hue}" for hue in _HUES},
    "white": "ansigray",
    "bright_white": "ansiwhite",
}


def toolkit_style(words: str) -> str:
    """A style of `rich`, in the words of prompt_toolkit."""
    style = RichStyle.parse(words)
    said = [name for name in _ATTRIBUTES if getattr(style, name)]
    said += ["ansibrightblack"] if style.dim else []
    if style.color is not None and not style.color.is_default:
        known = _COLOURS.get(style.color.name)
        said.append(known or style.color.get_truecolor().hex)
    return " ".join(said)


def style() -> Style:
    """How the parts of a line look, and what is around it."""
    typed = {f"typed.{kind}": toolkit_style(words) for kind, words in TYPED.items()}
    return Style.from_dict({**typed, "bottom-toolbar": f"noreverse {typed['typed.status']}"})


def colour_depth() -> ColorDepth | None:
    """None: as many as the terminal has."""
    return ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None


class Past(FileHistory):
    """The lines of earlier sessions in a file, which is made when there is something to write; only
    in memory where it cannot be written."""

    def store_string(self, string: str) -> None:
        try:
            os.makedirs(os.path.dirname(os.fspath(self.filename)), mode=0o700, exist_ok=True)
            super().store_string(string)
        except OSError:
            return

    @property
    def newest_first(self) -> list[str]:
        """Each line once, where it was typed last."""
        lines = self.get_strings()[::-1] if self._loaded else self.load_history_strings()
        return [*dict.fromkeys(lines)]


class Terminal:
    """Lines typed by somebody."""

    interactive = True

    def __init__(self) -> None:
        self._prompt = ""
        self._debugger: Debugger | None = None
        #: The line before the history is searched; None when it is not.
        self._before: Document | None = None
        self._past = Past(str(history_file()))
        #: What is asked for that is no command is not kept.
        self._questions: PromptSession[str] = PromptSession()
        self._session: PromptSession[str] = PromptSession(
            history=self._past,
            completer=_Menu(self),
            lexer=_Colours(self),
            bottom_toolbar=self.toolbar,
            style=style(),
            color_depth=colour_depth(),
            include_default_pygments_style=False,
            key_bindings=self._keys(),
            complete_while_typing=Condition(lambda: self._before is not None),
        )

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        if plainly():
            return Typed().read(prompt)
        if debugger is None:
            return self._questions.prompt(prompt, in_thread=in_a_loop())
        self.attend(prompt, debugger)
        return self._session.prompt(self.message, in_thread=in_a_loop())

    @property
    def session(self) -> PromptSession[str]:
        """What reads the lines: its line, keys and colours are those of the full screen too."""
        return self._session

    def attend(self, prompt: str, debugger: Debugger) -> None:
        """Let what is typed from now on be about this run."""
        self._prompt, self._debugger, self._before = prompt, debugger, None

    def message(self) -> str:
        return _SEARCH if self._before is not None else self._prompt

    def toolbar(self) -> StyleAndTextTuples:
        assert self._debugger is not None
        width = get_app().output.get_size().columns
        text = _SEARCHING if self._before is not None else status(self._debugger, width - 2)
        return [("", f" {text}"[:width])]

    # ---- candidates ----------------------------------------------------------------------------

    def completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """What the menu has: lines of the history while it is searched."""
        if self._before is not None:
            return self.found(document.text, event)
        assert self._debugger is not None
        words, begun = completed(self._debugger, document.text_before_cursor)
        return (
            Completion(word, start_position=-begun, display_meta=_cut(about))
            for word, about in words
        )

    def found(self, letters: str, event: CompleteEvent | None = None) -> Iterable[Completion]:
        """The lines of the history that have these letters, the nearest match first."""
        search = FuzzyCompleter(_Lines(self._past), pattern="^.*")
        return search.get_completions(Document(letters), event or CompleteEvent())

    def parts(self, line: str) -> StyleAndTextTuples:
        """The line in colours."""
        assert self._debugger is not None
        if self._before is not None:
            return [("", line)]
        parts = coloured(self._debugger, line)
        return [(f"class:typed.{part.kind}" if part.kind else "", part.text) for part in parts]

    # ---- keys ----------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys, searching = KeyBindings(), Condition(lambda: self._before is not None)
        pairs: list[tuple[str, Callable[[Buffer], None]]] = [
            ("enter", self._take),
            ("c-g", self._leave),
            ("c-c", self._leave),
            ("escape", self._leave),
        ]
        for key, done in pairs:
            keys.add(key, filter=searching, eager=True)(_on_buffer(done))
        keys.add("c-r")(_on_buffer(self._search))
        return keys

    def _search(self, buffer: Buffer) -> None:
        """Begin to search, by what has been typed already; or go on to the next line found."""
        if self._before is not None:
            if buffer.complete_state is not None:
                buffer.complete_next()
            return
        self._before = buffer.document
        buffer.document = Document(buffer.text)
        buffer.start_completion()

    def _take(self, buffer: Buffer) -> None:
        """Let the line be the one that is chosen in the menu, or the nearest match."""
        state = buffer.complete_state
        chosen = state.current_completion if state is not None else None
        nearest = chosen or next(iter(self.found(buffer.text)), None)
        self._stop_searching(buffer, Document(nearest.text) if nearest else buffer.document)

    def _leave(self, buffer: Buffer) -> None:
        assert self._before is not None
        self._stop_searching(buffer, self._before)

    def _stop_searching(self, buffer: Buffer, document: Document) -> None:
        self._before = None
        buffer.complete_state = None
        buffer.document = document


class _Menu(Completer):
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        return self._terminal.completions(document, event)


class _Lines(Completer):
    """All lines of the history; each takes the place of what has been typed."""

    def __init__(self, past: Past) -> None:
        self._past = past

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        return map(Completion, self._past.newest_first)


class _Colours(Lexer):
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        return lambda number: self._terminal.parts(document.lines[number])


def _on_buffer(done: Callable[[Buffer], None]) -> Callable[[KeyPressEvent], None]:
    return lambda event: done(event.current_buffer)


def _cut(text: str) -> str:
    return text if len(text) <= _ABOUT else f"{text[: _ABOUT - 2].rstrip()}.."


def in_a_loop() -> bool:
    """Whether this is called inside of a program's own event loop, which is busy with us."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def no_console() -> tuple[type[Exception], ...]:
    """What prompt_toolkit raises on Windows in a window that is no console, as git-bash has."""
    if os.name != "nt":
        return ()
    return (import_module("prompt_toolkit.output.win32").NoConsoleScreenBufferError,)
