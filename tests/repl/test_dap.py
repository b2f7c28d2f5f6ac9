"""The debug adapter, driven over pipes by a small editor: `editor.py`."""

import json
from pathlib import Path

import pytest
from editor import Editor

PROGRAMS = Path(__file__).parent.parent / "programs"


@pytest.fixture
def editor(tmp_path):
    made = []

    def start(**options):
        made.append(Editor(tmp_path, **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


TRAINING = """\
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
W = tf.Variable(np.array([[1.0, -1.0], [0.5, 2.0]], np.float32), name="W")
b = tf.Variable(tf.zeros([2]), name="b")
with tf.name_scope("layer"):
    h = tf.nn.relu(tf.matmul(x, W) + b)
loss = tf.reduce_mean(tf.square(h), name="loss")
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
X = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]], np.float32)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
print("before", round(float(sess.run(loss, {x: X})), 4))
for i in range(3):
    sess.run(train_step, {x: X})
print("after", round(float(sess.run(loss, {x: X})), 4))
"""


def test_a_script_is_stepped_and_ends(editor):
    e = editor()
    e.begin(TRAINING)
    assert e.stopped()["reason"] == "entry"
    assert e.here == "the run begins  t=0/3"
    assert e.go("stepIn")["reason"] == "step"
    assert e.t == 1
    e.ask("continue", threadId=1)
    assert e.end() == 0
    assert e.said("stdout") == "before 14.8333\nafter 0.1459\n"
