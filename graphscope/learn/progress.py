"""How far a learner has come: one small file in the user's state folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from graphscope.debug.errors import DebugError
from graphscope.repl.past import state_folder


@dataclass
class Progress:
    """at: the lesson begun last. done: those whose exercise was passed. tried: how often a check
    was asked for. hints: how many were shown."""

    at: str = ""
    done: list[str] = field(default_factory=list)
    tried: dict[str, int] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """Begin a lesson anew."""
        self.done = [other for other in self.done if other != name]
        self.tried.pop(name, None)
        self.hints.pop(name, None)

    def save(self) -> None:
        """Write it. Where that cannot be, nothing is kept, which is no reason to stop learning."""
        path = _file()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        except OSError:
            return


def load() -> Progress:
    """What was kept. Errors: DebugError for a file that somebody else wrote."""
    path = _file()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return Progress()
    try:
        return Progress(**json.loads(text))
    except (ValueError, TypeError):
        raise DebugError(
            f"{path} is not what learn has written; remove it to begin anew."
        ) from None


def _file() -> Path:
    return state_folder() / "learn.json"
