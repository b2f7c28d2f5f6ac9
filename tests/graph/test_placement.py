"""Devices and neighbours of operations: what scripts say of them is kept."""

import pytest

import graphscope as gs


@pytest.fixture
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


def placed(op):
    return op.device, op.colocation_groups()


def test_the_inner_device_completes_the_outer_one(graph):
    with gs.device("/job:worker"), gs.device("/cpu:1"):
        inside = gs.constant(1.0).op
    with gs.device("/job:worker"), gs.device(None):
        outside = gs.constant(1.0).op
    assert inside.device == "/job:worker/device:CPU:1"
    assert outside.device == ""
    with pytest.raises(ValueError, match="no name of a device"), gs.device("nowhere"):
        pass


def test_a_function_says_where_an_operation_is(graph):
    seen = []

    def choose(op):
        seen.append((op.type, op.device))
        return "/device:GPU:0" if op.type == "MatMul" else op.device

    a = gs.ones([2, 2], name="a")
    with gs.device(choose), gs.device("/job:ps"):
        product = gs.matmul(a, a)
        total = a + a
    assert seen == [("MatMul", "/job:ps"), ("AddV2", "/job:ps")]
    assert [product.device, total.device] == ["/device:GPU:0", "/job:ps"]


def test_an_operation_beside_others(graph):
    with gs.device("/cpu:1"):
        a = gs.constant(1.0, name="a")
    b = gs.constant(1.0, name="b")
    with gs.device("/gpu:0"), graph.colocate_with(a.op):
        one = gs.constant(1.0).op
        with graph.colocate_with(b):
            both = gs.constant(1.0).op
        with graph.colocate_with(b, ignore_existing=True):
            other = gs.constant(1.0).op
        with graph.colocate_with(None, ignore_existing=True), gs.device("/gpu:1"):
            free = gs.constant(1.0, name="free").op
    assert placed(one) == ("/device:CPU:1", [b"loc:@a"])
    assert placed(both) == ("/device:CPU:1", [b"loc:@a", b"loc:@b"])
    assert placed(other) == ("", [b"loc:@b"])
    assert placed(free) == ("/device:GPU:1", [b"loc:@free"])
    assert one.get_attr("_class") == [b"loc:@a"]
    with pytest.raises(ValueError, match="no attr named '_class'"):
        free.get_attr("_class")
    with pytest.raises(ValueError, match="ignore_existing"), graph.colocate_with(None):
        pass


def test_what_belongs_to_a_variable_is_beside_it(graph):
    with gs.device("/cpu:1"):
        v = gs.get_variable("v", [2], initializer=gs.ones_initializer())
        r = gs.get_variable("r", [2], initializer=gs.ones_initializer(), use_resource=True)
    with gs.device("/gpu:0"):
        written = v.assign([1.0, 2.0])
        read = gs.identity(r)
        gs.train.MomentumOptimizer(0.1, 0.9).minimize(gs.reduce_sum(v * r))
    slot = graph.get_operation_by_name("v/Momentum")
    update = graph.get_operation_by_name("Momentum/update_v/ApplyMomentum")
    beside = ("/device:CPU:1", [b"loc:@v"])
    assert [placed(x) for x in (v.op, v.initializer, written.op, slot, update)] == [beside] * 5
    assert placed(v.initializer.inputs[1].op) == ("", [b"loc:@v"])
    assert read.op.inputs[0].device == "/device:CPU:1"
    assert graph.get_operation_by_name("r/Momentum").device == "/device:CPU:1"


def test_averages_are_where_their_variables_are(graph):
    with gs.device("/job:ps"):
        v = gs.Variable(1.0, name="v")
    t = gs.add(v, 1.0, name="t")
    with gs.device("/job:worker"):
        average = gs.train.ExponentialMovingAverage(0.5)
        average.apply([v, t])
    assert average.average(v).device == "/job:ps"
    assert average.average(t).device == "/job:worker"


def test_gradients_beside_their_operations(graph):
    with gs.device("/device:GPU:1"):
        w = gs.ones([1, 1], name="w")
        wx = gs.matmul(w, gs.ones([1, 2]))
    with gs.device("/device:GPU:0"):
        z = wx + gs.matmul(w, gs.ones([1, 2]))
    (near,) = gs.gradients(z, [w], colocate_gradients_with_ops=True)
    (far,) = gs.gradients(z, [w])
    assert near.op.colocation_groups() == w.op.colocation_groups()
    assert far.op.colocation_groups() != w.op.colocation_groups()


def test_a_group_has_a_part_on_each_device(graph):
    with gs.device("/task:0"):
        a = gs.constant(0, name="a")
    with gs.device("/task:1"):
        b = gs.constant(0, name="b")
    with gs.device("/task:2"):
        root = gs.group(a, [b], name="root")
    parts = [
        (op.name, op.device, [c.name for c in op.control_inputs]) for op in root.control_inputs
    ]
    assert parts == [("root/NoOp", "/task:0", ["a"]), ("root/NoOp_1", "/task:1", ["b"])]
    assert (root.name, root.device) == ("root", "/task:2")
    assert gs.group(a).device == "/task:0"
    with pytest.raises(TypeError, match=r"tf\.group"):
        gs.group(1, 2)
