"""The fast path gives the interpreter's numbers bit by bit, and leaves what it cannot do to it."""

import threading

import numpy as np
import pytest
from compiled import both_ways, raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.engine.compiled import CompiledRun, Place
from graphscope.engine.fast import call_key

# ---- random graphs -----------------------------------------------------------------------------

UNARY = [
    gs.tanh,
    gs.sigmoid,
    gs.nn.relu,
    gs.square,
    gs.negative,
    gs.exp,
    gs.identity,
    gs.nn.softmax,
    gs.nn.elu,
    gs.transpose,
    lambda x: gs.sqrt(gs.abs(x) + 1.0),
    lambda x: gs.rsqrt(gs.square(x) + 0.5),
    lambda x: x - gs.reduce_mean(x, 0),
    lambda x: x * gs.reduce_sum(x, 1, keepdims=True),
    lambda x: gs.concat([x, gs.tanh(x)], 1),
    lambda x: gs.split(x, [1, -1 + int(x.shape[1])], 1)[1] if int(x.shape[1]) > 1 else x,
    lambda x: gs.reshape(x, [-1, 1]),
    lambda x: gs.clip_by_value(x, -0.5, 0.5),
    lambda x: gs.nn.dropout(x, 0.7, seed=3),
    lambda x: gs.gather(x, [0, 0, int(x.shape[0]) - 1]),
    lambda x: gs.where(x > 0.0, x, 2.0 * x),
    lambda x: gs.where(x > 0.1, gs.sqrt(x), x),
    lambda x: gs.where(x > 0.1, gs.rsqrt(gs.nn.relu(x)), x),
    lambda x: gs.where(x > 0.1, gs.reciprocal(gs.nn.relu(x)), x),
]
BINARY = [gs.add, gs.subtract, gs.multiply, gs.maximum, gs.squared_difference, gs.divide]
OPTIMIZERS = [
    lambda: gs.train.GradientDescentOptimizer(0.1),
    lambda: gs.train.MomentumOptimizer(0.1, 0.9),
    lambda: gs.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    lambda: gs.train.AdamOptimizer(0.01),
    lambda: gs.train.AdagradOptimizer(0.1),
    lambda: gs.train.RMSPropOptimizer(0.01, momentum=0.5),
    lambda: gs.train.AdadeltaOptimizer(0.1),
    lambda: gs.train.FtrlOptimizer(0.1),
]


def grown(random, dtype):
    """A random graph: what may be fetched, what is trained, and what is fed."""
    rows, columns = random.randint(1, 6, 2)
    x = gs.placeholder(dtype, [None, columns] if random.randint(2) else [rows, columns])
    x.set_shape([None, columns])
    fed = {x: random.randn(rows, columns)}
    known = [gs.reshape(x, [int(rows), int(columns)])]
    for _ in range(random.randint(2, 14)):
        one = known[random.randint(len(known))]
        height, width = one.shape.as_list()
        kind = random.randint(6)
        if kind < 2:
            made = UNARY[random.randint(len(UNARY))](one)
        elif kind == 2:
            w = gs.Variable(random.randn(width, random.randint(1, 6)), dtype=dtype)
            made = gs.matmul(one, w)
            if random.randint(2):
                made = made + gs.Variable(random.randn(int(made.shape[1])), dtype=dtype)
            if random.randint(2):
                made = gs.nn.relu(made)
        elif kind == 3:
            shape = [[height, width], [width], [1, width], [height, 1], []][random.randint(5)]
            made = BINARY[random.randint(len(BINARY))](
                one, gs.Variable(random.randn(*shape) + 2.0, dtype=dtype)
            )
        elif kind == 4:
            other = known[random.randint(len(known))]
            alike = other.shape.as_list() == [height, width]
            made = one * other if alike else gs.matmul(one, one, transpose_b=True)
        else:
            made = gs.add_n([one, gs.tanh(one), gs.square(one)])
        if made.shape.is_fully_defined() and made.shape.num_elements() < 200:
            known.append(made)
    return known, fed


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_random_graphs(seed):
    random = np.random.RandomState(seed)
    with gs.Graph().as_default():
        gs.set_random_seed(1)
        dtype = gs.float64 if seed % 3 == 0 else gs.float32
        known, fed = grown(random, dtype)
        loss = gs.add_n([gs.reduce_mean(tensor) for tensor in known[-3:]])
        fetches = [loss, *(known[i] for i in random.randint(0, len(known), 2))]
        variables = gs.trainable_variables()
        slopes = [slope for slope in gs.gradients(loss, variables) if slope is not None]
        if slopes:
            train = OPTIMIZERS[random.randint(len(OPTIMIZERS))]().minimize(loss)
            fetches += [train, *slopes[: random.randint(3)]]
        with gs.Session() as sess:
            sess.run(gs.global_variables_initializer())
            for _ in range(2):
                compiled, _ = both_ways(sess, fetches, fed)
                assert isinstance(compiled, CompiledRun), compiled


# ---- how runs take it --------------------------------------------------------------------------


def trained(batch=4):
    """A regression: its fetches, and feeds."""
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    w = gs.Variable(np.ones((3, 2)), dtype=gs.float32, name="w")
    loss = gs.reduce_mean(gs.square(gs.matmul(x, w) - 0.5))
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    data = np.random.RandomState(0).rand(batch, 3).astype(np.float32)
    return x, w, loss, train, data


def functions(sess):
    """The functions that a session has made."""
    made = [m for call in sess._calls.values() for m in call.functions.made()]
    return [one for one in made if isinstance(one, CompiledRun)]


def session():
    sess = gs.Session()
    sess.run(gs.global_variables_initializer())
    return sess


def test_a_run_that_comes_again_gets_a_function():
    x, _w, loss, train, data = trained()
    sess = session()
    for runs, made in [(1, 0), (1, 1), (3, 1)]:
        for _ in range(runs):
            sess.run([loss, train], {x: data})
        assert len(functions(sess)) == made
    sess.run([loss, train], {x: data[:2]})
    sess.run([loss, train], {x: data[:2]})
    assert len(functions(sess)) == 2  # one for each shape


def test_training_is_the_same_with_and_without(monkeypatch):
    x, w, loss, train, data = trained()
    fast, slow = session(), session()
    seen = [fast.run([loss, train], {x: data})[0] for _ in range(10)]
    monkeypatch.setattr("graphscope.engine.session.call_key", lambda *call: None)
    assert [slow.run([loss, train], {x: data})[0] for _ in range(10)] == seen
    assert functions(fast)
    assert not functions(slow)
    assert raw(fast.run(w)) == raw(slow.run(w))


def test_what_is_returned_is_the_callers_own():
    x, w, _loss, train, data = trained()
    doubled = 2.0 * x
    sess = session()
    results = [sess.run([doubled, w, train], {x: data}) for _ in range(6)]
    assert all(raw(result[0]) == raw(2 * data) for result in results)
    assert len({raw(result[1]) for result in results}) == 6
    results[-1][1][:] = 7
    assert not np.any(sess.run(w) == 7)


def test_nobody_writes_to_a_state_that_somebody_has_kept():
    x, _w, _loss, train, data = trained()
    sess = session()
    kept = []
    for _ in range(6):
        sess.run(train, {x: data})
        state = sess.state.copy()
        kept.append((state, {name: value.copy() for name, value in state.variables.items()}))
    assert functions(sess)
    for state, values in kept:
        assert all(raw(state.variables[name]) == raw(value) for name, value in values.items())
    with pytest.raises(ValueError, match="read-only"):
        sess.state.variables["w"][:] = 0


def test_two_arrays_hold_a_variable_in_turn():
    place = Place(np.zeros((2, 2), np.float32))
    first = place(None)
    known, second = id(first), place(first)
    assert first is not second
    del first
    assert id(place(second)) == known
    third = place(None)
    assert third is not second
    assert place(third) is not second  # somebody holds it: this test


def test_a_failing_run_changes_nothing_and_says_why():
    x = gs.placeholder(gs.int32, [], name="x")
    w = gs.Variable(1.0, name="w")
    rows = gs.gather(gs.constant([1.0, 2.0]), x)
    with gs.control_dependencies([gs.assign_add(w, 1.0)]):
        late = rows * 2.0
    sess = session()
    for _ in range(4):
        sess.run(late, {x: 1})
    assert functions(sess)
    with pytest.raises(gs.errors.InvalidArgumentError, match=r"index|indices") as failed:
        sess.run(late, {x: 5})
    assert failed.value.failure.before.variables["w"] == 5.0
    assert sess.run(late, {x: 0}) == 2.0


def test_a_variable_that_lost_its_value_is_said():
    x, _w, loss, _train, data = trained()
    sess = session()
    for _ in range(3):
        sess.run(loss, {x: data})
    assert functions(sess)
    del sess.state.variables["w"]
    with pytest.raises(gs.errors.FailedPreconditionError, match="w"):
        sess.run(loss, {x: data})


def test_a_placeholder_that_is_not_fed_is_said():
    x, _w, loss, _train, data = trained()
    sess = session()
    for _ in range(3):
        sess.run(loss, {x: data})
    with pytest.raises(gs.errors.InvalidArgumentError, match="feed"):
        sess.run(loss)
    with pytest.raises(ValueError, match="shape"):
        sess.run(loss, {x: data[:, :2]})
    with pytest.raises(ValueError, match=r"string|convert"):
        sess.run(loss, {x: "no number"})


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.tolist(),
        lambda data: data.astype(np.float64),
        lambda data: np.asfortranarray(data),
        lambda data: np.repeat(data, 2, 1)[:, ::2],
        lambda data: data.astype(">f4"),
    ],
)
def test_feeds_of_every_kind(change):
    x, _w, loss, _train, data = trained()
    sess = session()
    expected = sess.run(loss, {x: data})
    for _ in range(4):
        assert sess.run(loss, {x: change(data)}) == pytest.approx(expected, rel=1e-6)
        assert sess.run(loss, {x: data}) == expected


def test_what_is_fed_is_only_looked_at():
    x, _w, _loss, _train, data = trained()
    kept = gs.Variable(np.zeros((4, 3)), dtype=gs.float32)
    keep = gs.assign(kept, x)
    sess = session()
    for _ in range(4):
        sess.run(keep, {x: data})
    assert functions(sess)
    expected = data.copy()
    data[:] = 9
    assert raw(sess.run(kept)) == raw(expected)


def test_reading_before_and_after_a_write():
    w = gs.Variable([1.0, 2.0], use_resource=True)
    before = w.read_value()
    with gs.control_dependencies([before]):
        add = w.assign_add([1.0, 1.0], read_value=False)
    with gs.control_dependencies([add]):
        after = w.read_value()
        again = w.assign_add([1.0, 1.0])
    sess = session()
    results = [sess.run([before, after, again]) for _ in range(5)]
    assert functions(sess)
    firsts = [[r[0][0], r[1][0], r[2][0]] for r in results]
    assert firsts == [[1.0 + 2 * i, 2.0 + 2 * i, 3.0 + 2 * i] for i in range(5)]


def test_threads_wait_for_nobody():
    x, _w, loss, _train, data = trained(200)
    sess = session()
    expected = [sess.run(loss, {x: data}) for _ in range(3)][-1]
    found = []

    def ask():
        found.extend(sess.run(loss, {x: data}) for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 150


def test_a_closed_session_has_forgotten():
    x, _w, loss, _train, data = trained()
    sess = session()
    for _ in range(3):
        sess.run(loss, {x: data})
    sess.close()
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(loss, {x: data})


def test_calls_are_told_apart():
    x, _w, loss, train, _data = trained()
    keys = [
        call_key(loss, {x: 1}),
        call_key([loss], {x: 1}),
        call_key((loss,), {x: 1}),
        call_key({"a": loss}, {x: 1}),
        call_key({"b": loss}, {x: 1}),
        call_key([loss, train], {x: 1}),
        call_key(loss, None),
        call_key("w:0", None),
    ]
    assert len(set(keys)) == len(keys)
    assert None not in keys
    assert call_key(gs.SparseTensor([[0]], [1.0], [1]), None) is None
    assert call_key(loss, {x: 1}) == keys[0]


# ---- what is made of a plan --------------------------------------------------------------------


def made(fetches, feed):
    sess = session()
    compiled, _ = both_ways(sess, fetches, feed)
    return compiled


def test_what_follows_from_shapes_is_known():
    x = gs.placeholder(gs.float32, [None, 3])
    flat = gs.reshape(x, [gs.shape(x)[0] * 3])
    compiled = made(flat + 1.0, {x: np.ones((2, 3))})
    assert {op.type for op in compiled.folded} >= {"Shape", "StridedSlice", "Mul", "Pack"}


def test_what_is_computed_twice_is_shared():
    x = gs.placeholder(gs.float32, [2, 3])
    compiled = made(gs.exp(x) + gs.exp(x), {x: np.ones((2, 3))})
    assert [op.name for op in compiled.shared] == ["Exp_1"]


def test_columns_that_are_joined_are_added_up_in_the_interpreters_order():
    x = gs.placeholder(gs.float64, [7, 9])
    turned = gs.transpose(x)
    joined = gs.concat([turned, gs.tanh(turned)], 1)
    sess = session()
    for seed in range(20):
        fed = {x: np.random.RandomState(seed).randn(7, 9)}
        both_ways(sess, [gs.reduce_mean(joined), gs.reduce_sum(joined, 0)], fed)


def test_what_draws_is_not_shared():
    a, b = gs.random_normal([3], seed=1), gs.random_normal([3], seed=1)
    assert made(a + b, {}).shared == ()


def test_branches_and_loops_are_run_by_the_interpreter_in_the_middle():
    x = gs.placeholder(gs.float32, [2, 2])
    w = gs.Variable(np.eye(2), dtype=gs.float32)
    n = gs.Variable(0)
    chosen = gs.cond(gs.reduce_sum(x) > 1.0, lambda: gs.matmul(x, w), lambda: gs.tanh(x))

    def step(i, v):
        with gs.control_dependencies([gs.assign_add(n, 1)]):
            return i + 1, gs.tanh(gs.matmul(v, w))

    _, found = gs.while_loop(lambda i, v: i < 3, step, [0, chosen])
    loss = gs.reduce_sum(gs.square(found))
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])
    sess = session()
    for value in (1.0, -1.0, 2.0):
        compiled, _ = both_ways(sess, [loss, train, n], {x: np.full((2, 2), value)})
        assert isinstance(compiled, CompiledRun)
        assert {"If", "While", "WhileGradient"} <= {op.type for s in compiled.steps for op in s.ops}
    assert sess.run(n) == 9


def test_a_branch_of_another_shape_is_left_to_the_interpreter():
    x = gs.placeholder(gs.float32, [None])
    some = gs.cond(gs.reduce_sum(x) > 0.0, lambda: x, lambda: x[:1])
    doubled, sess = some * 2.0, session()
    for sign in (1, 1, 1, -1, 1, -1):
        result = sess.run(doubled, {x: np.full(3, sign, np.float32)})
        assert result.tolist() == ([2.0] * 3 if sign > 0 else [-2.0])
    assert functions(sess)


def test_plans_that_stay_with_the_interpreter_say_why():
    x = gs.placeholder(gs.float32, [])
    assert made(gs.py_func(lambda v: v, [x], gs.float32), {x: 0.0}).startswith("PyFunc [PyFunc]")
    assert made(x, {x: 0.0}) == "what is fed is fetched"
