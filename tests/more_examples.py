"""Examples of operations, by family: images, segments, linear algebra, texts, checks, samplers."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from example import Example, bools, example, ints, numbers, positive
from operation_examples import OPERATION_BINARY, OPERATION_EXAMPLES

import graphscope as gs

X = numbers(2, 3)
Y = numbers(3, 2).T + 0.17
CUBE = numbers(2, 3, 4)
IMAGES = numbers(2, 5, 4, 3)
SINGLE = IMAGES.astype(np.float32)
COMPLEX = (X + 1j * Y).astype(np.complex64)
SQUARE = numbers(3, 3) + 3 * np.eye(3)
SYMMETRIC = SQUARE + SQUARE.T
DEFINITE = SQUARE @ SQUARE.T + np.eye(3)
STRIDED = {"strides": [1, 2, 1, 1], "padding": "SAME"}
TIGHT = {"strides": [1, 1, 1, 1], "padding": "VALID"}
WINDOW = {"ksize": [1, 2, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
TIGHT_WINDOW = {"ksize": [1, 3, 2, 1], "strides": [1, 1, 1, 1], "padding": "VALID"}


def texts(*values: bytes) -> np.ndarray:
    return np.array(values, object)


def text(value: bytes) -> np.ndarray:
    return np.array(value, object)


def single(*shape: int) -> np.ndarray:
    return numbers(*shape).astype(np.float32)


def longs(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def png(width: int, height: int) -> bytes:
    """A grey picture of zeros."""
    rows = zlib.compress(bytes((width + 1) * height))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows)]
    parts = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", 0) for k, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


MORE_UNARY = {
    **dict.fromkeys(["Tan", "Atan", "Sinh", "Cosh", "Asinh", "Erf", "Erfc", "Rint"], X),
    **dict.fromkeys(["Asin", "Acos", "Atanh"], X / 2.3),
    **dict.fromkeys(["Lgamma", "Digamma"], positive(2, 3)),
    "Acosh": positive(2, 3) + 1,
}
MORE_BINARY = {
    **OPERATION_BINARY,
    "Atan2": (X, Y),
    "Xlogy": (X, positive(2, 3)),
    "Xdivy": (X, Y),
}

NUMBERS = {
    # No gradient flows into the first input, so that differences would disagree: see the goldens.
    "Zeta": [example(1.5, np.abs(single(2, 3)) + 1)],
    "Polygamma": [example(1.0, np.abs(single(2, 3)) + 1)],
    "Complex": [example(single(2, 3), single(2, 3), Tout=gs.complex64)],
    **{name: [example(COMPLEX, Tout=gs.float32)] for name in ("Real", "Imag", "Angle")},
    "ComplexAbs": [example(COMPLEX, Tout=gs.float32)],
    "Conj": [example(COMPLEX)],
    "Bitcast": [
        example(single(2, 3), type=gs.int32),
        example(single(2, 3), type=gs.uint8),
        example(ints([1, 2], [3, 4]), type=gs.int64),
    ],
    "AccumulateNV2": [example([X, Y, X * Y], shape=gs.TensorShape([2, 3]))],
    "Cumprod": [
        example(CUBE, 1),
        example(X, -1, exclusive=True),
        example(X, 0, reverse=True),
        example(CUBE, 2, exclusive=True, reverse=True),
    ],
    "Cross": [example(X, Y)],
    "Bincount": [example(ints(0, 3, 1, 3), 5, np.zeros(0, np.int32))],
    "HistogramFixedWidth": [example(X, np.array([-1.0, 1.0]), 4)],
}

NETWORKS = {
    "Conv2D": [
        example(IMAGES, numbers(3, 2, 3, 2), **STRIDED),
        example(IMAGES, numbers(2, 2, 3, 2), **TIGHT),
        example(IMAGES, numbers(2, 2, 3, 1), dilations=[1, 2, 2, 1], **TIGHT),
        example(
            IMAGES,
            numbers(2, 2, 3, 1),
            strides=[1, 1, 1, 1],
            padding="EXPLICIT",
            explicit_paddings=[0, 0, 1, 0, 0, 2, 0, 0],
        ),
    ],
    "Conv2DBackpropInput": [
        example([2, 5, 4, 3], numbers(3, 2, 3, 2), numbers(2, 3, 4, 2), **STRIDED),
        example([2, 5, 4, 3], numbers(2, 2, 3, 2), numbers(2, 4, 3, 2), **TIGHT),
    ],
    "Conv2DBackpropFilter": [
        example(IMAGES, [3, 2, 3, 2], numbers(2, 3, 4, 2), **STRIDED),
        example(IMAGES, [2, 2, 3, 2], numbers(2, 4, 3, 2), **TIGHT),
    ],
    "DepthwiseConv2dNative": [
        example(IMAGES, numbers(3, 2, 3, 2), strides=[1, 2, 2, 1], padding="SAME"),
        example(IMAGES, numbers(2, 2, 3, 1), **TIGHT),
    ],
    "DepthwiseConv2dNativeBackpropInput": [
        example([2, 5, 4, 3], numbers(2, 2, 3, 2), numbers(2, 4, 3, 6), **TIGHT),
    ],
    "DepthwiseConv2dNativeBackpropFilter": [
        example(IMAGES, [2, 2, 3, 2], numbers(2, 4, 3, 6), **TIGHT),
    ],
    "MaxPool": [example(IMAGES, **WINDOW), example(IMAGES, **TIGHT_WINDOW)],
    "MaxPoolGrad": [example(single(1, 4, 4, 1), single(1, 2, 2, 1), single(1, 2, 2, 1), **WINDOW)],
    "MaxPoolGradGrad": [
        example(single(1, 4, 4, 1), single(1, 2, 2, 1), single(1, 4, 4, 1), **WINDOW)
    ],
    "AvgPool": [example(IMAGES, **WINDOW), example(IMAGES, **TIGHT_WINDOW)],
    "AvgPoolGrad": [example([2, 5, 4, 3], numbers(2, 3, 2, 3), **WINDOW)],
    "LRN": [example(IMAGES, depth_radius=1, bias=1.3, alpha=0.7, beta=0.75)],
    "LRNGrad": [example(SINGLE, SINGLE, SINGLE, depth_radius=1)],
    "FusedBatchNormV3": [
        example(SINGLE, single(3), single(3), [], []),
        example(SINGLE, single(3), single(3), single(3), single(3) ** 2, is_training=False),
    ],
    "FusedBatchNormGradV3": [example(SINGLE, SINGLE, single(3), single(3), single(3) ** 2)],
}

IMAGE_OPS = {
    "SpaceToBatchND": [example(numbers(2, 4, 3, 2), [2, 2], [[0, 0], [1, 0]])],
    "BatchToSpaceND": [example(numbers(4, 2, 2, 2), [2, 2], [[0, 1], [1, 0]])],
    "SpaceToDepth": [example(numbers(2, 4, 2, 3), block_size=2)],
    "DepthToSpace": [example(numbers(2, 2, 1, 8), block_size=2)],
    **{
        f"Resize{how}": [example(SINGLE, [3, 7]), example(SINGLE, [9, 2], align_corners=True)]
        for how in ("Bilinear", "Bicubic", "Area", "NearestNeighbor")
    },
    **{
        f"Resize{how}Grad": [example(SINGLE, single(2, 3, 7, 3))] for how in ("Bilinear", "Bicubic")
    },
    "ResizeNearestNeighborGrad": [example(IMAGES, [3, 7])],
    "AdjustContrastv2": [example(IMAGES, np.array(0.7))],
    **{name: [example(np.abs(SINGLE) / 2)] for name in ("RGBToHSV", "HSVToRGB")},
    **{
        name: [example(np.abs(SINGLE) / 2, np.float32(0.3))]
        for name in ("AdjustHue", "AdjustSaturation")
    },
    "DecodePng": [
        example(text(png(3, 2)), channels=3, unknown=True),
        example(text(png(3, 2)), dtype=gs.uint16, unknown=True),
    ],
    "EncodePng": [example(np.arange(24, dtype=np.uint8).reshape(2, 4, 3))],
    "MirrorPad": [
        example(X, [[1, 1], [0, 2]], mode="REFLECT"),
        example(CUBE, [[0, 2], [1, 0], [0, 3]], mode="SYMMETRIC"),
    ],
    "MirrorPadGrad": [example(numbers(4, 5), X, [[1, 1], [0, 2]], mode="REFLECT")],
    "SampleDistortedBoundingBoxV2": [
        example(ints(40, 30, 3), single(1, 1, 4) * 0 + np.float32([0.1, 0.2, 0.9, 0.8]), 0.3),
    ],
}

ARRAYS = {
    "ReverseSequence": [
        example(CUBE, ints(2, 3), seq_dim=1, batch_dim=0),
        example(CUBE, ints(0, 2, 1), seq_dim=2, batch_dim=1),
    ],
    "Diag": [example(X), example(X[0])],
    "DiagPart": [example(numbers(3, 3)), example(numbers(2, 3, 2, 3))],
    "Unique": [example(ints(3, 1, 3, 2, 1), unknown=True)],
    "UniqueWithCounts": [example(ints(3, 1, 3, 2, 1), out_idx=gs.int64, unknown=True)],
    "ListDiff": [example(ints(1, 2, 3, 4), ints(2, 4), unknown=True)],
    "DynamicPartition": [
        example(numbers(4, 2), ints(1, 0, 1, 1), num_partitions=3, unknown=True),
        example(X, ints([0, 1, 0], [1, 1, 0]), num_partitions=2, unknown=True),
    ],
    **{
        name: [example([ints(0, 2), ints([1], [3]), X[:, :2], numbers(2, 1, 2)], N=2, unknown=True)]
        for name in ("DynamicStitch", "ParallelDynamicStitch")
    },
    "SparseToDense": [
        example(longs(1, 3), [5], numbers(2), numbers()),
        example(ints([0, 1], [1, 2]), [2, 3], numbers(2), 0.0),
    ],
    "SparseReorder": [example(np.array([[1, 0], [0, 2]], np.int64), numbers(2), longs(2, 3))],
    "SparseTensorDenseMatMul": [
        example(np.array([[0, 1], [1, 0]], np.int64), numbers(2), [2, 3], numbers(3, 2)),
        example(
            np.array([[0, 1], [1, 0]], np.int64),
            numbers(2),
            [2, 3],
            numbers(4, 2),
            adjoint_a=True,
            adjoint_b=True,
        ),
    ],
    "EditDistance": [
        example(
            np.array([[0, 0], [0, 1]], np.int64),
            ints(1, 2),
            longs(1, 2),
            np.array([[0, 0], [0, 1]], np.int64),
            ints(1, 3),
            longs(1, 2),
            unknown=True,
        )
    ],
}

SEGMENT_OPS = {
    **{
        f"Segment{how}": [
            example(CUBE.reshape(3, 2, 4), ints(0, 0, 1), unknown=True),
            example(numbers(3), ints(0, 1, 1), unknown=True),
        ]
        for how in ("Sum", "Mean", "Prod", "Max", "Min")
    },
    **{
        f"UnsortedSegment{how}": [
            example(numbers(3, 2), ints(1, 0, 1), 2),
            example(CUBE, ints([0, 2, 0], [2, 1, -1]), 3),
        ]
        for how in ("Sum", "Prod", "Max", "Min")
    },
    **{
        f"SparseSegment{how}": [example(numbers(4, 2), ints(3, 0, 3), ints(0, 0, 1), unknown=True)]
        for how in ("Sum", "Mean", "SqrtN")
    },
}

ALGEBRA = {
    "MatrixInverse": [example(SQUARE), example(np.stack([SQUARE, SQUARE.T]), adjoint=True)],
    "MatrixDeterminant": [example(SQUARE), example(np.stack([SQUARE, SQUARE.T]))],
    "LogMatrixDeterminant": [example(SQUARE)],
    "MatrixSolve": [
        example(SQUARE, numbers(3, 2)),
        example(np.stack([SQUARE, SQUARE.T]), numbers(2, 3, 1), adjoint=True),
    ],
    "MatrixTriangularSolve": [
        example(SQUARE, numbers(3, 2)),
        example(SQUARE, numbers(3, 2), lower=False, adjoint=True),
    ],
    "MatrixBandPart": [example(CUBE, 1, 0), example(SQUARE, -1, 1)],
    # Of the symmetric ones only a triangle is read, so differences say nothing: see the goldens.
    "Cholesky": [example(DEFINITE.astype(np.float32))],
    "SelfAdjointEigV2": [
        example(SYMMETRIC.astype(np.float32), compute_v=False),
        example(SYMMETRIC.astype(np.float32)),
    ],
    "Svd": [example(X), example(X.T), example(CUBE, compute_uv=False)],
    "Qr": [example(SQUARE), example(numbers(4, 2))],
}

TEXTS = {
    "StringToNumber": [example(texts(b"1.5", b"-2")), example(text(b"7"), out_type=gs.int32)],
    "AsString": [example(X, precision=2), example(ints(1, -2)), example(bools(True, False))],
    "DecodeRaw": [example(texts(b"\x01\x02", b"\x03\x04"), out_type=gs.uint8, unknown=True)],
    "StringJoin": [example([texts(b"a", b"b"), text(b"c")], separator="-")],
    "ReduceJoin": [
        example(texts(b"a", b"b", b"c", b"d").reshape(2, 2), [0], separator="+"),
        example(texts(b"a", b"b", b"c", b"d").reshape(2, 2), [-1], keep_dims=True),
    ],
    "StringSplit": [example(texts(b"a b", b" c"), text(b" "), unknown=True)],
    "StringLength": [example(texts(b"abc", b""))],
    "Substr": [example(texts(b"abcd", b"efgh"), 1, 2), example(texts(b"abcd"), ints(-3), ints(2))],
    "StringLower": [example(texts(b"aB", b"C"))],
    "StringUpper": [example(texts(b"aB", b"C"))],
    "StringStrip": [example(texts(b" aB ", b"C"))],
    "StaticRegexReplace": [example(texts(b"aab", b"c"), pattern="(a+)", rewrite=r"<\1>")],
}

CONTROL = {
    "CheckNumerics": [example(X, message="x")],
    "Print": [example(X, [Y, ints(1, 2)], message="here", first_n=0)],
    "PyFunc": [example([X, Y], func=np.add, Tout=[gs.float64], unknown=True)],
    "PyFuncStateless": [example([X], func=np.sin, Tout=[gs.float64], unknown=True)],
    "RandomShuffle": [example(X), example(numbers(5))],
    "Multinomial": [example(X, 4), example(X, 2, output_dtype=gs.int32, seed=1)],
    **{
        name: [
            example(
                np.array([[1], [4]], np.int64), num_true=1, num_sampled=3, unique=True, range_max=9
            )
        ]
        for name in ("LogUniformCandidateSampler", "UniformCandidateSampler")
    },
    "ComputeAccidentalHits": [
        example(np.array([[1], [4]], np.int64), longs(4, 2), num_true=1, unknown=True)
    ],
}

RECORD = text(b"\n\x0b\n\x04loss\x15\x00\x00\x80?")  # the number 1 under the tag loss

SUMMARIES = {
    "ScalarSummary": [example(text(b"loss"), np.array(0.5)), example(texts(b"a", b"b"), X[0, :2])],
    "HistogramSummary": [example(text(b"weights"), X)],
    "ImageSummary": [example(text(b"pictures"), SINGLE, max_images=1)],
    "MergeSummary": [example([RECORD]), example([RECORD, texts(b"")])],
}

MORE_EXAMPLES: dict[str, list[Example]] = {
    **OPERATION_EXAMPLES,
    **NUMBERS,
    **NETWORKS,
    **IMAGE_OPS,
    **ARRAYS,
    **SEGMENT_OPS,
    **ALGEBRA,
    **TEXTS,
    **CONTROL,
    **SUMMARIES,
}
