"""Questions about a script on the command line: answers, data, exit codes, help.

Each file of `transcripts/questions` is a command line and what it answers on stdout.
GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes them anew, to be read before they are committed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import graphscope as gs
from graphscope.cli import VERBS, main

TESTS = Path(__file__).parents[1]
TRANSCRIPTS = sorted((TESTS / "transcripts" / "questions").glob("*.txt"))
QUESTIONS = [name for name, verb in VERBS.items() if verb.group == "Ask"]
#: A terminal that can do nothing.
POOR = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "60", "PYTHONIOENCODING": "ascii"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with the scripts, in which the commands are given; a graph for each command."""
    for script in (TESTS / "scripts").glob("*.py"):
        (tmp_path / script.name).write_text(script.read_text())
    monkeypatch.chdir(tmp_path)
    gs.reset_default_graph()
    yield tmp_path
    gs.reset_default_graph()


@pytest.fixture
def ask(capsys):
    """Give a command line; its exit code, stdout and stderr."""

    def give(*words):
        gs.reset_default_graph()
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return give


def written(name, *lines):
    start = "import sys\nimport tensorflow as tf\nx = tf.placeholder(tf.float32, [2], name='x')\n"
    Path(name).write_text(start + "\n".join(lines) + "\n")
    return name


# ---- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_an_answer(path, transcript, ask):
    expected = path.read_text()
    first = expected.partition("\n")[0]
    code, out, err = ask(*first.removeprefix("$ graphscope ").split())
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        path.write_text(f"{first}\n{out}")
    transcript.same(f"{first}\n{out}", expected)
    assert code == (1 if path.stem == "lint_wrong" else 0)
    assert err.count("before ") == (0 if "at-run 1" in first or "advice" in first else 1)


@pytest.mark.parametrize("stem", ["draw", "updates", "flow"])
def test_the_same_answer_on_a_terminal_that_can_do_nothing(stem, transcript, folder):
    expected = (TESTS / "transcripts" / "questions" / f"{stem}.txt").read_text()
    first = expected.partition("\n")[0]
    done = subprocess.run(
        [sys.executable, "-m", "graphscope", *first.removeprefix("$ graphscope ").split()],
        env={**os.environ, **POOR},
        capture_output=True,
        text=True,
        timeout=120,
    )
    transcript.same(f"{first}\n{done.stdout}", expected)
    assert (done.returncode, done.stderr) == (0, "before 0.7578125\n")


def test_every_question_has_a_transcript():
    asked = {path.read_text().split()[2] for path in TRANSCRIPTS}
    assert asked == set(QUESTIONS)


@pytest.mark.parametrize(
    ("words", "kind", "field", "expected"),
    [
        (["plan", "training.py", "--fetch", "y"], "PlanSummary", "fetched", ["y"]),
        (["needs", "training.py"], "Needs", "fetched", ["train"]),
        (["updates", "training.py"], "Updates", "trains", True),
        (["why", "V", "training.py"], "Why", "cause", "not_trainable"),
        (["why-not", "loss", "training.py"], "WhyNot", "node", "loss"),
        (["flow", "W", "training.py"], "Flow", "loss", "loss:0"),
        (["lint", "training.py"], "Lint", "findings", []),
        (["draw", "training.py"], "Picture", "name", "train"),
    ],
)
def test_an_answer_as_data(ask, words, kind, field, expected):
    code, out, _ = ask(*words, "--json")
    answer = json.loads(out)
    assert (code, answer["kind"], answer[field]) == (0, kind, expected)
    assert " object at 0x" not in out, "an address is no data"


@pytest.mark.parametrize("ending", ["dot", "mmd", "txt"])
def test_a_picture_is_written_and_stdout_stays_empty(ask, ending):
    code, out, err = ask("draw", "training.py", "-o", f"my {ending}.{ending}", "--rankdir", "LR")
    assert (code, out) == (0, "")
    assert f"wrote my {ending}.{ending}   " in err
    assert "W" in Path(f"my {ending}.{ending}").read_text(encoding="utf-8")


# ---- which run ---------------------------------------------------------------------------------


def test_the_run_is_the_first_that_trains(ask):
    _, out, err = ask("updates", "training.py")
    assert "UPDATED" in out
    assert "before" in err
    assert "after" not in err


def test_training_by_hand_is_training(ask):
    script = written(
        "by_hand.py",
        "w = tf.Variable([1.0, 2.0], name='w')",
        "loss = tf.reduce_sum(w * x)",
        "step = tf.assign_sub(w, 0.1 * tf.gradients(loss, w)[0], name='step')",
        "sess = tf.Session()",
        "sess.run(tf.global_variables_initializer())",
        "sess.run(tf.assign(w, [3.0, 4.0]))",
        "sess.run(step, {x: [1.0, 1.0]})",
        "sess.run(loss, {x: [1.0, 1.0]})",
    )
    _, out, _ = ask("needs", script)
    assert out.startswith(" step needs:")


DEBUGGED = (
    "import graphscope as gs",
    "w = tf.Variable([1.0, 2.0], name='w')",
    "loss = tf.reduce_sum(w * x, name='loss')",
    "train = tf.train.GradientDescentOptimizer(0.5).minimize(loss, name='train')",
    "sess = tf.Session()",
    "sess.run(tf.global_variables_initializer())",
    "with gs.debug(sess, loss, {x: [1.0, 1.0]}) as d:",
    "    d.run_to_end()",
    "    d.run(train)",
    "    d.run_to_end()",
    "    print('trained')",
    "sess.run(loss, {x: [1.0, 1.0]})",
)


@pytest.mark.parametrize(
    ("words", "answer", "printed"),
    [
        ([], " train needs:", ""),
        (["--at-run", "1"], " 'init' needs no feed.", ""),
        (["--at-run", "2"], " loss needs:", ""),
        (["--at-run", "3"], " train needs:", ""),
        (["--at-run", "4"], " loss needs:", "trained\n"),
    ],
)
def test_a_run_that_the_script_debugs_is_a_run(ask, words, answer, printed):
    code, out, err = ask("needs", written("debugged.py", *DEBUGGED), *words)
    assert (code, err) == (0, printed)
    assert out.startswith(answer)


def test_the_lines_of_the_readme_are_asked_at_the_run_that_they_debug(ask):
    readme = (TESTS.parent / "README.md").read_text()
    Path("first.py").write_text(readme.partition("```python\n")[2].partition("```")[0])
    code, out, err = ask("why", "w", "first.py")
    assert (code, err) == (0, "")
    assert out.startswith(" w is trained by this run.")


def test_without_training_it_is_the_last_run_as_it_began(ask):
    script = written(
        "counting.py",
        "count = tf.Variable(5.0, name='count')",
        "more = tf.assign_add(count, 1.0, name='more')",
        "with tf.Session() as sess:",
        "    sess.run(tf.global_variables_initializer())",
        "    for i in range(3): sess.run(more)",
        "    print(sess.run(count))",
        "    sess.run(more)",
    )
    code, out, err = ask("draw", script)
    assert (code, err) == (0, "8.0\n")
    assert "value 8 -> 9" in out


def test_a_script_that_fails_is_asked_about_the_run_that_failed(ask):
    script = written("unfed.py", "y = tf.exp(x, name='y')", "tf.Session().run(y)")
    code, out, err = ask("needs", script)
    assert code == 0
    assert "NOT FED" in out
    assert "unfed.py" in err
    assert "You must feed a value for placeholder tensor 'x'" in err


def test_a_run_that_fails_is_answered_as_far_as_it_comes(ask):
    code, out, err = ask("updates", "advice.py")
    assert code == 0
    assert "W/Momentum" in out
    assert err == ("graphscope: the run fails: Attempting to use uninitialized value W/Momentum\n")


def test_the_script_is_given_what_stands_behind_two_dashes(ask):
    _, _, err = ask("plan", "training.py", "--", "one", "--fetch", "two")
    assert err == "before 0.7578125 one --fetch two\n"


# ---- no answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["why"], "why needs NAME SCRIPT; graphscope why --help says more"),
        (["why", "W"], "why needs NAME SCRIPT; graphscope why --help says more"),
        (["plan", "nowhere.py"], "there is no file nowhere.py"),
        (
            ["plan", "training.py", "more"],
            "plan has no use for 'more'; what the script itself is given stands behind --",
        ),
        (["plan", "training.py", "--fetsh"], "plan has no use for '--fetsh'; did you mean"),
        (["updates", "training.py", "--fetch", "y"], "updates has no use for '--fetch'; graphs"),
        (["plan", "training.py", "--at-run", "0"], "--at-run takes the number of a run, from 1"),
        (["plan", "training.py", "--at-run"], "argument --at-run: expected one argument; graph"),
        (["--at-run", "3", "plan", "training.py"], "-c, -x, --at-run and --tui are for a"),
        (["plann"], "there is no file plann, and no verb; did you mean 'plan'"),
        (["completion", "bsh"], "completion takes a shell: graphscope completion bash|zsh|fish"),
    ],
)
def test_wrong_words_are_one_sentence(ask, words, sentence):
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"graphscope: {sentence}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["why", "v", "training.py"], "The graph has no variable 'v'; it has W, V."),
        (["draw", "training.py", "--fetch", "los"], "The graph has no node 'los'; did you mean 'l"),
        (["draw", "training.py", "--part", "up"], "part is forward, backward or update, not 'up'."),
        (["draw", "training.py", "-o", "a.jpeg"], "A picture is saved as .dot, .gv, .svg, .png"),
        (["plan", "training.py", "--at-run", "9"], "training.py ended after 6 runs; it has no run"),
    ],
)
def test_what_cannot_be_answered_is_told_on_stderr(ask, words, sentence):
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert f"\ngraphscope: {sentence}" in err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "ended after 0 runs, so there is nothing to ask about."),
        (["sys.exit('no data')"], "no data\ngraphscope: script.py ended after 0 runs"),
        (["x.nonsense"], "AttributeError"),
        (["def f(:"], "SyntaxError"),
    ],
)
def test_a_script_without_a_run_has_no_answer(ask, lines, said):
    code, out, err = ask("lint", written("script.py", *lines))
    assert (code, out) == (2, "")
    assert said in err


# ---- help --------------------------------------------------------------------------------------


#: argparse writes the help of these; that of the adapter is a page about editors.
OWN_HELP = ("edit", "diff", "export", "dap")


@pytest.mark.parametrize("words", [[], *([name] for name in VERBS if name not in OWN_HELP)])
def test_help_fits_a_screen(ask, words):
    code, out, err = ask(*words, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: graphscope {' '.join(words)}")
    assert len(out.splitlines()) <= 24
    assert max(map(len, out.splitlines())) <= 80


def test_help_names_every_verb(ask):
    out = ask("--help")[1]
    assert all(f" {name} " in out for name in VERBS)
