"""Images in another size by any kernel, smoothed or not, as TensorFlow 2 resizes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Index, T, U, op
from graphscope.graph.dtypes import REALS, float32, float64, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.image import pad_to_bounding_box
from graphscope.ops.joining import stack
from graphscope.ops.resizing import (
    METHODS,
    ResizeMethod,
    resize_area,
    resize_bicubic,
    resize_bilinear,
    resize_by,
    resize_nearest_neighbor,
)

Kernel = Callable[[T], T]


def _lanczos(radius: int) -> Kernel:
    def kernel(x: T) -> T:
        safe = np.where(np.abs(x) > 1e-3, np.pi * x, 1)
        wave = radius * np.sin(safe) * np.sin(safe / radius) / np.square(safe)
        result: T = np.where(np.abs(x) > radius, 0, np.where(np.abs(x) > 1e-3, wave, 1))
        return result

    return kernel


def _cubic(inner: tuple[float, ...], outer: tuple[float, ...]) -> Kernel:
    """A curve of the third degree up to 1, and another one up to 2."""

    def kernel(x: T) -> T:
        x = np.abs(x)
        near, far = np.polyval(inner, x), np.polyval(outer, x)
        result: T = np.where(x >= 2, 0, np.where(x >= 1, far, near))
        return result

    return kernel


#: The kernels by their names, and how far each reaches.
_KERNELS: dict[str, tuple[Kernel, float]] = {
    "lanczos1": (_lanczos(1), 1.0),
    "lanczos3": (_lanczos(3), 3.0),
    "lanczos5": (_lanczos(5), 5.0),
    "gaussian": (lambda x: np.where(np.abs(x) >= 1.5, 0, np.exp(-np.square(x) / 0.5)), 1.5),
    "box": (lambda x: np.where(np.abs(x) < 0.5, 1, np.where(np.abs(x) == 0.5, 0.5, 0)), 1.0),
    "triangle": (lambda x: np.maximum(1 - np.abs(x), 0), 1.0),
    "keyscubic": (_cubic((1.5, -2.5, 0, 1), (-0.5, 2.5, -4, 2)), 2.0),
    "mitchellcubic": (
        _cubic((7 / 6, -2, 0, 8 / 9), (-7 / 18, 2, -10 / 3, 16 / 9)),
        2.0,
    ),
}


def _weights(old: int, new: int, scale: float, shift: float, name: str, antialias: bool) -> T:
    """The matrix [new, old]: how much each old row counts in each new one."""
    kernel, radius = _KERNELS[name]
    back = np.float32(1) / np.float32(scale)
    stretch = max(back, np.float32(1)) if antialias else np.float32(1)
    middle = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * back
    middle = middle - back * np.float32(shift)
    reach = np.float32(radius) * stretch
    first = np.clip(np.ceil(middle - reach - np.float32(0.5)), 0, old - 1)
    last = np.clip(np.floor(middle + reach - np.float32(0.5)), 0, old - 1)
    rows = np.arange(old, dtype=np.float32)
    weights = kernel((rows + np.float32(0.5) - middle[:, None]) / stretch).astype(np.float32)
    weights = np.where((rows >= first[:, None]) & (rows <= last[:, None]), weights, 0)
    weights[(middle < 0) | (middle > old)] = 0
    total = weights.sum(axis=1, keepdims=True)
    there = np.abs(total) >= 1000 * np.finfo(np.float32).tiny
    result: T = np.where(there, weights / np.where(there, total, 1), 0).astype(np.float32)
    return result


def _both(
    image: Any, size: Any, scale: U, translation: U, kernel_type: str, antialias: bool
) -> tuple[T, T]:
    if kernel_type not in _KERNELS:
        raise ValueError(f"Unrecognized kernel type: {kernel_type}")
    if min(scale.tolist()) <= 0:
        raise ValueError("scale must be greater than zero")
    numbers = zip(image[1:3], size, scale.tolist(), translation.tolist(), strict=True)
    rows, columns = (
        _weights(old, int(new), factor, shift, kernel_type, antialias)
        for old, new, factor, shift in numbers
    )
    return rows, columns


def _scaled(images: Tensor, size: Tensor, *_: Tensor, **__: Any) -> TensorShape:
    batch, _h, _w, channels = images.shape.with_rank(4).as_list()
    wanted = constant_value(size)
    return TensorShape([batch, *([None, None] if wanted is None else wanted.tolist()), channels])


@op("ScaleAndTranslate", kind="array", types=REALS, shape=_scaled, dtype=float32)
def scale_and_translate(
    images: T,
    size: Index,
    scale: U,
    translation: U,
    *,
    kernel_type: str = "lanczos3",
    antialias: bool = True,
) -> U:
    """Images scaled and moved, each new pixel a mean of near old ones, weighed by a kernel.

    antialias: widen the kernel where images shrink.
    """
    rows, columns = _both(images.shape, size, scale, translation, kernel_type, antialias)
    pixels = images.astype(np.float32)
    result: U = np.einsum("yh,bhwc,xw->byxc", rows, pixels, columns, optimize=True)
    return result


@op(
    "ScaleAndTranslateGrad",
    kind="array",
    types=(float32,),
    shape=lambda grads, original_image, *_, **__: original_image.shape,
)
def scale_and_translate_grad(
    grads: T,
    original_image: T,
    scale: T,
    translation: T,
    *,
    kernel_type: str = "lanczos3",
    antialias: bool = True,
) -> T:
    """The slope of ScaleAndTranslate along its images."""
    sizes = grads.shape[1:3]
    rows, columns = _both(original_image.shape, sizes, scale, translation, kernel_type, antialias)
    result: T = np.einsum("yh,byxc,xw->bhwc", rows, grads, columns, optimize=True)
    return result


@scale_and_translate.gradient
def _(
    dy: Tensor,
    y: Tensor,
    images: Tensor,
    size: Tensor,
    scale: Tensor,
    shift: Tensor,
    **attrs: Any,
) -> Any:
    along = scale_and_translate_grad(dy, math.cast(images, float32), scale, shift, **attrs)
    return math.cast(along, images.dtype), None, None, None


@scale_and_translate_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, *inputs: Tensor, **attrs: Any) -> Any:
    _, scale, shift = inputs
    size = shape_of(dy)[1:3]
    return scale_and_translate(ddx, size, scale, shift, **attrs), None, None, None


# ---- resizing as TensorFlow 2 does ---------------------------------------------------------------


def _by_kernel(kernel: str, antialias: bool) -> Callable[..., Tensor]:
    def resize(images: Tensor, size: Tensor) -> Tensor:
        scale = math.cast(size, float32) / math.cast(shape_of(images)[1:3], float32)
        result: Tensor = scale_and_translate(
            images, size, scale, array.zeros([2]), kernel_type=kernel, antialias=antialias
        )
        return result

    return resize


def _centred(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda images, size: method(images, size, half_pixel_centers=True)


def _method(name: Any, antialias: bool) -> Callable[..., Tensor]:
    plain = {
        ResizeMethod.BILINEAR: "bilinear",
        ResizeMethod.NEAREST_NEIGHBOR: "nearest",
        ResizeMethod.BICUBIC: "bicubic",
        ResizeMethod.AREA: "area",
    }
    name = plain.get(name, name)
    smooth = {"bilinear": "triangle", "bicubic": "keyscubic"}
    if name in smooth and antialias:
        return _by_kernel(smooth[name], True)
    known: dict[str, Callable[..., Tensor]] = {
        "bilinear": _centred(resize_bilinear),
        "nearest": _centred(resize_nearest_neighbor),
        "bicubic": _centred(resize_bicubic),
        "area": resize_area,
        **{
            kernel: _by_kernel(kernel, antialias)
            for kernel in ("lanczos3", "lanczos5", "gaussian", "mitchellcubic")
        },
    }
    if name not in known:
        raise ValueError("Resize method is not implemented.")
    return known[name]


def resize_images_v2(
    images: Any,
    size: Any,
    method: Any = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images in another size, with the pixels' middles where they are. Source: tf.image.resize.

    method: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or
    "mitchellcubic". antialias: smooth images that shrink.
    Errors: ValueError for another method, rank or size.
    """
    return resize_by(_method(method, antialias), images, size, preserve_aspect_ratio, name)


# ---- in a frame of one size ----------------------------------------------------------------------


def _with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    resize: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    with name_scope(None, "resize_image_with_pad", [image]):
        image = convert_to_tensor(image, name="image")
        if image.shape.ndims not in (None, 3, 4):
            raise ValueError("'image' must have either 3 or 4 dimensions.")
        single = image.shape.ndims in (None, 3)
        batch = array.expand_dims(image, 0) if single else image
        for word, wanted in (("width", target_width), ("height", target_height)):
            if not isinstance(wanted, Tensor) and wanted <= 0:
                raise ValueError(f"target_{word} must be > 0.")
        sizes = batch.shape.as_list() if batch.shape.is_fully_defined() else shape_of(batch)
        height, width = (math.cast(sizes[i], float64) for i in (1, 2))
        high, wide = (math.cast(wanted, float64) for wanted in (target_height, target_width))
        ratio = math.maximum(width / wide, height / high)
        inner = [size / ratio for size in (height, width)]
        top, left = (
            math.maximum(0, math.cast(math.floor((whole - part) / 2), int32))
            for whole, part in zip((high, wide), inner, strict=True)
        )
        resized = resize(batch, stack([math.cast(math.floor(part), int32) for part in inner]))
        padded = pad_to_bounding_box(resized, top, left, target_height, target_width)
        return array.squeeze(padded, axis=[0]) if single else padded


def resize_image_with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
) -> Tensor:
    """The image in a frame of zeros, as large as it fits. Source: tf.image.resize_image_with_pad.

    Errors: ValueError for a frame without size, and another rank than 3 or 4.
    """
    return _with_pad(
        image,
        target_height,
        target_width,
        lambda images, size: METHODS[method](images, size, align_corners=align_corners),
    )


def resize_image_with_pad_v2(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: Any = "bilinear",
    antialias: bool = False,
) -> Tensor:
    """`resize_image_with_pad` by `resize_images_v2`. Source: image_ops.resize_image_with_pad_v2."""
    return _with_pad(
        image,
        target_height,
        target_width,
        lambda images, size: resize_images_v2(images, size, method, antialias=antialias),
    )
