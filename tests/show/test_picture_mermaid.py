"""Pictures as Mermaid text."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import scenes
from test_picture_text import HOSTILE, compare, hostile

import graphscope as tf
from graphscope.debug.options import Options
from graphscope.show.mermaid import mermaid
from graphscope.show.picture import paint
from graphscope.show.theme import ROLES, theme

EVERYTHING = scenes.everything()
NODE = re.compile(r'^ +(n\d+)(>|\[\(|\(\[|\[\[|\[|\{\{|\()"([^"]*)"(\]|\)\]|\]\)|\]\]|\}\}|\))$')
EDGE = re.compile(r"^    (n\d+) (-->|==>|-\.->|--x) (n\d+)$")


def lines(text: str, pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    return [found.groups() for line in text.splitlines() if (found := pattern.match(line))]


def test_softmax_regression():
    compare("softmax.mmd", paint(scenes.softmax_regression().scene("train_step")).mermaid()[:-1])


def test_scopes_are_frames():
    compare("perceptron.mmd", paint(scenes.perceptron().scene("train")).mermaid()[:-1])


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_each_box_is_a_node_and_each_edge_an_arrow(name, model, fetched):
    picture = paint(model.scene(*fetched))
    text, drawn = picture.mermaid(), picture.content.drawn
    nodes, edges = lines(text, NODE), lines(text, EDGE)
    assert [int(key[1:]) for key, *_ in sorted(nodes, key=lambda n: int(n[0][1:]))] == list(
        range(len(drawn.boxes))
    )
    key = {box: f"n{number}" for number, box in enumerate(drawn.boxes)}
    assert [(a, b) for a, _, b in edges] == [(key[e.tail], key[e.head]) for e in drawn.edges]
    arrows = {(e.kind, arrow) for e, (_, arrow, _) in zip(drawn.edges, edges, strict=True)}
    assert arrows <= {
        *((kind, "-->") for kind in ("data", "feed", "variable", "gradient", "turn")),
        ("write", "==>"), ("control", "-.->"), ("ghost", "-.->"), ("blocked", "--x"),
    }  # fmt: skip
    painted = re.findall(r"^    class (\S+) (\w+)$", text, re.M)
    members = Counter(key for keys, _ in painted for key in keys.split(","))
    assert members == Counter(key.values())
    assert {name for _, name in painted} == set(re.findall(r"classDef (\w+)", text)) <= set(ROLES)


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=[e[0] for e in EVERYTHING])
def test_frames_are_opened_and_closed_and_come_once(name, model, fetched):
    depth, opened = 0, []
    for line in paint(model.scene(*fetched)).mermaid().splitlines():
        if found := re.match(r' +subgraph (s\d+)\["[^"]+"\]$', line):
            opened.append(found[1])
            depth += 1
        depth -= line.strip() == "end"
        assert depth >= 0
    assert depth == 0
    assert opened == [f"s{number}" for number in range(len(opened))]


def test_nested_scopes_are_frames_in_frames():
    with tf.Graph().as_default() as graph, tf.name_scope("outer"):
        x = tf.tanh(tf.placeholder(tf.float32, [3]))
        with tf.name_scope("inner"):
            x = tf.sigmoid(tf.tanh(x))
        x = tf.sigmoid(x)
        with tf.name_scope("alone"):
            x = tf.tanh(x)
    text = paint(scenes.Model(graph, {}, x=x).scene("x")).mermaid()
    body = [line for line in text.splitlines() if re.match(r" +(subgraph|end|n\d+[(>\[])", line)]
    assert body == [
        '    n0>"Placeholder<br/>[3]<br/>no value: feed me"]',
        '    subgraph s0["outer"]',
        '        n1("x = Tanh<br/>[3]")',
        '        subgraph s1["inner"]',
        '            n2("Tanh<br/>[3]")',
        '            n3("x = Sigmoid<br/>[3]")',
        "        end",
        '        n4("x = Sigmoid<br/>[3]")',
        '        n5[["x = alone/Tanh<br/>[3]<br/>fetch"]]',
        "    end",
    ]


def test_shapes_follow_roles():
    text = paint(scenes.softmax_regression().scene("train_step")).mermaid()
    shape = {label.partition("<br/>")[0]: left for _, left, label, _ in lines(text, NODE)}
    assert (shape["x"], shape["MatMul"], shape["W"]) == (">", "(", "[(")
    assert (shape["W – 0.5·dW"], shape["Neg grad"], shape["train_step"]) == ("[", "([", "[[")


def test_colours_are_those_of_the_theme():
    scene = scenes.softmax_regression().run("train_step", steps=3)[3]
    for name in ("light", "dark"):
        text = paint(scene, Options(theme=name)).mermaid()
        colors = theme(name)
        assert f"classDef variable fill:{colors.fill('variable')}," in text
        assert re.search(rf"classDef next_\w+ fill:{colors.next_fill},", text)
        assert f"classDef todo_gradient fill:{colors.background}," in text
        assert "stroke-dasharray" in text
    picture = paint(scene)
    assert mermaid(picture.content, theme("dark")) == paint(scene, Options(theme="dark")).mermaid()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_spoils_the_text(monkeypatch, name):
    picture = hostile(monkeypatch, name)
    text = picture.mermaid()
    head, _, body = text.partition("flowchart TD\n")
    assert len(head.splitlines()) == 3
    assert len(lines(body, NODE)) == picture.boxes
    assert len(lines(body, EDGE)) == len(picture.content.drawn.edges)
    for line in body.splitlines():
        assert line.isprintable()
        assert EDGE.match(line) or NODE.match(line) or re.match(
            r"    (accTitle: |accDescr: |linkStyle |classDef |class |style |subgraph |end$)", line
        ), line  # fmt: skip
        assert "%%" not in line
    for _, _, label, _ in lines(body, NODE):
        assert label
        assert not re.search(r'[<>"`\\%{}|$&*~]', label.replace("<br/>", ""))
        assert not re.search(r"#(?!\d+;)|(?<!\d);", label)
