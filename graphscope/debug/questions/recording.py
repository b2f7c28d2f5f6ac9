"""A session kept in a file: what the run began with, and what was asked, so that it can be done
again."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.history import Script
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.state import State
from graphscope.ops.random import Cell

#: The form of the file; another one is refused.
FORMAT = 1


@dataclass(frozen=True)
class Recording(Answer):
    """A session as data.

    script:    the program and which of its runs this is, where there is one.
    feeds:     by the tensor's name. variables, cells: what the session held when the run began.
    elsewhere: the iterators, queues and readers that the run used and that stood somewhere already.
               A file cannot hold them: the script brings them to their places when it runs again.
    commands:  what was asked, with the prompts before and the texts after, in order.
    """

    script: Script | None
    feeds: dict[str, Value]
    variables: dict[str, Value]
    cells: dict[str, Cell] = field(default_factory=dict)
    commands: tuple[tuple[str, str, str], ...] = ()
    elsewhere: tuple[str, ...] = ()

    def state(self, again: State) -> State:
        """What the run began with. again: what the session holds when the script has come to this
        run once more; of it the places of iterators, queues and readers are taken."""
        places = {name: cell for name, cell in again.cells.items() if not isinstance(cell, Cell)}
        return State(dict(self.variables), {**places, **self.cells})

    @property
    def remark(self) -> str:
        """What the file does not hold, in a sentence; empty when it holds everything."""
        if not self.elsewhere:
            return ""
        are = "is" if len(self.elsewhere) == 1 else "are"
        return (
            f"Where {', '.join(self.elsewhere)} stood {are} not in the file: the script comes "
            "there again by itself, if what it shuffles and draws before has seeds."
        )

    def write(self, file: Any) -> None:
        """A zip of one JSON text and one .npy for each array."""
        arrays = {"feeds": self.feeds, "variables": self.variables}
        about = {
            "format": FORMAT,
            "script": None
            if self.script is None
            else [self.script.path, list(self.script.arguments), self.script.run],
            "cells": {name: [list(cell.key), cell.position] for name, cell in self.cells.items()},
            "commands": self.commands,
            "elsewhere": self.elsewhere,
            **{part: list(values) for part, values in arrays.items()},
        }
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("session.json", json.dumps(about))
            for part, values in arrays.items():
                for i, value in enumerate(values.values()):
                    archive.writestr(f"{part}/{i}.npy", _bytes(value))


def read(file: Any) -> Recording:
    """Errors: DebugError when the file is no recording."""
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read("session.json"))
            if about["format"] != FORMAT:
                raise DebugError(f"{file} is a recording of another form: {about['format']}.")
            arrays = {
                part: {
                    name: _array(archive.read(f"{part}/{i}.npy"))
                    for i, name in enumerate(about[part])
                }
                for part in ("feeds", "variables")
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise DebugError(f"{file} is no recording of a session: {error}") from None
    script = about["script"]
    return Recording(
        script=None if script is None else Script(script[0], tuple(script[1]), script[2]),
        feeds=arrays["feeds"],
        variables=arrays["variables"],
        cells={name: Cell(tuple(key), at) for name, (key, at) in about["cells"].items()},
        commands=tuple((prompt, line, text) for prompt, line, text in about["commands"]),
        elsewhere=tuple(about.get("elsewhere", ())),
    )


def recorded(timeline: Timeline, script: Script | None, log: Any) -> Recording:
    """The session as it stands. Generators that have drawn are kept by what they began with."""
    cells = dict(timeline.before.cells)
    used = {name for step in timeline.steps for name in step.ran.cells}
    for step in timeline.steps:
        for name, cell in step.ran.cells.items():
            if name not in cells and isinstance(cell, Cell):
                cells[name] = Cell(cell.key, 0)  # a fresh key, before it drew anything
    return Recording(
        script=script,
        feeds={tensor.name: value for tensor, value in timeline.run.feeds.items()},
        variables=dict(timeline.before.variables),
        cells={name: cell for name, cell in cells.items() if isinstance(cell, Cell)},
        commands=tuple((prompt, output.line, output.text) for prompt, output in log),
        elsewhere=tuple(n for n in cells if n in used and not isinstance(cells[n], Cell)),
    )


def _bytes(value: Value) -> bytes:
    if value.dtype == object:  # texts: as JSON, since a pickle could run code when it is read
        value = np.frombuffer(
            json.dumps([list(value.shape), [_text(item) for item in value.flat]]).encode(),
            np.uint8,
        )
        stream = BytesIO()
        np.save(stream, value, allow_pickle=False)
        return b"texts" + stream.getvalue()
    stream = BytesIO()
    np.save(stream, value, allow_pickle=False)
    return stream.getvalue()


def _text(item: Any) -> str:
    return item.decode("latin-1") if isinstance(item, bytes) else str(item)


def _array(data: bytes) -> Value:
    if not data.startswith(b"texts"):
        value: Value = np.load(BytesIO(data), allow_pickle=False)
        value.flags.writeable = False
        return value
    raw = np.load(BytesIO(data[5:]), allow_pickle=False)
    shape, items = json.loads(raw.tobytes().decode())
    texts: Value = np.empty(len(items), object)
    texts[:] = [item.encode("latin-1") for item in items]
    texts = texts.reshape(shape)
    texts.flags.writeable = False
    return texts
