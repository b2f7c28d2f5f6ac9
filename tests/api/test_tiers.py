"""Every symbol that teaching scripts use often is there, or listed with the reason why not yet.

tier_list.tsv counts the symbols of public teaching scripts: tier 1 is in a third of the
repositories, tier 4 in two or three.
"""

import importlib
import operator
from pathlib import Path

import pytest

from graphscope import compat

HERE = Path(__file__).parent


def rows(name):
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


WANTED = [symbol for tier, symbol, *_ in rows("tier_list.tsv") if int(tier) <= 4]
LATER = {symbol for symbol, _ in rows("later.tsv")}


@pytest.fixture(scope="module")
def tf():
    with compat.installed():
        yield importlib.import_module("tensorflow")


def test_the_list_of_what_comes_later_is_of_the_list():
    assert set(WANTED) >= LATER
    assert len(WANTED) > 300


@pytest.mark.parametrize("symbol", [s for s in WANTED if s not in LATER])
def test_symbol(tf, symbol):
    assert operator.attrgetter(symbol.removeprefix("tf."))(tf) is not None


@pytest.mark.parametrize("symbol", sorted(LATER))
def test_what_comes_later_says_so(tf, symbol):
    """When it is there, it leaves the list."""
    with pytest.raises(AttributeError):
        operator.attrgetter(symbol.removeprefix("tf."))(tf)
