"""What TensorFlow 1.15 prints for the programs of the lessons.

Run with its Python, from this folder: python make_goldens.py. A program imports GraphScope as `tf`;
here it is given TensorFlow.
"""

import contextlib
import io
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")
import tensorflow as tf  # noqa: E402

HERE = Path(__file__).resolve().parent
TUTORIALS = HERE.parents[1] / "tutorials"

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
os.chdir(tempfile.mkdtemp())  # some programs write files
for script in sorted(TUTORIALS.glob("*.py")):
    if sys.argv[1:] and script.stem.partition("_")[0] not in sys.argv[1:]:
        continue
    text = script.read_text(encoding="utf-8").replace(
        "import graphscope as tf", "import tensorflow as tf"
    )
    printed = io.StringIO()
    tf.reset_default_graph()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, str(script), "exec"), {"__name__": "__main__", "__file__": str(script)})
    (HERE / "goldens" / (script.stem + ".txt")).write_text(printed.getvalue(), encoding="utf-8")
    print(script.stem)
