"""Which name could one have in another file?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from graphscope.debug.questions.sides import Kind

#: With so many pairs of one shape names are compared; with more only their ends.
_MOST = 20_000


def suggested(
    missing: Mapping[str, Kind], extra: Mapping[str, Kind], are_all: bool = False
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """For each missing name the most alike one of the same shape; no name twice. And the same as
    few substitutions, old and new. are_all: no other names are there."""
    pairs = [
        (_likeness(mine, theirs, len(missing) * len(extra)), mine, theirs)
        for mine, kind in missing.items()
        for theirs, other in extra.items()
        if kind.fits(other)
    ]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, mine, theirs in sorted(pairs, key=lambda pair: -pair[0]):
        if mine not in found and theirs not in taken:
            found[mine] = theirs
            taken.add(theirs)
    return found, _rules(found, are_all)


def _likeness(mine: str, theirs: str, count: int) -> float:
    ends = _common_end(mine, theirs)
    if count > _MOST:
        return float(len(ends))
    return SequenceMatcher(None, mine, theirs).ratio() + bool(ends)


def _common_end(mine: str, theirs: str) -> str:
    """The last scopes and the name, as far as they are the same."""
    end: list[str] = []
    for a, b in zip(reversed(mine.split("/")), reversed(theirs.split("/")), strict=False):
        if a != b:
            break
        end.append(a)
    return "/".join(reversed(end))


def _rules(found: Mapping[str, str], are_all: bool) -> tuple[tuple[str, str], ...]:
    """Substitutions of the beginnings of names that make all of these."""
    rules: dict[tuple[str, str], None] = {}
    last: dict[tuple[str, str], None] = {}
    for mine, theirs in found.items():
        owner, _, slot = mine.rpartition("/")
        if theirs == f"{found.get(owner)}/{slot}":
            continue  # its variable is renamed alike
        end = _common_end(mine, theirs)
        old, new = mine.removesuffix(end), theirs.removesuffix(end)
        if end and old:
            rules[f"^{re.escape(old)}", new] = None
        elif end and are_all:  # to be tried after the others
            last["^", new] = None
        else:
            border = r"\b" if _has_slots(mine, found) else "$"
            rules[f"^{re.escape(mine)}{border}", theirs] = None
    return (*rules, *last)


def _has_slots(name: str, found: Mapping[str, str]) -> bool:
    return any(other.startswith(f"{name}/") for other in found)
