"""Cases of derivatives of derivatives, and of the operations that only gradients are made of."""

import numpy as np
from goldens.case import forms, normal, positive

A, B = normal(2, 3), positive(2, 3)
CUBE = normal(2, 3, 4)
LINE, POSITIVE_LINE = normal(5).astype("f8"), positive(5).astype("f8")
PICTURES = normal(1, 4, 4, 2)
DEFINITE = (np.diag([2.0, 3.0, 4.0]) + normal(3, 3).T * 0.2).astype("f8")


def slope(tf, build, *inputs):
    """The gradient of the sum of squares, through which there is a gradient again."""
    total = tf.reduce_sum(tf.square(build(tf, *inputs)))
    return tf.identity(tf.gradients(total, inputs[0])[0], name="slope")


def add_second():
    builders = {
        "sum": lambda tf, a: tf.reduce_sum(a, 0),
        "sum/keep": lambda tf, a: tf.reduce_sum(a, [-1], keep_dims=True),
        "mean": lambda tf, a: tf.reduce_mean(a, 0),
        "mean/keep": lambda tf, a: tf.reduce_mean(a, [-1], keep_dims=True),
        "prod": lambda tf, a: tf.reduce_prod(a, 0),
        "prod/last": lambda tf, a: tf.reduce_prod(a, -1),
        "broadcast": lambda tf, a: a * np.ones([2, *a.shape.as_list()], a.dtype.name),
        "strided_slice": lambda tf, a: a[1:, ..., ::2],
        "slice": lambda tf, a: tf.slice(a, [1] + [0] * (a.shape.ndims - 1), [-1] * a.shape.ndims),
        "gather": lambda tf, a: tf.gather(a, [1, 0, 1]),
        "gather/axis": lambda tf, a: tf.gather(a, [1, 0, 1], axis=a.shape.ndims - 1),
        "concat": lambda tf, a: tf.concat([a, a * 2], -1),
        "tile": lambda tf, a: tf.tile(a, [2] * a.shape.ndims),
        "mirror_pad": lambda tf, a: tf.pad(a, [[1, 1]] * a.shape.ndims, mode="REFLECT"),
        "mirror_pad/edge": lambda tf, a: tf.pad(a, [[1, 0]] * a.shape.ndims, mode="SYMMETRIC"),
        "add_n": lambda tf, a: tf.add_n([a, tf.tanh(a)]),
        "cumsum": lambda tf, a: tf.cumsum(a, exclusive=True),
        "max": lambda tf, a: tf.reduce_max(a, 0),
    }
    for name, build in builders.items():
        forms(
            f"second/{name}",
            lambda tf, a, f=build: slope(tf, f, a),
            (normal(3, 2),),
            (normal(2, 3, 2).astype("f8"),),
        )
    functions = ("sqrt", "rsqrt", "reciprocal", "sigmoid", "tanh", "log", "exp", "nn.softplus")
    for name in (*functions, "nn.elu", "nn.selu", "nn.relu", "nn.relu6"):
        function = name.rpartition(".")
        forms(
            f"second/{name}",
            lambda tf, a, f=function: slope(
                tf, lambda tf, x: getattr(tf.nn if f[0] else tf, f[2])(x), a
            ),
            (B,),
            (POSITIVE_LINE,),
        )


def add_slopes_alone():
    for name in ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "InvGrad", "SigmoidGrad", "TanhGrad"):
        forms(
            f"slope/{name}",
            lambda tf, a, b, n=name: getattr(tf.raw_ops, n)(y=a, dy=b),
            (B, A),
            (POSITIVE_LINE, LINE),
        )
    forms(
        "slope/ExtractImagePatches",
        lambda tf, a: slope(
            tf,
            lambda tf, x: tf.extract_image_patches(
                x, sizes=[1, 2, 2, 1], strides=[1, 1, 2, 1], rates=[1, 1, 1, 1], padding="SAME"
            ),
            a,
        ),
        (PICTURES,),
        (PICTURES[:, :3].astype("f8"),),
    )


for _add in (add_second, add_slopes_alone):
    _add()
