"""What can be asked of a picture: data, without any idea of how it looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from graphscope.debug.errors import DebugError

#: How many boxes a picture has by default, at most.
BUDGET = 60

PARTS = ("forward", "backward", "update")
MEASURES = ("time", "norm", "bytes")
#: The words that an option may be; it may also be left out.
_WORDS: dict[str, tuple[str, ...]] = {
    "part": PARTS,
    "names": ("full",),
    "edges": ("shape",),
    "overlay": MEASURES,
    "ghosts": ("near", "all", "none"),
    "rankdir": ("TB", "LR"),
}


@dataclass(frozen=True)
class Options:
    """How a graph is drawn. The prompt, `Debugger.draw`, `Debugger.film` and `graphscope.draw` take
    each of these as a keyword; what is said of them here is their help.

    theme:    light, dark, print, or a file with a theme; ``GRAPHSCOPE_THEME`` when left out.
    budget:   the number of boxes above which a picture is folded.
    depth:    scopes are open down to this depth and closed below it.
    expand:   names of scopes, nodes and variables that are not folded; "optimizer" for all that
              optimizers keep; the name of a cond or a loop for what is inside of it.
    collapse: names of scopes that are closed.
    fold:     False: nothing is folded, however much there is.
    part:     only the "forward", "backward" or "update" part.
    focus:    only what is named by it, a scope or a node, and what is up to `radius` edges away.
    radius:   how far away from `focus`.
    ghosts:   what does not run: "near" what does, "all" of it, or "none".
    values:   the numbers themselves, where there are no more than four.
    dtypes:   the type of every tensor; otherwise only of those that are not of floats.
    names:    "full": the whole names of the nodes, as a checkpoint or TensorBoard has them.
    edges:    "shape": what goes along each edge.
    saved:    the values that a gradient uses again, as edges; otherwise as words.
    order:    when each node runs, as t=3.
    overlay:  how much of it there is, in each box: "time" of the run, "norm" of the value, "bytes".
    rankdir:  TB goes down and back up, LR to the right and back.
    ladder:   False: Graphviz places everything; otherwise a training step is a ladder.
    """

    choices: ClassVar = _WORDS

    theme: str | None = None
    budget: int | None = BUDGET
    depth: int | None = None
    expand: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    fold: bool = True
    part: str | None = None
    focus: str | None = None
    radius: int = 1
    ghosts: str | None = "near"
    values: bool = False
    dtypes: bool = False
    names: str | None = None
    edges: str | None = None
    saved: bool = False
    order: bool = False
    overlay: str | None = None
    rankdir: str = "TB"
    ladder: bool = True

    def __post_init__(self) -> None:
        """Errors: DebugError for what cannot be asked."""
        for option in ("expand", "collapse"):
            object.__setattr__(self, option, names(getattr(self, option)))
        for option, words in _WORDS.items():
            word = getattr(self, option)
            if word is not None and word not in words:
                known = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
                raise DebugError(f"{option} is {known}, not {word!r}.")
        for option in ("budget", "depth", "radius"):
            value = getattr(self, option)
            if value is not None and value < 0:
                raise DebugError(f"{option} is a number of at least 0, not {value}.")

    @property
    def folds(self) -> bool:
        """Anything may be folded."""
        asked = self.budget is not None or self.depth is not None or bool(self.collapse)
        return self.fold and asked

    @property
    def flows_right(self) -> bool:
        return self.rankdir == "LR"


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
