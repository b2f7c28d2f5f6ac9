"""The text of the page of a film: what is in it, once, and nothing that the user can break."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import scenes
from films import film_of

import graphscope as tf
from graphscope.show import step_through
from graphscope.show.engines import find_engine
from graphscope.show.theme import theme

pytestmark = pytest.mark.skipif(
    find_engine() is None, reason="no Graphviz: pip install graphviz-pure"
)

DATA = re.compile(r'<script type="application/json" id="film">(.*?)</script>')


def tiny():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None], name="x")
        y = tf.square(x, name="y")
    return scenes.Model(graph, {x: np.array([3, 4], np.float32)}, y=y)


class Elements(HTMLParser):
    """All elements of a page in order; an element that is not closed is an error."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "path", "polygon", "polyline", "ellipse"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_what_the_script_is_given():
    found = json.loads(DATA.search(film_of(tiny(), "y").html())[1])
    x, y = sorted(found["cards"], key=lambda name: int(name[1:]))
    assert found == {
        "times": [0, 1],
        "end": "1",
        "sentences": ["at the start, t=0 of 1, next: y, forward; no variable written yet",
                      "the end, t=1 of 1, no variable written yet"],
        "seconds": 0.8,
        "parts": {"p1": [[0, 0], [1, 1]], y: [[0, 0], [1, 1]]},
        "now": [None, y],
        "next": [y, None],
        "cards": {
            x: {
                "name": "x",
                "node": "x (Placeholder)",
                "line": 'x = tf.placeholder(tf.float32, [None], name="x")',
                "source": found["cards"][x]["source"],
                "said": [[0, ["mean 3.5  max 4", "f32[2]\nmin 3  mean 3.5  max 4"]]],
            },
            y: {
                "name": "y",
                "node": "y (Square)",
                "line": 'y = tf.square(x, name="y")',
                "source": found["cards"][y]["source"],
                "said": [[0, ["fetch · next to run", ""]],
                         [1, ["fetch · now: mean 12.5", "f32[2]\nmin 9  mean 12.5  max 16"]]],
            },
        },
    }  # fmt: skip
    assert found["cards"][x]["source"].startswith("test_frames_page.py:")


def test_every_form_is_there_once_and_the_first_is_seen():
    text = film_of(tiny(), "y").html()
    found = json.loads(DATA.search(text)[1])
    for name, changes in found["parts"].items():
        inside = re.search(rf'<g id="{name}"[^>]*>(.*?)</g></g>', text)[1]
        forms = inside.split('</g><g hidden="">')
        assert len(forms) == len(set(forms)) == 1 + max(form for _, form in changes)
        assert "hidden" not in forms[0]


def test_the_page_is_whole_and_alone():
    text = film_of(scenes.softmax_regression(), "train_step").html()
    assert len(text.encode()) < 150_000
    elements = Elements(text).found
    names = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(names) == len(set(names))
    for tag, attributes in elements:
        assert tag not in ("link", "img", "iframe", "object", "a", "image", "use", "base", "form")
        assert not {"src", "href", "style"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
    assert re.findall(r"https?://[^\"' ]*", text) == ["http://www.w3.org/2000/svg"]
    for tag, attributes in elements:
        if tag == "g" and attributes.get("class") == "box":
            assert attributes["tabindex"] == "0"
    labels = [attributes for tag, attributes in elements if tag == "input"]
    assert [item["type"] for item in labels] == ["range", "checkbox"]


def test_the_policy_names_exactly_what_is_in_the_page():
    text = film_of(tiny(), "y").html()
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', text)[1]
    assert policy.startswith("default-src 'none'; ")
    for kind in ("script", "style"):
        inside = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_names_are_texts():
    model = tiny()
    hostile = "</script><b onclick='x'>&amp;$title"
    model.graph.operations[1].name = hostile
    film = film_of(model, "y")
    text = film.html()
    assert "<b " not in text
    assert "</script><b" not in text
    assert Elements(text).found
    found = json.loads(DATA.search(text)[1])
    assert any(card["node"] == f"{hostile} (Square)" for card in found["cards"].values())


@pytest.mark.parametrize(("chosen", "scheme"), [(None, "light dark"), ("light", "light"),
                                                ("dark", "dark")])  # fmt: skip
def test_themes(chosen, scheme, monkeypatch):
    text = film_of(tiny(), "y", theme=chosen).html()
    assert f'name="color-scheme" content="{scheme}"' in text
    for name in scheme.split():
        assert f"--next-fill:{theme(name).next_fill};" in text
        assert f"--background:{theme(name).background};" in text
    assert ("prefers-color-scheme:dark" in text) == (chosen is None)
    monkeypatch.setenv("GRAPHSCOPE_THEME", scheme.split()[-1])
    again = film_of(tiny(), "y", theme=chosen).html()
    assert ("prefers-color-scheme:dark" in again) is False


def test_every_colour_of_the_picture_is_a_variable_of_the_page():
    text = film_of(scenes.branches(), "step").html()
    picture = text[text.index("<svg") : text.index("</svg>")]
    used = set(re.findall(r'(?:fill|stroke)="([^"]*)"', picture))
    assert {word for word in used if not word.startswith("var(--")} <= {"none", "transparent"}
    known = set(re.findall(r"--([\w-]+):", text))
    assert {word[6:-1] for word in used if word.startswith("var")} <= known


def test_tokens_are_all_different():
    for name in ("light", "dark"):
        _, names = step_through._tokens(theme(name))
        assert len(names) == len(step_through._paints(theme(name)))


@pytest.mark.parametrize(("name", "model", "fetched"), scenes.everything()[::4])
def test_pages_of_everything(name, model, fetched):
    film = film_of(model, *fetched, every=10)
    text = film.html()
    found = json.loads(DATA.search(text)[1])
    assert found["times"] == list(film.times)
    assert len(found["cards"]) == film.pictures[0].boxes
    Elements(text)


def test_the_card_of_a_gradient_and_of_what_is_folded():
    film = film_of(scenes.deep(30), "train", every=100)
    cards = json.loads(DATA.search(film.html())[1])["cards"].values()
    gradient = next(card for card in cards if card["name"] == "dW = MatMul grad")
    assert gradient["node"] == "gradient of layer29/MatMul (MatMul)"
    assert gradient["more"].splitlines()[0].startswith("gradients/layer29/MatMul_grad/")
    series = next(card for card in cards if card["name"] == "layer2 … layer28")
    assert "node" not in series
    assert series["more"].splitlines()[0] == "layer2/MatMul"
    assert series["more"].endswith("and 42 more")
