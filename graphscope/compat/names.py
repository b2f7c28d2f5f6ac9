"""The names of TensorFlow 1.15's modules, to tell what is missing here from what never was.

names.txt was made from real TensorFlow by tests/api/make_names.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def names_of(module: str) -> frozenset[str]:
    """The names that TensorFlow 1.15 has in a module; none for a module that is not listed."""
    return _table().get(module.replace(".compat.v1", ""), frozenset())


@cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files("graphscope.compat").joinpath("names.txt").read_text()
    lines = (line.split(" ") for line in text.replace("/", "").splitlines())
    return {module: frozenset(names) for module, *names in lines}


def modules() -> list[str]:
    """The modules that are listed."""
    return list(_table())
