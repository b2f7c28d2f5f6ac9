"""What pictures show when it is asked for. Their texts, letter by letter, are in `dots`."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import scenes
import small
from reading import attributes, edges, legend, place, words
from test_picture_layout import EVERYTHING, apart, check, nested

import graphscope as gs
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.repl.completing import completed
from graphscope.show.amounts import SCALES, size
from graphscope.show.engines import find_engine
from graphscope.show.picture import Picture, arrange, composed, paint
from graphscope.show.place import Placed, Rect

COMMANDS = commands_of(Debugger)


def asked(model: scenes.Model, *fetched: str, **options: Any) -> Picture:
    return paint(model.scene(*fetched), Options(**options))


def drawn(**options: Any) -> Picture:
    model = small.line()
    return gs.draw(model["train"], model["feed"], graph=model["graph"], **options)


@pytest.fixture(scope="module")
def soft() -> scenes.Model:
    return scenes.softmax_regression()


@pytest.fixture(scope="module")
def mlp() -> scenes.Model:
    return scenes.perceptron()


# ---- one declaration ---------------------------------------------------------------------------


@pytest.mark.parametrize("function", [gs.draw, gs.Debugger.draw, gs.Debugger.film])
def test_the_options_are_the_fields_of_one_class(function):
    parameters = inspect.signature(function).parameters
    for field in fields(Options):
        assert parameters[field.name].default == field.default
        assert parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY
        assert f"\n{field.name}: " in inspect.getdoc(function)


@pytest.mark.parametrize("name", ["draw", "film"])
def test_the_prompt_knows_them(name):
    usage, help = COMMANDS[name].usage, str(small.debugged(small.line()).help(name))
    assert "[--names NAMES] [--edges EDGES] [--saved] [--order] [--overlay OVERLAY]" in usage
    assert "[--no-fold]" in usage
    assert "[--no-ladder]" in usage
    assert "\n   rankdir   TB goes down and back up, LR to the right and back.\n" in help


def test_words_at_the_prompt_are_keywords_in_python():
    d = small.debugged(small.line())
    typed = "--names full --ghosts none --no-fold --rankdir LR --edges shape --saved --order"
    said = COMMANDS["draw"].call(d, typed)
    done = d.draw(names="full", ghosts="none", fold=False, rankdir="LR", edges="shape", saved=True,
                  order=True)  # fmt: skip
    assert said.dot == done.dot
    assert said.dot != d.draw().dot
    assert COMMANDS["draw"].call(d, "--overlay bytes --values").dot == d.draw(
        overlay="bytes", values=True).dot  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": "half"}, "names is full, not 'half'."),
        ({"edges": "value"}, "edges is shape, not 'value'."),
        ({"overlay": "weight"}, "overlay is time, norm or bytes, not 'weight'."),
        ({"ghosts": "some"}, "ghosts is near, all or none, not 'some'."),
        ({"rankdir": "BT"}, "rankdir is TB or LR, not 'BT'."),
    ],
)
def test_what_cannot_be_asked_for(wrong, message):
    with pytest.raises(DebugError) as caught:
        Options(**wrong)
    assert str(caught.value) == message


# ---- texts in the boxes ------------------------------------------------------------------------


def test_types_of_all_tensors(mlp):
    box = words(asked(mlp, "train", dtypes=True))
    assert box["hidden/MatMul"][1] == "float32 [?, 4]"
    assert box["global_step"][1] == "int32 scalar"
    folded = words(asked(scenes.deep(30), "train", dtypes=True))
    assert ["27 variables", "float32 [4,4]", "432 numbers"] in folded.values()


def test_whole_names(mlp):
    box = words(asked(mlp, "train", names="full"))
    assert box["hidden/W"][0] == "first = hidden/W"
    assert box["hidden/MatMul"][0] == "hidden/MatMul"
    gradient = box["gradient gradients/hidden/MatMul_grad/MatMul_1"]
    assert gradient[0] == "dW = gradients/hidden/MatMul_grad/MatMul_1"
    update = box["GradientDescent/update_hidden/W/ApplyGradientDescent"]
    assert update[0] == "GradientDescent/update_hidden/W/ApplyGradientDescent"
    assert update[2] == "W – 0.1·dW"
    assert box["ghost loss/Mean"][0] == "loss = loss/Mean"
    known = {op.name for op in mlp.graph.operations}
    titles = [lines[0].rpartition(" = ")[2] for key, lines in box.items() if len(lines) > 1]
    assert all(title in known or "…" in title for title in titles)


def test_python_names_stand_before_whole_ones(soft):
    box = words(asked(soft, "train_step", names="full"))
    assert box["Variable"][0] == "W = Variable"
    assert box["feed Placeholder 0"][0] == "x = Placeholder"
    assert box["GradientDescent"][0] == "train_step = GradientDescent"


def test_numbers_instead_of_statistics():
    d = small.debugged(small.line())
    d.step(9)
    plain, numbers = words(d.draw()), words(d.draw(values=True))
    assert (plain["feed x 0"][2], numbers["feed x 0"][2]) == ("mean 3.5  max 4", "[3, 4]")
    assert (plain["y"][2], numbers["y"][2]) == ("mean 7", "[6, 8]")
    d.run_to_end()
    assert words(d.draw(values=True))["b"][2] == "[0, 0] → [-6, -8]"
    assert words(d.draw(values=True))["w"][2] == "value 2 → -48"


def test_numbers_that_are_known_without_a_run(soft):
    assert words(drawn(values=True))["feed x 0"] == ["x", "[2]", "[3, 4]"]
    assert words(drawn())["feed x 0"] == ["x", "[2]"]
    box = words(asked(soft, "train_step", values=True))
    assert box["feed Placeholder_1 0"][2] == "mean 0.1  max 1"


def test_boxes_stay_where_they_are_whatever_their_numbers():
    d = small.debugged(small.line())
    first = d.draw(values=True)
    d.run_to_end()
    last = d.draw(values=True)
    for key in ("w", "b", "y", "loss", "train"):
        key = "ghost loss" if key == "loss" else key
        assert place(first, key) == place(last, key)


def test_the_order_is_that_of_the_run(soft):
    box = words(asked(soft, "train_step", order=True))
    nodes = soft.scene("train_step").plan.nodes
    assert box["MatMul"][2] == f"t={nodes.index(soft.graph.get_operation_by_name('MatMul')) + 1}"
    assert box["GradientDescent"][1] == f"fetch · t={len(nodes)}"
    d = gs.debug(gs.Session(graph=soft.graph), soft.fetches["y"], soft.feeds)
    assert soft.graph.get_operation_by_name("MatMul") in d._scene_at(d.timeline, 0).times


def test_after_a_loop_the_order_is_known_when_it_has_run():
    d = small.counting()
    before = words(d.draw(order=True))
    assert "t=" not in before["result"][-1]
    d.run_to_end()
    steps = {step.node.name: step.t for step in d.timeline.steps}
    assert words(d.draw(order=True))["result"][-1].startswith(f"fetch · t={steps['result']} · ")


# ---- how much there is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "amount", "text"),
    [
        ("time", 0.0, "0 us ■□□□□"),
        ("time", 9.99e-6, "9.99 us ■□□□□"),
        ("time", 1e-5, "10 us ■■□□□"),
        ("time", 1e-4, "100 us ■■■□□"),
        ("time", 9.99e-3, "9.99 ms ■■■■□"),
        ("time", 1e-2, "10 ms ■■■■■"),
        ("time", 100.0, "100 s ■■■■■"),
        ("norm", 0.0, "norm 0 ■□□□□"),
        ("norm", 0.1, "norm 0.1 ■■■□□"),
        ("norm", 1e3, "norm 1000 ■■■■■"),
        ("bytes", 99.0, "99 bytes ■□□□□"),
        ("bytes", 31360.0, "31.4 KB ■■■□□"),
        ("bytes", 3e8, "300 MB ■■■■■"),
    ],
)
def test_an_amount_is_a_number_and_a_bar(name, amount, text):
    assert SCALES[name].words(amount) == text


def test_sizes():
    assert [size(n) for n in (0, 999, 1000, 2.5e6, 7e9)] == [
        "0 bytes", "999 bytes", "1 KB", "2.5 MB", "7 GB"]  # fmt: skip


def test_bytes_are_known_from_shapes_and_values(soft):
    picture = asked(soft, "train_step", overlay="bytes")
    box = words(picture)
    assert box["feed Placeholder 0"][2] == "314 KB ■■■□□"
    assert box["Variable"][2] == "31.4 KB ■■■□□"
    assert len(box["MatMul"]) == 2  # the batch is not known
    assert picture.sentence.endswith("in a box: the bytes of its value, 412 KB in all")
    assert legend(picture)[-2:] == [
        "the bytes of its value: less than 100 bytes, each square 100 times more",
        "100 MB or more",
    ]
    at = paint(soft.run("train_step", steps=25)[25], Options(overlay="bytes"))
    assert words(at)["MatMul"][2] == "4 KB ■■□□□"


def test_folded_boxes_add_up():
    picture = asked(scenes.deep(30), "train", overlay="bytes")
    assert ["27 variables", "[4,4]", "1.73 KB ■■□□□"] in words(picture).values()


def test_norms_are_those_of_the_values(soft):
    at = soft.run("train_step", steps=25)[25]
    box = words(paint(at, Options(overlay="norm")))
    graph = soft.graph
    norm = float(np.linalg.norm(at.values[graph.get_tensor_by_name("Log:0")]))
    assert box["Log"][2] == f"norm {norm:.3g} ■■■■□"
    assert box["GradientDescent/update_Variable_1/ApplyGradientDescent"][2].startswith("changed by")
    assert box["GradientDescent"][1] == "fetch · now: ran"


def test_time_is_that_of_all_executions(soft):
    at = soft.run("train_step", steps=20)[20]
    log = soft.graph.get_operation_by_name("Log")
    seconds = dict.fromkeys(at.done, 2e-6) | {log: 0.25}
    picture = paint(replace(at, seconds=seconds), Options(overlay="time"))
    box = words(picture)
    assert box["Log"][2] == "250 ms ■■■■■"
    assert box["gradient gradients/Softmax_grad/mul"][2] == "now: 8 us ■□□□□"  # of 4 nodes
    assert box["GradientDescent"][1] == "fetch · not run yet"
    assert picture.sentence.endswith("in a box: the time it took, 250 ms in all")
    loop = small.counting()
    loop.run_to_end()
    scene = loop._scene_at(loop.timeline, loop.t)
    closed = replace(scene, seconds=dict.fromkeys(scene.done, 1e-3))
    inside = sum(scene.plan.outermost(op).type == "While" for op in scene.done)
    box = words(paint(closed, Options(overlay="time")))
    assert box["while/While"][2].startswith(f"{inside} ms ")


def test_what_is_not_finite_stays_in_sight():
    d = small.debugged(small.line(bad=True))
    d.run_to_end()
    for overlay in ("norm", "bytes", "time"):
        assert words(d.draw(overlay=overlay))["y"][2].startswith("NaN")


@pytest.mark.parametrize("overlay", ["time", "norm"])
def test_without_a_run_there_is_nothing_to_measure(overlay):
    with pytest.raises(DebugError, match=f"The {overlay} of a node is known when it has run: use "):
        drawn(overlay=overlay)


# ---- edges -------------------------------------------------------------------------------------


def test_saved_values_are_edges_from_forward_to_gradient(soft):
    picture = asked(soft, "train_step", saved=True)
    saved = {ends for ends, look in edges(picture).items() if look.get("arrowhead") == "empty"}
    named = {(tail, head.removeprefix("gradient gradients/").partition("_grad")[0])
             for tail, head in saved}  # fmt: skip
    assert named == {
        ("feed Placeholder 0", "MatMul"), ("Softmax", "Softmax"), ("Softmax", "Log"),
        ("feed Placeholder_1 0", "mul"), ("mul", "Sum"), ("Neg", "Shape"),
    }  # fmt: skip
    assert not any("needs" in line for lines in words(picture).values() for line in lines)
    assert "hollow arrow: a value that a gradient uses again" in legend(picture)
    assert "Softmax grad ([?, 10], 4 nodes) from Log grad with y = Softmax again" in (
        picture.description)  # fmt: skip
    assert " ---o " in picture.mermaid()
    assert "◇" in picture.text(140)
    assert "%: a value that a gradient uses again" in picture.text(140, unicode=False)


def test_shapes_at_edges(soft):
    picture = asked(soft, "train_step", edges="shape")
    box = words(picture)
    shapes = [box[key] for key in box if key.startswith("edge ")]
    assert ["[100, 784]"] in shapes
    assert ["[784, 10]"] in shapes
    assert "at an edge: the shape of what goes along it" in legend(picture)
    assert "MatMul ([?, 10]) uses x [100, 784] and W [784, 10]" in picture.description
    assert '-->|"[100, 784]"| ' in picture.mermaid()
    flowing = asked(soft, "train_step", edges="shape", ladder=False)
    line = next(line for line in flowing.dot.splitlines() if "Variable -> MatMul [" in line)
    assert ">[784, 10]</FONT>>" in line


def inside(point: tuple[float, float], rect: Rect) -> bool:
    return rect.left < point[0] < rect.right and rect.top < point[1] < rect.bottom


# ---- what does not run -------------------------------------------------------------------------


def test_all_that_does_not_run(soft):
    picture = asked(soft, "train_step", ghosts="all", fold=False)
    scene = soft.scene("train_step")
    ghosts = [box for box in picture.content.drawn.boxes if box.role == "ghost"]
    shown = {op for box in ghosts for op in box.ops}
    given = {op for op in scene.plan.skipped() if op.definition.given}
    assert shown == set(scene.plan.skipped()) - given
    assert picture.content.drawn.elsewhere == 0
    assert ("ghost ArgMax", "ghost Equal") in edges(picture)
    near = words(asked(soft, "train_step"))
    assert all(words(picture)[key] == near[key] for key in near if key in ("MatMul", "Softmax"))
    assert not any(
        box.role == "ghost" for box in asked(soft, "train_step", ghosts=None).content.drawn.boxes
    )


def test_what_a_feed_hides_ends_before_it():
    model = small.line()
    picture = small.debugged(model, "loss", feed={model["y"]: [3.0, 4.0]}).draw(ghosts="all")
    kinds = {(edge.tail.main.name, edge.head.main.name): edge.kind
             for edge in picture.content.drawn.edges}  # fmt: skip
    assert kinds["product", "y"] == "blocked"
    assert "y ([2], mean 3.5  max 4) hides product" in picture.description


# ---- nothing is folded -------------------------------------------------------------------------


def test_nothing_is_folded():
    scene = scenes.nested().scene("train")
    for options in ({}, {"depth": 1}, {"collapse": "tower"}):
        found = composed(scene, Options(fold=False, **options))
        assert not any(box.fold for box in found.boxes)
    assert any(box.fold for box in composed(scene, Options()).boxes)


# ---- left to right, and nothing overlaps -------------------------------------------------------


def placed(scene: Any, **options: Any) -> tuple[Placed | None, Any]:
    found = composed(scene, Options(fold=False, **options))
    return arrange(found)[2], found


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_nothing_overlaps(name, model, fetched):
    scene = model.scene(*fetched)
    for options in ({"rankdir": "LR", "saved": True, "edges": "shape"},
                    {"saved": True, "edges": "shape", "dtypes": True}):  # fmt: skip
        found, _ = placed(scene, **options)
        if found is None:
            continue
        if "rankdir" in options:
            bands, found.bands = found.bands, []
            for i, band in enumerate(bands):
                for other in bands[:i]:
                    one, two = flat(band.area), flat(other.area)
                    assert apart(one, two) or nested(one, two)
        check(found)
        for point in found.labels.values():
            assert not any(inside(point, rect) for rect in found.rects.values())


def flat(rect: Rect) -> Rect:
    return Rect(rect.y, rect.x, rect.height, rect.width)


def test_left_to_right_is_the_same_grid_turned(soft):
    down, right = asked(soft, "train_step"), asked(soft, "train_step", rankdir="LR")
    steps = ["MatMul", "add", "Softmax", "Log", "mul", "Sum", "Neg"]
    assert len({place(right, key)[1] for key in steps}) == 1
    xs = [place(right, key)[0] for key in steps]
    assert xs == sorted(xs)
    row = ["feed Placeholder 0", "MatMul", "Variable",
           "GradientDescent/update_Variable/ApplyGradientDescent",
           "gradient gradients/MatMul_grad/MatMul_1"]  # fmt: skip
    assert len({place(right, key)[0] for key in row}) == 1
    ys = [place(right, key)[1] for key in row]
    assert ys == sorted(ys, reverse=True)
    assert words(down) == words(right)
    assert attributes(down, "MatMul")["width"] == attributes(right, "MatMul")["width"]
    assert "flowchart LR" in right.mermaid()
    assert "rankdir=LR" in asked(soft, "train_step", rankdir="LR", ladder=False).dot
    assert right.text(100) == down.text(100)


def test_the_names_of_scopes_fit_into_their_bands():
    with gs.Graph().as_default() as graph:
        x = gs.placeholder(gs.float32, [2], name="x")
        with gs.name_scope("a_scope_with_a_very_long_name_for_one_node"):
            y = gs.tanh(x)
        with gs.name_scope("other"):
            z = gs.tanh(gs.sigmoid(y))
    model = scenes.Model(graph, {x: np.ones(2, np.float32)}, z=z)
    title = words(asked(model, "z", rankdir="LR"))["scope 0"][0]
    assert title.startswith("a_")
    assert "…" in title


# ---- everywhere --------------------------------------------------------------------------------


def test_side_by_side_and_films_take_them():
    one, other = small.line(), small.line(cut=True)
    picture = gs.draw(one["train"], graph=one["graph"], beside=other["train"], edges="shape",
                      rankdir="LR", dtypes=True)  # fmt: skip
    assert words(picture)["1 y"][1] == "Add float32 [2]"
    labelled = [key[0] for key in words(picture) if " edge " in key]
    kinds = ("data", "feed", "variable", "gradient")
    carrying = [e for e in picture.content.drawn.edges if e.kind in kinds]
    together = {(e.tail.main.name, e.head.main.name) for e in carrying}
    assert {("cut", "y"), ("product", "y")} <= together
    assert (labelled.count("1"), labelled.count("2")) == (9, 8)
    d = small.debugged(small.line())
    film = d.film(overlay="norm", edges="shape", rankdir="LR")
    assert {place(frame, "y") for frame in film.pictures} == {place(film.pictures[0], "y")}
    assert words(film.pictures[-1])["y"][2] == "norm 10 ■■■■□"
    assert len({tuple(legend(frame)) for frame in film.pictures}) == 1


@pytest.mark.skipif(find_engine() is None, reason="no Graphviz: pip install graphviz-pure")
def test_the_page_of_a_film_has_them():
    page = small.debugged(small.line()).film(overlay="norm", edges="shape", saved=True).html()
    assert "norm 10 ■■■■□" in page
    assert "the norm of its value: less than 0.001, each square 100 times more" in page
    assert ">[2]</text>" in page


def test_the_prompt_completes_them():
    debugger = small.debugged(small.line())
    assert completed(debugger, "draw --no").words == ["--no-fold", "--no-ladder"]
    assert completed(debugger, "draw y --ov").words == ["--overlay"]
    assert "--output" in completed(debugger, "film -").words
