"""Make training.npz, training.json and training_errors.json: what TensorFlow 1.15 does with the
cases of training.py and the snippets of training_errors.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_training.py
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
from goldens.running import run_snippet  # noqa: E402
from goldens.running_training import run_training  # noqa: E402
from goldens.training import TRAINING  # noqa: E402
from goldens.training_errors import TRAINING_ERRORS  # noqa: E402


def main():
    descriptions, arrays = {}, {}
    for name, build in TRAINING.items():
        descriptions[name], own = run_training(tf, build)
        arrays.update((f"{name}|{key}", value) for key, value in own.items())
    write_json("training.json", descriptions)
    np.savez_compressed(str(HERE / "training.npz"), **arrays)
    errors = {}
    for name, snippet in TRAINING_ERRORS.items():
        raised = run_snippet(tf, name, snippet)
        if raised is None:
            sys.exit(f"{name} raises nothing")
        errors[name] = [type(raised).__name__, str(raised).splitlines()[0] if str(raised) else ""]
    write_json("training_errors.json", errors)


def write_json(name, table):
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in table.items()
    )
    (HERE / name).write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
