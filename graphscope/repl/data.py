"""``graphscope --json -c "plan; why W" script.py``: every answer as data, a line of JSON each."""

from __future__ import annotations

import json
from typing import Any, TextIO

from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Json, plain
from graphscope.repl.lines import Lines, Printer
from graphscope.repl.prompt import Prompt


class Told(Prompt):
    """A conversation whose answers go to a stream of their own, as data: what is said beside them
    goes to the console. What cannot be done answers ``{"kind": "Error", "message": ...}``."""

    def __init__(self, data: TextIO, debugger: Debugger, lines: Lines, console: Printer) -> None:
        super().__init__(debugger, lines, console)
        self._data = data

    def show(self, answer: Any) -> None:
        self._tell(json.loads(answer.text) if isinstance(answer, Json) else plain(answer))

    def show_wrong(self, said: str) -> None:
        self._tell({"kind": "Error", "message": said})

    def _tell(self, found: Any) -> None:
        print(json.dumps(found, allow_nan=False), file=self._data, flush=True)
