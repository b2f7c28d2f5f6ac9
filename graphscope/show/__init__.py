"""Data to text and to pictures. Importing it makes ``str(answer)`` the text of the prompt."""

from graphscope.debug.answers import Answer
from graphscope.show import questions as questions  # registers its renderers
from graphscope.show.console import console, plain
from graphscope.show.text import render

__all__ = ["console", "plain"]


def _as_text(answer: Answer) -> str:
    return plain(render(answer))


Answer.presenter = _as_text
