"""Arrays of a TensorArray in the debugger: they are lists, not texts."""

import graphscope as gs
from graphscope import compat


def test_a_list_is_called_a_list():
    with compat.installed() as tf, gs.Graph().as_default():
        array = tf.TensorArray(tf.float32, 2, name="array")
        array = array.write(0, [1.0, 2.0])
        last = array.write(1, [3.0, 4.0]).read(1)
        debugger = gs.debug(gs.Session(), last)
        texts = [str(debugger.step())]
        while not debugger.done:
            texts.append(str(debugger.step()))
        told = "\n".join(texts)
        assert "list[2]" in told
        assert "str[" not in told
        value = debugger.card(array.flow)
        assert "f32[2]  min 1  mean 1.5  max 2" in str(value)
        assert "list of 2" in debugger.draw().dot
