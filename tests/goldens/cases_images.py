"""Cases of images: other sizes, turns, cuts, colours, PNG files."""

import base64

import numpy as np
from goldens.case import case, ints, normal, positive

IMAGE = positive(5, 4, 3) / np.float32(3)
IMAGES = positive(2, 5, 4, 3) / np.float32(3)
BYTES = (positive(5, 4, 3) * 80).astype(np.uint8)


def final(tf, resized, method):
    """The result; of areas, which have no gradient, behind a stop."""
    if method == tf.image.ResizeMethod.AREA:
        return tf.stop_gradient(resized, name="resized")
    return resized


def stopped(tf, results):
    """The results of an operation that has no gradient."""
    return [tf.stop_gradient(result, name="stopped") for result in results]


def add_sizes():
    for method in range(4):
        for size in ([3, 7], [10, 2], [5, 4]):
            case(
                f"resize_images/{method}/{size[0]}",
                lambda tf, a, m=method, s=size: final(
                    tf, tf.image.resize_images(a, s, method=m), m
                ),
                IMAGES,
            )
        case(
            f"resize_images/{method}/corners",
            lambda tf, a, m=method: final(
                tf, tf.image.resize_images(a, [9, 3], m, align_corners=True), m
            ),
            IMAGES,
        )
    case("resize_images/single", lambda tf, a: tf.image.resize_images(a, (2, 3)), IMAGE)
    case("resize_images/uint8", lambda tf, a: tf.image.resize_images(a, [7, 3]), BYTES)
    case("resize_bilinear", lambda tf, a: tf.image.resize_bilinear(a, [8, 8], name="r"), IMAGES)
    case(
        "resize_bilinear/centers",
        lambda tf, a: tf.image.resize_bilinear(a, [8, 3], half_pixel_centers=True),
        IMAGES,
    )
    case(
        "resize_nearest_neighbor",
        lambda tf, a: tf.image.resize_nearest_neighbor(a, [8, 3]),
        IMAGES,
    )
    case("resize_bicubic", lambda tf, a: tf.image.resize_bicubic(a, [8, 3]), IMAGES)


def add_turns():
    for name in ("flip_left_right", "flip_up_down", "transpose_image"):
        for what, image in (("one", IMAGE), ("many", IMAGES)):
            case(f"{name}/{what}", lambda tf, a, n=name: getattr(tf.image, n)(a), image)
    for k in range(4):
        case(
            f"rot90/{k}",
            lambda tf, a, n=k: tf.identity(tf.image.rot90(a, n), name="turned"),
            BYTES,
            shapes=[[None, None, 3]],
        )
    for name in ("random_flip_left_right", "random_flip_up_down"):
        for seed in (1, 2, 3):
            case(
                f"{name}/{seed}",
                lambda tf, a, n=name, s=seed: tf.identity(
                    getattr(tf.image, n)(a, seed=s), name="flipped"
                ),
                IMAGE,
            )
        case(f"{name}/many", lambda tf, a, n=name: getattr(tf.image, n)(a, seed=4), IMAGES)


def add_cuts():
    case("central_crop", lambda tf, a: tf.image.central_crop(a, 0.5), IMAGE)
    case("crop_to_bounding_box", lambda tf, a: tf.image.crop_to_bounding_box(a, 1, 0, 3, 2), IMAGE)
    case(
        "crop_to_bounding_box/many",
        lambda tf, a: tf.image.crop_to_bounding_box(
            a, offset_height=1, offset_width=0, target_height=3, target_width=2
        ),
        IMAGES,
    )
    case("pad_to_bounding_box", lambda tf, a: tf.image.pad_to_bounding_box(a, 1, 0, 7, 6), IMAGE)
    for height, width in ((3, 2), (7, 6), (3, 7)):
        case(
            f"resize_image_with_crop_or_pad/{height}{width}",
            lambda tf, a, h=height, w=width: tf.image.resize_image_with_crop_or_pad(
                a, target_height=h, target_width=w
            ),
            IMAGE,
        )
    case(
        "resize_image_with_crop_or_pad/unknown",
        lambda tf, a: tf.identity(tf.image.resize_image_with_crop_or_pad(a, 6, 3), name="r"),
        BYTES,
        shapes=[[None, None, 3]],
    )
    boxes = np.array([[[0.1, 0.2, 0.6, 0.9], [0.4, 0.0, 0.8, 0.5]]], np.float32)
    for seed in (1, 2, 77):
        case(
            f"sample_distorted_bounding_box/{seed}",
            lambda tf, a, s=seed: list(
                tf.image.sample_distorted_bounding_box(
                    a, bounding_boxes=boxes, seed=s, seed2=3, min_object_covered=0.3
                )
            ),
            ints(40, 31, 3),
        )
    case(
        "sample_distorted_bounding_box/whole",
        lambda tf, a: list(
            tf.image.sample_distorted_bounding_box(
                a,
                tf.zeros([1, 0, 4]),
                seed=5,
                seed2=6,
                area_range=[0.1, 0.5],
                aspect_ratio_range=[0.5, 2.0],
                use_image_if_no_bounding_boxes=True,
            )
        ),
        ints(64, 48, 3),
    )


def add_colours():
    for name, build in [
        ("convert/float", lambda tf, a: tf.image.convert_image_dtype(a, tf.float32)),
        ("convert/uint16", lambda tf, a: tf.image.convert_image_dtype(a, tf.uint16)),
        ("brightness", lambda tf, a: tf.image.adjust_brightness(a, 0.2)),
        ("contrast", lambda tf, a: tf.image.adjust_contrast(a, 1.5)),
        ("hue", lambda tf, a: tf.image.adjust_hue(a, delta=0.2)),
        ("saturation", lambda tf, a: tf.image.adjust_saturation(a, 0.4)),
        ("standardization", lambda tf, a: tf.image.per_image_standardization(a)),
        ("gray", lambda tf, a: tf.image.rgb_to_grayscale(a)),
        ("random_brightness", lambda tf, a: tf.image.random_brightness(a, max_delta=0.3, seed=1)),
        (
            "random_contrast",
            lambda tf, a: tf.image.random_contrast(a, lower=0.2, upper=1.8, seed=1),
        ),
        ("random_hue", lambda tf, a: tf.image.random_hue(a, 0.3, seed=1)),
        ("random_saturation", lambda tf, a: tf.image.random_saturation(a, 0.2, 1.8, seed=1)),
    ]:
        case(
            "image/" + name,
            lambda tf, a, b=build: tf.stop_gradient(b(tf, a), name="r"),
            IMAGE,
        )
        case(
            "image/" + name + "/uint8",
            lambda tf, a, b=build: tf.identity(b(tf, a), name="r"),
            BYTES,
        )
    case("image/brightness/name", lambda tf, a: tf.image.adjust_brightness(a, 0.2), IMAGE)
    case(
        "image/back",
        lambda tf, a: tf.image.convert_image_dtype(a, tf.uint8, saturate=True),
        IMAGE * 2,
    )
    case("image/standardization/name", lambda tf, a: tf.image.per_image_standardization(a), IMAGE)
    case("image/gray/name", lambda tf, a: tf.image.rgb_to_grayscale(a), IMAGE)
    case("rgb_to_hsv", lambda tf, a: tf.stop_gradient(tf.image.rgb_to_hsv(a), name="r"), IMAGE)
    case(
        "hsv_to_rgb", lambda tf, a: tf.stop_gradient(tf.image.hsv_to_rgb(a), name="r"), IMAGE * 0.9
    )
    case("grayscale_to_rgb", lambda tf, a: tf.image.grayscale_to_rgb(a), IMAGE[..., :1])


def add_measures():
    first, second = positive(2, 13, 14, 3) / np.float32(3), positive(2, 14, 13, 3) / np.float32(3)
    pair = first, second.transpose(0, 2, 1, 3)
    tall = positive(1, 80, 96, 1) / np.float32(3)
    for name, build, *images in [
        ("psnr", lambda tf, a, b: tf.image.psnr(a, b, max_val=1.0), *pair),
        ("ssim", lambda tf, a, b: tf.image.ssim(a, b, 1.0), *pair),
        (
            "ssim/window",
            lambda tf, a, b: tf.image.ssim(a, b, 1.0, filter_size=7, filter_sigma=1.0, k1=0.02),
            *pair,
        ),
        (
            "ssim_multiscale",
            lambda tf, a, b: tf.image.ssim_multiscale(a, b, 1.0, power_factors=(0.5, 0.3, 0.2)),
            tall,
            tall * np.float32(0.9),
        ),
    ]:
        case(name, lambda tf, a, b, f=build: tf.identity(f(tf, a, b), name="measure"), *images)
    bytes_ = [(image * 255).astype(np.uint8) for image in pair]
    case("psnr/uint8", lambda tf, a, b: tf.identity(tf.image.psnr(a, b, 255), name="m"), *bytes_)
    case("total_variation", lambda tf, a: tf.image.total_variation(a), IMAGES)
    case("total_variation/one", lambda tf, a: tf.image.total_variation(a), IMAGE)
    case("image_gradients", lambda tf, a: list(tf.image.image_gradients(a)), IMAGES)
    case("sobel_edges", lambda tf, a: tf.image.sobel_edges(a), IMAGES)
    for name in ("rgb_to_yiq", "yiq_to_rgb", "rgb_to_yuv", "yuv_to_rgb"):
        case(name, lambda tf, a, n=name: getattr(tf.image, n)(a), IMAGE)
    case("rgb_to_hsv/gradient", lambda tf, a: tf.image.rgb_to_hsv(a), IMAGE)
    for k in (-1, 1, 2, 3, 8):
        case(
            f"rot90/tensor/{k}",
            lambda tf, a, k: tf.identity(tf.image.rot90(a, k), name="turned"),
            BYTES,
            np.array(k, np.int32),
        )


def add_boxes():
    boxes = np.array(
        [[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [1, 100, 0, 101]],
        np.float32,
    )
    scores = np.array([0.9, 0.75, 0.6, 0.95, 0.3], np.float32)
    overlaps = np.minimum(1, np.abs(normal(5, 5)))
    for name, build, *inputs in [
        ("", lambda tf, b, s: tf.image.non_max_suppression(b, s, 3, iou_threshold=0.5), boxes),
        ("/all", lambda tf, b, s: tf.image.non_max_suppression(b, s, 30, 0.9), boxes),
        ("/score", lambda tf, b, s: tf.image.non_max_suppression(b, s, 3, 0.5, 0.7), boxes),
        (
            "_padded",
            lambda tf, b, s: list(
                tf.image.non_max_suppression_padded(b, s, 4, 0.5, pad_to_max_output_size=True)
            ),
            boxes,
        ),
        (
            "_with_scores",
            lambda tf, b, s: stopped(
                tf, tf.image.non_max_suppression_with_scores(b, s, 4, 0.5, 0.1, soft_nms_sigma=0.5)
            ),
            boxes,
        ),
        (
            "_overlaps",
            lambda tf, o, s: tf.image.non_max_suppression_overlaps(o, s, 4, 0.6, 0.4),
            overlaps,
        ),
    ]:
        case(f"non_max_suppression{name}", build, *inputs, scores)
    case(
        "combined_non_max_suppression",
        lambda tf, b, s: stopped(
            tf, tf.image.combined_non_max_suppression(b, s, 2, 3, iou_threshold=0.5)
        ),
        boxes.reshape(1, 5, 1, 4).repeat(2, axis=0),
        positive(2, 5, 3),
    )
    for method in ("bilinear", "nearest"):
        case(
            f"crop_and_resize/{method}",
            lambda tf, a, b, m=method: tf.image.crop_and_resize(
                a, b, box_ind=[0, 1, 1, 0, 1], crop_size=[3, 4], method=m, extrapolation_value=0.5
            ),
            IMAGES,
            boxes * np.float32(0.8),
        )
    case("resize_image_with_pad", lambda tf, a: tf.image.resize_image_with_pad(a, 9, 7), IMAGES)


def add_png():
    for channels in (0, 1, 3, 4):
        case(
            f"decode_png/{channels}",
            lambda tf, c=channels: tf.image.decode_png(base64.b64decode(PNG), channels=c),
        )
    case(
        "decode_png/uint16",
        lambda tf: tf.image.decode_png(base64.b64decode(PNG), dtype=tf.uint16),
    )
    for dtype, channels in ((np.uint8, 1), (np.uint8, 3), (np.uint16, 4)):
        pixels = (np.abs(normal(5, 4, channels)) * 60).astype(dtype)
        case(
            f"encode_png/{pixels.dtype.name}/{channels}",
            lambda tf, a, d=pixels.dtype.name: tf.image.decode_png(
                tf.image.encode_png(a), dtype=getattr(tf, d)
            ),
            pixels,
        )


#: Written by libpng, with every kind of filter.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAJCAYAAADkZNYtAAAArElEQVQYlWNkYGD4L8LAwEAMZmGQZGBgYGD+TwxG"
    "Usz2jxBGU8z5Fx9mXsNV6vh4X0vnFYPVTkwn9J7IWbPe6dijcm2lRLzP7V/Thf+2n+bIPsT7Jl8s5CGL+zu5y4/W"
    "xEYdE8rS+11cWu5tcv32xQnhfBrB93KWubyuZZpTKrnnAv/19yd+WTAyTGP4L8Ig9IsYjMXNPH8YGPh/MzAI/WJg"
    "EP2JjIlQLPEDhgGHDm680jIAIwAAAABJRU5ErkJggg=="
)

for _add in (add_sizes, add_turns, add_cuts, add_colours, add_measures, add_boxes, add_png):
    _add()
