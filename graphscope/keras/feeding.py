"""What the user gives to `fit`, put in the order of the model's placeholders and checked.

Source: tensorflow.python.keras.engine.training_utils of 1.15; its messages are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.keras.endpoints import Endpoint, by_output, is_categorical, needs_same_shape


def arrays_of(
    data: Any, names: list[str], shapes: Sequence[Any] | None, what: str
) -> list[np.ndarray | None]:
    """One array for each name. data: an array, a list of them, or a dict by the names.

    shapes: what each must have, None for anything; the first size may be any. what: "input" or
    "target", for the messages. Errors: ValueError, TypeError.
    """
    if not names:
        if data is not None and len(data) and not isinstance(data, dict):
            raise ValueError(f"Error when checking model {what}: expected no data, but got:", data)
        return []
    if data is None:
        return [None for _ in names]
    found = [_standing(array, shape) for array, shape in _paired(data, names, shapes)]
    _right_number(found, names, what, data)
    for array, name, shape in zip(found, names, shapes or [None] * len(names), strict=True):
        if shape is not None and array is not None:
            _fits(array, name, shape, what)
    return found


def _paired(data: Any, names: list[str], shapes: Sequence[Any] | None) -> list[tuple[Any, Any]]:
    if isinstance(data, dict):
        missing = [name for name in names if name not in data]
        if missing:
            raise ValueError(
                f'No data provided for "{missing[0]}". Need data for each key in: {names}'
            )
        listed = [data[name] for name in names]
    elif isinstance(data, list | tuple) and len(data):
        if isinstance(data[0], list | tuple):
            listed = [np.asarray(item) for item in data]
        elif len(names) == 1 and isinstance(data[0], float | int):
            listed = [np.asarray(data)]
        else:
            listed = list(data)
    else:
        listed = [data]
    listed = [getattr(item, "values", item) if hasattr(item, "iloc") else item for item in listed]
    needed = list(shapes or [None] * len(names))
    return list(zip(listed, needed + [None] * (len(listed) - len(needed)), strict=False))


def _standing(array: Any, shape: Any) -> Any:
    """A row of numbers stands as a column, unless rows are wanted."""
    if array is None or not hasattr(array, "shape"):
        return array
    if len(array.shape) == 1 and (shape is None or len(shape) != 1):
        return np.expand_dims(array, 1)
    return array


def _right_number(found: list[Any], names: list[str], what: str, data: Any) -> None:
    start = f"Error when checking model {what}"
    if len(found) == len(names):
        if len(found) == 1 and found[0] is not None and not hasattr(found[0], "shape"):
            raise TypeError(
                f"{start}: data should be a Numpy array, or list/dict of Numpy arrays. Found: "
                f"{str(found)[:200]}..."
            )
        return
    if found and hasattr(found[0], "shape"):
        raise ValueError(
            f"{start}: the list of Numpy arrays that you are passing to your model is not the size "
            f"the model expected. Expected to see {len(names)} array(s), but instead got the "
            f"following list of {len(found)} arrays: {str(found)[:200]}..."
        )
    raise ValueError(
        f"{start}: you are passing a list as input to your model, but the model expects a list of "
        f"{len(names)} Numpy arrays instead. The list you passed was: {str(data)[:200]}"
    )


def _fits(array: Any, name: str, shape: Sequence[int | None], what: str) -> None:
    start = f"Error when checking {what}: expected {name} to have "
    if len(array.shape) != len(shape):
        raise ValueError(
            f"{start}{len(shape)} dimensions, but got array with shape {tuple(array.shape)}"
        )
    wanted, sizes = tuple(shape[1:]), tuple(array.shape[1:])
    if any(None not in (a, b) and a != b for a, b in zip(wanted, sizes, strict=True)):
        raise ValueError(f"{start}shape {wanted} but got array with shape {sizes}")


def check_targets(targets: Sequence[Any], endpoints: Sequence[Endpoint]) -> None:
    """Whether the targets are of the kind that the losses want. Errors: ValueError."""
    for target, endpoint in zip(targets, endpoints, strict=True):
        if target is None or endpoint.loss is None:
            continue
        if is_categorical(endpoint.loss) and target.shape[-1] == 1:
            raise ValueError(
                f"You are passing a target array of shape {target.shape} while using as loss "
                "`categorical_crossentropy`. `categorical_crossentropy` expects targets to be "
                "binary matrices (1s and 0s) of shape (samples, classes). If your targets are "
                "integer classes, you can convert them to the expected format via:\n"
                "```\nfrom keras.utils import to_categorical\n"
                "y_binary = to_categorical(y_int)\n```\n\nAlternatively, you can use the loss "
                "function `sparse_categorical_crossentropy` instead, which does expect integer "
                "targets."
            )
        if needs_same_shape(endpoint.loss):
            pairs = zip(target.shape[1:], endpoint.sizes[1:], strict=False)
            if any(out is not None and size != out for size, out in pairs):
                raise ValueError(
                    f"A target array with shape {target.shape} was passed for an output of shape "
                    f"{endpoint.sizes} while using as loss `{endpoint.loss.name}`. This loss "
                    "expects targets to have the same shape as the output."
                )


def check_lengths(inputs: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any]) -> None:
    """Whether all have as many samples. Errors: ValueError."""

    def lengths(arrays: Sequence[Any]) -> list[int]:
        return sorted({array.shape[0] for array in arrays if array is not None})

    ins, outs, weighted = lengths(inputs), lengths(targets), lengths(weights)
    for found, what in ((ins, "input"), (outs, "target")):
        if len(found) > 1:
            raise ValueError(
                f"All {what} arrays (x) should have the same number of samples. Got array shapes: "
                f"{[array.shape for array in (inputs if what == 'input' else targets)]}"
            )
    if ins and outs and ins != outs:
        raise ValueError(
            "Input arrays should have the same number of samples as target arrays. Found "
            f"{ins[0]} input samples and {outs[0]} target samples."
        )
    if outs and weighted and outs != weighted:
        raise ValueError(
            "Sample_weight arrays should have the same number of samples as target arrays. Got "
            f"{weighted[0]} input samples and {outs[0]} target samples."
        )


def weights_of(
    sample_weight: Any, class_weight: Any, targets: Sequence[Any], endpoints: Sequence[Endpoint]
) -> list[Any]:
    """The weight of each sample, for each output; None where all count alike.

    sample_weight: an array [samples], or [samples, steps] for an output in mode "temporal".
    class_weight: a dict from classes to weights. Errors: ValueError.
    """
    names = [endpoint.name for endpoint in endpoints]
    by_class = class_weight if class_weight and set(class_weight) & set(names) else None
    classes = (
        by_output(by_class, names, "class_weight") if by_class else [class_weight] * len(names)
    )
    samples = by_output(sample_weight, names, "sample_weight")
    together = zip(samples, classes, targets, endpoints, strict=True)
    return [
        _weights(sample, kind, target, end.weight_mode) for sample, kind, target, end in together
    ]


def _weights(sample: Any, by_class: Any, target: Any, mode: str | None) -> Any:
    if sample is not None:
        sample = np.asarray(sample)
        rank = 2 if mode == "temporal" else 1
        if sample.ndim != rank:
            hint = (
                "In order to use timestep-wise sample weighting, you should pass a 2D "
                "sample_weight array."
                if rank == 2
                else "In order to use timestep-wise sample weights, you should specify "
                'sample_weight_mode="temporal" in compile(). If you just mean to use sample-wise '
                "weights, make sure your sample_weight array is 1D."
            )
            raise ValueError(f"Found a sample_weight array with shape {sample.shape}. {hint}")
        if target is not None and target.shape[: sample.ndim] != sample.shape:
            raise ValueError(
                f"Found a sample_weight array with shape {sample.shape} for an input with shape "
                f"{target.shape}. sample_weight cannot be broadcast."
            )
    if not by_class or target is None:
        return sample
    counted = _class_weights(by_class, target)
    return counted if sample is None else counted * sample


def _class_weights(by_class: dict[Any, float], target: np.ndarray) -> np.ndarray:
    if target.ndim > 2:
        raise ValueError("`class_weight` not supported for 3+ dimensional targets.")
    several = target.ndim == 2 and target.shape[1] > 1
    classes = target.argmax(axis=1) if several else target.reshape(target.shape[0])
    missing = {kind for kind in classes.tolist() if kind not in by_class}
    if missing:
        raise ValueError(
            "`class_weight` must contain all classes in the data. The classes "
            f"{missing} exist in the data but not in `class_weight`."
        )
    return np.asarray([by_class[kind] for kind in classes.tolist()])
