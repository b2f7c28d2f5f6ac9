"""Mistakes, as snippets: each must raise what TensorFlow 1.15 raises and name what it is about.

`ERRORS` maps an id to (snippet, fragments). A snippet sees `tf`, `np` and an open session `sess`
of an empty default graph. The fragments (names, numbers, shapes) are in TensorFlow's message and
must be in any other good one; the sentences around them are free.
"""

import textwrap

from goldens.error_operations import OPERATION_ERRORS

ERRORS = {}


def error(name, snippet, *fragments):
    assert name not in ERRORS, name
    ERRORS[name] = (textwrap.dedent(snippet).strip() + "\n", fragments)


# ------------------------------------------------------------------------------------ feeding

error(
    "feed_missing",
    """
    x = tf.placeholder(tf.float32, [2], name="x")
    sess.run(x * 2.0)
    """,
    "'x'",
    "placeholder",
    "float",
)
error(
    "feed_missing_in_scope",
    """
    with tf.name_scope("layer"):
        x = tf.placeholder(tf.float32, [None, 3], name="x")
    sess.run(tf.reduce_sum(x))
    """,
    "'layer/x'",
    "[?,3]",
)
error(
    "feed_wrong_shape",
    """
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    sess.run(x, {x: np.zeros([2, 4])})
    """,
    "'x:0'",
    "(2, 4)",
    "(?, 3)",
)
error(
    "feed_wrong_rank",
    """
    x = tf.placeholder(tf.float32, [2], name="x")
    sess.run(x, {x: 1.0})
    """,
    "'x:0'",
    "()",
    "(2,)",
)
error(
    "feed_text",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {x: "seven"})
    """,
    "seven",
)
error(
    "feed_ragged",
    """
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    sess.run(x, {x: [[1.0, 2.0], [3.0]]})
    """,
    "sequence",
)
error(
    "feed_key_unknown_name",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {"y:0": 1.0})
    """,
    "y:0",
)
error(
    "feed_key_of_other_graph",
    """
    with tf.Graph().as_default():
        stranger = tf.placeholder(tf.float32, [], name="stranger")
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {stranger: 1.0, x: 2.0})
    """,
    "stranger:0",
    "feed_dict",
    "graph",
)
error(
    "feed_key_int",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {7: 1.0})
    """,
    "feed_dict",
    "int",
)
error(
    "feed_key_operation_name",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {"x": 1.0})
    """,
    "feed_dict",
    "x",
)
error(
    "feed_value_is_tensor",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {x: tf.constant(1.0)})
    """,
    "feed",
    "Const:0",
)
error(
    "feed_tuple_of_other_length",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, {(x, x): (1.0, 2.0, 3.0)})
    """,
)
error(
    "feed_dict_is_list",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    sess.run(x, [x, 1.0])
    """,
    "dict",
)

# ----------------------------------------------------------------------------------- fetching

error(
    "fetch_unknown_tensor",
    """
    tf.constant(1.0)
    sess.run("loss:0")
    """,
    "loss:0",
)
error(
    "fetch_unknown_operation",
    """
    tf.constant(1.0)
    sess.run("loss")
    """,
    "loss",
)
error(
    "fetch_unknown_output",
    """
    tf.constant(1.0, name="c")
    sess.run("c:1")
    """,
    "c:1",
)
error(
    "fetch_of_other_graph",
    """
    with tf.Graph().as_default():
        stranger = tf.constant(1.0, name="stranger")
    tf.constant(2.0)
    sess.run(stranger)
    """,
    "stranger:0",
    "graph",
)
error(
    "fetch_none",
    """
    tf.constant(1.0)
    sess.run(None)
    """,
    "None",
)
error(
    "fetch_int",
    """
    tf.constant(1.0)
    sess.run(3)
    """,
    "3",
    "int",
)
error("fetch_nothing_built", "sess.run('loss:0')", "empty")
error("fetch_none_in_list", "sess.run([tf.constant(1.0), None])", "None")
error(
    "session_closed",
    """
    c = tf.constant(1.0)
    sess.close()
    sess.run(c)
    """,
    "closed",
)
error("eval_without_session", "tf.constant(1.0).eval()", "session")
error("run_without_session", "tf.no_op().run()", "session")
error(
    "session_of_another_graph",
    """
    v = tf.Variable(1.0, name="v")
    with tf.Graph().as_default() as other:
        tf.constant(2.0)
    with tf.Session(graph=other) as session:
        session.run(v)
    """,
    "v:0",
    "graph",
)

# ---------------------------------------------------------------------------------- variables

error(
    "variable_uninitialized",
    """
    W = tf.Variable(tf.zeros([2]), name="W")
    sess.run(W + 1.0)
    """,
    "uninitialized",
    "W",
)
error(
    "variable_assign_add_uninitialized",
    """
    W = tf.Variable(tf.zeros([2]), name="W")
    sess.run(W.assign_add([1.0, 1.0]))
    """,
    "uninitialized",
    "W",
)
error(
    "variable_initialized_in_another_session",
    """
    W = tf.Variable(tf.zeros([2]), name="W")
    with tf.Session() as other:
        other.run(W.initializer)
    sess.run(W)
    """,
    "uninitialized",
    "W",
)
error("variable_without_value", "tf.Variable()", "initial_value")
error(
    "variable_from_unfed_placeholder",
    """
    size = tf.placeholder(tf.float32, [], name="size")
    v = tf.Variable(size, name="v")
    sess.run(v.initializer)
    """,
    "'size'",
    "placeholder",
)
error(
    "variable_of_unknown_shape",
    """
    x = tf.placeholder(tf.float32, name="x")
    tf.Variable(x, name="v")
    """,
    "initial_value",
    "shape",
)
error(
    "assign_shape",
    """
    v = tf.Variable(tf.zeros([2, 3]), name="v")
    v.assign(tf.zeros([3, 2]))
    """,
    "[2,3]",
    "[3,2]",
)
error(
    "assign_dtype",
    """
    v = tf.Variable(0, name="v")
    v.assign(tf.constant(1.5))
    """,
    "int32",
    "float32",
)
error("assign_to_tensor", "tf.assign(tf.constant(1.0), 2.0)", "assign")
error(
    "variable_in_place",
    """
    v = tf.Variable([1.0, 2.0], name="v")
    t = v + 0.0
    t[0] = 5.0
    """,
    "item assignment",
)

# ------------------------------------------------------------------------------------- shapes

error(
    "matmul_inner",
    """
    a = tf.zeros([2, 3])
    tf.matmul(a, a, name="product")
    """,
    "3",
    "2",
    "product",
)
error("matmul_rank", "tf.matmul(tf.zeros([3]), tf.zeros([3, 2]))", "rank")
error(
    "matmul_at_run_time",
    """
    a = tf.placeholder(tf.float32, name="a")
    sess.run(tf.matmul(a, a, name="product"), {a: np.zeros([2, 3])})
    """,
    "[2,3]",
    "product",
)
error("broadcast", "tf.zeros([2, 3]) + tf.zeros([2])", "3", "2", "add")
error(
    "broadcast_at_run_time",
    """
    a = tf.placeholder(tf.float32, name="a")
    b = tf.placeholder(tf.float32, name="b")
    sess.run(tf.multiply(a, b, name="product"), {a: np.zeros([2, 3]), b: np.zeros([2])})
    """,
    "[2,3]",
    "[2]",
    "product",
)
error("axis_outside", "tf.reduce_sum(tf.zeros([2, 3]), axis=2)", "2", "Sum")
error("argmax_axis_outside", "tf.argmax(tf.zeros([2, 3]), 5)", "5", "[-2, 2)")
error("concat_axis_outside", "tf.concat([tf.zeros([2]), tf.zeros([2])], 1)", "1")
error("concat_shapes", "tf.concat([tf.zeros([2, 3]), tf.zeros([2, 4])], 0)", "3", "4")
error("stack_shapes", "tf.stack([tf.zeros([2]), tf.zeros([3])])", "[2]", "[3]")
error("expand_dims_outside", "tf.expand_dims(tf.zeros([2]), 4)", "4")
error("squeeze_of_two", "tf.squeeze(tf.zeros([2, 1]), [0])", "2")
error("reshape_size", "tf.reshape(tf.zeros([2, 3]), [4, 2])", "6", "8")
error(
    "reshape_at_run_time",
    """
    a = tf.placeholder(tf.float32, name="a")
    sess.run(tf.reshape(a, [4, 2]), {a: np.zeros([2, 3])})
    """,
    "6",
    "8",
)
error("transpose_perm", "tf.transpose(tf.zeros([2, 3]), [0, 1, 2])", "3", "2")
error("constant_ragged", "tf.constant([[1, 2], [3]])", "[[1, 2], [3]]")
error("constant_shape", "tf.constant([1, 2, 3], shape=[2])", "3", "2")
error("set_shape", "tf.zeros([2, 3]).set_shape([3, 2])", "[2,3]", "[3,2]")
error("index_outside", "tf.zeros([2])[5]", "5", "2")
error("index_too_many", "tf.zeros([2, 3])[0, 0, 0]", "2")
error("index_step_zero", "tf.zeros([2, 3])[::0]", "non-zero")
error("index_two_ellipses", "tf.zeros([2, 3])[..., ...]", "ellipses")
error(
    "index_at_run_time",
    """
    a = tf.placeholder(tf.float32, name="a")
    sess.run(a[5], {a: [1.0, 2.0]})
    """,
    "5",
)
error("split_unequal", "tf.split(tf.zeros([2, 3]), 2, 1)", "2", "3")
error("split_sizes", "tf.split(tf.zeros([2, 3]), [1, 1], 1)", "3")
error("unstack_unknown", "tf.unstack(tf.placeholder(tf.float32, [None, 3]))", "(?, 3)")
error("reverse_axis_outside", "tf.reverse(tf.zeros([2, 3]), [2])", "2", "out of valid range")
error("top_k_too_many", "tf.nn.top_k(tf.zeros([2, 3]), 4)", "4", "3")
error("mask_scalar", "tf.boolean_mask(tf.zeros([2]), True)", "scalar")
error("mask_shape", "tf.boolean_mask(tf.zeros([2]), [True, False, True])", "(2,)", "(3,)")
error("gather_nd_depth", "tf.gather_nd(tf.zeros([2]), [[0, 0]])", "2", "1")
error("gather_nd_outside", "sess.run(tf.gather_nd(tf.zeros([2, 2]), [[0, 2]]))", "[0, 2]")
error("pad_negative", "tf.pad(tf.zeros([2]), [[-1, 0]])", "-1", "non-negative")
error("global_norm_of_tensor", "tf.global_norm(tf.zeros([2]))", "t_list", "sequence")
error("gather_outside", "sess.run(tf.gather(tf.zeros([3]), [7]))", "7", "[0, 3)")
error(
    "softmax_label_outside",
    """
    sess.run(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[3], logits=[[0.0, 1.0, 2.0]]))
    """,
    "3",
    "[0, 3)",
)
error("add_n_shapes", "tf.add_n([tf.zeros([2]), tf.zeros([3])])", "2", "3")
error("bias_add_size", "tf.nn.bias_add(tf.zeros([2, 3]), tf.zeros([4]))", "3", "4")

# ------------------------------------------------------------------------------------- dtypes

error("dtype_mismatch", "tf.constant(1.0) + tf.constant(1)", "float32", "int32")
error(
    "dtype_of_function",
    """
    tf.multiply(tf.constant([1.0]), tf.constant([1], dtype=tf.int64))
    """,
    "float32",
    "int64",
)
error("log_of_int", "tf.log(tf.constant(2))", "int32", "float32")
error("float_to_int_tensor", "tf.constant([1, 2]) * 0.5", "float", "int32")
error("logical_of_float", "tf.logical_and(tf.constant(1.0), tf.constant(True))", "bool", "float")
error("text_plus_number", "tf.constant(1.0) + 'one'", "string", "float32")
error("constant_dtype", "tf.constant(1.5, dtype=tf.int32)", "1.5", "int32")
error("constant_none", "tf.constant(None)", "None")
error("placeholder_dtype_unknown", "tf.placeholder('float33')", "float33")
error("mixed_list", "tf.constant([1.0, 'two'])", "two")
error("reduce_mean_of_bool", "tf.reduce_mean(tf.constant([True, False]))", "bool")
error(
    "softmax_labels_float",
    """
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1.0], logits=[[0.0, 1.0]])
    """,
    "labels",
    "float32",
)
error(
    "softmax_without_names",
    """
    tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], [[0.0, 1.0]])
    """,
    "named arguments",
    "labels",
    "logits",
)
error(
    "int_division_by_zero",
    """
    n = tf.placeholder(tf.int32, [], name="n")
    sess.run(tf.floordiv(1, n), {n: 0})
    """,
    "zero",
)

# -------------------------------------------------------------------- a tensor is not a number

error(
    "if_tensor",
    """
    if tf.constant(True):
        pass
    """,
    "bool",
    "tf.Tensor",
)
error("not_tensor", "not tf.constant(True)", "bool")
error("chained_comparison", "0.0 < tf.constant(1.0) < 2.0", "bool")
error("iterate_scalar", "list(tf.constant(1.0))", "iterat")
error("iterate_vector", "for item in tf.constant([1.0, 2.0]): pass", "iterat")
error("len", "len(tf.constant([1.0, 2.0]))", "len")
error("float", "float(tf.constant(1.0))", "float")
error("int", "int(tf.constant(1))", "int")
error("numpy_array", "np.array(tf.constant([1.0, 2.0]))", "numpy", "Const:0")
error("numpy_function", "np.exp(tf.placeholder(tf.float32, [2], name='x'))")
error("index_by_float", "tf.constant([1.0, 2.0])[0.5]", "0.5")
error("attribute", "tf.constant(1.0).reshape([1])", "reshape", "Tensor")

# --------------------------------------------------------------------------------------- graph

error(
    "mixed_graphs",
    """
    a = tf.constant(1.0, name="a")
    with tf.Graph().as_default():
        tf.constant(2.0, name="b") + a
    """,
    "a:0",
    "b:0",
    "graph",
)
error(
    "finalized",
    """
    tf.get_default_graph().finalize()
    tf.constant(1.0)
    """,
    "finalized",
)
error("name_with_space", "tf.constant(1.0, name='my constant')", "my constant")
error("name_with_underscore", "tf.constant(1.0, name='_hidden')", "_hidden")
error(
    "scope_with_space",
    """
    with tf.name_scope("my scope"):
        pass
    """,
    "my scope",
)
error(
    "tensor_by_operation_name",
    """
    tf.constant(1.0, name="c")
    tf.get_default_graph().get_tensor_by_name("c")
    """,
    "c",
    "<op_name>:<output_index>",
)
error(
    "operation_by_tensor_name",
    """
    tf.constant(1.0, name="c")
    tf.get_default_graph().get_operation_by_name("c:0")
    """,
    "c:0",
)
error("operation_unknown", "tf.get_default_graph().get_operation_by_name('train')", "train")
error(
    "control_dependencies_int",
    """
    with tf.control_dependencies([3]):
        pass
    """,
    "int",
    "Tensor",
    "Operation",
)
error("unknown_function", "tf.no_such_function(1.0)", "no_such_function")

# ----------------------------------------------------------------------------------- gradients

error(
    "no_gradients",
    """
    W = tf.Variable(1.0, name="W")
    loss = tf.constant(2.0) * 3.0
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    """,
    "gradient",
    "W:0",
)
error(
    "no_variables",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    tf.train.GradientDescentOptimizer(0.1).minimize(x * 2.0)
    """,
    "variables",
)
error(
    "loss_is_integer",
    """
    n = tf.Variable(3, name="n")
    tf.train.GradientDescentOptimizer(0.1).minimize(n * 2)
    """,
    "int32",
)
error("minimize_argument", "tf.train.GradientDescentOptimizer(0.1).minimize()", "loss")
error(
    "var_list_of_tensors",
    """
    x = tf.placeholder(tf.float32, [], name="x")
    tf.train.GradientDescentOptimizer(0.1).minimize(x * 2.0, var_list=[x])
    """,
    "x:0",
)
error("apply_nothing", "tf.train.GradientDescentOptimizer(0.1).apply_gradients([])", "variables")
error(
    "grad_ys_shape",
    """
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.gradients(x * 2.0, x, grad_ys=[1.0, 2.0])
    """,
    "1",
    "2",
)
for _name, _snippet, *_fragments in OPERATION_ERRORS:
    error(_name, _snippet, *_fragments)
