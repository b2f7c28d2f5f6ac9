"""Make layers.npz and layers.json: what TensorFlow 1.15 does with the cases of layers_cases.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_layers.py
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
from goldens.layers_cases import LAYERS  # noqa: E402
from goldens.running_layers import run_layers  # noqa: E402


def main():
    descriptions, arrays = {}, {}
    for name, build in LAYERS.items():
        descriptions[name], own = run_layers(tf, build)
        arrays.update(("%s|%s" % (name, key), value) for key, value in own.items())
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(value, sort_keys=True))
        for name, value in descriptions.items()
    )
    (HERE / "layers.json").write_text("{\n" + lines + "\n}\n")
    np.savez_compressed(str(HERE / "layers.npz"), **arrays)


if __name__ == "__main__":
    main()
