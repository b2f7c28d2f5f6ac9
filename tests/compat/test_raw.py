"""Operations as plain functions: ``tf.raw_ops`` and the modules gen_*."""

import importlib

import numpy as np
import pytest

from graphscope import compat


@pytest.fixture
def tf():
    with compat.installed() as module:
        module.reset_default_graph()
        yield module


CALLS = {
    "Sum": ({"input": [[1.0, 2.0]], "axis": [1]}, [3.0]),
    "ExpandDims": ({"input": [1, 2], "axis": 0}, [[1, 2]]),
    "Split": ({"axis": 1, "value": [[1, 2]], "num_split": 2}, [[[1]], [[2]]]),
    "Select": ({"condition": [True, False], "x": [1, 2], "y": [3, 4]}, [1, 4]),
    "Where": ({"condition": [True, False]}, [[0]]),
    "DynamicStitch": ({"indices": [[1], [0]], "data": [[5], [7]]}, [7, 5]),
}


@pytest.mark.parametrize("type", CALLS)
def test_operations_are_called_with_the_names_of_their_inputs(tf, type):
    arguments, expected = CALLS[type]
    node = getattr(tf.raw_ops, type)(**arguments, name="mine")
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(node), expected)
    assert tf.get_default_graph().get_operation_by_name("mine").type == type


def test_messages_keep_the_name_in_the_graph(tf):
    with pytest.raises(TypeError, match=r"split_dim.*float32 not in list"):
        tf.raw_ops.Split(axis=np.float32(1), value=[[1, 2]], num_split=2)


def test_the_modules_gen_hold_the_same_functions(tf):
    gen_math_ops = importlib.import_module("tensorflow.python.ops.gen_math_ops")
    assert gen_math_ops.sigmoid_grad is tf.raw_ops.SigmoidGrad
    assert not hasattr(tf.raw_ops, "SumGrad"), "an operation that TensorFlow does not have"
