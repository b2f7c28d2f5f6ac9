"""Models of Keras in files: TensorFlow's are read, and what is written is read again.

keras_model.h5 was saved by TensorFlow 1.15.5 (goldens/make_keras_models.py). A file that this
package saved was loaded by TensorFlow 1.15.5 when this was written, with the same predictions and
the same next five losses.
"""

from pathlib import Path

import numpy as np
import pytest
from goldens.keras_models import numbers

from graphscope import keras

GOLDENS = Path(__file__).parent.parent / "goldens"
X, Y = numbers(12, 4), np.eye(2)[np.arange(12) % 2].astype("f")


@pytest.fixture
def golden():
    pytest.importorskip("h5py")
    with np.load(GOLDENS / "keras_models.npz") as arrays:
        return {name: arrays[f"saved|{name}"] for name in ("predicted", "losses")}


def goes_on_as(model, golden):
    np.testing.assert_allclose(model.predict(X), golden["predicted"], rtol=1e-5)
    losses = [model.train_on_batch(X, Y) for _ in range(5)]
    np.testing.assert_allclose(losses, golden["losses"], rtol=2e-5)


def test_a_model_of_tensorflow_trains_on(golden):
    model = keras.models.load_model(str(GOLDENS / "keras_model.h5"))
    assert keras.backend.get_value(model.optimizer.iterations) == 3
    goes_on_as(model, golden)


def test_a_model_that_is_saved_again_trains_on(golden, tmp_path):
    model = keras.models.load_model(str(GOLDENS / "keras_model.h5"))
    model._ready.function("train")
    model.save(str(tmp_path / "again.h5"))
    goes_on_as(keras.models.load_model(str(tmp_path / "again.h5")), golden)


def test_weights_alone_and_by_name(golden, tmp_path):
    model = keras.models.load_model(str(GOLDENS / "keras_model.h5"), compile=False)
    model.save_weights(str(tmp_path / "weights.h5"))
    other = keras.models.clone_model(model)
    assert not np.allclose(other.predict(X), golden["predicted"])
    other.load_weights(str(tmp_path / "weights.h5"))
    np.testing.assert_allclose(other.predict(X), golden["predicted"], rtol=1e-5)
    last = keras.Sequential([keras.layers.Dense(2, input_shape=(5,), name="last")])
    last.load_weights(str(GOLDENS / "keras_model.h5"), by_name=True)
    np.testing.assert_array_equal(last.get_weights()[0], model.layers[-1].get_weights()[0])


def test_files_that_do_not_fit(golden, tmp_path):
    path = str(tmp_path / "weights.h5")
    keras.Sequential([keras.layers.Dense(2, input_shape=(5,))]).save_weights(path)
    deeper = keras.Sequential([keras.layers.Dense(2, input_shape=(5,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="containing 1 layers into a model with 2 layers"):
        deeper.load_weights(path)
    wider = keras.Sequential([keras.layers.Dense(3, input_shape=(5,))])
    with pytest.raises(ValueError, match=r"kernel:0 has shape \(5, 3\), the saved one \(5, 2\)"):
        wider.load_weights(path)
    with pytest.raises(ValueError, match="No model found"):
        keras.models.load_model(path)


def test_without_h5py(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    model = keras.Sequential([keras.layers.Dense(2, input_shape=(5,))])
    with pytest.raises(ImportError, match=r"`save_weights` requires h5py: pip install h5py"):
        model.save_weights(str(tmp_path / "weights.h5"))


def test_code_out_of_a_file_is_not_run():
    model = keras.Sequential([keras.layers.Lambda(lambda x: x + 1, input_shape=(2,))])
    told = model.to_json()
    assert keras.models.model_from_json(told).predict(np.ones((1, 2))).tolist() == [[2.0, 2.0]]
    letters = model.layers[0].get_config()["function"][0]
    other = told.replace(letters[:8], "AAAAAAAA")
    with pytest.raises(ValueError, match="runs no code out of files"):
        keras.models.model_from_json(other)
