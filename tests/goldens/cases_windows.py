"""Cases of windows that slide over pictures and volumes, in further types, differentiated twice.

Besides: colours, sizes, samples, and orders of axes that had one form so far.
"""

import numpy as np
from goldens.case import case, forms, ints, normal, positive
from goldens.running import result_weights

PICTURES = normal(2, 5, 6, 3)
DOUBLES = normal(1, 4, 5, 2).astype("f8")
VOLUMES = normal(1, 4, 3, 4, 2)
DOUBLE_VOLUMES = normal(1, 3, 4, 3, 1).astype("f8")


def twice(tf, build, inputs):
    """The gradients, by all inputs, of the sum of squares."""
    total = tf.reduce_sum(tf.square(build(tf, *inputs)))
    found = tf.gradients(total, list(inputs))
    return [tf.identity(slope, name="slope") for slope in found]


def second(name, build, *groups):
    forms(f"{name}/second", lambda tf, *inputs: twice(tf, build, inputs), *groups)


def add_pools():
    for kind in ("max_pool", "avg_pool"):
        for padding, size, step in (("SAME", 2, 2), ("VALID", 3, 1)):
            pool = lambda tf, a, k=kind, p=padding, n=size, s=step: getattr(tf.nn, k)(  # noqa: E731
                a, ksize=[1, n, n, 1], strides=[1, s, s, 1], padding=p
            )
            forms(f"{kind}/{padding}", pool, (DOUBLES,))
            second(f"{kind}/{padding}", pool, (DOUBLES,), (PICTURES,))
            volume = lambda tf, a, k=kind, p=padding, n=size, s=step: getattr(tf.nn, k + "3d")(  # noqa: E731
                a, ksize=[1, n, n, n, 1], strides=[1, s, s, s, 1], padding=p
            )
            other = DOUBLE_VOLUMES.astype("f4") if kind == "max_pool" else DOUBLE_VOLUMES
            forms(f"{kind}3d/{padding}", volume, (VOLUMES,), (other,))
            second(f"{kind}3d/{padding}", volume, (VOLUMES,), (other,))
    both = {"strides": [1, 2, 2, 1], "padding": "SAME"}
    fixed = {"ksize": [1, 2, 2, 1], **both}
    sized = {"ksize": [1, 2, 3, 1], "strides": [1, 1, 2, 1], "padding": "VALID"}
    third = {  # twice differentiated, and the goldens are differentiated once more
        "max_pool": (lambda tf, a: tf.nn.max_pool(a, 2, 2, "SAME"), DOUBLES, PICTURES),
        "max_pool3d": (lambda tf, a: tf.nn.max_pool3d(a, 2, 2, "SAME"), VOLUMES, VOLUMES[:, 1:]),
    }
    for name, (pool, *groups) in third.items():
        steep = lambda tf, a, f=pool: twice(tf, f, [a])[0]  # noqa: E731
        forms(f"{name}/third", lambda tf, a, f=steep: twice(tf, f, [a]), *[(x,) for x in groups])
    v2 = lambda tf, a: tf.raw_ops.MaxPoolV2(input=a, **sized)  # noqa: E731
    forms("max_pool_v2", v2, (PICTURES,), (DOUBLES,))
    second("max_pool_v2", v2, (PICTURES,), (DOUBLES,))
    argmax = lambda tf, a: tf.nn.max_pool_with_argmax(a, **fixed)  # noqa: E731
    forms("max_pool_with_argmax", lambda tf, a: list(argmax(tf, a)), (PICTURES,), (DOUBLES,))
    forms(
        "slope/MaxPoolGradWithArgmax",
        lambda tf, a: tf.stop_gradient(
            tf.raw_ops.MaxPoolGradWithArgmax(
                input=a, grad=argmax(tf, a)[0] * 2, argmax=argmax(tf, a)[1], **fixed
            )
        ),
        (PICTURES,),
        (DOUBLES,),
    )


def add_convolutions():
    kernel, double_kernel = normal(2, 3, 3, 2), normal(2, 2, 2, 3).astype("f8")
    wide = PICTURES.astype("f8"), kernel.astype("f8")
    small, other = (DOUBLES, double_kernel), (DOUBLE_VOLUMES, normal(2, 1, 2, 1, 2).astype("f8"))
    for padding in ("SAME", "VALID"):
        plain = lambda tf, a, b, p=padding: tf.nn.conv2d(a, b, [1, 2, 1, 1], p)  # noqa: E731
        second(f"conv2d/{padding}", plain, wide, small)
        deep = lambda tf, a, b, p=padding: tf.nn.depthwise_conv2d(a, b, [1, 1, 1, 1], p)  # noqa: E731
        second(f"depthwise_conv2d/{padding}", deep, wide, small)
        cubes = lambda tf, a, b, p=padding: tf.nn.conv3d(a, b, [1, 2, 1, 1, 1], p)  # noqa: E731
        groups = (VOLUMES, normal(2, 2, 3, 2, 1)), other
        forms(f"conv3d/{padding}", cubes, *groups)
        second(f"conv3d/{padding}", cubes, *groups)
        grown = lambda tf, a, b, p=padding: tf.nn.dilation2d(  # noqa: E731
            a, b, [1, 1, 2, 1], [1, 2, 1, 1], p
        )
        flat = (PICTURES, kernel[..., 0]), (DOUBLES, double_kernel[..., 0])
        forms(f"dilation2d/{padding}", grown, *flat)


def weighted_norm(tf, pictures, scale):
    """Weighted, as the sum of squares of what is normalized is always the same."""
    normalized = tf.nn.fused_batch_norm(pictures, scale, tf.zeros([3]))[0]
    return normalized * result_weights(pictures.shape.as_list(), "f4")


def add_channels():
    line, double_line = normal(3), normal(2).astype("f8")
    added = lambda tf, a, b: tf.nn.bias_add(a, b)  # noqa: E731
    second("bias_add", added, (PICTURES, line), (DOUBLES, double_line))
    forms("bias_add_v1", lambda tf, a, b: tf.raw_ops.BiasAddV1(value=a, bias=b), (
        PICTURES, line), (DOUBLES, double_line))  # fmt: skip
    groups = (PICTURES, positive(3)), (normal(1, 3, 2, 3), positive(3))
    second("fused_batch_norm", weighted_norm, *groups)
    leaky = lambda tf, a: tf.nn.leaky_relu(a, 0.3)  # noqa: E731
    second("leaky_relu", leaky, (normal(2, 3),), (normal(5).astype("f8"),))


def add_sizes():
    for name in ("bilinear", "bicubic", "nearest_neighbor"):
        resize = lambda tf, a, n=name: getattr(tf.image, "resize_" + n)(a, [3, 7])  # noqa: E731
        forms(f"resize_{name}", resize, (normal(1, 4, 5, 2),))
    area = lambda tf, a: tf.stop_gradient(tf.image.resize_area(a, [3, 7]))  # noqa: E731
    forms("resize_area", area, (normal(1, 4, 5, 2),))


def add_colours():
    pixels, bright = positive(2, 2, 3) / np.float32(3), positive(3, 1, 2, 3) / np.float32(3)
    for name, amounts in (("contrast", 1.5), ("hue", 0.2), ("saturation", 0.6)):
        changed = lambda tf, a, n=name, x=amounts: tf.stop_gradient(  # noqa: E731
            getattr(tf.image, "adjust_" + n)(a, x), name="changed"
        )
        forms(f"adjust_{name}", changed, (pixels,), (bright,))
    forms("rgb_to_hsv", lambda tf, a: tf.image.rgb_to_hsv(a), (pixels,), (bright,))
    back = lambda tf, a: tf.stop_gradient(tf.image.hsv_to_rgb(a))  # noqa: E731
    forms("hsv_to_rgb", back, (pixels,), (bright.astype("f8"),))


def add_boxes():
    boxes = (np.abs(normal(6, 4)) % 1)[:, [0, 1, 2, 3]] + np.array([0, 0, 0.5, 0.6], "f4")
    scores = positive(6)
    limits = {"max_output_size": 4, "iou_threshold": 0.4, "score_threshold": 0.5}
    suppressions = {
        "V3": limits,
        "V4": dict(limits, pad_to_max_output_size=True),
        "V5": dict(limits, soft_nms_sigma=0.3),
    }
    for name, options in suppressions.items():
        forms(
            f"non_max_suppression/{name}",
            lambda tf, a, b, n=name, k=options: stopped(
                tf, getattr(tf.raw_ops, "NonMaxSuppression" + n)(boxes=a, scores=b, **k)
            ),
            (boxes, scores),
            (boxes[:3], scores[2:5]),
        )
    forms(
        "non_max_suppression/overlaps",
        lambda tf, a, b: tf.image.non_max_suppression_overlaps(a, b, 3, 0.5, 0.2),
        (np.abs(normal(4, 4)) % 1, positive(4)),
    )
    forms(
        "non_max_suppression/combined",
        lambda tf, a, b: stopped(tf, tf.image.combined_non_max_suppression(a, b, 2, 4, 0.5, 0.3)),
        (boxes.reshape(1, 6, 1, 4), positive(1, 6, 2)),
    )
    for method in ("bilinear", "nearest"):
        forms(
            f"crop_and_resize/{method}",
            lambda tf, a, b, m=method: tf.image.crop_and_resize(
                a, b, [0, 1, 0, 1, 1, 0][: b.shape.as_list()[0]], [2, 3], method=m
            ),
            (PICTURES, boxes),
            (normal(2, 4, 4, 1), boxes[:2]),
        )
    for kernel in ("lanczos3", "triangle"):
        forms(
            f"scale_and_translate/{kernel}",
            lambda tf, a, k=kernel: tf.raw_ops.ScaleAndTranslate(
                images=a,
                size=[4, 3],
                scale=[0.75, 1.5],
                translation=[0.5, -1.0],
                kernel_type=k,
                antialias=k == "triangle",
            ),
            (PICTURES,),
            (normal(1, 4, 5, 2),),
        )
    for channels in (1, 3):
        case(
            f"decode_png/size/{channels}",
            lambda tf, c=channels: tf.image.decode_png(
                tf.image.encode_png(np.arange(6 * c).reshape(2, 3, c).astype("u1") * 9), channels=c
            ),
        )


def stopped(tf, results):
    """The results, of which TensorFlow has no gradient, as a list."""
    listed = results if isinstance(results, (list, tuple)) else [results]
    return [tf.stop_gradient(t) if t.dtype.is_floating else t for t in listed]


def add_orders():
    for source, target in (("NHWC", "NCHW"), ("NCHW", "NHWC")):
        orders = {"src_format": source, "dst_format": target}
        forms(
            f"data_format_dim_map/{source}",
            lambda tf, a, k=orders: tf.raw_ops.DataFormatDimMap(x=a, **k),
            (ints(0, 1, -1, 2),),
            (ints([3], [-2]).astype("i8"),),
        )
        forms(
            f"data_format_vec_permute/{source}",
            lambda tf, a, k=orders: tf.raw_ops.DataFormatVecPermute(x=a, **k),
            (ints(7, 8, 9, 10),),
            (ints([1, 2], [3, 4], [5, 6], [7, 8]).astype("i8"),),
        )


def add_samples():
    for rows in (2, 3):
        classes = np.arange(rows * 2).reshape(rows, 2).astype("i8")
        case(
            f"all_candidate_sampler/{rows}",
            lambda tf, a: [*tf.nn.all_candidate_sampler(a, 2, 9, True)],
            classes,
        )
        for name in ("log_uniform", "uniform"):
            case(
                f"{name}_candidate_sampler/{rows}",
                lambda tf, a, n=name: [
                    *getattr(tf.nn, n + "_candidate_sampler")(a, 2, 5, True, 20, seed=4)
                ],
                classes,
            )
    forms(
        "multinomial",
        lambda tf, a: tf.multinomial(tf.stop_gradient(a), 4, seed=6),
        (normal(2, 5).astype("f8"),),
        (normal(1, 2),),
    )


for _add in (
    add_pools,
    add_convolutions,
    add_channels,
    add_sizes,
    add_colours,
    add_boxes,
    add_orders,
    add_samples,
):
    _add()
