"""Which panes there is room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscope.repl.screen.arranging import arranged
from graphscope.repl.screen.keys import said


@given(columns=st.integers(1, 400), rows=st.integers(1, 200))
def test_every_line_and_column_is_given_away(columns, rows):
    found = arranged(columns, rows)
    left, right, below = (
        sum(cell.height for cell in cells) for cells in (found.left, found.right, found.below)
    )
    assert left + below + len(found.bottom) == rows
    widths = [found.left_width, 1, found.right_width] if found.right else [found.left_width]
    assert sum(widths) == columns
    assert not found.right or left == right
    assert all(cell.height > 0 for cell in (*found.left, *found.right, *found.below))
    assert "command" in found.bottom


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((80, 24), "plan node source variables output"),
        ((120, 40), "plan node source variables gradients output"),
        ((60, 24), "plan node source variables output"),
        ((72, 16), "plan node variables output"),
        ((40, 10), "node output"),
        ((40, 4), "node"),
        ((40, 1), ""),
    ],
)
def test_panes_that_have_no_room_are_left_out(size, names):
    found = arranged(*size)
    assert [cell.name for cell in (*found.left, *found.right, *found.below)] == names.split()


@given(width=st.integers(0, 200))
def test_the_keys_fit_in_a_line(width):
    assert len(said(width)) <= width


def test_at_80_columns_the_keys_of_going_are_all_there():
    for key in ("F5", "F6", "F7", "F8", "F9", "PgUp"):
        assert key in said(80)
