"""TFRecord files, written and read without a graph (tf.python_io)."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from typing import Any

from graphscope.kernels import lines
from graphscope.kernels.files import told
from graphscope.kernels.records import framed


class TFRecordCompressionType:
    """How a file is packed. Source: tf.python_io.TFRecordCompressionType."""

    NONE, ZLIB, GZIP = 0, 1, 2


_WORDS = {
    TFRecordCompressionType.NONE: "",
    TFRecordCompressionType.ZLIB: "ZLIB",
    TFRecordCompressionType.GZIP: "GZIP",
}


class TFRecordOptions:
    """How a file is packed: a number of `TFRecordCompressionType`, or its name.

    The other settings of zlib are accepted; only `compression_level` has an effect.
    Errors: ValueError for another word. Source: tf.python_io.TFRecordOptions.
    """

    compression_type_map = _WORDS

    def __init__(
        self, compression_type: Any = None, *_: Any, compression_level: int | None = None, **__: Any
    ) -> None:
        self.compression = self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.compression_level = compression_level

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """The name of what is meant by a number, a name, options or nothing."""
        if options is None:
            return ""
        if isinstance(options, TFRecordOptions):
            return options.compression
        word = _WORDS.get(options, options)
        if word not in _WORDS.values():
            raise ValueError(f"Not a valid compression_type: {options!r}")
        return str(word)


class TFRecordWriter:
    """Writes records to a file. Source: tf.python_io.TFRecordWriter.

    path: an existing file is written anew. options: how it is packed. Errors: NotFoundError for a
    folder that is not there.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        self._path = os.fspath(path)
        self._packing = TFRecordOptions.get_compression_type_string(options)
        level = getattr(options, "compression_level", None)
        self._level = 9 if level is None else level
        with told(self._path):
            self._file: Any = open(self._path, "wb")  # noqa: SIM115
        self._packed: Any = None
        if self._packing == "GZIP":
            self._packed = gzip.GzipFile("", "wb", self._level, self._file, mtime=0)
        self._zlib = zlib.compressobj(self._level) if self._packing == "ZLIB" else None

    def write(self, record: bytes) -> None:
        """Add a record. Errors: TypeError for what is no bytes, ValueError for a closed writer."""
        if self._file is None:
            raise ValueError("the writer is closed")
        content = framed(record)
        if self._zlib is not None:
            content = self._zlib.compress(content)
        (self._packed or self._file).write(content)

    def flush(self) -> None:
        """What is written is in the file from now on."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write the rest and close the file."""
        if self._file is None:
            return
        if self._packed is not None:
            self._packed.close()
        if self._zlib is not None:
            self._file.write(self._zlib.flush())
        self._file.close()
        self._file = None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a file. Errors: NotFoundError, DataLossError for a damaged one. Source:
    tf.python_io.tf_record_iterator."""
    packing = TFRecordOptions.get_compression_type_string(options)
    for _, record in lines.records(os.fspath(path), packing):
        yield record
