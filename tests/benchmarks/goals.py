"""What is asked of the figures, and whether they are so.

A goal is one row of the table. It is made of limits: the ratio of two times of one run, or a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import products, watching
from .results import Results

#: A figure among the results, and where it was found; None where something was not measured.
Figure = Callable[[Results], tuple[float, str] | None]

OURS = "graphscope"


@dataclass(frozen=True)
class Limit:
    """The figure is at least, or at most, so much. `unit` stands behind the numbers."""

    figure: Figure
    bound: float
    unit: str
    at_least: bool = False

    def verdict(self, results: Results) -> tuple[bool, str] | None:
        """Whether it is so, and how far it is from the bound; None if nothing was measured."""
        found = self.figure(results)
        if found is None:
            return None
        value, place = found
        met = value >= self.bound if self.at_least else value <= self.bound
        sign = "≥" if self.at_least else "≤"
        text = f"{value:.3g}{self.unit} ({sign} {self.bound:.3g}{place})"
        if not met:
            text += f", off by {abs(value / self.bound - 1):.0%}"
        return met, text


@dataclass(frozen=True)
class Goal:
    """One row: its title, the rows of results that it is about, and its limits.

    time: whether the limits that are times hold on this machine is said, and does not decide: the
    ratios do.
    """

    title: str
    rows: Sequence[str]
    limits: Sequence[Limit]
    time: Limit | None = None

    def verdict(self, results: Results) -> str:
        found = [limit.verdict(results) for limit in self.limits]
        known = [verdict for verdict in found if verdict is not None]
        if not known:
            return "not measured" if self.limits else ""
        return "met" if all(met for met, _ in known) else "missed"

    def measured(self, results: Results) -> str:
        limits = [*self.limits, *([] if self.time is None else [self.time])]
        found = [limit.verdict(results) for limit in limits]
        return "; ".join(verdict[1] for verdict in found if verdict is not None)


def ahead(rows: Sequence[str], other: str, factor: float, ours: str = OURS) -> Limit:
    """In the worst of the rows, `other` takes at least so many times as long as we do."""

    def figure(results: Results) -> tuple[float, str] | None:
        found = [
            (results[row][other].best / results[row][ours].best, row)
            for row in rows
            if {ours, other} <= set(results.get(row, {}))
        ]
        if not found:
            return None
        value, row = min(found)
        return value, f", {row}" if len(rows) > 1 else ""

    return Limit(figure, factor, f"x {other}", at_least=True)


def beside(rows: Sequence[str], other: str, factor: float) -> Limit:
    """In the worst of the rows, we take at most so many times as long as `other`."""

    def figure(results: Results) -> tuple[float, str] | None:
        found = [
            (results[row][OURS].best / results[row][other].best, row)
            for row in rows
            if {OURS, other} <= set(results.get(row, {}))
        ]
        if not found:
            return None
        value, row = max(found)
        return value, f", {row}" if len(rows) > 1 else ""

    return Limit(figure, factor, f"x {other}")


def within(row: str, bound: float, unit: str) -> Limit:
    """Our time is at most so much."""
    scale = {"us": 1e6, "ms": 1e3}[unit]

    def figure(results: Results) -> tuple[float, str] | None:
        cells = results.get(row, {})
        return (cells[OURS].best * scale, "") if OURS in cells else None

    return Limit(figure, bound, f" {unit}")


def beyond(row: str, other: str, milliseconds: float) -> Limit:
    """We take at most so much longer than `other`."""

    def figure(results: Results) -> tuple[float, str] | None:
        cells = results.get(row, {})
        if not {OURS, other} <= set(cells):
            return None
        return (cells[OURS].best - cells[other].best) * 1e3, ""

    return Limit(figure, milliseconds, f" ms more than {other}")


def _of_products() -> list[Goal]:
    small, middle = products.names("small"), products.names("middle")
    transposed = products.names("middle", "b", below=256**3)
    fused, handed = products.names("bias and relu"), products.names("handed over")
    return [
        Goal(
            "product up to 32",
            small,
            [
                ahead(small[:2], "numpy", 10),
                ahead(small[2:3], "numpy", 6),
                ahead(small[3:], "numpy", 2),
            ],
        ),
        Goal(
            "product of 64 to 512, every layout",
            middle,
            [ahead(middle, "numpy", 1.0), ahead(transposed, "numpy", 1.2)],
        ),
        Goal(
            "product with bias and relu",
            fused,
            [
                ahead(fused[:1], "numpy", 20),
                ahead(fused[1:2], "numpy", 2),
                ahead(fused[2:3], "numpy", 1.1),
            ],
        ),
        Goal("product handed over to numpy", handed, [ahead(handed, "numpy", 0.97)]),
    ]


def _of_steps() -> list[Goal]:
    def step(name: str, time: Limit, *limits: Limit) -> Goal:
        return Goal(name, [name], limits, time)

    def peers(name: str, **factors: float) -> list[Limit]:
        return [ahead([name], peer, factor) for peer, factor in factors.items()]

    return [
        step(
            "tiny",
            within("tiny", 10, "us"),
            *peers("tiny", jax=1 / 0.7, tf1=17, micrograd=2),
        ),
        step("tiny_fed", within("tiny_fed", 10, "us"), *peers("tiny_fed", jax=1 / 0.7, tf1=17)),
        step("softmax", within("softmax", 80, "us"), *peers("softmax", tf1=3, jax=1.7)),
        step("mlp1", within("mlp1", 390, "us"), *peers("mlp1", tf1=1.45, jax=1.15)),
        step("mlp2", within("mlp2", 2400, "us"), *peers("mlp2", tf1=1.1, jax=1.1)),
        step("lstm", within("lstm", 17, "ms"), *peers("lstm", tf1=1.15)),
        Goal("cnn50", ["cnn50"], [beside(["cnn50"], "tf1", 1.5)]),
        Goal("cnn100", ["cnn100"], [beside(["cnn100"], "tf1", 1.5)]),
        Goal(
            "over numpy by hand",
            ["softmax", "mlp1", "mlp2"],
            [beside(["mlp1", "mlp2"], "numpy", 1.05), beside(["softmax"], "numpy", 1.15)],
        ),
    ]


def _of_graphs() -> list[Goal]:
    build, gradient = "build an operation", "gradients of 10,000 operations"
    first = "first run of 10,000 operations"
    return [
        Goal(
            build,
            [build],
            [within(build, 6, "us"), ahead([build], "tf1", 45), ahead([build], "jax", 3)],
        ),
        Goal(gradient, [gradient], [within(gradient, 150, "ms")]),
        Goal(first, [first], [within(first, 60, "ms")]),
        Goal("import", ["import"], [beyond("import", "numpy", 40), ahead(["import"], "tf1", 19)]),
        Goal("import and a first number", ["import and a first number"], []),
    ]


def _of_watching() -> list[Goal]:
    def watched(title: str, **factors: float) -> Goal:
        rows = [f"{name}: {title}" for name in factors]
        pairs = zip(rows, factors.values(), strict=True)
        return Goal(title, rows, [beside([row], "plain", factor) for row, factor in pairs])

    return [
        watched("breakpoints, none met", mlp1=1.02, mlp2=1.02),
        watched("every value recorded", softmax=1.3, mlp1=1.3, mlp2=1.5),
        watched("NaN and Inf watched", softmax=1.25, mlp1=1.25, mlp2=1.25),
        watched("statistics of every value", softmax=1.15, mlp1=1.15, mlp2=1.15),
        *(
            Goal(title, [f"{name}: {title}" for name in watching.MODELS], [])
            for title in (*watching.ATTACHED, watching.IN_BATCHES)
        ),
    ]


def goals() -> list[Goal]:
    """All of them, in the order of the table."""
    return [*_of_steps(), *_of_products(), *_of_graphs(), *_of_watching()]
