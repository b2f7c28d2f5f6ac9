"""The colours of images: brightness, contrast, hue, saturation, grey, and types of pixels.

Images are [..., height, width, channels]; floating-point ones run from 0 to 1, whole numbers up to
the largest of their type.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, T, op
from graphscope.graph.dtypes import FLOATS, DType, as_dtype, float16, float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.checks import assert_
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.joining import concat
from graphscope.ops.products import tensordot
from graphscope.ops.random import random_uniform
from graphscope.ops.reduction import reduce_mean, reduce_prod, reduce_std
from graphscope.ops.repeating import tile

# ---- types of pixels ---------------------------------------------------------------------------


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """value in another type, with what that cannot hold set to its limits. Source:
    tf.saturate_cast."""
    with name_scope(name, "saturate_cast", [value]) as scope:
        value, dtype = convert_to_tensor(value, name="value"), as_dtype(dtype).base_dtype
        own = value.dtype.base_dtype
        if own.min < dtype.min:
            value = math.maximum(value, convert_to_tensor(_limit(dtype.min, own), name="min"))
        if own.max > dtype.max:
            value = math.minimum(value, convert_to_tensor(_limit(dtype.max, own), name="max"))
        return math.cast(value, dtype, name=scope)


def _limit(number: Any, dtype: DType) -> Any:
    return np.asarray(number).astype(dtype.numpy)


def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Tensor:
    """An image in another type of pixels, scaled to that type's range.

    saturate: set what the type cannot hold to its limits. Source: tf.image.convert_image_dtype.
    Errors: AttributeError for types that are not numbers.
    """
    image, dtype = convert_to_tensor(image, name="image"), as_dtype(dtype)
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    own = image.dtype.base_dtype
    if own is dtype:
        return array.identity(image, name=name)
    with name_scope(name, "convert_image", [image]) as scope:
        to = saturate_cast if saturate else math.cast
        result: Tensor
        if own.is_integer and dtype.is_integer:
            if own.max > dtype.max:
                scaled = math.div(image, (own.max + 1) // (dtype.max + 1))
                return to(scaled, dtype, name=scope)
            factor = (dtype.max + 1) // (own.max + 1)
            result = math.multiply(to(image, dtype), factor, name=scope)
            return result
        if own.is_floating and dtype.is_floating:
            return math.cast(image, dtype, name=scope)
        if own.is_integer:
            result = math.multiply(math.cast(image, dtype), 1.0 / own.max, name=scope)
            return result
        return to(math.multiply(image, dtype.max + 0.5), dtype, name=scope)


def _as_floats(image: Tensor) -> Tensor:
    """The image in float32, or as it is in float16 and float32."""
    if image.dtype.base_dtype in (float16, float32):
        return image
    return convert_image_dtype(image, float32)


# ---- brightness and contrast -------------------------------------------------------------------


def _images(images: Tensor, *_: Tensor) -> TensorShape:
    return images.shape.with_rank_at_least(3)


@op("AdjustContrastv2", kind="array", types=FLOATS, shape=_images, differentiable=False)
def _adjust_contrast(images: T, contrast_factor: Any_) -> T:
    """(x - mean) * contrast_factor + mean, with the mean of each channel of each image."""
    mean = np.mean(images, axis=(-3, -2), keepdims=True, dtype=np.float64).astype(images.dtype)
    factor = images.dtype.type(contrast_factor)
    return np.asarray((images - mean) * factor + mean)


def adjust_contrast(images: Any, contrast_factor: Any, name: str | None = None) -> Tensor:
    """(x - mean) * contrast_factor + mean, by channel. Source: tf.image.adjust_contrast."""
    with name_scope(name, "adjust_contrast", [images, contrast_factor]) as scope:
        images = convert_to_tensor(images, name="images")
        factor = convert_to_tensor(contrast_factor, float32)
        adjusted = _adjust_contrast(_as_floats(images), factor, name=scope)
        return convert_image_dtype(adjusted, images.dtype.base_dtype, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """The image plus delta, for pixels from 0 to 1. Source: tf.image.adjust_brightness."""
    with name_scope(None, "adjust_brightness", [image, delta]) as scope:
        image = convert_to_tensor(image, name="image")
        pixels = _as_floats(image)
        adjusted = math.add(pixels, math.cast(delta, pixels.dtype), name=scope)
        return convert_image_dtype(adjusted, image.dtype.base_dtype, saturate=True)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """gain * image ** gamma. Source: tf.image.adjust_gamma. Errors: ValueError for gamma < 0."""
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = convert_to_tensor(image, name="image")
        wrong = "Gamma should be a non-negative real number."
        if isinstance(gamma, Tensor):
            gamma = with_dependencies([assert_(gamma >= 0, [wrong])], gamma)
        elif gamma < 0:
            raise ValueError(wrong)
        adjusted = gain * _as_floats(image) ** gamma
        return convert_image_dtype(adjusted, image.dtype.base_dtype, saturate=True)


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """The image plus a random number up to max_delta. Source: tf.image.random_brightness.

    Errors: ValueError for a negative max_delta.
    """
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


def _random_factor(lower: float, upper: float, seed: int | None) -> Tensor:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return random_uniform([], lower, upper, seed=seed)


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """Contrast by a random factor. Source: tf.image.random_contrast.

    Errors: ValueError unless 0 <= lower < upper.
    """
    return adjust_contrast(image, _random_factor(lower, upper, seed))


def per_image_standardization(image: Any) -> Tensor:
    """The image with mean 0 and variance 1. Source: tf.image.per_image_standardization."""
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = with_dependencies([], convert_to_tensor(image, name="image"))
        pixels = _as_floats(image)
        count = reduce_prod(shape_of(pixels)[-3:])
        mean = reduce_mean(pixels, axis=[-1, -2, -3], keepdims=True)
        deviation = reduce_std(pixels, axis=[-1, -2, -3], keepdims=True)
        least = math.rsqrt(math.cast(count, pixels.dtype))
        spread = math.maximum(deviation, least)
        adjusted = math.div(pixels - mean, spread, name=scope)
        return convert_image_dtype(adjusted, image.dtype.base_dtype, saturate=True)


# ---- hue and saturation ------------------------------------------------------------------------


def _three_channels(images: Tensor, *_: Tensor) -> TensorShape:
    if images.shape.sizes and images.shape.sizes[-1] not in (None, 3):
        raise ValueError(f"Dimension must be 3 but is {images.shape.sizes[-1]}")
    return images.shape


def _to_hsv(rgb: T) -> T:
    """Hue, saturation and value from 0 to 1, of red, green and blue."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    value = rgb.max(axis=-1)
    span = value - rgb.min(axis=-1)
    saturation = np.where(value > 0, span / np.where(value > 0, value, 1), 0)
    safe = np.where(span > 0, span, 1) * 6
    hue = np.where(
        red == value,
        (green - blue) / safe,
        np.where(green == value, (blue - red) / safe + 2 / 6, (red - green) / safe + 4 / 6),
    )
    hue = np.where(span > 0, hue, 0)
    hue = np.where(hue < 0, hue + 1, hue)
    return np.stack([hue, saturation, value], -1).astype(rgb.dtype)


def _to_rgb(hsv: T) -> T:
    hue, saturation, value = np.moveaxis(hsv, -1, 0)
    six = hue * 6
    shares = [np.abs(six - 3) - 1, 2 - np.abs(six - 2), 2 - np.abs(six - 4)]
    channels = [(1 - saturation + saturation * np.clip(share, 0, 1)) * value for share in shares]
    return np.stack(channels, -1).astype(hsv.dtype)


_colours = partial(op, kind="array", types=FLOATS, shape=_three_channels)
_adjusting = partial(op, kind="array", types=FLOATS, shape=_images, differentiable=False)


def _refuse_other_channels(images: T) -> None:
    if images.shape[-1] != 3:
        raise ValueError(f"input must have 3 channels but instead has {images.shape[-1]} channels.")


@_colours("RGBToHSV")
def rgb_to_hsv(images: T) -> T:
    """Hue, saturation and value from 0 to 1, of red, green and blue from 0 to 1."""
    return _to_hsv(images)


@_colours("HSVToRGB", differentiable=False)
def hsv_to_rgb(images: T) -> T:
    """Red, green and blue from 0 to 1, of hue, saturation and value from 0 to 1."""
    return _to_rgb(images)


@_adjusting("AdjustHue")
def _adjust_hue(images: T, delta: Any_) -> T:
    """Colours with their hue turned by delta: 1 is once around."""
    _refuse_other_channels(images)
    hsv = _to_hsv(images)
    hsv[..., 0] = np.mod(hsv[..., 0] + images.dtype.type(delta), 1)
    return _to_rgb(hsv)


@_adjusting("AdjustSaturation")
def _adjust_saturation(images: T, scale: Any_) -> T:
    """Colours with their saturation times scale, at most 1."""
    _refuse_other_channels(images)
    hsv = _to_hsv(images)
    hsv[..., 1] = np.clip(hsv[..., 1] * images.dtype.type(scale), 0, 1)
    return _to_rgb(hsv)


def _over(numerator: T, denominator: T) -> T:
    """The quotient, and 0 where there is none: there the slope is not defined."""
    safe = np.where(denominator == 0, denominator.dtype.type(1), denominator)
    return np.where(denominator == 0, denominator.dtype.type(0), numerator / safe)


@op("RGBToHSVGrad", kind="array", types=FLOATS)
def _rgb_to_hsv_grad(rgb: T, hsv: T, dy: T) -> T:
    """The slope of RGBToHSV, from its input and its output."""
    channels = np.arange(3)
    most = (channels == rgb.argmax(axis=-1)[..., None]).astype(rgb.dtype)
    last = 2 - rgb[..., ::-1].argmin(axis=-1)  # of equal ones, as TensorFlow chooses
    least = (channels == last[..., None]).astype(rgb.dtype)
    value = hsv[..., 2:]
    span, spread = value * hsv[..., 1:2], most - least
    # The hue is the difference of the two channels behind the largest one, over six spans.
    signs = np.roll(most, 1, -1) - np.roll(most, 2, -1)
    difference = np.sum(rgb * signs, axis=-1, keepdims=True)
    hue = _over(signs - _over(difference, span) * spread, 6 * span)
    saturation = _over(spread - hsv[..., 1:2] * most, value)
    return np.asarray(dy[..., :1] * hue + dy[..., 1:2] * saturation + dy[..., 2:] * most)


@rgb_to_hsv.gradient
def _(dy: Tensor, y: Tensor, images: Tensor) -> Any:
    return _rgb_to_hsv_grad(images, y, dy)


@_rgb_to_hsv_grad.gradient
def _(dy: Tensor, y: Tensor, *_: Tensor) -> Any:
    raise LookupError(f"No gradient defined for operation '{y.op.name}' (op type: {y.op.type})")


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """Colours with their hue turned by delta, from -1 to 1. Source: tf.image.adjust_hue."""
    with name_scope(name, "adjust_hue", [image]):
        image = convert_to_tensor(image, name="image")
        turned = _adjust_hue(_as_floats(image), convert_to_tensor(delta, float32))
        return convert_image_dtype(turned, image.dtype.base_dtype)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """Colours with their saturation times a factor. Source: tf.image.adjust_saturation."""
    with name_scope(name, "adjust_saturation", [image]):
        image = convert_to_tensor(image, name="image")
        factor = convert_to_tensor(saturation_factor, float32)
        adjusted = _adjust_saturation(_as_floats(image), factor)
        return convert_image_dtype(adjusted, image.dtype.base_dtype)


def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """The hue turned by up to max_delta. Source: tf.image.random_hue.

    Errors: ValueError unless 0 <= max_delta <= 0.5.
    """
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """Saturation by a random factor. Source: tf.image.random_saturation.

    Errors: ValueError unless 0 <= lower < upper.
    """
    return adjust_saturation(image, _random_factor(lower, upper, seed))


# ---- brightness and colour apart ---------------------------------------------------------------

#: What red, green and blue give in the three channels of each.
_YIQ = [
    [0.299, 0.59590059, 0.2115],
    [0.587, -0.27455667, -0.52273617],
    [0.114, -0.32134392, 0.31119955],
]
_YUV = [
    [0.299, -0.14714119, 0.61497538],
    [0.587, -0.28886916, -0.51496512],
    [0.114, 0.43601035, -0.10001026],
]
_FROM_YIQ: list[list[float]] = [
    [1, 1, 1],
    [0.95598634, -0.27201283, -1.10674021],
    [0.6208248, -0.64720424, 1.70423049],
]
_FROM_YUV: list[list[float]] = [
    [1, 1, 1],
    [0, -0.394642334, 2.03206185],
    [1.13988303, -0.58062185, 0],
]


def _mixed(images: Any, shares: list[list[float]]) -> Tensor:
    images = convert_to_tensor(images, name="images")
    kernel = convert_to_tensor(shares, images.dtype, name="kernel")
    if images.shape.ndims is None:
        raise ValueError("images must have a known number of axes")
    return tensordot(images, kernel, [[images.shape.ndims - 1], [0]])


def rgb_to_yiq(images: Any) -> Tensor:
    """Brightness and two channels of colour, of three colours. Source: tf.image.rgb_to_yiq."""
    return _mixed(images, _YIQ)


def yiq_to_rgb(images: Any) -> Tensor:
    """Undoes `rgb_to_yiq`. Source: tf.image.yiq_to_rgb."""
    return _mixed(images, _FROM_YIQ)


def rgb_to_yuv(images: Any) -> Tensor:
    """Brightness and two channels of colour, of three colours. Source: tf.image.rgb_to_yuv."""
    return _mixed(images, _YUV)


def yuv_to_rgb(images: Any) -> Tensor:
    """Undoes `rgb_to_yuv`. Source: tf.image.yuv_to_rgb."""
    return _mixed(images, _FROM_YUV)


# ---- grey --------------------------------------------------------------------------------------


def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """0.2989 red + 0.587 green + 0.114 blue, one channel. Source: tf.image.rgb_to_grayscale."""
    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        pixels = convert_image_dtype(images, float32)
        grey = tensordot(pixels, [0.2989, 0.587, 0.114], [-1, -1])
        grey = array.expand_dims(grey, -1)
        return convert_image_dtype(grey, images.dtype.base_dtype, name=scope)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """The one channel three times. Source: tf.image.grayscale_to_rgb.

    Errors: ValueError for images of more than one channel.
    """
    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        if images.shape.sizes and images.shape.sizes[-1] not in (None, 1):
            raise ValueError("Last dimension of a grayscale image should be size 1.")
        outer = array.expand_dims(array.rank(images) - 1, 0)
        times = concat([array.ones(outer, int32), array.expand_dims(3, 0)], 0)
        rgb: Tensor = tile(images, times, name=scope)
        rgb.set_shape(images.shape[:-1].concatenate([3]))
        return rgb
