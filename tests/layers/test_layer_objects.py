"""Layers as objects: their names, what they keep, what they ask of their input, how they copy."""

import copy

import numpy as np
import pytest

import graphscope as gs
from graphscope import layers
from graphscope.layers import utils
from graphscope.ops.variables import VariableSynchronization


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


class Counting(layers.Layer):
    """Two variables, an update for any input, and one of each input."""

    def build(self, input_shape):
        self.seen = self.add_variable("seen", [], trainable=False)
        self.calls = self.add_variable("calls", [], trainable=False)
        self.add_update(gs.assign_add(self.calls, 1.0))
        self.add_loss(self.calls)
        self.built = True

    def call(self, inputs):
        self.add_update(gs.assign_add(self.seen, inputs))
        self.add_loss(inputs, inputs=True)
        return inputs + 1


def test_updates_and_losses_of_an_input():
    layer = Counting()
    first, second = (gs.placeholder(gs.float32, []) for _ in range(2))
    outputs = layer(first + 1)
    layer(second)
    for kept, found_for in (
        (layer.updates, layer.get_updates_for),
        (layer.losses, layer.get_losses_for),
    ):
        assert len(kept) == 3
        assert found_for(None) == kept[:1]
        assert found_for([first]) == kept[1:2]
        assert found_for(second) == kept[2:]
        assert found_for([outputs]) == []
    assert gs.get_collection(gs.GraphKeys.UPDATE_OPS) == layer.updates


def test_names_of_layers_without_a_name(graph):
    x = gs.zeros([5, 2])
    first, second = layers.Dense(2), layers.Dense(2)
    assert (first.name, second.name) == ("dense_1", "dense_2")
    second(x)
    first(x)
    assert (second.scope_name, first.scope_name) == ("dense", "dense_1")
    with gs.Graph().as_default():
        assert layers.Dense(2).name == "dense_1"


@pytest.mark.parametrize(
    ("spec", "bad", "good", "sentence"),
    [
        ({"ndim": 2}, [1], [[1]], "expected ndim=2"),
        ({"min_ndim": 2}, [1], [[[1]]], "expected min_ndim=2"),
        ({"max_ndim": 1}, [[1]], 1, "expected max_ndim=1"),
        ({"dtype": "float32"}, 1, 1.0, "expected dtype=float32"),
        ({"axes": {-1: 2}}, [1, 2, 3], [[1, 2]], "expected axis -1"),
        ({"shape": (None, 3)}, [[1, 2]], [[1, 2, 3]], "expected shape"),
    ],
)
def test_what_a_layer_asks_of_its_input(spec, bad, good, sentence):
    layer = layers.Layer()
    layer.input_spec = layers.InputSpec(**spec)
    with pytest.raises(ValueError, match=sentence):
        layer(gs.constant(bad))
    layer(gs.constant(good))
    if "ndim" in str(spec):
        with pytest.raises(ValueError, match="requires a defined rank"):
            layer(gs.placeholder(gs.int32))


def test_dicts_and_lists_of_inputs():
    class Renaming(layers.Layer):
        def call(self, inputs):
            return {f"l{key}": value for key, value in inputs.items()}

    inputs = {"abel": gs.constant(1), "ogits": gs.constant(2.0)}
    assert set(Renaming()(inputs)) == {"label", "logits"}
    layer = layers.Layer()
    layer([np.float64(1), gs.constant(1)])
    assert layer.dtype == "float64"


def test_a_copy_has_its_own_lists_and_the_same_tensors():
    layer = layers.Dense(2, name="d")
    layer.extra = gs.constant(1.0)
    layer(gs.zeros([1, 3]))
    copied = copy.deepcopy(layer)
    assert copied.kernel is layer.kernel
    assert copied.extra is layer.extra
    assert copied.scope_name == layer.scope_name
    copied.add_loss(gs.constant(1.0))
    assert (len(copied.losses), len(layer.losses)) == (1, 0)


def test_what_is_refused():
    with pytest.raises(TypeError, match="Keyword argument not understood"):
        layers.Dense(3, unit=3)
    with pytest.raises(ValueError, match="isn't built"):
        layers.Dense(3).count_params()
    with pytest.raises(ValueError, match=r"VariableSynchronization\.ON_READ only for"):
        layers.Layer(name="l").add_weight(
            "v", [2], synchronization=VariableSynchronization.ON_READ, trainable=True
        )
    with pytest.raises(TypeError, match="non-floating point dtype"):
        layers.Dense(3)(gs.constant([[1, 2]]))
    with pytest.raises(ValueError, match="expects 1 inputs, but it received 2"):
        layers.Dense(3)([gs.zeros([1, 2])] * 2)


def test_shapes_of_outputs_without_a_call():
    assert layers.Dense(2).compute_output_shape((None, 4, 3)).as_list() == [None, 4, 2]
    for refused in ([1], [3, None], None):
        with pytest.raises(ValueError, match=r"rank|defined"):
            layers.Dense(2).compute_output_shape(gs.TensorShape(refused))
    conv = layers.Conv2D(4, 3, strides=2, padding="same", data_format="channels_first")
    assert conv.compute_output_shape((None, 3, 7, 9)).as_list() == [None, 4, 4, 5]
    pool = layers.MaxPooling1D(2, 2)
    assert pool.compute_output_shape((8, 7, 3)).as_list() == [8, 3, 3]


@pytest.mark.parametrize(
    ("make", "shape", "result", "kernel"),
    [
        (layers.Conv1D, [2, 3, 7], [2, 4, 5], [3, 3, 4]),
        (layers.Conv2D, [None, 3, 7, 9], [None, 4, 5, 7], [3, 3, 3, 4]),
        (layers.Conv3D, [2, 3, 7, 9, 8], [2, 4, 5, 7, 6], [3, 3, 3, 3, 4]),
        (layers.Conv2DTranspose, [2, 3, 7, 9], [2, 4, 9, 11], [3, 3, 4, 3]),
        (layers.Conv3DTranspose, [2, 3, 7, 9, 8], [2, 4, 9, 11, 10], [3, 3, 3, 4, 3]),
    ],
)
def test_channels_first_in_graphs(make, shape, result, kernel):
    """Most are refused in a run, as TensorFlow does on a CPU."""
    layer = make(4, 3, data_format="channels_first")
    assert layer(gs.placeholder(gs.float32, shape)).shape.as_list() == result
    assert layer.kernel.shape.as_list() == kernel


def test_channels_first_is_refused_in_a_run():
    images = gs.zeros([2, 3, 7, 9])
    outputs = layers.conv2d(images, 4, 3, data_format="channels_first")
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        with pytest.raises(gs.errors.UnimplementedError, match="NCHW"):
            sess.run(outputs)
        with pytest.raises(gs.errors.InternalError, match="NHWC"):
            sess.run(gs.nn.fused_batch_norm(images, [1.0] * 3, [0.0] * 3, data_format="NCHW")[0])


def test_the_functions_have_the_arguments_of_their_layers():
    x = gs.zeros([2, 6, 6, 3])
    relu = layers.conv2d(x, 4, 3, 1, "same", "channels_last", (1, 1), gs.nn.relu, name="c")
    assert relu.op.name == "c/Relu"
    again = layers.conv2d(x, 4, 3, padding="same", name="c", reuse=True)
    assert again.op.name == "c_1/BiasAdd"
    assert len(gs.trainable_variables()) == 2
    with pytest.raises(TypeError, match="unexpected keyword"):
        layers.conv2d(x, 4, 3, pad="same")


def test_lengths():
    assert utils.conv_output_length(5, 3, "valid", 2) == 2
    assert utils.conv_output_length(5, 3, "full", 1, dilation=2) == 9
    assert utils.conv_output_length(None, 3, "same", 1) is None
    assert utils.conv_input_length(2, 3, "valid", 2) == 5
    assert utils.conv_input_length(3, 3, "same", 2) == 5
    assert utils.deconv_output_length(4, 3, "valid", 2) == 9
    assert utils.deconv_output_length(4, 3, "full", 2) == 5
    assert utils.convert_data_format("channels_first", 5) == "NCDHW"
    assert utils.normalize_tuple((1, 2.0), 2, "strides") == (1, 2.0)
    for wrong in (None, "ab", (1, 2, 3)):
        with pytest.raises(ValueError, match="`strides` argument must be a tuple of 2"):
            utils.normalize_tuple(wrong, 2, "strides")
    with pytest.raises(ValueError, match="Invalid data_format"):
        utils.convert_data_format("NHWC", 4)
