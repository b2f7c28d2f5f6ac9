"""``import tensorflow``: the tree of modules, old names, and what is said of missing names."""

import importlib
import operator
import re
import sys

import numpy as np
import pytest

from graphscope import compat
from graphscope.compat.modules import MODULES
from graphscope.compat.names import modules, names_of
from graphscope.compat.raw import raw_name


@pytest.fixture
def tf():
    with compat.installed():
        yield importlib.import_module("tensorflow")


def run(tf, tensor, feed=None):
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return sess.run(tensor, feed)


def test_nothing_stays_after_the_block():
    before = list(sys.meta_path)
    with compat.installed():
        assert "tensorflow.python.framework.ops" in sys.modules
    assert not [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]
    assert sys.meta_path == before


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_can_be_imported(tf, name):
    module = importlib.import_module(name)
    assert module.__name__ == name
    assert not name.rpartition(".")[0] or importlib.import_module(name.rpartition(".")[0])


def test_the_names_are_tensorflows_own():
    """The public modules have no name that TensorFlow 1.15 or 0.12 does not have."""
    old = """all_variables complex_abs histogram_summary image_summary initialize_all_variables
        initialize_local_variables initialize_variables inv listdiff merge_all_summaries
        merge_summary mul neg pack scalar_summary select sub unpack"""
    own = """Debugger IndexedSlicesValue convert_to_tensor_or_indexed_slices debug draw errors
        film first_divergence image import_file nn open_file pm set_trace testing train"""
    known = {*names_of("tensorflow"), *re.findall(r"\w+", old), *re.findall(r"\w+", own)}
    names = {n for n in MODULES["tensorflow"] if n[0] != "_" and not n.startswith("batch_")}
    assert names <= known
    for name in ("layers", "losses", "metrics", "logging", "gfile", "contrib.framework"):
        module = f"tensorflow.{name}"
        assert set(MODULES[module]) <= names_of(module), name


def test_the_list_of_names_is_compact():
    assert len(modules()) > 150
    assert "placeholder" in names_of("tensorflow")
    assert names_of("tensorflow.compat.v1.layers") == names_of("tensorflow.layers")
    assert not names_of("tensorflow.nowhere")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("keras.applications", "tensorflow.keras.applications is in TensorFlow 1.15"),
        ("keras.layers.DenseFeatures", "keras.layers.DenseFeatures is in TensorFlow 1.15"),
        ("train.VocabInfo", "tensorflow.train.VocabInfo is in TensorFlow 1.15"),
        ("compat.v1.estimator", "tensorflow.compat.v1.estimator is in TensorFlow 1.15"),
        ("contrib.crf", "tensorflow.contrib.crf is in TensorFlow 1.15"),
        ("nn.ctc_loss", "does not have it yet$"),
        ("reduce_summ", "did you mean 'reduce_sum'"),
        ("placeholdr", "module 'tensorflow' has no attribute 'placeholdr'"),
        ("train.adamOptimizer", "module 'tensorflow.train' has no attribute 'adamOptimizer'"),
    ],
)
def test_missing_names(tf, name, sentence):
    *path, last = name.split(".")
    module = importlib.import_module(".".join(["tensorflow", *path]))
    with pytest.raises(AttributeError, match=sentence):
        getattr(module, last)
    assert not hasattr(module, last)


def test_missing_modules(tf):
    with pytest.raises(ImportError, match=r"estimator is in TensorFlow 1\.15, and GraphScope does"):
        importlib.import_module("tensorflow.estimator")
    with pytest.raises(ImportError, match=r"contrib\.crf is in TensorFlow 1\.15"):
        exec("from tensorflow.contrib import crf")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from tensorflow import nothing")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'tensorflow\.nothing'"):
        importlib.import_module("tensorflow.nothing")


def test_inner_modules_can_be_imported_and_name_what_is_missing(tf):
    names = {}
    exec("from tensorflow.python.framework import test_ops", names)
    exec("import tensorflow.core.framework.node_def_pb2", names)
    with pytest.raises(AttributeError, match=r"test_ops\.old is in TensorFlow 1\.15"):
        _ = names["test_ops"].old
    with pytest.raises(AttributeError, match=r"test_ops' has no attribute 'new'"):
        _ = names["test_ops"].new
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from tensorflow.python.ops import nothing")


def test_operations_under_their_own_names(tf):
    assert [raw_name(t) for t in ("TopKV2", "MatMul", "SpaceToBatchND", "L2Loss", "Conv2D")] == [
        *("top_kv2", "mat_mul", "space_to_batch_nd", "l2_loss", "conv2d")
    ]
    gen_math_ops = importlib.import_module("tensorflow.python.ops.gen_math_ops")
    assert run(tf, gen_math_ops.mat_mul(a=[[1, 2]], b=[[3], [4]])) == 11
    assert run(tf, gen_math_ops._sum([1, 2, 3], 0)) == 6


def test_old_names_of_numpy_are_there_as_long_as_tensorflow_is():
    before = set(vars(np))
    with compat.installed():
        assert (np.float, np.int, np.object) == (float, int, object)
        assert np.product([2, 3]) == 6
        assert np.array([1], np.float_).dtype == np.float64
        assert repr([np.float32(0.5), np.int64(3), np.bool_(True)]) == "[0.5, 3, True]"
    assert set(vars(np)) == before
    assert np.get_printoptions()["legacy"] is False


def test_imports_of_old_scripts(tf):
    lines = """
from tensorflow.python.framework import ops, dtypes, tensor_shape, errors
from tensorflow.python.ops import array_ops, math_ops, variable_scope, nn_ops, init_ops, state_ops
from tensorflow.python.ops.nn import relu, softmax
from tensorflow.python.client.session import Session
from tensorflow.python.platform import gfile, tf_logging as logging
from tensorflow.python.training import moving_averages
from tensorflow.python.util import nest, compat
from tensorflow.python.layers.core import Dense
from tensorflow.core.protobuf import config_pb2
from tensorflow.contrib.layers import fully_connected, batch_norm
from tensorflow.contrib.learn.python.learn.datasets.mnist import read_data_sets
from tensorflow.contrib.tensorboard.plugins import projector
from tensorflow.examples.tutorials.mnist import input_data
import tensorflow.contrib.slim as slim
import tensorflow.contrib.layers as layers
import tensorflow.compat.v1 as tf1
"""
    names = {}
    exec(
        lines.replace("from tensorflow.contrib.framework.python.ops import add_arg_scope\n", ""),
        names,
    )
    names["ops"].reset_default_graph()
    names["tf1"].disable_v2_behavior()
    assert names["math_ops"].reduce_sum is tf.reduce_sum
    assert names["errors"].NotFoundError is tf.errors.NotFoundError
    assert names["tensor_shape"].vector(3) == [3]
    assert names["slim"].conv2d is names["layers"].conv2d


def test_names_of_2016(tf):
    """The same graph by the names of TensorFlow 0.x and of 1.x."""
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    feed = {x: np.arange(6.0).reshape(2, 3) - 2}
    pairs = [
        (tf.mul(x, 2.0), tf.multiply(x, 2.0)),
        (tf.sub(x, 1.0), tf.subtract(x, 1.0)),
        (tf.neg(x), tf.negative(x)),
        (tf.pack([x, x], axis=1), tf.stack([x, x], axis=1)),
        (tf.unpack(x)[1], tf.unstack(x)[1]),
        (tf.select(x > 0, x, -x), tf.where(x > 0, x, -x)),
        (tf.concat(1, [x, x]), tf.concat([x, x], 1)),
        (tf.split(1, 3, x)[2], tf.split(x, 3, 1)[2]),
        (tf.batch_matmul(x, tf.transpose(x)), tf.matmul(x, tf.transpose(x))),
        (tf.reduce_sum(x, reduction_indices=[1], keep_dims=True), tf.reduce_sum(x, 1, True)),
    ]
    for old, new in run(tf, pairs, feed):
        np.testing.assert_array_equal(old, new)
    v = tf.Variable(1.0)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        assert tf.all_variables() == [v]
        assert sess.run(v) == 1


def test_a_training_with_the_names_of_2016(tf, tmp_path):
    x = tf.placeholder(tf.float32, [None])
    w = tf.Variable(0.0, name="w")
    loss = tf.reduce_mean(tf.square(tf.sub(tf.mul(x, w), tf.mul(x, 3.0))))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    tf.scalar_summary("loss", loss)
    tf.histogram_summary("weights", w)
    merged = tf.merge_all_summaries()
    assert merged.op.name == "MergeSummary/MergeSummary"
    with tf.Session() as sess:
        writer = tf.train.SummaryWriter(str(tmp_path), graph=sess.graph)
        sess.run(tf.initialize_all_variables())
        for step in range(20):
            summary, _ = sess.run([merged, train], {x: [1.0, 2.0]})
            writer.add_summary(summary, step)
        writer.close()
        assert sess.run(w) == pytest.approx(3.0, abs=1e-4)
    tags = [value.tag for value in tf.Summary.FromString(summary).value]
    assert tags == ["loss", "weights"]


def test_versions_and_what_other_packages_ask(tf):
    assert tf.__version__.startswith("1.15")
    assert tf.VERSION == tf.version.VERSION == "1.15.5"
    assert tf.is_tensor(tf.constant(1))
    assert not tf.is_tensor(1)
    assert tf.newaxis is None
    assert tf.compat.as_str(b"a") == tf.compat.as_text("a") == "a"
    assert tf.compat.as_bytes("a") == b"a"
    with pytest.raises(TypeError, match="Expected binary or unicode string, got 1"):
        tf.compat.as_str(1)


def test_settings_are_accepted_and_ignored(tf):
    config = tf.ConfigProto(log_device_placement=True, device_count={"GPU": 0})
    config.gpu_options.allow_growth = True
    config.gpu_options.per_process_gpu_memory_fraction = 0.4
    config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.ON_1
    assert config.gpu_options.allow_growth
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    metadata = tf.RunMetadata()
    with tf.Session(config=config) as sess:
        assert sess.run(tf.constant(2) + 3, options=options, run_metadata=metadata) == 5
    assert [node.node_name for node in metadata.step_stats.dev_stats[0].node_stats] == ["add"]
    with pytest.raises(ValueError, match='ConfigProto has no "gpu" field'):
        tf.ConfigProto(gpu=1)
    with pytest.raises(AttributeError, match="no field 'alow_growth'"):
        config.gpu_options.alow_growth = True


@pytest.mark.parametrize(
    ("second", "first"),
    [
        ("train.piecewise_constant_decay", "train.piecewise_constant"),
        ("dtypes.as_string", "as_string"),
        ("linalg.global_norm", "global_norm"),
        ("debugging.assert_all_finite", "verify_tensor_all_finite"),
        ("sparse.segment_sum", "sparse_segment_sum"),
        ("compat.v1.reverse_v2", "reverse"),
    ],
)
def test_second_names(second, first):
    with compat.installed() as tf:
        assert operator.attrgetter(second)(tf) is operator.attrgetter(first)(tf)
