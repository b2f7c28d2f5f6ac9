"""The axes of one data format in the order of another: NHWC, NCHW."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.declare import Index, op
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape


def _reordered(x: Tensor, *, src_format: str, dst_format: str) -> TensorShape:
    if len(src_format) != 4 or sorted(src_format) != sorted(dst_format):
        raise ValueError(
            "Source and destination formats must be the same four letters in two orders, but are "
            f"{src_format!r} and {dst_format!r}"
        )
    return x.shape


def _type(x: Tensor, **_: Any) -> Any:
    return x.dtype.base_dtype


@op("DataFormatDimMap", kind="array", shape=_reordered, dtype=_type, differentiable=False)
def data_format_dim_map(x: Index, *, src_format: str = "NHWC", dst_format: str = "NCHW") -> Index:
    """Where each axis of one format, given by its number, stands in the other."""
    if x.size and (x.min() < -4 or x.max() > 3):
        raise ValueError(f"Source dimension index must be in the range [-4, 4), but is {x}")
    places = [dst_format.index(letter) for letter in src_format]
    return np.asarray(np.array(places, x.dtype)[x])


@op("DataFormatVecPermute", kind="array", shape=_reordered, dtype=_type, differentiable=False)
def data_format_vec_permute(
    x: Index, *, src_format: str = "NHWC", dst_format: str = "NCHW"
) -> Index:
    """Four numbers, or four pairs, that belong to the axes of one format, in the other's order."""
    if x.ndim not in (1, 2) or len(x) != 4:
        raise ValueError(f"input must be of shape [4] or [4, 2], but is of shape {list(x.shape)}")
    return x[[src_format.index(letter) for letter in dst_format]]
