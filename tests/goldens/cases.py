"""Cases of public functions: a table that runs under TensorFlow 1.15 and under GraphScope alike.

`CASES` maps an id to a `Case`; its builder takes the `tensorflow` module and one placeholder for
each input (named a, b, c), and returns a tensor or a list of tensors.
"""

import numpy as np
from goldens import (  # noqa: F401
    cases_algebra,
    cases_arrays,
    cases_functions,
    cases_images,
    cases_networks,
    cases_places,
    cases_slopes,
    cases_sparse,
    cases_states,
    cases_texts,
    cases_windows,
)
from goldens.case import CASES, bools, case, floats, ints, normal, positive, public, wide

__all__ = ["CASES"]

A = normal(2, 3)
B = positive(2, 3) + np.float32(0.25)
INTS = ints([7, -7, 0], [5, -2, 3])
DIVISORS = ints([2, 3, -4], [-5, 7, 1])
FLAGS = bools([True, False, True], [False, False, True])
OTHER_FLAGS = bools([True, True, False], [False, True, False])


def add_binary():
    for name in (
        "add",
        "subtract",
        "multiply",
        "div",
        "divide",
        "truediv",
        "floordiv",
        "mod",
        "floormod",
        "maximum",
        "minimum",
        "squared_difference",
        "realdiv",
    ):
        case(name, public(name), A, B)
    case("pow", lambda tf, a, b: tf.pow(a, b), B, A)
    case("div_no_nan", lambda tf, a, b: tf.math.divide_no_nan(a, b), A, B * (A > 0))
    for name in ("add", "subtract", "multiply", "div", "truediv", "floordiv", "mod", "maximum"):
        case(name + "/int32", public(name), INTS, DIVISORS)
    case("div_no_nan/broadcast", lambda tf, a, b: tf.div_no_nan(a, b), A, floats(2.0, 0.0, -1.0))
    case("truncatediv/int32", lambda tf, a, b: tf.truncatediv(a, b), INTS, DIVISORS)
    case("truncatemod/int32", lambda tf, a, b: tf.truncatemod(a, b), INTS, DIVISORS)
    case("pow/int32", lambda tf, a: tf.pow(a, 3), INTS)
    case("add/float64", lambda tf, a, b: tf.add(a, b), A.astype(np.float64), B.astype(np.float64))
    case(
        "truediv/int64",
        lambda tf, a, b: tf.truediv(a, b),
        INTS.astype(np.int64),
        DIVISORS.astype(np.int64),
    )
    case("multiply/with_itself", lambda tf, a: tf.multiply(a, a), A)


def add_broadcasting():
    pairs = [
        ("scalar_right", A, floats(1.5)[0]),
        ("scalar_left", floats(1.5)[0], A),
        ("row", A, positive(3)),
        ("column", A, positive(2, 1)),
        ("row_left", normal(3), B),
        ("outer", normal(2, 1), positive(1, 3)),
        ("ranks", normal(4, 1, 3), positive(2, 1)),
        ("ones", normal(1, 1), positive(2, 3)),
        ("one_element", normal(1), positive(1, 1, 1)),
        ("empty", normal(0, 3), positive(3)),
    ]
    for name, a, b in pairs:
        for function in ("add", "multiply", "div"):
            case(f"broadcast/{function}/{name}", public(function), np.asarray(a), np.asarray(b))
    for name, shapes in [
        ("rows", ([None, 3], [3])),
        ("both", ([None, 3], [None, 3])),
        ("all_sizes", ([None, None], [None])),
        ("rank", (None, [3])),
        ("column", ([2, None], [2, 1])),
    ]:
        right = positive(*[size or 3 for size in shapes[1]]) if name != "both" else positive(1, 3)
        for function in ("add", "subtract", "maximum", "squared_difference"):
            case(f"unknown/{function}/{name}", public(function), A, right, shapes=shapes)


def add_operators():
    case("operator/add_number", lambda tf, a: a + 2, A)
    case("operator/number_sub", lambda tf, a: 2 - a, A)
    case("operator/div_ints", lambda tf, a, b: a / b, INTS, DIVISORS)
    case("operator/floordiv_ints", lambda tf, a, b: a // b, INTS, DIVISORS)
    case("operator/mod_ints", lambda tf, a, b: a % b, INTS, DIVISORS)
    case("operator/pow_number", lambda tf, a: a**2, A)
    case("operator/neg", lambda tf, a: -a, A)
    case("operator/abs", lambda tf, a: abs(a), A)
    case("operator/array_left", lambda tf, a: np.ones([2, 3], np.float32) * a, A)
    case("operator/list_right", lambda tf, a: a - [1.0, 2.0, 3.0], A)
    case("operator/matmul", lambda tf, a, b: a @ b, A, normal(3, 2))
    case("operator/less_number", lambda tf, a: a < 0.5, A)
    case("operator/and_not", lambda tf, a, b: a & ~b, FLAGS, OTHER_FLAGS)
    case("operator/xor", lambda tf, a, b: a ^ b, FLAGS, OTHER_FLAGS)
    for name, build in [
        ("row", lambda tf, a: a[1]),
        ("element", lambda tf, a: a[1, -1]),
        ("range", lambda tf, a: a[:, 1:3]),
        ("step", lambda tf, a: a[:, ::2]),
        ("reversed", lambda tf, a: a[::-1]),
        ("newaxis", lambda tf, a: a[:, tf.newaxis, 0]),
        ("ellipsis", lambda tf, a: a[..., 1]),
        ("empty", lambda tf, a: a[2:2]),
        ("inner_ellipsis", lambda tf, a: a[1, ..., None, ::2]),
        ("all", lambda tf, a: a[:]),
        ("back", lambda tf, a: a[-1:0:-1, -3:]),
        ("beyond", lambda tf, a: a[1:9, -9:2]),
        ("by_tensor", lambda tf, a: a[tf.constant(1) :, tf.constant(2)]),
    ]:
        case("slice/" + name, build, normal(3, 4))
        case("slice_unknown/" + name, build, normal(3, 4), shapes=[[None, 4]])


def add_unary():
    for name in (
        "negative",
        "abs",
        "sign",
        "square",
        "exp",
        "expm1",
        "sin",
        "cos",
        "tanh",
        "sigmoid",
        "floor",
        "ceil",
        "round",
        "identity",
        "stop_gradient",
        "zeros_like",
        "ones_like",
    ):
        case(name, public(name), wide(2, 3))
    for name in ("sqrt", "rsqrt", "log", "log1p", "reciprocal"):
        case(name, public(name), positive(2, 3))
    case("round/halves", lambda tf, a: tf.round(a), floats(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5))
    case("sign/zero", lambda tf, a: tf.sign(a), floats(-0.0, 0.0, 2.0))
    case("sqrt/zero", lambda tf, a: tf.sqrt(a), floats(0.0, 4.0))
    case("sigmoid/large", lambda tf, a: tf.sigmoid(a), floats(-100.0, 100.0))
    case("exp/float64", lambda tf, a: tf.exp(a), A.astype(np.float64))
    case("abs/int32", lambda tf, a: tf.abs(a), INTS)
    case("square/int32", lambda tf, a: tf.square(a), INTS)
    case("square/unknown", lambda tf, a: tf.square(a), A, shapes=[None])
    for name in (
        "relu",
        "relu6",
        "softplus",
        "elu",
        "selu",
        "softsign",
        "leaky_relu",
        "softmax",
        "log_softmax",
        "l2_loss",
    ):
        case("nn." + name, public("nn." + name), wide(2, 3))
    case("nn.softmax/axis0", lambda tf, a: tf.nn.softmax(a, axis=0), wide(2, 3))
    case(
        "nn.softmax/axis1_of_3",
        lambda tf, a: tf.nn.softmax(a, axis=1),
        wide(2, 2, 3),
        shapes=[[None, 2, 3]],
    )
    case("nn.log_softmax/axis0", lambda tf, a: tf.nn.log_softmax(a, 0), wide(2, 3))
    case("nn.leaky_relu/int32", lambda tf, a: tf.nn.leaky_relu(a, 0.5), INTS)
    case("nn.relu6/edges", lambda tf, a: tf.nn.relu6(a), floats(-1.0, 0.0, 3.0, 6.0, 7.0))
    case("nn.softmax/rank3", lambda tf, a: tf.nn.softmax(a), wide(2, 2, 3))
    case("nn.softmax/large", lambda tf, a: tf.nn.softmax(a), floats([1000.0, 1001.0, -1000.0]))
    case("nn.softplus/large", lambda tf, a: tf.nn.softplus(a), floats(-100.0, 100.0))
    case("nn.relu/zero", lambda tf, a: tf.nn.relu(a), floats(-1.0, 0.0, 1.0))


def add_comparisons():
    near = A.copy()
    near[0] += 1
    for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
        case(name, public(name), A, near)
        case(name + "/int32", public(name), INTS, ints(0))
    case("operator/by_mask", lambda tf, a: a[a > 0], A)
    for name in ("logical_and", "logical_or", "logical_xor"):
        case(name, public(name), FLAGS, OTHER_FLAGS)
    case("logical_not", lambda tf, a: tf.logical_not(a), FLAGS)
    case("equal/bool", lambda tf, a, b: tf.equal(a, b), FLAGS, OTHER_FLAGS)
    strange = floats(np.nan, np.inf, -np.inf, 1.0)
    for name in ("is_nan", "is_inf", "is_finite"):
        case(name, public(name), strange)


def add_matmul():
    case("matmul", lambda tf, a, b: tf.matmul(a, b), A, normal(3, 4))
    for name, left, right in [("a", (3, 2), (3, 4)), ("b", (2, 3), (4, 3)), ("ab", (3, 2), (4, 3))]:
        case(
            "matmul/transpose_" + name,
            lambda tf, a, b, n=name: tf.matmul(a, b, "a" in n, "b" in n),
            normal(*left),
            positive(*right),
        )
    case(
        "matmul/unknown_rows",
        lambda tf, a, b: tf.matmul(a, b),
        A,
        normal(3, 4),
        shapes=[[None, 3], [3, 4]],
    )
    case(
        "matmul/unknown_ranks",
        lambda tf, a, b: tf.matmul(a, b),
        A,
        normal(3, 4),
        shapes=[None, None],
    )
    case(
        "matmul/float64",
        lambda tf, a, b: tf.matmul(a, b),
        A.astype(np.float64),
        normal(3, 4).astype(np.float64),
    )
    case("matmul/int32", lambda tf, a, b: tf.matmul(a, b, transpose_b=True), INTS, DIVISORS)
    case("matmul/empty", lambda tf, a, b: tf.matmul(a, b), normal(2, 0), normal(0, 3))
    case("matmul/batch", lambda tf, a, b: tf.matmul(a, b), normal(2, 3, 4), normal(2, 4, 2))
    case(
        "matmul/batch_transposed",
        lambda tf, a, b: tf.matmul(a, b, transpose_b=True),
        normal(2, 3, 4),
        normal(2, 2, 4),
    )
    case(
        "matmul/batch_both",
        lambda tf, a, b: tf.matmul(a, b, True, True),
        normal(2, 4, 3),
        normal(2, 2, 4),
    )
    case(
        "matmul/unknown_rank_left",
        lambda tf, a, b: tf.matmul(a, b),
        A,
        normal(3, 4),
        shapes=[None, [3, 4]],
    )
    case("matmul/batch_left", lambda tf, a, b: tf.matmul(a, b), A, normal(2, 3, 4))
    case("matmul/batch_broadcast", lambda tf, a, b: tf.matmul(a, b), normal(2, 3, 4), normal(4, 2))


def add_reductions():
    data = normal(2, 3, 4)
    for name in ("sum", "mean", "max", "min", "prod"):
        for label, options in [
            ("all", {}),
            ("axis0", {"axis": 0}),
            ("negative", {"axis": -1}),
            ("list", {"axis": [0, 2]}),
            ("keepdims", {"axis": 1, "keepdims": True}),
        ]:
            case(
                f"reduce_{name}/{label}",
                lambda tf, a, f="reduce_" + name, o=options: getattr(tf, f)(a, **o),
                data,
            )
        case(
            f"reduce_{name}/unknown",
            lambda tf, a, f="reduce_" + name: getattr(tf, f)(a, 1),
            A,
            shapes=[[None, 3]],
        )
    case("reduce_sum/keep_dims", lambda tf, a: tf.reduce_sum(a, 1, keep_dims=True), data)
    case(
        "reduce_sum/reduction_indices", lambda tf, a: tf.reduce_sum(a, reduction_indices=[1]), data
    )
    case("reduce_sum/none_keepdims", lambda tf, a: tf.reduce_sum(a, keepdims=True), data)
    case("reduce_sum/no_axes", lambda tf, a: tf.reduce_sum(a, axis=[]), data)
    case("reduce_sum/unknown_rank", lambda tf, a: tf.reduce_sum(a), data, shapes=[None])
    case("reduce_sum/scalar", lambda tf, a: tf.reduce_sum(a), np.float32(2.5) * np.ones((), "f"))
    case("reduce_sum/empty", lambda tf, a: tf.reduce_sum(a, 0), normal(0, 3))
    case("reduce_sum/int32", lambda tf, a: tf.reduce_sum(a, 0), INTS)
    case("reduce_mean/int32", lambda tf, a: tf.reduce_mean(a), INTS)
    case("reduce_max/ties", lambda tf, a: tf.reduce_max(a), floats(1.0, 3.0, 3.0, 0.0))
    case("reduce_min/ties", lambda tf, a: tf.reduce_min(a, 0), floats([1.0, 2.0], [1.0, 3.0]))
    case("reduce_prod/zero", lambda tf, a: tf.reduce_prod(a), floats(2.0, 0.0, 3.0))
    case("reduce_all", lambda tf, a: tf.reduce_all(a, 1), FLAGS)
    case("reduce_any", lambda tf, a: tf.reduce_any(a, axis=0), FLAGS)
    case("reduce_logsumexp", lambda tf, a: tf.reduce_logsumexp(a, 1), data)
    for name in ("argmax", "argmin"):
        case(name, public(name), A)
        case(name + "/axis1", lambda tf, a, f=name: getattr(tf, f)(a, 1), A)
        case(name + "/ties", lambda tf, a, f=name: getattr(tf, f)(a, axis=-1), ints([1, 3, 1, 3]))
    case("argmax/int32", lambda tf, a: tf.argmax(a, 1, output_type=tf.int32), A)
    case("reduce_logsumexp/all", lambda tf, a: tf.reduce_logsumexp(a), data, shapes=[None])
    case("reduce_logsumexp/keepdims", lambda tf, a: tf.reduce_logsumexp(a, [0, 2], True), data)
    case(
        "reduce_logsumexp/infinite",
        lambda tf, a: tf.reduce_logsumexp(a, 0),
        floats([-np.inf, 1.0], [-np.inf, 2.0]),
    )
    case("cumsum/exclusive", lambda tf, a: tf.cumsum(a, -1, exclusive=True), A)
    case("cumsum/reverse", lambda tf, a: tf.cumsum(a, reverse=True), data, shapes=[[None, 3, 4]])
    case("cumsum/both", lambda tf, a: tf.cumsum(a, 1, True, True), A)
    case("cumsum", lambda tf, a: tf.cumsum(a, axis=1), A)
    case("add_n", lambda tf, a, b, c: tf.add_n([a, b, c]), A, B, A + B)
    case("add_n/one", lambda tf, a: tf.add_n([a]), A)


def add_casts():
    for name in ("int32", "float64", "bool", "int64"):
        case("cast/" + name, lambda tf, a, t=name: tf.cast(a, getattr(tf, t)), wide(2, 3))
    case("cast/same", lambda tf, a: tf.cast(a, tf.float32), A)
    case("cast/from_bool", lambda tf, a: tf.cast(a, tf.float32), FLAGS)
    case("cast/from_int", lambda tf, a: tf.cast(a, "float32"), INTS)
    case("to_float", lambda tf, a: tf.to_float(a), INTS)
    case("to_int32", lambda tf, a: tf.to_int32(a), wide(2, 3))
    case("clip_by_value", lambda tf, a: tf.clip_by_value(a, -0.5, 0.5), A)
    case(
        "clip_by_value/edge",
        lambda tf, a: tf.clip_by_value(a, 0.0, 1.0),
        floats(-1.0, 0.0, 0.5, 1.0, 2.0),
    )
    case("clip_by_norm", lambda tf, a: tf.clip_by_norm(a, 1.0), wide(2, 3))
    case("clip_by_norm/axes", lambda tf, a: tf.clip_by_norm(a, 2.0, axes=[1]), wide(2, 3))
    case("clip_by_norm/zero", lambda tf, a: tf.clip_by_norm(a, 2.0), floats(0.0, 0.0))
    case(
        "clip_by_global_norm",
        lambda tf, a, b: tf.clip_by_global_norm([a, b], 1.0)[0],
        wide(2, 3),
        wide(4),
    )
    case("global_norm", lambda tf, a, b: tf.global_norm([a, b]), wide(2, 3), wide(4))


def add_shapes():
    cube = normal(2, 3, 4)
    case("reshape", lambda tf, a: tf.reshape(a, [3, 2]), A)
    case("reshape/minus_one", lambda tf, a: tf.reshape(a, [4, -1]), cube)
    case("reshape/flat", lambda tf, a: tf.reshape(a, [-1]), cube, shapes=[[None, 3, 4]])
    case("reshape/by_tensor", lambda tf, a, b: tf.reshape(a, b), A, ints(6, 1))
    case(
        "reshape/by_own_sizes",
        lambda tf, a: tf.reshape(a, [tf.shape(a)[1], tf.shape(a)[0]]),
        A,
        shapes=[[None, 3]],
    )
    case(
        "reshape/by_concat",
        lambda tf, a: tf.reshape(a, tf.concat([tf.shape(a)[:2], [2, 2]], 0)),
        cube,
        shapes=[[None, 3, 4]],
    )
    case(
        "reshape/packed",
        lambda tf, a: tf.reshape(a, [tf.shape(a)[0], 12]),
        cube,
        shapes=[[None, 3, 4]],
    )
    case("transpose", lambda tf, a: tf.transpose(a), A)
    case("transpose/rank3", lambda tf, a: tf.transpose(a), cube)
    case("transpose/perm", lambda tf, a: tf.transpose(a, perm=[0, 2, 1]), cube)
    case("transpose/unknown", lambda tf, a: tf.transpose(a), A, shapes=[[None, 3]])
    for axis in (0, 1, -1):
        case(f"expand_dims/{axis}", lambda tf, a, d=axis: tf.expand_dims(a, d), A)
    case("squeeze", lambda tf, a: tf.squeeze(a), normal(1, 3, 1))
    case("squeeze/axis", lambda tf, a: tf.squeeze(a, [2]), normal(1, 3, 1))
    case("squeeze/squeeze_dims", lambda tf, a: tf.squeeze(a, squeeze_dims=[0]), normal(1, 3, 1))
    for name in ("shape", "size", "rank"):
        case(name, public(name), cube)
        case(name + "/unknown", public(name), cube, shapes=[[None, 3, 4]])
        case(name + "/unknown_rank", public(name), cube, shapes=[None])
    case("shape/int64", lambda tf, a: tf.shape(a, out_type=tf.int64), cube)
    case("zeros_like/unknown", lambda tf, a: tf.zeros_like(a), A, shapes=[[None, 3]])
    case("ones_like/int32", lambda tf, a: tf.ones_like(a, dtype=tf.int32), A, shapes=[[None, 3]])
    case("identity/unknown_rank", lambda tf, a: tf.identity(a), A, shapes=[None])
    case("pad", lambda tf, a: tf.pad(a, [[1, 0], [0, 2]]), A)
    case(
        "pad/constant",
        lambda tf, a: tf.pad(a, [[1, 0], [0, 2]], constant_values=1.5),
        A,
        shapes=[[None, 3]],
    )
    case("pad/by_tensor", lambda tf, a, b: tf.pad(a, b), A, ints([1, 0], [2, 2]))
    case("matrix_diag", lambda tf, a: tf.matrix_diag(a), A)
    case("matrix_diag_part", lambda tf, a: tf.matrix_diag_part(a), cube, shapes=[[None, 3, 4]])
    case("matrix_set_diag", lambda tf, a, b: tf.matrix_set_diag(a, b), cube, normal(2, 3))
    case("reverse/two", lambda tf, a: tf.reverse(a, [0, -1]), cube, shapes=[[None, 3, 4]])
    case("slice", lambda tf, a: tf.slice(a, [0, 1], [2, -1]), A)
    case("reverse", lambda tf, a: tf.reverse(a, [1]), A)


def add_joins():
    case("concat/0", lambda tf, a, b: tf.concat([a, b], 0), A, B)
    case("concat/minus_one", lambda tf, a, b: tf.concat([a, b], axis=-1), A, normal(2, 1))
    case("concat/one", lambda tf, a: tf.concat([a], 0), A)
    case(
        "concat/unknown",
        lambda tf, a, b: tf.concat([a, b], 1),
        A,
        B,
        shapes=[[None, 3], [None, None]],
    )
    for axis in (0, 1, -1):
        case(f"stack/{axis}", lambda tf, a, b, d=axis: tf.stack([a, b], axis=d), A, B)
    case("stack/mixed", lambda tf, a: tf.stack([a, 1.0, 2.0]), np.asarray(np.float32(5)))
    case("stack/with_number", lambda tf, a: tf.stack([1, a, 2.5]), np.asarray(np.float32(5)))
    case("stack/nested", lambda tf, a: tf.stack([[a, 1.0], [2.0, a]]), np.asarray(np.float32(5)))
    case("unstack/axis", lambda tf, a: tf.unstack(a, axis=-1), A, shapes=[[None, 3]])
    case("unstack/one_used", lambda tf, a: tf.unstack(a)[1] * 2.0, A)
    case("split/rest", lambda tf, a: tf.split(a, [1, -1], -1), A)
    case("split/unknown", lambda tf, a: tf.split(a, 2, 0), normal(4, 3), shapes=[[None, 3]])
    case("split/one_used", lambda tf, a: tf.split(a, [2, 1], 1)[0], A)
    case("unstack", lambda tf, a: tf.unstack(a), A)
    case("split/number", lambda tf, a: tf.split(a, 3, 1), A)
    case("split/sizes", lambda tf, a: tf.split(a, [1, 2], 1), A)
    case("one_hot", lambda tf, a: tf.one_hot(a, 4), ints(0, 3, 1))
    case("one_hot/outside", lambda tf, a: tf.one_hot(a, 3), ints(-1, 3, 1))
    case("one_hot/values", lambda tf, a: tf.one_hot(a, 3, on_value=5.0, off_value=-1.0), ints(2, 0))
    case("one_hot/int_axis0", lambda tf, a: tf.one_hot(a, 3, axis=0, dtype=tf.int32), ints(2, 0))
    case("gather", lambda tf, a, b: tf.gather(a, b), normal(4, 2), ints(3, 0, 3))
    case("gather/scalar", lambda tf, a: tf.gather(a, 2), normal(4, 2), shapes=[[None, 2]])
    case("gather/minus_one", lambda tf, a, b: tf.gather(a, b, axis=-1), A, ints(0, 0, 2))
    case("gather/axis1", lambda tf, a, b: tf.gather(a, b, axis=1), A, ints([2, 0], [1, 1]))
    case(
        "nn.embedding_lookup",
        lambda tf, a, b: tf.nn.embedding_lookup(a, b),
        normal(4, 2),
        ints([3, 0], [1, 3]),
    )
    case("gather_nd", lambda tf, a, b: tf.gather_nd(a, b), A, ints([0, 1], [1, 2]))
    case("gather_nd/slices", lambda tf, a, b: tf.gather_nd(a, b), normal(4, 2), ints([3], [0], [3]))
    case("scatter_nd", lambda tf, a, b: tf.scatter_nd(b, a, [4, 3]), A, ints([3], [3]))
    case("boolean_mask", lambda tf, a, b: tf.boolean_mask(a, b), A, bools(True, False))
    case(
        "boolean_mask/axis1",
        lambda tf, a, b: tf.boolean_mask(a, b, axis=1),
        A,
        bools(True, False, True),
        shapes=[[None, 3], [None]],
    )
    case("tile", lambda tf, a: tf.tile(a, [2, 1]), A)
    case("where", public("where"), FLAGS, A, B)
    case("where/rows", public("where"), bools(True, False), A, B)
    case("where/indices", lambda tf, a: tf.where(a), FLAGS)


def add_constants():
    for name, value in [
        ("int", 3),
        ("float", 2.5),
        ("bool", True),
        ("list", [1, 2, 3]),
        ("nested", [[1.0, 2.0], [3.0, 4.0]]),
        ("mixed", [1, 2.5]),
        ("float64_array", np.array([1.5])),
        ("int64_array", np.array([1], np.int64)),
    ]:
        case("constant/" + name, lambda tf, v=value: tf.constant(v))
    case("constant/filled", lambda tf: tf.constant(7.0, shape=[2, 2]))
    case("constant/reshaped", lambda tf: tf.constant([1, 2, 3, 4], shape=[2, 2]))
    case("constant/last_repeats", lambda tf: tf.constant([1, 2], shape=[5]))
    case("constant/dtype", lambda tf: tf.constant([1, 2], dtype=tf.float32))
    case("constant/named", lambda tf: tf.constant(1.0, name="one"))
    case("convert_to_tensor", lambda tf: tf.convert_to_tensor([1.0, 2.0]))
    case("convert_to_tensor/tensors", lambda tf, a: tf.convert_to_tensor([a, a]), normal(2))
    for name in ("zeros", "ones"):
        case(name, lambda tf, f=name: getattr(tf, f)([2, 3]))
        case(name + "/int32", lambda tf, f=name: getattr(tf, f)([2], tf.int32))
        case(name + "/scalar", lambda tf, f=name: getattr(tf, f)([]))
        case(name + "/by_tensor", public(name), ints(2, 3))
    case("zeros/large", lambda tf: tf.zeros([40, 30]))
    case("fill", lambda tf: tf.fill([2, 3], 9.0))
    case("fill/int32", lambda tf: tf.fill([2], 9))
    case("range", lambda tf: tf.range(5))
    case("range/limits", lambda tf: tf.range(3, 18, 3))
    case("range/float", lambda tf: tf.range(0.0, 1.0, 0.25))
    case("range/tensor", lambda tf, a: tf.range(a), np.asarray(np.int32(4)))
    case("linspace", lambda tf: tf.linspace(0.0, 1.0, 5))
    case("eye/rectangle", lambda tf: tf.eye(2, 3))
    case("eye/batch", lambda tf: tf.eye(2, 3, batch_shape=[2], dtype=tf.int32))
    case("eye/by_tensor", lambda tf, a: tf.eye(a, 2), np.asarray(np.int32(3)))
    case("eye", lambda tf: tf.eye(3))


LOGITS = wide(3, 4)
LABELS = np.abs(normal(3, 4))
LABELS = (LABELS / LABELS.sum(axis=1, keepdims=True)).astype(np.float32)
TARGETS = ints(2, 0, 3)


def add_losses():
    entropy = "softmax_cross_entropy_with_logits"
    for name in (entropy, entropy + "_v2"):
        case(
            "nn." + name,
            lambda tf, a, b, f=name: getattr(tf.nn, f)(labels=a, logits=b),
            LABELS,
            LOGITS,
        )
    case(
        "nn." + entropy + "_v2/unknown",
        lambda tf, a, b: tf.nn.softmax_cross_entropy_with_logits_v2(labels=a, logits=b),
        LABELS,
        LOGITS,
        shapes=[[None, 4], [None, 4]],
    )
    case(
        "nn.sparse_" + entropy,
        lambda tf, a, b: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=a, logits=b),
        TARGETS,
        LOGITS,
    )
    case(
        "nn.sparse_" + entropy + "/unknown",
        lambda tf, a, b: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=a, logits=b),
        TARGETS.astype(np.int64),
        LOGITS,
        shapes=[[None], [None, 4]],
    )
    case(
        "nn.sigmoid_cross_entropy_with_logits",
        lambda tf, a, b: tf.nn.sigmoid_cross_entropy_with_logits(labels=a, logits=b),
        LABELS,
        LOGITS,
    )


def add_after_the_losses():
    case("nn.bias_add", lambda tf, a, b: tf.nn.bias_add(a, b), A, normal(3))
    case("nn.bias_add/rank4", lambda tf, a, b: tf.nn.bias_add(a, b), normal(1, 2, 2, 3), normal(3))
    case("nn.xw_plus_b", public("nn.xw_plus_b"), A, normal(3, 4), normal(4))
    case("nn.l2_normalize", lambda tf, a: tf.nn.l2_normalize(a, 1), A)
    case("nn.moments", lambda tf, a: tf.nn.moments(a, [0]), normal(4, 3))
    case("nn.l2_normalize/all", lambda tf, a: tf.nn.l2_normalize(a), A)
    case(
        "nn.moments/all",
        lambda tf, a: tf.nn.moments(a, [0, 1], keep_dims=True),
        normal(4, 3),
        shapes=[[None, 3]],
    )
    case("nn.top_k/indices", lambda tf, a: tf.nn.top_k(a, 2).indices, floats([1.0, 3.0, 3.0, 2.0]))
    case("nn.top_k/rank1", lambda tf, a: tf.nn.top_k(a)[0], floats(1.0, 3.0, 3.0, 2.0))
    case(
        "nn.in_top_k/ties",
        lambda tf, a, b: tf.nn.in_top_k(a, b, 1),
        floats([1.0, 1.0], [0.0, np.nan], [3.0, 2.0]),
        ints(1, 1, 5),
    )
    case("nn.in_top_k", lambda tf, a, b: tf.nn.in_top_k(a, b, 2), LOGITS, TARGETS)
    case("nn.top_k", lambda tf, a: tf.nn.top_k(a, 2)[0], LOGITS)
    case(
        "tutorial_cross_entropy",
        lambda tf, a, b: tf.reduce_mean(
            -tf.reduce_sum(a * tf.log(tf.nn.softmax(b)), reduction_indices=[1])
        ),
        LABELS,
        LOGITS,
    )


for _add in (
    add_binary,
    add_broadcasting,
    add_operators,
    add_unary,
    add_comparisons,
    add_matmul,
    add_reductions,
    add_casts,
    add_shapes,
    add_joins,
    add_constants,
    add_losses,
    add_after_the_losses,
):
    _add()
