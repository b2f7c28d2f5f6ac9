"""Where boxes and edges are: nothing overlaps, no edge runs through a box, frames stand still."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scenes
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as tf
from graphscope.debug.scene import Scene
from graphscope.show.ghosts import add_ghosts
from graphscope.show.picture import arrange, paint
from graphscope.show.place import RING, Path, Placed, Point, Rect
from graphscope.show.sketch import sketch

EVERYTHING = scenes.everything()


def placed(scene: Scene) -> Placed | None:
    drawn = sketch(scene)
    add_ghosts(drawn)
    return arrange(drawn)[2]


def overlap(a: Rect, b: Rect, space: float) -> bool:
    return (abs(a.x - b.x) < (a.width + b.width) / 2 + space
            and abs(a.y - b.y) < (a.height + b.height) / 2 + space)  # fmt: skip


def pieces(path: Path) -> list[tuple[Point, Point]]:
    return [(a, b) for a, b in itertools.pairwise(path.points) if a != b]


def along(pair: tuple[tuple[Point, Point], tuple[Point, Point]]) -> bool:
    """Two pieces of edges lie on each other; that they cross is no harm."""
    (a, b), (c, d) = pair
    for i in (0, 1):
        if a[i] == b[i] and c[i] == d[i] and abs(a[i] - c[i]) < 1:
            ends = sorted((a[1 - i], b[1 - i])), sorted((c[1 - i], d[1 - i]))
            return min(e[1] for e in ends) - max(e[0] for e in ends) > 1
    return False


def check(found: Placed) -> None:
    for (box, one), (other, two) in itertools.combinations(found.rects.items(), 2):
        space = RING * (box.fetched + other.fetched) + 2
        assert not overlap(one, two, space), (box.key, other.key)
    for path in found.paths:
        ends = (path.edge.tail, path.edge.head)
        for (x, y), (u, v) in itertools.pairwise(path.points):
            assert x == pytest.approx(u) or y == pytest.approx(v)
            line = Rect((x + u) / 2, (y + v) / 2, abs(x - u), abs(y - v))
            for box, rect in found.rects.items():
                inside = -1.0 if box in ends else 1.0
                assert not overlap(line, rect, inside), (box.key, path.edge)
    for one, other in itertools.combinations(found.paths, 2):
        if one.edge.tail is not other.edge.tail and one.edge.head is not other.edge.head:
            assert not any(map(along, itertools.product(pieces(one), pieces(other))))
    for band in found.bands:
        assert found.left <= band.area.left
        assert band.area.right <= found.right
    for one, other in itertools.combinations(found.bands, 2):
        assert apart(one.area, other.area) or nested(one.area, other.area)


def apart(one: Rect, other: Rect) -> bool:
    return one.bottom < other.top or other.bottom < one.top


def nested(one: Rect, other: Rect) -> bool:
    """The second is in the first, with room on all sides, or the other way round."""
    outer, inner = (one, other) if one.width > other.width else (other, one)
    sides = outer.left < inner.left and inner.right < outer.right
    return sides and outer.top < inner.top and inner.bottom < outer.bottom


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_nothing_overlaps(name, model, fetched):
    found = placed(model.scene(*fetched))
    if found is not None:
        check(found)


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_nothing_overlaps_without_feeds(name, model, fetched):
    found = placed(model.scene(*fetched, feeds={}))
    if found is not None:
        check(found)


def test_the_rails_of_a_training_step():
    found = placed(scenes.softmax_regression().scene("train_step"))
    assert found is not None
    at = {box.key: rect for box, rect in found.rects.items()}
    forward = [at[name] for name in ("MatMul", "add", "Softmax", "Log", "mul", "Sum", "Neg")]
    assert len({rect.x for rect in forward}) == 1
    assert [rect.y for rect in forward] == sorted(rect.y for rect in forward)
    for box, rect in found.rects.items():
        if box.role == "gradient" and box.about is not None:
            beside = at.get(box.about.name) or at[f"ghost {box.about.name}"]
            assert rect.y == beside.y
            assert rect.x > beside.x
    row = ["feed Placeholder 0", "MatMul", "Variable",
           "GradientDescent/update_Variable/ApplyGradientDescent",
           "gradient gradients/MatMul_grad/MatMul_1"]  # fmt: skip
    assert len({at[name].y for name in row}) == 1
    assert [at[name].x for name in row] == sorted(at[name].x for name in row)
    assert at["GradientDescent"].y < at["MatMul"].y


def test_the_frames_of_a_run_stand_still():
    model = scenes.softmax_regression()
    frames = [placed(scene) for scene in model.run("train_step", steps=25)]
    first = {box.key: rect for box, rect in frames[0].rects.items()}
    for frame in frames[1:]:
        assert {box.key: rect for box, rect in frame.rects.items()} == first


def test_a_graph_of_many_branches_is_left_to_graphviz():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [4])
        middle = [tf.tanh(x, name=f"t{i}") for i in range(6)]
        total = tf.add_n(middle)
    model = scenes.Model(graph, {x: np.ones(4, np.float32)}, total=total)
    picture = paint(model.scene("total"))
    assert not picture.placed
    assert " pos=" not in picture.dot


@st.composite
def graphs(draw: st.DrawFn) -> scenes.Model:
    """A graph that grows by chance: inputs are any tensors that are there already."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        tensors = [x]
        for _ in range(draw(st.integers(1, 12))):
            a = draw(st.sampled_from(tensors[-3:]))
            b = draw(st.sampled_from(tensors))
            kind = draw(st.sampled_from(["tanh", "add", "mul", "dense", "const", "stop", "after"]))
            with tf.name_scope(draw(st.sampled_from(["", "left", "right"])) or None):
                if kind == "dense":
                    made = tf.matmul(a, tf.Variable(tf.ones([3, 3])))
                elif kind == "after":
                    with tf.control_dependencies([b]):
                        made = tf.identity(a)
                elif kind == "const":
                    made = a + tf.constant([[1.0, 2.0, 3.0]] * draw(st.integers(1, 2)))[:1]
                elif kind == "stop":
                    made = tf.stop_gradient(a)
                else:
                    made = tf.tanh(a) if kind == "tanh" else a + b if kind == "add" else a * b
            tensors.append(made)
        weight = tf.Variable(tf.ones([3]), name="weight")
        loss = tf.reduce_mean(tensors[-1] * weight)
        step = draw(st.integers(0, 1))
        counter = tf.Variable(0, trainable=False, name="counter")
        train = tf.train.GradientDescentOptimizer(0.1).minimize(
            loss, global_step=counter if step else None
        )
    feeds = {tensor: np.ones((1, 3), np.float32)
             for tensor in draw(st.sets(st.sampled_from(tensors), max_size=2))}  # fmt: skip
    return scenes.Model(graph, feeds, train=train, loss=loss)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.sampled_from([("train",), ("loss",), ("train", "loss")]))
def test_nothing_overlaps_in_any_graph(model, fetched):
    scene = model.scene(*fetched)
    drawn = sketch(scene)
    shown = [op for box in drawn.boxes for op in box.ops]
    assert sorted(op._id for op in shown) == sorted(op._id for op in scenes.needed(scene))
    found = placed(scene)
    if found is not None:
        check(found)
    assert paint(scene).dot == paint(scene).dot
