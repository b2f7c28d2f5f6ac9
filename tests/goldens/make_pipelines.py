"""Make pipelines.json: what TensorFlow 1.15 does with cases_pipelines.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_pipelines.py
"""

import json
import os
import pathlib
import sys
import tempfile
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tensorflow as tf  # noqa: E402
from goldens.cases_pipelines import MISTAKES, PIPELINES  # noqa: E402


def main():
    tf.logging.set_verbosity(tf.logging.ERROR)
    table = {}
    for name, function in PIPELINES.items():
        with tf.Graph().as_default(), tempfile.TemporaryDirectory() as folder:
            table[name] = function(tf, folder)
    for name, function in MISTAKES.items():
        with tf.Graph().as_default(), tempfile.TemporaryDirectory() as folder:
            try:
                function(tf, folder)
            except Exception as error:
                table[name] = type(error).__name__
            else:
                sys.exit("%s raises nothing" % name)
    lines = ",\n".join("%s: %s" % (json.dumps(k), json.dumps(v)) for k, v in table.items())
    (HERE / "pipelines.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
