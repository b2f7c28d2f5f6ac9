"""Signatures: what a model takes and gives, by the names that callers use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphscope.formats.messages import SignatureDef, TensorInfo
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import as_dtype, float32, string
from graphscope.graph.graph import Tensor
from graphscope.saved_model.signature_constants import (
    CLASSIFY_INPUTS,
    CLASSIFY_METHOD_NAME,
    CLASSIFY_OUTPUT_CLASSES,
    CLASSIFY_OUTPUT_SCORES,
    PREDICT_METHOD_NAME,
    REGRESS_INPUTS,
    REGRESS_METHOD_NAME,
    REGRESS_OUTPUTS,
)
from graphscope.saved_model.utils import build_tensor_info

__all__ = [
    "build_signature_def",
    "classification_signature_def",
    "is_valid_signature",
    "predict_signature_def",
    "regression_signature_def",
]

#: Methods that TensorFlow Serving knows.
_METHODS = (CLASSIFY_METHOD_NAME, PREDICT_METHOD_NAME, REGRESS_METHOD_NAME)


def build_signature_def(
    inputs: Mapping[str, TensorInfo] | None = None,
    outputs: Mapping[str, TensorInfo] | None = None,
    method_name: str | None = None,
) -> SignatureDef:
    """A signature of these tensors. Source: tf.saved_model.build_signature_def.

    inputs, outputs: tensors as `build_tensor_info` tells them, by the names that callers use.
    """
    made = SignatureDef()
    for side, given in ((made.inputs, inputs), (made.outputs, outputs)):
        for name, info in (given or {}).items():
            side[name].CopyFrom(info)
    if method_name is not None:
        made.method_name = method_name
    return made


def predict_signature_def(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> SignatureDef:
    """The signature of a model that computes. Source: tf.saved_model.predict_signature_def.

    inputs, outputs: tensors by the names that callers use. Errors: ValueError for none.
    """
    for side, given in (("inputs", inputs), ("outputs", outputs)):
        if not given:
            raise ValueError(f"Prediction {side} cannot be None or empty.")
    taken, given = ({k: build_tensor_info(t) for k, t in s.items()} for s in (inputs, outputs))
    return build_signature_def(taken, given, PREDICT_METHOD_NAME)


def regression_signature_def(examples: Any, predictions: Any) -> SignatureDef:
    """The signature of a model that gives a number for each example.

    examples: serialized, strings. predictions: float32. Errors: ValueError for others.
    Source: tf.saved_model.regression_signature_def.
    """
    _check("Regression examples", examples, string)
    if predictions is None:
        raise ValueError("Regression predictions cannot be None.")
    _check("Regression output tensors", predictions, float32)
    return build_signature_def(
        {REGRESS_INPUTS: build_tensor_info(examples)},
        {REGRESS_OUTPUTS: build_tensor_info(predictions)},
        REGRESS_METHOD_NAME,
    )


def classification_signature_def(examples: Any, classes: Any, scores: Any) -> SignatureDef:
    """The signature of a model that gives classes, their scores, or both, for each example.

    examples, classes: strings; scores: float32. Errors: ValueError for others, and for neither
    classes nor scores. Source: tf.saved_model.classification_signature_def.
    """
    _check("Classification examples", examples, string)
    if classes is None and scores is None:
        raise ValueError("Classification classes and scores cannot both be None.")
    outputs = {}
    for key, tensor, dtype in (
        (CLASSIFY_OUTPUT_CLASSES, classes, string),
        (CLASSIFY_OUTPUT_SCORES, scores, float32),
    ):
        if tensor is not None:
            _check(f"Classification {key} tensor", tensor, dtype)
            outputs[key] = build_tensor_info(tensor)
    inputs = {CLASSIFY_INPUTS: build_tensor_info(examples)}
    return build_signature_def(inputs, outputs, CLASSIFY_METHOD_NAME)


def _check(what: str, tensor: Any, dtype: Any) -> None:
    if tensor is None:
        raise ValueError(f"{what} cannot be None.")
    if not isinstance(tensor, Tensor):
        raise ValueError(f"{what} must be of type Tensor, not {type(tensor).__name__}.")
    if convert_to_tensor(tensor).dtype.base_dtype is not dtype:
        raise ValueError(f"{what} must be of type {dtype.name}.")


def is_valid_signature(signature_def: SignatureDef | None) -> bool:
    """Whether TensorFlow Serving serves a signature. Source: tf.saved_model.is_valid_signature."""
    if signature_def is None or signature_def.method_name not in _METHODS:
        return False
    inputs, outputs = signature_def.inputs, signature_def.outputs
    if signature_def.method_name == PREDICT_METHOD_NAME:
        return bool(inputs) and bool(outputs)
    if set(inputs) != {CLASSIFY_INPUTS} or not _are(inputs.values(), string):
        return False
    if signature_def.method_name == REGRESS_METHOD_NAME:
        return set(outputs) == {REGRESS_OUTPUTS} and _are(outputs.values(), float32)
    wanted = {CLASSIFY_OUTPUT_CLASSES: string, CLASSIFY_OUTPUT_SCORES: float32}
    is_known = bool(outputs) and set(outputs) <= set(wanted)
    return is_known and all(_are([info], wanted[key]) for key, info in outputs.items())


def _are(infos: Iterable[TensorInfo], dtype: Any) -> bool:
    return all(as_dtype(info.dtype) is dtype for info in infos)
