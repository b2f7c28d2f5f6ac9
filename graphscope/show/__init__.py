"""Data to text and to pictures. Importing it makes ``str(answer)`` the text of the prompt, and
gives the debugger its painter."""

from graphscope.debug.answers import Answer
from graphscope.debug.debugger import Debugger
from graphscope.show import questions as questions  # registers its renderers
from graphscope.show.console import console, plain
from graphscope.show.picture import Picture, paint
from graphscope.show.text import render as _render

__all__ = ["Picture", "console", "paint", "plain"]


def _as_text(answer: Answer) -> str:
    return plain(_render(answer))


Answer.presenter = _as_text
Debugger.painter = paint
