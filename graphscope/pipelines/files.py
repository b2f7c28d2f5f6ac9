"""Datasets of files (tf.data.TextLineDataset and its like)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, bool_, int64, string
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops import file_datasets
from graphscope.ops.array import reshape
from graphscope.ops.streams import Part
from graphscope.pipelines.dataset import Dataset, whole

_TEXT = Part("dense", string, TensorShape([]))


def _word(value: Any, name: str) -> Tensor:
    return convert_to_tensor("" if value is None else value, string, name=name)


class TextLineDataset(Dataset):
    """The lines of files, without what ends them.

    filenames: a name, or several. compression_type: "", "GZIP" or "ZLIB". Errors: NotFoundError, in
    a run. Source: tf.data.TextLineDataset.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        names = convert_to_tensor(filenames, string, name="filenames")
        packing = _word(compression_type, "compression_type")
        size = whole(256 * 1024 if buffer_size is None else buffer_size, "buffer_size")
        super().__init__(file_datasets.text_line_dataset(names, packing, size), _TEXT)


class TFRecordDataset(Dataset):
    """The records of TFRecord files. filenames: a name, several, or a dataset of names.

    The others are as for `TextLineDataset`. Errors: TypeError for names that are no texts;
    NotFoundError and DataLossError, in a run. Source: tf.data.TFRecordDataset.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        if not isinstance(filenames, Dataset):
            names = convert_to_tensor(filenames, string)
            filenames = Dataset.from_tensor_slices(reshape(names, [-1], name="flat_filenames"))
        elif filenames.output_types is not string:
            raise TypeError("`filenames` must be a `tf.data.Dataset` of `tf.string` elements.")

        def records(name: Tensor) -> Dataset:
            packing = _word(compression_type, "compression_type")
            size = whole(256 * 1024 if buffer_size is None else buffer_size, "buffer_size")
            return Dataset(file_datasets.tf_record_dataset(name, packing, size), _TEXT)

        made = filenames.flat_map(records)
        super().__init__(made._variant_tensor, _TEXT, [made])


class FixedLengthRecordDataset(Dataset):
    """Pieces of `record_bytes` bytes of files, between a header and a footer.

    Errors: InvalidArgumentError, in a run, when that does not come out even.
    Source: tf.data.FixedLengthRecordDataset.
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        node = file_datasets.fixed_length_dataset(
            convert_to_tensor(filenames, string, name="filenames"),
            whole(header_bytes or 0, "header_bytes"),
            whole(record_bytes, "record_bytes"),
            whole(footer_bytes or 0, "footer_bytes"),
            whole(256 * 1024 if buffer_size is None else buffer_size, "buffer_size"),
            _word(compression_type, "compression_type"),
        )
        super().__init__(node, _TEXT)


class CsvDataset(Dataset):
    """The values of the columns of files of lines, between commas.

    record_defaults: for each column its type, where each field has to be there, or a value that
    stands for an empty one. header: the first line is passed over. select_cols: the numbers of the
    columns. Source: tf.data.experimental.CsvDataset.
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Sequence[Any],
        compression_type: Any = None,
        buffer_size: Any = None,
        header: Any = False,
        field_delim: str = ",",
        use_quote_delim: bool = True,
        na_value: str = "",
        select_cols: Sequence[int] | None = None,
    ) -> None:
        defaults = [_default(each) for each in record_defaults]
        node = file_datasets.csv_dataset(
            convert_to_tensor(filenames, string, name="filenames"),
            _word(compression_type, "compression_type"),
            convert_to_tensor(header, bool_, name="header"),
            _word(field_delim, "field_delim"),
            convert_to_tensor(use_quote_delim, bool_, name="use_quote_delim"),
            _word(na_value, "na_value"),
            convert_to_tensor(np.asarray(select_cols or [], np.int64), int64, name="select_cols"),
            defaults,
        )
        spec = tuple(Part("dense", d.dtype.base_dtype, TensorShape([])) for d in defaults)
        super().__init__(node, spec)


def _default(given: Any) -> Tensor:
    """A column's default; one without a value for a type."""
    if isinstance(given, DType | type):
        return convert_to_tensor(np.zeros(0, as_dtype(given).numpy), as_dtype(given))
    return convert_to_tensor(given)
