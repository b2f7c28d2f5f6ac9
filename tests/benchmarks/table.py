"""The figures as one table in Markdown, and the same as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .goals import OURS, goals
from .problems import TITLES
from .results import Measured, Results

#: The columns, as far as there is something in them; what else there is, is among the others.
COLUMNS = ("numpy", "tf1", "torch", "jax")

#: How the implementations are called in the table.
NAMES = {
    OURS: "GraphScope",
    "numpy": "numpy by hand",
    "tf1": "TensorFlow 1",
    "torch": "torch",
    "jax": "JAX jit",
    "torch.nn": "torch.nn.LSTM",
    "stepped": "stepped, nobody looks",
    "plain": "Session.run",
}

Cells = list[list[str]]


def time_of(seconds: float) -> str:
    """A time in the unit in which it can be read."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _cell(cells: Mapping[str, Measured], name: str) -> str:
    """The best time, and how many times ours it is."""
    one, ours = cells.get(name), cells.get(OURS)
    if one is None:
        return ""
    if name == OURS or ours is None:
        return f"{time_of(one.best)}"
    return f"{time_of(one.best)} ({one.best / ours.best:.2f}x)"


def _errors(one: Measured | None) -> str:
    if one is None:
        return ""
    known = [error for error in (one.loss_error, one.weight_error) if error is not None]
    return " / ".join(f"{error:.0e}" for error in known)


def rows_of(results: Results, threads: Mapping[str, Mapping[str, float]] | None = None) -> Cells:
    """The head, and a row for each result; the verdict stands in the first row of its goal.

    threads: by row and implementation, how many times as long it takes on one thread as on more.
    """
    head = ["", NAMES[OURS], *[NAMES[name] for name in COLUMNS], "others", "error"]
    head += [] if threads is None else ["more threads"]
    cells: Cells = [[*head, "goal", "verdict"]]
    shown: set[str] = set()
    for goal in goals():
        first = True
        for row in goal.rows:
            measured = results.get(row)
            if not measured or (row in shown and not first):
                continue
            if not goal.measured(results) and row in shown:
                continue
            shown.add(row)
            others = [name for name in measured if name not in (OURS, "prepared", *COLUMNS)]
            own = [
                _title(goal.title, row),
                *[_cell(measured, name) for name in (OURS, *COLUMNS)],
                ", ".join(f"{NAMES.get(name, name)} {_cell(measured, name)}" for name in others),
                _errors(measured.get(OURS)),
            ]
            if threads is not None:
                ratios = threads.get(row, {})
                own.append(", ".join(f"{NAMES.get(n, n)} {r:.2f}x" for n, r in ratios.items()))
            verdict = [goal.measured(results), goal.verdict(results)] if first else ["", ""]
            cells.append([*own, *verdict])
            first = False
    return cells


def _title(goal: str, row: str) -> str:
    own = TITLES.get(row, row)
    return own if goal in (row, TITLES.get(row)) or goal in row else f"{goal}: {own}"


def details_of(results: Results) -> Cells:
    """Every figure: best, median, the ratio to ours, and the errors."""
    cells: Cells = [["", "", "best", "median", "ratio", "loss off by", "weights off by"]]
    for row, measured in results.items():
        ours = measured.get(OURS)
        for number, (name, one) in enumerate(measured.items()):
            ratio = "" if ours is None else f"{one.best / ours.best:.2f}"
            errors = [one.loss_error, one.weight_error]
            shown = ["" if error is None else f"{error:.1e}" for error in errors]
            title = TITLES.get(row, row) if number == 0 else ""
            times = [time_of(one.best), time_of(one.median)]
            cells.append([title, NAMES.get(name, name), *times, ratio, *shown])
    return cells


def plain(cells: Sequence[Sequence[str]]) -> str:
    """Columns side by side."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def markdown(cells: Sequence[Sequence[str]]) -> str:
    head, *rows = cells
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def facts_in_words(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in facts.items() if value)


def page(
    results: Results,
    facts: Mapping[str, str],
    threads: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """The file in Markdown: one table, and where it was measured."""
    return (
        "# GraphScope beside its peers\n\n"
        f"{facts_in_words(facts)}.\n\n"
        "The best time of each, all taken in turns in one run; in brackets how many times that of "
        "GraphScope it is. The error is that of GraphScope's loss and weights after 20 steps "
        "against numpy in float64; for products it is counted in roundings of one number.\n\n"
        f"{markdown(rows_of(results, threads))}\n"
    )
