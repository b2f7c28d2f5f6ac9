"""gs.while_loop: values, slopes, shapes, what is inside; what TensorFlow does is in the goldens."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.platform.gradient_checker import compute_gradient_error


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


@pytest.fixture
def x():
    return gs.placeholder(gs.float64, [3], name="x")


X = np.array([0.5, -1.0, 2.0])


def run(fetch, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return session.run(fetch, feed)


def slope_error(x, y):
    """How far the slopes of y along x are from those by small differences."""
    with gs.Session():
        return compute_gradient_error(x, [3], y, [3], X, delta=1e-5)


def repeated(times, body, start):
    """What a body of one variable makes of it, so many times."""
    return gs.while_loop(lambda i, z: i < times, lambda i, z: (i + 1, body(i, z)), (0, start))[1]


SLOPED = {
    "powers": lambda x: repeated(3, lambda i, z: z * x + 1.0, x),
    "never": lambda x: repeated(0, lambda i, z: z * x, gs.square(x)),
    "only from around": lambda x: repeated(3, lambda i, z: gs.sin(x), gs.zeros([3], gs.float64)),
    "only the start": lambda x: repeated(2, lambda i, z: gs.tanh(z), x),
    "with the counter": lambda x: repeated(3, lambda i, z: z * gs.cast(i, gs.float64) + x, x),
    "cut off": lambda x: repeated(3, lambda i, z: gs.zeros_like(z) + x, x),
    "nested": lambda x: repeated(2, lambda i, z: repeated(2, lambda j, u: u * x - z, z), x),
    "as often as outside": lambda x: gs.while_loop(
        lambda i, z: i < 3, lambda i, z: (i + 1, repeated(i, lambda j, u: u * x, z)), (0, x)
    )[1],
    "a branch inside": lambda x: repeated(
        4,
        lambda i, z: gs.cond(gs.equal(i % 2, 0), lambda: z * x, lambda: gs.cos(z) + x),
        x,
    ),
    "inside a branch": lambda x: gs.cond(
        x[0] > 0.0, lambda: repeated(2, lambda i, z: gs.sin(z * x), x), lambda: x
    ),
    "two that swap": lambda x: gs.while_loop(
        lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a * b), (0, x, gs.sin(x))
    )[2],
    "until it is large": lambda x: gs.while_loop(
        lambda z: gs.reduce_sum(z * z) < 50.0, lambda z: z * 1.5 + x * x, [x]
    ),
    "grown": lambda x: gs.while_loop(
        lambda i, z: i < 3,
        lambda i, z: (i + 1, gs.concat([z, x * z[:3]], 0)),
        (0, x),
        shape_invariants=(gs.TensorShape([]), gs.TensorShape([None])),
    )[1][-3:],
    "one after the other": lambda x: repeated(
        2, lambda i, z: z * x, repeated(2, lambda i, z: z + x * x, x)
    ),
    "rows": lambda x: repeated(3, lambda i, z: z + gs.gather(x, i) * gs.gather(z, [2, 2, 0]), x),
    "one as it is": lambda x: gs.while_loop(
        lambda i, a, b: i < 3, lambda i, a, b: (i + 1, a, a * b), (0, x, gs.exp(x))
    )[2],
    "twice the same": lambda x: gs.while_loop(
        lambda i, a, b: i < 2, lambda i, a, b: (i + 1, a * b, a * b), (0, x, x)
    )[1],
}


@pytest.mark.parametrize("name", SLOPED)
def test_slopes_are_those_by_small_differences(x, name):
    assert slope_error(x, SLOPED[name](x)) < 1e-7


#: What a random body does with its variable z, with u from around, and with x.
PIECES = [
    lambda z, u, x: z * u,
    lambda z, u, x: gs.sin(z) + x,
    lambda z, u, x: gs.tanh(z - u),
    lambda z, u, x: u,
    lambda z, u, x: gs.maximum(z, 0.9 * u * x),  # z may be u * x, and then has no slope
    lambda z, u, x: gs.ones_like(z) + gs.cos(u),
]
BODY = st.recursive(
    st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=2),
    lambda inner: st.lists(
        st.one_of(
            st.integers(0, len(PIECES) - 1),
            st.tuples(st.just("cond"), inner, inner),
            st.tuples(st.just("while"), st.integers(0, 2), inner),
        ),
        min_size=1,
        max_size=2,
    ),
    max_leaves=6,
)


def built(pieces, z, u, x):
    """A program of branches and loops in each other, to the depth that was drawn."""
    for piece in pieces:
        if isinstance(piece, int):
            z, u = PIECES[piece](z, u, x), z
        elif piece[0] == "cond":
            z, u = (
                gs.cond(
                    gs.reduce_sum(z) > gs.reduce_sum(u),
                    lambda p=piece, a=z, b=u: built(p[1], a, b, x),
                    lambda p=piece, a=z, b=u: built(p[2], a, b, x),
                ),
                z,
            )
        else:
            z, u = repeated(piece[1], lambda i, a, p=piece, b=u: built(p[2], a, b, x), z), z
    return z


@settings(max_examples=40, deadline=None)
@given(pieces=BODY)
def test_slopes_of_random_programs(pieces):
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float64, [3], name="x")
        y = built(pieces, x, gs.cos(x), x)
        # Differences are as far off as the curve bends, which is more where it is steep.
        (slope,) = gs.gradients(gs.reduce_sum(y), x)
        steep = 0.0 if slope is None else np.abs(run(slope, {x: X})).max()
        assert slope_error(x, y) < 1e-6 * max(1.0, steep)


def test_a_second_derivative_is_refused(x):
    z = repeated(2, lambda i, z: z * x, x)
    (slope,) = gs.gradients(z, x)
    with pytest.raises(TypeError, match="Second-order gradient for while loops not supported"):
        gs.gradients(slope, x)


def test_without_back_prop_nothing_comes_back(x):
    z = gs.while_loop(lambda i, z: i < 2, lambda i, z: (i + 1, z * x), (0, x), back_prop=False)[1]
    assert gs.gradients(z, x) == [None]
    assert run(z, {x: X}).tolist() == (X**3).tolist()


def test_a_thousand_iterations_and_back(x):
    z = repeated(1000, lambda i, z: z * 0.999 + x * 0.001, x)
    (slope,) = gs.gradients(z, x)
    value, found = run([z, slope], {x: X})
    np.testing.assert_allclose(value, X, rtol=1e-9)
    np.testing.assert_allclose(found, 1.0, rtol=1e-9)


@pytest.mark.parametrize("limit", [None, 0, 2, 99, -3])
def test_maximum_iterations(limit):
    i = gs.while_loop(lambda i: i < 5, lambda i: i + 1, [0], maximum_iterations=limit)
    assert run(i) == (5 if limit is None else min(5, max(0, limit)))
    n = gs.placeholder(gs.int64, [], name="n")
    j = gs.while_loop(lambda i: i < 5, lambda i: i + 1, [0], maximum_iterations=n)
    assert run(j, {n: limit or 0}) == min(5, max(0, limit or 0))
    with pytest.raises(ValueError, match="rank 0 but is rank 1"):
        gs.while_loop(lambda i: i < 5, lambda i: i + 1, [0], maximum_iterations=[1])


def test_names_and_shapes(x):
    i, z = gs.while_loop(lambda i, z: i < 2, lambda i, z: (i + 1, z), (0, x))
    assert (i.name, z.name) == ("while/Exit:0", "while/Exit_1:0")
    assert z.shape.as_list() == [3]
    named = gs.while_loop(lambda i: i < 2, lambda i: i + 1, [0], name="count")
    assert named.name == "count/Exit:0"
    limited = gs.while_loop(lambda i: i < 2, lambda i: i + 1, [0], maximum_iterations=3)
    assert limited.name == "while_1/Exit_1:0"  # the counter is the first, as in TensorFlow
    loose = gs.while_loop(
        lambda z: z[0] < 1.0, lambda z: z + 1.0, [x], shape_invariants=[gs.TensorShape([None])]
    )
    assert loose.shape.as_list() == [None]


def test_the_nesting_of_what_comes_back(x):
    z = gs.while_loop(lambda z: z[0] < 1.0, lambda z: z + 1.0, [x])
    assert isinstance(z, gs.Tensor)
    same = gs.while_loop(lambda z: z[0] < 1.0, lambda z: [z + 1.0], [x], return_same_structure=True)
    assert isinstance(same, list)
    i, state = gs.while_loop(
        lambda i, s: i < 2,
        lambda i, s: (i + 1, {"a": s["b"][0], "b": (s["a"], s["b"][1] * 2.0)}),
        (0, {"a": x, "b": (x + 1.0, x)}),
    )
    assert isinstance(i, gs.Tensor)
    found = run(state, {x: X})
    assert found["a"].tolist() == X.tolist()
    assert found["b"][1].tolist() == (4.0 * X).tolist()


@pytest.mark.parametrize("use_resource", [False, True])
def test_variables_are_read_and_written_in_each_iteration(use_resource):
    v = gs.Variable(1.0, name="v", use_resource=use_resource)

    def body(i, total):
        with gs.control_dependencies([v.assign(v.read_value() * 3.0)]):
            return i + 1, total + v.read_value()

    _, total = gs.while_loop(lambda i, t: i < 3, body, (0, gs.constant(0.0)))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    assert session.run(total) == 3.0 + 9.0 + 27.0
    assert session.run(v) == 27.0


def test_training_through_a_loop(x):
    w = gs.Variable(np.float64(0.5), name="w")
    z = repeated(3, lambda i, z: z * w, x)
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(z))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    session.run(train, {x: X})
    # d sum(x) w^3 / dw = 3 w^2 sum(x)
    assert session.run(w) == pytest.approx(0.5 - 0.1 * 3 * 0.25 * X.sum())


def test_random_numbers_are_drawn_anew_in_each_iteration():
    gs.set_random_seed(3)
    _, z = gs.while_loop(
        lambda i, z: i < 3,
        lambda i, z: (i + 1, gs.concat([z, gs.random_uniform([1])], 0)),
        (0, gs.zeros([1])),
        shape_invariants=(gs.TensorShape([]), gs.TensorShape([None])),
    )
    session = gs.Session()
    first, second = session.run(z), session.run(z)
    assert len({*first[1:], *second[1:]}) == 6
    assert gs.Session().run(z).tolist() == first.tolist()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda x: gs.while_loop(1, lambda z: z, [x]), TypeError, "cond must be callable"),
        (lambda x: gs.while_loop(lambda z: True, 1, [x]), TypeError, "body must be callable"),
        (lambda x: gs.while_loop(lambda: True, lambda: 1, []), ValueError, "No loop variables"),
        (lambda x: gs.while_loop(lambda z: z, lambda z: z, [0]), TypeError, "a truth value"),
        (lambda x: gs.while_loop(lambda z: 1, lambda z: z, [0]), TypeError, "a truth value"),
        (lambda x: gs.while_loop(lambda z: z > 0.0, lambda z: z, [x]), ValueError, "rank 0 but is"),
        (lambda x: gs.while_loop(lambda z: True, lambda z: None, [0]), ValueError, "None"),
        (
            lambda x: gs.while_loop(lambda z: True, lambda z: gs.cast(z, gs.float32), [0]),
            TypeError,
            "is int32, and the body gives back float32",
        ),
        (
            lambda x: gs.while_loop(lambda i, z: True, lambda i, z: [i, [z]], (0, x)),
            ValueError,
            "same nested structure",
        ),
        (
            lambda x: gs.while_loop(lambda i, z: True, lambda i, z: [i, (z[0],)], (0, [x])),
            TypeError,
            "same sequence type",
        ),
        (
            lambda x: gs.while_loop(
                lambda i, z: True,
                lambda i, z: (i, z),
                (0, x),
                shape_invariants=[gs.TensorShape([])],
            ),
            ValueError,
            "1 shapes for 2 variables",
        ),
        (
            lambda x: gs.while_loop(lambda i: True, lambda i: i, [0], parallel_iterations=0),
            TypeError,
            "positive",
        ),
    ],
)
def test_mistakes(x, make, error, message):
    with pytest.raises(error, match=message):
        make(x)


def test_what_is_inside_stays_inside(x):
    inside = []

    def body(i, z):
        inside.append(gs.negative(z, name="inside"))
        return i + 1, inside[0]

    _, z = gs.while_loop(lambda i, z: i < 3, body, (0, x))
    with pytest.raises(ValueError, match="has no value outside of it"):
        gs.exp(inside[0])
    with pytest.raises(ValueError, match="not fetchable"):
        run([z, inside[0]], {x: X})
    with pytest.raises(ValueError, match="may not be fed"):
        run(z, {x: X, inside[0]: X})
    assert run(z, {x: X}).tolist() == (-X).tolist()


def test_dependencies_around_a_loop():
    order = gs.Variable("", name="order")

    def add(letter):
        return gs.assign(order, order.read_value() + letter)

    def body(i):
        with gs.control_dependencies([add("b")]):
            return i + 1

    with gs.control_dependencies([add("a")]):
        i = gs.while_loop(lambda i: i < 3, body, [gs.constant(0)])
    with gs.control_dependencies([i]):
        z = add("c")
    assert run(z) == b"abbbc"


def test_what_is_fed_in_place_of_a_loops_result(x):
    z = repeated(2, lambda i, z: z * x, x)
    (slope,) = gs.gradients(z * 2.0, x)
    fed = np.ones(3)
    assert run(z * 1.0, {x: X, z: fed}).tolist() == fed.tolist()
    np.testing.assert_allclose(run(slope, {x: X, z: fed}), 6.0 * X**2)  # what ran is differentiated


@pytest.mark.parametrize("fed", [(1,), (0, 1, 2)])
def test_the_gradient_waits_for_a_loop_whose_outputs_are_fed(x, fed):
    z = repeated(2, lambda i, z: z * x, x)
    (slope,) = gs.gradients(z * z, x)
    outputs = z.op.inputs[0].op.outputs
    values = [2, np.ones(3), 2]
    found = run(slope, {x: X, **{outputs[i]: values[i] for i in fed}})
    np.testing.assert_allclose(found, 6.0 * X**2)


def test_a_loop_is_not_gone_back_more_often_than_it_ran(x):
    z = repeated(2, lambda i, z: z * x, x)
    (slope,) = gs.gradients(z, x)
    count = z.op.inputs[0].op.outputs[-1]
    with pytest.raises(gs.errors.InvalidArgumentError, match="has run 2 times, not 3"):
        run(slope, {x: X, count: 3})
