"""What a fetch needs, what hides it, and why a node is no step of a run."""

import pytest
from culprits.training import SGD

import graphscope as gs
from graphscope.debug.questions.why_not import Absence

# ---- needs -------------------------------------------------------------------------------------


@pytest.fixture
def feeding():
    """loss = sum(tanh(x) * keep + w);  accuracy = -y"""
    graph = {
        "x": gs.placeholder(gs.float32, [None], name="x"),
        "keep": gs.placeholder(gs.float32, [], name="keep"),
        "y": gs.placeholder(gs.float32, name="y"),
        "w": gs.Variable(1.0, name="w"),
    }
    graph["h"] = gs.tanh(graph["x"], name="h")
    graph["loss"] = gs.reduce_sum(graph["h"] * graph["keep"] + graph["w"], name="loss")
    graph["accuracy"] = gs.negative(graph["y"], name="accuracy")
    return graph


def names(ops):
    return [op.name for op in ops]


def test_needs_of_the_run_itself(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["x"]: [1.0], g["y"]: 2.0}).needs()
    assert [(need.feed.name, need.fed) for need in found.placeholders] == [
        ("x", True),
        ("keep", False),
    ]
    assert found.missing == (g["keep"],)
    assert found.unused == (g["y"],)
    assert names(found.path(g["x"])) == ["loss", "add", "mul", "h", "x"]
    assert names(found.path(g["keep"])) == ["loss", "add", "mul", "keep"]
    assert found.path(g["y"]) == ()
    assert names(found.uninitialized) == ["w"]
    assert found.reads == ("w",)
    assert "NOT FED" in str(found)


def test_needs_of_other_fetches(feeding):
    g = feeding
    d = gs.debug(gs.Session(), g["loss"], {g["x"]: [1.0]})
    for fetch in (g["accuracy"], "accuracy", "accuracy:0", g["accuracy"].op):
        found = d.needs(fetch)
        assert found.missing == (g["y"],)
        assert found.unused == (g["x"],)
        assert found.uninitialized == ()
    both = d.needs("h", g["accuracy"])
    assert [need.feed.name for need in both.placeholders] == ["x", "y"]
    train = SGD(0.1).minimize(g["loss"])
    later = gs.debug(gs.Session(), g["loss"], {}).needs(train)
    assert later.missing == (g["x"], g["keep"])


def test_a_feed_in_the_middle_takes_needs_away(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0]}).needs()
    assert found.missing == (g["keep"],)
    assert found.unused == ()
    weighed = gs.debug(gs.Session(), g["loss"], {g["w"]: 2.0}).needs()
    assert weighed.uninitialized == ()  # a fed variable needs no value


def test_a_placeholder_that_is_fetched_itself(feeding):
    g = feeding
    for feed in ({}, {g["x"]: [1.0]}):
        assert names(gs.debug(gs.Session(), g["x"], feed).needs().path(g["x"])) == ["x"]


def test_what_needs_an_initialized_variable():
    w = gs.Variable(1.0, name="w")
    asked = gs.is_variable_initialized(w)
    read_later = gs.group(asked, w * 2.0)
    with gs.control_dependencies([w.initializer]):
        after = w.read_value() + 1.0

    def uninitialized(fetch):
        return names(gs.debug(gs.Session(), fetch).needs().uninitialized)

    assert uninitialized(w.initializer) == []
    assert uninitialized(asked) == []
    assert uninitialized(after) == []  # it is written before it is read
    assert uninitialized(w) == ["w"]
    assert uninitialized(w.value()) == ["w"]
    assert uninitialized(read_later) == ["w"]
    assert uninitialized(w.assign_add(1.0)) == ["w"]


@pytest.mark.parametrize("fetch", ["w", "grow", "asked", "init", "after", "two"])
def test_needs_foretells_what_the_session_says(fetch):
    w = gs.Variable(1.0, name="w")
    fetches = {
        "w": w,
        "grow": w.assign_add(1.0),
        "asked": gs.is_variable_initialized(w),
        "init": w.initializer,
    }
    with gs.control_dependencies([w.initializer]):
        fetches["after"] = w.read_value() + 1.0
    fetches["two"] = [fetches["grow"], w.initializer]
    session = gs.Session()
    if gs.debug(session, fetches[fetch]).needs().uninitialized:
        with pytest.raises(gs.errors.FailedPreconditionError):
            session.run(fetches[fetch])
    else:
        session.run(fetches[fetch])


# ---- why-not and feeds -------------------------------------------------------------------------


def test_the_five_reasons_why_a_node_is_no_step(feeding):
    g = feeding
    d = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], g["keep"]: 0.5})
    found = d.why_not("add")
    assert found.absence is Absence.IT_RUNS
    assert (d.plan.nodes[found.t - 1].name, names(found.path)) == ("add", ["loss", "add"])
    found = d.why_not("w")
    assert found.absence is Absence.GIVEN
    assert names(found.path) == ["loss", "add", "w/read", "w"]
    for word in ("h", "keep"):
        found = d.why_not(word)
        assert found.absence is Absence.FED
        assert [tensor.op.name for tensor in found.feeds] == [word]
    found = d.why_not("x")
    assert found.absence is Absence.HIDDEN
    assert found.feeds == (g["h"],)
    found = d.why_not("accuracy")
    assert found.absence is Absence.NOT_NEEDED
    assert found.fetches == ("'accuracy'",)
    assert all(str(d.why_not(word)) for word in ("add", "w", "h", "x", "accuracy"))


def test_what_is_not_needed_names_the_fetch_that_would_run_it(feeding):
    train = SGD(0.1).minimize(feeding["loss"], name="train")
    d = gs.debug(gs.Session(), feeding["loss"], {feeding["x"]: [1.0], feeding["keep"]: 1.0})
    update = train.control_inputs[0]
    assert d.why_not(update).fetches == ("train",)
    assert d.why_not("y").fetches == ("'accuracy'",)


def test_only_the_feed_that_is_taken_hides(feeding):
    g = feeding
    mul = g["x"].graph.get_tensor_by_name("mul:0")  # h * keep
    d = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], mul: [2.0]})
    assert d.why_not("x").feeds == (mul,)  # nothing takes h any more
    assert d.needs().unused == (g["h"],)


def test_feeds_and_how_much_they_hide(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], g["y"]: 3.0}).feeds()
    rows = [(feed.name, feed.value is None, names(feed.users)) for feed in found.feeds]
    assert rows == [("keep", True, ["mul"]), ("y", False, []), ("h", False, ["mul"])]
    assert found.hidden == {g["h"]: 1}  # h itself; x is no step
    deep = gs.exp(gs.negative(g["x"], name="n"), name="e")
    out = gs.square(deep) + gs.negative(deep)
    found = gs.debug(gs.Session(), out, {deep: [1.0]}).feeds()
    assert found.hidden == {deep: 2}  # n and e
    assert [names(feed.users) for feed in found.feeds] == [["Square", "Neg"]]
    assert str(found)


def test_what_a_feed_hides_is_counted_by_itself(feeding):
    g = feeding
    d = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], g["keep"]: 1.0})
    skipped = dict(d.summary().skipped)
    assert skipped["hidden by a feed"] == 1
    assert "'loss'" not in skipped
    assert "h:0 is fed in the middle of the graph: 1 node above it does not run." in str(d.feeds())


def test_nothing_fed():
    found = gs.debug(gs.Session(), gs.constant(1.0) + 1.0).feeds()
    assert found.feeds == ()
    assert found.hidden == {}


def test_the_plan_counts_what_is_skipped_by_what_would_run_it(feeding):
    g = feeding
    train = SGD(0.1).minimize(g["loss"], name="train")
    d = gs.debug(gs.Session(), g["accuracy"], {g["y"]: 1.0})
    summary = d.summary()
    assert summary.fetched == ("'accuracy'",)
    skipped = dict(summary.skipped)
    nodes = [op for op in d.plan.skipped() if not op.definition.given]
    assert sum(skipped.values()) == len(nodes)
    # h, h * keep, the reading of w, their sum and the loss; the initializer; the backward pass.
    assert skipped["'loss'"] == 5
    assert skipped["'w/Assign'"] == 1
    assert skipped["train"] == len(nodes) - 6
    assert train not in d.plan
