"""How strong the gradients are that go along the edges of a picture, and which numbers are bad."""

from __future__ import annotations

import math

import numpy as np

from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Tensor
from graphscope.kernels.stats import stats
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch, is_word
from graphscope.show.states import bad_word, shape_of

#: A gradient of the first norm is drawn one point wide, and one of the second five points.
WEAK, STRONG = 1e-6, 1e2
THINNEST, THICKEST = 1.0, 5.0
#: A gradient that is zero everywhere.
ZERO_WIDTH = 0.8


_PASSING: tuple[EdgeKind, ...] = ("data", "feed", "variable", "gradient", "write", "saved")
#: So many shapes are written at one edge; of more, only the number of tensors.
_FEW = 2


class Strengths:
    """What goes along the edges of one sketch in a run."""

    def __init__(self, drawn: Sketch) -> None:
        self.scene = drawn.scene
        self._norms: dict[Edge, float | None] = {}
        self._passed = passing(drawn) if self.scene.t is not None else {}

    def values(self, edge: Edge) -> list[Value]:
        """The values that have gone along an edge so far."""
        if edge.kind == "write":
            moves = (self.scene.moves.get(op) for op in edge.tail.ops)
            return [move.new for move in moves if move is not None]
        known = self.scene.values
        return [known[t] for t in self._passed.get((edge.tail, edge.head), ()) if t in known]

    def norm(self, edge: Edge) -> float | None:
        """The Euclidean length of the gradient that goes along an edge. None for other edges,
        before it is known, and where it is not finite."""
        if edge not in self._norms:
            self._norms[edge] = self._norm(edge)
        return self._norms[edge]

    def _norm(self, edge: Edge) -> float | None:
        if edge.kind != "gradient" or self.is_bad(edge):
            return None
        floating = [value for value in self.values(edge) if value.dtype.kind in "fc"]
        return math.hypot(*(stats(value).norm for value in floating)) if floating else None

    def is_bad(self, edge: Edge) -> bool:
        """Whether a NaN or an infinity goes along an edge."""
        return edge.kind in _PASSING and any(bad_word(value) for value in self.values(edge))


def passing(drawn: Sketch) -> dict[tuple[Box, Box], dict[Tensor, None]]:
    """The tensors that one box gives to another."""
    found: dict[tuple[Box, Box], dict[Tensor, None]] = {}
    for box in drawn.boxes:
        for op in box.ops:
            for tensor in op.inputs:
                tail = drawn.source(tensor)
                if tail is not None and tail is not box:
                    found.setdefault((tail, box), {})[tensor] = None
    return found


def edge_words(drawn: Sketch) -> dict[Edge, str]:
    """What is written at edges: the shapes of what goes along them, where that is asked. An update
    says itself what it writes."""
    if drawn.asked.edges != "shape":
        return {}
    passed, known = passing(drawn), drawn.scene.values
    found: dict[Edge, str] = {}
    for edge in drawn.edges:
        tensors = [
            tensor
            for tensor in passed.get((edge.tail, edge.head), ())
            if edge.kind in _PASSING and not is_word(drawn, tensor)
        ]
        shapes = [shape_of(t, known.get(t), types=drawn.asked.dtypes) for t in tensors]
        shapes = list(dict.fromkeys(shapes))
        if shapes:
            found[edge] = " ".join(shapes) if len(shapes) <= _FEW else f"{len(tensors)} tensors"
    return found


def width_of(norm: float) -> float:
    """The width in points of a gradient's edge, by the logarithm of its norm."""
    if norm == 0:
        return ZERO_WIDTH
    part = np.log(norm / WEAK) / np.log(STRONG / WEAK)
    return float(THINNEST + (THICKEST - THINNEST) * np.clip(part, 0, 1))
