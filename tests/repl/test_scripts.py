"""Running scripts: exit codes, tracebacks, arguments, -c, and lines from a pipe."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def graphscope(tmp_path):
    def run(*arguments, script="", typed=""):
        (tmp_path / "script.py").write_text(script)
        return subprocess.run(
            [sys.executable, "-m", "graphscope", *arguments],
            input=typed,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


SCRIPT = """\
import sys
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
a = tf.constant([1.0, 2.0], name="a")
total = tf.reduce_sum(a, name="total")
sess = tf.Session()
print("total", sess.run(total))
print("again", sess.run(total))
print(sys.argv[1:], __name__, tf.__name__)
"""


def test_run_does_not_stop(graphscope):
    done = graphscope("run", "script.py", "one", "--two", script=SCRIPT, typed="step\n")
    assert done.returncode == 0
    assert done.stdout == "total 3.0\nagain 3.0\n['one', '--two'] __main__ tensorflow\n"
    assert done.stderr == ""


def test_a_script_stops_at_its_first_run_and_goes_on_when_the_lines_end(graphscope):
    done = graphscope("script.py", script=SCRIPT, typed="print a\nstep\n")
    assert done.returncode == 0
    assert done.stdout.count("(gs ") == 2
    assert "Run 1  sess.run(total)" in done.stdout
    assert 'script.py:7  print("total", sess.run(total))' in done.stdout
    assert "total 3.0\nagain 3.0\n" in done.stdout


def test_every_run_stops_with_next_run(graphscope):
    done = graphscope("script.py", script=SCRIPT, typed="next-run\nstep\nstep\n")
    assert done.stdout.index("Run 1") < done.stdout.index("total 3.0") < done.stdout.index("Run 2")


def test_continue_leaves_the_script_alone(graphscope):
    done = graphscope("script.py", script=SCRIPT, typed="continue\nplan\n")
    assert done.stdout.count("(gs ") == 1
    assert "again 3.0" in done.stdout


def test_a_breakpoint_stops_later_runs_too(graphscope):
    done = graphscope("script.py", script=SCRIPT, typed="break total\nc\nc\nc\n")
    assert "Run 2" in done.stdout
    assert "Breakpoint 1." in done.stdout
    assert "Breakpoint 1, hit 2x." in done.stdout


def test_commands_on_the_command_line(graphscope):
    done = graphscope("-c", "step; print total", "script.py", script=SCRIPT)
    assert "(gs 0/1 FWD)> step" in done.stdout
    assert "total:0  f32[]  at t=1/1" in done.stdout
    assert "again 3.0" in done.stdout


@pytest.mark.parametrize(
    ("commands", "script", "code"),
    [
        ("plan; print total", SCRIPT, 0),
        ("plan; nonsense", SCRIPT, 2),
        ("print nothing_there; plan", SCRIPT, 2),
        ("source nowhere.gs", SCRIPT, 2),
        ("nonsense", SCRIPT + "sys.exit(3)\n", 3),  # the script's own says more
        ("continue; continue; plan", SCRIPT, 2),  # nobody came to the last ones
        ("step", SCRIPT.replace("[1.0, 2.0]", "[1, 0]").replace("reduce_sum(a", "div(1, a"), 1),
    ],
)
def test_a_line_that_cannot_be_done_is_an_exit_code_of_2(graphscope, commands, script, code):
    assert graphscope("-c", commands, "script.py", script=script).returncode == code


def test_so_it_is_in_a_file_and_in_a_pipe(graphscope, tmp_path):
    (tmp_path / "wrong.gs").write_text("plan\nnonsense\n")
    (tmp_path / "lenient.gs").write_text("plan\n-nonsense\nstep\n")  # a line that may fail
    assert graphscope("-x", "wrong.gs", "script.py", script=SCRIPT).returncode == 2
    assert graphscope("-x", "lenient.gs", "script.py", script=SCRIPT).returncode == 0
    assert graphscope("script.py", script=SCRIPT, typed="plan\nnonsense\n").returncode == 2
    assert graphscope("script.py", script=SCRIPT, typed="plan\n").returncode == 0


def test_answers_as_data_are_alone_on_stdout(graphscope):
    lines = "needs; step; print total; nonsense; draw --json"
    done = graphscope("--json", "-c", lines, "script.py", script=SCRIPT)
    needs, step, card, wrong, picture = map(json.loads, done.stdout.splitlines())
    assert (needs["kind"], needs["fetched"]) == ("Needs", ["total"])
    assert (step["kind"], step["t"], step["node"]) == ("Stop", 1, "total")
    assert (card["kind"], card["value"]) == ("Card", 3.0)
    assert wrong == {
        "kind": "Error",
        "message": "There is no command 'nonsense'; help lists the commands.",
    }
    assert picture["kind"] == "Picture"
    assert done.returncode == 2
    for said in ("Run 1  sess.run(total)", "(gs 0/1 FWD)> needs", "total 3.0\nagain 3.0\n"):
        assert said in done.stderr


def test_answers_as_data_to_lines_of_a_pipe(graphscope):
    done = graphscope("--json", "debug", "script.py", script=SCRIPT, typed="step\n")
    assert json.loads(done.stdout)["kind"] == "Stop"
    done = graphscope("--json", "why", "W", "script.py", script=SCRIPT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "graphscope: --json stands behind why, or before a script.\n"


def test_quit_ends_the_program_and_says_what_became_of_the_run(graphscope):
    done = graphscope("script.py", script=SCRIPT, typed="quit\n")
    assert done.returncode == 0
    assert "rolled back" in done.stdout
    assert "total 3.0" not in done.stdout


@pytest.mark.parametrize("mode", [["run"], []])
def test_exit_codes_are_the_scripts_own(graphscope, mode):
    assert graphscope(*mode, "script.py", script="raise SystemExit(3)").returncode == 3
    assert graphscope(*mode, "script.py", script="import sys; sys.exit()").returncode == 0
    done = graphscope(*mode, "script.py", script="import sys; sys.exit('no data')")
    assert (done.returncode, done.stderr) == (1, "no data\n")


@pytest.mark.parametrize("mode", [["run"], []])
def test_tracebacks_are_the_scripts_own(graphscope, mode):
    script = "def inner():\n    return {}['missing']\n\ninner()\n"
    done = graphscope(*mode, "script.py", script=script)
    assert done.returncode == 1
    assert done.stderr.startswith('Traceback (most recent call last):\n  File "script.py", line 4')
    assert done.stderr.endswith("KeyError: 'missing'\n")
    assert "graphscope" not in done.stderr


@pytest.mark.parametrize("mode", [["run"], []])
def test_an_error_of_the_engine_shows_the_scripts_line_and_the_lesson(graphscope, mode):
    script = (
        "import tensorflow as tf\nx = tf.placeholder(tf.float32, [2], name='x')\n"
        "y = tf.exp(x)\ntf.Session().run(y)\n"
    )
    done = graphscope(*mode, "script.py", script=script)
    assert done.returncode == 1
    assert "You must feed a value for placeholder tensor 'x'" in done.stderr
    assert "script.py:2  x = tf.placeholder" in done.stderr
    assert "needed by" in done.stderr
    assert "interpreter.py" not in done.stderr


def test_a_syntax_error_is_shown_as_python_shows_it(graphscope):
    done = graphscope("run", "script.py", script="def f(:\n")
    assert done.returncode == 1
    assert 'File "script.py", line 1' in done.stderr
    assert "SyntaxError" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.py"], "there is no file nowhere.py"),
        (["run", "nowhere.py"], "there is no file nowhere.py"),
        (["run"], "run needs a script"),
        (["--nonsense"], "--nonsense is not an option"),
        (["-c"], "-c is not an option, or needs a word after it"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(graphscope, arguments, sentence):
    done = graphscope(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"graphscope: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_help_and_version(graphscope):
    assert graphscope("--help").stdout.startswith("usage: graphscope")
    assert graphscope("--version").stdout.startswith("GraphScope 0.")
    nothing = graphscope()
    assert (nothing.returncode, nothing.stderr[:5]) == (2, "usage")


def test_a_terminal_without_unicode_is_enough(graphscope, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    script = SCRIPT.replace('name="a")', 'name="a")  # größer')
    done = graphscope("script.py", script=script, typed="plan\nstep\nwhere\n")
    assert done.returncode == 0
    assert "again 3.0" in done.stdout


def test_a_script_with_flags_and_a_main_function(graphscope):
    script = (
        "import argparse\nimport tensorflow as tf\n"
        "tf.app.flags.DEFINE_integer('steps', 3, 'how many')\n"
        "tf.app.flags.DEFINE_boolean('loud', True, 'how loud')\nFLAGS = tf.app.flags.FLAGS\n\n"
        "def main(argv):\n    print(FLAGS.steps, FLAGS.loud, argv[1:])\n    return 5\n\n"
        "if __name__ == '__main__':\n"
        "    known, others = argparse.ArgumentParser().parse_known_args()\n    tf.app.run()\n"
    )
    done = graphscope("run", "script.py", "--steps=4", "--noloud", "file", script=script)
    assert (done.returncode, done.stdout, done.stderr) == (5, "4 False ['file']\n", "")
    done = graphscope("run", "script.py", "--steps=x", script=script)
    assert (done.returncode, done.stdout) == (1, "")
    assert "FATAL Flags parsing error: flag --steps=x" in done.stderr


def test_a_script_of_unit_tests(graphscope):
    script = (
        "import tensorflow as tf\n\nclass SquareTest(tf.test.TestCase):\n"
        "    def testSquare(self):\n        with self.test_session():\n"
        "            self.assertAllEqual(tf.square([2, 3]).eval(), [4, 9])\n\n"
        "if __name__ == '__main__':\n    tf.test.main()\n"
    )
    done = graphscope("run", "script.py", script=script)
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr


def test_a_name_that_is_missing_says_so(graphscope):
    script = "import tensorflow as tf\ntf.estimator.Estimator(None)\n"
    done = graphscope("run", "script.py", script=script)
    assert done.returncode == 1
    assert "tensorflow.estimator is in TensorFlow 1.15, and GraphScope does not" in done.stderr
