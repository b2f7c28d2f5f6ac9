"""Metrics of Keras: functions, and objects that count over batches (tf.keras.metrics)."""

from __future__ import annotations

from typing import Any

from graphscope.keras.losses import KLD as KLD
from graphscope.keras.losses import MAE as MAE
from graphscope.keras.losses import MAPE as MAPE
from graphscope.keras.losses import MSE as MSE
from graphscope.keras.losses import MSLE as MSLE
from graphscope.keras.losses import binary_crossentropy as binary_crossentropy
from graphscope.keras.losses import categorical_crossentropy as categorical_crossentropy
from graphscope.keras.losses import categorical_hinge as categorical_hinge
from graphscope.keras.losses import cosine as cosine
from graphscope.keras.losses import cosine_proximity as cosine_proximity
from graphscope.keras.losses import cosine_similarity as cosine_similarity
from graphscope.keras.losses import hinge as hinge
from graphscope.keras.losses import kld as kld
from graphscope.keras.losses import kullback_leibler_divergence as kullback_leibler_divergence
from graphscope.keras.losses import logcosh as logcosh
from graphscope.keras.losses import mae as mae
from graphscope.keras.losses import mape as mape
from graphscope.keras.losses import mean_absolute_error as mean_absolute_error
from graphscope.keras.losses import mean_absolute_percentage_error as mean_absolute_percentage_error
from graphscope.keras.losses import mean_squared_error as mean_squared_error
from graphscope.keras.losses import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from graphscope.keras.losses import mse as mse
from graphscope.keras.losses import msle as msle
from graphscope.keras.losses import poisson as poisson
from graphscope.keras.losses import (
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from graphscope.keras.losses import squared_hinge as squared_hinge
from graphscope.keras.metrics.base import Metric as Metric
from graphscope.keras.metrics.confusion import AUC as AUC
from graphscope.keras.metrics.confusion import FalseNegatives as FalseNegatives
from graphscope.keras.metrics.confusion import FalsePositives as FalsePositives
from graphscope.keras.metrics.confusion import Precision as Precision
from graphscope.keras.metrics.confusion import Recall as Recall
from graphscope.keras.metrics.confusion import SensitivityAtSpecificity as SensitivityAtSpecificity
from graphscope.keras.metrics.confusion import SpecificityAtSensitivity as SpecificityAtSensitivity
from graphscope.keras.metrics.confusion import TrueNegatives as TrueNegatives
from graphscope.keras.metrics.confusion import TruePositives as TruePositives
from graphscope.keras.metrics.functions import accuracy as accuracy
from graphscope.keras.metrics.functions import binary_accuracy as binary_accuracy
from graphscope.keras.metrics.functions import categorical_accuracy as categorical_accuracy
from graphscope.keras.metrics.functions import (
    sparse_categorical_accuracy as sparse_categorical_accuracy,
)
from graphscope.keras.metrics.functions import (
    sparse_top_k_categorical_accuracy as sparse_top_k_categorical_accuracy,
)
from graphscope.keras.metrics.functions import (
    top_k_categorical_accuracy as top_k_categorical_accuracy,
)
from graphscope.keras.metrics.means import Accuracy as Accuracy
from graphscope.keras.metrics.means import BinaryAccuracy as BinaryAccuracy
from graphscope.keras.metrics.means import BinaryCrossentropy as BinaryCrossentropy
from graphscope.keras.metrics.means import CategoricalAccuracy as CategoricalAccuracy
from graphscope.keras.metrics.means import CategoricalCrossentropy as CategoricalCrossentropy
from graphscope.keras.metrics.means import CategoricalHinge as CategoricalHinge
from graphscope.keras.metrics.means import CosineSimilarity as CosineSimilarity
from graphscope.keras.metrics.means import Hinge as Hinge
from graphscope.keras.metrics.means import KLDivergence as KLDivergence
from graphscope.keras.metrics.means import LogCoshError as LogCoshError
from graphscope.keras.metrics.means import Mean as Mean
from graphscope.keras.metrics.means import MeanAbsoluteError as MeanAbsoluteError
from graphscope.keras.metrics.means import (
    MeanAbsolutePercentageError as MeanAbsolutePercentageError,
)
from graphscope.keras.metrics.means import MeanIoU as MeanIoU
from graphscope.keras.metrics.means import MeanMetricWrapper as MeanMetricWrapper
from graphscope.keras.metrics.means import MeanRelativeError as MeanRelativeError
from graphscope.keras.metrics.means import MeanSquaredError as MeanSquaredError
from graphscope.keras.metrics.means import (
    MeanSquaredLogarithmicError as MeanSquaredLogarithmicError,
)
from graphscope.keras.metrics.means import MeanTensor as MeanTensor
from graphscope.keras.metrics.means import Poisson as Poisson
from graphscope.keras.metrics.means import Reduce as Reduce
from graphscope.keras.metrics.means import RootMeanSquaredError as RootMeanSquaredError
from graphscope.keras.metrics.means import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from graphscope.keras.metrics.means import (
    SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
)
from graphscope.keras.metrics.means import (
    SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy,
)
from graphscope.keras.metrics.means import SquaredHinge as SquaredHinge
from graphscope.keras.metrics.means import Sum as Sum
from graphscope.keras.metrics.means import SumOverBatchSize as SumOverBatchSize
from graphscope.keras.metrics.means import (
    SumOverBatchSizeMetricWrapper as SumOverBatchSizeMetricWrapper,
)
from graphscope.keras.metrics.means import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from graphscope.keras.utils.objects import (
    deserialize_keras_object,
    object_of,
    serialize_keras_object,
)


def clone_metric(metric: Any) -> Any:
    """A metric of its own with the same arguments; a function stays."""
    return metric.from_config(metric.get_config()) if isinstance(metric, Metric) else metric


def clone_metrics(metrics: Any) -> Any:
    """The clones of a list or of a dictionary of metrics."""
    if metrics is None:
        return None
    if isinstance(metrics, dict):
        return {key: clone_metric(value) for key, value in metrics.items()}
    return [clone_metric(metric) for metric in metrics]


def serialize(metric: Any) -> Any:
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        config,
        module_objects=globals(),
        custom_objects=custom_objects,
        printable_module_name="metric function",
    )


def get(identifier: Any) -> Any:
    """The metric of a name or of what `serialize` gave. Errors: ValueError for an unknown one."""
    if identifier is None:
        raise ValueError(f"Could not interpret metric function identifier: {identifier}")
    return object_of(identifier, globals(), "metric function")
