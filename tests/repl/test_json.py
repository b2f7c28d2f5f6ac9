"""`--json` behind every command: valid JSON, and the facts of the object that its method gives."""

import dataclasses
import json
import math
from enum import Enum
from pathlib import Path

import numpy as np
import pytest
from every import LINES

import graphscope as gs
from graphscope.debug.answers import Answer
from graphscope.debug.commands import Command, commands_of
from graphscope.debug.debugger import Debugger
from graphscope.graph.graph import Operation, Tensor
from graphscope.repl.script import debugger_at

SCRIPT = Path(__file__).parents[1] / "scripts" / "training.py"
COMMANDS = commands_of(Debugger)
#: What an answer carries along and does not say.
CARRIED = ("names", "owner", "frame", "graph", "content", "look")


def same(told, value):
    """Whether JSON says this of a value: written apart from what makes the JSON."""
    if isinstance(value, Enum):
        return told == value.name.lower()
    if isinstance(value, Operation | Tensor):
        return told == value.name
    if isinstance(value, np.ndarray | np.generic):
        if np.size(value) > 1000:
            return told["shape"] == list(np.shape(value)) and told["elements"] == np.size(value)
        return same(told, value.tolist())
    if isinstance(value, float):
        return told == value or (not math.isfinite(value) and told == str(value))
    if isinstance(value, Command):
        return told["name"] == value.name and told["usage"] == value.usage
    if isinstance(value, dict):
        names = (key.name.lower() if isinstance(key, Enum) else key for key in value)
        keys = [str(getattr(key, "name", key)) for key in names]
        return list(told) == keys and all(map(same, told.values(), value.values()))
    if isinstance(value, tuple | list):
        return len(told) == len(value) and all(map(same, told, value))
    if isinstance(value, set | frozenset):
        return len(told) == len(value)
    if dataclasses.is_dataclass(value):
        names = [f.name for f in dataclasses.fields(value) if f.name not in CARRIED]
        own = "of_kind" if isinstance(value, Answer) else "kind"
        if isinstance(value, Answer) or "kind" not in names:
            assert told["kind"] == type(value).__name__
        return all(
            same(told[own if name == "kind" else name], getattr(value, name)) for name in names
        )
    return told == value or told == str(value)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Two debuggers at the same place, one that is asked for JSON and one for objects."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "lines.txt").write_text("step\nwhere\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = []
        for _ in range(2):
            gs.reset_default_graph()
            found.append(debugger_at(str(SCRIPT), 3))
        yield found
        gs.reset_default_graph()


def test_every_command_has_a_line():
    known = {word: name for name, c in COMMANDS.items() for word in (name, *c.aliases)}
    assert {known[line.split(" ")[0]] for line in LINES} == set(COMMANDS)


def test_every_command_answers_json_with_the_facts_of_its_object(both):
    asked_for_json, asked = both
    for line in LINES:
        told, answer = asked_for_json.onecmd(f"{line} --json"), asked.onecmd(line)
        if line == "step 3" and answer.error is not None:  # nothing is fed
            assert str(told.error) == str(answer.error)
            continue
        assert (told.error, answer.error) == (None, None), line
        found = json.loads(told.text, parse_constant=pytest.fail)
        assert " object at 0x" not in told.text, line
        assert "<function" not in told.text, line
        if line.startswith(("cost", "film", "source", "transcript")):  # times; the lines differ
            assert found["kind"] == type(answer.data).__name__
        else:
            assert same(found, answer.data), line


def test_json_into_a_file_is_json(both, tmp_path):
    both[0].onecmd(f"plan --json > {tmp_path}/plan.json")
    assert json.loads((tmp_path / "plan.json").read_text())["kind"] == "PlanSummary"


def test_a_long_text_is_not_broken_at_the_prompt(both, capsys):
    from graphscope.repl.lines import Given
    from graphscope.repl.prompt import Prompt
    from graphscope.show import console

    Prompt(both[0], Given([], print), console()).do("draw --json")
    assert json.loads(capsys.readouterr().out)["kind"] == "Picture"


def test_a_word_that_json_uses_itself_goes_by_another_name(both):
    assert json.loads(both[0].onecmd("nan --json").text)["of_kind"] == ""
