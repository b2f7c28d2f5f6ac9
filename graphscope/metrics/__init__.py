"""Metrics over many runs, under TensorFlow's names (tf.metrics).

Each gives two tensors: the value so far, and the update, which takes a batch in and gives the value
after it. What is kept between runs are local variables: `tf.local_variables_initializer()` sets
them to 0. metrics_collections, updates_collections: where the two tensors are kept.
"""

from graphscope.metrics.counting import (
    auc,
    false_negatives,
    false_positives,
    mean_iou,
    mean_per_class_accuracy,
    precision,
    recall,
    true_negatives,
    true_positives,
)
from graphscope.metrics.means import (
    accuracy,
    mean,
    mean_absolute_error,
    mean_cosine_distance,
    mean_relative_error,
    mean_squared_error,
    mean_tensor,
    percentage_below,
    root_mean_squared_error,
)

__all__ = [
    "accuracy",
    "auc",
    "false_negatives",
    "false_positives",
    "mean",
    "mean_absolute_error",
    "mean_cosine_distance",
    "mean_iou",
    "mean_per_class_accuracy",
    "mean_relative_error",
    "mean_squared_error",
    "mean_tensor",
    "percentage_below",
    "precision",
    "recall",
    "root_mean_squared_error",
    "true_negatives",
    "true_positives",
]
