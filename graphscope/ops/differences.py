"""How the pixels of images differ from their neighbours: edges, slopes, total variation."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.depthwise import depthwise_conv2d_native
from graphscope.ops.joining import concat, stack
from graphscope.ops.layout import pad
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.repeating import tile


def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """How much each pixel of [batch, height, width, channels] differs from that below, and right.

    The last row, and the last column, are 0. Source: tf.image.image_gradients.
    Errors: ValueError for another rank.
    """
    image = convert_to_tensor(image)
    if image.shape.ndims != 4:
        raise ValueError(
            f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}."
        )
    sizes = shape_of(image)
    batch, height, width, depth = (sizes[i] for i in range(4))
    down = image[:, 1:] - image[:, :-1]
    right = image[:, :, 1:] - image[:, :, :-1]
    last_row = array.zeros(stack([batch, 1, width, depth]), image.dtype)
    last_column = array.zeros(stack([batch, height, 1, depth]), image.dtype)
    dy = array.reshape(concat([down, last_row], 1), shape_of(image))
    dx = array.reshape(concat([right, last_column], 2), shape_of(image))
    for slope in (dy, dx):
        slope.set_shape(image.shape)
    return dy, dx


_DOWN = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]


def sobel_edges(image: Any) -> Tensor:
    """Sobel's two slopes of each channel: [batch, height, width, channels, 2], down and right.

    Source: tf.image.sobel_edges.
    """
    image = convert_to_tensor(image)
    known, sizes = image.shape, shape_of(image)
    kernels = np.stack([_DOWN, np.transpose(_DOWN)], axis=-1).reshape(3, 3, 1, 2)
    both = tile(array.constant(kernels.astype(np.float32)), [1, 1, sizes[-1], 1])
    padded = pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    slopes = depthwise_conv2d_native(padded, both, strides=[1, 1, 1, 1], padding="VALID")
    result: Tensor = array.reshape(slopes, concat([sizes, [2]], 0))
    result.set_shape(known.concatenate([2]))
    return result


def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of the absolute differences of neighbouring pixels: one number for each image.

    Source: tf.image.total_variation. Errors: ValueError for another rank than 3 or 4.
    """
    with name_scope(name, "total_variation"):
        images = convert_to_tensor(images)
        rank = images.shape.ndims
        if rank not in (3, 4):
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        axes = None if rank == 3 else [1, 2, 3]
        down = images[..., 1:, :, :] - images[..., :-1, :, :]
        right = images[..., 1:, :] - images[..., :-1, :]
        total: Tensor = reduce_sum(math.abs_(down), axes) + reduce_sum(math.abs_(right), axes)
        return total
