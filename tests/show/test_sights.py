"""What is seen of a value: heat maps, pictures and bars, in all letters and widths."""

import io
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.cells import cell_len
from rich.console import Console

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.sights import VIEWS, Bars, HeatMap, Likeness, bars, heat_map, likeness
from graphscope.kernels.pooled import bins, largest, mean
from graphscope.ops.png import png, unpacked
from graphscope.show.console import plain
from graphscope.show.sights import ASCII, SHADES, Seen, drawn

RING = np.array([[0, 0, 1, 1, 1, 0, 0, 0],
                 [0, 1, 0.5, 0, 0.5, 1, 0, 0],
                 [0, 1, 0, 0, 0, 1, 0, 0],
                 [0, 1, 0, 0, 0, 1, 0, 0],
                 [0, 1, 0, 0, 0, 1, 0, 0],
                 [0, 1, 0, 0, 0, 1, 0, 0],
                 [0, 1, 0.5, 0, 0.5, 1, 0, 0],
                 [0, 0, 1, 1, 1, 0, 0, 0]], np.float32)  # fmt: skip


def seen(array, view="heat", width=80, encoding="utf-8", terminal=True):
    """What a console of a width and an encoding shows of a value."""
    array = np.asarray(array)
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    console = Console(
        file=file, width=width, force_terminal=terminal, color_system=None, legacy_windows=False,
        _environ={},
    )  # fmt: skip
    console.print(Seen(VIEWS[view](array), array.shape))
    file.flush()
    return [line.rstrip() for line in file.buffer.getvalue().decode(encoding).splitlines()]


@pytest.fixture(autouse=True)
def _no_bitmaps(monkeypatch):
    monkeypatch.setenv("GRAPHSCOPE_IMAGES", "0")


@pytest.fixture
def d():
    """W has signs, a zero, a NaN and infinities; x a picture in each row; n whole numbers."""
    W = np.array([[0.5, -1.0, 0.0], [2.0, -0.01, np.nan], [np.inf, -np.inf, 1.5]], np.float32)
    fetches = [
        gs.constant(W, name="W"),
        gs.constant(np.stack([RING.ravel(), 1 - RING.ravel()]), name="x"),
        gs.constant([0, 1, 1, 3, 3, 3], name="n"),
        gs.constant(["a", "b"], name="words"),
    ]
    d = gs.debug(gs.Session(), fetches)
    d.run_to_end()
    return d


# ---- transcripts -------------------------------------------------------------------------------


def test_a_heat_map_in_ascii(d):
    assert str(d.card("W", view="heat")).splitlines()[3:] == [
        "   0  3-5 .",
        "   1  9-1 !",
        "   2  ^-^ 7",
        "   9 is 2; . is 0; a minus stands before what is below 0; ! is NaN; ^ is Inf",
    ]


def test_a_heat_map_in_shades_and_where_they_cannot_be_written(d):
    W = d.card("W").value
    assert seen(W) == [
        "   0 ░░-▒ ·",
        "   1 ██-░ !",
        "   2  ^-^▓▓",
        "   ██ is 2; · is 0; a minus stands before what is below 0; ! is NaN; ^ is Inf",
    ]
    ascii_ = seen(W, encoding="cp1252")
    assert ascii_ == seen(W, encoding="ascii") == seen(W, terminal=False)
    assert ascii_[0] == "   0  3-5 ."


def test_a_digit_in_ascii(d):
    assert str(d.card("x[0]", view="picture")).splitlines()[3:] == [
        "   a row of 64 as 8 x 8",
        "   |    @@@@@@      |",
        "   |  @@++  ++@@    |",
        "   |  @@      @@    |",
        "   |  @@      @@    |",
        "   |  @@      @@    |",
        "   |  @@      @@    |",
        "   |  @@++  ++@@    |",
        "   |    @@@@@@      |",
        "   from 0 as blank to 1 as @",
    ]
    assert seen(RING, "picture")[1] == "   |  ██▒▒  ▒▒██    |"


def test_bars_in_ascii(d):
    assert str(d.card("n", view="bars")).splitlines()[3:] == [
        "   0  1  ##############",
        "   1  2  ###########################",
        "   3  3  ########################################",
        "   6 elements; the longest bar is 3",
    ]
    assert str(d.card("W", view="bars")).splitlines()[-3:] == [
        "             NaN  1  ####################",
        "             Inf  2  ########################################",
        "   9 elements; the longest bar is 2",
    ]


def test_narrow():
    assert seen(np.array([[1.0, -2.0] * 30, [0.0, 0.5] * 30]), width=30, terminal=False) == [
        "   a cell stands for 5",
        "   elements, the largest of",
        "   them by size",
        "   0 -9-9-9-9-9-9-9-9-9-9-9-9",
        "   1  3 3 3 3 3 3 3 3 3 3 3 3",
        "   9 is 2; . is 0; a minus",
        "   stands before what is below",
        "   0",
    ]


def test_numbers_are_what_is_shown_unless_another_view_is_asked_for(d):
    assert str(d.card("W", view="numbers")) == str(d.card("W"))
    with pytest.raises(DebugError, match="--view is numbers, heat, picture, bars; not 'cat'"):
        d.card("W", view="cat")
    for view in VIEWS:
        with pytest.raises(DebugError, match="nothing to see but numbers, and these are texts"):
            d.card("words", view=view)


# ---- what is seen ------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "index", "size", "channels"), [
    ((784,), (), (28, 28), 1),
    ((1, 784), (0,), (28, 28), 1),
    ((100, 784), (0,), (28, 28), 1),
    ((28, 28), (), (28, 28), 1),
    ((64, 64), (), (64, 64), 1),
    ((10, 16), (), (10, 16), 1),
    ((28, 28, 1), (), (28, 28), 1),
    ((5, 28, 28, 1), (0,), (28, 28), 1),
    ((32, 32, 3), (), (32, 32), 3),
    ((5, 32, 32, 4), (0,), (32, 32), 3),
    ((5, 28, 28), (0,), (28, 28), 1),
    ((2, 3, 28, 28), (0, 0), (28, 28), 1),
])  # fmt: skip
def test_which_part_of_a_value_is_a_picture(shape, index, size, channels):
    value = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    found = likeness(value)
    assert (found.index, found.matrix.shape, found.channels) == (index, size, channels)
    first = value[index]
    if channels > 1:
        first = first[..., :3].mean(axis=-1)
    np.testing.assert_allclose(found.matrix, first.reshape(size))


@pytest.mark.parametrize(("shape", "why"), [((), "One number is no"), ((30,), "A row of 30")])
def test_what_is_no_picture(shape, why):
    with pytest.raises(DebugError, match=why):
        likeness(np.zeros(shape))


def test_a_batch_says_which_of_it_is_shown():
    lines = seen(np.stack([RING] * 3), "picture", terminal=False)
    assert lines[0] == "   [0, :, :] of [3,8,8]"
    assert seen(np.ones((4, 2, 3)), terminal=False)[0] == "   [0, :, :] of [4,2,3]"


def test_a_large_matrix_says_how_many_elements_a_cell_stands_for():
    big = np.zeros((300, 500))
    big[299, 499] = -7
    lines = seen(big, terminal=False)
    assert lines[0] == "   a cell stands for 10 x 14 elements, the largest of them by size"
    rows = lines[1:-1]
    assert [row.split()[0] for row in rows] == [str(10 * i) for i in range(30)]
    assert rows[-1].endswith("-9")
    assert "".join(rows).count("-9") == 1
    assert lines[-1] == "   9 is 7; . is 0; a minus stands before what is below 0"


def test_a_long_vector_is_in_rows():
    lines = seen(np.arange(100), terminal=False)
    assert [line.split()[0] for line in lines[:-1]] == ["0", "32", "64", "96"]
    lines = seen(np.arange(10_000), terminal=False)
    assert lines[0].startswith("   a cell stands for 10 elements")
    assert lines[2].split()[0] == "320"


def test_a_picture_goes_to_a_file(d, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(d.card("x[0] > x.png")).endswith("\n wrote x.png")
    pixels = unpacked((tmp_path / "x.png").read_bytes(), 0)
    np.testing.assert_array_equal(pixels[..., 0], np.rint(RING * 255))
    with pytest.raises(DebugError, match="cannot be written"):
        d.card("x[0] > no/x.png")
    with pytest.raises(DebugError, match="at least one dot"):
        d.card("x[0:0] > x.png")


def test_sixteen_bits_and_eight_are_unpacked():
    image = np.arange(12, dtype=np.uint16).reshape(2, 2, 3) * 5000
    np.testing.assert_array_equal(unpacked(png(image), 3), image)


# ---- nothing breaks it -------------------------------------------------------------------------

DTYPES = ["f2", "f4", "f8", "i1", "i8", "u1", "u8", "?", "c8", "c16"]
ANY = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(
        np.dtype(dtype),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=70)
        if dtype in ("i1", "?")
        else arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9),
        fill=st.just(0) if dtype in ("i1", "?") else None,
    )
)


@settings(max_examples=300, deadline=None)
@given(array=ANY, view=st.sampled_from(sorted(VIEWS)), width=st.integers(24, 120))
def test_no_line_is_wider_than_the_screen(array, view, width):
    try:
        sight = VIEWS[view](array)
    except DebugError:
        assert view == "picture"
        assert array.ndim < 2
        return
    for letters in (ASCII, SHADES):
        lines = list(drawn(sight, array.shape, width - 3, letters))
        assert lines
        assert max(map(cell_len, lines)) <= width - 3
        assert len(lines) < 45
        assert letters is SHADES or all(line.isascii() for line in lines)


@pytest.mark.parametrize("view", sorted(VIEWS))
@pytest.mark.parametrize("value", [
    np.full((3, 3), np.nan),
    np.full((3, 3), np.inf),
    np.array([[1.7e308, -1.7e308], [np.nan, -np.inf]]),
    np.array([[5e-324, -5e-324], [0, 0]]),
    np.full((2, 2), 3.0),
    np.nextafter(np.ones((2, 2)), [[1, 2], [2, 1]]),
    np.full((2, 40, 40, 3), 1e308),
    np.zeros((0, 5)),
    np.zeros((3, 0, 3)),
    np.zeros((1, 1, 1, 1, 1)),
    np.array([[2**63 - 1, -(2**63)]]),
    np.array([[True, False]]),
], ids=str)  # fmt: skip
def test_odd_numbers(value, view):
    for terminal, encoding in product((True, False), ("utf-8", "ascii", "cp1252")):
        lines = seen(value, view, 40, encoding, terminal)
        assert lines
        assert max(map(cell_len, lines)) <= 40


def test_signs_and_kinds_are_told_apart_without_colour():
    numbers = [1.0, -1.0, 0.0, 0.001, -0.001, np.nan, np.inf, -np.inf]
    for letters in (ASCII, SHADES):
        cells = [letters.cell(number, 1.0) for number in numbers]
        assert len(set(cells)) == len(cells)
        assert all(len(cell) == 2 for cell in cells)


# ---- the numbers behind it ---------------------------------------------------------------------

MATRICES = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=30),
    elements=st.floats(-1e6, 1e6),
)


@settings(max_examples=100, deadline=None)
@given(matrix=MATRICES, rows=st.integers(1, 12), columns=st.integers(1, 12))
def test_a_cell_is_what_it_says_of_its_block(matrix, rows, columns):
    for found, of_block in (
        (largest(matrix, rows, columns), lambda b: b.flat[np.argmax(np.abs(b))]),
        (mean(matrix, rows, columns), np.mean),
    ):
        assert found.cells.shape[0] <= rows
        assert found.cells.shape[1] <= columns
        for i, j in np.ndindex(found.cells.shape):
            block = matrix[
                i * found.height : (i + 1) * found.height, j * found.width : (j + 1) * found.width
            ]
            assert block.size
            wanted = of_block(block)
            same = abs(found.cells[i, j]) == abs(wanted)  # of 1 and -1 either is the largest
            assert same or found.cells[i, j] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(
    arrays.arrays(np.float64, st.integers(0, 60), elements=st.floats(allow_nan=True)),
    st.integers(1, 15),
)
def test_every_finite_element_is_in_one_bin(values, count):
    found = bins(values, count)
    finite = values[np.isfinite(values)]
    assert sum(b.number for b in found) == finite.size
    assert len(found) <= count
    for i, (low, high, number) in enumerate(found):
        last = i == len(found) - 1 or low == high
        inside = (finite >= low) & ((finite <= high) if last else (finite < high))
        assert inside.sum() == number


def test_the_kinds():
    assert isinstance(heat_map(RING), HeatMap)
    assert isinstance(likeness(RING), Likeness)
    found = bars(np.array([np.nan, np.inf, 1.0, 1.0]))
    assert found == Bars(((1.0, 1.0, 2),), 1, 1)
    assert plain(Seen(found, (4,))).splitlines()[0] == "     1  2  " + "#" * 40
