"""The gallery: every picture is what its graph gives, and can be drawn."""

import xml.etree.ElementTree as ET

import pytest

from graphscope.show.engines import find_engine

from . import page
from .graphs import GRAPHS


@pytest.fixture(scope="module")
def pictures():
    return {name: page.draw(entry) for name, entry in GRAPHS.items()}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_picture_is_the_one_on_the_page(pictures, name):
    assert pictures[name].dot == (page.FOLDER / f"{name}.dot").read_text(), (
        "python -m tests.gallery --write makes the pictures again: look at them"
    )


@pytest.mark.parametrize("name", GRAPHS)
def test_it_keeps_to_the_budget(pictures, name):
    assert pictures[name].boxes <= 60


def test_the_page_is_of_these_pictures(pictures):
    assert page.PAGE.read_text() == page.page(pictures)


@pytest.mark.skipif(find_engine() is None, reason="there is no Graphviz")
@pytest.mark.parametrize("name", GRAPHS)
def test_it_can_be_drawn(pictures, name):
    drawn = ET.fromstring(pictures[name].svg())
    kept = ET.parse(page.FOLDER / f"{name}.svg").getroot()
    groups = "{http://www.w3.org/2000/svg}g"
    assert len(list(drawn.iter(groups))) == len(list(kept.iter(groups)))
    assert pictures[name].png(dpi=36).startswith(b"\x89PNG")
