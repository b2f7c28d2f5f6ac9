"""What scripts call beside the main surface: the graph at the top, old paths, slim's utilities."""

import importlib
import math

import numpy as np
import pytest

from graphscope import compat


@pytest.fixture
def tf():
    with compat.installed():
        module = importlib.import_module("tensorflow")
        module.reset_default_graph()
        yield module


def test_collections_by_several_names(tf):
    tf.add_to_collections(["first", "second", "first"], 3)
    assert tf.get_collection("first") == tf.get_collection("second") == [3]
    tf.get_collection_ref("first").append(4)
    assert tf.get_collection("first") == [3, 4]


def test_seeds(tf):
    assert tf.get_seed(None) == (None, None)
    assert tf.get_seed(5) == (87654321, 5)
    tf.set_random_seed(2)
    assert (tf.get_seed(None), tf.random.get_seed(7)) == ((2, 0), (2, 7))
    tf.set_random_seed(0)
    assert tf.get_seed(0) == (0, 2**31 - 1)


def test_shapes(tf):
    shape = tf.broadcast_static_shape(tf.TensorShape([3, 1]), tf.TensorShape([4]))
    assert shape.as_list() == [3, 4]
    assert tf.dimension_value(shape[1]) == tf.dimension_at_index(shape, 1).value == 4
    with pytest.raises(ValueError, match="broadcast"):
        tf.broadcast_static_shape(tf.TensorShape([3, 2]), tf.TensorShape([4]))


def test_scopes_of_2016_and_of_containers(tf):
    v = tf.Variable(1.0)
    with tf.op_scope([v], None, "default") as default, tf.op_scope([v], "own", "default") as own:
        assert (default, own) == ("default/", "default/own/")
    with tf.control_dependencies([v.op]), tf.name_scope("q"), tf.container("c"), tf.init_scope():
        assert not tf.constant(1).op.control_inputs
        assert tf.constant(1, name="c").name == "q/c:0"


def test_other_names(tf):
    assert not tf.executing_eagerly()
    assert tf.dtypes.float32 is tf.float32
    assert tf.dtypes.as_dtype("bool") is tf.dtypes.bool
    assert tf.get_static_value(tf.constant(3)) == 3
    assert tf.tables_initializer().name == "init_all_tables"
    from tensorflow.python.client import device_lib

    assert [d.name for d in device_lib.list_local_devices()] == ["/device:CPU:0"]
    with tf.Session() as sess:
        assert sess.run(tf.numpy_function(np.sum, [[1.0, 2.0]], tf.float32)) == 3.0


def test_a_function_that_is_not_here_says_so_when_it_is_called(tf):
    from tensorflow.python.framework.graph_util import must_run_on_cpu

    with pytest.raises(AttributeError, match="must_run_on_cpu is in TensorFlow"):
        must_run_on_cpu(None)


def test_layers_of_contrib_where_they_were_in_2016(tf):
    from tensorflow.contrib.layers.python.layers import batch_norm, initializers
    from tensorflow.contrib.layers.python.layers.layers import conv2d

    assert batch_norm is tf.contrib.layers.batch_norm
    assert conv2d is tf.contrib.slim.conv2d
    assert initializers.xavier_initializer is tf.contrib.layers.xavier_initializer


def test_outputs_are_collected_by_the_names_of_their_layers(tf):
    slim = tf.contrib.slim
    images = tf.placeholder(tf.float32, [None, 8, 8, 3])
    with (
        tf.variable_scope("net") as scope,
        slim.arg_scope([slim.conv2d, slim.max_pool2d, slim.dropout], outputs_collections="ends"),
    ):
        net = slim.repeat(images, 2, slim.conv2d, 4, [3, 3], scope="conv1")
        net = slim.max_pool2d(net, [2, 2], scope="pool1")
        net = slim.flatten(slim.dropout(net), outputs_collections=["ends"])
    ends = slim.utils.convert_collection_to_dict("ends", clear_collection=True)
    assert list(ends) == [
        *("net/conv1/conv1_1", "net/conv1/conv1_2", "net/pool1", "net/Dropout", "net/Flatten"),
    ]
    assert ends["net/Flatten"] is net
    assert scope.original_name_scope == "net/"
    assert not tf.get_collection("ends")


def test_names_of_tensors(tf):
    utils = tf.contrib.slim.utils
    named, plain = tf.constant(1.0), tf.constant(2.0, name="plain")
    utils.append_tensor_alias(utils.append_tensor_alias(named, "one"), "two")
    assert utils.gather_tensors_aliases([named, plain]) == ["one", "two", "plain"]
    assert utils.collect_named_outputs(None, "unused", plain) is plain
    assert utils.get_tensor_aliases(plain) == ["plain"]


def test_numbers_of_slim(tf):
    utils = tf.contrib.slim.utils
    assert utils.two_element_tuple(3) == utils.two_element_tuple(tf.TensorShape([3, 3])) == (3, 3)
    assert utils.n_positive_integers(3, 2) == (2, 2, 2)
    assert utils.last_dimension(tf.TensorShape([None, 5]), min_rank=2) == 5
    assert utils.channel_dimension(tf.TensorShape([1, 2, 3]), "NCHW") == 2
    assert utils.get_variable_collections({"weights": "w"}, "weights") == "w"
    for wrong in ("x", [1, 2, 3], tf.TensorShape([1])):
        with pytest.raises(ValueError, match="2 elements"):
            utils.two_element_tuple(wrong)
    with pytest.raises(ValueError, match="positive"):
        utils.n_positive_integers(2, [1, 0])
    for shape, reason in ((None, "known"), ([3, None], "known"), ([3], "at least 2")):
        with pytest.raises(ValueError, match=reason):
            utils.last_dimension(tf.TensorShape(shape), min_rank=2)


def test_the_network_of_the_first_tutorial(tf):
    from tensorflow.examples.tutorials.mnist import mnist

    assert (mnist.NUM_CLASSES, mnist.IMAGE_SIZE, mnist.IMAGE_PIXELS) == (10, 28, 784)
    images, labels = np.eye(20, 784, dtype=np.float32), np.arange(20) % 10
    logits = mnist.inference(tf.constant(images), 16, 8)
    loss = mnist.loss(logits, tf.constant(labels))
    train, correct = mnist.training(loss, 0.1), mnist.evaluation(logits, tf.constant(labels))
    assert [v.name for v in tf.global_variables()] == [
        *("hidden1/weights:0", "hidden1/biases:0", "hidden2/weights:0", "hidden2/biases:0"),
        *("softmax_linear/weights:0", "softmax_linear/biases:0", "global_step:0"),
    ]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        before = sess.run(loss)
        for _ in range(50):
            sess.run(train)
        after, count, step = sess.run([loss, correct, tf.global_variables()[-1]])
    assert before == pytest.approx(math.log(10), abs=0.1)
    assert after < before
    assert 0 <= count <= 20
    assert step == 50
