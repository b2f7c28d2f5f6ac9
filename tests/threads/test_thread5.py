"""The weights of a recurrent cell: found by name, fed for one run, followed from step to step."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.debug.answers import Reason
from graphscope.debug.questions.updates import Status

PROGRAM = "thread5_target_weights.py"
STEPS, INPUTS, UNITS = 4, 3, 5
#: In the program each network has 16 runs behind the first one of all: it reads the variables; then
#: four times targets, training, reading; then three probes. basic_looped is the fourth network.
TARGETS, TRAINING = 54, 55
KERNEL = "basic_looped/rnn/basic_lstm_cell/kernel"
CELLS = {
    "BasicRNNCell": lambda rnn: rnn.BasicRNNCell(UNITS),
    "BasicLSTMCell": lambda rnn: rnn.BasicLSTMCell(UNITS),
    "LSTMCell": lambda rnn: rnn.LSTMCell(UNITS, use_peepholes=True),
    "GRUCell": lambda rnn: rnn.GRUCell(UNITS),
    "MultiRNNCell": lambda rnn: rnn.MultiRNNCell([rnn.BasicLSTMCell(UNITS), rnn.GRUCell(UNITS)]),
}
#: What a cell's variables are called in TensorFlow, and their shapes.
WEIGHTS = {
    "BasicRNNCell": {"basic_rnn_cell/kernel": [8, 5], "basic_rnn_cell/bias": [5]},
    "BasicLSTMCell": {"basic_lstm_cell/kernel": [8, 20], "basic_lstm_cell/bias": [20]},
    "LSTMCell": {
        "lstm_cell/kernel": [8, 20],
        "lstm_cell/bias": [20],
        "lstm_cell/w_f_diag": [5],
        "lstm_cell/w_i_diag": [5],
        "lstm_cell/w_o_diag": [5],
    },
    "GRUCell": {
        "gru_cell/gates/kernel": [8, 10],
        "gru_cell/gates/bias": [10],
        "gru_cell/candidate/kernel": [8, 5],
        "gru_cell/candidate/bias": [5],
    },
    "MultiRNNCell": {
        "multi_rnn_cell/cell_0/basic_lstm_cell/kernel": [8, 20],
        "multi_rnn_cell/cell_0/basic_lstm_cell/bias": [20],
        "multi_rnn_cell/cell_1/gru_cell/gates/kernel": [10, 10],
        "multi_rnn_cell/cell_1/gru_cell/gates/bias": [10],
        "multi_rnn_cell/cell_1/gru_cell/candidate/kernel": [10, 5],
        "multi_rnn_cell/cell_1/gru_cell/candidate/bias": [5],
    },
}


class Network:
    """A cell over four steps of two examples, unrolled or in a loop, with an output layer."""

    def __init__(self, cell, unrolled):
        with compat.installed():
            import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, STEPS, INPUTS], name="x")
        first = tf.random_uniform_initializer(-0.5, 0.5, seed=1)
        with tf.variable_scope("net", initializer=first):
            made = CELLS[cell](tf.nn.rnn_cell)
            if unrolled:
                outputs, _ = tf.nn.static_rnn(made, tf.unstack(x, STEPS, axis=1), dtype=tf.float32)
                last = outputs[-1]
            else:
                last = tf.nn.dynamic_rnn(made, x, dtype=tf.float32)[0][:, -1]
        self.output = tf.reduce_sum(last, axis=1, name="output")
        self.train = tf.train.GradientDescentOptimizer(0.5).minimize(self.output, name="train")
        self.weights = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)
        self.session = tf.Session()
        self.session.run(tf.global_variables_initializer())
        self.live = self.session.run(self.weights)
        self.feed = {x: np.linspace(-1, 1, 24).reshape(2, STEPS, INPUTS)}
        self.target = {v.name: 0.5 * live for v, live in zip(self.weights, self.live, strict=True)}


@pytest.fixture(params=[(cell, unrolled) for cell in CELLS for unrolled in (True, False)])
def network(request):
    made = Network(*request.param)
    made.cell = request.param[0]
    return made


def test_the_weights_of_any_cell_are_found_by_name(network):
    expected = {f"net/rnn/{name}": shape for name, shape in WEIGHTS[network.cell].items()}
    assert {v.op.name: v.shape.as_list() for v in network.weights} == expected
    with gs.debug(network.session, network.output, network.feed) as d:
        rows = d.variables("net/rnn").rows
        assert {row.name: list(row.value.shape) for row in rows} == expected
        assert all(row.trainable and len(row.trained_by) == 1 for row in rows)
        assert all(row.uses.nodes for row in rows)


def test_target_weights_are_fed_by_name_for_one_run(network):
    session = network.session
    with gs.debug(session, network.output, {**network.feed, **network.target}) as d:
        fed = {feed.tensor.name: feed for feed in d.feeds().feeds}
        for variable, live in zip(network.weights, network.live, strict=True):
            feed = fed[variable.name]
            assert np.array_equal(feed.value, 0.5 * live)  # what is read
            assert np.array_equal(feed.held, live)  # what is not
            assert np.array_equal(d.card(variable.op.name).value, 0.5 * live)
            assert np.array_equal(d.card(variable.op.name).held, live)
            assert np.array_equal(d.timeline.variables()[variable.op.name], live)
            assert d.who(variable.op.name).fed
        assert all(row.fed for row in d.variables("net").rows)
        assert fed["x:0"].held is None
        d.run_to_end()
        answer = d.result
        assert d.changed() == {}
        assert d.updates().names(Status.UPDATED) == set()
    for live, after in zip(network.live, session.run(network.weights), strict=True):
        assert np.array_equal(live, after)
    assert not np.array_equal(answer, session.run(network.output, network.feed))
    # The same weights in the variables themselves give the same output.
    for variable in network.weights:
        variable.load(network.target[variable.name], session)
    assert np.array_equal(answer, session.run(network.output, network.feed))


def test_fed_weights_cannot_be_trained_in_the_same_run(network):
    with pytest.raises(gs.errors.InvalidArgumentError, match="Cannot write to the variable"):
        network.session.run(network.train, {**network.feed, **network.target})


def test_the_program_reads_the_targets_and_trains_the_live_ones(at_run):
    with at_run(PROGRAM, TARGETS) as d:
        (feed,) = (f for f in d.feeds().feeds if f.tensor.op.name == KERNEL)
        target, live = feed.value, feed.held
        assert not np.array_equal(target, live)  # it has been trained once
        d.rwatch(f"%{KERNEL}")
        stop = d.cont()
        assert (stop.reason, stop.node.name) == (Reason.READ, f"{KERNEL}/read")
        assert stop.found.text == f"what is fed for {KERNEL} was read by {KERNEL}/read."
        assert np.array_equal(stop.inputs[0].value, target)
        d.delete()
        d.run_to_end()
        assert d.changed() == {}
        assert f"{KERNEL} is a variable: it holds" in " ".join(str(d.feeds()).split())
        assert "the variable itself holds f32[8,20]" in str(d.card(KERNEL))
        assert "another value is fed for it" in str(d.who(KERNEL))
        said = " ".join(str(d.variables("basic_looped")).split())
        assert (
            f"other values are fed for these, which are neither read nor written: {KERNEL}" in said
        )
    with gs.Graph().as_default(), at_run(PROGRAM, TRAINING) as d:
        assert np.array_equal(d.value(f"%{KERNEL}"), live)
        d.run_to_end()
        assert set(d.changed()) == {
            KERNEL, KERNEL.replace("kernel", "bias"), "basic_looped/weights", "basic_looped/bias"
        }  # fmt: skip
        assert d.changed()[KERNEL].old is not d.changed()[KERNEL].new
        assert not d.who(KERNEL).fed
        assert d.why(KERNEL).ok


def test_one_kernel_is_read_in_each_step_of_the_unrolled_graph():
    network = Network("BasicLSTMCell", unrolled=True)
    kernel = "net/rnn/basic_lstm_cell/kernel"
    with gs.debug(network.session, [network.output, network.train], network.feed) as d:
        (row,) = d.variables(kernel).rows
        assert len(row.uses.nodes) == STEPS  # a product for each step
        assert [(b.axis, b.parts) for b in row.uses.blocks] == [(0, (3, 5)), (1, (5, 5, 5, 5))]
        for step, node in enumerate(row.uses.nodes):
            stop = d.until(node)
            inputs, weights = (shown.value for shown in stop.inputs)
            assert np.array_equal(weights, network.live[0])
            assert np.allclose(inputs[:, :3], next(iter(network.feed.values()))[:, step])
        d.run_to_end()
        gradients = [op for op in d.plan.nodes if op.gradient_of in row.uses.nodes]
        slopes = [op for op in gradients if d.value(op).shape == (8, 20)]
        assert len(slopes) == STEPS  # and what each step gives to the one gradient
        assert np.allclose(d.value(f"grad(output,{kernel})"), sum(d.value(op) for op in slopes))
        step = -0.5 * d.value(f"grad(output,{kernel})")
        assert np.allclose(d.changed()[kernel].difference, step, atol=1e-7)


def test_one_kernel_is_read_in_each_iteration_of_the_loop():
    network = Network("BasicLSTMCell", unrolled=False)
    kernel = "net/rnn/basic_lstm_cell/kernel"
    with gs.debug(network.session, [network.output, network.train], network.feed) as d:
        (product,) = d.variables(kernel).rows[0].uses.nodes[:1]
        for step in range(STEPS):
            stop = d.until(f"{product.name}@{step + 1}")
            inputs, weights = (shown.value for shown in stop.inputs)
            assert weights is d.value(f"{kernel}/read")
            assert np.array_equal(weights, network.live[0])
            assert np.allclose(inputs[:, :3], next(iter(network.feed.values()))[:, step])
        d.run_to_end()
        track = d.hist(product)
        assert [point.rounds for point in track.points] == [(1,), (2,), (3,), (4,)]
        (rounds,) = d.flow("output", f"%{kernel}").rounds.values()
        assert [part.iteration for part in rounds] == [4, 3, 2, 1]
        loop = {part.iteration: part.share for part in rounds}
        assert all(share > 0 for share in loop.values())
    with gs.Graph().as_default():
        unrolled = Network("BasicLSTMCell", unrolled=True)
        with gs.debug(unrolled.session, [unrolled.output, unrolled.train], unrolled.feed) as other:
            nodes = other.variables(kernel).rows[0].uses.nodes
            other.run_to_end()
            shares = [
                float(np.linalg.norm(other.value(op)))
                for op in other.plan.nodes
                if op.gradient_of in nodes and other.value(op).shape == (8, 20)
            ]
    # What a step gives to the gradient is the same in the loop as in the unrolled graph.
    assert sorted(shares) == pytest.approx(sorted(loop.values()), rel=1e-5)
