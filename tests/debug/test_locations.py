"""The one grammar of places: which operations each word means, and what is said of wrong words."""

import pytest

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace

HERE = "test_locations.py"


class Model:
    def __init__(self):
        self.x = gs.placeholder(gs.float32, [], name="x")
        self.W = gs.Variable(2.0)  # named Variable, and W in Python
        with gs.name_scope("dense"):
            h = gs.multiply(self.x, self.W, name="MatMulLike")
            deep = gs.tanh(h)
        with gs.name_scope("other"):
            gs.tanh(self.x)
        loss = gs.square(deep, name="loss")
        train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
        self.h, self.deep, self.loss, self.train = h, deep, loss, train
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())
        self.d = gs.debug(self.session, [loss, train], {self.x: 3.0})


@pytest.fixture
def model():
    return Model()


def names(ops):
    return [op.name for op in ops]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("dense/MatMulLike", ["dense/MatMulLike"]),
        ("dense/MatMulLike:0", ["dense/MatMulLike"]),
        (" loss ", ["loss"]),
        ("deep", ["dense/Tanh"]),  # by the Python name
        ("MatMulLike", ["dense/MatMulLike"]),  # by the end of one name
        ("@tanh", ["dense/Tanh", "other/Tanh"]),
        ("@Variable*", ["Variable"]),
        ("dense/*", ["dense/MatMulLike", "dense/Tanh"]),
        ("*/Tan?", ["dense/Tanh", "other/Tanh"]),
        ("/^dense/T/", ["dense/Tanh"]),
        ("%Variable", ["Variable"]),
        ("%self.W", ["Variable"]),
        ("self.W", ["Variable"]),
        ("Variable/read", ["Variable/read"]),
        ("#1", ["Variable/read"]),
        ("#2", ["dense/MatMulLike"]),
        ("x", ["x"]),
    ],
)
def test_what_words_mean(model, spec, expected):
    assert names(model.d.locations.operations(spec)) == expected


def test_objects_mean_themselves(model):
    locations = model.d.locations
    for thing, op in [
        (model.h, model.h.op),
        (model.h.op, model.h.op),
        (model.W, model.W.op),
        (model.train, model.train),
    ]:
        assert locations.operations(thing) == [op]
    assert locations.tensor(model.W) is model.W._ref()
    assert locations.tensor(model.h) is model.h
    assert locations.tensor("dense/MatMulLike:0") is model.h


def test_the_line_that_made_it(model):
    line = model.deep.op.source.lineno
    assert names(model.d.locations.operations(f"{HERE}:{line}")) == ["dense/Tanh"]
    with pytest.raises(UnknownPlace, match=rf"^No node was made at {HERE}:1\.$"):
        model.d.locations.operations(f"{HERE}:1")


def test_here_and_the_last_node(model):
    d = model.d
    with pytest.raises(UnknownPlace, match="The run has not begun: nothing has run yet"):
        d.locations.operations(".")
    d.step(2)
    assert d.locations.operations(".") == [model.h.op]
    assert d.locations.operations("$") == [model.train]


def test_phases(model):
    d = model.d
    assert names(d.locations.nodes("fwd")) == [
        "Variable/read",
        "dense/MatMulLike",
        "dense/Tanh",
        "loss",
    ]
    assert d.locations.nodes("UPD")[-1] is model.train
    assert d.locations.nodes("bwd")
    assert sum(len(d.locations.nodes(p)) for p in ("fwd", "bwd", "upd")) == len(d.plan)


def test_a_variable_as_a_stop_is_what_writes_it(model):
    nodes = model.d.locations.nodes("%self.W")
    assert [op.type for op in nodes] == ["ApplyGradientDescent"]
    still = gs.debug(model.session, model.loss, {model.x: 1.0})
    with pytest.raises(DebugError, match=r"Nothing writes self\.W in this run\. Try: why self\.W"):
        still.brk("%self.W")


def test_nodes_are_those_of_the_plan_in_its_order(model):
    assert names(model.d.locations.nodes("@tanh")) == ["dense/Tanh"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("los", "The graph has no node 'los'; did you mean 'loss'?"),
        ("qqqqqq", "The graph has no node 'qqqqqq'."),
        ("@Tan", "The graph has no operation of type 'Tan'; did you mean 'Tanh'?"),
        ("@Qqq", "The graph has no operation of type 'Qqq'."),
        ("%V", "The graph has no variable 'V'; it has self.W."),
        ("%self.w", "The graph has no variable 'self.w'; did you mean 'self.W'?"),
        ("%loss", "The graph has no variable 'loss'; it has self.W."),
        ("#0", "There is no time '0': the run goes from 1 to "),
        ("#99", "There is no time '99': the run goes from 1 to "),
        ("/(/", "/(/ is not a regular expression: "),
        ("nothing/*", "The graph has no node 'nothing/*'."),
        ("/nothing/", "The graph has no node '/nothing/'."),
    ],
)
def test_unknown_words(model, spec, message):
    with pytest.raises(UnknownPlace) as caught:
        model.d.locations.operations(spec)
    assert str(caught.value).startswith(message)


def test_no_variables_at_all():
    d = gs.debug(gs.Session(), gs.constant(1.0) + 1.0)
    with pytest.raises(UnknownPlace, match=r"no variable 'W'; it has none\.$"):
        d.why("W")


def test_one_node_is_asked_for(model):
    with pytest.raises(DebugError, match="'@Tanh' means 2 operations, dense/Tanh, other/Tanh: "):
        model.d.locations.one("@Tanh")
    with pytest.raises(DebugError, match=r"operations, .*, \.\.\.: name one of them"):
        model.d.locations.one("*")
    with pytest.raises(UnknownPlace):
        model.d.locations.one("Tanh")  # the end of two names is the name of none


def test_an_operation_of_another_graph(model):
    with gs.Graph().as_default():
        foreign = gs.constant(1.0)
    with pytest.raises(ValueError, match="is not an element of this graph"):
        model.d.value(foreign)


def test_a_variable_is_asked_for(model):
    locations = model.d.locations
    for spec in ("self.W", "%self.W", "Variable", model.W, model.W.op):
        assert locations.variable(spec) is model.W.op
    with pytest.raises(UnknownPlace, match="loss is not a variable; it is a Square"):
        locations.variable(model.loss)


# ---- names -------------------------------------------------------------------------------------


def test_names_that_nobody_chose_give_way_to_python_names():
    x = gs.placeholder(gs.float32)
    W = gs.Variable(1.0)
    b = gs.Variable(1.0, name="bias")
    y = gs.add(x * W, b, name="sum")
    d = gs.debug(gs.Session(), y)
    assert [d.names.of(t.op) for t in (x, W, b, y)] == ["x", "W", "bias", "sum"]
    assert [d.names.python(t.op) for t in (x, b, y)] == [None, "b", "y"]
    assert d.names.as_fetched(y.op) == "y"


def test_a_python_name_that_is_used_twice_means_nothing():
    W = gs.Variable(1.0)
    first = W
    W = gs.Variable(2.0)
    d = gs.debug(gs.Session(), first * W)
    assert [d.names.of(v.op) for v in (first, W)] == ["Variable", "Variable_1"]
    with pytest.raises(UnknownPlace):
        d.locations.operations("W")


def test_a_python_name_that_is_the_name_of_another_node_means_that_node():
    W = gs.Variable(1.0)
    V = gs.Variable(2.0, name="W")
    session = gs.Session()
    d = gs.debug(session, gs.group(W.assign(5.0), V.assign(6.0)))
    assert d.locations.operations("W") == [V.op]
    assert [d.names.of(v.op) for v in (W, V)] == ["Variable", "W"]
    d.run_to_end()
    assert {name: float(x.new) for name, x in d.changed().items()} == {"Variable": 5.0, "W": 6.0}


def test_labels_say_what_writes_and_reads_do():
    W = gs.Variable(1.0)
    loss = gs.square(W)
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    nodes = [W.initializer, W.assign_add(1.0).op, W.assign_sub(1.0).op, W.value().op, train]
    d = gs.debug(gs.Session(), nodes)
    label = d.names.label
    assert [label(op) for op in nodes] == [
        "assign W",
        "add to W",
        "subtract from W",
        "read W",
        "train",
    ]
    assert label(train.control_inputs[0]) == "update W"
    assert label(train.control_inputs[0].inputs[2].op).startswith("Square_grad/")
