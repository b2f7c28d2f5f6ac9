"""Each of the forty questions is answered by its one command."""

import sys
from dataclasses import fields, is_dataclass, replace

import pytest

import graphscope as gs
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.graph.graph import Operation, Tensor
from graphscope.show.picture import Picture

from . import of_gradients, of_graphs, of_losses, of_runs, of_variables  # they fill the table
from .asked import ROWS

THEMES = (of_graphs, of_runs, of_variables, of_gradients, of_losses)


def by_number(row):
    return f"{row.number:02}-{row.program.__name__}"


def begun(row, monkeypatch):
    """The row's program, come to the question, and the debugger that is asked."""
    program = row.program()
    situation = next(program)
    d, error = situation if isinstance(situation, tuple) else (situation, None)
    if error is not None:
        # What Python's prompt, IPython and notebooks do with an exception that nobody catches.
        monkeypatch.setattr(sys, "last_value", error, raising=False)
    return program, d


@pytest.mark.parametrize("row", sorted(ROWS, key=by_number), ids=by_number)
def test_one_command_answers(row, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    program, d = begun(row, monkeypatch)
    with pytest.raises(StopIteration):
        program.send(row.ask(d))


@pytest.mark.parametrize("row", sorted(ROWS, key=by_number), ids=by_number)
def test_a_row_is_not_content_with_another_node(row, monkeypatch, tmp_path):
    """The same answer with another node in place of each that it names: the row has to notice."""
    monkeypatch.chdir(tmp_path)
    program, d = begun(row, monkeypatch)
    data, text = row.ask(d)
    with d.session.graph.as_default():
        decoy = gs.constant(0.0, name="decoy")
    with pytest.raises((AssertionError, LookupError, ValueError)):
        program.send((elsewhere(data, decoy), text))


def elsewhere(value, decoy):
    """The answer, with the decoy in place of all nodes and tensors that are in it."""
    if isinstance(value, Operation):
        return decoy.op
    if isinstance(value, Tensor):
        return decoy
    if isinstance(value, Picture):
        return replace(value, dot="", tooltips={"decoy": "decoy  (Const)"})
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(elsewhere(item, decoy) for item in value)
    if isinstance(value, dict):
        return {elsewhere(k, decoy): elsewhere(item, decoy) for k, item in value.items()}
    if not is_dataclass(value) or not type(value).__module__.startswith("graphscope.debug"):
        return value
    known = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
    return replace(value, **{name: elsewhere(item, decoy) for name, item in known.items()})


def test_all_forty_are_there():
    assert sorted(row.number for row in ROWS) == list(range(1, 41))


@pytest.mark.parametrize("row", ROWS, ids=by_number)
def test_a_row_is_one_line_of_known_commands(row):
    known = commands_of(Debugger)
    others = {other for command in known.values() for other in command.aliases}
    assert row.types.split()[0] in {*known, *others}
    assert ";" not in row.types
    assert len(row.question) < 80
