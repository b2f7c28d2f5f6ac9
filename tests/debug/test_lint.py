"""lint: what it finds in a graph, what it says of it, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.questions.lint import THEMES
from graphscope.debug.rules.ranges import ANYTHING, ranges
from graphscope.debug.rules.rule import RULES, Severity

SGD = gs.train.GradientDescentOptimizer


def linted(fetches, feed=None, initialize=True):
    session = gs.Session()
    if initialize:
        session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed).lint()


def rules_of(found):
    return [finding.rule for finding in found.findings]


@pytest.fixture
def W():
    return gs.Variable([1.0, 2.0], name="W")


# ---- the answer --------------------------------------------------------------------------------


def softmax_twice():
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    y_ = gs.placeholder(gs.float32, [None, 3], name="y_")
    weights = gs.Variable(gs.truncated_normal([4, 3], seed=1), name="W")
    p = gs.nn.softmax(gs.matmul(x, weights, name="logits"), name="p")
    loss = gs.reduce_mean(gs.nn.softmax_cross_entropy_with_logits(labels=y_, logits=p, name="ce"))
    return SGD(0.1).minimize(loss, name="train"), {x: np.ones([5, 4]), y_: np.ones([5, 3]) / 3}


def test_a_finding_says_what_where_and_what_to_do():
    train, feed = softmax_twice()
    found = linted(train, feed)
    assert not found.ok
    assert found.fetched == ("train",) or found.fetched == ("'train'",)
    (finding,) = found.findings
    assert finding.rule == "softmax-twice"
    assert finding.severity is Severity.WRONG
    assert (finding.node.name, finding.node.type) == ("p", "Softmax")
    assert finding.line.startswith("test_lint.py:")
    assert [op.name for op in finding.related] == ["ce"]
    assert "0.5514" in finding.sentence
    assert finding.remedy == "give it what goes into Softmax: logits=logits"
    assert found.of("softmax-twice") == (finding,)
    assert found.of("broadcast") == ()
    assert found.rules == len(RULES)


def test_the_text(transcript):
    train, feed = softmax_twice()
    found = linted(train, feed)
    line = found.findings[0].line
    transcript.same(
        str(found).replace(line, "model.py:1"),
        f"""
 1 finding for {found.fetched[0]} ({len(RULES)} rules, {found.nodes} nodes)
 WRONG  softmax-twice  p [Softmax]  model.py:1
   p [Softmax] is fed into ce, which takes a softmax itself. Its inputs are
   between 0 and 1, so with 3 classes the loss cannot fall below 0.5514.
   try: give it what goes into Softmax: logits=logits
""",
    )


def test_nothing_found_is_said(W):
    found = linted(SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train"))
    assert found.ok
    text = (
        f"Nothing is found wrong with {found.fetched[0]} ({len(RULES)} rules, {found.nodes} nodes)."
    )
    assert str(found).strip() == text


def test_other_fetches_can_be_asked_about(W):
    risky = gs.log(gs.nn.relu(W), name="risky")
    d = gs.debug(gs.Session(), gs.identity(W, name="fine"))
    assert d.lint().ok
    assert rules_of(d.lint("risky")) == ["log-of-zero"]
    assert rules_of(d.lint(risky, "fine")) == ["log-of-zero"]
    with pytest.raises(DebugError, match="The graph has no node 'rsky'; did you mean 'risky'"):
        d.lint("rsky")


def test_the_surest_come_first(W):
    loss = gs.reduce_sum(gs.sqrt(gs.square(W)) + gs.log(gs.nn.relu(W)))
    found = linted(SGD(-1.0).minimize(loss, name="train"))
    assert [finding.severity for finding in found.findings] == [
        Severity.WRONG,
        Severity.LIKELY,
        Severity.RISK,
    ]


def test_every_rule_is_told_apart_and_has_a_theme():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names)) >= 20
    assert {rule.search.__module__ for rule in RULES} == {theme.__name__ for theme in THEMES}
    assert all(rule.search.__doc__ for rule in RULES)


def test_it_changes_nothing(W):
    train = SGD(gs.train.exponential_decay(0.1, gs.train.get_or_create_global_step(), 10, 0.5))
    op = train.minimize(gs.reduce_sum(gs.square(W)), name="train")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, op)
    before = dict(session.state.variables), len(session.graph.operations), session.plans, d.t
    d.lint()
    assert (dict(session.state.variables), len(session.graph.operations), session.plans, d.t) == (
        before
    )


# ---- odd graphs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: gs.constant(1.0),
        lambda: gs.constant("text"),
        lambda: gs.zeros([0, 3]) + 1.0,
        lambda: gs.constant([True, False]),
        lambda: gs.argmax(gs.constant([1, 2, 3]), 0),
        lambda: gs.placeholder(gs.float32, None, name="x") * 2.0,
        lambda: gs.cond(gs.constant(True), lambda: gs.constant(1.0), lambda: gs.constant(2.0)),
        lambda: gs.while_loop(lambda i: i < 3, lambda i: i + 1, [gs.constant(0)]),
        lambda: gs.no_op(),
        lambda: gs.Variable(1.0, name="W"),
    ],
)
def test_graphs_without_anything_to_find(make):
    assert rules_of(linted(make(), initialize=False)) == []


def test_inside_of_a_branch(W):
    loss = gs.cond(
        gs.reduce_sum(W) > 0.0,
        lambda: gs.reduce_sum(gs.log(gs.nn.softmax(W), name="inside")),
        lambda: gs.reduce_sum(W),
    )
    found = linted(SGD(0.1).minimize(loss, name="train"))
    assert [(f.rule, f.node.type) for f in found.findings] == [("log-of-zero", "Log")]
    assert found.findings[0].node.body is not None


def test_dropout_in_a_branch_that_does_not_run_is_off(W):
    training = gs.placeholder(gs.bool, [], name="training")
    dropped = gs.cond(training, lambda: gs.nn.dropout(W, 0.5, seed=1), lambda: gs.identity(W))
    SGD(0.1).minimize(gs.reduce_sum(gs.square(dropped)))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    for on in (False, True):
        d = gs.debug(session, dropped, {training: on})
        d.run_to_end()
        assert rules_of(d.lint()) == ["dropout-when-testing"] * on


# ---- each rule, where it has to be silent -------------------------------------------------------


def test_logits_that_are_not_squashed():
    x = gs.placeholder(gs.float32, [None, 3])
    labels = gs.placeholder(gs.int32, [None])
    for logits in (x, gs.nn.relu(x), gs.nn.log_softmax(x), gs.nn.softmax(x) * 10.0):
        loss = gs.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        assert "softmax-twice" not in rules_of(linted(loss, {x: np.ones([2, 3]), labels: [0, 1]}))


@pytest.mark.parametrize(
    ("first", "second", "finds"),
    [
        ([None, 1], [None], True),
        ([None], [None, 1], True),
        ([5, 1], [5], True),
        ([1, 1], [1], False),
        ([None, 1], [3], False),
        ([None, 1], [None, 1], False),
        ([None, 3], [3], False),
        ([None], [None], False),
        ([None, 1], [], False),
        ([4, 1], [5], False),
    ],
)
def test_which_shapes_cross(first, second, finds):
    a = gs.placeholder(gs.float32, first, name="a")
    b = gs.placeholder(gs.float32, second, name="b")
    found = rules_of(gs.debug(gs.Session(), a - b).lint())
    assert found == ["broadcast"] * finds


def test_a_vector_that_only_counts_does_not_cross():
    lengths = gs.placeholder(gs.int32, [None], name="lengths")
    mask = gs.expand_dims(lengths, 1) > gs.range(gs.reduce_max(lengths))
    assert rules_of(gs.debug(gs.Session(), mask).lint()) == []
    column = gs.placeholder(gs.int32, [None, 1], name="column")
    mask = gs.less(gs.range(gs.reduce_max(column)), column)
    assert rules_of(gs.debug(gs.Session(), mask).lint()) == []


def test_all_pairs_are_meant_where_an_axis_was_added():
    x = gs.placeholder(gs.float32, [None], name="x")
    y = gs.placeholder(gs.float32, [None], name="y")
    for column in (gs.expand_dims(x, 1), gs.reshape(x, [-1, 1]), x[:, None]):
        assert rules_of(gs.debug(gs.Session(), column - y).lint()) == []


def test_sizes_that_the_run_has_shown_to_differ_do_not_cross():
    a = gs.placeholder(gs.float32, [None, 1], name="a")
    b = gs.placeholder(gs.float32, [None], name="b")
    assert rules_of(linted(a - b, {a: [[1.0], [2.0]], b: [1.0, 2.0]})) == ["broadcast"]
    assert rules_of(linted(a - b, {a: [[1.0], [2.0]], b: [1.0, 2.0, 3.0]})) == []


def test_a_softmax_along_another_axis_that_is_no_batch():
    x = gs.placeholder(gs.float32, [None, 5, 3], name="x")
    W = gs.Variable(1.0, name="W")
    loss = gs.reduce_sum(gs.square(gs.nn.softmax(x * W, axis=1)))
    train = SGD(0.1).minimize(loss, name="train")
    assert rules_of(linted(train, {x: np.ones([2, 5, 3])})) == []


def test_a_cut_is_told_once_for_all_variables_behind_it():
    a, b = gs.Variable(1.0, name="a"), gs.Variable(2.0, name="b")
    kept = gs.Variable(3.0, name="kept")
    loss = gs.round(a * b, name="cut") + gs.square(kept)
    found = linted(SGD(0.1).minimize(loss, name="train"))
    (finding,) = found.findings
    assert (finding.rule, finding.node.name) == ("gradient-cut", "cut")
    assert [op.name for op in finding.related] == ["a", "b"]
    assert finding.remedy.startswith("use the number itself")


def test_what_minimize_refused_is_found_in_the_loss():
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.cast(gs.argmax(W, 0, name="cut"), gs.float32, name="loss")
    with pytest.raises(ValueError, match="No gradients"):
        SGD(0.1).minimize(loss)
    assert rules_of(linted(loss)) == ["gradient-cut"]


def test_an_accuracy_is_no_loss(W):
    found = gs.reduce_mean(gs.cast(gs.equal(gs.argmax(W, 0), 1), gs.float32), name="accuracy")
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    assert "gradient-cut" not in rules_of(linted([train, found]))
    assert linted(found).ok


def test_a_target_that_is_copied_is_not_unused(W):
    target = gs.Variable([0.0, 0.0], name="target")
    gs.assign(target, W)
    assert linted(SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")).ok


def test_zeros_in_the_last_layer_are_fine():
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    first = gs.Variable(gs.truncated_normal([4, 8], seed=1), name="first")
    last = gs.Variable(gs.zeros([8, 3]), name="last")
    loss = gs.reduce_sum(gs.square(gs.matmul(gs.nn.relu(gs.matmul(x, first)), last) - 1.0))
    assert linted(SGD(0.1).minimize(loss, name="train"), {x: np.ones([2, 4])}).ok
    # Weights of zero behind which others are random move, but for a Relu.
    hidden = gs.tanh(gs.matmul(x, gs.Variable(gs.zeros([4, 8]), name="zeros")))
    loss = gs.reduce_sum(gs.square(gs.matmul(hidden, first[:3] * 1.0, transpose_b=True) - 1.0))
    train = SGD(0.1).minimize(loss, var_list=gs.get_collection("trainable_variables")[2:])
    assert "equal-weights" not in rules_of(linted(train, {x: np.ones([2, 4])}))


@pytest.mark.parametrize(
    ("optimizer", "rate", "finds"),
    [
        (gs.train.GradientDescentOptimizer, 0.5, False),
        (gs.train.GradientDescentOptimizer, 0.0, True),
        (gs.train.GradientDescentOptimizer, -0.1, True),
        (gs.train.GradientDescentOptimizer, 20.0, True),
        (gs.train.AdamOptimizer, 0.1, False),
        (gs.train.AdamOptimizer, 2.0, True),
        (gs.train.AdadeltaOptimizer, 1.0, False),
        (gs.train.AdagradOptimizer, 1.0, False),
        (gs.train.RMSPropOptimizer, 3.0, True),
    ],
)
def test_learning_rates(W, optimizer, rate, finds):
    train = optimizer(rate).minimize(gs.reduce_sum(gs.square(W)), name="train")
    assert rules_of(linted(train)) == ["learning-rate"] * finds


def test_a_learning_rate_that_is_fed_or_falls(W):
    rate = gs.placeholder(gs.float32, [], name="rate")
    train = SGD(rate).minimize(gs.reduce_sum(gs.square(W)), name="train")
    assert linted(train, {rate: 0.1}).ok
    (finding,) = linted(train, {rate: 0.0}).findings
    assert finding.node.name == "rate"
    missing = gs.debug(gs.Session(), train).lint()
    assert "learning-rate" not in rules_of(missing)  # nobody can know it


def test_counting_twice_shows_what_it_does_to_the_rate():
    # 0.1 * 0.96 ^ (1000 / 100) = 0.0665, and 0.0442 after 2000 counts.
    W = gs.Variable(1.0, name="W")
    step = gs.train.get_or_create_global_step()
    optimizer = SGD(gs.train.exponential_decay(0.1, step, 100, 0.96))
    loss = gs.square(W)
    both = [optimizer.minimize(loss, global_step=step, name=n) for n in ("first", "second")]
    (finding,) = linted(both).of("counted-twice")
    assert "after 1000 runs it is 2000" in finding.sentence
    assert "The learning rate is then 0.0442 in place of 0.0665." in finding.sentence
    assert (finding.node.name, finding.related[0].name) == ("second", "global_step")


def test_a_counter_that_is_fetched_beside_its_increment_is_no_surprise():
    step = gs.train.get_or_create_global_step()
    W = gs.Variable(1.0, name="W")
    train = SGD(0.1).minimize(gs.square(W), global_step=step, name="train")
    assert linted([train, step]).ok
    assert rules_of(linted([train, W])) == ["no-order"]


def test_summaries_may_show_a_variable_as_they_like(W):
    gs.summary.histogram("W", W)
    gs.summary.scalar("mean", gs.reduce_mean(W))
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    assert linted([train, gs.summary.merge_all()]).ok


def test_updates_that_another_run_makes_are_not_left_out():
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    from graphscope import layers

    out = layers.batch_normalization(x * gs.Variable(1.0, name="W"), training=True, name="norm")
    train = SGD(0.1).minimize(gs.reduce_mean(gs.square(out - 1.0)), name="train")
    updates = gs.get_collection(gs.GraphKeys.UPDATE_OPS)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    feed = {x: np.arange(8.0).reshape(2, 4)}
    (finding,) = gs.debug(session, train, feed).lint().findings
    assert (finding.rule, finding.node, finding.related) == (
        "updates-left-out",
        updates[0],
        (updates[1],),
    )
    session.run(updates, feed)
    assert gs.debug(session, train, feed).lint().ok
    assert gs.debug(session, [train, updates], feed).lint().ok


def test_layers_that_one_line_makes_before_the_runs_are_no_growth():
    x = gs.placeholder(gs.float32, [], name="x")
    layers = [gs.multiply(x, float(i)) for i in range(4)]
    session = gs.Session()
    for layer in layers:
        session.run(layer, {x: 1.0})
    assert gs.debug(session, layers[0], {x: 1.0}).lint().ok


def test_growth_is_seen_in_debugged_runs_too():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.multiply(x, 2.0, name="y")
    d = gs.debug(gs.Session(), y, {x: 1.0})
    for _ in range(3):
        d.run_to_end()
        gs.add(y, 1.0, name="lost")
        d.run()
    (finding,) = d.lint().findings
    assert (finding.rule, finding.node.name) == ("graph-grows", "lost_2")
    # The sum and its constant, three times.
    assert "2 each time, 6 so far" in finding.sentence


def test_shuffling_by_one_order_or_one_seed():
    a, b = gs.constant([0.0, 1.0, 2.0]), gs.constant([3.0, 4.0, 5.0])
    W = gs.Variable(1.0, name="W")

    def trained(first, second):
        return SGD(0.1).minimize(gs.reduce_sum(gs.square(first * W - second)), name="train")

    apart = trained(gs.random_shuffle(a), gs.random_shuffle(b))
    together = trained(gs.random_shuffle(a, seed=3), gs.random_shuffle(b, seed=3))
    alone = trained(gs.random_shuffle(gs.random_shuffle(a)), b)
    assert rules_of(linted(apart)) == ["shuffled-apart"]
    assert linted(together).ok
    assert linted(alone).ok


def test_feeds_nobody_takes_only_count_where_something_is_trained_or_missing(W):
    x = gs.placeholder(gs.float32, [], name="x")
    spare = gs.placeholder(gs.float32, [], name="spare")
    y = gs.reduce_sum(gs.square(W * x))
    train = SGD(0.1).minimize(y, name="train")
    assert linted(y, {x: 1.0, spare: 1.0}).ok  # labels are fed by habit
    assert rules_of(linted(train, {x: 1.0, spare: 1.0})) == ["feed-unused"]
    (finding,) = linted(y, {spare: 1.0}).findings
    assert "is x meant, which is not fed?" in finding.sentence


@pytest.mark.parametrize(
    ("value", "finds"),
    [
        (np.arange(9.0).reshape(3, 3).T, True),
        (np.arange(9.0).reshape(3, 3), False),
        (np.arange(9.0).reshape(3, 3).T.copy(), False),
        (np.ones([1, 1]), False),
    ],
)
def test_a_square_feed_that_was_turned_round(value, finds):
    x = gs.placeholder(gs.float32, [None, len(value)], name="x")
    assert rules_of(linted(gs.reduce_sum(x), {x: value})) == ["feed-transposed"] * finds


# ---- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda x: gs.log(gs.nn.softmax(x)), "log-of-zero"),
        (lambda x: gs.log(gs.sigmoid(x)), "log-of-zero"),
        (lambda x: gs.log(1.0 - gs.sigmoid(x)), "log-of-zero"),
        (lambda x: gs.log(gs.nn.relu(x)), "log-of-zero"),
        (lambda x: gs.log(gs.reduce_sum(gs.nn.softmax(x) * gs.one_hot([0], 2), 1)), "log-of-zero"),
        (lambda x: gs.log(gs.nn.softmax(x)[:, 0]), "log-of-zero"),
        (lambda x: gs.log(gs.nn.softmax(x) + 1e-8), None),
        (lambda x: gs.log(gs.maximum(gs.nn.softmax(x), 1e-8)), None),
        (lambda x: gs.log(gs.clip_by_value(gs.nn.softmax(x), 1e-8, 1.0)), None),
        (lambda x: gs.log(gs.reduce_max(gs.nn.softmax(x), 1)), None),
        (lambda x: gs.log(gs.reduce_sum(gs.exp(x))), None),
        (lambda x: gs.log(1.0 + gs.nn.relu(x)), None),
        (lambda x: gs.log(gs.nn.softplus(x)), None),
        (lambda x: gs.log(x), None),
        (lambda x: gs.reduce_logsumexp(x), None),
        (lambda x: gs.nn.log_softmax(x), None),
        (lambda x: x / gs.reduce_sum(gs.cast(x > 0.0, gs.float32)), "division-by-zero"),
        (lambda x: x / gs.nn.relu(x), "division-by-zero"),
        (lambda x: gs.div_no_nan(x, gs.nn.relu(x)), None),
        (lambda x: x / gs.maximum(gs.reduce_sum(gs.cast(x > 0.0, gs.float32)), 1.0), None),
        (lambda x: x / gs.cast(gs.shape(x)[0], gs.float32), None),
        (lambda x: x / gs.reduce_sum(gs.constant([0.0, 1.0])), None),
        (lambda x: x / gs.reduce_sum(gs.exp(x)), None),
        (lambda x: gs.sqrt(gs.reduce_sum(gs.square(x))), "root-of-zero"),
        (lambda x: gs.norm(x), "root-of-zero"),
        (lambda x: gs.sqrt(gs.reduce_sum(gs.square(x)) + 1e-9), None),
        (lambda x: gs.nn.l2_normalize(x, 1), None),
        (lambda x: gs.clip_by_norm(x, 1.0), None),
        (lambda x: gs.where(x > 0.0, gs.log(x), x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.pow(2.0 * x, 0.5), x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.log(gs.sqrt(x)), x), "where-branch"),
        # The slopes of these are 0 where 0 comes to them, but 0 * sqrt(-1) is NaN.
        (lambda x: gs.where(x > 0.0, gs.sqrt(2.0 * x), x), None),
        (lambda x: gs.where(x > 0.0, 3.0 - 2.0 * gs.rsqrt(x) / 5.0, x), None),
        (lambda x: gs.where(x > 0.0, gs.reciprocal(gs.square(x)), x), None),
        (lambda x: gs.where(x > 0.0, gs.sqrt(x) * x, x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.square(gs.rsqrt(x)), x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.reciprocal(x) * x, x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.sqrt(gs.abs(x)) * x, x), None),
        (lambda x: gs.where(gs.equal(x, 0.0), x, 1.0 / x), "where-branch"),
        (lambda x: gs.where(x > 0.0, gs.log(gs.where(x > 0.0, x, gs.ones_like(x))), x), None),
        (lambda x: gs.where(x > 1.0, gs.log(gs.maximum(x, 1.0)), x), None),
        (lambda x: gs.where(x > 0.0, gs.square(x), x), None),
        (lambda x: gs.where(x > 5.0, x, gs.exp(gs.minimum(x, 5.0))), None),
    ],
)
def test_numbers_that_can_go_wrong(make, rule):
    x = gs.Variable([[0.5, 1.0]], name="x")
    train = SGD(0.01).minimize(gs.reduce_sum(make(x * 1.0)), name="train")
    assert rules_of(linted(train)) == ([] if rule is None else [rule])


def test_the_remedy_names_the_logits():
    x = gs.Variable([[0.5, 1.0]], name="x")
    p = gs.nn.softmax(gs.multiply(x, 2.0, name="logits"))
    (finding,) = linted(gs.log(p)).findings
    assert "logits=logits" in finding.remedy
    assert [op.type for op in finding.related] == ["Softmax"]


UNARY = [
    gs.abs, gs.square, gs.exp, gs.nn.relu, gs.nn.softplus, gs.sigmoid, gs.tanh, gs.negative,
    gs.nn.softmax, gs.identity, lambda t: gs.reduce_sum(t, 1, keepdims=True),
    lambda t: gs.reduce_mean(t, 1, keepdims=True), lambda t: gs.reduce_max(t, 1, keepdims=True),
    lambda t: gs.cast(t > 0.5, gs.float32), lambda t: t[:, :1], lambda t: gs.sqrt(gs.abs(t)),
    lambda t: gs.where(t > 0.25, t, gs.ones_like(t)),
    lambda t: gs.where(t < 0.0, gs.zeros_like(t), t),
]  # fmt: skip
BINARY = [gs.add, gs.subtract, gs.multiply, gs.maximum, gs.minimum, gs.squared_difference]
NUMBERS = st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3)


#: Which function, and of which tensors among those that are there.
STEP = st.tuples(
    st.integers(0, len(UNARY) + len(BINARY) - 1), st.integers(0, 20), st.integers(0, 20)
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=8), first=NUMBERS, second=NUMBERS)
def test_every_number_is_in_its_range(steps, first, second):
    """Against the values of a run: bounds hold, and what is positive is never 0."""
    with gs.Graph().as_default() as graph:
        known = [
            gs.placeholder(gs.float32, [1, 3]),
            gs.placeholder(gs.float32, [1, 3]),
            gs.constant([[0.0, 0.5, 1.0]]),
            gs.constant([[1.0]]),
        ]
        fed = known[:2]
        for which, i, j in steps:
            a, b = known[i % len(known)], known[j % len(known)]
            made = UNARY[which](a) if which < len(UNARY) else BINARY[which - len(UNARY)](a, b)
            known.append(made)
        values = gs.Session().run(known, {fed[0]: [first], fed[1]: [second]})
        found = ranges(graph.operations)
        for tensor, value in zip(known, values, strict=True):
            area = found.get(tensor, ANYTHING)
            finite = value[np.isfinite(value)].astype(np.float64)
            slack = 1e-5 * (1 + np.abs(finite))
            assert np.all(finite >= area.low - slack)
            assert np.all(finite <= area.high + slack)
            # exp(-100) is 0 in float32; that is not what is looked for.
            if area.positive and area.low > 1e-30:
                assert np.all(value > 0)


@pytest.mark.parametrize("order", range(4))
def test_an_order_that_is_asked_for_is_seen_however_it_is_asked_for(order):
    W = gs.Variable([1.0, 2.0], name="W")
    written = gs.assign(W, [3.0, 4.0], name="written")
    if order == 0:
        fetch = gs.identity(W.read_value())  # none
    elif order == 1:
        with gs.control_dependencies([written]):
            fetch = W.read_value() * 1.0
    elif order == 2:
        fetch = W.read_value() * 1.0
        with gs.control_dependencies([fetch]):
            written = gs.assign(W, [5.0, 6.0])
    else:
        fetch = written * 1.0  # through what is written
    assert rules_of(linted([fetch, written])) == ["no-order"] * (order == 0)
