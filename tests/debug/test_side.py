"""What is run on the side is heard and seen by nobody; what a timeline knows of its steps."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.errors import DebugError
from graphscope.debug.side.aside import Aside
from graphscope.debug.side.runs import ahead, finished, state_at, stepped, value_of
from graphscope.debug.timeline import Timeline


@pytest.fixture
def timeline():
    with gs.Graph().as_default(), gs.Session() as session:
        x = gs.placeholder(gs.float32, [2], name="x")
        w = gs.Variable(np.float32([1, 2]), name="w")
        y = gs.Print(gs.multiply(x, w, name="y"), ["here"], name="told")
        written = gs.assign_add(w, gs.identity(y, name="same"), name="written")
        session.run(gs.global_variables_initializer())
        yield Timeline(session.prepare(written, {x: [3, 4]}), session.state)


def node(timeline, name):
    return timeline.plan.graph.get_operation_by_name(name)


def test_a_run_on_the_side_prints_nothing(timeline, capfd):
    told, same = node(timeline, "told"), node(timeline, "same")
    assert ahead(timeline, [told]).times_of(told)
    assert finished(timeline).finished
    aside = Aside(told.outputs)
    known = {aside.here(t): v for t, v in timeline.run.feeds.items()}
    aside.run([aside.here(told.outputs[0])], known, state_at(timeline, 0))
    value_of(same.outputs[0], timeline.run.feeds, timeline.before)
    stepped(told.graph, [told], timeline.run.feeds, timeline.before)
    assert capfd.readouterr().err == ""
    while not timeline.at_end:
        timeline.forward()
    assert "here" in capfd.readouterr().err


def test_a_run_on_the_side_leaves_the_timeline_as_it_is(timeline):
    timeline.forward()
    other = finished(timeline)
    assert (timeline.t, timeline.newest, timeline.finished) == (1, 1, False)
    assert other.newest == len(other.plan)
    assert other.steps[0].outputs == timeline.steps[0].outputs  # the very same arrays
    np.testing.assert_array_equal(timeline.variables()["w"], [1, 2])
    np.testing.assert_array_equal(other.variables()["w"], [4, 10])
    assert finished(other) is other


def test_without_a_feed_it_says_what_is_missing(timeline):
    with gs.Session(graph=timeline.plan.graph) as session:
        unfed = Timeline(session.prepare(node(timeline, "told")), timeline.before)
    with pytest.raises(DebugError, match=r"This needs x, which is not fed\. Try: feed x = \.\.\."):
        finished(unfed)


def distinct_bytes(timeline):
    arrays = [*timeline.run.feeds.values()]
    for step in timeline.steps:
        arrays += [*step.outputs.values(), *step.writes.values()]
    return sum({id(array): array.nbytes for array in arrays}.values())


def test_bytes_are_counted_whenever_it_is_asked(timeline):
    assert timeline.nbytes == distinct_bytes(timeline) == 8
    timeline.forward()
    assert timeline.nbytes == timeline.nbytes == distinct_bytes(timeline) == 16
    while not timeline.at_end:
        timeline.forward()
    assert timeline.nbytes == distinct_bytes(timeline)
    y = node(timeline, "y").outputs[0]
    timeline.override(y, np.float32([0, 0]))
    assert timeline.nbytes == distinct_bytes(timeline) > 0


def test_each_node_has_its_time_from_when_it_has_run(timeline):
    order = timeline.plan.nodes
    assert [timeline.times_of(op) for op in order] == [[] for _ in order]
    while not timeline.at_end:
        timeline.forward()
        assert [t for op in order for t in timeline.times_of(op)] == list(
            range(1, timeline.newest + 1)
        )
    timeline.seek(1)
    assert timeline.times_of(order[-1]) == [len(order)]
    assert timeline.times_of(node(timeline, "x")) == []
    timeline.seek(timeline.newest)
    with pytest.raises(DebugError, match="The run is at its end"):
        timeline.forward()
