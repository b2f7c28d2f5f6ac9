"""Examples of the operations of networks: volumes, pooling with positions, morphology."""

from __future__ import annotations

from example import example, ints, numbers
from more_examples import IMAGES, SINGLE, TIGHT, TIGHT_WINDOW, WINDOW, longs, single

VOLUMES = numbers(2, 3, 4, 3, 2)
ROOM = {"strides": [1, 1, 2, 1, 1], "padding": "SAME"}
BOX = {"ksize": [1, 2, 2, 3, 1], "strides": [1, 1, 2, 2, 1], "padding": "SAME"}
SQUARE_WINDOW = ([1, 2, 2, 1], [1, 2, 2, 1])
HOLES = {"rates": [1, 2, 1, 1], "strides": [1, 1, 2, 1], "padding": "SAME"}
#: Two rows, two columns: each window's own part.
PLACES = longs(0, 3, 9, 14).reshape(1, 2, 2, 1)
PARTS = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}

NETWORK_EXAMPLES = {
    "Conv3D": [
        example(VOLUMES, numbers(2, 2, 2, 2, 3), **ROOM),
        example(VOLUMES, numbers(1, 2, 3, 2, 1), strides=[1] * 5, padding="VALID"),
    ],
    "Conv3DBackpropInputV2": [
        example([2, 3, 4, 3, 2], numbers(2, 2, 2, 2, 3), numbers(2, 3, 2, 3, 3), **ROOM)
    ],
    "Conv3DBackpropFilterV2": [
        example(VOLUMES, [2, 2, 2, 2, 3], numbers(2, 3, 2, 3, 3), **ROOM),
    ],
    "MaxPool3D": [example(VOLUMES, **BOX)],
    "MaxPool3DGrad": [example(single(1, 2, 2, 3, 1), single(2), single(1, 2, 1, 2, 1), **BOX)],
    "MaxPool3DGradGrad": [
        example(single(1, 2, 2, 3, 1), single(1, 2, 1, 2, 1), single(1, 2, 2, 3, 1), **BOX)
    ],
    "AvgPool3D": [example(VOLUMES, **BOX)],
    "AvgPool3DGrad": [example([2, 3, 4, 3, 2], numbers(2, 3, 2, 2, 2), **BOX)],
    "MaxPoolV2": [
        example(IMAGES, *SQUARE_WINDOW, padding="VALID"),
        example(IMAGES, ints(1, 2, 2, 1), [1, 1, 1, 1], unknown=True, padding="SAME"),
    ],
    "MaxPoolGradV2": [
        example(single(1, 4, 4, 1), single(2), single(1, 2, 2, 1), *SQUARE_WINDOW, padding="SAME")
    ],
    "MaxPoolGradGradV2": [
        example(
            *(single(1, 4, 4, 1), single(1, 2, 2, 1), single(1, 4, 4, 1)),
            *SQUARE_WINDOW,
            padding="SAME",
        )
    ],
    "MaxPoolWithArgmax": [
        example(IMAGES, **WINDOW),
        example(IMAGES, include_batch_in_index=True, **TIGHT_WINDOW),
    ],
    "MaxPoolGradWithArgmax": [example(single(1, 4, 4, 1), single(1, 2, 2, 1), PLACES, **PARTS)],
    "MaxPoolGradGradWithArgmax": [
        example(single(1, 4, 4, 1), single(1, 4, 4, 1), PLACES, **PARTS),
    ],
    "WeightsFit": [example(ints(2, 1), ints(2, 3)), example(ints(2), ints(2, 3))],
    "AllCandidateSampler": [
        example(longs(1, 2).reshape(2, 1), num_true=1, num_sampled=4, unique=True)
    ],
    "DataFormatDimMap": [
        example(ints(0, 1, -1, -2)),
        example(ints([3, 0], [1, -4]), src_format="NHWC", dst_format="HWNC"),
    ],
    "DataFormatVecPermute": [
        example(ints(7, 4, 9, 3)),
        example(ints([7, 4], [9, 3], [4, 5], [5, 1]), src_format="NCHW", dst_format="NHWC"),
    ],
    "Dilation2D": [
        example(IMAGES, numbers(2, 3, 3) / 3, **HOLES),
        example(IMAGES, numbers(2, 2, 3) / 3, rates=[1, 1, 1, 1], **TIGHT),
    ],
    "Dilation2DBackpropInput": [
        example(SINGLE, single(2, 3, 3), single(2, 5, 2, 3), **HOLES),
    ],
    "Dilation2DBackpropFilter": [
        example(SINGLE, single(2, 3, 3), single(2, 5, 2, 3), **HOLES),
    ],
    "FusedBatchNormGradV3": [
        example(SINGLE, SINGLE, single(3), single(3), single(3) ** 2, []),
        example(SINGLE, SINGLE, single(3), single(3), single(3) ** 2, [], is_training=False),
    ],
}
