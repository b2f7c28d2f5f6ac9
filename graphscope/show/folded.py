"""What is written in a box that stands for many."""

from __future__ import annotations

from collections.abc import Callable

from graphscope.graph.graph import Operation
from graphscope.show.sketch import Box

#: So many names or sizes are written out; of more, only the number is.
_FEW = 2


def folded_title(box: Box, scope: str, formula: str, called: Callable[[Operation], str]) -> str:
    """The first line. scope: what is written around the box. formula: what an update does.
    called: the name of a variable."""
    fold = box.fold
    assert fold is not None
    if fold.kind == "kept":
        return formula if _is_step(box) else fold.name
    mains = [part.main for part in box.parts if part.role == box.role]
    if box.role in ("variable", "frozen"):
        return ", ".join(map(called, mains)) if len(mains) <= _FEW else f"{len(mains)} variables"
    if box.role == "update":
        return formula if len(mains) == 1 else f"{len(mains)} updates"
    if box.role == "control":
        return f"{len(mains)} groups"
    name = fold.name.removeprefix(f"{scope}/" if scope else "")
    return name + " grad" * box.order if box.role == "gradient" else name


def _is_step(box: Box) -> bool:
    """True for the step of an optimizer with its slots."""
    return box.fold is not None and box.fold.name == box.main.name and box.role == "update"


def folded_sizes(box: Box, *, types: bool = False) -> str:
    """The shapes of variables, each once; with their types, if asked."""
    places = [part.main.outputs[0] for part in box.parts]
    sizes = dict.fromkeys(place.shape.short for place in places)
    kinds = dict.fromkeys(place.dtype.base_dtype.name for place in places if types)
    return " ".join([*kinds, *sizes] if len(sizes) <= _FEW else kinds)


def folded_words(box: Box, seed: bool, nodes: int) -> str:
    """The third line. seed: a backward pass begins here. nodes: how many of them run."""
    fold = box.fold
    assert fold is not None
    types = ", ".join(fold.types)
    if fold.kind == "kept":
        return _kept_words(box, nodes)
    if box.role in ("variable", "frozen"):
        sizes = [part.main.outputs[0].shape.num_elements() for part in box.parts]
        known = sum(size for size in sizes if size is not None)
        more = "" if None not in sizes else "more than "
        return f"{more}{known:,} numbers"
    if box.role == "update":
        return ", ".join(dict.fromkeys(p.main.type.removeprefix("Apply") for p in box.parts))
    if box.role == "gradient":
        return f"starts at 1 · {nodes} nodes" if seed else f"{nodes} nodes"
    if fold.kind == "series":
        same = ", same weights" if fold.shared else ""
        return f"{fold.copies} × ({types}){same}"
    return f"{nodes} nodes: {types}" if fold.kind == "run" else types


def _kept_words(box: Box, nodes: int) -> str:
    if not _is_step(box):
        return f"{nodes} nodes"
    slots = sum(part.role == "frozen" for part in box.parts)
    words = f"{slots} slot{'' if slots == 1 else 's'}"
    return f"{box.main.type.removeprefix('Apply')} · {words}"
