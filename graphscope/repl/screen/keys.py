"""The keys of the full screen. Letters belong to the command line: what goes without typing are
function keys, and arrows with Ctrl while nothing is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from prompt_toolkit.application.current import get_app
from prompt_toolkit.filters import Always, Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


class Key(NamedTuple):
    """A key that types a command. when_empty: only while nothing is typed."""

    name: str
    command: str
    when_empty: bool = False


#: The function keys go from the past on the left to the future on the right.
KEYS = (
    Key("f3", "layout"),
    Key("f5", "reverse-continue"),
    Key("f6", "back"),
    Key("f7", "step"),
    Key("f8", "next"),
    Key("f9", "continue"),
    Key("c-left", "back", when_empty=True),
    Key("c-right", "step", when_empty=True),
    Key("c-down", "next", when_empty=True),
    Key("c-up", "reverse-next", when_empty=True),
)
#: What is said of the keys, what is needed least is left out first.
_SAID = (
    "F6 back",
    "F7 step",
    "F8 next",
    "F9 continue",
    "F5 back to a stop",
    "PgUp/PgDn output",
    "F3 prompt",
    "Enter again",
    "Ctrl-arrows go too",
)
_GAP = "  "


def said(width: int) -> str:
    """The keys in a line, as many as there is room for."""
    line = ""
    for words in _SAID:
        longer = f"{line}{_GAP}{words}" if line else f" {words}"
        if len(longer) > width:
            break
        line = longer
    return line


def key_bindings(typed: Callable[[str], None], scroll: Callable[[int], None]) -> KeyBindings:
    """typed: takes the command of a key. scroll: moves the output by so many pages."""
    keys = KeyBindings()
    empty = Condition(lambda: not get_app().current_buffer.text)
    for key in KEYS:
        when = empty if key.when_empty else Always()
        keys.add(key.name, filter=when, eager=True)(_typing(typed, key.command))
    for name, pages in (("pageup", -1), ("pagedown", 1)):
        keys.add(name, eager=True)(_scrolling(scroll, pages))
    return keys


def _typing(typed: Callable[[str], None], command: str) -> Callable[[KeyPressEvent], None]:
    return lambda event: typed(command)


def _scrolling(scroll: Callable[[int], None], pages: int) -> Callable[[KeyPressEvent], None]:
    return lambda event: scroll(pages)
