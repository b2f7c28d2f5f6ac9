"""Names of tensorflow.python.ops and .framework that are not public, or not the public ones."""

from __future__ import annotations

from typing import Any

import graphscope
from graphscope.compat.tables import MODULES as PUBLIC
from graphscope.graph import static_shapes
from graphscope.ops import (
    array,
    batches,
    bits,
    constants,
    gamma,
    linalg,
    matrix_functions,
    no_nan,
    reduction,
    set_operations,
    sets,
    shape_checks,
    slicing,
    sparse,
    sparse_layout,
    text,
    text_patterns,
    weights,
)
from graphscope.platform import eager, gradient_checker


def _named(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


def _versions(names: str, version: str) -> dict[str, Any]:
    """Public functions under the names that tell TensorFlow 1 from 2."""
    return {f"{name}_{version}": getattr(graphscope, name) for name in names.split()}


#: tf.linalg, with the names that functions have inside.
LINALG = PUBLIC["tensorflow.linalg"] | _named(matrix_functions, "matrix_exponential")

NAMES: dict[str, dict[str, Any]] = {
    "framework.constant_op": {
        "constant": constants.constant_or_broadcast,
        "constant_v1": graphscope.constant,
    },
    "framework.tensor_shape": _named(static_shapes, "dimension_at_index", "dimension_value"),
    "framework.tensor_spec": {"TensorSpec": eager.TensorSpec},
    "ops.array_ops": {
        "_SLICE_TYPE_ERROR": slicing.SLICE_TYPE_ERROR,
        **_named(array, "rank_internal", "shape_internal", "size_internal"),
        **_named(batches, "batch_gather_nd", "repeat_with_axis", "tile_one_dimension"),
    },
    "ops.bitwise_ops": _named(bits, *bits.__all__),
    "ops.special_math_ops": _named(gamma, "bessel_i0", "bessel_i1"),
    **dict.fromkeys(
        ("ops.sets", "ops.sets_impl"),
        _named(set_operations, "set_difference", "set_intersection", "set_size", "set_union"),
    ),
    "ops.histogram_ops": _named(sets, "histogram_fixed_width_bins"),
    "ops.confusion_matrix": _named(weights, "confusion_matrix", "remove_squeezable_dimensions"),
    "ops.gradient_checker_v2": {
        "compute_gradient": gradient_checker.compute_gradient_of,
        "max_error": gradient_checker.max_error,
    },
    "ops.string_ops": {
        "string_length": text.string_length,
        "string_lower": text.string_lower,
        "string_upper": text.string_upper,
        **_named(text_patterns, "regex_full_match", "unsorted_segment_join"),
    },
    "ops.linalg_ops": {
        "eye": graphscope.eye,
        **_named(matrix_functions, "lu", "matrix_logarithm", "matrix_square_root"),
    },
    **dict.fromkeys(("ops.linalg.linalg", "ops.linalg.linalg_impl"), LINALG),
    "ops.manip_ops": {"roll": graphscope.roll},
    "ops.sparse_ops": {
        **_named(sparse_layout, "sparse_expand_dims", "sparse_eye"),
        "from_dense": sparse.from_dense,
    },
    "ops.check_ops": {
        "assert_shapes": shape_checks.assert_shapes,
        "ensure_shape": graphscope.ensure_shape,
    },
    "ops.math_ops": {
        **_named(
            no_nan,
            *("cumulative_logsumexp", "multiply_no_nan", "nextafter", "polyval"),
            "reciprocal_no_nan",
        ),
        **_named(gamma, "bessel_i0e", "bessel_i1e", "igamma", "igammac", "betainc"),
        "matvec": linalg.matvec,
        "reduced_shape": batches.reduced_shape,
        **_named(reduction, "reduce_euclidean_norm", "reduce_std", "reduce_variance"),
        **_versions(
            "reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod "
            "reduce_sum",
            "v1",
        ),
    },
}
