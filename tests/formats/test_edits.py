"""Meta graphs of TensorFlow are changed, and train on as the change says."""

import json

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, Artefact

import graphscope as gs
from graphscope.formats import edits, meta_graphs, wholes
from graphscope.formats.messages import MetaGraphDef, NodeDef


def read(name):
    return meta_graphs.read(str(ARTEFACTS / name / "model.meta"))


def nodes_of(message):
    return {node.name: node for node in message.graph_def.node}


def trained(name, message, prefix=None, count=5):
    """The losses of the next steps, and the variables before and after them."""
    artefact = Artefact(name)
    with gs.Graph().as_default(), gs.Session() as session:
        saver = gs.train.import_meta_graph(message)
        saver.restore(session, prefix or artefact.prefix)
        variables = {v.op.name: v for v in gs.global_variables()}
        before = session.run(variables)
        losses = artefact.steps(session, count)
        return losses, before, session.run(variables)


# ---- the learning rate --------------------------------------------------------------------------


def test_the_losses_are_those_of_tensorflow_with_the_other_rate():
    told = json.loads((ARTEFACTS / "softmax_adam" / "next.json").read_text())
    edited = edits.set_learning_rate(read("softmax_adam"), 0.001)
    assert edited.changes == ("Adam/learning_rate: 0.01 -> 0.001",)
    losses, _, _ = trained("softmax_adam", edited.meta_graph)
    np.testing.assert_allclose(losses, told["slower"], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "of", "said"),
    [
        ("linear_sgd", None, "train/learning_rate: 0.05 -> 0.5"),
        ("softmax_adam", "Adam", "Adam/learning_rate: 0.01 -> 0.5"),
        ("softmax_adam", "Adam/learning_rate:0", "Adam/learning_rate: 0.01 -> 0.5"),
        ("gan", "g_train", "g_train/learning_rate: 0.02 -> 0.5"),
        (
            "mlp_momentum_decay",
            None,
            "rate/initial_learning_rate: 0.1 -> 0.5, from which rate is computed",
        ),
        ("mlp_momentum_decay", "rate/Cast_1/x", "rate/Cast_1/x: 0.9 -> 0.5"),
        ("mlp_momentum_decay", "rate", "rate: Mul -> the constant 0.5"),
        ("resource_adam", None, "net/train/learning_rate: 0.02 -> 0.5"),
        ("partitioned_ftrl", None, "train/learning_rate: 0.1 -> 0.5"),
        ("dynamic_gru", None, "train/learning_rate: 0.1 -> 0.5"),
        ("first_version", None, "train/learning_rate: 0.1 -> 0.5"),
    ],
)
def test_a_rate_is_set(name, of, said):
    message = read(name)
    before = message.SerializeToString()
    edited = edits.set_learning_rate(message, 0.5, of)
    assert edited.changes == (said,)
    assert message.SerializeToString() == before
    changed = said.partition(":")[0]
    held = nodes_of(edited.meta_graph)
    different = [n for n, node in nodes_of(message).items() if node != held[n]]
    assert different == [changed]
    with gs.Graph().as_default() as graph, gs.Session() as session:
        gs.train.import_meta_graph(edited.meta_graph)
        assert session.run(graph.get_tensor_by_name(f"{changed}:0")) == 0.5


def test_which_of_several_rates_has_to_be_said():
    with pytest.raises(ValueError, match="has 2 learning rates: d_train") as error:
        edits.set_learning_rate(read("gan"), 0.1)
    assert "say which: --set-lr d_train/learning_rate=VALUE" in str(error.value.__notes__)
    with pytest.raises(ValueError, match="no node 'h_train'"):
        edits.set_learning_rate(read("gan"), 0.1, "h_train")
    with pytest.raises(ValueError, match=r"No learning rate depends on gen/dense/kernel \["):
        edits.set_learning_rate(read("gan"), 0.1, "gen/dense/kernel")


def test_a_number_that_is_none():
    with pytest.raises(ValueError, match="a finite number, not nan"):
        edits.set_learning_rate(read("gan"), float("nan"), "g_train")


def made(rate, optimizer=gs.train.GradientDescentOptimizer):
    """A meta graph that is made here with a rate."""
    with gs.Graph().as_default():
        w = gs.Variable([2.0], name="w")
        loss = gs.reduce_sum(w * w, name="loss")
        optimizer(rate()).minimize(loss)
        return gs.train.export_meta_graph()


def test_the_default_of_a_placeholder():
    message = made(lambda: gs.placeholder_with_default(0.25, [], name="lr"))
    (rate,) = edits.learning_rates(message)
    assert (rate.name, rate.kind, rate.value, rate.trains) == ("lr", "default", 0.25, ("w",))
    edited = edits.set_learning_rate(message, 0.5)
    assert edited.changes == ("lr/input: 0.25 -> 0.5, the default of lr",)


def test_a_rate_that_is_fed_needs_no_other_file():
    message = made(lambda: gs.placeholder(gs.float32, [], name="lr"))
    with pytest.raises(ValueError, match="The learning rate is fed: lr is a placeholder") as error:
        edits.set_learning_rate(message, 0.5)
    assert "feed_dict={'lr:0': 0.5} in each run" in str(error.value.__notes__)


def test_a_rate_that_is_a_variable_is_in_the_checkpoint(tmp_path):
    message = made(lambda: gs.Variable(0.25, trainable=False, name="lr"))
    assert edits.learning_rates(message)[0].kind == "variable"
    with pytest.raises(ValueError, match="its value is in the checkpoint") as error:
        edits.set_learning_rate(message, 0.5)
    assert "--set-lr lr/read=0.5" in str(error.value.__notes__)
    edited = edits.set_learning_rate(message, 0.5, "lr/read")
    assert edited.changes == ("lr/read: Identity -> the constant 0.5",)


def test_a_rate_that_is_computed_tells_its_parts():
    def piecewise():
        return gs.train.piecewise_constant(gs.Variable(0, name="step"), [5], [0.5, 0.25], name="r")

    with pytest.raises(ValueError, match="is computed, from") as error:
        edits.set_learning_rate(made(piecewise), 0.1)
    assert "0.5" in str(error.value)
    assert "0.25" in str(error.value)


def test_a_file_that_trains_nothing():
    with gs.Graph().as_default():
        gs.Variable(1.0)
        message = gs.train.export_meta_graph()
    with pytest.raises(ValueError, match="The file trains nothing"):
        edits.set_learning_rate(message, 0.1)


# ---- freezing -----------------------------------------------------------------------------------

FROZEN = [
    ("softmax_adam", "W"),
    ("mlp_momentum_decay", "layer1/w"),
    ("resource_adam", "net/dense/kernel"),
    ("dynamic_gru", "embedding"),
    ("gan", "gen/dense/kernel"),
    ("conv_average", "conv2d/kernel"),
    ("batch_norm", "batch_normalization/moving_mean"),
    ("partitioned_ftrl", "w/part_1"),
]


@pytest.mark.parametrize(("name", "variable"), FROZEN)
def test_a_frozen_variable_is_not_changed(name, variable):
    message = read(name)
    before = message.SerializeToString()
    edited = edits.freeze(message, variable)
    assert edited.changes[0].startswith(f"{variable}: frozen; ")
    assert message.SerializeToString() == before
    _, first, last = trained(name, edited.meta_graph)
    np.testing.assert_array_equal(first[variable], last[variable])
    trainable = {v.op.name for v in _trainable(message)} - {variable}
    for other in trainable:
        assert np.any(first[other] != last[other]), other
    assert {v.op.name for v in _trainable(edited.meta_graph)} == trainable


def _trainable(message):
    with gs.Graph().as_default():
        gs.train.import_meta_graph(message)
        return gs.trainable_variables()


@pytest.mark.parametrize(("name", "variable"), FROZEN)
def test_it_is_trained_again(name, variable):
    message = read(name)
    frozen = edits.freeze(message, variable).meta_graph
    again = edits.unfreeze(frozen, variable)
    assert again.changes[0].startswith(f"{variable}: trained again, by ")
    losses, _, _ = trained(name, again.meta_graph)
    np.testing.assert_allclose(losses, Artefact(name).losses, rtol=1e-6)
    waits = {n: sorted(node.input) for n, node in nodes_of(message).items()}
    assert {n: sorted(node.input) for n, node in nodes_of(again.meta_graph).items()} == waits


def test_a_scope_is_frozen():
    edited = edits.freeze(read("mlp_momentum_decay"), "layer1")
    assert [said.partition(":")[0] for said in edited.changes] == ["layer1/w", "layer1/b"]
    again = edits.unfreeze(edited.meta_graph, "layer1/")
    assert [said.partition(":")[0] for said in again.changes] == ["layer1/w", "layer1/b"]
    parts = edits.freeze(read("partitioned_ftrl"), "w")
    assert [said.partition(":")[0] for said in parts.changes[:2]] == ["w/part_0", "w/part_1"]
    _, first, last = trained("partitioned_ftrl", parts.meta_graph)
    np.testing.assert_array_equal(first["w/part_2"], last["w/part_2"])


def test_what_is_frozen_already_or_trained_already():
    message = read("softmax_adam")
    frozen = edits.freeze(message, "W").meta_graph
    assert edits.freeze(frozen, "W").changes == (
        "W: nothing in the file updates it, and it is not among the trainable variables",
    )
    assert edits.unfreeze(message, "W:0").changes == ("W: it is trained already",)
    assert edits.freeze(message, "W", "b").changes[-1] == "Adam trains no variable any more"


def test_a_variable_that_was_never_trained_has_no_update():
    with gs.Graph().as_default():
        w, c = gs.Variable([2.0], name="w"), gs.Variable([3.0], trainable=False, name="c")
        gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(w * c, name="loss"))
        message = gs.train.export_meta_graph()
    edited = edits.unfreeze(message, "c")
    assert edited.changes[0].startswith("c: trainable now, and nothing in the file updates it")
    with gs.Graph().as_default() as graph, gs.Session() as session:
        gs.train.import_meta_graph(edited.meta_graph)
        assert [v.op.name for v in gs.trainable_variables()] == ["w", "c"]
        train = gs.train.GradientDescentOptimizer(0.1, name="New").minimize(
            graph.get_tensor_by_name("loss:0")
        )
        session.run(gs.global_variables_initializer())
        session.run(train)
        assert session.run("c:0") == pytest.approx(2.8)


@pytest.mark.parametrize("change", [edits.freeze, edits.unfreeze])
def test_a_name_that_is_no_variable(change):
    message = read("softmax_adam")
    with pytest.raises(ValueError, match="no variable 'Q'"):
        change(message, "Q")
    with pytest.raises(ValueError, match="y is no variable: it is a node of type"):
        change(message, "y")


# ---- other names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("softmax_adam", {"W": "weights", "Adam": "train/Adam"}),
        ("resource_adam", {"net": "model"}),
        ("mlp_momentum_decay", {"layer0": "encoder/first", "layer1/w": "encoder/w"}),
        ("dynamic_gru", {"rnn": "recurrent/net", "embedding": "words"}),
        ("batch_norm", {"batch_normalization": "bn"}),
        ("first_version", {"w": "weights"}),
        ("partitioned_ftrl", {"w": "weights"}),
        ("nested_loops", {"while": "loops/outer"}),
        ("sharded", {"w": "weights"}),
    ],
)
@pytest.mark.parametrize("checkpoint", [False, True])
def test_other_names(name, names, checkpoint, tmp_path):
    artefact, message = Artefact(name), read(name)
    old = {n for n in nodes_of(message) for o in names if n == o or n.startswith(f"{o}/")}
    edited = edits.rename(message, names, checkpoint=checkpoint)
    prefix = artefact.prefix
    if checkpoint:
        prefix = str(tmp_path / "model")
        edits.rename_checkpoint(artefact.prefix, names, prefix)
    assert not old & nodes_of(edited.meta_graph).keys()
    assert len(edited.meta_graph.graph_def.node) == len(message.graph_def.node)

    def renamed(text):
        op, _, _number = text.partition(":")
        fitting = [o for o in names if op == o or op.startswith(f"{o}/")]
        if not fitting:
            return text
        longest = max(fitting, key=len)
        return names[longest] + text.removeprefix(longest)

    with gs.Graph().as_default(), gs.Session() as session:
        saver = gs.train.import_meta_graph(edited.meta_graph)
        saver.restore(session, prefix)
        artefact.loss = renamed(artefact.loss)
        artefact.train = [renamed(op) for op in artefact.train]
        artefact.feeds = {renamed(key): value for key, value in artefact.feeds.items()}
        np.testing.assert_allclose(artefact.steps(session), artefact.losses, rtol=1e-6)
    told = b"".join(b"".join(c.bytes_list.value) for c in edited.meta_graph.collection_def.values())
    assert not [o for o in old if f"{o}:0".encode() in told and f"/{o}:0".encode() not in told]


def test_the_saver_finds_the_old_names_until_the_checkpoint_is_renamed():
    edited = edits.rename(read("softmax_adam"), {"W": "weights"})
    assert edited.changes == (
        "W -> weights: 11 nodes",
        "the file's Saver reads and writes W, W/Adam, W/Adam_1 in checkpoints as before; "
        "--checkpoint PREFIX renames what is in a checkpoint too",
    )


def test_a_frozen_variable_that_was_renamed_is_trained_again():
    message = read("softmax_adam")
    frozen = edits.freeze(message, "W").meta_graph
    renamed = edits.rename(frozen, {"Adam": "Other", "W": "weights"}).meta_graph
    again = edits.unfreeze(renamed, "weights").meta_graph
    back = edits.rename(again, {"Other": "Adam", "weights": "W"}).meta_graph
    assert sorted(nodes_of(back)["Adam"].input) == sorted(nodes_of(message)["Adam"].input)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"Wx": "V"}, "no node or scope 'Wx'"),
        ({"W": "b"}, "W and b would both be called b"),
        ({"W": "a b"}, "'a b' is no name for a node"),
    ],
)
def test_names_that_cannot_be_given(names, said):
    with pytest.raises(ValueError, match=said):
        edits.rename(read("softmax_adam"), names)


def test_a_checkpoint_is_not_written_over_itself(tmp_path):
    prefix = str(ARTEFACTS / "softmax_adam" / "model")
    with pytest.raises(ValueError, match="is the checkpoint that is read"):
        edits.rename_checkpoint(prefix, {"W": "V"}, prefix)
    with pytest.raises(ValueError, match=r"(b and W|W and b) of .* would both be called b"):
        edits.rename_checkpoint(prefix, {"W": "b"}, str(tmp_path / "new"))


# ---- versions -----------------------------------------------------------------------------------


def test_shapes_that_the_file_tells_are_left_out():
    edited = edits.remove_output_shapes(read("batch_norm"))
    assert edited.changes == ("_output_shapes: left out of 270 nodes",)
    assert not any("_output_shapes" in n.attr for n in edited.meta_graph.graph_def.node)
    losses, _, _ = trained("batch_norm", edited.meta_graph)
    np.testing.assert_allclose(losses, Artefact("batch_norm").losses, rtol=1e-6)


def test_a_file_for_an_old_version():
    edited = edits.for_version(read("batch_norm"), "tf1.4")
    types = {node.op for node in edited.meta_graph.graph_def.node}
    assert not types & {"AddV2", "FusedBatchNormV3", "FusedBatchNormGradV3"}
    assert "FusedBatchNormV3 -> FusedBatchNorm: 2 nodes" in edited.changes
    assert "Conv2D without dilations: 1 node" in edited.changes
    losses, _, _ = trained("batch_norm", edited.meta_graph)
    np.testing.assert_allclose(losses, Artefact("batch_norm").losses, rtol=1e-6)


def test_what_a_version_cannot_say_is_an_error_that_names_the_nodes():
    with pytest.raises(ValueError, match=r"TensorFlow 1.4 cannot say LeakyRelu, .*: gen/dense/"):
        edits.for_version(read("gan"), "tf1.4")
    with pytest.raises(ValueError, match=r"none of the versions tf1.4, tf1.15, tf2"):
        edits.for_version(read("gan"), "tf3")


def node(name, op, **attrs):
    made = NodeDef(name=name, op=op)
    for key, value in attrs.items():
        setattr(made.attr[key], "b" if isinstance(value, bool) else "s", value)
    return made


def test_attributes_that_are_not_as_they_always_were():
    message = MetaGraphDef()
    message.graph_def.node.extend(
        [
            node("a", "MatMul", grad_a=True),
            node("b", "MatMul", grad_a=False),
            node("c", "VarHandleOp", debug_name=b"c/"),
            node("d", "MadeByMe"),
        ]
    )
    with pytest.raises(ValueError, match="cannot say MatMul with grad_a = True: a"):
        edits.for_version(message, "tf1.15")
    del message.graph_def.node[0]
    edited = edits.for_version(message, "tf1.15")
    assert edited.changes == (
        "MatMul without grad_a: 1 node",
        "VarHandleOp without debug_name: 1 node",
        "MadeByMe is of none of the versions that are known here, and is kept: d",
    )


def loop_of_graphscope():
    """A file whose loop owns its body, as GraphScope has it beside that of TensorFlow."""
    with gs.Graph().as_default():
        w = gs.Variable([1.0], name="w")
        _, h = gs.while_loop(
            lambda i, h: i < 3, lambda i, h: (i + 1, h * w), [0, w.read_value()], name="counting"
        )
        gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(h, name="loss"))
        return gs.train.export_meta_graph()


def test_loops_that_only_graphscope_has_are_named():
    message = loop_of_graphscope()
    message.graph_def.node[:] = wholes.restored(message.graph_def.node)
    with pytest.raises(ValueError, match=r"While as GraphScope has it: counting/While"):
        edits.for_version(message, "tf1.15")


def test_a_changed_file_keeps_its_loops_where_they_are_not_changed():
    """A file carries its loops as GraphScope has them; not those that are another way now."""
    message = loop_of_graphscope()

    def carries(edited):
        return any(wholes.WHOLE in n.attr for n in edited.meta_graph.graph_def.node)

    kept = edits.set_learning_rate(message, 0.5)
    assert carries(kept)
    with gs.Graph().as_default() as graph:
        gs.train.import_meta_graph(kept.meta_graph)
        assert graph.get_operation_by_name("counting/While").type == "While"
    assert not carries(edits.rename(message, {"counting": "other"}))
    assert not carries(edits.for_version(message, "tf2"))
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph(edits.rename(message, {"counting": "other"}).meta_graph)
        session.run(gs.global_variables_initializer())
        losses = [session.run(["loss:0", "GradientDescent"])[0] for _ in range(2)]
    np.testing.assert_allclose(losses, [1.0, 0.6**4], rtol=1e-6)
