"""Texts: to numbers and back, joined and cut. A text is bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, String, T, op
from graphscope.graph.dtypes import (
    DType,
    as_dtype,
    float32,
    float64,
    int32,
    int64,
    string,
)
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.sparse import SparseTensor

text_op = partial(op, kind="array", differentiable=False)
_TEXT = (string,)


def each_text(function: Any, *arrays: T) -> T:
    """What a function makes of each text (with those of the other arrays, broadcast)."""
    wide = np.broadcast_arrays(*arrays)
    result = np.empty(wide[0].shape, object)
    flat = result.reshape(-1)
    for i, items in enumerate(zip(*[a.ravel().tolist() for a in wide], strict=True)):
        flat[i] = function(*items)
    return result


# ---- numbers -----------------------------------------------------------------------------------


def _real(text: bytes) -> float:
    plain = text.strip().decode("latin-1")
    if not plain or "_" in plain:
        raise ValueError("it is no number")
    return float.fromhex(plain) if "x" in plain.lower() else float(plain)


def _whole(out_type: DType) -> Callable[[bytes], int]:
    def read(text: bytes) -> int:
        number = int(text) if b"_" not in text else int("no number")
        if not out_type.min <= number <= out_type.max:
            raise ValueError("it is too large")
        return number

    return read


@text_op("StringToNumber", types=_TEXT, dtype="out_type")
def _string_to_number(string_tensor: T, *, out_type: DType = float32) -> Any_:
    """Each text as a number."""
    read: Any = _whole(out_type) if out_type.is_integer else _real

    def number(text: bytes) -> Any:
        try:
            return read(text)
        except ValueError:
            kind = {"float32": "float", "float64": "double"}.get(out_type.name, out_type.name)
            raise ValueError(
                f"StringToNumberOp could not correctly convert string: {text.decode()} to {kind}"
            ) from None

    return np.asarray(each_text(number, string_tensor).astype(out_type.numpy))


def string_to_number(
    string_tensor: Any, out_type: Any = float32, name: str | None = None
) -> Tensor:
    """Each text as a number. Source: tf.string_to_number.

    out_type: float32, float64, int32 or int64. Errors: InvalidArgumentError, in a run, for a text
    that is none.
    """
    wanted = as_dtype(out_type)
    if wanted not in (float32, float64, int32, int64):
        raise TypeError(f"string_to_number makes float32, float64, int32 or int64, not {wanted!r}")
    result: Tensor = _string_to_number(string_tensor, out_type=wanted, name=name)
    return result


@text_op("AsString", dtype=string)
def _as_string(
    input: T,
    *,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
) -> String:
    """Each number as a text, as C's printf writes it."""
    if input.dtype == np.bool_:
        return each_text(lambda value: b"true" if value else b"false", input)
    whole = input.dtype.kind in "iu"
    _refuse_format(whole, input.dtype.name, precision, scientific, shortest, fill)
    kind = "d" if whole else "e" if scientific else "g" if shortest else "f"
    form = f"%{fill}{width if width > -1 else ''}"
    form += f".{precision}{kind}" if precision > -1 and not whole else kind
    if input.dtype.kind == "c":
        return each_text(lambda z: f"({form % z.real},{form % z.imag})".encode(), input)
    return each_text(lambda value: (form % value).encode(), input)


def _refuse_format(
    whole: bool, dtype: str, precision: int, scientific: bool, shortest: bool, fill: str
) -> None:
    """Errors: ValueError for attributes of AsString that contradict each other or the type."""
    if scientific and shortest:
        raise ValueError("Cannot select both scientific and shortest notation")
    if len(fill) > 1:
        raise ValueError(f"Fill string must be one or fewer characters, and is {fill!r}")
    if whole and (scientific or shortest):
        raise ValueError(f"scientific and shortest format not supported for datatype {dtype}")
    if whole and precision >= 0:
        raise ValueError(f"precision not supported for datatype {dtype}")


def as_string(
    input: Any,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Each number as a text. Source: tf.as_string.

    precision: digits after the point, 6 when left out. scientific: as 1.5e+00. shortest: whichever
    is shorter. width, fill: the least length, filled by spaces, or by "0" or "-" as in printf.
    """
    result: Tensor = _as_string(
        input,
        precision=precision,
        scientific=scientific,
        shortest=shortest,
        width=width,
        fill=fill,
        name=name,
    )
    return result


def _raw_shape(bytes: Tensor, **_: Any) -> TensorShape:
    return bytes.shape.concatenate([None])


@text_op("DecodeRaw", types=_TEXT, dtype="out_type", shape=_raw_shape)
def _decode_raw(bytes: T, *, out_type: DType, little_endian: bool = True) -> Any_:
    """The bytes of each text as numbers: [..., numbers]; all texts are of one length."""
    lengths = {len(text) for text in bytes.ravel().tolist()}
    if len(lengths) > 1:
        raise ValueError(
            "DecodeRaw requires input strings to all be the same size, but they are of sizes "
            f"{sorted(lengths)}"
        )
    if any(length % out_type.size for length in lengths):
        raise ValueError(
            f"Input to DecodeRaw has length {lengths.pop()} that is not a multiple of "
            f"{out_type.size}, the size of {out_type.name}"
        )
    order: Any = "<" if little_endian else ">"
    flat = np.frombuffer(b"".join(bytes.ravel().tolist()), out_type.numpy.newbyteorder(order))
    count = lengths.pop() // out_type.size if lengths else 0
    return flat.astype(out_type.numpy).reshape(*bytes.shape, count)


def decode_raw(
    input_bytes: Any = None,
    out_type: Any = None,
    little_endian: bool = True,
    name: str | None = None,
    bytes: Any = None,
) -> Tensor:
    """The bytes of each text as numbers of out_type. Source: tf.decode_raw.

    Errors: InvalidArgumentError, in a run, when texts differ in length, or it does not fit.
    """
    if out_type is None:
        raise ValueError("decode_raw_v1() missing 1 positional argument: 'out_type'")
    texts = bytes if input_bytes is None else input_bytes
    result: Tensor = _decode_raw(
        texts, out_type=as_dtype(out_type), little_endian=little_endian, name=name
    )
    return result


# ---- joined and cut ----------------------------------------------------------------------------


def _joined_shape(inputs: list[Tensor], **_: Any) -> TensorShape:
    wide = [tensor for tensor in inputs if tensor.shape.ndims != 0]
    return shapes.merged(*wide) if wide else shapes.SCALAR


@text_op("StringJoin", types=_TEXT, shape=_joined_shape)
def _string_join(inputs: list[T], *, separator: str = "") -> T:
    """The texts at each place joined; a single text goes with all places."""
    return each_text(lambda *texts: separator.encode().join(texts), *inputs)


def string_join(inputs: Sequence[Any], separator: str = "", name: str | None = None) -> Tensor:
    """The texts at each place of several tensors, joined. Source: tf.string_join."""
    texts = [convert_to_tensor(text, string) for text in inputs]
    result: Tensor = _string_join(texts, separator=separator, name=name)
    return result


def _reduced(
    inputs: Tensor, reduction_indices: Tensor, *, keep_dims: bool, separator: str
) -> TensorShape:
    axes, rank = constant_value(reduction_indices), inputs.shape.ndims
    if axes is None or rank is None:
        return shapes.UNKNOWN
    _refuse_axes(axes.ravel().tolist(), rank)
    gone = {int(axis) % rank for axis in axes.ravel()}
    sizes = inputs.shape.as_list()
    if keep_dims:
        return TensorShape([1 if i in gone else size for i, size in enumerate(sizes)])
    return TensorShape([size for i, size in enumerate(sizes) if i not in gone])


def _refuse_axes(axes: list[int], rank: int) -> None:
    """Errors: ValueError for an axis that is not there, or comes twice."""
    for i, axis in enumerate(axes):
        if not -rank <= axis < rank:
            raise ValueError(f"Invalid reduction dimension {axis} for input with {rank} dimensions")
        if axis % rank in [before % rank for before in axes[:i]]:
            raise ValueError(f"Duplicate reduction dimension {axis}")


@text_op("ReduceJoin", types=_TEXT, shape=_reduced)
def _reduce_join(
    inputs: T, reduction_indices: Index, *, keep_dims: bool = False, separator: str = ""
) -> T:
    """The texts along some axes joined, along the first of them first."""
    _refuse_axes(reduction_indices.ravel().tolist(), inputs.ndim)
    axes = [axis % inputs.ndim for axis in reduction_indices.ravel().tolist()]
    kept = [axis for axis in range(inputs.ndim) if axis not in axes]
    outer = [inputs.shape[axis] for axis in kept]
    rows = inputs.transpose([*kept, *axes[::-1]]).reshape(int(np.prod(outer)), -1)
    result = np.empty(len(rows), object)
    result[:] = [separator.encode().join(row) for row in rows.tolist()]
    if keep_dims:
        return result.reshape([1 if i in axes else n for i, n in enumerate(inputs.shape)])
    return result.reshape(outer)


def reduce_join(
    inputs: Any,
    axis: Any = None,
    keep_dims: bool | None = None,
    separator: str = "",
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Tensor:
    """The texts along some axes (all when left out) joined. Source: tf.reduce_join.

    Errors: ValueError when no axis is given and the rank is not known.
    """
    axis = reduction_indices if axis is None else axis
    with name_scope(None, "ReduceJoin", [inputs]):
        texts = convert_to_tensor(inputs)
        if axis is None:
            if texts.shape.ndims is None:
                raise ValueError("reduce_join needs an axis, or a tensor of known rank")
            axis = np.arange(texts.shape.ndims - 1, -1, -1, dtype=np.int32)
        keep = bool(keep_dims if keepdims is None else keepdims)
        result: Tensor = _reduce_join(texts, axis, keep_dims=keep, separator=separator, name=name)
        return result


@text_op(
    "StringSplit",
    types=_TEXT,
    outputs=("indices", "values", "shape"),
    dtype=(int64, string, int64),
    shape=lambda *_, **__: (TensorShape([None, 2]), TensorShape([None]), TensorShape([2])),
)
def _string_split(input: T, delimiter: T, *, skip_empty: bool = True) -> tuple[Index, T, Index]:
    """The parts of each text of a vector: positions [n, 2], parts [n], sizes [2].

    delimiter: each of its characters cuts; an empty one cuts after every byte.
    """
    cuts: bytes = delimiter.item()
    pattern = re.compile(b"[" + re.escape(cuts) + b"]") if cuts else None
    places, parts, longest = [], [], 0
    for row, text in enumerate(input.tolist()):
        own = pattern.split(text) if pattern else [text[i : i + 1] for i in range(len(text))]
        own = [part for part in own if part or not skip_empty]
        places += [(row, column) for column in range(len(own))]
        parts += own
        longest = max(longest, len(own))
    values = np.empty(len(parts), object)
    values[:] = parts
    indices = np.array(places, np.int64).reshape(-1, 2)
    return indices, values, np.array([len(input), longest], np.int64)


def string_split(
    source: Any,
    sep: Any = None,
    skip_empty: bool = True,
    delimiter: Any = None,
    result_type: str = "SparseTensor",
    name: str | None = None,
) -> SparseTensor:
    """The parts of each text of a vector as a sparse tensor. Source: tf.string_split.

    delimiter: each of its characters cuts, a space when left out; "" cuts after every byte.
    Errors: ValueError for another result_type, which is not supported.
    """
    if result_type != "SparseTensor":
        raise ValueError(f"result_type {result_type!r} is not supported: use 'SparseTensor'")
    with name_scope(name, "StringSplit", [source]):
        given = sep if delimiter is None else delimiter
        cuts = convert_to_tensor(" " if given is None else given, string)
        texts = convert_to_tensor(source, string)
        cuts.shape.with_rank(0)
        texts.shape.with_rank(1)
        return SparseTensor(*_string_split(texts, cuts, skip_empty=skip_empty))


# ---- one text ----------------------------------------------------------------------------------


@text_op("StringLength", types=_TEXT, dtype=int32)
def _string_length(input: T, *, unit: str = "BYTE") -> Index:
    """How many bytes, or characters of UTF-8, each text has."""
    count = (lambda text: len(text.decode())) if unit == "UTF8_CHAR" else len
    return np.asarray(each_text(count, input).astype(np.int32))


def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """How many bytes each text has. Source: tf.strings.length."""
    result: Tensor = _string_length(input, unit=unit, name=name)
    return result


@text_op("Substr", types=_TEXT, shape=lambda input, pos, len, **_: shapes.broadcast(input, pos))
def _substr(input: T, pos: Index, len: Index, *, unit: str = "BYTE") -> T:
    """The part of each text from pos on, of at most len bytes; pos may count from the end.

    unit: BYTE, or UTF8_CHAR, where pos and len count characters.
    """

    def part(text: Any, first: int, count: int) -> Any:
        if unit == "UTF8_CHAR" and isinstance(text, bytes):
            return part(text.decode(), first, count).encode()
        size = text.__len__()
        if not -size <= first <= size:
            raise ValueError(f"pos {first} out of range for string {text!r}")
        start = first + size if first < 0 else first
        return text[start : start + count]

    return each_text(part, input, pos, len)


def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The part of each text from pos on, of at most len bytes. Source: tf.substr.

    unit: "BYTE", or "UTF8_CHAR", where pos and len count characters.
    Errors: InvalidArgumentError, in a run, for a position that is not there.
    """
    result: Tensor = _substr(input, pos, len, unit=unit, name=name)
    return result


@text_op("StringLower", types=_TEXT)
def _string_lower(input: T, *, encoding: str = "") -> T:
    """Each text in small letters."""
    return each_text(lambda text: _cased(text, encoding, "lower"), input)


@text_op("StringUpper", types=_TEXT)
def _string_upper(input: T, *, encoding: str = "") -> T:
    """Each text in capital letters."""
    return each_text(lambda text: _cased(text, encoding, "upper"), input)


def _cased(text: bytes, encoding: str, method: str) -> bytes:
    if encoding:
        changed: str = getattr(text.decode(encoding), method)()
        return changed.encode(encoding)
    result: bytes = getattr(text, method)()
    return result


@text_op("StringStrip", types=_TEXT)
def string_strip(input: T) -> T:
    """Each text without white space at its ends."""
    return each_text(lambda text: text.strip(), input)


def string_lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Each text in small letters. Source: tf.strings.lower."""
    result: Tensor = _string_lower(input, encoding=encoding, name=name)
    return result


def string_upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Each text in capital letters. Source: tf.strings.upper."""
    result: Tensor = _string_upper(input, encoding=encoding, name=name)
    return result
