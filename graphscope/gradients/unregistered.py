"""The operations for which TensorFlow 1.15 has no gradient at all.

Through others that are not differentiable no gradient flows, and who asks gets None. For these
TensorFlow was never told so: on the way from an x to a y they are an error.
"""

from __future__ import annotations

_WRITES = (
    *(f"{kind}{rule}" for kind in ("Apply", "SparseApply") for rule in ("Adadelta", "Adagrad")),
    *(f"{kind}{rule}" for kind in ("Apply", "SparseApply") for rule in ("AdagradDA", "Ftrl")),
    *(f"{kind}{rule}" for kind in ("Apply", "SparseApply") for rule in ("FtrlV2", "Momentum")),
    *(f"{kind}ProximalAdagrad" for kind in ("Apply", "SparseApply")),
    *(f"{kind}ProximalGradientDescent" for kind in ("Apply", "SparseApply")),
    *(f"{kind}CenteredRMSProp" for kind in ("Apply", "SparseApply")),
    *(f"{kind}RMSProp" for kind in ("Apply", "SparseApply")),
    *("ApplyAdam", "ApplyGradientDescent", "CountUpTo", "StridedSliceAssign"),
    *("ScatterMax", "ScatterMin", "ScatterUpdate"),
)

#: Their names. What gives no numbers with a fraction is left out: no gradient reaches it.
UNREGISTERED = frozenset(
    (
        *_WRITES,
        *("AdjustContrastv2", "AdjustHue", "AdjustSaturation", "ResizeArea"),
        *("AllCandidateSampler", "LogUniformCandidateSampler", "UniformCandidateSampler"),
        *("Bitcast", "Bincount", "ComputeAccidentalHits", "DataFormatDimMap"),
        *("DataFormatVecPermute", "GuaranteeConst", "HistogramFixedWidth", "IgammaGradA"),
        *("CombinedNonMaxSuppression", "NonMaxSuppressionV4", "NonMaxSuppressionV5"),
        *("ListDiff", "RandomShuffle", "Unique", "UniqueV2", "UniqueWithCounts"),
        *("UniqueWithCountsV2", "Lu", "MatrixLogarithm", "SegmentProd", "TruncateMod"),
        *("SparseFillEmptyRowsGrad", "SparseReduceMax", "SparseSliceGrad", "SparseSplit"),
    )
)
