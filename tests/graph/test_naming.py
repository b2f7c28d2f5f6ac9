"""Names of operations and scopes: unique whatever the case of their letters, as in TensorFlow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphscope as gs

#: Few letters, and digits after underscores, so that names collide often.
NAMES = st.from_regex(r"[aAbB](_?[aA1-3]){0,3}", fullmatch=True)


@given(st.lists(NAMES, min_size=1, max_size=30))
def test_names_are_unique_whatever_the_case(wanted):
    graph = gs.Graph()
    with graph.as_default():
        given_names = [gs.no_op(name=name).name for name in wanted]
    assert len({name.lower() for name in given_names}) == len(wanted)
    for name, got in zip(wanted, given_names, strict=True):
        assert got == name or re.fullmatch(re.escape(name) + r"_\d+", got)
        assert graph.get_operation_by_name(got).name == got
    assert given_names[0] == wanted[0]


@given(st.lists(NAMES, min_size=1, max_size=20))
def test_names_depend_on_what_was_made_before_only(wanted):
    def names():
        with gs.Graph().as_default():
            return [gs.no_op(name=name).name for name in wanted]

    assert names() == names()


@given(NAMES, st.integers(1, 12))
def test_numbers_count_up(name, count):
    with gs.Graph().as_default():
        names = [gs.no_op(name=name).name for _ in range(count)]
    assert names == [name, *(f"{name}_{i}" for i in range(1, count))]


@given(st.lists(st.lists(NAMES, max_size=3), min_size=1, max_size=10))
def test_scopes_prefix_and_stay_unique(paths):
    def inside(path):
        if not path:
            return gs.no_op(name="op").name
        with gs.name_scope(path[0]) as scope:
            name = inside(path[1:])
            assert name.startswith(scope)
            return name

    graph = gs.Graph()
    with graph.as_default():
        names = [inside(path) for path in paths]
        assert graph.get_name_scope() == ""
    assert len({name.lower() for name in names}) == len(paths)
    for path, name in zip(paths, names, strict=True):
        assert name.count("/") == len(path)


def test_a_scope_is_entered_again_by_its_own_string():
    with gs.Graph().as_default():
        with gs.name_scope("layer") as scope:
            first = gs.no_op(name="a")
        with gs.name_scope(scope):
            second = gs.no_op(name="a")
        with gs.name_scope("layer"):
            third = gs.no_op(name="a")
    assert [op.name for op in (first, second, third)] == ["layer/a", "layer/a_1", "layer_1/a"]


def test_a_scope_ends_when_its_block_raises():
    graph = gs.Graph()
    with pytest.raises(RuntimeError, match="out"), graph.name_scope("a"):
        raise RuntimeError("out")
    assert graph.get_name_scope() == ""


@pytest.mark.parametrize("name", ["my op", "-a", "_a", "a:0", "ä", "a?"])
def test_names_with_other_characters_are_refused(name):
    with gs.Graph().as_default(), pytest.raises(ValueError, match=re.escape(repr(name))):
        gs.no_op(name=name)
