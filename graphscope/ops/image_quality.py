"""How much one image is like another: PSNR, SSIM, and SSIM at several scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.averages import avg_pool
from graphscope.ops.checks import assert_
from graphscope.ops.color import convert_image_dtype
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.depthwise import depthwise_conv2d_native
from graphscope.ops.joining import concat, stack
from graphscope.ops.layout import pad
from graphscope.ops.logic import equal, greater_equal
from graphscope.ops.nn import softmax
from graphscope.ops.rectifiers import relu
from graphscope.ops.reduction import reduce_all, reduce_mean, reduce_prod
from graphscope.ops.repeating import tile

Images = tuple[Tensor, Tensor]


def _compatible(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, list[Operation]]:
    """The shapes of two images or batches, and what checks in a run that they fit.

    Errors: ValueError where it is known that they do not.
    """
    known, other = first.shape.with_rank_at_least(3), second.shape.with_rank_at_least(3)
    known[-3:].assert_is_compatible_with(other[-3:])
    if known.ndims is not None and other.ndims is not None:
        outer = zip(known[:-3].as_list()[::-1], other[:-3].as_list()[::-1], strict=False)
        if any(a != b and 1 not in (a, b) and None not in (a, b) for a, b in outer):
            raise ValueError(f"Two images are not compatible: {known} and {other}")
    sizes, others = shape_of(first), shape_of(second)
    fits = reduce_all(equal(sizes[-3:], others[-3:]))
    return sizes, others, [assert_(fits, [sizes, others], summarize=10)]


def _floats(a: Any, b: Any, max_val: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Both images, and the largest value of a pixel, as float32."""
    first, second = convert_to_tensor(a, name="a"), convert_to_tensor(b, name="b")
    largest = convert_image_dtype(math.cast(max_val, first.dtype), float32)
    return convert_image_dtype(first, float32), convert_image_dtype(second, float32), largest


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio in decibels, one number for each pair of images.

    max_val: the largest value that a pixel can have. Source: tf.image.psnr.
    """
    with name_scope(name, "PSNR", [a, b]):
        first, second, largest = _floats(a, b, max_val)
        error = reduce_mean(math.squared_difference(first, second), [-3, -2, -1])
        ten = math.log(array.constant(10.0))
        peak = 20 * math.log(largest) / ten
        ratio = math.subtract(peak, array.constant(10.0) / ten * math.log(error), name="psnr")
        checks = _compatible(first, second)[2]
        with get_default_graph().control_dependencies(checks):
            checked: Tensor = array.identity(ratio)
        return checked


# ---- structural similarity -----------------------------------------------------------------------


def _gaussian(size: Any, sigma: Any, channels: Tensor) -> Tensor:
    """The bell-shaped window [size, size, channels, 1], whose elements add up to 1."""
    places = math.cast(array.range(size), float32)
    places = places - math.cast(size - 1, float32) / 2.0
    bell = math.square(places) * (-0.5 / math.square(convert_to_tensor(sigma, float32)))
    plane = array.reshape(bell, [1, -1]) + array.reshape(bell, [-1, 1])
    window = array.reshape(softmax(array.reshape(plane, [1, -1])), stack([size, size, 1, 1]))
    windows: Tensor = tile(window, [1, 1, channels, 1])
    return windows


def _similarity(
    images: Images, blur: Callable[[Tensor], Tensor], max_val: Tensor, k1: float, k2: float
) -> Images:
    """Of each window how alike the brightness is, and how alike contrast and structure are."""
    x, y = images
    least, spread = math.square(k1 * max_val), math.square(k2 * max_val)
    mean_x, mean_y = blur(x), blur(y)
    product = mean_x * mean_y * 2.0
    squares = math.square(mean_x) + math.square(mean_y)
    brightness = (product + least) / (squares + least)
    together = blur(x * y) * 2.0
    apart = blur(math.square(x) + math.square(y))
    return brightness, (together - product + spread) / (apart - squares + spread)


def _ssim_of_channels(
    images: Images, max_val: Tensor, filter_size: Any, sigma: Any, k1: float, k2: float
) -> Images:
    """The similarity of each channel, and that of its contrast and structure alone."""
    size = array.constant(filter_size)
    shapes = [shape_of(image) for image in images]
    checks = [
        assert_(reduce_all(greater_equal(sizes[-3:-1], size)), [sizes, size], summarize=8)
        for sizes in shapes
    ]
    first = with_dependencies(checks, images[0])
    window = _gaussian(size, sigma, shapes[0][-1])

    def blur(image: Tensor) -> Tensor:
        sizes = shape_of(image)
        flat = array.reshape(image, concat([[-1], sizes[-3:]], 0))
        smooth = depthwise_conv2d_native(flat, window, strides=[1, 1, 1, 1], padding="VALID")
        result: Tensor = array.reshape(smooth, concat([sizes[:-3], shape_of(smooth)[1:]], 0))
        return result

    brightness, structure = _similarity((first, images[1]), blur, max_val, k1, k2)
    axes = [-3, -2]
    return reduce_mean(brightness * structure, axes), reduce_mean(structure, axes)


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity, at most 1, one number for each pair of images.

    max_val: the largest value that a pixel can have. filter_size, filter_sigma: of the bell-shaped
    window. Source: tf.image.ssim; Wang, Bovik, Sheikh & Simoncelli 2004.
    """
    with name_scope(None, "SSIM", [img1, img2]):
        first, second = convert_to_tensor(img1, name="img1"), convert_to_tensor(img2, name="img2")
        checks = _compatible(first, second)[2]
        with get_default_graph().control_dependencies(checks):
            first = array.identity(first)
        first, second, largest = _floats(first, second, max_val)
        whole, _ = _ssim_of_channels((first, second), largest, filter_size, filter_sigma, k1, k2)
        similarity: Tensor = reduce_mean(whole, [-1])
    return similarity


#: What each scale counts, from the finest on (Wang, Simoncelli & Bovik 2003).
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def _half(image: Tensor) -> Tensor:
    """The image in half the size; an odd last row or column counts twice."""
    sizes = shape_of(image)
    odd = sizes[-3:-1] % 2
    flat = array.reshape(image, concat([[-1], sizes[-3:]], 0))
    zero = array.zeros_like(odd)
    edges = stack([zero, odd], axis=1)
    none = array.constant([[0, 0]])
    even = pad(flat, concat([none, edges, none], 0), mode="SYMMETRIC")
    two = [1, 2, 2, 1]
    smaller = avg_pool(even, ksize=two, strides=two, padding="VALID")
    result: Tensor = array.reshape(smaller, concat([sizes[:-3], shape_of(smaller)[1:]], 0))
    return result


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Sequence[float] = _SCALES,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity at several scales, each half of the one before.

    power_factors: what each scale counts. The other arguments are those of `ssim`.
    Source: tf.image.ssim_multiscale; Wang, Simoncelli & Bovik 2003.
    """
    with name_scope(None, "MS-SSIM", [img1, img2]):
        first, second = convert_to_tensor(img1, name="img1"), convert_to_tensor(img2, name="img2")
        checks = _compatible(first, second)[2]
        with get_default_graph().control_dependencies(checks):
            first = array.identity(first)
        first, second, largest = _floats(first, second, max_val)
        parts, whole = [], None
        for scale in range(len(power_factors)):
            if scale:
                first, second = _half(first), _half(second)
            whole, structure = _ssim_of_channels(
                (first, second), largest, filter_size, filter_sigma, k1, k2
            )
            parts.append(relu(structure))
        every = stack([*parts[:-1], relu(whole)], axis=-1)
        powers = math.pow_(every, list(power_factors))
        similarity: Tensor = reduce_mean(reduce_prod(powers, [-1]), [-1])
    return similarity
