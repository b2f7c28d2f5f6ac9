"""Operations for which TensorFlow has no gradient: an error on the way, and nowhere else."""

import pytest

import graphscope as gs
from graphscope.gradients.unregistered import UNREGISTERED
from graphscope.graph.registry import OPS

THROUGH = {
    "RandomShuffle": lambda x: gs.random_shuffle(x),
    "Unique": lambda x: gs.unique(x)[0],
    "TruncateMod": lambda x: gs.truncatemod(x, 2.0),
    "Bitcast": lambda x: gs.bitcast(x, gs.float32),
    "GuaranteeConst": lambda x: gs.guarantee_const(x),
    "SegmentProd": lambda x: gs.segment_prod(x, [0, 0, 1]),
}


@pytest.mark.parametrize("kind", THROUGH)
def test_on_the_way_it_is_an_error(kind):
    x = gs.placeholder(gs.float32, [3])
    y = gs.reduce_sum(THROUGH[kind](2.0 * x))
    with pytest.raises(LookupError, match=rf"No gradient defined for operation .*{kind}"):
        gs.gradients(y, x)


@pytest.mark.parametrize("kind", THROUGH)
def test_beside_the_way_it_is_none(kind):
    x = gs.placeholder(gs.float32, [3])
    shuffled = THROUGH[kind](2.0 * gs.stop_gradient(x))
    (dx,) = gs.gradients(gs.reduce_sum(shuffled) * x, x)
    assert gs.Session().run(dx, {x: [3, 4, 5]}).shape == (3,)
    assert gs.gradients(gs.stop_gradient(shuffled), x) == [None]
    assert gs.gradients(gs.floor(x), x) == [None]


def test_each_of_them_is_there_without_a_rule():
    assert set(OPS) >= UNREGISTERED
    assert [name for name in UNREGISTERED if OPS[name].gradient_rule is not None] == []


def test_reshaping_to_a_size_that_cannot_be():
    x = gs.placeholder(gs.float32, [None, 3])
    assert gs.reshape(x, [6]).shape.as_list() == [6]
    for sizes in ([], [4]):
        with pytest.raises(ValueError, match="Dimension size must be evenly divisible by 3"):
            gs.reshape(x, sizes)
    with pytest.raises(ValueError, match="Cannot reshape a tensor with 0 elements"):
        gs.reshape(gs.placeholder(gs.float32, [None, 0]), [2])
