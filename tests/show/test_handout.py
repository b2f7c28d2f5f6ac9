"""Handouts: what is blank, what is not told, and that a seed always gives the same page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import scenes
import small
from films import debugged

import graphscope as gs
from graphscope.cli import main
from graphscope.debug.errors import DebugError
from graphscope.debug.varying import Draw
from graphscope.show import engines, own
from graphscope.show.engines import find_engine

SCRIPT = Path(__file__).parents[1] / "scripts" / "training.py"


@pytest.fixture(autouse=True)
def without_graphviz(monkeypatch):
    """Handouts need no Graphviz; what it would draw is tested where pictures are."""
    monkeypatch.setattr(engines, "engines", lambda form: [])


@pytest.fixture
def d():
    return small.debugged(small.line(), "train", "loss")


def asked(handout):
    return [(b.number, b.node, b.asks, b.answer) for b in handout.blanks]


# ---- what is blank -------------------------------------------------------------------------------


def test_values(d):
    handout = d.handout()
    assert asked(handout) == [
        (1, "product", "the elements of product", "[6, 8]"),
        (2, "y", "the elements of y", "[6, 8]"),
        (3, "squares", "the elements of squares", "[36, 64]"),
        (4, "loss", "the value of loss", "100"),
    ]
    assert handout.given == (
        ("x", "[3, 4]"),
        ("w, at the start", "2"),
        ("b, at the start", "[0, 0]"),
    )
    assert (
        str(handout).splitlines()[0] == " sess.run([train, loss], feed_dict={x}): values, 4 blanks"
    )


def test_gradients(d):
    assert asked(d.handout(blank="gradients")) == [
        (1, "gradients/Shape", "the elements of loss grad", "[1, 1]"),
        (2, "gradients/squares_grad/mul/x", "the elements of db = squares grad", "[12, 16]"),
        (3, "gradients/product_grad/mul_1", "the value of dw = product grad", "100"),
        (4, "train/update_w/ApplyGradientDescent", "what w – 0.5·dw changes, from and to",
         "2 → -48"),
        (5, "train/update_b/ApplyGradientDescent", "the norm of what b – 0.5·db changes", "10"),
    ]  # fmt: skip


def test_the_answers_without_a_page(d):
    assert str(d.handout(blank="gradients")).splitlines()[4:] == [
        "   (4) what w - 0.5*dw changes, from and to: 2 -> -48",
        "   (5) the norm of what b - 0.5*db changes: 10",
    ]


def test_names(d):
    handout = d.handout(blank="names")
    answers = [(blank.number, blank.answer) for blank in handout.blanks]
    assert answers[:5] == [(1, "x"), (2, "w"), (3, "b"), (4, "product"), (5, "y")]
    assert {blank.asks for blank in handout.blanks} == {"the name in this box"}


def test_kinds(d):
    assert asked(d.handout(blank="kinds")) == [
        (1, "product", "the operation that makes product", "Mul"),
        (2, "y", "the operation that makes y", "Add"),
        (3, "squares", "the operation in this box", "Square"),
        (4, "loss", "the operation that makes loss", "Sum"),
    ]


def test_the_whole_of_a_value_of_which_the_box_has_the_mean():
    (blank, *_) = debugged(scenes.perceptron(), "loss").handout().blanks
    assert (blank.node, blank.asks) == ("hidden/MatMul", "the mean of MatMul")
    assert len(re.findall(r"-?[\d.]+(?:e-?\d+)?", blank.whole)) == 8


def test_what_a_box_says_is_what_belongs_there(d):
    """The blanks are the only difference between the two pictures."""
    for kind in ("values", "gradients", "names", "kinds"):
        handout = d.handout(blank=kind)
        assert handout.picture.boxes == handout.solved.boxes
        numbers = [int(n) for n in re.findall(r"\((\d+)\) ______", handout.picture.dot)]
        assert sorted(numbers) == [blank.number for blank in handout.blanks]
        assert "______" not in handout.solved.dot
        places = re.compile(r' height=[\d.]+| width=[\d.]+| pos=".*?"')
        assert places.findall(handout.picture.dot) == places.findall(handout.solved.dot)
        for blank in handout.blanks:
            assert blank.answer in handout.solved.dot


# ---- what is not told ----------------------------------------------------------------------------


class Page(HTMLParser):
    """The elements and the text of a page. An element that is not closed is an error."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def faces(handout):
    return [(face.title, face.small) for face in handout.picture.content.faces.values()]


def test_a_blank_name_is_blank_in_every_box(d):
    titles = [title for title, _ in faces(d.handout(blank="names"))]
    assert titles == [
        "(1) ______", "(2) ______", "(3) ______", "(4) ______", "(5) ______", "(6) ______",
        "(7) ______", "(7) grad", "d(3) = (6) grad", "d(2) = (4) grad", "(2) – 0.5·d(2)",
        "(3) – 0.5·d(3)", "train",
    ]  # fmt: skip


def test_a_blank_operation_is_not_told_by_its_gradient():
    made = faces(debugged(scenes.softmax_regression(), "train_step").handout(blank="kinds"))
    titles = [title for title, _ in made]
    assert "dW = (1) grad" in titles
    assert "db = (2) grad" in titles
    assert not any("Softmax" in words for face in made for words in face)


def test_of_two_operations_of_one_name_only_one_is_blank():
    d = debugged(scenes.recurrent(2), "train")
    made = d.handout(blank="kinds", seed=4, vary="blanks", count=1)
    titles = [title for title, _ in faces(made)]
    assert titles.count("(1) grad") <= 1
    assert titles.count("(1) ______") == 1
    assert len([title for title in titles if "Tanh" in title]) >= 2


@pytest.mark.parametrize("kind", ["values", "gradients"])
def test_the_page_does_not_have_the_answers(d, tmp_path, kind):
    handout = d.handout(blank=kind).save(tmp_path / "page.html", tmp_path / "key.html")
    page, key = (path.read_text(encoding="utf-8") for path in (handout.path, handout.key))
    for blank in handout.blanks:
        if len(blank.answer) > 4:  # a short number may stand elsewhere by chance
            assert blank.answer not in page
            assert blank.answer in key


def test_the_picture_tells_no_name_and_no_kind(d, tmp_path):
    d.handout(blank="names").save(tmp_path / "page.md")
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert "product" not in svg
    d.handout(blank="kinds").save(tmp_path / "page.md")
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert "Mul" not in svg
    assert "product" in svg


def test_the_page_is_whole_and_alone_and_for_paper(d):
    handout = d.handout()
    text = handout._files(Path("page.html"), answered=False)[Path("page.html")].decode()
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "a", "image"} & set(page.tags)
    assert not {"src", "href", "onload"} & {name for name, _ in page.attributes}
    assert re.findall(r"https?://[^\"' ]*", text) == ["http://www.w3.org/2000/svg"]
    colors = set(re.findall(r"#[0-9A-Fa-f]{3,6}\b", text))
    for color in colors:
        digits = color[1:] if len(color) == 7 else "".join(c * 2 for c in color[1:])
        assert digits[:2] == digits[2:4] == digits[4:], f"{color} is no grey"
    assert "@page { size: landscape" in text
    assert 'x = gs.placeholder(gs.float32, [2], name="x")' in page.text


def test_names_are_texts(tmp_path):
    model = small.line()
    model["graph"].operations[0].name = "</figure><script>alert(1)</script>"
    d = small.debugged(model)
    text = d.handout().save(tmp_path / "page.html").path.read_text(encoding="utf-8")
    assert "script" not in Page(text).tags


def test_markdown(d, tmp_path):
    d.handout(count=1).save(tmp_path / "page.md", tmp_path / "key.md")
    page, key = ((tmp_path / name).read_text(encoding="utf-8") for name in ("page.md", "key.md"))
    assert page.startswith("# sess.run(\\[train, loss\\], feed\\_dict={x})\n\nName: \\_")
    assert "](page.svg)" in page
    assert "- (1) the elements of squares: \\_\\_" in page
    assert "- w, at the start: `2`\n" in page
    assert "- (1) the elements of squares: **\\[36, 64\\]**\n" in key


# ---- variants ------------------------------------------------------------------------------------


def texts(handout):
    made = handout._files(Path("page.html"), answered=False)
    made |= handout._files(Path("key.html"), answered=True)
    return made


def test_a_seed_always_gives_the_same_page():
    first, again, other = (
        texts(small.debugged(small.line(), "train", "loss").handout(seed=seed))
        for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_students_get_different_pages(d):
    handouts = [d.handout(seed=seed) for seed in range(20)]
    assert len({(handout.given, handout.blanks) for handout in handouts}) >= 10
    for handout in handouts:
        assert len(handout.blanks) == 2
        assert f"variant {handout.seed}" in str(handout)


@pytest.mark.parametrize("vary", ["blanks", "feeds"])
def test_what_is_varied(d, vary):
    plain, *variants = [d.handout(seed=seed, vary=vary) for seed in range(12)]
    feeds = {handout.given for handout in variants}
    places = {tuple(blank.node for blank in handout.blanks) for handout in variants}
    assert (len(feeds) > 1, len(places) > 1) == (vary == "feeds", vary == "blanks")
    assert ("which boxes are blank" in plain.varied) == (vary == "blanks")


def test_the_answers_are_those_of_the_varied_feeds(d):
    for seed in range(5):
        handout = d.handout(seed=seed, vary="feeds", count=4)
        x = np.array(eval(dict(handout.given)["x"]))
        answers = {blank.node: blank.answer for blank in handout.blanks}
        assert float(answers["loss"]) == ((2 * x) ** 2).sum()
    assert d.t == 0


def test_other_feeds_are_such_as_could_be():
    graph = gs.Graph()
    with graph.as_default():
        kinds = {
            gs.placeholder(gs.float32, [2, 3]): np.array([[1.5, -2, 0], [4, 5, 6]], np.float32),
            gs.placeholder(gs.float32, [3, 4]): np.eye(4, dtype=np.float32)[[2, 0, 2]],
            gs.placeholder(gs.int64, [5]): np.array([3, 1, 4, 1, 5]),
            gs.placeholder(gs.bool, [2]): np.array([True, False]),
            gs.placeholder(gs.string, [1]): np.array(["text"], object),
            gs.placeholder(gs.float32, []): np.float32(0.5),
        }
    for seed in range(10):
        real, hot, labels, truth, text, single = Draw(seed).feeds(kinds).values()
        first = next(iter(kinds.values()))
        with np.errstate(invalid="ignore"):
            assert set(np.unique((real / first)[first != 0])) <= {1, 2, 3}
        assert (hot.sum(1) == 1).all()
        assert hot.shape == (3, 4)
        assert sorted(labels) == [1, 1, 3, 4, 5]
        assert truth.tolist() == [True, False]
        assert text.tolist() == ["text"]
        assert single in (0.5, 1, 1.5)
        for tensor, value in Draw(seed).feeds(kinds).items():
            assert np.asarray(value).dtype == kinds[tensor].dtype


EVERYTHING = scenes.everything()[::7]


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_handouts_of_everything(name, model, fetched):
    d = debugged(model, *fetched)
    said = []
    for kind in ("values", "gradients", "names", "kinds"):
        try:
            made = texts(d.handout(blank=kind, seed=2))
        except DebugError as error:
            said.append(str(error).removeprefix(f"There are no {kind} "))
            continue
        for text in made.values():
            Page(text.decode())
    assert set(said) <= {"in this picture to leave blank. Try another blank or fetch."}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"blank": "shapes"}, "blank is values, gradients, names or kinds, not 'shapes'"),
        ({"vary": "all"}, "vary is blanks, feeds or both, not 'all'"),
        ({"count": 5}, "There are 4 values to leave blank, not 5"),
        ({"count": 0}, "There are 4 values to leave blank, not 0"),
        ({"seed": -1}, "A seed is a whole number from 0"),
        ({"part": "update"}, "no values in this picture to leave blank"),
        ({"theme": "pink"}, "no theme 'pink'"),
    ],
)
def test_wrong_words(d, words, message):
    with pytest.raises(DebugError, match=message):
        d.handout(**words)


def test_a_run_that_fails_has_no_handout():
    with pytest.raises(DebugError, match=r"The run fails at t=0\. "):
        small.failing().handout()
    model = small.line()
    with model["graph"].as_default():
        d = gs.debug(gs.Session(graph=model["graph"]), model["y"])
    with pytest.raises(DebugError, match="This needs x, which is not fed"):
        d.handout()


# ---- the verb ------------------------------------------------------------------------------------


def test_the_verb(tmp_path, monkeypatch, capsys):
    (tmp_path / "training.py").write_text(SCRIPT.read_text())
    monkeypatch.chdir(tmp_path)
    gs.reset_default_graph()
    words = ["handout", "training.py", "-o", "page.html", "--key", "key.html", "--seed", "3"]
    assert main(words) == 0
    gs.reset_default_graph()
    assert capsys.readouterr().out.splitlines() == [
        " sess.run(train, feed_dict={x, y_}): values, 2 blanks, variant 3",
        "   varied: which boxes are blank; fed numbers are multiplied by 1, 2 or 3; whole",
        "numbers, and what is all 0 and 1, change places",
        "   page.html  to fill in",
        "   key.html  the key",
    ]
    assert Path("key.html").read_text(encoding="utf-8").count("<li>") == 2


@pytest.mark.skipif(find_engine() is None, reason="no Graphviz: pip install graphviz-pure")
def test_with_graphviz_too(monkeypatch, d, tmp_path):
    monkeypatch.undo()
    text = d.handout().save(tmp_path / "page.html").path.read_text(encoding="utf-8")
    assert text.count("<text") == own.drawn(d.handout().picture.dot).count(b"<text")
    Page(text)
