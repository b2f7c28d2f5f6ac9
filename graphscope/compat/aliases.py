"""Second names: what is the same thing in another module of TensorFlow."""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope import errors, summary, train
from graphscope.graph import dtypes, static_shapes
from graphscope.ops import sampling


def _nothing(*_: Any, **__: Any) -> None:
    """What switches between ways of TensorFlow does here: nothing, there is one way."""


def _no() -> bool:
    """Whether a way of TensorFlow 2 is on: it never is."""
    return False


#: To be added to the modules of these names.
ALIASES: dict[str, dict[str, Any]] = {
    "tensorflow": {
        "OpError": errors.OpError,
        "SummaryMetadata": summary.SummaryMetadata,
        "control_flow_v2_enabled": _no,
        "disable_control_flow_v2": _nothing,
        "disable_tensor_equality": _nothing,
        "reverse_v2": graphscope.reverse,
    },
    "tensorflow.train": {"piecewise_constant_decay": train.piecewise_constant},
    "tensorflow.math": {"mod": graphscope.floormod},
    "tensorflow.linalg": {"global_norm": graphscope.global_norm},
    "tensorflow.debugging": {"assert_all_finite": graphscope.verify_tensor_all_finite},
    "tensorflow.dtypes": {
        "QUANTIZED_DTYPES": frozenset(each for t in dtypes.QUANTIZED for each in (t, t.ref)),
        "as_string": graphscope.as_string,
        "complex": graphscope.complex,
        "double": dtypes.double,
        "half": dtypes.half,
    },
    "tensorflow.random": {"all_candidate_sampler": sampling.all_candidate_sampler},
    "tensorflow.sparse": {
        "segment_mean": graphscope.sparse_segment_mean,
        "segment_sqrt_n": graphscope.sparse_segment_sqrt_n,
        "segment_sum": graphscope.sparse_segment_sum,
        "sparse_dense_matmul": graphscope.sparse_tensor_dense_matmul,
    },
    "tensorflow.compat": {
        "dimension_at_index": static_shapes.dimension_at_index,
        "dimension_value": static_shapes.dimension_value,
    },
}
