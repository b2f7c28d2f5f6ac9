"""Make keras.npz and keras.json: what Keras of TensorFlow 1.15 does with the cases of Keras.

Run it with an interpreter that has TensorFlow 1.15 and SciPy (1.15.5, 1.4.1 and numpy
1.18 were used):

    python tests/goldens/make_keras.py
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
from goldens import keras_callbacks, keras_data, keras_metrics, keras_optimizers, keras_small  # noqa: E402, F401 (adds cases)
from goldens.keras_cases import FUNCTIONS  # noqa: E402
from goldens.keras_scripts import SCRIPTS  # noqa: E402
from goldens.running_keras import MODULES, run_function, run_script  # noqa: E402

#: The modules have more functions than tf.keras shows, and layers use those too; of the optimizers
#: they have the older kind under the same names.
KERAS = types.SimpleNamespace(
    **{name: importlib.import_module("tensorflow.python.keras." + name) for name in MODULES}
)
KERAS.optimizers, KERAS.utils = tf.keras.optimizers, tf.keras.utils
KERAS.preprocessing = importlib.import_module("keras_preprocessing")


def main():
    descriptions, arrays = {}, {}
    for cases, run in ((FUNCTIONS, run_function), (SCRIPTS, run_script)):
        for name, case in cases.items():
            descriptions[name], own = run(tf, KERAS, case)
            arrays.update(("%s|%s" % (name, key), value) for key, value in own.items())
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(value, sort_keys=True))
        for name, value in descriptions.items()
    )
    (HERE / "keras.json").write_text("{\n" + lines + "\n}\n")
    np.savez_compressed(str(HERE / "keras.npz"), **arrays)


if __name__ == "__main__":
    main()
