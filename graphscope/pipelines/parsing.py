"""Examples and lines to tensors (tf.parse_example, tf.decode_csv)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import as_dtype, float32, float64, int32, int64, string
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops import parsing
from graphscope.ops.array import reshape
from graphscope.ops.parsing import Wanted
from graphscope.ops.sparse import SparseTensor


class FixedLenFeature(NamedTuple):
    """As many values as the shape has. default_value: for who has none. Source:
    tf.FixedLenFeature."""

    shape: Any
    dtype: Any
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """As many values as there are: a sparse tensor. Source: tf.VarLenFeature."""

    dtype: Any


class FixedLenSequenceFeature(NamedTuple):
    """As many rows of the shape as there are; shorter ones are filled up with `default_value`.

    Source: tf.FixedLenSequenceFeature.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


def _wanted(name: str, feature: Any, in_steps: bool) -> Wanted:
    """What a feature asks for. Errors: ValueError for what it does not say, TypeError."""
    if isinstance(feature, tuple) and getattr(feature, "dtype", None) is None:
        raise ValueError(f"Missing type for feature {name}.")
    if isinstance(feature, VarLenFeature):
        kind, shape, required = "sparse", [], False
    elif isinstance(feature, FixedLenSequenceFeature):
        kind, shape = "rows", feature.shape
        required = not feature.allow_missing
        if required and not in_steps:
            raise ValueError(
                "Unsupported: FixedLenSequenceFeature requires allow_missing to be True."
            )
        kind = "dense" if in_steps else kind
    elif isinstance(feature, FixedLenFeature):
        kind, shape, required = "dense", feature.shape, feature.default_value is None
    else:
        raise TypeError(f"Invalid feature {name}:{feature}.")
    if shape is None:
        raise ValueError(f"Missing shape for feature {name}.")
    dtype, known = as_dtype(feature.dtype), as_shape(shape)
    if dtype not in parsing.KINDS:
        raise TypeError(
            f"Value passed to parameter 'dense_defaults' has DataType {dtype.name} not in list of "
            "allowed values: float32, int64, string"
        )
    if not known.is_fully_defined():
        raise ValueError(f"All dimensions of shape for feature {name} need to be known: {known}")
    return Wanted(name, kind, dtype, known, required)


def _default(want: Wanted, feature: Any) -> Tensor:
    given = feature.default_value
    if given is None:
        nothing = want.kind == "dense"
        value: Any = [] if nothing else (b"" if want.dtype is string else 0)
        return convert_to_tensor(np.asarray(value, want.dtype.numpy), want.dtype)
    name = "key_" + "".join(c if c.isalnum() or c in "_." else "_" for c in want.name)
    value = convert_to_tensor(given, want.dtype, name=name)
    shaped: Tensor = value if want.kind == "rows" else reshape(value, want.shape)
    return shaped


def _prepared(features: dict[str, Any], in_steps: bool = False) -> tuple[Any, list[Tensor]]:
    """What is wanted, in the order of names, and the defaults of the dense ones."""
    if not features:
        raise ValueError("Missing features.")
    wants = [_wanted(name, features[name], in_steps) for name in sorted(features)]
    dense = [want for want in wants if want.kind != "sparse"]
    return tuple(wants), [] if in_steps else [_default(w, features[w.name]) for w in dense]


def _collected(wants: Sequence[Wanted], outputs: Sequence[Tensor]) -> dict[str, Any]:
    """The outputs by the names of the features."""
    sparse = [want.name for want in wants if want.kind == "sparse"]
    n = len(sparse)
    made: dict[str, Any] = {
        name: SparseTensor(outputs[i], outputs[n + i], outputs[2 * n + i])
        for i, name in enumerate(sparse)
    }
    dense = [want.name for want in wants if want.kind != "sparse"]
    made.update(zip(dense, outputs[3 * n :], strict=True))
    return made


def parse_example(
    serialized: Any, features: Any, name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """The features of several serialized tf.train.Example, [n], each as a tensor of n rows.

    features: for each name a FixedLenFeature, VarLenFeature or FixedLenSequenceFeature.
    Errors: ValueError without features; InvalidArgumentError, in a run, for a feature that is
    missing, of another type, or of another size. Source: tf.parse_example.
    """
    with name_scope(name, "ParseExample", [serialized] if isinstance(serialized, Tensor) else []):
        wants, defaults = _prepared(features)
        texts = convert_to_tensor(serialized, string, name="ParseExample/serialized")
        given = [] if example_names is None else example_names
        names = convert_to_tensor(np.asarray(given, object), string, name="ParseExample/names")
        texts.graph.uncounted += len(wants)  # their names are tensors in TensorFlow
        texts.shape.with_rank(1)
        node = parsing.parse_example.node(
            texts, names, defaults, wants=wants, lead=(texts.shape[0].value,), name="ParseExample"
        )
        return _collected(wants, node.outputs)


def parse_single_example(
    serialized: Any, features: Any, name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """The features of one serialized tf.train.Example: see `parse_example`. Source:
    tf.parse_single_example."""
    scope = name_scope(
        name, "ParseSingleExample", [serialized] if isinstance(serialized, Tensor) else []
    )
    with scope:
        wants, defaults = _prepared(features)
        text = convert_to_tensor(serialized, string, name="serialized")
        text.shape.with_rank(0)
        node = parsing.parse_single_example.node(
            text, defaults, wants=wants, lead=(), name="ParseSingleExample"
        )
        return _collected(wants, node.outputs)


def parse_single_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The features of one serialized tf.train.SequenceExample: of the whole, and of its steps.

    Errors: ValueError without features; InvalidArgumentError, in a run, as for `parse_example`.
    Source: tf.parse_single_sequence_example.
    """
    if not context_features and not sequence_features:
        raise ValueError("Missing features.")
    with name_scope(name, "ParseSingleSequenceExample"):
        context, defaults = _prepared(context_features) if context_features else ((), [])
        steps, _ = _prepared(sequence_features, True) if sequence_features else ((), [])
        text = convert_to_tensor(serialized, string, name="serialized")
        outputs = parsing.parse_single_sequence_example.node(
            text, defaults, context=context, steps=steps
        ).outputs
        count = sum(3 if want.kind == "sparse" else 1 for want in context)
        return _collected(context, outputs[:count]), _collected(steps, outputs[count:])


_CSV = (float32, float64, int32, int64, string)


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
) -> list[Tensor]:
    """The fields of lines between commas: a tensor for each column, in the shape of `records`.

    record_defaults: for each column a list with what stands for an empty field, or an empty list
    where it has to be there; it says the type. select_cols: numbers of columns, rising.
    Errors: TypeError for other types, ValueError when numbers of columns do not fit;
    InvalidArgumentError, in a run, for a record that does not. Source: tf.decode_csv.
    """
    if select_cols is not None:
        if any(a >= b for a, b in pairwise(select_cols)):
            raise ValueError("select_cols is not strictly increasing.")
        if select_cols and select_cols[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(select_cols) != len(record_defaults):
            raise ValueError("Length of select_cols and record_defaults do not match.")
    with name_scope(name, "DecodeCSV") as scope:
        texts = convert_to_tensor(records, string, name="records")
        defaults = [
            convert_to_tensor(each, name=f"record_defaults_{i}")
            for i, each in enumerate(record_defaults)
        ]
        for each in defaults:
            if each.dtype.base_dtype not in _CSV:
                raise TypeError(
                    f"Value passed to parameter 'record_defaults' has DataType {each.dtype.name} "
                    "not in list of allowed values: float32, float64, int32, int64, string"
                )
        node = parsing.decode_csv.node(
            texts,
            defaults,
            field_delim=field_delim,
            use_quote_delim=use_quote_delim,
            na_value=na_value,
            select_cols=tuple(select_cols or ()),
            name=scope,
        )
        return list(node.outputs)
