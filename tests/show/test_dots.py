"""The text of one small picture of each kind, letter by letter: `dots.py` writes them."""

import xml.etree.ElementTree as ET

import dots
import pytest

from graphscope.debug.errors import DebugError
from graphscope.show import engines

try:
    _ENGINE = engines.find_engine()
except DebugError:
    _ENGINE = None


@pytest.mark.parametrize("name", dots.PICTURES)
def test_the_text_of_a_small_picture(name):
    expected = (dots.FOLDER / f"{name}.dot").read_text(encoding="utf-8")
    assert dots.PICTURES[name]().dot == expected


def test_there_is_a_text_for_each():
    assert {path.stem for path in dots.FOLDER.glob("*.dot")} == set(dots.PICTURES)


@pytest.mark.skipif(_ENGINE is None, reason="no Graphviz: pip install graphviz-pure")
@pytest.mark.parametrize("name", dots.PICTURES)
def test_a_small_picture_can_be_drawn_and_says_what_it_shows(name):
    picture = dots.PICTURES[name]()
    words = "".join(ET.fromstring(picture.svg()).itertext()).replace("\xa0", " ")
    assert picture.title.replace("  ", " ") in words.replace("  ", " ")
    assert picture.sentence.replace("  ", " ") in words.replace("  ", " ")
