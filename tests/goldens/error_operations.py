"""Mistakes with operations on arrays, numbers, sets, sparse tensors and texts, one line each.

Rows of (name, snippet, fragments...), added to those of error_cases.py. The fragments are what
programs look for in the messages.
"""

PLACEHOLDERS = "i = tf.placeholder(tf.int32); f = tf.placeholder(tf.float32); "
SPARSE = "s = tf.SparseTensor([[0, 1], [1, 0]], [1.0, 2.0], [2, 3]); "

ARRAYS = [
    ("matrix_transpose_rank", "tf.matrix_transpose([1, 2, 3])", "should be a "),
    (
        "mask_unknown",
        "tf.boolean_mask(tf.placeholder(tf.int32), tf.placeholder(tf.bool))",
        "dimensions must be specified",
    ),
    ("mask_of_more_axes", "tf.boolean_mask([1, 2], [[True], [False]])", "incompatible"),
    ("squeeze_axis_of_two", "tf.squeeze([[1, 2, 3]], [1])", "expected a dimension of 1, got 3"),
    ("expand_dims_axes", "tf.expand_dims(1, axis=[0, 1])", "must be a tensor with a single value"),
    ("reverse_twice", "tf.reverse([[1]], [0, -2])", "axis 0 specified more than once"),
    (
        "reverse_twice_fed",
        PLACEHOLDERS + "sess.run(tf.reverse([[1]], i), {i: [0, -2]})",
        "axis 0 specified more than once",
    ),
    (
        "reverse_outside_fed",
        PLACEHOLDERS + "sess.run(tf.reverse([[1]], i), {i: [2]})",
        "is out of valid range",
    ),
    ("slice_of_scalar", "tf.constant(0)[:]", "out of range"),
    ("slice_of_scalar_fed", PLACEHOLDERS + "sess.run(i[:], {i: 0})", "out of range"),
    ("index_negative", "tf.zeros([3, 2])[-200]", "out of bounds"),
    (
        "strided_slice_types",
        "tf.strided_slice(tf.zeros([3]), tf.constant([0]), tf.constant([1], tf.int64))",
        "int64",
        "int32",
    ),
    (
        "slice_assign",
        "tf.constant([1, 2])[:1].assign([3])",
        "Sliced assignment is only supported for variables",
    ),
    (
        "slice_assign_shape",
        "v = tf.Variable([1, 2]); sess.run(v.initializer); sess.run(v[:1].assign([3, 4]))",
        "does not match r-value shape",
        "Automatic broadcasting not yet implemented",
    ),
    (
        "slice_assign_unset",
        "v = tf.Variable([1, 2], name='unset'); sess.run(v[:1].assign([3]))",
        "Attempting to use uninitialized value unset",
    ),
    (
        "slice_assign_type",
        "tf.Variable([1, 2])[:1].assign(tf.constant([3], tf.int64))",
        "int64",
        "int32",
    ),
    (
        "slice_assign_resource_type",
        "tf.Variable([1], use_resource=True)[:1].assign(tf.constant([3], tf.int64))",
        "int64",
        "int32",
    ),
    ("mask_of_lengths", "tf.sequence_mask([1], [2])", "maxlen must be scalar"),
    ("tile_count", "tf.tile([[1]], [1, 2, 3])", "rank"),
    ("tile_matrix", "tf.tile([[1]], [[1, 2]])", "rank"),
    ("tile_negative", "sess.run(tf.tile([[1]], [1, -1]))", "-1"),
    (
        "gather_axis",
        "tf.gather([0, 1, 2], 0, axis=1)",
        "Shape must be at least rank 2 but is rank 1",
    ),
    (
        "gather_axis_fed",
        PLACEHOLDERS + "sess.run(tf.gather(i, 0, axis=2), {i: [0, 1]})",
        "Expected axis in the range [-1, 1), but got 2",
    ),
    (
        "gather_matrix",
        "sess.run(tf.gather([[0, 1], [2, 3]], [[7]]))",
        "indices[0,0] = 7 is not in [0, 2)",
    ),
    (
        "gather_nd_place",
        "sess.run(tf.gather_nd([0, 1, 2], [[[0], [7]]]))",
        "indices[0,1] = [7] does not index into param shape [3]",
    ),
    (
        "gather_nd_of_nothing",
        "sess.run(tf.gather_nd(tf.zeros([0, 3]), [[0, 2]]))",
        "but params is empty",
    ),
    ("concat_scalars", "tf.concat([1, 2], 0)", "Can't concatenate scalars (use tf.stack instead)"),
    ("concat_nothing", "tf.concat([], 0)", "values"),
    ("concat_axis_vector", "tf.concat([[1], [2]], [0])", "rank"),
    ("concat_rank", "tf.concat([tf.zeros([2]), tf.zeros([2, 2])], 0)", "rank"),
    ("concat_types", "tf.concat([tf.zeros([1]), tf.zeros([1], tf.int32)], 0)", "int32", "float32"),
    (
        "concat_offset_axis",
        "sess.run(tf.raw_ops.ConcatOffset(concat_dim=4, shape=[[2, 3], [1, 3]]))",
        "Concat dim is out of range: 4 vs. 2",
    ),
    (
        "concat_offset_sizes",
        "sess.run(tf.raw_ops.ConcatOffset(concat_dim=1, shape=[[2, 3], [3, 3]]))",
        "All dimensions except 1 must match",
    ),
    ("constant_of_type", "tf.constant(tf.string, '[,]')", "[,]"),
    ("ragged_with_type", "tf.constant([[1, 2], [3]], tf.int32)", "sequence"),
    ("shape_partly_known", "tf.convert_to_tensor(tf.TensorShape([1, None]))", "partially known"),
    ("dimension_unknown", "tf.convert_to_tensor(tf.TensorShape([None])[0])", "unknown Dimension"),
    ("shape_as_float", "tf.convert_to_tensor(tf.TensorShape([1]), tf.float32)", "float32"),
    ("fill_negative", "tf.fill([-1, 2], 7)", "Fill dimensions must be >= 0"),
    (
        "fill_negative_fed",
        PLACEHOLDERS + "sess.run(tf.fill(i, 7), {i: [-1]})",
        "Dimension -1 must be >= 0",
    ),
    ("fill_matrix", "tf.fill([[0, 1]], 1.0)", "rank 1"),
    ("fill_with_vector", "tf.fill([3, 2], [1.0, 2.0])", "rank 0"),
    ("stack_axis", "tf.stack([[1], [2]], axis=3)", "axis = 3 not in [-2, 2)"),
    ("unstack_axis", "tf.unstack([[1], [2]], axis=2)", "axis = 2 not in [-2, 2)"),
    ("unstack_scalar", "tf.unstack(tf.constant(1))", "axis = 0 not in [0, 0)"),
    ("unstack_count", "tf.unstack([[1], [2]], num=3)", "2", "3"),
    ("split_scalar", "tf.split(tf.constant(1), 1)", "0)"),
    ("split_unknown_number", PLACEHOLDERS + "tf.split([1, 2], i)", "Cannot infer num from shape"),
    ("split_axis", "tf.split(tf.zeros([2, 2]), 2, 5)", "5", "[-2, 2)"),
    ("transpose_outside", "tf.transpose(tf.zeros([2, 2]), [0, 2])", "perm dim 2 is out of range"),
    (
        "transpose_twice",
        "sess.run(tf.transpose(tf.zeros([2, 2]), [0, 0]))",
        "1 is missing from ",
    ),
    (
        "transpose_back",
        "sess.run(tf.transpose(tf.zeros([2, 2]), [0, -1]))",
        "-1 is out of range [0 .. 2)",
    ),
    ("pad_mode", "tf.pad([[1]], [[0, 0], [0, 0]], mode='WEIRD')", "Unknown padding mode"),
    ("pad_rows", "tf.pad([[1]], [[0, 0]])", "rank"),
    (
        "pad_symmetric",
        "sess.run(tf.pad([1, 2], [[3, 0]], mode='SYMMETRIC'))",
        "paddings must be no greater than the dimension size: 3, 0 greater than 2",
    ),
    (
        "pad_reflect",
        PLACEHOLDERS + "sess.run(tf.pad([1, 2], i, mode='REFLECT'), {i: [[2, 0]]})",
        "paddings must be less than the dimension size: 2, 0 not less than 2",
    ),
    ("one_hot_depth", "tf.one_hot([1], [2])", "rank 1"),
    ("one_hot_types", "tf.one_hot([1], 2, 1.0, 0, dtype=tf.float32)", "dtype"),
    (
        "one_hot_of_types",
        "tf.one_hot([1], 2, on_value=tf.constant(1), off_value=tf.constant(0.5))",
        "int32",
        "float32",
    ),
    (
        "reverse_sequence_lengths",
        "tf.reverse_sequence(tf.zeros([2, 3]), [1, 2, 3], seq_axis=1, batch_axis=0)",
        "3",
        "2",
    ),
    ("where_one", "tf.where([True], [1], None)", "both"),
    ("diag_part_shape", "tf.diag_part(tf.zeros([2, 3]))", "3", "2"),
    ("set_diag_rank", "tf.matrix_set_diag(tf.zeros([3]), [1.0])", "Shape must be at least rank 2"),
    ("matrix_diag_scalar", "tf.matrix_diag(1.0)", "Shape must be at least rank 1"),
    ("broadcast_smaller", "tf.broadcast_to(tf.zeros([3, 1]), [2])", "at most rank 1", "rank 2"),
    (
        "broadcast_fed",
        PLACEHOLDERS + "sess.run(tf.broadcast_to(f, i), {f: [1, 2, 3], i: [2]})",
        "Incompatible shapes: [3] vs. [2]",
    ),
    ("roll_scalar", "tf.roll(7, 1, 0)", "at least rank 1 but is rank 0"),
    ("roll_axis", "sess.run(tf.roll([1, 2], 1, 2))", "is out of range"),
    ("roll_counts", "tf.roll([1, 2], [1], [0, 0])", "equal"),
    (
        "bitcast_sizes",
        "tf.bitcast(tf.zeros([1], tf.int8), tf.int32)",
        "Cannot bitcast due to shape",
    ),
    (
        "space_to_depth_block",
        "tf.space_to_depth(tf.zeros([1, 2, 2, 1]), 1)",
        "block_size",
        "minimum 2",
    ),
    ("space_to_batch_rest", "tf.space_to_batch(tf.zeros([1, 3, 3, 1]), [[0, 0], [0, 0]], 2)", "3"),
    (
        "depth_to_space_rest",
        "tf.depth_to_space(tf.zeros([1, 2, 2, 3]), 2)",
        "3",
        "4",
    ),
]

NUMBERS = [
    ("sum_axis", "tf.reduce_sum([[1]], 3)", "Invalid reduction dimension"),
    (
        "sum_axis_fed",
        PLACEHOLDERS + "sess.run(tf.reduce_sum([[1]], i), {i: [2]})",
        "Invalid reduction dimension",
    ),
    ("sum_axes_matrix", "tf.reduce_sum([1], [[0]])", "must be at most rank 1"),
    ("argmax_fed", PLACEHOLDERS + "sess.run(tf.argmax(f, i), {f: [1], i: 3})", "3"),
    ("cumsum_axis", "sess.run(tf.cumsum([1, 2], 3))", "[-1, 1)", "3"),
    (
        "segment_rank",
        "tf.segment_sum(tf.zeros([4]), [[0, 1], [1, 1]])",
        "rank 1",
    ),
    (
        "segment_count",
        "sess.run(tf.segment_sum(tf.zeros([4]), [0, 1]))",
        "segment_ids should be the same size",
    ),
    (
        "segment_unsorted",
        "sess.run(tf.segment_sum(tf.zeros([4]), [0, 1, 0, 1]))",
        "segment ids are not increasing",
    ),
    (
        "unsorted_segment_outside",
        "sess.run(tf.unsorted_segment_sum(tf.zeros([1, 1]), [[7]], 2))",
        "segment_ids[0,0] = 7 is out of range [0, 2)",
    ),
    (
        "sparse_segment_place",
        "sess.run(tf.sparse_segment_sum(tf.zeros([3]), [0, 9], [0, 0]))",
        "indices[1] == 9 out of range [0, 3)",
    ),
    ("matmul_both", "tf.matmul([[1.0]], [[1.0]], transpose_a=True, adjoint_a=True)", "Only one of"),
    ("batch_matmul_sizes", "tf.matmul(tf.zeros([2, 3, 4]), tf.zeros([3, 4, 5]))", "2", "3"),
    ("inverse_shape", "tf.matrix_inverse([[1.0, 2.0]])", "must be equal", "1", "2"),
    (
        "inverse_of_none",
        "sess.run(tf.matrix_inverse([[1.0, 1.0], [1.0, 1.0]]))",
        "Input is not invertible",
    ),
    (
        "cholesky_of_none",
        "sess.run(tf.cholesky([[1.0, 2.0], [2.0, 1.0]]))",
        "Cholesky decomposition was not successful",
    ),
    (
        "solve_of_none",
        "sess.run(tf.matrix_solve([[1.0, 0.0], [0.0, 0.0]], [[1.0], [1.0]]))",
        "not invertible",
    ),
    ("norm_axes", "tf.norm([[1.0]], axis=[0, 1, 2])", "axis"),
    ("norm_order", "tf.norm([[1.0]], ord='who')", "who"),
    ("tensordot_sizes", "tf.tensordot(tf.zeros([2, 2]), tf.zeros([3, 2]), 1)", "2", "3"),
    (
        "einsum_subscripts",
        "tf.einsum('ab,bc,cd->ad', tf.zeros([2, 2]), tf.zeros([2, 2]))",
        "3",
        "2",
    ),
    ("divide_by_zero", "sess.run(tf.constant([1]) // tf.constant([0]))", "division by zero"),
    (
        "negative_power",
        "sess.run(tf.pow(tf.constant([5]), tf.constant([-2])))",
        "negative integer powers are not allowed",
    ),
    ("add_unlike", "tf.constant([1]) + tf.constant([1.0])", "int32", "float32"),
    ("multiply_unlike", "tf.constant([1]) * 2.5", "float", "int32"),
    ("conj_of_text", "tf.conj('s')", "numeric"),
    ("complex_of_ints", "tf.complex(tf.constant([1]), tf.constant([2]))", "int32"),
    ("accumulate_types", "tf.accumulate_n([tf.zeros([1]), tf.zeros([1], tf.int32)])", "type"),
    ("range_no_step", "tf.range(0, 10, 0)", "delta", "0"),
    ("linspace_none", "tf.linspace(0.0, 1.0, 0)", "Requires num > 0: 0"),
    ("linspace_vector", "tf.linspace([0.0], 1.0, 3)", "Shape must be rank 0 but is rank 1"),
    ("bucketize_order", "sess.run(tf.raw_ops.Bucketize(input=[1], boundaries=[2.0, 1.0]))", "sort"),
    ("check_numerics_nan", "sess.run(tf.check_numerics([1.0, np.nan], 'mine'))", "mine", "NaN"),
    ("in_top_k_sizes", "tf.nn.in_top_k(tf.zeros([2, 3]), [1, 2, 3], 1)", "2", "3"),
    ("confusion_negative", "sess.run(tf.confusion_matrix([-1], [1]))", "contains negative values"),
    (
        "confusion_outside",
        "sess.run(tf.confusion_matrix([4], [1], num_classes=3))",
        "out of bound",
    ),
    ("bincount_negative", "sess.run(tf.bincount([1, -1]))", "non-negative"),
    ("histogram_range", "sess.run(tf.histogram_fixed_width([1.0], [2.0, 1.0]))", "2", "1"),
]

CHECKS = [
    ("assert_equal_static", "tf.assert_equal([1], [2], message='mine')", "mine", "x == y"),
    (
        "assert_less_fed",
        PLACEHOLDERS + "sess.run(tf.assert_less(i, [1], message='mine'), {i: [3]})",
        "mine",
        "x < y did not hold",
    ),
    ("assert_rank_static", "tf.assert_rank([1], 0, message='mine')", "mine", "must have rank 0"),
    ("assert_rank_matrix", "tf.assert_rank([1], [0, 1])", "Rank must be a scalar"),
    ("assert_rank_half", "tf.assert_rank([1], 0.5)", "must be of type"),
    (
        "assert_rank_in_fed",
        PLACEHOLDERS + "sess.run(tf.assert_rank_in(f, (1, 2), message='mine'), {f: 0})",
        "mine",
        "rank",
    ),
    ("assert_type_other", "tf.assert_type([1], tf.float32)", "must be of type"),
    ("assert_proper", "tf.assert_proper_iterable(tf.zeros([2]))", "proper"),
    ("assert_iterable", "tf.assert_proper_iterable(3)", "to be iterable"),
    ("assert_scalar_vector", "tf.assert_scalar([1, 2])", "Expected scalar shape"),
    ("assert_integer_float", "tf.assert_integer([1.0])", "Expected", "float32"),
    ("ensure_shape_static", "tf.ensure_shape(tf.zeros([2]), [3])", "2", "3"),
    (
        "ensure_shape_fed",
        PLACEHOLDERS + "sess.run(tf.ensure_shape(f, [3]), {f: [1.0, 2.0]})",
        "[2]",
        "[3]",
    ),
]

SPARSE_TENSORS = [
    ("sparse_order", "sess.run(tf.sparse_to_dense([[1], [0]], [3], [1, 2]))", "out of order"),
    ("sparse_twice", "sess.run(tf.sparse_to_dense([[1], [1]], [3], [1, 2]))", "is repeated"),
    ("sparse_outside", "sess.run(tf.sparse_to_dense([[1], [7]], [3], [1, 2]))", "out of bounds"),
    ("sparse_reshape_size", SPARSE + "tf.sparse_reshape(s, [4, 2])", "6", "8"),
    ("sparse_reshape_twice", SPARSE + "tf.sparse_reshape(s, [-1, -1])", "inferred"),
    (
        "sparse_concat_sizes",
        SPARSE + "t = tf.SparseTensor([[0, 0]], [1.0], [3, 4]);"
        " sess.run(tf.sparse_concat(1, [s, t]).values)",
        "Input shapes",
    ),
    (
        "sparse_add_sizes",
        SPARSE + "t = tf.SparseTensor([[0, 0]], [1.0], [3, 3]);"
        " sess.run(tf.raw_ops.SparseAdd(a_indices=s.indices, a_values=s.values,"
        " a_shape=s.dense_shape, b_indices=t.indices, b_values=t.values, b_shape=t.dense_shape,"
        " thresh=0.0).sum_values)",
        "shapes do not match",
    ),
    ("sparse_add_dense", "tf.sparse_add([1.0], [2.0])", "SparseTensor"),
    (
        "sparse_matmul_sizes",
        SPARSE + "sess.run(tf.sparse_tensor_dense_matmul(s, tf.zeros([2, 2])))",
        "3",
        "2",
    ),
    (
        "sparse_fill_value",
        SPARSE + "tf.raw_ops.SparseFillEmptyRows(indices=s.indices, values=s.values,"
        " dense_shape=s.dense_shape, default_value=[1.0])",
        "rank 0",
    ),
    ("sparse_retain_count", SPARSE + "tf.sparse_retain(s, [True])", "2", "1"),
    (
        "sparse_reset_smaller",
        SPARSE + "sess.run(tf.sparse_reset_shape(s, [1, 3]).values)",
        "Requested new_shape should have dimension sizes >=",
    ),
    ("sparse_reset_rank", SPARSE + "tf.sparse_reset_shape(s, [2, 3, 4])", "3", "2"),
    ("set_size_dense", "tf.sets.set_size([[1]])", "SparseTensor"),
    ("set_rank", "tf.sets.set_union([1], [2])", "Shape must be at least rank 2 but is rank 1"),
    (
        "set_groups",
        "sess.run(tf.sets.set_union([[1], [2]], tf.placeholder_with_default([[2]], None)).values)",
        "[2]",
        "[1]",
    ),
]

TEXTS = [
    ("number_of_word", "sess.run(tf.string_to_number('one'))", "StringToNumber", "one"),
    ("number_type", "tf.string_to_number('1', tf.int8)", "int8"),
    ("join_shapes", "tf.string_join([['a'], [['b']]])", "Shapes must be equal rank"),
    ("reduce_join_axis", "tf.reduce_join([['a']], 7)", "Invalid reduction dim"),
    ("split_delimiters", "tf.string_split(['a'], ['|', '.'])", "rank 0"),
    ("split_one", "tf.string_split('a')", "rank 1"),
    (
        "as_string_both",
        "sess.run(tf.as_string(1.0, scientific=True, shortest=True))",
        "Cannot select both",
    ),
    ("as_string_fill", "sess.run(tf.as_string(1.0, fill='ab'))", "Fill", "one"),
    ("as_string_of_int", "sess.run(tf.as_string(1, precision=2))", "precision not supported"),
    ("substr_outside", "sess.run(tf.substr('abc', 7, 1))", "out of range"),
    ("substr_ranks", "tf.substr(['a'], [0, 1], 1)", "rank"),
    ("base64_wrong", "sess.run(tf.decode_base64('%'))", "base64"),
    ("regex_wrong", "sess.run(tf.regex_replace('a', '(', 'b'))", "missing )"),
]

OPERATION_ERRORS = [*ARRAYS, *NUMBERS, *CHECKS, *SPARSE_TENSORS, *TEXTS]
