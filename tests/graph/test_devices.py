"""Names of devices: what a tensor made inside ``with tf.device`` prints, as in TensorFlow 1.15."""

from contextlib import ExitStack

import pytest

import graphscope as gs


@pytest.mark.parametrize(
    ("scopes", "name"),
    [
        ((), ""),
        (("/cpu:0",), "/device:CPU:0"),
        (("gpu:1",), "/device:GPU:1"),
        (("/gpu",), "/device:GPU:*"),
        (("/device:XLA_CPU:0",), "/device:XLA_CPU:0"),
        (("/task:0/cpu:0",), "/task:0/device:CPU:0"),
        (("/job:ps/task:1", "/cpu:0"), "/job:ps/task:1/device:CPU:0"),
        (("/cpu:0", "/job:w/replica:2/task:3"), "/job:w/replica:2/task:3/device:CPU:0"),
        (("/gpu:0", "/cpu:1"), "/device:CPU:1"),
        (("/gpu:0", ""), "/device:GPU:0"),
        (("/gpu:0", None), ""),
        (("/gpu:0", None, "/cpu:0"), "/device:CPU:0"),
    ],
)
def test_nested_devices(scopes, name):
    with ExitStack() as stack:
        stack.enter_context(gs.Graph().as_default())
        for scope in scopes:
            stack.enter_context(gs.device(scope))
        tensor = gs.constant([1.0], name="c")
    assert tensor.device == tensor.op.device == name
    device = f", device={name}" if name else ""
    assert str(tensor) == f'Tensor("c:0", shape=(1,), dtype=float32{device})'
    assert repr(tensor) == "<tf.Tensor 'c:0' shape=(1,) dtype=float32>"


def test_what_is_no_device():
    with pytest.raises(ValueError, match="Unknown attribute: 'nope'"), gs.device("/nope:0"):
        pass


def test_the_device_of_a_variable_and_of_a_run():
    with gs.device("/gpu:7"):
        v = gs.Variable(2.0)
        doubled = v * 2.0
    assert (v.device, doubled.device) == ("/device:GPU:7", "/device:GPU:7")
    with gs.Session() as sess:  # there is one device, and it runs there
        sess.run(v.initializer)
        assert doubled.eval() == 4.0
    assert gs.constant(1).device == ""
