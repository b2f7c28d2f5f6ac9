"""Cases of sparse tensors, of sets, and of segments in further types and sizes."""

import numpy as np
from goldens.case import case, forms, ints, normal, positive, public

PLACES = np.array([[0, 1], [1, 0], [2, 3]], np.int64)
OTHERS = np.array([[0, 1], [1, 2], [2, 0], [2, 3]], np.int64)
LINE_PLACES = np.array([[1], [2], [4]], np.int64)
SIZES = [3, 4]
VALUES, OTHER_VALUES = normal(3), normal(4)
DOUBLES, OTHER_DOUBLES = VALUES.astype("f8"), OTHER_VALUES.astype("f8")
WHOLE, OTHER_WHOLE = ints(4, -2, 7), ints(1, 5, -3, 2)
LEFT, RIGHT = ints([1, 5, 5, 9], [2, 2, 3, 7]), ints([5, 6, 1], [7, 8, 9])
PAIR = (VALUES, OTHER_VALUES), (WHOLE, OTHER_WHOLE)


def matrix(tf, values):
    return tf.SparseTensor(PLACES, values, SIZES)


def other(tf, values):
    return tf.SparseTensor(OTHERS, values, SIZES)


def line(tf, values):
    return tf.SparseTensor(LINE_PLACES, values, [6])


def parts(sparse):
    return [sparse.indices, sparse.values, sparse.dense_shape]


def stopped(tf, sparse):
    """Its parts; TensorFlow has no gradient of its elements."""
    return [sparse.indices, tf.stop_gradient(sparse.values), sparse.dense_shape]


def add_sums():
    for threshold in (0, 0.5):
        forms(
            f"sparse_add/{threshold}",
            lambda tf, a, b, t=threshold: parts(
                tf.sparse_add(matrix(tf, a), other(tf, b), thresh=np.array(t, a.dtype.name))
            ),
            (VALUES, OTHER_VALUES),
            (DOUBLES, OTHER_DOUBLES),
        )
    forms(
        "sparse_add/dense",
        lambda tf, a, b: tf.sparse_add(matrix(tf, a), b),
        (VALUES, normal(3, 4)),
        (DOUBLES, normal(3, 4).astype("f8")),
    )
    forms(
        "sparse_add/line", lambda tf, a, b: tf.sparse_add(line(tf, a), b), (WHOLE, ints(*range(6)))
    )
    for name in ("sparse_maximum", "sparse_minimum"):
        forms(
            name,
            lambda tf, a, b, n=name: stopped(tf, getattr(tf, n)(matrix(tf, a), other(tf, b))),
            *PAIR,
        )
    for name in ("Mul", "Div", "Add"):
        forms(
            f"sparse_dense/{name}",
            lambda tf, a, b, n=name: stop_unless(n != "Add", tf)(
                getattr(tf.raw_ops, "SparseDenseCwise" + n)(
                    sp_indices=PLACES, sp_values=a, sp_shape=SIZES, dense=b
                )
            ),
            (VALUES, positive(3, 4)),
            (DOUBLES, positive(4).astype("f8")),
        )


def stop_unless(differentiable, tf):
    """What a result is passed through: TensorFlow has no gradient of some operations."""
    return tf.identity if differentiable else tf.stop_gradient


def add_reductions():
    for axis, keep in ((None, False), (1, True), ([0], False), ([-1, 0], True)):
        for name, inputs in (
            ("sparse_reduce_sum", (VALUES, DOUBLES)),
            ("sparse_reduce_max", (VALUES, WHOLE)),
        ):
            forms(
                f"{name}/{axis}{keep}",
                lambda tf, a, n=name, x=axis, k=keep: stop_unless(n.endswith("sum"), tf)(
                    getattr(tf, n)(matrix(tf, a), axis=x, keepdims=k)
                ),
                *[(values,) for values in inputs],
            )
    softmax = lambda tf, a: tf.sparse_softmax(other(tf, a)).values  # noqa: E731
    forms("sparse_softmax", softmax, (OTHER_VALUES,), (OTHER_DOUBLES,))


def add_layout():
    for sizes in ([4, 3], [2, -1, 3], [-1]):
        forms(
            f"sparse_reshape/{sizes}",
            lambda tf, a, s=sizes: parts(tf.sparse_reshape(matrix(tf, a), s)),
            (WHOLE,),
        )
    case("sparse_reshape/line", lambda tf: parts(tf.sparse_reshape(line(tf, VALUES), [2, 3])))
    for axis in (0, 1, -1):
        forms(
            f"sparse_concat/{axis}",
            lambda tf, a, b, x=axis: parts(tf.sparse_concat(x, [matrix(tf, a), other(tf, b)])),
            PAIR[1],
        )
    forms(
        "sparse_concat/expanded",
        lambda tf, a, b: parts(
            tf.sparse_concat(
                1, [matrix(tf, a), tf.SparseTensor(OTHERS, b, [4, 5])], expand_nonconcat_dim=True
            )
        ),
        (ints(1, 2, 3).astype("i8"), ints(1, 2, 3, 4).astype("i8")),
    )
    for count, axis in ((2, 1), (3, 0)):
        forms(
            f"sparse_split/{count}{axis}",
            lambda tf, a, n=count, x=axis: [
                tensor
                for piece in tf.sparse_split(sp_input=matrix(tf, a), num_split=n, axis=x)
                for tensor in parts(piece)
            ],
            (WHOLE,),
            (WHOLE.astype("i8"),),
        )
    for start, size in (([0, 1], [2, 3]), ([1, 0], [2, 4])):
        forms(
            f"sparse_slice/{start}",
            lambda tf, a, s=start, z=size: parts(tf.sparse_slice(matrix(tf, a), s, z)),
            (VALUES,),
            (DOUBLES,),
        )
    forms(
        "sparse_fill_empty_rows",
        lambda tf, a, b: [
            *parts(tf.sparse_fill_empty_rows(tf.SparseTensor(OTHERS[1:], a, [5, 4]), b)[0]),
            tf.sparse_fill_empty_rows(tf.SparseTensor(OTHERS[1:], a, [5, 4]), b)[1],
        ],
        (VALUES, np.float32(0.5)),
        (DOUBLES, np.float64(-2)),
    )
    forms("sparse_reorder", lambda tf, a: tf.sparse_reorder(tf.SparseTensor(
        LINE_PLACES[::-1], a, [6])).values, (DOUBLES,))  # fmt: skip
    forms("sparse_to_dense", lambda tf, a: tf.sparse_to_dense(LINE_PLACES, [6], a), (DOUBLES,))
    forms("sparse_transpose", lambda tf, a: parts(tf.sparse_transpose(matrix(tf, a))), (WHOLE,))
    case(
        "edit_distance/texts",
        lambda tf: tf.edit_distance(
            tf.SparseTensor([[0, 0], [0, 1], [1, 0]], ["a", "b", "c"], [2, 2]),
            tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ["b", "c", "d"], [2, 2]),
        ),
    )


def add_sets():
    grid = [[0, 0], [0, 1], [1, 0], [1, 1]]
    sparse = lambda tf, x: tf.SparseTensor(grid, x, [2, 2])  # noqa: E731
    kinds = {
        "dense": lambda tf, name, a, b: getattr(tf.sets, name)(a, b),
        "mixed": lambda tf, name, a, b: getattr(tf.sets, name)(a, sparse(tf, b)),
        "sparse": lambda tf, name, a, b: getattr(tf.sets, name)(sparse(tf, a), sparse(tf, b)),
    }
    first, second = ints(1, 5, 5, 9), ints(5, 6, 9, 9)
    inputs = {"dense": (LEFT, RIGHT), "mixed": (LEFT, second), "sparse": (first, second)}
    for name in ("set_union", "set_difference", "set_intersection"):
        for kind, build in kinds.items():
            forms(
                f"{name}/{kind}",
                lambda tf, a, b, f=build, n=name: parts(f(tf, n, a, b)),
                inputs[kind],
                tuple(x.astype("i8") for x in inputs[kind]),
            )
    forms(
        "set_size",
        lambda tf, a: tf.sets.set_size(tf.SparseTensor(OTHERS, a, SIZES)),
        (ints(1, 2, 3, 3),),
        (ints(1, 2, 4, 3).astype("i8"),),
    )


def add_unique():
    rows = np.array([[1, 2], [3, 4], [1, 2], [0, 2]])
    for name in ("UniqueV2", "UniqueWithCountsV2"):
        for axis, dtype in ((0, "i4"), (1, "i8")):
            case(  # static shapes are out of account: TensorFlow's are of another rank
                f"unique/{name}/{axis}",
                lambda tf, a, n=name, x=axis: [
                    tf.reshape(part, [-1]) for part in getattr(tf.raw_ops, n)(x=a, axis=[x])
                ],
                rows[:, [0, 1, 0]].astype(dtype),
                shapes=[None],
            )
    forms("unique_with_counts", lambda tf, a: list(tf.unique_with_counts(a)), (rows[0],))
    forms("setdiff1d", lambda tf, a, b: list(tf.setdiff1d(a, b)), (rows[:, 0], rows[1]))
    forms("bincount/types", lambda tf, a: tf.bincount(a, dtype=tf.int64), (ints([1, 4], [4, 0]),))
    forms("bincount/weights", public("bincount"), (ints(1, 4, 1, 0), normal(4).astype("f8")))
    forms(
        "histogram_fixed_width",
        lambda tf, a: tf.histogram_fixed_width(a, np.array([-1, 2], a.dtype.name), nbins=5),
        (normal(3, 4).astype("f8"),),
        (ints(-5, 0, 1, 7),),
    )


def add_segments():
    rows, ids = normal(5, 2).astype("f8"), ints(0, 0, 1, 3, 3)
    forms(
        "segment_prod",
        lambda tf, a, b: tf.stop_gradient(tf.segment_prod(a, b), name="r"),
        (rows, ids),
        (ids + 2, ids.astype("i8")),
    )
    minimum = lambda tf, a, b: tf.unsorted_segment_min(a, b, 4)  # noqa: E731
    forms("unsorted_segment_min", minimum, (rows, ids), (rows[:, 0].copy(), ids.astype("i8")))
    for name in ("sum", "mean", "sqrt_n"):
        forms(
            f"sparse_segment_{name}/num_segments",
            lambda tf, a, b, n=name: getattr(tf, "sparse_segment_" + n)(
                a, b, [0, 2, 2], num_segments=4
            ),
            (rows, ints(3, 0, 3)),
            (normal(4, 1, 3), ints(1, 1, 2)),
        )


for _add in (add_sums, add_reductions, add_layout, add_sets, add_unique, add_segments):
    _add()
