"""The page of a film in a browser: stepped by keys, looked at; hostile names do nothing."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import scenes
from films import film_of

import graphscope as tf
from graphscope.show import engines
from graphscope.show.engines import find_engine

if sys.platform == "win32":
    pytest.skip("the browser is driven over pipes of POSIX", allow_module_level=True)
pytest.importorskip("PIL", reason="no Pillow: pip install graphscope-debugger[gif]")
import browser as browsers

if browsers.CHROMIUM is None:
    pytest.skip("no Chromium is installed", allow_module_level=True)
if find_engine() is None:
    pytest.skip("no Graphviz: pip install graphviz-pure", allow_module_level=True)

YELLOW, NIGHT = (0xF7, 0xE9, 0x4B), (0x11, 0x15, 0x1B)
HOSTILE = [
    "</script><script>hacked = 1</script>",
    '"><img src=x onerror="hacked = 1">',
    "'; hacked = 1; '",
    "<!--<script>",
    "${hacked = 1}",
    "&lt;b&gt; &amp; \u2028 é 名",
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "run.html"
    film_of(scenes.softmax_regression(), "train_step", seconds=0.2).save(path)
    return path.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    found = browsers.Browser(str(tmp_path_factory.mktemp("chromium")))
    yield found
    found.close()


def sentence(browser):
    return browser.value("document.getElementById('sentence').textContent")


def middle(browser, box):
    """Where a box is, by the beginning of what a screen reader says of it: just below its edge."""
    x, y, height = browser.value(
        "(() => { const box = Array.from(document.querySelectorAll('.box')).find("
        f"(box) => box.getAttribute('aria-label').startsWith({box!r}));"
        "const r = box.getBoundingClientRect();"
        "return [r.left + r.width / 2, r.top, r.height]; })()"
    )
    return round(x), round(y + max(5, height / 9))


def test_a_page_that_is_drawn_without_graphviz(browser, tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "engines", lambda form: [])
    path = tmp_path / "run.html"
    film_of(scenes.softmax_regression(), "train_step").save(path)
    browser.open(path.as_uri())
    for key in ("End", "Home", "ArrowRight", "ArrowRight"):
        browser.press(key)
    assert sentence(browser).startswith("stopped at t=2 of 25, next: MatMul")
    assert browser.screenshot().getpixel(middle(browser, "MatMul,")) == YELLOW
    browser.press("ArrowRight")
    assert browser.screenshot().getpixel(middle(browser, "MatMul,")) != YELLOW
    assert browser.screenshot().getpixel(middle(browser, "add,")) == YELLOW
    assert browser.messages == []


def test_keys_step(browser, url):
    browser.open(url)
    assert sentence(browser).startswith("at the start, t=0 of 25, next: W (Variable/read)")
    for keys, said in (
        (["ArrowRight"] * 3, "stopped at t=3 of 25, next: add"),
        (["ArrowLeft"], "stopped at t=2 of 25, next: MatMul"),
        (["End"], "the end, t=25 of 25, 2 variables written"),
        (["ArrowRight"], "the end, t=25"),
        (["Home"], "at the start, t=0"),
        (["ArrowLeft"], "at the start, t=0"),
    ):
        for key in keys:
            browser.press(key)
        assert sentence(browser).startswith(said)
    assert browser.value("document.getElementById('back').disabled")
    assert browser.messages == []


def test_the_next_box_is_yellow_at_its_place(browser, url):
    browser.open(f"{url}#t=2")
    place = middle(browser, "MatMul, next to run")
    assert browser.screenshot().getpixel(place) == YELLOW
    browser.press("ArrowRight")
    assert middle(browser, "MatMul, now: mean 0") == place
    assert browser.screenshot().getpixel(place) == (0xE6, 0xF0, 0xF9)
    assert browser.screenshot().getpixel(middle(browser, "add, next to run")) == YELLOW
    assert browser.screenshot().getpixel((3, 300)) == (255, 255, 255)


def test_a_reader_who_prefers_dark_gets_dark(browser, url):
    browser.open(f"{url}#t=2", prefers_color_scheme="dark")
    shot = browser.screenshot()
    assert shot.getpixel((3, 300)) == NIGHT
    assert shot.getpixel(middle(browser, "MatMul, next to run")) == YELLOW
    assert shot.getpixel(middle(browser, "add, not run yet")) in (NIGHT, (0x18, 0x1E, 0x26))


def test_on_a_telephone_the_box_of_the_step_is_seen(browser, url):
    browser.open(f"{url}#t=22", width=390, height=844, prefers_reduced_motion="reduce")
    assert browser.value("document.documentElement.scrollWidth") <= 390
    for name in ("W – 0.5·dW, next to run", "b – 0.5·db, next to run"):
        x, y = middle(browser, name)
        assert 0 < x < 390
        assert 0 < y < 844
        assert browser.screenshot().getpixel((x, y)) == YELLOW
        browser.press("ArrowRight")
    for button in ("first", "back", "play", "next", "last"):
        height = f"document.getElementById('{button}').getBoundingClientRect().height"
        assert browser.value(height) >= 24


def test_space_plays_to_the_end(browser, url):
    browser.open(f"{url}#t=22")
    browser.press(" ")
    assert browser.value("document.getElementById('play').textContent") == "Pause"
    live = "document.getElementById('sentence').getAttribute('aria-live')"
    assert browser.value(live) == "off"
    browser.wait("document.getElementById('play').textContent === 'Play'")
    assert sentence(browser).startswith("the end, t=25")
    assert (
        browser.value("document.getElementById('sentence').getAttribute('aria-live')") == "polite"
    )


def test_the_focus_is_seen_and_the_keys_of_a_control_are_its_own(browser, url):
    browser.open(url)
    for _ in range(3):  # First and Back cannot be pressed at the start: Play, Next, Last
        browser.press("Tab")
    assert browser.value("document.activeElement.id") == "last"
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert browser.value(outline) == "3px"
    browser.press("Enter")
    assert sentence(browser).startswith("the end")
    browser.value("document.getElementById('step').focus()")
    browser.press("ArrowLeft")
    assert sentence(browser).startswith("stopped at t=24")
    browser.press("Home")
    assert sentence(browser).startswith("at the start")


def card(browser):
    return browser.value(
        "Object.fromEntries(['name', 'value', 'state', 'node', 'line'].map("
        "(field) => [field, document.getElementById('card-' + field).textContent]))"
    )


def test_the_card_of_a_box(browser, url):
    browser.open(f"{url}#t=3")
    assert card(browser)["name"] == "MatMul"  # it just ran
    browser.point(*middle(browser, "y_"))
    assert card(browser) == {
        "name": "y_",
        "value": "f32[100,10]\nmin 0  mean 0.1  max 1",
        "state": "mean 0.1  max 1",
        "node": "Placeholder_1 (Placeholder)",
        "line": "y_ = tf.placeholder(tf.float32, [None, 10])",
    }
    browser.point(1, 1)
    assert card(browser)["name"] == "MatMul"
    browser.value("Array.from(document.querySelectorAll('.box')).find((box) => "
                  "box.getAttribute('aria-label').startsWith('W,')).focus()")  # fmt: skip
    assert card(browser)["value"] == "f32[784,10]\nmin 0  mean 0  max 0"
    browser.press("End")
    assert card(browser)["state"].startswith("norm 0 → ")
    assert card(browser)["line"] == "W = tf.Variable(tf.zeros([pixels, 10]))"


def test_hostile_names_do_nothing(browser, tmp_path):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        for name in HOSTILE:
            x = tf.identity(x, name="ok")  # </script><img src=x onerror="hacked = 1">
            x.op.name = name
    model = scenes.Model(graph, {}, y=x)
    model.feeds = {graph.operations[0].outputs[0]: np.ones(2, np.float32)}
    path = tmp_path / "hostile.html"
    film_of(model, "y").save(path)
    browser.open(path.as_uri())
    for _ in HOSTILE:
        browser.press("ArrowRight")
    assert browser.value("typeof hacked") == "undefined"
    assert browser.value("document.images.length + document.scripts.length") == 2
    labels = "Array.from(document.querySelectorAll('.box'), (box) => box.ariaLabel)"
    names = browser.value(labels)
    assert any("<!--<script>" in name for name in names)
    assert browser.messages == []


def test_the_policy_of_the_page_forbids_the_network(browser, url):
    browser.open(url)
    browser.value(
        "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))"
    )
    browser.value("fetch('http://127.0.0.1:9/').catch(() => { refused = true; }) && 0")
    browser.wait("typeof refused !== 'undefined'")
    assert any("Content Security Policy" in message for message in browser.messages)
