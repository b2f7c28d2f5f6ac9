"""Examples of the operations of images: colours, patches, boxes, kernels of any width."""

from __future__ import annotations

import numpy as np
from example import example, ints, positive
from more_examples import SINGLE, single

import graphscope as gs

COLOURS = positive(1, 2, 2, 3) / 3
#: Two boxes in the first image, and one in the second that reaches beyond it.
BOXES = np.array([[0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], [-0.2, 0.3, 0.7, 1.3]], np.float32)
#: Three boxes of which the second overlaps the first.
RIVALS = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11]], np.float32)
SCORES = np.array([0.9, 0.75, 0.6], np.float32)
THRESHOLDS = (np.float32(0.5), np.float32(0.1))
SCALE = (np.array([0.6, 1.5], np.float32), np.array([0.2, -0.3], np.float32))

IMAGE_EXAMPLES = {
    "RGBToHSV": [example(COLOURS)],
    "RGBToHSVGrad": [example(single(1, 2, 2, 3), single(1, 2, 2, 3), single(1, 2, 2, 3))],
    "CropAndResize": [
        example(SINGLE, BOXES, ints(0, 0, 1), [3, 2]),
        example(SINGLE, BOXES, ints(0, 0, 1), [2, 2], method="nearest", extrapolation_value=2.0),
        example(SINGLE, BOXES, ints(0, 0, 1), [1, 1]),
    ],
    "CropAndResizeGradImage": [
        example(single(3, 2, 2, 3), BOXES, ints(0, 0, 1), [2, 5, 4, 3], T=gs.float32),
    ],
    "CropAndResizeGradBoxes": [example(single(3, 2, 2, 3), SINGLE, BOXES, ints(0, 0, 1))],
    "NonMaxSuppressionV3": [example(RIVALS, SCORES, 3, *THRESHOLDS, unknown=True)],
    "NonMaxSuppressionV4": [
        example(RIVALS, SCORES, 3, *THRESHOLDS, unknown=True),
        example(RIVALS, SCORES, 3, *THRESHOLDS, pad_to_max_output_size=True),
    ],
    "NonMaxSuppressionV5": [example(RIVALS, SCORES, 3, *THRESHOLDS, np.float32(0.5), unknown=True)],
    "NonMaxSuppressionWithOverlaps": [
        example(np.eye(3, dtype=np.float32), SCORES, 2, *THRESHOLDS, unknown=True)
    ],
    "CombinedNonMaxSuppression": [
        example(RIVALS[None, :, None], SCORES[None, :, None], 2, 3, *THRESHOLDS),
        example(
            RIVALS[None, :, None], SCORES[None, :, None], 2, 3, *THRESHOLDS, pad_per_class=True
        ),
    ],
    "ScaleAndTranslate": [
        example(SINGLE, [3, 6], *SCALE),
        example(SINGLE, [3, 6], *SCALE, kernel_type="keyscubic", antialias=False),
    ],
    "ScaleAndTranslateGrad": [example(single(2, 3, 6, 3), SINGLE, *SCALE, kernel_type="triangle")],
}
