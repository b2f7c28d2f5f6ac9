"""Every keyword that teaching scripts write is taken.

keyword_list.tsv: the symbols of public teaching scripts, how often each is called, with how many
arguments in order at most, and with which keywords.
"""

import importlib
import inspect
import operator
from pathlib import Path

import pytest

from graphscope import compat
from graphscope.graph.declare import OpDef

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "keyword_list.tsv").read_text().splitlines()[1:]
]


def taken(function):
    """The names of the arguments that a function takes, and whether it takes any other."""
    if isinstance(function, OpDef):
        return {p.name for p in function.parameters} | set(function.attrs) | {"name"}, False
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters}, any(p.kind is p.VAR_KEYWORD for p in parameters)


@pytest.fixture(scope="module")
def known():
    """The symbols that there are, with what they stand for; test_tiers.py says which have to be."""
    found = {}
    with compat.installed():
        tf = importlib.import_module("tensorflow")
        for symbol, *_ in ROWS:
            try:
                found[symbol] = operator.attrgetter(symbol.removeprefix("tf."))(tf)
            except AttributeError:
                continue
    return found


def test_most_of_the_list_is_there(known):
    assert len(known) > 300


@pytest.mark.parametrize(("symbol", "keywords"), [(row[0], row[3]) for row in ROWS if row[3:]])
def test_keywords(known, symbol, keywords):
    if symbol not in known or inspect.ismodule(known[symbol]):
        return  # of a later family, which test_tiers.py knows; or no function at all
    names, takes_all = taken(known[symbol])
    words = {word.partition(":")[0] for word in keywords.split()} - {"**"}
    assert takes_all or words <= names, sorted(words - names)
