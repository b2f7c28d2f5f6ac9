"""Answers as pictures: what they name is in sight, a cut is a bar, and all else is faint."""

import contextlib

import numpy as np
import pytest
import small
from culprits.training import CASES, opened_case
from reading import attributes, edges, legend, words

import graphscope as gs
from graphscope.debug.errors import DebugError
from graphscope.debug.questions.flow import Course
from graphscope.show.answers_drawn import drawn_as, highlighted
from graphscope.show.picture import paint


@pytest.fixture(autouse=True)
def fresh_graph():
    gs.reset_default_graph()


def ended(*fetches, **options):
    d = small.debugged(small.line(**options), *fetches)
    d.run_to_end()
    return d


def parts(picture):
    """What each operation's box is in the answer."""
    faces = picture.content.faces
    return {op: face.part for box, face in faces.items() for op in box.operations}


# ---- every answer to every question about many broken programs ---------------------------------


def answers(d):
    yield d.summary()
    yield d.needs()
    yield d.updates()
    yield d.first_bad()
    for variable in d.facts.variables:
        yield d.why(f"%{variable.name}")
        with contextlib.suppress(DebugError):  # of which loss it is not known
            yield d.flow(f"%{variable.name}")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("budget", [60, 8])
def test_what_an_answer_names_is_in_sight_and_all_else_is_faint(case, budget):
    _, d = opened_case(case)
    with contextlib.suppress(Exception):  # some of them fail
        d.run_to_end()
    for answer in answers(d):
        named = drawn_as(answer).marks
        picture = d.draw(answer, budget=budget)
        found = parts(picture)
        for op, mark in named.items():
            if mark.part != "plain" and op.body is None:
                assert found[op] not in ("", "faint"), (type(answer).__name__, op.name)
        others = {part for op, part in found.items() if op not in named and op.gradient_of is None}
        if named:
            assert others <= {"faint", "way", "plain", "culprit", "missing"}
        assert picture.dot == d.draw(answer, budget=budget).dot
        assert picture.title
        assert picture.sentence


def test_of_a_long_way_the_middle_is_folded_and_stays_on_the_way():
    with gs.Graph().as_default() as graph:
        first = gs.Variable(2.0, name="first")
        h = gs.identity(first, name="begin")
        for number in range(100):
            h = gs.tanh(h, name=f"layer{number}")
        loss = gs.square(h, name="loss")
        train = gs.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
        session = gs.Session(graph=graph)
        session.run(gs.global_variables_initializer())
    d = gs.debug(session, train)
    answer = d.why("%first")
    picture, whole = d.draw(answer), d.draw(answer, fold=False)
    assert picture.boxes < 40 < 200 < whole.boxes
    found = parts(picture)
    assert {found[op] for op in answer.path} == {"way"}
    assert {"layer0", "layer1", "layer98", "layer99", "loss"} <= {
        box.main.name for box in picture.content.faces if box.fold is None
    }


@pytest.mark.parametrize("case", CASES)
def test_a_gradient_that_is_cut_ends_in_a_bar(case):
    _, d = opened_case(case)
    for variable in d.facts.variables:
        with contextlib.suppress(DebugError):
            answer = d.flow(f"%{variable.name}")
            if answer.cause is Course.CUT and answer.culprit is not variable:
                picture = d.draw(answer)
                assert any(look.get("arrowhead") == "tee" for look in edges(picture).values())
                assert ["gradient stops"] in [lines[:1] for lines in words(picture).values()]


# ---- flow --------------------------------------------------------------------------------------


def test_flow_shows_the_way_of_the_gradient_with_its_norms():
    picture = ended().draw("flow", "%w")
    assert picture.title == "The gradient of loss on its way to w"
    assert picture.sentence == "The gradient of loss arrives at w: its norm there is 100."
    found = words(picture)
    assert found["product"][2] == "gradient norm 20"
    assert found["w"][2] == "gradient norm 100"
    assert found["gradient gradients/product_grad/mul_1"][2] == "value 100"
    way = [("w", "product"), ("product", "y"), ("y", "squares"),
           ("gradient gradients/Shape", "gradient gradients/squares_grad/mul/x"),
           ("gradient gradients/squares_grad/mul/x", "gradient gradients/product_grad/mul_1"),
           ("ghost loss", "gradient gradients/Shape")]  # fmt: skip
    lines = edges(picture)
    assert all(float(lines[pair]["penwidth"]) >= 3 for pair in way)
    faint = attributes(picture, "b")["color"]
    assert {lines[pair]["color"] for pair in (("b", "y"), ("feed x 0", "product"))} == {faint}
    assert attributes(picture, "b")["penwidth"] == "1"


def test_a_gradient_that_passes_unchanged_does_not_go_through_the_box_beside_it():
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [2, 2], name="x")
        w, b = gs.Variable(gs.ones([2, 2]), name="w"), gs.Variable(gs.zeros([2]), name="b")
        loss = gs.reduce_sum(gs.square(gs.matmul(x, w) + b), name="loss")
        train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
        session = gs.Session(graph=graph)
        session.run(gs.global_variables_initializer())
        d = gs.debug(session, train, {x: np.ones((2, 2))})
    picture = d.draw("flow", "%w")
    assert attributes(picture, "gradient gradients/add_grad/SumLike")["penwidth"] == "1"
    assert float(attributes(picture, "gradient gradients/MatMul_grad/MatMul_1")["penwidth"]) == 3


def test_the_cut_is_drawn_with_its_reason():
    picture = ended(cut=True).draw("flow", "loss", "%w")
    found = words(picture)
    assert found["cut"][2] == "the gradient stops here"
    assert found["ghost cut"] == ["gradient stops", "stop_gradient"]
    assert found["product"][2] == found["w"][2] == "no gradient"
    bar = edges(picture)["gradient gradients/squares_grad/mul/x", "ghost cut"]
    assert bar["arrowhead"] == "tee"
    assert {"way of the gradient", "what answers for it", "not part of the answer"} <= set(
        legend(picture)
    )


def test_before_the_run_an_answer_has_no_states():
    d = small.debugged(small.line())
    picture = d.draw("flow", "%w")
    assert not any("not run yet" in line for lines in words(picture).values() for line in lines)
    assert "next to run" not in legend(picture)


# ---- the others --------------------------------------------------------------------------------


def test_why_shows_the_update_or_what_is_in_its_way():
    trained = ended().draw("why", "%w")
    assert trained.title == "Is w trained, and why?"
    assert trained.sentence == "w is trained by this run."
    assert float(edges(trained)["train/update_w/ApplyGradientDescent", "w"]["penwidth"]) >= 3
    cut = ended(cut=True).draw("why", "%w")
    assert words(cut)["cut"][2] == "the gradient is cut on its way"
    assert cut.sentence.startswith("w is not trained by this run: the gradient is cut on its way; ")


def test_what_is_not_in_the_run_is_drawn_and_says_so():
    d = ended("loss")
    picture = d.draw("why", "%w")
    update = words(picture)["train/update_w/ApplyGradientDescent"]
    assert update[2] == "its update is not part of this fetch"
    assert "not run yet" not in picture.dot
    assert d.draw().boxes < picture.boxes


def test_nan_shows_where_it_was_born_and_where_it_went():
    picture = ended(bad=True).draw("nan")
    found = words(picture)
    assert found["feed x 0"][2] == "NaN: it was fed so"
    assert float(edges(picture)["feed x 0", "product"]["penwidth"]) >= 3
    assert float(edges(picture)["train/update_w/ApplyGradientDescent", "w"]["penwidth"]) >= 3
    assert {"born here", "not finite: came from there"} <= set(legend(picture))


def test_without_nan_nothing_is_faint():
    picture = ended().draw("nan")
    assert picture.sentence.startswith("There is no NaN and no infinity")
    assert "not part of the answer" not in legend(picture)


def test_a_path_and_no_path():
    d = ended()
    picture = d.draw("path", "x", "loss")
    assert float(edges(picture)["feed x 0", "product"]["penwidth"]) >= 3
    assert "on the path" in legend(picture)
    apart = d.draw("path", "%w", "%b")
    assert words(apart)["w"][2] == words(apart)["b"][2] == "no path between them"
    assert words(apart)["y"][2] == "both lead here"


def test_needs_marks_what_is_missing_and_by_which_path_it_is_needed():
    model = small.line()
    with model["graph"].as_default():
        d = gs.debug(gs.Session(graph=model["graph"]), model["loss"])
    picture = d.draw("needs")
    assert picture.sentence == "x must be fed; w, b must be initialized"
    assert words(picture)["x"][2] == "no value: feed me"
    assert words(picture)["w"][2] == "no value: not initialized"
    assert "dashed" in attributes(picture, "x")["style"]
    assert float(attributes(picture, "squares")["penwidth"]) == 3
    full = small.debugged(model, "loss").draw("needs")
    assert full.sentence == "everything that it needs is there"
    assert words(full)["feed x 0"][2] == "fed"


def test_needs_of_another_fetch():
    d = small.debugged(small.line(), "y")
    picture = d.draw("needs", "train")
    assert picture.title == "What train needs"
    assert "train" in words(picture)


def test_updates_says_which_variables_are_trained():
    picture = ended(cut=True).draw("updates")
    assert picture.sentence == "2 variables: 1 updated, 1 frozen"
    assert words(picture)["b"][2] == "updated: changed by 10"
    assert words(picture)["w"][2] == "frozen: the gradient is cut on its way"


def test_plan_says_when_each_box_runs():
    found = words(ended().draw("plan"))
    assert found["w"][2] == "t=1"
    assert found["gradient gradients/Shape"][2] == "t=6 to 7"
    assert found["train"][1] == "fetch · t=14"


# ---- how it is asked for -----------------------------------------------------------------------


def test_one_mechanism_in_python_at_the_prompt_and_without_a_run():
    d = ended()
    assert d.draw("flow", "%w").dot == d.draw(d.flow("%w")).dot
    commands = type(d).draw.command
    assert commands.call(d, "flow %w").dot == d.draw("flow", "%w").dot
    alone = gs.draw(d.flow("%w"))
    assert words(alone)["w"][2] == "gradient norm 100"
    assert alone.title == "The gradient of loss on its way to w"


def test_a_node_that_is_called_like_a_question_is_drawn_as_a_node():
    with gs.Graph().as_default() as graph:
        gs.constant(1.0, name="c")
        plan = gs.identity(gs.constant(2.0, name="d"), name="plan")
        d = gs.debug(gs.Session(graph=graph), plan)
    assert d.draw("plan").title.startswith("sess.run(")


def test_what_cannot_be_drawn():
    d = ended()
    with pytest.raises(DebugError, match="no picture of Cost: plan, needs, updates, why"):
        d.draw(d.cost())
    with pytest.raises(DebugError, match="nothing of it to draw"):
        gs.draw(d.first_bad())
    with pytest.raises(DebugError):
        d.draw("diff", "np.max(x)")


def test_hostile_names_in_an_answer():
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [], name="x")
        y = gs.stop_gradient(x, name="a.b-c/d")
        z = gs.square(y, name="z")
        d = gs.debug(gs.Session(graph=graph), z, {x: 1.0})
    picture = paint(highlighted(d._scene_of(()), d.path(x, z)))
    assert words(picture)["a.b-c/d"][0] == "y = d"


def test_what_is_named_is_not_folded():
    with gs.Graph().as_default() as graph:
        h = x = gs.placeholder(gs.float32, [2], name="x")
        for number in range(40):
            with gs.name_scope(f"layer{number}"):
                h = gs.tanh(gs.multiply(h, gs.Variable(1.0, name="w"), name="m"))
        loss = gs.reduce_sum(h, name="loss")
        train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
        session = gs.Session(graph=graph)
        session.run(gs.global_variables_initializer())
        d = gs.debug(session, train, {x: [1.0, 2.0]})
    found = words(d.draw("why", "%layer20/w"))
    assert found["layer20/w"][0] == "w"
