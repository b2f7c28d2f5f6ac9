"""Models of Keras as estimators of scikit-learn, for `cross_val_score`, `GridSearchCV`, `Pipeline`.

Source: tf.keras.wrappers.scikit_learn of 1.15.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.keras.sequential import Sequential
from graphscope.keras.utils.arrays import to_categorical

_USES = (Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate)


def _takes(function: Callable[..., Any], name: str) -> bool:
    return name in inspect.signature(function).parameters


def _one_hot_wanted(model: Any) -> bool:
    loss = model.loss
    return str(getattr(loss, "__name__", loss)) == "categorical_crossentropy"


class BaseWrapper:
    """What the two estimators share.

    build_fn: makes a compiled model; left out, the class has a `__call__` that does. sk_params:
    arguments of build_fn, and of `fit`, `predict` and `evaluate` of the model.
    Errors: ValueError for an argument that none of them takes.
    """

    _estimator_type: str

    def __init__(self, build_fn: Any = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def _maker(self) -> Any:
        if self.build_fn is None:
            return getattr(self, "__call__")  # noqa: B004, B009
        return self.build_fn

    def check_params(self, params: dict[str, Any]) -> None:
        """Errors: ValueError for a name that nothing takes."""
        for name in params:
            known = any(_takes(function, name) for function in (*_USES, self._maker()))
            if not known and name != "nb_epoch":  # once the name of `epochs`: taken, and ignored
                raise ValueError(f"{name} is not a legal parameter")

    def get_params(self, **params: Any) -> dict[str, Any]:
        """The arguments that make an equal estimator. params: what scikit-learn asks, ignored."""
        return {**copy.deepcopy(self.sk_params), "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Other values for arguments. Returns the estimator."""
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn: Any, override: dict[str, Any] | None = None) -> dict[str, Any]:
        """Those of the arguments that a function takes, and override."""
        taken = {name: value for name, value in self.sk_params.items() if _takes(fn, name)}
        return {**taken, **(override or {})}

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it. Returns its `History`."""
        make = self._maker()
        self.model = make(**self.filter_sk_params(make))
        if _one_hot_wanted(self.model) and len(y.shape) != 2:
            y = to_categorical(y)
        return self.model.fit(x, y, **self.filter_sk_params(Sequential.fit, kwargs))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn from 1.6 on asks about an estimator."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags  # type: ignore[import-untyped,import-not-found,unused-ignore]

        classifies = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if classifies else None,
            regressor_tags=None if classifies else RegressorTags(),
        )


class KerasClassifier(BaseWrapper):
    """A model that gives a class. Source: tf.keras.wrappers.scikit_learn.KerasClassifier."""

    _estimator_type = "classifier"

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it. y: classes [n] or [n, 1], or one-hot rows [n, classes].

        Returns the `History`. Errors: ValueError for a y of more axes.
        """
        y = np.array(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim in (1, 2):
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError(f"Invalid shape for y: {y.shape}")
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """The most probable class of each row, [n], or [n, 1] for a model with one output."""
        more = self.filter_sk_params(Sequential.predict_classes, kwargs)
        return self.classes_[self.model.predict_classes(x, **more)]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """The probability of each class, [n, classes], of both when there are two."""
        more = self.filter_sk_params(Sequential.predict_proba, kwargs)
        probabilities = self.model.predict_proba(x, **more)
        if probabilities.shape[1] == 1:
            return np.hstack([1 - probabilities, probabilities])
        return probabilities

    def score(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """The part that is classified right.

        Errors: ValueError when the model was compiled without metrics=["accuracy"].
        """
        y = np.searchsorted(self.classes_, y)
        if _one_hot_wanted(self.model) and y.ndim != 2:
            y = to_categorical(y)
        outputs = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        found = outputs if isinstance(outputs, list) else [outputs]
        for name, output in zip(self.model.metrics_names, found, strict=True):
            if name in ("accuracy", "acc"):
                return output
        raise ValueError(
            "The model is not configured to compute accuracy. You should pass "
            '`metrics=["accuracy"]` to the `model.compile()` method.'
        )


class KerasRegressor(BaseWrapper):
    """A model that gives a number. Source: tf.keras.wrappers.scikit_learn.KerasRegressor."""

    _estimator_type = "regressor"

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """The number of each row, [n]."""
        more = self.filter_sk_params(Sequential.predict, kwargs)
        return np.squeeze(self.model.predict(x, **more))

    def score(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Minus the loss: the larger, the better."""
        loss = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        return -(loss[0] if isinstance(loss, list) else loss)
