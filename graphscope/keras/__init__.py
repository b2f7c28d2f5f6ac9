"""Keras, small: what tf.keras of TensorFlow 1.15 offers, as a library over the graph language.

A model that was built here is an ordinary graph: it is stepped, drawn and explained like any other.
"""

from graphscope.keras import activations as activations
from graphscope.keras import backend as backend
from graphscope.keras import callbacks as callbacks
from graphscope.keras import constraints as constraints
from graphscope.keras import datasets as datasets
from graphscope.keras import initializers as initializers
from graphscope.keras import layers as layers
from graphscope.keras import losses as losses
from graphscope.keras import metrics as metrics
from graphscope.keras import models as models
from graphscope.keras import optimizers as optimizers
from graphscope.keras import preprocessing as preprocessing
from graphscope.keras import regularizers as regularizers
from graphscope.keras import utils as utils
from graphscope.keras.input_layer import Input as Input
from graphscope.keras.model import Model as Model
from graphscope.keras.saving import VERSION
from graphscope.keras.sequential import Sequential as Sequential

__version__ = VERSION
