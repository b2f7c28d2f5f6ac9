"""Examples of operations that arrange, find, and pass on."""

from __future__ import annotations

import numpy as np
from example import Example, bools, example, ints, numbers, positive

import graphscope as gs

X = numbers(2, 3)
Y = numbers(3, 2).T + 0.17
CUBE = numbers(2, 3, 4)
P13 = positive(1, 3)
PICTURES = numbers(2, 4, 4, 2)
PATCHES = {
    "ksizes": [1, 2, 2, 1],
    "strides": [1, 2, 2, 1],
    "rates": [1, 1, 1, 1],
    "padding": "VALID",
}
HOLES = {**PATCHES, "strides": [1, 1, 1, 1], "rates": [1, 2, 2, 1], "padding": "SAME"}
TEXTS = np.array([b"aa", b"abcd"], object)
MATRIX = numbers(2, 2) + 3 * np.eye(2)
SORTED = np.sort(numbers(2, 4), axis=1)

PLACES = np.array([[0, 0], [0, 2], [1, 3]], np.int64)
SIZES = np.array([2, 4], np.int64)
LINE = (np.array([[0], [2], [4]], np.int64), X[1], np.array([5], np.int64))


def longs(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


OPERATION_BINARY = {
    **dict.fromkeys(["Igamma", "Igammac", "IgammaGradA"], (positive(2, 3), positive(2, 3)[::-1])),
    **dict.fromkeys(["MulNoNan", "NextAfter"], (X, positive(2, 3))),
    **dict.fromkeys(["BitwiseAnd", "BitwiseOr", "BitwiseXor"], (ints(5, -3), ints(6, 1))),
    **dict.fromkeys(["LeftShift", "RightShift"], (ints(5, -3), ints(2, 1))),
}

OPERATION_EXAMPLES: dict[str, list[Example]] = {
    "StridedSliceAssign": [
        example(CUBE, [0, 1], [2, 3], [1, 1], CUBE[:, 1:3] * 2),
        example(
            X, [1, 0], [0, 0], [1, -2], X[1, ::-2] + 1, end_mask=2, begin_mask=2, shrink_axis_mask=1
        ),
    ],
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
    # less common functions of numbers
    "EuclideanNorm": [example(X, [1]), example(CUBE, [0, 2], keep_dims=True)],
    "Betainc": [
        example(1.5, 2.5, positive(2, 3).astype(np.float32) / 4),
        example([0.5, 3.0, 1.0], 0.7, positive(1, 3).astype(np.float32) / 4),
    ],
    "BesselI0e": [example(X), example(12 * X)],
    "BesselI1e": [example(X), example(12 * X)],
    "ApproximateEqual": [example(X, X + 1e-7), example(X, 2 * X, tolerance=0.5)],
    "CumulativeLogsumexp": [
        example(X, 1),
        example(CUBE, -1, reverse=True),
    ],
    **{
        name: [example(positive(2, 3), X), example(positive(3), numbers(3))]
        for name in (
            *("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "InvGrad", "SigmoidGrad", "TanhGrad"),
        )
    },
    # bits
    "Invert": [example(ints(5, -3)), example(np.array([1, 200], np.uint8))],
    "PopulationCount": [example(ints(5, -3)), example(np.array([[1], [200]], np.uint8))],
    # texts
    "RegexReplace": [
        example(TEXTS, np.array(b"a", object), np.array(b"X", object)),
        example(TEXTS, np.array(b"b", object), np.array(b"", object), replace_global=False),
    ],
    "StaticRegexFullMatch": [example(TEXTS, pattern="a+"), example(TEXTS[:1], pattern="b")],
    "RegexFullMatch": [
        example(TEXTS, np.array(b"a+", object)),
        example(TEXTS.reshape(1, 2), np.array(b"b", object)),
    ],
    "EncodeBase64": [example(TEXTS), example(TEXTS, pad=True)],
    "DecodeBase64": [example(np.array([b"YQ", b"YQ=="], object)), example(TEXTS[1:])],
    "StringSplitV2": [
        example(TEXTS, np.array(b"b", object), unknown=True),
        example(TEXTS, np.array(b"", object), maxsplit=1, unknown=True),
    ],
    "UnsortedSegmentJoin": [
        example(TEXTS, ints(1, 1), 3, separator=":", unknown=True),
        example(TEXTS.reshape(2, 1), ints(0, 1), 2, unknown=True),
    ],
    "ExtractImagePatches": [example(PICTURES, **PATCHES), example(PICTURES, **HOLES)],
    "ImagePatchesGrad": [
        example(numbers(2, 2, 2, 8), PICTURES, **PATCHES),
        example(numbers(2, 4, 4, 8), PICTURES, **HOLES),
    ],
    "BatchMatMul": [
        example(CUBE, numbers(2, 4, 2)),
        example(CUBE, numbers(2, 3, 4), adj_y=True),
    ],
    "MatrixExponential": [example(MATRIX / 3), example(np.stack([MATRIX, MATRIX.T]) / 4)],
    "MatrixSquareRoot": [example(MATRIX @ MATRIX.T), example(np.eye(2)[None] * 2.0 + 0.1)],
    "SylvesterOfRoot": [example(MATRIX, X[:, :2]), example(MATRIX[None], X[None, :, 1:])],
    "MatrixLogarithm": [
        example((MATRIX @ MATRIX.T).astype(np.complex64)),
        example((np.eye(3) * 2)[None].astype(np.complex128)),
    ],
    "Lu": [example(MATRIX), example(np.stack([MATRIX, MATRIX.T]), output_idx_type=gs.int64)],
    "Roll": [example(X, ints(1)[0], ints(0)[0]), example(CUBE, [1, -2], [0, 2])],
    "SelectV2": [
        example(bools([True], [False]), X, Y[0]),
        example(bools(True, False, True), numbers(), X),
        example(bools(True)[0], X, Y),
    ],
    "UniqueV2": [
        example(ints([1, 2], [1, 2]), ints(0), unknown=True),
        example(ints([1, 1], [2, 2]), ints(1), unknown=True),
    ],
    "UniqueWithCountsV2": [
        example(ints([1, 2], [1, 2]), ints(0), unknown=True),
        example(ints(3, 3, 1), ints(), out_idx=gs.int64, unknown=True),
    ],
    "SetSize": [
        example(PLACES, ints(1, 1, 2), SIZES, unknown=True),
        example(PLACES, ints(1, 5, 2), SIZES, unknown=True),
    ],
    **{
        f"{name}SetOperation": [
            example(*first, *second, set_operation=operation, unknown=True)
            for operation in ("intersection", "union", "a-b")
        ]
        for name, first, second in (
            ("DenseToDense", [ints([1, 2], [3, 3])], [ints([2, 5], [3, 4])]),
            ("DenseToSparse", [ints([1, 2], [3, 3])], [PLACES, ints(2, 5, 3), SIZES]),
            ("SparseToSparse", [PLACES, ints(2, 2, 3), SIZES], [PLACES, ints(2, 5, 3), SIZES]),
        )
    },
    # sparse tensors
    "SparseAdd": [
        example(PLACES, X[0], SIZES, PLACES[1:], X[1, :2], SIZES, np.float64(0.1), unknown=True),
        example(PLACES, X[0], SIZES, PLACES, -X[0], SIZES, np.float64(0.1), unknown=True),
    ],
    "SparseAddGrad": [example(X[0], PLACES[1:], PLACES[:1], PLACES)],
    "SparseTensorDenseAdd": [
        example(PLACES, X[0], SIZES, numbers(2, 4)),
        example(*LINE, numbers(5)),
    ],
    **{
        f"SparseSparse{name}imum": [
            example(PLACES, X[0], SIZES, PLACES[1:], X[1, :2], SIZES, unknown=True),
            example(*LINE, *LINE, unknown=True),
        ]
        for name in ("Max", "Min")
    },
    **{
        f"SparseDenseCwise{name}": [
            example(PLACES, X[0], SIZES, positive(2, 4)),
            example(PLACES, X[0], SIZES, positive(2, 1)),
            example(*LINE, positive(5)),
        ]
        for name in ("Add", "Mul", "Div")
    },
    "SparseSoftmax": [example(PLACES, X[0], SIZES), example(*LINE)],
    "SparseReduceSum": [
        example(PLACES, X[0], [2, 4], [1]),
        example(PLACES, X[0], [2, 4], [0, -1], keep_dims=True),
    ],
    "SparseReduceMax": [
        example(PLACES, X[0], [2, 4], [1]),
        example(PLACES, X[0], [2, 4], 0, keep_dims=True),
    ],
    "SparseReshape": [
        example(PLACES, SIZES, longs(4, -1)),
        example(PLACES, SIZES, longs(8)),
    ],
    "SparseConcat": [
        example([PLACES, PLACES, X[0], X[1], SIZES, SIZES], N=2, concat_dim=1),
        example([PLACES, X[0], SIZES], N=1, concat_dim=0),
    ],
    "SparseSplit": [
        example(np.int64(1), PLACES, X[0], SIZES, num_split=2, unknown=True),
        example(np.int64(0), PLACES, X[0], SIZES, num_split=1, unknown=True),
    ],
    "SparseSlice": [
        example(PLACES, X[0], SIZES, longs(0, 1), longs(2, 2), unknown=True),
        example(*LINE, longs(1), longs(9), unknown=True),
    ],
    "SparseSliceGrad": [example(X[0, :2], PLACES, longs(0, 1), PLACES[1:] - longs(0, 1))],
    "SparseFillEmptyRows": [
        example(PLACES + longs(1, 0), X[0], longs(5, 4), numbers(), unknown=True),
        example(PLACES, X[0], SIZES, numbers(), unknown=True),
    ],
    "SparseFillEmptyRowsGrad": [example(longs(2, 0), X[0])],
    # segments of chosen rows
    **{
        f"SparseSegment{name}WithNumSegments": [
            example(X, ints(1, 0, 1), ints(0, 0, 2), 4),
            example(CUBE, ints(1), ints(1), 2),
        ]
        for name in ("Sum", "Mean", "SqrtN")
    },
    "EnsureShape": [
        example(X, shape=gs.TensorShape([None, 3])),
        example(CUBE, shape=gs.TensorShape(None)),
    ],
}
