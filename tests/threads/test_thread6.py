"""A Keras loss that cannot be differentiated: F1 by scikit-learn, by rounding, and one that trains.

The thread: "I want to create a custom objective function ... K.eval(y_true) ... this also did not
work. How do I evaluate the y_true and y_pred tensors?"
"""

import subprocess
import sys

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.debug.questions.updates import Status
from graphscope.errors import lesson_of

keras = gs.keras
K = keras.backend


def f1_like_scikit_learn(y_true, y_pred):
    """What sklearn.metrics.f1_score does first: it makes arrays of what it is given."""
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    hits = (true * predicted).sum()
    return 2 * hits / (true.sum() + predicted.sum())


@pytest.fixture
def f1_score():
    """scikit-learn's own where it is installed, else what begins as it does."""
    try:
        from sklearn.metrics import f1_score
    except ImportError:
        return f1_like_scikit_learn
    return f1_score


@pytest.fixture
def model():
    np.random.seed(1)
    return keras.Sequential(
        [
            keras.layers.Dense(3, activation="tanh", input_shape=(4,), kernel_initializer="ones"),
            keras.layers.Dense(
                1, activation="sigmoid", kernel_initializer=keras.initializers.he_normal(seed=1)
            ),
        ]
    )


def data(n=24):
    x = np.random.RandomState(0).randn(n, 4).astype(np.float32)
    return x, (x[:, :1] > 0.5).astype(np.float32)


def test_scikit_learn_wants_arrays_and_gets_symbols(model, f1_score):
    def F1Loss(y_true, y_pred):
        return 1.0 - f1_score(y_true, y_pred)

    with pytest.raises((TypeError, ValueError, NotImplementedError)) as caught:
        model.compile("adam", F1Loss)
    lesson = lesson_of(caught.value)
    assert lesson.node.startswith("F1Loss(y_true, y_pred)")
    assert lesson.inputs == [
        "y_true is the symbolic tensor dense_1_target:0 (?, ?)",
        "y_pred is the symbolic tensor dense_1/Sigmoid:0 (?, 1)",
    ]
    assert lesson.line.startswith("test_thread6.py:")
    assert lesson.line.endswith("return 1.0 - f1_score(y_true, y_pred)")
    assert "has none" in lesson.hint[0]
    assert "K.sum(y_true * y_pred)" in lesson.hint[1]
    assert "callback" in lesson.hint[2]


def test_evaluating_the_targets_needs_a_feed(model):
    def loss(y_true, y_pred):
        return K.mean(K.eval(y_true) - y_pred)

    with pytest.raises(gs.errors.InvalidArgumentError, match="dense_1_target") as caught:
        model.compile("adam", loss)
    notes = "\n".join(caught.value.__notes__)
    assert "symbolic tensor" in notes
    assert "K.eval(y_true)" in notes


def test_the_threads_accuracy_on_the_models_tensors(model):
    model.add(keras.layers.Dense(2, activation="softmax"))
    tf, x = gs, data()[0]
    actual_tensor = tf.placeholder(tf.float32, [None, 2])
    predicted_tensor = model.output
    correct_prediction = tf.equal(tf.argmax(actual_tensor, 1), tf.argmax(predicted_tensor, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    actual = np.eye(2)[model.predict_classes(x)]
    assert K.get_session().run(accuracy, {model.input: x, actual_tensor: actual}) == 1.0


def test_the_threads_fit_generator_call(model, tmp_path):
    pytest.importorskip("h5py")
    x, y = data()
    X_train, X_val = x[:16], x[16:]

    def batches(inputs, targets):
        while True:
            for start in range(0, len(inputs), 8):
                yield inputs[start : start + 8], targets[start : start + 8]

    train_generator, val_generator = batches(X_train, y[:16]), batches(X_val, y[16:])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    model_checkpoint = keras.callbacks.ModelCheckpoint(str(tmp_path / "best.h5"))
    reduce_lr = keras.callbacks.ReduceLROnPlateau(patience=1)
    tb = keras.callbacks.TensorBoard(log_dir=str(tmp_path / "logs"))
    nb_epoch = 2
    history = model.fit_generator(
        train_generator,
        validation_data=val_generator,
        nb_val_samples=X_val.shape[0],
        samples_per_epoch=X_train.shape[0],
        nb_epoch=nb_epoch,
        verbose=0,
        callbacks=[model_checkpoint, reduce_lr, tb],
        max_q_size=1000,
    )
    assert set(history.history) == {"loss", "acc", "val_loss", "val_acc", "lr"}
    assert len(history.history["loss"]) == nb_epoch
    assert K.get_value(model.optimizer.iterations) == 4  # two batches of 8 in each epoch
    assert (tmp_path / "best.h5").exists()


@pytest.mark.parametrize(
    ("hard", "operation"),
    [(K.round, "Round"), (lambda y: K.cast(K.argmax(y, axis=0), "float32"), "ArgMax")],
)
def test_where_the_gradient_of_a_hard_loss_ends(model, hard, operation):
    def hard_f1(y_true, y_pred):
        chosen = hard(y_pred)
        return 1.0 - 2.0 * K.sum(y_true * chosen) / (K.sum(y_true) + K.sum(chosen))

    model.compile("sgd", hard_f1)
    x, y = data()
    with pytest.raises(ValueError, match="None` for gradient") as caught:
        model.fit(x, y, verbose=0)
    assert operation in str(caught.value) + "\n".join(caught.value.__notes__)


def test_the_debugger_shows_the_cut_and_what_a_soft_loss_moves(model):
    def soft_f1(y_true, y_pred):
        return 1.0 - 2.0 * K.sum(y_true * y_pred) / (K.sum(y_true) + K.sum(y_pred))

    model.compile(keras.optimizers.SGD(0.1), soft_f1)
    x, y = data()
    target, kernel = model.targets[0], model.layers[0].kernel
    hits = K.sum(target * K.round(model.output))
    hard = gs.identity(1.0 - 2.0 * hits / K.sum(target + K.round(model.output)), name="hard")
    feed = {model.input: x, target: y}
    with gs.debug(K.get_session(), [hard, model.total_loss], feed) as d:
        d.run_to_end()
        cut = d.flow("hard", kernel)
        assert not cut.ok
        assert cut.culprit.type == "Round"
        assert d.flow(model.total_loss, kernel).ok

    function = model._ready.function("train")
    model.fit(x, y, verbose=0)  # initializes what the optimizer keeps
    before = model.get_weights()
    with gs.debug(K.get_session(), [model.total_loss, function.updates_op], feed) as d:
        d.run_to_end()
        assert d.updates().names(Status.UPDATED) >= {v.op.name for v in model.trainable_weights}
        assert d.why(kernel).ok
    losses = model.fit(x, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] - 0.05
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


SCRIPT = """\
from sklearn.metrics import f1_score
from keras.models import Sequential
from keras.layers import Dense
from keras import backend as K

def F1Loss(y_true, y_pred):
    return 1. - f1_score(y_true, y_pred)

model = Sequential()
model.add(Dense(1, activation="sigmoid", input_dim=3))
model.compile(loss=F1Loss, optimizer="adam")
"""


def test_the_script_of_the_thread(tmp_path):
    """`graphscope run` on it: an error that says what y_true is, which line, and what to write."""
    (tmp_path / "f1.py").write_text(SCRIPT)
    (tmp_path / "sklearn").mkdir()  # which begins as scikit-learn's own, and is quick to import
    (tmp_path / "sklearn" / "__init__.py").write_text("")
    (tmp_path / "sklearn" / "metrics.py").write_text(
        "from numpy import asarray\n\n\ndef f1_score(a, b):\n    return asarray(a)\n"
    )
    found = subprocess.run(
        [sys.executable, "-m", "graphscope", "run", "f1.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 1
    assert "f1.py:7  return 1. - f1_score(y_true, y_pred)" in found.stderr
    assert "a symbolic tensor is a place in the graph" in found.stderr


def test_old_import_paths():
    with compat.installed():
        from keras.callbacks import ModelCheckpoint
        from keras.layers.core import Dense
        from keras.utils.np_utils import to_categorical

    assert Dense is keras.layers.Dense
    assert ModelCheckpoint is keras.callbacks.ModelCheckpoint
    assert to_categorical is keras.utils.to_categorical
