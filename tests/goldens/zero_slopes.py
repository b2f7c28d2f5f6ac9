"""Functions at awkward points, where nothing flows back to some of them.

Where the incoming gradient is 0 and the slope is infinite or NaN, TensorFlow 1.15 gives 0 for some
operations and NaN for the others. The same function runs the cases with TensorFlow and here.
"""

import operator
import warnings

import numpy as np
from goldens.running import from_scratch

#: Fewer than 8: where TensorFlow does 8 at once, its root of infinity is NaN.
POINTS = np.array([0, 1e-30, -1, 1, 2.5, 1e30, np.inf], np.float32)
ZEROS = np.zeros(19, np.float32)
FIRST, SECOND = (
    np.ravel(half).astype("f4")
    for half in np.meshgrid([0, -1, 2.5, 1e30, np.inf], [0, 1, -1, 0.5, 3, 1e30, np.inf])
)
POSITIVE, ALSO_POSITIVE = (
    np.ravel(half).astype("f4") for half in np.meshgrid([0.5, 2, 1e30], [0, 0.5, 2, 1e30])
)
STEEP, BACK = np.array([[0, 0, 4, 1e30, np.inf], [0, 1, 2, 0, 0]], np.float32)
ROWS = np.array([[0, 0], [3, 4], [0, 1], [1e30, 1], [np.inf, 1]], np.float32)
COMPLEX = np.array([0, 1 + 2j, -3j, 1e15], np.complex64)

_ROOTS = ("sqrt", "rsqrt", "math.reciprocal")
_OF_ONE = (
    *(*_ROOTS, "exp", "math.expm1", "log", "math.log1p", "square"),
    *("abs", "sign", "negative", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"),
    *("tanh", "asinh", "acosh", "atanh", "sigmoid", "erf", "erfc"),
    *("nn.relu", "nn.relu6", "nn.leaky_relu", "nn.elu", "nn.selu", "nn.softplus", "nn.softsign"),
    "math.reciprocal_no_nan",
)
_OF_TWO = (
    *("add", "subtract", "multiply", "truediv", "div_no_nan", "math.multiply_no_nan", "pow"),
    *("math.xdivy", "math.xlogy", "atan2", "maximum", "minimum", "squared_difference"),
)


def _slope(name):
    """The slope of a function of x, of which the slopes are second derivatives."""
    function = operator.attrgetter(name)
    return lambda tf, x, back: tf.gradients(function(tf)(x), x, grad_ys=[back])[0]


def _branch(function):
    return lambda tf, x: tf.where(x > 1.0, function(tf, x), tf.zeros_like(x))


#: By name: the function, or its name in the module, and what it is given.
CASES = {
    **{name: (name, (POINTS,)) for name in _OF_ONE},
    **{name: (name, (FIRST, SECOND)) for name in _OF_TWO},
    **{name: (name, (POSITIVE, ALSO_POSITIVE)) for name in ("igamma", "igammac")},
    **{f"{name} complex": (name, (COMPLEX,)) for name in _ROOTS[1:]},
    **{f"{name} twice": (_slope(name), (STEEP, BACK)) for name in _ROOTS},
    "betainc": (lambda tf, x: tf.betainc(0.5 + 0 * x, 2 + 0 * x, x), (POINTS[:4],)),
    # At 0 nothing flows back: 1 / 0 of complex numbers is not the same everywhere.
    "sqrt complex": (lambda tf, x: tf.sqrt(x) * [0, 1, 1, 1], (COMPLEX,)),
    **{f"{name} of zeros": (name, (ZEROS,)) for name in _ROOTS},
    "abs of a complex sqrt": (lambda tf, x: tf.abs(tf.sqrt(tf.complex(x, -x))), (POINTS[2:5],)),
    "where sqrt": (_branch(lambda tf, x: tf.sqrt(x)), (POINTS,)),
    "where rsqrt": (_branch(lambda tf, x: 2.0 * tf.rsqrt(x)), (POINTS,)),
    "where reciprocal": (_branch(lambda tf, x: tf.math.reciprocal(x)), (POINTS,)),
    "where sqrt(x) x": (_branch(lambda tf, x: tf.sqrt(x) * x), (POINTS,)),
    "where log": (_branch(lambda tf, x: tf.log(x)), (POINTS,)),
    "where power": (_branch(lambda tf, x: tf.pow(x, 0.5)), (POINTS,)),
    "where 1/x": (_branch(lambda tf, x: 1.0 / x), (POINTS,)),
    "norm": (lambda tf, x: tf.norm(x, axis=1), (ROWS,)),
    "norm of one": (lambda tf, x: tf.norm(x, ord=1, axis=1), (ROWS,)),
    "l2_normalize": (lambda tf, x: tf.nn.l2_normalize(x, 1), (ROWS,)),
    "clip_by_norm": (lambda tf, x: tf.clip_by_norm(x, 2.0, axes=1), (ROWS,)),
    "reduce_prod": (lambda tf, x: tf.reduce_prod(x, 1), (ROWS,)),
    "reduce_logsumexp": (lambda tf, x: tf.reduce_logsumexp(x, 1), (ROWS,)),
    "softmax": (lambda tf, x: tf.nn.softmax(x), (ROWS,)),
    "sqrt of sum of squares": (lambda tf, x: tf.sqrt(tf.reduce_sum(x * x, 1)), (ROWS,)),
}


def run_case(tf, name):
    """The node that gives the first gradient; the gradients where 0 flows back, and where 1 does.

    They are lists of what JSON has, one for each input. Complex numbers are pairs.
    """
    from_scratch(tf)
    function, arrays = CASES[name]
    inputs = [tf.placeholder(a.dtype, a.shape, name=x) for x, a in zip("xy", arrays)]
    if callable(function):
        result = function(tf, *inputs)
    else:
        result = operator.attrgetter(function)(tf)(*inputs)
    dy = tf.placeholder(result.dtype, result.shape, name="dy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slopes = tf.gradients(result, inputs, grad_ys=[dy])
    ones = np.ones(result.shape.as_list(), result.dtype.as_numpy_dtype)
    feed = dict(zip(inputs, arrays))
    with tf.Session() as sess:
        nothing, all_of_it = (sess.run(slopes, {**feed, dy: given}) for given in (0 * ones, ones))
    return {
        "node": [slopes[0].op.name, slopes[0].op.type],
        "0": list(map(plain, nothing)),
        "1": list(map(plain, all_of_it)),
    }


def plain(array):
    if np.iscomplexobj(array):
        array = np.stack([array.real, array.imag], -1)
    return array.tolist()
