"""The forms in which pooling is called (tf.nn)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops import averages
from graphscope.ops import pooling as ops
from graphscope.ops.array import expand_dims, squeeze
from graphscope.ops.blocks import over_space_to_batch
from graphscope.ops.spellings import one_of
from graphscope.ops.windows import FORMATS, arranged, channels_first, spread


def _over_images(
    pool: Callable[..., Any],
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    name: str,
) -> Tensor:
    order = data_format or "NHWC"
    result: Tensor = pool(
        value,
        ksize=spread(ksize, 2, "ksize", order),
        strides=spread(strides, 2, "strides", order),
        padding=padding,
        data_format=order,
        name=name,
    )
    return result


def max_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The largest element of each window of images [batch, height, width, channels].

    ksize, strides: the window's size and its steps: one number, two, or four. padding: "SAME" or
    "VALID". Source: tf.nn.max_pool. Errors: ValueError for a window of size 0 or one that does not
    fit; images of the format NCHW are refused when they are run.
    """
    value = one_of(input=input, value=value)
    with name_scope(name, "MaxPool", [value]) as scope:
        if 0 in np.ravel(1 if ksize is None else ksize):
            raise ValueError("ksize cannot be zero.")
        return _over_images(ops.max_pool, value, ksize, strides, padding, data_format, scope)


def avg_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The mean of each window of images [batch, height, width, channels].

    ksize, strides: the window's size and its steps: one number, two, or four. padding: "SAME" or
    "VALID". Source: tf.nn.avg_pool.
    """
    value = one_of(input=input, value=value)
    with name_scope(name, "AvgPool", [value]) as scope:
        return _over_images(averages.avg_pool, value, ksize, strides, padding, data_format, scope)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The largest element of each window of images. Source: tf.nn.max_pool2d."""
    with name_scope(name, "MaxPool2d", [input]) as scope:
        return _over_images(ops.max_pool, input, ksize, strides, padding, data_format, scope)


# ---- rows and volumes ----------------------------------------------------------------------------


def _over_rows(
    pool: Callable[..., Any],
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    name: str,
) -> Tensor:
    order = data_format or "NWC"
    line = 2 if channels_first(order) else 1
    result: Tensor = pool(
        expand_dims(input, line),
        ksize=[1, *spread(ksize, 1, "ksize", order)],
        strides=[1, *spread(strides, 1, "strides", order)],
        padding=padding,
        data_format="NCHW" if channels_first(order) else "NHWC",
        name=name,
    )
    return squeeze(result, line)


def max_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NWC",
    name: str | None = None,
) -> Tensor:
    """The largest element of each window of rows [batch, width, channels].

    Source: tf.nn.max_pool1d.
    """
    with name_scope(name, "MaxPool1d", [input]) as scope:
        return _over_rows(ops.max_pool, input, ksize, strides, padding, data_format, scope)


def avg_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of rows [batch, width, channels]. Source: tf.nn.avg_pool1d."""
    with name_scope(name, "AvgPool1D", [input]) as scope:
        return _over_rows(averages.avg_pool, input, ksize, strides, padding, data_format, scope)


def _over_volumes(
    pool: Callable[..., Any],
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    name: str,
) -> Tensor:
    order = data_format or "NDHWC"
    result: Tensor = pool(
        input,
        ksize=spread(ksize, 3, "ksize", order),
        strides=spread(strides, 3, "strides", order),
        padding=padding,
        data_format=order,
        name=name,
    )
    return result


def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The largest element of each window of volumes [batch, depth, height, width, channels].

    Source: tf.nn.max_pool3d.
    """
    with name_scope(name, "MaxPool3D", [input]) as scope:
        return _over_volumes(ops.max_pool3d, input, ksize, strides, padding, data_format, scope)


def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of volumes [batch, depth, height, width, channels].

    Source: tf.nn.avg_pool3d.
    """
    with name_scope(name, "AvgPool3D", [input]) as scope:
        return _over_volumes(
            averages.avg_pool3d, input, ksize, strides, padding, data_format, scope
        )


# ---- along any number of axes --------------------------------------------------------------------


def _by_rank(kind: str, rows: Any, images: Any, volumes: Any) -> Callable[..., Tensor]:
    """The pooling of inputs of rank 3, 4 and 5, which is chosen by the rank."""

    def pooling(
        input: Any,
        ksize: Any,
        strides: Any,
        padding: str,
        data_format: str | None = None,
        name: str | None = None,
    ) -> Tensor:
        shape = as_shape(input.shape)
        rank = len(data_format or "") if shape.ndims is None else shape.ndims
        if not rank:
            raise ValueError("The input must have a rank or a data format must be given.")
        if not 3 <= rank <= 5:
            raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {rank}.")
        order = data_format or FORMATS[rank][0]
        if rank == 3:
            result: Tensor = rows(input, ksize, strides, padding, order, name)
            return result
        whole = _over_images if rank == 4 else _over_volumes
        pool = images if rank == 4 else volumes
        return whole(pool, input, ksize, strides, padding, order, name or pool.type)

    pooling.__name__ = kind
    pooling.__doc__ = (
        "Windows of rows, images or volumes, by the rank of the input. "
        f"Source: nn_ops.{kind}.\n\nErrors: ValueError for another rank."
    )
    return pooling


max_pool_v2 = _by_rank("max_pool_v2", max_pool1d, ops.max_pool, ops.max_pool3d)
avg_pool_v2 = _by_rank("avg_pool_v2", avg_pool1d, averages.avg_pool, averages.avg_pool3d)


def _steps(count: int, strides: Any, rate: Any) -> tuple[list[int], list[int]]:
    found = []
    for name, given in (("dilation_rate", rate), ("strides", strides)):
        if given is not None and len(given) != count:
            raise ValueError(f"len({name})={len(given)} but should be {count}")
        numbers = [1] * count if given is None else [int(n) for n in given]
        if min(numbers) < 1:
            raise ValueError(f"all values of {name} must be positive")
        found.append(numbers)
    if max(found[0]) > 1 and max(found[1]) > 1:
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    return found[1], found[0]


def pool(
    input: Any,
    window_shape: Sequence[int],
    pooling_type: str,
    padding: str,
    dilation_rate: Any = None,
    strides: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """The largest element or the mean of windows along one, two or three axes.

    pooling_type: "MAX" or "AVG". dilation_rate: how far the elements of a window are apart.
    Source: tf.nn.pool. Errors: ValueError for what TensorFlow does not do either.
    """
    rate = one_of(dilations=dilations, dilation_rate=dilation_rate)
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        input, count = convert_to_tensor(input, name="input"), len(window_shape)
        if not 1 <= count <= 3:
            raise ValueError("It is required that 1 <= num_spatial_dims <= 3.")
        input.shape.with_rank(count + 2)
        steps, holes = _steps(count, strides, rate)
        if padding == "SAME" and max(holes) > 1:
            raise ValueError("pooling with SAME padding is not implemented for dilation_rate > 1")
        if any(step > size for step, size in zip(steps, window_shape, strict=True)):
            raise ValueError(
                "strides > window_shape not supported due to inconsistency between CPU and GPU "
                "implementations"
            )
        if pooling_type not in ("MAX", "AVG"):
            raise ValueError(f"{count}-D {pooling_type} pooling is not supported.")
        if count == 1 and data_format not in (None, "NWC", "NCW"):
            raise ValueError('data_format must be either "NWC" or "NCW".')
        over = (_over_rows, _over_images, _over_volumes)[count - 1]
        kinds = (ops.max_pool, ops.max_pool3d), (averages.avg_pool, averages.avg_pool3d)
        kind = kinds[pooling_type == "AVG"][count == 3]
        order = data_format or FORMATS[count + 2][0]
        ksize, moves = (arranged(1, list(n), 1, order) for n in (window_shape, steps))
        return over_space_to_batch(
            input,
            holes,
            padding,
            window_shape,
            lambda image, pad: over(kind, image, ksize, moves, pad, order, scope),
            data_format,
        )


# ---- where the largest was -----------------------------------------------------------------------


class Largest(NamedTuple):
    """The largest elements, and their positions."""

    output: Tensor
    argmax: Tensor


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    Targmax: Any = None,
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Largest:
    """The largest element of each window, and its position in the flattened image.

    include_batch_in_index: the position in all images. Source: tf.nn.max_pool_with_argmax.
    Errors: ValueError for the format NCHW.
    """
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    wanted = one_of(output_dtype=output_dtype, Targmax=Targmax)
    found = ops.max_pool_with_argmax(
        input,
        ksize=spread(ksize, 2, "ksize"),
        strides=spread(strides, 2, "strides"),
        padding=padding,
        Targmax=int64 if wanted is None else wanted,
        include_batch_in_index=include_batch_in_index,
        name=name,
    )
    return Largest(*found)
