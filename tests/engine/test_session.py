"""Running: fetches of every form, feeds of every tensor, what variables keep, and the lessons."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import graphscope as gs
from graphscope.graph.graph import default_graphs

HERE = "test_session.py:"


def initialized():
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return session


# ---- fetches -----------------------------------------------------------------------------------


Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        (lambda a, b: a, 3.0),
        (lambda a, b: [a, b], [3.0, 6.0]),
        (lambda a, b: (a, b), (3.0, 6.0)),
        (lambda a, b: [], []),
        (lambda a, b: (), ()),
        (lambda a, b: {}, {}),
        (lambda a, b: {"b": b, "a": a}, {"b": 6.0, "a": 3.0}),
        (lambda a, b: Pair(a, b), Pair(3.0, 6.0)),
        (lambda a, b: OrderedDict([("z", a), ("y", [b])]), OrderedDict([("z", 3.0), ("y", [6.0])])),
        (lambda a, b: [(a,), {"x": [b, Pair(a, (b, b))]}], [(3.0,), {"x": [6.0, Pair(3, (6, 6))]}]),
        (lambda a, b: [a, a, b, a], [3.0, 3.0, 6.0, 3.0]),
        (lambda a, b: "a:0", 3.0),
        (lambda a, b: ["a:0", "b", b.op], [3.0, None, None]),
        (lambda a, b: a.op, None),
    ],
)
def test_the_result_has_the_form_of_the_fetches(structure, expected):
    a = gs.add(1.0, 2.0, name="a")
    b = gs.multiply(a, 2.0, name="b")
    result = gs.Session().run(structure(a, b))
    assert result == expected
    assert type(result) is type(expected) or isinstance(result, np.generic)
    if isinstance(expected, dict):
        assert list(result) == list(expected)  # and the order of its keys


def test_a_dictionary_with_a_factory_comes_back_as_a_plain_one():
    a = gs.constant(1.0)
    fetches = defaultdict(list, {"a": a})
    assert gs.Session().run(fetches) == {"a": 1.0}


def test_each_fetch_is_computed_once():
    drawn = gs.random_uniform([3])
    first, second = gs.Session().run([drawn, drawn])
    assert (first == second).all()


def test_scalars_come_back_as_numpy_scalars_and_others_as_arrays():
    run = gs.Session().run
    assert isinstance(run(gs.constant(2.0)), np.float32)
    assert isinstance(run(gs.constant(2)), np.int32)
    assert isinstance(run(gs.constant([2.0])), np.ndarray)
    assert run(gs.constant("word")) == b"word"


@pytest.mark.parametrize(
    ("fetch", "kind", "message"),
    [
        (lambda: 3, TypeError, "Fetch argument 3 has invalid type <class 'int'>"),
        (lambda: None, TypeError, "Fetch argument None"),
        (lambda: "nothing:0", ValueError, "refers to a Tensor which does not exist"),
        (lambda: "nothing", ValueError, "Operation not in the graph"),
        (lambda: ["c", ["c:7"]], ValueError, "only has 1 outputs"),
    ],
)
def test_what_cannot_be_fetched(fetch, kind, message):
    gs.constant(1.0, name="c")
    with pytest.raises(kind, match=message):
        gs.Session().run(fetch())


def test_fetching_none_teaches_what_was_forgotten(lesson):
    gs.constant(1.0)
    with pytest.raises(TypeError) as caught:
        gs.Session().run(None)
    assert "did a function forget to return its tensor?" in lesson(caught.value)


def test_a_misspelt_name_is_answered_by_a_near_one():
    gs.constant(1.0, name="accuracy")
    with pytest.raises(ValueError, match="did you mean 'accuracy'"):
        gs.Session().run("acuracy:0")


def test_a_tensor_of_another_graph():
    with gs.Graph().as_default():
        foreign = gs.constant(1.0)
    gs.constant(2.0)
    with pytest.raises(ValueError, match="is not an element of this graph"):
        gs.Session().run(foreign)


def test_an_empty_graph():
    with pytest.raises(RuntimeError, match="The Session graph is empty"):
        gs.Session().run([])


# ---- feeds -------------------------------------------------------------------------------------


def test_any_tensor_can_be_fed():
    # y = (w * x + c) ^ 2
    x = gs.placeholder(gs.float32, name="x")
    c = gs.constant(1.0, name="c")
    w = gs.Variable(2.0, name="w")
    product = gs.multiply(w, x, name="product")
    y = gs.square(product + c, name="y")
    run = initialized().run
    assert run(y, {x: 3.0}) == 49.0  # (2 * 3 + 1)^2
    assert run(y, {x: 3.0, c: 4.0}) == 100.0  # (6 + 4)^2
    assert run(y, {product: 1.0}) == 4.0  # (1 + 1)^2, without an x
    assert run(y, {x: 3.0, w: 1.0}) == 16.0  # (3 + 1)^2
    assert run(y, {x: 3.0, w.value(): 0.0}) == 1.0
    assert run(y, {x: 3.0, "w:0": 1.0, "c:0": 0.0}) == 9.0
    assert run([y, product], {y: -1.0, x: 1.0}) == [-1.0, 2.0]
    assert run(w) == 2.0  # feeding a variable has changed nothing


def test_a_fed_variable_stands_for_its_place_and_its_reading_alike():
    w = gs.Variable(2.0, name="w")
    doubled = w * 2.0
    run = initialized().run
    assert run([w, w.value(), doubled], {w: 5.0}) == [5.0, 5.0, 10.0]
    assert run([w, w.value(), doubled], {"w/read:0": 5.0}) == [2.0, 5.0, 10.0]


def test_a_fed_variable_cannot_be_written_in_the_same_run(lesson):
    w = gs.Variable(2.0, name="w")
    grow = w.assign_add(1.0)
    session = initialized()
    with pytest.raises(gs.errors.InvalidArgumentError, match="w:0: it is fed") as caught:
        session.run(grow, {w: 5.0})
    assert HERE in lesson(caught.value)
    assert session.run(w) == 2.0


def test_an_update_works_on_the_variable_while_its_reading_is_fed():
    # d (w^2) / d w = 2 w, taken at the fed reading 5: w - 0.1 * 10 = 2 - 1 = 1
    w = gs.Variable(2.0, name="w")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.square(w))
    session = initialized()
    session.run(train, {w.value(): 5.0})
    assert session.run(w) == pytest.approx(1.0)


def test_a_learning_rate_can_be_fed():
    # w - rate * 2 w = 3 - 0.5 * 6 = 0
    w = gs.Variable(3.0, name="w")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.square(w))
    session = initialized()
    session.run(train, {"GradientDescent/learning_rate:0": 0.5})
    assert session.run(w) == 0.0


def test_a_tuple_of_keys_takes_a_tuple_of_values():
    x, y = gs.placeholder(gs.float32), gs.placeholder(gs.float32)
    assert gs.Session().run(x - y, {(x, y): (5.0, 3.0)}) == 2.0
    with pytest.raises(ValueError, match=r"the 2 keys .* are not given as many values"):
        gs.Session().run(x - y, {(x, y): (5.0,)})


def test_values_are_converted_to_the_type_of_the_tensor():
    x = gs.placeholder(gs.int32)
    assert gs.Session().run(x, {x: [1, 2]}).dtype == np.int32
    assert gs.Session().run(x, {x: np.int64(3)}).dtype == np.int32
    s = gs.placeholder(gs.string)
    assert gs.Session().run(gs.identity(s), {s: "abc"}) == b"abc"
    with pytest.raises(TypeError, match="Expected string"):
        gs.Session().run(s, {s: 3})


def test_who_fetches_what_was_fed_gets_it_back():
    s, x = gs.placeholder(gs.string), gs.placeholder(gs.float32)
    text, number = gs.Session().run([s, x], {s: "é", x: 3})
    assert (text.tolist(), number.tolist()) == ("é", 3.0)
    assert isinstance(number, np.ndarray)  # as it was fed; a result would be a number
    number[...] = 4.0  # and it is the caller's own


def test_sparse_tensors_are_fed_and_fetched_in_their_parts():
    x = gs.sparse_placeholder(gs.float32)
    doubled = gs.SparseTensor(x.indices, x.values * 2.0, x.dense_shape)
    value = gs.SparseTensorValue([[0, 1]], [3.0], [1, 2])
    for fed in (value, tuple(value)):
        found, dense = gs.Session().run([doubled, gs.sparse_tensor_to_dense(x)], {x: fed})
        assert type(found) is gs.SparseTensorValue
        assert [part.tolist() for part in found] == [[[0, 1]], [6.0], [1, 2]]
        assert dense.tolist() == [[0.0, 3.0]]


def test_rows_are_fed_and_fetched_in_their_parts():
    rows = gs.IndexedSlices(gs.placeholder(gs.float32), gs.placeholder(gs.int32))
    values, indices, shape = gs.Session().run(rows, {rows: ([[1.0]], [2])})
    assert (values.tolist(), indices.tolist(), shape) == ([[1.0]], [2], None)


def test_a_run_as_a_function():
    x, y = gs.placeholder(gs.float32), gs.placeholder(gs.float32)
    minus = gs.Session().make_callable([x - y], [x, y])
    assert minus(5.0, 3.0) == [2.0]
    with pytest.raises(TypeError, match="2 values"):
        minus(5.0)


def test_the_one_device():
    (device,) = gs.Session().list_devices()
    assert device.name.endswith("CPU:0")


def test_a_graph_as_the_target_of_a_session():
    with pytest.raises(TypeError, match=r"Session\(graph=\.\.\.\)"):
        gs.Session(gs.Graph())


def test_a_number_that_the_type_cannot_hold(lesson):
    small = gs.placeholder(gs.uint8, name="small")
    run = gs.Session().run
    assert run(small, {small: 255}) == 255
    for number in (256, -1):
        with pytest.raises(TypeError, match=f"feed value {number} is not compatible") as caught:
            run(small, {small: number})
        assert "try       it holds 0 to 255" in lesson(caught.value)
        assert "small [Placeholder]" in lesson(caught.value)


@pytest.mark.parametrize(
    ("shape", "fed", "hint"),
    [
        ([None, 784], (50, 2352), "axis 1: fed 2352, wanted 784"),
        ([None, 3], (3,), "one example was fed where a batch is wanted: add an axis, value[None]"),
        ([None, 2, 2], (2,), "it has 1 axes where 3 are wanted: reshape it"),
        ([None, 10], (10, 5), "the axes may be swapped: transpose it"),
        ([4, 5], (5, 4), "axis 0: fed 5, wanted 4"),
    ],
)
def test_a_wrong_shape_is_explained_axis_by_axis(shape, fed, hint, lesson):
    x = gs.placeholder(gs.float32, shape, name="x")
    with pytest.raises(ValueError, match="Cannot feed value of shape") as caught:
        gs.Session().run(x, {x: np.zeros(fed)})
    text = lesson(caught.value)
    assert f"try       {hint}" in text
    assert "x [Placeholder]" in text
    assert f"fed: ndarray of shape {fed}" in text
    assert f"{HERE}" in text
    assert 'x = gs.placeholder(gs.float32, shape, name="x")' in text


def test_a_tensor_as_a_value(lesson):
    x = gs.placeholder(gs.float32, name="x")
    for value in (gs.constant(1.0), gs.Variable(1.0), gs.no_op()):
        with pytest.raises(TypeError, match=r"cannot be a tf\.Tensor object") as caught:
            gs.Session().run(x, {x: value})
        assert "get its value with sess.run first" in lesson(caught.value)


def test_a_value_that_is_no_number(lesson):
    x = gs.placeholder(gs.float32, name="x")
    with pytest.raises(ValueError, match="could not convert string") as caught:
        gs.Session().run(x, {x: "seven"})
    assert "x [Placeholder]" in lesson(caught.value)


def test_a_key_that_is_no_tensor(lesson):
    gs.placeholder(gs.float32, name="labels")
    session = gs.Session()
    for key, hint in (
        ("lables:0", "did you mean 'labels'?"),
        (7, "feed the tensor that tf.placeholder returned"),
    ):
        with pytest.raises(TypeError, match="Cannot interpret feed_dict key") as caught:
            session.run("labels:0", {key: 1.0})
        assert hint in lesson(caught.value)
    with pytest.raises(TypeError, match="feed_dict must be a dictionary"):
        session.run("labels:0", [1.0])


def test_a_key_of_another_graph(lesson):
    with gs.Graph().as_default():
        foreign = gs.placeholder(gs.float32)
    y = gs.constant(1.0) + 1.0
    with pytest.raises(TypeError, match="is not an element of this graph") as caught:
        gs.Session().run(y, {foreign: 1.0})
    assert "the session belongs to another graph: make both in the same one" in lesson(caught.value)


# ---- variables ---------------------------------------------------------------------------------


def test_variables_last_from_run_to_run():
    w = gs.Variable(1.0)
    grow = w.assign_add(2.0)
    session = initialized()
    assert [session.run(grow) for _ in range(3)] == [3.0, 5.0, 7.0]
    assert session.run(w) == 7.0


def test_a_fetched_variable_has_the_value_from_before_the_run_and_a_later_reading_the_new_one():
    w = gs.Variable(1.0)
    grow = w.assign_add(2.0)
    with gs.control_dependencies([grow]):
        after = w.read_value()
    session = initialized()
    # The variable, its first reading (made before the write), the write, the reading after it.
    assert session.run([w, w.value(), grow, after]) == [1.0, 1.0, 3.0, 3.0]
    assert session.run([grow, w]) == [5.0, 3.0]


def test_writes_happen_in_the_order_of_creation():
    w = gs.Variable(1.0)
    double = w.assign(w * 2.0)  # reads w before every write: 2
    grow = w.assign_add(10.0)
    session = initialized()
    session.run([grow, double])
    assert session.run(w) == 12.0


def test_what_a_write_gives_out_is_the_variable_itself():
    w = gs.Variable(1.0)
    first = w.assign(5.0)
    second = gs.assign_add(first, 1.0)
    session = initialized()
    assert session.run([first, second]) == [5.0, 6.0]
    assert session.run(w) == 6.0


def test_two_sessions_of_one_graph_have_variables_of_their_own():
    w = gs.Variable(1.0)
    one, other = initialized(), initialized()
    one.run(w.assign(9.0))
    assert (one.run(w), other.run(w)) == (9.0, 1.0)


def test_returned_arrays_are_copies():
    w = gs.Variable([1.0, 2.0])
    c = gs.constant([3.0, 4.0])
    x = gs.placeholder(gs.float32, [2])
    session = initialized()
    fed = np.array([5.0, 6.0], np.float32)
    fetches = [w, w.value(), c, x, gs.identity(x)]
    for array in session.run(fetches, {x: fed}):
        array[:] = -1.0
    assert fed.tolist() == [5.0, 6.0]
    results = [array.tolist() for array in session.run(fetches, {x: fed})]
    assert results == [[1.0, 2.0], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [5.0, 6.0]]


def test_changing_the_fed_array_later_changes_no_variable():
    w = gs.Variable([0.0, 0.0])
    x = gs.placeholder(gs.float32, [2])
    write = w.assign(gs.reshape(x, [2]))
    session = initialized()
    fed = np.array([1.0, 2.0], np.float32)
    session.run(write, {x: fed})
    fed[:] = 9.0
    assert session.run(w).tolist() == [1.0, 2.0]


def test_load():
    w = gs.Variable([0.0, 0.0])
    session = initialized()
    value = np.array([1.0, 2.0], np.float32)
    w.load(value, session)
    value[:] = 9.0
    assert session.run(w).tolist() == [1.0, 2.0]


def test_control_dependencies_order_what_data_does_not():
    w = gs.Variable(1.0)
    grow = w.assign_add(1.0)
    with gs.control_dependencies([grow]):
        double = w.assign(w.read_value() * 2.0)
    with gs.control_dependencies([double]):
        seen = w.read_value()
    session = initialized()
    assert session.run(seen) == 4.0  # (1 + 1) * 2, although only the reading is fetched
    assert session.run([w, seen]) == [4.0, 10.0]


# ---- sessions ----------------------------------------------------------------------------------


def test_a_with_block_makes_session_and_graph_the_default_ones():
    other = gs.Graph()
    with gs.Session(graph=other) as session:
        assert gs.get_default_session() is session
        assert gs.get_default_graph() is other
        w = gs.Variable(2.0)
        w.initializer.run()
        assert w.eval() == 2.0
        assert (w * 3.0).eval() == 6.0
    assert gs.get_default_session() is None
    assert gs.get_default_graph() is not other


def test_as_default_leaves_the_session_open():
    c = gs.constant(4.0)
    session = gs.Session()
    with session.as_default():
        assert c.eval() == 4.0
    assert session.run(c) == 4.0
    with pytest.raises(ValueError, match="No default session is registered"):
        c.eval()
    assert c.eval(session=session) == 4.0


def test_eval_and_run_take_feeds():
    x = gs.placeholder(gs.float32)
    w = gs.Variable(0.0)
    write = w.assign(x)
    with gs.Session():
        assert (x + 1.0).eval({x: 1.0}) == 2.0
        write.op.run({x: 3.0})
        assert w.eval() == 3.0


def test_a_closed_session_runs_nothing():
    c = gs.constant(1.0)
    session = gs.Session()
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        session.run(c)
    with gs.Session() as inside:
        pass
    with pytest.raises(RuntimeError, match="closed Session"):
        inside.run(c)


def test_an_interactive_session_is_the_default_one_until_it_is_closed():
    session = gs.InteractiveSession()
    try:
        assert gs.get_default_session() is session
        assert gs.constant(2.0).eval() == 2.0
    finally:
        session.close()
    assert gs.get_default_session() is None
    session.close()  # a second time does no harm


def test_a_tensor_of_another_graph_is_not_evaluated():
    with gs.Graph().as_default():
        foreign, op = gs.constant(1.0), gs.no_op()
    with gs.Session() as session:
        with pytest.raises(ValueError, match="Cannot use the default session to evaluate tensor"):
            foreign.eval()
        with pytest.raises(ValueError, match="Cannot use the given session to execute operation"):
            op.run(session=session)


def test_interactive_sessions_may_be_closed_in_any_order():
    first = gs.InteractiveSession()
    with pytest.warns(UserWarning, match="An interactive session is already active"):
        second = gs.InteractiveSession()
    first.close()
    assert gs.get_default_session() is second
    second.close()
    assert gs.get_default_session() is None


def test_an_interactive_session_brings_its_graph_along_only_when_it_is_given_one():
    before = gs.get_default_graph()
    session = gs.InteractiveSession(graph=gs.Graph())
    assert gs.get_default_graph() is session.graph is not before
    session.close()
    assert gs.get_default_graph() is before
    nesting = len(default_graphs.stack)
    session = gs.InteractiveSession()
    assert len(default_graphs.stack) == nesting  # tf.reset_default_graph is still allowed
    session.close()


# ---- random operations -------------------------------------------------------------------------


def test_two_runs_draw_different_numbers_and_two_sessions_too():
    drawn = gs.random_normal([4])
    session = gs.Session()
    first, second, other = session.run(drawn), session.run(drawn), gs.Session().run(drawn)
    assert (first != second).any()
    assert (first != other).any()


def test_the_seed_of_the_graph_repeats_the_numbers_of_a_new_session():
    gs.set_random_seed(7)
    a, b = gs.random_uniform([4]), gs.random_uniform([4])
    runs = [[session.run([a, b]) for _ in range(2)] for session in (gs.Session(), gs.Session())]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0][0], runs[0][1])  # run by run they differ
    assert not np.array_equal(*runs[0][0])  # and operation by operation


def test_the_seed_of_an_operation_alone_repeats_its_numbers():
    a, b = (gs.random_uniform([4], seed=1) for _ in range(2))
    free = gs.random_normal([4])
    one, other = gs.Session().run([a, b, free]), gs.Session().run([a, b, free])
    assert np.array_equal(one[0], one[1])  # both seeds alike: the same numbers
    assert np.array_equal(one[0], other[0])
    assert not np.array_equal(one[2], other[2])


def test_both_seeds_count():
    gs.set_random_seed(1)
    first = gs.random_uniform([4], seed=5)
    gs.set_random_seed(2)
    second = gs.random_uniform([4], seed=5)
    gs.set_random_seed(1)
    third = gs.random_uniform([4], seed=5)
    a, b, c = gs.Session().run([first, second, third])
    assert not np.array_equal(a, b)
    assert np.array_equal(a, c)


# ---- lessons -----------------------------------------------------------------------------------


def test_a_missing_feed(lesson):
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    keep = gs.placeholder(gs.float32, name="keep_prob")
    old = gs.placeholder(gs.float32, name="old")
    loss = gs.reduce_sum(gs.tanh(x) * keep, name="loss")
    with pytest.raises(gs.errors.InvalidArgumentError) as caught:
        gs.Session().run(loss, {x: [[1.0, 2.0]], old: 1.0})
    assert caught.value.message == (
        "You must feed a value for placeholder tensor 'keep_prob' with dtype float"
    )
    assert caught.value.op is keep.op
    assert lesson(caught.value).splitlines()[0] == "  node      keep_prob [Placeholder]"
    assert lesson(caught.value).splitlines()[1].startswith(f"  line      {HERE}")
    assert lesson(caught.value).splitlines()[2:] == [
        "  needed by loss <- mul <- keep_prob",
        "  try       feed it: feed_dict={keep: ...}",
        "  try       fed, and needed by nothing here: old:0",
    ]


def test_several_missing_feeds_are_named_together(lesson):
    x = gs.placeholder(gs.float32, name="x")
    y = gs.placeholder(gs.float32, [3], name="y")
    with pytest.raises(gs.errors.InvalidArgumentError, match="'x' with dtype float") as caught:
        gs.Session().run(x + y)
    assert "try       feed them: feed_dict={x: ..., y: ...}" in lesson(caught.value)
    with pytest.raises(gs.errors.InvalidArgumentError, match=r"'y' with .* and shape \[3\]"):
        gs.Session().run(x + y, {x: 1.0})


def test_an_uninitialized_variable(lesson):
    w = gs.Variable([1.0], name="w")
    y = gs.exp(w * 2.0, name="y")
    with pytest.raises(gs.errors.FailedPreconditionError) as caught:
        gs.Session().run(y)
    assert caught.value.message == "Attempting to use uninitialized value w"
    text = lesson(caught.value)
    assert "node      w [variable], read by w/read [Identity]" in text
    assert f"{HERE}" in text
    assert 'w = gs.Variable([1.0], name="w")' in text
    assert "needed by y <- mul <- w/read <- w" in text
    assert "run tf.global_variables_initializer() in this session first" in text


def test_an_uninitialized_variable_that_is_fetched_itself(lesson):
    w = gs.Variable([1.0], name="w")
    with pytest.raises(gs.errors.FailedPreconditionError, match="uninitialized value w") as caught:
        gs.Session().run(w)
    assert "node      w [variable], fetched itself" in lesson(caught.value)
    assert gs.Session().run(gs.is_variable_initialized(w)) == np.False_


def test_an_operation_that_fails_while_it_runs(lesson):
    x = gs.placeholder(gs.float32, name="x")
    wide = gs.reshape(gs.negative(x, name="n"), [2, 3], name="wide")
    loss = gs.reduce_sum(wide, name="loss")
    with pytest.raises(gs.errors.InvalidArgumentError) as caught:
        gs.Session().run(loss, {x: [1.0, 2.0, 3.0, 4.0]})
    assert "[[node wide]]" in caught.value.message
    assert caught.value.op is wide.op
    text = lesson(caught.value).splitlines()
    assert text[0] == "  node      wide [Reshape], node 2 of 3, FWD"
    assert text[1].startswith("  input     n:0  f32[4]  ")
    assert text[2].startswith("  input     wide/shape:0  i32[2]  ")
    assert text[3].startswith(f"  line      {HERE}")
    assert text[3].endswith('wide = gs.reshape(gs.negative(x, name="n"), [2, 3], name="wide")')
    assert text[4] == "  needed by loss <- wide"


def test_a_long_path_is_shown_without_its_middle(lesson):
    x = gs.placeholder(gs.float32, name="x")
    h = x
    for i in range(9):
        h = gs.negative(h, name=f"h{i}")
    with pytest.raises(gs.errors.InvalidArgumentError) as caught:
        gs.Session().run(h)
    assert "needed by h8 <- h7 <- h6 <- ... <- h1 <- h0 <- x" in lesson(caught.value)


def test_what_ran_before_an_error_stays():
    x = gs.placeholder(gs.float32)
    w = gs.Variable(1.0)
    grow = w.assign_add(1.0)
    with gs.control_dependencies([grow]):
        failing = gs.reshape(x, [3])
    after = w.assign_add(100.0)
    session = initialized()
    with pytest.raises(gs.errors.InvalidArgumentError):
        session.run([failing, after], {x: [1.0, 2.0]})
    assert session.run(w) == 2.0  # the write before the failing node, not the one after it


def test_an_error_before_the_run_changes_nothing():
    x = gs.placeholder(gs.float32)
    w = gs.Variable(1.0)
    grow = w.assign_add(1.0)
    session = initialized()
    with pytest.raises(gs.errors.InvalidArgumentError, match="You must feed"):
        session.run([grow, x])
    assert session.run(w) == 1.0


def test_floating_point_trouble_is_a_value_and_no_warning():
    x = gs.placeholder(gs.float32)
    assert gs.Session().run([gs.log(x), gs.divide(x, x), gs.exp(x + 1e4)], {x: 0.0})[0] == -np.inf
