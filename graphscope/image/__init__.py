"""Functions of images, under TensorFlow's names (tf.image)."""

from graphscope.later import later as _later

with _later(__name__):
    from graphscope.ops.bounding import sample_distorted_bounding_box
    from graphscope.ops.color import (
        adjust_brightness,
        adjust_contrast,
        adjust_gamma,
        adjust_hue,
        adjust_saturation,
        convert_image_dtype,
        grayscale_to_rgb,
        hsv_to_rgb,
        per_image_standardization,
        random_brightness,
        random_contrast,
        random_hue,
        random_saturation,
        rgb_to_grayscale,
        rgb_to_hsv,
        rgb_to_yiq,
        rgb_to_yuv,
        yiq_to_rgb,
        yuv_to_rgb,
    )
    from graphscope.ops.cropping import crop_and_resize
    from graphscope.ops.differences import image_gradients, sobel_edges, total_variation
    from graphscope.ops.image import (
        central_crop,
        crop_to_bounding_box,
        flip_left_right,
        flip_up_down,
        pad_to_bounding_box,
        random_flip_left_right,
        random_flip_up_down,
        resize_image_with_crop_or_pad,
        rot90,
        transpose_image,
    )
    from graphscope.ops.image import resize_image_with_crop_or_pad as resize_with_crop_or_pad
    from graphscope.ops.image import transpose_image as transpose
    from graphscope.ops.image_quality import psnr, ssim, ssim_multiscale
    from graphscope.ops.patches import extract_image_patches

    # Names that two functions share.
    from graphscope.ops.patches import extract_image_patches as extract_patches
    from graphscope.ops.png import decode_image, decode_png, encode_png
    from graphscope.ops.resizing import (
        ResizeMethod,
        resize_area,
        resize_bicubic,
        resize_bilinear,
        resize_images,
        resize_nearest_neighbor,
    )
    from graphscope.ops.resizing import resize_images as resize
    from graphscope.ops.scaling import resize_image_with_pad
    from graphscope.ops.shuffling import random_crop
    from graphscope.ops.suppression import (
        combined_non_max_suppression,
        non_max_suppression,
        non_max_suppression_overlaps,
        non_max_suppression_padded,
        non_max_suppression_with_scores,
    )

__all__ = [
    "ResizeMethod",
    "adjust_brightness",
    "adjust_contrast",
    "adjust_gamma",
    "adjust_hue",
    "adjust_saturation",
    "central_crop",
    "combined_non_max_suppression",
    "convert_image_dtype",
    "crop_and_resize",
    "crop_to_bounding_box",
    "decode_image",
    "decode_png",
    "encode_png",
    "extract_image_patches",
    "extract_patches",
    "flip_left_right",
    "flip_up_down",
    "grayscale_to_rgb",
    "hsv_to_rgb",
    "image_gradients",
    "non_max_suppression",
    "non_max_suppression_overlaps",
    "non_max_suppression_padded",
    "non_max_suppression_with_scores",
    "pad_to_bounding_box",
    "per_image_standardization",
    "psnr",
    "random_brightness",
    "random_contrast",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "random_hue",
    "random_saturation",
    "resize",
    "resize_area",
    "resize_bicubic",
    "resize_bilinear",
    "resize_image_with_crop_or_pad",
    "resize_image_with_pad",
    "resize_images",
    "resize_nearest_neighbor",
    "resize_with_crop_or_pad",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "rgb_to_yiq",
    "rgb_to_yuv",
    "rot90",
    "sample_distorted_bounding_box",
    "sobel_edges",
    "ssim",
    "ssim_multiscale",
    "total_variation",
    "transpose",
    "transpose_image",
    "yiq_to_rgb",
    "yuv_to_rgb",
]
