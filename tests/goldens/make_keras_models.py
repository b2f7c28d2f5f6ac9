"""Make keras_models.npz, keras_models.json and keras_model.h5: what layers and models of Keras do
in TensorFlow 1.15.

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
from goldens.keras_models import MISTAKES, MODELS, numbers  # noqa: E402
from goldens.running_keras import run_mistake, run_script  # noqa: E402


def save(arrays):
    """keras_model.h5: a trained model as Keras saves it, and what it does from there on."""
    keras = tf.keras
    keras.backend.clear_session()
    tf.set_random_seed(3)
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Dense(5, "relu", input_shape=(4,), kernel_regularizer="l2"))
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.0))
    model.add(layers.Dense(2, "softmax", name="last"))
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", ["accuracy"])
    x, y = numbers(12, 4), np.eye(2)[np.arange(12) % 2].astype("f")
    for _ in range(3):
        model.train_on_batch(x, y)
    model.save(str(HERE / "keras_model.h5"))
    arrays["saved|predicted"] = model.predict(x)
    arrays["saved|losses"] = np.array([model.train_on_batch(x, y) for _ in range(5)])


def main():
    tf.get_logger().setLevel("ERROR")
    descriptions, arrays = {}, {}
    save(arrays)
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
