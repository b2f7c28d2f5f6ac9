"""Cases of Keras' metrics: two batches, then a reset and a third."""

import numpy as np
from goldens.keras_cases import case
from goldens.keras_scripts import script

_RANDOM = np.random.RandomState(5)
BATCHES = 3
CLASSES = 4

SHARES = _RANDOM.dirichlet(np.ones(CLASSES), size=(BATCHES, 6)).astype(np.float32)
NUMBERS = _RANDOM.randint(0, CLASSES, (BATCHES, 6)).astype(np.float32)
ONE_HOT = np.eye(CLASSES, dtype=np.float32)[NUMBERS.astype(int)]
CHANCES = _RANDOM.uniform(size=(BATCHES, 6)).astype(np.float32)
LABELS = _RANDOM.randint(0, 2, (BATCHES, 6)).astype(np.float32)
WEIGHTS = _RANDOM.uniform(0, 2, size=(BATCHES, 6)).astype(np.float32)
VALUES = _RANDOM.normal(size=(BATCHES, 6, 3)).astype(np.float32)

GIVEN = {
    "one hot": (ONE_HOT, SHARES),
    "numbers": (NUMBERS[..., None], SHARES),
    "binary": (LABELS, CHANCES),
    "columns": (LABELS[..., None], CHANCES[..., None]),
    "values": (VALUES, np.abs(VALUES[:, ::-1]).copy()),
    "positive": (np.abs(VALUES), np.abs(VALUES[:, ::-1]).copy()),
    "classes": (NUMBERS, NUMBERS[:, ::-1].copy()),
}
METRICS = [
    ("Accuracy", "classes", {}),
    ("BinaryAccuracy", "columns", {}),
    ("BinaryAccuracy", "columns", {"threshold": 0.7, "name": "mine"}),
    ("CategoricalAccuracy", "one hot", {}),
    ("SparseCategoricalAccuracy", "numbers", {}),
    ("TopKCategoricalAccuracy", "one hot", {"k": 2}),
    ("SparseTopKCategoricalAccuracy", "numbers", {"k": 2}),
    ("MeanSquaredError", "values", {}),
    ("MeanAbsoluteError", "values", {"dtype": "float64"}),
    ("MeanAbsolutePercentageError", "values", {}),
    ("MeanSquaredLogarithmicError", "positive", {}),
    ("RootMeanSquaredError", "values", {}),
    ("CosineSimilarity", "values", {}),
    ("Hinge", "columns", {}),
    ("SquaredHinge", "columns", {}),
    ("CategoricalHinge", "one hot", {}),
    ("LogCoshError", "values", {}),
    ("Poisson", "positive", {}),
    ("KLDivergence", "one hot", {}),
    ("BinaryCrossentropy", "columns", {}),
    ("BinaryCrossentropy", "columns", {"from_logits": True, "label_smoothing": 0.1}),
    ("CategoricalCrossentropy", "one hot", {}),
    ("SparseCategoricalCrossentropy", "numbers", {}),
    ("TruePositives", "binary", {}),
    ("TrueNegatives", "binary", {"thresholds": [0.3, 0.6]}),
    ("FalsePositives", "binary", {}),
    ("FalseNegatives", "binary", {"thresholds": 0.4}),
    ("Precision", "binary", {}),
    ("Precision", "binary", {"thresholds": [0.2, 0.8]}),
    ("Precision", "one hot", {"top_k": 2}),
    ("Recall", "one hot", {"class_id": 1}),
    ("Recall", "binary", {}),
    ("AUC", "binary", {"num_thresholds": 5}),
    ("AUC", "binary", {"num_thresholds": 5, "curve": "PR"}),
    ("AUC", "binary", {"thresholds": [0.2, 0.7], "summation_method": "minoring"}),
    ("AUC", "binary", {"num_thresholds": 4, "curve": "PR", "summation_method": "majoring"}),
    ("SensitivityAtSpecificity", "binary", {"specificity": 0.4, "num_thresholds": 6}),
    ("SpecificityAtSensitivity", "binary", {"sensitivity": 0.4, "num_thresholds": 6}),
    ("MeanIoU", "classes", {"num_classes": CLASSES}),
]


def three_batches(keras, metric, given, weights):
    """The results and the variables after each batch."""
    K = keras.backend
    inputs = [K.placeholder(array.shape[1:]) for array in given]
    weight = None if weights is None else K.placeholder(weights.shape[1:])
    update = metric.update_state(*inputs, sample_weight=weight)
    result = metric.result()
    fed = [*inputs, weight] if weights is not None else inputs
    arrays = [*given, weights] if weights is not None else given
    take = K.function(fed, [K.constant(0.0)], updates=[update])
    results, kept = [], []
    for i in range(BATCHES):
        if i == 2:
            metric.reset_states()
        take([array[i] for array in arrays])
        results.append(K.eval(result))
        kept.append(K.batch_get_value(metric.variables))
    found = {"result": np.stack(results)}
    for i, variable in enumerate(metric.variables):
        found[variable.name] = np.stack([row[i] for row in kept])
    found["name"] = [metric.name, str(metric.dtype), len(metric.updates)]
    found["config"] = {key: plain(value) for key, value in metric.get_config().items()}
    return found


def plain(value):
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def of_class(name, given, options, weights):
    def build(tf, keras):
        metric = getattr(keras.metrics, name)(**options)
        return three_batches(keras, metric, GIVEN[given], weights)

    return build


for _name, _given, _options in METRICS:
    _shown = " ".join("%s=%s" % item for item in sorted(_options.items()))
    script("metrics.%s %s %s" % (_name, _given, _shown))(of_class(_name, _given, _options, None))
for _name, _given, _options in METRICS[:1] + METRICS[3:5] + METRICS[7:8] + METRICS[23:27]:
    _build = of_class(_name, _given, _options, WEIGHTS)
    script("metrics.%s of weights" % _name)(_build)
for _name, _options in (("Precision", {}), ("AUC", {"num_thresholds": 5})):
    script("metrics.%s of weights" % _name)(of_class(_name, "binary", _options, WEIGHTS))


def of_values(name, weights):
    def build(tf, keras):
        return three_batches(keras, getattr(keras.metrics, name)(), (VALUES,), weights)

    return build


for _name in ("Sum", "Mean", "MeanTensor"):
    script("metrics.%s" % _name)(of_values(_name, None))
    script("metrics.%s of weights" % _name)(of_values(_name, WEIGHTS))
    script("metrics.%s of weighted columns" % _name)(of_values(_name, WEIGHTS[..., None]))


@script("metrics.MeanRelativeError")
def _relative(tf, keras):
    metric = keras.metrics.MeanRelativeError(normalizer=np.arange(6, dtype=np.float32))
    return three_batches(keras, metric, GIVEN["classes"], None)


@script("metrics called")
def _called(tf, keras):
    K = keras.backend
    metric = keras.metrics.Mean(name="mine")
    x = K.placeholder((2,))
    value = metric(x)
    first = K.function([x], [value])
    return {
        "first": first([np.array([1, 2])])[0],
        "second": first([np.array([5, 6])])[0],
        "name": value.name,
        "variables": [v.name for v in metric.variables],
        "collections": [len(tf.global_variables()), len(tf.local_variables())],
    }


def _own(keras, returns):
    """A metric as scripts write them. returns: whether the last update is returned."""
    K = keras.backend

    class Positives(keras.metrics.Metric):
        def __init__(self, name="positives", **kwargs):
            super().__init__(name=name, **kwargs)
            self.hits = self.add_weight(name="hits", initializer="zeros")
            self.all = self.add_weight(name="all", initializer="ones")

        def update_state(self, y_true, y_pred, sample_weight=None):
            found = K.cast(y_pred > 0.5, "float32") * y_true
            self.hits.assign_add(K.sum(found))
            last = self.all.assign_add(K.sum(y_true))
            return last if returns else None

        def result(self):
            return self.hits / self.all

    return Positives()


for _returns in (True, False):

    @script("metrics of one's own, that returns %s" % ("an update" if _returns else "nothing"))
    def _of_ones_own(tf, keras, returns=_returns):
        return three_batches(keras, _own(keras, returns), GIVEN["binary"], None)


@script("metrics by name")
def _by_name(tf, keras):
    metrics = keras.metrics
    names = [
        "mse",
        "binary_accuracy",
        "cosine_proximity",
        "sparse_top_k_categorical_accuracy",
    ]
    written = metrics.serialize(metrics.Precision(thresholds=0.3))
    return {
        "functions": [metrics.get(name).__name__ for name in names],
        "written": written,
        "again": metrics.deserialize(written).get_config(),
        "names": [metrics.Precision().name, metrics.Precision().name, metrics.Recall().name],
        "clone": metrics.clone_metric(metrics.Mean(name="mine")).name,
    }


for _name, _inputs in (
    ("accuracy", (NUMBERS[0], NUMBERS[1])),
    ("binary_accuracy", (LABELS[0], CHANCES[0])),
    ("categorical_accuracy", (ONE_HOT[0], SHARES[0])),
    ("sparse_categorical_accuracy", (NUMBERS[0], SHARES[0])),
    ("sparse_categorical_accuracy", (NUMBERS[0][:, None], SHARES[0])),
):
    case(
        "metrics.%s %d" % (_name, _inputs[0].ndim),
        lambda keras, y, x, name=_name: getattr(keras.metrics, name)(y, x),
        *_inputs,
    )
for _name, _true in (
    ("top_k_categorical_accuracy", ONE_HOT[0]),
    ("sparse_top_k_categorical_accuracy", NUMBERS[0]),
):
    case(
        "metrics.%s" % _name,
        lambda keras, y, x, name=_name: getattr(keras.metrics, name)(y, x, k=3),
        *(_true, SHARES[0]),
    )
