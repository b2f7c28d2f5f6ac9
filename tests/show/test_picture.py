"""What is in a picture: the boxes, their words and marks."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
import scenes
from reading import attributes, words

import graphscope as tf
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.debug.scene import Scene
from graphscope.show.ghosts import add_ghosts
from graphscope.show.picture import paint
from graphscope.show.sketch import Sketch, sketch

EVERYTHING = scenes.everything()


def sketched(scene: Scene) -> Sketch:
    drawn = sketch(scene)
    add_ghosts(drawn)
    return drawn


@pytest.fixture(scope="module")
def soft() -> scenes.Model:
    return scenes.softmax_regression()


# ---- nothing is missing, nothing is there twice ------------------------------------------------


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_every_needed_operation_is_in_exactly_one_box(name, model, fetched):
    scene = model.scene(*fetched)
    drawn = sketched(scene)
    count = Counter(op for box in drawn.boxes if box.role != "ghost" for op in box.ops)
    assert set(count) == scenes.needed(scene)
    assert set(count.values()) <= {1}
    assert {box.tensor for box in drawn.boxes if box.tensor is not None} == scene.plan.used_feeds
    keys = [box.key for box in drawn.boxes]
    assert len(keys) == len(set(keys))
    assert sum(box.fetched for box in drawn.boxes) == len(fetched)


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_the_text_has_each_box_once_and_is_the_same_every_time(name, model, fetched):
    scene = model.scene(*fetched)
    assert paint(scene).dot == paint(scene).dot == paint(model.scene(*fetched)).dot
    picture = paint(scene, Options(budget=None))
    for box in sketched(scene).boxes:
        assert picture.dot.count(f"\t{box.key} [") + picture.dot.count(f'\t"{box.key}" [') == 1
    assert picture.boxes == len(sketched(scene).boxes)


def test_without_feeds_placeholders_ask_for_one(soft):
    picture = paint(soft.scene("loss", feeds={}))
    assert words(picture)["Placeholder"] == ["x", "[?, 784]", "no value: feed me"]
    assert "dashed" in attributes(picture, "Placeholder")["style"]
    assert "no value for x, y_" in picture.sentence


# ---- a training step ---------------------------------------------------------------------------


def test_a_training_step_in_words(soft):
    picture = paint(soft.scene("train_step"))
    assert picture.name == "train_step"
    assert picture.title == "sess.run(train_step, feed_dict={x, y_})"
    assert picture.sentence.startswith("25 ops run, ")
    assert picture.sentence.endswith("2 variables updated")
    box = words(picture)
    assert box["feed Placeholder 0"] == ["x", "[100, 784]"]
    assert box["MatMul"] == ["MatMul", "[?, 10]"]
    assert box["Softmax"] == ["y = Softmax", "[?, 10]"]
    assert box["Sum"] == ["Sum", "[?]", "axis 1"]
    assert box["Variable"] == ["W", "[784, 10]"]
    update = box["GradientDescent/update_Variable/ApplyGradientDescent"]
    assert update == ["W – 0.5·dW", "[784, 10]", "GradientDescent"]
    assert box["gradient gradients/MatMul_grad/MatMul_1"] == [
        "dW = MatMul grad", "[784, 10]", "needs x"]  # fmt: skip
    assert box["gradient gradients/Softmax_grad/mul"][2] == "needs y · 4 nodes"
    assert box["gradient gradients/Shape"][2] == "starts at 1 · 2 nodes"
    assert box["GradientDescent"] == ["train_step", "fetch"]
    assert box["ghost Mean"] == ["loss", "its value is not needed"]
    assert box["ghost Mean_1"] == ["accuracy", "5 ops", "not needed"]


def test_roles_have_their_own_shapes(soft):
    picture = paint(soft.scene("train_step"))
    assert attributes(picture, "feed Placeholder 0")["shape"] == "cds"
    assert attributes(picture, "Variable")["shape"] == "cylinder"
    assert "rounded" in attributes(picture, "MatMul")["style"]
    update = attributes(picture, "GradientDescent/update_Variable/ApplyGradientDescent")
    assert "rounded" not in update["style"]
    assert attributes(picture, "GradientDescent")["peripheries"] == "2"
    assert "dashed" in attributes(picture, "ghost Mean_1")["style"]


def test_a_variable_that_is_not_trainable_says_so():
    picture = paint(scenes.perceptron().scene("train"))
    assert words(picture)["global_step"][2] == "trainable=False"
    assert "dashed" in attributes(picture, "global_step")["style"]
    assert words(picture)["GradientDescent"] == [
        "global_step + 1", "int32 scalar", "fetch · AssignAdd"]  # fmt: skip


def test_scopes_are_bands_and_are_not_repeated_in_names():
    picture = paint(scenes.perceptron().scene("train"))
    box = words(picture)
    assert [box[f"scope {i}"] for i in range(3)] == [["hidden"], ["output"], ["loss"]]
    assert box["hidden/MatMul"][0] == "MatMul"


def test_what_a_library_function_made_is_one_box():
    picture = paint(scenes.perceptron().scene("loss"))
    whole = words(picture)["loss/softmax_cross_entropy_with_logits_sg"]
    assert whole[0] == "softmax_cross_…ith_logits_sg"
    assert whole[2].endswith("nodes")
    assert not any("Reshape" in key for key in words(picture))


def test_a_stopped_gradient_ends_in_a_bar_with_the_reason():
    picture = paint(scenes.branches().scene("step"))
    assert words(picture)["ghost StopGradient"] == ["gradient stops", "stop_gradient"]
    assert "arrowhead=tee" in picture.dot
    assert words(picture)["V"][2] == "not updated here"


def test_a_fed_tensor_in_the_middle_hides_what_is_above():
    model = scenes.perceptron()
    h = model.fetches["h"]
    picture = paint(model.scene("logits", feeds={h: np.ones((2, 4), np.float32)}))
    assert words(picture)["feed hidden/Relu 0"] == [
        "h = hidden/Relu",
        "[2, 4]",
        "fed instead of Relu",
    ]
    assert "hidden/MatMul" not in words(picture)


def test_gradients_of_gradients_stand_beside_them():
    box = words(paint(scenes.branches().scene("curve")))
    assert {"MatMul grad", "Tanh grad", "Tanh grad grad"} <= {lines[0] for lines in box.values()}


# ---- a run -------------------------------------------------------------------------------------


def test_a_run_shows_done_now_next_and_later(soft):
    log = soft.graph.get_operation_by_name("Log")
    at = soft.run("train_step", steps=20, breakpoints=frozenset({log}))[20]
    picture = paint(at)
    box = words(picture)
    assert box["Log"] == ["● Log", "[100, 10]", "mean -2.3"]
    assert box["gradient gradients/Softmax_grad/mul"][2] == "now: norm 0.0949"
    assert box["gradient gradients/add_grad/SumLike"] == ["► db = add grad", "[10]", "next to run"]
    assert box["GradientDescent"] == ["train_step", "fetch · not run yet"]
    look = attributes(picture, "gradient gradients/add_grad/SumLike")
    assert (look["fillcolor"], look["penwidth"]) == ("#F7E94B", "3.2")
    assert "dashed" in attributes(picture, "GradientDescent")["style"]
    assert "dashed" not in attributes(picture, "Log")["style"]
    assert picture.sentence == (
        "stopped at t=20 of 25, next: db = add grad, backward; no variable written yet"
    )
    assert "hollow: not run yet" in picture.dot


def test_a_gradient_of_several_nodes_counts_them(soft):
    at = soft.run("train_step", steps=18)[18]
    softmax = words(paint(at))["gradient gradients/Softmax_grad/mul"]
    assert softmax[2] == "next: 3 of 4"


def test_what_an_update_did_is_in_the_variable(soft):
    box = words(paint(soft.run("train_step", steps=25)[25]))
    assert re.fullmatch(r"norm 0 → [\d.]+", box["Variable"][2])
    assert box["GradientDescent"] == ["train_step", "fetch · now: ran"]


def test_a_value_that_is_not_finite_is_a_word_and_a_thick_line():
    picture = paint(scenes.branches().run("step", "loss", steps=12)[12])
    key = "Log"
    assert words(picture)[key][2].startswith("NaN in ")
    assert float(attributes(picture, key)["penwidth"]) > 3


# ---- names are only text -----------------------------------------------------------------------


def test_letters_that_mean_something_in_html_are_escaped():
    with tf.Graph().as_default() as graph:
        text = tf.constant("<b>&\"'", name="text")
        shown = tf.identity(text, name="shown")
    picture = paint(scenes.Model(graph, {}, **{"a<b>": shown}).scene("a<b>"))
    assert "<b>" not in picture.dot.replace("a&lt;b&gt;", "")
    assert picture.name == "a_b"


def test_unknown_shapes_and_several_outputs():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32)
        y = tf.tanh(x)
        parts = tf.split(tf.placeholder(tf.float32, [4]), 2)
    model = scenes.Model(graph, {}, y=y, part=parts[1])
    assert words(paint(model.scene("y")))["Tanh"][1] == "shape unknown"
    assert any("+1" in line for box in words(paint(model.scene("part"))).values() for line in box)


def test_themes(soft, monkeypatch):
    scene = soft.scene("train_step")
    dark = paint(scene, Options(theme="dark"))
    monkeypatch.setenv("GRAPHSCOPE_THEME", "dark")
    assert paint(scene).dot == dark.dot
    assert "#11151B" in dark.dot
    with pytest.raises(DebugError, match="no theme 'pink': use light, dark, print, or a file"):
        paint(scene, Options(theme="pink"))


def test_an_empty_graph_is_a_picture():
    with tf.Graph().as_default() as graph:
        nothing = tf.no_op()
    assert paint(scenes.Model(graph, {}, nothing=nothing).scene("nothing")).boxes == 1
