"""What is folded, what stays, and that nothing is lost by it."""

from __future__ import annotations

from collections import Counter

import pytest
import scenes
from hypothesis import given, settings
from hypothesis import strategies as st
from test_picture_layout import check, graphs

from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options, names
from graphscope.show.picture import arrange, composed, paint

EVERYTHING = scenes.everything()
IDS = [e[0] for e in EVERYTHING]


def titles(scene, **options):
    """The first and the third line of every box, by its key."""
    drawn = composed(scene, Options(**options))
    _, faces, _ = arrange(drawn)
    return {box.key: (face.title, face.small) for box, face in faces.items()}


def folded(scene, **options):
    """The titles of what is folded, in order."""
    drawn = composed(scene, Options(**options))
    _, faces, _ = arrange(drawn)
    return [face.title for box, face in faces.items() if box.fold is not None]


# ---- nothing is lost ---------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [0, 5, 12, 25])
@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=IDS)
def test_every_operation_is_still_in_exactly_one_box(name, model, fetched, budget):
    scene = model.scene(*fetched)
    drawn = composed(scene, Options(budget=budget))
    count = Counter(op for box in drawn.boxes if box.role != "ghost" for op in box.ops)
    assert set(count) >= scenes.needed(scene)
    assert set(count.values()) <= {1}
    assert {op: box for op, box in drawn.home.items() if box not in drawn.boxes} == {}
    assert sum(box.fetched for box in drawn.boxes) == len(fetched)
    keys = [box.key for box in drawn.boxes]
    assert len(keys) == len(set(keys))
    assert len(drawn.boxes) <= len(composed(scene, Options(budget=None)).boxes)
    placed = arrange(drawn)[2]
    if placed is not None:
        check(placed)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.sampled_from([("train",), ("loss",)]), st.integers(0, 20))
def test_any_graph_can_be_folded(model, fetched, budget):
    scene = model.scene(*fetched)
    drawn = composed(scene, Options(budget=budget))
    shown = [op for box in drawn.boxes if box.role != "ghost" for op in box.ops]
    assert set(shown) >= scenes.needed(scene)
    assert len(shown) == len(set(shown))
    edges = {(edge.tail, edge.head) for edge in drawn.edges}
    assert all(tail in drawn.boxes and head in drawn.boxes for tail, head in edges)
    placed = arrange(drawn)[2]
    if placed is not None:
        check(placed)


def test_within_the_budget_nothing_is_folded():
    scene = scenes.perceptron().scene("train")
    assert folded(scene) == []
    assert composed(scene, Options()).boxes[0].fold is None


# ---- scopes and series -------------------------------------------------------------------------


def test_a_chain_of_layers_becomes_a_series_between_the_first_and_the_last():
    scene = scenes.deep(30).scene("train")
    picture = paint(scene)
    assert picture.boxes <= 60
    assert "folded to" in picture.sentence
    lines = titles(scene)
    assert lines["series forward layer2/MatMul"] == ("layer2 … layer28", "27 × (MatMul, Relu)")
    assert lines["series variable layer2/W"] == ("27 variables", "432 numbers")
    assert lines["series update GradientDescent/update_layer2/W/ApplyGradientDescent"][0] == (
        "27 updates"
    )
    for layer in ("layer0", "layer1", "layer29"):
        assert f"{layer}/MatMul" in lines


def test_copies_that_share_their_weights_say_so():
    lines = titles(scenes.recurrent(20).scene("train"), budget=30)
    words = [small for key, (_, small) in lines.items() if key.startswith("series forward")]
    assert words == ["17 × (AddV2, Tanh, MatMul), same weights"]


def test_what_is_asked_for_is_open_and_splits_the_series():
    scene = scenes.deep(30).scene("train")
    lines = titles(scene, expand=("layer9",))
    assert "layer9/MatMul" in lines
    assert [t for t in folded(scene, expand=("layer9",)) if t.startswith("layer")] == [
        "layer2 … layer7", "layer11 … layer28", "layer11 … layer28 grad", "layer2 … layer7 grad"
    ]  # fmt: skip


def test_scopes_are_closed_and_opened_by_name_and_by_depth():
    scene = scenes.nested().scene("train")
    assert "tower/one" not in folded(scene)
    closed = folded(scene, collapse=("one",))
    assert "one" in closed
    assert "two" not in closed
    assert {"tower", "tower grad", "loss", "loss grad"} <= set(folded(scene, depth=0))
    assert "one" in folded(scene, depth=1)
    assert "tower" not in folded(scene, depth=1)
    assert "one" not in folded(scene, depth=1, expand=("tower/one",))


def test_the_smaller_the_budget_the_fewer_the_boxes():
    scene = scenes.deep(30).scene("train")
    counts = [len(composed(scene, Options(budget=b)).boxes) for b in (10, 20, 40, 60, 100, 200)]
    assert counts == sorted(counts)
    assert counts[1] <= 20
    assert counts[-1] > 100


def test_a_big_graph_is_small_on_paper():
    picture = paint(scenes.deep(200).scene("train"))
    assert picture.boxes <= 60
    assert "ops folded to" in picture.sentence


# ---- what is never folded ----------------------------------------------------------------------


def test_where_a_run_stands_is_seen():
    model = scenes.deep(30)
    middle = model.graph.get_operation_by_name("layer15/Relu")
    scene = model.run("train", steps=0, breakpoints=frozenset({middle}))[0]
    drawn = composed(scene, Options())
    assert drawn.home[middle].ops == [middle]
    assert drawn.home[scene.next].fold is None


# ---- what optimizers keep ----------------------------------------------------------------------


def test_slots_and_rates_are_in_the_update_until_they_are_asked_for():
    scene = scenes.nested().scene("train")
    lines = titles(scene)
    update = "kept update Adam/update_tower/one/W/ApplyAdam"
    assert lines[update] == ("ApplyAdam(W)", "Adam · 2 slots")
    assert lines["kept update Adam/Assign"] == ("beta1_power, beta2_power", "6 nodes")
    assert not any("/Adam" in key and "variable" in key for key in lines)
    opened = titles(scene, expand=("optimizer",))
    assert {"tower/one/W/Adam", "tower/one/W/Adam_1", "beta1_power"} <= set(opened)
    one = titles(scene, expand=("tower/one/W/Adam",))
    assert "tower/one/W/Adam_1" in one
    assert "tower/two/W/Adam_1" not in one


def test_a_counter_that_the_rate_reads_is_no_slot():
    assert "global_step" in titles(scenes.nested().scene("train"))


# ---- conds and loops ---------------------------------------------------------------------------


def test_a_loop_is_a_box_that_opens():
    scene = scenes.controlled().scene("train")
    assert titles(scene)["while/While"] == (
        "While",
        "repeats Equal, If, Identity, AddV2, Mul, Tanh",
    )
    assert titles(scene)["cond/If"] == ("If", "either Square or Abs")
    lines = titles(scene, expand=("while",))
    assert lines["while/While"] == ("While", "as long as Less")
    assert lines["while/Identity"] == ("Identity", "starts at 0, then add")
    assert lines["while/Identity_1"] == ("Identity_1", "starts at x, then Tanh")
    assert lines["while/cond/If"] == ("If", "either Mul or Neg")
    assert "gradient gradients/while/While_grad/gradients/while/Tanh_grad/Square" in lines
    inner = titles(scene, expand=("while", "while/cond"))
    assert "while/cond/Neg" in inner


# ---- parts and neighbourhoods ------------------------------------------------------------------


def test_one_part_of_a_run():
    scene = scenes.nested().scene("train")
    roles = {
        part: {box.role for box in composed(scene, Options(part=part)).boxes}
        for part in ("forward", "backward", "update")
    }
    assert roles["forward"] == {"feed", "forward", "variable", "frozen"}
    assert roles["backward"] == {"gradient"}
    assert "forward" not in roles["update"]


def test_what_is_near_a_node():
    scene = scenes.perceptron().scene("train")
    drawn = composed(scene, Options(focus="hidden/MatMul", radius=1))
    assert {box.main.name for box in drawn.boxes if box.role != "gradient"} == {
        "x", "hidden/W", "hidden/MatMul", "hidden/add"
    }  # fmt: skip
    with pytest.raises(DebugError, match="Nothing in this picture is called 'hiden'"):
        composed(scene, Options(focus="hiden"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"part": "sideways"}, "part is forward, backward or update, not 'sideways'"),
        ({"budget": -1}, "budget is a number of at least 0"),
        ({"depth": -2}, "depth is a number of at least 0"),
    ],
)
def test_what_cannot_be_asked_for(wrong, message):
    with pytest.raises(DebugError, match=message):
        Options(**wrong)


def test_names_are_words_or_things():
    model = scenes.nested()
    assert names("a, b/c,") == ("a", "b/c")
    assert names(["a", model.fetches["h"]]) == ("a", model.fetches["h"].op.name)
    assert names(model.fetches["h"].op) == (model.fetches["h"].op.name,)
    with pytest.raises(DebugError, match="is no name"):
        names([3])


def test_what_an_optimizer_keeps_is_one_box_wherever_the_run_stands():
    model = scenes.nested()
    for scene in model.run("train", steps=36)[::3]:
        drawn = composed(scene, Options())
        kept = [box for box in drawn.boxes if box.fold is not None and box.fold.kind == "kept"]
        assert [box.role for box in kept] == ["update", "update", "update"]
        assert paint(scene).placed


def test_what_runs_in_an_open_loop_is_marked():
    scene = scenes.controlled().run("train", steps=14)[-1]
    drawn = composed(scene, Options(expand=("while",)))
    _, faces, _ = arrange(drawn)
    assert [box.main.name for box, face in faces.items() if face.state == "next"] == ["while/add"]
    told = "next: add (while/add), forward, iteration 2 of while/While"
    assert told in paint(scene, Options(expand=("while",))).sentence
    assert "next: While (while/add), forward, iteration 2" in paint(scene).sentence
