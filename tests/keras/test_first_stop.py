"""A script of Keras under the debugger: it stops in its own training, not in Keras' bookkeeping."""

import subprocess
import sys

SCRIPT = """\
import numpy as np
from keras.layers import Dense
from keras.models import Sequential

x = np.ones((4, 3))
model = Sequential([Dense(1, input_shape=(3,), name="out")])
model.compile("sgd", "mse", metrics=["mae"])
model.fit(x, x[:, 0], verbose=0)
model.evaluate(x, x[:, 0])
"""


def said(folder, *arguments):
    (folder / "script.py").write_text(SCRIPT)
    found = subprocess.run(
        [sys.executable, "-m", "graphscope", *arguments, "script.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_the_first_stop_is_in_the_training(tmp_path):
    text = said(tmp_path, "-c", "finish; why out/kernel; quit")
    assert "Run 1  sess.run('loss/mul', 'metrics/mean_absolute_error/Identity'" in text
    assert "script.py:8  model.fit(x, x[:, 0], verbose=0)" in text
    assert "VarIsInitializedOp" not in text
    assert "out/kernel is trained" in text


def test_the_bar_of_evaluate_says_the_loss(tmp_path):
    assert " - loss: " in said(tmp_path, "run").splitlines()[-1]
