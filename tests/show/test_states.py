"""A run as it stands, on the picture: values, gradients, changes, marks, loops, errors."""

import re

import numpy as np
import pytest
import scenes
import small
from hypothesis import given
from hypothesis import strategies as st
from reading import attributes, edges, legend, words

import graphscope as gs
from graphscope.debug.options import Options
from graphscope.show.picture import composed, paint
from graphscope.show.strengths import THICKEST, THINNEST, ZERO_WIDTH, Strengths, width_of

SQUARES = "gradient gradients/squares_grad/mul/x"
PRODUCT = "gradient gradients/product_grad/mul_1"
UPDATE = "train/update_w/ApplyGradientDescent"


def at(t, **options):
    d = small.debugged(small.line(**options))
    d.step(t)
    return d


def ended(*fetches, **options):
    d = small.debugged(small.line(**options), *fetches)
    d.run_to_end()
    return d


# ---- gradients ---------------------------------------------------------------------------------


@given(st.floats(1e-30, 1e30), st.floats(1e-30, 1e30))
def test_a_larger_gradient_is_never_thinner(one, other):
    small_norm, large = sorted((one, other))
    assert THINNEST <= width_of(small_norm) <= width_of(large) <= THICKEST


def test_widths_are_logarithmic_and_zero_is_thinner_than_all():
    assert [width_of(norm) for norm in (1e-6, 1e-4, 1e-2, 1.0, 100.0)] == pytest.approx(
        [1, 2, 3, 4, 5]
    )
    assert width_of(0.0) == ZERO_WIDTH < THINNEST


def test_the_edges_of_a_run_are_as_wide_as_their_gradients():
    found = edges(ended().draw())
    loss, squares = "gradient gradients/Shape", SQUARES
    assert float(found[loss, squares]["penwidth"]) == pytest.approx(width_of(2**0.5), abs=0.01)
    assert found[PRODUCT, UPDATE]["penwidth"] == "5"
    assert "style" not in found[loss, squares]


def test_without_a_run_all_gradients_are_alike():
    model = small.line()
    picture = gs.draw(model["train"], graph=model["graph"])
    widths = {look["penwidth"] for ends, look in edges(picture).items()
              if ends[0].startswith("gradient") and ends[1].startswith("gradient")}  # fmt: skip
    assert widths == {"2"}
    assert not any("norm" in word for word in legend(picture))


def test_a_gradient_that_is_zero_is_thin_and_dashed_and_says_0():
    d = small.debugged(small.line())
    d.step(4)
    d.set("y", 0.0)
    d.run_to_end()
    picture = d.draw()
    look = edges(picture)[SQUARES, PRODUCT]
    assert (look["penwidth"], look["style"]) == ("0.8", "dashed")
    assert words(picture)["zero 0"] == ["0"]
    assert "gradient that is 0" in legend(picture)


def test_the_legend_says_what_the_widths_mean():
    assert {"gradient of norm 1e-06 or less", "100 or more; between by the logarithm"} <= set(
        legend(ended().draw())
    )


# ---- updates -----------------------------------------------------------------------------------


def test_an_update_says_how_long_its_change_is():
    d = ended()
    found = words(d.draw())
    assert found["train/update_b/ApplyGradientDescent"][2] == "changed by 10"
    assert found[UPDATE][2] == "2 → -48"
    before = words(at(9).draw())
    assert before[UPDATE][2] == "not run yet"


def test_a_change_is_that_of_the_one_write():
    with gs.Graph().as_default() as graph:
        v = gs.Variable([3.0, 4.0], name="v")
        first = gs.assign_add(v, [3.0, 4.0], name="first")
        with gs.control_dependencies([first]):
            second = gs.assign_sub(v, [0.0, 1.0], name="second")
        session = gs.Session(graph=graph)
        session.run(gs.global_variables_initializer())
        d = gs.debug(session, second)
    d.run_to_end()
    found = words(d.draw())
    assert found["first"][2] == "changed by 5"
    assert found["second"][2] == "fetch · now: changed by 1"
    assert found["v"][2] == "norm 5 → 9.22"


def test_the_first_value_of_a_variable_is_no_change():
    d = small.debugged(small.line(), "init")
    with d.session.graph.as_default():
        fresh = gs.debug(gs.Session(graph=d.session.graph), d.plan.fetches[0], {})
    fresh.run_to_end()
    assert words(fresh.draw())["w/Assign"][2] == "its first value"


# ---- numbers that are not finite ---------------------------------------------------------------


def test_edges_along_which_nan_goes_are_marked():
    picture = ended(bad=True).draw()
    found = edges(picture)
    ink = attributes(picture, "product")["color"]
    assert found["product", "y"]["color"] == ink
    assert float(found["product", "y"]["penwidth"]) >= 3
    assert found[UPDATE, "w"]["color"] == ink
    assert found["w", "product"]["color"] != ink
    assert found["squares", "ghost loss"]["color"] != ink
    assert "NaN or Inf" in legend(picture)


def test_nan_inside_a_box_of_several_nodes_is_said():
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [3], name="x")
        with gs.name_scope("layer"):
            bad = gs.log(x, name="bad")
            flag = gs.is_nan(bad, name="flag")
            good = gs.where(flag, gs.ones_like(bad), bad, name="good")
        d = gs.debug(gs.Session(graph=graph), gs.reduce_sum(good, name="sum"),
                     {x: np.array([-1, 1, 2], np.float32)})  # fmt: skip
    d.run_to_end()
    found = words(d.draw(collapse="layer"))
    assert found["scope forward layer/bad"][2] == "NaN inside: bad"
    assert float(attributes(d.draw(collapse="layer"), "scope forward layer/bad")["penwidth"]) > 3


# ---- folded boxes ------------------------------------------------------------------------------


def test_the_parts_of_folded_boxes_are_counted_at_every_time():
    model = scenes.deep(12)
    for scene in model.run("train", steps=60)[::7]:
        drawn = composed(scene, Options(budget=14))
        picture = paint(scene, Options(budget=14))
        found = words(picture)
        for box in drawn.boxes:
            if box.fold is not None and box.role == "forward":
                done = sum(op in scene.done for op in box.ops)
                count = sum(op in scene.plan.nodes for op in box.ops)
                line = found[box.key][2]
                numbers = re.search(r"(\d+) of (\d+)", line)
                if "next" in line:
                    assert numbers is None or int(numbers[1]) == done + 1
                elif numbers is None:
                    assert (done, line) == (0, "not run yet")
                else:
                    assert (int(numbers[1]), int(numbers[2])) == (done, count)


def test_folded_variables_are_not_said_to_have_no_value():
    model = scenes.deep(12)
    picture = paint(model.run("train", steps=3)[3], Options(budget=14))
    assert not any("no value yet" in line for lines in words(picture).values() for line in lines)


# ---- loops -------------------------------------------------------------------------------------


def test_the_box_of_a_loop_says_which_iteration_runs():
    d = small.counting()
    said = []
    while not d.done:
        d.step()
        said.append(words(d.draw())["while/While"][2])
    assert said[0] == "next: iteration 1"
    iterations = [int(m[1]) for line in said if (m := re.search(r"iteration (\d+)", line))]
    assert iterations == sorted(iterations)
    assert set(iterations) == {1, 2, 3}
    assert said[-1].startswith("3 iterations · ")


def test_a_loop_that_never_runs_its_body_has_no_iteration():
    with gs.Graph().as_default() as graph:
        out = gs.while_loop(lambda i: i < 0, lambda i: i + 1, [gs.constant(5)], name="never")
        d = gs.debug(gs.Session(graph=graph), gs.identity(out, name="result"))
    d.run_to_end()
    assert any(lines[2].startswith("0 iterations") for lines in words(d.draw()).values()
               if len(lines) > 2)  # fmt: skip


# ---- marks -------------------------------------------------------------------------------------


def test_breakpoints_conditions_and_watches_are_signs_and_words():
    d = at(3)
    d.brk("squares")
    d.brk("y if v > 1")
    d.watch("%b")
    picture = d.draw()
    found = words(picture)
    assert found["squares"][0] == "► ● squares" or found["squares"][0] == "● squares"
    assert found["y"][0].endswith("○ y")
    assert "if v > 1" in found["y"][2] or found["y"][2].startswith("next")
    assert found["b"] == ["▲ b", "[2]", "watched · norm 0"]
    assert {"breakpoint", "watched", "breakpoint that does not always stop"} <= set(legend(picture))
    d.disable()
    assert words(d.draw())["squares"][0].endswith("○ squares")
    assert words(d.draw())["b"][0] == "b"
    d.delete()
    assert not {"breakpoint", "watched", "set by you"} & set(legend(d.draw()))


def test_a_trace_is_no_breakpoint():
    d = at(3)
    d.trace("squares")
    assert words(d.draw())["squares"][0] == "squares"


def test_what_the_user_has_set_is_said():
    d = at(5)
    d.set("product", 7.0)
    d.set("%b", 1.0)
    picture = d.draw()
    assert words(picture)["product"] == ["■ product", "Mul [2]", "set by you · now: mean 7"]
    assert words(picture)["b"][2].startswith("set by you · ")
    assert "set by you" in legend(picture)
    d.unset("product")
    assert words(d.draw())["product"][0] == "► product"


def test_the_node_that_fails_is_marked():
    d = small.failing()
    with pytest.raises(gs.errors.InvalidArgumentError):
        d.step()
    picture = d.draw()
    assert words(picture)["times"] == [
        "× times", "Mul [?]", "fetch · fails: InvalidArgumentError"]  # fmt: skip
    assert "times fails: InvalidArgumentError: operands could not be broadcast" in picture.sentence
    assert "[[" not in picture.sentence
    assert "fails" in legend(picture)


# ---- the legend has what occurs ----------------------------------------------------------------


@pytest.mark.parametrize(("name", "model", "fetched"), scenes.everything()[:12])
def test_the_legend_has_only_what_occurs(name, model, fetched):
    scene = model.run(*fetched, steps=0)[0] if fetched != ("init",) else model.scene(*fetched)
    picture = paint(scene)
    drawn = composed(scene, Options())
    roles = {box.role for box in drawn.boxes}
    found = set(legend(picture))
    assert ("update" in found) == ("update" in roles)
    assert ("gradient" in found) == ("gradient" in roles)
    assert ("feed" in found) == ("feed" in roles)
    assert "NaN or Inf" not in found
    assert not any(sign in picture.dot for sign in "▲■×")
    strengths = Strengths(drawn)
    norms = [strengths.norm(edge) for edge in drawn.edges]
    assert any(norms) == any("norm" in word for word in found)
