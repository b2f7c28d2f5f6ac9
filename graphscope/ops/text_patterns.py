"""Texts by patterns and in base 64. Python's re stands in for RE2."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, Bool, Index, T, op
from graphscope.graph.dtypes import bool_, int64, string
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.text import each_text, text_op

_TEXT = (string,)


def _replaced(input: T, pattern: bytes, rewrite: bytes, replace_global: bool) -> T:
    compiled = re.compile(pattern)
    new = re.sub(rb"\\(\d)", rb"\\g<\1>", rewrite)
    return each_text(lambda text: compiled.sub(new, text, count=0 if replace_global else 1), input)


@text_op("StaticRegexReplace", types=_TEXT)
def _static_regex_replace(
    input: T, *, pattern: str, rewrite: str, replace_global: bool = True
) -> T:
    """Each text with what matches the pattern written anew."""
    return _replaced(input, pattern.encode(), rewrite.encode(), replace_global)


@text_op("RegexReplace", types=_TEXT)
def _regex_replace(input: T, pattern: T, rewrite: T, *, replace_global: bool = True) -> T:
    """Each text with what matches the pattern, a tensor, written anew."""
    return _replaced(input, pattern.item(), rewrite.item(), replace_global)


def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Each text with what matches the pattern written anew. Source: tf.regex_replace.

    rewrite: with \1 for the first group. Python's re stands in for RE2.
    """
    if isinstance(pattern, str) and isinstance(rewrite, str):
        replaced: Tensor = _static_regex_replace(
            input, pattern=pattern, rewrite=rewrite, replace_global=replace_global, name=name
        )
        return replaced
    replaced = _regex_replace(input, pattern, rewrite, replace_global=replace_global, name=name)
    return replaced


@text_op("StaticRegexFullMatch", types=_TEXT, dtype=bool_)
def _static_regex_full_match(input: T, *, pattern: str) -> Bool:
    """Where the whole text matches the pattern."""
    compiled = re.compile(pattern.encode())
    return each_text(lambda text: compiled.fullmatch(text) is not None, input).astype(bool)


@text_op("RegexFullMatch", types=_TEXT, dtype=bool_)
def _regex_full_match(input: T, pattern: T) -> Bool:
    """Where the whole text matches the pattern, a tensor."""
    compiled = re.compile(pattern.item())
    return each_text(lambda text: compiled.fullmatch(text) is not None, input).astype(bool)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Where the whole text matches the pattern. Source: tf.strings.regex_full_match."""
    if isinstance(pattern, str):
        matches: Tensor = _static_regex_full_match(input, pattern=pattern, name=name)
        return matches
    matches = _regex_full_match(input, pattern, name=name)
    return matches


# ---- base 64 -----------------------------------------------------------------------------------


@text_op("EncodeBase64", types=_TEXT)
def encode_base64(input: T, *, pad: bool = False) -> T:
    """Each text in the letters of base 64 that are safe in addresses; padded by = with pad."""

    def encoded(text: bytes) -> bytes:
        letters = base64.urlsafe_b64encode(text)
        return letters if pad else letters.rstrip(b"=")

    return each_text(encoded, input)


@text_op("DecodeBase64", types=_TEXT)
def decode_base64(input: T) -> T:
    """The texts that were written in base 64, padded or not."""

    def decoded(text: bytes) -> bytes:
        if re.search(rb"[^A-Za-z0-9_\-=]", text):
            raise ValueError("Invalid character found in base64.")
        try:
            return base64.urlsafe_b64decode(
                text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4)
            )
        except binascii.Error:
            raise ValueError("Invalid length of a text in base64.") from None

    return each_text(decoded, input)


# ---- cut by a whole separator ------------------------------------------------------------------


@op(
    "StringSplitV2",
    kind="array",
    types=_TEXT,
    outputs=("indices", "values", "shape"),
    dtype=(int64, string, int64),
    shape=lambda *_, **__: (TensorShape([None, 2]), TensorShape([None]), TensorShape([2])),
    differentiable=False,
)
def _string_split_v2(input: T, sep: T, *, maxsplit: int = -1) -> tuple[Index, T, Index]:
    """The parts of each text of a vector between separators: positions [n, 2], parts [n], sizes.

    sep: cuts as a whole; an empty one stands for any white space. maxsplit: how many cuts at most.
    """
    rows = [text.split(sep.item() or None, maxsplit) for text in input.tolist()]
    places = [(row, i) for row, parts in enumerate(rows) for i in range(len(parts))]
    values = np.empty(len(places), object)
    values[:] = [part for parts in rows for part in parts]
    longest = max(map(len, rows), default=0)
    indices = np.array(places, np.int64).reshape(-1, 2)
    return indices, values, np.array([len(input), longest], np.int64)


@op(
    "UnsortedSegmentJoin",
    kind="array",
    types=_TEXT,
    shape=lambda inputs, ids, n, **_: TensorShape(None),
    differentiable=False,
)
def _unsorted_segment_join(
    inputs: T, segment_ids: Index, num_segments: Any_, *, separator: str = ""
) -> T:
    """The texts of each segment joined, in their order; b"" for a segment without texts."""
    count, rest = int(num_segments), inputs.shape[segment_ids.ndim :]
    rows = inputs.reshape(-1, *rest)
    result = np.empty((count, *rest), object)
    for place in np.ndindex(*result.shape):
        number, *inner = place
        keys = [(i, *inner) for i in np.flatnonzero(segment_ids.ravel() == number)]
        result[place] = separator.encode().join([rows[key] for key in keys])
    return result


def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Tensor:
    """The texts of each segment joined. Source: tf.strings.unsorted_segment_join."""
    texts = convert_to_tensor(inputs, string)
    result: Tensor = _unsorted_segment_join(
        texts, segment_ids, num_segments, separator=separator, name=name
    )
    return result
