"""Points for tests: what a marked test is worth, what it got, and the file that Gradescope reads.

The hooks that fill this in are in `graphscope.pytest_plugin`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

#: When students may see a test: the words of Gradescope.
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")

MARKER = (
    "graded(points=1, name=None, number=None, visibility='visible'): the test is worth so many "
    "points; name and number are for whoever reads the results; visibility is "
    f"{', '.join(VISIBILITIES[:-1])} or {VISIBILITIES[-1]}"
)


class WrongMark(Exception):
    """A marker that says what cannot be."""


@dataclass(frozen=True)
class Mark:
    """What ``@pytest.mark.graded(...)`` says of a test."""

    points: float = 1
    name: str | None = None
    number: str | None = None
    visibility: str = "visible"

    def __post_init__(self) -> None:
        if isinstance(self.points, bool) or not isinstance(self.points, int | float):
            raise WrongMark(f"points is a number, not {self.points!r}")
        if not 0 <= self.points < float("inf"):
            raise WrongMark(f"points is a number of at least 0, not {self.points!r}")
        if self.visibility not in VISIBILITIES:
            known = ", ".join(VISIBILITIES)
            raise WrongMark(f"visibility is one of {known}, not {self.visibility!r}")


@dataclass
class Credit:
    """The points that a test has given so far, for what it has found right: the fixture
    `gs_credit`. A test that fails keeps them; one that passes has all its points."""

    mark: Mark
    given: float = 0
    reasons: list[str] = field(default_factory=list)

    def __call__(self, points: float, reason: str = "") -> None:
        """Give so many of the test's points, for this reason.

        Errors: ValueError for more points than the test is worth.
        """
        most = self.mark.points
        if points < 0 or self.given + points > most + 1e-9:
            left = most - self.given
            raise ValueError(f"the test has {left:g} of its {most:g} points left, not {points:g}")
        self.given += points
        self.reasons.append(f"{points:g} of {most:g}: {reason}".removesuffix(": "))


@dataclass(frozen=True, kw_only=True)
class Graded(Mark):
    """A marked test that has run. place: its place among all tests. output: what its student is
    told."""

    test: str
    place: int
    score: float
    passed: bool
    output: str = ""

    @property
    def properties(self) -> list[tuple[str, object]]:
        """What JUnit's XML says of it, in the words of the marker."""
        found = {"points": self.points, "score": self.score, "name": self.name,
                 "number": self.number, "visibility": self.visibility}  # fmt: skip
        return [(name, value) for name, value in found.items() if value is not None]

    @property
    def as_gradescope(self) -> dict[str, Any]:
        return {
            "name": self.name or self.test,
            **({} if self.number is None else {"number": self.number}),
            "score": self.score,
            "max_score": self.points,
            "status": "passed" if self.passed else "failed",
            "output": self.output,
            "output_format": "text",
            "visibility": self.visibility,
        }


def results(graded: Iterable[Graded], seconds: float, problems: str = "") -> str:
    """The text of Gradescope's ``results.json``. problems: what kept tests from being found."""
    tests = [one.as_gradescope for one in graded]
    made: dict[str, Any] = {"execution_time": round(seconds, 3), "output": problems, "tests": tests}
    if not tests:
        made["score"] = 0  # Gradescope takes no file without a score
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"
