"""Images turned, cut, and put in frames. One image is [height, width, channels], several have a
batch axis before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import float64, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, logic, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.branches import cond
from graphscope.ops.checks import assert_
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.joining import slice_, stack
from graphscope.ops.layout import pad, reverse
from graphscope.ops.random import random_uniform


def _image(image: Any) -> Tensor:
    """The image as a tensor of rank 3 or 4. Errors: ValueError for another rank."""
    image = convert_to_tensor(image, name="image")
    if image.shape.ndims not in (None, 3, 4):
        raise ValueError("'image' must have either 3 or 4 dimensions.")
    if image.shape.sizes is not None and 0 in image.shape.sizes[-3:]:
        raise ValueError(f"all dims of 'image.shape' must be > 0: {image.shape}")
    result: Tensor = image
    return result


def _first_axis(image: Tensor) -> int:
    """The axis of the rows; an image of unknown rank counts as a single one."""
    return 1 if image.shape.ndims == 4 else 0


# ---- turned ------------------------------------------------------------------------------------


def _flip(image: Any, axis: int, default: str) -> Tensor:
    with name_scope(None, default, [image]):
        image = with_dependencies([], _image(image))
        result: Tensor = reverse(image, [axis + _first_axis(image)])
        if image.shape.ndims is None:
            result.set_shape([None, None, None])
        return result


def flip_left_right(image: Any) -> Tensor:
    """The image mirrored, left for right. Source: tf.image.flip_left_right."""
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image: Any) -> Tensor:
    """The image upside down. Source: tf.image.flip_up_down."""
    return _flip(image, 0, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, default: str) -> Tensor:
    """The image flipped, or not."""
    with name_scope(None, default, [image]) as scope:
        image = with_dependencies([], _image(image))
        if image.shape.ndims == 4:
            count = shape_of(image)[0]
            drawn = random_uniform([count], 0, 1.0, seed=seed)
            flips = math.cast(math.round(array.reshape(drawn, [count, 1, 1, 1])), image.dtype)
            turned = reverse(image, [axis + 1])
            mixed: Tensor = flips * turned + (1 - flips) * image
            return mixed
        chosen = logic.less(random_uniform([], 0, 1.0, seed=seed), 0.5)
        either: Tensor = cond(chosen, lambda: reverse(image, [axis]), lambda: image, name=scope)
        return either


def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """The image mirrored with a chance of a half. Source: tf.image.random_flip_left_right."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """The image upside down with a chance of a half. Source: tf.image.random_flip_up_down."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose_image(image: Any, name: str | None = None) -> Tensor:
    """Rows for columns. Source: tf.image.transpose_image."""
    with name_scope(name, "transpose", [image]):
        image = with_dependencies([], _image(image))
        order = [0, 2, 1, 3] if _first_axis(image) else [1, 0, 2]
        return array.transpose(image, order, name=name or "transpose")


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """The image turned by k quarters against the clock: a number, or a tensor [].

    Source: tf.image.rot90.
    """
    with name_scope(name, "rot90", [image]):
        image = with_dependencies([], _image(image))
        rows = _first_axis(image)
        order = [0, 2, 1, 3] if rows else [1, 0, 2]
        turns: dict[int, Callable[..., Any]] = {
            0: lambda: image,
            1: lambda image=image: array.transpose(reverse(image, [rows + 1]), order),
            2: lambda: reverse(image, [rows, rows + 1]),
            3: lambda: reverse(array.transpose(image, order), [rows + 1]),
        }
        if not is_tensor_like(k):
            result: Tensor = turns[int(k) % 4]()
            return result
        k = convert_to_tensor(k, int32, name="k")
        k.shape.assert_has_rank(0)
        quarters = k % 4
        turned: Tensor = image
        for wanted in (1, 2, 3):
            turned = cond(quarters >= wanted, partial(turns[1], turned), partial(_same, turned))
        return turned


def _same(image: Tensor) -> Tensor:
    unchanged: Tensor = array.identity(image)
    return unchanged


# ---- cut and framed ----------------------------------------------------------------------------


def _batched(image: Any) -> tuple[Tensor, bool]:
    """The image with a batch axis, and whether it had none."""
    image = _image(image)
    if image.shape.ndims == 4:
        return image, False
    batch = array.expand_dims(image, 0)
    if image.shape.ndims is None:
        batch.set_shape([None] * 4)
    return batch, True


def _dimensions(image: Tensor) -> list[Any]:
    """The four sizes: numbers where they are known, tensors elsewhere."""
    sizes = image.shape.with_rank(4).as_list()
    if None not in sizes:
        return list(sizes)
    at_run = shape_of(image)
    return [at_run[i] if size is None else size for i, size in enumerate(sizes)]


def _required(image: Tensor, *conditions: tuple[Any, str]) -> Tensor:
    """The image, once all conditions hold: known ones now, the others in a run."""
    checks = []
    for holds, message in conditions:
        if is_tensor_like(holds):
            checks.append(assert_(holds, [message]))
        elif not holds:
            raise ValueError(message)
    return with_dependencies(checks, image)


def _settled(image: Tensor, sizes: list[Any], single: bool) -> Tensor:
    image.set_shape([None if is_tensor_like(size) else size for size in sizes])
    return array.squeeze(image, axis=[0]) if single else image


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The image in a larger one of zeros, at the offset. Source: tf.image.pad_to_bounding_box.

    Errors: ValueError (InvalidArgumentError in a run) when it does not fit.
    """
    with name_scope(None, "pad_to_bounding_box", [image]):
        image, single = _batched(image)
        batch, height, width, depth = _dimensions(image)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        image = _required(
            image,
            (offset_height >= 0, "offset_height must be >= 0"),
            (offset_width >= 0, "offset_width must be >= 0"),
            (right >= 0, "width must be <= target - offset"),
            (below >= 0, "height must be <= target - offset"),
        )
        amounts = stack([0, 0, offset_height, below, offset_width, right, 0, 0])
        framed = pad(image, array.reshape(amounts, [4, 2]))
        return _settled(framed, [batch, target_height, target_width, depth], single)


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of the image at the offset. Source: tf.image.crop_to_bounding_box.

    Errors: ValueError (InvalidArgumentError in a run) when it is not inside.
    """
    with name_scope(None, "crop_to_bounding_box", [image]):
        image, single = _batched(image)
        batch, height, width, depth = _dimensions(image)
        image = _required(
            image,
            (offset_width >= 0, "offset_width must be >= 0."),
            (offset_height >= 0, "offset_height must be >= 0."),
            (target_width > 0, "target_width must be > 0."),
            (target_height > 0, "target_height must be > 0."),
            (width >= target_width + offset_width, "width must be >= target + offset."),
            (height >= target_height + offset_height, "height must be >= target + offset."),
        )
        part = slice_(
            image,
            stack([0, offset_height, offset_width, 0]),
            stack([-1, target_height, target_width, -1]),
        )
        return _settled(part, [batch, target_height, target_width, depth], single)


def _larger(x: Any, y: Any) -> Any:
    return math.maximum(x, y) if is_tensor_like(x) or is_tensor_like(y) else max(x, y)


def _smaller(x: Any, y: Any) -> Any:
    return math.minimum(x, y) if is_tensor_like(x) or is_tensor_like(y) else min(x, y)


def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """The middle of the image, or the image in the middle of zeros, in the given size.

    Source: tf.image.resize_image_with_crop_or_pad.
    """
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, single = _batched(image)
        image = _required(
            image,
            (target_width > 0, "target_width must be > 0."),
            (target_height > 0, "target_height must be > 0."),
        )
        _, height, width, _ = _dimensions(image)
        wider, taller = target_width - width, target_height - height
        middle = crop_to_bounding_box(
            image,
            _larger(-taller // 2, 0),
            _larger(-wider // 2, 0),
            _smaller(target_height, height),
            _smaller(target_width, width),
        )
        framed = pad_to_bounding_box(
            middle, _larger(taller // 2, 0), _larger(wider // 2, 0), target_height, target_width
        )
        framed = with_dependencies([], framed)
        return array.squeeze(framed, axis=[0]) if single else framed


def central_crop(image: Any, central_fraction: float) -> Tensor:
    """The middle of the image: that part of its height and of its width.

    Source: tf.image.central_crop. Errors: ValueError unless 0 < central_fraction <= 1.
    """
    if not 0 < central_fraction <= 1:
        raise ValueError("central_fraction must be within (0, 1]")
    with name_scope(None, "central_crop", [image]):
        image = convert_to_tensor(image, name="image")
        if central_fraction == 1:
            result: Tensor = image
            return result
        image = with_dependencies([], _image(image))
        if image.shape.ndims is None:
            raise ValueError("`image` should either be a Tensor with rank = 3 or rank = 4.")
        rows = _first_axis(image)
        begin: list[Any] = [0] * image.shape.ndims
        size: list[Any] = [-1] * image.shape.ndims
        known = image.shape.as_list()
        for axis in (rows, rows + 1):
            whole: Any = known[axis]
            if whole is None:
                whole = shape_of(image)[axis]
                long = math.cast(whole, float64)
                begin[axis] = math.cast((long - long * central_fraction) / 2, int32)
                known[axis] = None
            else:
                begin[axis] = int((whole - whole * central_fraction) / 2)
                known[axis] = whole - 2 * begin[axis]
            size[axis] = whole - begin[axis] * 2
        part = slice_(image, stack(begin), stack(size))
        part.set_shape(known)
        return part
