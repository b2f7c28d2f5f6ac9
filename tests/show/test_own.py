"""Placed pictures as SVG without Graphviz: the same parts at the same places as Graphviz draws."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import scenes
import small
from films import film_of

from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.show import engines, own
from graphscope.show.picture import paint

SVG = "{http://www.w3.org/2000/svg}"
TESTS = Path(__file__).parent
PLACED = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((TESTS / "dots").glob("*.dot"))
    if "splines=line" in path.read_text(encoding="utf-8")
}
GALLERY = sorted((TESTS.parents[1] / "tutorials" / "gallery").glob("*.dot"))
try:
    ENGINE = engines.find_engine()
except DebugError:
    ENGINE = None
needs_engine = pytest.mark.skipif(ENGINE is None, reason="no Graphviz: pip install graphviz-pure")


@pytest.fixture
def nothing(monkeypatch):
    """A machine without Graphviz."""
    monkeypatch.setattr(engines, "engines", lambda form: [])
    monkeypatch.setenv("PATH", "")


def groups(svg):
    """The groups of a picture by kind and title, with their shapes."""
    graph = ET.fromstring(svg).find(f"{SVG}g")
    return {
        (group.get("class"), group.find(f"{SVG}title").text): [
            item for item in group.iter() if item.tag.removeprefix(SVG) not in ("g", "a", "title")
        ]
        for group in graph.findall(f"{SVG}g")
    }


def middle(shapes):
    """The middle of the outlines; None for what has none."""
    numbers = [
        tuple(map(float, pair.split(",")))
        for item in shapes
        if item.tag in (f"{SVG}polygon", f"{SVG}path")
        for pair in re.findall(r"-?[\d.]+,-?[\d.]+", item.get("points") or item.get("d"))
        if "A" not in (item.get("d") or "")
    ]
    if not numbers:
        return None
    xs, ys = zip(*numbers, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def words(shapes):
    texts = (item.text or "" for item in shapes if item.tag == f"{SVG}text")
    return [" ".join(text.replace("\xa0", " ").split()) for text in texts]


@needs_engine
@pytest.mark.parametrize("name", PLACED)
def test_all_parts_are_where_graphviz_has_them(name):
    ours = groups(own.drawn(PLACED[name]))
    theirs = groups(engines.render(PLACED[name], "svg", placed=True))
    seen = {key for key, shapes in theirs.items() if shapes}
    assert seen <= ours.keys()
    moved = set()
    for key in seen:
        assert words(ours[key]) == words(theirs[key])
        here, there = middle(ours[key]), middle(theirs[key])
        if key[0] == "node" and here is not None and there is not None:
            moved.add((round((here[0] - there[0]) / 3), round((here[1] - there[1]) / 3)))
    assert max(x for x, _ in moved) - min(x for x, _ in moved) <= 1
    assert max(y for _, y in moved) - min(y for _, y in moved) <= 1


@needs_engine
@pytest.mark.parametrize("name", PLACED)
def test_it_is_as_large_as_graphviz_makes_it(name):
    size = [
        [float(ET.fromstring(svg).get(side).removesuffix("pt")) for side in ("width", "height")]
        for svg in (own.drawn(PLACED[name]), engines.render(PLACED[name], "svg", placed=True))
    ]
    assert size[0] == pytest.approx(size[1], abs=8)


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_gallery_without_graphviz(path):
    dot = path.read_text(encoding="utf-8")
    if "splines=line" not in dot:
        pytest.skip("Graphviz places it")
    found = groups(own.drawn(dot))
    assert len([key for key in found if key[0] == "node"]) == dot.count(" pin=true ")


def test_the_svg_letter_by_letter():
    expected = (TESTS / "drawn" / "ended.svg").read_text(encoding="utf-8")
    assert own.drawn(PLACED["ended"]).decode() == expected


def test_names_of_all_letters():
    model = scenes.softmax_regression()
    model.graph.operations[0].name = 'a"b<c>&\\d [x] {y} -> é'
    picture = paint(model.scene("train_step"))
    keys = {box.key for box in picture.content.drawn.boxes}
    assert keys <= {title for _, title in groups(own.drawn(picture.dot))}


def test_a_picture_larger_than_a_page_is_scaled():
    root = ET.fromstring(own.drawn(paint(scenes.deep(90).scene("train"), Options(fold=False)).dot))
    assert float(root.get("height").removesuffix("pt")) == 27 * 72
    assert float(root.get("viewBox").split()[3]) > 27 * 72


# ---- what can be done on a machine without Graphviz ----------------------------------------------


def test_a_picture_is_saved(nothing, tmp_path):
    picture = paint(scenes.softmax_regression().scene("train_step"))
    picture.save(tmp_path / "step.svg")
    root = ET.parse(tmp_path / "step.svg").getroot()
    assert root.find(f"{SVG}title").text == picture.title
    assert root.find(f"{SVG}desc").text == picture.description
    assert picture._repr_svg_().startswith("<svg")
    with pytest.raises(DebugError, match=r"no Graphviz .* can be saved as \.svg or \.dot"):
        picture.png()


def test_boxes_lead_to_addresses(nothing):
    picture = small.debugged(small.line()).draw()
    assert 'href="#train"' in picture.svg(links="#{name}")


def test_what_graphviz_is_to_place_needs_graphviz(nothing):
    with pytest.raises(DebugError, match=r"no Graphviz .* can be saved as \.dot"):
        paint(scenes.softmax_regression().scene("train_step"), Options(ladder=False)).svg()


def test_a_film_of_many_branches_is_placed_all_the_same(nothing):
    model, fetched = next(
        entry[1:] for entry in scenes.everything() if entry[0] == "controlled train"
    )
    film = film_of(model, *fetched, every=30)
    assert all(picture.placed for picture in film.pictures)
    assert "<svg" in film.html()
