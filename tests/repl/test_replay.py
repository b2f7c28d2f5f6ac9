"""Sessions that are recorded, replayed, and exported as tests."""

import subprocess
import sys

import numpy as np
import pytest

import graphscope as gs
from graphscope import cli
from graphscope.debug import DebugError
from graphscope.debug.questions.recording import read

SCRIPT = """\
import numpy as np
import tensorflow as tf
x = tf.placeholder(tf.float32, [None, 3], name="x")
labels = tf.placeholder(tf.string, [None], name="labels")
w = tf.Variable(tf.random_normal([3, 2]), name="w")
noise = tf.random_uniform([2], name="noise")
y = tf.add(tf.matmul(x, w), noise, name="y")
named = tf.string_join([labels, "!"], name="named")
loss = tf.reduce_mean(tf.square(y), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range(3):
    feed = {x: np.random.rand(4, 3), labels: ["a", "b"]}
    print(sess.run([loss, named, train], feed)[0])
"""
COMMANDS = "until noise; print noise; until loss; print loss; print named; back 2; step 2"
COMMANDS += "; break %w; continue; updates; why w; nonsense"


@pytest.fixture
def graphscope(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "graphscope", *arguments],
            cwd=tmp_path,
            input="",
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_a_recorded_session_replays_to_the_same_transcript(graphscope, tmp_path):
    """Nothing in the script has a seed: feeds, variables and generators come from the recording."""
    done = graphscope("--at-run", "3", "-c", f"{COMMANDS}; record kept.gsr; quit", "script.py")
    assert "wrote kept.gsr: 12 commands" in done.stdout
    replayed = graphscope("replay", "kept.gsr")
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert "12 commands replayed, 0 differ." in replayed.stdout


def test_a_replay_says_what_differs(graphscope, tmp_path):
    graphscope("--at-run", "2", "-c", "until loss; print loss; record kept.gsr; quit", "script.py")
    changed = SCRIPT.replace("tf.square(y)", "tf.abs(y)")
    (tmp_path / "script.py").write_text(changed)
    replayed = graphscope("replay", "kept.gsr")
    assert replayed.returncode == 1
    assert "2 commands replayed, 2 differ." in replayed.stdout
    assert "differs; it said" in replayed.stdout


def test_a_recorded_session_is_exported_as_a_test_that_passes(graphscope, tmp_path):
    words = f"{COMMANDS}; export pytest test_kept.py; quit"
    graphscope("--at-run", "3", "-c", words, "script.py")
    text = (tmp_path / "test_kept.py").read_text()
    assert "assert stop.node.name == 'loss'" in text
    assert "np.testing.assert_allclose(card.value" in text
    assert "assert type(failed.error).__name__ == 'UnknownCommand'" in text
    tested = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_kept.py"]
    done = subprocess.run(tested, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "1 passed" in done.stdout, done.stdout
    (tmp_path / "script.py").write_text(SCRIPT.replace("Optimizer(0.1)", "Optimizer(0.2)"))
    changed = SCRIPT.replace("tf.square(y)", "tf.abs(y)")
    (tmp_path / "script.py").write_text(changed)
    done = subprocess.run(tested, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "1 failed" in done.stdout, "it would not notice another loss"


def test_a_recording_keeps_what_the_run_began_with(tmp_path):
    with gs.Graph().as_default(), gs.Session() as session:
        x = gs.placeholder(gs.float32, [2], name="x")
        t = gs.placeholder(gs.string, [2], name="t")
        n = gs.Variable([1.0, 2.0], name="n")
        joined = gs.string_join([t, "!"])
        out = [n + x + gs.random_uniform([2]), joined]
        session.run(n.initializer)
        feed = {x: [np.nan, np.inf], t: np.array([b"\xff\x00", "ä"], object)}
        with gs.debug(session, out, feed) as d:
            d.run_to_end()
            d.onecmd(f"record {tmp_path / 'kept.gsr'}")
            kept = read(tmp_path / "kept.gsr")
            np.testing.assert_array_equal(kept.feeds["x:0"], np.float32([np.nan, np.inf]))
            assert list(kept.feeds["t:0"]) == [b"\xff\x00", "ä".encode()]
            np.testing.assert_array_equal(kept.variables["n"], [1.0, 2.0])
            assert list(kept.cells) == ["random_uniform/RandomUniform"]
            assert kept.script is None


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_recording_is_refused(tmp_path, graphscope, content):
    (tmp_path / "broken.gsr").write_bytes(content)
    with pytest.raises(DebugError, match="is no recording of a session"):
        read(tmp_path / "broken.gsr")
    done = graphscope("replay", "broken.gsr")
    assert done.returncode == 2
    assert done.stderr.startswith("graphscope: broken.gsr is no recording of a session")


def test_a_replay_without_its_script_says_so(tmp_path, graphscope):
    graphscope("-c", "record kept.gsr; quit", "script.py")
    (tmp_path / "script.py").unlink()
    done = graphscope("replay", "kept.gsr")
    assert done.returncode == 2
    assert "The script of this recording is not there: script.py" in done.stderr


#: Half of the elements have been taken when the session begins; so have some of the queue's.
PIPELINES = """\
import tensorflow as tf
numbers = tf.data.Dataset.range(12).shuffle(12, seed={seed}).batch(2)
x = tf.cast(numbers.make_one_shot_iterator().get_next(), tf.float32)
queue = tf.FIFOQueue(20, [tf.float32], shapes=[[]], name="queue")
fill = queue.enqueue_many([tf.range(20.0)])
taken = queue.dequeue(name="taken")
w = tf.Variable(1.0, name="w")
y = tf.reduce_sum(w * x + taken, name="y")
train = w.assign_sub(0.01 * y)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
sess.run(fill)
for i in range(5):
    sess.run([y, train])
"""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The recording of a session at the script's fifth run, and what was said when it was made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(PIPELINES.format(seed=3))
    with gs.Graph().as_default(), gs.testing.at_run("script.py", 5) as d:
        for command in ("until y", "print taken", "print IteratorGetNext", "print y"):
            assert d.onecmd(command).error is None
        return " ".join(d.onecmd("record kept.gsr").text.split()), read("kept.gsr")


def test_a_replay_goes_on_inside_of_an_iterator_and_a_queue(kept, capsys):
    text, recording = kept
    assert recording.elsewhere == ("queue", "OneShotIterator")
    assert "Where queue, OneShotIterator stood are not in the file: the script comes" in text
    with gs.Graph().as_default():
        assert cli.main(["replay", "kept.gsr"]) == 0
    assert "4 commands replayed, 0 differ." in capsys.readouterr().out


def test_a_replay_that_stands_elsewhere_in_its_iterator_says_why(kept, tmp_path, capsys):
    (tmp_path / "script.py").write_text(PIPELINES.format(seed=4))
    with gs.Graph().as_default():
        assert cli.main(["replay", "kept.gsr"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "if what it shuffles and draws before has seeds." in said
