"""Drawing and saving: which program draws, and what happens when it cannot."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import scenes
from test_picture_text import HOSTILE, hostile

import graphscope as gs
from graphscope.debug.errors import DebugError
from graphscope.debug.options import Options
from graphscope.show import engines as drawing
from graphscope.show.picture import paint
from graphscope.show.svg import box_id

try:
    _ENGINE = drawing.find_engine()
except DebugError:
    _ENGINE = None
_PURE = shutil.which("graphviz-pure", path=os.path.dirname(sys.executable))
_DOT = shutil.which("dot")
needs_engine = pytest.mark.skipif(_ENGINE is None, reason="no Graphviz: pip install graphviz-pure")
needs_dot = pytest.mark.skipif(_DOT is None, reason="no Graphviz of the system")
needs_both = pytest.mark.skipif(not (_PURE and _DOT), reason="two engines are compared")
needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are sh scripts")

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def picture():
    return paint(scenes.softmax_regression().scene("train_step"))


def script(path, text):
    """A program of a few lines."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A program in the place of Graphviz."""

    def install(text):
        monkeypatch.setenv("GRAPHSCOPE_DOT", script(tmp_path / "fake-dot", text))

    return install


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A machine on which only these programs are: by name, their texts."""

    def install(**texts):
        monkeypatch.delenv("GRAPHSCOPE_DOT", raising=False)
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, text in texts.items():
            script(folder / name.replace("_", "-"), text)
        monkeypatch.setattr(drawing.sysconfig, "get_path", lambda name: str(folder))
        monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
        found = shutil.which
        monkeypatch.setattr(
            drawing.shutil,
            "which",
            lambda name, path=None: found(name, path=str(folder)) if "/" not in name else None,
        )

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
    families = {node.get("font-family") for node in root.iter(f"{SVG}text")}
    assert families == {
        "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif",
        "Courier, 'Liberation Mono', Cousine, monospace",
    }


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
    ET.fromstring(paint(model.scene(*fetched), Options(ladder=False, ghosts=None)).svg()) if (
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


@pytest.mark.parametrize(("suffix", "start"), [
    (".txt", "sess.run(train_step"), (".mmd", "---\ntitle:"), (".md", "```mermaid\n---\n")
])  # fmt: skip
def test_save_needs_no_engine_for_text(picture, tmp_path, suffix, start):
    text = picture.save(tmp_path / f"step{suffix}").path.read_text(encoding="utf-8")
    assert text.startswith(start)
    assert text.endswith("\n")
    assert text.count("```") == (2 if suffix == ".md" else 0)


def test_save_errors(picture, tmp_path):
    with pytest.raises(DebugError, match=r"saved as \.dot, \.gv, \.svg, .*, not as 'step.gif'"):
        picture.save(tmp_path / "step.gif")
    with pytest.raises(DebugError, match="not as 'step'"):
        picture.save(tmp_path / "step")
    with pytest.raises(DebugError, match="cannot be written"):
        picture.save(tmp_path / "nowhere" / "step.dot")


# ---- SVG ---------------------------------------------------------------------------------------


def groups(text, kind):
    """The groups of this kind by their ids."""
    return {g.get("id"): g for g in ET.fromstring(text).iter(f"{SVG}g") if g.get("class") == kind}


@needs_engine
def test_svg_says_in_sentences_what_is_drawn(picture):
    root = ET.fromstring(picture.svg())
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "sess.run(train_step, feed_dict={x, y_})"
    assert description.text == picture.description
    assert picture.description.splitlines() == [
        "sess.run(train_step, feed_dict={x, y_}): 25 ops run, 12 pruned, 2 variables updated.",
        "What enters: x ([100, 784]); y_ ([100, 10]).",
        "Forward, 7 steps in order: MatMul ([?, 10]) uses x and W; add ([?, 10]) uses MatMul "
        "and b; y = Softmax ([?, 10]) uses add; Log ([?, 10]) uses y = Softmax; mul ([?, 10]) uses "
        "y_ and Log; Sum ([?], axis 1) uses mul; Neg ([?]) uses Sum.",
        "Variables: W ([784, 10]); b ([10]).",
        "Gradients, 8 steps in order: Mean grad ([?], starts at 1 · 2 nodes) from loss; Neg grad "
        "([?]) from Mean grad; Sum grad ([?, 10], needs mul) from Neg grad; mul grad ([?, 10], "
        "needs y_ · 2 nodes) from Sum grad; Log grad ([?, 10], needs y) from mul grad; Softmax "
        "grad ([?, 10], needs y · 4 nodes) from Log grad; db = add grad ([10]) from Softmax grad; "
        "dW = MatMul grad ([784, 10], needs x) from Softmax grad.",
        "Updates: W – 0.5·dW ([784, 10], GradientDescent) uses dW = MatMul grad and changes W; "
        "b – 0.5·db ([10], GradientDescent) uses db = add grad and changes b.",
        "At the end: train_step (fetch) after W – 0.5·dW and b – 0.5·db.",
        "Does not run: loss (its value is not needed); accuracy (5 ops, not needed).",
    ]


def test_the_sentences_say_what_is_folded_what_comes_next_and_where_a_gradient_stops():
    folded = paint(scenes.deep(30).scene("train")).description
    assert "layer2 … layer28 ([?, 4], 27 × (MatMul, Relu))" in folded
    assert "in layer1: MatMul" in folded
    stopped = paint(scenes.branches().scene("step")).description
    assert "gradient stops (stop_gradient) from mul grad" in stopped
    soft = scenes.softmax_regression()
    log = soft.graph.get_operation_by_name("Log")
    run = soft.run("train_step", steps=20, breakpoints=frozenset({log}))[20]
    assert "db = add grad ([10], next to run) from" in paint(run).description
    assert "Log ([100, 10], mean -2.3, breakpoint) uses" in paint(run).description


def test_of_very_many_steps_only_the_first_are_told():
    picture = paint(scenes.deep(80).scene("train"), Options(budget=None))
    assert "; and 100 more." in picture.description


@needs_engine
def test_every_box_and_edge_has_an_id_and_a_tooltip(picture):
    text = picture.svg()
    boxes, edges = groups(text, "node"), groups(text, "edge")
    content = picture.content.drawn
    for box in content.boxes:
        assert boxes[box_id(box.key)].find(f"{SVG}title").text == picture.tooltips[box.key]
    titles = sorted(edge.find(f"{SVG}title").text for edge in edges.values())
    assert len(titles) == len(content.edges)
    assert "y = Softmax → Log" in titles
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z][-\w.]*", name) for name in ids)


@needs_engine
def test_ids_stay_when_the_run_goes_on():
    first, last = (paint(s) for s in scenes.softmax_regression().run("train_step", steps=9)[::9])
    assert groups(first.svg(), "node").keys() - {None} == groups(last.svg(), "node").keys() - {None}
    names = [re.search(r'labelledby="([^"]*)"', p.svg())[1] for p in (first, last)]
    assert names[0] != names[1], "two pictures of one page would have each other's descriptions"


def test_different_names_have_different_ids():
    names = ["a b", "a_b", "a-b", "a/b", "a_20_b", "A b", "é"]
    assert len({box_id(name) for name in names}) == len(names)


def anchors(text):
    return [a.get("href") for a in ET.fromstring(text).iter(f"{SVG}a")]


@needs_engine
def test_boxes_lead_to_where_the_caller_says(picture):
    assert anchors(picture.svg()) == []
    pattern = anchors(picture.svg(links="https://example.org/{file}#L{line}"))
    assert len(pattern) == picture.boxes
    line = scenes.softmax_regression.__code__.co_firstlineno + 2
    assert any(re.search(rf"scenes\.py#L{line}$", to) for to in pattern)
    assert anchors(picture.svg(links=lambda name: "#y" if name == "Softmax" else None)) == ["#y"]
    assert "?q=Softmax" in anchors(picture.svg(links="?q={name}"))
    with pytest.raises(DebugError, match=r"links='\{who\}': 'who'; a pattern has \{name\}"):
        picture.svg(links="{who}")


# ---- notebooks ---------------------------------------------------------------------------------


@needs_engine
def test_in_a_notebook_it_is_no_wider_than_the_page(picture):
    text = picture._repr_svg_()
    assert text.startswith('<svg style="max-width: 100%; height: auto" ')
    assert 'viewBox="' in text
    bundle = picture._repr_mimebundle_()
    assert bundle == {"image/svg+xml": text, "text/plain": picture.text()}


def test_without_an_engine_a_notebook_has_the_text_and_what_to_do(programs):
    programs()
    picture = paint(scenes.softmax_regression().scene("train_step"), Options(ladder=False))
    assert picture._repr_svg_() is None
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith(picture.text())
    assert "pip install graphviz-pure" in bundle["text/plain"]


# ---- which program -----------------------------------------------------------------------------

PRINTS = 'echo "$0" >&2; cat > /dev/null; echo "<svg xmlns=\'http://www.w3.org/2000/svg\'/>"'


@needs_scripts
def test_the_order_of_engines(programs, tmp_path, monkeypatch):
    programs(graphviz_pure=PRINTS, dot=PRINTS, own=PRINTS, chosen=PRINTS)
    folder = tmp_path / "bin"
    assert drawing.engines("svg") == [str(folder / "graphviz-pure"), str(folder / "dot")]
    assert drawing.engines("pdf") == [str(folder / "dot")]
    monkeypatch.setenv("GRAPHSCOPE_DOT", "own")
    assert drawing.engines("svg") == drawing.engines("pdf") == [str(folder / "own")]
    try:
        gs.show.set_engine("chosen")
        assert drawing.engines("png") == [str(folder / "chosen")]
    finally:
        gs.show.set_engine(None)
    assert drawing.engines("png") == [str(folder / "own")]


def test_an_engine_that_is_chosen_has_to_be_a_program(picture, monkeypatch, tmp_path):
    with pytest.raises(DebugError, match="The engine is 'no-such', and that is no program"):
        gs.show.set_engine("no-such")
    monkeypatch.setenv("GRAPHSCOPE_DOT", "there-is-no-such-program")
    with pytest.raises(DebugError, match="GRAPHSCOPE_DOT is 'there-is-no-such-program'"):
        picture.png()
    (tmp_path / "plain.txt").write_text("no program")
    monkeypatch.setenv("GRAPHSCOPE_DOT", str(tmp_path / "plain.txt"))
    with pytest.raises(DebugError, match="that is no program"):
        picture.svg()


def test_no_engine(picture, programs, tmp_path):
    programs()
    for draw in (picture.png, picture.pdf):
        with pytest.raises(DebugError, match=r"no Graphviz .*pip install graphviz-pure"):
            draw()
    with pytest.raises(DebugError, match="Kept: "):
        picture.save(tmp_path / "step.png")
    assert (tmp_path / "step.dot").read_text(encoding="utf-8") == picture.dot


@needs_scripts
def test_pdf_needs_a_dot_that_has_it(picture, programs):
    programs(graphviz_pure=PRINTS)
    with pytest.raises(DebugError, match=r"graphviz-pure draws no PDF: install Graphviz"):
        picture.pdf()


@needs_dot
def test_pdf(picture, tmp_path):
    assert picture.save(tmp_path / "step.pdf").path.read_bytes().startswith(b"%PDF-")


@needs_scripts
def test_another_engine_draws_when_the_first_cannot(picture, programs):
    programs(graphviz_pure="exit 7", dot=PRINTS)
    assert drawing.render(picture.dot, "svg", placed=True).startswith(b"<svg")


@needs_scripts
def test_when_all_fail_the_first_is_quoted(picture, programs):
    programs(graphviz_pure="echo 'pure fault' >&2; exit 7", dot="echo 'other fault' >&2; exit 8")
    with pytest.raises(DebugError, match="graphviz-pure could not draw the picture: pure fault"):
        picture.svg()


# ---- programs that fail ------------------------------------------------------------------------


@needs_scripts
@pytest.mark.parametrize("command", ["exec sleep 30", "sleep 30"])
def test_an_engine_that_hangs_is_stopped(picture, engine, command):
    engine(command)
    start = time.monotonic()
    with pytest.raises(DebugError, match=r"fake-dot had not finished after 0.2 s"):
        drawing.render(picture.dot, "svg", placed=True, timeout=0.2)
    assert time.monotonic() - start < 5


@needs_scripts
def test_a_layout_that_takes_too_long_is_tried_again_with_straight_lines(engine):
    engine('case "$*" in *splines=line*) echo "<svg/>";; *) exec sleep 30;; esac')
    assert drawing.render("digraph {}", "svg", placed=False, timeout=0.5) == b"<svg/>\n"
    with pytest.raises(DebugError, match="had not finished"):
        drawing.render("digraph {}", "svg", placed=True, timeout=0.5)


@needs_scripts
def test_an_engine_that_fails_is_quoted_and_the_text_is_kept(picture, engine, tmp_path):
    engine("cat > /dev/null; echo 'Error: bad label' >&2; exit 3")
    with pytest.raises(DebugError, match=r"fake-dot could not draw .*: Error: bad label.*Kept: "):
        picture.save(tmp_path / "step.svg")
    assert (tmp_path / "step.dot").read_text(encoding="utf-8") == picture.dot


@needs_scripts
@pytest.mark.parametrize(("command", "words"), [
    ("exit 3", "exit code 3"),
    ("kill -SEGV $$", "it was ended by signal 11"),
    ("cat > /dev/null; echo garbage", "its output is no "),
    ("cat > /dev/null", "its output is no "),
    ("exec cat", "its output is no "),
])  # fmt: skip
def test_an_engine_that_crashes_or_prints_something_else(picture, engine, command, words):
    engine(command)
    for draw in (picture.svg, picture.png, picture.pdf):
        with pytest.raises(DebugError, match=f"fake-dot could not draw the picture: {words}"):
            draw()


@needs_scripts
def test_an_svg_that_is_cut_off(picture, engine):
    engine("cat > /dev/null; echo '<svg><g>'")
    with pytest.raises(DebugError, match="What was drawn is no SVG"):
        picture.svg()
    assert picture._repr_svg_() is None


@needs_scripts
def test_an_engine_that_cannot_be_started(picture, monkeypatch, tmp_path):
    path = tmp_path / "broken-dot"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    monkeypatch.setenv("GRAPHSCOPE_DOT", str(path))
    with pytest.raises(DebugError, match=r"broken-dot cannot be started: .*graphviz-pure"):
        picture.svg()


# ---- what the engines are told -----------------------------------------------------------------


@needs_scripts
@pytest.mark.parametrize(("form", "dpi"), [("svg", 72), ("png", 144), ("pdf", 72)])
@pytest.mark.parametrize("placed", [True, False])
def test_size_dpi_and_quiet_are_always_said(engine, tmp_path, form, dpi, placed):
    mark = {"svg": "<svg/>", "png": "\\211PNG\\r\\n\\032\\n", "pdf": "%%PDF-"}[form]
    engine(f"echo \"$@\" > {tmp_path}/arguments; cat > /dev/null; printf '{mark}'")
    drawing.render("digraph {}", form, placed=placed)
    layout = ["-Kneato", "-n2"] if placed else ["-Kdot"]
    assert (tmp_path / "arguments").read_text().split() == [
        *layout, "-q", f"-T{form}", f"-Gdpi={dpi}", "-Gsize=27,27"]  # fmt: skip


@needs_scripts
def test_no_shell_reads_the_text(engine, tmp_path):
    engine(f"cat > {tmp_path}/text; echo '<svg/>'")
    text = 'digraph { "$(touch pwned)`touch pwned`; touch pwned" }'
    drawing.render(text, "svg", placed=True)
    assert (tmp_path / "text").read_text() == text
    assert not Path("pwned").exists()


@pytest.mark.parametrize(("name", "model", "fetched"), scenes.everything())
def test_the_text_has_its_size_and_its_fonts_and_no_layout_that_never_ends(name, model, fetched):
    for options in (Options(), Options(ladder=False)):
        dot = paint(model.scene(*fetched), options).dot
        assert 'size="27,27"' in dot
        fonts = {f.strip('"') for f in re.findall(r"(?:fontname|FACE)=(\"[^\"]*\"|\w+)", dot)}
        assert fonts <= {"Helvetica", "Courier"}
        for trap in ("port=", "splines=true", "splines=ortho", "shape=record", "rank=same"):
            assert trap not in dot
        assert ("splines=line" in dot) == (" pos=" in dot)


@needs_engine
def test_letters_beyond_ascii_make_no_noise(picture, capfd):
    assert not picture.dot.isascii()
    picture.svg()
    picture.png()
    assert capfd.readouterr() == ("", "")


@needs_engine
def test_a_text_without_a_size_is_a_bounded_bitmap():
    chain = "->".join(f"n{i}" for i in range(500))
    data = drawing.render(f"digraph {{ rankdir=LR {chain} }}", "png", placed=False)
    width, height = struct.unpack(">II", data[16:24])
    assert max(width, height) <= 27 * drawing.DPI + 1


# ---- the same everywhere -----------------------------------------------------------------------

_PROCESS = """
import sys; sys.path.insert(0, sys.argv[1])
import test_picture_files
print(*test_picture_files.digests(), sep="\\n")
"""


def digests():
    """Of every text of every graph, by its name."""
    for name, model, fetched in scenes.everything():
        made = paint(model.scene(*fetched))
        for text in (made.dot, made.mermaid(), made.text(100), made.description):
            yield f"{name} {hashlib.sha256(text.encode()).hexdigest()}"


def test_every_process_writes_the_same():
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"  # another one than ours
    told = subprocess.run(
        [sys.executable, "-c", _PROCESS, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.splitlines() == list(digests())
    assert len(told.splitlines()) == 4 * len(scenes.everything())


@needs_both
@pytest.mark.parametrize(("name", "model", "fetched"), scenes.everything())
def test_both_engines_draw_the_same(monkeypatch, name, model, fetched):
    same_in_both(paint(model.scene(*fetched)), monkeypatch)


@needs_both
@pytest.mark.parametrize(
    "options",
    [
        {"saved": True, "edges": "shape", "rankdir": "LR"},
        {"saved": True, "edges": "shape", "overlay": "bytes"},
        {"ghosts": "all", "names": "full", "dtypes": True, "order": True, "values": True},
        {"saved": True, "edges": "shape", "rankdir": "LR", "ladder": False, "fold": False},
    ],
)
def test_both_engines_draw_what_is_asked(monkeypatch, options):
    same_in_both(paint(scenes.nested().scene("train"), Options(**options)), monkeypatch)


def same_in_both(drawn, monkeypatch):
    texts = []
    for engine in (_PURE, _DOT):
        monkeypatch.setenv("GRAPHSCOPE_DOT", engine)
        texts.append(drawn.svg())
    for kind in ("node", "edge", "cluster"):
        one, two = (groups(text, kind) for text in texts)
        assert one.keys() == two.keys()
    if not drawn.placed:
        return
    one, two = (groups(text, "node") for text in texts)
    moved = set()
    for key in filter(None, one):
        (x, y), (u, v) = middle(one[key]), middle(two[key])
        moved.add((round((x - u) / 4), round((y - v) / 4)))
    # The second engine may set all of it a little further to one side, by the width of the title.
    assert len({x for x, _ in moved}) <= 2
    assert len({y for _, y in moved}) <= 2


def middle(group):
    """The middle of the outline of a box."""
    shape = next(e for e in group.iter() if e.tag in (f"{SVG}path", f"{SVG}polygon"))
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", shape.get("d") or shape.get("points"))]
    xs, ys = numbers[::2], numbers[1::2]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


@needs_engine
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_spoils_a_picture(monkeypatch, name):
    drawn = hostile(monkeypatch, name)
    engines = [e for e in (_PURE, _DOT) if e]
    for engine in engines:
        monkeypatch.setenv("GRAPHSCOPE_DOT", engine)
        text = drawn.svg()
        root = ET.fromstring(text)
        assert not list(root.iter(f"{SVG}script"))
        assert not list(root.iter(f"{SVG}b"))
        assert len(groups(text, "edge")) == len(drawn.content.drawn.edges)
        assert drawn.png(dpi=36).startswith(b"\x89PNG")


@needs_engine
@pytest.mark.parametrize("options", [Options(), Options(ladder=False)])
@pytest.mark.parametrize("name", ["x\\N", "x\\", "x\\\\", "x\\G\\E", "x\\n"])
def test_an_operation_may_have_backslashes_in_its_name(name, options):
    with gs.Graph().as_default() as graph:
        y = gs.tanh(gs.placeholder(gs.float32, [2], name=name), name=name)
    drawn = paint(scenes.Model(graph, {}, end=gs.exp(y, name="end")).scene("end"), options)
    text = drawn.svg()
    boxes = groups(text, "node").keys() - {None}
    assert boxes == {box_id(box.key) for box in drawn.content.drawn.boxes}
    assert len(boxes) == 3
    assert len(groups(text, "edge")) == 2
