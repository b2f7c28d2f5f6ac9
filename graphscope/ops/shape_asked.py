"""Of which inputs an operation asks the shape alone: no number of them goes on."""

from __future__ import annotations

_FIRST, _SECOND = slice(0, 1), slice(1, 2)

#: By operation type, the places of those inputs.
SHAPE_ASKED: dict[str, slice] = {
    **dict.fromkeys(("Shape", "Size", "Rank", "ZerosLike", "OnesLike"), _FIRST),
    **dict.fromkeys(("SumLike", "SumGrad", "MeanGrad", "GatherGrad", "TileGrad"), _SECOND),
    **dict.fromkeys(("SliceGrad", "MirrorPadGrad"), _SECOND),
    "ShapeN": slice(0, None),
    "ConcatGrad": slice(2, None),
}
