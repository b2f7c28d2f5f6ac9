"""Whole conversations, compared with what stands in `transcripts/`.

A transcript begins with its command line; what stands behind a prompt in it is what was typed.
GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes the files anew, to be read before they are committed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TRANSCRIPTS = sorted((TESTS / "transcripts").glob("*.txt"))
PROMPT = re.compile(r"^\(gs[^)]*\)> (.*)$", re.M)


def graphscope(arguments, typed, folder, **environment):
    """Run the command in a folder with lines piped in; the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "graphscope", *arguments],
        input=typed,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path, transcript, tmp_path):
    expected = path.read_text()
    first, *_ = expected.splitlines()
    arguments = first.removeprefix("$ graphscope ").split()
    for script in (TESTS / "scripts").glob("*.py"):
        (tmp_path / script.name).write_text(script.read_text())
    given = [] if arguments[0] == "demo" else PROMPT.findall(expected)
    done = graphscope(arguments, "\n".join(given) + "\n", tmp_path)
    assert "\x1b" not in done.stdout, "colour codes without a terminal"
    actual = f"{first}\n{done.stdout}"  # how a traceback looks is a matter of Python's version
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        path.write_text(actual)
    transcript.same(actual, expected)


def test_there_are_transcripts():
    assert {"demo", "a_session", "bad_input", "a_failing_node"} <= {p.stem for p in TRANSCRIPTS}
