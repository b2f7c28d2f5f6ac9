"""What a session takes and tells beside runs: other types, parts of runs, traces, devices."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.engine.conversions import register_session_run_conversion_functions
from graphscope.engine.devices import DeviceAttributes
from graphscope.platform import messages
from graphscope.platform.devices import DeviceSpec, canonical_name, merge_device
from graphscope.platform.stacks import DefaultStack


@pytest.fixture
def sess():
    with gs.Graph().as_default(), gs.Session() as session:
        yield session


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ({"target": 37}, TypeError, "target must be a string"),
        ({"graph": 37}, TypeError, "graph must be a tf.Graph"),
        ({"config": 37}, TypeError, "config must be a tf.ConfigProto"),
        ({"target": "grpc://host:1"}, gs.errors.NotFoundError, "No session factory registered"),
    ],
)
def test_wrong_arguments(arguments, kind, sentence):
    with pytest.raises(kind, match=sentence):
        gs.Session(**arguments)


def test_a_session_is_entered_once(sess):
    with pytest.raises(RuntimeError, match="not re-entrant"):
        sess.__enter__()


# ---- other types -------------------------------------------------------------------------------


class Squared:
    def __init__(self, tensor):
        self.square = gs.square(tensor)


def test_registered_types(sess):
    def register():
        register_session_run_conversion_functions(
            Squared,
            lambda item: ([item.square], lambda values: values[0] * 10),
            lambda item, value: [(item.square, value)],
            lambda item: [item.square],
        )

    register()
    with pytest.raises(ValueError, match="has already been registered"):
        register()
    item = Squared(gs.constant([1.0, 3.0]))
    np.testing.assert_array_equal(sess.run({"a": item})["a"], [10.0, 90.0])
    np.testing.assert_array_equal(sess.run(item, {item: [2.0, 2.0]}), [20.0, 20.0])
    handle = sess.partial_run_setup(item, [item])
    np.testing.assert_array_equal(sess.partial_run(handle, item, {item: [1.0, 1.0]}), [10.0, 10.0])


class Pair:
    """As a class that the package attrs made."""

    class Field:
        def __init__(self, name):
            self.name = name

    __attrs_attrs__ = (Field("first"), Field("second"))

    def __init__(self, first, second):
        self.first, self.second = first, second


def test_classes_of_attrs(sess):
    found = sess.run(Pair(gs.constant(1), [gs.constant(2), Pair(gs.constant(3), [])]))
    assert (found.first, found.second[0], found.second[1].first) == (1, 2, 3)


def test_callables_by_names(sess):
    x = gs.placeholder(gs.float32, name="x")
    y = gs.add(x, 1.0, name="y")
    options = messages.CallableOptions(feed=["x:0"], fetch=["y:0"], target=["y"])
    assert sess._make_callable_from_options(options)(1.0) == [2.0]
    assert sess.make_callable([y, x], [x])(3.0) == [4.0, 3.0]


# ---- a run in parts ----------------------------------------------------------------------------


def test_a_run_in_parts_computes_nothing_twice(sess):
    a, b = gs.placeholder(gs.float32), gs.placeholder(gs.float32)
    count = gs.Variable(0.0)
    sess.run(count.initializer)
    with gs.control_dependencies([count.assign_add(1.0)]):
        first = a * 10.0
    second = first + b
    handle = sess.partial_run_setup([first, second, second.op], [a, b])
    assert sess.partial_run(handle, first, {a: 1.0}) == 10.0
    assert sess.partial_run(handle, second, {b: 2.0}) == 12.0
    assert sess.partial_run(handle, second.op) is None
    assert sess.run(count) == 1.0


def test_parts_that_were_not_promised(sess):
    a, b = gs.placeholder(gs.float32, name="a"), gs.placeholder(gs.float32, name="b")
    y = a + b
    handle = sess.partial_run_setup([y], [a])
    for fetches, feeds, sentence in (
        (y, {b: 1.0}, "b:0 was not specified in partial_run_setup"),
        (a, {}, "a:0 was not specified"),
        (y, {a: 1.0}, "You must feed a value for placeholder tensor 'b'"),
        ([], {a: 1.0}, "a:0 had already been fed"),
    ):
        with pytest.raises(gs.errors.InvalidArgumentError, match=sentence):
            sess.partial_run(handle, fetches, feeds)
    with pytest.raises(gs.errors.InvalidArgumentError, match="Must run 'setup'") as caught:
        sess.partial_run("foo", y)
    assert caught.value.op is None


# ---- traces and devices ------------------------------------------------------------------------


def test_a_run_is_traced_when_it_is_asked_for(sess):
    y = gs.exp(gs.constant(1.0, name="x") * 2.0, name="y")
    metadata = messages.RunMetadata()
    sess.run(y, run_metadata=metadata)
    assert not metadata.HasField("step_stats")
    options = messages.RunOptions(trace_level=messages.RunOptions.FULL_TRACE)
    for _ in range(2):
        sess.run(y, options=options, run_metadata=metadata)
    (device,) = metadata.step_stats.dev_stats
    assert [node.timeline_label for node in device.node_stats] == [
        "mul = Mul(x, mul/y)",
        "y = Exp(mul)",
    ]
    first, second = device.node_stats
    assert first.all_start_micros + first.all_end_rel_micros <= second.all_start_micros


def test_devices():
    config = messages.ConfigProto(device_count={"CPU": 2})
    assert [d.name[-5:] for d in gs.Session(config=config).list_devices()] == ["CPU:0", "CPU:1"]
    device = DeviceAttributes("/job:worker/cpu:1", "CPU", 7, 9)
    assert str(device) == "_DeviceAttributes(/job:worker/device:CPU:1, CPU, 7, 9)"


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("/job:foo/replica:1/task:2/device:GPU:3", "/job:foo/replica:1/task:2/device:GPU:3"),
        ("/cpu:0", "/device:CPU:0"),
        ("/gpu", "/device:GPU:*"),
        ("", ""),
    ],
)
def test_the_parts_of_a_device(name, full):
    assert DeviceSpec.from_string(name).to_string() == canonical_name(name) == full


def test_devices_are_merged():
    spec = DeviceSpec.from_string("/job:w/task:1")
    assert spec.make_merged_spec(DeviceSpec(task=2, device_type="gpu")).to_string() == (
        "/job:w/task:2/device:GPU:*"
    )
    assert spec == DeviceSpec(job="w", task=1)
    assert merge_device("/job:ps/cpu:0")(gs.constant(1).op) == "/job:ps/device:CPU:0"
    with pytest.raises(ValueError, match="Unknown attribute: 'foo'"):
        DeviceSpec.from_string("/foo:1")
    with pytest.raises(ValueError, match="multiple device types"):
        DeviceSpec.from_string("/cpu:0/gpu:1")


def test_the_stack_of_default_sessions(sess):
    stack = DefaultStack(gs.engine.session.default_sessions)
    assert stack.get_default() is sess
    assert not stack.is_cleared()
