"""What tutorials/teachers.md shows is what happens: its files, its commands, what they print."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import graphscope as gs
from graphscope.cli import main

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "tutorials" / "teachers.md").read_text(encoding="utf-8")
FILES = re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)^```$", PAGE, re.M | re.S)
#: (command, what it prints), in their order.
COMMANDS = [
    tuple(part.partition("\n")[::2])
    for block in re.findall(r"^```console\n\$ (.*?)^```$", PAGE, re.M | re.S)
    for part in block.split("\n$ ")
]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of sh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the files of the page, and the programs that its commands call."""
    folder = tmp_path_factory.mktemp("teachers")
    for name, text in FILES:
        (folder / name).write_text(text)
    (folder / "bin").mkdir()
    calls = {
        "graphscope": "-m graphscope",
        "pytest": "-m pytest -p no:cacheprovider",
        "python": "",
    }
    for name, words in calls.items():
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize(("command", "printed"), COMMANDS, ids=[c[:40] for c, _ in COMMANDS])
def test_a_command(folder, command, printed, capsys, monkeypatch):
    if command.startswith("graphscope "):
        monkeypatch.chdir(folder)
        gs.reset_default_graph()
        assert main(shlex.split(command)[1:]) == 0
        gs.reset_default_graph()
        said = capsys.readouterr().out
    else:
        said = in_a_shell(folder, command)
    pattern = ".*?".join(map(re.escape, printed.split("...\n")))
    assert re.fullmatch(pattern, said, re.S), said


def in_a_shell(folder, command):
    """What a command prints in a shell, in which the programs of the page are there."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={
            **known,
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "COLUMNS": "80",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not done.stderr
    return done.stdout


def test_there_is_something_of_each_kind():
    assert [name for name, _ in FILES] == ["step.py", "exercise.py", "test_exercise.py"]
    verbs = {re.search(r"graphscope \w+|pytest|python", command)[0] for command, _ in COMMANDS}
    assert verbs == {"graphscope frames", "graphscope handout", "pytest", "python"}


def test_it_says_under_which_licence_pictures_are():
    assert "Apache License 2.0" in PAGE
