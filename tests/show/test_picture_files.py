"""Drawing and saving: which program draws, and what happens when it cannot."""

from __future__ import annotations

import stat
import struct
import sys
import xml.etree.ElementTree as ET

import pytest
import scenes

from graphscope.debug.errors import DebugError
from graphscope.show import engines as drawing
from graphscope.show.options import Options
from graphscope.show.picture import paint

try:
    _ENGINE = drawing.find_engine()
except DebugError:
    _ENGINE = None
needs_engine = pytest.mark.skipif(_ENGINE is None, reason="no Graphviz: pip install graphviz-pure")
needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are sh scripts")


@pytest.fixture(scope="module")
def picture():
    return paint(scenes.softmax_regression().scene("train_step"))


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A program in the place of Graphviz."""

    def install(script):
        path = tmp_path / "fake-dot"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("GRAPHSCOPE_DOT", str(path))

    return install


@needs_engine
def test_svg_has_the_boxes_as_text_and_the_sources_as_tooltips(picture):
    text = picture.svg()
    root = ET.fromstring(text)
    words = "".join(root.itertext())
    for word in ("train_step", "dW = MatMul grad", "sess.run(train_step, feed_dict={x, y_})"):
        assert word in words
    titles = [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(t.startswith("Softmax  (Softmax)") and "scenes.py" in t for t in titles)
    assert "Liberation Sans" in text
    assert "max-width: 100%" in picture._repr_svg_()


@needs_engine
def test_png_is_as_large_as_it_should_be(picture):
    data = picture.png()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    assert 1000 < width < 2400
    assert 1000 < height < 2400


@needs_engine
@pytest.mark.parametrize(("name", "model", "fetched"), scenes.everything())
def test_everything_can_be_drawn(name, model, fetched):
    ET.fromstring(paint(model.scene(*fetched)).svg())
    ET.fromstring(paint(model.scene(*fetched), Options(ladder=False, ghosts=False)).svg()) if (
        name != "deep") else None  # fmt: skip


@needs_engine
def test_a_large_picture_is_a_bounded_bitmap():
    data = paint(scenes.deep(70).scene("train")).png()
    width, height = struct.unpack(">II", data[16:24])
    assert max(width, height) <= 27 * drawing.DPI + 1


@needs_engine
@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG"),
                                               (".PNG", b"\x89PNG")])  # fmt: skip
def test_save(picture, tmp_path, suffix, start):
    path = tmp_path / f"step{suffix}"
    assert picture.save(path).path == path
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("suffix", [".dot", ".gv"])
def test_save_needs_no_engine_for_dot(picture, tmp_path, suffix):
    path = picture.save(str(tmp_path / f"step{suffix}")).path
    assert path.read_text(encoding="utf-8") == picture.dot


def test_save_errors(picture, tmp_path):
    with pytest.raises(DebugError, match=r"saved as \.svg, \.png or \.dot, not as 'step.pdf'"):
        picture.save(tmp_path / "step.pdf")
    with pytest.raises(DebugError, match="cannot be written"):
        picture.save(tmp_path / "nowhere" / "step.dot")


@needs_scripts
def test_an_engine_that_hangs_is_stopped(picture, engine):
    engine("exec sleep 30")
    with pytest.raises(DebugError, match=r"fake-dot had not finished after 0.2 s"):
        drawing.render(picture.dot, "svg", placed=True, timeout=0.2)


@needs_scripts
def test_an_engine_that_fails_is_quoted_and_the_text_is_kept(picture, engine, tmp_path):
    engine("cat > /dev/null; echo 'Error: bad label' >&2; exit 3")
    with pytest.raises(DebugError, match=r"fake-dot could not draw .*: Error: bad label.*Kept: "):
        picture.save(tmp_path / "step.svg")
    assert (tmp_path / "step.dot").read_text(encoding="utf-8") == picture.dot


@needs_scripts
def test_the_engine_is_told_to_keep_positions(picture, engine, tmp_path):
    engine(f'echo "$@" > {tmp_path}/arguments; cat')
    assert drawing.render("digraph {}", "svg", placed=True) == b"digraph {}"
    assert (tmp_path / "arguments").read_text().split()[:2] == ["-Kneato", "-n2"]
    drawing.render("digraph {}", "svg", placed=False)
    assert (tmp_path / "arguments").read_text().split()[0] == "-Kdot"


def test_no_engine(picture, monkeypatch):
    monkeypatch.setenv("GRAPHSCOPE_DOT", "there-is-no-such-program")
    with pytest.raises(DebugError, match="GRAPHSCOPE_DOT is 'there-is-no-such-program'"):
        picture.png()
    monkeypatch.delenv("GRAPHSCOPE_DOT")
    monkeypatch.setattr(drawing.shutil, "which", lambda *_, **__: None)
    with pytest.raises(DebugError, match="pip install graphviz-pure"):
        picture.png()
