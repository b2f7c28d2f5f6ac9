"""Cases of special functions, segments, sets, sparse tensors, checks, texts and random orders."""

import numpy as np
from goldens.case import bools, case, floats, ints, normal, positive, public

A = normal(2, 3)
B = positive(2, 3)


def add_special():
    for name in ("tan", "atan", "sinh", "cosh", "asinh", "erf", "erfc", "rint", "log_sigmoid"):
        case(name, public(name), A)
        case(name + "/float64", public(name), A.astype(np.float64))
    for name in ("asin", "acos", "atanh"):
        case(name, public(name), A / 4)
    for name in ("lgamma", "digamma"):
        case(name, public(name), B)
        case(name + "/negative", public(name), floats(-0.5, -1.25, -2.7, 0.01, 30.0))
    case("erf/wide", public("erf"), floats(-9.0, -3.5, -2.5, -1e-4, 0.0, 0.3, 2.4, 2.6, 5.0))
    case("erfc/wide", public("erfc"), floats(-9.0, -3.5, -2.0, 0.0, 0.3, 2.1, 5.0, 9.0))
    case("acosh", public("acosh"), B + 1)
    case("atan2", public("atan2"), A, B - 1)
    case(
        "atan2/broadcast",
        lambda tf, a: tf.stop_gradient(tf.atan2(a, [0.5, -1.0, 2.0]), name="r"),
        A,
    )
    case("zeta", lambda tf, a: tf.zeta(tf.constant(2.5), a), B)
    case("polygamma", lambda tf, a: tf.polygamma(tf.constant(2.0), a), B)
    case("lbeta", public("lbeta"), B)
    case("xlogy", public("math.xlogy"), floats(0.0, 1.0, 2.0), floats(0.0, 3.0, 0.5))
    case("xdivy", public("math.xdivy"), floats(0.0, 1.0, 2.0), floats(0.0, 3.0, -0.5))
    case("accumulate_n", lambda tf, a, b: tf.accumulate_n([a, b, a]), A, B)
    case("scalar_mul", lambda tf, a: tf.scalar_mul(3.0, a), A)
    case("floor_div", public("floor_div"), ints(7, -7), ints(2, 2))
    case("bitcast", lambda tf, a: tf.bitcast(a, tf.int32), A)
    case("bitcast/bytes", lambda tf, a: tf.bitcast(a, tf.uint8), A)
    case("cross", public("cross"), A, B)
    for exclusive in (False, True):
        case(
            f"cumprod/{exclusive}",
            lambda tf, a, e=exclusive: tf.cumprod(a, 1, exclusive=e, reverse=e),
            B,
        )
    case("count_nonzero", lambda tf, a: tf.count_nonzero(a, axis=1), ints([0, 1], [2, 3]))
    case("count_nonzero/all", lambda tf, a: tf.count_nonzero(a), ints([0, 1], [2, 3]))
    case("reduce_std", lambda tf, a: tf.math.reduce_std(a, 0), A)
    case("reduce_variance", lambda tf, a: tf.math.reduce_variance(a, [1], keepdims=True), A)
    case("saturate_cast", lambda tf, a: tf.saturate_cast(a * 200, tf.uint8), A)


def add_complex():
    stop = lambda tf, a, b: tf.complex(tf.stop_gradient(a), tf.stop_gradient(b))  # noqa: E731
    case("complex", stop, A, B)
    for name in ("real", "imag", "angle", "conj", "abs"):
        case(
            "complex/" + name,
            lambda tf, a, b, n=name: getattr(tf, n)(tf.stop_gradient(stop(tf, a, b))),
            A,
            B,
        )
        case("complex/of_real/" + name, public(name), A)


def add_layout():
    for mode in ("REFLECT", "SYMMETRIC"):
        case("pad/" + mode, lambda tf, a, m=mode: tf.pad(a, [[1, 0], [0, 2]], mode=m), normal(2, 4))
    case(
        "reverse_sequence",
        lambda tf, a, b: tf.reverse_sequence(a, b, seq_dim=1, batch_dim=0),
        normal(3, 4, 2),
        ints(1, 4, 0),
    )
    case(
        "reverse_sequence/axes",
        lambda tf, a, b: tf.reverse_sequence(a, b, seq_axis=0, batch_axis=1),
        normal(4, 3),
        ints(2, 4, 3),
    )
    case("diag", public("diag"), normal(3))
    case("diag/matrix", public("diag"), A)
    case("diag_part", public("diag_part"), normal(3, 3))
    case("space_to_depth", lambda tf, a: tf.space_to_depth(a, 2), normal(1, 4, 2, 3))
    case("depth_to_space", lambda tf, a: tf.depth_to_space(a, 2), normal(1, 2, 2, 8))
    case(
        "space_to_batch",
        lambda tf, a: tf.space_to_batch(a, [[0, 0], [1, 1]], block_size=2),
        normal(2, 4, 2, 3),
    )
    case(
        "batch_to_space",
        lambda tf, a: tf.batch_to_space(a, [[0, 1], [1, 0]], block_size=2),
        normal(4, 2, 2, 3),
    )
    case(
        "space_to_batch_nd",
        lambda tf, a: tf.space_to_batch_nd(a, [3], [[1, 1]]),
        normal(2, 4, 3),
    )
    for indexing in ("xy", "ij"):
        case(
            "meshgrid/" + indexing,
            lambda tf, a, b, i=indexing: tf.meshgrid(a, b, indexing=i),
            normal(3),
            normal(2),
        )


def add_sets():
    numbers = ints(3, 1, 3, 2, 1, 9)
    case("unique", lambda tf, a: list(tf.unique(a)), numbers)
    case("unique/int64", lambda tf, a: list(tf.unique(a, tf.int64)), ints(5, 3, 5))
    case("unique_with_counts", lambda tf, a: list(tf.unique_with_counts(a)), numbers)
    case("setdiff1d", lambda tf, a, b: list(tf.setdiff1d(a, b)), numbers, ints(1, 9))
    case(
        "dynamic_partition",
        lambda tf, a, b: tf.dynamic_partition(a, b, 3),
        normal(4, 2),
        ints(1, 0, 1, 1),
    )
    case(
        "dynamic_stitch",
        lambda tf, a, b: tf.dynamic_stitch([[0, 2], [[1], [2]]], [a, b]),
        normal(2, 3),
        normal(2, 1, 3),
    )
    case("sequence_mask", lambda tf, a: tf.sequence_mask(a, 4), ints([1, 3], [0, 4]))
    case("sequence_mask/float", lambda tf, a: tf.sequence_mask(a, dtype=tf.float32), ints(1, 3, 2))
    case("bincount", lambda tf, a: tf.bincount(a), ints(1, 4, 1))
    case(
        "bincount/minlength", lambda tf, a: tf.bincount(a, minlength=7, maxlength=9), ints(1, 4, 1)
    )
    case("bincount/weights", lambda tf, a, b: tf.bincount(a, b), ints(1, 4, 1), normal(3))
    case(
        "histogram_fixed_width",
        lambda tf, a: tf.histogram_fixed_width(a, [-1.0, 1.0], nbins=4),
        normal(20),
    )
    case("is_strictly_increasing", lambda tf, a: tf.identity(tf.is_strictly_increasing(a)), numbers)


def add_segments():
    rows, ids = normal(5, 2), ints(0, 0, 1, 3, 3)
    for how in ("sum", "mean", "max", "min"):
        case("segment_" + how, public("segment_" + how), rows, ids)
        case("segment_" + how + "/ties", public("segment_" + how), np.round(rows[:, 0]), ids)
    case(
        "segment_prod",
        lambda tf, a, b: tf.stop_gradient(tf.segment_prod(a, b), name="r"),
        rows,
        ids,
    )
    mixed = ints(2, 0, 2, 1, 0)
    for how in ("sum", "prod", "max", "min", "mean", "sqrt_n"):
        case(
            "unsorted_segment_" + how,
            lambda tf, a, b, h=how: getattr(tf, "unsorted_segment_" + h)(a, b, 3),
            rows,
            mixed,
        )
    for how in ("sum", "max"):
        case(
            "unsorted_segment_" + how + "/missing",
            lambda tf, a, b, h=how: getattr(tf, "unsorted_segment_" + h)(a, b, num_segments=4),
            normal(2, 3, 2),
            ints([3, 0, -1], [1, 1, 3]),
        )
    case(
        "unsorted_segment_prod/zeros",
        lambda tf, a, b: tf.unsorted_segment_prod(a, b, 2),
        floats(0.0, 2.0, 3.0, 0.0, 0.0),
        ints(0, 0, 0, 1, 1),
    )
    for how in ("sum", "mean", "sqrt_n"):
        case(
            "sparse_segment_" + how,
            lambda tf, a, b, h=how: getattr(tf, "sparse_segment_" + h)(a, b, [0, 0, 1]),
            rows,
            ints(3, 0, 3),
        )


def add_sparse():
    places = np.array([[0, 1], [1, 0], [2, 3]], np.int64)
    case(
        "sparse_to_dense",
        lambda tf, a: tf.sparse_to_dense(places, [3, 4], a, default_value=-1.0),
        normal(3),
    )
    case(
        "sparse_to_dense/vector",
        lambda tf, a: tf.sparse_to_dense(a, [6], 1, 0, name="d"),
        ints(1, 3, 4),
    )
    case(
        "sparse_tensor_to_dense",
        lambda tf, a: tf.sparse_tensor_to_dense(tf.SparseTensor(places, a, [3, 4])),
        normal(3),
    )
    for left, right in ((False, False), (True, True)):
        case(
            f"sparse_tensor_dense_matmul/{left}",
            lambda tf, a, b, x=left, y=right: tf.sparse_tensor_dense_matmul(
                tf.SparseTensor(places, a, [3, 4]), b, adjoint_a=x, adjoint_b=y
            ),
            normal(3),
            normal(2, 3) if right else normal(4, 2),
        )
    case(
        "sparse_reorder",
        lambda tf, a: tf.sparse_tensor_to_dense(
            tf.sparse_reorder(tf.SparseTensor(places[::-1].copy(), a, [3, 4]))
        ),
        normal(3),
    )
    for normalize in (True, False):
        case(
            f"edit_distance/{normalize}",
            lambda tf, n=normalize: tf.edit_distance(
                tf.SparseTensor([[0, 0], [0, 1], [1, 0]], tf.constant([1, 2, 5]), [3, 2]),
                tf.SparseTensor([[0, 0], [0, 1], [2, 0]], tf.constant([1, 3, 5]), [3, 2]),
                normalize=n,
            ),
        )


def add_texts():
    def characters(tf, texts):
        joined = tf.reduce_join(tf.reshape(texts, [-1]), 0, separator="|")
        return tf.decode_raw(joined, tf.uint8)

    for name, build in [
        ("as_string", lambda tf, a: tf.as_string(a)),
        ("as_string/precision", lambda tf, a: tf.as_string(a, precision=2, width=8, fill="0")),
        ("as_string/scientific", lambda tf, a: tf.as_string(a, scientific=True)),
        ("as_string/shortest", lambda tf, a: tf.as_string(a, shortest=True)),
        ("string_join", lambda tf, a: tf.string_join([tf.as_string(a), "x"], separator="-")),
        ("substr", lambda tf, a: tf.substr(tf.as_string(a), 1, 2)),
        ("lower", lambda tf, a: tf.strings.lower(["aB", "CD"])),
        ("upper", lambda tf, a: tf.strings.upper(["aB", "CD"])),
        ("strip", lambda tf, a: tf.string_strip([" aB ", "CD"])),
        ("regex_replace", lambda tf, a: tf.regex_replace(["aab", "c"], "(a+)", r"<\1>")),
        ("string_split", lambda tf, a: tf.string_split(["a b", "  c d e"]).values),
        ("string_split/bytes", lambda tf, a: tf.string_split(["ab", "c"], delimiter="").values),
        ("reduce_join", lambda tf, a: tf.reduce_join([["a", "b"], ["c", "d"]], 0)),
        ("reduce_join/all", lambda tf, a: tf.reduce_join([["a", "b"], ["c", "d"]], [0, 1])),
    ]:
        case(
            "text/" + name,
            lambda tf, a, b=build: characters(tf, b(tf, tf.stop_gradient(a))),
            A,
        )
    case("as_string/int32", lambda tf, a: characters(tf, tf.as_string(a)), ints(1, -20))
    case("as_string/bool", lambda tf, a: characters(tf, tf.as_string(a)), bools(True, False))
    case(
        "string_split/indices",
        lambda tf: [
            tf.string_split(["a b", "  c d e"], " ").indices,
            tf.string_split(["a"]).indices,
        ],
    )
    case("string_to_number", lambda tf: tf.string_to_number(["1.5", "-2e3"]))
    case("string_to_number/int", lambda tf: tf.string_to_number(["15", "-2"], tf.int64))
    case("string_length", lambda tf: tf.strings.length(["abc", ""]))
    case("decode_raw", lambda tf: tf.decode_raw([b"\x01\x02\x03\x04"], tf.int16))
    case("decode_raw/big", lambda tf: tf.decode_raw(b"\x01\x02", tf.int16, little_endian=False))


def add_random():
    def seeded(build, seed=None):
        def case_with_seed(tf, *inputs):
            if seed is not None:
                tf.set_random_seed(seed)
            return build(tf, *inputs)

        return case_with_seed

    for count in (2, 5, 40):
        case(
            f"random_shuffle/{count}",
            lambda tf, a: tf.random_shuffle(a, seed=3),
            np.arange(count, dtype=np.int32),
        )
    case("random_shuffle/rows", seeded(lambda tf, a: tf.random_shuffle(a), 9), ints(*range(12)))
    case("random_shuffle/matrix", lambda tf, a: tf.random_shuffle(a, 4), normal(6, 3).astype("i4"))
    logits = np.log(positive(3, 4))
    for seed in (1, 12345):
        case(
            f"multinomial/{seed}",
            lambda tf, a, s=seed: [tf.multinomial(tf.stop_gradient(a), n, seed=s) for n in (1, 9)],
            logits,
        )
    case(
        "multinomial/graph", seeded(lambda tf, a: tf.multinomial(tf.stop_gradient(a), 5), 2), logits
    )
    case(
        "multinomial/twice",
        lambda tf, a: [tf.multinomial(tf.stop_gradient(a), 6, 8, output_dtype=tf.int32)] * 3,
        logits,
    )
    case(
        "random.categorical",
        lambda tf, a: tf.random.categorical(tf.stop_gradient(a), 3, seed=1),
        logits,
    )
    case(
        "random_crop",
        lambda tf, a: tf.random_crop(a, [2, 3], seed=5),
        normal(6, 7),
    )


def add_checks():
    case("check_numerics", lambda tf, a: tf.check_numerics(a, "x"), A)
    case("verify_tensor_all_finite", lambda tf, a: tf.verify_tensor_all_finite(a, "x"), A)
    case("Print", lambda tf, a: tf.Print(a, [a], "a: ", first_n=0), A)
    case(
        "assert_equal",
        lambda tf, a: with_check(tf, tf.assert_equal(a, a + 0), a),
        ints(1, 2),
    )
    case(
        "assert_positive",
        lambda tf, a: with_check(tf, tf.assert_positive(a, message="m"), a),
        ints(1, 2),
    )
    case(
        "py_func",
        lambda tf, a: tf.py_func(lambda x: np.sin(x) * 2, [tf.stop_gradient(a)], tf.float32),
        A,
    )
    case(
        "py_func/list",
        lambda tf, a: tf.py_func(
            lambda x: (x.sum(), np.int64(x.size)), [tf.stop_gradient(a)], [tf.float32, tf.int64]
        ),
        A,
    )


def with_check(tf, check, tensor):
    with tf.control_dependencies([check]):
        return tf.identity(tensor, name="checked")


for _add in (
    add_special,
    add_complex,
    add_layout,
    add_sets,
    add_segments,
    add_sparse,
    add_texts,
    add_random,
    add_checks,
):
    _add()
