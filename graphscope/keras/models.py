"""Making, keeping and finding models again. Source: tf.keras.models of 1.15."""

from graphscope.keras.model import Model
from graphscope.keras.saving import (
    clone_model,
    load_model,
    model_from_config,
    model_from_json,
    save_model,
)
from graphscope.keras.sequential import Sequential

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_config",
    "model_from_json",
    "save_model",
]
