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


def commands(text):
    """(command, what it prints), in their order."""
    blocks = re.findall(r"^```console\n\$ (.*?)^```$", text, re.M | re.S)
    return [part.partition("\n")[::2] for block in blocks for part in block.split("\n$ ")]


SECTIONS = {
    heading: commands(text)
    for heading, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    if commands(text)
}

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


@pytest.mark.parametrize("heading", SECTIONS)
def test_what_the_commands_of_a_section_print(folder, heading, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    for command, printed in SECTIONS[heading]:
        if command.startswith(("graphscope ", "for ")):
            for words in map(shlex.split, repeated(command)):
                assert words[0] == "graphscope"
                gs.reset_default_graph()
                assert main(words[1:]) == 0
            gs.reset_default_graph()
            said = capsys.readouterr().out
        else:
            said = in_a_shell(folder, command)
        pattern = ".*?".join(map(re.escape, printed.split("...\n")))
        assert re.fullmatch(pattern, said, re.S), said


def repeated(command):
    """A command, or all those that a loop of sh gives: ``for n in 1 2; do ... $n; done``."""
    loop = re.fullmatch(r"for (\w+) in (.*?); do (.*); done", command)
    return [loop[3].replace(f"${loop[1]}", v) for v in loop[2].split()] if loop else [command]


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
    given = [command for section in SECTIONS.values() for command, _ in section]
    verbs = {re.search(r"graphscope \w+|pytest|python", command)[0] for command in given}
    assert verbs == {"graphscope frames", "graphscope handout", "pytest", "python"}


def test_it_says_under_which_licence_pictures_are():
    assert "Apache License 2.0" in PAGE
