"""The bug zoo: its programs show what is said of them, their routes lead to the guilty node, and
their twins are healthy.

Each file of `transcripts/zoo` is a command line and what it answers.
GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes them anew, to be read before they are committed.
"""

import io
import json
import os
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import graphscope as gs
from graphscope.cli import main
from graphscope.debug.errors import DebugError
from graphscope.learn import zoo
from graphscope.learn.zoo.bug import PROGRAMS
from graphscope.learn.zoo.opening import program
from graphscope.learn.zoo.score import COMMANDS, scored
from graphscope.learn.zoo.visit import BLIND, Guess
from graphscope.repl.script import run_script

NAMES = [bug.name for bug in zoo.bugs()]
TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts" / "zoo").glob("*.txt"))
#: What the programs print in TensorFlow 1.15: made by `make_printed.py`.
TENSORFLOW = json.loads(Path(__file__).with_name("printed.json").read_text())
PROMPT = re.compile(r"^(?:\(gs[^)]*\)> |Which node is it\? \(Enter skips\) )(.*)$", re.M)
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")


@cache
def printed(name, broken=True):
    """What a program prints, and its exit code."""
    screen = io.StringIO()
    with program(zoo.bug(name), broken) as path, gs.Graph().as_default(), redirect_stdout(screen):
        code = run_script(path, ())
    return screen.getvalue(), code


def column(name, word, broken=True):
    """The numbers that a program prints behind a word."""
    text, _ = printed(name, broken)
    return [float(found) for found in re.findall(rf"\b{word} +([^\s,]+)", text)]


def fed(name, placeholder):
    """What was fed in the run at which a bug is looked at."""
    feeds = zoo.debugger(zoo.bug(name)).timeline.run.feeds
    return next(value for tensor, value in feeds.items() if tensor.op.name == placeholder)


# ---- symptoms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [True, False], ids=["broken", "healthy"])
@pytest.mark.parametrize("name", NAMES)
def test_real_tensorflow_prints_the_same(name, broken, transcript):
    """Word for word, up to one unit of a last digit: the symptoms are no matter of our engine."""
    expected = TENSORFLOW[name]["broken" if broken else "healthy"]
    actual, _ = printed(name, broken)
    if name == "read-update-race" and broken:
        # That is the bug: another order of the same run is as legal, and gives what the twin gives.
        assert expected == printed(name, broken=False)[0] != actual
    else:
        transcript.same(actual, expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_of_a_symptom_are_printed(name):
    """By the program or its twin, within one unit of the last digit."""
    shown = [float(n) for broken in (True, False) for n in NUMBER.findall(printed(name, broken)[0])]
    for figure in NUMBER.findall(zoo.bug(name).symptom.rstrip(".")):
        unit = 10.0 ** -len(figure.partition(".")[2])
        assert min(abs(float(figure) - number) for number in shown) < 1.5 * unit, figure


@pytest.mark.parametrize("name", NAMES)
def test_a_twin_is_healthy(name):
    text, code = printed(name, broken=False)
    assert code == 0
    assert "nan" not in text
    assert "inf" not in text


WORSE = [
    ("frozen-variable", 2),
    ("dead-relu", 10),
    ("zero-init", 10),
    ("argmax-in-the-path", 10),
    ("learning-rate-explosion", 1e6),
    ("wrong-axis", 10),
    ("broadcasting", 1000),
    ("double-softmax", 1000),
    ("transposed-batch", 5),
    ("shuffled-labels", 10),
    ("shadowing-feed", 5),
]


@pytest.mark.parametrize(("name", "times"), WORSE)
def test_the_loss_comes_to_so_many_times_that_of_the_twin(name, times):
    assert column(name, "loss")[-1] > times * column(name, "loss", broken=False)[-1]


def test_a_step_counted_twice_goes_down_the_schedule_twice_as_fast():
    for broken, counted in ((True, 2000), (False, 1000)):
        assert column("double-global-step", "global_step", broken) == [counted]
        rate = column("double-global-step", "rate", broken)
        assert rate == [pytest.approx(0.1 * 0.96 ** (counted / 100), abs=1e-4)]


@pytest.mark.parametrize("name", ["dead-relu", "zero-init"])
def test_only_how_frequent_the_classes_are_is_learned(name):
    """The loss of whoever knows nothing but that is the entropy of the shares."""
    shares = np.bincount(fed(name, "labels")) / 150
    loss = column(name, "loss")
    assert loss[0] == pytest.approx(np.log(3), abs=1e-4)
    assert loss[-1] == pytest.approx(-np.sum(shares * np.log(shares)), abs=1e-4)
    d = zoo.debugger(zoo.bug(name))
    d.run_to_end()
    rows = d.updates()
    assert [rows[w].gradient_norm for w in ("W1", "W2")] == [0, 0]
    assert np.any(d.value("%W1")) == (name == "dead-relu")  # what tells one from the other


def test_an_error_names_a_variable_that_the_learner_has_not_made(capsys):
    printed.cache_clear()
    text, code = printed("uninitialized-slot")
    assert (text, code) == ("before training  loss 11.736\n", 1)
    error = capsys.readouterr().err
    assert "FailedPreconditionError: Attempting to use uninitialized value beta1_power" in error
    assert "beta1_power" not in zoo.bug("uninitialized-slot").text()


def test_a_fetched_variable_is_that_of_before_or_of_after():
    places = column("read-update-race", "W")
    assert places == [4.0, 2.5, 1.75, 1.375]  # the last one comes from a run of its own
    assert column("read-update-race", "W", broken=False) == [2.5, 1.75, 1.375, 1.375]
    d = zoo.debugger(zoo.bug("read-update-race"))
    assert "||W||" in str(d.order(shuffle=3))  # another legal order gives another value


def test_a_graph_grows_by_the_same_number_of_nodes_each_time():
    new = column("growing-graph", "nodes")
    assert new == [3 * runs for runs in (1, 26, 51, 76, 101)]  # a factor, a product, an assignment
    assert column("growing-graph", "nodes", broken=False) == [0] * 5


def test_after_resuming_without_slots_the_first_step_is_as_long_as_the_rate():
    saved, first, *later = column("resumed-without-slots", "loss")
    assert saved == first
    assert max(later) > 4 * saved
    assert max(column("resumed-without-slots", "loss", broken=False)) == saved
    for broken in (True, False):
        d = zoo.debugger(zoo.bug("resumed-without-slots"), broken)
        before = d.value("%W")
        assert np.any(d.value("%W/Adam")) != broken
        d.run_to_end()
        moved = np.abs(d.value("%W") - before)
        assert np.allclose(moved, 0.1, rtol=0.02) == broken


def test_above_2_over_the_largest_curvature_the_loss_explodes():
    x = np.column_stack([fed("learning-rate-explosion", "x"), np.ones(64)])
    limit = 2 / np.linalg.eigvalsh(2 * x.T @ x / 64).max()
    assert f"{limit:.3f}" in zoo.bug("learning-rate-explosion").repair
    loss = column("learning-rate-explosion", "loss")
    assert (1 - 2 / limit) ** 2 == pytest.approx(loss[3] / loss[2], rel=0.05)
    assert loss[-1] == np.inf


def test_a_logarithm_of_zero_is_nan_where_the_answer_is_right():
    assert np.isnan(column("log-of-zero", "loss")[-8:]).all()
    d = zoo.debugger(zoo.bug("log-of-zero"))
    assert np.isfinite(d.value("%W")).all()  # it is the first run in which it comes
    d.run_to_end()
    rows = next(v for t, v in d.timeline.run.feeds.items() if t.op.name == "y_")
    bad = np.isinf(d.value("log_p")).any(axis=1)
    assert bad.sum() == 1
    assert np.argmax(d.value("Softmax"), 1)[bad] == np.argmax(rows, 1)[bad]


def test_finite_forwards_and_nan_backwards():
    d = zoo.debugger(zoo.bug("where-nan"))
    d.run_to_end()
    assert np.isfinite(d.value("loss"))
    assert np.isnan(d.value("%W")).tolist() == [True, False, False]
    assert np.isnan(column("where-nan", "loss")).sum() == 0


def test_a_softmax_over_the_batch_begins_near_ln_of_the_batch():
    assert column("wrong-axis", "loss")[0] == pytest.approx(np.log(300), rel=0.01)
    assert column("wrong-axis", "loss", broken=False)[0] == pytest.approx(np.log(3), rel=0.02)
    d = zoo.debugger(zoo.bug("wrong-axis"))
    d.run_to_end()
    np.testing.assert_allclose(d.value("p").sum(0), 1, rtol=1e-5)


def test_all_predictions_become_equal_and_the_loss_the_variance():
    loss = column("broadcasting", "loss")
    assert loss[-1] == pytest.approx(np.var(fed("broadcasting", "y")), rel=1e-4)
    d = zoo.debugger(zoo.bug("broadcasting"))
    d.run_to_end()
    assert d.value("residual").shape == (64, 64)


def test_the_floor_of_a_double_softmax():
    floor = -np.log(np.e / (np.e + 2))
    assert min(column("double-softmax", "loss")) == pytest.approx(floor, abs=5e-4)
    assert column("double-softmax", "accuracy") == [1.0]


def test_labels_in_another_order_are_learned_by_heart_only():
    for broken, rest in ((True, (0.25, 0.45)), (False, (0.9, 1.0))):
        least, most = rest
        assert column("shuffled-labels", "accuracy", broken)[0] > 0.7
        assert least < column("shuffled-labels", "rest", broken)[0] < most


def test_behind_a_feed_in_the_middle_nothing_runs():
    d = zoo.debugger(zoo.bug("shadowing-feed"))
    d.run_to_end()
    assert "millimetres" not in {step.node.name for step in d.timeline.steps}


# ---- what finds them ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_commands_name_the_guilty_node_and_are_quiet_on_the_twin(name):
    row = scored(zoo.bug(name))
    assert all(row.named.values()), row.named
    assert row.alarms == ()
    assert row.found_by.split()[0] in row.named or not set(row.named) & set(COMMANDS) or row.ok


@pytest.mark.parametrize("name", NAMES)
def test_a_route_leads_to_the_guilty_node(name):
    bug = zoo.bug(name)
    d = zoo.debugger(bug)
    for way in bug.route:
        output = d.onecmd(way.command)
        assert output.error is None
    words = " ".join(output.text.split())
    assert bug.guilty in words or bug.guilty in bug.route[-1].shows
    # What a route is said to show is in the answer: names, and numbers.
    for word in re.findall(r"[\w/-]+", bug.route[-1].shows):
        if word in {op.name for op in d.session.graph.operations} or word.isdigit():
            assert word in words, word


@pytest.mark.parametrize("name", NAMES)
def test_a_guess_is_right_in_the_line_of_the_mistake(name):
    bug = zoo.bug(name)
    graph = zoo.debugger(bug).session.graph
    guilty = graph.get_operation_by_name(bug.guilty)
    assert Guess(bug, guilty, 0).right
    assert not Guess(bug, None, 0).right
    right = {op.name for op in graph.operations if Guess(bug, op, 0).right}
    forward = [op for op in graph.operations if op.source and op.gradient_of is None]
    assert right >= {op.name for op in forward if op.source.lineno in bug.lines()}
    # No other placeholder is: they are what comes to mind first.
    others = {op.name for op in forward if op.type == "Placeholder"}
    assert not (others - {bug.guilty}) & right


# ---- the declarations --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_program_is_a_script_that_tells_nothing(name):
    bug = zoo.bug(name)
    text = bug.text()
    assert text.count(bug.mistake) == 1
    assert "graphscope" not in text
    assert "#" not in text
    assert name not in text
    assert len(text.splitlines()) <= 45
    assert bug.differing() != bug.differing(broken=False)
    assert len(bug.symptom) <= 100


def test_every_program_has_a_declaration():
    assert sorted(bug.path for bug in zoo.bugs()) == sorted(PROGRAMS.glob("*.py"))
    assert len(NAMES) == len(set(NAMES)) == 18
    assert {zoo.bug_of(seed).name for seed in range(5, 23)} == set(NAMES)
    with pytest.raises(DebugError, match="did you mean 'dead-relu'"):
        zoo.bug("dead-rely")


def test_a_debugger_has_a_graph_of_its_own():
    before = len(gs.get_default_graph().operations)
    d = zoo.debugger(zoo.bug("dead-relu"), broken=False)
    assert len(gs.get_default_graph().operations) == before
    assert "dead_relu.py:12" in str(d.onecmd("node W1"))  # its lines are known, its file is gone
    assert "-0.5, 0.5" in d.session.graph.get_operation_by_name("W1").source.text


# ---- the command line --------------------------------------------------------------------------


@pytest.fixture
def ask(capsys, monkeypatch):
    """Give a command line, with what is typed at its prompts; its exit code, stdout and stderr."""

    def give(*words, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(list(words))
        said = capsys.readouterr()
        out = re.sub(r"^ \S*/(\w+\.py)$", r" FOLDER/\1", said.out, flags=re.M)
        return code, out, said.err

    return give


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_visit(path, transcript, ask):
    expected = path.read_text()
    first = expected.partition("\n")[0]
    typed = "\n".join(PROMPT.findall(expected)) + "\n"
    code, out, _ = ask(*first.removeprefix("$ graphscope ").split(), typed=typed)
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        path.write_text(f"{first}\n{out}")
    transcript.same(f"{first}\n{out}", expected)
    assert code == 0


def test_there_are_transcripts():
    assert {"list", "run", "blind", "answer", "healthy"} <= {path.stem for path in TRANSCRIPTS}


def test_a_blind_visit_does_not_tell_before_the_guess(ask):
    for seed in (0, 1, 17, 18):
        _, out, err = ask("-c", "plan", "zoo", "--blind", str(seed))
        before, _, after = out.partition("No answer after 1 command.")
        bug = zoo.bug(after.split()[0])
        assert bug is zoo.bug_of(seed)
        assert bug.name not in before + err
        assert bug.path.name not in before + err
        assert BLIND in before
        assert bug.symptom not in before


def test_without_a_seed_it_says_which_one_it_was(ask):
    _, out, _ = ask("zoo", "--blind")
    seed = re.search(r"zoo --blind (\d+)", out)[1]
    assert ask("zoo", "--blind", seed)[1] == out


def test_a_failing_program_shows_its_error_and_then_stops_before_it(ask):
    code, out, err = ask("-c", "continue; explain; answer slope/Adam", "zoo", "run",
                         "uninitialized-slot")  # fmt: skip
    assert code == 0
    assert "Attempting to use uninitialized value beta1_power" in err
    assert "Right: slope/Adam, after 2 commands." in out


def test_what_tells_nothing_of_the_program_is_not_counted(ask):
    _, out, _ = ask("-c", "help; help why; print W1; answer W1", "zoo", "run", "dead-relu")
    assert "answer" in out.partition("Right: W1, after 1 command.")[0]


@pytest.mark.parametrize("node", ["hidden", "%W1", "@Relu", "dead_relu.py:13"])
def test_a_node_can_be_named_in_all_ways(ask, node):
    code, out, err = ask("-c", f"answer {node}; plan", "zoo", "run", "dead-relu")
    assert (code, out.count("Right: ")) == (0, 1)
    assert err == (f"graphscope: not done, since the program ended behind 'answer {node}': plan\n")


def test_an_answer_without_a_node(ask):
    _, out, _ = ask("zoo", "run", "dead-relu", typed="answer\nanswer b2\n")
    assert "answer NODE says which node it is." in out
    assert "Not that one: b2, after 0 commands." in out


def test_plainly(ask, monkeypatch):
    monkeypatch.setenv("GRAPHSCOPE_PLAIN", "1")
    _, out, _ = ask("zoo", "list")
    assert out.splitlines()[2] == (
        "bug dead-relu, symptom The loss goes from 1.0986 to 1.0944 and no further; "
        "accuracy 0.367., found by check"
    )


def test_data(ask):
    _, out, _ = ask("zoo", "list", "--json")
    assert [bug["name"] for bug in json.loads(out)["bugs"]] == NAMES
    _, out, _ = ask("zoo", "answer", "dead-relu", "--json")
    assert json.loads(out)["bug"]["guilty"] == "hidden"


def test_the_scoreboard(ask, monkeypatch, transcript):
    """What `graphscope zoo score` prints of what is tested bug by bug above."""
    few = [zoo.bug(name) for name in ("log-of-zero", "frozen-variable")]
    monkeypatch.setattr(zoo, "bugs", lambda: few)
    code, out, _ = ask("zoo", "score")
    assert code == 0
    transcript.same(
        out,
        """\
 bug              lint  check  nan  updates  why  twin   found by
 log-of-zero      yes   yes    yes  -        -    quiet  nan
 frozen-variable  -     -      -    yes      yes  quiet  updates
 yes: the command names the guilty node.  -: it is not meant to.
 named: lint 1 of 1, check 1 of 1, nan 1 of 1, updates 1 of 1, why 1 of 1.
 False alarms on twins: 0.
""",
    )
    _, out, _ = ask("zoo", "score", "--json")
    assert json.loads(out)["rows"][1]["named"] == {"updates": True, "why": True}


WRONG = [
    ("zoo dead-relu", "zoo has no 'dead-relu'; try: graphscope zoo run dead-relu"),
    ("zoo runn", "zoo has no 'runn'; did you mean 'run'?"),
    ("zoo run", "it is: graphscope zoo run NAME [--healthy]"),
    ("zoo run dead-relus", "The zoo has no 'dead-relus'; did you mean 'dead-relu'?."),
    ("zoo list --healthy", "it is: graphscope zoo list [--json]"),
    ("zoo --blind me", "--blind takes a number, to get the same bug again, not 'me'."),
    ("-c lint zoo list", "-c, -x and --at-run are for zoo run and zoo --blind, not for zoo list."),
    ("--at-run 3 zoo run dead-relu", "-c, -x, --at-run and --tui are for a script, not for zoo."),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_words_that_are_wrong(words, said, ask):
    code, out, err = ask(*words.split())
    assert (code, out, err) == (2, "", f"graphscope: {said}\n")


def test_help(ask):
    assert ask("zoo", "--help")[:2] == (0, ask("zoo")[1])
