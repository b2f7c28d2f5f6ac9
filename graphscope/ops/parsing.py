"""Texts to tensors: examples as protocol buffers, and lines of numbers between commas."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.declare import Any_, String, op
from graphscope.graph.dtypes import DType, float32, int64, string
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import examples, protobuf

KINDS = {string: "bytes_list", float32: "float_list", int64: "int64_list"}
_WORDS = {"bytes_list": "string", "float_list": "float", "int64_list": "int64"}


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one feature.

    kind: "sparse" for as many values as there are, "dense" for those of `shape`, "rows" for as many
    rows of `shape` as there are. required: without it there is an error, not a default.
    """

    name: str
    kind: str
    dtype: DType
    shape: TensorShape
    required: bool = False

    @property
    def sizes(self) -> list[int]:
        return [int(size or 0) for size in self.shape.as_list()]


Wants = tuple[Wanted, ...]


def _shapes(*_: Any, wants: Wants, lead: tuple[int | None, ...], **__: Any) -> Any:
    """The shapes of the outputs. lead: the sizes before those of a feature."""
    sparse = [want for want in wants if want.kind == "sparse"]
    rank = len(lead) + 1
    found = [TensorShape([None, rank])] * len(sparse)
    found += [TensorShape([None])] * len(sparse) + [TensorShape([rank])] * len(sparse)
    for want in wants:
        if want.kind != "sparse":
            more = [None] if want.kind == "rows" else []
            found.append(TensorShape([*lead, *more]).concatenate(want.shape))
    return tuple(found)


def _types(*_: Any, wants: Wants, **__: Any) -> tuple[DType, ...]:
    sparse = [want.dtype for want in wants if want.kind == "sparse"]
    dense = [want.dtype for want in wants if want.kind != "sparse"]
    index = [int64] * len(sparse)
    return (*index, *sparse, *index, *dense)


_parse = partial(
    op, kind="input", outputs=("values",), shape=_shapes, dtype=_types, differentiable=False
)


def _read(message: bytes) -> dict[str, examples.Found]:
    try:
        return examples.features(message)
    except ValueError:
        raise ValueError(f"Could not parse example input, value: '{_text(message)}'") from None


def _text(message: bytes) -> str:
    return message.decode(errors="backslashreplace")


def _array(values: Any, dtype: DType) -> Any:
    if dtype is not string:
        return np.asarray(values, dtype.numpy)
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _values(found: dict[str, examples.Found], want: Wanted, where: str) -> Any | None:
    """The values of a feature; None where it is missing."""
    kind, values = found.get(want.name, ("", None))
    if not kind:
        return None
    if kind != KINDS[want.dtype]:
        raise ValueError(
            f"{where}.  Data types don't match. Data type: {_WORDS[kind]} but expected type: "
            f"{_WORDS[KINDS[want.dtype]]}"
        )
    return _array(values, want.dtype)


def _dense(values: Any | None, want: Wanted, default: Any, where: Callable[..., str]) -> Any:
    """The values in the shape that is wanted; the default for those that are missing."""
    if want.kind == "rows":
        empty = np.zeros(0, want.dtype.numpy)
        return (empty if values is None else values).reshape(-1, *want.sizes)
    if values is None:
        if want.required:
            word = _WORDS[KINDS[want.dtype]]
            lead = where(named=True)
            raise ValueError(
                f"{lead}Feature: {want.name} (data type: {word}) is required but could not be "
                "found."
            )
        return default.reshape(want.sizes)
    if values.size != np.prod(want.sizes, dtype=int):
        sizes = ",".join(map(str, want.sizes))
        word = _WORDS[KINDS[want.dtype]]
        raise ValueError(
            f"{where()}.  Number of {word} values != expected.  Values size: {values.size} but "
            f"output shape: [{sizes}]"
        )
    return values.reshape(want.sizes)


def _split(wants: Wants, defaults: Sequence[Any]) -> tuple[list[Wanted], list[tuple[Wanted, Any]]]:
    """The sparse ones, and the others with their defaults."""
    dense = [want for want in wants if want.kind != "sparse"]
    pairs = list(zip(dense, defaults, strict=True))
    return [want for want in wants if want.kind == "sparse"], pairs


@_parse("ParseExample")
def parse_example(
    serialized: String, names: String, dense_defaults: list[Any_], *, wants: Wants, lead: Any
) -> tuple[Any, ...]:
    """The features of several examples: sparse positions, values and sizes, then the dense ones."""
    messages = [_read(message) for message in serialized.tolist()]
    titles = [_text(name) for name in names.tolist()] or ["<unknown>"] * len(messages)
    sparse, dense = _split(wants, dense_defaults)

    def told(want: Wanted, row: int) -> Callable[..., str]:
        def where(named: bool = False) -> str:
            place = f"Name: {titles[row]}, "
            return place if named else f"{place}Key: {want.name}, Index: {row}"

        return where

    found = [[_values(m, want, told(want, i)()) for i, m in enumerate(messages)] for want in sparse]
    parts = [_positions(rows, want) for rows, want in zip(found, sparse, strict=True)]
    made = []
    for want, default in dense:
        rows = [
            _dense(_values(m, want, told(want, i)()), want, default, told(want, i))
            for i, m in enumerate(messages)
        ]
        made.append(_filled(rows, want, default))
    return (*(p[0] for p in parts), *(p[1] for p in parts), *(p[2] for p in parts), *made)


def _positions(rows: Sequence[Any], want: Wanted) -> tuple[Any, Any, Any]:
    """The values of several lists as a sparse matrix."""
    lists = [_array([], want.dtype) if row is None else row for row in rows]
    places = [(i, j) for i, row in enumerate(lists) for j in range(len(row))]
    sizes = [len(lists), max(map(len, lists), default=0)]
    values = np.concatenate(lists) if lists else _array([], want.dtype)
    return np.array(places, np.int64).reshape(-1, 2), values, np.array(sizes, np.int64)


def _filled(rows: Sequence[Any], want: Wanted, default: Any) -> Any:
    """The rows in one array, each as long as the longest."""
    if want.kind == "dense":
        return np.stack(rows) if rows else np.zeros((0, *want.sizes), want.dtype.numpy)
    longest = max(map(len, rows), default=0)
    made = np.full((len(rows), longest, *want.sizes), default.reshape(-1)[0], want.dtype.numpy)
    for own, row in zip(made, rows, strict=True):
        own[: len(row)] = row
    return made


def _alone(values: Any | None, want: Wanted) -> tuple[Any, Any, Any]:
    """The values of one list as a sparse vector."""
    row = _array([], want.dtype) if values is None else values
    return np.arange(len(row))[:, None], row, np.array([len(row)], np.int64)


@_parse("ParseSingleExample")
def parse_single_example(
    serialized: String, dense_defaults: list[Any_], *, wants: Wants, lead: Any
) -> tuple[Any, ...]:
    """The features of one example."""
    return _single(_read(serialized.item()), dense_defaults, wants)


def _single(
    found: dict[str, examples.Found], defaults: Sequence[Any], wants: Wants
) -> tuple[Any, ...]:
    sparse, dense = _split(wants, defaults)
    parts = [_alone(_values(found, want, f"Key: {want.name}"), want) for want in sparse]

    def told(want: Wanted) -> Callable[..., str]:
        return lambda named=False: "" if named else f"Key: {want.name}"

    made = [
        _dense(_values(found, want, f"Key: {want.name}"), want, default, told(want))
        for want, default in dense
    ]
    return (*(p[0] for p in parts), *(p[1] for p in parts), *(p[2] for p in parts), *made)


def _sequence_shapes(*_: Any, context: Wants, steps: Wants, **__: Any) -> tuple[Any, ...]:
    rows = _shapes(wants=steps, lead=(None,))
    return (*_shapes(wants=context, lead=()), *rows)


@_parse(
    "ParseSingleSequenceExample",
    shape=_sequence_shapes,
    dtype=lambda *_, context, steps, **__: (*_types(wants=context), *_types(wants=steps)),
)
def parse_single_sequence_example(
    serialized: String, context_defaults: list[Any_], *, context: Wants, steps: Wants
) -> tuple[Any, ...]:
    """The features of a sequence, then those of its steps."""
    parts = dict(protobuf.fields(serialized.item()))
    first, second = parts.get(1, b""), parts.get(2, b"")
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    own = _single(dict(examples.of_map(first)), context_defaults, context)
    lists = {
        name: [examples.feature(p) for _, p in protobuf.fields(value) if isinstance(p, bytes)]
        for name, value in examples.entries(second)
    }
    sparse = [want for want in steps if want.kind == "sparse"]
    found = [_positions(_steps(lists, want), want) for want in sparse]
    rows = []
    for want in steps:
        if want.kind != "sparse":
            each = [_dense(v, want, None, partial(_step, want)) for v in _steps(lists, want)]
            empty = np.zeros((0, *want.sizes), want.dtype.numpy)
            rows.append(np.stack(each) if each else empty)
    return (*own, *(p[0] for p in found), *(p[1] for p in found), *(p[2] for p in found), *rows)


def _step(want: Wanted, named: bool = False) -> str:
    return "" if named else f"Key: {want.name}"


def _steps(lists: dict[str, list[examples.Found]], want: Wanted) -> list[Any]:
    if want.name not in lists and want.required:
        raise ValueError(
            f"Name: <unknown>, Feature list '{want.name}' is required but could not be found.  Did "
            "you mean to include it in feature_list_dense_missing_assumed_empty or "
            "feature_list_dense_defaults?"
        )
    one = Wanted(want.name, "dense", want.dtype, want.shape, True)
    return [
        _values({want.name: each}, one if want.kind != "sparse" else want, f"Key: {want.name}")
        for each in lists.get(want.name, [])
    ]


# ---- values between commas ---------------------------------------------------------------------


@op(
    "DecodeCSV",
    kind="array",
    outputs=("output",),
    shape=lambda records, defaults, **_: (records.shape,) * len(defaults),
    dtype=lambda records, defaults, **_: tuple(d.dtype.base_dtype for d in defaults),
    differentiable=False,
)
def decode_csv(
    records: String,
    record_defaults: list[Any_],
    *,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: tuple[int, ...] = (),
) -> tuple[Any, ...]:
    """The fields of each record. record_defaults: what stands for an empty field, [] for none."""
    columns: list[list[Any]] = [[] for _ in record_defaults]
    for number, record in enumerate(records.reshape(-1).tolist()):
        fields = fields_of(record, field_delim, use_quote_delim)
        if select_cols:
            fields = [fields[i] for i in select_cols if i < len(fields)]
        if len(fields) != len(columns):
            raise ValueError(
                f"Expect {len(columns)} fields but have {len(fields)} in record {number}"
            )
        for i, (column, text) in enumerate(zip(columns, fields, strict=True)):
            column.append(field_value(text, record_defaults[i], na_value, (i, number)))
    pairs = zip(columns, record_defaults, strict=True)
    return tuple(np.array(c, d.dtype).reshape(records.shape) for c, d in pairs)


def fields_of(record: bytes, delimiter: str, quotes: bool) -> list[str]:
    """The fields of a record; in quotes a field may hold what separates them."""
    text = record.decode("latin-1")  # each byte is one letter
    read = partial(csv.reader, [text], delimiter=delimiter)
    rows = list(read() if quotes else read(quoting=csv.QUOTE_NONE))
    return rows[0] if rows and rows[0] else [""]


def field_value(text: str, default: Any, missing: str, place: tuple[int, int]) -> Any:
    """The value of a field of the default's type."""
    field, record = place
    if text in ("", missing):
        if not default.size:
            raise ValueError(f"Field {field} is required but missing in record {record}!")
        return default.reshape(-1)[0]
    if default.dtype == object:
        return text.encode("latin-1")
    kind = "float" if default.dtype.kind == "f" else default.dtype.name
    try:
        return (float if default.dtype.kind == "f" else int)(text)
    except ValueError:
        message = f"Field {field} in record {record} is not a valid {kind}: {text}"
        raise ValueError(message) from None
