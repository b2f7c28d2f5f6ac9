"""A run as a folder: numbered pictures in which nothing moves, a page, slides, an animation."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import scenes
import small
from films import debugged

import graphscope as gs
from graphscope.cli import main
from graphscope.debug.errors import DebugError
from graphscope.show import engines
from graphscope.show.engines import find_engine

SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = Path(__file__).parents[1] / "scripts" / "training.py"
needs_engine = pytest.mark.skipif(
    find_engine() is None, reason="no Graphviz: pip install graphviz-pure"
)


@pytest.fixture(params=["graphviz", "nothing"])
def drawing(request, monkeypatch):
    """With Graphviz, and on a machine on which there is no program at all."""
    if request.param == "nothing":
        monkeypatch.setattr(engines, "engines", lambda form: [])
        monkeypatch.setattr(engines.subprocess, "run", None)
        monkeypatch.setenv("PATH", "")
    elif find_engine() is None:
        pytest.skip("no Graphviz: pip install graphviz-pure")
    return request.param


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "training.py").write_text(SCRIPT.read_text())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def give(*words):
    """Give a command line, with a graph of its own."""
    gs.reset_default_graph()
    try:
        return main(list(words))
    finally:
        gs.reset_default_graph()


def contents(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_the_verb(drawing, folder, capsys):
    assert give("frames", "training.py", "-o", "lesson", "--slides") == 0
    assert capsys.readouterr().out == (
        " sess.run(train, feed_dict={x, y_}): 16 frames in lesson\n"
        "   frame-00.svg ... frame-15.svg\n"
        "   slides.md  a frame on each slide\n"
        "   index.html  steps by keys, in any browser\n"
    )
    first = contents(folder / "lesson")
    numbered = [f"frame-{number:02}.svg" for number in range(16)]
    assert list(first) == [*numbered, "index.html", "slides.md"]
    assert give("frames", "training.py", "-o", "again", "--slides") == 0
    assert contents(folder / "again") == first, "the same bytes in each run"


def places(svg):
    """Of each box the outlines, and of the whole the size."""
    root = ET.fromstring(svg)
    found = {"": (root.get("width"), root.get("viewBox"))}
    for group in root.iter(f"{SVG}g"):
        if (group.get("id") or "").startswith("box-"):
            shapes = [item.get("points") or item.get("d") for item in group.iter()]
            found[group.get("id")] = tuple(shape for shape in shapes if shape)
    return found


def test_no_box_moves(drawing, folder):
    give("frames", "training.py", "-o", ".")
    first, *others = [places(path.read_text()) for path in sorted(folder.glob("frame-*.svg"))]
    assert len(first) == 17
    assert len(others) == 15
    for other in others:
        assert other == first


def test_each_frame_says_what_it_shows(drawing, folder):
    give("frames", "training.py", "-o", ".")
    told = []
    for path in sorted(folder.glob("frame-*.svg")):
        root = ET.parse(path).getroot()
        assert root.find(f"{SVG}title").text == "sess.run(train, feed_dict={x, y_})"
        told.append(root.find(f"{SVG}desc").text)
        assert root.get("role") == "img"
    assert len(set(told)) == 16
    assert "next: y, forward; no variable written yet." in told[3]


def test_nothing_comes_from_a_network(drawing, folder):
    give("frames", "training.py", "-o", ".")
    for path in folder.glob("*.*ml"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:link|img|iframe|image|use|object)\b|@import|url\(", text)
    for path in [*folder.glob("*.svg"), folder / "index.html"]:
        found = set(re.findall(r"https?://[^\"' ]*", path.read_text(encoding="utf-8")))
        assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_slides(folder):
    give("frames", "training.py", "-o", ".", "--slides", "--every", "phase")
    head, *slides = (folder / "slides.md").read_text(encoding="utf-8").split("\n## ")
    assert head == (
        '---\nmarp: true\ntitle: "sess.run(train, feed_dict={x, y_})"\n'
        "style: 'section { font-size: 22px } "
        "img { display: block; max-height: 480px; margin: auto }'\n---\n"
    )
    assert [slide.partition("\n")[0] for slide in slides] == [
        "t = 0 of 15", "t = 6 of 15", "t = 13 of 15", "t = 15 of 15"]  # fmt: skip
    sentence = (
        "Stopped at t=6 of 15, next: loss grad (gradients/Fill), backward; no variable written "
        "yet. Just run: Square (\\[2, 1\\], mean 0.758) uses sub."
    )
    assert slides[1] == (
        f"t = 6 of 15\n\n![{sentence}](frame-01.svg)\n\n{sentence}\n\n---\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("every", "times"),
    [
        ("phase", (0, 9, 22, 25)),
        ("scope", (0, 9, 22, 25)),
        ("10", (0, 10, 20, 25)),
    ],
)
def test_fewer_frames(every, times):
    film = debugged(scenes.softmax_regression(), "train_step").film(every=every)
    assert film.times == times


def test_scopes_end():
    d = debugged(scenes.perceptron(), "train")
    film = d.film(every="scope")
    d.run_to_end()
    steps = d.timeline.steps
    ends = [(steps[t - 1].phase.name, steps[t - 1].node.name.split("/")[0]) for t in film.times[1:]]
    assert ends[:3] == [("FORWARD", "hidden"), ("FORWARD", "output"), ("FORWARD", "loss")]


def test_wrong_words():
    d = small.debugged(small.line())
    with pytest.raises(DebugError, match="at least 1, not layer; or it is scope or phase"):
        d.film(every="layer")


def test_another_fetch_has_the_same_feeds(folder, capsys):
    assert give("frames", "training.py", "--fetch", "loss", "-o", "loss") == 0
    out = capsys.readouterr().out
    assert out.startswith(" sess.run(loss, feed_dict={x, y_}): 8 frames in loss\n")
    assert "value 0.758" in (folder / "loss" / "frame-07.svg").read_text()


def test_another_fetch_leaves_the_run_where_it_is():
    d = debugged(scenes.softmax_regression(), "train_step")
    d.step(4)
    assert d.film("loss").title == "sess.run(loss, feed_dict={x, y_})"
    assert (d.t, d.fetched) == (4, ("train_step",))


@needs_engine
def test_bitmaps_and_an_animation(folder, capsys):
    pytest.importorskip("PIL.Image", reason="no Pillow")
    words = ["frames", "training.py", "-o", ".", "--png", "--gif", "--every", "8"]
    assert give(*words) == 0
    first = contents(folder)
    assert {name for name in first if name.startswith("frame-")} == {
        f"frame-0{number}.{form}" for number in range(3) for form in ("svg", "png")
    }
    sizes = {first[f"frame-0{number}.png"][16:24] for number in range(3)}
    assert len(sizes) == 1, "all bitmaps are of one size"
    assert first["frames.gif"].startswith(b"GIF8")
    assert give(*words) == 0
    assert contents(folder) == first


def test_frames_of_an_earlier_run_are_named(folder, capsys):
    (folder / "old").mkdir()
    (folder / "old" / "frame-99.svg").write_text("old")
    give("frames", "training.py", "-o", "old", "--every", "9")
    assert "   of an earlier run, and still there: frame-99.svg\n" in capsys.readouterr().out
    assert (folder / "old" / "frame-99.svg").read_text() == "old"


def test_a_bitmap_that_cannot_be_drawn_leaves_nothing(folder, capsys, monkeypatch):
    monkeypatch.setattr(engines, "engines", lambda form: [])
    assert give("frames", "training.py", "-o", "none", "--png") == 2
    assert "pip install graphviz-pure" in capsys.readouterr().err
    assert not (folder / "none").exists()


def test_a_folder_that_cannot_be(folder, capsys):
    assert give("frames", "training.py", "-o", "training.py") == 2
    assert "training.py cannot be a folder" in capsys.readouterr().err
