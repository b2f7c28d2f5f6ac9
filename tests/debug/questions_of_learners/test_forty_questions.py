"""Each of the forty questions is answered by its one command."""

import sys

import pytest

from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger

from . import of_gradients, of_graphs, of_losses, of_runs, of_variables  # they fill the table
from .asked import ROWS

THEMES = (of_graphs, of_runs, of_variables, of_gradients, of_losses)


def by_number(row):
    return f"{row.number:02}-{row.program.__name__}"


@pytest.mark.parametrize("row", sorted(ROWS, key=by_number), ids=by_number)
def test_one_command_answers(row, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    program = row.program()
    situation = next(program)
    d, error = situation if isinstance(situation, tuple) else (situation, None)
    if error is not None:
        # What Python's prompt, IPython and notebooks do with an exception that nobody catches.
        monkeypatch.setattr(sys, "last_value", error, raising=False)
    with pytest.raises(StopIteration):
        program.send(row.ask(d))


def test_all_forty_are_there():
    assert sorted(row.number for row in ROWS) == list(range(1, 41))


@pytest.mark.parametrize("row", ROWS, ids=by_number)
def test_a_row_is_one_line_of_known_commands(row):
    known = commands_of(Debugger)
    others = {other for command in known.values() for other in command.aliases}
    assert row.types.split()[0] in {*known, *others}
    assert ";" not in row.types
    assert len(row.question) < 80
