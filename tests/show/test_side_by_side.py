"""Two runs, two times, two graphs side by side: one layout, and what differs is marked and said."""

import numpy as np
import pytest
import scenes
import small
from reading import attributes, edges, legend, place, words

import graphscope as gs
from graphscope.debug.options import Options
from graphscope.show.side_by_side import side_by_side


def halves(picture):
    """The names of the boxes of each half."""
    keys = [key for key in words(picture)
            if key[:2] in ("1 ", "2 ") and "shape" in attributes(picture, key)
            and attributes(picture, key)["shape"] != "plain" and "legend" not in key]  # fmt: skip
    return [{key[2:] for key in keys if key.startswith(f"{n} ")} for n in (1, 2)]


def two_runs():
    d = small.debugged(small.line())
    d.run_to_end()
    d.run()
    d.run_to_end()
    return d


def check_places(picture):
    """What is in both halves is at the same place and of the same size."""
    left, right = halves(picture)
    shifts = {
        (round(place(picture, f"2 {key}")[0] - place(picture, f"1 {key}")[0], 1),
         place(picture, f"2 {key}")[1] - place(picture, f"1 {key}")[1])
        for key in left & right
    }  # fmt: skip
    assert len(shifts) == 1
    ((across, down),) = shifts
    assert down == 0
    assert across > 0
    for key in left & right:
        one, two = attributes(picture, f"1 {key}"), attributes(picture, f"2 {key}")
        assert (one["width"], one["height"]) == (two["width"], two["height"])


def test_two_runs():
    picture = two_runs().draw("diff", "run", "1", "run", "2")
    check_places(picture)
    found = words(picture)
    assert found["1 heading"] == ["run 1, t=14 of 14"]
    assert found["2 heading"] == ["run 2, t=14 of 14"]
    assert picture.title == "Where runs 1 and 2 differ"
    assert found["1 w"][2] == "first difference · value 2 → -48"
    assert found["2 product"][2] == "differs · mean -168"
    ink = attributes(picture, "1 w")["color"]
    assert attributes(picture, "1 product")["color"] != ink
    assert {"the first difference", "not the same in both", "the same in both"} <= set(
        legend(picture)
    )
    assert found["1 feed x 0"][2] == found["2 feed x 0"][2]
    assert attributes(picture, "1 feed x 0")["penwidth"] == "1"


def test_runs_that_are_the_same_have_nothing_marked():
    d = small.debugged(small.line(), "loss")
    d.run_to_end()
    d.run()
    d.run_to_end()
    picture = d.draw("diff", "run", "1", "run", "2")
    assert "are the same" in picture.sentence
    assert not {"not the same in both", "the first difference"} & set(legend(picture))
    check_places(picture)


def test_two_times_of_a_run():
    d = small.debugged(small.line())
    d.run_to_end()
    picture = d.draw("diff", "5", "14")
    check_places(picture)
    found = words(picture)
    assert picture.title == "What changed between t=5 and t=14"
    assert picture.sentence == "9 nodes ran; changed: w, b"
    assert found["1 heading"] == ["t=5 of 14"]
    assert found["1 w"][2] == "value 2"
    assert found["2 w"][2] == "changed · value 2 → -48"
    assert found["1 train"][1] == "fetch · not run yet"
    assert found["2 gradient gradients/Shape"][2].startswith("ran in between · ")
    assert d.t == 14


def test_two_graphs():
    one, other = small.line(), small.line(cut=True)
    picture = gs.draw(one["train"], graph=one["graph"], beside=other["train"])
    check_places(picture)
    found = words(picture)
    assert found["2 cut"] == ["+ cut", "StopGradient [2]", "only here"]
    assert found["1 ghost cut"] == ["cut", "not here"]
    assert found["1 y"][2] == "other inputs"
    assert found["1 gradient gradients/product_grad/mul_1"][2].startswith("only here · ")
    assert "only in the second: cut" in picture.sentence
    assert "not the same: y" in picture.sentence
    assert "only in this half" in legend(picture)
    assert ("1 product", "1 y") in edges(picture)
    assert ("2 product", "2 y") not in edges(picture)
    assert ("2 product", "2 cut") in edges(picture)
    assert place(picture, "1 product")[1] > place(picture, "1 ghost cut")[1] > place(
        picture, "1 y")[1]  # fmt: skip


def test_a_graph_beside_itself_is_the_same():
    model = small.line()
    picture = gs.draw(model["train"], model["feed"], graph=model["graph"], beside=model["train"])
    assert picture.sentence == "no difference"
    left, right = halves(picture)
    assert left == right


@pytest.mark.parametrize("change", ["type", "shape", "constant"])
def test_in_what_two_operations_of_one_name_differ(change):
    def built(changed):
        with gs.Graph().as_default():
            x = gs.placeholder(gs.float32, [3 if changed == "shape" else 2], name="x")
            op = gs.sin if changed == "type" else gs.tanh
            return op(x * (3.0 if changed == "constant" else 2.0), name="y")

    one = built("")
    picture = gs.draw(one, graph=one.graph, beside=built(change))
    lines = [line for key, lines in words(picture).items() for line in lines if key[:2] == "1 "]
    word = {"type": "another op", "shape": "another shape", "constant": "another constant"}[change]
    assert any(word in line for line in lines)


def test_large_graphs_are_folded_alike():
    one, other = scenes.deep(30), scenes.deep(31)
    picture = side_by_side(one.scene("train"), other.scene("train"), Options(budget=24))
    check_places(picture)
    left, right = halves(picture)
    assert len(left) < 60
    assert any(key.startswith("series") for key in left & right)


def test_a_graph_of_many_branches_has_two_halves_as_well():
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [4], name="x")
        total = gs.add_n([gs.tanh(x, name=f"t{i}") for i in range(6)], name="total")
    d = gs.debug(gs.Session(graph=graph), total, {x: np.ones(4)})
    d.run_to_end()
    picture = d.draw("diff", "2", "5")
    assert picture.placed
    check_places(picture)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_it_is_the_same_every_time_in_every_theme(theme):
    d = two_runs()
    question = ("diff", "run", "1", "run", "2")
    assert d.draw(*question, theme=theme).dot == d.draw(*question, theme=theme).dot
