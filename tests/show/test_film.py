"""Films: nothing moves from frame to frame, nothing folds, and what is saved is what was asked."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import scenes
from films import debugged, film_of

import graphscope as tf
from graphscope.debug import filming
from graphscope.debug.errors import DebugError
from graphscope.engine.session import Session
from graphscope.show import gif
from graphscope.show.engines import find_engine, render
from graphscope.show.faces import MONO, SMALL, TITLE, Face
from graphscope.show.frames import steady
from graphscope.show.metrics import text_width
from graphscope.show.theme import theme

needs_engine = pytest.mark.skipif(
    find_engine() is None, reason="no Graphviz: pip install graphviz-pure"
)
SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = scenes.everything()
everything = pytest.mark.parametrize(
    ("name", "model", "fetched"), EVERYTHING, ids=[entry[0] for entry in EVERYTHING]
)


@cache
def whole(name):
    """All frames of one of everything."""
    model, fetched = next(entry[1:] for entry in EVERYTHING if entry[0] == name)
    return film_of(model, *fetched)


@pytest.fixture
def film():
    return whole("soft train_step")


def tiny():
    """One node: a square."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        y = tf.square(x, name="y")
    return scenes.Model(graph, {x: np.float32(3)}, y=y)


# ---- nothing moves -------------------------------------------------------------------------------


def geometry(dot, placed):
    """What has a place in a picture: outlines and lines; texts and signs may change, and the head
    of an edge is larger where the line is thicker."""
    root = ET.fromstring(render(dot, "svg", placed=placed))
    found = [(root.get("width"), root.get("height"), root.find(f"{SVG}g").get("transform"))]
    for group in root.find(f"{SVG}g"):
        shapes = [
            tuple(sorted((k, v) for k, v in item.items() if k in ("d", "points", "cx", "cy", "rx")))
            for item in group.iter()
            if item.tag.removeprefix(SVG) in ("path", "polygon", "polyline", "ellipse")
            and not (item.tag == f"{SVG}polygon" and group.get("class") == "edge")
        ]
        if shapes:  # a word, as the 0 at an edge, has none
            found.append(shapes)
    return found


@needs_engine
@everything
def test_nothing_moves(name, model, fetched):
    film = whole(name)
    shown = [*film.pictures[:: max(1, len(film.pictures) // 2)], film.pictures[-1]]
    first, *others = [geometry(picture.dot, picture.placed) for picture in shown]
    for other in others:
        assert other == first


def looks(dot):
    """Each box with its size and place."""
    return {
        found[1]: (found[2], found[3], (re.search(r'pos="[^"]*!"', line) or [""])[0])
        for line in dot.splitlines()
        if (found := re.match(r'\s*(".*?"|[\w.]+) \[.* height=([\d.]+).* width=([\d.]+)', line))
    }


@everything
def test_all_frames_have_the_same_boxes(name, model, fetched):
    film = whole(name)
    first = looks(film.pictures[0].dot)
    assert first or not film.pictures[0].boxes
    for picture in film.pictures[1:]:
        assert looks(picture.dot) == first
    assert [frame.scene.t for frame in film.reel.frames] == list(film.times)
    if len(film.times) > 1:
        assert len({picture.dot for picture in film.pictures}) > 1


@everything
def test_where_the_run_stands_is_marked_in_every_frame(name, model, fetched):
    for frame in whole(name).reel.frames:
        found = {state: [box for box, face in frame.faces.items() if face.state == state]
                 for state in ("next", "now")}  # fmt: skip
        assert len(found["next"]) == int(frame.scene.next is not None)
        ran = frame.scene.now
        if ran is None or any(ran in box.ops for box in found["next"]):
            assert found["now"] == []
        else:
            assert [ran in box.ops for box in found["now"]] == [True]


def test_folded_boxes_count_what_has_run():
    film = film_of(scenes.deep(14), "train")
    assert len({picture.boxes for picture in film.pictures}) == 1
    series = [[face.small for box, face in frame.faces.items()
               if box.fold is not None and box.fold.kind == "series" and box.role == "forward"]
              for frame in film.reel.frames]  # fmt: skip
    words = {small for frame in series for small in frame}
    assert "not run yet" in words
    assert any(re.fullmatch(r"now: \d+ of 22 run", word) for word in words)
    assert any(re.fullmatch(r"next: \d+ of 22", word) for word in words)


def test_a_box_has_the_lines_that_it_has_at_any_time(film):
    for box in film.reel.frames[0].faces:
        faces = [frame.faces[box] for frame in film.reel.frames]
        assert len({(face.width, face.lines) for face in faces}) == 1


def test_a_box_has_room_for_the_longest_of_its_texts():
    face = Face("y", "", "", "todo", False, 20.0, "")
    later = Face("y", "[2]", "a long line", "done", False, 55.0, "")
    box = object()
    first, last = steady([{box: face}, {box: later}])
    assert first[box] == replace(face, shape=" ", small=" ", width=55.0)
    assert last[box] == later


@everything
def test_the_text_fits(name, model, fetched):
    for frame in whole(name).reel.frames:
        for face in frame.faces.values():
            assert text_width(face.title, TITLE, bold=True) <= face.width
            assert text_width(face.shape, MONO, mono=True) <= face.width
            assert text_width(face.small, SMALL, bold=face.bad) <= face.width


def test_the_legend_is_that_of_all_frames(film):
    assert "next to run" not in film.pictures[-1].sentence
    assert all("hollow: not run yet" in picture.dot for picture in film.pictures)


# ---- which frames --------------------------------------------------------------------------------


def test_all_of_a_run_is_seen_and_the_run_stays_where_it_is():
    d = debugged(scenes.softmax_regression(), "train_step")
    d.step(4)
    film = d.film()
    assert film.times == tuple(range(26))
    assert film.end == "25"
    assert film.sentences[0].startswith("at the start, t=0 of 25")
    assert film.sentences[-1] == "the end, t=25 of 25, 2 variables written"
    assert (d.t, d.timeline.newest, d.done) == (4, 4, False)
    d.goto(2)
    d.film()
    assert d.t == 2


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({"start": 20}, (20, 21, 22, 23, 24, 25)),
        ({"start": 3, "end": 5}, (3, 4, 5)),
        ({"every": 10}, (0, 10, 20, 25)),
        ({"end": 99, "start": 25}, (25,)),
        ({"part": "update", "changes": True}, (0, 1, 2, 3, 22, 23, 24, 25)),
    ],
)
def test_chosen_frames(options, times):
    found = film_of(scenes.softmax_regression(), "train_step", **options).times
    assert found == times


def test_a_long_run_has_not_more_frames_than_can_be_looked_at(monkeypatch):
    monkeypatch.setattr(filming, "FRAMES", 10)
    film = film_of(scenes.softmax_regression(), "train_step")
    assert film.times == (0, 3, 6, 9, 12, 15, 18, 21, 24, 25)


def test_a_run_that_fails_is_seen_up_to_there():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None], name="x")
        bad = tf.reshape(tf.square(x), [7], name="bad")
        model = scenes.Model(graph, {x: np.ones(3, np.float32)}, y=tf.exp(bad))
    film = film_of(model, "y")
    assert film.times == (0, 1)
    assert "bad fails" in film.sentences[-1]


def test_a_run_that_lacks_a_value_has_one_frame():
    model = tiny()
    model.feeds = {}
    assert film_of(model, "y").times == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every is a number of at least 1, not 0"),
        ({"start": 26}, "begins between t=0 and its end at t=25, not at t=26"),
        ({"start": -1}, "not at t=-1"),
        ({"start": 9, "end": 3}, "its end at t=3, not at t=9"),
        ({"seconds": 0.0}, "0.02 to 60 seconds, not for 0"),
        ({"part": "middle"}, "part is forward, backward or update, not 'middle'"),
        ({"theme": "pink"}, "no theme 'pink'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(DebugError, match=message):
        film_of(scenes.softmax_regression(), "train_step", **options)


# ---- the prompt and the function -----------------------------------------------------------------


@needs_engine
def test_the_command(tmp_path):
    d = debugged(tiny(), "y")
    assert str(d.onecmd("film")) == (
        "sess.run(y, feed_dict={x}): 2 frames, t=0 to 1 of 1; "
        "film -o run.html makes a page of it, -o run.gif an animation"
    )
    path = tmp_path / "run.html"
    output = d.onecmd(f"film -o {path} --start 1 --theme dark --changes")
    assert str(output) == f"sess.run(y, feed_dict={{x}}): 1 frame, t=1 to 1 of 1; saved to {path}"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert '"reel": "2 frames"' in d.onecmd("film --json").text
    assert d.onecmd(f"film -o {tmp_path / 'run.pdf'}").error is not None


def test_a_film_of_a_script_leaves_the_session_as_it_is():
    model = scenes.softmax_regression()
    with model.graph.as_default():
        session = Session(graph=model.graph)
        session.run(tf.global_variables_initializer())
    film = tf.film(session, model.fetches["train_step"], model.feeds, every=25)
    assert film.times == (0, 25)
    assert "norm 0 → 13.3" in film.pictures[1].dot
    assert not session.run(model.fetches["W"]).any()


# ---- files ---------------------------------------------------------------------------------------


def test_a_file_for_each_frame(tmp_path, film):
    few = film_of(scenes.softmax_regression(), "train_step", every=10)
    saved = few.save(tmp_path / "run.dot")
    assert saved.path == tmp_path / "run.dot"
    names = [path.name for path in sorted(tmp_path.iterdir())]
    assert names == ["run-00.dot", "run-10.dot", "run-20.dot", "run-25.dot"]
    assert (tmp_path / "run-10.dot").read_text(encoding="utf-8") == few.pictures[1].dot


def test_files_that_cannot_be(tmp_path, film):
    with pytest.raises(
        DebugError, match=r"saved as \.html, \.gif, \.svg, \.png or \.dot, not as 'run.mp4'"
    ):
        film.save(tmp_path / "run.mp4")
    with pytest.raises(DebugError, match="cannot be written"):
        film.save(tmp_path / "nowhere" / "run.dot")


def test_a_gif_needs_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DebugError, match=r"pip install graphscope-debugger\[gif\]"):
        gif.animated([b""], [], 0.8)


@needs_engine
def test_the_animation(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="no Pillow")
    few = film_of(scenes.softmax_regression(), "train_step", end=6, every=3, seconds=0.5)
    path = few.save(tmp_path / "run.gif").path
    assert path.stat().st_size < 200_000
    with image.open(path) as found:
        assert found.n_frames == 3
        assert found.info["loop"] == 0
        assert gif.WIDEST - 3 <= max(found.size) <= gif.WIDEST
        times, seen = [], []
        for number in range(3):
            found.seek(number)
            times.append(found.info["duration"])
            colors = found.convert("RGB").getcolors(1 << 24)
            seen.append({f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in colors})
        assert times == [500, 500, 2000]
    light = theme("light")
    for colors in seen:
        assert len(colors) <= gif.COLORS
        assert {light.background, light.next_fill, light.fill("variable")} <= colors
    assert light.fill("gradient") in seen[0], "the legend has it"


def test_bytes_that_do_not_change(film):
    assert [p.dot for p in film_of(scenes.softmax_regression(), "train_step").pictures] == [
        p.dot for p in film.pictures
    ]
