"""What TensorFlow knows of its operations: inputs, outputs and attributes with their kinds.

An operation says here, on arrays, what it does; a file also holds what follows from its inputs, as
the type ``T``. This table, from TensorFlow's own registry, says what that is. It knows operations
too that cannot be run here, so that they are read with the right outputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple


class Argument(NamedTuple):
    """An input or output. type: the attribute with its type, or the type's number after ``@``.

    number: the attribute with their number, for a list of one type; many: the types of the list are
    in the attribute `type`. is_ref: the place of a variable.
    """

    name: str
    type: str
    number: str = ""
    many: bool = False
    is_ref: bool = False


class Attribute(NamedTuple):
    """kind: as ``int`` or ``list(type)``. default: what it is when left out, if it may be."""

    kind: str
    is_optional: bool
    default: Any


class Signature(NamedTuple):
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    attrs: Mapping[str, Attribute]


@cache
def _lines() -> dict[str, list[str]]:
    text = resources.files("graphscope.formats").joinpath("signatures.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {name: rest for name, *rest in rows}


@cache
def signature(type: str) -> Signature | None:
    """What is known of an operation; None when TensorFlow does not have it."""
    if type not in _lines():
        return None
    inputs, outputs, attrs = (column.split() for column in _lines()[type])
    return Signature(
        tuple(map(_argument, inputs)),
        tuple(map(_argument, outputs)),
        dict(map(_attribute, attrs)),
    )


def _argument(text: str) -> Argument:
    name, _, kind = text.removeprefix("&").partition(":")
    count, star, one = kind.rpartition("*")
    return Argument(name, one, count, bool(star and not count), text.startswith("&"))


def _attribute(text: str) -> tuple[str, Attribute]:
    told, has_default, default = text.partition("=")
    name, _, kind = told.partition(":")
    return name, Attribute(kind, bool(has_default), json.loads(default) if has_default else None)
