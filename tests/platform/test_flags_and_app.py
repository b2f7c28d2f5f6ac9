"""Flags are read as absl reads them; `app.run` ends the program with what main returns."""

import sys

import pytest

from graphscope.platform import app, flags


@pytest.fixture
def own(monkeypatch):
    values = flags.FlagValues()
    monkeypatch.setattr(flags, "FLAGS", values)
    flags.DEFINE_integer("steps", 10, "how many", flag_values=values)
    flags.DEFINE_float("rate", 0.5, "how fast", flag_values=values)
    flags.DEFINE_string("folder", None, "where", flag_values=values)
    flags.DEFINE_boolean("loud", False, "how loud", flag_values=values)
    flags.DEFINE_list("names", "a,b", "who", flag_values=values)
    flags.DEFINE_enum("mode", "train", ["train", "test"], "what", flag_values=values)
    return values


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ([], "steps", 10),
        (["--steps=3"], "steps", 3),
        (["--steps", "3"], "steps", 3),
        (["-steps=0x10"], "steps", 16),
        (["--rate", "1e-3"], "rate", 0.001),
        (["--folder="], "folder", ""),
        ([], "folder", None),
        (["--loud"], "loud", True),
        (["--loud=false"], "loud", False),
        (["--loud", "--noloud"], "loud", False),
        (["--names=x, y"], "names", ["x", "y"]),
        (["--mode=test"], "mode", "test"),
        (["--", "--steps=3"], "steps", 10),
    ],
)
def test_words_become_values(own, words, name, value):
    own(["program", *words])
    assert getattr(own, name) == value
    assert own[name].value == value


def test_a_switch_takes_no_word(own):
    assert own(["program", "--loud", "false"]) == ["program", "false"]


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        (["--stepz=3"], flags.UnrecognizedFlagError, "Unknown command line flag 'stepz'"),
        (["--steps=three"], flags.IllegalFlagValueError, "flag --steps=three"),
        (["--loud=maybe"], flags.IllegalFlagValueError, "Non-boolean argument to boolean flag"),
        (["--mode=other"], flags.IllegalFlagValueError, "value should be one of <train|test>"),
        (["--steps"], flags.Error, "Missing value for flag --steps"),
    ],
)
def test_wrong_words(own, words, error, sentence):
    with pytest.raises(error) as raised:
        own(["program", *words])
    assert sentence in str(raised.value)


def test_unknown_words_stay_when_they_may(own):
    words = ["program", "--other=1", "--steps", "2", "file"]
    assert own(words, known_only=True) == ["program", "--other=1", "file"]


def test_the_first_reading_reads_the_command_line(own, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["program", "--steps=7"])
    assert own.steps == 7
    own.steps = 8
    assert own.flag_values_dict()["steps"] == 8
    with pytest.raises(AttributeError):
        _ = own.stepz
    with pytest.raises(AttributeError):
        own.stepz = 1


def test_run_calls_main_and_ends_the_program(own):
    def main(rest):
        return [own.steps, rest] and 4

    with pytest.raises(SystemExit) as leaving:
        app.run(main, ["program", "--steps=2", "--unknown"])
    assert leaving.value.code == 4
    assert own.steps == 2


def test_run_says_what_is_wrong(own, capsys):
    with pytest.raises(SystemExit) as leaving:
        app.run(print, ["program", "--steps=x"])
    assert leaving.value.code == 1
    assert "FATAL Flags parsing error: flag --steps=x" in capsys.readouterr().err
    flags.mark_flag_as_required("folder", own)
    with pytest.raises(SystemExit):
        app.run(print, ["program"])
    assert "Flag --folder must have a value" in capsys.readouterr().err


def test_help_lists_the_flags(own, capsys):
    with pytest.raises(SystemExit):
        app.run(print, ["program", "--help"])
    assert "--[no]loud: how loud\n    (default: False)" in capsys.readouterr().out
