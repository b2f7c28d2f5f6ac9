"""``graphscope open FILE``: what a file of TensorFlow is, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from graphscope.debug.dispatch import as_json
from graphscope.errors import OpError
from graphscope.formats.opened.telling import open_file
from graphscope.repl.words import told
from graphscope.show import console, render
from graphscope.show.opened import safe


def show_file(words: Sequence[str]) -> int:
    """Print what is in the file that the words name; with ``--json`` as data. Returns the exit
    code."""
    files = [word for word in words if word != "--json"]
    if len(files) != 1 or files[0].startswith("-"):
        return told("open takes one file: graphscope open FILE [--json]")
    try:
        found = open_file(files[0])
    except OpError as error:
        return told(safe(error.message))
    if "--json" in words:
        print(as_json(found))
    else:
        console().print(render(found), crop=False)
    return 0
