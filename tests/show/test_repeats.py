"""Repetitions in a row of things, against looking at every piece by hand."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphscope.show.repeats import COPIES, Repeat, repeats


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("abcd", []),
        ("aaa", []),
        ("aaaa", [Repeat(0, 1, 4)]),
        ("xababababy", [Repeat(1, 2, 4)]),
        ("xabcabcabcabcab", [Repeat(1, 3, 4)]),
        ("aaaabcbcbcbc", [Repeat(0, 1, 4), Repeat(4, 2, 4)]),
        ("", []),
    ],
)
def test_what_is_found(row, found):
    assert repeats(row) == found


def test_the_middle_leaves_the_first_and_the_last_copy():
    assert list(Repeat(1, 2, 5).middle) == [3, 4, 5, 6, 7, 8]


def test_none_is_equal_to_nothing():
    assert repeats([None] * 9) == []
    assert repeats([*"aaa", None, *"aaaa"]) == [Repeat(4, 1, 4)]


@example("babababaaaaa")  # what one repetition leaves of another
@given(st.text("ab", max_size=40) | st.text("abc", max_size=40))
def test_everything_found_is_there_and_nothing_is_left(row):
    found = repeats(row)
    covered: set[int] = set()
    for repeat in found:
        piece = row[repeat.start : repeat.start + repeat.period]
        assert row[repeat.start : repeat.stop] == piece * repeat.copies
        assert repeat.copies >= COPIES
        places = set(range(repeat.start, repeat.stop))
        assert not places & covered
        covered |= places
    for period in range(1, len(row) // COPIES + 1):
        for start in range(len(row) - COPIES * period + 1):
            places = set(range(start, start + COPIES * period))
            if row[start : start + period] * COPIES == row[start : start + COPIES * period]:
                assert places & covered, (period, start)
