"""explain: what an error means, with what only the graph and the session know."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.questions.explain import Kind
from graphscope.debug.translations import in_the_graph

HERE = "test_explain.py:"


def raised(work):
    with pytest.raises(Exception) as caught:  # which one is what is asked about
        work()
    return caught.value


def explained(work, fetch=None):
    """What is said of the error that `work` raises, by a debugger of the same graph."""
    error = raised(work)
    fetch = gs.constant(0.0, name="nothing") if fetch is None else fetch
    return gs.debug(gs.Session(), fetch).explain(error)


# ---- where the error comes from ----------------------------------------------------------------


def test_the_last_error_of_the_run():
    W = gs.Variable(1.0, name="W")
    d = gs.debug(gs.Session(), gs.square(W, name="y"))
    with pytest.raises(DebugError, match="Nothing has failed here"):
        d.explain()
    with pytest.raises(gs.errors.FailedPreconditionError):
        d.step()
    found = d.explain()
    assert (found.kind, found.node.name) == (Kind.UNINITIALIZED, "W")
    assert found.name == "FailedPreconditionError"
    d.catch("error")
    assert d.explain(d.timeline.failure).node is found.node


@pytest.mark.parametrize("word", ["W", 3])
def test_what_is_no_error(word):
    d = gs.debug(gs.Session(), gs.constant(1.0) * 2.0)
    with pytest.raises(DebugError, match="explain takes an exception of Python"):
        d.explain(word)


def test_an_error_that_has_no_lesson_is_shown_as_it_is():
    def work():
        raise RuntimeError("nobody knows")

    found = explained(work)
    assert (found.kind, found.sentence, found.node) == (Kind.OTHER, "nobody knows", None)
    assert found.at.startswith(HERE)
    assert str(found).strip().startswith("RuntimeError.\n   nobody knows")


# ---- in a run ----------------------------------------------------------------------------------


class Momentum:
    """A variable with a slot, whose initializer was made before, after, or not at all."""

    def __init__(self, when):
        W = gs.Variable([1.0, 2.0], name="W")
        loss = gs.reduce_sum(gs.square(W))
        early = gs.global_variables_initializer() if when == "before" else None
        self.train = gs.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
        late = gs.global_variables_initializer() if when == "after" else None
        session = gs.Session()
        session.run(early if early is not None else W.initializer)
        self.found = gs.debug(session, late or self.train).explain(
            raised(lambda: session.run(self.train))
        )


def test_an_initializer_that_was_made_too_early():
    found = Momentum("before").found
    assert (found.kind, found.node.name) == (Kind.UNINITIALIZED, "W/Momentum")
    (known,) = found.known
    assert known.startswith(f"init ({HERE}")
    assert f"was made before W/Momentum ({HERE}" in known
    assert found.tries == (
        "make tf.global_variables_initializer() after everything else, and run it",
    )


def test_an_initializer_that_has_not_run():
    found = Momentum("after").found
    assert "initializes it, and has not run in this session" in found.known[0]
    assert found.tries == ("sess.run(late)",) or found.tries == ("sess.run('init')",)


def test_no_initializer_at_all():
    found = Momentum("never").found
    assert found.known == ("No initializer was made for the whole graph.",)
    assert "tf.global_variables_initializer()" in found.tries[0]
    assert found.path.startswith("train <- ")
    assert found.line.startswith(HERE)


def test_a_placeholder_that_is_missing():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.placeholder(gs.float32, [], name="y")
    product = gs.multiply(x, y, name="product")
    d = gs.debug(gs.Session(), product, {x: 1.0})
    raised(d.step)
    found = d.explain()
    assert (found.kind, found.node.name, found.known) == (Kind.UNFED, "y", ("Fed are: x:0.",))
    assert found.tries == ("feed it: feed_dict={y: ...}",)
    assert found.path == "product <- y"


def test_a_placeholder_that_was_made_twice():
    first = gs.placeholder(gs.float32, [], name="x")
    y = gs.square(first)
    second = gs.placeholder(gs.float32, [], name="x")
    d = gs.debug(gs.Session(), y, {second: 1.0})
    raised(d.step)
    found = d.explain()
    assert found.node is first.op
    assert found.known[1].startswith(f"x_1 ({HERE}")
    assert "is another placeholder of that name, and the model uses x" in found.known[1]
    assert "tf.reset_default_graph()" in found.tries[0]


def test_placeholders_without_names_are_no_twins():
    a, b = gs.placeholder(gs.float32, []), gs.placeholder(gs.float32, [])
    d = gs.debug(gs.Session(), a * b, {a: 1.0})
    raised(d.step)
    assert len(d.explain().known) == 1


def test_an_error_of_another_run_says_nothing_of_the_feeds_of_this_one():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.square(x)
    error = raised(lambda: gs.Session().run(y))
    assert gs.debug(gs.Session(), y, {x: 1.0}).explain(error).known == ()


def test_a_node_that_fails():
    a = gs.placeholder(gs.float32, [None, None], name="a")
    d = gs.debug(gs.Session(), gs.matmul(a, a, name="product"), {a: np.ones([2, 3])})
    raised(d.run_to_end)
    found = d.explain()
    assert (found.kind, found.node.name) == (Kind.NODE, "product")
    assert "[[node" not in found.sentence
    assert len(found.inputs) == 2
    assert found.inputs[0].startswith("a:0  f32[2,3]")
    assert found.tries[-1] == "look at what goes in: until product, back, where"


def test_a_node_that_fails_inside_of_a_loop():
    x = gs.placeholder(gs.float32, [None, None], name="x")

    def body(i, v):
        return i + 1, gs.matmul(v, v, name="product")

    loop = gs.while_loop(
        lambda i, v: i < 2, body, [gs.constant(0), x],
        shape_invariants=[gs.TensorShape([]), gs.TensorShape([None, None])],
    )  # fmt: skip
    d = gs.debug(gs.Session(), loop[1], {x: np.ones([2, 3])})
    raised(d.run_to_end)
    found = d.explain()
    assert found.kind is Kind.NODE
    assert found.node.type == "MatMul"
    assert found.node.body is not None


# ---- feeds -------------------------------------------------------------------------------------


SIZE = st.integers(1, 6)


@settings(max_examples=80, deadline=None)
@given(fed=st.lists(SIZE, max_size=4), wanted=st.lists(st.none() | SIZE, max_size=4))
def test_the_axes_that_differ(fed, wanted):
    """Against the rule itself: it is an error exactly when some axis does not fit, and these are
    the ones that are marked."""
    fits = len(fed) == len(wanted) and all(
        w is None or f == w for f, w in zip(fed, wanted, strict=True)
    )
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, wanted, name="x")
        y = gs.identity(x)
        session = gs.Session()
        if fits:
            session.run(y, {x: np.ones(fed)})
            return
        found = explained(lambda: session.run(y, {x: np.ones(fed)}))
    assert (found.kind, found.node.name) == (Kind.FEED_SHAPE, "x")
    marked = [axis.number for axis in found.axes if not axis.fits]
    longest = max(len(fed), len(wanted))
    assert [axis.number for axis in found.axes] == list(range(longest))
    assert marked == [
        i
        for i in range(longest)
        if i >= len(fed) or i >= len(wanted) or wanted[i] not in (None, fed[i])
    ]
    assert str(found).count("DIFFERS") == len(marked) >= 1


@pytest.mark.parametrize(
    ("fed", "wanted", "cause"),
    [
        ((50, 2352), [None, 784], "2352 = 3 x 784: the last axis has 3 parts (colour channels?)"),
        ((5, 28, 28), [None, 784], "the examples have as many numbers in another form: "
                                   "value.reshape(-1, 784)"),
        ((5, 784), [None, 28, 28, 1], "the examples have as many numbers in another form: "
                                      "value.reshape(-1, 28, 28, 1)"),
        ((784,), [None, 784], "one example was fed where a batch is wanted: value[None], or "
                              "value.reshape(1, -1)"),
        ((50,), [None, 10], "are these class numbers? feed np.eye(10)[labels], one row for each"),
        ((50,), [None, 1], "a vector was fed where a column is wanted: value.reshape(-1, 1)"),
        ((3, 5), [5, 3], "rows and columns are swapped: value.T"),
    ],
)  # fmt: skip
def test_what_is_usually_behind_a_wrong_shape(fed, wanted, cause):
    x = gs.placeholder(gs.float32, wanted, name="x")
    found = explained(lambda: gs.Session().run(x + 1.0, {x: np.ones(fed)}))
    assert found.tries == (cause,)


def test_feeding_a_tensor_or_a_number_that_is_too_large():
    x = gs.placeholder(gs.int8, [], name="x")
    for value in (gs.constant(1), 1000):
        found = explained(lambda value=value: gs.Session().run(x + 1, {x: value}))
        assert (found.kind, found.node.name) == (Kind.FEED_TYPE, "x")
        assert found.tries


def test_another_graph():
    own = gs.placeholder(gs.float32, [], name="x")
    y = gs.square(own)
    with gs.Graph().as_default():
        other = gs.placeholder(gs.float32, [], name="x")
        alone = gs.placeholder(gs.float32, [], name="alone")
    found = explained(lambda: gs.Session().run(y, {other: 1.0}))
    assert (found.kind, found.node) == (Kind.OTHER_GRAPH, own.op)
    assert "the one that was given is of another graph" in found.known[1]
    assert found.tries[0] == "use that one: own"
    assert found.line.startswith(HERE)  # of the one that was given
    assert found.line != str(own.op.source)
    found = explained(lambda: gs.Session().run(alone))
    assert found.node is None
    assert found.known[1] == "It has nothing with the name 'alone:0'."


# ---- while the graph is built -------------------------------------------------------------------


def test_numpy_on_a_tensor():
    x = gs.placeholder(gs.float32, [None], name="x")
    found = explained(lambda: np.abs(x))
    assert (found.kind, found.node.name) == (Kind.NO_VALUE, "x")
    assert found.use == "tf.abs in place of np.abs"
    assert found.tries == (
        "tf.abs in place of np.abs does it inside the graph",
        "or get its value first: sess.run(x)",
    )
    assert found.at.startswith(HERE)
    assert "np.abs(x)" in found.at


def test_python_on_a_tensor():
    x = gs.placeholder(gs.float32, [None], name="x")
    cases = {
        "tf.cond or tf.where": lambda: 1 if x else 2,
        "tf.shape(x)[0]": lambda: len(x),
        "tf.cast(x, tf.float32)": lambda: float(x),
        "tf.cast(x, tf.int32)": lambda: int(x),
        "tf.unstack": lambda: list(x),
    }
    for use, work in cases.items():
        found = explained(work)
        assert (found.kind, found.use) == (Kind.NO_VALUE, use)
        assert found.tries[0] == f"{use} does it inside the graph"


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("y = np.log(x) + 1", "tf.log in place of np.log"),
        ("z = numpy.sum(x, axis=0)", "tf.reduce_sum in place of np.sum"),
        ("n = np.linalg.norm(x)", "tf.norm in place of np.linalg.norm"),
        ("z = np.frobnicate(x)", ""),
        ("z = np.frobnicate(np.mean(x))", "tf.reduce_mean in place of np.mean"),
        ("x.foo", ""),
    ],
)
def test_what_does_the_same_in_the_graph(line, use):
    assert in_the_graph(line) == use


def test_every_function_that_is_proposed_exists():
    import re

    from graphscope import compat
    from graphscope.debug import translations

    tf = compat.install() or __import__("tensorflow")
    proposed = " ".join([*translations._NUMPY.values(), *translations._PYTHON.values()])
    for name in re.findall(r"tf\.(\w+)", proposed):
        assert hasattr(tf, name), name


def test_a_variable_that_exists():
    def work():
        for _ in range(2):
            gs.get_variable("W", [2])

    found = explained(work)
    assert (found.kind, found.node.name) == (Kind.EXISTS, "W")
    assert len(found.known) == 2
    assert "the cell, or the function, ran twice in one graph" in found.known[1]
    assert found.known[0].count(HERE) == 2
    assert "reuse=tf.AUTO_REUSE" in found.tries[1]

    gs.get_variable("V", [2])
    found = explained(lambda: gs.get_variable("V", [2]))
    assert len(found.known) == 1


def test_no_gradients():
    W, V = gs.Variable([1.0, 2.0], name="W"), gs.Variable(1.0, name="V")
    loss = gs.cast(gs.argmax(W, 0, name="cut"), gs.float32, name="loss")
    found = explained(lambda: gs.train.AdamOptimizer().minimize(loss))
    assert (found.kind, found.node.name) == (Kind.NO_GRADIENTS, "cut")
    assert found.known[0].startswith(f"W: cut by cut [ArgMax] ({HERE}")
    assert found.known[1] == "V: loss is not computed from it."
    assert found.tries == ("use the probabilities (tf.nn.softmax) in the loss, not the position",)
    assert V.op.name == "V"


def test_no_gradients_where_nothing_is_used():
    gs.Variable(1.0, name="W")
    loss = gs.square(gs.placeholder(gs.float32, [], name="x"), name="loss")
    found = explained(lambda: gs.train.AdamOptimizer().minimize(loss))
    assert found.node.name == "loss"
    assert found.tries == ("use the variables in what the loss is made of",)


def test_inputs_that_do_not_fit_together():
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    found = explained(lambda: gs.matmul(x, gs.zeros([4, 2])))
    assert found.kind is Kind.BUILD
    assert len(found.inputs) == 2
    assert found.inputs[0].startswith("a: x:0 f32[?,3], made at")


# ---- the text ----------------------------------------------------------------------------------


def test_the_text(transcript):
    x = gs.placeholder(gs.float32, [None, 784], name="x")
    found = explained(lambda: gs.Session().run(x + 1.0, {x: np.ones([50, 2352])}))
    found = replace(found, line="model.py:3  x = tf.placeholder(tf.float32)", at="model.py:9  run")
    transcript.same(
        str(found),
        """
 ValueError: a feed has another shape.
   Cannot feed value of shape (50, 2352) for Tensor 'x:0', which has shape '(?,
   784)'
   node       x [Placeholder]
   input      fed: ndarray of shape (50, 2352)
   line       model.py:3  x = tf.placeholder(tf.float32)
   raised at  model.py:9  run
   axis  fed   wanted
   0     50    any     fits
   1     2352  784     DIFFERS
   try: 2352 = 3 x 784: the last axis has 3 parts (colour channels?)
""",
    )


def test_no_text_leaves_a_word_out():
    W = gs.Variable([1.0, 2.0], name="W")
    x = gs.placeholder(gs.float32, [2], name="x")
    works = [
        lambda: gs.Session().run(W),
        lambda: gs.Session().run(x),
        lambda: gs.Session().run(x, {x: np.ones(3)}),
        lambda: gs.Session().run("y:0"),
        lambda: np.log(x),
        lambda: gs.train.AdamOptimizer().minimize(gs.round(W)),
        lambda: gs.concat([x, gs.zeros([2, 2])], 0),
    ]
    for work in works:
        text = str(explained(work))
        assert "None" not in text
        assert " ()" not in text
        assert all(len(line) <= 80 for line in text.splitlines())
