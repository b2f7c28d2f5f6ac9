"""Whether two texts of a session say the same.

Sums are added up in another order by another BLAS or processor, so the last printed digit of a
computed number may differ from machine to machine, and measured times differ in every run.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w])")
_TIME = re.compile(r"\d+(\.\d+)? ?(ns|us|ms|s)\b")


def alike(text: str, expected: str) -> bool:
    """Letters exactly, numbers within one unit of their last digit, times whatever they are. Spaces
    at the ends of lines do not count."""
    return first_difference(text, expected) is None


def first_difference(text: str, expected: str) -> tuple[int, str, str] | None:
    """The number of the first line that differs, from 1, and both lines; an empty one where a text
    has ended. None when the texts are alike."""
    said, wanted = text.strip("\n").splitlines(), expected.strip("\n").splitlines()
    count = max(len(said), len(wanted))
    said += [""] * (count - len(said))
    wanted += [""] * (count - len(wanted))
    for number, (line, other) in enumerate(zip(said, wanted, strict=True), 1):
        if not _same(line.rstrip(), other.rstrip()):
            return number, line, other
    return None


def _same(line: str, wanted: str) -> bool:
    if line == wanted:
        return True
    line, wanted = _TIME.sub("TIME", line), _TIME.sub("TIME", wanted)
    # A number that is one digit longer moves what stands behind it.
    words, wanted_words = _NUMBER.split(line), _NUMBER.split(wanted)
    if [" ".join(w.split()) for w in words] != [" ".join(w.split()) for w in wanted_words]:
        return False
    pairs = zip(_NUMBER.findall(line), _NUMBER.findall(wanted), strict=True)
    return all(abs(float(a) - float(b)) <= max(_unit(a), _unit(b)) for a, b in pairs)


def _unit(text: str) -> float:
    """One in the last place of a number as it is written; 0 for a whole number."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    if not decimals and not exponent:
        return 0.0
    return 1.001 * 10.0 ** (int(exponent or 0) - decimals)
