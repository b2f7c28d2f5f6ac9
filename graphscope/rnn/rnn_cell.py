"""The cells, under TensorFlow's names (tf.nn.rnn_cell)."""

from graphscope.rnn.base import RNNCell as RNNCell
from graphscope.rnn.cells import BasicLSTMCell as BasicLSTMCell
from graphscope.rnn.cells import BasicRNNCell as BasicRNNCell
from graphscope.rnn.cells import GRUCell as GRUCell
from graphscope.rnn.cells import LSTMCell as LSTMCell
from graphscope.rnn.cells import LSTMStateTuple as LSTMStateTuple
from graphscope.rnn.cells import MultiRNNCell as MultiRNNCell
from graphscope.rnn.wrappers import DeviceWrapper as DeviceWrapper
from graphscope.rnn.wrappers import DropoutWrapper as DropoutWrapper
from graphscope.rnn.wrappers import ResidualWrapper as ResidualWrapper

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "DeviceWrapper",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
    "ResidualWrapper",
]
