"""Images cut into blocks: pixels moved into the batch, or into the channels, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape as shape_of
from graphscope.ops.array import zeros
from graphscope.ops.joining import concat, stack

# ---- pixels into the batch ---------------------------------------------------------------------


def _known_blocks(
    input: Tensor, block_shape: Tensor, around: Tensor
) -> tuple[list[int | None], list[int], list[list[int]]] | None:
    """The sizes, the blocks and the paddings where all are known without a run."""
    blocks, amounts = constant_value(block_shape), constant_value(around)
    _refuse_blocks(block_shape.shape, around.shape, blocks, amounts)
    if input.shape.sizes is None or blocks is None or amounts is None:
        return None
    if len(input.shape.sizes) <= len(blocks):
        raise ValueError(f"Shape must be at least rank {len(blocks) + 1}")
    return input.shape.as_list(), blocks.tolist(), amounts.tolist()


def _refuse_blocks(
    block_shape: TensorShape, around: TensorShape, blocks: Any, amounts: Any
) -> None:
    """Errors: ValueError for blocks and paddings that do not fit each other or are too small."""
    count = block_shape.with_rank(1)[0].value
    rows, columns = around.with_rank(2).as_list()
    if None not in (count, rows) and count != rows:
        raise ValueError(f"Dimensions must be equal, but are {count} and {rows}")
    if columns not in (2, None):
        raise ValueError(f"Dimension must be 2 but is {columns}")
    for i in np.flatnonzero(np.asarray([] if blocks is None else blocks) < 1)[:1]:
        raise ValueError(
            f"All values in block_shape must be positive, got value, {blocks[i]} at index {i}"
        )
    if amounts is not None and np.any(amounts < 0):
        raise ValueError("paddings cannot be negative")


def _rank_only(input: Tensor) -> TensorShape:
    rank = input.shape.ndims
    return shapes.UNKNOWN if rank is None else TensorShape([None] * rank)


def _into_batch(input: Tensor, block_shape: Tensor, paddings: Tensor) -> TensorShape:
    found = _known_blocks(input, block_shape, paddings)
    if found is None:
        return _rank_only(input)
    sizes, blocks, amounts = found
    result = list(sizes)
    for i, (block, pad) in enumerate(zip(blocks, amounts, strict=True)):
        size = sizes[i + 1]
        if size is not None and (size + sum(pad)) % block:
            raise ValueError(f"Dimension size must be evenly divisible by {block} but is {size}")
        result[i + 1] = None if size is None else (size + sum(pad)) // block
    result[0] = None if sizes[0] is None else sizes[0] * int(np.prod(blocks))
    return TensorShape(result)


@op("SpaceToBatchND", kind="array", shape=_into_batch)
def space_to_batch_nd(input: T, block_shape: Index, paddings: Any_) -> T:
    """Each position in blocks of pixels becomes an image of its own: the batch grows.

    paddings: [blocked axes, 2], zeros that are put around first.
    """
    blocks, count = block_shape.tolist(), len(block_shape)
    rest = input.ndim - 1 - count
    wide = np.pad(input, [(0, 0), *paddings.tolist(), *[(0, 0)] * rest])
    split = [n for size, b in zip(wide.shape[1:], blocks, strict=False) for n in (size // b, b)]
    parts = wide.reshape(wide.shape[0], *split, *wide.shape[1 + count :])
    order = [
        *range(2, 2 * count + 1, 2),
        0,
        *range(1, 2 * count, 2),
        *range(2 * count + 1, parts.ndim),
    ]
    result: T = parts.transpose(order).reshape(-1, *split[::2], *wide.shape[1 + count :])
    return result


def _out_of_batch(input: Tensor, block_shape: Tensor, crops: Tensor) -> TensorShape:
    found = _known_blocks(input, block_shape, crops)
    if found is None:
        return _rank_only(input)
    sizes, blocks, amounts = found
    result = list(sizes)
    for i, (block, crop) in enumerate(zip(blocks, amounts, strict=True)):
        size = sizes[i + 1]
        result[i + 1] = None if size is None else size * block - sum(crop)
    whole = int(np.prod(blocks))
    if sizes[0] is not None and sizes[0] % whole:
        raise ValueError(f"Dimension size must be evenly divisible by {whole} but is {sizes[0]}")
    if any(size is not None and size < 0 for size in result):
        raise ValueError("Negative dimension size caused by cropping more than there is")
    result[0] = None if sizes[0] is None else sizes[0] // whole
    return TensorShape(result)


@op("BatchToSpaceND", kind="array", shape=_out_of_batch)
def batch_to_space_nd(input: T, block_shape: Index, crops: Any_) -> T:
    """Undoes SpaceToBatchND: images of the batch are woven together again.

    crops: [blocked axes, 2], what is cut off around in the end.
    """
    blocks, count = block_shape.tolist(), len(block_shape)
    parts = input.reshape(*blocks, -1, *input.shape[1:])
    order = [count, *[n for i in range(count) for n in (count + 1 + i, i)]]
    woven = parts.transpose([*order, *range(2 * count + 1, parts.ndim)])
    inner = [size * b for size, b in zip(input.shape[1:], blocks, strict=False)]
    wide = woven.reshape(woven.shape[0], *inner, *input.shape[1 + count :])
    inside = [
        slice(first, size - last) for size, (first, last) in zip(inner, crops.tolist(), strict=True)
    ]
    key: Any = (slice(None), *inside)
    result: T = wide[key]
    return result


@space_to_batch_nd.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, block_shape: Tensor, paddings: Tensor) -> Any:
    return batch_to_space_nd(dy, block_shape, paddings), None, None


@batch_to_space_nd.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, block_shape: Tensor, crops: Tensor) -> Any:
    return space_to_batch_nd(dy, block_shape, crops), None, None


def space_to_batch(
    input: Any,
    paddings: Any,
    block_size: Any = None,
    name: str | None = None,
    block_shape: Any = None,
) -> Tensor:
    """Positions in square blocks become images of their own. Source: tf.space_to_batch."""
    size = block_shape if block_size is None else block_size
    result: Tensor = space_to_batch_nd(input, np.array([size, size], np.int64), paddings, name=name)
    result.set_shape(result.shape.with_rank(4))
    return result


def batch_to_space(
    input: Any,
    crops: Any,
    block_size: Any = None,
    name: str | None = None,
    block_shape: Any = None,
) -> Tensor:
    """Undoes `space_to_batch`. Source: tf.batch_to_space."""
    size = block_shape if block_size is None else block_size
    result: Tensor = batch_to_space_nd(input, np.array([size, size], np.int64), crops, name=name)
    result.set_shape(result.shape.with_rank(4))
    return result


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The paddings that make the sizes divisible by the blocks, and the crops that undo them.

    Source: tf.required_space_to_batch_paddings.
    """
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        sizes: Any = convert_to_tensor(input_shape, int32, name="input_shape")
        blocks: Any = convert_to_tensor(block_shape, int32, name="block_shape")
        count = int(blocks.shape[0])
        if base_paddings is None:
            base: Any = zeros([count, 2], int32)
        else:
            base = convert_to_tensor(base_paddings, int32, name="base_paddings")
        values = [constant_value(tensor) for tensor in (sizes, blocks, base)]
        if all(value is not None for value in values):
            sizes, blocks, base = values
        start, end = base[:, 0], base[:, 1]
        extra = (blocks - (sizes + start + end) % blocks) % blocks
        last = end + extra
        paddings = [[start[i], last[i]] for i in range(count)]
        crops = [[0, extra[i]] for i in range(count)]
        return stack(paddings, name="paddings"), stack(crops, name="crops")


def over_space_to_batch(
    image: Tensor,
    rate: Any,
    padding: str,
    filter_shape: Any,
    build: Callable[[Tensor, str], Tensor],
    data_format: str | None = None,
) -> Tensor:
    """What `build` makes of the images when its filter has holes: cut into blocks, then woven.

    rate: for each spatial axis, the distance of the filter's elements. build: takes images and a
    padding, "SAME" or "VALID". data_format: "NC..." when the channels come before the spatial
    axes. Source: TensorFlow's with_space_to_batch.
    Errors: ValueError for another padding, and for a rate below 1.
    """
    rates = np.asarray(rate, np.int32)
    blocks = convert_to_tensor(rates, name="dilation_rate")
    if np.any(rates < 1):
        raise ValueError("dilation_rate must be positive")
    if np.all(rates == 1):
        return build(image, padding)
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"Invalid padding method {padding!r}")
    count, first = len(rates), 2 if (data_format or "").startswith("NC") else 1
    base: Any = np.zeros([count, 2], np.int32)
    if padding == "SAME":
        tensor = convert_to_tensor(filter_shape, int32, name="filter_shape")
        taps = constant_value(tensor)
        windows: Any = tensor if taps is None else taps
        reach = windows[:count] + (windows[:count] - 1) * (rates - 1) - 1
        base = stack([[reach[i] // 2, reach[i] - reach[i] // 2] for i in range(count)])
    sizes = image.shape[first : count + first]
    known = sizes.sizes is not None and sizes.is_fully_defined()
    spatial = sizes.as_list() if known else shape_of(image)[first : count + first]
    paddings, crops = required_space_to_batch_paddings(spatial, blocks, base)
    blocks, paddings, crops = (
        _blocked(part, fill, first) for part, fill in ((blocks, 1), (paddings, 0), (crops, 0))
    )
    parts = build(space_to_batch_nd(image, blocks, paddings), "VALID")
    result: Tensor = batch_to_space_nd(parts, blocks, crops)
    return result


def _blocked(part: Tensor, fill: int, first: int) -> Any:
    """A part of how blocks lie, as an array where it is known.

    Where the spatial axes are not the first ones, the channels before them are in blocks of 1.
    """
    known = constant_value(part)
    sizes: list[Any] = [first - 1, *part.shape.as_list()[1:]]
    outer = np.full(sizes, fill, np.int32)
    if known is not None:
        return np.concatenate([outer, known])
    return part if first == 1 else concat([outer, part], 0)


# ---- pixels into the channels ------------------------------------------------------------------


def _refuse_size(block_size: int) -> None:
    if block_size < 2:
        raise ValueError(f"Value for attr 'block_size' of {block_size} must be at least minimum 2")


def _deeper(input: Tensor, *, block_size: int, data_format: str) -> TensorShape:
    _refuse_size(block_size)
    batch, height, width, depth = input.shape.with_rank(4).as_list()
    for size in (height, width):
        if size is not None and size % block_size:
            raise ValueError(
                f"Dimension size must be evenly divisible by {block_size} but is {size}"
            )
    inner = [None if size is None else size // block_size for size in (height, width)]
    return TensorShape([batch, *inner, None if depth is None else depth * block_size**2])


@op("SpaceToDepth", kind="array", shape=_deeper)
def _space_to_depth(input: T, *, block_size: int, data_format: str = "NHWC") -> T:
    """Blocks of pixels become the channels of one pixel."""
    batch, height, width, depth = input.shape
    n = block_size
    parts = input.reshape(batch, height // n, n, width // n, n, depth)
    result: T = parts.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // n, width // n, -1)
    return result


def _wider(input: Tensor, *, block_size: int, data_format: str) -> TensorShape:
    _refuse_size(block_size)
    batch, height, width, depth = input.shape.with_rank(4).as_list()
    if depth is not None and depth % block_size**2:
        raise ValueError(
            f"Dimension size must be evenly divisible by {block_size**2} but is {depth}"
        )
    inner = [None if size is None else size * block_size for size in (height, width)]
    return TensorShape([batch, *inner, None if depth is None else depth // block_size**2])


@op("DepthToSpace", kind="array", shape=_wider)
def _depth_to_space(input: T, *, block_size: int, data_format: str = "NHWC") -> T:
    """The channels of a pixel become a block of pixels."""
    batch, height, width, depth = input.shape
    n = block_size
    parts = input.reshape(batch, height, width, n, n, depth // n**2)
    result: T = parts.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height * n, width * n, -1)
    return result


@_space_to_depth.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **attrs: Any) -> Any:
    return _depth_to_space(dy, **attrs)


@_depth_to_space.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **attrs: Any) -> Any:
    return _space_to_depth(dy, **attrs)


def space_to_depth(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Tensor:
    """Blocks of pixels become the channels of one pixel. Source: tf.space_to_depth."""
    result: Tensor = _space_to_depth(input, block_size=block_size, name=name)
    return result


def depth_to_space(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Tensor:
    """The channels of a pixel become a block of pixels. Source: tf.depth_to_space."""
    result: Tensor = _depth_to_space(input, block_size=block_size, name=name)
    return result
