"""Values as texts, and texts printed in a run: tf.strings.format and tf.print.

Source: tensorflow.python.ops.string_ops and logging_ops of 1.15; the elements are written as its
Tensor::SummarizeValue writes them.
"""

from __future__ import annotations

import os
import pprint
import random
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph import nest, shapes
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.declare import Any_, String, T, op
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.sparse import SparseTensor

# ---- texts -------------------------------------------------------------------------------------


def written(value: T, summarize: int = 3) -> str:
    """An array as ``[[1 2 ... 8 9]\\n ...]``: the first and last elements of each axis; -1: all."""
    return _written(value, value.size if summarize < 0 else min(summarize, value.size))


def _written(value: Any, most: int) -> str:
    if not np.ndim(value):
        return _element(value[()] if isinstance(value, np.ndarray) else value)
    rows = [_written(row, most) for row in value[:most]]
    if len(value) > 2 * most:
        rows = [*(rows or [""]), "..."]
    rows += [_written(row, most) for row in value[max(most, len(value) - most) :]]
    if value.ndim == 1:
        return f"[{' '.join(rows)}]"
    between = "\n" * (value.ndim - 1) + " "
    return f"[{between.join(row.replace(chr(10) + ' ', chr(10) + '  ') for row in rows)}]"


def leading(value: T, summarize: int = 3) -> str:
    """The first elements of an array, row by row: ``[1 2][3...]...``; -1: all. So tf.Print and
    tf.Assert of TensorFlow 1 write what tf.print writes as `written` does."""
    most = value.size if summarize < 0 else min(summarize, value.size)
    value = value.astype(np.float32) if value.dtype == np.float16 else value
    return _leading(value, most) + "..." * (most < value.size)


def _leading(value: Any, most: int) -> str:
    if np.ndim(value) < 2:
        texts = (x.decode(errors="replace") if isinstance(x, bytes) else _element(x)
                 for x in np.ravel(value)[:most])  # fmt: skip
        return " ".join(texts)
    found = []
    for row, left in zip(value, range(most, 0, -value[0].size or -1), strict=False):
        cut = "..." * (row.ndim == 1 and left < row.size)
        found.append(f"[{_leading(row, left)}{cut}]")
    return "".join(found)


def _element(x: Any) -> str:
    if isinstance(x, bytes):
        return '"' + "".join(map(_letter, x)) + '"'
    if isinstance(x, np.bool_ | bool):
        return str(int(x))
    if isinstance(x, np.complexfloating):
        return f"({_element(x.real)},{_element(x.imag)})"
    if not isinstance(x, np.floating):
        return str(x)
    digits = np.finfo(x.dtype).precision if x.dtype != np.float16 else 6
    short = f"{float(x):.{digits}g}"
    same = np.isnan(x) or x.dtype.type(short) == x
    return short if same else f"{float(x):.{digits + (3 if digits == 6 else 2)}g}"


def _letter(byte: int) -> str:
    """As it is written in a text of C."""
    letter = chr(byte)
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(letter)
    if named or letter in "\"'\\":
        return named or f"\\{letter}"
    return letter if 32 <= byte < 127 else f"\\{byte:03o}"


@op(
    "StringFormat",
    kind="array",
    dtype=string,
    differentiable=False,
    shape=shapes.scalar,
)
def _string_format(
    inputs: list[Any_], *, template: str = "%s", placeholder: str = "%s", summarize: int = 3
) -> String:
    """The template with a text of each value in its place."""
    parts = template.split(placeholder)
    texts = [written(np.asarray(value), summarize) for value in inputs]
    pairs = zip(parts, [*texts, ""], strict=True)
    return np.array("".join(part for pair in pairs for part in pair).encode(), object)


def string_format(
    template: str,
    inputs: Any,
    placeholder: str = "{}",
    summarize: int = 3,
    name: str | None = None,
) -> Tensor:
    """A text [] of values. Source: tf.strings.format.

    template: with a placeholder for each tensor. summarize: how many elements at both ends of each
    axis, -1 for all. Errors: ValueError for another number of placeholders.
    """
    tensors = [inputs] if is_tensor_like(inputs) else list(inputs)
    count = template.count(placeholder)
    if count != len(tensors):
        raise ValueError(
            f"{count} placeholder(s) in template does not match {len(tensors)} tensor(s) provided "
            "as input"
        )
    result: Tensor = _string_format(
        tensors, template=template, placeholder=placeholder, summarize=summarize, name=name
    )
    return result


# ---- printing ----------------------------------------------------------------------------------


@op("PrintV2", kind="control", outputs=0, differentiable=False)
def _print_v2(input: String, *, output_stream: str = "stderr", end: str = "\n") -> None:
    """Prints a text: to a stream of Python, or at the end of a file."""
    text = bytes(input.item()).decode(errors="replace")
    if output_stream.startswith("file://"):
        with open(output_stream.removeprefix("file://"), "a") as file:
            file.write(text + end)
    else:
        print(text, end=end, file=sys.stdout if output_stream == "stdout" else sys.stderr)


_LEVELS = {
    **dict.fromkeys(("info", 20), "log(info)"),
    **dict.fromkeys(("warning", "warn", 30), "log(warning)"),
    **dict.fromkeys(("error", 40), "log(error)"),
}


def _stream(given: Any) -> str:
    """What TensorFlow calls the stream. Errors: ValueError for an unknown one."""
    for name in ("stdout", "stderr"):
        if given is getattr(sys, name):
            return name
    if isinstance(given, str) and given.startswith("file://"):
        return given
    level = given if isinstance(given, int) else getattr(given, "__name__", None)
    if level in _LEVELS:
        return _LEVELS[level]
    raise ValueError(
        f"Unsupported output stream, logging level, or file.{given}. Supported streams are "
        "sys.stdout, sys.stderr, tf.logging.info, tf.logging.warning, tf.logging.error. File needs "
        "to be in the form of 'file://<filepath>'."
    )


def print_v2(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = os.linesep,
    name: str | None = None,
) -> Operation:
    """An operation that prints its arguments each time it runs. Source: tf.print.

    inputs: texts, tensors, and lists and dictionaries of them. output_stream: standard error when
    left out; sys.stdout, a function of tf.logging, ``file://path``. summarize: how many elements
    at both ends of each axis, -1 for all. Nothing runs it but a fetch or a control dependency.
    """
    stream = _stream(sys.stderr if output_stream is None else output_stream)
    only = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], Tensor) else None
    if only is not None and only.dtype.base_dtype == string and only.shape.ndims == 0:
        text: Tensor = only
    else:
        text = _formatted(inputs, sep, summarize, f"{name}_format" if name else None)
    printed: Operation = _print_v2(text, output_stream=stream, end=end, name=name)
    return printed


def _formatted(inputs: Sequence[Any], sep: str, summarize: int, name: str | None) -> Tensor:
    """All arguments as one text."""
    bare = nest.map_structure(lambda x: "" if is_tensor_like(x) else x, list(inputs))
    placeholder = _not_in(" ".join(pprint.pformat(x) for x in bare))
    tensors: list[Any] = []
    templates = []
    for item in inputs:
        places = [_place(x, placeholder, tensors) for x in nest.flatten(item)]
        packed = nest.pack_sequence_as(item, places)
        templates.append(item if isinstance(item, str) else pprint.pformat(packed))
    template = sep.join(templates).replace(f"'{placeholder}'", placeholder)
    return string_format(template, tensors, placeholder, summarize, name=name)


def _place(x: Any, placeholder: str, tensors: list[Any]) -> Any:
    """What stands for a value in the template; tensors are noted."""
    if isinstance(x, SparseTensor):
        tensors += [x.indices, x.values, x.dense_shape]
        parts = ("indices", "values", "shape")
        return f"SparseTensor({', '.join(f'{part}={placeholder}' for part in parts)})"
    if is_tensor_like(x):
        tensors.append(x)
        return placeholder
    return x


def _not_in(text: str) -> str:
    """A placeholder that the text does not have; TensorFlow's own."""
    placeholder, chance = "{}", random.Random(5)
    while placeholder in text:
        placeholder += str(chance.randint(0, 9))
    return placeholder
