"""Examples of operations that arrange, find, and pass on."""

from __future__ import annotations

import numpy as np
from example import Example, bools, example, ints, numbers

import graphscope as gs

X = numbers(2, 3)
CUBE = numbers(2, 3, 4)
SORTED = np.sort(numbers(2, 4), axis=1)

OPERATION_EXAMPLES: dict[str, list[Example]] = {
    "ShapeN": [example([X, CUBE]), example([X], out_type=gs.int64)],
    "ConjugateTranspose": [example(X, [1, 0]), example((X + 1j * X), [1, 0])],
    "ConcatOffset": [example(1, [ints(2, 3), ints(2, 5)])],
    "BroadcastArgs": [example(ints(2, 1), ints(3)), example(ints(2, 1), ints(1, 1))],
    "BroadcastGradientArgs": [
        example(ints(2, 1), ints(3), unknown=True),
        example(ints(4, 3), ints(4, 3), unknown=True),
    ],
    "LowerBound": [
        example(SORTED, X),
        example(ints([1, 2, 2, 5]), ints([2, 6]), out_type=gs.int64),
    ],
    "UpperBound": [example(SORTED, X), example(ints([1, 2, 2, 5]), ints([2, 6]))],
    "Bucketize": [example(X, boundaries=[-1.0, 0.5]), example(ints(1, 7), boundaries=[2.0])],
    "UnravelIndex": [example(ints(5, 0), ints(2, 3)), example(ints(4)[0], ints(3, 2))],
    "GuaranteeConst": [example(X), example(bools(True))],
    "Snapshot": [example(X), example(CUBE)],
    "PreventGradient": [example(ints(1, 2)), example(ints(3))],
    "IdentityN": [example([X, CUBE]), example([X])],
    "EnsureShape": [
        example(X, shape=gs.TensorShape([None, 3])),
        example(CUBE, shape=gs.TensorShape(None)),
    ],
}
