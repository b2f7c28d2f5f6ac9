"""Make keras_recurrent.npz and .json: what TensorFlow 1.15 does with keras_recurrent.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_keras_recurrent.py
"""

import importlib
import json
import os
import pathlib
import sys
import types
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from goldens.keras_recurrent_wrapped import MISTAKES, RECURRENT  # noqa: E402
from goldens.running_keras import run_mistake, run_script  # noqa: E402

tf.get_logger().setLevel("ERROR")
KERAS = types.SimpleNamespace(
    backend=importlib.import_module("tensorflow.python.keras.backend"),
    constraints=tf.keras.constraints,
    layers=tf.keras.layers,
    models=tf.keras.models,
)


def main():
    descriptions, arrays = {}, {}
    for name, build in RECURRENT.items():
        descriptions[name], own = run_script(tf, KERAS, build)
        own["operations"] = np.array(descriptions[name].pop("operations"))
        arrays.update(("%s|%s" % (name, key), value) for key, value in own.items())
    for name, (build, fragments) in MISTAKES.items():
        raised = run_mistake(tf, KERAS, build)
        if raised is None:
            sys.exit("%s raises nothing" % name)
        lost = [part for part in fragments if part not in " ".join(str(raised).split())]
        if lost:
            sys.exit("%s: not in TensorFlow's message: %s\n%s" % (name, lost, raised))
        descriptions[name] = type(raised).__name__
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(value, sort_keys=True))
        for name, value in descriptions.items()
    )
    (HERE / "keras_recurrent.json").write_text("{\n" + lines + "\n}\n")
    np.savez_compressed(str(HERE / "keras_recurrent.npz"), **arrays)


if __name__ == "__main__":
    main()
