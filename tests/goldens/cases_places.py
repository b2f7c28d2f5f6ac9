"""Cases of arrays: where elements go, found, repeated, rolled, cut out, and passed on."""

import numpy as np
from goldens.case import bools, case, floats, forms, ints, normal, positive, public

A, CUBE = normal(2, 3), normal(2, 3, 4)
LINE = normal(5).astype("f8")
PICTURES = normal(2, 5, 6, 3)


def longs(*values):
    return np.array(values, np.int64)


def add_sizes():
    scalar = floats(2.5)[0]
    forms("fill", lambda tf, a: tf.fill([2, 3], a), (scalar,), (np.float64(0.5),))
    forms("fill/line", lambda tf, a: tf.fill([4], a), (scalar,), (np.int64(-3),))
    forms("linspace", lambda tf, a, b: tf.linspace(a, b, 5), (np.float64(-1), np.float64(2)))
    forms("rank", public("rank"), (CUBE,), (ints(1),))
    case("rank/no_shape", public("rank"), CUBE, shapes=[None])
    case("rank/no_shape/float64", public("rank"), LINE, shapes=[None])
    forms("shape_n", lambda tf, a, b: list(tf.shape_n([a, b])), (A, CUBE[0]), (LINE, LINE[:2]))
    case("shape_n/int64", lambda tf, a: list(tf.shape_n([a], tf.int64)), LINE, shapes=[None])
    forms("broadcast_to", lambda tf, a: tf.broadcast_to(a, [2, 4, 3]), (A[:1],), (LINE[:3],))
    case("broadcast_to/by_tensor", public("broadcast_to"), A[:, :1], ints(2, 2))
    pairs = (ints(3, 1, 4), ints(2, 1)), (longs(5), longs(2, 1, 5)), (ints(3, 1), ints(3, 1))
    forms("broadcast_args", lambda tf, a, b: tf.raw_ops.BroadcastArgs(s0=a, s1=b), *pairs)
    forms(
        "broadcast_gradient_args",
        lambda tf, a, b: list(tf.raw_ops.BroadcastGradientArgs(s0=a, s1=b)),
        *pairs,
    )
    case("placeholder_with_default", lambda tf, a: tf.placeholder_with_default(a, [2, None]), A)
    case("placeholder_with_default/rank", lambda tf, a: tf.placeholder_with_default(a, None), LINE)


def add_joins():
    offsets = lambda tf, a, b: list(tf.raw_ops.ConcatOffset(concat_dim=0, shape=[a, b, b]))  # noqa: E731
    forms("concat_offset", offsets, (ints(2, 4), ints(5, 4)), (ints(7), ints(1)))
    case("split/line", lambda tf, a: tf.split(a, [3, -1], 0), LINE)
    case("split/middle", lambda tf, a: tf.split(a, [1, 0, 2], 1), CUBE)
    flags = bools([True, False, True], [False, False, True])
    forms(
        "where_v2",
        public("where_v2"),
        (flags, A, A + 1),
        (flags[:, :1], A, floats(1.0, 2.0, 3.0)),
        (flags[0], LINE[:3], np.float64(0)),
        (flags, A[:, :1], A[0]),
    )
    for name in ("DynamicStitch", "ParallelDynamicStitch"):
        stitch = lambda tf, n=name, **inputs: getattr(tf.raw_ops, n)(**inputs)  # noqa: E731
        forms(
            f"stitch/{name}",
            lambda tf, a, b, s=stitch: s(tf, indices=[[0, 2], [1]], data=[a, b]),
            (normal(2, 3).astype("f8"), normal(1, 3).astype("f8")),
            (ints(5, 7), ints(6)),
        )
        case(
            f"stitch/{name}/ranks",
            lambda tf, a, s=stitch: s(tf, indices=[2, [[1], [0]]], data=[a[0], a[1:3, None]]),
            normal(4),
        )
    parts = lambda tf, a: tf.dynamic_partition(a, [1, 0, 1], 2)  # noqa: E731
    forms("dynamic_partition", parts, (LINE[:3],), (normal(3, 2, 2),))


def add_moves():
    for shift, axis in ((1, 0), (-7, 1), ([2, 1], [0, -1]), ([1, 1], [1, 1])):
        forms(
            f"roll/{shift}/{axis}",
            lambda tf, a, s=shift, x=axis: tf.roll(a, s, x),
            (CUBE,),
            (ints([1, 2], [3, 4]),),
        )
    case("roll/line", lambda tf, a: tf.roll(a, 2, 0), LINE)
    case("pad_v2/float64", lambda tf, a: tf.pad(a, [[1, 2]], constant_values=0.5), LINE)
    for mode in ("REFLECT", "SYMMETRIC"):
        case(f"pad/{mode}/line", lambda tf, a, m=mode: tf.pad(a, [[2, 1]], mode=m), LINE)
    forms("diag_part", public("diag_part"), (normal(2, 3, 2, 3).astype("f8"),))
    forms("matrix_diag", public("matrix_diag"), (LINE,), (normal(2, 1, 3),))
    forms("matrix_set_diag", public("matrix_set_diag"), (normal(3, 2).astype("f8"), LINE[:2]))
    for name, pixels in (("space_to_depth", (1, 4, 2, 3)), ("depth_to_space", (2, 1, 2, 8))):
        blocks = lambda tf, a, n=name: getattr(tf, n)(a, 2)  # noqa: E731
        forms(name, blocks, (normal(*pixels).astype("f8"),))
    for sizes, strides, rates, padding in [
        ([1, 2, 3, 1], [1, 1, 2, 1], [1, 1, 1, 1], "VALID"),
        ([1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME"),
        ([1, 2, 2, 1], [1, 1, 1, 1], [1, 2, 3, 1], "SAME"),
    ]:
        forms(
            f"extract_image_patches/{padding}/{sizes[1]}{rates[1]}",
            lambda tf, a, k=sizes, s=strides, r=rates, p=padding: tf.extract_image_patches(
                a, sizes=k, strides=s, rates=r, padding=p
            ),
            (PICTURES,),
            (PICTURES[:1, :4, :, :2].astype("f8"),),
        )
    case(
        "scatter_nd/repeated",
        lambda tf, a: tf.scatter_nd([[1, 0], [0, 2], [1, 0]], a, [2, 3]),
        LINE[:3],
    )


def add_searches():
    rows = np.sort(normal(2, 6), axis=1)
    searches = ((rows, normal(2, 3)), (ints([1, 2, 2, 2, 5]), ints([2, 6, 0, 3])))
    for name in ("LowerBound", "UpperBound"):
        forms(
            f"search/{name}",
            lambda tf, a, b, n=name: getattr(tf.raw_ops, n)(sorted_inputs=a, values=b),
            *searches,
        )
    for side in ("left", "right"):
        forms(
            f"searchsorted/{side}",
            lambda tf, a, b, s=side: tf.searchsorted(a, b, s, out_type=tf.int64),
            *searches,
        )
    forms(
        "bucketize",
        lambda tf, a: tf.raw_ops.Bucketize(input=a, boundaries=[-1.0, 0.0, 2.5]),
        (A,),
        (LINE,),
        (longs(-1, 0, 3, -5),),
    )
    forms("unravel_index", public("unravel_index"), (ints(5, 0, 4), ints(2, 3)))
    forms("unravel_index", public("unravel_index"), (longs(22)[0], longs(2, 3, 4)))


def add_passing():
    for name in ("Snapshot", "GuaranteeConst"):
        forms(  # TensorFlow has no gradient of either
            f"passing/{name}",
            lambda tf, a, n=name: tf.stop_gradient(getattr(tf.raw_ops, n)(input=a), name="r"),
            (A,),
            (bools(True),),
            (LINE,),
        )
    forms(
        "passing/PreventGradient",
        lambda tf, a: tf.raw_ops.PreventGradient(input=a, message="stop"),
        (ints(1, 2),),
        (longs(3),),
    )
    forms("identity_n", lambda tf, a, b: list(tf.identity_n([a, b * 2])), (A, LINE), (LINE, CUBE))
    case("ensure_shape", lambda tf, a: tf.ensure_shape(a, [2, None]), A, shapes=[[None, 3]])
    case("ensure_shape/float64", lambda tf, a: tf.ensure_shape(a, [5]), LINE, shapes=[None])
    case("check_numerics/float64", lambda tf, a: tf.check_numerics(a, "x"), LINE)
    case("Print/float64", lambda tf, a: tf.Print(a, [a], "a: ", first_n=0), LINE)
    forms("zeros_like", public("zeros_like"), (ints(3),), (bools(True),), (CUBE,))
    forms(
        "py_func/stateless",
        lambda tf, a: tf.py_func(lambda x: x[::-1].copy(), [a], [a.dtype], stateful=False),
        (ints(1, 2, 3),),
        (longs([1, 2], [4, 5]),),
    )
    twin = lambda tf, a: tf.py_func(lambda x: -x, [a], a.dtype)  # noqa: E731
    forms("py_func/number", twin, (ints(4)[0],), (longs([1], [5]),))
    forms("stop_gradient", lambda tf, a: a * tf.stop_gradient(a), (LINE,), (positive(2, 2),))


for _add in (add_sizes, add_joins, add_moves, add_searches, add_passing):
    _add()
