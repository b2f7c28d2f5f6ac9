"""Models of Keras as estimators of scikit-learn."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.keras import Sequential, layers
from graphscope.keras import backend as K
from graphscope.keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor

X = np.random.RandomState(0).rand(24, 3)


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()
    gs.set_random_seed(3)


def two_classes(optimizer="adam", metrics=("accuracy",)):
    model = Sequential([layers.Dense(1, activation="sigmoid", input_dim=3)])
    model.compile(optimizer, "binary_crossentropy", list(metrics))
    return model


def three_classes():
    model = Sequential([layers.Dense(3, activation="softmax", input_dim=3)])
    model.compile("adam", "categorical_crossentropy", ["accuracy"])
    return model


def price():
    model = Sequential([layers.Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    return model


def test_classes_have_the_names_that_y_has():
    y = np.where(X[:, 0] > 0.5, 7, 4)
    made = KerasClassifier(two_classes, epochs=2, batch_size=8, verbose=0)
    history = made.fit(X, y)
    assert len(history.history["loss"]) == 2
    assert made.classes_.tolist() == [4, 7]
    assert set(made.predict(X).ravel().tolist()) <= {4, 7}
    assert np.allclose(made.predict_proba(X).sum(axis=1), 1)
    assert made.score(X, y) == pytest.approx(np.mean(made.predict(X).ravel() == y))


def test_one_hot_rows_are_made_when_the_loss_wants_them():
    made = KerasClassifier(three_classes, verbose=0)
    y = np.arange(24) % 3
    made.fit(X, y, epochs=1)
    assert made.predict(X).shape == (24,)
    assert made.score(X, y) == pytest.approx(np.mean(made.predict(X) == y))


def test_a_regressor_s_score_is_minus_its_loss():
    made = KerasRegressor(price, verbose=0)
    made.fit(X, X.sum(axis=1))
    assert made.predict(X).shape == (24,)
    loss = np.mean((made.predict(X) - X.sum(axis=1)) ** 2)
    assert made.score(X, X.sum(axis=1)) == pytest.approx(-loss, rel=1e-5)


def test_arguments_that_nothing_takes():
    with pytest.raises(ValueError, match="layers is not a legal parameter"):
        KerasRegressor(price, layers=3)
    made = KerasClassifier(two_classes, epochs=2)
    assert made.set_params(optimizer="sgd").get_params() == {
        "build_fn": two_classes,
        "epochs": 2,
        "optimizer": "sgd",
    }


def test_a_score_needs_the_accuracy():
    made = KerasClassifier(two_classes, metrics=(), verbose=0)
    made.fit(X, np.arange(24) % 2)
    with pytest.raises(ValueError, match="not configured to compute accuracy"):
        made.score(X, np.arange(24) % 2)


def test_scikit_learn_takes_them():
    selection = pytest.importorskip("sklearn.model_selection")
    pipeline = pytest.importorskip("sklearn.pipeline")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    y = (X[:, 0] > 0.5).astype(int)
    search = selection.GridSearchCV(
        KerasClassifier(two_classes, verbose=0), {"epochs": [1], "optimizer": ["sgd"]}, cv=2
    )
    assert search.fit(X, y).best_params_ == {"epochs": 1, "optimizer": "sgd"}
    steps = [("scale", preprocessing.StandardScaler()), ("net", KerasRegressor(price, verbose=0))]
    scores = selection.cross_val_score(pipeline.Pipeline(steps), X, X.sum(axis=1), cv=2)
    assert (scores < 0).all()
