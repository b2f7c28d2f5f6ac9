"""Cases of elementwise functions in further types and sizes: of bits, of complex numbers too."""

import numpy as np
from goldens.case import bools, case, floats, forms, ints, normal, positive, public, wide

A, B = normal(2, 3), positive(2, 3)
LINE, POSITIVE_LINE = normal(5).astype("f8"), positive(5).astype("f8")
OPEN = np.tanh(LINE)  # between -1 and 1
COMPLEX = A + 1j * B
LONG_COMPLEX = LINE - 0.5j * POSITIVE_LINE
NOT_NUMBERS = np.array([np.nan, np.inf, -np.inf, 0.5])
LEFT = np.array([13, -6, 0, 127, -128], "i4")
RIGHT = np.array([11, 3, 5, 1, 7], "i4")


def add_unary():
    for name in ("expm1", "sin", "cos", "tanh", "floor", "ceil"):
        case(name + "/float64", public(name), LINE)
    for name in ("asin", "acos", "atanh"):
        case(name + "/float64", public(name), OPEN)
    case("acosh/float64", public("acosh"), POSITIVE_LINE + 1)
    for name in ("is_nan", "is_inf"):
        case(name + "/float64", public("math." + name), NOT_NUMBERS)
    case("logical_not/line", public("logical_not"), bools(True, False))
    case("logical_or/line", public("logical_or"), bools(True, False), bools(False, False))
    for name in ("bessel_i0e", "bessel_i1e"):
        forms(name, public("math." + name), (wide(2, 3),), (LINE * 4,))
    forms("cast/back", lambda tf, a: tf.cast(a, tf.float64), (A,), (normal(3, 2, 2),))
    forms("cast/double", lambda tf, a: tf.cast(a, tf.float32), (LINE,))
    for name in ("leaky_relu", "elu", "selu", "softsign", "relu", "relu6", "softplus"):
        case(f"nn.{name}/float64", public("nn." + name), LINE * 5)


def add_binary():
    whole = (np.array([7, -7, 9], "i8"), np.array([2, 2, -4], "i8"))
    for name in ("truncatediv", "truncatemod"):
        forms(name, public(name), whole)
    forms("floormod", public("floormod"), (LINE, POSITIVE_LINE), (normal(4, 1), positive(3)))
    case(  # TensorFlow has no gradient of it
        "truncatemod/float64",
        lambda tf, a, b: tf.stop_gradient(tf.truncatemod(a, b), name="r"),
        LINE,
        POSITIVE_LINE,
    )
    forms("multiply_no_nan", public("math.multiply_no_nan"), (A, B * (A > 0)), (LINE, OPEN))
    forms("nextafter", public("math.nextafter"), (A, B), (LINE, POSITIVE_LINE))
    near = (floats([1.0, 2.0], [3.0, 4.0]), floats([1.0, 2.1], [2.9, 4.0]))
    for tolerance in (1e-5, 0.2):
        forms(
            f"approximate_equal/{tolerance}",
            lambda tf, a, b, t=tolerance: tf.raw_ops.ApproximateEqual(x=a, y=b, tolerance=t),
            near,
            tuple(x.astype("f8")[0] for x in near),
        )
    forms("atan2", public("atan2"), (LINE, POSITIVE_LINE - 1))
    forms("xlogy", public("math.xlogy"), (LINE, POSITIVE_LINE), (normal(3, 1), positive(2)))
    forms("xdivy", public("math.xdivy"), (LINE, POSITIVE_LINE), (normal(3, 1), positive(2)))
    forms("zeta", lambda tf, a, b: tf.zeta(tf.stop_gradient(a), b), (POSITIVE_LINE + 2, -(LINE**2)))
    forms("zeta", lambda tf, a, b: tf.zeta(a + 1, tf.stop_gradient(b)), (B, B.T[:, :2].T * 2))
    forms("polygamma", lambda tf, a: tf.polygamma(np.float64(1), a), (POSITIVE_LINE,))
    forms("add_n", lambda tf, a, b: tf.add_n([a, b, a]), (A, B), (LINE, POSITIVE_LINE))
    forms("accumulate_n", lambda tf, a, b: tf.accumulate_n([b, a]), (LINE, POSITIVE_LINE))
    forms("cross", public("cross"), (LINE[:3], POSITIVE_LINE[:3]))


def add_gamma():
    for name in ("igamma", "igammac"):
        forms(
            name,
            lambda tf, a, b, n=name: getattr(tf, n)(a + 0.3, b),
            (B, positive(2, 3) * 2),
            (POSITIVE_LINE * 3, POSITIVE_LINE[::-1].copy()),
        )
    slope = lambda tf, a, b: tf.stop_gradient(tf.raw_ops.IgammaGradA(a=a, x=b), name="r")  # noqa: E731
    forms("igamma_grad_a", slope, (POSITIVE_LINE, POSITIVE_LINE[::-1].copy()), (B, B + 1))
    forms(
        "betainc",
        lambda tf, a, b, c: tf.betainc(tf.stop_gradient(a), tf.stop_gradient(b), c),
        (B, B + 0.5, 1 / (1 + B)),
        (POSITIVE_LINE, POSITIVE_LINE[::-1] + 0.2, np.abs(OPEN)),
    )


def add_scans():
    for exclusive, reverse in ((False, False), (True, False), (False, True), (True, True)):
        case(
            f"cumulative_logsumexp/{exclusive}{reverse}",
            lambda tf, a, e=exclusive, r=reverse: tf.raw_ops.CumulativeLogsumexp(
                x=tf.stop_gradient(a) if e else a, axis=0, exclusive=e, reverse=r
            ),
            normal(4, 3).astype("f8") if reverse else wide(6),
        )
    for axis in (None, 0, [0, -1]):
        forms(
            f"reduce_euclidean_norm/{axis}",
            lambda tf, a, x=axis: tf.math.reduce_euclidean_norm(a, x, keepdims=x == 0),
            (A,),
            (normal(2, 2, 3).astype("f8"),),
        )
    forms("reduce_any", lambda tf, a: tf.reduce_any(a, 0), (bools([True, False], [False, False]),))
    forms("reduce_any", lambda tf, a: tf.reduce_any(a), (bools(True, False),))
    forms("cumprod", lambda tf, a: tf.cumprod(a, -1), (LINE,), (positive(2, 2, 3),))


def add_bits():
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"):
        build = public("bitwise." + name)
        right = RIGHT if "bitwise" in name else np.array([1, 3, 5, 0, 2], "i4")
        forms(name, build, (LEFT, right), (LEFT.astype("i8")[:4].reshape(2, 2), np.array(3, "i8")))
        forms(name, build, (LEFT.astype("u1"), right.astype("u1")), (LEFT.astype("i1"),) * 2)
    forms("invert", public("bitwise.invert"), (LEFT,), (LEFT.astype("u2").reshape(5, 1),))
    count = lambda tf, a: tf.raw_ops.PopulationCount(x=a)  # noqa: E731
    forms("population_count", count, (LEFT,), (LEFT.astype("u1"),), (LEFT.astype("i8")[:, None],))
    forms("bitcast", lambda tf, a: tf.bitcast(a, tf.int8), (ints([1, -2], [256, 65537]),))
    forms("bitcast/joined", lambda tf, a: tf.bitcast(a, tf.float64), (LEFT[:4].reshape(2, 2),))


def add_complex():
    for name in ("real", "imag", "angle", "conj", "abs"):
        forms(f"of_complex/{name}", public(name), (COMPLEX.astype("c8"),), (LONG_COMPLEX,))
    stopped = lambda tf, a, b: tf.complex(tf.stop_gradient(a), tf.stop_gradient(b))  # noqa: E731
    forms("complex", stopped, (LINE, POSITIVE_LINE), (normal(3, 1), positive(2)))
    for name in ("exp", "log", "sqrt", "rsqrt", "tanh", "sin", "cos", "square", "sigmoid", "tan"):
        forms(f"of_complex/{name}", public(name), (COMPLEX,), (LONG_COMPLEX.astype("c8"),))
    for name in ("negative", "reciprocal", "sign", "sinh", "cosh", "log1p", "expm1"):
        forms(f"of_complex/{name}", public(name), (COMPLEX,))
    for name in ("add", "subtract", "multiply", "div", "pow", "squared_difference", "equal"):
        forms(f"of_complex/{name}", public(name), (COMPLEX, COMPLEX[::-1] + 0.25))
    for name in ("reduce_sum", "reduce_mean", "reduce_prod", "cumsum", "cumprod"):
        forms(f"of_complex/{name}", lambda tf, a, n=name: getattr(tf, n)(a, 0), (COMPLEX,))
    forms("of_complex/matmul", public("matmul"), (COMPLEX, COMPLEX.T.copy()))
    forms("of_complex/adjoint", lambda tf, a: tf.matmul(a, a, adjoint_b=True), (COMPLEX,))
    forms(
        "conjugate_transpose",
        lambda tf, a: tf.raw_ops.ConjugateTranspose(x=a, perm=[1, 0]),
        (A,),
        (normal(3, 4).astype("f8"),),
        (COMPLEX,),
    )


for _add in (add_unary, add_binary, add_gamma, add_scans, add_bits, add_complex):
    _add()
