"""Doing a recorded session again, and comparing what it says."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from graphscope.debug.errors import DebugError
from graphscope.debug.questions.recording import Recording, read
from graphscope.repl.alike import alike
from graphscope.repl.script import debugger_at
from graphscope.show.text import faint, line, strong


def replay(file: str, console: Console) -> int:
    """Do the session of a recording again; 0 when it says the same, 1 when not.

    Errors: DebugError when the file is no recording, or its script is not there.
    """
    recording = located(read(file), file)
    assert recording.script is not None
    script = recording.script
    debugger = debugger_at(script.path, script.run, script.arguments, recording)
    differing = 0
    for prompt, text, expected in recording.commands:
        if text.split(" ")[0] in ("record", "transcript", "export", "save"):
            continue  # what writes files is not done again
        output = debugger.onecmd(text)
        console.print(f"{prompt}{text}", style="gs.faint", markup=False)
        if alike(output.text, expected):
            continue
        differing += 1
        console.print(line(strong("differs; it said"), indent=1))
        console.print(expected, markup=False)
        console.print(line(strong("and says now"), indent=1))
        console.print(output.text, markup=False)
    done = len(recording.commands)
    console.print(line(f"{done} commands replayed, {differing} differ.", faint("")))
    if differing and recording.remark:
        console.print(line(recording.remark))
    return 1 if differing else 0


def located(recording: Recording, file: str) -> Recording:
    """The recording with its script's path, from here or from where the recording lies."""
    script = recording.script
    if script is None:
        raise DebugError(f"{file} was recorded without a script: replay it from Python.")
    beside = Path(file).parent / os.path.basename(script.path)
    for path in (Path(script.path), Path(file).parent / script.path, beside):
        if path.is_file():
            return replace(recording, script=replace(script, path=str(path)))
    raise DebugError(f"The script of this recording is not there: {script.path}")
