"""Usual tags of the graphs in a SavedModel. Source: tf.saved_model.tag_constants."""

GPU = "gpu"
SERVING = "serve"
TPU = "tpu"
TRAINING = "train"

__all__ = ["GPU", "SERVING", "TPU", "TRAINING"]
