"""Datasets of files: lines, records of one size, records that say theirs, values of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import Any_, Bool, Index, String, Variant, op
from graphscope.graph.dtypes import variant
from graphscope.kernels import lines
from graphscope.ops.parsing import field_value, fields_of
from graphscope.ops.streams import Element, boxed
from graphscope.ops.streams.sources import yielded

_dataset = partial(op, kind="input", dtype=variant, shape=shapes.scalar, differentiable=False)


def _of_all(filenames: Any, read: Callable[[bytes], Iterator[bytes]]) -> Any:
    names = np.reshape(filenames, -1).tolist()

    def elements() -> Iterator[Element]:
        for name in names:
            for text in read(name):
                yield (boxed(text),)

    return boxed(yielded(elements))


def _word(compression_type: Any) -> str:
    return str(compression_type.item().decode())


@_dataset("TextLineDataset")
def text_line_dataset(filenames: String, compression_type: String, buffer_size: Index) -> Variant:
    """The lines of files, without what ends them."""
    packing = _word(compression_type)
    found: Variant = _of_all(filenames, lambda name: lines.lines(name, packing))
    return found


@_dataset("TFRecordDataset")
def tf_record_dataset(filenames: String, compression_type: String, buffer_size: Index) -> Variant:
    """The records of TFRecord files."""
    packing = _word(compression_type)

    def read(name: bytes) -> Iterator[bytes]:
        return (record for _, record in lines.records(name, packing))

    found: Variant = _of_all(filenames, read)
    return found


@_dataset("FixedLengthRecordDatasetV2")
def fixed_length_dataset(
    filenames: String,
    header_bytes: Index,
    record_bytes: Index,
    footer_bytes: Index,
    buffer_size: Index,
    compression_type: String,
) -> Variant:
    """Pieces of one size of files."""
    packing = _word(compression_type)
    sizes = int(record_bytes), int(header_bytes), int(footer_bytes)
    found: Variant = _of_all(filenames, lambda name: lines.pieces(name, *sizes, packing))
    return found


@_dataset("CSVDataset")
def csv_dataset(
    filenames: String,
    compression_type: String,
    header: Bool,
    field_delim: String,
    use_quote_delim: Bool,
    na_value: String,
    select_cols: Any_,
    record_defaults: list[Any_],
) -> Variant:
    """The values of the columns of files. record_defaults: what stands for an empty field."""
    packing, delimiter, missing = map(_word, (compression_type, field_delim, na_value))
    columns = select_cols.tolist()

    def elements() -> Iterator[Element]:
        for name in np.reshape(filenames, -1).tolist():
            for number, record in enumerate(lines.lines(name, packing)):
                if number or not header:
                    yield values(record, number)

    def values(record: bytes, number: int) -> Element:
        found = fields_of(record, delimiter, bool(use_quote_delim))
        chosen = [found[i] for i in columns if i < len(found)] if columns else found
        if len(chosen) != len(record_defaults):
            raise ValueError(
                f"Expect {len(record_defaults)} fields but have {len(chosen)} in record"
            )
        pairs = enumerate(zip(chosen, record_defaults, strict=True))
        return tuple(
            np.array(field_value(text, default, missing, (i, number)), default.dtype)
            for i, (text, default) in pairs
        )

    return boxed(yielded(elements))
