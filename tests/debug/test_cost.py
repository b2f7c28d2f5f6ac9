"""`cost`: the seconds of a run, divided into arithmetic and glue, and counted operations."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug import DebugError, doing
from graphscope.debug.commands import commands_of
from graphscope.debug.questions import cost as question
from graphscope.kernels.matmul import IMPLEMENTATIONS

SGD = gs.train.GradientDescentOptimizer


def debugged(fetches, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed)


class Net:
    def __init__(self):
        self.x = gs.placeholder(gs.float32, [None, 6], name="x")
        self.W = gs.Variable(np.ones([6, 5], np.float32) / 9, name="W")
        self.h = gs.tanh(gs.matmul(self.x, self.W, name="product"), name="h")
        self.loss = gs.reduce_mean(gs.square(self.h), name="loss")
        self.train = SGD(0.1).minimize(self.loss, name="train")
        self.feed = {self.x: np.ones([4, 6], np.float32)}


def by_name(found):
    return {cost.node.name: cost for cost in found.nodes}


def test_every_node_that_has_run_has_its_seconds():
    net = Net()
    d = debugged([net.loss, net.train], net.feed)
    with pytest.raises(DebugError, match=r"Nothing has run yet\. Try: continue, or cost FETCH"):
        d.cost()
    d.step(3)
    found = d.cost()
    assert [found.ran, found.of] == [3, str(len(d.plan))]
    assert "3 of " in str(found)
    d.run_to_end()
    d.goto(2)
    found = d.cost()
    assert found.ran == len(d.plan)
    assert {cost.node for cost in found.nodes} == set(d.plan.nodes)
    for cost in found.nodes:
        assert cost.seconds == d.timeline.step_of(cost.node).seconds
        assert cost.calls == 1
        assert cost.kernel <= cost.seconds
    seconds = [cost.seconds for cost in found.nodes]
    assert seconds == sorted(seconds, reverse=True)
    assert found.total == pytest.approx(sum(step.seconds for step in d.timeline.steps))
    parts = found.matmul, found.numpy, found.glue, found.noise
    assert sum(parts) == pytest.approx(found.total)
    assert min(parts) >= 0
    calls, spent = found.types["MatMul"]
    assert calls == sum(cost.node.type == "MatMul" for cost in found.nodes)
    assert spent == pytest.approx(sum(c.seconds for c in found.nodes if c.node.type == "MatMul"))


def test_small_products_are_done_in_c(monkeypatch):
    net = Net()
    d = debugged(net.loss, net.feed)
    d.run_to_end()
    assert by_name(d.cost())["product"].in_c == ("c" in IMPLEMENTATIONS)
    monkeypatch.setattr(question, "in_c", lambda *sizes: sizes[:3] == (4, 6, 5))
    assert by_name(d.cost())["product"].in_c
    monkeypatch.setattr(question, "in_c", lambda *sizes: False)
    found = d.cost()
    assert not by_name(found)["product"].in_c
    assert found.matmul == 0.0
    assert not by_name(found)["h"].in_c


def test_whole_numbers_are_no_work_for_c():
    n = gs.matmul(gs.constant([[1, 2]]) * 1, gs.constant([[3], [4]]), name="product")
    d = debugged(n)
    d.run_to_end()
    assert not by_name(d.cost())["product"].in_c
    assert by_name(d.cost())["product"].flops == 4


def test_a_kernel_that_sleeps_is_arithmetic_and_an_engine_that_does_is_glue(monkeypatch):
    """The clock is replaced by one that only moves when it is told to."""
    now = [0.0]
    for module in (question, doing):
        monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    x = gs.placeholder(gs.float32, [], name="x")
    slow = gs.tanh(x, name="slow")
    monkeypatch.setattr(
        slow.op.definition, "kernel", lambda v: (now.__setitem__(0, now[0] + 3), v)[1]
    )
    d = debugged(gs.square(slow, name="quick"), {x: 1.0})
    d.run_to_end()
    found = d.cost()
    assert (found.total, found.numpy, found.glue, found.matmul) == (3.0, 3.0, 0.0, 0.0)
    assert by_name(found)["slow"].kernel == 3.0
    assert by_name(found)["quick"].seconds == 0.0
    assert found.dearest.node.name == "slow"
    assert found.hint == "smaller shapes at slow"
    # Seconds of the run that the kernel does not need when it is run alone are glue.
    monkeypatch.setattr(
        slow.op.definition, "kernel", lambda v: (now.__setitem__(0, now[0] + 1), v)[1]
    )
    found = d.cost()
    assert (found.total, found.numpy, found.glue) == (3.0, 1.0, 2.0)
    assert "fewer and larger runs" in found.hint


def test_what_single_nodes_took_longer_is_noise(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(doing, "perf_counter", lambda: now[0])
    monkeypatch.setattr(question, "perf_counter", lambda: now[0])
    x = gs.placeholder(gs.float32, [], name="x")
    h = x
    for _ in range(9):
        h = gs.tanh(h)
    d = debugged(h, {x: 1.0})
    run, took = d.timeline._execution.run, iter([1, 1, 1, 60, 1, 1, 1, 1, 1])

    def waiting():  # the engine takes a second for each node, and a minute for one of them
        now[0] += next(took)
        return run()

    monkeypatch.setattr(d.timeline._execution, "run", waiting)
    d.run_to_end()
    found = d.cost()
    assert (found.total, found.numpy) == (68.0, 0.0)
    assert (found.glue, found.noise) == (8 + 5.0, 55.0)
    assert found.hint.startswith("measure again")


def test_what_acts_is_not_run_again(capsys):
    calls = []
    x = gs.placeholder(gs.float32, [], name="x")
    called = gs.py_func(lambda v: calls.append(v) or v, [x], gs.float32, name="call")
    printed = gs.Print(called, [called], name="printed")
    noise = gs.random_uniform([], name="noise")
    d = debugged(printed + noise, {x: 1.0})
    d.run_to_end()
    before = capsys.readouterr().err
    assert len(calls) == 1
    cells = {name: cell for step in d.timeline.steps for name, cell in step.ran.cells.items()}
    found = d.cost()
    assert len(calls) == 1
    assert capsys.readouterr().err == ""
    assert before
    costs = by_name(found)
    assert costs["call"].kernel is None
    assert costs["printed"].kernel is None
    assert found.unsplit == pytest.approx(costs["call"].seconds + costs["printed"].seconds)
    assert found.numpy >= found.unsplit
    assert {n: c for s in d.timeline.steps for n, c in s.ran.cells.items()} == cells
    assert costs[noise.op.inputs[0].op.inputs[0].op.name].kernel is not None


def test_operations_are_counted():
    image = gs.placeholder(gs.float32, [2, 8, 8, 3], name="image")
    taps = gs.Variable(np.ones([3, 3, 3, 4], np.float32), name="taps")
    y = gs.nn.conv2d(image, taps, [1, 1, 1, 1], "VALID", name="conv")
    depth = gs.nn.depthwise_conv2d(image, taps, [1, 1, 1, 1], "SAME", name="depth")
    a = gs.placeholder(gs.float32, [3, 2], name="a")
    turned = gs.matmul(a, a, transpose_a=True, name="turned")
    batch = gs.matmul(gs.ones([5, 2, 3]), gs.ones([5, 3, 4]) * 1.0, name="batch")
    slopes = gs.gradients(y, [image, taps])
    d = debugged(
        [y, depth, turned, batch, *slopes],
        {image: np.ones([2, 8, 8, 3]), a: np.ones([3, 2])},
    )
    d.run_to_end()
    found = d.cost()
    flops = {cost.node.type: cost.flops for cost in found.nodes if cost.flops is not None}
    window = 2 * 2 * 6 * 6 * 4 * 3 * 3 * 3  # 2 for each product: it is multiplied and added
    assert flops == {
        "Conv2D": window,
        "Conv2DBackpropInput": window,
        "Conv2DBackpropFilter": window,
        "DepthwiseConv2dNative": 2 * 2 * 8 * 8 * 12 * 3 * 3,
        "MatMul": 2 * 2 * 2 * 3,
        "BatchMatMulV2": 2 * 5 * 2 * 4 * 3,
    }
    assert found.flops == sum(flops.values())
    conv = by_name(found)["conv"]
    assert conv.rate == pytest.approx(window / conv.kernel)


def test_in_loops_each_call_counts():
    x = gs.placeholder(gs.float32, [2, 2], name="x")
    out = gs.while_loop(
        lambda i, a: i < 4, lambda i, a: (i + 1, gs.matmul(a, x, name="product")), [0, x]
    )[1]
    d = debugged(out, {x: np.eye(2)})
    d.run_to_end()
    found = d.cost()
    inner = by_name(found)["while/product"]
    assert (inner.calls, inner.flops) == (4, 4 * 2 * 2 * 2 * 2)
    assert inner.seconds == pytest.approx(
        sum(d.timeline.steps[t - 1].seconds for t in d.timeline.times_of(inner.node))
    )
    owner = by_name(found)["while/While"]
    assert owner.kernel is None
    assert found.unsplit == 0.0  # what only has others run is glue
    assert found.glue > 0
    assert owner.seconds > 0


def test_another_fetch_is_run_on_the_side():
    net = Net()
    d = debugged(net.loss, net.feed)
    d.step(2)
    size = len(d.session.graph.operations)
    before = dict(d.session.state.variables)
    found = d.cost(net.train)
    assert found.aside
    assert "train/update_W/ApplyGradientDescent" in by_name(found)
    assert found.fetched == ("self.train",)
    assert "run on the side" in str(found)
    assert (d.t, d.timeline.newest) == (2, 2)
    assert d.session.state.variables == before
    assert len(d.session.graph.operations) == size
    assert not d.cost().aside


def test_what_cannot_be_run():
    net = Net()
    d = gs.debug(gs.Session(), gs.square(net.x, name="y"), net.feed)
    with pytest.raises(DebugError, match=r"and that fails: .* uninitialized value W"):
        d.cost("loss")
    with pytest.raises(DebugError, match="no node 'nothing'"):
        d.cost("nothing")
    command = commands_of(type(d))["cost"]
    assert command.call(d, "y").ran == 1


def test_odd_values():
    none = gs.matmul(gs.ones([0, 3]), gs.ones([3, 2]) * 1.0, name="none")
    word = gs.as_string(gs.constant(3) + 1, name="word")
    d = debugged([none, word, gs.no_op(name="nothing")])
    d.run_to_end()
    found = d.cost()
    assert by_name(found)["none"].flops == 0
    assert by_name(found)["none"].rate is None
    assert str(found)


def test_the_text(monkeypatch, transcript):
    monkeypatch.setattr(question, "in_c", lambda *sizes: False)
    now = [0.0]
    for module in (question, doing):
        monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    a = gs.placeholder(gs.float32, [100, 100], name="a")
    y = gs.matmul(a, a, name="y")
    z = gs.tanh(y, name="z")
    for tensor, seconds in ((y, 2e-3), (z, 5e-4)):
        kernel = tensor.op.definition.kernel

        def slow(*values, kernel=kernel, seconds=seconds, **attrs):
            now[0] += seconds
            return kernel(*values, **attrs)

        monkeypatch.setattr(tensor.op.definition, "kernel", slow)
    d = debugged(z, {a: np.ones([100, 100])})
    d.run_to_end()
    line = z.op.source.lineno - 1
    transcript.same(
        str(d.cost()),
        f"""
 z took 2.5 ms: 2 nodes.
     0%  products of matrices in C    0 us
   100%  kernels of numpy             2.5 ms
     0%  the engine between them      0 us
     0%  noise, as of other programs  0 us
   node        calls  time    arithmetic  Gflop/s
   y [MatMul]  1      2 ms    2 ms        1
   z [Tanh]    1      500 us  500 us
   the dearest: y (test_cost.py:{line})
   by type: MatMul 2 ms, Tanh 500 us
   time.perf_counter, one run: such times are noisy; arithmetic was timed again,
   alone
   try: smaller shapes at y""",
    )
