"""`graphscope run` on every program of tests/programs: each ends as a script that has no fault."""

from pathlib import Path

import pytest

import graphscope as gs
from graphscope.cli import main

PROGRAMS = sorted((Path(__file__).parent.parent / "programs").glob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_runs(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    gs.reset_default_graph()
    code = main(["run", str(path)])
    gs.reset_default_graph()
    assert code == 0, capsys.readouterr().err
