"""What many tests use."""

import re
from pathlib import Path

import pytest

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w])")


class Transcript:
    """Compares texts of sessions: letters exactly, numbers within one unit of their last digit.

    Sums are added up in another order by another BLAS or processor, so the last printed digit of a
    computed number may differ from machine to machine; nothing else may.
    """

    folder = Path(__file__).parent / "transcripts"

    def same(self, actual, expected):
        ours, theirs = actual.strip("\n").splitlines(), expected.strip("\n").splitlines()
        for number, (line, wanted) in enumerate(zip(ours, theirs, strict=False), 1):
            assert self._equal(line, wanted), (
                f"line {number} is\n  {line}\nand should be\n  {wanted}\n\nall of it:\n{actual}"
            )
        assert len(ours) == len(theirs), actual

    def same_as_file(self, actual, name):
        self.same(actual, (self.folder / name).read_text())

    def _equal(self, line, wanted):
        if line == wanted:
            return True
        # A number that is one digit longer moves what stands behind it.
        words, wanted_words = NUMBER.split(line), NUMBER.split(wanted)
        if [" ".join(w.split()) for w in words] != [" ".join(w.split()) for w in wanted_words]:
            return False
        pairs = zip(NUMBER.findall(line), NUMBER.findall(wanted), strict=True)
        return all(abs(float(a) - float(b)) <= max(_unit(a), _unit(b)) for a, b in pairs)


def _unit(text):
    """One in the last place of a number as it is written; 0 for a whole number."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    if not decimals and not exponent:
        return 0
    return 1.001 * 10.0 ** (int(exponent or 0) - decimals)


@pytest.fixture
def transcript():
    return Transcript()
