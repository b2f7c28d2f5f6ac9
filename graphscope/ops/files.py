"""Files: read and written whole, and found by a pattern."""

from __future__ import annotations

import glob
import os
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import String, op
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.files import content, told
from graphscope.ops.streams import boxed


@op("ReadFile", kind="input", dtype=string, shape=shapes.scalar, differentiable=False)
def _read_file(filename: String) -> String:
    """What is in the file of that name."""
    return boxed(content(filename.item()))


@op("WriteFile", kind="state", outputs=0, differentiable=False)
def _write_file(filename: String, contents: String) -> None:
    """Writes a file; folders that are missing are made."""
    path = os.fsdecode(filename.item())
    with told(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents.item())


@op(
    "MatchingFiles",
    kind="input",
    dtype=string,
    shape=lambda *_: TensorShape([None]),
    differentiable=False,
)
def _matching_files(pattern: String) -> String:
    """The names of the files that fit a pattern, or one of several, in order."""
    patterns = pattern.reshape(-1).tolist()
    return np.array(sorted(path for each in patterns for path in glob.glob(each)), object)


def read_file(filename: Any, name: str | None = None) -> Tensor:
    """What is in a file, as a text. Source: tf.read_file. Errors: NotFoundError, in a run."""
    result: Tensor = _read_file(filename, name=name)
    return result


def write_file(filename: Any, contents: Any, name: str | None = None) -> Operation:
    """Writes the text to a file when it runs. Source: tf.write_file."""
    return _write_file.node(filename, contents, name=name)


def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The names of the files that fit a pattern, or one of several. Source: tf.matching_files."""
    result: Tensor = _matching_files(pattern, name=name)
    return result
