"""What is asserted, checked, printed and called inside a graph, and what is refused."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import nn


def run(tensor, feed=None):
    with gs.Session() as session:
        return session.run(tensor, feed)


def test_assert():
    x = gs.placeholder(gs.int32, [None])
    with gs.control_dependencies([gs.Assert(gs.reduce_all(x > 0), ["not positive:", x])]):
        y = gs.identity(x)
    np.testing.assert_array_equal(run(y, {x: [1, 2]}), [1, 2])
    with pytest.raises(
        gs.errors.InvalidArgumentError, match=r"assertion failed: \[not positive:\]"
    ):
        run(y, {x: [1, -2]})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("assert_positive", [1], [0]),
        ("assert_negative", [-1], [0]),
        ("assert_non_negative", [0], [-1]),
        ("assert_non_positive", [0], [1]),
    ],
)
def test_signs(name, good, bad):
    check = getattr(gs, name)
    x = gs.placeholder(gs.int32, [None])
    operation = check(x, message="here")
    run(operation, {x: good})
    with pytest.raises(gs.errors.InvalidArgumentError, match="here"):
        run(operation, {x: bad})
    with pytest.raises(gs.errors.InvalidArgumentError, match="did not hold"):
        check(gs.constant(bad))


def test_comparisons():
    one, two = gs.constant([1]), gs.constant([2])
    for check in (gs.assert_less, gs.assert_less_equal, gs.assert_none_equal):
        run(check(one, two))
    for check in (gs.assert_greater, gs.assert_greater_equal, gs.assert_equal):
        run(check(two, two) if check is not gs.assert_greater else check(two, one))
        with pytest.raises(gs.errors.InvalidArgumentError):
            check(one, two)
    run(gs.assert_near(gs.constant([1.0]), gs.constant([1.0 + 1e-7])))


def test_ranks_and_types():
    x = gs.placeholder(gs.float32, [2, None])
    assert gs.assert_rank(x, 2).type == gs.assert_rank_at_least(x, 1).type == "NoOp"
    gs.assert_rank_in(x, [1, 2])
    gs.assert_type(x, gs.float32)
    for check in (
        lambda: gs.assert_rank(x, 1),
        lambda: gs.assert_rank_at_least(x, 3),
        lambda: gs.assert_rank_in(x, [0, 1]),
        lambda: gs.assert_scalar(x),
    ):
        with pytest.raises(ValueError, match=r"rank|scalar"):
            check()
    with pytest.raises(TypeError, match="must be of type"):
        gs.assert_type(x, gs.int32)
    unknown = gs.placeholder(gs.float32)
    with pytest.raises(gs.errors.InvalidArgumentError, match="must have rank"):
        run(gs.assert_rank(unknown, 1), {unknown: 1.0})


def test_check_numerics():
    gs.reset_default_graph()
    x = gs.placeholder(gs.float32, [2])
    every = gs.log(x) + 1, gs.add_check_numerics_ops()
    with pytest.raises(gs.errors.InvalidArgumentError, match="Log:0 : Tensor had Inf"):
        run(every[1], {x: [0.0, 1.0]})
    run(every, {x: [1.0, 1.0]})


def test_print(capfd):
    x = gs.placeholder(gs.float32, [None])
    y = gs.Print(x, [x, gs.shape(x)], "x: ", first_n=2, summarize=2)
    with gs.Session() as session:
        for _ in range(3):
            session.run(y, {x: [1.0, 2.5, 3.0]})
    assert capfd.readouterr().err == "x: [1 2.5...][3]\n" * 2


def test_py_func_is_called_in_every_run():
    calls = []
    x = gs.placeholder(gs.float32)
    y = gs.py_func(lambda value: calls.append(value) or value * 2, [x], gs.float32)
    with gs.Session() as session:
        assert [session.run(y, {x: 1.5}) for _ in range(2)] == [3.0, 3.0]
    assert calls == [1.5, 1.5]


def test_py_func_refuses():
    with pytest.raises(ValueError, match="callable"):
        gs.py_func(3, [], gs.float32)
    wrong = gs.py_func(lambda: np.zeros(2, np.int64), [], gs.float32)
    with pytest.raises(gs.errors.InvalidArgumentError, match="expects float32"):
        run(wrong)
    fails = gs.py_func(lambda: 1 / 0, [], gs.float32)
    with pytest.raises(gs.errors.InvalidArgumentError, match="division by zero"):
        run(fails)


def test_old_orders_of_arguments():
    x = gs.constant([[1, 2], [3, 4]])
    for joined in (
        gs.concat(1, [x, x]),
        gs.concat([x, x], 1),
        gs.concat(concat_dim=1, values=[x, x]),
    ):
        assert joined.shape.as_list() == [2, 4]
    for parts in (
        gs.split(1, 2, x),
        gs.split(x, 2, 1),
        gs.split(value=x, num_split=2, split_dim=1),
    ):
        assert [part.shape.as_list() for part in parts] == [[2, 1]] * 2
    np.testing.assert_array_equal(run(gs.reverse(x, dims=[False, True])), [[2, 1], [4, 3]])


def test_what_layers_refuse():
    image = gs.placeholder(gs.float32, [1, 3, 3, 2])
    with pytest.raises(
        ValueError, match=r"input \(2\) is not a multiple of input depth of filter \(4\)"
    ):
        nn.conv2d(image, gs.zeros([2, 2, 4, 1]), [1, 1, 1, 1], "SAME")
    with pytest.raises(ValueError, match="Negative dimension size caused by subtracting 5 from 3"):
        nn.max_pool(image, 5, 1, "VALID")
    with pytest.raises(ValueError, match="NCHW"):
        nn.conv2d(image, gs.zeros([2, 2, 2, 1]), 1, "SAME", data_format="NCHW")
    with pytest.raises(ValueError, match="padding"):
        nn.avg_pool(image, 2, 1, "FULL")
    with pytest.raises(ValueError, match=r"range \[0, 1\)"):
        nn.dropout(image, keep_prob=0.0)
    with pytest.raises(ValueError, match="rate"):
        nn.dropout(image)


def test_singular_and_wild_matrices():
    for build in (gs.matrix_inverse, lambda a: gs.matrix_solve(a, a)):
        with pytest.raises(gs.errors.InvalidArgumentError, match="not invertible"):
            run(build(gs.zeros([2, 2])))
    with pytest.raises(gs.errors.InvalidArgumentError, match="Cholesky"):
        run(gs.cholesky(gs.constant([[-1.0]])))
    with pytest.raises(ValueError, match="Dimensions must be equal"):
        gs.matrix_inverse(gs.zeros([2, 3]))


def test_gradients_that_are_not_there():
    x = gs.placeholder(gs.float32, [1, 2, 2, 3])
    with pytest.raises(LookupError, match="AdjustHue"):
        gs.gradients(gs.image.adjust_hue(x, 0.1), x)


def test_values_that_only_a_run_knows_are_no_constants():
    x = gs.placeholder(gs.float32, [2, None])
    for value in (x, [x, x], [[1.0, x[0, 0]]], gs.Variable(1.0)):
        with pytest.raises(TypeError, match="List of Tensors when single Tensor expected"):
            gs.constant(value)
    with pytest.raises(ValueError, match="partially known TensorShape"):
        gs.zeros(x.shape)


def test_two_types_do_not_multiply():
    x = gs.placeholder(gs.float32, [2, 3])
    for product in (gs.matmul, lambda a, b: gs.tensordot(a, b, 1)):
        with pytest.raises(TypeError, match="float64"):
            product(x, np.ones([3, 2]))
        with pytest.raises(TypeError, match="int32"):
            product(x, [[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize("shape", [-1, 6, [[6]]])
def test_a_shape_is_a_list(shape):
    with pytest.raises(ValueError, match="Shape must be rank 1 but is rank"):
        gs.reshape(gs.placeholder(gs.float32, [2, 3]), shape)
