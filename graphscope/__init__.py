"""GraphScope: run, step, draw and question TensorFlow-1 style computation graphs.

``import graphscope as gs`` gives the graph API of TensorFlow 1 (``gs.placeholder``, ``gs.Session``,
``gs.train``...), running on GraphScope's own engine, and beside it ``gs.debug``.
"""

from importlib import import_module as _import_module

from graphscope.later import Member as _Member
from graphscope.later import later as _later


def _break_when(session, condition, commands=None):  # type: ignore[no-untyped-def]
    """Debug the runs of a session from now on: see `graphscope.repl.here.break_when`."""
    return _import_module("graphscope.repl.here").break_when(session, condition, commands)


# Rooms know nothing of those above them; here, outside of the house, they meet.


def _with_operators() -> None:
    """Tensors have operators, and graphs what the vocabulary, the formats and notebooks give
    them."""
    _import_module("graphscope.ops.operators")
    words = _import_module("graphscope.graph.graph")
    for kind, module, names in (
        (words.Graph, "ops.gradient_registry", ["gradient_override_map"]),
        (words.Graph, "ops.variable_store", ["_variable_creator_stack"]),
        (words.Graph, "formats.exporting", ["as_graph_def"]),
        (words.Operation, "formats.exporting", ["get_attr", "node_def"]),
        (words.Graph, "show.notebooks", ["_repr_svg_", "_repr_mimebundle_"]),
        (words.Operation, "show.notebooks", ["_repr_svg_"]),
        (words.Tensor, "show.notebooks", ["_repr_svg_"]),
    ):
        for name in names:
            _Member.promised(kind, name, f"graphscope.{module}")


def _with_debugger() -> None:
    """Sessions can be debugged."""
    session = _import_module("graphscope.engine.session")
    session.Session.break_when = _break_when


def _with_renderers() -> None:
    """Answers of the debugger can be read, and pictures painted."""
    _import_module("graphscope.show")


_ARRIVALS = {
    "graph": _with_operators,
    "ops": _with_operators,
    "engine": _with_debugger,
    "debug": _with_renderers,
}

with _later(__name__, _ARRIVALS):
    from graphscope import (
        contrib,
        errors,
        image,
        keras,
        layers,
        losses,
        metrics,
        nn,
        saved_model,
        summary,
        testing,
        train,
    )
    from graphscope.debug import Debugger, debug, first_divergence
    from graphscope.engine.session import InteractiveSession, Session
    from graphscope.formats.files import import_file
    from graphscope.formats.importing import import_graph_def
    from graphscope.formats.messages import AttrValue, GraphDef, MetaGraphDef, NodeDef
    from graphscope.formats.opened.telling import open_file
    from graphscope.gradients import gradients
    from graphscope.graph.convert import convert_to_tensor
    from graphscope.graph.dtypes import (
        DType,
        as_dtype,
        bfloat16,
        complex64,
        complex128,
        double,
        float16,
        float32,
        float64,
        half,
        int8,
        int16,
        int32,
        int64,
        string,
        uint8,
        uint16,
        uint32,
        uint64,
    )
    from graphscope.graph.dtypes import (
        bool_ as bool,
    )
    from graphscope.graph.graph import (
        Graph,
        Operation,
        Tensor,
        get_default_graph,
        get_default_session,
        reset_default_graph,
    )
    from graphscope.graph.indexed_slices import (
        IndexedSlices,
        IndexedSlicesValue,
        convert_to_tensor_or_indexed_slices,
    )
    from graphscope.graph.scopes import (
        add_to_collection,
        colocate_with,
        control_dependencies,
        device,
        get_collection,
        name_scope,
    )
    from graphscope.graph.shapes import Dimension, TensorShape
    from graphscope.notebook import load_ipython_extension as load_ipython_extension
    from graphscope.notebook import unload_ipython_extension as unload_ipython_extension
    from graphscope.ops import bits as bitwise
    from graphscope.ops import set_operations as sets
    from graphscope.ops.activations import count_nonzero
    from graphscope.ops.array import (
        broadcast_to,
        constant,
        expand_dims,
        fill,
        identity,
        invert_permutation,
        ones,
        ones_like,
        placeholder,
        placeholder_with_default,
        range,
        rank,
        reshape,
        shape,
        shape_n,
        size,
        squeeze,
        stop_gradient,
        transpose,
        zeros,
        zeros_like,
    )
    from graphscope.ops.batches import batch_gather, broadcast_dynamic_shape, gather_nd, repeat
    from graphscope.ops.blocks import (
        batch_to_space,
        batch_to_space_nd,
        depth_to_space,
        required_space_to_batch_paddings,
        space_to_batch,
        space_to_batch_nd,
        space_to_depth,
    )
    from graphscope.ops.branches import cond
    from graphscope.ops.cases import case
    from graphscope.ops.checks import (
        add_check_numerics_ops,
        assert_equal,
        assert_greater,
        assert_greater_equal,
        assert_less,
        assert_less_equal,
        assert_near,
        assert_negative,
        assert_non_negative,
        assert_non_positive,
        assert_none_equal,
        assert_positive,
        assert_rank,
        assert_rank_at_least,
        assert_rank_in,
        assert_scalar,
        assert_type,
        check_numerics,
        is_numeric_tensor,
        py_func,
        verify_tensor_all_finite,
    )
    from graphscope.ops.checks import assert_ as Assert
    from graphscope.ops.checks import print_ as Print
    from graphscope.ops.clipping import (
        clip_by_average_norm,
        clip_by_global_norm,
        clip_by_norm,
        clip_by_value,
        global_norm,
    )
    from graphscope.ops.color import saturate_cast
    from graphscope.ops.complex_numbers import angle, imag, real
    from graphscope.ops.complex_numbers import complex_ as complex
    from graphscope.ops.conjugates import conj
    from graphscope.ops.constants import linspace
    from graphscope.ops.constants import linspace as lin_space
    from graphscope.ops.control_flow import group, no_op
    from graphscope.ops.control_flow import tuple_ as tuple
    from graphscope.ops.decompositions import (
        cholesky,
        cholesky_solve,
        matrix_band_part,
        matrix_determinant,
        matrix_inverse,
        matrix_solve,
        matrix_solve_ls,
        matrix_transpose,
        matrix_triangular_solve,
        qr,
        self_adjoint_eig,
        self_adjoint_eigvals,
        svd,
    )
    from graphscope.ops.elementwise import abs_ as abs
    from graphscope.ops.elementwise import cast, erf, negative, sign, sqrt, square, tanh
    from graphscope.ops.folds import foldl, foldr, map_fn, scan
    from graphscope.ops.gamma import betainc, igamma, igammac
    from graphscope.ops.indexing import boolean_mask, gather, scatter_nd
    from graphscope.ops.initializers import (
        Constant as constant_initializer,
    )
    from graphscope.ops.initializers import (
        GlorotNormal as glorot_normal_initializer,
    )
    from graphscope.ops.initializers import (
        GlorotUniform as glorot_uniform_initializer,
    )
    from graphscope.ops.initializers import (
        Ones as ones_initializer,
    )
    from graphscope.ops.initializers import (
        Orthogonal as orthogonal_initializer,
    )
    from graphscope.ops.initializers import (
        RandomNormal as random_normal_initializer,
    )
    from graphscope.ops.initializers import (
        RandomUniform as random_uniform_initializer,
    )
    from graphscope.ops.initializers import (
        TruncatedNormal as truncated_normal_initializer,
    )
    from graphscope.ops.initializers import (
        UniformUnitScaling as uniform_unit_scaling_initializer,
    )
    from graphscope.ops.initializers import (
        VarianceScaling as variance_scaling_initializer,
    )
    from graphscope.ops.initializers import (
        Zeros as zeros_initializer,
    )
    from graphscope.ops.joining import concat, one_hot, split, stack, unstack, where, where_v2
    from graphscope.ops.joining import slice_ as slice
    from graphscope.ops.layout import (
        diag,
        diag_part,
        eye,
        matrix_diag,
        matrix_diag_part,
        matrix_set_diag,
        pad,
        reverse,
        reverse_sequence,
    )
    from graphscope.ops.linalg import matmul
    from graphscope.ops.logic import (
        equal,
        greater,
        greater_equal,
        is_finite,
        is_inf,
        is_nan,
        less,
        less_equal,
        logical_and,
        logical_not,
        logical_or,
        logical_xor,
        not_equal,
    )
    from graphscope.ops.loops import while_loop
    from graphscope.ops.math import (
        add,
        add_n,
        ceil,
        cos,
        div,
        div_no_nan,
        divide,
        exp,
        expm1,
        floor,
        floordiv,
        floormod,
        log,
        log1p,
        maximum,
        minimum,
        multiply,
        reciprocal,
        round,
        rsqrt,
        sigmoid,
        sin,
        squared_difference,
        subtract,
        to_bfloat16,
        to_complex64,
        to_complex128,
        to_double,
        to_float,
        to_int32,
        to_int64,
        truediv,
        truncatediv,
        truncatemod,
    )
    from graphscope.ops.math import floor_div as floor_div
    from graphscope.ops.math import (
        floormod as mod,
    )
    from graphscope.ops.math import (
        pow_ as pow,
    )
    from graphscope.ops.math import (
        real_div as realdiv,
    )
    from graphscope.ops.matrix_functions import matrix_square_root
    from graphscope.ops.passing import ensure_shape, guarantee_const, identity_n, parallel_stack
    from graphscope.ops.patches import extract_image_patches
    from graphscope.ops.products import cross, einsum, norm, tensordot, trace
    from graphscope.ops.random import (
        random_normal,
        random_uniform,
        set_random_seed,
        truncated_normal,
    )
    from graphscope.ops.reduction import (
        arg_max,
        arg_min,
        argmax,
        argmin,
        cumprod,
        cumsum,
        reduce_all,
        reduce_any,
        reduce_logsumexp,
        reduce_max,
        reduce_mean,
        reduce_min,
        reduce_prod,
        reduce_sum,
    )
    from graphscope.ops.repeating import roll, tile
    from graphscope.ops.scatter import (
        scatter_add,
        scatter_div,
        scatter_max,
        scatter_min,
        scatter_mul,
        scatter_nd_add,
        scatter_nd_sub,
        scatter_nd_update,
        scatter_sub,
        scatter_update,
    )
    from graphscope.ops.search import argsort, searchsorted, sort, unravel_index
    from graphscope.ops.segment import (
        segment_max,
        segment_mean,
        segment_min,
        segment_prod,
        segment_sum,
        sparse_segment_mean,
        sparse_segment_sqrt_n,
        sparse_segment_sum,
        unsorted_segment_max,
        unsorted_segment_mean,
        unsorted_segment_min,
        unsorted_segment_prod,
        unsorted_segment_sqrt_n,
        unsorted_segment_sum,
    )
    from graphscope.ops.sets import (
        bincount,
        dynamic_partition,
        dynamic_stitch,
        histogram_fixed_width,
        histogram_fixed_width_bins,
        is_non_decreasing,
        is_strictly_increasing,
        meshgrid,
        sequence_mask,
        setdiff1d,
        unique,
        unique_with_counts,
    )
    from graphscope.ops.shape_checks import (
        assert_integer,
        assert_proper_iterable,
        assert_same_float_dtype,
    )
    from graphscope.ops.shuffling import multinomial, random_crop, random_shuffle
    from graphscope.ops.slicing import strided_slice
    from graphscope.ops.sparse import (
        SparseTensor,
        SparseTensorValue,
        edit_distance,
        sparse_placeholder,
        sparse_reorder,
        sparse_retain,
        sparse_tensor_dense_matmul,
        sparse_tensor_to_dense,
        sparse_to_dense,
    )
    from graphscope.ops.sparse_arithmetic import (
        sparse_add,
        sparse_maximum,
        sparse_minimum,
        sparse_reduce_max,
        sparse_reduce_sum,
        sparse_softmax,
    )
    from graphscope.ops.sparse_layout import (
        sparse_concat,
        sparse_fill_empty_rows,
        sparse_mask,
        sparse_merge,
        sparse_reset_shape,
        sparse_reshape,
        sparse_slice,
        sparse_split,
        sparse_to_indicator,
        sparse_transpose,
    )
    from graphscope.ops.special import (
        accumulate_n,
        acos,
        acosh,
        asin,
        asinh,
        atan,
        atan2,
        atanh,
        bitcast,
        cosh,
        digamma,
        erfc,
        lbeta,
        lgamma,
        log_sigmoid,
        polygamma,
        rint,
        scalar_mul,
        sinh,
        tan,
        zeta,
    )
    from graphscope.ops.state import (
        assign,
        assign_add,
        assign_sub,
        count_up_to,
        is_variable_initialized,
    )
    from graphscope.ops.templates import make_template
    from graphscope.ops.tensor_array import TensorArray
    from graphscope.ops.text import (
        as_string,
        decode_raw,
        reduce_join,
        string_join,
        string_split,
        string_strip,
        string_to_number,
        substr,
    )
    from graphscope.ops.text_patterns import decode_base64, encode_base64, regex_replace
    from graphscope.ops.variable_scope import (
        AUTO_REUSE,
        VariableScope,
        get_local_variable,
        get_variable,
        get_variable_scope,
        no_regularizer,
        variable_op_scope,
        variable_scope,
    )
    from graphscope.ops.variables import (
        GraphKeys,
        Variable,
        assert_variables_initialized,
        global_variables,
        global_variables_initializer,
        local_variables,
        local_variables_initializer,
        model_variables,
        moving_average_variables,
        report_uninitialized_variables,
        trainable_variables,
        variables_initializer,
    )
    from graphscope.repl.here import pm, set_trace
    from graphscope.show import draw, film

__version__ = "0.1.0"

#: A new axis of size 1, in ``x[..., newaxis]``.
newaxis = None

# fmt: off
__all__ = [
    "AUTO_REUSE", "Assert", "DType", "Debugger", "Dimension", "Graph", "GraphKeys", "IndexedSlices",
    "IndexedSlicesValue", "InteractiveSession", "Operation", "Print", "Session", "SparseTensor",
    "SparseTensorValue", "Tensor", "TensorShape", "Variable", "VariableScope", "abs",
    "accumulate_n", "acos", "acosh", "add", "add_check_numerics_ops", "add_n", "add_to_collection",
    "angle", "arg_max", "arg_min", "argmax", "argmin", "argsort", "as_dtype", "as_string", "asin",
    "asinh", "assert_equal", "assert_greater", "assert_greater_equal", "assert_integer",
    "assert_less", "assert_less_equal", "assert_near", "assert_negative", "assert_non_negative",
    "assert_non_positive", "assert_none_equal", "assert_positive", "assert_proper_iterable",
    "assert_rank", "assert_rank_at_least", "assert_rank_in", "assert_same_float_dtype",
    "assert_scalar", "assert_type", "assert_variables_initialized", "assign", "assign_add",
    "assign_sub", "atan", "atan2", "atanh", "batch_gather", "batch_to_space", "batch_to_space_nd",
    "betainc", "bfloat16", "bincount", "bitcast", "bitwise", "bool", "boolean_mask",
    "broadcast_dynamic_shape", "broadcast_to", "cast", "ceil", "check_numerics", "cholesky",
    "cholesky_solve", "clip_by_average_norm", "clip_by_global_norm", "clip_by_norm",
    "clip_by_value", "colocate_with", "complex", "complex64", "complex128", "concat", "conj",
    "constant", "constant_initializer", "control_dependencies", "convert_to_tensor",
    "convert_to_tensor_or_indexed_slices", "cos", "cosh", "count_nonzero", "count_up_to", "cross",
    "cumprod", "cumsum", "debug", "decode_base64", "decode_raw", "depth_to_space", "device", "diag",
    "diag_part", "digamma", "div", "div_no_nan", "divide", "double", "draw", "dynamic_partition",
    "dynamic_stitch", "edit_distance", "einsum", "encode_base64", "ensure_shape", "equal", "erf",
    "erfc", "errors", "exp", "expand_dims", "expm1", "extract_image_patches", "eye", "fill", "film",
    "float16", "float32", "float64", "floor", "floor_div", "floordiv", "floormod", "gather",
    "gather_nd", "get_collection", "get_default_graph", "get_default_session", "get_local_variable",
    "get_variable", "get_variable_scope", "global_norm", "global_variables",
    "global_variables_initializer", "glorot_normal_initializer", "glorot_uniform_initializer",
    "gradients", "greater", "greater_equal", "group", "guarantee_const", "half",
    "histogram_fixed_width", "histogram_fixed_width_bins", "identity", "identity_n", "igamma",
    "igammac", "imag", "image", "int8", "int16", "int32", "int64", "invert_permutation",
    "is_finite", "is_inf", "is_nan", "is_non_decreasing", "is_numeric_tensor",
    "is_strictly_increasing", "is_variable_initialized", "lbeta", "less", "less_equal", "lgamma",
    "lin_space", "linspace", "local_variables", "local_variables_initializer", "log", "log1p",
    "log_sigmoid", "logical_and", "logical_not", "logical_or", "logical_xor", "make_template",
    "matmul", "matrix_band_part", "matrix_determinant", "matrix_diag", "matrix_diag_part",
    "matrix_inverse",
    "matrix_set_diag", "matrix_solve", "matrix_solve_ls", "matrix_square_root", "matrix_transpose",
    "matrix_triangular_solve", "maximum", "meshgrid", "minimum", "mod", "model_variables",
    "moving_average_variables", "multinomial", "multiply", "name_scope", "negative", "newaxis",
    "nn", "no_op", "no_regularizer", "norm", "not_equal", "one_hot", "ones", "ones_initializer",
    "ones_like", "orthogonal_initializer", "pad", "parallel_stack", "placeholder",
    "placeholder_with_default", "polygamma", "pow", "py_func", "qr", "random_crop", "random_normal",
    "random_normal_initializer", "random_shuffle", "random_uniform", "random_uniform_initializer",
    "range", "rank", "real", "realdiv", "reciprocal", "reduce_all", "reduce_any", "reduce_join",
    "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum",
    "regex_replace", "repeat", "report_uninitialized_variables", "required_space_to_batch_paddings",
    "reset_default_graph", "reshape", "reverse", "reverse_sequence", "rint", "roll", "round",
    "rsqrt", "saturate_cast", "scalar_mul", "scatter_add", "scatter_div", "scatter_max",
    "scatter_min", "scatter_mul", "scatter_nd", "scatter_nd_add", "scatter_nd_sub",
    "scatter_nd_update", "scatter_sub", "scatter_update", "searchsorted", "segment_max",
    "segment_mean", "segment_min", "segment_prod", "segment_sum", "self_adjoint_eig",
    "self_adjoint_eigvals", "sequence_mask", "set_random_seed", "setdiff1d", "sets", "shape",
    "shape_n", "sigmoid", "sign", "sin", "sinh", "size", "slice", "sort", "space_to_batch",
    "space_to_batch_nd", "space_to_depth", "sparse_add", "sparse_concat", "sparse_fill_empty_rows",
    "sparse_mask", "sparse_maximum", "sparse_merge", "sparse_minimum", "sparse_placeholder",
    "sparse_reduce_max", "sparse_reduce_sum", "sparse_reorder", "sparse_reset_shape",
    "sparse_reshape", "sparse_retain", "sparse_segment_mean", "sparse_segment_sqrt_n",
    "sparse_segment_sum", "sparse_slice", "sparse_softmax", "sparse_split",
    "sparse_tensor_dense_matmul", "sparse_tensor_to_dense", "sparse_to_dense",
    "sparse_to_indicator", "sparse_transpose", "split", "sqrt", "square", "squared_difference",
    "squeeze", "stack", "stop_gradient", "strided_slice", "string", "string_join", "string_split",
    "string_strip", "string_to_number", "substr", "subtract", "summary", "svd", "tan", "tanh",
    "tensordot", "tile", "to_bfloat16", "to_complex64", "to_complex128", "to_double", "to_float",
    "to_int32", "to_int64", "trace", "train", "trainable_variables", "transpose", "truediv",
    "truncated_normal", "truncated_normal_initializer", "truncatediv", "truncatemod", "tuple",
    "uint8", "uint16", "uint32", "uint64", "uniform_unit_scaling_initializer", "unique",
    "unique_with_counts", "unravel_index", "unsorted_segment_max", "unsorted_segment_mean",
    "unsorted_segment_min", "unsorted_segment_prod", "unsorted_segment_sqrt_n",
    "unsorted_segment_sum", "unstack", "variable_op_scope", "variable_scope",
    "variables_initializer", "variance_scaling_initializer", "verify_tensor_all_finite", "where",
    "where_v2", "zeros", "zeros_initializer", "zeros_like", "zeta",
]
# fmt: on
__all__ += ["cond", "first_divergence", "keras", "pm", "set_trace", "testing", "while_loop"]
__all__ += ["TensorArray", "case", "foldl", "foldr", "map_fn", "scan"]
__all__ += ["AttrValue", "GraphDef", "MetaGraphDef", "NodeDef", "import_graph_def"]
__all__ += ["import_file", "open_file", "saved_model"]
__all__ += ["contrib", "layers", "losses", "metrics"]
