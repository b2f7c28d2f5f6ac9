"""Decoders, helpers and attention, under TensorFlow's names (tf.contrib.seq2seq)."""

from graphscope.rnn.attention import AttentionMechanism as AttentionMechanism
from graphscope.rnn.attention import AttentionWrapper as AttentionWrapper
from graphscope.rnn.attention import AttentionWrapperState as AttentionWrapperState
from graphscope.rnn.attention import BahdanauAttention as BahdanauAttention
from graphscope.rnn.attention import LuongAttention as LuongAttention
from graphscope.rnn.decoding import BasicDecoder as BasicDecoder
from graphscope.rnn.decoding import BasicDecoderOutput as BasicDecoderOutput
from graphscope.rnn.decoding import Decoder as Decoder
from graphscope.rnn.decoding import dynamic_decode as dynamic_decode
from graphscope.rnn.decoding import sequence_loss as sequence_loss
from graphscope.rnn.helpers import CustomHelper as CustomHelper
from graphscope.rnn.helpers import GreedyEmbeddingHelper as GreedyEmbeddingHelper
from graphscope.rnn.helpers import Helper as Helper
from graphscope.rnn.helpers import SampleEmbeddingHelper as SampleEmbeddingHelper
from graphscope.rnn.helpers import TrainingHelper as TrainingHelper

__all__ = [
    "AttentionMechanism",
    "AttentionWrapper",
    "AttentionWrapperState",
    "BahdanauAttention",
    "BasicDecoder",
    "BasicDecoderOutput",
    "CustomHelper",
    "Decoder",
    "GreedyEmbeddingHelper",
    "Helper",
    "LuongAttention",
    "SampleEmbeddingHelper",
    "TrainingHelper",
    "dynamic_decode",
    "sequence_loss",
]
