"""Make keras_models.npz and keras_models.json: what Keras of TensorFlow 1.15 does with layers and
models.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_keras_models.py
"""

import json
import os
import pathlib
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from goldens.keras_models import MISTAKES, MODELS  # noqa: E402
from goldens.running_keras import run_mistake, run_script  # noqa: E402


def main():
    tf.get_logger().setLevel("ERROR")
    descriptions, arrays = {}, {}
    for name, build in MODELS.items():
        descriptions[name], own = run_script(tf, tf.keras, build)
        arrays.update(("%s|%s" % (name, key), value) for key, value in own.items())
    for name, (build, fragments) in MISTAKES.items():
        raised = run_mistake(tf, tf.keras, build)
        if raised is None or not all(text in str(raised) for text in fragments):
            sys.exit("%s: %r" % (name, raised))
        descriptions["mistake " + name] = type(raised).__name__
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(value, sort_keys=True))
        for name, value in descriptions.items()
    )
    (HERE / "keras_models.json").write_text("{\n" + lines + "\n}\n")
    np.savez_compressed(str(HERE / "keras_models.npz"), **arrays)


if __name__ == "__main__":
    main()
