"""What learning has to say, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphscope.debug.answers import Answer


@dataclass(frozen=True)
class Verdict(Answer):
    """Whether the facts hold. held, asked: how many facts do, of how many. said: what does not
    hold. names: what the check has found, by which hints name the learner's own nodes."""

    held: int
    asked: int
    said: str
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return self.held == self.asked


@dataclass(frozen=True)
class Listed:
    """A lesson in the list."""

    number: str
    title: str
    teaches: tuple[str, ...]
    done: bool
    here: bool


@dataclass(frozen=True)
class Lessons(Answer):
    """All lessons, with what the learner has done of them."""

    lessons: tuple[Listed, ...]
