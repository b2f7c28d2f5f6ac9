"""What can be asked of a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphscope.debug.errors import DebugError
from graphscope.show.fold import BUDGET, Folding

PARTS = ("forward", "backward", "update")


@dataclass(frozen=True)
class Options:
    """How a graph is drawn.

    theme:    light, dark, print, or a file with a theme; ``GRAPHSCOPE_THEME`` when left out.
    budget:   the number of boxes above which a picture is folded; None: it never is.
    depth:    scopes are open down to this depth and closed below it.
    expand:   names of scopes, nodes and variables that are not folded; ``"optimizer"`` for all that
              optimizers keep; the name of a cond or a loop for what is inside of it.
    collapse: names of scopes that are closed.
    part:     only the "forward", "backward" or "update" part.
    focus:    only what is named by it, a scope or a node, and what is up to `radius` edges away.
    ghosts:   show what does not run next to what does.
    ladder:   place a training step as a ladder; otherwise Graphviz places everything.
    """

    theme: str | None = None
    budget: int | None = BUDGET
    depth: int | None = None
    expand: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    part: str | None = None
    focus: str | None = None
    radius: int = 1
    ghosts: bool = True
    ladder: bool = True

    def __post_init__(self) -> None:
        if self.part is not None and self.part not in PARTS:
            raise DebugError(f"There is no part {self.part!r}: use {', '.join(PARTS)}.")
        for name in ("budget", "depth", "radius"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise DebugError(f"{name} is a number of at least 0, not {value}.")

    @property
    def folds(self) -> bool:
        """Anything may be folded."""
        return self.budget is not None or self.depth is not None or bool(self.collapse)

    @property
    def folding(self) -> Folding:
        return Folding(self.budget, self.depth, frozenset(self.expand), frozenset(self.collapse))


def names(words: Any) -> tuple[str, ...]:
    """Names given as one text with commas, or as texts, tensors and operations.

    Errors: DebugError for anything else.
    """
    if isinstance(words, str):
        return tuple(word.strip() for word in words.split(",") if word.strip())
    items = words if isinstance(words, Iterable) else [words]
    found = []
    for item in items:
        op = getattr(item, "op", item)
        name = item if isinstance(item, str) else getattr(op, "name", None)
        if not isinstance(name, str):
            raise DebugError(f"{item!r} is no name of a scope or a node.")
        found.append(name)
    return tuple(found)
